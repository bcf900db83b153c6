"""Checks that layers of several families make of their inputs."""

from collections.abc import Sequence

from archgen.errors import LayerError
from archgen.layers.base import Operation
from archgen.tensors import Dim, Tensor


def require_numbers(layer: Operation, x: Tensor) -> None:
    """Refuse strings."""
    if x.dtype == "string":
        raise LayerError(
            f"{layer.op} cannot read strings",
            code="dtype-mismatch",
            hint='encode them as numbers before the network, and leave "dtype" out of the Input',
        )


def require_floats(layer: Operation, x: Tensor) -> None:
    """Refuse what is not floating-point.

    Keras casts no integers: such layers announce floats and then fail on integers, or give integers.
    """
    require_numbers(layer, x)
    if not x.is_float:
        raise LayerError(
            f"{layer.op} needs floating-point input, found {x.dtype}",
            code="dtype-mismatch",
            hint='put {"op": "Rescaling", "scale": 1.0} before it, or leave "dtype" out of the Input; '
            "ids go through an Embedding",
        )


def require_rank(layer: Operation, x: Tensor, least: int) -> None:
    """Refuse inputs with too few dimensions, the batch counted."""
    if x.rank < least:
        raise LayerError(
            f"{layer.op} needs at least {least} dimensions, the batch included, found {x}",
            hint=f'give the Input a "shape" of {least - 1} dimension{"s" * (least > 2)} or more',
        )


def resolve_axis(layer: Operation, axis: int, x: Tensor, param: str = "axis") -> int:
    """A counted-from-the-end axis as its index; raises where the input has no such axis."""
    if not -x.rank <= axis < x.rank:
        raise LayerError(
            f"axis {axis} does not exist in {x}",
            param=param,
            hint=f'use "{param}" from {-x.rank} to {x.rank - 1}; -1 is the last dimension',
        )
    return axis % x.rank


def resolve_axes(layer: Operation, axes: int | Sequence[int], x: Tensor, param: str = "axis") -> tuple[int, ...]:
    """Each axis as its index, in the order given; raises on one that is missing or named twice."""
    listed = [axes] if isinstance(axes, int) else list(axes)
    resolved = tuple(resolve_axis(layer, axis, x, param) for axis in listed)
    if len(set(resolved)) < len(resolved):
        raise LayerError(
            f"{listed} names one axis of {x} twice", param=param, hint=f'use "{param}": {sorted(set(resolved))}'
        )
    return resolved


def require_known(layer: Operation, dim: Dim, what: str, x: Tensor) -> int:
    """A dimension that the layer's weights depend on."""
    if dim is None:
        raise LayerError(
            f"{layer.op} needs to know {what} of its input, found {x}",
            code="unknown-dimension",
            hint="write a number in place of null in the Input's shape",
        )
    return dim


def require_ids(layer: Operation, x: Tensor) -> None:
    """Refuse what is no whole number: floats, and strings."""
    if x.is_integer or x.dtype == "bool":
        return
    text = x.dtype == "string"
    raise LayerError(
        f"{layer.op} looks up whole numbers, found {x.dtype} in {x}",
        code="dtype-mismatch",
        hint=(
            'put a StringLookup before it, as in {"op": "StringLookup", "vocabulary": ["a", "b"]}'
            if text
            else 'add "dtype": "int32" to the Input, or put {"op": "ops.cast", "dtype": "int32"} before it'
        ),
    )
