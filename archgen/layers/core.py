"""Core layers: inputs, dense maps, embeddings."""

from typing import Annotated, Any

from archgen.errors import LayerError
from archgen.layers.base import Layer
from archgen.layers.kinds import (
    Activation,
    Choice,
    Constraint,
    Flag,
    Initializer,
    InputShape,
    OptionalInt,
    PositiveInt,
    Regularizer,
)
from archgen.tensors import FLOATS, INTEGERS, Dim, Tensor, Weight, product

InputDType = Annotated[str | None, Choice(*FLOATS, *INTEGERS, "bool", "string", nullable=True)]


class Input(Layer):
    """Where data enters: the shape of one example, without the batch."""

    category = "input"
    call_inputs = ()
    required_inputs = 0
    drops = ("trainable", "dtype")
    rule = "(batch, *shape)"

    shape: InputShape
    batch_size: OptionalInt = None
    dtype: InputDType = None

    @property
    def keras_class(self) -> str:
        return "InputLayer"

    def output(self, *tensors: Tensor, **call: Any) -> Tensor:
        return Tensor((self.batch_size, *self.shape), self.dtype or "float32")


class Dense(Layer):
    """A matrix product over the last dimension, plus a bias."""

    rule = "(..., n) -> (..., units)"

    units: PositiveInt
    activation: Activation = None
    use_bias: Flag = True
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        if x.rank < 2:
            raise LayerError(f"Dense needs at least 2 dimensions, found {x}", hint="give the input a feature dimension")
        if x.dtype == "string":
            raise LayerError("Dense cannot read strings", code="dtype-mismatch", hint="encode them as numbers first")
        if x.channels is None:
            raise LayerError(
                f"Dense needs to know the last dimension of its input, found {x}",
                code="unknown-dimension",
                hint="give that dimension a number in the Input's shape, or pool over it first",
            )
        return Tensor((*x.shape[:-1], self.units), self.compute_dtype)

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        weights = {"kernel": self.weight(x.channels, self.units)}
        if self.use_bias:
            weights["bias"] = self.weight(self.units)
        return weights

    def flops(self, x: Tensor, **call: Any) -> Dim:
        places = product(x.shape[1:-1])
        if places is None or x.channels is None:
            return None
        return places * self.units * (2 * x.channels + self.use_bias)
