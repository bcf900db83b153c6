"""Preprocessing that is part of the network."""

from collections.abc import Sequence
from typing import Annotated, Any

from archgen.errors import LayerError
from archgen.layers.base import Layer
from archgen.layers.checks import require_numbers
from archgen.layers.kinds import Float, ListOf
from archgen.tensors import Dim, Tensor, product

NumberOrNumbers = Annotated[float | tuple[float, ...], ListOf(Float(), minimum=1, scalar=True, tuples=False)]


class Rescaling(Layer):
    """Values times ``scale`` plus ``offset``, each a number or one number per channel."""

    category = "preprocessing"
    rule = "the input's shape"

    scale: NumberOrNumbers
    offset: NumberOrNumbers = 0.0

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_numbers(self, x)
        for param, given in (("scale", self.scale), ("offset", self.offset)):
            if isinstance(given, Sequence):
                self.check_stretches(param, len(given), x)
        return Tensor(x.shape, self.compute_dtype)

    def check_stretches(self, param: str, count: int, x: Tensor) -> None:
        """One number per channel must be as many as there are channels."""
        if count not in (1, x.channels) and x.channels is not None:
            raise LayerError(
                f"{param} has {count} numbers for {x.channels} channels",
                param=param,
                hint=f"use one number, or {x.channels} of them",
            )

    def flops(self, x: Tensor, **call: Any) -> Dim:
        return product((*x.shape[1:], 2))
