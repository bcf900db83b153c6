"""A picture as Graphviz source in which everything has its place, for the formats that Graphviz writes: PNG and PDF.

Polygons and curves are the background of an empty graph, in the language of Graphviz's own drawings; lines of text,
which a background cannot hold, are nodes.
"""

from __future__ import annotations

import math

import graphviz

from archgen.drawing.escape import markup
from archgen.theme import Theme
from archgen.volumes.shapes import Curve, Picture, Point, Text
from archgen.volumes.widths import width

BASELINE = 0.3
"""How far the middle of a line of text is above its baseline, in font sizes."""


def write(picture: Picture, theme: Theme, dots_per_inch: int) -> str:
    """Graphviz source for the layout ``nop``, which moves nothing."""
    drawing: list[str] = []
    texts: list[Text] = []
    for part in picture.parts:
        for shape in part.shapes:
            if isinstance(shape, Text):
                texts.append(shape)
            elif isinstance(shape, Curve):
                drawing += [_style(shape.width), _colour("c", shape.line), _points("B", shape.points, picture)]
            else:
                drawing += [_style(shape.width), _colour("C", shape.fill), _colour("c", shape.line)]
                drawing.append(_points("P", shape.points, picture))
    top = graphviz.Digraph(
        graph_attr={
            "layout": "nop",
            "dpi": str(dots_per_inch),
            "pad": "0",
            "margin": "0",
            "bgcolor": picture.background,
            "_background": " ".join(drawing),
        },
        node_attr={"shape": "plaintext", "margin": "0", "fontname": theme.font},
    )
    corner = {"shape": "point", "style": "invis", "width": "0", "height": "0"}
    top.node("from", "", pos="0,0", **corner)
    top.node("to", "", pos=_place((picture.width, picture.height)), **corner)
    for number, text in enumerate(texts):
        _write(top, str(number), text, picture)
    return str(top.source)


def _write(top: graphviz.Digraph, name: str, text: Text, picture: Picture) -> None:
    x, y = text.x, picture.height - text.y + BASELINE * text.size
    # The label of a node is in its middle, and as wide as the font of the machine has it: one that is to start at
    # its place is a cell with the text at the left.
    words = f"<B>{markup(text.words)}</B>" if text.bold else markup(text.words)
    if text.anchor == "start":
        wide = math.ceil(width(text.words, text.size, bold=text.bold))
        x += wide / 2
        cell = f'<TR><TD ALIGN="LEFT" WIDTH="{wide}" BALIGN="LEFT">{words}</TD></TR>'
        words = f'<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0">{cell}</TABLE>'
    look = {"fontsize": str(text.size), "fontcolor": text.colour, "pos": _place((x, y))}
    top.node(name, f"<{words}>", **look)


def _place(point: Point) -> str:
    return f"{point[0]:.2f},{point[1]:.2f}"


def _style(wide: float) -> str:
    return _said("S", f"setlinewidth({wide:.2f})")


def _colour(letter: str, colour: str) -> str:
    return _said(letter, colour)


def _said(letter: str, text: str) -> str:
    return f"{letter} {len(text)} -{text}"


def _points(letter: str, points: tuple[Point, ...], picture: Picture) -> str:
    return f"{letter} {len(points)} " + " ".join(f"{x:.2f} {picture.height - y:.2f}" for x, y in points)
