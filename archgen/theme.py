"""How pictures look: one colour per category of op, fonts, lines; in light, in dark, and on paper.

The colours of the categories were chosen so that any two of them stay apart (a CIELAB distance of 13 or more) for
normal sight and for each of the three kinds of dichromatic sight. Light cards are filled with them, dark ones are
outlined in them; on paper no colour is left, and what a layer is stands in words. The text on cards keeps a contrast
of 7:1 (WCAG AAA) everywhere, in colour and in greyscale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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
    """Colours are ``#RRGGBB``, font sizes, widths and distances points."""

    name: str = "light"
    fills: Mapping[str, str] = field(default_factory=lambda: FILLS)
    other: str = "#E0E0E0"
    """The fill of a category that ``fills`` does not name."""
    lines: Mapping[str, str] = field(default_factory=dict)
    """The outline of a card, by category; of others it is a darker shade of the fill."""
    text: str = "#111111"
    quiet: str = "#555555"
    """What stands below the picture."""
    background: str = "#FFFFFF"
    line: str = "#404040"
    skip: str = "#0B5CAD"
    """The line of a skip connection."""
    highlight: str = "#C2006B"
    """The outline of a layer that is highlighted."""
    frames: Mapping[str, tuple[str, str]] = field(
        default_factory=lambda: {"block": ("#F4F4F4", "#E9E9E9"), "model": ("#F1F5FB", "#E5ECF6")}
    )
    """The ground of a frame, by kind; frames inside frames take turns."""
    frame_line: str = "#7A7A7A"

    thin: float = 1
    """The width of a line."""
    bold: float = 1.6
    """The width of a line that stands out: around inputs, outputs, and what is shared or repeated."""
    font: str = "Helvetica,Arial,sans-serif"
    wide_font: str = "DejaVu Sans"
    """A font whose widths Graphviz knows by heart. It is wider than those in ``font``, so that a picture laid out
    with it has room for the text in whichever font a viewer ends up with."""
    size: int = 11
    small: int = 9
    large: int = 15
    dark: Theme | None = None
    """The theme whose colours an SVG takes where its reader prefers dark ones."""

    def fill(self, category: str) -> str:
        return self.fills.get(category, self.other)

    def outline(self, category: str) -> str:
        return self.lines.get(category) or (self.text if category == "input" else darker(self.fill(category)))

    def ground(self, kind: str, depth: int) -> str:
        """The ground of a frame inside ``depth`` others."""
        shades = self.frames.get(kind, self.frames["block"])
        return shades[depth % len(shades)]


def darker(colour: str, share: float = 0.45) -> str:
    """The colour with ``share`` of its light left.

    >>> darker("#FF8000", 0.5)
    '#804000'
    """
    return mixed(colour, "#000000", share)


def mixed(colour: str, ground: str, share: float) -> str:
    """The colour laid over a ground, ``share`` of it.

    >>> mixed("#FF8000", "#000080", 0.5)
    '#804040'
    """
    pairs = ((int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(one * share + other * (1 - share)):02X}" for one, other in pairs)


NIGHT = "#16181D"
"""The background of the dark theme."""

LIGHT = Theme()

DARK = Theme(
    name="dark",
    fills={category: mixed(fill, NIGHT, 0.2) for category, fill in FILLS.items()},
    other="#2E3036",
    lines=FILLS,
    text="#F2F2F2",
    quiet="#B4B8C0",
    background=NIGHT,
    line="#B9BEC8",
    skip="#6DB3FF",
    highlight="#FF8AC4",
    frames={"block": ("#22252C", "#2C3039"), "model": ("#1E2736", "#273247")},
    frame_line="#8A909C",
)

GREYS = {
    "#DEDEDE": ("core", "convolution", "recurrent", "attention", "own"),
    "#F0F0F0": ("pooling", "normalization", "activation", "regularization", "reshaping", "preprocessing", "ops"),
    "#FFFFFF": ("input", "merging"),
}
"""The fills on paper: what learns stands out from what does not, and from where ways begin and meet."""

PAPER = Theme(
    name="paper",
    fills={category: grey for grey, categories in GREYS.items() for category in categories},
    other="#F0F0F0",
    lines=dict.fromkeys(FILLS, "#000000"),
    text="#000000",
    quiet="#404040",
    line="#000000",
    skip="#000000",
    highlight="#000000",
    frames={"block": ("#FFFFFF", "#FFFFFF"), "model": ("#FFFFFF", "#FFFFFF")},
    frame_line="#606060",
    thin=0.6,
    bold=1.2,
)

THEMES = {"light": LIGHT, "dark": DARK, "paper": PAPER, "auto": replace(LIGHT, name="auto", dark=DARK)}


def themed(name: str | None) -> Theme:
    """The theme of a name, the light one for none."""
    return THEMES[name or "light"]
