"""A graph as one chain of tensors, with the ways that skip parts of it.

The chain is the longest way from the network's input to its end. A layer that changes the size of its input, or that
has a category of ``MAKERS``, makes a volume of its own; another (an activation, a normalization, a sum) belongs to the
volume before it, or, as padding does, to the one that it is made for. What leaves the chain and comes back over at most
``PROJECTION`` nodes is an arc.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archgen.errors import ArchgenError
from archgen.graph import Frame, GraphInfo, GraphNode
from archgen.outline import PROJECTION
from archgen.tensors import Tensor
from archgen.wording import clean

if TYPE_CHECKING:
    from networkx import MultiDiGraph

MAKERS = ("input", "core", "convolution", "recurrent", "attention", "own")
"""Categories of ops that make a volume even where they keep the size."""

PASSING = ("Activation", "Identity", "Masking")
"""Ops of those categories that do not."""

ELSEWHERE = "draw the cards (without --style volumes), which show every way through a network"


@dataclass(slots=True)
class Volume:
    """A tensor of the chain: what makes it, what is done to prepare that, and what follows and keeps its size."""

    node: GraphNode
    tensor: Tensor
    before: list[GraphNode] = field(default_factory=list)
    after: list[GraphNode] = field(default_factory=list)
    channels_first: bool = False

    @property
    def nodes(self) -> list[GraphNode]:
        return [*self.before, self.node, *self.after]


@dataclass(slots=True)
class Arc:
    """A way past a part of the chain: from one volume, over ``nodes``, into another, by the volumes' positions."""

    start: int
    end: int
    nodes: list[GraphNode]
    joins: GraphNode
    """The node of the chain that reads it."""


@dataclass(slots=True)
class Chain:
    """The volumes in order, the arcs in the order of their ends, and the frames around each volume, outermost first."""

    info: GraphInfo
    volumes: list[Volume]
    arcs: list[Arc]
    frames: list[list[Frame]]
    parameters: int
    size: int


def chain_of(graph: MultiDiGraph[str]) -> Chain:
    """The chain of a graph. Raises ``ArchgenError`` where the graph is more than a chain with arcs."""
    return _Reader(graph).read()


