"""A graph as a page to explore: one HTML file that needs nothing else, and asks for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archgen.options import Options
from archgen.program import Program

if TYPE_CHECKING:
    from networkx import MultiDiGraph

    from archgen.training import Plan


def render(
    program: Program,
    graph: MultiDiGraph[str],
    plan: Plan | None,
    options: Options | None = None,
) -> bytes:
    """The page of a program whose graph was expanded without problems, as UTF-8.

    ``plan`` is how it is trained, for the script that the page shows lines of. At first as many levels are open as can
    be taken in at a glance; ``options.expand`` opens as many as it says, and ``options.theme`` holds the page to light
    or dark, which otherwise follows the reader's setting.
    """
    from archgen.codegen import generate, outputs_of
    from archgen.functions import functions_of
    from archgen.page.code import places_of
    from archgen.page.description import describe_graph
    from archgen.page.html import write

    code = generate(program, graph, plan)
    places = places_of(code, functions_of(program, outputs_of(graph)))
    options = options or Options()
    return write(describe_graph(graph, code, places), options).encode("utf-8")
