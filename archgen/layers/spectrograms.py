"""Sound as pictures: how much of each frequency there is at each time."""

from math import log2
from typing import Annotated, Any

from archgen.errors import LayerError
from archgen.layers.base import Layer
from archgen.layers.checks import require_floats, require_known, require_numbers
from archgen.layers.kinds import (
    Choice,
    DataFormat,
    Flag,
    Float,
    NonNegative,
    Number,
    OptionalInt,
    PositiveInt,
    PositiveNumber,
)
from archgen.layers.spatial import Spatial
from archgen.tensors import Dim, Tensor, Weight, product

NO_BATCH = "Keras takes the examples for the samples of one sound"


class MelSpectrogram(Layer):
    """The power of a sound in bands of the mel scale, in decibels unless ``power_to_db`` is off.

    The sound is reflected at its ends by half of ``fft_length``, ``p`` samples, so that there are
    ``(samples + 2 p - fft_length) // sequence_stride + 1`` frames. Keras 3.15 announces
    ``(samples + sequence_stride + 1) // sequence_stride``, which is not the same for every number of samples.
    """

    category = "preprocessing"
    rule = "(batch, samples) -> (batch, num_mel_bins, frames)"
    sample_ranks = (*(2,) * 15, 1, 3)
    samples = {
        "fft_length": [1, 2, 3, 4, 6, 8, 9],
        "sequence_stride": [1, 2, 3, 3, 4, 5, 7],
        "sequence_length": [None, 1, 2, 3, 4],
        "sampling_rate": [8000, 16000, 44100, 100],
        "num_mel_bins": [1, 2, 4, 7],
        "min_freq": [0, 0.5, 20.0, 300],
        "max_freq": [None, 40, 3000.0],
    }
    stricter = {
        "mixes the examples of a batch": NO_BATCH,
        "(num_mel_bins|sampling_rate): expected": "a picture without rows, or without frequencies",
        "sequence_length: expected": "Keras takes 0 for null",
        "(min_freq|max_freq): expected|is empty": "no band lies there: the picture would be empty or not a number",
        "mag_exp: expected": "to the power of 0 every sound is the same, and below it silence is not finite",
        "min_power: expected": "the logarithm of nothing is not finite",
    }

    fft_length: PositiveInt = 2048
    sequence_stride: PositiveInt = 512
    sequence_length: OptionalInt = None
    window: Annotated[str | None, Choice("hann", "hamming", nullable=True)] = "hann"
    sampling_rate: PositiveNumber = 16000
    num_mel_bins: PositiveInt = 128
    min_freq: NonNegative = 20.0
    max_freq: Annotated[float | None, Float(above=0, nullable=True)] = None
    power_to_db: Flag = True
    top_db: Number = 80.0
    mag_exp: PositiveNumber = 2.0
    min_power: PositiveNumber = 1e-10
    ref_power: Number = 1.0

    def check(self) -> None:
        if self.sequence_length is not None and self.sequence_length > self.fft_length:
            raise LayerError(
                f"a window of {self.sequence_length} samples does not fit in an fft_length of {self.fft_length}",
                param="sequence_length",
                code="bad-argument",
                hint=f'use "sequence_length": {self.fft_length}',
            )
        low, high = self.min_freq, self.highest_frequency
        if high <= low:
            half = "" if self.max_freq is not None else f" (half of sampling_rate {self.sampling_rate:g})"
            raise LayerError(
                f"the band from {low:g} to {high:g} Hz{half} is empty",
                param="max_freq" if self.max_freq is not None else "min_freq",
                code="bad-argument",
                hint='use "min_freq": 0' if high > 0 else 'use a higher "sampling_rate"',
            )
        if self.compute_dtype == "float64" and self.power_to_db:
            raise LayerError(
                "decibels cannot be worked out in float64: Keras has ref_power in float32",
                param="dtype",
                code="dtype-mismatch",
                hint='use "dtype": "float32"',
            )

    @property
    def highest_frequency(self) -> float:
        """The upper end of the highest band, in hertz."""
        return self.max_freq if self.max_freq is not None else int(self.sampling_rate / 2)

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_numbers(self, x)
        if x.rank == 1:
            raise LayerError(
                f"MelSpectrogram over the only dimension of {x} mixes the examples of a batch",
                hint='give the Input a "shape" of one dimension: the samples',
            )
        if x.rank != 2:
            raise LayerError(
                f"MelSpectrogram needs 2 dimensions (batch, samples), found {x}",
                hint=f'put {{"op": "Reshape", "target_shape": [{product(x.shape[1:]) or -1}]}} before it',
            )
        return Tensor((x.batch, self.num_mel_bins, self.frames(x)), self.compute_dtype)

    def frames(self, x: Tensor) -> Dim:
        """How many frames there are, ``None`` if the samples are not counted; raises where Keras counts otherwise."""
        count = x.shape[1]
        if count is None:
            return None
        reflected = self.fft_length // 2
        if count <= reflected:
            raise LayerError(
                f"{count} samples cannot be reflected by {reflected}, half of fft_length {self.fft_length}",
                param="fft_length",
                hint=f'use "fft_length": {2 * count - 1}',
            )
        given, announced = self.given_frames(count), (count + self.sequence_stride + 1) // self.sequence_stride
        if given == announced:
            return given
        raise LayerError(
            f"Keras announces {announced} frames of {count} samples and gives {given}",
            param="sequence_stride",
            hint=self.frames_hint(count),
        )

    def given_frames(self, count: int) -> int:
        return (count + 2 * (self.fft_length // 2) - self.fft_length) // self.sequence_stride + 1

    def frames_hint(self, count: int) -> str:
        """The nearest number of samples, or the next stride, of which Keras tells the truth."""
        stride = self.sequence_stride
        for more in range(1, stride):
            if self.given_frames(count + more) == (count + more + stride + 1) // stride:
                return f'write "shape": [{count + more}] in the Input'
        return f'use a "sequence_stride" of {3 if self.fft_length % 2 else 2} or more'

    def flops(self, x: Tensor, **call: Any) -> Dim:
        """Per frame: window, transform, five per frequency for a power of its size, bands, three per band for decibels.

        A real transform of n samples counts 5/2 n log2 n (the convention of FFTW's benchmarks).
        """
        frequencies = self.fft_length // 2 + 1
        bands = self.num_mel_bins * (2 * frequencies + 3 * self.power_to_db)
        return product((self.frames(x), self.fft_length + transform_flops(self.fft_length) + 5 * frequencies + bands))


class STFTSpectrogram(Spatial):
    """A short-time Fourier transform by convolution, with kernels that can be trained."""

    spatial = 1
    category = "preprocessing"
    rule = "(batch, samples, channels) -> (batch, frames, channels * (fft_length // 2 + 1))"
    sample_ranks = (*(3,) * 15, 2, 4)
    samples = {
        "frame_length": [1, 2, 3, 4, 5],
        "frame_step": [None, 1, 1, 2, 2, 3],
        "fft_length": [None, None, 2, 4, 5, 8],
    }
    stricter = {
        "are zero|no frequency": "the weights are not numbers",
    }

    mode: Annotated[str, Choice("log", "magnitude", "psd", "real", "imag", "angle", "stft")] = "log"
    frame_length: PositiveInt = 256
    frame_step: OptionalInt = None
    fft_length: OptionalInt = None
    window: Annotated[str | None, Choice("hann", "hamming", "blackman", "boxcar", "bartlett", nullable=True)] = "hann"
    periodic: Flag = False
    scaling: Annotated[str | None, Choice("density", "spectrum", nullable=True)] = "density"
    padding: Annotated[str, Choice("valid", "same")] = "valid"
    expand_dims: Flag = False
    data_format: DataFormat = None

    @property
    def step(self) -> int:
        """How many samples a frame starts after the one before it."""
        return self.frame_step if self.frame_step is not None else self.frame_length // 2

    @property
    def frequencies(self) -> int:
        """How many frequencies there are; without an ``fft_length``, of the next power of two."""
        length = self.fft_length if self.fft_length is not None else 1 << (self.frame_length - 1).bit_length()
        return length // 2 + 1

    def check(self) -> None:
        if self.frame_step is not None and self.frame_step > self.frame_length:
            raise LayerError(
                f"a frame_step of {self.frame_step} leaves samples out between frames of {self.frame_length}",
                param="frame_step",
                code="bad-argument",
                hint=f'use "frame_step": {self.frame_length}',
            )
        if self.fft_length is not None and self.fft_length < self.frame_length:
            raise LayerError(
                f"a frame of {self.frame_length} samples does not fit in an fft_length of {self.fft_length}",
                param="fft_length",
                code="bad-argument",
                hint=f'use "fft_length": {1 << (self.frame_length - 1).bit_length()}',
            )
        if self.step < 1 or self.frequencies < 2:
            raise LayerError(
                f"frames of {self.frame_length} sample have no frequency",
                param="frame_length",
                code="bad-argument",
                hint='use "frame_length": 2 or more',
            )
        closed = self.window in ("hann", "blackman", "bartlett") and not self.periodic and self.scaling is not None
        if closed and self.frame_length == 2:
            raise LayerError(
                f"both ends of the {self.window} window are zero, and a frame_length of 2 has nothing between them",
                param="frame_length",
                code="bad-argument",
                hint='use "frame_length": 4',
            )
        if self.compute_dtype == "bfloat16":
            raise LayerError(
                "STFTSpectrogram cannot work in bfloat16",
                param="dtype",
                code="dtype-mismatch",
                hint='use "dtype": "float32"',
            )

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_floats(self, x)
        (samples,), channels = self.split(x)
        channels = require_known(self, channels, "the channels", x)
        frames, bins = self.frames(samples), self.frequencies * (2 if self.mode == "stft" else 1)
        if not self.expand_dims:
            return self.join(x.batch, (frames,), channels * bins)
        places = (channels, frames, bins) if self.channels_first else (frames, bins, channels)
        return Tensor((x.batch, *places), self.compute_dtype)

    def frames(self, samples: Dim) -> Dim:
        """How many frames fit, or start, in that many samples."""
        if samples is None:
            return None
        if self.padding == "same":
            return -(-samples // self.step)
        if samples < self.frame_length:
            raise LayerError(
                f"a frame of {self.frame_length} samples does not fit in a length of {samples}",
                param="frame_length",
                hint=f'use "padding": "same", or a frame_length of at most {samples}',
            )
        return (samples - self.frame_length) // self.step + 1

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        kernels = {"real": ("real_kernel",), "imag": ("imag_kernel",)}.get(self.mode, ("real_kernel", "imag_kernel"))
        return {kernel: self.weight(self.frame_length, 1, self.frequencies) for kernel in kernels}

    def flops(self, x: Tensor, **call: Any) -> Dim:
        """The convolutions, and what the mode makes of the two parts: nothing, an angle, a power, its root, its log."""
        (samples,), channels = self.split(x)
        parts = 1 if self.mode in ("real", "imag") else 2
        after = {"angle": 1, "psd": 4, "magnitude": 5, "log": 7}.get(self.mode, 0)
        return product((self.frames(samples), channels, self.frequencies, 2 * self.frame_length * parts + after))


def transform_flops(length: int) -> int:
    """Operations of a real Fourier transform of ``length`` samples: 5/2 n log2 n.

    >>> transform_flops(1), transform_flops(8), transform_flops(2048)
    (0, 60, 56320)
    """
    return round(2.5 * length * log2(length))
