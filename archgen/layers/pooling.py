"""Pooling: one value for each window, for each of a number of windows, or for all places."""

from collections.abc import Sequence
from math import prod
from typing import Annotated, Any

from archgen.errors import LayerError
from archgen.layers.checks import require_floats, require_numbers
from archgen.layers.kinds import (
    Choice,
    DataFormat,
    Flag,
    OptionalPair,
    OptionalSingle,
    OptionalTriple,
    Pair,
    Single,
    Triple,
)
from archgen.layers.masks import Carried, Mask, require_steps
from archgen.layers.spatial import Spatial, slide_all
from archgen.tensors import Dim, Tensor, product

Padding = Annotated[str, Choice("valid", "same")]

ANNOUNCED = "the largest of whole numbers is one, and Keras announces a float"
"""Why whole numbers are refused, where a later layer would hide it."""


class Pooling(Spatial):
    """One value per channel for each window."""

    abstract = True
    category = "pooling"
    stricter = {"needs floating-point": ANNOUNCED}
    rule = "places -> (places - pool_size) // strides + 1 (valid), ceil(places / strides) (same)"

    pool_size: Single
    strides: OptionalSingle = None
    padding: Padding = "valid"
    data_format: DataFormat = None

    def slid(self, x: Tensor) -> tuple[Dim, ...]:
        """The spatial dimensions of the output."""
        strides = self.strides or self.pool_size
        return slide_all(self, self.split(x)[0], self.pool_size, strides, self.padding, param="pool_size")

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_floats(self, x)
        return self.join(x.batch, self.slid(x), self.split(x)[1])

    def flops(self, x: Tensor, **call: Any) -> Dim:
        return product((*self.slid(x), self.split(x)[1], prod(self.pool_size)))


class MaximumOfVolumes(Spatial):
    """Base of what finds the largest values of volumes by windows: TensorFlow's ``MaxPool3D`` has no float64."""

    abstract = True
    spatial = 3
    stricter = {"volumes of float64": "TensorFlow has no such operation, on any device"}
    samples = {"dtype": ["float32", "float16", "bfloat16", "mixed_float16"]}

    def check(self) -> None:
        if self.compute_dtype == "float64":
            raise LayerError(
                f"{self.op} cannot pool volumes of float64",
                param="dtype",
                code="bad-argument",
                hint='use "dtype": "float32"',
            )


class MaxPooling1D(Pooling):
    """The largest value in each window of a sequence."""

    spatial = 1

    pool_size: Single = 2


class MaxPooling2D(Pooling):
    """The largest value in each window of an image."""

    spatial = 2

    pool_size: Pair = (2, 2)
    strides: OptionalPair = None


class MaxPooling3D(Pooling, MaximumOfVolumes):
    """The largest value in each window of a volume."""

    pool_size: Triple = (2, 2, 2)
    strides: OptionalTriple = None


class AveragePooling1D(Pooling):
    """The mean of each window of a sequence."""

    spatial = 1


class AveragePooling2D(Pooling):
    """The mean of each window of an image."""

    spatial = 2

    pool_size: Pair
    strides: OptionalPair = None


class AveragePooling3D(Pooling):
    """The mean of each window of a volume."""

    spatial = 3

    pool_size: Triple
    strides: OptionalTriple = None


class GlobalPooling(Spatial):
    """One value per channel for all places."""

    abstract = True
    category = "pooling"
    stricter = {"needs floating-point": ANNOUNCED}
    rule = "(batch, ...places, channels) -> (batch, channels); places stay as 1 with keepdims"

    data_format: DataFormat = None
    keepdims: Flag = False

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_floats(self, x)
        _, channels = self.split(x)
        ones = (1,) * self.spatial if self.keepdims else ()
        return self.join(x.batch, ones, channels)

    def flops(self, x: Tensor, **call: Any) -> Dim:
        return x.size


class GlobalMaxPooling1D(GlobalPooling):
    """The largest value in a sequence, per channel."""

    spatial = 1


