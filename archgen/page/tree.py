"""A graph as a tree that can be opened: frames with what is inside, and the turns of a repeat gathered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archgen.graph import Frame, GraphNode
from archgen.outline import runs_of_equal_turns

if TYPE_CHECKING:
    from networkx import MultiDiGraph


@dataclass(frozen=True, slots=True)
class Box:
    """A use of a block or of a sub-model, with what is inside."""

    frame: Frame
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """A layer that is one turn of a repeat: it needs no frame."""

    frame: Frame
    node: GraphNode


@dataclass(frozen=True, slots=True)
class Run:
    """Two or more consecutive turns of a repeat that are equal."""

    turns: tuple[Box | Turn, ...]

    @property
    def frame(self) -> Frame:
        """That of the first turn."""
        return self.turns[0].frame


@dataclass(frozen=True, slots=True)
class Repeat:
    """All turns of a repeat, where not all of them are equal."""

    items: tuple[Box | Turn | Run, ...]

    @property
    def frame(self) -> Frame:
        """That of the first turn."""
        return self.items[0].frame

    @property
    def frames(self) -> list[Frame]:
        """Those of all turns."""
        return [turn.frame for item in self.items for turn in (item.turns if isinstance(item, Run) else [item])]


Item = GraphNode | Box | Turn | Run | Repeat


def tree_of(graph: MultiDiGraph[str]) -> tuple[Item, ...]:
    """The tree of a graph: every node of it is there once."""
    return _items(_nest(graph), runs_of_equal_turns(graph))


def nodes_of(item: Item) -> Iterator[GraphNode]:
    """The nodes of an item, in the order of the tree."""
    match item:
        case GraphNode():
            yield item
        case Turn(node=node):
            yield node
        case Box(items=items) | Repeat(items=items):
            for each in items:
                yield from nodes_of(each)
        case Run(turns=turns):
            for turn in turns:
                yield from nodes_of(turn)


@dataclass(slots=True)
class _Group:
    """A frame and what is inside it."""

    frame: Frame
    inside: list[GraphNode | _Group] = field(default_factory=list)


def _nest(graph: MultiDiGraph[str]) -> list[GraphNode | _Group]:
    """The nodes, nested as their frames are, in the order of the graph."""
    frames = {frame.index: frame for frame in graph.graph["info"].frames}
    top: list[GraphNode | _Group] = []
    groups: dict[int, _Group] = {}

    def inside(index: int | None) -> list[GraphNode | _Group]:
        if index is None:
            return top
        if index not in groups:
            groups[index] = _Group(frames[index])
            inside(frames[index].parent).append(groups[index])
        return groups[index].inside

    for _, data in graph.nodes(data=True):
        inside(data["node"].frame).append(data["node"])
    return top


def _items(inside: Sequence[GraphNode | _Group], runs: Mapping[int, int]) -> tuple[Item, ...]:
    calls: dict[str, list[_Group]] = {}
    for each in inside:
        if isinstance(each, _Group) and each.frame.turns > 1:
            calls.setdefault(each.frame.call, []).append(each)
    items: list[Item] = []
    for each in inside:
        if isinstance(each, GraphNode):
            items.append(each)
        elif each.frame.turns == 1:
            items.append(_turn(each, runs))
        elif each is calls[each.frame.call][0]:
            items.append(_repeat(calls[each.frame.call], runs))
    return tuple(items)


def _repeat(groups: Sequence[_Group], runs: Mapping[int, int]) -> Item:
    """What a repeat is shown as: one run where all its turns are equal, or one turn where there is no other."""
    equal: dict[int, list[_Group]] = {}
    for group in groups:
        equal.setdefault(runs[group.frame.index], []).append(group)
    found = [
        Run(tuple(_turn(group, runs) for group in run)) if len(run) > 1 else _turn(run[0], runs)
        for run in equal.values()
    ]
    return found[0] if len(found) == 1 else Repeat(tuple(found))


def _turn(group: _Group, runs: Mapping[int, int]) -> Box | Turn:
    match group:
        case _Group(Frame(kind="layer"), [GraphNode() as node]):
            return Turn(group.frame, node)
    return Box(group.frame, _items(group.inside, runs))
