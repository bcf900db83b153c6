"""Attention with projections: several heads side by side."""

from math import prod
from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.attention import Attending
from archgen.layers.base import Output
from archgen.layers.checks import require_known, require_numbers
from archgen.layers.kinds import (
    Bool,
    Constraint,
    Flag,
    Initializer,
    Int,
    ListOf,
    OptionalInt,
    PositiveInt,
    Rate,
    Regularizer,
    Seed,
)
from archgen.layers.misfits import clash, say_how_stepped
from archgen.layers.normalization import largest_divisor
from archgen.tensors import Dim, Shape, Tensor, Weight, product

OptionalFlag = Annotated[bool | None, Bool(nullable=True)]
OutputShape = Annotated[int | tuple[int, ...] | None, ListOf(Int(1), minimum=1, scalar=True, nullable=True)]
AttentionAxes = Annotated[int | tuple[int, ...] | None, ListOf(Int(1), minimum=1, scalar=True, nullable=True)]


class Projected(Attending):
    """Base of the attention layers that project query, value and key; one tensor alone is all three."""

    abstract: ClassVar[bool] = True
    freezes = False
    positional = 0
    call_inputs = ("query", "value", "key", "query_mask", "value_mask", "key_mask", "attention_mask")
    rule = "query (batch, T, q), value (batch, S, v) -> (batch, T, q)"

    use_bias: Any
    use_gate: Any

    @classmethod
    def call_words(cls, words: Any) -> Any:
        return (*words, *words) if len(words) == 1 else words

    def check(self) -> None:
        if getattr(self, "flash_attention", None):
            raise LayerError(
                "flash_attention true fails wherever there is no GPU for it",
                param="flash_attention",
                code="bad-argument",
                hint='use "flash_attention": null, which takes it where there is one',
            )
        for name in ("kernel_initializer", "bias_initializer"):
            if getattr(self, name) is None:
                raise LayerError(
                    f"{self.op} needs a {name}, found null",
                    param=name,
                    code="bad-argument",
                    hint=f'use "{name}": "{self.fields[name].default}"',
                )

    def names_on_build(self) -> tuple[str, ...]:
        return ("Softmax", "Dropout")

    def names_on_call(self, *tensors: Tensor, **call: Any) -> tuple[str, ...]:
        alone = len(tensors) == 1 and "value" not in call
        return super().names_on_call(*(tensors * 2 if alone else tensors), **call)

    def heads(self) -> tuple[int, int, int, int]:
        """Query heads, key heads, and the features that a head has of queries and keys, and of values."""
        raise NotImplementedError

    def attended(self, query: Tensor) -> tuple[int, ...]:
        """The axes that are attended over."""
        return (1,)

    def output_dims(self, query: Tensor) -> tuple[int, ...]:
        """The dimensions in place of the query's features."""
        return (require_known(self, query.channels, "the features of the query", query),)

    def output(
        self,
        query: Tensor,
        value: Tensor | None = None,
        key: Tensor | None = None,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
        key_mask: Tensor | None = None,
        attention_mask: Tensor | None = None,
        **call: Any,
    ) -> Output:
        value = value or query
        key = key or value
        for tensor in (query, value, key):
            require_numbers(self, tensor)
        self.check_ranks(query, value, key)
        axes = self.attended(query)
        self.check_fit(query, value, key, axes)
        for mask, masked in ((query_mask, query), (value_mask, value), (key_mask, value)):
            if mask is not None:
                self.check_step_mask(mask, masked, axes)
        if attention_mask is not None:
            self.check_attention_mask(attention_mask, query, value, axes)
        if (call.get("use_causal_mask") or getattr(self, "sliding_window", None)) and axes != (1,):
            raise LayerError(
                f"{self.op} masks later steps over axis 1 alone, and attends over {list(axes)}",
                hint='use "attention_axes": 1, or no mask',
            )
        given = Tensor((*query.shape[:-1], *self.output_dims(query)), self.compute_dtype)
        self.check_made("activity", given.shape)
        if not call.get("return_attention_scores"):
            return given
        return given, self.scores(query, value)

    def check_ranks(self, query: Tensor, value: Tensor, key: Tensor) -> None:
        """Refuse what has no steps, and inputs of different ranks."""
        if query.rank < 3:
            raise LayerError(
                f"{self.op} needs at least 3 dimensions (batch, steps, features), found {query}",
                hint=say_how_stepped([query]),
            )
        for other in (value, key):
            if other.rank != query.rank:
                raise LayerError(
                    f"{self.op} needs a query and a value of equal rank, found {query} and {other}",
                    hint=say_how_stepped([query, other]),
                )

    def check_fit(self, query: Tensor, value: Tensor, key: Tensor, axes: tuple[int, ...]) -> None:
        """Refuse values and keys of different lengths, and dimensions that differ although not attended over."""
        if value.shape[:-1] != key.shape[:-1]:
            raise LayerError(
                f"{self.op} needs a key per value, found values {value} and keys {key}",
                hint="make value and key of one tensor, so that both have as many steps",
            )
        for axis in range(query.rank - 1):
            if axis not in axes and clash(query.shape[axis], value.shape[axis]):
                raise LayerError(
                    f"{self.op} cannot relate {query} and {value}: axis {axis} differs and is not attended over",
                    hint='use the same "batch_size" in every Input' if axis == 0 else f'add {axis} to "attention_axes"',
                )

    def check_step_mask(self, mask: Tensor, masked: Tensor, axes: tuple[int, ...]) -> None:
        """Refuse masks that do not say one thing per step."""
        fits = mask.rank == 2 and not any(clash(a, b) for a, b in zip(mask.shape, masked.shape[:2], strict=True))
        if not fits or mask.dtype == "string" or axes != (1,):
            raise LayerError(
                f"{self.op} needs a mask of shape {Tensor(masked.shape[:2])}, one truth value per step, found {mask}",
                hint='give an Input with "dtype": "bool"',
            )

    def check_attention_mask(self, mask: Tensor, query: Tensor, value: Tensor, axes: tuple[int, ...]) -> None:
        """Refuse masks that do not stretch to the scores."""
        steps = tuple(x.shape[axis] for x in (query, value) for axis in axes)
        wanted = [(query.batch, *steps)]
        if len(axes) == query.rank - 2:
            wanted.append((query.batch, self.heads()[0], *steps))
        fits = any(
            mask.rank == len(shape)
            and not any(clash(a, b) and a != 1 for a, b in zip(mask.shape, shape, strict=True))
            and not clash(mask.batch, query.batch)
            for shape in wanted
        )
        if not fits or mask.dtype == "string":
            raise LayerError(
                f"{self.op} needs an attention_mask of shape {Tensor(wanted[0])}, found {mask}",
                hint="give one truth value for each pair of a query step and a value step",
            )

    def scores(self, query: Tensor, value: Tensor) -> Tensor:
        """The attention scores, where Keras announces them as they are."""
        raise NotImplementedError

    def score_shape(self, query: Tensor, value: Tensor) -> Shape:
        return (query.batch, self.heads()[0], query.shape[1], value.shape[1])

    def weights(
        self, query: Tensor, value: Tensor | None = None, key: Tensor | None = None, *masks: Tensor, **call: Any
    ) -> dict[str, Weight]:
        value = value or query
        key = key or value
        of_query, of_key, size, value_size = self.heads()
        out = self.output_dims(query)
        shapes = {
            "query": (query.channels, of_query, size),
            "key": (key.channels, of_key, size),
            "gate": (query.channels, of_query, value_size),
            "value": (value.channels, of_key, value_size),
            "attention_output": (of_query, value_size, *out),
        }
        if not self.use_gate:
            del shapes["gate"]
        weights: dict[str, Weight] = {}
        for name, shape in shapes.items():
            weights[f"{name}/kernel"] = self.weight(*shape, of="kernel")
            if self.use_bias:
                weights[f"{name}/bias"] = self.weight(*(out if name == "attention_output" else shape[1:]), of="bias")
        return weights

    def flops(
        self, query: Tensor, value: Tensor | None = None, key: Tensor | None = None, *masks: Tensor, **call: Any
    ) -> Dim:
        value = value or query
        key = key or value
        axes = self.attended(query)
        of_query, of_key, size, value_size = self.heads()
        queries, values = product(query.shape[1:-1]), product(value.shape[1:-1])
        pairs = product((queries, *(value.shape[axis] for axis in axes)))
        features = (query.channels, value.channels, key.channels)
        if queries is None or values is None or pairs is None or None in features:
            return None
        of_q, of_v, of_k = (dim or 0 for dim in features)
        bias = int(self.use_bias)
        total = queries * of_query * size * (2 * of_q + bias)
        total += values * of_key * (size * (2 * of_k + bias) + value_size * (2 * of_v + bias))
        # Each score is also divided by the root of the size.
        total += pairs * of_query * (2 * (size + value_size) + 1)
        total += queries * prod(self.output_dims(query)) * (2 * of_query * value_size + bias)
        if self.use_gate:
            total += queries * of_query * value_size * (2 * of_q + bias + 1)
        return total


