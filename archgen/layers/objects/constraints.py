"""Constraints: what is done to a weight after each update."""

from typing import ClassVar

from archgen.errors import LayerError
from archgen.layers.kinds import Axes, Number
from archgen.layers.objects.base import Argument, Fraction, in_range, refuse


class Constraint(Argument):
    """A projection of a weight's values."""

    role: ClassVar[str] = "constraint"
    module: ClassVar[str] = "keras.constraints"
    abstract: ClassVar[bool] = True

    def check_shape(self, shape: tuple[int, ...]) -> None:
        """Raises ``LayerError`` where a weight of this shape cannot be projected by it."""
        axis = getattr(self, "axis", None)
        if axis is not None and not in_range(axis, len(shape)):
            raise LayerError(f"axis {axis} of {self.op} does not exist in a weight {shape}", param="axis")


class MaxNorm(Constraint):
    """Norms of at most ``max_value``."""

    max_value: Number = 2
    axis: Axes = 0


class NonNeg(Constraint):
    """No negative values."""


class UnitNorm(Constraint):
    """Norms of one."""

    axis: Axes = 0


class MinMaxNorm(Constraint):
    """Norms within bounds."""

    min_value: Number = 0.0
    max_value: Number = 1.0
    rate: Fraction = 1.0
    axis: Axes = 0

    def check(self) -> None:
        if self.min_value > self.max_value:
            raise refuse(f"min_value {self.min_value} is above max_value {self.max_value}", "min_value")
