"""Normalization: values brought to a common mean and scale, then scaled and shifted by what is learnt."""

from collections.abc import Sequence
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
    Object,
    PositiveNumber,
    Rate,
    Regularizer,
)
from archgen.layers.masks import Carried, Mask
from archgen.tensors import Dim, Tensor, Weight, product

Groups = Annotated[int, Int(-1)]

COST = 6
"""FLOPs per value where mean and variance are those of the example: one for the mean, three for the variance (a
difference, its square, their mean), a product and a sum to apply them."""


class Normalizer(Layer):
    """Gives what it takes, normalized, in the compute dtype."""

    abstract = True
    category = "normalization"
    passes_mask = True
    stricter = {
        "is the batch": "what comes of one example is its own",
        "epsilon: expected": "without it, equal values are divided by zero",
        "names one axis": "an axis counts once, and some ways to name it twice run by accident",
    }
    rule = "the input's shape"

    axis: Any
    scale: Any
    center: Any

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_numbers(self, x)
        if 0 in resolve_axes(self, self.axis, x) and x.batch is None:
            raise LayerError(
                f"axis 0 of {x} is the batch, whose size is unknown",
                param="axis",
                hint='use "axis": 1 or more, or -1 for the last dimension',
                code="unknown-dimension",
            )
        self.weights(x)
        return Tensor(x.shape, self.compute_dtype)

    def sizes(self, x: Tensor) -> tuple[int, ...]:
        """The dimensions that the scale and the offset have, in the order of ``axis``."""
        axes = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        return tuple(require_known(self, x.shape[axis], say_dimension(axis), x) for axis in axes)

    def learnt(self, x: Tensor) -> dict[str, Weight]:
        """The scale and the offset, those there are."""
        names = [name for name, wanted in (("gamma", self.scale), ("beta", self.center)) if wanted]
        return {name: self.weight(*self.sizes(x), of=name) for name in names}

    def flops(self, x: Tensor, **call: Any) -> Dim:
        return product((*x.shape[1:], COST + self.scale + self.center))


def say_dimension(axis: int) -> str:
    """A dimension as a message names it."""
    return "the last dimension" if axis == -1 else f"dimension {axis}"


class BatchNormalization(Normalizer):
    """Mean and variance of the batch in training, their moving averages afterwards."""

    left_out = {"renorm_clipping": "a dictionary, which is no value of the language"}
    stricter = {
        "may start below 0": "before any training, the variance may have no root",
        "momentum: expected": "an average weighs what it holds by a share",
    }
    # The tests build on NumPy, and synchronized layers are for TensorFlow only.
    samples = {
        "synchronized": [False],
        "moving_variance_initializer": ["ones", "zeros", Object("Constant", {"value": 0.5}), "he_normal"],
    }

    axis: Axis = -1
    momentum: Rate = 0.99
    epsilon: PositiveNumber = 0.001
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
    renorm_momentum: Rate = 0.99
    synchronized: Flag = False

    def check(self) -> None:
        from archgen.layers.objects import resolve

        made: Any = resolve("initializer", self.moving_variance_initializer)
        lowest = None if made is None else made.lowest
        if lowest is None or lowest < 0:
            raise LayerError(
                "a variance may start below 0 from it, and has no root then",
                param="moving_variance_initializer",
                code="bad-argument",
                hint="leave it out, to start from ones",
            )

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        moving = ["moving_mean", "moving_variance"]
        if self.renorm:
            moving += ["moving_stddev", "renorm_mean", "renorm_stddev"]
        return self.learnt(x) | {name: self.weight(*self.sizes(x), trainable=False, of=name) for name in moving}

    def carry(self, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
        (x,), (mask, *_) = tensors, (*masks, None)
        if mask is not None and mask != x.rank - 1:
            raise LayerError(
                f"{self.op} over {x} needs a mask of {x.rank - 1} dimensions, and the mask there has {mask}",
                hint='put {"op": "ops.multiply", "x2": 1} before it, which gives no mask',
            )
        # The means of what counts lose all dimensions of 1, this one included, which Keras asks for but at axis -1.
        if mask is not None and self.axis != -1 and self.sizes(x) == (1,):
            raise LayerError(
                f"{self.op} fails where there is a mask and one channel, found {x}",
                param="axis",
                hint='use "axis": -1' if self.axis == x.rank - 1 else "take out the Masking that makes it",
            )
        return super().carry(tensors, masks)

    def flops(self, x: Tensor, **call: Any) -> Dim:
        # What is known beforehand folds into one product and one sum.
        return product((*x.shape[1:], 2))


class LayerNormalization(Normalizer):
    """Mean and variance of each example over the dimensions in ``axis``."""

    autocast = False

    axis: Axes = -1
    epsilon: PositiveNumber = 0.001
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
    epsilon: PositiveNumber = 0.001
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
        channels = require_known(self, x.shape[resolve_axis(self, self.axis, x)], say_dimension(self.axis), x)
        if channels % self.groups:
            raise LayerError(
                f"{channels} channels do not divide into {self.groups} groups",
                param="groups",
                hint=f'use "groups": {largest_divisor(channels, self.groups)}',
            )
        return super().output(x)

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        return self.learnt(x)

    def flops(self, x: Tensor, **call: Any) -> Dim:
        # The scale and the offset of each channel go into the product and the sum that are there anyway.
        return product((*x.shape[1:], COST))


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
    epsilon: PositiveNumber = 1e-6

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
