"""What a layer or function makes of what it reads, inferred once: a block used a thousand times asks the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from archgen.builder import passed
from archgen.layers.base import Operation
from archgen.layers.masks import Mask
from archgen.masking import masked
from archgen.steps import Step
from archgen.tensors import Dim, Tensor, Weight


@dataclass(frozen=True, slots=True)
class Inferred:
    """What is known of one application."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    masks: tuple[Mask, ...]
    """The masks of the first outputs."""
    hidden: tuple[Mask, ...]
    """Those that they have when the network runs."""
    weights: dict[str, Weight]
    flops: Dim
    built: tuple[str, ...]
    """Classes that take an automatic name when the layer is built."""
    called: tuple[str, ...]
    """Classes that take one when it is called, those that are called for its mask last."""


class Inference:
    """Makes declarations and infers what they give, each once: both depend on nothing but what is asked."""

    def __init__(self) -> None:
        self.made: dict[tuple[type[Operation], str], Operation] = {}
        self.inferred: dict[tuple[Any, ...], Inferred] = {}

    def make(self, declared: type[Operation], arguments: Mapping[str, Any]) -> Operation:
        """The declaration with these arguments; raises ``LayerError``."""
        key = (declared, repr(arguments))  # Unlike the values, it tells 1 from 1.0 and from true.
        if key not in self.made:
            self.made[key] = declared.create(arguments)
        return self.made[key]

    def infer(self, declared: Operation, step: Step, options: Mapping[str, Any]) -> Inferred:
        """What a declaration makes of what a step reads; ``options`` are the constants of the call.

        Raises ``LayerError``.
        """
        reads = tuple((port.tensor, port.mask, port.hidden, argument) for port, argument in step.edges())
        key = (declared, repr(options) if options else "", reads)
        known = self.inferred.get(key)
        if known is not None:
            return known
        tensors, keywords = passed(declared, ((tensor, argument) for tensor, *_, argument in reads))
        words = {**keywords, **options}
        outputs = declared.output(*tensors, **words)
        weights = declared.weights(*tensors, **words)
        flops = declared.flops(*tensors, **words)
        edges = list(step.edges())
        masks, functions = declared.carry(*masked(declared, edges))
        hidden = declared.carry_on(*masked(declared, edges, hidden=True), **options)
        flat = [each for given in tensors for each in (given if isinstance(given, tuple) else (given,))]
        self.inferred[key] = Inferred(
            inputs=tuple(tensor for tensor, *_ in reads),
            outputs=outputs if isinstance(outputs, tuple) else (outputs,),
            masks=masks,
            hidden=hidden,
            weights=weights,
            flops=flops,
            built=declared.names_on_build(),
            called=(*declared.names_on_call(*flat, **words), *functions),
        )
        return self.inferred[key]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Stop the garbage collector while a graph grows: what it would look through, again and again, is all in use."""
    import gc

    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
