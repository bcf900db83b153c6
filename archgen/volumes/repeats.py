"""What is repeated in a chain, so that it is drawn once, with ×N.

Turns of a repeat are equal in ops, arguments, sizes and arcs. The first may differ in arguments and in what its arcs
pass through: it is the one that halves the size, and whose shortcut has a convolution to follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from archgen.options import Expand
from archgen.volumes.chain import Arc, Chain, Volume
from archgen.wording import arguments

LONGEST = 24
"""Volumes in one turn."""


@dataclass(slots=True)
class Repeat:
    """Volumes that are drawn for ``times`` turns; each is a position in the chain, or a repeat inside the turn."""

    times: int
    items: list[int | Repeat]
    stride: int = 0
    """How many volumes of the chain one turn has."""

    @property
    def shown(self) -> Iterator[int]:
        """The positions of the volumes that are drawn."""
        for item in self.items:
            if isinstance(item, Repeat):
                yield from item.shown
            else:
                yield item


@dataclass(slots=True)
class Drawn:
    """What is drawn of a chain.

    ``turns`` has, for the position of each volume drawn, the volumes that it stands for, itself first; ``stands_for``
    the other way round.
    """

    items: list[int | Repeat]
    turns: dict[int, list[Volume]] = field(default_factory=dict)
    stands_for: dict[int, int] = field(default_factory=dict)
    arcs: list[tuple[Arc, list[Arc]]] = field(default_factory=list)
    """The arcs between drawn volumes, each with those that it stands for, itself first."""

    @property
    def shown(self) -> Iterator[int]:
        return Repeat(1, self.items).shown


def find_repeats(chain: Chain, expand: Expand = 0) -> Drawn:
    """What to draw of a chain; ``expand`` says how many levels of repeats are drawn turn by turn."""
    levels = len(chain.volumes) if expand == "all" else expand
    items = _opened(_Finder(chain).items(0, len(chain.volumes)), levels)
    drawn = Drawn(items)
    _stand(drawn, items, 0, chain)
    places: dict[tuple[int, int, int], int] = {}
    into: dict[int, int] = {}
    for arc in chain.arcs:
        end = drawn.stands_for[arc.end]
        into[arc.end] = into.get(arc.end, 0) + 1
        # An arc of a later turn is that of the first, as many volumes before.
        start = arc.start - (arc.end - end)
        key = (start, end, into[arc.end])
        if key in places:
            drawn.arcs[places[key]][1].append(arc)
            continue
        places[key] = len(drawn.arcs)
        drawn.arcs.append((Arc(drawn.stands_for[start], end, arc.nodes, arc.joins), [arc]))
    return drawn


def _opened(items: list[int | Repeat], levels: int, offset: int = 0) -> list[int | Repeat]:
    """The items of a turn ``offset`` volumes after the first, with as many levels of repeats written out."""
    opened: list[int | Repeat] = []
    for item in items:
        if not isinstance(item, Repeat):
            opened.append(item + offset)
        elif levels < 1:
            opened.append(Repeat(item.times, _opened(item.items, 0, offset), item.stride))
        else:
            for turn in range(item.times):
                opened += _opened(item.items, levels - 1, offset + turn * item.stride)
    return opened


def _stand(drawn: Drawn, items: list[int | Repeat], offset: int, chain: Chain) -> None:
    """Note what each drawn volume stands for in the turn that starts ``offset`` volumes after the drawn one."""
    for item in items:
        if isinstance(item, Repeat):
            for turn in range(item.times):
                _stand(drawn, item.items, offset + turn * item.stride, chain)
        else:
            drawn.stands_for[item + offset] = item
            drawn.turns.setdefault(item, []).append(chain.volumes[item + offset])


class _Finder:
    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.into: dict[int, list[Arc]] = {}
        for arc in chain.arcs:
            self.into.setdefault(arc.end, []).append(arc)
        self.loose = [self.signature(number, exact=False) for number in range(len(chain.volumes))]
        self.exact = [self.signature(number, exact=True) for number in range(len(chain.volumes))]
        self.spans: list[tuple[int, int]] = self.frame_spans()
        self.leaving: dict[int, int] = {}
        """For a volume, the farthest that an arc from it leads."""
        for arc in chain.arcs:
            self.leaving[arc.start] = max(self.leaving.get(arc.start, 0), arc.end)

    def signature(self, number: int, *, exact: bool) -> tuple[Any, ...]:
        """Equal for volumes that look the same, or nearly."""
        volume = self.chain.volumes[number]
        arcs = [
            (arc.end - arc.start, arc.joins.op, _look(arc.nodes) if exact else ()) for arc in self.into.get(number, ())
        ]
        frames = tuple((frame.kind, frame.name) for frame in self.chain.frames[number])
        nodes = _look(volume.nodes) if exact else (volume.node.op,)
        shared = tuple(node.shares is not None for node in volume.nodes)
        return (nodes, volume.tensor, frames, shared, tuple(arcs))

    def frame_spans(self) -> list[tuple[int, int]]:
        """The first position of each frame, and the one after its last."""
        spans: dict[int, tuple[int, int]] = {}
        for number, frames in enumerate(self.chain.frames):
            for frame in frames:
                first, _ = spans.get(frame.index, (number, number))
                spans[frame.index] = (first, number + 1)
        return list(spans.values())

    def items(self, start: int, end: int) -> list[int | Repeat]:
        """The volumes from ``start`` to ``end``, what is repeated among them once."""
        items: list[int | Repeat] = []
        while start < end:
            length, times = self.best(start, end)
            if times == 1:
                items.append(start)
                start += 1
                continue
            other = start + length
            # What the first turn repeats, the others need not repeat where they differ from it.
            alike = length > 1 and self.exact[start:other] == self.exact[other : other + length]
            inner = self.items(start, other) if alike else [*range(start, other)]
            items.append(Repeat(times, inner, length))
            start += length * times
        return items

    def best(self, start: int, end: int) -> tuple[int, int]:
        """The length and the number of the turns from ``start`` that spare most volumes."""
        best, spared = (1, 1), 0
        for length in range(1, min(LONGEST, (end - start) // 2) + 1):
            times = self.turns(start, length, end)
            while times > 1 and not self.stands_alone(start, length, times):
                times -= 1
            if length * (times - 1) > spared:
                best, spared = (length, times), length * (times - 1)
        return best

    def turns(self, start: int, length: int, end: int) -> int:
        """How many turns of a length follow each other."""
        times = 1
        while start + (times + 1) * length <= end:
            one, other = start + (times - 1) * length, start + times * length
            told = self.loose if times == 1 and length > 1 else self.exact
            if told[one : one + length] != told[other : other + length]:
                break
            times += 1
        return times

    def stands_alone(self, start: int, length: int, times: int) -> bool:
        """Whether no frame holds a part of a turn with something else, and no arc leads out of a turn but the last,
        other than into the next."""
        end = start + length * times
        for first, last in self.spans:
            around = first <= start and end <= last
            inside = (first - start) // length == (last - 1 - start) // length
            if first < end and last > start and not around and not inside:
                return False
        for number in range(start, end - length):
            next_turn = start + ((number - start) // length + 2) * length
            if self.leaving.get(number, 0) >= next_turn:
                return False
        return True


def _look(nodes: list[Any]) -> tuple[Any, ...]:
    """What a reader sees of nodes."""
    return tuple((node.op, *arguments(node.declared), node.trainable_parameters == node.parameters) for node in nodes)