class GlobalMaxPooling2D(GlobalPooling):
    """The largest value in an image, per channel."""

    spatial = 2


class GlobalMaxPooling3D(GlobalPooling):
    """The largest value in a volume, per channel."""

    spatial = 3


class GlobalAveragePooling(GlobalPooling):
    """The mean of all places, per channel."""

    abstract = True

    def output(self, x: Tensor, **call: Any) -> Tensor:
        # The mean of integers is a float32, whatever the layer announces: only then do the two agree.
        require_numbers(self, x)
        return super().output(x if self.compute_dtype != "float32" else Tensor(x.shape, "float32"))


class GlobalAveragePooling1D(GlobalAveragePooling):
    """The mean of a sequence, per channel."""

    spatial = 1
    stricter = {"takes the channels for": "it runs where there happen to be as many channels as steps"}

    def carry(self, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
        if masks and masks[0] is not None and self.data_format == "channels_first":
            raise LayerError(
                f"{self.op} takes the channels for the steps that are masked where they come first",
                param="data_format",
                hint='use "data_format": "channels_last"',
            )
        require_steps(self.op, masks)
        return super().carry(tensors, masks)


class GlobalAveragePooling2D(GlobalAveragePooling):
    """The mean of an image, per channel."""

    spatial = 2


class GlobalAveragePooling3D(GlobalAveragePooling):
    """The mean of a volume, per channel."""

    spatial = 3


class AdaptivePooling(Spatial):
    """One value per channel for each of a given number of windows, which share out the places."""

    abstract = True
    category = "pooling"
    stricter = {"needs floating-point": ANNOUNCED, "output_size: expected": "nothing would be left"}
    rule = "(batch, ...places, channels) -> (batch, *output_size, channels)"

    output_size: Single
    data_format: DataFormat = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_floats(self, x)
        places, channels = self.split(x)
        # Keras pools with windows one place larger besides, which do not fit where there is one window or one
        # place: TensorFlow refuses the graph, or ends the process.
        if 1 in self.output_size:
            everything = set(self.output_size) == {1}
            instead = self.op.replace("Adaptive", "Global") + ' with "keepdims": true'
            raise LayerError(
                f"{self.op} fails with a single window in a dimension, found {list(self.output_size)}",
                param="output_size",
                code="bad-argument",
                hint=f"use {instead}" if everything else "use an output_size of 2 or more in every dimension",
            )
        if 1 in places:
            raise LayerError(
                f"{self.op} fails over a dimension of 1, found {x}",
                hint="pool before the size falls to 1, or take that dimension away with a Reshape",
            )
        return self.join(x.batch, self.output_size, channels)

    def flops(self, x: Tensor, **call: Any) -> Dim:
        places, channels = self.split(x)
        windows = [
            None if place is None else size * -(-place // size)
            for place, size in zip(places, self.output_size, strict=True)
        ]
        return product((*windows, channels))


class AdaptiveMaxPooling1D(AdaptivePooling):
    """The largest value in each of ``output_size`` windows of a sequence."""

    spatial = 1


class AdaptiveMaxPooling2D(AdaptivePooling):
    """The largest value in each of ``output_size`` windows of an image."""

    spatial = 2

    output_size: Pair


class AdaptiveMaxPooling3D(AdaptivePooling, MaximumOfVolumes):
    """The largest value in each of ``output_size`` windows of a volume."""

    output_size: Triple


class AdaptiveAveragePooling1D(AdaptivePooling):
    """The mean of each of ``output_size`` windows of a sequence."""

    spatial = 1


class AdaptiveAveragePooling2D(AdaptivePooling):
    """The mean of each of ``output_size`` windows of an image."""

    spatial = 2

    output_size: Pair


class AdaptiveAveragePooling3D(AdaptivePooling):
    """The mean of each of ``output_size`` windows of a volume."""

    spatial = 3

    output_size: Triple
