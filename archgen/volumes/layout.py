"""Where everything stands: volumes in rows, labels below them, arcs above, brackets at the bottom of each row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from archgen.theme import Theme
from archgen.volumes import labels
from archgen.volumes.brackets import Bracket, brackets_of
from archgen.volumes.chain import Arc, Chain
from archgen.volumes.repeats import Drawn, Repeat
from archgen.volumes.shapes import Curve, Part, Picture, Point, Shape, Text, bridge, straight, tip
from archgen.volumes.solids import Body, Scales, body_of, faces, on_top, scales_for, sizes_of
from archgen.volumes.widths import fit, width
from archgen.wording import weights, wrap

PAGE = 760.0
"""Points of a row, unless arcs hold a longer one together."""

MARGIN = 14.0
GAP = 14.0
"""Between the cells of a row."""

LEADING = 1.25
"""Lines of text stand this many font sizes apart."""

RISE = 24.0
"""From one arc to the next above it: room for a line of text."""


@dataclass(slots=True)
class Cell:
    """A place in a row: a drawn volume by its position in the chain, or once more what the row before ended with."""

    number: int
    body: Body
    lines: list[tuple[str, bool]]
    room: float
    """Points that its text and its body need."""
    continued: bool = False
    centre: float = 0.0

    @property
    def left(self) -> float:
        """Where its body starts."""
        return self.centre - self.body.width / 2

    @property
    def right(self) -> float:
        return self.centre + self.body.width / 2


@dataclass(slots=True)
class Row:
    """What stands side by side, with the arcs that end in it, each with those it stands for, and the brackets below."""

    cells: list[Cell]
    arcs: list[tuple[Arc, list[Arc]]] = field(default_factory=list)
    brackets: list[Bracket] = field(default_factory=list)
    continues: bool = False

    def cell(self, number: int) -> Cell:
        return next(cell for cell in self.cells if cell.number == number)

    def between(self, first: int, last: int) -> list[Cell]:
        return [cell for cell in self.cells if first <= cell.number <= last and not cell.continued]


def lay_out(chain: Chain, drawn: Drawn, theme: Theme, detail: str, title: str, description: str) -> Picture:
    """The picture of what is drawn of a chain."""
    return _Layout(chain, drawn, theme, detail).picture(title, description)


class _Layout:
    def __init__(self, chain: Chain, drawn: Drawn, theme: Theme, detail: str) -> None:
        self.chain, self.drawn, self.theme, self.detail = chain, drawn, theme, detail
        self.shown = list(drawn.shown)
        self.scales: Scales = scales_for(chain.volumes[number] for number in self.shown)
        self.times = dict(repeated(drawn.items))
        """How often the volumes are repeated that are repeated by themselves."""
        self.parts: list[Part] = []

    def picture(self, title: str, description: str) -> Picture:
        theme = self.theme
        rows = self.rows()
        for row in rows:
            self.spread(row)
        heads = wrap(title, 60, 2)
        wide = max(row.cells[-1].centre + row.cells[-1].room / 2 for row in rows) + (20 if len(rows) > 1 else 0)
        wide = max(wide, 300.0, *(width(line, theme.large, bold=True) for line in heads)) + MARGIN
        y = MARGIN
        head = Part("heading", title)
        for line in heads:
            y += theme.large * LEADING
            head.shapes.append(Text(MARGIN, y - 4, line, theme.large, theme.text, bold=True, anchor="start"))
        unknown = list(
            dict.fromkeys(node.op for each in self.chain.volumes for node in each.nodes if node.weights_unknown)
        )
        for line in fit(weights(self.chain.parameters, unknown), theme.size, wide - 2 * MARGIN):
            y += theme.size * LEADING
            head.shapes.append(Text(MARGIN, y - 2, line, theme.size, theme.text, anchor="start"))
        self.parts.append(head)
        y += 12
        for row in rows:
            y = self.draw(row, y) + 16
        foot = Part("caption", self.caption())
        for line in fit(self.caption(), theme.small, wide - 2 * MARGIN):
            y += theme.small * LEADING
            foot.shapes.append(Text(MARGIN, y, line, theme.small, theme.quiet, anchor="start"))
        self.parts.append(foot)
        return Picture(wide, y + MARGIN, theme.background, title, f"{description} {self.caption()}", self.parts)

    def caption(self) -> str:
        """The scale, in words."""
        sizes = [sizes_of(self.chain.volumes[number]) for number in self.shown]
        said = []
        if any(len(each.space) > 1 for each in sizes):
            said.append("height, width and channels are the height, depth and thickness of a box")
        if any(len(each.space) > 2 for each in sizes):
            said.append("boxes behind each other are what else there is")
        if any(len(each.space) == 1 for each in sizes):
            said.append("steps and features are the height and thickness of a sheet")
        if any(each.length for each in sizes):
            said.append("the length of a vector is the height of a bar")
        text = f"Edges grow with the square roots of sizes: {', '.join(said)}"
        if len(said) > 1 or any(each.space for each in sizes):
            text += "; space, channels and vectors each on a scale of their own"
        if any(None in (*each.space, *each.channels, *each.length) for each in sizes):
            text += "; a size that is not known (?) has an edge of a fixed length"
        return f"{text}."

    def rows(self) -> list[Row]:
        """The rows: broken where the page ends, before a turn of a repeat, and where no arc passes but those that
        start at the last volume of the row, which the next one shows again."""
        brackets = brackets_of(self.chain, self.drawn)
        cells = {number: self.cell(number) for number in self.shown}
        # What is longer than a page has a bracket in each row.
        whole_brackets = [bracket for bracket in brackets if _length(bracket, cells) <= PAGE]
        whole: list[list[Cell]] = []
        for number, cell in cells.items():
            if not whole or self.may_break(whole[-1][-1].number, number, whole_brackets):
                whole.append([])
            whole[-1].append(cell)
        rows = [Row(cells) for cells in self.filled(whole)]
        for before, row in zip(rows, rows[1:], strict=False):
            before.continues = True
            last = before.cells[-1]
            if any(arc.start == last.number for arc, _ in self.drawn.arcs):
                row.cells.insert(0, self.again(last))
        for row in rows:
            here = {cell.number for cell in row.cells if not cell.continued}
            row.brackets = [part for bracket in brackets for part in _part(bracket, sorted(here))]
            row.arcs = [pair for pair in self.drawn.arcs if pair[0].end in here]
        return rows

    def filled(self, whole: list[list[Cell]]) -> list[list[Cell]]:
        """Rows of about the same length, as few as there can be; one where a part of it is longer than a page."""
        rooms = [sum(cell.room + GAP for cell in cells) for cells in whole]
        if max(rooms) > PAGE:
            return [[cell for cells in whole for cell in cells]]
        count, shortest, longest = len(_broken(rooms, PAGE)), max(rooms), PAGE
        while longest - shortest > 1:
            middle = (shortest + longest) / 2
            shortest, longest = (middle, longest) if len(_broken(rooms, middle)) > count else (shortest, middle)
        return [[cell for number in row for cell in whole[number]] for row in _broken(rooms, longest)]

    def may_break(self, last: int, first: int, brackets: list[Bracket]) -> bool:
        """Whether a row may end with the volume ``last``, and the next one start with ``first``."""
        if any(bracket.first <= last and first <= bracket.last for bracket in brackets):
            return False
        return not any(arc.start < last and arc.end >= first for arc, _ in self.drawn.arcs)

    def cell(self, number: int) -> Cell:
        turns = self.drawn.turns[number]
        times = self.times.get(number, 1)
        body = body_of(turns[0], self.scales, times)
        lines = [(line, True) for line in labels.size(turns[0].tensor)]
        lines += [(line, False) for line in labels.layers(turns, self.detail)]
        lines += [(f"×{times}", True)] if times > 1 else []
        return Cell(number, body, lines, max(body.width + 6, *(self.measure(line, bold) for line, bold in lines)))

    def measure(self, line: str, bold: bool) -> float:
        return width(line, self.theme.small, bold=bold)

    def again(self, cell: Cell) -> Cell:
        """What ended a row, at the start of the next."""
        lines = [(line, True) for line in labels.size(self.drawn.turns[cell.number][0].tensor)] + [
            ("(as above)", False)
        ]
        room = max(cell.body.width + 6, *(self.measure(line, bold) for line, bold in lines))
        return Cell(cell.number, cell.body, lines, room, continued=True)

    def spread(self, row: Row) -> None:
        """Give every cell its place: with room for its own text, and for that of the arcs and brackets over it."""
        wants = [(bracket.first, bracket.last, self.measure(bracket.words, True) + 8) for bracket in row.brackets]
        for first, last, room in sorted(wants, key=lambda want: want[1] - want[0]):
            cells = row.between(first, last)
            have = sum(cell.room for cell in cells) + GAP * (len(cells) - 1)
            for cell in cells:
                cell.room += max(0.0, room - have) / len(cells)
        self.place(row)
        for arc, turns in row.arcs:
            cells = row.between(arc.start + 1, arc.end)
            (left, _), (right, _) = self.ends(row, arc, 0)
            missing = self.measure(labels.passes(turns), False) + 20 - (right - left)
            if missing > 0:
                for cell in cells:
                    cell.room += 2 * missing / (2 * len(cells) - 1)
                self.place(row)

    def place(self, row: Row) -> None:
        x = MARGIN
        for cell in row.cells:
            cell.centre = x + cell.room / 2
            x += cell.room + GAP

    def ends(self, row: Row, arc: Arc, axis: float) -> tuple[Point, Point]:
        """Where an arc leaves and where it arrives: each arc at a point of its own."""
        out = [each for each, _ in row.arcs if each.start == arc.start]
        into = [each for each, _ in row.arcs if each.end == arc.end]
        # Of arcs that share an end, the longer one is the outer one.
        out.sort(key=lambda each: -each.end)
        into.sort(key=lambda each: -each.start)
        start, end = row.cell(arc.start), row.cell(arc.end)
        leaves = 0.95 - 0.4 * (out.index(arc) + 0.5) / len(out)
        arrives = 0.45 - 0.4 * (into.index(arc) + 0.5) / len(into)
        return on_top(start.body, start.left, axis, leaves), on_top(end.body, end.left, axis, arrives)

    def draw(self, row: Row, top: float) -> float:
        """Draw a row below ``top``; returns where it ends."""
        heights = self.heights(row)
        tallest = max(cell.body.whole_height for cell in row.cells)
        above = max([tallest / 2, *(-height + 14 for height in heights)])
        axis = top + above
        self.draw_flow(row, axis)
        below = max(self.draw_cell(cell, axis) for cell in row.cells)
        self.draw_arcs(row, axis, heights)
        return self.draw_brackets(row, below)

    def draw_cell(self, cell: Cell, axis: float) -> float:
        """Draw a volume and its label; returns where the label ends."""
        theme, turns = self.theme, self.drawn.turns[cell.number]
        node = turns[0].node
        fill, line = theme.fill(node.category), theme.outline(node.category)
        if cell.continued:
            fill, line = theme.background, theme.frame_line
        kind = f"volume {node.category}" + (" continued" if cell.continued else "")
        part = Part(kind, labels.told(turns), key=None if cell.continued else node.key)
        part.shapes += faces(cell.body, cell.left, axis, fill, line, theme, flat=cell.continued)
        y = axis + cell.body.whole_height / 2 + 4
        for words, bold in cell.lines:
            y += theme.small * LEADING
            part.shapes.append(Text(cell.centre, y, words, theme.small, theme.text, bold))
        self.parts.append(part)
        return y

    def draw_flow(self, row: Row, axis: float) -> None:
        """The arrows from each volume to the next."""
        pairs = [(one.right, other.left) for one, other in zip(row.cells, row.cells[1:], strict=False)]
        if row.continues:
            pairs.append((row.cells[-1].right, row.cells[-1].centre + row.cells[-1].room / 2 + 20))
        bodies = [cell.body for cell in row.cells]
        for body, (left, right) in zip(bodies, pairs, strict=False):
            start = (left - body.reach / 2 + 1.5 if body.reach else left + 1.5, axis)
            end = (right - 2, axis)
            shapes: list[Shape] = [Curve(straight(start, (end[0] - 4, axis)), self.theme.line, self.theme.thin * 0.8)]
            self.parts.append(Part("flow", "", [*shapes, tip(end, self.theme.line, "right")]))

    def heights(self, row: Row) -> list[float]:
        """How high each arc runs above the axis (negative): over all bodies on its way, and arcs inside it."""
        heights: dict[int, float] = {}
        spans: dict[int, tuple[float, float]] = {}
        for number in sorted(
            range(len(row.arcs)), key=lambda each: (row.arcs[each][0].end - row.arcs[each][0].start, each)
        ):
            arc = row.arcs[number][0]
            (left, _), (right, _) = self.ends(row, arc, 0)
            under = [cell for cell in row.cells if arc.start <= cell.number <= arc.end]
            height = -max(cell.body.whole_height / 2 for cell in under) - 14
            meets = [each for each, (start, end) in spans.items() if start < right + 4 and left - 4 < end]
            heights[number] = min([height, *(heights[each] - RISE for each in meets)])
            spans[number] = (left, right)
        return [heights[number] for number in range(len(row.arcs))]

    def draw_arcs(self, row: Row, axis: float, heights: list[float]) -> None:
        theme = self.theme
        ends = [self.ends(row, arc, axis) for arc, _ in row.arcs]
        for (arc, turns), (start, end), height in zip(row.arcs, ends, heights, strict=True):
            node, joins = self.chain.volumes[arc.start].node, arc.joins
            words = labels.passes(turns)
            title = f"{node.key} → {joins.key} (skip connection)" + (f", {words}" if words else "")
            part = Part("skip", title)
            high = axis + height
            part.shapes.append(Curve(bridge(start, (end[0], end[1] - 5), high), theme.skip, theme.bold))
            part.shapes.append(tip(end, theme.skip, "down", 6))
            if words:
                crossing = [x for pair in ends for x, _ in pair if x not in (start[0], end[0])]
                middle = clear_of(crossing, start[0] + 8, end[0] - 8, self.measure(words, False))
                if middle is not None:
                    part.shapes.append(Text(middle, high - 4, words, theme.small, theme.skip))
            self.parts.append(part)

    def draw_brackets(self, row: Row, below: float) -> float:
        """Draw the brackets under the labels; returns where they end."""
        theme, end = self.theme, below
        for bracket in row.brackets:
            cells = row.between(bracket.first, bracket.last)
            left, right = cells[0].centre - cells[0].room / 2, cells[-1].centre + cells[-1].room / 2
            y = below + 10 + bracket.level * (8 + theme.small * LEADING)
            part = Part(f"bracket {bracket.kind}", bracket.title)
            part.shapes.append(Curve(straight((left, y - 4), (left, y), (right, y), (right, y - 4)), theme.frame_line))
            part.shapes.append(
                Text((left + right) / 2, y + theme.small * LEADING, bracket.words, theme.small, theme.text, bold=True)
            )
            self.parts.append(part)
            end = max(end, y + theme.small * LEADING + 2)
        return end


def _length(bracket: Bracket, cells: Mapping[int, Cell]) -> float:
    return sum(cell.room + GAP for number, cell in cells.items() if bracket.first <= number <= bracket.last)


def _part(bracket: Bracket, numbers: Sequence[int]) -> list[Bracket]:
    """What there is of a bracket in a row of these volumes."""
    inside = [number for number in numbers if bracket.first <= number <= bracket.last]
    if not inside:
        return []
    again = "" if inside[0] == bracket.first else " (continued)"
    return [replace(bracket, first=inside[0], last=inside[-1], words=f"{bracket.words}{again}")]


def _broken(rooms: Sequence[float], page: float) -> list[list[int]]:
    """The numbers of parts with these widths in rows that are no wider than a page."""
    rows: list[list[int]] = [[]]
    for number, room in enumerate(rooms):
        if rows[-1] and sum(rooms[each] for each in rows[-1]) + room > page:
            rows.append([])
        rows[-1].append(number)
    return rows


def clear_of(crossing: Iterable[float], left: float, right: float, wide: float) -> float | None:
    """The middle of a text between two points that no vertical line crosses, if there is room for one.

    >>> clear_of([], 0, 100, 40), clear_of([45], 0, 100, 40), clear_of([30, 70], 0, 100, 60)
    (50.0, 72.5, None)
    """
    edges = [left, *sorted(x for x in crossing if left < x < right), right]
    margin = 0 if len(edges) == 2 else 3
    start, end = max(zip(edges, edges[1:], strict=False), key=lambda span: span[1] - span[0])
    return (start + end) / 2 if end - start >= wide + 2 * margin else None


def repeated(items: Iterable[int | Repeat]) -> list[tuple[int, int]]:
    """The volumes that are repeated by themselves, and how often, at any depth."""
    found: list[tuple[int, int]] = []
    for item in items:
        if isinstance(item, Repeat):
            first = item.items[0]
            if item.stride == 1 and isinstance(first, int):
                found.append((first, item.times))
            else:
                found += repeated(item.items)
    return found
