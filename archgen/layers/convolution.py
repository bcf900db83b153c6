"""Convolutions: a kernel slides over one to three spatial dimensions."""

from math import gcd, prod
from typing import Annotated, Any

from archgen.errors import LayerError
from archgen.layers.checks import require_floats, require_known
from archgen.layers.kinds import (
    Activation,
    Choice,
    Constraint,
    DataFormat,
    Flag,
    Initializer,
    Pair,
    PositiveInt,
    Regularizer,
    Single,
    Sizes,
    Triple,
)
from archgen.layers.spatial import Spatial, reach, slide_all
from archgen.tensors import Dim, Tensor, Weight, product

Padding = Annotated[str, Choice("valid", "same")]
CausalPadding = Annotated[str, Choice("valid", "same", "causal")]
OutputPadding1 = Annotated[Any, Sizes(1, 0, nullable=True)]
OutputPadding2 = Annotated[Any, Sizes(2, 0, nullable=True)]
OutputPadding3 = Annotated[Any, Sizes(3, 0, nullable=True)]


class Convolutional(Spatial):
    """What all convolutions share: windows, strides, channels, a bias."""

    abstract = True
    category = "convolution"
    rule = "places -> (places - dilation * (kernel - 1) - 1) // strides + 1 (valid), ceil(places / strides) (same)"

    filters: Any
    kernel_size: Any
    strides: Any
    padding: Any
    dilation_rate: Any
    use_bias: Any

    def check(self) -> None:
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise LayerError(
                f"strides {list(self.strides)} cannot go with dilation_rate {list(self.dilation_rate)}: one must be 1",
                param="dilation_rate",
                code="bad-argument",
                hint='use "dilation_rate": 1, or "strides": 1',
            )

    def filters_out(self, channels: int) -> int:
        """The channels of the output."""
        return int(self.filters)

    def channels_in(self, x: Tensor) -> int:
        """The channels of the input, which the kernel depends on."""
        require_floats(self, x)
        return require_known(self, self.split(x)[1], "the channels", x)

    def slid(self, x: Tensor) -> tuple[Dim, ...]:
        """The spatial dimensions of the output."""
        padding = "same" if self.padding == "causal" else self.padding
        return slide_all(self, self.split(x)[0], self.kernel_size, self.strides, padding, self.dilation_rate)

    def output(self, x: Tensor, **call: Any) -> Tensor:
        channels = self.channels_in(x)
        given = self.join(x.batch, self.slid(x), self.filters_out(channels))
        self.check_made("activity", given.shape)
        return given

    def bias(self, size: int) -> dict[str, Weight]:
        return {"bias": self.weight(size, of="bias")} if self.use_bias else {}


class Convolution(Convolutional):
    """A kernel over all channels, or over each group of them."""

    abstract = True

    filters: PositiveInt
    kernel_size: Single
    strides: Single = 1
    padding: Padding = "valid"
    data_format: DataFormat = None
    dilation_rate: Single = 1
    groups: PositiveInt = 1
    activation: Activation = None
    use_bias: Flag = True
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None

    def check(self) -> None:
        super().check()
        if self.filters % self.groups:
            raise LayerError(
                f"{self.filters} filters do not divide into {self.groups} groups",
                param="groups",
                code="bad-argument",
                hint=f'use "filters": {self.groups * -(-self.filters // self.groups)}, or "groups": 1',
            )

    def channels_in(self, x: Tensor) -> int:
        channels = super().channels_in(x)
        if channels % self.groups:
            raise LayerError(
                f"{channels} channels do not divide into {self.groups} groups",
                param="groups",
                hint=f'use "groups": {gcd(channels, self.filters)}, which divides both the channels and the filters',
            )
        return channels

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        per_group = self.channels_in(x) // self.groups
        return {"kernel": self.weight(*self.kernel_size, per_group, self.filters, of="kernel")} | self.bias(
            self.filters
        )

    def flops(self, x: Tensor, **call: Any) -> Dim:
        per_place = 2 * prod(self.kernel_size) * (self.channels_in(x) // self.groups) + self.use_bias
        return product((*self.slid(x), self.filters, per_place))


class Conv1D(Convolution):
    """A convolution over a sequence; ``"causal"`` padding sees no later step."""

    spatial = 1

    padding: CausalPadding = "valid"


class Conv2D(Convolution):
    """A convolution over an image."""

    spatial = 2

    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)


