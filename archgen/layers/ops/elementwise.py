"""Functions of each value."""

from typing import Annotated, Any, ClassVar

from archgen.layers.base import Op
from archgen.layers.checks import require_floats, require_numbers, resolve_axis
from archgen.layers.kinds import Axis, Choice, Flag, Float, Number
from archgen.layers.ops.base import bad, check_fits, wrong_dtype
from archgen.layers.promotion import to_float
from archgen.tensors import FLOATS, INTEGERS, Dim, Tensor

Bound = Annotated[float, Float()]
AnyDType = Annotated[str, Choice(*FLOATS, *INTEGERS, "bool")]


class Unary(Op):
    """Base of the functions that keep the shape."""

    abstract: ClassVar[bool] = True
    rule = "the input's shape"
    cost: ClassVar[int] = 1
    """Operations per value; none for activation functions."""

    def dtype_of(self, x: Tensor) -> str:
        """The dtype of what it gives; raises on a dtype that it cannot take."""
        require_numbers(self, x)
        return x.dtype

    def output(self, x: Tensor, **call: Any) -> Tensor:
        return Tensor(x.shape, self.dtype_of(x))

    def flops(self, x: Tensor, **call: Any) -> Dim:
        return None if x.size is None else self.cost * x.size


class Floating(Unary):
    """Base of the functions of floating-point values."""

    abstract: ClassVar[bool] = True

    def dtype_of(self, x: Tensor) -> str:
        require_floats(self, x)
        return x.dtype


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
        resolve_axis(self, self.axis, x)
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


class Rsqrt(Floating):
    """One over the square root."""

    op = "rsqrt"


class Signed(Unary):
    """Base of the functions that booleans have none of."""

    abstract: ClassVar[bool] = True

    def dtype_of(self, x: Tensor) -> str:
        if x.dtype == "bool":
            raise wrong_dtype(self, "numbers", x.dtype)
        return super().dtype_of(x)


class Relu(Signed):
    """``max(x, 0)``."""

    op = "relu"
    category = "activation"
    cost = 0


class Negative(Signed):
    """``-x``."""

    op = "negative"

    def dtype_of(self, x: Tensor) -> str:
        if x.dtype.startswith("uint"):
            raise wrong_dtype(self, "signed numbers", x.dtype)
        return super().dtype_of(x)


class Sign(Signed):
    """-1, 0 or 1."""

    op = "sign"


class Absolute(Unary):
    """The absolute value."""

    op = "abs"


class Square(Unary):
    """``x * x``."""

    op = "square"

    def dtype_of(self, x: Tensor) -> str:
        return "int32" if x.dtype == "bool" else super().dtype_of(x)


class Fractional(Unary):
    """Base of the functions that make floating-point values of any numbers."""

    abstract: ClassVar[bool] = True

    def dtype_of(self, x: Tensor) -> str:
        return to_float(super().dtype_of(x))


class Tanh(Fractional):
    """The hyperbolic tangent."""

    op = "tanh"
    category = "activation"
    cost = 0


class Exp(Fractional):
    """The exponential."""

    op = "exp"


class Log(Fractional):
    """The natural logarithm."""

    op = "log"


class Sqrt(Fractional):
    """The square root."""

    op = "sqrt"


class Sin(Fractional):
    """The sine."""

    op = "sin"


class Cos(Fractional):
    """The cosine."""

    op = "cos"


class Clip(Unary):
    """Values below ``x_min`` or above ``x_max`` replaced by these."""

    op = "clip"
    cost = 2

    x_min: Bound
    x_max: Bound

    def dtype_of(self, x: Tensor) -> str:
        dtype = "int32" if x.dtype == "bool" else super().dtype_of(x)
        for name in ("x_min", "x_max"):
            bound = getattr(self, name)
            if dtype in INTEGERS and not isinstance(bound, int):
                raise bad(f"integers are clipped to integers, found {bound}", name, f"write {round(bound)}")
            check_fits(bound, dtype, name)
        return dtype


class Cast(Unary):
    """The values in another dtype."""

    op = "cast"
    category = "reshaping"
    cost = 0

    dtype: AnyDType

    def dtype_of(self, x: Tensor) -> str:
        require_numbers(self, x)
        return self.dtype
