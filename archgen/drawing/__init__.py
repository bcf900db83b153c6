"""A graph as a picture: Graphviz source, and what Graphviz makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archgen.errors import ArchgenError, did_you_mean
from archgen.outline import outline
from archgen.theme import DEFAULT, Theme

if TYPE_CHECKING:
    from networkx import MultiDiGraph

FORMATS = ("svg", "png", "pdf", "dot")
ENGINES = ("embedded", "dot")


def draw(graph: MultiDiGraph[str], *, expand: bool = False, theme: Theme = DEFAULT) -> str:
    """The picture of a graph as Graphviz source. What is repeated is drawn once with ×N, unless ``expand``."""
    from archgen.drawing.source import write

    return write(outline(graph, expand=expand), theme, theme.font)


def render(
    graph: MultiDiGraph[str],
    format: str = "svg",
    *,
    engine: str = "embedded",
    expand: bool = False,
    timeout: float = 60,
    dpi: int | None = None,
    theme: Theme = DEFAULT,
) -> bytes:
    """The picture of a graph as SVG, PNG, PDF or Graphviz source (``dot``, for which nothing is started).

    ``engine`` is ``embedded``, the Graphviz that comes with pygraphviz, or ``dot``, the program on ``PATH``; either
    gets ``timeout`` seconds. ``dpi`` is how many dots a PNG has per inch: 144 by default, at least 1. An SVG of the
    embedded engine is the same on every machine, whatever fonts it has.
    Raises ``ArchgenError`` where the engine is missing, fails, runs out of time, or has no font to draw with,
    where a PNG would be larger than an image can be, or ``dpi`` is given for anything but a PNG.
    """
    if format not in FORMATS:
        raise ArchgenError(f'there is no format "{format}"', hint=did_you_mean(format, FORMATS) or ", ".join(FORMATS))
    if engine not in ENGINES:
        raise ArchgenError(f'there is no engine "{engine}"', hint=did_you_mean(engine, ENGINES) or ", ".join(ENGINES))
    if dpi is not None and format != "png":
        raise ArchgenError(f"dots per inch are for PNG, and {format.upper()} has none", hint='use the format "png"')
    if dpi is not None and dpi < 1:
        raise ArchgenError(f"{dpi} dots per inch are too few", hint="give 1 or more: 96 for screens, 300 for print")
    if format == "dot":
        return draw(graph, expand=expand, theme=theme).encode()

    from archgen.drawing.caption import describe, heading
    from archgen.drawing.source import write
    from archgen.drawing.svg import finish
    from archgen.engine import lay_out

    shown = outline(graph, expand=expand)
    measured = theme.wide_font if format == "svg" and engine == "embedded" else theme.font
    dots_per_inch = (dpi or theme.dots_per_inch) if format == "png" else 72
    source = write(shown, theme, measured, dots_per_inch)
    picture = lay_out(source, format, engine=engine, timeout=timeout, dots_per_inch=dots_per_inch)
    if format == "svg":
        return finish(picture, heading(shown), describe(shown), measured=measured, font=theme.font)
    return picture
