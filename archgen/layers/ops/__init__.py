"""Functions of ``keras.ops``, written ``ops.name`` in a spec: those that Keras makes one named operation of."""

from archgen.layers.ops import combining, elementwise, reducing, shaping

__all__ = ["combining", "elementwise", "reducing", "shaping"]
