"""Functions of several tensors, value by value, and products of matrices."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import Op
from archgen.layers.checks import require_numbers
from archgen.layers.kinds import Float
from archgen.layers.misfits import clash
from archgen.layers.ops.base import bad, broadcast, check_fits, kind_of_number, pad, wider, wrong_dtype
from archgen.layers.promotion import promote
from archgen.tensors import INTEGERS, Dim, Shape, Tensor, product

Operand = Annotated[float | None, Float()]


class TwoOperands(Op):
    """Base of the functions of two operands, each a tensor or a number."""

    abstract: ClassVar[bool] = True
    category = "merging"
    rule = "shapes matched from the last dimension, dimensions of 1 stretch"

    x1: Operand = None
    x2: Operand = None

    def operands(self, x1: Tensor | None, x2: Tensor | None) -> tuple[Tensor | float, Tensor | float]:
        """What is combined; raises where an operand is missing, given twice, or both are numbers."""
        found: list[Tensor | float] = []
        for name, tensor, number in (("x1", x1, self.x1), ("x2", x2, self.x2)):
            if tensor is not None and number is not None:
                raise bad(f'ops.{self.op} is given "{name}" twice', name, f'leave out "{name}", or the tensor')
            if tensor is None and number is None:
                raise LayerError(
                    f'ops.{self.op} needs "{name}"',
                    code="missing-argument",
                    hint=f'add "{name}": 2.0, or give it two tensors with "from": ["a", "b"]',
                )
            found.append(tensor if tensor is not None else number if number is not None else 0)
        return found[0], found[1]


def check_numbers(operands: tuple[Tensor | float, Tensor | float], dtype: str) -> None:
    """Refuse numbers that the dtype of the result cannot hold."""
    for name, operand in zip(("x1", "x2"), operands, strict=True):
        if not isinstance(operand, Tensor):
            check_fits(operand, dtype, name)


class Binary(TwoOperands):
    """Base of the functions that compute a value of two."""

    abstract: ClassVar[bool] = True
    stricter = {"needs a number": "true and false are no numbers"}
    call_inputs = ("x1", "x2")
    takes_bool: ClassVar[bool] = False
    """Whether it also computes with booleans alone."""
    gives: ClassVar[str | None] = None
    """The dtype of what it gives, where that does not depend on what it takes."""

    def dtype_of(self, *operands: Tensor | float) -> str:
        """The dtype of what it gives."""
        kinds = [x.dtype if isinstance(x, Tensor) else kind_of_number(x) for x in operands]
        dtype = promote(*kinds)
        if dtype == "bool" and not self.takes_bool:
            raise wrong_dtype(self, "a number", "bool and bool")
        return dtype

    def output(self, x1: Tensor | None = None, x2: Tensor | None = None, **call: Any) -> Tensor:
        given = self.operands(x1, x2)
        tensors = [x for x in given if isinstance(x, Tensor)]
        for x in tensors:
            require_numbers(self, x)
        dtype = self.dtype_of(*given)
        check_numbers(given, dtype)
        return Tensor(broadcast(self, *tensors), self.gives or dtype)

    def flops(self, x1: Tensor | None = None, x2: Tensor | None = None, **call: Any) -> Dim:
        return self.output(x1, x2).size


class Add(Binary):
    """``x1 + x2``."""

    op = "add"
    operator = "+"


class Subtract(Binary):
    """``x1 - x2``."""

    op = "subtract"
    operator = "-"


class Multiply(Binary):
    """``x1 * x2``."""

    op = "multiply"
    operator = "*"


class Divide(Binary):
    """``x1 / x2``."""

    op = "divide"

    def dtype_of(self, *operands: Tensor | float) -> str:
        return promote(*(x.dtype for x in operands if isinstance(x, Tensor)), "float")


class TrueDivide(Divide):
    """``x1 / x2``: another name of ``ops.divide``."""

    op = "true_divide"
    operator = "/"


class DivideNoNan(Divide):
    """``x1 / x2``, and 0 where ``x2`` is 0."""

    op = "divide_no_nan"


class FloorDivide(Binary):
    """``x1 / x2`` rounded down."""

    op = "floor_divide"
    operator = "//"


def refuse_half(op: Binary, dtype: str, operands: Sequence[Tensor | float], numbers: tuple[type, ...]) -> None:
    """Refuse half precision beside some numbers: Keras announces one dtype, and TensorFlow computes with the other."""
    if dtype in ("float16", "bfloat16") and any(isinstance(x, numbers) for x in operands):
        raise wrong_dtype(op, "float32 beside a number", dtype)


class Mod(Binary):
    """What ``x1 / x2`` rounded down leaves."""

    op = "mod"
    operator = "%"

    def dtype_of(self, *operands: Tensor | float) -> str:
        dtype = super().dtype_of(*operands)
        refuse_half(self, dtype, operands, (float,))
        return dtype


class Logaddexp(Divide):
    """``log(exp(x1) + exp(x2))``."""

    op = "logaddexp"

    def dtype_of(self, *operands: Tensor | float) -> str:
        dtype = super().dtype_of(*operands)
        refuse_half(self, dtype, operands, (int, float))
        return dtype


class Arctan2(Divide):
    """The angle between the axis and the line to a point, ``x1`` up and ``x2`` across."""

    op = "arctan2"

    def dtype_of(self, *operands: Tensor | float) -> str:
        halves = {x.dtype for x in operands if isinstance(x, Tensor)} & {"float16", "bfloat16"}
        refuse_half(self, min(halves, default=""), operands, (int,))
        return promote(*(x.dtype if isinstance(x, Tensor) else "float32" for x in operands), "float")


class Maximum(Binary):
    """The larger of two values."""

    op = "maximum"


class Minimum(Binary):
    """The smaller of two values."""

    op = "minimum"


class Power(Binary):
    """``x1 ** x2``."""

    op = "power"
    operator = "**"

    def dtype_of(self, *operands: Tensor | float) -> str:
        dtype = super().dtype_of(*operands)
        exponent = operands[1]
        if dtype in INTEGERS and not isinstance(exponent, Tensor) and exponent < 0:
            raise bad(f"integers have no power of {exponent}", "x2", f"write {float(exponent)}")
        return dtype


class Where(TwoOperands):
    """One of two values, as a condition says; either may be a number."""

    op = "where"
    call_inputs = ("condition", "x1", "x2")

    def output(self, condition: Tensor, x1: Tensor | None = None, x2: Tensor | None = None, **call: Any) -> Tensor:
        one, other = self.operands(x1, x2)
        tensors = [condition, *(x for x in (one, other) if isinstance(x, Tensor))]
        for x in tensors:
            require_numbers(self, x)
        dtype = promote(*(x.dtype if isinstance(x, Tensor) else kind_of_number(x) for x in (one, other)))
        if not isinstance(one, Tensor) and not isinstance(other, Tensor):
            dtype = "float32" if "float" in (kind_of_number(one), kind_of_number(other)) else "int32"
        check_numbers((one, other), dtype)
        return Tensor(broadcast(self, *tensors), dtype)


class Matmul(Op):
    """The matrix product over the last dimension of ``x1`` and the last but one of ``x2``."""

    op = "matmul"
    operator = "@"
    call_inputs = ("x1", "x2")
    required_inputs = 2
    rule = "(batch, a, n), (batch, n, b) -> (batch, a, b)"

    def output(self, x1: Tensor, x2: Tensor, **call: Any) -> Tensor:
        for x in (x1, x2):
            require_numbers(self, x)
        shape = self.shape(x1, x2)
        dtype = "int32" if x1.dtype == x2.dtype == "int8" else promote(x1.dtype, x2.dtype)
        return Tensor(shape, dtype)

    def shape(self, x1: Tensor, x2: Tensor) -> Shape:
        if x2.rank < 3 or x1.rank < 2:
            raise LayerError(
                f"ops.matmul of {x1} and {x2} sums over the batch",
                hint='use {"op": "Dot", "axes": -1}, which multiplies example by example',
            )
        if clash(x1.shape[-1], x2.shape[-2]):
            raise LayerError(
                f"ops.matmul cannot sum over {x1.shape[-1]} values of {x1} and {x2.shape[-2]} of {x2}",
                hint='put {"op": "Permute", "dims": [2, 1]} before one of them, or use {"op": "Dot", "axes": -1}',
            )
        short, long = sorted((x1.shape[:-2], x2.shape[:-2]), key=len)
        if len(short) < len(long) and short[:1] != (1,):
            raise LayerError(
                f"ops.matmul matches {x1} and {x2} from the last dimension, so that a batch meets another dimension",
                hint="give both the same number of dimensions, with a Reshape",
            )
        together = list(zip(pad(short, len(long)), long, strict=True))
        if any(clash(a, b) and 1 not in (a, b) for a, b in together):
            raise LayerError(
                f"ops.matmul cannot combine {x1} and {x2}: they differ before the last two dimensions",
                hint="give both the same dimensions there, or 1",
            )
        return (*(wider(a, b) for a, b in together), x1.shape[-2], x2.shape[-1])

    def flops(self, x1: Tensor, x2: Tensor, **call: Any) -> Dim:
        return product((2, x1.shape[-1], *self.shape(x1, x2)[1:]))
