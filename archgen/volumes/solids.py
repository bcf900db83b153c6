"""The body of a tensor: its edges grow with the square roots of its sizes.

A feature map is a box: height and width are its height and depth, channels its thickness. A sequence is a sheet:
steps are its height, features its thickness. A vector is a bar as high as it is long.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from archgen.tensors import Dim
from archgen.theme import Theme, mixed
from archgen.volumes.chain import Volume
from archgen.volumes.shapes import Point, Polygon

TALLEST, LARGEST_STEP = 130.0, 16.0
"""Points of the longest edge in space, and at most so many for the square root of 1."""

THICKEST, THICKEST_STEP = 44.0, 4.0
LONGEST_BAR, BAR_STEP = 130.0, 5.0
BAR = 7.0
"""The thickness of a vector."""

SLANT = 0.25
"""How far the depth of a box goes to the right and up, as a share of its length."""

LEAST_EDGE, LEAST_THICKNESS = 4.0, 2.5
UNKNOWN = 40.0
"""The edge of a size that is not known."""

SLABS = 3
"""At most so many bodies side by side for what is repeated."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a tensor has of each direction; a direction that it lacks is empty."""

    space: tuple[Dim, ...] = ()
    channels: tuple[Dim, ...] = ()
    length: tuple[Dim, ...] = ()


def sizes_of(volume: Volume) -> Sizes:
    """The sizes of one example. What has more than two directions in space is a stack of boxes."""
    shape = volume.tensor.shape[1:]
    if len(shape) < 2:
        return Sizes(length=shape or (1,))
    if volume.channels_first:
        return Sizes(shape[1:], shape[:1])
    return Sizes(shape[:-1], shape[-1:])


@dataclass(frozen=True, slots=True)
class Scales:
    """Points for the square root of 1, in each direction."""

    space: float
    channels: float
    length: float


def scales_for(volumes: Iterable[Volume]) -> Scales:
    """The scales with which the largest of these volumes is as large as a body may be."""
    every = [sizes_of(volume) for volume in volumes]
    space = [size for sizes in every for size in sizes.space if size]
    channels = [size for sizes in every for size in sizes.channels if size]
    length = [size for sizes in every for size in sizes.length if size]
    return Scales(
        min(LARGEST_STEP, TALLEST / sqrt(max(space, default=1))),
        min(THICKEST_STEP, THICKEST / sqrt(max(channels, default=1))),
        min(BAR_STEP, LONGEST_BAR / sqrt(max(length, default=1))),
    )


@dataclass(frozen=True, slots=True)
class Body:
    """The front of a body, how far its depth goes to the right and up, and how many stand behind and side by side."""

    thickness: float
    height: float
    slant: float
    behind: int = 1
    beside: int = 1

    @property
    def step(self) -> float:
        """From one body to the next beside it."""
        return self.thickness + 2.5

    @property
    def back(self) -> float:
        """From one body to the next behind it, to the right and up."""
        return self.slant + 4

    @property
    def reach(self) -> float:
        """How far all of it goes to the right and up beyond the front."""
        return self.slant + (self.behind - 1) * self.back

    @property
    def width(self) -> float:
        return self.thickness + (self.beside - 1) * self.step + self.reach

    @property
    def whole_height(self) -> float:
        return self.height + self.reach


def body_of(volume: Volume, scales: Scales, times: int = 1) -> Body:
    """The body of a volume that stands ``times`` in a row."""
    sizes, beside = sizes_of(volume), min(times, SLABS)
    if sizes.length:
        return Body(BAR, _edge(sizes.length[0], scales.length, LEAST_EDGE), 3, beside=beside)
    thickness = _edge(sizes.channels[0], scales.channels, LEAST_THICKNESS)
    if len(sizes.space) == 1:
        return Body(thickness, _edge(sizes.space[0], scales.space, LEAST_EDGE), 0, beside=beside)
    height, depth = (_edge(size, scales.space, LEAST_EDGE) for size in sizes.space[-2:])
    behind = 3 if any(size != 1 for size in sizes.space[:-2]) else 1
    return Body(thickness, height, depth * SLANT, behind, beside)


def _edge(size: Dim, scale: float, least: float) -> float:
    return UNKNOWN if size is None else max(least, scale * sqrt(size))


def faces(
    body: Body, left: float, axis: float, fill: str, line: str, theme: Theme, *, flat: bool = False
) -> list[Polygon]:
    """The faces of a body whose middle is at the height ``axis``, those behind first; ``flat`` without shades."""
    dark = int(theme.background[1:3], 16) < 128
    top, side = mixed(fill, "#FFFFFF", 0.85 if dark else 0.6), mixed(fill, "#000000", 0.6 if dark else 0.8)
    fills = (fill, fill, fill) if flat else (fill, top, side)
    shapes: list[Polygon] = []
    low = axis + body.whole_height / 2
    for place in range(body.behind - 1, -1, -1):
        for number in range(body.beside):
            x, y = left + place * body.back + number * body.step, low - place * body.back
            shapes += _box(body, x, y, fills, line, theme.thin * 0.7)
    return shapes


def _box(body: Body, x: float, low: float, fills: tuple[str, str, str], line: str, width: float) -> list[Polygon]:
    """Front, top and side of one box."""
    right, high, slant = x + body.thickness, low - body.height, body.slant
    front: tuple[Point, ...] = ((x, low), (right, low), (right, high), (x, high))
    if not slant:
        return [Polygon(front, fills[0], line, width)]
    roof = ((x, high), (right, high), (right + slant, high - slant), (x + slant, high - slant))
    side = ((right, low), (right + slant, low - slant), (right + slant, high - slant), (right, high))
    return [Polygon(points, fill, line, width) for points, fill in zip((front, roof, side), fills, strict=True)]


def on_top(body: Body, left: float, axis: float, share: float) -> Point:
    """A point on the roof, ``share`` of the way from the left of the front to the right of the back."""
    wide = body.thickness + (body.beside - 1) * body.step
    return left + share * (wide + body.slant), axis + body.whole_height / 2 - body.height - share * body.slant
