"""Images brought to one size.

A layer of this family takes a batch of images, (batch, height, width, channels), and gives it in the compute dtype.
Keras also takes a single image of three dimensions; a graph has batches, so that is a mistake there.
"""

from typing import Annotated, Any

from archgen.errors import LayerError
from archgen.layers.checks import require_numbers
from archgen.layers.kinds import Choice, DataFormat, Flag, Number, PositiveInt
from archgen.layers.spatial import Spatial
from archgen.tensors import Dim, Shape, Tensor, product

REACH = {"bilinear": 1, "bicubic": 2, "lanczos3": 3, "lanczos5": 5}
"""How far from a place, in places, an interpolation reads."""


class Sizing(Spatial):
    """Gives images of ``height`` by ``width``."""

    abstract = True
    spatial = 2
    category = "preprocessing"
    rule = "(batch, ..., ..., channels) -> (batch, height, width, channels)"
    sample_ranks = (*(4,) * 12, 3, 5)
    stricter = {
        r"needs 4 dimensions .* found \(\w+, \w+, \w+\)$": "Keras takes the examples for the rows of one image",
        "(height|width): expected": "an image without places",
    }

    height: PositiveInt
    width: PositiveInt

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_numbers(self, x)
        _, channels = self.split(x)
        return self.join(x.batch, (self.height, self.width), channels)


class Resizing(Sizing):
    """Images scaled to one size: stretched, or cut or padded first to the new aspect ratio."""

    interpolation: Annotated[str, Choice("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5", "area")] = "bilinear"
    crop_to_aspect_ratio: Flag = False
    pad_to_aspect_ratio: Flag = False
    fill_mode: Annotated[str, Choice("constant")] = "constant"
    fill_value: Number = 0.0
    antialias: Flag = False
    data_format: DataFormat = None

    def check(self) -> None:
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            raise LayerError(
                "an image is either cropped or padded to the aspect ratio, and both are asked for",
                param="pad_to_aspect_ratio",
                code="bad-argument",
                hint='use "pad_to_aspect_ratio": false',
            )

    def flops(self, x: Tensor, **call: Any) -> Dim:
        """A product with its sum for each value read: a window in each direction, none where the nearest is copied.

        The window is wider where an image is made smaller and ``antialias`` is set. ``area`` reads every value once.
        """
        places, channels = self.split(x)
        if self.interpolation == "nearest":
            return 0
        if self.interpolation == "area":
            return product((*x.shape[1:], 2))
        return resizing_flops(places, (self.height, self.width), channels, REACH[self.interpolation], self.antialias)


class CenterCrop(Sizing):
    """The middle of an image; an image that is too small is cut to the aspect ratio and scaled up."""

    data_format: DataFormat = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        given = super().output(x)
        if self.compute_dtype != "float32" and self.enlarges(x):
            (height, width), _ = self.split(x)
            raise LayerError(
                f"an image of {height} by {width} is scaled up in float32 where Keras announces {self.compute_dtype}",
                param="dtype",
                code="dtype-mismatch",
                hint='use "dtype": "float32"',
            )
        return given

    def enlarges(self, x: Tensor) -> bool:
        """Whether the image is known to be too small."""
        (height, width), _ = self.split(x)
        return (height is not None and height < self.height) or (width is not None and width < self.width)

    def flops(self, x: Tensor, **call: Any) -> Dim:
        """Those of bilinear scaling where the image is too small, else none."""
        places, channels = self.split(x)
        if not self.enlarges(x):
            return None if None in places else 0
        return resizing_flops(places, (self.height, self.width), channels, REACH["bilinear"], False)


def resizing_flops(old: Shape, new: tuple[int, int], channels: Dim, reach: int, antialias: bool) -> Dim:
    """A product with its sum for each value that is read.

    >>> resizing_flops((8, 8), (4, 4), 3, 1, False), resizing_flops((8, 8), (4, 4), 3, 1, True)
    (384, 1536)
    """
    read = 1
    for before, after in zip(old, new, strict=True):
        if antialias and before is None:
            return None
        shrinks = antialias and before is not None and before > after
        read *= -(-2 * reach * before // after) if shrinks and before is not None else 2 * reach
    return product((*new, channels, read, 2))
