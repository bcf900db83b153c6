"""Initializers: the values that weights start from."""

from typing import Annotated, ClassVar

from archgen.errors import LayerError
from archgen.layers.kinds import Choice, Flag, Number, Seed
from archgen.layers.objects.base import Argument, OptionalIntList, Real, RealNumber, in_range, refuse


class Initializer(Argument):
    """How a weight's first values are drawn or set."""

    role: ClassVar[str] = "initializer"
    module: ClassVar[str] = "keras.initializers"
    abstract: ClassVar[bool] = True

    def check_shape(self, shape: tuple[int, ...]) -> None:
        """Raises ``LayerError`` where a weight of this shape cannot start from it."""

    @property
    def lowest(self) -> float | None:
        """The lowest value that it gives, where that is certain whatever the shape."""
        return None


class Zeros(Initializer):
    """All zeros."""

    aliases = ("zeros", "zero")

    @property
    def lowest(self) -> float:
        return 0


class Ones(Initializer):
    """All ones."""

    aliases = ("ones", "one")

    @property
    def lowest(self) -> float:
        return 1


class Constant(Initializer):
    """One value everywhere. As a string it is unknown to Keras, which wants the value."""

    named = False

    value: Number = 0.0

    @property
    def lowest(self) -> float:
        return self.value


class Identity(Initializer):
    """The identity matrix, times a factor."""

    aliases = ("identity", "IdentityInitializer")

    gain: Number = 1.0

    def check_shape(self, shape: tuple[int, ...]) -> None:
        if len(shape) != 2:
            raise LayerError(f"Identity makes matrices, and the weight is {shape}", hint='use "orthogonal"')


class RandomNormal(Initializer):
    """A normal distribution."""

    aliases = ("random_normal", "normal")

    mean: Number = 0.0
    stddev: Number = 0.05
    seed: Seed = None


class TruncatedNormal(RandomNormal):
    """A normal distribution without what lies more than two standard deviations away."""


class RandomUniform(Initializer):
    """A uniform distribution between two values."""

    aliases = ("random_uniform", "uniform")

    minval: Number = -0.05
    maxval: Number = 0.05
    seed: Seed = None

    @property
    def lowest(self) -> float:
        return self.minval


class FanScaled(Initializer):
    """Base of the initializers whose spread follows from how many units a weight joins."""

    abstract: ClassVar[bool] = True

    seed: Seed = None
    input_axes: OptionalIntList = None
    output_axes: OptionalIntList = None

    def check(self) -> None:
        if (self.input_axes is None) != (self.output_axes is None):
            given, missing = ("input_axes", "output_axes") if self.input_axes else ("output_axes", "input_axes")
            raise refuse(f'"{given}" has no effect without "{missing}"', given, f'add "{missing}"')

    def check_shape(self, shape: tuple[int, ...]) -> None:
        for name in ("input_axes", "output_axes"):
            axes = getattr(self, name)
            if axes is not None and not in_range(axes, len(shape)):
                raise LayerError(f"{name} {axes} do not exist in a weight {shape}", param=name)


class VarianceScaling(FanScaled):
    """A distribution whose variance is ``scale`` over the number of units on one side of the weight."""

    drops = ("seed", "input_axes", "output_axes")

    scale: Annotated[float, Real(above=0)] = 1.0
    mode: Annotated[str, Choice("fan_in", "fan_out", "fan_avg")] = "fan_in"
    distribution: Annotated[str, Choice("truncated_normal", "uniform", "untruncated_normal")] = "truncated_normal"
    seed: Seed = None
    input_axes: OptionalIntList = None
    output_axes: OptionalIntList = None


class GlorotNormal(FanScaled):
    """Truncated normal; variance 2 over the units on both sides."""


class GlorotUniform(FanScaled):
    """Uniform; variance 2 over the units on both sides."""


class HeNormal(FanScaled):
    """Truncated normal; variance 2 over the input units."""


class HeUniform(FanScaled):
    """Uniform; variance 2 over the input units."""


class LecunNormal(FanScaled):
    """Truncated normal; variance 1 over the input units."""


class LecunUniform(FanScaled):
    """Uniform; variance 1 over the input units."""


class Orthogonal(Initializer):
    """A matrix with orthogonal rows or columns, reshaped to the weight."""

    aliases = ("orthogonal", "OrthogonalInitializer")

    gain: RealNumber = 1.0
    seed: Seed = None

    def check_shape(self, shape: tuple[int, ...]) -> None:
        if len(shape) < 2:
            raise LayerError(f"Orthogonal needs two dimensions or more, and the weight is {shape}")


FLAT = ("hann", "bartlett", "blackman")
"""Windows of zeros where a frame has two places, which leave nothing to scale by."""


class STFT(Initializer):
    """The kernel of a short-time Fourier transform, for weights of shape ``(frame, 1, bins)``."""

    aliases = ("STFTInitializer",)

    side: Annotated[str, Choice("real", "imag")] = "real"
    window: Annotated[str | None, Choice("hann", "hamming", "blackman", "boxcar", "bartlett", nullable=True)] = "hann"
    scaling: Annotated[str | None, Choice("density", "spectrum", nullable=True)] = "density"
    periodic: Flag = False

    def check_shape(self, shape: tuple[int, ...]) -> None:
        if len(shape) != 3 or shape[1] != 1 or shape[2] < 2:
            raise LayerError(f"STFT makes weights of shape (frame, 1, bins), and the weight is {shape}")
        if shape[0] == 2 and self.window in FLAT and self.scaling and not self.periodic:
            raise LayerError(
                f"STFT makes weights that are no numbers for a frame of 2: the {self.window} window is 0 at both ends",
                hint='use "window": "hamming", or a larger kernel_size',
            )
