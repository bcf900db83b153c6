"""Text in columns, for terminals."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

from archgen.wording import shorten

GAP = "  "
NARROWEST = 12
"""Columns of a terminal that a column of text keeps however narrow the table must be."""


class Table:
    """Rows under heads. The first ``texts`` columns may be shortened; the last ``numbers`` are aligned at their ends,
    and may be left out, the last first, where a terminal is too narrow for all."""

    def __init__(self, heads: list[str], *, texts: int, numbers: int, color: bool = False) -> None:
        self.heads = heads
        self.texts, self.numbers, self.color = texts, numbers, color
        self.rows: list[tuple[list[str], bool]] = []

    def row(self, *cells: str, strong: bool = False) -> None:
        """Add a row; a strong one stands out where there is colour."""
        self.rows.append((list(cells), strong))

    def bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self.color else text

    def lines(self, width: int) -> list[str]:
        """The table in ``width`` columns."""
        widths = self._widths(width)
        rule = "─" * _span(widths)
        head, *rows = [(self._line(row, widths), strong) for row, strong in [(self.heads, True), *self.rows]]
        return [self.bold(head[0]), rule, *(self.bold(line) if strong else line for line, strong in rows), rule]

    def _widths(self, width: int) -> list[int]:
        """The width of each column that is shown."""
        rows = [self.heads, *(row for row, _ in self.rows)]
        widths = [max(columns(row[number]) for row in rows) for number in range(len(self.heads))]
        while _span(widths) > width:
            widest = max(range(self.texts), key=lambda number: widths[number])
            if widths[widest] > NARROWEST:
                widths[widest] -= 1
            elif len(widths) > len(self.heads) - self.numbers + 1:
                widths.pop()
            else:
                break
        return widths

    def _line(self, row: list[str], widths: list[int]) -> str:
        cells = []
        for number, (cell, width) in enumerate(zip(row, widths, strict=False)):
            cell = fit(cell, width)
            pad = " " * (width - columns(cell))
            cells.append(pad + cell if number >= len(row) - self.numbers else cell + pad)
        return GAP.join(cells).rstrip()


def _span(widths: list[int]) -> int:
    """The width of a line."""
    return sum(widths) + len(GAP) * (len(widths) - 1)


def columns(text: str) -> int:
    """How many columns of a terminal a text takes.

    >>> columns("×2"), columns("層"), columns("e\\u0301")
    (2, 2, 1)
    """
    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def fit(text: str, width: int) -> str:
    """The text in at most ``width`` columns, keeping its two ends, and its indentation.

    >>> fit("  residual_block", 10)
    '  resi…ock'
    """
    if columns(text) <= width:
        return text
    indent = text[: len(text) - len(text.lstrip())][: width // 2]
    body = text.lstrip()
    limit = width - len(indent)
    while columns(shortened := shorten(body, limit)) > width - len(indent):
        limit -= 1
    return indent + shortened
