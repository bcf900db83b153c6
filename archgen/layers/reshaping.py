"""Layers that move, repeat, add or drop values and compute nothing."""

from typing import Annotated, Any

from archgen.errors import LayerError
from archgen.layers.base import Layer
from archgen.layers.checks import require_floats, require_rank
from archgen.layers.kinds import (
    Choice,
    DataFormat,
    Int,
    ListOf,
    OneOf,
    Pair,
    PositiveInt,
    Sizes,
    TargetShape,
    Triple,
)
from archgen.layers.spatial import AXES, Spatial
from archgen.tensors import Dim, Tensor, product


class EndsOf(OneOf):
    """How much at both ends of each spatial dimension: one number for all, or per dimension a number or a pair."""

    def __init__(self, spatial: int) -> None:
        super().__init__(Int(0), ListOf(Sizes(2, 0), minimum=spatial, maximum=spatial))
        self.spatial = spatial

    def phrase(self) -> str:
        return f"a whole number of at least 0, or a list of {self.spatial}, each one number or [start, end]"


Ends = Annotated[Any, Sizes(2, 0)]
Ends2D = Annotated[Any, EndsOf(2)]
Ends3D = Annotated[Any, EndsOf(3)]
Dims = Annotated[tuple[int, ...], ListOf(Int())]
Interpolation = Annotated[str, Choice("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area")]


class Flatten(Layer):
    """All dimensions but the batch as one."""

    category = "reshaping"
    rule = "(batch, a, b, ...) -> (batch, a * b * ...)"

    data_format: DataFormat = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_rank(self, x, 1)
        return self.cast(x).reshaped(x.batch, x.size)


class Reshape(Layer):
    """The same values in another shape; one dimension may be -1, what is left."""

    category = "reshaping"
    rule = "(batch, ...) -> (batch, *target_shape)"

    target_shape: TargetShape

    def check(self) -> None:
        if 0 in self.target_shape:
            raise LayerError(
                "a dimension of 0 leaves nothing",
                param="target_shape",
                code="bad-argument",
                hint="use positive sizes, and -1 for one to work out",
            )
        if sum(dim in (-1, None) for dim in self.target_shape) > 1:
            raise LayerError(
                f"only one dimension can be worked out, found {show(self.target_shape)}",
                param="target_shape",
                code="bad-argument",
                hint="write a number in place of -1 in all places but one",
            )

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_rank(self, x, 1)
        kept = product(tuple(dim for dim in self.target_shape if dim not in (-1, None))) or 1
        whole = all(dim not in (-1, None) for dim in self.target_shape)
        if x.size is None:
            self.check_divides(x, kept, whole)
            return self.cast(x).reshaped(x.batch, *(None if dim == -1 else dim for dim in self.target_shape))
        if x.size != kept if whole else x.size % kept:
            raise self.misfit(x, f"{x.size} values", kept, whole)
        # Keras leaves a null unknown, although the sizes settle it.
        left = x.size // kept
        return self.cast(x).reshaped(x.batch, *(left if dim == -1 else dim for dim in self.target_shape))

    def check_divides(self, x: Tensor, kept: int, whole: bool) -> None:
        """Whatever the unknown dimensions turn out to be, the known ones must divide a size fixed in full."""
        known = product(tuple(dim for dim in x.shape[1:] if dim is not None)) or 1
        if whole and kept % known:
            raise self.misfit(x, f"a multiple of {known} values", kept, whole)

    def misfit(self, x: Tensor, found: str, kept: int, whole: bool) -> LayerError:
        wanted = f"{kept}" if whole else f"a multiple of {kept}"
        target = show(self.target_shape)
        return LayerError(
            f"{x} has {found} per example, {target} takes {wanted}",
            param="target_shape",
            hint=(
                f'use a "target_shape" of {x.size} values, such as [{x.size}]' if x.size else 'use "target_shape": [-1]'
            ),
        )


def show(shape: tuple[Dim, ...]) -> str:
    """A target shape as the spec writes it."""
    return "[" + ", ".join("null" if dim is None else str(dim) for dim in shape) + "]"


def turned(count: int) -> list[int]:
    """An order of so many dimensions, as an example.

    >>> turned(3), turned(1)
    ([2, 1, 3], [1])
    """
    return [2, 1, *range(3, count + 1)] if count > 1 else [1]


class Permute(Layer):
    """The dimensions in another order; ``dims`` counts them from 1, without the batch."""

    category = "reshaping"
    rule = "dims [2, 1]: (batch, a, b) -> (batch, b, a)"

    dims: Dims

    def check(self) -> None:
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise LayerError(
                f"dims {list(self.dims)} is no order of 1 to {len(self.dims)}",
                param="dims",
                code="bad-argument",
                hint=f"name every dimension but the batch once, counted from 1, as in {turned(len(self.dims))}",
            )

    def output(self, x: Tensor, **call: Any) -> Tensor:
        if x.rank != len(self.dims) + 1:
            raise LayerError(
                f"dims {list(self.dims)} orders {len(self.dims)} dimensions, {x} has {x.rank - 1} besides the batch",
                param="dims",
                hint=f"name each of 1 to {x.rank - 1} once, as in {turned(x.rank - 1)}",
            )
        return self.cast(x).reshaped(x.batch, *(x.shape[dim] for dim in self.dims))


