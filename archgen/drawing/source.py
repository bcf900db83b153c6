"""An outline as Graphviz source."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeGuard

import graphviz

from archgen.drawing.caption import SPACE, above, below, training
from archgen.drawing.cards import card, head, is_shared, shared_with, told
from archgen.drawing.escape import literal, raised, room, tooltip
from archgen.drawing.highlight import highlighted
from archgen.drawing.marks import NONE, Marks
from archgen.drawing.wires import Port, Wire, lay_wires
from archgen.graph import GraphNode
from archgen.options import Options
from archgen.outline import Group, Outline, Stand
from archgen.outline.skips import length
from archgen.outline.varying import shapes
from archgen.theme import Theme
from archgen.wording import clean, weights, wrap

if TYPE_CHECKING:
    from archgen.training import Plan

BELOW = {"label": "", "peripheries": "0", "margin": "0", "bgcolor": "transparent", "class": "below"}
"""An invisible frame."""

CROWDED = 20
"""How many other nodes a node's lines pass, on average, where Graphviz would take minutes to lead them nicely."""

FEW = 1000
"""How many they pass in all where it does not matter."""

HASTE = {"splines": "line", "nslimit": "0.1", "nslimit1": "0.1", "mclimit": "0.01"}
"""What makes Graphviz take the first layout that it finds, and straight lines."""

HIGHLIGHT = 3.2
"""The width of the outline of what is highlighted, in points."""

FRAME_MARGIN = 10
"""Points between a frame and what is inside it."""

BELOW_HEAD = 14
"""Points between the label of a frame and lines that curve below it."""

FAN = 3
"""Wires with one end in common of which some run so flat that they would run into what stands beside them."""

PAD = 11
"""Points around the picture."""

PLAIN_KEY = re.compile(r"[\w/@.-]+", re.ASCII)

STRAIGHT = 1000
"""The weight of what should run straight: above the 128 with which Graphviz keeps frames narrow, times the number of
parts that a line is made of."""

BENT = "100"
"""The weight of a dashed wire within a frame: below those of the others, and enough to lead downwards."""


def write(
    outline: Outline,
    theme: Theme,
    font: str,
    dots_per_inch: int | None = None,
    marks: Marks = NONE,
    *,
    options: Options | None = None,
    plan: Plan | None = None,
    on_the_way: Callable[[], None] = lambda: None,
) -> str:
    """Graphviz source in which text is measured with ``font``; ``plan`` is how the network is trained.

    ``on_the_way`` is called before each card and frame: it may raise where there is no time for more of them.
    """
    more = {"dpi": str(dots_per_inch)} if dots_per_inch else {}
    return _Writer(outline, theme, font, marks, options or Options(), plan, on_the_way).write(more)


