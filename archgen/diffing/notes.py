"""Where differences are collected, and how they are told."""

from __future__ import annotations

from collections.abc import Sequence

from archgen.diffing.calls import Change, contrast
from archgen.diffing.naming import call_name, place
from archgen.diffing.result import Difference, Kind, Values
from archgen.diffing.sites import Sites
from archgen.diffing.views import Item

COUNTED = ("added", "removed", "changed", "replaced", "rewired", "shared")
"""Kinds of differences that may be told once for several uses of a call."""


class Notes:
    """The differences of two matched views, as they are found."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        self.sides = (sites.before, sites.after)
        self.network: list[Difference] = []
        """Differences of the networks."""
        self.order: list[Difference] = []
        """Calls that stand in another order."""
        self.form: list[Difference] = []
        """Differences of the files, of which the networks know nothing."""

    def in_order(self) -> list[Difference]:
        """All of them: first those of form."""
        return [*self.form, *sorted(self.network, key=self.position), *self.order]

    def position(self, difference: Difference) -> tuple[int, int]:
        """The order of telling: that of the network after; what is gone stands where it was."""
        before, after = difference.marks
        if after:
            return min(after), 0
        if before:
            return self.sites.reached[min(before)], 1
        return len(self.sides[1].items), 0

    def tell(
        self,
        kind: Kind,
        text: str,
        paths: tuple[str | None, str | None],
        marks: tuple[Sequence[Item], Sequence[Item]] = ((), ()),
        *,
        what: str | None = None,
        values: Values | None = None,
        among: list[Difference] | None = None,
    ) -> None:
        """Note a difference: of the networks, or ``among`` others."""
        side = 1 if paths[1] is not None else 0
        items = marks[side]
        name = what if what is not None else call_name(self.sides[side], paths[side] or "", items)
        places = [None if path is None else place(view, path) for view, path in zip(self.sides, paths, strict=True)]
        indices = tuple(tuple(sorted(item.index for item in each)) for each in marks)
        times = max(self.times(path, each) for path, each in zip(paths, marks, strict=True)) if kind in COUNTED else 1
        difference = Difference(kind, name, text, (places[0], places[1]), times, values or {}, (indices[0], indices[1]))
        (self.network if among is None else among).append(difference)

    def times(self, path: str | None, items: Sequence[Item]) -> int:
        """How often a call stands in the unrolled network, as far as some layers tell."""
        frames = {frame.index for item in items for frame in item.frames if frame.path == path}
        return len(frames) or len(items) or 1

    def tell_change(
        self,
        kind: Kind,
        change: Change,
        paths: tuple[str, str],
        marks: tuple[Sequence[Item], Sequence[Item]],
        what: str | None = None,
    ) -> None:
        """Note the values that are other, and those that are only written otherwise."""
        if change.values:
            self.tell(kind, ", ".join(change.texts), paths, marks, what=what, values=change.values)
        for name, (one, other) in change.rewritten.items():
            text = f"with {name} {' -> '.join(contrast(one, other))}, the same value"
            self.tell("restructured", text, paths, marks, what=what, values={name: (one, other)}, among=self.form)

    def of(self, side: int, path: str) -> list[Item]:
        """The layers that a call made, itself or by what it uses."""
        return self.sides[side].made.get(path, [])
