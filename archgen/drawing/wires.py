"""The lines of a picture: what enters a frame enters it at a port, and branches from there.

So a frame shows by itself what its block does, and a skip connection starts where the block's input arrives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archgen.drawing.marks import Mark
from archgen.graph import GraphNode
from archgen.layers.base import Operation
from archgen.outline import Group, Link, Outline
from archgen.outline.varying import present, shapes
from archgen.tensors import Tensor
from archgen.wording import wrap

WORDS_WIDTH = 30
"""Characters of a line of text beside a wire."""


@dataclass(slots=True)
class Wire:
    """A line between two names of the picture; ``route`` names the nodes that it belongs to."""

    tail: str
    head: str
    route: str
    tensors: tuple[Tensor, ...]
    words: tuple[str, ...] = ()
    skip: bool = False
    arrow: bool = True
    """Whether it ends here, and so has an arrow and tells its shape, or goes on from a port."""
    frame: int | None = None
    """The innermost frame around it all."""
    crosses: bool = False
    """Whether it leads into a frame or out of one."""
    ends: tuple[str, str, int] | None = None
    """Where it has an arrow, the keys at both ends of the link, and the output that is read."""
    mark: Mark | None = None

    @property
    def label(self) -> list[str]:
        """The lines of text beside it, kept off it by spaces."""
        lines = wrap(", ".join(self.words), WORDS_WIDTH, 2) if self.words else []
        lines += [shapes(self.tensors)] if self.arrow else []
        if self.mark and lines:
            lines[0] = f"{self.mark.symbol} {lines[0]}"
        return [f"  {line} " for line in lines]

    @property
    def told(self) -> str:
        """All there is to say of it."""
        flows = shapes(self.tensors, lambda tensor: f"{tensor} {tensor.dtype}")
        return f"{self.route}: {flows}" + " (skip connection)" * self.skip


@dataclass(slots=True)
class Port:
    """Where one tensor enters a frame, and the wire that leads there; or where it leaves it, by whichever wire."""

    name: str
    frame: int
    trunk: Wire
    leaves: bool = False


def lay_wires(outline: Outline, names: Mapping[str, str]) -> tuple[list[Port], list[Wire]]:
    """All ports and wires, in the order of the links; ``names`` gives the name of a node in the picture by its key.

    The outputs of the network are named ``output 0`` and on.
    """
    return _Wiring(outline, names).lay()


class _Wiring:
    def __init__(self, outline: Outline, names: Mapping[str, str]) -> None:
        self.outline, self.names = outline, names
        self.nodes = {node.key: node for node in outline.nodes}
        self.around = dict(_frames(outline.items, ()))
        self.within = {group.frame.index: len(group.frames) for group in outline.groups}
        self.entries: dict[int, Port] = {}
        self.exits: dict[int, Port] = {}
        self.wires: dict[tuple[object, ...], Wire] = {}
        self.links: dict[tuple[object, ...], list[Link]] = {}
        """The links that end with each wire."""
        self.straight: set[int] = set()
        """The wires, by their identities, on which there is more than skip connections."""

    def lay(self) -> tuple[list[Port], list[Wire]]:
        for link in self.outline.links:
            self.add(link)
        for end, links in self.links.items():
            self.wires[end].words = words_for(self.outline, self.nodes, links)
        for number, (key, index) in enumerate(self.outline.outputs):
            here, _ = self.leave(key, index, (), skip=False)
            words = _output(self.nodes[key], index)
            tensors = self.outline.members[key][-1].outputs[index : index + 1]
            self.wires["output", number] = Wire(here, f"output {number}", f"{key} → output", tensors, words)
        for wire in self.wires.values():
            wire.skip = wire.skip and id(wire) not in self.straight
        return [*self.entries.values(), *self.exits.values()], list(self.wires.values())

    def add(self, link: Link) -> None:
        """Lay what is new of a link: out of the frames that it leaves, into those that it enters, and to its head."""
        around = self.around[link.head]
        here, inside = self.leave(link.tail, link.output, around, skip=link.skip)
        frame = _common(self.around[link.tail], around)
        source: tuple[object, ...] = (here, link.output if here == self.names[link.tail] else 0)
        for number in link.through:
            entered = self.outline.entries[number]
            if entered not in around:  # That of a repeated layer, which is not drawn.
                continue
            port = self.entries.get(number)
            name = port.name if port else f"port {len(self.entries)}"
            key = (*source, name)
            if key not in self.wires:
                trunk = Wire(here, name, link.tail, link.tensors, skip=True, arrow=False, frame=frame, crosses=True)
                self.wires[key] = trunk
                self.entries.setdefault(number, Port(name, entered, trunk))
            self.carry(key, link)
            here, frame, inside, source = name, entered, entered, (name, 0)
        key = (*source, self.names[link.head])
        route = f"{link.tail} → {link.head}"
        if key not in self.wires:
            crosses = inside != frame
            wire = Wire(here, self.names[link.head], route, link.tensors, skip=True, frame=frame, crosses=crosses)
            wire.ends = (link.tail, link.head, link.output)
            self.wires[key] = wire
        self.carry(key, link)
        self.links.setdefault(key, []).append(link)

    def carry(self, key: tuple[object, ...], link: Link) -> None:
        """A line that carries on as more than skip connections is none."""
        wire = self.wires[key]
        wire.tensors = tuple(dict.fromkeys((*wire.tensors, *link.tensors)))
        if not link.skip:
            self.straight.add(id(wire))

    def leave(self, tail: str, output: int, around: Sequence[int], *, skip: bool) -> tuple[str, int | None]:
        """The name at which a line out of a node goes on beyond the frames that it leaves, and the frame around it."""
        here, inside = self.names[tail], self.around[tail][-1] if self.around[tail] else None
        for frame in reversed(self.around[tail]):
            if frame in around:
                break
            if frame in self.outline.endings:
                port = self.exit(frame)
                key = ("exit", frame, tail, output)
                if not skip and key in self.wires:
                    self.straight.add(id(self.wires[key]))
                here, inside = port.name, frame
        return here, inside

    def exit(self, frame: int) -> Port:
        """Where what the turns of a repeat give leaves it, and the wires that lead there."""
        if frame in self.exits:
            return self.exits[frame]
        name = f"exit {frame}"
        for ending in self.outline.endings[frame]:
            around = self.around[ending.tail]
            here, inside = self.leave(ending.tail, ending.output, around[: around.index(frame) + 1], skip=True)
            tensors = self.nodes[ending.tail].outputs[ending.output : ending.output + 1]
            words = (present((len(ending.turns), self.within[frame])),)
            crosses = inside != frame
            wire = Wire(here, name, ending.tail, tensors, words, True, arrow=False, frame=frame, crosses=crosses)
            self.wires["exit", frame, ending.tail, ending.output] = wire
            self.exits.setdefault(frame, Port(name, frame, wire, leaves=True))
        return self.exits[frame]


def _common(left: tuple[int, ...], right: tuple[int, ...]) -> int | None:
    """The innermost of the frames around both."""
    both = [frame for frame in left if frame in right]
    return both[-1] if both else None


def words_for(outline: Outline, nodes: Mapping[str, GraphNode], links: Sequence[Link]) -> tuple[str, ...]:
    """Of links between the same nodes: which output goes to which argument, and in how many turns."""
    link = links[0]
    head = nodes[link.head]
    given = [each for one in links for each in one.arguments]
    words = _output(nodes[link.tail], link.output) + _arguments(head, list(dict.fromkeys(given)))
    rare = present(outline.read_in(*links))
    return (*words, rare) if rare else words


def _output(node: GraphNode, index: int) -> tuple[str, ...]:
    """Which of several outputs."""
    return (f"output {index}",) if len(node.outputs) > 1 else ()


def _arguments(node: GraphNode, arguments: Sequence[str | int]) -> tuple[str, ...]:
    """Which of several call arguments."""
    if len(node.inputs) < 2:
        return ()
    named = [word if isinstance(word, str) else _named(node.declared, word) for word in arguments]
    return tuple(word for word in named if word)


def _named(declared: Operation, position: int) -> str:
    """The call argument at a position, nothing for the inputs of a list, which have no names."""
    inputs = declared.call_inputs
    return "" if declared.takes_list or position >= len(inputs) else inputs[position]


def _frames(items: list[GraphNode | Group], around: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Each node's key, with the frames drawn around it, outermost first."""
    for item in items:
        if isinstance(item, GraphNode):
            yield item.key, around
        elif item.only_node:
            yield item.only_node.key, around
        else:
            yield from _frames(item.items, (*around, item.frame.index))
