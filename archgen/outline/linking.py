"""The links between shown nodes, and where they get into the frames around their heads.

A frame is entered by one entry for each thing that it is given. What two nodes inside read comes by one entry if it
is the same in every turn: so the input that a turn gets of the turn before is told from one that stays the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from archgen.outline.merging import Merging
from archgen.outline.shown import Ending, Link
from archgen.tensors import Tensor

if TYPE_CHECKING:
    from networkx import MultiDiGraph

Source = tuple[str, int]
"""A node and which of its outputs."""

Slot = tuple[str, str | int, int]
"""What can be read: a shown node, its call argument, and which of the tensors that it reads."""

Way = tuple[int, ...]


@dataclass(slots=True)
class Entry:
    """Where something enters a shown frame: what that is in each of the frames that it stands for."""

    number: int
    frame: int
    sources: dict[int, Source] = field(default_factory=dict)
    slots: dict[int, Slot] = field(default_factory=dict)
    """One that reads it, in each frame."""


class Origin(NamedTuple):
    """Where a link is shown to come from, and the entries that it passes."""

    tail: str
    output: int
    through: tuple[int, ...]


class Entries:
    """All entries, and where what passes them comes from."""

    def __init__(self, graph: MultiDiGraph[str], merging: Merging) -> None:
        self.merging = merging
        self.all: list[Entry] = []
        self.at: dict[tuple[int, Slot], Entry] = {}
        """The entry of each shown frame by which what is read at a slot gets in."""
        self.known: dict[tuple[int, int], Origin | None] = {}
        reads: dict[tuple[int, Slot], dict[int, Source]] = {}
        for tail, head, data in graph.edges(data=True):
            slot = slot_of(merging, head, data["argument"], data.get("position", 0))
            way = merging.way(head)
            for frame in way[common(merging.way(tail), way) :]:
                reads.setdefault((merging.of_frame[frame], slot), {})[frame] = (tail, data["output"])
        self.holding: dict[tuple[int, Source], list[Entry]] = {}
        """The entries that give something in a frame."""
        self.chains: dict[int, list[Entry]] = {}
        """The entries of each shown frame by which a turn gets what the turn before gave."""
        # What is read of the turn before may be read by one node here and by another there.
        later = {key: sources for key, sources in reads.items() if any(self.follows(*one) for one in sources.items())}
        for (frame, slot), sources in later.items():
            chains = self.chains.setdefault(frame, [])
            entry = self._enter(frame, slot, sources, chains)
            if entry not in chains:
                chains.append(entry)
        rest = {key: sources for key, sources in reads.items() if key not in later}
        early: dict[int, set[tuple[tuple[int, Source], ...]]] = {}
        for (frame, _), sources in rest.items():
            if all(merging.first[index] == index for index in sources):
                early.setdefault(frame, set()).add(tuple(sources.items()))
        for (frame, slot), sources in rest.items():
            # Where first turns read a single thing that others do not, it is what those get of the turn before.
            single = tuple(sources.items()) in early.get(frame, ()) and len(early[frame]) == 1
            self._enter(frame, slot, sources, self.unfed_at(frame) if single else ())

    def follows(self, frame: int, source: Source) -> bool:
        """Whether a turn that reads this reads the turn before it."""
        way = self.merging.ways[frame]
        return is_chain(self.merging, self.merging.way(source[0]), way, len(way) - 1)

    def _enter(self, frame: int, slot: Slot, sources: dict[int, Source], more: Sequence[Entry]) -> Entry:
        """Find or make the entry for what a slot reads in each frame: one that gives the same, or one of ``more``."""
        holding = [entry for one in sources.items() for entry in self.holding.get(one, ())]
        for entry in {each.number: each for each in (*holding, *more)}.values():
            if all(entry.sources.get(index, source) == source for index, source in sources.items()):
                break
        else:
            entry = Entry(len(self.all), frame)
            self.all.append(entry)
        self.at[frame, slot] = entry
        for index, source in sources.items():
            if index not in entry.sources:
                entry.sources[index], entry.slots[index] = source, slot
                self.holding.setdefault((index, source), []).append(entry)
        return entry

    def unfed_at(self, frame: int) -> list[Entry]:
        """The entries of a shown frame that give nothing in first turns."""
        first = self.merging.first
        return [each for each in self.chains.get(frame, ()) if not any(first[index] == index for index in each.sources)]

    def trace(self, source: Source, slot: Slot, way: Way) -> Origin | None:
        """Where what is read at a slot, in the last of the frames of ``way``, is shown to come from.

        That is its source; in a turn that reads the turn before it where the first turn gets the same.
        ``None`` where no first turn reads it.
        """
        merging = self.merging
        there = merging.way(source[0])
        level = common(there, way)
        entered = [self.at[merging.of_frame[frame], slot] for frame in way[level:]]
        passed = tuple(entry.number for entry in entered)
        if not is_chain(merging, there, way, level):
            return Origin(merging.of_node[source[0]], source[1], passed)
        origin = self.origin(entered[0], merging.first[way[level]])
        return origin and origin._replace(through=origin.through + passed[1:])

    def origin(self, entry: Entry, frame: int) -> Origin | None:
        """What an entry gives in the first of a repeat's turns."""
        if (entry.number, frame) not in self.known:
            firsts = (index for index in entry.sources if self.merging.first[index] == index)
            index = frame if frame in entry.sources else next(firsts, None)
            found = None
            if index is not None:
                found = self.trace(entry.sources[index], entry.slots[index], self.merging.ways[index])
            self.known[entry.number, frame] = found
        return self.known[entry.number, frame]

    def unfed(self) -> list[int]:
        """The frames of first turns that do not read what later turns read of the turn before."""
        merging = self.merging
        found: dict[int, None] = {}
        for entry in self.all:
            for index, source in entry.sources.items():
                way = merging.ways[index]
                level = len(way) - 1
                if is_chain(merging, merging.way(source[0]), way, level):
                    first = merging.first[index]
                    if self.origin(entry, first) is None:
                        found[first] = None
        return list(found)


