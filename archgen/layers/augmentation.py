"""Augmentation: images changed at random in training and let through afterwards.

A layer of this family takes a batch of images, (batch, height, width, channels), and gives it in the compute dtype.
Keras also takes a single image of three dimensions. A graph has batches, so three dimensions are a mistake there: Keras
would take the examples for the rows of one image.

The state of a seed generator is a variable of the layer and none of its weights.
"""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.checks import require_known, require_numbers
from archgen.layers.kinds import Choice, DataFormat, Flag, Float, Kind, ListOf, PositiveInt, PositiveNumber, Seed
from archgen.layers.spatial import Spatial
from archgen.tensors import Dim, Tensor


class Factor(ListOf):
    """One number within bounds, or a pair to draw from."""

    def __init__(self, item: Kind, *, nullable: bool = False) -> None:
        super().__init__(item, minimum=2, maximum=2, scalar=True, nullable=nullable)

    def guises(self, value: Any) -> Iterator[tuple[Any, str]]:
        yield from super().guises(value)
        yield from self.item.guises(value)

    def phrase(self) -> str:
        return f"{self.item.describe()}, or a list of two of them"


class PixelRange(ListOf):
    """The range that pixels have, from the darkest to the brightest."""

    def __init__(self) -> None:
        super().__init__(Float(), minimum=2, maximum=2)

    def guises(self, value: Any) -> Iterator[tuple[Any, str]]:
        if isinstance(value, (int, float)) and value > 0:
            yield [0, value], ""

    def phrase(self) -> str:
        return "a list of two numbers"

    def example(self) -> str:
        return "[0, 255]"


ValueRange = Annotated[tuple[float, float], PixelRange()]
UnitFactor = Annotated[Any, Factor(Float(0, 1))]
SignedFactor = Annotated[Any, Factor(Float(-1, 1))]
Interpolation = Annotated[str, Choice("nearest", "bilinear")]
FillMode = Annotated[str, Choice("reflect", "wrap", "constant", "nearest")]

RANGES = [[0, 255], [0, 1], [0.0, 1.0], [-1, 1], [10, 200]]


class Augmentation(Spatial):
    """Takes images of any number of channels, or of ``colours`` channels only."""

    abstract = True
    spatial = 2
    category = "preprocessing"
    rule = "the input's shape"
    sample_ranks = (*(4,) * 12, 2, 5)
    samples = {"value_range": RANGES}
    stricter = {
        r"needs 4 dimensions .* found \(\w+, \w+, \w+\)$": "Keras takes the examples for the rows of one image",
        "value_range: expected": "Keras reads the first two numbers of a range that it does not check",
        "value_range: .* rise": "Keras sorts some ranges, reads others as empty, and divides by zero in others",
        r"(factor|scale|sigma)\.[01]: expected": "Keras looks at one bound for each end of a pair only",
    }
    colours: ClassVar[tuple[int, ...]] = ()
    """The numbers of channels that it takes; empty where any will do."""
    counts_in_dtype: ClassVar[bool] = False
    """Whether it numbers rows and columns in the compute dtype, which TensorFlow cannot in ``float16``."""

    value_range: Any = None

    def check(self) -> None:
        check_range(self.value_range)
        if self.counts_in_dtype and self.compute_dtype == "float16":
            raise LayerError(
                f"{self.op} cannot train in float16: TensorFlow has no range of it",
                param="dtype",
                code="bad-argument",
                hint='use "dtype": "float32"',
            )

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_numbers(self, x)
        _, channels = self.split(x)
        self.check_colours(channels, x)
        return Tensor(x.shape, self.compute_dtype)

    def needed_colours(self) -> tuple[int, ...]:
        """``colours``, where arguments do not say otherwise."""
        return self.colours

    def check_colours(self, channels: Dim, x: Tensor) -> None:
        """Refuse images that are not in colour where the rule reads red, green and blue."""
        wanted = self.needed_colours()
        if not wanted or require_known(self, channels, "the channels", x) in wanted:
            return
        said = " or ".join(map(str, wanted))
        raise LayerError(
            f"{self.op} reads images of {said} channels, found {channels} in {x}",
            hint=self.colour_hint(channels or 0, x),
        )

    def colour_hint(self, channels: int, x: Tensor) -> str:
        other = "channels_last" if self.channels_first else "channels_first"
        if "data_format" in self.fields and x.shape[-1 if self.channels_first else 1] in self.needed_colours():
            return f'use "data_format": "{other}"'
        # A kernel of ones gives the grey image three times.
        grey = ', "use_bias": false, "kernel_initializer": "ones", "trainable": false' if channels == 1 else ""
        first = ', "data_format": "channels_first"' if self.channels_first else ""
        return f'put {{"op": "Conv2D", "filters": 3, "kernel_size": 1{grey}{first}}} before it'


