"""How pictures look: one colour per category of op, fonts, lines.

The fills were chosen so that any two of them stay apart (a CIELAB distance of 13 or more) for normal sight and for
each of the three kinds of dichromatic sight, and so that the text on them keeps a contrast of 7:1 (WCAG AAA).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FILLS = {
    "input": "#A3CBCD",
    "core": "#6DA6EB",
    "convolution": "#E48D73",
    "pooling": "#78D79A",
    "normalization": "#F6D37C",
    "recurrent": "#D7919F",
    "attention": "#B8C842",
    "merging": "#FFFFFF",
    "activation": "#B0EDFF",
    "reshaping": "#D5BEFF",
    "regularization": "#BBA04E",
    "preprocessing": "#9AA5C5",
    "ops": "#CEE0CA",
    "own": "#CDFFC8",
}
"""The fill of a card, by category of its op."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours are ``#RRGGBB``, font sizes and distances points."""

    fills: Mapping[str, str] = field(default_factory=lambda: FILLS)
    other: str = "#E0E0E0"
    """The fill of a category that ``fills`` does not name."""
    text: str = "#111111"
    background: str = "#FFFFFF"
    line: str = "#404040"
    skip: str = "#0B5CAD"
    """The line of a skip connection."""
    frames: Mapping[str, tuple[str, str]] = field(
        default_factory=lambda: {"block": ("#F4F4F4", "#E9E9E9"), "model": ("#F1F5FB", "#E5ECF6")}
    )
    """The ground of a frame, by kind; frames inside frames take turns."""
    frame_line: str = "#7A7A7A"

    font: str = "Helvetica,Arial,sans-serif"
    wide_font: str = "DejaVu Sans"
    """A font whose widths Graphviz knows by heart. It is wider than those in ``font``, so that a picture laid out
    with it has room for the text in whichever font a viewer ends up with."""
    size: int = 11
    small: int = 9
    large: int = 15
    dots_per_inch: int = 144
    """Of a PNG."""

    def fill(self, category: str) -> str:
        return self.fills.get(category, self.other)


DEFAULT = Theme()


def darker(colour: str, share: float = 0.45) -> str:
    """The colour with ``share`` of its light left.

    >>> darker("#FF8000", 0.5)
    '#804000'
    """
    return "#" + "".join(f"{round(int(colour[i : i + 2], 16) * share):02X}" for i in (1, 3, 5))
