"""Augmentation by colour: brightness, contrast, hue and the like changed at random, or made even."""

from typing import Annotated, Any

from archgen.errors import LayerError
from archgen.layers.augmentation import (
    Augmentation,
    Factor,
    SignedFactor,
    UnitFactor,
    ValueRange,
)
from archgen.layers.checks import require_floats
from archgen.layers.kinds import DataFormat, Float, Int, ListOf, Number, Rate, Seed
from archgen.layers.spatial import AXES
from archgen.tensors import Dim, Tensor, product


class BitCount(Int):
    """How many of the eight bits of a byte."""

    def __init__(self) -> None:
        super().__init__(1, 8)

    def phrase(self) -> str:
        return "a whole number from 1 to 8"

    def plain_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": 8}


Bits = Annotated[Any, Factor(BitCount())]
OptionalUnitFactor = Annotated[Any, Factor(Float(0, 1), nullable=True)]
OptionalSignedFactor = Annotated[Any, Factor(Float(-1, 1), nullable=True)]
TileGrid = Annotated[tuple[int, int], ListOf(Int(1), minimum=2, maximum=2)]

BYTE_RANGE = (0, 255)
"""The range in which some rules work, whatever range the images have."""
LEVELS = 256
"""How many levels of brightness a histogram counts."""


class AutoContrast(Augmentation):
    """The values of each channel stretched over all of ``value_range``, in prediction too."""

    value_range: ValueRange = (0, 255)

    def flops(self, x: Tensor, **call: Any) -> Dim:
        # The least and the greatest, a product and a sum, two bounds, and whether there is a number at all.
        return product((*x.shape[1:], 7 + ranging(self.value_range)))


def ranging(value_range: tuple[float, float]) -> int:
    """Operations per value to bring a range of pixels to that of bytes and back."""
    return 0 if tuple(value_range) == BYTE_RANGE else 8


class Recolouring(Augmentation):
    """Works on the values as they come in."""

    abstract = True
    casts_integers = True


