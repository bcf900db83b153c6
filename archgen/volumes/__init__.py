"""A network as a chain of tensors in proportion to their sizes: the figure of the LeNet and VGG papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archgen.options import Options, check_format
from archgen.theme import themed

if TYPE_CHECKING:
    from networkx import MultiDiGraph


def render(graph: MultiDiGraph[str], options: Options, format: str = "svg") -> bytes:
    """The figure of a graph as ``svg``, ``png`` or ``pdf``. An SVG needs neither fonts nor Graphviz.

    Raises ``ArchgenError`` where the graph is more than a chain with arcs past parts of it.
    """
    from archgen.drawing.caption import describe, heading
    from archgen.outline import outline
    from archgen.volumes import svg, xdot
    from archgen.volumes.chain import chain_of
    from archgen.volumes.layout import lay_out
    from archgen.volumes.repeats import find_repeats

    check_format(format, options)
    chain = chain_of(graph)
    drawn = find_repeats(chain, options.expand)
    shown = outline(graph)
    theme = themed(options.theme)
    words = (options.detail, heading(shown), describe(shown))
    picture = lay_out(chain, drawn, theme, *words)
    if format == "svg":
        return svg.write(picture, theme, lay_out(chain, drawn, theme.dark, *words) if theme.dark else None)

    from archgen.drawing import DOTS_PER_INCH
    from archgen.engine import lay_out as draw

    dots_per_inch = (options.dpi or DOTS_PER_INCH) if format == "png" else 72
    source = xdot.write(picture, theme, dots_per_inch)
    return draw(source, format, engine=options.engine, timeout=options.timeout, dots_per_inch=dots_per_inch)
