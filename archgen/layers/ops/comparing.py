"""Functions that ask: two values compared, and what is true of one."""

from typing import ClassVar

from archgen.layers.checks import require_numbers
from archgen.layers.ops.base import wrong_dtype
from archgen.layers.ops.combining import Binary
from archgen.layers.ops.elementwise import Unary
from archgen.tensors import Tensor


class Comparison(Binary):
    """Base of the comparisons of two values."""

    abstract: ClassVar[bool] = True
    gives = "bool"
    takes_bool = True
    mirrored = True


class Equal(Comparison):
    """Whether two values are equal."""

    op = "equal"


class NotEqual(Comparison):
    """Whether two values differ."""

    op = "not_equal"
    operator = "!="


class Greater(Comparison):
    """``x1 > x2``."""

    op = "greater"
    operator = ">"
    takes_bool = False


class GreaterEqual(Greater):
    """``x1 >= x2``."""

    op = "greater_equal"
    operator = ">="


class Less(Greater):
    """``x1 < x2``."""

    op = "less"
    operator = "<"


class LessEqual(Greater):
    """``x1 <= x2``."""

    op = "less_equal"
    operator = "<="


class LogicalAnd(Comparison):
    """Whether both are true; a number is unless it is zero."""

    op = "logical_and"


class LogicalOr(Comparison):
    """Whether one at least is true; a number is unless it is zero."""

    op = "logical_or"


class LogicalXor(Comparison):
    """Whether one is true and the other is not; a number is unless it is zero."""

    op = "logical_xor"


class Question(Unary):
    """Base of what is true or false of a value."""

    abstract: ClassVar[bool] = True

    def dtype_of(self, x: Tensor) -> str:
        require_numbers(self, x)
        return "bool"


class LogicalNot(Question):
    """Whether it is not true: zero, where it is a number."""

    op = "logical_not"


class OfFloats(Question):
    """Base of what is asked of floating-point values; TensorFlow can answer it for others in a known batch only."""

    abstract: ClassVar[bool] = True
    stricter = {"cannot read strings": "a string is no number"}

    def dtype_of(self, x: Tensor) -> str:
        if not x.is_float and x.shape[:1] == (None,):
            raise wrong_dtype(self, "floating-point values", x.dtype)
        return super().dtype_of(x)


class Isnan(OfFloats):
    """Whether it is not a number."""

    op = "isnan"


class Isfinite(OfFloats):
    """Whether it is neither infinite nor not a number."""

    op = "isfinite"


class Isinf(OfFloats):
    """Whether it is infinite."""

    op = "isinf"
