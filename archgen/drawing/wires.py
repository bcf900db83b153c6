"""The lines of a picture: what enters a frame enters it at a port, and branches from there.

So a frame shows by itself what its block does, and a skip connection starts where the block's input arrives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archgen.drawing.marks import Mark
from archgen.graph import GraphNode
from archgen.layers.base import Operation
from archgen.outline import Group, Outline
from archgen.tensors import Tensor
from archgen.wording import flow, wrap

WORDS_WIDTH = 30
"""Characters of a line of text beside a wire."""


@dataclass(slots=True)
class Wire:
    """A line between two names of the picture; ``route`` names the nodes that it belongs to."""

    tail: str
    head: str
    route: str
    tensor: Tensor
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
        words = wrap(", ".join(self.words), WORDS_WIDTH, 2) if self.words else []
        lines = [*words, flow(self.tensor)]
        if self.mark:
            lines[0] = f"{self.mark.symbol} {lines[0]}"
        return [f"  {line} " for line in lines] if self.arrow else []

    @property
    def told(self) -> str:
        """All there is to say of it."""
        return f"{self.route}: {self.tensor} {self.tensor.dtype}" + " (skip connection)" * self.skip


@dataclass(slots=True)
class Port:
    """Where one tensor enters a frame, and the wire that leads there."""

    name: str
    frame: int
    trunk: Wire


def lay_wires(outline: Outline, names: Mapping[str, str]) -> tuple[list[Port], list[Wire]]:
    """All ports and wires, in the order of the links; ``names`` gives the name of a node in the picture by its key.

    The outputs of the network are named ``output 0`` and on.
    """
    nodes = {node.key: node for node in outline.nodes}
    around = dict(_frames(outline.items, ()))
    ports: dict[tuple[int, str, int], Port] = {}
    wires: list[Wire] = []
    for link in outline.links:
        tail, head = nodes[link.tail], nodes[link.head]
        here, frame = names[link.tail], _common(around[link.tail], around[link.head])
        for entered in around[link.head]:
            if entered in around[link.tail]:
                continue
            port = ports.get((entered, link.tail, link.output))
            if port is None:
                name = f"port {len(ports)}"
                trunk = Wire(here, name, link.tail, link.tensor, skip=True, arrow=False, frame=frame, crosses=True)
                port = ports[entered, link.tail, link.output] = Port(name, entered, trunk)
                wires.append(trunk)
            # A line that carries on as more than skip connections is none.
            port.trunk.skip = port.trunk.skip and link.skip
            here, frame = port.name, entered
        words = _output(tail, link.output) + _arguments(head, link.arguments)
        route, leaves = f"{link.tail} → {link.head}", here == names[link.tail] and around[link.tail][-1:] != (frame,)
        wire = Wire(here, names[link.head], route, link.tensor, words, link.skip, frame=frame, crosses=leaves)
        wire.ends = (link.tail, link.head, link.output)
        wires.append(wire)
    for number, (key, index) in enumerate(outline.outputs):
        words = _output(nodes[key], index)
        wires.append(Wire(names[key], f"output {number}", f"{key} → output", nodes[key].outputs[index], words))
    return list(ports.values()), wires


def _common(left: tuple[int, ...], right: tuple[int, ...]) -> int | None:
    """The innermost of the frames around both."""
    both = [frame for frame in left if frame in right]
    return both[-1] if both else None


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