class Conv3D(Convolution):
    """A convolution over a volume."""

    spatial = 3

    kernel_size: Triple
    strides: Triple = (1, 1, 1)
    dilation_rate: Triple = (1, 1, 1)


class TransposedConvolution(Convolutional):
    """The transpose of a convolution: strides enlarge."""

    abstract = True
    stricter = {"leaves no output": "TensorFlow stops where the sizes are known"}
    rule = "places -> (places - 1) * strides + max(kernel, strides) (valid), places * strides (same)"

    filters: PositiveInt
    kernel_size: Single
    strides: Single = 1
    padding: Padding = "valid"
    output_padding: OutputPadding1 = None
    data_format: DataFormat = None
    dilation_rate: Single = 1
    activation: Activation = None
    use_bias: Flag = True
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None

    def check(self) -> None:
        super().check()
        if self.output_padding is None:
            return
        for extra, stride, window in zip(self.output_padding, self.strides, self.windows(), strict=True):
            if extra >= stride:
                raise LayerError(
                    f"output_padding {extra} must be less than strides {stride}",
                    param="output_padding",
                    code="bad-argument",
                    hint=f'use "output_padding": {stride - 1}, or leave it out',
                )
            # Keras announces (places - 1) * strides for an even window without padding, from which no convolution
            # leads back to the input: running it fails.
            if self.padding == "same" and extra == 0 and window % 2 == 0:
                raise LayerError(
                    f"output_padding 0 leaves no output for the last place of a window of {window}",
                    param="output_padding",
                    code="bad-argument",
                    hint="leave output_padding out, or use an odd kernel_size",
                )

    def windows(self) -> tuple[int, ...]:
        return tuple(reach(size, rate) for size, rate in zip(self.kernel_size, self.dilation_rate, strict=True))

    def slid(self, x: Tensor) -> tuple[Dim, ...]:
        extras = self.output_padding or (None,) * self.spatial
        return tuple(
            None if place is None else enlarge(place, window, stride, self.padding, extra)
            for place, window, stride, extra in zip(self.split(x)[0], self.windows(), self.strides, extras, strict=True)
        )

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        kernel = self.weight(*self.kernel_size, self.filters, self.channels_in(x), of="kernel")
        return {"kernel": kernel} | self.bias(self.filters)

    def flops(self, x: Tensor, **call: Any) -> Dim:
        places, out = product(self.split(x)[0]), product(self.slid(x))
        if places is None or out is None:
            return None
        per_place = 2 * prod(self.kernel_size) * self.channels_in(x)
        return self.filters * (places * per_place + out * self.use_bias)


def enlarge(size: int, window: int, stride: int, padding: str, extra: int | None) -> int:
    """The size that a transposed convolution gives.

    >>> enlarge(7, 4, 2, "same", None), enlarge(7, 3, 2, "valid", None), enlarge(7, 3, 2, "same", 1)
    (14, 15, 14)
    """
    if padding == "valid":
        return (size - 1) * stride + window + (max(window, stride) - window if extra is None else extra)
    return size * stride if extra is None else (size - 1) * stride + window % 2 + extra


class Conv1DTranspose(TransposedConvolution):
    """A transposed convolution over a sequence."""

    spatial = 1


class Conv2DTranspose(TransposedConvolution):
    """A transposed convolution over an image."""

    spatial = 2

    kernel_size: Pair
    strides: Pair = (1, 1)
    output_padding: OutputPadding2 = None
    dilation_rate: Pair = (1, 1)


class Conv3DTranspose(TransposedConvolution):
    """A transposed convolution over a volume."""

    spatial = 3

    kernel_size: Triple
    strides: Triple = (1, 1, 1)
    output_padding: OutputPadding3 = None
    dilation_rate: Triple = (1, 1, 1)


