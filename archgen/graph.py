"""The graph: an architecture with every block, model, repeat and condition unrolled, as a ``networkx.MultiDiGraph``.

A node's key is unique in the graph; its attribute ``node`` holds a ``GraphNode``. An edge runs from the node that
gives a tensor to the node that reads it, with the attributes ``output`` (which of the giver's outputs), ``argument``
(the reader's call argument, or the position in its list) and ``tensor``. The graph's own attributes are those of
``GraphInfo``, under ``graph.graph["info"]``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from archgen.layers.base import Operation
from archgen.tensors import Dim, Tensor, Weight


@dataclass(frozen=True, slots=True)
class Frame:
    """One use of a block or a sub-model, or one turn of a repeated layer: what a picture draws around its nodes.

    ``call`` is the same for all turns of one repeat; ``turn`` counts them from 1 up to ``turns``.
    """

    index: int
    kind: Literal["block", "model", "layer"]
    name: str
    """The block's or model's name; the op of a repeated layer."""
    label: str
    """What the call is known by: the author's id, or a name made from ``name``."""
    call: str
    arguments: dict[str, Any] = field(default_factory=dict)
    """Evaluated arguments: what the author wrote on the call and what the repeat adds, by name."""
    turn: int = 1
    turns: int = 1
    parent: int | None = None
    """The index of the frame around it."""
    path: str = ""
    """Where in the file the call stands."""


@dataclass(slots=True)
class GraphNode:
    """One application of an op."""

    key: str
    """Unique in the graph: the Keras layer name, below the model it belongs to (``encoder/dense``); a further call
    of a shared layer or model adds ``@2``, ``@3``, ..."""
    name: str
    """The Keras name of its layer or operation."""
    id: str | None
    """What the author called it."""
    op: str
    declared: Operation
    """The declaration, with all arguments checked and defaults filled in."""
    arguments: dict[str, Any]
    """The arguments that the author gave, evaluated."""
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    weights: dict[str, Weight]
    """Variables by their Keras path below the layer; empty for a further call of a shared layer."""
    flops: Dim
    frame: int | None
    """Index of the innermost frame around it."""
    scope: tuple[str, ...]
    """The sub-models it is inside, outermost first."""
    path: str
    line: int
    column: int
    trail: tuple[str, ...]
    calls: dict[str, Any] = field(default_factory=dict)
    """The constants of its call (the word ``call``), evaluated."""
    shares: str | None = None
    """The key of the first call, when this is a further call of the same layer."""

    @property
    def category(self) -> str:
        return self.declared.category

    @property
    def weights_unknown(self) -> bool:
        """Whether it has weights of which nothing is known: those of a class of one's own, at its first call."""
        return self.declared.imported and self.shares is None

    @property
    def parameters(self) -> int:
        return sum(weight.size for weight in self.weights.values())

    @property
    def trainable_parameters(self) -> int:
        return sum(weight.size for weight in self.weights.values() if weight.trainable)


@dataclass(slots=True)
class GraphInfo:
    """What a graph says of itself."""

    name: str
    title: str | None = None
    description: str | None = None
    file: str = "<spec>"
    frames: list[Frame] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    """Keys of its ``Input`` nodes, in the order of the built model's inputs."""
    outputs: list[tuple[str, int]] = field(default_factory=list)
    """Key and output index of each of its outputs."""
    output_names: list[str] | None = None
    """The names of the outputs where the author gave an object."""
    model_outputs: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    """For the index of each frame of a model: key and output index of what that call of it gives."""
    models: dict[str, Any] = field(default_factory=dict)
    """The sub-models by name, each a graph of its own, as it is built."""
    output_counts: dict[str, int] = field(default_factory=dict)
    """For the path of each node that was expanded: how many tensors it gives."""
