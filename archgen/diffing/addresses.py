"""Addresses: how the words of its author lead to a layer, by ids, and by ops of which there are as many in both specs.

The turns of a repetition are numbered so that equal ones have the same number, wherever some were put in or taken out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence

from archgen.diffing.views import Address, View, part_of, text
from archgen.graph import Frame

Ways = dict[int | None, Address]

LARGEST_TABLE = 1_000_000
"""Cells of a table of common subsequences; past that turns are taken in order."""


def give_addresses(before: View, after: View) -> None:
    """Give each layer of both views its address, if it has one."""
    counts = [Counter((part_of(path), call.op) for path, call in view.calls.items()) for view in (before, after)]

    def shared(path: str, op: str, most: int) -> bool:
        """Whether both specs have as many nodes of an op in one part, ``most`` of them at most."""
        kind = (part_of(path), op)
        return counts[0][kind] == counts[1][kind] <= most

    ways = _ways(before, after, shared)
    for view, way_of in zip((before, after), ways, strict=True):
        ordinals: dict[str, int] = {}
        seen: Counter[tuple[str, str]] = Counter()
        for path, call in view.calls.items():
            ordinals[path] = seen[part_of(path), call.op]
            seen[part_of(path), call.op] += 1
        for item in view.items:
            node = item.node
            way = way_of.get(node.frame)
            item.way = way
            if way is None:
                continue
            if node.id is not None:
                item.address, item.named = (*way, node.id), True
            elif shared(node.path, node.op, len(view.calls) if item.frames else 1):
                item.address = (*way, (node.op, ordinals[node.path]))


def _ways(before: View, after: View, shared: Callable[[str, str, int], bool]) -> tuple[Ways, Ways]:
    """For each frame with an address that address, on both sides."""
    ways: tuple[Ways, Ways] = ({None: ()}, {None: ()})
    level: list[list[Frame]] = [[f for f in view.info.frames if f.parent is None] for view in (before, after)]
    while any(level):
        groups: dict[Address, tuple[list[Frame], list[Frame]]] = {}
        for side, view in enumerate((before, after)):
            for frame in level[side]:
                call = view.calls.get(frame.path)
                word = frame.name if call is None else call.id or (call.op if shared(frame.path, call.op, 1) else None)
                if word is not None:
                    groups.setdefault((*ways[side][frame.parent], word), ([], []))[side].append(frame)
        for way, (ones, others) in groups.items():
            for side, numbers in enumerate(_align(ones, others)):
                for frame, number in zip((ones, others)[side], numbers, strict=True):
                    ways[side][frame.index] = (*way, number)
        known = [{f.index for f in frames if f.index in way} for frames, way in zip(level, ways, strict=True)]
        level = [[f for f in view.info.frames if f.parent in known[side]] for side, view in enumerate((before, after))]
    return ways


def _align(ones: Sequence[Frame], others: Sequence[Frame]) -> tuple[list[Hashable], list[Hashable]]:
    """Numbers for turns before and after, the same for those that are one."""
    keys = [[text(frame.arguments) for frame in frames] for frames in (ones, others)]
    pairs = common(*keys)
    numbers: tuple[list[Hashable], list[Hashable]] = (
        [("before", number) for number in range(len(ones))],
        [("after", number) for number in range(len(others))],
    )
    start = (0, 0)
    for end in (*pairs, (len(ones), len(others))):
        # Between turns with the same arguments others stand for each other in order.
        for left, right in zip(range(start[0], end[0]), range(start[1], end[1]), strict=False):
            numbers[0][left] = numbers[1][right] = left
        if end[0] < len(ones) and end[1] < len(others):
            numbers[0][end[0]] = numbers[1][end[1]] = end[0]
        start = (end[0] + 1, end[1] + 1)
    return numbers


def common(ones: Sequence[Hashable], others: Sequence[Hashable]) -> list[tuple[int, int]]:
    """The places of a longest common subsequence.

    >>> common("abcd", "axcd")
    [(0, 0), (2, 2), (3, 3)]
    """
    start = 0
    while start < min(len(ones), len(others)) and ones[start] == others[start]:
        start += 1
    end = 0
    while end < min(len(ones), len(others)) - start and ones[-1 - end] == others[-1 - end]:
        end += 1
    rows, columns = len(ones) - start - end, len(others) - start - end
    pairs = [(number, number) for number in range(start)]
    if 0 < rows * columns <= LARGEST_TABLE:
        lengths = [[0] * (columns + 1) for _ in range(rows + 1)]
        for row in reversed(range(rows)):
            for column in reversed(range(columns)):
                alike = ones[start + row] == others[start + column]
                below, beside = lengths[row + 1][column], lengths[row][column + 1]
                lengths[row][column] = lengths[row + 1][column + 1] + 1 if alike else max(below, beside)
        row = column = 0
        while row < rows and column < columns:
            if ones[start + row] == others[start + column]:
                pairs.append((start + row, start + column))
                row, column = row + 1, column + 1
            elif lengths[row + 1][column] >= lengths[row][column + 1]:
                row += 1
            else:
                column += 1
    return pairs + [(len(ones) - number, len(others) - number) for number in range(end, 0, -1)]
