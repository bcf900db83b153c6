"""Functions that make one value of many along axes."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import Op
from archgen.layers.checks import require_numbers, resolve_axes
from archgen.layers.kinds import Choice, Flag, Float, Int, ListOf, OneOf, show
from archgen.layers.ops.base import bad, check_fits, check_keeps_batch, wrong_dtype
from archgen.layers.promotion import to_float, to_total
from archgen.tensors import Dim, Tensor

ReducedAxes = Annotated[int | tuple[int, ...] | None, ListOf(Int(), minimum=1, scalar=True, nullable=True)]
OneAxis = Annotated[int | None, Int(nullable=True)]
Initial = Annotated[float | None, Float(nullable=True)]
Order = Annotated[int | float | str | None, OneOf(Choice("fro", "nuc"), Float(), nullable=True)]
MATRIX_ORDERS = (None, "fro", "nuc", 1, -1, 2, -2)


class Reduction(Op):
    """Base of the functions that reduce axes, all of an example's or those given."""

    abstract: ClassVar[bool] = True
    category = "pooling"
    rule = "the input's shape without the axes, or with 1 in their place where keepdims is true"
    cost: ClassVar[int] = 1

    axis: ReducedAxes = None
    keepdims: Flag = False

    def axes(self, x: Tensor) -> tuple[int, ...]:
        """The axes that are reduced; raises where the batch is among them."""
        if self.axis is None:
            raise LayerError(
                f"ops.{self.op} without an axis mixes the examples of a batch",
                param="axis",
                hint=f'use "axis": {list(range(1, x.rank)) if x.rank > 2 else 1}',
            )
        axes = resolve_axes(self, self.axis, x)
        for axis in axes:
            check_keeps_batch(self, axis, x)
        return axes

    def dtype_of(self, x: Tensor) -> str:
        """The dtype of what it gives."""
        return x.dtype

    def output(self, x: Tensor, **call: Any) -> Tensor:
        axes = self.axes(x)
        require_numbers(self, x)
        kept = [(1 if axis in axes else dim) for axis, dim in enumerate(x.shape) if self.keepdims or axis not in axes]
        return Tensor(tuple(kept), self.dtype_of(x))

    def flops(self, x: Tensor, **call: Any) -> Dim:
        return None if x.size is None else self.cost * x.size


class Mean(Reduction):
    """The mean."""

    op = "mean"

    def dtype_of(self, x: Tensor) -> str:
        return to_float(x.dtype)


class Var(Mean):
    """The variance."""

    op = "var"
    cost = 4


class Std(Var):
    """The standard deviation."""

    op = "std"


class Sum(Reduction):
    """The sum."""

    op = "sum"

    def dtype_of(self, x: Tensor) -> str:
        if x.dtype == "uint64":
            # Of a sum Keras announces uint32 and gives uint64, of a product the other way round.
            raise wrong_dtype(self, "another dtype", x.dtype, "int64")
        return to_total(x.dtype)


class Prod(Sum):
    """The product."""

    op = "prod"
    left_out = {"dtype": "Keras announces it and gives another"}


class Extremum(Reduction):
    """Base of the largest and the smallest value."""

    abstract: ClassVar[bool] = True

    initial: Initial = None

    def dtype_of(self, x: Tensor) -> str:
        if self.initial is not None:
            if not x.is_float and not (x.is_integer and isinstance(self.initial, int)):
                raise bad(f"{self.initial} is no value of {x.dtype}", "initial", 'leave out "initial"')
            check_fits(self.initial, x.dtype, "initial")
        return x.dtype


class Max(Extremum):
    """The largest value."""

    op = "max"


class Min(Extremum):
    """The smallest value."""

    op = "min"


class Amax(Reduction):
    """The largest value: ``ops.max`` without ``initial``."""

    op = "amax"


class Amin(Reduction):
    """The smallest value: ``ops.min`` without ``initial``."""

    op = "amin"


