"""How masks travel: which layer passes on the mask of what it reads, and which functions Keras calls to that end.

The mask of a tensor says which steps count. Keras makes it beside the tensor, with functions of ``keras.ops`` that take
automatic names as if the author had written them.
"""

from collections.abc import Callable, Sequence
from typing import Any

from archgen.layers.base import Layer, Operation
from archgen.tensors import Tensor

Mask = int | None
"""How many dimensions the mask of a tensor has; ``None`` where it has none."""

Carried = tuple[tuple[Mask, ...], tuple[str, ...]]
"""The masks of what a layer gives, and the classes of the functions that make them, in order."""

PASSING = frozenset(
    (
        *("Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax"),
        *("Dense", "Identity", "TimeDistributed", "MultiHeadAttention", "GroupQueryAttention"),
        *("BatchNormalization", "LayerNormalization", "GroupNormalization", "UnitNormalization", "Normalization"),
        *("Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization", "Rescaling"),
        *("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"),
        *("Attention", "AdditiveAttention"),
    )
)
"""Layers that give the mask of the first tensor that they read."""


def carry(declared: Operation, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
    """The masks of the first tensors that a layer gives, from those of ``tensors``, its first argument."""
    rule = _RULES.get(declared.op)
    if rule is not None:
        return rule(declared, tensors, masks)
    if isinstance(declared, Layer) and declared.op in PASSING and masks:
        return (masks[0],), ()
    return (), ()


def _merge(declared: Operation, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
    """A step counts where it counts in any tensor, if all have masks."""
    if None in masks:
        return (), ()
    return (max(mask or 0 for mask in masks),), ("LogicalOr",) * (len(masks) - 1)


def _concatenate(declared: Operation, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
    """Masks are made as large as their tensors and joined like them."""
    if all(mask is None for mask in masks):
        return (), ()
    names: list[str] = []
    for tensor, mask in zip(tensors, masks, strict=True):
        if mask is None:
            names.append("OnesLike")
        elif mask < tensor.rank:
            names += ["ExpandDims", "ZerosLike", "LogicalOr"]
    return (tensors[0].rank - 1,), (*names, "Concatenate", "Any")


def _recurrent(declared: Operation, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
    """Sequences keep the mask, a last output and states have none."""
    inner: Any = getattr(declared, "layer", declared)
    if not inner.return_sequences or not masks:
        return (), ()
    both = declared.op == "Bidirectional" and getattr(declared, "merge_mode", None) is None
    return (masks[0],) * (1 + both), ()


def _embedding(declared: Operation, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
    return ((tensors[0].rank,) if getattr(declared, "mask_zero", False) else ()), ()


def _masking(declared: Operation, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
    return (tensors[0].rank - 1,), ()


_RULES: dict[str, Callable[[Operation, Sequence[Tensor], Sequence[Mask]], Carried]] = {
    **dict.fromkeys(("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"), _merge),
    **dict.fromkeys(("SimpleRNN", "LSTM", "GRU", "Bidirectional"), _recurrent),
    **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), _recurrent),
    "Concatenate": _concatenate,
    "Embedding": _embedding,
    "Masking": _masking,
}
