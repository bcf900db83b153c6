"""Every kind of figure by one name: which writer makes which format."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from archgen.options import Options, check_format

if TYPE_CHECKING:
    from archgen.checking import Checked

Writer = Callable[["Checked", str, Options], bytes]


def figure(checked: Checked, format: str = "svg", options: Options | None = None) -> bytes:
    """The figure of a spec without problems.

    Raises ``ArchgenError`` where the format takes no such option, where a layer to highlight is unknown, where the
    engine is missing, fails or runs out of time, and where the figure would be larger than its format can hold.
    """
    options = options or Options()
    check_format(format, options)
    return WRITERS[options.style, format](checked.sound(), format, options)


def _graphviz(checked: Checked, format: str, options: Options) -> bytes:
    from archgen.drawing import render

    assert checked.graph is not None
    return render(checked.graph, format, options, checked.plan)


def _html(checked: Checked, format: str, options: Options) -> bytes:
    from archgen.page import render

    assert checked.graph is not None
    return render(checked.program, checked.graph, checked.plan, options)


def _mermaid(checked: Checked, format: str, options: Options) -> bytes:
    from archgen.drawing.mermaid import render

    assert checked.graph is not None
    return render(checked.graph, options)


def _ascii(checked: Checked, format: str, options: Options) -> bytes:
    from archgen.drawing.ascii import render

    assert checked.graph is not None
    return render(checked.graph, options)


def _volumes(checked: Checked, format: str, options: Options) -> bytes:
    from archgen.volumes import render

    assert checked.graph is not None
    return render(checked.graph, options, format)


WRITERS: dict[tuple[str, str], Writer] = {
    ("cards", "svg"): _graphviz,
    ("cards", "png"): _graphviz,
    ("cards", "pdf"): _graphviz,
    ("cards", "dot"): _graphviz,
    ("cards", "html"): _html,
    ("cards", "mermaid"): _mermaid,
    ("cards", "ascii"): _ascii,
    ("volumes", "svg"): _volumes,
    ("volumes", "png"): _volumes,
    ("volumes", "pdf"): _volumes,
}
