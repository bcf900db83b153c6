"""How a graph is put together: nodes, edges and frames of one model, and the models called inside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Literal, Protocol

from archgen.graph import Frame, GraphInfo, GraphNode
from archgen.layers.base import Operation
from archgen.layers.masks import Mask
from archgen.masking import masks_inside
from archgen.program import Program
from archgen.tensors import Tensor

if TYPE_CHECKING:
    import networkx


@dataclass(frozen=True, slots=True)
class Port:
    """One output of a node."""

    key: str
    output: int
    tensor: Tensor
    mask: Mask = None
    hidden: Mask = None
    """The mask that there is when the network runs: of one made inside a model Keras says nothing before."""


Ports = tuple[Port, ...]


class Turn(Protocol):
    """What a frame needs to know of the application that it stands for."""

    turn: int
    turns: int


@dataclass(slots=True)
class _Edge:
    giver: str
    reader: str
    output: int
    argument: str | int
    tensor: Tensor
    position: int
    """Which of the tensors that the reader reads it is, in the order of the spec."""


@dataclass(frozen=True, slots=True)
class Called:
    """One call of a model: what its Inputs give, and what it gives."""

    inputs: Ports
    outputs: Ports


class GraphBuilder:
    """The graph of the main part or of one model, as it grows."""

    def __init__(self, program: Program, name: str) -> None:
        self.program = program
        self.name = name
        self.nodes: dict[str, GraphNode] = {}
        self.edges: list[_Edge] = []
        self.frames: list[Frame] = []
        self.inputs: list[str] = []
        self.outputs: list[Port] = []
        self.output_names: tuple[str, ...] | None = None
        self.complete = False
        self.named: dict[str, str] = {}
        """Keras names of layers and operations, with the key of the node."""
        self.models: set[str] = set()
        """Models that have been called."""
        self.calls: dict[int, Called] = {}
        """Calls of models, by the index of their frame."""
        self.firsts: dict[tuple[str, str], str] = {}
        """For a model's name and a layer of it: the key of the first call of that layer."""
        self.keys: dict[str, int] = {}
        self.givers: dict[str, str] = {}
        """What the Inputs of models that are called read."""

    def free(self, key: str) -> str:
        """A key that is not taken: itself, or with ``@2``, ``@3``, ..."""
        count = self.keys.get(key, 0) + 1
        return f"{key}@{count}" if count > 1 else key

    def add(self, node: GraphNode, reads: Iterable[tuple[Port, str | int]]) -> None:
        """Enter a node and what it reads."""
        base = node.key.partition("@")[0]
        self.keys[base] = self.keys.get(base, 0) + 1
        self.nodes[node.key] = node
        if node.shares is None and not node.scope:
            self.named[node.name] = node.key
        if node.op == "Input" and not node.scope:
            self.inputs.append(node.key)
        self.edges += [
            _Edge(port.key, node.key, port.output, argument, port.tensor, position)
            for position, (port, argument) in enumerate(reads)
        ]

    def frame(
        self,
        kind: Literal["block", "model", "layer"],
        name: str,
        label: str,
        turn: Turn,
        parent: int | None,
        arguments: Mapping[str, Any],
        path: str,
    ) -> Frame:
        """Enter a frame; turns of one repeat share their ``call``."""
        base = label.removesuffix(f"_{turn.turn}") if turn.turns and kind == "block" else label
        frame = Frame(
            len(self.frames),
            kind,
            name,
            label,
            base if parent is None else f"{self.frames[parent].label}/{base}",
            dict(arguments),
            max(turn.turn, 1),
            max(turn.turns, 1),
            parent,
            path,
        )
        self.frames.append(frame)
        return frame

    def reads(self) -> dict[str, list[_Edge]]:
        """The edges by the node that reads, each in the order of the spec."""
        reads: dict[str, list[_Edge]] = {}
        for edge in self.edges:
            reads.setdefault(edge.reader, []).append(edge)
        return reads

    def give(self, values: list[Ports | None], names: tuple[str, ...] | None) -> None:
        """Say what the graph gives; it is complete when all of that is known."""
        self.outputs = [ports[0] for ports in values if ports]
        self.output_names = names
        self.complete = bool(values) and all(values)

    def include(
        self,
        other: GraphBuilder,
        inputs: Ports,
        *,
        call: str,
        frame: int | None,
        trail: tuple[str, ...],
        turn: tuple[int, int] = (1, 0),
        path: str = "",
    ) -> Ports:
        """Copy a model's graph in as one call of it, with the shapes that it is given; the ports of its outputs.

        The structure is the definition's: a condition inside was decided when the model was built. Raises
        ``LayerError`` where a mask of an input does not fit a layer inside.
        """
        reads = other.reads()
        masks = masks_inside(other, inputs)
        place = call if frame is None else f"{self.frames[frame].label}/{call}"
        top = Frame(len(self.frames), "model", other.name, other.name, place, {}, turn[0], max(turn[1], 1), frame, path)
        self.frames.append(top)
        shift = len(self.frames)
        for inner in other.frames:
            parent = top.index if inner.parent is None else inner.parent + shift
            self.frames.append(
                replace(inner, index=inner.index + shift, parent=parent, call=f"{other.name}@{top.index}/{inner.call}")
            )
        given = dict(zip(other.inputs, inputs, strict=False))
        copies: dict[str, Ports] = {}
        for key, node in other.nodes.items():
            here = [(copies[edge.giver][edge.output], edge.argument) for edge in reads.get(key, [])]
            if key in given and not node.scope:
                here = [(given[key], 0)]
            copy = self._copy(other, node, here)
            copy.frame = top.index if node.frame is None else node.frame + shift
            copy.trail = (*node.trail, *trail)
            self.add(copy, here)
            if node.op == "Input" and here:
                self.givers[copy.key] = here[0][0].key
            copies[key] = tuple(
                Port(copy.key, output, tensor, None, mask)
                for output, (tensor, mask) in enumerate(zip_longest(copy.outputs, masks.get(key, ())))
            )
        self.models.add(other.name)
        ends = [(port, copies[port.key][port.output]) for port in other.outputs]
        ports = tuple(replace(copy, hidden=copy.hidden or port.mask or port.hidden) for port, copy in ends)
        self.calls[top.index] = Called(tuple(copies[key][0] for key in other.inputs), ports)
        for index, called in other.calls.items():
            entries, exits = (
                tuple(copies[port.key][port.output] for port in ends) for ends in (called.inputs, called.outputs)
            )
            self.calls[index + shift] = Called(entries, exits)
        return ports

    def _copy(self, other: GraphBuilder, node: GraphNode, reads: list[tuple[Port, str | int]]) -> GraphNode:
        """A node of a model in one call of it; only the first call of each layer has the weights."""
        tensors = tuple(port.tensor for port, _ in reads)
        outputs, flops = node.outputs, node.flops
        if node.op == "Input" and tensors:
            outputs = (enter(node.outputs[0], tensors[0]),)
        elif tensors != node.inputs:
            positional, keywords = passed(node.declared, ((port.tensor, argument) for port, argument in reads))
            result = node.declared.output(*positional, **keywords, **node.calls)
            outputs = result if isinstance(result, tuple) else (result,)
            flops = node.declared.flops(*positional, **keywords, **node.calls)
        scope = (other.name, *node.scope)
        base = node.key.partition("@")[0]
        key = self.free(f"{other.name}/{base}")
        # A model is one instance wherever it is called: in this graph, and inside other models of it.
        first = self.firsts.setdefault((scope[-1], base.rpartition("/")[2]), key)
        return replace(
            node,
            key=key,
            inputs=tensors,
            outputs=outputs,
            flops=flops,
            weights=node.weights if first == key else {},
            scope=scope,
            shares=None if first == key else first,
        )

    def origin(self, key: str) -> str:
        """The node that really gives what a node gives: an Input of a model that is called gives what it is given."""
        while self.nodes[key].op == "Input" and key in self.givers:
            key = self.givers[key]
        return key

    # The finished graph

    def finish(
        self, models: Mapping[str, GraphBuilder] | None = None, output_counts: Mapping[str, int] | None = None
    ) -> networkx.MultiDiGraph:
        """The graph as networkx knows it, without what no output needs."""
        import networkx

        kept = self._reached()
        info = GraphInfo(
            name=self.name,
            title=self.program.title,
            description=self.program.description,
            file=self.program.file,
            frames=self.frames,
            inputs=self.inputs or [key for key, node in self.nodes.items() if node.op == "Input" and not node.inputs],
            outputs=[(port.key, port.output) for port in self.outputs],
            output_names=list(self.output_names) if self.output_names else None,
            model_outputs={
                index: [(port.key, port.output) for port in called.outputs] for index, called in self.calls.items()
            },
            models={name: builder.finish() for name, builder in (models or {}).items() if builder.complete},
            output_counts=dict(output_counts or {}),
        )
        graph = networkx.MultiDiGraph(name=self.name, info=info)
        graph.add_nodes_from((key, {"node": node}) for key, node in self._settled(kept).items())
        graph.add_edges_from(
            (
                edge.giver,
                edge.reader,
                {
                    "output": edge.output,
                    "argument": edge.argument,
                    "position": edge.position,
                    "tensor": edge.tensor,
                },
            )
            for edge in self.edges
            if edge.reader in kept
        )
        return graph

    def _reached(self) -> set[str]:
        """Keys of the nodes that the outputs need.

        Every Input is kept, and a model that is called is kept whole, as Keras keeps them.
        """
        givers: dict[str, list[str]] = {}
        for edge in self.edges:
            givers.setdefault(edge.reader, []).append(edge.giver)
        waiting = [*self.inputs, *(port.key for port in self.outputs)]
        reached: set[str] = set()
        frames: set[int | None] = {None}
        while waiting:
            key = waiting.pop()
            if key in reached:
                continue
            reached.add(key)
            waiting += givers.get(key, [])
            frame = self.nodes[key].frame
            while frame is not None and frame not in frames:
                frames.add(frame)
                if frame in self.calls:
                    waiting += [port.key for port in (*self.calls[frame].inputs, *self.calls[frame].outputs)]
                frame = self.frames[frame].parent
        return reached

    def _settled(self, kept: set[str]) -> dict[str, GraphNode]:
        """The nodes that are kept. Where the first call of a layer is not, the next one has the weights."""
        settled: dict[str, GraphNode] = {}
        heirs: dict[str, str] = {}
        for key, node in self.nodes.items():
            if key not in kept:
                continue
            if node.shares is not None and node.shares not in kept:
                first = self.nodes[node.shares]
                heir = heirs.setdefault(first.key, key)
                if heir == key:
                    node = replace(node, weights=first.weights, arguments=first.arguments, shares=None)
                else:
                    node = replace(node, shares=heir)
            settled[key] = node
        return settled


Given = Tensor | tuple[Tensor, ...]
"""What a call argument is given: a tensor, or several."""


def passed(declared: Operation, reads: Iterable[tuple[Tensor, str | int]]) -> tuple[list[Given], dict[str, Given]]:
    """Tensors as the methods of a declaration take them.

    By position as far as the names go on without a gap, the rest by name; several of one name as a tuple.
    """
    positional: list[Given] = []
    named: dict[str, list[Tensor]] = {}
    for tensor, argument in reads:
        if isinstance(argument, int):
            positional.append(tensor)
        else:
            named.setdefault(argument, []).append(tensor)
    words: dict[str, Given] = {
        name: tensors[0] if len(tensors) == 1 else tuple(tensors) for name, tensors in named.items()
    }
    for name in declared.call_inputs[len(positional) :]:
        if name not in words:
            break
        positional.append(words.pop(name))
    return positional, words


def enter(declared: Tensor, given: Tensor) -> Tensor:
    """What a model's Input gives when the model is called: the shape of what it is given, in its own dtype.

    >>> str(enter(Tensor((None, None, 3)), Tensor((None, 7, 3))))
    '(None, 7, 3)'
    """
    return Tensor(given.shape, declared.dtype)
