"""Preprocessing that is part of the network."""

from collections.abc import Sequence
from typing import Annotated, Any

from archgen.errors import LayerError
from archgen.layers.base import Layer
from archgen.layers.checks import require_known, require_numbers, resolve_axis
from archgen.layers.kinds import Flag, Float, ListOf, OptionalAxes, show
from archgen.tensors import Dim, Tensor, product

NumberOrNumbers = Annotated[float | tuple[float, ...], ListOf(Float(), minimum=1, scalar=True, tuples=False)]
OptionalNumbers = Annotated[
    float | tuple[float, ...] | None, ListOf(Float(), minimum=1, scalar=True, tuples=False, nullable=True)
]


class Rescaling(Layer):
    """Values times ``scale`` plus ``offset``, each a number or one number per channel."""

    category = "preprocessing"
    passes_mask = True
    rule = "the input's shape"

    scale: NumberOrNumbers
    offset: NumberOrNumbers = 0.0

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_numbers(self, x)
        for param, given in (("scale", self.scale), ("offset", self.offset)):
            if isinstance(given, Sequence):
                self.check_stretches(param, given, x)
        return Tensor(x.shape, self.compute_dtype)

    def check_stretches(self, param: str, given: Sequence[float], x: Tensor) -> None:
        """One number per channel must be as many as there are channels."""
        count = len(given)
        if count > 1 and x.rank == 1:
            raise LayerError(
                f"{param} has {count} numbers, and {x} has no channels",
                param=param,
                hint=f'use "{param}": {show(given[0])}',
            )
        if count not in (1, x.channels) and x.channels is not None:
            raise LayerError(
                f"{param} has {count} numbers for {x.channels} channels",
                param=param,
                hint=f'use "{param}": {show(given[0])}, or {x.channels} numbers',
            )

    def flops(self, x: Tensor, **call: Any) -> Dim:
        return product((*x.shape[1:], 2))


class Normalization(Layer):
    """Values minus ``mean`` over the root of ``variance``, each a number or one number per place of ``axis``."""

    category = "preprocessing"
    stricter = {"needs (mean|variance)": "would do nothing: a generated script adapts no layer"}
    samples = {"mean": [0.5, 0.5, [0.5], [0.5, 1.5, 2.5]], "variance": [1.5, 1.5, [2.5], [0.5, 1.5, 2.5]]}
    passes_mask = True
    rule = "the input's shape"

    axis: OptionalAxes = -1
    mean: OptionalNumbers = None
    variance: OptionalNumbers = None
    invert: Flag = False

    def check(self) -> None:
        for param, given in (("mean", self.mean), ("variance", self.variance)):
            if given is None:
                raise LayerError(
                    f"Normalization needs {param}: nothing adapts it to the data",
                    code="missing-argument",
                    hint=f'add "{param}": a number, or one number per channel',
                )
        counts = [len(given) if isinstance(given, Sequence) else None for given in (self.mean, self.variance)]
        if counts[0] != counts[1]:
            raise LayerError(
                f"mean is {say_count(counts[0])}, variance is {say_count(counts[1])}",
                param="variance",
                code="bad-argument",
                hint=f"make both {say_count(counts[0])}",
            )
        if self.axis in (None, ()) and counts[0] is not None:
            raise LayerError(
                f"without an axis there is one mean, found {say_count(counts[0])}",
                param="axis",
                code="bad-argument",
                hint='leave "axis" out, or give one number as mean and variance',
            )

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_numbers(self, x)
        given = [self.axis] if isinstance(self.axis, int) else self.axis or ()
        axes = sorted({resolve_axis(self, axis, x) for axis in given})
        for axis in axes:
            require_known(self, x.shape[axis], f"dimension {axis}", x)
        size = x.shape[axes[-1]] if axes else None
        if isinstance(self.mean, Sequence) and size is not None and len(self.mean) not in (1, size):
            raise LayerError(
                f"mean has {len(self.mean)} numbers for {size} places on axis {axes[-1]}",
                param="mean",
                hint=f"use {size} numbers, as in {show([self.mean[0]] * size)}",
            )
        return Tensor(x.shape, self.compute_dtype)

    def flops(self, x: Tensor, **call: Any) -> Dim:
        return product((*x.shape[1:], 2))


def say_count(count: int | None) -> str:
    return "one number" if count is None else f"a list of {count}"
