"""Functions that make values: constants of a tensor's shape, codes for classes, copies, borders."""

from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import Op
from archgen.layers.checks import require_numbers
from archgen.layers.kinds import Choice, Float, Int, ListOf, Number, OneOf, PositiveInt
from archgen.layers.ops.base import bad, check_fits
from archgen.layers.ops.elementwise import OptionalDType, Unary
from archgen.layers.ops.ordering import along
from archgen.tensors import FLOATS, Dim, Tensor

Times = Annotated[int | tuple[int, ...], ListOf(Int(1), minimum=1, scalar=True)]
Before = Int(0)
Width = Annotated[
    Any, OneOf(ListOf(ListOf(Before, minimum=2, maximum=2), minimum=1), ListOf(Before, minimum=2, maximum=2), Before)
]
Filler = Annotated[float | None, Float(nullable=True)]
OneAxis = Annotated[int | None, Int(nullable=True)]


class Likeness(Unary):
    """Base of the functions that fill a tensor's shape with one value."""

    abstract: ClassVar[bool] = True
    category = "core"
    cost = 0
    stricter = {"cannot read strings": "zero is no string"}

    dtype: OptionalDType = None

    def dtype_of(self, x: Tensor) -> str:
        own = super().dtype_of(x)
        return self.dtype or own


class ZerosLike(Likeness):
    """Zeros of a tensor's shape."""

    op = "zeros_like"


class OnesLike(Likeness):
    """Ones of a tensor's shape; their running sum along an axis, less 1, gives positions."""

    op = "ones_like"


class FullLike(Likeness):
    """One value throughout a tensor's shape."""

    op = "full_like"
    stricter = {"is no value of": "the fraction would be cut off"}
    drops = ("dtype",)

    fill_value: Number
    dtype: OptionalDType = None

    def dtype_of(self, x: Tensor) -> str:
        dtype = super().dtype_of(x)
        if dtype not in FLOATS and self.fill_value != int(self.fill_value):
            raise bad(f"{self.fill_value} is no value of {dtype}", "fill_value", f"write {int(self.fill_value)}")
        check_fits(self.fill_value, dtype, "fill_value")
        return dtype


class OneHot(Op):
    """A 1 at the place of each class of ``num_classes``, zeros elsewhere."""

    op = "one_hot"
    category = "preprocessing"
    left_out = {"sparse": "one kind of tensor only"}
    stricter = {"num_classes: expected": "no classes leave nothing"}
    rule = "(batch, ...) -> (batch, ..., num_classes)"

    num_classes: PositiveInt
    axis: Annotated[int, Int(-1)] = -1
    dtype: OptionalDType = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_numbers(self, x)
        if self.axis >= x.rank:
            raise LayerError(
                f"axis {self.axis} is past the last of {x}",
                param="axis",
                hint=f'use "axis" from 0 to {x.rank - 1}, or -1 to put the classes last',
            )
        shape = list(x.shape)
        shape.insert(x.rank if self.axis == -1 else self.axis, self.num_classes)
        return Tensor(tuple(shape), self.dtype or "float32")


class Repeat(Op):
    """Each value ``repeats`` times along an axis."""

    op = "repeat"
    category = "reshaping"
    rule = "repeats 2 on axis 1: (batch, a) -> (batch, 2 * a)"

    repeats: Times
    axis: OneAxis = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        (axis,) = along(self, self.axis, x)
        size, times = x.shape[axis], self.repeats
        if not isinstance(times, int) and len(times) > 1 and size != len(times):
            raise LayerError(
                f"{len(times)} numbers of repeats for {'an unknown number of' if size is None else size} values along "
                f"axis {self.axis} of {x}",
                param="repeats",
                hint=f"use one number, or one for each of {'as many values' if size is None else size}",
            )
        total = times * (size or 0) if isinstance(times, int) else sum(times) * (size or 0 if len(times) == 1 else 1)
        return Tensor((*x.shape[:axis], None if size is None else total, *x.shape[axis + 1 :]), x.dtype)


class Tile(Op):
    """The tensor ``repeats`` times along each dimension, the batch included, counted from the last."""

    op = "tile"
    category = "reshaping"
    rule = "repeats [1, 2, 1]: (batch, a, b) -> (batch, 2 * a, b)"

    repeats: Times

    def output(self, x: Tensor, **call: Any) -> Tensor:
        given = (self.repeats,) if isinstance(self.repeats, int) else tuple(self.repeats)
        times = (1,) * (x.rank - len(given)) + given
        shape = (1,) * (len(times) - x.rank) + x.shape
        if times[len(times) - x.rank] != 1:
            raise LayerError(
                f"ops.tile of axis 0 of {x} mixes the examples of a batch: there would be more of them",
                param="repeats",
                hint=f'use "repeats": {[1] * (len(times) - x.rank + 1) + list(times[len(times) - x.rank + 1 :])}',
            )
        return Tensor(tuple(None if a is None else a * b for a, b in zip(shape, times, strict=True)), x.dtype)


