"""Functions that go along an axis of an example: in order, in another order, in running totals."""

from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import Op
from archgen.layers.checks import require_numbers, require_rank, resolve_axes, resolve_axis
from archgen.layers.kinds import Choice, Flag, Float, Int, ListOf, PositiveInt
from archgen.layers.ops.base import bad, check_keeps_batch, wrong_dtype
from archgen.layers.ops.elementwise import Floating, Unary
from archgen.tensors import FLOATS, INTEGERS, Tensor

OneAxis = Annotated[int | None, Int(nullable=True)]
SomeAxes = Annotated[int | tuple[int, ...] | None, ListOf(Int(), minimum=1, scalar=True, nullable=True)]
Shift = Annotated[int | tuple[int, ...], ListOf(Int(), minimum=1, scalar=True)]
TotalDType = Annotated[str | None, Choice(*FLOATS, *INTEGERS, nullable=True)]
Diagonal = Annotated[int, Int()]


def along(op: Op, axis: int | tuple[int, ...] | None, x: Tensor) -> tuple[int, ...]:
    """The axes of an example that a function goes along; raises where it would go along the batch."""
    if axis is None:
        raise LayerError(
            f"ops.{op.op} without an axis mixes the examples of a batch",
            param="axis",
            hint=f'use "axis": {1 if x.rank > 1 else -1}',
        )
    axes = resolve_axes(op, axis, x)
    for each in axes:
        check_keeps_batch(op, each, x)
    return axes


class Ordering(Unary):
    """Base of the functions that go along one axis and keep the shape."""

    abstract: ClassVar[bool] = True
    category = "reshaping"
    cost = 0

    axis: OneAxis = -1

    def output(self, x: Tensor, **call: Any) -> Tensor:
        given = super().output(x)
        along(self, self.axis, x)
        return given


class Sort(Ordering):
    """The values along an axis from the smallest to the largest."""

    op = "sort"


class Argsort(Ordering):
    """Where the values along an axis stand that ``ops.sort`` puts in order."""

    op = "argsort"

    def dtype_of(self, x: Tensor) -> str:
        require_numbers(self, x)
        return "int32"


class Cumsum(Ordering):
    """Running sums along an axis, each with the value itself."""

    op = "cumsum"
    category = "ops"
    cost = 1

    axis: OneAxis = None
    dtype: TotalDType = None

    def dtype_of(self, x: Tensor) -> str:
        own = super().dtype_of(x)
        return self.dtype or ("int32" if own == "bool" else own)


class Cumprod(Cumsum):
    """Running products along an axis, each with the value itself."""

    op = "cumprod"


class Flip(Unary):
    """The values along axes from the last to the first."""

    op = "flip"
    category = "reshaping"
    cost = 0

    axis: SomeAxes = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        along(self, self.axis, x)
        return super().output(x)

    def dtype_of(self, x: Tensor) -> str:
        return x.dtype


class Roll(Unary):
    """The values along axes moved on by ``shift`` places; what leaves at the end enters at the start."""

    op = "roll"
    category = "reshaping"
    cost = 0
    stricter = {"names one axis": "one shift says it"}

    shift: Shift
    axis: SomeAxes = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        axes = along(self, self.axis, x)
        shifts = (self.shift,) if isinstance(self.shift, int) else self.shift
        if isinstance(self.shift, int) != isinstance(self.axis, int):
            lists = f'"shift": {list(shifts)}, "axis": {list(axes)}'
            raise bad("shift and axis are two numbers or two lists, found one of each", "shift", f"use {lists}")
        if len(shifts) != len(axes):
            raise bad(
                f"{len(shifts)} shift{'s' * (len(shifts) > 1)} for {len(axes)} axes",
                "shift",
                f"use one for each of the axes, as in {[shifts[0]] * len(axes)}",
            )
        return super().output(x)

    def dtype_of(self, x: Tensor) -> str:
        return x.dtype


class Triangle(Unary):
    """Base of the functions that keep a triangle of each matrix of the last two dimensions."""

    abstract: ClassVar[bool] = True
    cost = 0
    stricter = {"cannot read strings": "zero is no string"}

    k: Diagonal = 0

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_rank(self, x, 2)
        if x.rank == 2:
            raise LayerError(
                f"ops.{self.op} of {x} mixes the examples of a batch: they are the rows of the matrix",
                hint='put {"op": "ops.expand_dims", "axis": 1} before it',
            )
        self.check_diagonal(x)
        return super().output(x)

    def check_diagonal(self, x: Tensor) -> None:
        """Refuse a diagonal past the corner, which TensorFlow has none of."""
        raise NotImplementedError

    def past(self, x: Tensor, what: str, size: int) -> LayerError:
        """The error for a diagonal past the corner."""
        return bad(
            f"diagonal {self.k} is past the {size} {what} of {x}",
            "k",
            f'use "k": {size if self.k > 0 else -size}, which keeps all, or leave the function out',
        )


class Tril(Triangle):
    """Each matrix with zeros above the ``k``-th diagonal."""

    op = "tril"

    def check_diagonal(self, x: Tensor) -> None:
        if x.channels is not None and self.k > x.channels:
            raise self.past(x, "columns", x.channels)


class Triu(Triangle):
    """Each matrix with zeros below the ``k``-th diagonal."""

    op = "triu"

    def check_diagonal(self, x: Tensor) -> None:
        rows = x.shape[-2]
        if rows is not None and -self.k > rows:
            raise self.past(x, "rows", rows)


class Normalize(Floating):
    """The values divided by the norm of order ``order`` along axes."""

    op = "normalize"
    stricter = {"names one axis": "once says it"}
    category = "normalization"
    cost = 3

    axis: SomeAxes = -1
    order: PositiveInt = 2
    epsilon: Annotated[float | None, Float(above=0, nullable=True)] = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        along(self, self.axis, x)
        return super().output(x)

    def dtype_of(self, x: Tensor) -> str:
        # Keras announces float32 whatever it gives, and squares no integers.
        if (x.is_integer or x.dtype == "bool") and self.order != 2:
            return "float32"
        if x.dtype != "float32":
            raise wrong_dtype(self, "float32", x.dtype)
        return x.dtype


class TopK(Op):
    """The ``k`` largest values along the last dimension, and where they stand."""

    op = "top_k"
    stricter = {"k: expected": "the 0 largest values are none"}
    category = "pooling"
    rule = "(batch, ..., n) -> (batch, ..., k), (batch, ..., k)"

    k: PositiveInt
    sorted: Flag = True

    def output(self, x: Tensor, **call: Any) -> tuple[Tensor, Tensor]:
        require_numbers(self, x)
        if x.dtype == "bool":
            raise wrong_dtype(self, "numbers", x.dtype)
        check_keeps_batch(self, resolve_axis(self, -1, x), x, "k")
        if x.channels is not None and self.k > x.channels:
            raise LayerError(
                f"there are {x.channels} values to find the {self.k} largest of in {x}",
                param="k",
                hint=f'use "k": {x.channels} or less',
            )
        shape = (*x.shape[:-1], self.k)
        return Tensor(shape, x.dtype), Tensor(shape, "int32")
