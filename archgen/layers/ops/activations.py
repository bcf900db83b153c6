"""Activation functions."""

from typing import Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.checks import resolve_axis
from archgen.layers.kinds import Axis, Flag, NonNegative, Number
from archgen.layers.ops.base import bad, check_fits, check_keeps_batch, wrong_dtype
from archgen.layers.ops.elementwise import Floating, Fractional, Signed
from archgen.tensors import Tensor


class ActivationFunction(Floating):
    """Base of the activation functions."""

    abstract: ClassVar[bool] = True
    category = "activation"
    cost = 0


class AlongAxis(ActivationFunction):
    """Base of the functions that compare the values along an axis."""

    abstract: ClassVar[bool] = True

    axis: Axis = -1

    def output(self, x: Tensor, **call: Any) -> Tensor:
        check_keeps_batch(self, resolve_axis(self, self.axis, x), x)
        return super().output(x)


class Softmax(AlongAxis):
    """Positive values that sum to one along an axis."""

    op = "softmax"


class LogSoftmax(AlongAxis):
    """The logarithm of the softmax."""

    op = "log_softmax"


class Sigmoid(ActivationFunction):
    """``1 / (1 + exp(-x))``."""

    op = "sigmoid"


class Silu(ActivationFunction):
    """``x * sigmoid(x)``."""

    op = "silu"


class Gelu(ActivationFunction):
    """``x`` times the normal distribution function, or an approximation with tanh."""

    op = "gelu"

    approximate: Flag = True


class Elu(ActivationFunction):
    """``x`` above zero, an exponential towards ``-alpha`` below."""

    op = "elu"

    alpha: Number = 1.0


class Selu(ActivationFunction):
    """The exponential unit that keeps mean and variance."""

    op = "selu"


class LeakyRelu(ActivationFunction):
    """``x`` above zero, a small slope below."""

    op = "leaky_relu"

    negative_slope: Number = 0.2


class Softplus(ActivationFunction):
    """``log(1 + exp(x))``."""

    op = "softplus"


class Relu(Signed):
    """``max(x, 0)``."""

    op = "relu"
    category = "activation"
    cost = 0


class Tanh(Fractional):
    """The hyperbolic tangent."""

    op = "tanh"
    category = "activation"
    cost = 0


class Relu6(Relu):
    """``min(max(x, 0), 6)``."""

    op = "relu6"


class HardSigmoid(ActivationFunction):
    """The sigmoid in three straight lines."""

    op = "hard_sigmoid"


class HardSilu(ActivationFunction):
    """``x * hard_sigmoid(x)``."""

    op = "hard_silu"


class HardSwish(HardSilu):
    """``x * hard_sigmoid(x)``: another name of ``ops.hard_silu``."""

    op = "hard_swish"

    @property
    def keras_class(self) -> str:
        return "HardSilu"


class Swish(Silu):
    """``x * sigmoid(x)``: another name of ``ops.silu``."""

    op = "swish"

    @property
    def keras_class(self) -> str:
        return "Silu"


class HardTanh(ActivationFunction):
    """Values below -1 or above 1 replaced by these."""

    op = "hard_tanh"


class LogSigmoid(ActivationFunction):
    """The logarithm of the sigmoid."""

    op = "log_sigmoid"


class Softsign(ActivationFunction):
    """``x / (1 + abs(x))``."""

    op = "softsign"


class Celu(ActivationFunction):
    """``x`` above zero, below it an exponential towards ``-alpha`` that meets ``x`` without a kink."""

    op = "celu"

    alpha: Number = 1.0


class HardShrink(ActivationFunction):
    """Values within ``threshold`` of zero set to zero."""

    op = "hard_shrink"

    threshold: Number = 0.5


class SoftShrink(HardShrink):
    """Values within ``threshold`` of zero set to zero, the others moved towards it by as much."""

    op = "soft_shrink"


class TanhShrink(ActivationFunction):
    """``x - tanh(x)``."""

    op = "tanh_shrink"


class Squareplus(ActivationFunction):
    """``(x + sqrt(x ** 2 + b)) / 2``."""

    op = "squareplus"
    stricter = {"b: expected": "near 0 there is no root of a sum below 0"}

    b: NonNegative = 4


class SparsePlus(ActivationFunction):
    """Zero below -1, ``x`` above 1, and a parabola between them."""

    op = "sparse_plus"


class SparseSigmoid(ActivationFunction):
    """Zero below -1, one above 1, and a straight line between them."""

    op = "sparse_sigmoid"


class Sparsemax(AlongAxis):
    """Values that sum to one along an axis, small ones exactly zero."""

    op = "sparsemax"

    def dtype_of(self, x: Tensor) -> str:
        if x.dtype == "float16":
            raise wrong_dtype(self, "float32", x.dtype)
        return super().dtype_of(x)


class Threshold(Signed):
    """Values up to ``threshold`` replaced by ``default_value``."""

    op = "threshold"
    category = "activation"

    threshold: Number
    default_value: Number

    def dtype_of(self, x: Tensor) -> str:
        for name in ("threshold", "default_value"):
            value = getattr(self, name)
            if x.is_integer and not isinstance(value, int):
                raise bad(f"{value} is no value of {x.dtype}", name, f"write {round(value)}")
            check_fits(value, x.dtype, name)
        return super().dtype_of(x)


class Glu(ActivationFunction):
    """Gated linear unit: the first half along an axis times the sigmoid of the second."""

    op = "glu"
    rule = "(batch, ..., 2 * a) -> (batch, ..., a)"

    axis: Axis = -1

    def output(self, x: Tensor, **call: Any) -> Tensor:
        axis = resolve_axis(self, self.axis, x)
        check_keeps_batch(self, axis, x)
        size = x.shape[axis]
        if size is not None and size % 2:
            raise LayerError(
                f"ops.glu gates one half of axis {self.axis} with the other: {size} values of {x} have no halves",
                hint=f"give it {size + 1} values there, such as a Dense with units={size + 1} before it",
            )
        half = None if size is None else size // 2
        return Tensor((*x.shape[:axis], half, *x.shape[axis + 1 :]), self.dtype_of(x))