class Pad(Op):
    """Values put before and after those along each dimension, the batch included."""

    op = "pad"
    category = "reshaping"
    rule = "pad_width [[0, 0], [1, 2]]: (batch, a) -> (batch, a + 3)"
    stricter = {
        "needs a pair": "one pair for all dimensions pads the batch too",
        "cannot read strings": "zero is no string",
    }
    samples = {
        "pad_width": [[[0, 0], *pairs] for pairs in ([[1, 0]], [[1, 2], [0, 1]], [[0, 0], [2, 2]], [[0, 1]] * 3, [])]
        + [1, [0, 1], [[1, 0], [1, 1]]]
    }
    sample_ranks = (2, 3, 3, 4)

    pad_width: Width
    mode: Annotated[str, Choice("constant", "reflect", "symmetric")] = "constant"
    constant_values: Filler = None

    def check(self) -> None:
        if self.mode != "constant" and self.constant_values is not None:
            raise bad(
                f'"{self.mode}" takes its values from the tensor', "constant_values", 'leave "constant_values" out'
            )

    def for_each(self, count: int) -> list[list[int]]:
        """The pairs for the dimensions after the batch, as far as ``pad_width`` tells them."""
        widths = [self.pad_width] * 2 if isinstance(self.pad_width, int) else list(self.pad_width)
        pairs = (
            [widths] * count
            if isinstance(widths[0], int)
            else [list(pair) for pair in widths[-count:] if not isinstance(pair, int)]
        )
        return pairs if len(pairs) == count else [[1, 1]] * count

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_numbers(self, x)
        widths = self.pad_width
        if isinstance(widths, int) or isinstance(widths[0], int) or len(widths) != x.rank or tuple(widths[0]) != (0, 0):
            raise LayerError(
                f"ops.pad of {x} needs a pair for each of {x.rank} dimensions, and [0, 0] for the batch",
                param="pad_width",
                hint=f'use "pad_width": {[[0, 0], *self.for_each(x.rank - 1)]}',
            )
        if self.constant_values is not None:
            if not x.is_float and not (x.is_integer and isinstance(self.constant_values, int)):
                raise bad(f"{self.constant_values} is no value of {x.dtype}", "constant_values")
            check_fits(self.constant_values, x.dtype, "constant_values")
        return Tensor(tuple(self.padded(x, axis) for axis in range(x.rank)), x.dtype)

    def padded(self, x: Tensor, axis: int) -> Dim:
        """The size of a dimension with its borders."""
        size = x.shape[axis]
        before, after = map(int, self.pad_width[axis])
        if size is None:
            return None
        most = size - (self.mode == "reflect")
        if self.mode != "constant" and max(before, after) > most:
            raise LayerError(
                f'"{self.mode}" can add at most {most} to the {size} values along axis {axis} of {x}, '
                f"found {max(before, after)}",
                param=("pad_width", axis),
                hint=f"use at most {most}",
            )
        return size + before + after


class BlockMove(Op):
    """Base of the functions that move blocks of places into channels and back."""

    abstract: ClassVar[bool] = True
    category = "reshaping"

    block_size: Annotated[int, Int(2)]
    data_format: Annotated[str, Choice("channels_last", "channels_first")] = "channels_last"

    def sizes(self, x: Tensor) -> tuple[Dim, Dim, Dim, Dim]:
        """Batch, rows, columns and channels."""
        require_numbers(self, x)
        if x.rank != 4:
            raise LayerError(
                f"ops.{self.op} needs images, (batch, height, width, channels), found {x}",
                hint='put {"op": "Reshape", "target_shape": [height, width, channels]} before it',
            )
        batch, *others = x.shape
        if self.data_format == "channels_first":
            others = [*others[1:], others[0]]
        return batch, others[0], others[1], others[2]

    def give(self, x: Tensor, batch: Dim, rows: Dim, columns: Dim, channels: Dim) -> Tensor:
        """Images of these sizes."""
        if self.data_format == "channels_first":
            return x.reshaped(batch, channels, rows, columns)
        return x.reshaped(batch, rows, columns, channels)


class DepthToSpace(BlockMove):
    """Channels moved into blocks of ``block_size`` by ``block_size`` places: an image as much larger."""

    op = "depth_to_space"
    rule = "block_size 2: (batch, h, w, 4 * c) -> (batch, 2 * h, 2 * w, c)"

    def output(self, x: Tensor, **call: Any) -> Tensor:
        batch, rows, columns, channels = self.sizes(x)
        places = self.block_size**2
        if channels is not None and channels % places:
            more = -(-channels // places) * places
            raise LayerError(
                f"{channels} channels of {x} do not fill blocks of {self.block_size} * {self.block_size} = {places}",
                param="block_size",
                hint=f"give it {more} channels, such as a Conv2D with filters={more} before it",
            )
        grown = [None if size is None else size * self.block_size for size in (rows, columns)]
        return self.give(x, batch, grown[0], grown[1], None if channels is None else channels // places)


class SpaceToDepth(BlockMove):
    """Blocks of ``block_size`` by ``block_size`` places moved into channels: an image as much smaller."""

    op = "space_to_depth"
    rule = "block_size 2: (batch, 2 * h, 2 * w, c) -> (batch, h, w, 4 * c)"

    def output(self, x: Tensor, **call: Any) -> Tensor:
        batch, rows, columns, channels = self.sizes(x)
        for size in (rows, columns):
            if size is not None and size % self.block_size:
                raise LayerError(
                    f"{size} places of {x} do not divide into blocks of {self.block_size}: {size % self.block_size} "
                    "would be left",
                    param="block_size",
                    hint="use a divisor of height and width, or pad them with a ZeroPadding2D before it",
                )
        small = [None if size is None else size // self.block_size for size in (rows, columns)]
        return self.give(x, batch, small[0], small[1], None if channels is None else channels * self.block_size**2)
