"""What a picture is made of, whatever it is written as: polygons, curves and text, in points from the top left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Polygon:
    """Filled with ``fill``, with a border of ``line`` (both ``#RRGGBB``), ``width`` points wide."""

    points: tuple[Point, ...]
    fill: str
    line: str
    width: float = 0.7


@dataclass(frozen=True, slots=True)
class Curve:
    """Bézier curves one after the other: a start, and three points for each."""

    points: tuple[Point, ...]
    line: str
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text whose middle, or start, is at ``x``, and whose baseline is at ``y``."""

    x: float
    y: float
    words: str
    size: int
    colour: str
    bold: bool = False
    anchor: Literal["start", "middle"] = "middle"


Shape = Polygon | Curve | Text


@dataclass(slots=True)
class Part:
    """Shapes that belong together, with a class and a title for those who point at them or do not see them."""

    kind: str
    title: str
    shapes: list[Shape] = field(default_factory=list)
    key: str | None = None
    """The key of the node that it shows."""


@dataclass(slots=True)
class Picture:
    """A whole picture, its size in points; the parts stand over each other in their order."""

    width: float
    height: float
    background: str
    title: str
    description: str
    parts: list[Part] = field(default_factory=list)


def straight(*points: Point) -> tuple[Point, ...]:
    """The points of a curve that is a line through these."""
    curve = [points[0]]
    for start, end in zip(points, points[1:], strict=False):
        curve += [start, end, end]
    return tuple(curve)


def bridge(start: Point, end: Point, height: float, radius: float = 7) -> tuple[Point, ...]:
    """The points of a curve up from ``start`` to ``height``, along, and down to ``end``, with round corners."""
    (left, low), (right, deep) = start, end
    radius = min(radius, (right - left) / 2, low - height, deep - height)
    curve = [*straight(start, (left, height + radius))]
    curve += [(left, height + radius / 2), (left + radius / 2, height), (left + radius, height)]
    curve += straight((left + radius, height), (right - radius, height))[1:]
    curve += [(right - radius / 2, height), (right, height + radius / 2), (right, height + radius)]
    return (*curve, *straight((right, height + radius), end)[1:])


def tip(at: Point, line: str, direction: Literal["right", "down"], size: float = 5) -> Polygon:
    """The head of an arrow that ends at a point."""
    x, y = at
    half = size * 0.42
    back = (
        [(x - size, y - half), (x - size, y + half)]
        if direction == "right"
        else [(x - half, y - size), (x + half, y - size)]
    )
    return Polygon((at, *back), line, line, 0.5)
