"""What data and training read of a graph: the tensors at its ends, what gives them and what reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archgen.layers.base import Operation
from archgen.tensors import Tensor


@dataclass(frozen=True, slots=True)
class Port:
    """An input or an output of a network."""

    name: str
    """What a dict of arrays would call it: the Keras name of the layer, or the name that the author gave the output."""
    tensor: Tensor
    maker: Operation | None = None
    """The op that gives the tensor: an ``Input``, or what produced an output."""
    readers: tuple[Operation, ...] = ()
    """The ops that read an input first-hand."""

    @property
    def example(self) -> tuple[int | None, ...]:
        """The shape of one example."""
        return self.tensor.shape[1:]


@dataclass(frozen=True, slots=True)
class Network:
    """The ends of a graph, and those of its sub-models."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    named_outputs: bool = False
    """Whether the built model returns a dict (the author's ``outputs`` is an object) and not a tensor or a list."""
    models: Mapping[str, Network] = field(default_factory=dict)
    """The sub-models by name, each expanded by itself."""


def network_of(graph: Any, models: Mapping[str, Network] | None = None) -> Network:
    """Read the ports from a graph of ``archgen.graph``; ``models`` are networks of its sub-models (a GAN needs two)."""
    info = graph.graph["info"]
    nodes = {key: data["node"] for key, data in graph.nodes(data=True)}
    inputs = [
        Port(
            nodes[key].name,
            nodes[key].outputs[0],
            nodes[key].declared,
            tuple(nodes[reader].declared for reader in graph.successors(key)),
        )
        for key in info.inputs
    ]
    names = info.output_names or [(*nodes[key].scope, nodes[key].name)[0] for key, _ in info.outputs]
    outputs = [
        Port(name, nodes[key].outputs[index], nodes[key].declared)
        for name, (key, index) in zip(names, info.outputs, strict=True)
    ]
    return Network(tuple(inputs), tuple(outputs), info.output_names is not None, models or {})
