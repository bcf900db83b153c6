"""An outline as Graphviz source."""

from __future__ import annotations

import re

import graphviz

from archgen.drawing.caption import heading
from archgen.drawing.cards import card, head, is_shared, shared_with, told
from archgen.drawing.escape import literal, markup, tooltip, width
from archgen.drawing.marks import NONE, Marks
from archgen.drawing.wires import Port, Wire, lay_wires
from archgen.graph import GraphNode
from archgen.outline import Group, Outline
from archgen.theme import Theme, darker
from archgen.wording import clean, weights, wrap

FRAME_MARGIN = 10
"""Points between a frame and what is inside it."""

PLAIN_KEY = re.compile(r"[\w/@.-]+", re.ASCII)

STRAIGHT = 1000
"""The weight of what should run straight: above the 128 with which Graphviz keeps frames narrow, times the number of
parts that a line is made of."""

BENT = "100"
"""The weight of a dashed wire within a frame: below those of the others, and enough to lead downwards."""


def write(outline: Outline, theme: Theme, font: str, dots_per_inch: int | None = None, marks: Marks = NONE) -> str:
    """Graphviz source in which text is measured with ``font``."""
    return _Writer(outline, theme, font, marks).write({"dpi": str(dots_per_inch)} if dots_per_inch else {})


