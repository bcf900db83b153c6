"""Augmentation by geometry: images flipped, turned, moved, bent and blurred at random."""

from collections.abc import Iterator
from typing import Annotated, Any

from archgen.errors import LayerError
from archgen.layers.augmentation import (
    Augmentation,
    Factor,
    FillMode,
    Interpolation,
    SignedFactor,
    UnitFactor,
    ValueRange,
)
from archgen.layers.kinds import Choice, DataFormat, Float, Number, Pair, Rate, Seed
from archgen.tensors import Tensor


class Turn(Float):
    """A share of a full turn."""

    def __init__(self) -> None:
        super().__init__(-1, 1)

    def guises(self, value: Any) -> Iterator[tuple[Any, str]]:
        if isinstance(value, (int, float)) and 1 < abs(value) <= 360:
            yield round(value / 360, 3), f": {value:g} degrees as a share of a full turn"


TurnFactor = Annotated[Any, Factor(Turn())]
ZoomFactor = Annotated[Any, Factor(Float(above=-1, maximum=1))]
OptionalZoomFactor = Annotated[Any, Factor(Float(above=-1, maximum=1), nullable=True)]


class RandomFlip(Augmentation):
    """Each image mirrored or not, left to right, upside down or both."""

    stricter = {"mode: expected": "Keras flips nothing where it does not know the mode"}
    autocast = False  # it casts its input itself, without a name of its own

    mode: Annotated[str, Choice("horizontal", "vertical", "horizontal_and_vertical")] = "horizontal_and_vertical"
    seed: Seed = None
    data_format: DataFormat = None


class RandomRotation(Augmentation):
    """Each image turned by a random share of a full turn, from ``-factor`` to ``factor`` or within a pair."""

    factor: TurnFactor
    fill_mode: FillMode = "reflect"
    interpolation: Interpolation = "bilinear"
    seed: Seed = None
    fill_value: Number = 0.0
    data_format: DataFormat = None


class RandomShear(Augmentation):
    """Each image slanted at random, along its rows and along its columns."""

    samples = dict.fromkeys(("x_factor", "y_factor"), [0, 0.0, [0, 0.25], [0.1, 0.4], [1, 0]])
    stricter = {"saves a number": "a model that is saved with it cannot be loaded"}

    x_factor: UnitFactor = 0.0
    y_factor: UnitFactor = 0.0
    interpolation: Interpolation = "bilinear"
    fill_mode: FillMode = "reflect"
    fill_value: Number = 0.0
    data_format: DataFormat = None
    seed: Seed = None

    def check(self) -> None:
        for param, factor in (("x_factor", self.x_factor), ("y_factor", self.y_factor)):
            if isinstance(factor, (int, float)) and factor > 0:
                raise LayerError(
                    f"Keras saves a number as the pair [-{factor:g}, {factor:g}], and does not load it again",
                    param=param,
                    code="bad-argument",
                    hint=f'use "{param}": [0, {factor:g}], which slants both ways as well',
                )


class RandomTranslation(Augmentation):
    """Each image moved at random, by shares of its height and width."""

    height_factor: SignedFactor
    width_factor: SignedFactor
    fill_mode: FillMode = "reflect"
    interpolation: Interpolation = "bilinear"
    seed: Seed = None
    fill_value: Number = 0.0
    data_format: DataFormat = None


class RandomZoom(Augmentation):
    """Each image drawn larger or smaller at random; below 0 larger, above 0 smaller."""

    height_factor: ZoomFactor
    width_factor: OptionalZoomFactor = None
    fill_mode: FillMode = "reflect"
    interpolation: Interpolation = "bilinear"
    seed: Seed = None
    fill_value: Number = 0.0
    data_format: DataFormat = None


class RandomPerspective(Augmentation):
    """The corners of each image moved at random, as if it were seen from another side."""

    factor: UnitFactor = 1.0
    scale: Rate = 1.0
    interpolation: Interpolation = "bilinear"
    fill_value: Number = 0.0
    seed: Seed = None
    data_format: DataFormat = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        given = super().output(x)
        places, _ = self.split(x)
        if 1 in places:
            raise LayerError(
                f"{self.op} moves four corners, and an image of {' x '.join(map(str, places))} has fewer",
                hint="give the Input images of at least 2 x 2, or leave it out",
            )
        return given


class RandomElasticTransform(Augmentation):
    """The pixels of each image displaced by smooth noise."""

    counts_in_dtype = True

    factor: UnitFactor = 1.0
    scale: UnitFactor = 1.0
    interpolation: Interpolation = "bilinear"
    fill_mode: FillMode = "reflect"  # Keras names one more, and fails on it in training
    fill_value: Number = 0.0
    value_range: ValueRange = (0, 255)
    seed: Seed = None
    data_format: DataFormat = None


class RandomGaussianBlur(Augmentation):
    """Each image blurred or not by a Gaussian kernel of ``kernel_size``."""

    counts_in_dtype = True
    samples = Augmentation.samples | {"kernel_size": [1, 3, 5, [3, 5], [1, 1], 7, 2, [3, 4]]}

    factor: UnitFactor = 1.0
    kernel_size: Pair = 3
    sigma: UnitFactor = 1.0
    value_range: ValueRange = (0, 255)
    data_format: DataFormat = None
    seed: Seed = None

    def check(self) -> None:
        super().check()
        even = [size for size in self.kernel_size if size % 2 == 0]
        if even:
            odd = [size + 1 - size % 2 for size in self.kernel_size]
            raise LayerError(
                f"a blur needs a centre: a kernel of {even[0]} has none",
                param="kernel_size",
                code="bad-argument",
                hint=f'use "kernel_size": {odd[0] if odd[0] == odd[1] else odd}',
            )
