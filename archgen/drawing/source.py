"""An outline as Graphviz source."""

from __future__ import annotations

import re

import graphviz

from archgen.drawing.cards import card, edge_text, head, shared_with, told
from archgen.drawing.escape import literal, markup, tooltip, width
from archgen.graph import GraphNode
from archgen.outline import Group, Link, Outline
from archgen.tensors import Tensor
from archgen.theme import Theme, darker
from archgen.wording import clean, count, flow, wrap

PLAIN_KEY = re.compile(r"[\w/@.-]+", re.ASCII)


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
        self.nodes = {node.key: node for node in outline.nodes}
        self.ids = {key: key if PLAIN_KEY.fullmatch(key) else f"node {number}" for number, key in enumerate(self.nodes)}
        """A name in the source for each node; a key that Graphviz might misread gets a number instead."""

    def write(self, more: dict[str, str]) -> str:
        theme = self.theme
        top = graphviz.Digraph(
            graph_attr={
                "label": self.caption(),
                "labelloc": "t",
                "rankdir": "TB",
                "newrank": "true",
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
        for link in self.outline.links:
            self.add_link(top, link)
        self.add_outputs(top)
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
            self.ids[node.key],
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
            cluster.node(name, head(group, theme), shape="plaintext", style="", margin="0", tooltip=said)
            self.add(cluster, group.items, depth + 1)
        self.hold(target, name, group)

    def hold(self, target: graphviz.Digraph, name: str, group: Group) -> None:
        """Keep the head of a frame below what the frame reads and above what reads it first."""
        inside = {node.key for node in group.nodes}
        outside = {link.tail: None for link in self.outline.links if link.head in inside and link.tail not in inside}
        fed = {link.head for link in self.outline.links if link.head in inside and link.tail in inside}
        for tail in outside:
            target.edge(self.ids[tail], name, style="invis", weight="0")
        for key in inside - fed:
            target.edge(name, self.ids[key], style="invis", weight="0")

    def add_link(self, target: graphviz.Digraph, link: Link) -> None:
        if link.tail not in self.nodes or link.head not in self.nodes:
            return
        tail, head = self.nodes[link.tail], self.nodes[link.head]
        words = [f"output {link.output}"] if len(tail.outputs) > 1 else []
        if len(head.inputs) > 1:
            words += [word for word in link.arguments if isinstance(word, str)]
        look = (
            {"weight": "1", "color": self.theme.skip, "fontcolor": self.theme.skip, "penwidth": "2"}
            if link.skip
            else {"weight": "1000"}
        )
        self.add_edge(target, self.ids[link.tail], self.ids[link.head], link.tensor, words, look, link.skip)

    def add_outputs(self, target: graphviz.Digraph) -> None:
        names = self.outline.info.output_names
        for number, (key, index) in enumerate(self.outline.outputs):
            if key not in self.nodes:
                continue
            name = f"output {number}"
            lines = ["output"] if names is None else ["output", *wrap(clean(names[number]), 30, 2)]
            target.node(
                name,
                literal(*lines),
                fillcolor=self.theme.background,
                color=self.theme.text,
                penwidth="1.6",
                tooltip=tooltip(*lines),
                **{"class": "output"},
            )
            words = [f"output {index}"] if len(self.nodes[key].outputs) > 1 else []
            tensor = self.nodes[key].outputs[index]
            self.add_edge(target, self.ids[key], name, tensor, words, {"weight": "1000"}, skip=False)

    def add_edge(
        self,
        target: graphviz.Digraph,
        tail: str,
        head: str,
        tensor: Tensor,
        words: list[str],
        look: dict[str, str],
        skip: bool,
    ) -> None:
        said = tooltip(f"{tail} → {head}: {tensor} {tensor.dtype}" + (" (skip connection)" if skip else ""))
        label = edge_text(flow(tensor), words)
        target.edge(tail, head, literal(*label), edgetooltip=said, labeltooltip=said, **look)
