"""Recurrent layers: a cell that reads a sequence step by step and carries a state."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import Layer, Output
from archgen.layers.checks import require_known, require_numbers
from archgen.layers.kinds import (
    Activation,
    Bool,
    Choice,
    Constraint,
    Flag,
    Initializer,
    OneOf,
    PositiveInt,
    Rate,
    Regularizer,
    Seed,
)
from archgen.layers.masks import Carried, Mask, require_steps
from archgen.tensors import Dim, Shape, Tensor, Weight, product

CuDNN = Annotated[str | bool, OneOf(Choice("auto"), Bool())]


class Steps(Layer):
    """What a recurrent layer and a cell share: dropout, and weights that not every initializer can make."""

    abstract: ClassVar[bool] = True
    category = "recurrent"
    stricter = {"from 0 to 1": "Keras cuts the dropout to that range"}
    states: ClassVar[int] = 1
    """How many tensors its state is."""

    dropout: Any
    recurrent_initializer: Any

    def check(self) -> None:
        if getattr(self, "use_cudnn", "auto") is True:
            raise LayerError(
                "use_cudnn true fails wherever cuDNN is missing",
                param="use_cudnn",
                code="bad-argument",
                hint='use "use_cudnn": "auto"',
            )
        if getattr(self, "unit_forget_bias", False) and getattr(self, "use_bias", False) and self.no_bias_initializer:
            raise LayerError(
                "unit_forget_bias needs a bias_initializer, found null",
                param="bias_initializer",
                code="bad-argument",
                hint='use "bias_initializer": "zeros"',
            )
        orthogonal = getattr(self.recurrent_initializer, "op", self.recurrent_initializer)
        if self.variable_dtype == "bfloat16" and str(orthogonal).startswith(("orthogonal", "Orthogonal")):
            raise LayerError(
                "the orthogonal initializer cannot make bfloat16 weights",
                param="dtype",
                code="bad-argument",
                hint='use "dtype": "mixed_bfloat16", or "recurrent_initializer": "glorot_uniform"',
            )

    @property
    def no_bias_initializer(self) -> bool:
        return getattr(self, "bias_initializer", None) is None


class Recurrent(Steps):
    """What all recurrent layers share: steps in the second dimension, states, and what is given back."""

    abstract: ClassVar[bool] = True
    call_inputs = ("sequences", "initial_state", "mask")
    list_inputs = ("initial_state",)
    cell_name: ClassVar[str]
    """The name of its cell, which the weights belong to."""

    return_sequences: Any
    return_state: Any
    go_backwards: Any
    stateful: Any

    def state_shape(self, sequences: Tensor) -> Shape:
        """The shape of what the last step gives, the batch included: that of one state, unless states differ."""
        raise NotImplementedError

    def state_shapes(self, sequences: Tensor) -> tuple[Shape, ...]:
        """The shape of each state."""
        return (self.state_shape(sequences),) * self.states

    def drops_inputs(self) -> bool:
        """Whether training drops some of the inputs; to drop all of them takes no numbers at random."""
        return bool(0 < self.dropout < 1)

    def check_sequences(self, sequences: Tensor) -> None:
        """Refuse inputs that are no sequences."""
        raise NotImplementedError

    def output(
        self,
        sequences: Tensor,
        initial_state: Tensor | tuple[Tensor, ...] | None = None,
        mask: Tensor | None = None,
        **call: Any,
    ) -> Output:
        require_numbers(self, sequences)
        self.check_sequences(sequences)
        if self.drops_inputs() and not sequences.is_float:
            raise LayerError(
                f"{self.op} with dropout needs floating-point input, found {sequences.dtype}",
                code="dtype-mismatch",
                hint="put an Embedding before it, or leave out the dropout",
            )
        if self.stateful and sequences.batch is None:
            raise LayerError(
                f"a stateful {self.op} needs to know the batch, found {sequences}",
                param="stateful",
                code="unknown-dimension",
                hint='give the Input a "batch_size"',
            )
        states = self.state_shapes(sequences)
        if initial_state is not None:
            self.check_states(states, initial_state if isinstance(initial_state, tuple) else (initial_state,))
        if mask is not None:
            self.check_mask(sequences, mask)
        last = self.state_shape(sequences)
        steps = (sequences.shape[1],) if self.return_sequences else ()
        given = Tensor((last[0], *steps, *last[1:]), self.compute_dtype)
        self.check_made("activity", given.shape)
        if not self.return_state:
            return given
        return (given, *(Tensor(state, self.compute_dtype) for state in states))

    def check_states(self, expected: tuple[Shape, ...], found: tuple[Tensor, ...]) -> None:
        """Refuse initial states of the wrong number or shape."""
        count = len(expected)
        if len(found) != count:
            a_list = f'"from": {{"sequences": ..., "initial_state": [{", ".join(["..."] * count)}]}}'
            raise LayerError(
                f"{self.op} starts from {count} state{'s' if count > 1 else ''}, found {len(found)}",
                hint=f"write {a_list}" if count > 1 else "give one tensor",
            )
        for shape, state in zip(expected, found, strict=True):
            misfit = state.rank != len(shape) or any(
                a is not None and b is not None and a != b for a, b in zip(state.shape, shape, strict=True)
            )
            if misfit or state.dtype == "string":
                raise LayerError(
                    f"{self.op} starts from states of shape {Tensor(shape)}, found {state}",
                    hint=self.state_hint(shape, state),
                )

    def state_hint(self, shape: Shape, state: Tensor) -> str:
        """What to do about an initial state of another shape."""
        dense = f"give the state a Dense with units={shape[-1]}"
        fits = "units" in self.fields and state.rank == 2 and state.channels is not None
        return f'use "units": {state.channels}, or {dense}' if fits else dense

    def check_mask(self, sequences: Tensor, mask: Tensor) -> None:
        """Refuse masks that do not say one thing per step."""
        expected = sequences.shape[:2]
        fits = mask.rank == 2 and all(
            a is None or b is None or a == b for a, b in zip(mask.shape, expected, strict=True)
        )
        if not fits or mask.dtype == "string":
            raise LayerError(
                f"{self.op} needs a mask of shape {Tensor(expected)}, one truth value per step, found {mask}",
                hint='give an Input with "dtype": "bool"',
            )

    def carry(self, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
        """Sequences keep the mask, a last output and states have none."""
        require_steps(self.op, masks)
        return ((masks[0],) if self.return_sequences and masks else ()), ()


class OverVectors(Recurrent):
    """Base of the recurrent layers over vectors."""

    abstract: ClassVar[bool] = True
    rule = "(batch, steps, features) -> (batch, units), or (batch, steps, units) with return_sequences"

    def check_sequences(self, sequences: Tensor) -> None:
        if sequences.rank != 3:
            raise LayerError(
                f"{self.op} needs 3 dimensions (batch, steps, features), found {sequences}",
                hint=self.rank_hint(sequences),
            )
        require_known(self, sequences.channels, "the features", sequences)

    def rank_hint(self, x: Tensor) -> str:
        """What to put before the layer."""
        if x.rank == 2 and x.is_integer:
            return "put an Embedding before it"
        if x.rank == 2:
            target = [-1 if x.channels is None else x.channels, 1]
            reshape = f'{{"op": "Reshape", "target_shape": {target}}}'
            return f'add "return_sequences": true to the recurrent layer before it, or put {reshape} there'
        if x.rank > 3:
            return 'put {"op": "TimeDistributed", "layer": {"op": "Flatten"}} before it'
        return 'give the Input a "shape" of 2 dimensions'

    def step_weights(self, features: Dim) -> dict[str, Weight]:
        """The weights of its cell."""
        raise NotImplementedError

    def step_flops(self, features: Dim) -> Dim:
        """The cost of one step."""
        raise NotImplementedError

    def weights(self, sequences: Tensor, *states: Any, **call: Any) -> dict[str, Weight]:
        return {f"{self.cell_name}/{path}": weight for path, weight in self.step_weights(sequences.channels).items()}

    def flops(self, sequences: Tensor, *states: Any, **call: Any) -> Dim:
        return product((sequences.shape[1], self.step_flops(sequences.channels)))


class Gated(Steps):
    """Gates over the features of a step and the last output: what a layer and its cell share besides the arguments."""

    abstract: ClassVar[bool] = True
    gates: ClassVar[int] = 1
    extra: ClassVar[int] = 0
    """Operations per unit and step besides the matrix products and the bias."""

    units: Any
    use_bias: Any

    def state_shape(self, x: Tensor) -> Shape:
        return (x.batch, self.units)

    def bias_shape(self) -> tuple[int, ...]:
        return (self.gates * self.units,)

    def step_weights(self, features: Dim) -> dict[str, Weight]:
        width = self.gates * self.units
        weights = {
            "kernel": self.weight(features, width, of="kernel"),
            "recurrent_kernel": self.weight(self.units, width, of="recurrent"),
        }
        if self.use_bias:
            weights["bias"] = self.weight(*self.bias_shape(), of="bias")
        return weights

    def step_flops(self, features: Dim) -> Dim:
        if features is None:
            return None
        # The two products of each gate are added up, and to them what biases there are.
        sums = self.gates * (1 + self.use_bias * len(self.bias_shape()))
        return int(self.units * (2 * self.gates * (features + self.units) + sums + self.extra))


class SimpleUnits(Gated):
    """The arguments that SimpleRNN and SimpleRNNCell begin with."""

    abstract: ClassVar[bool] = True

    units: PositiveInt
    activation: Activation = "tanh"
    use_bias: Flag = True
    kernel_initializer: Initializer = "glorot_uniform"
    recurrent_initializer: Initializer = "orthogonal"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    recurrent_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    recurrent_constraint: Constraint = None
    bias_constraint: Constraint = None
    dropout: Rate = 0.0
    recurrent_dropout: Rate = 0.0


class LSTMUnits(Gated):
    """The arguments that LSTM and LSTMCell begin with."""

    abstract: ClassVar[bool] = True
    states = 2
    gates = 4
    extra = 4

    units: PositiveInt
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


class GRUUnits(Gated):
    """The arguments that GRU and GRUCell begin with."""

    abstract: ClassVar[bool] = True
    gates = 3
    extra = 5

    units: PositiveInt
    activation: Activation = "tanh"
    recurrent_activation: Activation = "sigmoid"
    use_bias: Flag = True
    kernel_initializer: Initializer = "glorot_uniform"
    recurrent_initializer: Initializer = "orthogonal"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    recurrent_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    recurrent_constraint: Constraint = None
    bias_constraint: Constraint = None
    dropout: Rate = 0.0
    recurrent_dropout: Rate = 0.0
    reset_after: Any

    def bias_shape(self) -> tuple[int, ...]:
        # After the product, the recurrent side has a bias of its own.
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)


class SimpleRNN(SimpleUnits, OverVectors):
    """One layer of units that read the step and their own last output."""

    cell_name = "simple_rnn_cell"

    return_sequences: Flag = False
    return_state: Flag = False
    go_backwards: Flag = False
    stateful: Flag = False
    unroll: Flag = False
    seed: Seed = None


class LSTM(LSTMUnits, OverVectors):
    """Long short-term memory: a carried cell state behind input, forget and output gates."""

    cell_name = "lstm_cell"

    seed: Seed = None
    return_sequences: Flag = False
    return_state: Flag = False
    go_backwards: Flag = False
    stateful: Flag = False
    unroll: Flag = False
    use_cudnn: CuDNN = "auto"


class GRU(GRUUnits, OverVectors):
    """Gated recurrent units: an update gate and a reset gate, without a state apart from the output."""

    cell_name = "gru_cell"

    seed: Seed = None
    return_sequences: Flag = False
    return_state: Flag = False
    go_backwards: Flag = False
    stateful: Flag = False
    unroll: Flag = False
    reset_after: Flag = True
    use_cudnn: CuDNN = "auto"
