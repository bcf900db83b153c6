"""A checked spec as comparing reads it: the layers of its graph with what they read, and the calls that made them.

The Inputs of sub-models that are called pass on what they are given: here their readers read it directly, so that
a block and a sub-model of the same layers look the same.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from typing import Any

from archgen.checking import Checked
from archgen.expressions import Expression
from archgen.graph import Frame, GraphInfo, GraphNode
from archgen.layers.base import Declared
from archgen.layers.kinds import Object
from archgen.program import Call, Part, Program
from archgen.source import show_path

Address = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """One tensor that a layer reads: as which call argument, or ``""`` for one of a list, and from where."""

    argument: str
    giver: int
    output: int


@dataclass(slots=True)
class Item:
    """One layer of the graph; ``index`` is its place in it."""

    side: int
    """0 in the spec before, 1 in the one after."""
    index: int
    node: GraphNode
    label: int
    """Equal for layers of one op with equal arguments, in either spec."""
    kind: int
    """Equal for layers of one op."""
    frames: tuple[Frame, ...]
    """What is drawn around it, outermost first."""
    way: Address | None = None
    """What its author's words lead to the frame around it."""
    address: Address | None = None
    """What its author's words lead to it, where they do: the ids on the way in."""
    named: bool = False
    """Whether the address ends in an id of its own."""
    reads: list[Read] = field(default_factory=list)
    readers: list[tuple[str, int, int]] = field(default_factory=list)
    """For each layer that reads it: the argument, the output that is read, the index of the reader."""
    gives: tuple[tuple[int, int], ...] = ()
    """Where it gives an output of the network: which of these, and which of its own."""

    @property
    def part(self) -> str:
        return part_of(self.node.path)


class Interner:
    """A number for every value, the same for equal values."""

    def __init__(self) -> None:
        self.numbers: dict[Hashable, int] = {}

    def __call__(self, value: Hashable) -> int:
        return self.numbers.setdefault(value, len(self.numbers))


class View:
    """One of the two specs."""

    def __init__(self, checked: Checked, intern: Interner, side: int) -> None:
        self.side = side
        assert checked.graph is not None
        self.program: Program = checked.program
        self.info: GraphInfo = checked.graph.graph["info"]
        self.frames = {frame.index: frame for frame in self.info.frames}
        self.calls: dict[str, Call] = {}
        """Every node of the file, by its path."""
        self.parts: dict[str, Part] = {}
        """The main graph as ``""``, ``blocks.NAME`` and ``models.NAME``."""
        program = checked.program
        for part in (*([program.main] if program.main else []), *program.blocks.values(), *program.models.values()):
            self.parts["" if part.kind == "main" else show_path((f"{part.kind}s", part.name))] = part
            self.calls.update((show_path(call.path), call) for call in part.nodes)
        self.items: list[Item] = []
        self.made: dict[str, list[Item]] = {}
        """For the path of each call the layers that it made, itself or by what it uses."""
        self.outputs: list[tuple[str | None, int, int]] = []
        """For each output of the network its name, the index of the layer, and which of its outputs."""
        self._read(checked, intern)
        self.inputs = [self.place[key] for key in self.info.inputs if key in self.place]
        """The indices of the network's inputs, in their order."""

    def _read(self, checked: Checked, intern: Interner) -> None:
        graph = checked.graph
        assert graph is not None
        place: dict[str, int] = {}
        passed: dict[str, tuple[str, int]] = {}
        labels: dict[tuple[int, str], int] = {}
        for key, data in graph.nodes(data=True):
            node: GraphNode = data["node"]
            edges = sorted(graph.in_edges(key, data=True), key=lambda edge: edge[2]["position"])
            if node.op == "Input" and edges:
                giver, output = edges[0][0], edges[0][2]["output"]
                passed[key] = passed.get(giver, (giver, output))
                continue
            call = self.calls[node.path]
            known = (id(node.declared), text(node.calls))
            if known not in labels:
                given = text({**arguments_of(node), "": node.calls})
                labels[known] = intern((node.op, given, text(call.gives.value) if call.gives else ""))
            item = Item(self.side, len(self.items), node, labels[known], intern(node.op), self.around(node.frame))
            place[key] = item.index
            self.items.append(item)
            for path in dict.fromkeys((node.path, *(frame.path for frame in item.frames))):
                self.made.setdefault(path, []).append(item)
            for giver, _, edge in edges:
                giver, output = passed.get(giver, (giver, edge["output"]))
                read = Read(argument_of(node, edge["argument"]), place[giver], output)
                item.reads.append(read)
                self.items[read.giver].readers.append((read.argument, output, item.index))
        self.place = place
        names: Sequence[str | None] = self.info.output_names or [None] * len(self.info.outputs)
        for number, (name, (key, output)) in enumerate(zip(names, self.info.outputs, strict=True)):
            key, output = passed.get(key, (key, output))
            item = self.items[place[key]]
            item.gives = (*item.gives, (number, output))
            self.outputs.append((name, item.index, output))

    def around(self, index: int | None) -> tuple[Frame, ...]:
        """A frame and those around it, outermost first."""
        frames: list[Frame] = []
        while index is not None:
            frames.append(self.frames[index])
            index = self.frames[index].parent
        return tuple(reversed(frames))

    def call(self, item: Item) -> Call:
        return self.calls[item.node.path]

    def shown(self, item: Item) -> str:
        """What a layer is called in a few words: its id or its name, in the graph."""
        return item.node.id or item.node.key

    def first(self, item: Item) -> Item:
        """The first call of the layer of which this is one."""
        place = self.place.get(item.node.shares) if item.node.shares is not None else None
        return item if place is None else self.items[place]


def part_of(path: str) -> str:
    """The part in which a node stands.

    >>> part_of("blocks.unit.nodes[5]"), part_of("nodes[0]")
    ('blocks.unit', '')
    """
    return path.rpartition("nodes[")[0].removesuffix(".")


def argument_of(node: GraphNode, argument: str | int) -> str:
    """The call argument by its name, however the spec gives it; ``""`` for one of several in a list."""
    if isinstance(argument, str):
        return argument
    inputs = node.declared.call_inputs
    return "" if node.declared.takes_list or argument >= len(inputs) else inputs[argument]


def arguments_of(node: GraphNode) -> dict[str, Any]:
    """All arguments of a layer with defaults filled in, as JSON values."""
    return {name: plain(node.declared.argument(name)) for name in node.declared.fields}


def plain(value: Any) -> Any:
    """A value as JSON: expressions as their normal text, what is built as an object with ``op``.

    >>> plain(Object("L2", {"l2": (1, "$x")}))
    {'op': 'L2', 'l2': [1, '$$x']}
    """
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return f"${value}" if value.startswith("$") else value
        case Expression():
            return f"${value.source({})}"
        case Object():
            return {"op": value.op, **plain(value.arguments)}
        case Declared():
            return {"op": type(value).op, **{name: plain(value.argument(name)) for name in value.fields}}
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return str(value)


def text(value: Any) -> str:
    """A JSON value, or one of which ``plain`` makes one, as text in which the order of keys does not count."""
    return json.dumps(plain(value), sort_keys=True, ensure_ascii=False)
