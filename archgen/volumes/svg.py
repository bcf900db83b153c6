"""A picture as SVG."""

from __future__ import annotations

from html import escape

from archgen.theme import Theme
from archgen.volumes.shapes import Curve, Part, Picture, Point, Polygon, Shape, Text
from archgen.wording import UNPRINTABLE


def write(picture: Picture, theme: Theme, dark: Picture | None = None) -> bytes:
    """The SVG. With ``dark``, the same picture in other colours, it follows the setting of its reader."""
    return _Writer(picture, dark or picture, theme).write()


class _Writer:
    def __init__(self, light: Picture, dark: Picture, theme: Theme) -> None:
        self.light, self.dark, self.theme = light, dark, theme
        self.rules: dict[tuple[str, str, str], str] = {}
        """A class for each property and pair of colours that differ: named after them, for it must mean the same in
        every picture on a page."""

    def write(self) -> bytes:
        light, width, height = self.light, _number(self.light.width), _number(self.light.height)
        ground = self.paint(("fill", light.background, self.dark.background))
        body = [f'<rect width="{width}" height="{height}"{ground}/>']
        for part, other in zip(light.parts, self.dark.parts, strict=True):
            body += self.part(part, other)
        rules = "".join(f".{name}{{{what}:{colour}}}" for (what, _, colour), name in self.rules.items())
        style = [f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>"] if rules else []
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt" '
            f'viewBox="0 0 {width} {height}" font-family="{_text(self.theme.font)}" role="img">',
            f"<title>{_text(light.title)}</title>",
            f"<desc>{_text(light.description)}</desc>",
            *style,
            *body,
            "</svg>",
            "",
        ]
        return "\n".join(lines).encode()

    def part(self, part: Part, other: Part) -> list[str]:
        key = f' data-key="{_text(part.key)}"' if part.key else ""
        title = [f"<title>{_text(part.title)}</title>"] if part.title else []
        shapes = [self.shape(one, two) for one, two in zip(part.shapes, other.shapes, strict=True)]
        return [f'<g class="{part.kind}"{key}>', *title, *shapes, "</g>"]

    def shape(self, shape: Shape, other: Shape) -> str:
        if isinstance(shape, Text):
            assert isinstance(other, Text)
            anchor = ' text-anchor="middle"' if shape.anchor == "middle" else ""
            weight = ' font-weight="bold"' if shape.bold else ""
            place = f'x="{_number(shape.x)}" y="{_number(shape.y)}" font-size="{shape.size}"'
            paint = self.paint(("fill", shape.colour, other.colour))
            return f"<text {place}{anchor}{weight}{paint}>{_text(shape.words)}</text>"
        assert not isinstance(other, Text)
        stroke = ("stroke", shape.line, other.line)
        width = f' stroke-width="{_number(shape.width)}"'
        if isinstance(shape, Curve):
            start, *rest = map(_point, shape.points)
            return f'<path d="M{start} C{" ".join(rest)}" fill="none"{self.paint(stroke)}{width}/>'
        assert isinstance(other, Polygon)
        paint = self.paint(("fill", shape.fill, other.fill), stroke)
        return f'<polygon points="{" ".join(map(_point, shape.points))}"{paint}{width} stroke-linejoin="round"/>'

    def paint(self, *colours: tuple[str, str, str]) -> str:
        """Attributes for properties, with a class where the colour in the dark is another."""
        names = []
        for what, light, dark in colours:
            if light != dark:
                names.append(self.rules.setdefault((what, light, dark), f"{what}-{light[1:]}-{dark[1:]}"))
        kind = f' class="{" ".join(names)}"' if names else ""
        return "".join(f' {what}="{colour}"' for what, colour, _ in colours) + kind


def _text(text: str) -> str:
    return escape(UNPRINTABLE.sub("\ufffd", text))


def _point(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    """With at most two decimals.

    >>> _number(2.50), _number(3.0), _number(-0.001)
    ('2.5', '3', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
