"""Activations as layers: a function of each value."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import Layer
from archgen.layers.checks import require_floats, resolve_axes
from archgen.layers.kinds import (
    ACTIVATIONS,
    Choice,
    Constraint,
    Float,
    Initializer,
    Int,
    ListOf,
    NonNegative,
    Number,
    Regularizer,
)
from archgen.layers.masks import Carried, Mask
from archgen.tensors import Tensor, Weight

ActivationName = Annotated[str | None, Choice(*ACTIVATIONS, nullable=True)]
SoftmaxAxes = Annotated[int | list[int], ListOf(Int(), minimum=1, scalar=True, tuples=False)]
SharedAxes = Annotated[int | list[int] | None, ListOf(Int(1), scalar=True, tuples=False, nullable=True)]


class Elementwise(Layer):
    """Base of the layers that change each value and keep the shape."""

    abstract: ClassVar[bool] = True
    category = "activation"
    passes_mask = True
    rule = "the input's shape"

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_floats(self, x)
        return self.cast(x)


class Activation(Elementwise):
    """An activation function by name."""

    stricter = {"needs (a )?floating-point": "some functions work on some integers"}

    activation: ActivationName


class ReLU(Elementwise):
    """``max(x, 0)``, optionally with a slope below, a threshold and an upper bound."""

    stricter = {"needs (a )?floating-point": "some functions work on some integers"}

    max_value: Annotated[float | None, Float(0, nullable=True)] = None
    negative_slope: NonNegative = 0.0
    threshold: NonNegative = 0.0


class LeakyReLU(Elementwise):
    """``x`` above zero, a small slope below."""

    stricter = {"needs (a )?floating-point": "some functions work on some integers"}

    negative_slope: NonNegative = 0.3


class ELU(Elementwise):
    """``x`` above zero, an exponential towards ``-alpha`` below."""

    alpha: Number = 1.0


class PReLU(Elementwise):
    """A slope below zero that is learned, one per value of an example unless axes share it."""

    alpha_initializer: Initializer = "Zeros"
    alpha_regularizer: Regularizer = None
    alpha_constraint: Constraint = None
    shared_axes: SharedAxes = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        given = super().output(x)
        self.weights(x)
        return given

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        shared = [self.shared_axes] if isinstance(self.shared_axes, int) else self.shared_axes or []
        for axis in shared:
            if axis >= x.rank:
                there = [each for each in shared if each < x.rank]
                raise LayerError(
                    f"axis {axis} does not exist in {x}",
                    param="shared_axes",
                    hint=f'use "shared_axes": {there}' if there else 'leave "shared_axes" out',
                )
        shape = [1 if axis in shared else dim for axis, dim in enumerate(x.shape)][1:]
        if None in shape:
            unknown = [axis for axis, dim in enumerate(x.shape) if axis and dim is None]
            raise LayerError(
                f"PReLU needs to know the dimensions that it does not share, found {x}",
                code="unknown-dimension",
                hint=f'add "shared_axes": {sorted({*shared, *unknown})}',
            )
        return {"alpha": self.weight(*shape, of="alpha")}


class Softmax(Elementwise):
    """Positive values that sum to one along an axis, or along several."""

    passes_mask = False

    axis: SoftmaxAxes = -1

    def output(self, x: Tensor, **call: Any) -> Tensor:
        resolve_axes(self, self.axis, x)
        return super().output(x)

    def carry(self, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
        if masks and masks[0] is not None and masks[0] < tensors[0].rank:
            raise LayerError(
                f"{self.op} over {tensors[0]} needs a mask of each value, and the mask there has {masks[0]} dimensions",
                hint='use {"op": "Activation", "activation": "softmax"}, which reads no mask',
            )
        return super().carry(tensors, masks)