def common(left: Way, right: Way) -> int:
    """How many frames are around both."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def is_chain(merging: Merging, tail: Way, head: Way, level: int) -> bool:
    """Whether what has ``level`` frames in common is in two turns that are shown as one."""
    if level >= len(tail) or level >= len(head) or tail[level] == head[level]:
        return False
    return merging.of_frame[tail[level]] == merging.of_frame[head[level]]


def slot_of(merging: Merging, head: str, argument: str | int, position: int) -> Slot:
    return merging.of_node[head], argument, position


def endings_of(graph: MultiDiGraph[str], merging: Merging) -> dict[int, list[Ending]]:
    """For each shown frame whose turns do not all end with the same node those with which they end."""
    leaving: dict[int, dict[Source, None]] = {}
    ends: list[tuple[str, int, Way]] = [(key, output, ()) for key, output in merging.info.outputs]
    ends += [(tail, data["output"], merging.way(head)) for tail, head, data in graph.edges(data=True)]
    for key, output, there in ends:
        way = merging.way(key)
        for frame in way[common(way, there) :]:
            if merging.frames[frame].turns > 1:
                leaving.setdefault(frame, {})[merging.of_node[key], output] = None
    found: dict[int, dict[Source, Ending]] = {}
    for frame, sources in leaving.items():
        endings = found.setdefault(merging.of_frame[frame], {})
        for source in sources:
            endings.setdefault(source, Ending(*source)).turns.add(frame)
    # Where a single turn gives more than one thing, each has its own line.
    several = {merging.of_frame[frame] for frame, sources in leaving.items() if len(sources) > 1}
    return {frame: list(each.values()) for frame, each in found.items() if len(each) > 1 and frame not in several}


def links_of(
    graph: MultiDiGraph[str], merging: Merging, entries: Entries, endings: dict[int, list[Ending]]
) -> list[Link]:
    """Every link between shown nodes; parallel edges that carry the same tensor become one."""
    links: dict[tuple[str, str, int, tuple[int, ...]], Link] = {}
    tensors: dict[int, dict[Tensor, None]] = {}
    for tail, head, data in graph.edges(data=True):
        slot = slot_of(merging, head, data["argument"], data.get("position", 0))
        origin = entries.trace((tail, data["output"]), slot, merging.way(head))
        if origin is None:
            continue
        key = (origin.tail, slot[0], origin.output, origin.through)
        link = links.get(key)
        if link is None:
            link = links[key] = Link(*key[:3], data["tensor"], [], through=origin.through, gone=True)
        if data["argument"] not in link.arguments:
            link.arguments.append(data["argument"])
        tensors.setdefault(id(link), {})[data["tensor"]] = None
        link.edges.append((tail, head, data["output"]))
        link.gone = link.gone and bool(data.get("gone"))
    for link in links.values():
        link.tensors = tuple(tensors[id(link)])
    for link in list(links.values()) if endings else ():
        way, there = _shown_way(merging, link.tail), _shown_way(merging, link.head)
        for frame in way[common(way, there) :]:
            for ending in endings.get(frame, ()):
                other = replace(link, tail=ending.tail, output=ending.output)
                links.setdefault((other.tail, other.head, other.output, other.through), other)
    return list(links.values())


def _shown_way(merging: Merging, key: str) -> Way:
    return tuple(merging.of_frame[frame] for frame in merging.way(key))