class _Reader:
    def __init__(self, graph: MultiDiGraph[str]) -> None:
        self.graph = graph
        self.info: GraphInfo = graph.graph["info"]
        self.frames = {frame.index: frame for frame in self.info.frames}
        self.nodes: dict[str, GraphNode] = {key: data["node"] for key, data in graph.nodes(data=True)}
        self.depth: dict[str, int] = {}
        """How many edges the longest way to each node has; a node stands after those that it reads."""
        for key in self.nodes:
            self.depth[key] = max((self.depth[tail] + 1 for tail in graph.predecessors(key)), default=0)
        self.path = self.longest()
        self.place = {key: number for number, key in enumerate(self.path)}
        self.branches = self.find_branches()

    def longest(self) -> list[str]:
        """The keys of the chain."""
        sources = [key for key in self.nodes if not self.graph.pred[key]]
        if len(sources) != 1:
            found = "nothing" if not sources else f"{len(sources)} tensors ({self.listed(sources)})"
            raise ArchgenError(
                f"volumes are drawn of one chain of tensors, and this network starts with {found}", hint=ELSEWHERE
            )
        key = max((key for key, _ in self.info.outputs), key=lambda key: self.depth[key], default=sources[0])
        path = [key]
        while self.graph.pred[key]:
            key = max(self.graph.pred[key], key=lambda tail: self.depth[tail])
            path.append(key)
        return path[::-1]

    def find_branches(self) -> dict[str, list[tuple[str, list[str]]]]:
        """For a node of the chain, the ways into it beside the chain: where each leaves it, and the keys on it."""
        branches: dict[str, list[tuple[str, list[str]]]] = {}
        beside: set[str] = set()
        for before, key in zip(self.path, self.path[1:], strict=False):
            for tail in self.graph.pred[key]:
                if tail == before:
                    continue
                way: list[str] = []
                while tail not in self.place:
                    way.insert(0, tail)
                    if len(way) > PROJECTION or len(self.graph.pred[tail]) != 1 or len(self.graph.succ[tail]) != 1:
                        raise self.parallel(key, tail)
                    tail = next(iter(self.graph.pred[tail]))
                beside.update(way)
                branches.setdefault(key, []).append((tail, way))
        if left := [key for key in self.nodes if key not in self.place and key not in beside]:
            raise ArchgenError(
                "volumes are drawn of one chain of tensors, and this network has layers beside it that do not lead "
                f"back to it ({self.listed(left)})",
                hint=ELSEWHERE,
            )
        return branches

    def parallel(self, head: str, tail: str) -> ArchgenError:
        """The error for a way beside the chain that is too long, or branches, at ``tail``."""
        seen = tail
        while seen not in self.place:
            seen = max(self.graph.pred[seen], key=lambda key: self.depth[key])
        longest = self.depth[head] - self.depth[seen] - 1
        return ArchgenError(
            f"volumes are drawn of one chain of tensors, and {clean(head)} joins two long ways from {clean(seen)}: one "
            f"of {longest} layers, and one with {clean(tail)}; an arc takes at most {PROJECTION} layers in a row",
            hint=ELSEWHERE,
        )

    def listed(self, keys: Sequence[str]) -> str:
        return ", ".join(map(clean, keys[:3])) + (", ..." if len(keys) > 3 else "")

    def read(self) -> Chain:
        volumes: list[Volume] = []
        arcs: list[Arc] = []
        made: dict[str, int] = {}
        waiting: list[GraphNode] = []
        first = any(getattr(node.declared, "data_format", None) == "channels_first" for node in self.nodes.values())
        previous: Tensor | None = None
        for number, key in enumerate(self.path):
            node, tensor = self.nodes[key], self.tensor(number)
            starts = {made[tail] for tail, _ in self.branches.get(key, ())}
            makes = _makes(node, previous, tensor) or len(volumes) - 1 in starts
            previous = tensor
            if volumes and self.waits(number, makes=makes, with_others=bool(waiting)):
                waiting.append(node)
                made[key] = len(volumes) - 1
                continue
            if makes:
                volumes.append(Volume(node, tensor, waiting, channels_first=first))
            else:
                volumes[-1].after += [*waiting, node]
            waiting = []
            made[key] = len(volumes) - 1
            for tail, way in self.branches.get(key, ()):
                arcs.append(Arc(made[tail], len(volumes) - 1, [self.nodes[each] for each in way], node))
        around = [_around(self.frames, volume.node) for volume in volumes]
        parameters = sum(node.parameters for node in self.nodes.values())
        return Chain(self.info, volumes, arcs, around, parameters, len(self.nodes))

    def tensor(self, number: int) -> Tensor:
        """The tensor that a node of the chain gives to the next, or out of the network."""
        key = self.path[number]
        if number + 1 < len(self.path):
            tensor: Tensor = next(iter(self.graph.get_edge_data(key, self.path[number + 1]).values()))["tensor"]
            return tensor
        return self.nodes[key].outputs[next((index for other, index in self.info.outputs if other == key), 0)]

    def waits(self, number: int, *, makes: bool, with_others: bool) -> bool:
        """Whether a node belongs to the volume that is made next: padding does, and so does what keeps its size and
        stands at the beginning of a way that another goes past, or where a frame begins or ends."""
        key, after = self.path[number], self.path[number + 1 : number + 2]
        if not after or len(self.graph.succ[key]) > 1 or self.branches.get(key):
            return False
        if self.nodes[key].op.startswith("ZeroPadding"):
            return self.nodes[after[0]].category in ("convolution", "pooling")
        if makes or self.nodes[key].category == "input":
            return False
        before = self.path[number - 1]
        around = [_around(self.frames, self.nodes[each]) for each in (before, key)]
        return with_others or len(self.graph.succ[before]) > 1 or around[0] != around[1]


def _makes(node: GraphNode, before: Tensor | None, tensor: Tensor) -> bool:
    """Whether a node starts a volume; the input of a sub-model is what its caller gives it."""
    if before is None or tensor.shape != before.shape:
        return True
    return node.category in MAKERS and node.category != "input" and node.op not in PASSING


def _around(frames: Mapping[int, Frame], node: GraphNode) -> list[Frame]:
    found: list[Frame] = []
    index = node.frame
    while index is not None:
        if frames[index].kind != "layer":
            found.insert(0, frames[index])
        index = frames[index].parent
    return found
