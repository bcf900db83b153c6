"""Which layer of one graph is which of the other.

First what has the same past and the same future, in the manner of Weisfeiler and Lehman: a layer's hash is made of its
op, its arguments and the hashes of what it reads (its past), or of what reads it (its future); both are exact on an
acyclic graph. Then what an id leads to, then neighbours of what is matched already, then all of this with ops alone,
whatever their arguments, then what is left of one kind. Each step is linear in the size of the graphs, but for sorting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence

from archgen.diffing.views import Address, Interner, Item

Key = Callable[[Item], Hashable]


def match(before: Sequence[Item], after: Sequence[Item], intern: Interner) -> dict[int, int]:
    """The index in ``after`` for each index in ``before`` that has a partner there."""
    return _Matcher(before, after, intern).run()


class _Matcher:
    def __init__(self, before: Sequence[Item], after: Sequence[Item], intern: Interner) -> None:
        self.sides = (before, after)
        self.turned = bool(before) and before[0].side == 1
        """Whether what comes second in the comparison comes first here."""
        self.intern = intern
        self.to: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self.homes: tuple[dict[Address, Item], dict[Address, Item]] = ({}, {})
        """The layer at each address."""
        self.inside: tuple[dict[Hashable, list[Item]], dict[Hashable, list[Item]]] = ({}, {})
        """The layers in each use of a block, by what they are."""
        self.heed = False
        """Whether a layer waits for its namesake."""
        self.loose = False
        """Whether arguments may differ: then what is the first of its op in a part is not the second."""
        self.own: dict[int, int] = {}
        for side, homes, inside in zip(self.sides, self.homes, self.inside, strict=True):
            for item in side:
                if item.address is not None:
                    homes.setdefault((*item.address, item.kind), item)
                if item.way:
                    inside.setdefault((item.way, item.label), []).append(item)

    def run(self) -> dict[int, int]:
        exact, past, future = self.hashes(lambda item: item.label)
        self.stage(exact)
        self.heed = True
        self.stage(lambda item: (item.address, item.label) if item.named else None)
        self.stage(self.near)
        for key in (past, future):
            self.stage(key)
        self.stage(lambda item: (item.address, item.kind) if item.address and item.frames else None)
        self.spread(lambda item: item.label)
        self.stage(lambda item: (item.address, item.kind) if item.named else None)
        self.spread(lambda item: item.label)
        self.stage(lambda item: item.address if item.named else None)
        self.loose = True
        for key in self.hashes(lambda item: item.kind):
            self.stage(key)
        self.spread(lambda item: item.kind)
        self.bridge()
        self.replace()
        self.rest()
        self.replace()
        self.own = {index: index for index in self.to[0]}
        self.stage(self.behind)
        return self.to[0]

    def number(self, item: Item) -> int:
        """Which of the two sides a layer is on."""
        return item.side ^ self.turned

    # Keys

    def hashes(self, label: Key) -> tuple[Key, Key, Key]:
        """Keys of past and future together, of the past, and of the future."""
        past: dict[int, int] = {}
        future: dict[int, int] = {}
        for side in self.sides:
            ahead: dict[int, int] = {}
            for item in side:
                reads = [(read.argument, read.output, ahead[read.giver]) for read in item.reads]
                ahead[item.index] = past[id(item)] = self.intern(("past", label(item), *_ordered(reads)))
            behind: dict[int, int] = {}
            for item in reversed(side):
                readers = sorted((argument, output, behind[index]) for argument, output, index in item.readers)
                behind[item.index] = future[id(item)] = self.intern(("future", label(item), item.gives, *readers))
        return (
            lambda item: (past[id(item)], future[id(item)]),
            lambda item: past[id(item)],
            lambda item: future[id(item)],
        )

    def near(self, item: Item) -> Hashable:
        """The address with the layers around."""
        if item.address is None:
            return None
        side = self.sides[self.number(item)]
        reads = [(read.argument, read.output, side[read.giver].label) for read in item.reads]
        readers = [(argument, output, side[index].label) for argument, output, index in item.readers]
        return (item.address, item.label, item.gives, *_ordered(reads), *sorted(readers))

    def between(self, item: Item) -> Hashable:
        """What a layer stands between, where all of that is matched: another may have taken its place."""
        names = self.to[1] if self.number(item) else self.own
        ends = [read.giver for read in item.reads] + [index for *_, index in item.readers]
        if not item.reads or not (item.readers or item.gives) or any(index not in names for index in ends):
            return None
        reads = sorted((read.output, names[read.giver]) for read in item.reads)
        return (*reads, "", item.gives, *sorted(names[index] for *_, index in item.readers))

    def behind(self, item: Item) -> Hashable:
        """In one use of a block, what a layer reads, where all of that is matched."""
        names = self.to[1] if self.number(item) else self.own
        if not item.way or not item.reads or any(read.giver not in names for read in item.reads):
            return None
        return (item.way, *sorted((read.output, names[read.giver]) for read in item.reads))

    # Steps

    def stage(self, key: Key) -> None:
        """Pair what has the same key, as many on one side as on the other; ``None`` is no key.

        Of several with one key, those at one address are pairs; of the others the first are, and then what stands
        beside these is, so that equal branches are not mixed.
        """
        groups: dict[Hashable, tuple[list[Item], list[Item]]] = {}
        for number, side in enumerate(self.sides):
            for item in side:
                if item.index not in self.to[number] and (value := key(item)) is not None:
                    groups.setdefault(value, ([], []))[number].append(item)
        even = [group for group in groups.values() if len(group[0]) == len(group[1])]
        for group in even:
            self.follow(self.pair_at_address(*group), key)
        for ones, others in even:
            if len(ones) == 1:
                self.follow(self.pair(ones[0], others[0]), key)
        for group in even:
            ones, others = group
            while ones and others:
                ones, others = self.free(ones, 0), self.free(others, 1)
                for one, other in zip(ones, others, strict=False):
                    if made := self.pair(one, other):
                        self.follow(made, key)
                        break
                else:
                    break

    def free(self, items: Iterable[Item], number: int) -> list[Item]:
        return [item for item in items if item.index not in self.to[number]]

    def pair_at_address(self, ones: Sequence[Item], others: Sequence[Item]) -> list[tuple[Item, Item]]:
        homes = {item.address: item for item in others if item.address is not None}
        made: list[tuple[Item, Item]] = []
        for one in ones:
            if one.address is not None and one.address in homes:
                made += self.pair(one, homes[one.address])
        return made

    def pair(self, one: Item, other: Item) -> list[tuple[Item, Item]]:
        """Match two layers, if both are free, and neither has a namesake of its own that is."""
        if one.index in self.to[0] or other.index in self.to[1]:
            return []
        if self.heed and (self.waits(one, other) or self.waits(other, one)):
            return []
        if self.loose and one.kind == other.kind and one.part == other.part and _ordinals_differ(one, other):
            return []
        self.to[0][one.index] = other.index
        self.to[1][other.index] = one.index
        return [(one, other)]

    def waits(self, item: Item, mate: Item) -> bool:
        """Whether there is another layer on the other side that is free, and that an id says is the same or, equal to
        this, is in the same use of a block."""
        number = self.number(mate)
        home = self.homes[number].get((*item.address, item.kind)) if item.address is not None else None
        if home is not None and home is not mate and home.index not in self.to[number]:
            return item.named or home.label == item.label
        # One more op in a block is not to lead from one use of it into another.
        if not item.way or item.way == mate.way:
            return False
        return bool(self.free(self.inside[number].get((item.way, item.label), ()), number))

    def follow(self, made: Iterable[tuple[Item, Item]], key: Key) -> None:
        """Pair the neighbours of pairs, both ways, as far as their keys agree and leave no choice."""
        waiting = deque(made)
        while waiting:
            one, other = waiting.popleft()
            for ahead in (True, False):
                waiting += self.beside(one, other, key, ahead)

    def spread(self, key: Key) -> None:
        """``follow`` from all pairs: first with the flow as far as that leads, then against it."""
        size = -1
        while size != len(self.to[0]):
            size = len(self.to[0])
            for ahead in (True, False):
                waiting = deque((self.sides[0][one], self.sides[1][other]) for one, other in sorted(self.to[0].items()))
                while waiting:
                    waiting += self.beside(*waiting.popleft(), key, ahead)

    def beside(self, one: Item, other: Item, key: Key, ahead: bool) -> list[tuple[Item, Item]]:
        """Pair the readers of two layers that are a pair, or what they read, where there is no choice."""
        made: list[tuple[Item, Item]] = []
        groups: dict[Hashable, tuple[dict[int, Item], dict[int, Item]]] = {}
        for number, item in enumerate((one, other)):
            given = ((read.argument, read.output, read.giver) for read in item.reads)
            ends = item.readers if ahead else list(given)
            for argument, output, index in ends:
                near = self.sides[number][index]
                if index not in self.to[number] and (value := key(near)) is not None:
                    groups.setdefault((argument, output, value), ({}, {}))[number][index] = near
        for ones, others in groups.values():
            if len(ones) == len(others) == 1:
                made += self.pair(*ones.values(), *others.values())
            elif len(ones) == len(others):
                made += self.pair_at_address(list(ones.values()), list(others.values()))
        return made

    def bridge(self) -> None:
        """Follow chains over single layers of which another has taken the place: what comes behind is of one kind."""
        waiting = deque((self.sides[0][one], self.sides[1][other]) for one, other in sorted(self.to[0].items()))
        while waiting:
            pair = waiting.popleft()
            waiting += self.beside(*pair, lambda item: item.kind, True)
            nexts = [self.free(self.readers(item), number) for number, item in enumerate(pair)]
            if not len(nexts[0]) == len(nexts[1]) == 1 or nexts[0][0].kind == nexts[1][0].kind:
                continue
            ones, others = ([*map(self.single, side)] for side in nexts)
            one, other = ones[0], others[0]
            if one is not None and other is not None and one.kind == other.kind:
                waiting += [*self.pair(nexts[0][0], nexts[1][0]), *self.pair(one, other)]

    def readers(self, item: Item) -> list[Item]:
        """What reads a layer, each once."""
        side = self.sides[self.number(item)]
        return [side[index] for index in dict.fromkeys(index for *_, index in item.readers)]

    def single(self, item: Item) -> Item | None:
        """The one reader of a layer that reads one tensor, if it is free."""
        readers = self.free(self.readers(item), self.number(item))
        return readers[0] if len(readers) == len(item.readers) == len(item.reads) == 1 else None

    def replace(self) -> None:
        """Pair what stands between the same layers: one has taken the place of the other."""
        self.own = {index: index for index in self.to[0]}
        self.stage(self.between)

    def rest(self) -> None:
        """Pair what is left of one kind in one part, in order: it has been moved."""
        groups: dict[Hashable, tuple[list[Item], list[Item]]] = {}
        for number, side in enumerate(self.sides):
            for item in self.free(side, number):
                if item.reads:
                    groups.setdefault((item.part, item.label), ([], []))[number].append(item)
        for ones, others in groups.values():
            for one, other in zip(ones, others, strict=False):
                self.pair(one, other)


def _ordinals_differ(one: Item, other: Item) -> bool:
    """Whether two layers without ids are not the same one of their op in their part, where both have as many."""
    if one.named or other.named or not one.address or not other.address:
        return False
    return one.address[-1] != other.address[-1]


def _ordered(reads: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Named arguments by their names, those of a list in its order."""
    return sorted(reads, key=lambda read: read[0])
