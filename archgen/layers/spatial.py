"""Layers over places: tensors of a batch, one to three spatial dimensions, and channels."""

from math import isqrt
from typing import Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import Layer, known
from archgen.tensors import Dim, Shape, Tensor, product

AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


class Spatial(Layer):
    """A layer over ``spatial`` dimensions, with the channels last unless ``data_format`` says first."""

    abstract = True
    spatial: ClassVar[int]
    data_format: Any = None

    @property
    def channels_first(self) -> bool:
        return bool(self.data_format == "channels_first")

    def split(self, x: Tensor) -> tuple[Shape, Dim]:
        """The spatial dimensions and the channels of an input; raises on an input of another rank."""
        if x.rank != self.spatial + 2:
            raise self.wrong_rank(x)
        return (x.shape[2:], x.shape[1]) if self.channels_first else (x.shape[1:-1], x.shape[-1])

    def join(self, batch: Dim, places: Shape, channels: Dim) -> Tensor:
        """The inverse of ``split``, in the compute dtype."""
        shape = (batch, channels, *places) if self.channels_first else (batch, *places, channels)
        return Tensor(shape, self.compute_dtype)

    def wrong_rank(self, x: Tensor) -> LayerError:
        axes = AXES[self.spatial]
        named = ("batch", "channels", *axes) if self.channels_first else ("batch", *axes, "channels")
        return LayerError(
            f"{self.op} needs {self.spatial + 2} dimensions ({', '.join(named)}), found {x}", hint=self.rank_hint(x)
        )

    def rank_hint(self, x: Tensor) -> str:
        """What to put before the layer, or instead of it."""
        missing = self.spatial + 2 - x.rank
        sibling = self.op.replace(f"{self.spatial}D", f"{x.rank - 2}D")
        sibling = sibling if sibling != self.op and sibling in known("layer") else ""
        if missing < 0 and sibling:
            return f"use {sibling}"
        dims = x.shape[1:]
        if self.spatial == 2 and x.rank == 2 and not self.channels_first:
            dims = as_image(x.shape[1])
            missing = 0
        if missing < 0:
            dims = (product(dims[: 1 - missing]), *dims[1 - missing :])
        elif missing == 1 and not self.channels_first:
            dims = (*dims, 1)
        elif missing:
            dims = (*(1,) * missing, *dims)
        if dims.count(None) > 1:
            return f'give the Input a "shape" of {self.spatial + 1} dimensions'
        target = [-1 if dim is None else dim for dim in dims]
        instead = f", or use {sibling}" if sibling else ""
        return f'put {{"op": "Reshape", "target_shape": {target}}} before it{instead}'


def as_image(size: Dim) -> Shape:
    """Height, width and channels of a square image of so many values, in grey or in colour; one place if it is none.

    >>> as_image(784), as_image(3072), as_image(50)
    ((28, 28, 1), (32, 32, 3), (1, 1, 50))
    """
    for channels in (1, 3):
        side = isqrt((size or 0) // channels)
        if side > 1 and side * side * channels == size:
            return side, side, channels
    return 1, 1, size


def reach(size: int, dilation: int = 1) -> int:
    """How many places a dilated window spans.

    >>> reach(3), reach(3, 2)
    (3, 5)
    """
    return dilation * (size - 1) + 1


def slide(size: Dim, window: int, stride: int, padding: str) -> Dim:
    """How many places a window has in a dimension, ``None`` if that is unknown; 0 or less where it does not fit.

    >>> slide(28, 3, 1, "valid"), slide(28, 3, 2, "same"), slide(2, 3, 1, "valid"), slide(None, 3, 1, "same")
    (26, 14, 0, None)
    """
    if size is None:
        return None
    return (size - window) // stride + 1 if padding == "valid" else -(-size // stride)


def slide_all(
    layer: Spatial,
    places: Shape,
    sizes: tuple[int, ...],
    strides: tuple[int, ...],
    padding: str,
    dilations: tuple[int, ...] | None = None,
    param: str = "kernel_size",
) -> Shape:
    """``slide`` along every spatial dimension; raises where a window does not fit."""
    out: list[Dim] = []
    for axis, place, size, stride, dilation in zip(
        AXES[layer.spatial], places, sizes, strides, dilations or (1,) * len(sizes), strict=True
    ):
        count = slide(place, reach(size, dilation), stride, padding)
        if place is not None and count is not None and count <= 0:
            dilated = f" ({param} {size}, dilation_rate {dilation})" if dilation > 1 else ""
            raise LayerError(
                f"a window of {reach(size, dilation)}{dilated} does not fit in a {axis} of {place}",
                param=param,
                hint=(
                    f'use "padding": "same", or a {param} of at most {(place - 1) // dilation + 1}'
                    if place > 1
                    else "take it out, or a layer before it: a single place is left"
                ),
            )
        out.append(count)
    return tuple(out)
