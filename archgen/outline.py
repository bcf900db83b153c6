"""A graph as a reader wants it: nested as its author wrote it, and what is repeated said once.

Consecutive turns of one repeat that are equal in structure, arguments, shapes and weights are shown as their first
turn, ``times`` N. An edge into or out of any of them is shown at the corresponding node of that turn; an edge from
one of them to another, the chain itself, is not shown.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archgen.graph import Frame, GraphInfo, GraphNode
from archgen.layers.base import Declared
from archgen.layers.kinds import Object
from archgen.tensors import Tensor

if TYPE_CHECKING:
    from networkx import MultiDiGraph

Signature = tuple[Any, ...]

ADDITIONS = ("Add", "Average", "ops.add")
"""Ops in which a convolution on the way past others still makes a skip connection."""

PROJECTION = 2
"""The most nodes on such a way: a convolution and its normalization."""


@dataclass(slots=True)
class Group:
    """A frame and what is inside it; it stands for ``times`` equal turns."""

    frame: Frame
    times: int = 1
    items: list[GraphNode | Group] = field(default_factory=list)

    @property
    def nodes(self) -> Iterator[GraphNode]:
        """The nodes inside, at any depth."""
        for item in self.items:
            if isinstance(item, Group):
                yield from item.nodes
            else:
                yield item

    @property
    def only_node(self) -> GraphNode | None:
        """The node of a repeated layer, which needs no frame."""
        if self.frame.kind == "layer" and len(self.items) == 1 and isinstance(self.items[0], GraphNode):
            return self.items[0]
        return None

    @property
    def parameters(self) -> int:
        """Those of all turns."""
        return self.times * sum(item.parameters for item in self.items)

    @property
    def unknown(self) -> bool:
        """Whether there is a layer inside whose weights are unknown."""
        return any(node.weights_unknown for node in self.nodes)

    @property
    def size(self) -> int:
        """The nodes of all turns."""
        return self.times * sum(item.size if isinstance(item, Group) else 1 for item in self.items)


@dataclass(slots=True)
class Link:
    """What flows from one shown node to another; ``arguments`` are the reader's call arguments or list positions."""

    tail: str
    head: str
    output: int
    tensor: Tensor
    arguments: list[str | int]
    skip: bool = False
    """Whether another way, through other nodes, leads from ``tail`` to ``head``."""


@dataclass(slots=True)
class Outline:
    """``items`` at the top, the links between all shown nodes, and which of these are the network's inputs and outputs.

    ``outputs`` are keys with the index of the output.
    """

    info: GraphInfo
    items: list[GraphNode | Group]
    links: list[Link]
    inputs: list[str]
    outputs: list[tuple[str, int]]

    @property
    def nodes(self) -> Iterator[GraphNode]:
        """The shown nodes, at any depth."""
        for item in self.items:
            if isinstance(item, Group):
                yield from item.nodes
            else:
                yield item

    @property
    def parameters(self) -> int:
        return sum(item.parameters for item in self.items)

    @property
    def unknown(self) -> list[str]:
        """The classes of one's own whose weights are unknown."""
        return list(dict.fromkeys(node.op for node in self.nodes if node.weights_unknown))

    @property
    def size(self) -> int:
        """How many nodes the graph has, those of all turns among them."""
        return sum(item.size if isinstance(item, Group) else 1 for item in self.items)


def outline(graph: MultiDiGraph[str], *, expand: bool = False) -> Outline:
    """The outline of a graph; with ``expand`` every turn is shown."""
    turns = _Turns(graph)
    if not expand:
        turns.collapse()
    shown = turns.representative
    links = _links(graph, turns)
    sums = {key for key, data in graph.nodes(data=True) if data["node"].op in ADDITIONS}
    mark_skips(links, sums)
    outputs = [(shown(key), index) for key, index in turns.info.outputs]
    return Outline(turns.info, turns.items(), links, [shown(key) for key in turns.info.inputs], outputs)


