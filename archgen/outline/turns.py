"""Which turns of a repeat are equal, in structure, arguments, shapes and weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archgen.graph import Frame, GraphInfo, GraphNode
from archgen.layers.base import Declared
from archgen.layers.kinds import Object

if TYPE_CHECKING:
    from networkx import MultiDiGraph

Signature = tuple[Any, ...]


def runs_of_equal_turns(graph: MultiDiGraph[str]) -> dict[int, int]:
    """For the index of each frame with turns the number of the run of equal turns, one after another, that it is in."""
    return _Turns(graph).runs()


class _Turns:
    def __init__(self, graph: MultiDiGraph[str]) -> None:
        self.graph = graph
        info: GraphInfo = graph.graph["info"]
        self.frames = {frame.index: frame for frame in info.frames}
        self.around: dict[str, list[Frame]] = {}
        """The frames around each node, outermost first."""
        self.keys: dict[int, list[str]] = {index: [] for index in self.frames}
        """The nodes inside each frame, at any depth, in the order of the graph."""
        for key, data in graph.nodes(data=True):
            around = self.around[key] = []
            index = data["node"].frame
            while index is not None:
                around.insert(0, self.frames[index])
                self.keys[index].append(key)
                index = self.frames[index].parent

    def runs(self) -> dict[int, int]:
        calls: dict[tuple[int | None, str, str], list[Frame]] = {}
        for frame in self.frames.values():
            if frame.turns > 1 and self.keys[frame.index]:
                calls.setdefault((frame.parent, frame.path, frame.name), []).append(frame)
        runs: dict[int, int] = {}
        for frames in calls.values():
            run, before = 0, None
            for frame in frames:
                signature = self.signature(frame)
                if before is not None and before != signature:
                    run += 1
                runs[frame.index], before = run, signature
        return runs

    def signature(self, frame: Frame) -> Signature:
        """Equal for two turns that look the same."""
        place = {key: number for number, key in enumerate(self.keys[frame.index])}
        parts: list[Signature] = [(frame.kind, frame.name, _freeze(frame.arguments))]
        for key in place:
            node: GraphNode = self.graph.nodes[key]["node"]
            around = self.around[key]
            inner = around[around.index(frame) + 1 :]
            calls = tuple((f.kind, f.name, _freeze(f.arguments), f.turn, f.turns) for f in inner)
            shares = None if node.shares is None else place.get(node.shares, -1)
            facts = (node.id, node.op, _freeze(node.arguments), node.outputs, node.flops, shares)
            parts.append((*facts, tuple(node.weights.items()), calls))
            read = [
                (str(data["argument"]), place.get(tail, -1), data["output"], data["tensor"])
                for tail, _, data in self.graph.in_edges(key, data=True)
            ]
            parts += sorted(read, key=lambda one: one[:3])
        return tuple(parts)


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
