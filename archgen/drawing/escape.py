"""Text in Graphviz source: everything that comes from a spec passes through here."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence

import graphviz

from archgen.wording import UNPRINTABLE, clean

NARROW = frozenset("×→…·−±")
"""Characters beyond ASCII that are no wider than the room Graphviz gives them."""


EMOJI = "\U0001f000"
"""Where the characters begin that fonts draw wider than high."""


def markup(text: str) -> str:
    """Text inside an HTML-like label, in which Graphviz still expands ``\\N`` and the like."""
    return html.escape(clean(text)).replace("\\", "&#92;&#92;")


def literal(*lines: str) -> str:
    """Lines of text as a plain label, in which Graphviz reads backslashes and entities."""
    text: str = graphviz.nohtml("\\n".join(_plain(line).replace("\\", "\\\\") for line in lines))
    return text


def raised(lines: Sequence[str], size: int) -> str:
    """Lines of text as an HTML-like label with room below, which keeps it off a line that runs under it."""
    rows = "".join(f"<TR><TD>{markup(line)}</TD></TR>" for line in lines)
    start = f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="0" WIDTH="{math.ceil(room(lines, size))}">'
    return f'<{start}{rows}<TR><TD HEIGHT="4"></TD></TR></TABLE>>'


def room(lines: Sequence[str], size: int) -> float:
    """The points that shapes take across: digits, 0.64 ems wide in a wide font, and spaces that make up for the ×."""
    return max(map(len, lines)) * 0.64 * size


def tooltip(*lines: str) -> str:
    """Lines of text as a tooltip, in which Graphviz reads backslashes twice."""
    text: str = graphviz.nohtml("\\n".join(_plain(line).replace("\\", "\\" * 4) for line in lines))
    return text


def _plain(line: str) -> str:
    return UNPRINTABLE.sub("\ufffd", re.sub(r"\s", " ", line)).replace("&", "&amp;")


def width(lines: Sequence[str], size: int) -> int:
    """The least width, in points, of a box around lines of text: 0 where Graphviz measures them well.

    Without a font at hand Graphviz knows the widths of ASCII only, and takes every byte of any other character for
    a space.
    """
    if all(character.isascii() or character in NARROW for line in lines for character in line):
        return 0
    ems = max(
        sum(0.66 if character.isascii() else 1.3 if character >= EMOJI else 1.1 for character in line) for line in lines
    )
    return math.ceil(ems * size)