class _Turns:
    """The frames of a graph, and which of them are shown."""

    def __init__(self, graph: MultiDiGraph[str]) -> None:
        self.graph = graph
        self.info: GraphInfo = graph.graph["info"]
        self.frames = {frame.index: frame for frame in self.info.frames}
        self.keys: dict[int, list[str]] = {index: [] for index in self.frames}
        """The nodes inside each frame, at any depth, in the order of the graph."""
        self.around: dict[str, list[int]] = {}
        """The frames around each node, outermost first."""
        for key, data in graph.nodes(data=True):
            self.around[key] = self.frames_around(data["node"].frame)
            for index in self.around[key]:
                self.keys[index].append(key)
        self.first: dict[int, int] = {index: index for index in self.frames}
        """The shown turn of each frame."""
        self.times: dict[int, int] = dict.fromkeys(self.frames, 1)
        self.stands_for: dict[str, str] = {}

    def frames_around(self, index: int | None) -> list[int]:
        indices: list[int] = []
        while index is not None:
            indices.append(index)
            index = self.frames[index].parent
        return indices[::-1]

    def collapse(self) -> None:
        """Find the runs of equal turns."""
        calls: dict[tuple[int | None, str], list[Frame]] = {}
        for frame in self.info.frames:
            if frame.turns > 1 and self.keys[frame.index]:
                calls.setdefault((frame.parent, frame.call), []).append(frame)
        for frames in calls.values():
            frames.sort(key=lambda frame: frame.turn)
            shown, signature = frames[0], self.signature(frames[0])
            for frame in frames[1:]:
                following = self.signature(frame)
                follows = frame.turn == shown.turn + self.times[shown.index]
                if not follows or following != signature:
                    shown, signature = frame, following
                    continue
                self.first[frame.index] = shown.index
                self.times[shown.index] += 1
                self.stands_for.update(zip(self.keys[frame.index], self.keys[shown.index], strict=True))

    def representative(self, key: str) -> str:
        """The shown node that stands for a node."""
        while key in self.stands_for:
            key = self.stands_for[key]
        return key

    def is_chain(self, tail: str, head: str) -> bool:
        """Whether an edge runs from one turn to another that is shown as the same."""
        for left, right in zip(self.around[tail], self.around[head], strict=False):
            if left != right:
                return self.first[left] == self.first[right]
        return False

    def signature(self, frame: Frame) -> Signature:
        """Equal for two turns that look the same."""
        place = {key: number for number, key in enumerate(self.keys[frame.index])}
        depth = len(self.frames_around(frame.index))
        parts: list[Signature] = [(frame.kind, frame.name, _freeze(frame.arguments))]
        for key in place:
            node: GraphNode = self.graph.nodes[key]["node"]
            inner = [self.frames[index] for index in self.around[key][depth:]]
            calls = tuple((f.kind, f.name, _freeze(f.arguments), f.turn, f.turns) for f in inner)
            shares = place.get(node.shares, node.shares) if node.shares is not None else None
            facts = (node.id, node.op, _freeze(node.arguments), node.outputs, node.flops, shares)
            parts.append((*facts, tuple(node.weights.items()), calls))
            read = [
                (str(data["argument"]), place.get(tail, -1), data["output"], data["tensor"])
                for tail, _, data in self.graph.in_edges(key, data=True)
            ]
            parts += sorted(read, key=lambda one: one[:3])
        return tuple(parts)

    def items(self) -> list[GraphNode | Group]:
        """The shown nodes, nested as their frames are, in the order of the graph."""
        top: list[GraphNode | Group] = []
        groups: dict[int, Group] = {}
        for key, data in self.graph.nodes(data=True):
            if key in self.stands_for:
                continue
            items = top
            for index in self.around[key]:
                if index not in groups:
                    groups[index] = Group(self.frames[index], self.times[index])
                    items.append(groups[index])
                items = groups[index].items
            items.append(data["node"])
        return top


