"""Wrappers: a layer around another layer."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import Layer, Output, known
from archgen.layers.cells import RNN
from archgen.layers.checks import require_floats
from archgen.layers.core import Embedding
from archgen.layers.enclosing import Enclosing
from archgen.layers.kinds import Choice, PositiveInt, Wrapped, WrappedLayer
from archgen.layers.masks import Carried, Mask
from archgen.layers.recurrent import Recurrent
from archgen.tensors import Dim, Tensor, Weight, product

OptionalWrapped = Annotated[Layer | None, WrappedLayer(nullable=True)]
MergeMode = Annotated[str | None, Choice("concat", "sum", "mul", "ave", nullable=True)]

BEFORE = re.compile(r"put (\{.*\}) before it")
"""The hints that ask for a layer before the one at fault."""


class Wrapper(Enclosing):
    """A layer around one other layer."""

    abstract: ClassVar[bool] = True
    stricter = {"from 0 to 1": "Keras cuts the dropout of a recurrent layer to that range"}

    layer: Wrapped

    def wrapped(self) -> tuple[Layer, ...]:
        return (self.layer,)

    def not_frozen(self) -> LayerError:
        error = super().not_frozen()
        error.hint = 'write "trainable": false in its "layer"'
        return error

    def check_single(self) -> None:
        """Refuse inner layers that take other than one tensor."""
        if self.layer.takes_list or not self.layer.call_inputs or self.layer.category == "attention":
            raise LayerError(
                f"{self.op} wraps layers that take one tensor, {self.layer.op} does not",
                param="layer",
                code="bad-argument",
                hint="use it without the wrapper",
            )


class Bidirectional(Wrapper):
    """A recurrent layer run forwards and backwards over a sequence, and the two results merged."""

    category = "recurrent"
    call_inputs = ("sequences", "initial_state", "mask")
    left_out = {"weights": "arrays do not fit in a spec"}
    stricter = {**RNN.stricter, "cannot leave a": "of the states Keras announces another dtype than it gives"}
    samples = {"layer": ["LSTM", "GRU", "SimpleRNN", "RNN"], "backward_layer": ["LSTM", "GRU", "SimpleRNN", "RNN"]}
    list_inputs = ("initial_state",)
    rule = "the inner layer's output; twice the last dimension with concat, two tensors with null"

    layer: Wrapped
    merge_mode: MergeMode = "concat"
    backward_layer: OptionalWrapped = None

    def wrapped(self) -> tuple[Layer, ...]:
        return (self.layer,) if self.backward_layer is None else (self.layer, self.backward_layer)

    @property
    def forward(self) -> Recurrent:
        assert isinstance(self.layer, Recurrent)
        return self.layer

    @property
    def backward(self) -> Recurrent:
        inner = self.backward_layer or self.layer
        assert isinstance(inner, Recurrent)
        return inner

    def check(self) -> None:
        for param, inner in (("layer", self.layer), ("backward_layer", self.backward_layer)):
            if inner is not None and not isinstance(inner, Recurrent):
                raise LayerError(
                    f"Bidirectional wraps recurrent layers, {inner.op} is none",
                    param=param,
                    code="bad-argument",
                    hint='use LSTM, GRU or SimpleRNN, as in {"op": "LSTM", "units": 32}',
                )
        forward, backward = self.forward, self.backward
        turned = bool(forward.go_backwards) if self.backward_layer is None else not backward.go_backwards
        if self.backward_layer is None and turned:
            raise LayerError(
                "Bidirectional turns its layer round itself, and this one goes backwards",
                param=("layer", "go_backwards"),
                code="bad-argument",
                hint='leave out "go_backwards"',
            )
        if self.backward_layer is not None and forward.go_backwards == backward.go_backwards:
            raise LayerError(
                "both layers go the same way",
                param="backward_layer",
                code="bad-argument",
                hint='add "go_backwards": true to the backward layer',
            )
        for name in ("stateful", "return_sequences", "return_state"):
            if getattr(forward, name) != getattr(backward, name):
                raise LayerError(
                    f"the two layers differ in {name}",
                    param="backward_layer",
                    code="bad-argument",
                    hint=f'use the same "{name}" in both',
                )
        if forward.return_state and forward.stateful:
            raise LayerError(
                "Bidirectional cannot return the states of a stateful layer",
                param=("layer", "return_state"),
                code="bad-argument",
                hint='leave out "return_state" or "stateful"',
            )
        if forward.return_state and {forward.compute_dtype, backward.compute_dtype} != {self.compute_dtype}:
            raise LayerError(
                f"states of {forward.compute_dtype} cannot leave a Bidirectional of {self.compute_dtype}",
                param="dtype",
                code="bad-argument",
                hint="give Bidirectional and the layers inside the same dtype",
            )

    def output(
        self,
        sequences: Tensor,
        initial_state: Tensor | tuple[Tensor, ...] | None = None,
        mask: Tensor | None = None,
        **call: Any,
    ) -> Output:
        x = self.cast(sequences)
        ahead, back = (as_tuple(inner.output(x, None, mask)) for inner in (self.forward, self.backward))
        if [tensor.shape for tensor in ahead] != [tensor.shape for tensor in back]:
            raise LayerError(
                f"the forward layer gives {', '.join(map(str, ahead))}, the backward layer {', '.join(map(str, back))}",
                param="backward_layer",
                hint="give both layers as many units, and as many states",
            )
        if initial_state is not None:
            states = initial_state if isinstance(initial_state, tuple) else (initial_state,)
            self.forward.check_states((*self.forward.state_shapes(x), *self.backward.state_shapes(x)), states)
        first = Tensor(ahead[0].shape, self.compute_dtype)
        last = first.channels
        both = Tensor((*first.shape[:-1], None if last is None else 2 * last), first.dtype)
        merged = (first, first) if self.merge_mode is None else (both if self.merge_mode == "concat" else first,)
        given = (*merged, *ahead[1:], *back[1:])
        return given if len(given) > 1 else given[0]

    def weights(self, sequences: Tensor, *states: Any, **call: Any) -> dict[str, Weight]:
        x = self.cast(sequences)
        names = self.inner_names()
        weights = self.inside(f"forward_{names[0]}", self.forward.weights(x))
        behind = names[1] if self.backward_layer else f"backward_{names[0]}"
        return weights | self.inside(behind, self.backward.weights(x))

    def flops(self, sequences: Tensor, *states: Any, **call: Any) -> Dim:
        ahead, back = self.forward.flops(sequences), self.backward.flops(sequences)
        first = as_tuple(self.forward.output(self.cast(sequences)))[0].size
        if ahead is None or back is None or first is None:
            return None
        merge = {"concat": 0, None: 0, "ave": 2}.get(self.merge_mode, 1)
        return ahead + back + merge * first

    @classmethod
    def states_together(cls, arguments: Mapping[str, Any]) -> tuple[int, ...]:
        inner = [arguments["layer"], arguments.get("backward_layer") or arguments["layer"]]
        groups = [known("layer")[each.op].states_together(each.arguments) for each in inner]  # type: ignore[attr-defined]
        return tuple(size for each in groups for size in each)

    def carry(self, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
        """Sequences keep the mask, both of them where they are not merged."""
        for inner in (self.forward, self.backward):
            inner.carry(tensors, masks)
        count = 1 if self.merge_mode is not None else 2
        return ((masks[0],) * count if self.forward.return_sequences and masks else ()), ()


def as_tuple(output: Output) -> tuple[Tensor, ...]:
    """What an op gives, several tensors or one, as several."""
    return output if isinstance(output, tuple) else (output,)


class TimeDistributed(Wrapper):
    """A layer applied to each step of a sequence, with the same weights."""

    category = "core"
    stricter = {"cannot stand in": "some layers cast what they give, others do not"}
    samples = {"layer": ["Dense", "Conv2D", "Dropout", "Flatten", "BatchNormalization", "LSTM"]}
    passes_mask = True
    rule = "(batch, steps, ...) -> (batch, steps, *what the layer gives for (batch, ...))"

    layer: Wrapped

    def check(self) -> None:
        self.check_single()

        if self.layer.compute_dtype != self.compute_dtype:
            raise LayerError(
                f"a layer of {self.layer.compute_dtype} cannot stand in a TimeDistributed of {self.compute_dtype}",
                param="dtype",
                code="bad-argument",
                hint="give both the same dtype",
            )

    def step(self, x: Tensor) -> Tensor:
        """One step, as the inner layer sees it."""
        if x.rank < 3:
            raise LayerError(
                f"TimeDistributed needs at least 3 dimensions (batch, steps, ...), found {x}",
                hint='take "TimeDistributed" out: there are no steps',
            )
        return self.cast(Tensor((x.batch, *x.shape[2:]), x.dtype))

    def output(self, x: Tensor, **call: Any) -> Tensor:
        if self.layer.casts_integers:
            require_floats(self.layer, x)
        try:
            given = as_tuple(self.layer.output(self.step(x)))
        except LayerError as error:
            # What is to stand before the inner layer must be applied to each step, too.
            if error.hint and BEFORE.match(error.hint):
                error.hint = BEFORE.sub(r'put {"op": "TimeDistributed", "layer": \1} before it', error.hint)
            raise
        if len(given) > 1:
            raise LayerError(
                f"TimeDistributed takes layers of one output, {self.layer.op} gives {len(given)}",
                param="layer",
                hint='leave out "return_state"',
            )
        if not given[0].is_float:
            raise LayerError(
                f"TimeDistributed gives floating-point values, {self.layer.op} gives {given[0].dtype}",
                code="dtype-mismatch",
                hint="put an Embedding or a Rescaling before it",
            )
        return Tensor((x.batch, x.shape[1], *given[0].shape[1:]), self.compute_dtype)

    def carry(self, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
        if masks and masks[0] is not None:
            self.layer.carry([self.step(tensors[0])], [masks[0] - 1])  # raises where the mask of a step does not fit
        return super().carry(tensors, masks)

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        return self.inside(self.inner_names()[0], self.layer.weights(self.step(x)))

    def flops(self, x: Tensor, **call: Any) -> Dim:
        return product((x.shape[1], self.layer.flops(self.step(x))))


class SpectralNormalization(Wrapper):
    """A layer whose kernel is divided by its largest singular value, estimated in training."""

    category = "normalization"
    stricter = {"found Embedding": "it would announce the dtype of the ids, and give another"}
    samples = {"layer": ["Dense", "Conv2D"]}
    rule = "the inner layer's output"

    layer: Wrapped
    power_iterations: PositiveInt = 1

    def check(self) -> None:
        self.check_single()
        if isinstance(self.layer, Embedding):
            raise self.without_kernel()

    def kernel(self, weights: dict[str, Weight]) -> str:
        """The path of the weight that is normalized."""
        if "kernel" not in weights:
            raise self.without_kernel()
        return "kernel"

    def without_kernel(self) -> LayerError:
        return LayerError(
            f"SpectralNormalization needs a layer with a kernel, found {self.layer.op}",
            param="layer",
            code="bad-argument",
            hint='wrap a layer such as {"op": "Dense", "units": 64}',
        )

    def output(self, x: Tensor, **call: Any) -> Output:
        if not x.is_float:
            raise LayerError(
                f"SpectralNormalization gives the dtype of its input, found {x.dtype}",
                code="dtype-mismatch",
                hint="leave out the dtype of the Input",
            )
        given = self.layer.output(self.cast(x))
        self.kernel(self.layer.weights(self.cast(x)))
        assert isinstance(given, Tensor)
        return Tensor(given.shape, self.compute_dtype)

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        inner = self.layer.weights(self.cast(x))
        kernel = self.kernel(inner)
        name = self.inner_names()[0]
        named = self.inside(name, inner)
        path = f"{name}/{kernel}"
        # Keras lists the wrapper's own variables first, and the kernel is one of them.
        vector = {"vector_u": Weight((1, named[path].shape[-1]), False, named[path].dtype)}
        return {path: named[path]} | vector | {other: weight for other, weight in named.items() if other != path}

    def flops(self, x: Tensor, **call: Any) -> Dim:
        return self.layer.flops(self.cast(x))
