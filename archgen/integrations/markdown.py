"""Fences for ``pymdownx.superfences``: figures in MkDocs (Material) and Zensical.

    ```archgen file="specs/resnet.json" direction="LR" caption="A residual network"
    ```

The spec is a file, sought in the directory in which the build runs, or the JSON in the fence. A mistake is told in the
page and in the log, as a warning, so that ``--strict`` fails.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from html import escape
from typing import Any

from archgen.errors import ArchgenError
from archgen.integrations import settings
from archgen.integrations.inline import check_width, framed, inline
from archgen.integrations.told import digest, examine, picture, summary_of, table
from archgen.options import unknown
from archgen.source import read

OWN = ("file", "caption", "name", "align", "width", "alt")
"""The words of a fence beside those of ``archgen render``."""

logger = logging.getLogger("mkdocs.archgen")
"""MkDocs counts the warnings below ``mkdocs``."""


def validate(language: str, inputs: dict[str, str], options: dict[str, Any], attrs: dict[str, Any], md: Any) -> bool:
    """Take every word of a fence as it is: a wrong one is told of by ``fence``, where a fence that is refused here
    would be shown as code."""
    options.update(inputs)
    return True


def fence(
    source: str,
    language: str,
    class_name: str,
    options: Mapping[str, str],
    md: Any,
    *,
    id_value: str = "",
    attrs: Mapping[str, str] | None = None,
    **rest: Any,
) -> str:
    """The figure of a fence as HTML, or what is wrong with it."""
    words = {**(attrs or {}), **options}
    try:
        return _figure(source, {**words, **({"name": id_value} if id_value else {})}, md)
    except ArchgenError as error:
        return _failed(error, _page(md))


def _figure(source: str, words: dict[str, str], md: Any) -> str:
    own = {word: words.pop(word) for word in OWN if word in words}
    for word in words:
        if word not in settings.WORDS:
            raise unknown("option", word, (*settings.WORDS, *OWN))
    align, width = own.get("align"), own.get("width")
    if align is not None and align not in settings.ALIGNS:
        raise unknown("align", align, settings.ALIGNS)
    if width is not None:
        check_width(width)
    given = settings.read(words)
    text, file = _spec(source, own.get("file"), md)
    checked = examine(text, file, given)
    svg = picture(checked, "svg", given)
    # Two figures of one page may be the same: each is known by its number too.
    key = f"archgen-{digest(text, sorted(words.items()), sorted(own.items()))}-{_count(md)}"
    content = inline(svg, key, width=None if width is None else "100%", label=own.get("alt"))
    html = framed(content, caption=own.get("caption"), name=own.get("name"), align=align, width=width)
    return html + table(summary_of(checked)) if given.summary else html


def _spec(source: str, file: str | None, md: Any) -> tuple[str, str]:
    """The text of the spec, and what messages call it."""
    if file is None:
        if not source.strip():
            raise ArchgenError(
                "a fence without a spec", hint='name one, as in file="specs/net.json", or write its JSON'
            )
        return source, f"<fence in {_page(md)}>"
    if source.strip():
        raise ArchgenError("a fence with a file and JSON", hint="leave one of them out")
    return read(file).text, file


def _failed(error: ArchgenError, page: str) -> str:
    """What is wrong, in the page; the log tells it too."""
    text = f"{error}\n  hint: {error.hint}" if error.hint else str(error)
    logger.warning("archgen, in %s:\n%s", page, text)
    if _strict_zensical():
        from pymdownx.superfences import SuperFencesException

        # Zensical does not count what is logged; this is the only exception that its fences let through.
        raise SuperFencesException(f"archgen, in {page}:\n{text}")
    return f'<pre class="archgen-error"><code>{escape(text)}</code></pre>'


def _strict_zensical() -> bool:
    """Whether Zensical builds and is to fail: by its configuration, or by its command, which it does not pass on."""
    config = sys.modules.get("zensical.config")
    if config is None or getattr(config, "_CONFIG", None) is None or "build" not in sys.argv[1:2]:
        return False
    asked = any(word == "--strict" or re.fullmatch(r"-c?sc?", word) for word in sys.argv[2:])
    return asked or bool(config.get_config().get("strict"))


def _page(md: Any) -> str:
    """The page that is being written, where the tool tells."""
    for processor in (*getattr(md, "treeprocessors", ()), *getattr(md, "preprocessors", ())):
        if source := getattr(getattr(processor, "file", None), "src_uri", None):  # MkDocs
            return str(source)
        if source := getattr(getattr(processor, "page", None), "path", None):  # Zensical
            return str(source)
    return "a page"


def _count(md: Any) -> int:
    """How many figures there are in the page, with this one."""
    md.archgen_figures = getattr(md, "archgen_figures", 0) + 1
    return int(md.archgen_figures)
