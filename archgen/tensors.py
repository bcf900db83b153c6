"""What flows through a graph: tensors with a shape and a dtype, and the weights of a layer.

A dimension is an ``int``, or ``None`` while it is unknown. The first dimension of a tensor is the batch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

Dim = int | None
Shape = tuple[Dim, ...]

DTYPE_BYTES = {
    "bool": 1,
    "int8": 1,
    "uint8": 1,
    "int16": 2,
    "uint16": 2,
    "float16": 2,
    "bfloat16": 2,
    "int32": 4,
    "uint32": 4,
    "float32": 4,
    "int64": 8,
    "uint64": 8,
    "float64": 8,
}
"""Bytes of one element, per dtype that a tensor can have (``string`` has none)."""

FLOATS = ("float16", "bfloat16", "float32", "float64")
INTEGERS = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")


@dataclass(frozen=True, slots=True)
class Tensor:
    """A symbolic tensor.

    >>> image = Tensor((None, 28, 28, 1))
    >>> image.rank, image.channels, str(image)
    (4, 1, '(None, 28, 28, 1)')
    """

    shape: Shape
    dtype: str = "float32"

    @property
    def rank(self) -> int:
        """How many dimensions there are, the batch included."""
        return len(self.shape)

    @property
    def batch(self) -> Dim:
        return self.shape[0]

    @property
    def channels(self) -> Dim:
        """The last dimension."""
        return self.shape[-1]

    @property
    def is_float(self) -> bool:
        return self.dtype in FLOATS

    @property
    def is_integer(self) -> bool:
        return self.dtype in INTEGERS

    @property
    def size(self) -> Dim:
        """Elements for one example: the product of all dimensions but the batch, ``None`` if one is unknown."""
        return product(self.shape[1:])

    @property
    def bytes(self) -> Dim:
        """Bytes for one example, ``None`` if the size is unknown or the dtype has no fixed width."""
        width = DTYPE_BYTES.get(self.dtype)
        return None if self.size is None or width is None else self.size * width

    def reshaped(self, *shape: Dim) -> Tensor:
        """The same dtype with another shape.

        >>> Tensor((None, 4), "int32").reshaped(None, 2, 2)
        Tensor(shape=(None, 2, 2), dtype='int32')
        """
        return replace(self, shape=shape)

    def __str__(self) -> str:
        return show_shape(self.shape)


@dataclass(frozen=True, slots=True)
class Weight:
    """A variable of a layer: its shape, and whether training changes it."""

    shape: tuple[int, ...]
    trainable: bool = True
    dtype: str = "float32"

    @property
    def size(self) -> int:
        return prod(self.shape)


def show_shape(shape: Shape) -> str:
    """A shape as Keras writes it.

    >>> show_shape((None,)), show_shape((None, 3))
    ('(None,)', '(None, 3)')
    """
    return str(tuple(shape))


def product(dims: Shape) -> Dim:
    """The product of dimensions, unknown if one of them is.

    >>> product((2, 3)), product((2, None)), product(())
    (6, None, 1)
    """
    total = 1
    for dim in dims:
        if dim is None:
            return None
        total *= dim
    return total
