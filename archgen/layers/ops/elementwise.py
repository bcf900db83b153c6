"""Functions of each value."""

from typing import Annotated, Any, ClassVar

from archgen.layers.base import Op
from archgen.layers.checks import require_floats, require_numbers
from archgen.layers.kinds import Choice, Float, Int
from archgen.layers.ops.base import bad, check_fits, wrong_dtype
from archgen.layers.promotion import to_float
from archgen.tensors import FLOATS, INTEGERS, Dim, Tensor

Bound = Annotated[float, Float()]
AnyDType = Annotated[str, Choice(*FLOATS, *INTEGERS, "bool")]
OptionalDType = Annotated[str | None, Choice(*FLOATS, *INTEGERS, "bool", nullable=True)]
Decimals = Annotated[int, Int()]


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


class AbsoluteByItsLongName(Absolute):
    """The absolute value: another name of ``ops.abs``."""

    op = "absolute"

    @property
    def keras_class(self) -> str:
        return "Absolute"


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


class Expm1(Fractional):
    """``exp(x) - 1``, exact near zero."""

    op = "expm1"


class Log1p(Fractional):
    """``log(1 + x)``, exact near zero."""

    op = "log1p"


class Log2(Fractional):
    """The logarithm to base 2."""

    op = "log2"


class Log10(Fractional):
    """The logarithm to base 10."""

    op = "log10"


class Tan(Fractional):
    """The tangent."""

    op = "tan"


class Arcsin(Fractional):
    """The inverse of the sine."""

    op = "arcsin"


class Arccos(Fractional):
    """The inverse of the cosine."""

    op = "arccos"


class Arctan(Fractional):
    """The inverse of the tangent."""

    op = "arctan"


class Sinh(Fractional):
    """The hyperbolic sine."""

    op = "sinh"


class Cosh(Fractional):
    """The hyperbolic cosine."""

    op = "cosh"


class Arcsinh(Fractional):
    """The inverse of the hyperbolic sine."""

    op = "arcsinh"


class Arccosh(Fractional):
    """The inverse of the hyperbolic cosine."""

    op = "arccosh"


class Arctanh(Fractional):
    """The inverse of the hyperbolic tangent."""

    op = "arctanh"


class Sinc(Fractional):
    """``sin(pi * x) / (pi * x)``, 1 at zero."""

    op = "sinc"


class Floor(Fractional):
    """The next whole number below."""

    op = "floor"


class Ceil(Fractional):
    """The next whole number above."""

    op = "ceil"


class Erf(Floating):
    """The error function."""

    op = "erf"


class OnlyFloat32(Floating):
    """Base of the functions that Keras announces as float32 whatever they give."""

    abstract: ClassVar[bool] = True

    def dtype_of(self, x: Tensor) -> str:
        if x.dtype != "float32":
            raise wrong_dtype(self, "float32", x.dtype)
        return x.dtype


class Reciprocal(OnlyFloat32):
    """``1 / x``."""

    op = "reciprocal"


class Trunc(Unary):
    """The whole number next to it towards zero."""

    op = "trunc"


class Round(Signed):
    """The nearest number with ``decimals`` decimals, the even one where two are as near."""

    op = "round"

    decimals: Decimals = 0


class StopGradient(Unary):
    """The values, through which nothing before is trained."""

    op = "stop_gradient"
    call_inputs = ("variable",)
    category = "core"
    cost = 0

    def dtype_of(self, x: Tensor) -> str:
        return x.dtype


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
