"""What a spec's ``train`` says, and whether it goes with the graph.

``create`` checks the section by itself, ``settle`` checks it against the network and decides what was left open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archgen.layers.base import Declared, Operation
from archgen.tensors import Tensor


@dataclass(frozen=True, slots=True)
class Port:
    """An input or an output of a network."""

    name: str
    """The Keras name of the layer (or the author's name of the output) that a dict of arrays would use."""
    tensor: Tensor
    maker: Operation | None = None
    """The op that gives the tensor: an ``Input``, or what produced an output."""
    readers: tuple[Operation, ...] = ()
    """The ops that read an input first-hand."""


@dataclass(frozen=True, slots=True)
class Network:
    """What training reads of a graph."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    output_names: bool = False
    """Whether the built model returns a dict (the author's ``outputs`` is an object) and not a tensor or a list."""
    models: Mapping[str, Network] = field(default_factory=dict)
    """The sub-models by name, each expanded by itself."""


def network_of(graph: Any, models: Mapping[str, Network] | None = None) -> Network:
    """Read the ports from a graph of ``archgen.graph``; ``models`` are networks of its sub-models (a GAN needs two)."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Array:
    """One array that ``train`` takes, for whoever wants to make one up.

    ``shape`` is that of one example. ``holds`` says what stands in it: ``"floats"`` (within ``low`` and ``high``),
    ``"ids"`` (whole numbers below ``high``), ``"classes"`` (the same, as labels), ``"one_hot"`` (rows with a single 1
    in the last dimension) or ``"binary"`` (0 or 1).
    """

    shape: tuple[int | None, ...]
    dtype: str
    holds: str
    low: float = 0
    high: float = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """A ``train`` section that goes with its network, every open option decided."""

    training: Declared
    data: Declared
    x: tuple[Array, ...]
    """One per input of the network (of the discriminator, for a GAN)."""
    y: tuple[Array, ...]
    """One per output; empty where the targets are the inputs (autoencoder) or there are none (GAN)."""


def create(section: Mapping[str, Any]) -> Declared:
    """The declaration of a ``train`` section whose expressions are evaluated.

    Objects with ``op`` are ``kinds.Object``; every other JSON object (``data``, losses by output, ``class_weight``) is
    a mapping. Raises ``LayerErrors`` whose ``param`` paths start inside ``train``: ``("optimizer", "learning_rate")``.
    """
    raise NotImplementedError


def settle(training: Declared, network: Network) -> Plan:
    """Check a training against the network it trains. Raises ``LayerErrors`` with every mistake, ``param`` as above."""
    raise NotImplementedError
