"""Both networks in one picture: the one after, and in it what is gone; what is new, gone or other is marked.

Colours are not alone in telling: a symbol does, and what is gone has dashed lines. Unmarked layers are grey, so that
no colour of a category is taken for a mark.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from archgen.diffing.calls import contrast, unlike
from archgen.diffing.result import Comparison, Difference
from archgen.diffing.views import Item, Read, View, arguments_of
from archgen.drawing.marks import Mark, Marks
from archgen.graph import GraphInfo, GraphNode
from archgen.options import Expand
from archgen.outline import Outline, outline
from archgen.theme import Theme
from archgen.wording import count

if TYPE_CHECKING:
    from networkx import MultiDiGraph

Edge = tuple[str, str, int]
"""The keys of giver and reader, and which output is read."""

ADDED = Mark("+", "#AAEDC2", "#037960", name="added")
REMOVED = Mark("−", "#F7B694", "#B84100", dashed=True, name="removed")
CHANGED = Mark("±", "#F9E070", "#5A3D08", name="changed")
"""The three marks: bluish green, vermilion and amber, apart for each kind of dichromatic sight."""

UNPLUGGED = replace(REMOVED, aside=True)
"""The mark of a wire between layers that are both still there."""

THEME = Theme(fills={}, other="#F3F3F3", skip="#404040")
"""The theme of such a picture."""

GONE = "@before"
"""What the key of a layer that is gone ends with."""

NOTES = 6
"""The most lines below the title."""


def draw(
    comparison: Comparison, *, expand: Expand = 0, engine: str = "embedded", timeout: float = 60, theme: Theme = THEME
) -> bytes:
    """The picture as SVG; ``expand`` is that of ``Options``. Raises ``ArchgenError`` as ``archgen.drawing.render``."""
    from archgen.drawing.source import write
    from archgen.drawing.svg import finish
    from archgen.engine import lay_out

    shown, marks = union(comparison, expand=expand)
    measured = theme.wide_font if engine == "embedded" else theme.font
    picture = lay_out(write(shown, theme, measured, 72, marks), "svg", engine=engine, timeout=timeout)
    said = [each.line(comparison.same_network) for each in comparison.differences] or ["No difference"]
    return finish(picture, shown.info.title or "", ". ".join(said) + ".", measured=measured, theme=theme)


def union(comparison: Comparison, *, expand: Expand = 0) -> tuple[Outline, Marks]:
    """The outline of both networks, and its marks."""
    return _Union(comparison).outline(expand)


class _Union:
    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.sites = comparison.sites
        self.before, self.after = self.sites.before, self.sites.after
        assert comparison.after.graph is not None
        self.graph: MultiDiGraph[str] = comparison.after.graph
        self.frames: dict[int, int] = dict(self.sites.frames)
        """The frame of the picture for each frame before."""
        self.inputs = {
            (data["node"].frame, data["node"].path): key
            for key, data in self.graph.nodes(data=True)
            if key not in self.after.place
        }
        """The Inputs of sub-models that are called, by frame and path."""
        self.words = self._words()

    def outline(self, expand: Expand) -> tuple[Outline, Marks]:
        import networkx

        title = " → ".join(dict.fromkeys((_title(self.before), _title(self.after))))
        info = replace(self.graph.graph["info"], title=title, frames=list(self.after.info.frames))
        graph: MultiDiGraph[str] = networkx.MultiDiGraph(info=info)
        nodes = {item.node.key: self.mark(item) for item in self.after.items}
        gone = [item for item in self.before.items if self.sites.partner(item) is None]
        behind: dict[str | None, list[Item]] = {}
        for item in gone:
            nodes[self.key(item)] = REMOVED
            behind.setdefault(self.anchor(item), []).append(item)
        self.add(graph, behind.get(None, ()), info)
        for key, data in self.graph.nodes(data=True):
            mark = nodes.get(key)
            node = data["node"]
            graph.add_node(key, node=replace(node, arguments=_marked(node.arguments, mark)) if mark else node)
            self.add(graph, behind.get(key, ()), info)
        graph.add_edges_from(self.graph.edges(data=True))
        for item in gone:
            self.wire(graph, item)
        rewired = self.rewired(graph)
        found = {key: mark for key, mark in nodes.items() if mark is not None}
        frames = self.frame_marks()
        shown = outline(graph, expand=expand, apart=_apart(graph, found, frames, rewired))
        wires = self.wires(shown, found, rewired)
        return shown, Marks(found, frames, wires, self.output_marks(), self.notes())

    # Layers

    def key(self, item: Item) -> str:
        """The key in the picture."""
        partner = self.sites.partner(item) if item.side == 0 else item
        return partner.node.key if partner is not None else f"{item.node.key}{GONE}"

    def anchor(self, item: Item) -> str | None:
        """The key of the last layer that stood before one that is gone, and is still there."""
        index = self.sites.reached[item.index]
        return self.after.items[index].node.key if index >= 0 else None

    def add(self, graph: MultiDiGraph[str], items: Iterable[Item], info: GraphInfo) -> None:
        """Enter layers that are gone, and the frames around them."""
        for item in items:
            frame: int | None = None
            for each in item.frames:
                if each.index not in self.frames:
                    index = self.frames[each.index] = len(self.after.frames) + each.index
                    info.frames.append(replace(each, index=index, parent=frame, path=f"{each.path}{GONE}"))
                frame = self.frames[each.index]
            node = item.node
            arguments = _marked(node.arguments, REMOVED)
            shares = f"{node.shares}{GONE}" if node.shares is not None else None
            key, path = self.key(item), f"{node.path}{GONE}"
            graph.add_node(key, node=replace(node, key=key, path=path, frame=frame, arguments=arguments, shares=shares))

    def wire(self, graph: MultiDiGraph[str], item: Item) -> None:
        """Enter what a layer that is gone read, and what that still is there read of it."""
        for read, entry in zip(item.reads, self.entries(item), strict=True):
            giver = self.before.items[read.giver]
            self.edge(graph, entry or self.key(giver), self.key(item), giver, read)
        for argument, output, index in item.readers:
            if index in self.sites.to:
                read = Read(argument, item.index, output)
                self.edge(graph, self.key(item), self.key(self.before.items[index]), item, read)

    def edge(
        self, graph: MultiDiGraph[str], tail: str, head: str, giver: Item, read: Read, *, gone: bool = False
    ) -> None:
        """Enter what was read before, at no position of those that there are after."""
        output = 0 if tail in self.inputs.values() else read.output
        tensor = giver.node.outputs[read.output]
        graph.add_edge(tail, head, output=output, argument=read.argument, position=-1, tensor=tensor, gone=gone)

    def rewired(self, graph: MultiDiGraph[str]) -> dict[Edge, Mark]:
        """The marks of edges between layers that are there before and after; enter those that are gone."""
        there = {(tail, head, data["output"]) for tail, head, data in graph.edges(data=True)}
        marks: dict[Edge, Mark] = {}
        for index, rewire in self.comparison.rewires:
            head = self.after.items[index].node.key
            for read, view, mark in ((rewire.before, self.before, UNPLUGGED), (rewire.after, self.after, ADDED)):
                if read is None:
                    continue
                giver = view.items[read.giver]
                edge = (self.key(giver), head, read.output)
                if mark is UNPLUGGED and edge not in there:
                    self.edge(graph, edge[0], head, giver, read, gone=True)
                marks[edge] = mark
        return marks

    def entries(self, item: Item) -> list[str | None]:
        """For each tensor that a layer read the Input of a sub-model that gave it, if it is still there."""
        graph = self.comparison.before.graph
        assert graph is not None
        edges = sorted(graph.in_edges(item.node.key, data=True), key=lambda edge: edge[2]["position"])
        found: list[str | None] = []
        for giver, *_ in edges:
            node = graph.nodes[giver]["node"]
            frame = None if giver in self.before.place else self.sites.frames.get(node.frame)
            found.append(None if frame is None else self.inputs.get((frame, self.sites.calls.get(node.path, ""))))
        return found

    def mark(self, item: Item) -> Mark | None:
        """The mark of a layer that is there."""
        if self.sites.partner(item) is None:
            return ADDED
        words = self.words.get(item.index)
        return replace(CHANGED, words=tuple(words)) if words else None

    def _words(self) -> dict[int, list[str]]:
        """What is said of each layer that is other, by its place after."""
        words: dict[int, list[str]] = {}
        for one, other in self.sites.pairs:
            if one.kind == other.kind and one.label != other.label and other.node.shares is None:
                changes = unlike(arguments_of(one.node), arguments_of(other.node))
                words[other.index] = [f"{name} {' → '.join(contrast(*pair))}" for name, pair in changes.items()]
        for difference in self.comparison.differences:
            if difference.kind in ("repeat", "restructured", "added", "removed") or not difference.after:
                continue
            own = [index for index in difference.marks[1] if self.is_own(index, difference)]
            if difference.kind == "changed":
                # What is told of several layers at once is said of each by its own values.
                if len({tuple(words.get(index, ())) for index in own}) == 1:
                    words.update({index: [self.said(difference)] for index in own})
                continue
            for index in own:
                words.setdefault(index, []).append(self.said(difference))
        return words

    def is_own(self, index: int, difference: Difference) -> bool:
        """Whether a difference is that of a layer itself, and not that of the use that it is in."""
        item = self.after.items[index]
        return (
            difference.after is not None and difference.after.path == item.node.path or difference.kind == "reordered"
        )

    def said(self, difference: Difference) -> str:
        return "moved" if difference.kind == "reordered" else difference.text.replace("->", "→")

    # Frames, wires, outputs, notes

    def frame_marks(self) -> dict[int, Mark]:
        words: dict[str, list[str]] = {}
        for difference in self.comparison.differences:
            if difference.after and difference.kind in ("repeat", "changed", "renamed", "shared", "rewired"):
                words.setdefault(difference.after.path, []).append(self.said(difference))
        marks = {
            frame.index: replace(CHANGED, words=tuple(words[frame.path]))
            for frame in self.after.info.frames
            if frame.path in words and frame.kind != "layer"
        }
        for view in (self.after, self.before):
            kept = {frame.index for item in view.items if self.sites.partner(item) for frame in item.frames}
            filled = {frame.index for item in view.items for frame in item.frames}
            for frame in view.info.frames:
                if frame.index in filled and frame.index not in kept:
                    number = frame.index if view is self.after else self.frames[frame.index]
                    marks[number] = ADDED if view is self.after else REMOVED
        return marks

    def wires(
        self, shown: Outline, nodes: Mapping[str, Mark], rewired: Mapping[Edge, Mark]
    ) -> dict[tuple[str, str, int], Mark]:
        """The marks of wires: those of the layers at their ends, or their own."""
        wires: dict[tuple[str, str, int], Mark] = {}
        for link in shown.links:
            ends = (link.tail, link.head, link.output)
            marks = [rewired[edge] for edge in link.edges if edge in rewired]
            marks += [nodes[key] for key in ends[:2] if nodes.get(key) in (ADDED, REMOVED)]
            if marks:
                wires[ends] = marks[0]
        return wires

    def output_marks(self) -> dict[int, Mark]:
        """Outputs of the network that something else gives."""
        marks: dict[int, Mark] = {}
        for difference in self.comparison.differences:
            for number, (name, _, _) in enumerate(self.after.outputs):
                if (
                    difference.what == f"output {name or number}"
                    and "outputs" in difference.values
                    and difference.after
                ):
                    marks[number] = replace(CHANGED, words=(self.said(difference),)) if difference.before else ADDED
        return marks

    def notes(self) -> list[str]:
        """What stands below the title."""
        comparison = self.comparison
        one, other = (total.parameters for total in comparison.totals)
        numbers = count(one) if one == other else f"{count(one)} → {count(other)}"
        legend = f"{ADDED.symbol} added   {REMOVED.symbol} removed   {CHANGED.symbol} changed"
        told = [
            each.line(comparison.same_network).replace("->", "→")
            for each in comparison.differences
            if each.kind in ("restructured", "reordered", "parameter") or (each.kind == "renamed" and not each.marks[1])
        ]
        more = [f"and {len(told) - NOTES} more"] if len(told) > NOTES else []
        return [f"{numbers} parameters", *([legend] if comparison else ["no difference"]), *told[:NOTES], *more]


def _title(view: View) -> str:
    return view.info.title or view.info.name


def _apart(
    graph: MultiDiGraph[str], nodes: Mapping[str, Mark], frames: Mapping[int, Mark], edges: Mapping[Edge, Mark]
) -> dict[int, Hashable]:
    """For each frame with turns what is marked in it: turns in which that differs are not shown as one."""
    info: GraphInfo = graph.graph["info"]
    by_index = {frame.index: frame for frame in info.frames}
    found: dict[int, set[Hashable]] = {frame.index: set() for frame in info.frames if frame.turns > 1}

    def enter(index: int | None, *what: Hashable) -> None:
        below: tuple[Hashable, ...] = ()
        while index is not None:
            frame = by_index[index]
            if index in found:
                found[index].add((below, *what))
            below = ((frame.path, frame.turn), *below)
            index = frame.parent

    for key, mark in nodes.items():
        node: GraphNode = graph.nodes[key]["node"]
        enter(node.frame, node.path, mark)
    for number, mark in frames.items():
        enter(number, mark)
    for (_, head, _), mark in edges.items():
        reader: GraphNode = graph.nodes[head]["node"]
        enter(reader.frame, reader.path, mark)
    return {index: frozenset(what) for index, what in found.items()}


def _marked(arguments: dict[str, object], mark: Mark | None) -> dict[str, object]:
    """Arguments that tell of the mark, in the tooltip."""
    if mark is None:
        return arguments
    return {**arguments, "difference": ", ".join([mark.name, *mark.words])}