class MultiHeadAttention(Projected):
    """Several attentions side by side, each over projections of its own; one tensor alone attends to itself."""

    stricter = {
        "needs at least 3 dim|are no different steps": "heads, features or examples attend",
        "needs a mask of shape": "masks that fit by accident",
        "flash_attention": "it is ignored for more than 3 dimensions, and fails without a GPU",
    }

    num_heads: PositiveInt
    key_dim: PositiveInt
    value_dim: OptionalInt = None
    dropout: Rate = 0.0
    use_bias: Flag = True
    output_shape: OutputShape = None
    attention_axes: AttentionAxes = None
    sliding_window: OptionalInt = None
    flash_attention: OptionalFlag = None
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None
    use_gate: Flag = False
    seed: Seed = None

    def heads(self) -> tuple[int, int, int, int]:
        return self.num_heads, self.num_heads, self.key_dim, self.value_dim or self.key_dim

    def output_dims(self, query: Tensor) -> tuple[int, ...]:
        if self.output_shape is None:
            return super().output_dims(query)
        return (self.output_shape,) if isinstance(self.output_shape, int) else self.output_shape

    def attended(self, query: Tensor) -> tuple[int, ...]:
        if self.attention_axes is None:
            return tuple(range(1, query.rank - 1))
        axes = (self.attention_axes,) if isinstance(self.attention_axes, int) else self.attention_axes
        last = query.rank - 2
        if any(axis > last for axis in axes) or len(set(axes)) < len(axes):
            raise LayerError(
                f"attention_axes {list(axes)} are no different steps of {query}",
                param="attention_axes",
                hint=f"use axes from 1 to {last}; the last dimension is the features" if last > 1 else "use 1",
            )
        return axes

    def scores(self, query: Tensor, value: Tensor) -> Tensor:
        # Keras announces the query's length for both dimensions, whatever is attended over.
        if query.rank > 3 or query.shape[1] != value.shape[1]:
            raise LayerError(
                f"Keras gets the shape of the attention scores wrong for {query} and {value}",
                hint='leave out "return_attention_scores", or attend from one sequence to another of the same length',
            )
        return Tensor(self.score_shape(query, value), self.compute_dtype)


