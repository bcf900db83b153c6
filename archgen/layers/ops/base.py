"""What functions of ``keras.ops`` have in common."""

from archgen.errors import LayerError
from archgen.layers.base import Op
from archgen.layers.misfits import clash, say_why_not_added
from archgen.tensors import Dim, Shape, Tensor


def bad(message: str, param: str | tuple[str | int, ...], hint: str | None = None) -> LayerError:
    """The error for an argument that the function cannot take."""
    return LayerError(message, param=param, hint=hint, code="bad-argument")


def wrong_dtype(op: Op, wanted: str, found: str, cast: str = "float32") -> LayerError:
    """The error for a tensor that the function cannot compute with; ``cast`` is a dtype with which it can."""
    return LayerError(
        f"ops.{op.op} needs {wanted}, found {found}",
        code="dtype-mismatch",
        hint=f'put {{"op": "ops.cast", "dtype": "{cast}"}} before it',
    )


def check_keeps_batch(op: Op, axis: int, x: Tensor, param: str = "axis") -> None:
    """Refuse to work along the batch: what comes of one example must not depend on the others."""
    if axis == 0:
        raise LayerError(
            f"ops.{op.op} over axis 0 of {x} mixes the examples of a batch",
            param=param,
            hint=f'use "{param}": 1 or more, or -1 for the last dimension',
        )


def broadcast(op: Op, *tensors: Tensor) -> Shape:
    """The shape that tensors stretch to, matched from the last dimension on."""
    shape: Shape = tensors[0].shape
    for x in tensors[1:]:
        short, long = sorted((shape, x.shape), key=len)
        if len(short) < len(long) and short[0] is None:
            raise LayerError(
                f"ops.{op.op} matches {Tensor(shape)} and {x} from the last dimension, so that a batch meets another "
                "dimension",
                hint=f'give the {Tensor(short)} input a Reshape with "target_shape": {lined_up(short[1:], long[1:])}',
            )
        together = pad(short, len(long)), long
        if any(clash(a, b) and 1 not in (a, b) for a, b in zip(*together, strict=True)):
            raise LayerError(
                f"ops.{op.op} cannot combine {Tensor(shape)} and {x}",
                hint=say_why_not_added(shape, x.shape),
            )
        shape = tuple(wider(a, b) for a, b in zip(*together, strict=True))
    return shape


def lined_up(short: Shape, long: Shape) -> list[int]:
    """A shape with ones in it, so that it stretches to a longer one, both without the batch.

    >>> lined_up((4,), (10, 4)), lined_up((10,), (10, 4))
    ([1, 4], [10, 1])
    """
    ones = [1] * (len(long) - len(short))
    own = [-1 if dim is None else dim for dim in short]
    at_the_end = not any(clash(a, b) and 1 not in (a, b) for a, b in zip(short[::-1], long[::-1], strict=False))
    return [*ones, *own] if at_the_end or short != long[: len(short)] else [*own, *ones]


def pad(shape: Shape, rank: int) -> Shape:
    """The shape with ones in front, up to ``rank`` dimensions."""
    return (1,) * (rank - len(shape)) + shape


def wider(one: Dim, other: Dim) -> Dim:
    """What two dimensions stretch to; an unknown one is taken to equal a known one.

    >>> wider(1, 4), wider(None, 4), wider(None, 1), wider(3, 3)
    (4, 4, None, 3)
    """
    if one is None or other is None:
        known = other if one is None else one
        return None if known == 1 else known
    return max(one, other)


LIMITS = {
    "int8": (-(2**7), 2**7 - 1),
    "uint8": (0, 2**8 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
"""The least and the largest value of integers that some numbers do not fit in."""


def check_fits(value: float | int, dtype: str, param: str) -> None:
    """Refuse a number that tensors of this dtype cannot hold."""
    low, high = LIMITS.get(dtype, (value, value))
    if not low <= value <= high:
        raise bad(f"{value} does not fit in {dtype}", param, f"use a number from {low} to {high}")


def kind_of_number(value: float | int) -> str:
    """``"int"`` or ``"float"``, as ``promote`` takes it."""
    return "int" if isinstance(value, int) else "float"
