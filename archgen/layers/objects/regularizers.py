"""Regularizers: what a weight's values add to the loss."""

from typing import Annotated, ClassVar

from archgen.errors import LayerError
from archgen.layers.kinds import Choice, NonNegative
from archgen.layers.objects.base import Argument
from archgen.tensors import Shape, show_shape


class Regularizer(Argument):
    """A penalty on values."""

    role: ClassVar[str] = "regularizer"
    module: ClassVar[str] = "keras.regularizers"
    abstract: ClassVar[bool] = True

    def check_shape(self, shape: Shape) -> None:
        """Raises ``LayerError`` where values of this shape cannot be penalized by it."""


class L1(Regularizer):
    """A factor times the sum of absolute values."""

    l1: NonNegative = 0.01


class L2(Regularizer):
    """A factor times the sum of squares."""

    l2: NonNegative = 0.01


class L1L2(Regularizer):
    """The sum of ``L1`` and ``L2``."""

    l1: NonNegative = 0.0
    l2: NonNegative = 0.0


class OrthogonalRegularizer(Regularizer):
    """A penalty on rows or columns of a matrix that are not orthogonal."""

    factor: NonNegative = 0.01
    mode: Annotated[str, Choice("rows", "columns")] = "rows"

    def check_shape(self, shape: Shape) -> None:
        if len(shape) != 2:
            raise LayerError(f"OrthogonalRegularizer takes matrices, and the weight is {shape}")
        other = "columns" if self.mode == "rows" else "rows"
        size = shape[0] if self.mode == "rows" else shape[1]
        if size is None or size < 2:
            found = "an unknown number" if size is None else "one"
            raise LayerError(
                f"OrthogonalRegularizer compares pairs of {self.mode}, and {show_shape(shape)} has {found}",
                hint=f'use "mode": "{other}", or another regularizer',
            )