class _Writer:
    def __init__(self, outline: Outline, theme: Theme, font: str, marks: Marks) -> None:
        self.outline, self.theme, self.font, self.marks = outline, theme, font, marks
        self.shapes = 0
        keys = [node.key for node in outline.nodes]
        self.names = {key: key if PLAIN_KEY.fullmatch(key) else f"node {number}" for number, key in enumerate(keys)}
        """A name in the source for each node; a key that Graphviz might misread gets a number instead."""
        self.ports: dict[int, list[Port]] = {}
        self.wires: dict[int | None, list[Wire]] = {}
        self.beside: dict[str, int] = {}
        """The characters of the widest text beside the wires to and from each name."""
        ports, wires = lay_wires(outline, self.names)
        for port in ports:
            self.ports.setdefault(port.frame, []).append(port)
        for wire in wires:
            wire.mark = marks.wires.get(wire.ends) if wire.ends else None
            self.wires.setdefault(wire.frame, []).append(wire)
            for name in (wire.tail, wire.head):
                self.beside[name] = max(self.beside.get(name, 0), *map(len, wire.label or [""]))

    def write(self, more: dict[str, str]) -> str:
        theme = self.theme
        top = graphviz.Digraph(
            graph_attr={
                "label": self.caption(),
                "labelloc": "t",
                "rankdir": "TB",
                "nodesep": "0.3",
                "ranksep": "0.22",
                "bgcolor": theme.background,
                "fontname": self.font,
                "fontcolor": theme.text,
                "fontsize": str(theme.size),
                "pad": "0.15",
                "margin": "0",
                **more,
            },
            node_attr={
                "shape": "box",
                "style": "rounded,filled",
                "margin": "0.11,0.055",
                "height": "0.3",
                "fontname": self.font,
                "fontcolor": theme.text,
                "fontsize": str(theme.size),
            },
            edge_attr={
                "color": theme.line,
                "arrowsize": "0.6",
                "fontname": self.font,
                "fontcolor": theme.text,
                "fontsize": str(theme.small),
            },
        )
        self.add(top, self.outline.items, depth=0)
        for number in range(len(self.outline.outputs)):
            self.add_output(top, number)
        self.add_wires(top, None)
        return str(top.source)

    def caption(self) -> str:
        theme = self.theme
        lines = wrap(heading(self.outline), 60, 2)
        notes = self.marks.notes or [weights(self.outline.parameters, self.outline.unknown)]
        totals = [line for note in notes for line in wrap(note, 60, 2)]
        rows = [f'<FONT POINT-SIZE="{theme.large}"><B>{markup(line)}</B></FONT>' for line in lines]
        rows += map(markup, totals)
        least = width([*lines, *totals], theme.large)
        size = f' WIDTH="{least}"' if least else ""
        cells = "".join(f"<TR><TD>{row}</TD></TR>" for row in rows) + '<TR><TD HEIGHT="8"></TD></TR>'
        return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="2"{size}>{cells}</TABLE>>'

    def add(self, target: graphviz.Digraph, items: list[GraphNode | Group], depth: int) -> None:
        for item in items:
            if isinstance(item, GraphNode):
                self.add_node(target, item, 1)
            elif node := item.only_node:
                self.add_node(target, node, item.times)
            else:
                self.add_frame(target, item, depth)

    def add_node(self, target: graphviz.Digraph, node: GraphNode, times: int) -> None:
        theme = self.theme
        fill = theme.fill(node.category)
        line = theme.text if node.category == "input" else darker(fill)
        dashed, thick, kind = is_shared(node), node.category == "input" or is_shared(node), node.category
        if mark := self.marks.nodes.get(node.key):
            fill, line, dashed, thick, kind = mark.fill, mark.line, mark.dashed, True, f"{kind} {mark.name}"
        # Graphviz does not count the text beside a wire as part of a frame: the card makes room for it.
        room = 2 * (self.beside.get(self.names[node.key], 0) * 0.64 * theme.small - FRAME_MARGIN) / 72
        target.node(
            self.names[node.key],
            card(node, theme, times, mark),
            fillcolor=fill,
            color=line,
            style="rounded,filled,dashed" if dashed else "rounded,filled",
            width=f"{max(room, 0.8):.2f}",
            penwidth="1.6" if thick else "1",
            tooltip=tooltip(*told(node, times)),
            **{"class": kind},
        )

    def add_frame(self, target: graphviz.Digraph, group: Group, depth: int) -> None:
        theme, frame = self.theme, group.frame
        shades = theme.frames.get(frame.kind, theme.frames["block"])
        shared, mark = shared_with(group), self.marks.frames.get(frame.index)
        dashed = mark.dashed if mark else bool(shared)
        name = f"frame {frame.index}"
        said = tooltip(f"{frame.kind} {clean(frame.label)}")
        with target.subgraph(name=f"cluster_{frame.index}") as cluster:
            cluster.attr(
                label="",
                style="rounded,filled,dashed" if dashed else "rounded,filled",
                fillcolor=shades[depth % len(shades)],
                color=mark.line if mark else theme.frame_line,
                penwidth="1.6" if group.times > 1 or shared or mark else "1",
                margin=str(FRAME_MARGIN),
                tooltip=said,
                **{"class": f"{frame.kind} {mark.name}" if mark else frame.kind},
            )
            # Graphviz draws lines across the label of a frame, and around a node: so its head is a node.
            cluster.node(name, head(group, theme, mark), shape="plaintext", style="", margin="0", tooltip=said)
            for port in self.ports.get(frame.index, ()):
                self.add_port(cluster, port, frame.label)
            self.add(cluster, group.items, depth + 1)
            self.add_wires(cluster, frame.index)
        # What reads nothing would rise above the head.
        for node in group.nodes:
            if not node.inputs:
                target.edge(name, self.names[node.key], style="invis", weight="0")

    def add_port(self, target: graphviz.Digraph, port: Port, label: str) -> None:
        tensor = port.trunk.tensor
        target.node(
            port.name,
            "",
            shape="point",
            style="filled",
            width="0.06",
            height="0.06",
            color=self.theme.skip if port.trunk.skip else self.theme.line,
            tooltip=tooltip(f"input of {clean(label)}: {tensor} {tensor.dtype}"),
            **{"class": "port"},
        )

    def add_output(self, target: graphviz.Digraph, number: int) -> None:
        names = self.outline.info.output_names
        lines = ["output"] if names is None else ["output", *wrap(clean(names[number]), 30, 2)]
        if mark := self.marks.outputs.get(number):
            lines = [
                f"{mark.symbol} {lines[0]}",
                *lines[1:],
                *(each for words in mark.words for each in wrap(words, 36, 3)),
            ]
        target.node(
            f"output {number}",
            literal(*lines),
            fillcolor=mark.fill if mark else self.theme.background,
            color=mark.line if mark else self.theme.text,
            penwidth="1.6",
            tooltip=tooltip(*lines),
            **{"class": f"output {mark.name}" if mark else "output"},
        )

    def add_wires(self, target: graphviz.Digraph, frame: int | None) -> None:
        """Draw the wires of a frame, or of none: one drawn outside its frame would be led around it."""
        theme = self.theme
        for wire in self.wires.get(frame, ()):
            told = tooltip(wire.told)
            look = {"weight": str(STRAIGHT if wire.crosses else 2 * STRAIGHT), "edgetooltip": told}
            if wire.skip:
                look |= {"weight": "1", "color": theme.skip, "penwidth": "2"}
            if mark := wire.mark:
                look |= {"color": mark.line, "penwidth": "2", "style": "dashed" if mark.dashed else "solid"}
                look |= {"fontcolor": mark.line, "class": mark.name}
                look |= {"weight": BENT} if mark.dashed and not wire.crosses else {}
            if not wire.arrow:
                target.edge(wire.tail, wire.head, arrowhead="none", **look)
            elif wire.skip or (mark and mark.aside):
                self.add_skip(target, wire, look)
            else:
                target.edge(wire.tail, wire.head, literal(*wire.label), labeltooltip=told, **look)

    def add_skip(self, target: graphviz.Digraph, wire: Wire, look: dict[str, str]) -> None:
        """Draw a skip connection as two lines with the shape between them.

        Graphviz makes no room in a frame for the label of a line that runs past other nodes, but for a node it does.
        """
        self.shapes += 1
        name = f"shape {self.shapes}"
        target.node(
            name,
            literal(*wire.label),
            shape="plaintext",
            style="",
            margin="0.03,0.01",
            width="0",
            height="0",
            fontsize=str(self.theme.small),
            fontcolor=look.get("color", self.theme.skip),
            tooltip=look["edgetooltip"],
            **{"class": "shape"},
        )
        target.edge(wire.tail, name, arrowhead="none", headport="n", **look | {"weight": "0"})
        target.edge(name, wire.head, tailport="s", **look)
