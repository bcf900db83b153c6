"""What an outline is made of: groups, links, and the outline itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from archgen.graph import Frame, GraphInfo, GraphNode
from archgen.tensors import Tensor

Presence = tuple[int, int]
"""In how many of how many."""


@dataclass(slots=True)
class Group:
    """A frame and what is inside it; it stands for all of ``frames``, of which ``frame`` is the first."""

    frame: Frame
    items: list[GraphNode | Group] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    within: int = 1
    """How many frames the shown frame around it stands for."""
    amounts: list[int] = field(default_factory=list)
    """How many parameters there are in each of ``frames``."""
    members: Mapping[str, Sequence[GraphNode]] = field(default_factory=dict, repr=False)
    """For the key of each shown node, in the whole outline, all nodes that it stands for."""

    @property
    def counts(self) -> list[int]:
        """How many turns there are in each of the frames around it that have any, in order."""
        return list(Counter(frame.parent for frame in self.frames).values())

    @property
    def times(self) -> int:
        """The most turns that it stands for within one frame around it."""
        return max(self.counts)

    @property
    def each(self) -> int | None:
        """How many turns there are in every frame around it, ``None`` where these differ."""
        counts = self.counts
        return counts[0] if min(counts) == max(counts) else None

    @property
    def repeat(self) -> str:
        """How often it is repeated: ``×3``, or ``×3, 4, 6, 3`` where the frames around it differ; nothing for once."""
        counts = self.counts
        if max(counts) == 1:
            return ""
        if min(counts) == max(counts):
            return f"×{counts[0]}"
        listed = len(counts) <= 6
        return f"×{', '.join(map(str, counts)) if listed else f'{min(counts)} … {max(counts)}'}"

    @property
    def presence(self) -> Presence | None:
        """In how many of the frames around it it is, where not in all."""
        found = len(self.counts)
        return (found, self.within) if found < self.within else None

    @property
    def part(self) -> str:
        """Which turns of the repeat it stands for, where not for all of them: ``turn 3 of 16``."""
        turns = sorted({frame.turn for frame in self.frames})
        if self.frame.turns == 1 or len(turns) == self.frame.turns or len(self.counts) > 1:
            return ""
        if len(turns) == 1:
            return f"turn {turns[0]} of {self.frame.turns}"
        between = "and" if len(turns) == 2 else "…"
        return f"turns {turns[0]} {between} {turns[-1]} of {self.frame.turns}"

    @property
    def nodes(self) -> Iterator[GraphNode]:
        """The shown nodes inside, at any depth."""
        return nodes_in(self.items)

    @property
    def only_node(self) -> GraphNode | None:
        """The node of a repeated layer, which needs no frame."""
        if self.frame.kind == "layer" and len(self.items) == 1 and isinstance(self.items[0], GraphNode):
            return self.items[0]
        return None

    @property
    def all_nodes(self) -> Iterator[GraphNode]:
        """The nodes that the shown ones inside stand for."""
        for node in self.nodes:
            yield from self.members[node.key]

    @property
    def parameters(self) -> int:
        """Those of all the frames that it stands for."""
        return sum(self.amounts)

    @property
    def unknown(self) -> bool:
        """Whether there is a layer inside whose weights are unknown."""
        return any(node.weights_unknown for node in self.all_nodes)

    @property
    def size(self) -> int:
        """The nodes in all the frames that it stands for."""
        return sum(1 for _ in self.all_nodes)


@dataclass(frozen=True, slots=True)
class Stand:
    """A shown node, and all nodes that it stands for."""

    node: GraphNode
    nodes: Sequence[GraphNode]
    repeat: str = ""
    """How often a repeated layer is repeated, as of a group."""
    each: int | None = 1
    """How many turns of a repeated layer there are in every frame around it, ``None`` where these differ."""
    presence: Presence | None = None
    """In how many of the turns around it it is, where not in all."""

    shares: str | None = None
    """Where it is a further call of a layer, what that is known by: its key, or its id in every turn."""

    @property
    def one_instance(self) -> bool:
        """Whether several nodes are calls of one layer, the first of which is among them."""
        first = self.nodes[0]
        return len(self.nodes) > 1 and first.shares is None and all(node.shares == first.key for node in self.nodes[1:])


@dataclass(slots=True)
class Link:
    """What flows from one shown node to another; ``arguments`` are the reader's call arguments or list positions.

    What one turn of a repeat reads of the turn before it is shown to come from where the first turn gets it, and
    what leaves the last turn may come from any node with which a turn ends.
    """

    tail: str
    head: str
    output: int
    tensor: Tensor
    arguments: list[str | int]
    skip: bool = False
    """Whether another way, through other nodes, leads from ``tail`` to ``head``."""
    through: tuple[int, ...] = ()
    """The entries by which it gets into the frames around its head, outermost first, as numbers that are unique."""
    tensors: tuple[Tensor, ...] = ()
    """What flows, each tensor once, the first of them ``tensor``."""
    edges: list[tuple[str, str, int]] = field(default_factory=list)
    """The edges that it stands for: tail, head and output."""
    gone: bool = False
    """Whether none of these is there any more, and all are shown for comparison only."""

    @property
    def readers(self) -> frozenset[str]:
        """The keys of those of the nodes for which the head stands that read it."""
        return frozenset(head for _, head, _ in self.edges)


@dataclass(slots=True)
class Ending:
    """One of several nodes with which the turns of a repeat end: some with this one, others with another."""

    tail: str
    output: int
    turns: set[int] = field(default_factory=set)
    """The indices of the frames that end with it."""


@dataclass(slots=True)
class Outline:
    """``items`` at the top, the links between all shown nodes, and which of these are the network's inputs and outputs.

    ``outputs`` are keys with the index of the output.
    """

    info: GraphInfo
    items: list[GraphNode | Group]
    links: list[Link]
    inputs: list[str]
    outputs: list[tuple[str, int]]
    members: dict[str, list[GraphNode]] = field(default_factory=dict)
    """For the key of each shown node all nodes that it stands for, in the order of the graph."""
    shown: dict[str, str] = field(default_factory=dict)
    """For the key of each node of the graph that of the node that is shown for it."""
    entries: dict[int, int] = field(default_factory=dict)
    """For the number of each entry the index of the shown frame that it leads into."""
    endings: dict[int, list[Ending]] = field(default_factory=dict)
    """For the index of a shown frame whose turns do not all end with the same node those with which they end."""
    within: dict[str, int] = field(default_factory=dict)
    """For the key of each shown node how many frames the shown frame around it stands for."""

    @property
    def nodes(self) -> Iterator[GraphNode]:
        """The shown nodes, at any depth."""
        return nodes_in(self.items)

    @property
    def groups(self) -> Iterator[Group]:
        """The shown frames, at any depth, each before those inside it."""
        waiting = [item for item in self.items[::-1] if isinstance(item, Group)]
        while waiting:
            group = waiting.pop()
            yield group
            waiting += [item for item in group.items[::-1] if isinstance(item, Group)]

    def stand(self, item: GraphNode | Group) -> Stand:
        """What a shown node, or the only node of a group, stands for."""
        if isinstance(item, Group):
            node = item.only_node
            assert node is not None
            return Stand(node, self.members[node.key], item.repeat, item.each, item.presence, self._shares(node))
        nodes, turns = self.members[item.key], self.within[item.key]
        presence = (len(nodes), turns) if len(nodes) < turns else None
        return Stand(item, nodes, presence=presence, shares=self._shares(item))

    def _shares(self, node: GraphNode) -> str | None:
        """What the layer is known by of which a node is a further call; in every turn that is another one."""
        key = node.shares
        if key is None or len({each.shares for each in self.members[node.key]}) == 1 or key not in self.shown:
            return key
        first = self.members[self.shown[key]][0]
        return first.id or first.name

    def read_in(self, *links: Link) -> Presence | None:
        """In how many of the turns around their head links are, where they are not in all that have the head."""
        head = links[0].head
        found = len(frozenset().union(*(link.readers for link in links)))
        return (found, self.within[head]) if 0 < found < len(self.members[head]) else None

    @property
    def parameters(self) -> int:
        return sum(node.parameters for nodes in self.members.values() for node in nodes)

    @property
    def unknown(self) -> list[str]:
        """The classes of one's own whose weights are unknown."""
        return list(dict.fromkeys(node.op for nodes in self.members.values() for node in nodes if node.weights_unknown))

    @property
    def size(self) -> int:
        """How many nodes the graph has."""
        return len(self.shown)


def nodes_in(items: Sequence[GraphNode | Group]) -> Iterator[GraphNode]:
    """The nodes among items, and those in their frames, at any depth."""
    for item in items:
        if isinstance(item, Group):
            yield from nodes_in(item.items)
        else:
            yield item


def first_use(nodes: Iterable[GraphNode]) -> str | None:
    """The key of the first use of the sub-model whose further use these nodes are, or are part of."""
    shares = [node.shares for node in nodes if node.category != "input"]
    if not shares or not all(key and "/" in key for key in shares):
        return None
    return (shares[0] or "").rpartition("/")[0]
