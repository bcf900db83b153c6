"""How masks travel: what a layer makes of the masks of what it reads, and which functions Keras calls to that end.

The mask of a tensor says which steps count. Keras makes it beside the tensor, with functions of ``keras.ops`` that take
automatic names as if the author had written them.
"""

from collections.abc import Sequence

from archgen.errors import LayerError
from archgen.tensors import Tensor

Mask = int | None
"""How many dimensions the mask of a tensor has; ``None`` where it has none."""

Carried = tuple[tuple[Mask, ...], tuple[str, ...]]
"""The masks of what a layer gives, and the classes of the functions that make them, in order."""


def merged(masks: Sequence[Mask]) -> Carried:
    """A step counts where it counts in any tensor, if all have masks."""
    if None in masks:
        return (), ()
    return (max(mask or 0 for mask in masks),), ("LogicalOr",) * (len(masks) - 1)


def concatenated(tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
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


def require_steps(op: str, masks: Sequence[Mask]) -> None:
    """Refuse a mask that does not say one thing of each step, (batch, steps)."""
    if masks and masks[0] not in (None, 2):
        dimensions = "1 dimension" if masks[0] == 1 else f"{masks[0]} dimensions"
        raise LayerError(
            f"{op} reads masks of (batch, steps), and there is one of {dimensions}",
            hint="take out the Masking that makes it",
        )
