"""An outline as Graphviz source."""

from __future__ import annotations

import re

import graphviz

from archgen.drawing.cards import card, edge_text, head, shared_with, told
from archgen.drawing.escape import literal, markup, tooltip, width
from archgen.drawing.wires import Port, Wire, lay_wires
from archgen.graph import GraphNode
from archgen.outline import Group, Outline
from archgen.theme import Theme, darker
from archgen.wording import clean, count, flow, wrap

PLAIN_KEY = re.compile(r"[\w/@.-]+", re.ASCII)

STRAIGHT = "1000"
"""The weight of what should run straight: above the 128 with which Graphviz keeps frames narrow, times the number of
parts that a line is made of."""


def write(outline: Outline, theme: Theme, font: str, dots_per_inch: int | None = None) -> str:
    """Graphviz source in which text is measured with ``font``."""
    return _Writer(outline, theme, font).write({"dpi": str(dots_per_inch)} if dots_per_inch else {})


def heading(outline: Outline) -> str:
    """The picture's title."""
    return clean(outline.info.title or outline.info.name) or "network"


def describe(outline: Outline) -> str:
    """The picture in words, for those who do not see it."""
    nodes = {node.key: node for node in outline.nodes}
    inputs = [f"{brief_name(nodes[key])} {nodes[key].outputs[0]}" for key in outline.info.inputs if key in nodes]
    outputs = [
        f"{brief_name(nodes[key])} {nodes[key].outputs[index]}" for key, index in outline.outputs if key in nodes
    ]
    said = [clean(outline.info.description)] if outline.info.description else []
    said.append(f"A network of {_total_nodes(outline.items)} nodes and {count(_total(outline.items))} parameters.")
    said += [f"Input{'s' * (len(inputs) > 1)}: {', '.join(inputs)}."] if inputs else []
    said += [f"Output{'s' * (len(outputs) > 1)}: {', '.join(outputs)}."] if outputs else []
    return " ".join(said)


def brief_name(node: GraphNode) -> str:
    return clean(node.id or node.name)


def _total(items: list[GraphNode | Group]) -> int:
    return sum(item.parameters for item in items)


def _total_nodes(items: list[GraphNode | Group]) -> int:
    return sum(item.times * _total_nodes(item.items) if isinstance(item, Group) else 1 for item in items)


class _Writer:
    def __init__(self, outline: Outline, theme: Theme, font: str) -> None:
        self.outline, self.theme, self.font = outline, theme, font
        keys = [node.key for node in outline.nodes]
        self.names = {key: key if PLAIN_KEY.fullmatch(key) else f"node {number}" for number, key in enumerate(keys)}
        """A name in the source for each node; a key that Graphviz might misread gets a number instead."""
        self.ports, self.wires = lay_wires(outline, self.names)

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
                "width": "0.8",
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
        totals = f"{count(_total(self.outline.items))} parameters"
        rows = [f'<FONT POINT-SIZE="{theme.large}"><B>{markup(line)}</B></FONT>' for line in lines] + [totals]
        least = width([*lines, totals], theme.large)
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
        fill = self.theme.fill(node.category)
        style = "rounded,filled,dashed" if node.shares is not None else "rounded,filled"
        target.node(
            self.names[node.key],
            card(node, self.theme, times),
            fillcolor=fill,
            color=self.theme.text if node.category == "input" else darker(fill),
            style=style,
            penwidth="1.6" if node.category == "input" or node.shares is not None else "1",
            tooltip=tooltip(*told(node, times)),
            **{"class": node.category},
        )

    def add_frame(self, target: graphviz.Digraph, group: Group, depth: int) -> None:
        theme, frame = self.theme, group.frame
        shades = theme.frames.get(frame.kind, theme.frames["block"])
        shared = shared_with(group)
        name = f"frame {frame.index}"
        said = tooltip(f"{frame.kind} {clean(frame.label)}")
        with target.subgraph(name=f"cluster_{frame.index}") as cluster:
            cluster.attr(
                label="",
                style="rounded,filled,dashed" if shared else "rounded,filled",
                fillcolor=shades[depth % len(shades)],
                color=theme.frame_line,
                penwidth="1.6" if group.times > 1 or shared else "1",
                margin="10",
                tooltip=said,
                **{"class": frame.kind},
            )
            # Graphviz draws lines across the label of a frame, and around a node: so its head is a node.
            cluster.node(name, head(group, theme), shape="plaintext", style="", margin="0", tooltip=said)
            for port in self.ports:
                if port.frame == frame.index:
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
        target.node(
            f"output {number}",
            literal(*lines),
            fillcolor=self.theme.background,
            color=self.theme.text,
            penwidth="1.6",
            tooltip=tooltip(*lines),
            **{"class": "output"},
        )

    def add_wires(self, target: graphviz.Digraph, frame: int | None) -> None:
        """Draw the wires of a frame, or of none: one drawn outside its frame would be led around it."""
        for number, wire in enumerate(self.wires):
            if wire.frame != frame:
                continue
            said = f"{wire.route}: {wire.tensor} {wire.tensor.dtype}" + " (skip connection)" * wire.skip
            label = literal(*edge_text(flow(wire.tensor), wire.words))
            plain = {"weight": STRAIGHT, "edgetooltip": tooltip(said)}
            bold = {"weight": "1", "color": self.theme.skip, "penwidth": "2", "edgetooltip": tooltip(said)}
            look = bold if wire.skip else plain
            if not wire.arrow:
                target.edge(wire.tail, wire.head, arrowhead="none", **look)
            elif wire.skip:
                self.add_skip(target, wire, f"shape {number}", label, look)
            else:
                target.edge(wire.tail, wire.head, label, labeltooltip=tooltip(said), **look)

    def add_skip(self, target: graphviz.Digraph, wire: Wire, name: str, label: str, look: dict[str, str]) -> None:
        """Draw a skip connection as two lines with the shape between them.

        Graphviz makes no room in a frame for the label of a line that runs past other nodes, but for a node it does.
        """
        target.node(
            name,
            label,
            shape="plaintext",
            style="",
            margin="0.03,0.01",
            width="0",
            height="0",
            fontsize=str(self.theme.small),
            fontcolor=self.theme.skip,
            tooltip=look["edgetooltip"],
            **{"class": "shape"},
        )
        target.edge(wire.tail, name, arrowhead="none", headport="n", **look | {"weight": "0"})
        target.edge(name, wire.head, tailport="s", **look)