class RepeatVector(Layer):
    """A vector as each of ``n`` steps of a sequence."""

    category = "reshaping"
    rule = "(batch, features) -> (batch, n, features)"

    n: PositiveInt

    def output(self, x: Tensor, **call: Any) -> Tensor:
        if x.rank != 2:
            raise LayerError(
                f"RepeatVector needs 2 dimensions (batch, features), found {x}",
                hint='put {"op": "Flatten"} before it, or leave "return_sequences" out of a recurrent layer before',
            )
        require_floats(self, x)
        return Tensor((x.batch, self.n, x.channels), self.compute_dtype)


class Edges(Spatial):
    """A layer that changes what lies at the ends of each spatial dimension."""

    abstract = True
    category = "reshaping"

    def ends(self, given: Any) -> tuple[tuple[int, int], ...]:
        """How much at the start and at the end of each spatial dimension."""
        if isinstance(given, int):
            return ((given, given),) * self.spatial
        return (given,) if self.spatial == 1 else tuple(given)


class Cropping(Edges):
    """Drops places at the ends."""

    abstract = True
    rule = "places -> places - start - end"

    cropping: Any

    def output(self, x: Tensor, **call: Any) -> Tensor:
        places, channels = self.split(x)
        require_floats(self, x)
        out: list[Dim] = []
        for axis, place, (start, end) in zip(AXES[self.spatial], places, self.ends(self.cropping), strict=True):
            if place is not None and start + end >= place:
                raise LayerError(
                    f"cropping {start} + {end} leaves nothing of a {axis} of {place}",
                    param="cropping",
                    hint=f'use "cropping": {(place - 1) // 2}, at most {place - 1} in all',
                )
            out.append(None if place is None else place - start - end)
        return self.join(x.batch, tuple(out), channels)


class Cropping1D(Cropping):
    """Drops steps at the start and the end of a sequence."""

    spatial = 1

    cropping: Ends = (1, 1)


class Cropping2D(Cropping):
    """Drops rows and columns at the borders of an image."""

    spatial = 2

    cropping: Ends2D = ((0, 0), (0, 0))
    data_format: DataFormat = None


class Cropping3D(Cropping):
    """Drops planes at the borders of a volume."""

    spatial = 3

    cropping: Ends3D = ((1, 1), (1, 1), (1, 1))
    data_format: DataFormat = None


class ZeroPadding(Edges):
    """Adds zeros at the ends."""

    abstract = True
    rule = "places -> places + start + end"

    padding: Any

    def output(self, x: Tensor, **call: Any) -> Tensor:
        places, channels = self.split(x)
        require_floats(self, x)
        out = tuple(
            None if place is None else place + start + end
            for place, (start, end) in zip(places, self.ends(self.padding), strict=True)
        )
        return self.join(x.batch, out, channels)


class ZeroPadding1D(ZeroPadding):
    """Adds zeros before and after a sequence."""

    spatial = 1

    padding: Ends = 1
    data_format: DataFormat = None


class ZeroPadding2D(ZeroPadding):
    """Adds rows and columns of zeros around an image."""

    spatial = 2

    padding: Ends2D = (1, 1)
    data_format: DataFormat = None


class ZeroPadding3D(ZeroPadding):
    """Adds planes of zeros around a volume."""

    spatial = 3

    padding: Ends3D = ((1, 1), (1, 1), (1, 1))
    data_format: DataFormat = None


class UpSampling(Spatial):
    """Enlarges each spatial dimension."""

    abstract = True
    category = "reshaping"
    rule = "places -> places * size"

    size: Any

    def sizes(self) -> tuple[int, ...]:
        return tuple(self.size)

    def output(self, x: Tensor, **call: Any) -> Tensor:
        places, channels = self.split(x)
        require_floats(self, x)
        out = tuple(product((place, size)) for place, size in zip(places, self.sizes(), strict=True))
        return self.join(x.batch, out, channels)


class UpSampling1D(UpSampling):
    """Each step of a sequence ``size`` times."""

    spatial = 1

    size: PositiveInt = 2

    def sizes(self) -> tuple[int, ...]:
        return (self.size,)


class UpSampling2D(UpSampling):
    """An image enlarged, each place repeated or interpolated."""

    spatial = 2

    size: Pair = (2, 2)
    data_format: DataFormat = None
    interpolation: Interpolation = "nearest"


class UpSampling3D(UpSampling):
    """A volume enlarged, each place repeated."""

    spatial = 3

    size: Triple = (2, 2, 2)
    data_format: DataFormat = None