class Logsumexp(Reduction):
    """``log(sum(exp(x)))``."""

    op = "logsumexp"
    cost = 2

    def dtype_of(self, x: Tensor) -> str:
        if x.dtype != "float32":
            # Keras announces float32 whatever it gives.
            raise wrong_dtype(self, "float32", x.dtype)
        return x.dtype


class Truth(Reduction):
    """Base of what is true of many values; a number is true unless it is zero."""

    abstract: ClassVar[bool] = True

    def dtype_of(self, x: Tensor) -> str:
        return "bool"


class AllOf(Truth):
    """Whether all are true."""

    op = "all"

    @property
    def keras_class(self) -> str:
        return "All"


class AnyOf(Truth):
    """Whether one at least is true."""

    op = "any"

    @property
    def keras_class(self) -> str:
        return "Any"


class CountNonzero(Reduction):
    """How many are not zero."""

    op = "count_nonzero"
    drops = ("keepdims",)
    keepdims = False

    def dtype_of(self, x: Tensor) -> str:
        return "int32"


class Average(Mean):
    """The mean along one axis."""

    op = "average"
    drops = ("keepdims",)
    keepdims = False
    left_out = {"weights": "multiply by them and take the sum"}

    axis: OneAxis = None


class Place(Reduction):
    """Base of where along an axis the largest or smallest value stands."""

    abstract: ClassVar[bool] = True

    axis: OneAxis = None

    def dtype_of(self, x: Tensor) -> str:
        return "int32"


class Argmax(Place):
    """Where along an axis the largest value stands, the first of those that are equal."""

    op = "argmax"


class Argmin(Place):
    """Where along an axis the smallest value stands, the first of those that are equal."""

    op = "argmin"


class Norm(Reduction):
    """The norm of vectors along one axis, or of matrices along two."""

    op = "norm"
    category = "normalization"
    cost = 2
    drops = ("axis", "keepdims")
    stricter = {"puts the axes back": "TensorFlow gives another shape than announced, or fails"}

    ord: Order = None
    axis: ReducedAxes = None
    keepdims: Flag = False

    def axes(self, x: Tensor) -> tuple[int, ...]:
        axes = super().axes(x)
        if len(axes) > 2:
            raise bad(f"norms are of vectors or matrices, found {len(axes)} axes", "axis", "use one axis or two")
        if isinstance(self.ord, str) and len(axes) == 1:
            raise bad(f'vectors have no norm "{self.ord}"', "ord", "use a number, or two axes")
        if len(axes) == 2 and self.ord not in MATRIX_ORDERS:
            raise bad(f"matrices have no norm {self.ord}", "ord", 'use "fro", "nuc", 1, -1, 2 or -2')
        if len(axes) == 2 and self.ord in ("nuc", 2, -2) and x.dtype in ("float16", "bfloat16"):
            raise bad(f"the norm {self.ord} needs float32, found {x.dtype}", "ord", 'cast with "ops.cast" before it')
        if len(axes) == 2 and self.ord in ("nuc", 2, -2) and self.keepdims and not self.goes_back(axes, x.rank):
            raise bad(
                f"Keras puts the axes back in other places for {show(self.axis)}",
                "axis",
                f'use "axis": {sorted(axes)}',
            )
        return axes

    def goes_back(self, axes: tuple[int, ...], rank: int) -> bool:
        """Whether the two axes that are kept as 1 stand where they stood: Keras puts in one after the other."""
        assert isinstance(self.axis, Sequence)
        left = [axis for axis in range(rank) if axis not in axes]
        for axis in self.axis:
            place = axis if axis >= 0 else len(left) + 1 + axis
            if place > len(left):
                return False
            left.insert(place, -1)
        return left == [-1 if axis in axes else axis for axis in range(rank)]

    def dtype_of(self, x: Tensor) -> str:
        return to_float(x.dtype)
