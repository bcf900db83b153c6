"""Normalization: values brought to a common mean and scale, then scaled and shifted by what is learnt."""

from typing import Annotated, Any

from archgen.errors import LayerError
from archgen.layers.base import Layer
from archgen.layers.checks import (
    require_floats,
    require_known,
    require_numbers,
    require_rank,
    resolve_axes,
    resolve_axis,
)
from archgen.layers.kinds import (
    Axes,
    Axis,
    Constraint,
    Flag,
    Initializer,
    Int,
    Number,
    Regularizer,
)
from archgen.tensors import Dim, Tensor, Weight, product

Groups = Annotated[int, Int(-1)]

COST = 8
"""FLOPs per value where mean and variance are those of the example: two sums, two products, a difference, ..."""


class Normalizer(Layer):
    """Gives what it takes, normalized, in the compute dtype."""

    abstract = True
    category = "normalization"
    passes_mask = True
    rule = "the input's shape"

    axis: Any
    scale: Any
    center: Any

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_numbers(self, x)
        resolve_axes(self, self.axis, x)
        self.weights(x)
        return Tensor(x.shape, self.compute_dtype)

    def sizes(self, x: Tensor) -> tuple[int, ...]:
        """The dimensions that the scale and the offset have, in the order of ``axis``."""
        axes = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        return tuple(require_known(self, x.shape[axis], f"dimension {axis}", x) for axis in axes)

    def learnt(self, x: Tensor) -> dict[str, Weight]:
        """The scale and the offset, those there are."""
        names = [name for name, wanted in (("gamma", self.scale), ("beta", self.center)) if wanted]
        return {name: self.weight(*self.sizes(x), of=name) for name in names}

    def flops(self, x: Tensor, **call: Any) -> Dim:
        return product((*x.shape[1:], COST))


class BatchNormalization(Normalizer):
    """Mean and variance of the batch in training, their moving averages afterwards."""

    left_out = {"renorm_clipping": "a dictionary, which is no value of the language"}
    # The tests build on NumPy, and synchronized layers are for TensorFlow only.
    samples = {"synchronized": [False]}

    axis: Axis = -1
    momentum: Number = 0.99
    epsilon: Number = 0.001
    center: Flag = True
    scale: Flag = True
    beta_initializer: Initializer = "zeros"
    gamma_initializer: Initializer = "ones"
    moving_mean_initializer: Initializer = "zeros"
    moving_variance_initializer: Initializer = "ones"
    beta_regularizer: Regularizer = None
    gamma_regularizer: Regularizer = None
    beta_constraint: Constraint = None
    gamma_constraint: Constraint = None
    renorm: Flag = False
    renorm_momentum: Number = 0.99
    synchronized: Flag = False

    def check(self) -> None:
        if self.renorm and self.moving_variance_initializer is None:
            raise LayerError(
                "renorm starts from the moving variance, and null gives none",
                param="moving_variance_initializer",
                code="bad-argument",
                hint="leave it out",
            )

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        moving = ["moving_mean", "moving_variance"]
        if self.renorm:
            moving += ["moving_stddev", "renorm_mean", "renorm_stddev"]
        return self.learnt(x) | {name: self.weight(*self.sizes(x), trainable=False, of=name) for name in moving}

    def flops(self, x: Tensor, **call: Any) -> Dim:
        # What is known beforehand folds into one product and one sum.
        return product((*x.shape[1:], 2))


class LayerNormalization(Normalizer):
    """Mean and variance of each example over the dimensions in ``axis``."""

    stricter = {"names one axis": "TensorFlow simplifies the mistake away where the axis has one place"}
    autocast = False

    axis: Axes = -1
    epsilon: Number = 0.001
    center: Flag = True
    scale: Flag = True
    beta_initializer: Initializer = "zeros"
    gamma_initializer: Initializer = "ones"
    beta_regularizer: Regularizer = None
    gamma_regularizer: Regularizer = None
    beta_constraint: Constraint = None
    gamma_constraint: Constraint = None

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        return self.learnt(x)


class GroupNormalization(Normalizer):
    """Mean and variance of each example over groups of channels; ``groups`` of -1 makes each channel one."""

    autocast = False

    groups: Groups = 32
    axis: Axis = -1
    epsilon: Number = 0.001
    center: Flag = True
    scale: Flag = True
    beta_initializer: Initializer = "zeros"
    gamma_initializer: Initializer = "ones"
    beta_regularizer: Regularizer = None
    gamma_regularizer: Regularizer = None
    beta_constraint: Constraint = None
    gamma_constraint: Constraint = None

    def check(self) -> None:
        if self.groups == 0:
            raise LayerError(
                "groups cannot be 0", param="groups", code="bad-argument", hint="use -1 for a group per channel"
            )

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_rank(self, x, 2)
        if self.axis == -x.rank:
            raise LayerError(
                f"axis {self.axis} is the batch of {x}",
                param="axis",
                hint='use "axis": -1, the last dimension',
            )
        channels = require_known(self, x.shape[resolve_axis(self, self.axis, x)], f"dimension {self.axis}", x)
        if channels % self.groups:
            raise LayerError(
                f"{channels} channels do not divide into {self.groups} groups",
                param="groups",
                hint=f'use "groups": {largest_divisor(channels, self.groups)}',
            )
        return super().output(x)

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        return self.learnt(x)


def largest_divisor(number: int, limit: int) -> int:
    """The largest divisor up to a limit.

    >>> largest_divisor(48, 32), largest_divisor(7, 32)
    (24, 7)
    """
    return next(divisor for divisor in range(min(number, limit), 0, -1) if number % divisor == 0)


class UnitNormalization(Normalizer):
    """Each example scaled to an L2 norm of 1 over ``axis``."""

    axis: Axes = -1

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_floats(self, x)
        return super().output(x)

    def flops(self, x: Tensor, **call: Any) -> Dim:
        return product((*x.shape[1:], 3))


class RMSNormalization(Normalizer):
    """Each example divided by its root mean square over ``axis``."""

    stricter = {"works over the last dimensions": "runs by accident where two dimensions are equal"}
    passes_mask = False

    axis: Axes = -1
    epsilon: Number = 1e-6

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_floats(self, x)
        axes = resolve_axes(self, self.axis if isinstance(self.axis, int) else sorted(self.axis), x)
        # Keras multiplies by the scale as it is, which stretches to the last dimensions and no others.
        last = tuple(range(x.rank - len(axes), x.rank))
        if axes != last:
            raise LayerError(
                f"RMSNormalization works over the last dimensions, found axis {self.axis} of {x}",
                param="axis",
                hint=f'use "axis": {[axis - x.rank for axis in last]}, or put a Permute before it',
            )
        return super().output(x)

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        return {"scale": self.weight(*self.sizes(x))}

    def flops(self, x: Tensor, **call: Any) -> Dim:
        return product((*x.shape[1:], 4))