UNEQUAL = {
    "strides that differ": "TensorFlow's own kernel cannot; that of some builds can",
    "cannot go with dilation_rate": "TensorFlow forgets the shape of what it gives, and layers after it fail",
}


def check_equal(strides: tuple[int, ...]) -> None:
    """Refuse strides that differ, where each channel has kernels of its own."""
    if len(set(strides)) > 1:
        raise LayerError(
            f"strides that differ, as {list(strides)} do, fail in TensorFlow where each channel has its own kernels",
            param="strides",
            code="bad-argument",
            hint=f'use "strides": {max(strides)}, or a Conv{len(strides)}D',
        )


class DepthwiseConvolution(Convolutional):
    """Each channel has kernels of its own."""

    abstract = True
    stricter = UNEQUAL

    kernel_size: Single
    strides: Single = 1
    padding: Padding = "valid"
    depth_multiplier: PositiveInt = 1
    data_format: DataFormat = None
    dilation_rate: Single = 1
    activation: Activation = None
    use_bias: Flag = True
    depthwise_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    depthwise_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    depthwise_constraint: Constraint = None
    bias_constraint: Constraint = None

    def check(self) -> None:
        """Strides and dilation go together here, if not with ``"same"``; the strides have to be equal."""
        check_equal(self.strides)
        if self.padding == "same":
            super().check()

    def filters_out(self, channels: int) -> int:
        return int(channels * self.depth_multiplier)

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        channels = self.channels_in(x)
        kernel = self.weight(*self.kernel_size, channels, self.depth_multiplier, of="depthwise")
        return {"kernel": kernel} | self.bias(self.filters_out(channels))

    def flops(self, x: Tensor, **call: Any) -> Dim:
        filters = self.filters_out(self.channels_in(x))
        return product((*self.slid(x), filters, 2 * prod(self.kernel_size) + self.use_bias))


class DepthwiseConv1D(DepthwiseConvolution):
    """A depthwise convolution over a sequence."""

    spatial = 1


class DepthwiseConv2D(DepthwiseConvolution):
    """A depthwise convolution over an image."""

    spatial = 2

    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)


class SeparableConvolution(Convolutional):
    """A depthwise convolution, then one of size 1 that mixes the channels."""

    abstract = True
    stricter = UNEQUAL

    filters: PositiveInt
    kernel_size: Single
    strides: Single = 1
    padding: Padding = "valid"
    data_format: DataFormat = None
    dilation_rate: Single = 1
    depth_multiplier: PositiveInt = 1
    activation: Activation = None
    use_bias: Flag = True
    depthwise_initializer: Initializer = "glorot_uniform"
    pointwise_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    depthwise_regularizer: Regularizer = None
    pointwise_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    depthwise_constraint: Constraint = None
    pointwise_constraint: Constraint = None
    bias_constraint: Constraint = None

    def check(self) -> None:
        """Strides and dilation go together here, if not with ``"same"``; the strides have to be equal."""
        check_equal(self.strides)
        if self.padding == "same":
            super().check()

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        channels = self.channels_in(x)
        deep = channels * self.depth_multiplier
        return {
            "depthwise_kernel": self.weight(*self.kernel_size, channels, self.depth_multiplier, of="depthwise"),
            "pointwise_kernel": self.weight(*(1,) * self.spatial, deep, self.filters, of="pointwise"),
        } | self.bias(self.filters)

    def flops(self, x: Tensor, **call: Any) -> Dim:
        deep = self.channels_in(x) * self.depth_multiplier
        per_place = 2 * prod(self.kernel_size) * deep + self.filters * (2 * deep + self.use_bias)
        return product((*self.slid(x), per_place))


class SeparableConv1D(SeparableConvolution):
    """A separable convolution over a sequence."""

    spatial = 1


class SeparableConv2D(SeparableConvolution):
    """A separable convolution over an image."""

    spatial = 2

    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)
