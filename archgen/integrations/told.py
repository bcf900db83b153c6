"""What the tools share: a spec read and checked, drawn, and told in a table."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from html import escape

from archgen import __version__
from archgen.checking import Checked, check
from archgen.figures import figure
from archgen.integrations.settings import Settings
from archgen.source import parse
from archgen.summary import REPEATED, Summary, summarize

RIGHT = ' style="text-align: right"'
EM = "\u2003"
"""A space as wide as a letter, which HTML keeps."""


def examine(text: str, file: str, settings: Settings) -> Checked:
    """A spec without problems; raises ``SpecError`` with all of them. ``file`` is what messages call it."""
    return check(parse(text, file), settings.params).sound()


def picture(checked: Checked, format: str, settings: Settings) -> bytes:
    """The figure as ``svg``, ``pdf`` or ``png``; raises ``ArchgenError``.

    A theme that follows its reader is for SVG: another format has its own.
    """
    options = settings.options
    if format != "svg" and options.theme == "auto":
        options = replace(options, theme=None)
    return figure(checked, format, options)


def digest(*parts: object) -> str:
    """A short name for what these parts make, in this version of archgen.

    >>> len(digest("a", 1))
    12
    """
    return sha256(repr((__version__, *parts)).encode()).hexdigest()[:12]


def table(summary: Summary) -> str:
    """The summary as tables of HTML."""
    rows = summary.table()
    texts = len(rows.heads) - rows.numbers
    heads = "".join(
        f'<th scope="col"{RIGHT if number >= texts else ""}>{escape(head)}</th>'
        for number, head in enumerate(rows.heads)
    )
    lines = "".join(_row(cells, strong, rows.numbers) for cells, strong in rows.rows)
    amounts = "".join(
        f'<tr><th scope="row">{escape(indent(name, EM))}</th><td>{escape(value)}</td></tr>'
        for name, value in summary.amounts()
    )
    note = f"<p>{escape(REPEATED)}</p>" if summary.repeats else ""
    return (
        f'<div class="archgen-summary"><table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>'
        f"<table><tbody>{amounts}</tbody></table>{note}</div>"
    )


def summary_of(checked: Checked) -> Summary:
    """The summary of a spec without problems."""
    assert checked.graph is not None
    return summarize(checked.graph)


def _row(cells: list[str], strong: bool, numbers: int) -> str:
    texts = len(cells) - numbers
    shown = [f"<td>{escape(indent(cell, EM))}</td>" for cell in cells[:texts]]
    shown += [f"<td{RIGHT}>{escape(cell)}</td>" for cell in cells[texts:]]
    return f"<tr{' class=archgen-frame' if strong else ''}>{''.join(shown)}</tr>"


def indent(text: str, by: str) -> str:
    """A cell whose two spaces at the front, each time, are ``by``, which stays where spaces do not.

    >>> indent("    a b", "_")
    '__a b'
    """
    body = text.lstrip(" ")
    return by * ((len(text) - len(body)) // 2) + body
