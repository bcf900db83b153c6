"""Functions of ``keras.ops``, written ``ops.name`` in a spec: those that Keras makes one named operation of."""

from archgen.layers.ops import (
    activations,
    combining,
    comparing,
    einsum,
    elementwise,
    filling,
    ordering,
    reducing,
    shaping,
    slicing,
)

__all__ = [
    "activations",
    "combining",
    "comparing",
    "einsum",
    "elementwise",
    "filling",
    "ordering",
    "reducing",
    "shaping",
    "slicing",
]