def _links(graph: MultiDiGraph[str], turns: _Turns) -> list[Link]:
    """Every edge between shown nodes; parallel edges that carry the same tensor become one."""
    links: dict[tuple[str, str, int], Link] = {}
    for tail, head, data in graph.edges(data=True):
        if turns.is_chain(tail, head):
            continue
        tail, head, output = turns.representative(tail), turns.representative(head), data["output"]
        link = links.setdefault((tail, head, output), Link(tail, head, output, data["tensor"], []))
        if data["argument"] not in link.arguments:
            link.arguments.append(data["argument"])
    return list(links.values())


def mark_skips(links: list[Link], sums: Container[str]) -> None:
    """Mark the skip connections among the links of an acyclic graph.

    A link is one where its tail also reaches its head another way. At a node of ``sums`` so are all links of a branch
    of up to ``PROJECTION`` nodes in a row, if what the branch reads also reaches the node by way of more nodes.
    """
    giving: dict[str, list[Link]] = {}
    reading: dict[str, list[Link]] = {}
    for link in links:
        giving.setdefault(link.tail, []).append(link)
        reading.setdefault(link.head, []).append(link)
    depth = _depths(giving, reading)
    for head, into in reading.items():
        tails = dict.fromkeys(link.tail for link in into)
        if len(tails) < 2:
            continue
        branches = {link.tail: _branch(link, giving, reading) if head in sums else [link] for link in into}
        floor = min(depth[branch[-1].tail] for branch in branches.values())
        above = {tail: _ancestors(tail, reading, depth, floor) for tail in tails}
        for link in into:
            others = set().union(*(above[tail] for tail in tails if tail != link.tail))
            for length, part in enumerate(branches[link.tail]):
                if part.tail in others and (length == 0 or depth[head] - depth[part.tail] > length + 1):
                    for passed in (link, *branches[link.tail][: length + 1]):
                        passed.skip = True
                    break


def _branch(link: Link, giving: dict[str, list[Link]], reading: dict[str, list[Link]]) -> list[Link]:
    """The links that lead to the head of a link, backwards from it: as far as there is one way only."""
    branch = [link]
    while len(branch) <= PROJECTION and len(reading.get(branch[-1].tail, ())) == len(giving[branch[-1].tail]) == 1:
        branch.append(reading[branch[-1].tail][0])
    return branch


def _ancestors(key: str, reading: dict[str, list[Link]], depth: dict[str, int], floor: int) -> set[str]:
    """The nodes of at least some depth that lead to a node."""
    found: set[str] = set()
    stack = [key]
    while stack:
        for link in reading.get(stack.pop(), ()):
            if link.tail not in found and depth[link.tail] >= floor:
                found.add(link.tail)
                stack.append(link.tail)
    return found


def _depths(giving: dict[str, list[Link]], reading: dict[str, list[Link]]) -> dict[str, int]:
    """How many links the longest way to each node has."""
    depth = {key: 0 for key in (*giving, *reading)}
    waiting = {head: len(into) for head, into in reading.items()}
    ready = [key for key in giving if key not in reading]
    while ready:
        key = ready.pop()
        for link in giving.get(key, ()):
            depth[link.head] = max(depth[link.head], depth[key] + 1)
            waiting[link.head] -= 1
            if not waiting[link.head]:
                ready.append(link.head)
    return depth


def _freeze(value: Any) -> Any:
    """A hashable value that is equal for values which a reader would call the same, and tells 1 from true."""
    if isinstance(value, dict):
        return tuple((key, _freeze(value[key])) for key in sorted(value))
    if isinstance(value, (list, tuple)):
        return tuple(_freeze(item) for item in value)
    if isinstance(value, Object):
        return (value.op, _freeze(value.arguments))
    if isinstance(value, Declared):
        return (type(value).op, _freeze(vars(value)))
    return (type(value).__name__, value)