class GroupQueryAttention(Projected):
    """Multi-head attention in which groups of query heads share a key head and a value head."""

    head_dim: PositiveInt
    num_query_heads: PositiveInt
    num_key_value_heads: PositiveInt
    dropout: Rate = 0.0
    use_bias: Flag = True
    sliding_window: OptionalInt = None
    flash_attention: OptionalFlag = None
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None
    use_gate: Flag = False
    seed: Seed = None

    @property
    def keras_class(self) -> str:
        return "GroupedQueryAttention"

    def check(self) -> None:
        super().check()
        if self.num_query_heads % self.num_key_value_heads:
            raise LayerError(
                f"{self.num_query_heads} query heads do not divide among {self.num_key_value_heads} key heads",
                param="num_key_value_heads",
                code="bad-argument",
                hint=f'use "num_key_value_heads": {largest_divisor(self.num_query_heads, self.num_key_value_heads)}',
            )

    def heads(self) -> tuple[int, int, int, int]:
        return self.num_query_heads, self.num_key_value_heads, self.head_dim, self.head_dim

    def check_ranks(self, query: Tensor, value: Tensor, key: Tensor) -> None:
        super().check_ranks(query, value, key)
        if query.rank != 3:
            raise LayerError(
                f"{self.op} needs 3 dimensions (batch, steps, features), found {query}",
                hint="merge the steps with a Reshape, or use MultiHeadAttention",
            )
        if query.channels != value.channels:
            raise LayerError(
                f"{self.op} needs as many features in the value as in the query, found {query} and {value}",
                hint=f"give the value a Dense with units={query.channels}",
            )

    def scores(self, query: Tensor, value: Tensor) -> Tensor:
        return Tensor(self.score_shape(query, value), self.compute_dtype)
