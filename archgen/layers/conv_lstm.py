"""Convolutional LSTM: recurrence over sequences of signals, images and volumes."""

from math import prod
from typing import Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.checks import require_floats, require_known
from archgen.layers.convolution import Padding
from archgen.layers.kinds import (
    Activation,
    Constraint,
    DataFormat,
    Flag,
    Initializer,
    Pair,
    PositiveInt,
    Rate,
    Regularizer,
    Seed,
    Single,
    Triple,
    show,
)
from archgen.layers.recurrent import Recurrent
from archgen.layers.spatial import AXES, Spatial, slide_all
from archgen.tensors import Dim, Shape, Tensor, Weight, product


class ConvLSTM(Recurrent, Spatial):
    """An LSTM whose products are convolutions; the recurrent ones keep the size."""

    abstract: ClassVar[bool] = True
    rule = "(batch, steps, *places, channels) -> (batch, *places out, filters), with steps if return_sequences"
    states = 2
    freezes = False
    stricter = {"has a mask of each place": "it fits where no convolution changes the places"}
    cell_name = "conv_lstm_cell"

    filters: PositiveInt
    kernel_size: Single
    strides: Single = 1
    padding: Padding = "valid"
    data_format: DataFormat = None
    dilation_rate: Single = 1
    activation: Activation = "tanh"
    recurrent_activation: Activation = "sigmoid"
    use_bias: Flag = True
    kernel_initializer: Initializer = "glorot_uniform"
    recurrent_initializer: Initializer = "orthogonal"
    bias_initializer: Initializer = "zeros"
    unit_forget_bias: Flag = True
    kernel_regularizer: Regularizer = None
    recurrent_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    recurrent_constraint: Constraint = None
    bias_constraint: Constraint = None
    dropout: Rate = 0.0
    recurrent_dropout: Rate = 0.0
    seed: Seed = None
    return_sequences: Flag = False
    return_state: Flag = False
    go_backwards: Flag = False
    stateful: Flag = False

    def check(self) -> None:
        super().check()
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise LayerError(
                f"strides {list(self.strides)} cannot go with dilation_rate {list(self.dilation_rate)}: one must be 1",
                param="dilation_rate",
                code="bad-argument",
                hint='use "dilation_rate": 1, or "strides": 1',
            )

    def step(self, sequences: Tensor) -> Tensor:
        """One step of the sequence, with the batch."""
        return Tensor((sequences.batch, *sequences.shape[2:]), sequences.dtype)

    def check_sequences(self, sequences: Tensor) -> None:
        require_floats(self, sequences)
        if sequences.rank != self.spatial + 3:
            named = ", ".join(("batch", "steps", *AXES[self.spatial], "channels"))
            shape = f"{self.spatial + 2} dimensions"
            if sequences.rank == self.spatial + 2:
                shape = show([None, *sequences.shape[1:]])
            raise LayerError(
                f"{self.op} needs {self.spatial + 3} dimensions ({named}), found {sequences}",
                hint=f'write "shape": {shape} in the Input, the steps first',
            )
        places, channels = self.split(self.step(sequences))
        for axis, place in zip(AXES[self.spatial], places, strict=True):
            require_known(self, place, f"the {axis}", sequences)
        require_known(self, channels, "the channels", sequences)

    def places_out(self, sequences: Tensor) -> Shape:
        places = self.split(self.step(sequences))[0]
        return slide_all(self, places, self.kernel_size, self.strides, self.padding, self.dilation_rate)

    def state_shape(self, sequences: Tensor) -> Shape:
        return self.join(sequences.batch, self.places_out(sequences), self.filters).shape

    def weights(self, sequences: Tensor, *states: Any, **call: Any) -> dict[str, Weight]:
        channels = self.split(self.step(sequences))[1]
        weights = {
            f"{self.cell_name}/kernel": self.weight(*self.kernel_size, channels, 4 * self.filters, of="kernel"),
            f"{self.cell_name}/recurrent_kernel": self.weight(
                *self.kernel_size, self.filters, 4 * self.filters, of="recurrent"
            ),
        }
        if self.use_bias:
            weights[f"{self.cell_name}/bias"] = self.weight(4 * self.filters, of="bias")
        return weights

    def flops(self, sequences: Tensor, *states: Any, **call: Any) -> Dim:
        channels = self.split(self.step(sequences))[1]
        if channels is None:
            return None
        # Four gates, each of two convolutions and a bias; then four sums and products for the states.
        per_place = 4 * (2 * prod(self.kernel_size) * (channels + self.filters) + 1 + self.use_bias) + 4
        return product((sequences.shape[1], *self.places_out(sequences), self.filters, per_place))


class ConvLSTM1D(ConvLSTM):
    """A convolutional LSTM over sequences of signals."""

    spatial = 1


class ConvLSTM2D(ConvLSTM):
    """A convolutional LSTM over sequences of images."""

    spatial = 2

    kernel_size: Pair
    strides: Pair = 1
    dilation_rate: Pair = 1


class ConvLSTM3D(ConvLSTM):
    """A convolutional LSTM over sequences of volumes."""

    sample_ranks = (5, 6, 6, 6)
    spatial = 3

    kernel_size: Triple
    strides: Triple = 1
    dilation_rate: Triple = 1
