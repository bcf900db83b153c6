"""A comparison as text for a terminal, and as Markdown for a pull request."""

from __future__ import annotations

import re

from archgen.diffing.naming import short
from archgen.diffing.result import Comparison, Difference, Figures, LayerRow
from archgen.table import Table
from archgen.tensors import Dim
from archgen.wording import about, clean, count, flow

COLOURS = {"+": "32", "-": "31", "~": "33", "=": "36"}
"""The SGR codes of green, red, yellow and cyan."""


def text(comparison: Comparison, width: int = 120, *, color: bool = False) -> str:
    """Differences, then the layers whose figures differ, then the totals; empty where nothing differs."""
    if not comparison:
        return ""

    def paint(symbol: str, line: str) -> str:
        return f"\x1b[{COLOURS[symbol]}m{line}\x1b[0m" if color and symbol in COLOURS else line

    lines = [paint("-", f"--- {clean(comparison.names[0])}"), paint("+", f"+++ {clean(comparison.names[1])}"), ""]
    for difference in comparison.differences:
        where = _where(difference)
        line = f"{difference.symbol} {difference.line(comparison.same_network)}{_times(difference)}"
        lines.append(paint(difference.symbol, line) + (f"  [{where}]" if where else ""))
    if comparison.rows:
        table = Table(["  Layer", "Output", "Parameters", "FLOPs"], texts=2, numbers=2, color=color)
        for row in comparison.rows:
            table.row(f"{_symbol(row)} {_name(row)}", *_cells(row, " -> "))
        lines += ["", *(paint(line[:1], line) for line in table.lines(width))]
    return "\n".join([*lines, "", *_totals(comparison)]) + "\n"


def markdown(comparison: Comparison) -> str:
    """The same as tables. What comes from a spec stands in code spans, where it means nothing to a renderer."""
    names = f"{_code(comparison.names[0])} → {_code(comparison.names[1])}"
    if not comparison:
        return f"### {names}\n\nNo difference.\n"
    lines = [f"### {names}", ""]
    if comparison.same_network:
        lines += ["Same network, written otherwise.", ""]
    lines += ["| | what | difference | where |", "| --- | --- | --- | --- |"]
    for each in comparison.differences:
        lines.append(
            f"| {_bold(each)} | {_code(each.what)} | {_code(each.text)}{_times(each)} | {_code(_where(each))} |"
        )
    if comparison.rows:
        lines += ["", "| layer | output | parameters | FLOPs |", "| --- | --- | ---: | ---: |"]
        for row in comparison.rows:
            output, *numbers = _cells(row, " → ")
            lines.append(f"| {_sign(_symbol(row))} {_code(_name(row))} | {_code(output)} | {' | '.join(numbers)} |")
    if not comparison.same_network:
        lines += ["", "| total | before | after | |", "| --- | ---: | ---: | ---: |"]
        lines += [f"| {name} | {before} | {after} | {by} |" for name, before, after, by in _numbers(comparison)]
    return "\n".join(lines) + "\n"


def _bold(difference: Difference) -> str:
    return f"**{_sign(difference.symbol)}** {difference.kind}"


def _sign(symbol: str) -> str:
    """A symbol as the picture has it: one that starts no list and strikes nothing out in Markdown."""
    return {"-": "−", "~": "±"}.get(symbol, symbol)


def _times(difference: Difference) -> str:
    return f" ×{difference.times}" if difference.times > 1 else ""


def _where(difference: Difference) -> str:
    """The place in the file after, or in the one before of what is gone; the path before too where it is another."""
    place = difference.after or difference.before
    if place is None:
        return ""
    path = place.path
    if difference.before and difference.after and difference.before.path != path:
        path = f"{difference.before.path} -> {path}"
    return f"{short(path)}, line {place.line}"


def _symbol(row: LayerRow) -> str:
    return "+" if row.before is None else "-" if row.after is None else "~"


def _name(row: LayerRow) -> str:
    return row.name + (f" ×{row.times}" if row.times > 1 else "")


def _cells(row: LayerRow, arrow: str) -> list[str]:
    """Output, parameters and FLOPs of one layer, before and after where these differ."""
    cells = []
    for tell in (_outputs, lambda figures: count(figures.parameters), lambda figures: about(figures.flops)):
        told = [tell(figures) for figures in (row.before, row.after) if figures is not None]
        cells.append(arrow.join(dict.fromkeys(told)))
    return cells


def _outputs(figures: Figures) -> str:
    return ", ".join(flow(tensor) for tensor in figures.outputs)


def _totals(comparison: Comparison) -> list[str]:
    if comparison.same_network:
        totals = comparison.totals[1]
        return [f"same network: {totals.layers:,} layers, {count(totals.parameters)} parameters"]
    lines = []
    for name, before, after, by in _numbers(comparison):
        lines.append(f"{name:<10}  {before}" + (f" -> {after} ({by})" if by else ""))
    return lines


def _numbers(comparison: Comparison) -> list[tuple[str, str, str, str]]:
    """For each total its name, the two numbers, and the difference, empty where there is none."""
    one, other = comparison.totals
    rows: list[tuple[str, Dim, Dim, str, int]] = [
        ("Layers", one.layers, other.layers, "", 0),
        ("Parameters", one.parameters, other.parameters, "", 0),
        ("FLOPs", one.flops, other.flops, "", 1000),
        ("Memory", one.memory, other.memory, "B", 1024),
    ]
    told = []
    for name, before, after, unit, base in rows:
        words = [about(value, unit, base) if base else count(value) for value in (before, after)]
        told.append((name, words[0], words[1], _by(before, after)))
    return told


def _by(before: Dim, after: Dim) -> str:
    """By how much a number has grown.

    >>> _by(200, 150), _by(0, 3), _by(5, 5), _by(None, 3)
    ('-50, -25.0 %', '+3', '', 'unknown')
    """
    if before == after:
        return ""
    if before is None or after is None:
        return "unknown"
    return f"{after - before:+,}" + (f", {100 * (after - before) / before:+,.1f} %" if before else "")


def _code(words: str) -> str:
    """Text as a code span in a cell of a table.

    >>> _code("a|b"), _code("`x`"), _code("")
    ('`a\\\\|b`', '`` `x` ``', '')
    """
    words = clean(words)
    if not words:
        return ""
    fence = "`" * (max(map(len, re.findall("`+", words)), default=0) + 1)
    pad = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{fence}{pad}{words}{pad}{fence}".replace("|", "\\|")
