"""What layers read, before and after: which inputs come from elsewhere, where what was put in, taken out or moved
does not say so already."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archgen.diffing.sites import Sites, paths_of
from archgen.diffing.views import Item, Read, View

FAR = 100
"""How many layers that are new or gone are passed over in search of a known one beside others."""


@dataclass(frozen=True, slots=True)
class Rewire:
    """An input of a layer: what it read before and reads after, ``None`` for nothing."""

    argument: str
    before: Read | None
    after: Read | None


@dataclass(frozen=True, slots=True)
class Move:
    """Calls of one part that stand in another order: the paths of a stretch as they were, and as they are."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    moved: tuple[str, ...]
    """The fewest that had to move, by their paths before."""


def moves(sites: Sites) -> list[Move]:
    """What has changed its place in the files."""
    found: list[Move] = []
    for left, right in sites.parts.items():
        ones = [path for path in paths_of(sites.before.parts[left]) if path in sites.calls]
        others = [path for path in paths_of(sites.after.parts[right]) if path in sites.calls_back]
        place = {path: number for number, path in enumerate(others)}
        goes = [place[sites.calls[path]] for path in ones if sites.calls[path] in place]
        if len(goes) != len(ones) or goes == sorted(goes):
            continue
        stays = set(_longest_increasing(goes))
        start, top = 0, -1
        for number, goal in enumerate(goes):
            # A stretch ends where everything so far has its place among the first.
            top = max(top, goal)
            if top == number:
                if number > start:
                    stretch = range(start, number + 1)
                    found.append(
                        Move(
                            tuple(ones[k] for k in stretch),
                            tuple(others[k] for k in stretch),
                            tuple(ones[k] for k in stretch if k not in stays),
                        )
                    )
                start = number + 1
    return found


def _longest_increasing(values: Sequence[int]) -> list[int]:
    """The indices of a longest increasing subsequence of distinct numbers.

    >>> _longest_increasing([0, 3, 1, 2, 4])
    [0, 2, 3, 4]
    """
    tails: list[int] = []
    ends: list[int] = []
    before: list[int | None] = []
    for index, value in enumerate(values):
        place = bisect_left(tails, value)
        before.append(ends[place - 1] if place else None)
        tails[place : place + 1] = [value]
        ends[place : place + 1] = [index]
    chain: list[int] = []
    index_or_none = ends[-1] if ends else None
    while index_or_none is not None:
        chain.append(index_or_none)
        index_or_none = before[index_or_none]
    return chain[::-1]


class Wiring:
    """Answers for the layers of two views; ``moved`` are the indices, before and after, of layers that have moved."""

    def __init__(self, sites: Sites, moved: tuple[set[int], set[int]]) -> None:
        self.sites = sites
        self.moved = moved
        self.fronts = tuple(self._fronts(view) for view in (sites.before, sites.after))

    def _fronts(self, view: View) -> list[frozenset[int]]:
        """For each layer the index, after, of its partner; for one without, or one that has moved, those of what leads
        to it."""
        fronts: list[frozenset[int]] = []
        for item in view.items:
            partner = self.sites.partner(item)
            if partner is None or item.index in self.moved[view.side]:
                fronts.append(frozenset().union(*(fronts[read.giver] for read in item.reads)))
            else:
                fronts.append(frozenset({partner.index if view.side == 0 else item.index}))
        return fronts

    def same(self, one: Read, other: Read) -> bool:
        return self.sites.to.get(one.giver) == other.giver and one.output == other.output

    def explained(self, one: Read, other: Read) -> bool:
        """Whether what was put in, taken out or moved leads from the one to the other."""
        given = self.sites.to.get(one.giver) == other.giver
        return not given and not self.fronts[0][one.giver].isdisjoint(self.fronts[1][other.giver])

    def of(self, one: Item, other: Item) -> tuple[list[Rewire], bool]:
        """Inputs that come from elsewhere, and whether those of a list stand in another order."""
        names = dict.fromkeys(read.argument for read in (*one.reads, *other.reads))
        found: list[Rewire] = []
        turned = False
        for name in names:
            ones = [read for read in one.reads if read.argument == name]
            others = [read for read in other.reads if read.argument == name]
            rewires, crossed = self.compare(ones, others)
            found += rewires
            turned = turned or (crossed and not rewires)
        return found, turned

    def compare(self, ones: Sequence[Read], others: Sequence[Read]) -> tuple[list[Rewire], bool]:
        """``of`` for the reads of one argument."""
        places: list[int] = []
        left, right = list(range(len(ones))), list(range(len(others)))
        for test in (self.same, self.explained):
            for k in list(left):
                mate = next((j for j in right if test(ones[k], others[j])), None)
                if mate is not None:
                    left.remove(k)
                    right.remove(mate)
                    if test == self.same:
                        places.append(mate)
        found = []
        for k, j in zip(left, right, strict=False):
            known = ones[k].giver in self.sites.to, others[j].giver in self.sites.back
            if any(known):
                found.append(Rewire(ones[k].argument, ones[k], others[j]))
        for k in left[len(right) :]:
            if ones[k].giver in self.sites.to:
                found.append(Rewire(ones[k].argument, ones[k], None))
        for j in right[len(left) :]:
            if others[j].giver in self.sites.back:
                found.append(Rewire(others[j].argument, None, others[j]))
        return found, places != sorted(places)


def around(view: View, items: Iterable[Item], known: Iterable[int]) -> tuple[list[Item], list[Item]]:
    """The layers among the ``known`` that some layers stand after, and those that they stand before."""
    inside = {item.index for item in items}
    kept = set(known)

    def reach(ahead: bool) -> list[Item]:
        found: dict[int, Item] = {}
        seen = set(inside)
        waiting = sorted(inside)
        while waiting and len(seen) < len(inside) + FAR:
            item = view.items[waiting.pop()]
            for index in [reader for *_, reader in item.readers] if ahead else [read.giver for read in item.reads]:
                if index in kept and index not in inside:
                    found[index] = view.items[index]
                elif index not in seen:
                    seen.add(index)
                    waiting.append(index)
        return [found[index] for index in sorted(found)]

    return reach(False), reach(True)
