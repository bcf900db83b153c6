"""What of one file is what of the other: uses of blocks, calls as written, and parts, as their layers are matched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import TypeVar

from archgen.diffing.views import Item, View, part_of, text
from archgen.graph import Frame
from archgen.program import Call, Part
from archgen.source import show_path

Named = TypeVar("Named", bound=Hashable)


class Sites:
    """The correspondence of two views; ``to`` maps indices of layers before to indices after."""

    def __init__(self, before: View, after: View, to: Mapping[int, int]) -> None:
        self.before, self.after = before, after
        self.to = dict(to)
        self.reached: list[int] = []
        """For each layer before, how far in the network after those before it lead: the greatest index, or -1."""
        for item in before.items:
            last = self.to.get(item.index - 1, -1)
            self.reached.append(max(last, self.reached[-1]) if self.reached else last)
        self.back = {other: one for one, other in to.items()}
        self.pairs = [(before.items[one], after.items[other]) for one, other in sorted(to.items())]
        self.votes: Counter[tuple[str, str]] = Counter()
        """For calls before and after: how many layers or uses they have in common."""
        self.frames = self._frames()
        self.frames_back = {other: one for one, other in self.frames.items()}
        for one, other in self.pairs:
            self.votes[one.node.path, other.node.path] += 1
        for index, number in self.frames.items():
            left, right = before.frames[index], after.frames[number]
            if left.kind != "layer" and right.kind != "layer":
                self.votes[left.path, right.path] += 1
        self.turns = tuple(_turns(view) for view in (before, after))
        """For each path: how often its call is applied in a chain."""
        self.parts = self._parts()
        self.parts_back = {other: one for one, other in self.parts.items()}
        self.calls = self._calls()
        """Calls that are one before and one after, in parts that are the same."""
        self._unseen()
        self.calls_back = {other: one for one, other in self.calls.items()}

    def partner(self, item: Item) -> Item | None:
        if item.side == 0:
            return self.after.items[self.to[item.index]] if item.index in self.to else None
        return self.before.items[self.back[item.index]] if item.index in self.back else None

    def _frames(self) -> dict[int, int]:
        """The use after for each use before that has the most layers in common with it."""
        votes: Counter[tuple[int, int]] = Counter()
        for one, other in self.pairs:
            votes.update((left.index, right.index) for left in one.frames for right in other.frames)

        def order(pair: tuple[int, int]) -> tuple[int | bool, ...]:
            left, right = self.before.frames[pair[0]], self.after.frames[pair[1]]
            unlike = left.name != right.name
            return (
                -votes[pair],
                left.kind != right.kind,
                unlike,
                abs(self.depth(left, 0) - self.depth(right, 1)),
                *pair,
            )

        return _choose(sorted(votes, key=order))

    def depth(self, frame: Frame, side: int) -> int:
        return len((self.before, self.after)[side].around(frame.index))

    def _parts(self) -> dict[str, str]:
        """The part after for each part before: of one name, else that with the most calls in common."""
        same = {part: part for part in self.before.parts if part in self.after.parts}
        for left, right in zip(("blocks.", "models."), ("models.", "blocks."), strict=True):
            # A block made a sub-model keeps its name, and the reverse.
            for part in self.before.parts:
                twin = right + part.removeprefix(left)
                free = part not in same and twin not in same.values()
                if part.startswith(left) and twin in self.after.parts and free and self._shared(part, twin):
                    same[part] = twin
        votes: Counter[tuple[str, str]] = Counter()
        for (one, other), number in self.votes.items():
            votes[part_of(one), part_of(other)] += number
        likely = [
            (left, right)
            for left, right in votes
            if left not in same and right not in same.values() and left and right and self._shared(left, right)
        ]
        return same | _choose(sorted(likely, key=lambda pair: (-votes[pair], *pair)))

    def _shared(self, left: str, right: str) -> bool:
        """Whether most of what the two parts hold is the same."""
        ones = sum(part_of(path) == left for path in self.before.calls)
        common = {one for one, other in self.votes if part_of(one) == left and part_of(other) == right}
        return 2 * len(common) > ones

    def _calls(self) -> dict[str, str]:
        """Pairs of calls that have layers in common with each other only, or with each other most of all."""
        ones: Counter[str] = Counter()
        others: Counter[str] = Counter()
        for (one, other), number in self.votes.items():
            ones[one] += number
            others[other] += number
        fitting = [
            (one, other)
            for (one, other), number in sorted(self.votes.items(), key=lambda vote: (-vote[1], vote[0]))
            if one in self.before.calls
            and other in self.after.calls
            and self.parts.get(part_of(one)) == part_of(other)
            and 2 * number > max(ones[one], others[other])
        ]
        return _choose(fitting)

    def _unseen(self) -> None:
        """Pair calls that made no layer on one side at least: an Input of a sub-model, a condition that is false."""
        for left, right in self.parts.items():
            paths = (
                [path for path in paths_of(self.before.parts[left]) if path not in self.calls],
                [path for path in paths_of(self.after.parts[right]) if path not in self.calls.values()],
            )
            for same in (_by_id, _by_text):
                waiting: dict[Hashable, list[str]] = {}
                for path in paths[1]:
                    waiting.setdefault(same(self.after.calls[path]), []).append(path)
                for path in paths[0]:
                    key = same(self.before.calls[path])
                    free = [
                        mate
                        for mate in waiting.get(key, ())
                        if key is not None and not (path in self.turns[0] and mate in self.turns[1])
                    ]
                    if free and path not in self.calls:
                        self.calls[path] = free[0]
                        waiting[key].remove(free[0])
                paths = (
                    [path for path in paths[0] if path not in self.calls],
                    [path for path in paths[1] if path not in self.calls.values()],
                )


def paths_of(part: Part) -> list[str]:
    """The paths of the calls in a part."""
    return [show_path(call.path) for call in part.nodes]


def _by_id(call: Call) -> Hashable:
    return (call.op, call.id) if call.id is not None else None


def _by_text(call: Call) -> Hashable:
    return (call.op, text(call.arguments), text(call.options))


def _turns(view: View) -> dict[str, int]:
    """How often each call that is in the network is applied in a chain."""
    turns = {item.node.path: 1 for item in view.items}
    for frame in view.info.frames:
        turns[frame.path] = max(turns.get(frame.path, 1), frame.turns)
    return turns


def _choose(pairs: list[tuple[Named, Named]]) -> dict[Named, Named]:
    """Of pairs in the order of preference those whose ends are both free."""
    chosen: dict[Named, Named] = {}
    taken: set[Named] = set()
    for one, other in pairs:
        if one not in chosen and other not in taken:
            chosen[one] = other
            taken.add(other)
    return chosen
