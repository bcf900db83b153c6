"""Which frames and nodes are shown as one: those at the same place of the program in all turns of a repeat."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from heapq import heapify, heappop, heappush
from math import inf
from typing import TYPE_CHECKING, Literal

from archgen.graph import Frame, GraphInfo, GraphNode
from archgen.outline.shown import Group

if TYPE_CHECKING:
    from networkx import MultiDiGraph

Item = int | str
"""A frame by its index, or a node by its key."""


class Merging:
    """The frames of a graph, and which of them are shown.

    ``expand`` is how many levels of repetition are shown turn by turn. Where ``apart`` has another value for a turn
    than for the one before, neither it nor those that follow are shown as the same as that one.
    """

    def __init__(
        self, graph: MultiDiGraph[str], expand: int | Literal["all"], apart: Mapping[int, Hashable] | None
    ) -> None:
        self.graph = graph
        self.info: GraphInfo = graph.graph["info"]
        self.frames = {frame.index: frame for frame in self.info.frames}
        self.ways: dict[int | None, tuple[int, ...]] = {None: ()}
        """For each frame those around it and itself, outermost first."""
        for frame in self.info.frames:
            self.ways[frame.index] = (*self.ways[frame.parent], frame.index)
        self.filled = self._filled()
        self.of_frame: dict[int, int] = {}
        """The shown frame of each frame with something in it."""
        self.of_node: dict[str, str] = {}
        """The shown node of each node."""
        self.first: dict[int, int] = {}
        """The first of the turns of each frame's repeat that are shown as one with it, within the same frame."""
        self.stands: dict[int, list[Frame]] = {}
        """All frames that each shown frame stands for."""
        self.members: dict[str, list[GraphNode]] = {}
        """All nodes that each shown node stands for."""
        self._merge_frames(inf if expand == "all" else expand, apart or {})
        self._merge_nodes()

    def way(self, key: str) -> tuple[int, ...]:
        """The frames around a node, outermost first."""
        node: GraphNode = self.graph.nodes[key]["node"]
        return self.ways[node.frame]

    def _filled(self) -> set[int]:
        """The frames in which there is a node."""
        filled: set[int] = set()
        for _, data in self.graph.nodes(data=True):
            index = data["node"].frame
            while index is not None and index not in filled:
                filled.add(index)
                index = self.frames[index].parent
        return filled

    def _merge_frames(self, levels: float, apart: Mapping[int, Hashable]) -> None:
        shown: dict[Hashable, int] = {}
        first: dict[Hashable, int] = {}
        before: dict[Hashable, tuple[Hashable, int]] = {}
        depth: dict[int | None, int] = {None: 0}
        for frame in self.frames.values():
            depth[frame.index] = level = depth[frame.parent] + (frame.turns > 1)
            if frame.index not in self.filled:
                continue
            call = (frame.kind, frame.name, frame.path)
            value = apart.get(frame.index)
            last, run = before.get((frame.parent, call), (value, 0))
            run += last != value
            before[frame.parent, call] = value, run
            turn = frame.turn if frame.turns > 1 and level <= levels else 0
            parent = None if frame.parent is None else self.of_frame[frame.parent]
            index = shown.setdefault((parent, call, turn, run), frame.index)
            self.of_frame[frame.index] = index
            self.first[frame.index] = first.setdefault((frame.parent, index), frame.index)
            self.stands.setdefault(index, []).append(frame)

    def _merge_nodes(self) -> None:
        shown: dict[tuple[int | None, str, str], str] = {}
        for key, data in self.graph.nodes(data=True):
            node: GraphNode = data["node"]
            frame = None if node.frame is None else self.of_frame[node.frame]
            # What is in no frame is there once, and needs no place to be told apart.
            first = key if frame is None else shown.setdefault((frame, node.path, node.op), key)
            self.of_node[key] = first
            self.members.setdefault(first, []).append(node)

    def within(self, frame: int | None) -> int:
        """How many frames a shown frame stands for; 1 outside of all."""
        return 1 if frame is None else len(self.stands[frame])

    def items(self) -> list[GraphNode | Group]:
        """The shown nodes, nested as their frames are, in the order of the program."""
        top: list[GraphNode | Group] = []
        amounts = dict.fromkeys(self.filled, 0)
        for nodes in self.members.values():
            for node in nodes:
                if size := node.parameters:
                    for index in self.ways[node.frame]:
                        amounts[index] += size
        groups = {
            index: Group(
                self.frames[index],
                frames=frames,
                amounts=[amounts[frame.index] for frame in frames],
                members=self.members,
            )
            for index, frames in self.stands.items()
        }
        for shown, order in self._children().items():
            into = top if shown is None else groups[shown].items
            for item in order:
                if isinstance(item, str):
                    into.append(self.graph.nodes[item]["node"])
                else:
                    groups[item].within = self.within(shown)
                    into.append(groups[item])
        return top

    def _children(self) -> dict[int | None, list[Item]]:
        """For each shown frame, and for the whole, the shown items in it, in an order that suits every turn."""
        orders: dict[int | None, dict[int | None, dict[Item, None]]] = {}
        for key in self.graph:
            way = self.way(key)
            items: list[Item] = [*(self.of_frame[index] for index in way), self.of_node[key]]
            for around, item in zip((None, *way), items, strict=True):
                shown = None if around is None else self.of_frame[around]
                orders.setdefault(shown, {}).setdefault(around, {})[item] = None
        return {
            shown: list(next(iter(each.values()))) if len(each) == 1 else _merged(each.values())
            for shown, each in orders.items()
        }


def _merged(orders: Iterable[Iterable[Item]]) -> list[Item]:
    """One order that all orders are parts of, as far as there is one.

    >>> _merged([["b", "d"], ["a", "b", "c", "d"]])
    ['a', 'b', 'c', 'd']
    """
    rank: dict[Item, int] = {}
    after: dict[Item, dict[Item, None]] = {}
    waiting: dict[Item, int] = {}
    for order in orders:
        before: Item | None = None
        for item in order:
            rank.setdefault(item, len(rank))
            waiting.setdefault(item, 0)
            if before is not None and item not in after.setdefault(before, {}):
                after[before][item] = None
                waiting[item] += 1
            before = item
    names = list(rank)
    ready = [rank[item] for item, count in waiting.items() if not count]
    heapify(ready)
    found: dict[Item, None] = {}
    while ready:
        item = names[heappop(ready)]
        found[item] = None
        for each in after.get(item, ()):
            waiting[each] -= 1
            if not waiting[each]:
                heappush(ready, rank[each])
    return [*found, *(item for item in names if item not in found)]
