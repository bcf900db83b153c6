"""An outline as plain text, for terminals, commit messages and docstrings.

Layers stand below each other, a line each, with the shape of what flows to the next between them. What flows farther
runs down a lane at the right. Frames have a line at their left. All lines and signs are ASCII; what an author has
written stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from archgen.drawing.caption import heading
from archgen.drawing.cards import facts, is_shared, shared_with
from archgen.drawing.wires import words_for
from archgen.graph import GraphNode
from archgen.options import Options, check_format
from archgen.outline import Group, Link, Outline, outline
from archgen.outline.varying import present, shapes, use_of
from archgen.table import columns
from archgen.wording import brief, clean, weights

if TYPE_CHECKING:
    from networkx import MultiDiGraph

WIDTH = 80
"""Columns of a line."""

NARROWEST = 36
"""Columns that text keeps beside the lanes; what has no room for a lane is told in words."""

DEEPEST = 6
"""Frames inside frames that are each set off by a line at the left."""

ASCII = str.maketrans({"×": "x", "…": "...", "→": "->", "≥": ">="})


def render(graph: MultiDiGraph[str], options: Options | None = None) -> bytes:
    """The text of a graph, in lines of at most ``WIDTH`` columns."""
    options = options or Options()
    check_format("ascii", options)
    return write(outline(graph, expand=options.expand)).encode()


def write(shown: Outline) -> str:
    """The text of an outline."""
    return _Writer(shown).write()


@dataclass(slots=True)
class Lane:
    """A line at the right: from where an output of a node is given down to all that read it, row by row."""

    number: int = 0
    first: int = 0
    last: int = 0


@dataclass(slots=True)
class Row:
    """A line of text, what starts at its right end, and what arrives there."""

    text: str
    out: Lane | None = None
    into: Lane | None = None


@dataclass(slots=True)
class Flow:
    """An output of a node, and what reads it: the next node, and others by way of a lane."""

    links: list[Link] = field(default_factory=list)
    straight: list[Link] = field(default_factory=list)
    on: bool = False
    """Whether the next node reads it, or it is the output of the network that stands next."""
    lane: Lane | None = None


class _Writer:
    def __init__(self, shown: Outline) -> None:
        self.shown = shown
        self.nodes = {node.key: node for node in shown.nodes}
        ends = [f"output {number}" for number in range(len(shown.outputs))]
        self.order = {key: place for place, key in enumerate([*self.nodes, *ends])}
        self.flows: dict[tuple[str, int], Flow] = {}
        self.reading: dict[str, list[tuple[str, int]]] = {}
        """For a node what it reads by way of lanes."""
        self.given: dict[str, list[tuple[int, Flow]]] = {}
        """For a node its outputs that are read."""
        for link in shown.links:
            self.add(link.tail, link.output, link.head, link)
        for number, (key, index) in enumerate(shown.outputs):
            self.add(key, index, f"output {number}", None)
        self.rows: list[Row] = []
        self.width = WIDTH

    def add(self, tail: str, output: int, head: str, link: Link | None) -> None:
        flow = self.flows.get((tail, output))
        if flow is None:
            flow = self.flows[tail, output] = Flow()
            self.given.setdefault(tail, []).append((output, flow))
        if link:
            flow.links.append(link)
        if self.order[head] == self.order[tail] + 1:
            flow.straight += [link] if link else []
            flow.on = True
            return
        flow.lane = flow.lane or Lane()
        sources = self.reading.setdefault(head, [])
        if (tail, output) not in sources:
            sources.append((tail, output))

    def write(self) -> str:
        self.lay()
        self.arrange()
        lanes = max((row.out.number + 1 for row in self.rows if row.out), default=0)
        if lanes:
            self.width = WIDTH - 2 * lanes - 4
            self.lay()
            self.measure()
        head = [
            *_fitted(heading(self.shown), WIDTH),
            *_fitted(weights(self.shown.parameters, self.shown.unknown), WIDTH),
        ]
        return "\n".join([*head, "", *self.drawn()]) + "\n"

    def lay(self) -> None:
        """Write all rows in lines of ``width`` columns."""
        self.rows = []
        self.items(self.shown.items, 0)
        for number in range(len(self.shown.outputs)):
            names = self.shown.info.output_names
            self.node(f"output {number}", "output" if names is None else f"output {brief(names[number])}", 0)

    def items(self, items: list[GraphNode | Group], depth: int) -> None:
        for item in items:
            if isinstance(item, Group) and item.only_node is None:
                self.frame(item, depth)
            else:
                self.card(item, depth)

    def frame(self, group: Group, depth: int) -> None:
        label, use = use_of(group)
        said = [*use, *([f"shared with {shares}"] if (shares := shared_with(group)) else [])]
        words = f"{label} {group.repeat}".rstrip() + (f": {', '.join(said)}" if said else "")
        self.say(words, depth, first="+- ", rest="|     ")
        self.items(group.items, depth + 1)
        self.rows.append(Row(_left(depth) + "+-"))

    def card(self, item: GraphNode | Group, depth: int) -> None:
        """A node, or a repeated layer."""
        stand = self.shown.stand(item)
        node = stand.node
        name = [brief(node.id)] if node.id else []
        head = " ".join([brief(node.op), *name, *([stand.repeat] if stand.repeat else [])])
        said = facts(stand, "normal", 4 * WIDTH)
        if is_shared(node):
            said.append(f"shared with {clean(node.shares or '')}")
        if stand.presence:
            said.append(present(stand.presence))
        self.node(node.key, f"{head}: {'; '.join(said)}" if said else head, depth)

    def node(self, key: str, words: str, depth: int) -> None:
        """A node and what flows from it."""
        start = len(self.rows)
        self.say(words, depth, rest="    ")
        row = start
        told: list[str] = []
        for source in self.reading.get(key, ()):
            lane = self.flows[source].lane
            said = self.words(source, key)
            if lane is None:
                told.append(clean(self.nodes[source[0]].id or source[0]) + (f" ({said})" if said else ""))
                continue
            arrow = f" <- {said} " if said else " <"
            while row < len(self.rows) and columns(self.rows[row].text + arrow) > self.width:
                row += 1
            if row == len(self.rows):
                self.rows.append(Row(_left(depth) + "   "))
            self.rows[row].text += arrow
            self.rows[row].into = lane
            row += 1
        if told:
            self.say(f"reads {', '.join(told)}", depth, first="    ", rest="      ")
        outputs = self.given.get(key, [])
        # What flows straight on comes last, next to what reads it.
        for index, flow in sorted(outputs, key=lambda each: (each[1].on, each[0])):
            self.flow(key, index, flow, depth)
        if not any(flow.on for _, flow in outputs) and self.order[key] + 1 < len(self.order):
            self.rows.append(Row(_left(depth).rstrip()))

    def words(self, source: tuple[str, int], head: str) -> str:
        """What is said of the way from an output to a node that is not the next."""
        links = [link for link in self.flows[source].links if link.head == head]
        return ", ".join(words_for(self.shown, self.nodes, links)) if links else ""

    def flow(self, key: str, index: int, flow: Flow, depth: int) -> None:
        """The line below a node that tells what flows from it."""
        tensors = tuple(dict.fromkeys(tensor for link in flow.links for tensor in link.tensors))
        tensors = tensors or self.shown.members[key][-1].outputs[index : index + 1]
        words = shapes(tensors)
        if flow.straight:
            said = ", ".join(words_for(self.shown, self.nodes, flow.straight))
            words = f"{words} ({said})" if said else words
        elif len(self.shown.members[key][-1].outputs) > 1:
            words = f"{words} (output {index})"
        sign = "|" if flow.on else "'-"
        self.say(f"{sign} {words}", depth, first="  ", rest="  |   ")
        self.rows[-1].out = flow.lane

    def say(self, words: str, depth: int, *, first: str = "", rest: str = "") -> None:
        """Add words in as many lines as they need."""
        left = _left(depth)
        room = self.width - len(left) - max(len(first), len(rest))
        for number, line in enumerate(_fitted(words, room)):
            self.rows.append(Row(left + (rest if number else first) + line))

    def measure(self) -> None:
        """Note from which row to which each lane runs."""
        for place, row in enumerate(self.rows):
            if row.into:
                row.into.last = place
            if row.out:
                row.out.first = row.out.last = place

    def arrange(self) -> None:
        """Give each lane its place at the right: those that run along others farther out than they; what has no room
        is told in words."""
        self.measure()
        lanes = sorted((row.out for row in self.rows if row.out), key=lambda lane: (lane.last - lane.first, lane.first))
        placed: list[Lane] = []
        most = (WIDTH - NARROWEST - 4) // 2
        for lane in lanes:
            meeting = [other for other in placed if other.first <= lane.last and lane.first <= other.last]
            inside = [other.number for other in meeting if lane.first <= other.first and other.last <= lane.last]
            lane.number = max(inside, default=-1) + 1
            while any(other.number == lane.number for other in meeting):
                lane.number += 1
            if lane.number < most:
                placed.append(lane)
        kept = {id(lane) for lane in placed}
        for flow in self.flows.values():
            if flow.lane and id(flow.lane) not in kept:
                flow.lane = None
        for row in self.rows:
            row.out = row.out if row.out and id(row.out) in kept else None

    def drawn(self) -> Iterator[str]:
        """The rows with their lanes."""
        lanes = [row.out for row in self.rows if row.out]
        edges = [0] * (len(self.rows) + 1)
        for lane in lanes:
            edges[lane.first] += 1
            edges[lane.last + 1] -= 1
        beside = [columns(row.text) for row, running in zip(self.rows, accumulate(edges), strict=False) if running]
        right = max(beside, default=0) + 4
        waiting = sorted(lanes, key=lambda lane: lane.first)
        running: list[Lane] = []
        for place, row in enumerate(self.rows):
            while waiting and waiting[0].first <= place:
                running.append(waiting.pop(0))
            running = [lane for lane in running if lane.last >= place]
            yield _beside(row, place, running, right).rstrip()


def _beside(row: Row, place: int, running: list[Lane], right: int) -> str:
    """A row with the lanes at its right."""
    if not running:
        return row.text
    own = row.out or row.into
    text = row.text + " " if row.out else row.text
    start = columns(text)
    cells = [" "] * (right + 2 * max(lane.number for lane in running) + 1 - start)
    if own:
        end = right + 2 * own.number - start
        cells[:end] = ["-"] * end
    for lane in running:
        cells[right + 2 * lane.number - start] = "|"
    if own:
        cells[end] = "." if row.out else "'" if own.last == place else "+"
    return text + "".join(cells)


def _left(depth: int) -> str:
    """The lines of the frames around."""
    return "|  " * min(depth, DEEPEST)


def _fitted(text: str, room: int) -> list[str]:
    """The text in ASCII signs and lines of at most ``room`` columns, broken at spaces, or in a word longer than that.

    >>> _fitted("3×3, 64 … 512 filters", 10)
    ['3x3, 64', '... 512', 'filters']
    """
    lines = [""]
    for word in clean(text).translate(ASCII).split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if columns(longer) <= room:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if columns(lines[-1] + character) > room:
                lines.append("")
            lines[-1] += character
    return lines
