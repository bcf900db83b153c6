"""A graph as the page reads it: JSON values, in which nodes are numbered in the order of the tree.

So the nodes of a frame are those from a first to a last number, and the k-th node of one turn of a repeat corresponds
to the k-th of another. What equal layers have in common is there once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archgen.drawing.caption import describe, heading
from archgen.drawing.cards import is_shared
from archgen.graph import Frame, GraphInfo, GraphNode
from archgen.layers.base import Operation
from archgen.outline import ADDITIONS, Link, learns, mark_skips, outline
from archgen.page.code import Place, model_path
from archgen.page.told import LONGEST, facts_of, frame_of, name_lines, name_of
from archgen.page.tree import Box, Item, Repeat, Run, Turn, nodes_of, tree_of
from archgen.wording import clean, shorten, weights

if TYPE_CHECKING:
    from networkx import MultiDiGraph


def describe_graph(graph: MultiDiGraph[str], code: str, places: Mapping[str, Place]) -> dict[str, Any]:
    """All that the page knows. ``places`` are in the script ``code``, by the path of a node in the file."""
    return _Description(graph, places).whole(code)


class _Description:
    def __init__(self, graph: MultiDiGraph[str], places: Mapping[str, Place]) -> None:
        self.graph = graph
        self.info: GraphInfo = graph.graph["info"]
        self.written = places
        self.places: dict[tuple[str, str], int] = {}
        """The number of each place in the file: how it is told, and its path in ``written``."""
        self.facts: dict[str, int] = {}
        """The number of what is told of a node, which is JSON here."""
        self.facts_at = {key: self.fact(data["node"]) for key, data in graph.nodes(data=True)}
        self.tree = tree_of(graph)
        self.nodes = [node for item in self.tree for node in nodes_of(item)]
        self.number = {node.key: number for number, node in enumerate(self.nodes)}

    def fact(self, node: GraphNode) -> int:
        return self.facts.setdefault(json.dumps(facts_of(node)), len(self.facts))

    def place(self, at: str, path: str) -> int:
        return self.places.setdefault((at, path), len(self.places))

    def place_of_frame(self, frame: Frame) -> int:
        """A model that no function calls, as in a GAN, is where it is built."""
        unused = frame.kind == "model" and frame.path not in self.written
        return self.place(frame.path, model_path(frame.name) if unused else frame.path)

    def told_place(self, at: str, path: str) -> dict[str, Any]:
        """Where something is in the file, and where that is written in the script."""
        if path not in self.written:
            return {"at": at}
        place = self.written[path]
        return {"at": at, "function": place.function, "around": place.around, "spans": place.spans}

    def whole(self, code: str) -> dict[str, Any]:
        shown = outline(self.graph)
        nodes = [self.node(node) for node in self.nodes]
        tree = [self.item(item) for item in self.tree]
        return {
            "name": clean(self.info.name),
            "title": heading(shown),
            "description": describe(shown),
            "size": weights(shown.parameters, shown.unknown),
            "nodes": nodes,
            "facts": [json.loads(text) for text in self.facts],
            "tree": tree,
            "edges": self.edges(),
            "outputs": self.outputs(),
            "code": code.rstrip("\n").split("\n"),
            "places": [self.told_place(at, path) for at, path in self.places],
        }

    def node(self, node: GraphNode) -> dict[str, Any]:
        told: dict[str, Any] = {
            "key": shorten(clean(node.key), LONGEST),
            "name": name_of(node),
            "facts": self.facts_at[node.key],
            "place": self.place(f"{node.path}, line {node.line}", node.path),
        }
        if (lines := name_lines(node)) != [told["name"]]:
            told["lines"] = lines
        if is_shared(node):
            told["shares"] = self.number[node.shares or ""]
        return told

    def item(self, item: Item) -> Any:
        """A node's number, or a frame with its ``items`` or its equal ``turns``."""
        match item:
            case GraphNode():
                return self.number[item.key]
            case Turn(node=node):
                return self.number[node.key]
            case Box(items=items):
                more: dict[str, Any] = {"kind": item.frame.kind, "items": [self.item(each) for each in items]}
            case Repeat(items=items):
                more = {"kind": "repeat", "items": [self.item(each) for each in items]}
            case Run(turns=turns):
                more = {"kind": "run", "of": item.frame.kind, "turns": [self.item(each) for each in turns]}
        return {**more, **frame_of(item), "place": self.place_of_frame(item.frame)}

    def edges(self) -> list[tuple[int, int, int, str, bool]]:
        """Giver, reader, which output, as which argument, and whether it is a skip connection."""
        links: dict[tuple[str, str, int], Link] = {}
        for tail, head, data in self.graph.edges(data=True):
            link = links.setdefault((tail, head, data["output"]), Link(tail, head, data["output"], data["tensor"], []))
            link.arguments.append(data["argument"])
        sums = {node.key for node in self.nodes if node.op in ADDITIONS}
        mark_skips(list(links.values()), sums, {node.key for node in self.nodes if learns(node)})
        edges = []
        for link in links.values():
            reader: GraphNode = self.graph.nodes[link.head]["node"]
            for argument in link.arguments:
                words = _argument(reader.declared, argument) if len(reader.inputs) > 1 else ""
                edges.append((self.number[link.tail], self.number[link.head], link.output, words, link.skip))
        return sorted(edges)

    def outputs(self) -> list[dict[str, Any]]:
        """The outputs of the network."""
        names = self.info.output_names
        return [
            {"node": self.number[key], "output": index, "name": clean(names[number]) if names else ""}
            for number, (key, index) in enumerate(self.info.outputs)
        ]


def _argument(declared: Operation, argument: str | int) -> str:
    """The call argument that an edge is; nothing for one of a list."""
    if isinstance(argument, str):
        return clean(argument)
    inputs = declared.call_inputs
    return "" if declared.takes_list or argument >= len(inputs) else inputs[argument]
