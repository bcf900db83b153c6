"""Graphs made by hand, so that what reads a graph is tested without what makes one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import networkx

from archgen import layers  # noqa: F401  (declares the ops)
from archgen.graph import Frame, GraphInfo, GraphNode
from archgen.layers.base import Operation, automatic_name, known
from archgen.tensors import Tensor

Source = str | tuple[str, int]
"""The key of a node, or that and which of its outputs."""


class Sketch:
    """Builds a graph node by node; shapes, weights and FLOPs are those of the declarations."""

    def __init__(self, name: str = "sketch", **info: Any) -> None:
        self.info = GraphInfo(name, **info)
        self.graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(info=self.info)
        self.frames: list[int] = []
        self.scope: list[str] = []
        self.counts: dict[str, int] = {}
        self.places: dict[int | None, int] = {}
        """How many nodes and calls there are in each frame so far, in the program that it might be made from."""
        self.calls: dict[tuple[int | None, str], str] = {}

    @contextmanager
    def frame(self, kind: Literal["block", "model", "layer"], name: str, **more: Any) -> Iterator[Frame]:
        """What is added inside stands in a frame."""
        index = len(self.info.frames)
        more = {"label": name, "call": more.get("label", name), **more}
        parent = self.frames[-1] if self.frames else None
        if (parent, more["call"]) not in self.calls:
            self.calls[parent, more["call"]] = self.place()
        frame = Frame(index, kind, name, parent=parent, **{"path": self.calls[parent, more["call"]], **more})
        self.info.frames.append(frame)
        self.frames.append(index)
        self.scope += [frame.label] if kind == "model" else []
        yield frame
        self.frames.pop()
        if kind == "model":
            self.scope.pop()

    def add(
        self,
        op: str,
        *sources: Source,
        id: str | None = None,
        name: str | None = None,
        key: str | None = None,
        shares: str | None = None,
        by_name: dict[str, Source] | None = None,
        **arguments: Any,
    ) -> str:
        """Add a node that reads ``sources`` in order and ``by_name``; returns its key."""
        role, _, function = op.rpartition(".")
        declared = known("op" if role else "layer")[function if role else op].create(arguments)
        assert isinstance(declared, Operation)
        name = name or id or self.automatic_name(type(declared).op)
        key = key or "/".join([*self.scope, name])
        reads: list[tuple[str | int, Source]] = [*enumerate(sources), *(by_name or {}).items()]
        tensors = [self.tensor(source) for _, source in reads]
        positional, named = tensors[: len(sources)], dict(zip(by_name or {}, tensors[len(sources) :], strict=True))
        output = declared.output(*positional, **named)
        self.graph.add_node(
            key,
            node=GraphNode(
                key=key,
                name=name,
                id=id,
                op=op,
                declared=declared,
                arguments=arguments,
                inputs=tuple(tensors),
                outputs=output if isinstance(output, tuple) else (output,),
                weights={} if shares else declared.weights(*positional, **named),
                flops=declared.flops(*positional, **named),
                frame=self.frames[-1] if self.frames else None,
                scope=tuple(self.scope),
                path=self.place(),
                line=len(self.graph) + 3,
                column=5,
                trail=(),
                shares=shares,
            ),
        )
        for (argument, source), tensor in zip(reads, tensors, strict=True):
            tail, index = source if isinstance(source, tuple) else (source, 0)
            self.graph.add_edge(tail, key, output=index, argument=argument, tensor=tensor)
        if op == "Input" and not self.scope:
            self.info.inputs.append(key)
        return key

    def place(self) -> str:
        """The place of the next node, or of one that ``when`` leaves out, in the program."""
        frame = self.frames[-1] if self.frames else None
        number = self.places[frame] = self.places.get(frame, -1) + 1
        return f"nodes[{number}]" if frame is None else f"blocks.{self.info.frames[frame].name}.nodes[{number}]"

    def automatic_name(self, op: str) -> str:
        name = automatic_name(op)
        number = self.counts.get(name, 0)
        self.counts[name] = number + 1
        return f"{name}_{number}" if number else name

    def tensor(self, source: Source) -> Tensor:
        key, index = source if isinstance(source, tuple) else (source, 0)
        node: GraphNode = self.graph.nodes[key]["node"]
        return node.outputs[index]

    def ends(self, *sources: Source, names: list[str] | None = None) -> networkx.MultiDiGraph[str]:
        """The graph, with these outputs."""
        self.info.outputs = [source if isinstance(source, tuple) else (source, 0) for source in sources]
        self.info.output_names = names
        return self.graph


def mlp() -> networkx.MultiDiGraph[str]:
    """Three Dense layers: 4 -> 64 -> 64 -> 3."""
    sketch = Sketch("mlp", title="Iris classifier")
    x = sketch.add("Input", id="measurements", shape=(4,))
    x = sketch.add("Dense", x, units=64, activation="relu")
    x = sketch.add("Dense", x, units=64, activation="relu")
    return sketch.ends(sketch.add("Dense", x, id="probabilities", units=3, activation="softmax"))


def residual(sketch: Sketch, x: str, turn: int, turns: int, filters: int, strides: int = 1) -> str:
    """One turn of a residual block, with a convolution in its shortcut where it changes the shape."""
    arguments = {"filters": filters, "strides": strides}
    with sketch.frame("block", "residual_block", label="stages", arguments=arguments, turn=turn, turns=turns):
        shortcut = x
        if strides > 1 or sketch.tensor(x).channels != filters:
            name = f"stages_{turn}_shortcut"
            shortcut = sketch.add(
                "Conv2D", x, id="shortcut", name=name, filters=filters, kernel_size=1, strides=strides
            )
        else:
            sketch.place()
        x = sketch.add("Conv2D", x, filters=filters, kernel_size=3, strides=strides, padding="same")
        x = sketch.add("BatchNormalization", x)
        x = sketch.add("ReLU", x)
        x = sketch.add("Conv2D", x, filters=filters, kernel_size=3, padding="same")
        x = sketch.add("BatchNormalization", x)
        x = sketch.add("Add", x, shortcut)
        return sketch.add("ReLU", x)


def resnet(*stages: tuple[int, int]) -> networkx.MultiDiGraph[str]:
    """Residual blocks on 32x32 images, one per (filters, strides)."""
    sketch = Sketch("resnet", title="Residual network for CIFAR-10")
    x = sketch.add("Input", id="image", shape=(32, 32, 3))
    x = sketch.add("Conv2D", x, id="stem", filters=64, kernel_size=3, padding="same", activation="relu")
    for turn, (filters, strides) in enumerate(stages, start=1):
        x = residual(sketch, x, turn, len(stages), filters, strides)
    x = sketch.add("GlobalAveragePooling2D", x)
    return sketch.ends(sketch.add("Dense", x, id="probabilities", units=10, activation="softmax"))


def autoencoder() -> networkx.MultiDiGraph[str]:
    """An encoder and a decoder, the encoder called on two inputs."""
    sketch = Sketch("autoencoder")
    images = [sketch.add("Input", id=name, shape=(784,)) for name in ("left", "right")]
    codes = []
    for number, image in enumerate(images):
        again = f"@{number + 1}" if number else ""
        with sketch.frame("model", "encoder", label=f"encoder{again}"):
            first = None if not again else "encoder/wide"
            wide = sketch.add("Dense", image, id="wide", key=f"encoder/wide{again}", shares=first, units=128)
            first = None if not again else "encoder/code"
            codes.append(sketch.add("Dense", wide, id="code", key=f"encoder/code{again}", shares=first, units=32))
    both = sketch.add("Concatenate", *codes)
    with sketch.frame("model", "decoder"):
        x = sketch.add("Dense", both, units=128, activation="relu")
        x = sketch.add("Dense", x, units=784, activation="sigmoid")
    return sketch.ends(codes[0], x, names=["code", "image"])


def nested(outer: int = 3, inner: tuple[int, ...] = (16, 16)) -> networkx.MultiDiGraph[str]:
    """A block repeated ``outer`` times, in it a repeated layer of these units and a block of one layer."""
    sketch = Sketch("nested")
    x = sketch.add("Input", id="x", shape=(16,))
    for turn in range(1, outer + 1):
        with sketch.frame("block", "mixer", turn=turn, turns=outer):
            for number, units in enumerate(inner, start=1):
                more = {"label": "hidden", "call": f"mixer/{turn}/hidden", "turn": number, "turns": len(inner)}
                with sketch.frame("layer", "Dense", arguments={"units": units}, **more):
                    x = sketch.add("Dense", x, id="hidden", name=f"mixer_{turn}_hidden_{number}", units=units)
            with sketch.frame("block", "gate", call=f"mixer/{turn}/gate"):
                x = sketch.add("Dense", x, units=16, activation="sigmoid")
    return sketch.ends(sketch.add("Dense", x, id="y", units=1))