def check_range(value_range: tuple[float, float] | None) -> None:
    """Refuse a range that does not rise."""
    if value_range is None:
        return
    low, high = value_range
    if low >= high:
        raise LayerError(
            f"the range of pixels has to rise, found {low:g} to {high:g}",
            param="value_range",
            code="bad-argument",
            hint=f'use "value_range": [{high:g}, {low:g}]' if low > high else 'use "value_range": [0, 255]',
        )


class Mixture(Augmentation):
    """Augments with other layers, which it makes itself."""

    abstract = True
    inner: ClassVar[tuple[str, ...]] = (
        "RandomShear",
        "RandomTranslation",
        "RandomRotation",
        "Solarization",
        "RandomPosterization",
        "AutoContrast",
        "Equalization",
        "RandomBrightness",
        "RandomColorDegeneration",
        "RandomContrast",
        "RandomSharpness",
    )
    """The classes of the layers inside, which take automatic names unless the layer has a name to share with them."""
    shares_name = True
    stricter = {
        "images of 1 or 3|to know the channels": "Keras fails when it draws RandomColorDegeneration",
        "(num_ops|num_chains|chain_depth): expected": "nothing would change",
        "alpha: expected": "the distribution has a positive parameter",
    }
    colours = (1, 3)  # one of them turns colour images grey

    def names_before(self) -> tuple[str, ...]:
        return self.inner


class AugMix(Mixture):
    """Mixes each image with a few chains of random changes of itself."""

    value_range: ValueRange = (0, 255)
    num_chains: PositiveInt = 3
    chain_depth: PositiveInt = 3
    factor: UnitFactor = 0.3
    alpha: PositiveNumber = 1.0
    all_ops: Flag = True
    interpolation: Interpolation = "bilinear"
    seed: Seed = None
    data_format: DataFormat = None

    def names_before(self) -> tuple[str, ...]:
        return self.inner if self.all_ops else self.inner[:7]

    def needed_colours(self) -> tuple[int, ...]:
        return self.colours if self.all_ops else ()


class RandAugment(Mixture):
    """Applies ``num_ops`` changes, drawn from eleven, to the images of a batch."""

    value_range: ValueRange = (0, 255)
    num_ops: PositiveInt = 2
    factor: UnitFactor = 0.5
    interpolation: Interpolation = "bilinear"
    seed: Seed = None
    data_format: DataFormat = None


class RandomErasing(Augmentation):
    """A random rectangle of each image replaced by ``fill_value``, or by noise."""

    samples = {"value_range": RANGES, "fill_value": [None, 0.0, 127.5, [1.0, 2.0, 3.0], [1.0, 2.0]]}
    stricter = {"fill_value: .* channels_first": "Keras spreads the three numbers over the columns"}

    counts_in_dtype = True

    factor: UnitFactor = 1.0
    scale: UnitFactor = (0.02, 0.33)
    fill_value: Annotated[Any, ListOf(Float(), minimum=3, maximum=3, scalar=True, nullable=True)] = None
    value_range: ValueRange = (0, 255)
    seed: Seed = None
    data_format: DataFormat = None

    def check_colours(self, channels: Dim, x: Tensor) -> None:
        if not isinstance(self.fill_value, tuple):
            return
        if self.channels_first:
            raise LayerError(
                "a list of three numbers fills the last dimension, which is no colour under channels_first",
                param="fill_value",
                code="bad-argument",
                hint=f'use one number, as in "fill_value": {self.fill_value[0]:g}',
            )
        if require_known(self, channels, "the channels", x) != 3:
            raise LayerError(
                f"fill_value has 3 numbers for {channels} channels",
                param="fill_value",
                hint=f'use one number, as in "fill_value": {self.fill_value[0]:g}',
            )
