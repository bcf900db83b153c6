"""A graph as a picture: Graphviz source, and what Graphviz makes of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from archgen.options import Options, check_format
from archgen.outline import outline
from archgen.theme import themed

if TYPE_CHECKING:
    from networkx import MultiDiGraph

    from archgen.training import Plan

DOTS_PER_INCH = 144
"""Of a PNG."""


def draw(graph: MultiDiGraph[str], options: Options | None = None, plan: Plan | None = None) -> str:
    """The picture of a graph as Graphviz source; ``plan`` is how it is trained, which stands below."""
    from archgen.drawing.source import write

    options = options or Options()
    theme = themed(options.theme)
    return write(outline(graph, expand=options.expand), theme, theme.font, options=options, plan=plan)


def render(
    graph: MultiDiGraph[str], format: str = "svg", options: Options | None = None, plan: Plan | None = None
) -> bytes:
    """The picture of a graph as SVG, PNG, PDF or Graphviz source (``dot``, for which nothing is started).

    ``plan`` is how it is trained, which stands below. An SVG of the embedded engine is the same on every machine,
    whatever fonts it has.
    Raises ``ArchgenError`` where the engine is missing, fails, runs out of time, or has no font to draw with,
    where a PNG would be larger than an image can be, where a layer to highlight is unknown, and where an option is
    given that is not for this format.
    """
    options = options or Options()
    check_format(format, options)
    if format == "dot":
        return draw(graph, options, plan).encode()

    from archgen.drawing.caption import describe, heading
    from archgen.drawing.relief import burden, relief
    from archgen.drawing.source import write
    from archgen.drawing.svg import finish
    from archgen.engine import lay_out, too_late

    def be_in_time() -> None:
        if time.monotonic() > begun + options.timeout:
            raise too_late(options.timeout, burden(shown), relief(shown, options.expand))

    begun = time.monotonic()
    theme = themed(options.theme)
    shown = outline(graph, expand=options.expand)
    measured = theme.wide_font if format == "svg" and options.engine == "embedded" else theme.font
    dots_per_inch = (options.dpi or DOTS_PER_INCH) if format == "png" else 72
    source = write(shown, theme, measured, dots_per_inch, options=options, plan=plan, on_the_way=be_in_time)
    # To finish an SVG takes about as long as to write its source.
    spent = (time.monotonic() - begun) * (2 if format == "svg" else 1)
    picture = lay_out(
        source,
        format,
        engine=options.engine,
        timeout=options.timeout,
        spent=spent,
        dots_per_inch=dots_per_inch,
        burden=burden(shown),
        less=relief(shown, options.expand),
    )
    if format == "svg":
        return finish(picture, heading(shown), describe(shown), measured=measured, theme=theme)
    return picture