class _Writer:
    def __init__(
        self,
        outline: Outline,
        theme: Theme,
        font: str,
        marks: Marks,
        options: Options,
        plan: Plan | None,
        on_the_way: Callable[[], None],
    ) -> None:
        self.outline, self.theme, self.font, self.marks, self.options = outline, theme, font, marks, options
        passed = length(outline.links)
        self.crowded = passed > FEW and passed > CROWDED * sum(1 for _ in outline.nodes)
        self.across = options.direction == "LR"
        """Whether the picture runs from left to right."""
        self.on_the_way = on_the_way
        self.plan = plan if options.detail != "minimal" else None
        self.nodes_meant, self.frames_meant = highlighted(outline, options.highlight)
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
                self.beside[name] = max(self.beside.get(name, 0), *map(len, self.label(wire) or [""]))
        plain = [wire for wire in wires if not wire.skip]
        tails, heads = Counter(wire.tail for wire in plain), Counter(wire.head for wire in plain)
        self.branching = {tail for tail, count in tails.items() if count > 1}
        """The names that several wires come from, skip connections left out."""
        self.wide = {name for ends in (tails, heads) for name, count in ends.items() if count >= FAN}
        """The names to or from which wires run flat."""
        self.low = self.branching & {port.name for port in ports} if not self.across else set()
        """The ports that stand below the head of their frame, so that no branch runs into it."""
        self.apart = self.alone(wires)
        """The names of what stands in an invisible frame of its own."""

    def alone(self, wires: Sequence[Wire]) -> set[str]:
        """The names to which skip connections lead that may pass frames.

        Graphviz bends the lines in a frame if a line that passes it ends in the frame around that, but not if it ends
        in another one.
        """
        nesting = {group.frame.index for group in self.outline.groups if any(map(_is_frame, group.items))}
        around = {None, *nesting} if self.below() else nesting
        return {wire.head for wire in wires if wire.frame in around and self.aside(wire)}

    def aside(self, wire: Wire) -> bool:
        """Whether what is said of a wire stands on it and not beside it."""
        return bool(self.label(wire) and (wire.skip or (wire.mark and wire.mark.aside)))

    def write(self, more: dict[str, str]) -> str:
        theme, below = self.theme, self.below()
        top = graphviz.Digraph(
            graph_attr={
                "label": self.above(framed=bool(below)),
                "labelloc": "t",
                "rankdir": self.options.direction,
                "nodesep": "0.3",
                "ranksep": "0.22",
                "bgcolor": theme.background,
                "fontname": self.font,
                "fontcolor": theme.text,
                "fontsize": str(theme.size),
                "pad": f"{(PAD - SPACE if below else PAD) / 72:.3f}",
                "margin": "",  # Unsaid, and so none of a page, and 8 points between frames.
                **(HASTE if self.crowded else {}),
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
                "penwidth": f"{theme.thin:g}",
                "fontname": self.font,
                "fontcolor": theme.text,
                "fontsize": str(theme.small),
            },
        )
        if not below:
            self.add_all(top)
            return str(top.source)
        # A graph has one label; the one below is that of an invisible frame around everything.
        with top.subgraph(name="cluster_all") as everything:
            everything.attr(**BELOW | {"label": below, "labelloc": "b", "margin": str(SPACE)})
            self.add_all(everything)
        return str(top.source)

    def add_all(self, target: graphviz.Digraph) -> None:
        self.add(target, self.outline.items, depth=0)
        for number in range(len(self.outline.outputs)):
            self.add_output(target, number)
        self.add_wires(target, None)

    def above(self, *, framed: bool) -> str:
        notes = self.marks.notes or [weights(self.outline.parameters, self.outline.unknown)]
        return above(self.outline, notes, self.theme, framed=framed)

    def below(self) -> str:
        categories = dict.fromkeys(node.category for node in self.outline.nodes) if self.options.legend else ()
        return below(categories, training(self.plan) if self.plan else (), self.theme)

    def label(self, wire: Wire) -> list[str]:
        """What stands beside a wire; among many lines the shape on one would stand in the way of others."""
        left_out = self.options.detail == "minimal" or (self.crowded and wire.skip)
        return [] if left_out else wire.label

    def add(self, target: graphviz.Digraph, items: list[GraphNode | Group], depth: int) -> None:
        for item in items:
            self.on_the_way()
            if _is_frame(item):
                self.add_frame(target, item, depth)
            else:
                self.add_node(target, self.outline.stand(item))

    def place(self, target: graphviz.Digraph, name: str, label: str, **look: str) -> None:
        """Add a part of the picture, in a frame of its own where it has to have one."""
        if name not in self.apart:
            target.node(name, label, **look)
            return
        with target.subgraph(name=f"cluster_{name}") as alone:
            alone.attr(**BELOW)
            alone.node(name, label, **look)

    def add_node(self, target: graphviz.Digraph, stand: Stand) -> None:
        theme, node = self.theme, stand.node
        fill, line, kind = theme.fill(node.category), theme.outline(node.category), node.category
        dashed, thick = is_shared(node), theme.bold if kind == "input" or is_shared(node) else theme.thin
        said = told(stand)
        if mark := self.marks.nodes.get(node.key):
            fill, line, dashed, thick, kind = mark.fill, mark.line, mark.dashed, theme.bold, f"{kind} {mark.name}"
        if node.key in self.nodes_meant:
            line, thick, kind = theme.highlight, HIGHLIGHT, f"{kind} highlighted"
            said.append("highlighted")
        # Graphviz does not count the text beside a wire as part of a frame: the card makes room for it.
        room = 2 * (self.beside.get(self.names[node.key], 0) * 0.64 * theme.small - FRAME_MARGIN) / 72
        self.place(
            target,
            self.names[node.key],
            card(stand, theme, mark, self.options.detail, narrow=self.across),
            fillcolor=fill,
            color=line,
            style="rounded,filled,dashed" if dashed else "rounded,filled",
            width=f"{0.8 if self.across else max(room, 0.8):.2f}",
            penwidth=f"{thick:g}",
            tooltip=tooltip(*said),
            **{"class": kind},
        )

    def add_frame(self, target: graphviz.Digraph, group: Group, depth: int) -> None:
        theme, frame = self.theme, group.frame
        shared, mark = shared_with(group), self.marks.frames.get(frame.index)
        dashed = mark.dashed if mark else bool(shared)
        line, thick = theme.frame_line, theme.bold if group.times > 1 or shared or mark else theme.thin
        kind = f"{frame.kind} {('even', 'odd')[depth % 2]}"
        said = f"{frame.kind} {clean(frame.label)}"
        if mark:
            line, kind = mark.line, f"{kind} {mark.name}"
        if frame.index in self.frames_meant:
            line, thick, kind, said = theme.highlight, HIGHLIGHT, f"{kind} highlighted", f"{said}, highlighted"
        name, said = f"frame {frame.index}", tooltip(said)
        with target.subgraph(name=f"cluster_{frame.index}") as cluster:
            cluster.attr(
                label="",
                style="rounded,filled,dashed" if dashed else "rounded,filled",
                fillcolor=theme.ground(frame.kind, depth),
                color=line,
                penwidth=f"{thick:g}",
                peripheries="1",
                margin=str(FRAME_MARGIN),
                tooltip=said,
                **{"class": kind},
            )
            if self.across:
                # A line curves into the label where no shape on it keeps it away.
                room = BELOW_HEAD if self.options.detail == "minimal" else 0
                cluster.attr(label=head(group, theme, mark, room=room), labelloc="t", labeljust="l")
            else:
                # Graphviz draws lines down across the label of a frame, and around a node: so its head is a node.
                cluster.node(name, head(group, theme, mark), shape="plaintext", style="", margin="0", tooltip=said)
            for port in self.ports.get(frame.index, ()):
                self.add_port(cluster, port, frame.label)
                if port.name in self.low:
                    cluster.edge(name, port.name, style="invis", weight="0")
            self.add(cluster, group.items, depth + 1)
            self.add_wires(cluster, frame.index)
        # What reads nothing would rise above the head.
        for node in group.nodes:
            if not node.inputs and not self.across:
                target.edge(name, self.names[node.key], style="invis", weight="0")

    def add_port(self, target: graphviz.Digraph, port: Port, label: str) -> None:
        tensors = port.trunk.tensors
        word = "output" if port.leaves else "input"
        self.place(
            target,
            port.name,
            "",
            shape="point",
            style="filled",
            width="0.06",
            height="0.06",
            color=self.theme.skip if port.trunk.skip else self.theme.line,
            tooltip=tooltip(f"{word} of {clean(label)}: {shapes(tensors, str)} {tensors[0].dtype}"),
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
            penwidth=f"{self.theme.bold:g}",
            tooltip=tooltip(*lines),
            **{"class": f"output {mark.name}" if mark else "output"},
        )

    def add_wires(self, target: graphviz.Digraph, frame: int | None) -> None:
        """Draw the wires of a frame, or of none: one drawn outside its frame would be led around it."""
        theme = self.theme
        for wire in self.wires.get(frame, ()):
            told = tooltip(wire.told)
            weight = STRAIGHT if wire.crosses else 2 * STRAIGHT
            # Branches of which one is shorter begin side by side.
            look = {"weight": str(weight + (wire.tail in self.branching)), "edgetooltip": told}
            if wire.skip:
                look |= {"weight": "1", "color": theme.skip, "penwidth": f"{2 * theme.thin:g}", "class": "skip"}
            if mark := wire.mark:
                look |= {"color": mark.line, "penwidth": "2", "style": "dashed" if mark.dashed else "solid"}
                look |= {"fontcolor": mark.line, "class": mark.name}
                look |= {"weight": BENT} if mark.dashed and not wire.crosses else {}
            if not wire.arrow:
                look |= {"arrowhead": "none"}
            flat = not wire.skip and self.label(wire) and not self.wide.isdisjoint((wire.tail, wire.head))
            if wire.head in self.low:
                look |= {"minlen": "2"}  # Past the head, which would rise beside what stands above the frame.
            if flat and not self.across:
                look |= {"minlen": "3" if self.options.detail == "full" else "2"}  # The wider cards are, the flatter.
            if self.aside(wire):
                self.add_skip(target, wire, look)
            else:
                if lines := self.label(wire):
                    words = raised(lines, theme.small) if self.across else literal(*lines)
                    look |= {"label": words, "labeltooltip": told}
                target.edge(wire.tail, wire.head, **look)

    def add_skip(self, target: graphviz.Digraph, wire: Wire, look: dict[str, str]) -> None:
        """Draw a skip connection as two lines with the shape between them.

        Graphviz makes no room in a frame for the label of a line that runs past other nodes, but for a node it does.
        """
        self.shapes += 1
        name, label = f"shape {self.shapes}", self.label(wire)
        if wire.head in self.apart:
            self.apart.add(name)
        self.place(
            target,
            name,
            literal(*label),
            shape="plaintext",
            style="",
            margin="0.03,0.12" if self.across else "0.03,0.01",
            width=f"{room(label, self.theme.small) / 72:.2f}",
            height="0",
            fontsize=str(self.theme.small),
            fontcolor=look.get("color", self.theme.skip),
            tooltip=look["edgetooltip"],
            **{"class": "shape skip" if wire.skip else "shape"},
        )
        into, out_of = ("w", "e") if self.across else ("n", "s")
        target.edge(wire.tail, name, headport=into, **look | {"weight": "3", "arrowhead": "none"})
        target.edge(name, wire.head, tailport=out_of, **look)


def _is_frame(item: GraphNode | Group) -> TypeGuard[Group]:
    """Whether it is drawn as a frame: a repeated layer is not."""
    return isinstance(item, Group) and item.only_node is None
