"""Regularization: what acts in training and lets values through afterwards."""

from typing import Annotated, Any

from archgen.errors import LayerError
from archgen.layers.base import Layer
from archgen.layers.checks import require_floats
from archgen.layers.kinds import DataFormat, Int, ListOf, NonNegative, Rate, Seed
from archgen.layers.spatial import Spatial
from archgen.tensors import Tensor

NoiseShape = Annotated[tuple[int | None, ...] | None, ListOf(Int(1, nullable=True), nullable=True)]


class Regularization(Layer):
    """Gives what it takes, in the compute dtype."""

    abstract = True
    category = "regularization"
    passes_mask = True
    rule = "the input's shape"

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_floats(self, x)
        return self.cast(x)


class Dropout(Regularization):
    """Values set to 0 at random, a share of ``rate``, the rest scaled up."""

    rate: Rate
    noise_shape: NoiseShape = None
    seed: Seed = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        if 0 < self.rate < 1:  # otherwise Keras draws no noise
            check_noise(self.noise_shape, x)
        return super().output(x)


def check_noise(noise_shape: tuple[int | None, ...] | None, x: Tensor) -> None:
    """The shape of the noise, ``null`` for the input's own dimension, must stretch to the input and not beyond."""
    if noise_shape is None:
        return
    missing = x.rank - len(noise_shape)
    if not missing and x.batch is None and noise_shape[0] not in (None, 1):
        raise LayerError(
            f"noise of {noise_shape[0]} examples does not stretch to {x}, a batch of any size",
            param="noise_shape",
            hint='write 1 or null first in "noise_shape"',
        )
    # Keras counts the dimensions that null stands for from the first, and stretches from the last.
    misfit = missing < 0 or any(
        size not in (1, x.shape[missing + index]) and (given is None or x.shape[missing + index] is not None)
        for index, given in enumerate(noise_shape)
        for size in [x.shape[index] if given is None else given]
    )
    if misfit:
        shown = ", ".join("null" if size is None else str(size) for size in noise_shape)
        fitting = [*noise_shape, *[None] * x.rank][: x.rank]
        raise LayerError(
            f"noise of shape [{shown}] does not stretch to {x}",
            param="noise_shape",
            hint=f'use "noise_shape": [{", ".join("1" if size == 1 else "null" for size in fitting)}]',
        )


def check_below_one(rate: float) -> None:
    """Some noise has no scale where everything is dropped."""
    if rate == 1:
        raise LayerError(
            "a rate of 1 divides by zero in training", param="rate", code="bad-argument", hint="use a rate below 1"
        )


class AlphaDropout(Dropout):
    """Dropout that keeps mean and variance, for SELU networks."""

    def check(self) -> None:
        check_below_one(self.rate)


class SpatialDropout(Regularization, Spatial):
    """Whole channels set to 0 at random."""

    abstract = True
    drops = ("trainable",)

    def output(self, x: Tensor, **call: Any) -> Tensor:
        self.split(x)
        return super().output(x)


class SpatialDropout1D(SpatialDropout):
    """Whole channels of a sequence set to 0 at random."""

    spatial = 1

    rate: Rate
    seed: Seed = None


class SpatialDropout2D(SpatialDropout):
    """Whole channels of an image set to 0 at random."""

    spatial = 2

    rate: Rate
    data_format: DataFormat = None
    seed: Seed = None


class SpatialDropout3D(SpatialDropout2D):
    """Whole channels of a volume set to 0 at random."""

    spatial = 3


class GaussianDropout(Regularization):
    """Values multiplied by noise around 1."""

    stricter = {"a rate of 1": "the noise is infinite"}

    rate: Rate
    seed: Seed = None

    def check(self) -> None:
        check_below_one(self.rate)


class GaussianNoise(Regularization):
    """Noise around 0 added to the values."""

    stddev: Rate
    seed: Seed = None


class ActivityRegularization(Regularization):
    """Adds a cost for large values to the loss."""

    l1: NonNegative = 0.0
    l2: NonNegative = 0.0