class ContrastLimitedAdaptiveHistogramEqualization(Recolouring):
    """The brightness of each tile of an image spread evenly, with limits, in prediction too."""

    samples = Augmentation.samples | {
        "tile_grid_size": [[2, 2], [1, 1], [4, 2], [8, 8], [3, 5]],
        "clip_limit": [4.0, 0.0, 1, 40.0],
    }

    value_range: ValueRange = (0, 255)
    clip_limit: Number = 4.0
    tile_grid_size: TileGrid = (8, 8)
    data_format: DataFormat = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        given = super().output(x)
        places, _ = self.split(x)
        for axis, place, tiles in zip(AXES[2], places, self.tile_grid_size, strict=True):
            # The image grows to whole tiles by its own mirror image, which is no larger than itself.
            if place is not None and tiles > 2 * place:
                fitting = [
                    size if dim is None else min(size, dim)
                    for size, dim in zip(self.tile_grid_size, places, strict=True)
                ]
                raise LayerError(
                    f"a {axis} of {place} makes at most {2 * place} tiles, found {tiles}",
                    param="tile_grid_size",
                    hint=f'use "tile_grid_size": {fitting}',
                )
        return given

    def flops(self, x: Tensor, **call: Any) -> Dim:
        places, channels = self.split(x)
        if None in places or channels is None:
            return None
        tiles = product(self.tile_grid_size) or 0
        grown = [-(-(place or 0) // size) * size for place, size in zip(places, self.tile_grid_size, strict=True)]
        pixels = product(tuple(grown)) or 0
        # Each pixel is held against each level, and read from four tiles with three means of two.
        each_pixel = 2 * LEVELS + 9 + ranging(self.value_range)
        # Sums of levels, the least one, a difference, a product, a quotient and two bounds; limits before that.
        each_level = 7 + 5 * (self.clip_limit > 0)
        return int(channels * (pixels * each_pixel + tiles * LEVELS * each_level))


class RandomBrightness(Recolouring):
    """A random share of the range, from ``-factor`` to ``factor`` or within a pair, added to each image."""

    factor: SignedFactor
    value_range: ValueRange = (0, 255)
    seed: Seed = None


class RandomColorDegeneration(Recolouring):
    """Each image mixed at random with itself in grey."""

    colours = (3,)

    factor: UnitFactor
    value_range: ValueRange = (0, 255)
    data_format: DataFormat = None
    seed: Seed = None


class RandomColorJitter(Recolouring):
    """Brightness, contrast, saturation and hue changed at random, those that have a factor."""

    colours = (3,)
    stricter = {"channels_last inside": "the means and hues would be those of rows and columns"}

    value_range: ValueRange = (0, 255)
    brightness_factor: OptionalSignedFactor = None
    contrast_factor: OptionalUnitFactor = None
    saturation_factor: OptionalSignedFactor = None
    hue_factor: OptionalUnitFactor = None
    seed: Seed = None
    data_format: DataFormat = None

    def check(self) -> None:
        super().check()
        reads_channels = [given for given in (self.contrast_factor, *self.tints()) if given is not None]
        if self.channels_first and reads_channels:
            raise LayerError(
                "RandomColorJitter reads channels_last inside, whatever its own data_format",
                param="data_format",
                code="bad-argument",
                hint='use "data_format": "channels_last", and put {"op": "Permute", "dims": [2, 3, 1]} before it',
            )

    def tints(self) -> tuple[Any, Any]:
        """The factors that need colour."""
        return self.saturation_factor, self.hue_factor

    def needed_colours(self) -> tuple[int, ...]:
        return () if self.tints() == (None, None) else self.colours

    def names_before(self) -> tuple[str, ...]:
        inner = {
            "RandomBrightness": self.brightness_factor,
            "RandomContrast": self.contrast_factor,
            "RandomSaturation": self.saturation_factor,
            "RandomHue": self.hue_factor,
        }
        return tuple(name for name, factor in inner.items() if factor is not None)


class RandomContrast(Recolouring):
    """The distance of each value from the mean of its channel scaled at random."""

    factor: UnitFactor
    value_range: ValueRange = (0, 255)
    seed: Seed = None


class RandomGrayscale(Augmentation):
    """Each image turned grey or not, with its three channels kept."""

    colours = (1, 3)

    factor: Rate = 0.5
    data_format: DataFormat = None
    seed: Seed = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_floats(self, x)
        return super().output(x)


class RandomHue(Recolouring):
    """The hue of each image turned at random."""

    colours = (3,)

    factor: UnitFactor
    value_range: ValueRange = (0, 255)
    data_format: DataFormat = None
    seed: Seed = None


class RandomInvert(Recolouring):
    """Each image turned into its negative or not."""

    factor: UnitFactor = 1.0
    value_range: ValueRange = (0, 255)
    seed: Seed = None
    data_format: DataFormat = None


class RandomPosterization(Recolouring):
    """The levels of brightness cut to a random number of bits."""

    stricter = {"factor.*: expected": "bits are whole"}

    factor: Bits
    value_range: ValueRange = (0, 255)
    data_format: DataFormat = None
    seed: Seed = None


class RandomSaturation(Recolouring):
    """The saturation of each image scaled at random."""

    colours = (3,)

    factor: SignedFactor
    value_range: ValueRange = (0, 255)
    data_format: DataFormat = None
    seed: Seed = None


class RandomSharpness(Augmentation):
    """Each image sharpened or smoothed at random."""

    factor: UnitFactor
    value_range: ValueRange = (0, 255)
    data_format: DataFormat = None
    seed: Seed = None


class Solarization(Augmentation):
    """Values brighter than a random threshold inverted, after a random number is added."""

    addition_factor: UnitFactor = 0.0
    threshold_factor: UnitFactor = 0.0
    value_range: ValueRange = (0, 255)
    seed: Seed = None
