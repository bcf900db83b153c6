"""Attention: each step of a query gathers what matches it among the steps of a value."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import Layer, Output
from archgen.layers.checks import require_floats
from archgen.layers.kinds import (
    Bool,
    Choice,
    Flag,
    Kind,
    Rate,
    Seed,
)
from archgen.layers.masks import Carried, Mask
from archgen.layers.misfits import clash, say_how_stepped
from archgen.tensors import Dim, Tensor, Weight, product

OPTIONS: dict[str, Kind] = {"return_attention_scores": Bool(), "use_causal_mask": Bool()}


class Attending(Layer):
    """What all attention layers share."""

    abstract: ClassVar[bool] = True
    category = "attention"
    options = OPTIONS
    passes_mask = True
    in_sequential = False


class Scored(Attending):
    """Base of the attention layers without projections; they take a list of query, value and, optionally, key."""

    abstract: ClassVar[bool] = True
    stricter = {
        "needs tensors of 3 dim": "with two dimensions, examples of a batch attend to each other",
        "needs floating-point": "some scores of some integers work",
        "of its value": "masks that fit by accident",
        "dropout: expected": "Keras keeps a rate that is none, and drops all or nothing",
    }
    takes_list = True
    min_inputs = 2
    max_inputs = 3
    rule = "[query (batch, T, q), value (batch, S, v), key (batch, S, q)] -> (batch, T, v)"

    use_scale: Any

    def features_fit(self, query: Dim, key: Dim) -> bool:
        """Whether scores can be made of queries and keys with these features."""
        return not clash(query, key)

    def output(self, *tensors: Tensor, **call: Any) -> Output:
        query, value, key = (*tensors, tensors[1])[:3]
        for tensor in tensors:
            require_floats(self, tensor)
        if query.rank < 3 or len({tensor.rank for tensor in tensors}) > 1:
            raise LayerError(
                f"{self.op} needs tensors of 3 dimensions (batch, steps, features), or equally more, "
                f"found {' and '.join(map(str, tensors))}",
                hint=say_how_stepped(tensors),
            )
        if clash(value.shape[-2], key.shape[-2]):
            raise LayerError(
                f"{self.op} needs a key per value, found values {value} and keys {key}",
                hint="make value and key of one tensor, so that both have as many steps",
            )
        if not self.features_fit(query.channels, key.channels):
            what = "key" if len(tensors) == 3 else "value"
            raise LayerError(
                f"{self.op} cannot score queries {query} against a {what} of {key}",
                hint=f"give the {what} a Dense with units={query.channels}",
            )
        for other in (value, key):
            # A dimension of 1 stretches in the value, and in the query only what Keras announces would be wrong.
            pairs = list(zip(query.shape[:-2], other.shape[:-2], strict=True))
            if any(clash(a, b) and b != 1 for a, b in pairs) or any(a == 1 and b is None for a, b in pairs):
                raise LayerError(
                    f"{self.op} cannot relate {query} and {other}: they differ before the steps",
                    hint="give both the same dimensions but for steps and features",
                )
        given = Tensor((*query.shape[:-1], value.channels), self.compute_dtype)
        if not call.get("return_attention_scores"):
            return given
        return given, Tensor((*query.shape[:-1], key.shape[-2]), self.compute_dtype)

    def flops(self, *tensors: Tensor, **call: Any) -> Dim:
        query, value, key = (*tensors, tensors[1])[:3]
        per_pair = self.per_pair(query.channels)
        if per_pair is None or value.channels is None:
            return None
        return product((*query.shape[1:-1], value.shape[-2], per_pair + 2 * value.channels))

    def per_pair(self, features: Dim) -> Dim:
        """Operations for the score of one query and one key."""
        raise NotImplementedError

    def carry(self, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
        value = tensors[1]
        if value.rank > 3 and masks[1] is not None:
            raise LayerError(
                f"{self.op} over {value} cannot read the mask of its value: Keras reads masks of (batch, steps) there",
                hint='take out the Masking or the "mask_zero" that makes it',
            )
        return super().carry(tensors, masks)


class Attention(Scored):
    """Scores that are products of queries and keys, or sums of them through a tanh (``concat``)."""

    use_scale: Flag = False
    score_mode: Annotated[str, Choice("dot", "concat")] = "dot"
    dropout: Rate = 0.0
    seed: Seed = None

    def features_fit(self, query: Dim, key: Dim) -> bool:
        return super().features_fit(query, key) or (self.score_mode == "concat" and 1 in (query, key))

    def weights(self, *tensors: Tensor, **call: Any) -> dict[str, Weight]:
        weights = {"scale": self.weight()} if self.use_scale else {}
        if self.score_mode == "concat":
            weights["concat_score_weight"] = self.weight()
        return weights

    def per_pair(self, features: Dim) -> Dim:
        if features is None:
            return None
        if self.score_mode == "dot":
            return 2 * features + self.use_scale
        return (2 + self.use_scale) * features


class AdditiveAttention(Scored):
    """Scores that are sums of queries and keys through a tanh, weighted by feature."""

    use_scale: Flag = True
    dropout: Rate = 0.0

    def features_fit(self, query: Dim, key: Dim) -> bool:
        return super().features_fit(query, key) or 1 in (query, key)

    def weights(self, *tensors: Tensor, **call: Any) -> dict[str, Weight]:
        return {"scale": self.weight(tensors[0].channels)} if self.use_scale else {}

    def per_pair(self, features: Dim) -> Dim:
        return None if features is None else (2 + self.use_scale) * features - 1
