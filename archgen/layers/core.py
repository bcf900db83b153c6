"""Core layers: inputs, dense maps, embeddings, masks."""

from collections.abc import Sequence
from typing import Annotated, Any

from archgen.errors import LayerError
from archgen.layers.base import Layer
from archgen.layers.checks import require_floats, require_ids, require_known, require_numbers, require_rank
from archgen.layers.kinds import (
    Activation,
    Choice,
    Constraint,
    Flag,
    Initializer,
    InputShape,
    Number,
    OptionalInt,
    PositiveInt,
    Regularizer,
)
from archgen.layers.masks import Carried, Mask
from archgen.tensors import FLOATS, INTEGERS, Dim, Tensor, Weight, product

InputDType = Annotated[str | None, Choice(*FLOATS, *INTEGERS, "bool", "string", nullable=True)]


class Input(Layer):
    """Where data enters: the shape of one example, without the batch."""

    category = "input"
    call_inputs = ()
    left_out = {
        "batch_shape": "shape and batch_size say it",
        "tensor": "wraps a tensor that exists already",
        "sparse": "one kind of tensor only",
        "ragged": "one kind of tensor only",
        "optional": "a graph has all its inputs",
    }
    stricter = {"batch_size: expected": "a batch of 0 has no examples"}
    required_inputs = 0
    positional = 0
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

    passes_mask = True
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
        require_rank(self, x, 2)
        require_numbers(self, x)
        require_known(self, x.channels, "the last dimension", x)
        given = Tensor((*x.shape[:-1], self.units), self.compute_dtype)
        self.check_made("activity", given.shape)
        return given

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        weights = {"kernel": self.weight(x.channels, self.units, of="kernel")}
        if self.use_bias:
            weights["bias"] = self.weight(self.units, of="bias")
        return weights

    def flops(self, x: Tensor, **call: Any) -> Dim:
        places = product(x.shape[1:-1])
        if places is None or x.channels is None:
            return None
        return places * self.units * (2 * x.channels + self.use_bias)


class Embedding(Layer):
    """A learnt vector for each whole number below ``input_dim``."""

    left_out = {"weights": "arrays do not fit in a spec"}
    stricter = {"looks up whole numbers": "Keras cuts off the fraction, and a number that is no id finds no vector"}
    sample_dtypes = ("int32",)
    rule = "(...) -> (..., output_dim)"
    autocast = False

    input_dim: PositiveInt
    output_dim: PositiveInt
    embeddings_initializer: Initializer = "uniform"
    embeddings_regularizer: Regularizer = None
    embeddings_constraint: Constraint = None
    mask_zero: Flag = False

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_ids(self, x)
        return Tensor((*x.shape, self.output_dim), self.compute_dtype)

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        return {"embeddings": self.weight(self.input_dim, self.output_dim, of="embeddings")}

    def names_on_call(self, *tensors: Tensor, **call: Any) -> tuple[str, ...]:
        return ("NotEqual",) if self.mask_zero else ()

    def carry(self, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
        return ((tensors[0].rank,) if self.mask_zero else ()), ()


class Identity(Layer):
    """What it takes."""

    passes_mask = True
    rule = "the input's shape"

    def output(self, x: Tensor, **call: Any) -> Tensor:
        return self.cast(x)


class Masking(Layer):
    """Hides from later layers the steps whose values are all ``mask_value``."""

    rule = "the input's shape"

    mask_value: Number = 0.0

    def output(self, x: Tensor, **call: Any) -> Tensor:
        try:
            require_floats(self, x)
        except LayerError as error:
            if x.is_integer:
                error.hint = 'take it out, and write "mask_zero": true in the Embedding of the ids'
            raise
        return self.cast(x)

    def flops(self, x: Tensor, **call: Any) -> Dim:
        return x.size

    def names_on_call(self, *tensors: Tensor, **call: Any) -> tuple[str, ...]:
        return (*super().names_on_call(*tensors), "NotEqual", "Any")

    def carry(self, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
        return (tensors[0].rank - 1,), ()
