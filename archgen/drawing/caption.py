"""What a picture is called, what stands below it, and what it shows in words, for those who do not see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from archgen.drawing.escape import markup, width
from archgen.outline import Outline
from archgen.theme import Theme
from archgen.wording import brief, clean, count, phrased, weights, wrap

if TYPE_CHECKING:
    from archgen.training import Plan

LINE_WIDTH = 60
"""Characters of a line above or below the picture."""

SPRING = "<TD></TD>" * 12
"""Cells that take up room beside others: Graphviz gives each cell of a row the same share of what is left."""

SPACE = 8
"""Points between a title, a picture and what stands below it."""

SPACER = f'<TD HEIGHT="{SPACE}"></TD>'

CHIPS_WIDTH = 44
"""Characters of a line of the legend, at least those of its first entry."""


def heading(outline: Outline) -> str:
    """The title of a picture."""
    return clean(outline.info.title or outline.info.name) or "network"


def describe(outline: Outline) -> str:
    """The description, the size, the inputs and the outputs of a network."""
    nodes = {node.key: node for node in outline.nodes}
    ends = [("Input", [(key, 0) for key in outline.inputs]), ("Output", outline.outputs)]
    said = [clean(outline.info.description)] if outline.info.description else []
    said.append(f"A network of {count(outline.size)} nodes and {weights(outline.parameters, outline.unknown)}.")
    for word, places in ends:
        shown = [f"{clean(nodes[key].id or nodes[key].name)} {nodes[key].outputs[index]}" for key, index in places]
        if shown:
            said.append(f"{word}{'s' if len(shown) > 1 else ''}: {', '.join(shown)}.")
    return " ".join(said)


def training(plan: Plan) -> list[str]:
    """How a network is trained: data, loss, optimizer, metrics and epochs, on as few lines as they fit."""
    said = plan.training
    parts = [f"data {plan.data.op}", f"loss {_spoken(said.argument('loss'))}", f"optimizer {_spoken(said.optimizer)}"]
    if metrics := said.argument("metrics") if "metrics" in said.fields else None:
        parts.append(f"metrics {_spoken(metrics)}")
    parts.append(f"{count(said.epochs)} epoch{'s' if said.epochs > 1 else ''} in batches of {count(said.batch_size)}")
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + len(part) + 3 <= LINE_WIDTH:
            lines[-1] += f" · {part}"
        else:
            lines.append(part)
    return lines


def _spoken(value: Any) -> str:
    """A loss, an optimizer or metrics in a few words, of each output where they differ."""
    if isinstance(value, Mapping):
        return ", ".join(f"{clean(name)} {_spoken(each)}" for name, each in value.items())
    values = value if isinstance(value, list) else [value]
    return ", ".join(brief(each).removesuffix("()") for each in values)


def above(outline: Outline, notes: Iterable[str], theme: Theme, *, framed: bool) -> str:
    """The title and notes, as an HTML-like label.

    What stands below them is ``framed`` by an invisible line or not. The margin of that frame is as wide as the space
    that there would be below them, and takes the place of that above the title.
    """
    lines = wrap(heading(outline), LINE_WIDTH, 2)
    smaller = [line for note in notes for line in wrap(note, LINE_WIDTH, 2)]
    rows = [f'<FONT POINT-SIZE="{theme.large}"><B>{markup(line)}</B></FONT>' for line in lines]
    cells = [f"<TD>{row}</TD>" for row in [*rows, *map(markup, smaller)]]
    return _stacked(
        [SPACER, *cells] if framed else [*cells, SPACER], max(width(lines, theme.large), width(smaller, theme.size))
    )


def below(categories: Iterable[str], lines: Iterable[str], theme: Theme) -> str:
    """A legend of categories and quiet lines, as an HTML-like label; nothing where there are neither."""
    broken = [line for each in lines for line in wrap(each, LINE_WIDTH, 3)]
    chips = [f"<TD>{row}</TD>" for row in _legend(categories, theme)]
    font = f'<FONT POINT-SIZE="{theme.small}" COLOR="{theme.quiet}">'
    cells = [*chips, *(f"<TD>{font}{markup(line)}</FONT></TD>" for line in broken)]
    return _stacked([*cells, SPACER], width(broken, theme.small)) if cells else ""


def _legend(categories: Iterable[str], theme: Theme) -> list[str]:
    """Rows of chips; categories that look the same share one."""
    looks: dict[tuple[str, str], list[str]] = {}
    for category in categories:
        looks.setdefault((theme.fill(category), theme.outline(category)), []).append(category)
    rows: list[list[str]] = [[]]
    filled = 0
    for (fill, line), names in looks.items():
        lines = phrased(names, CHIPS_WIDTH, 4)
        size = max(map(len, lines))
        if filled and filled + size > CHIPS_WIDTH:
            rows.append([])
            filled = 0
        filled += size + 4
        text = f'<FONT POINT-SIZE="{theme.small}">{"<BR/>".join(map(markup, lines))}</FONT>'
        rows[-1].append(
            f'<TD CELLPADDING="2"><TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3" STYLE="ROUNDED" '
            f'BGCOLOR="{fill}" COLOR="{line}"><TR><TD>{text}</TD></TR></TABLE></TD>'
        )
    return [
        f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{SPRING}{"".join(row)}{SPRING}</TR></TABLE>'
        for row in rows
        if row
    ]


def _stacked(cells: Iterable[str], least_width: int) -> str:
    size = f' WIDTH="{least_width}"' if least_width else ""
    rows = "".join(f"<TR>{cell}</TR>" for cell in cells)
    return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="2"{size}>{rows}</TABLE>>'
