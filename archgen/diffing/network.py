"""The unrolled networks: what is new and gone, what reads something else, what shares weights, what has moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

from archgen.diffing.naming import call_name, layers, many, part_name, place, short
from archgen.diffing.notes import Notes
from archgen.diffing.result import ABSENT, Difference, Kind, Values
from archgen.diffing.views import Item, Read, View, part_of
from archgen.diffing.wiring import Rewire, Wiring, around, moves
from archgen.source import show_path


class Network:
    """Compares two networks; ``folded`` are layers, before and after, that are told of already."""

    def __init__(self, notes: Notes, folded: tuple[set[int], set[int]]) -> None:
        self.notes, self.sites, self.sides = notes, notes.sites, notes.sides
        self.folded = folded
        self.rewires: list[tuple[int, Rewire]] = []
        """Each input that comes from elsewhere, with the place after of its reader."""

    def run(self) -> None:
        wiring = self.order()
        self.wires(wiring)
        self.outputs(wiring)
        self.inputs()
        self.sharing()
        self.comings_and_goings()

    def same(self) -> bool:
        """Whether the two unrolled networks are the same but for names and the order in which they are written."""
        to, (before, after) = self.sites.to, self.sides
        if not len(to) == len(before.items) == len(after.items):
            return False
        if any(difference.kind == "shared" for difference in self.notes.network):
            return False
        outputs = [(name, to[index], output) for name, index, output in before.outputs]
        if outputs != after.outputs or [to[index] for index in before.inputs] != after.inputs:
            return False
        return all(
            one.label == other.label
            and _by_name((read.argument, to[read.giver], read.output) for read in one.reads)
            == _by_name((read.argument, read.giver, read.output) for read in other.reads)
            for one, other in self.sites.pairs
        )

    def order(self) -> Wiring:
        """What stands in another order; the wires with that left out of account."""
        sites = self.sites
        moved: tuple[set[int], set[int]] = (set(), set())
        for move in moves(sites):
            marks: tuple[list[Item], list[Item]] = ([], [])
            for path in move.moved:
                ones, others = self.notes.of(0, path), self.notes.of(1, sites.calls[path])
                marks[0].extend(ones)
                marks[1].extend(others)
                moved[0].update(item.index for item in ones)
                moved[1].update(item.index for item in others)
            names = [
                [call_name(view, path, self.notes.of(view.side, path)[:2]).partition(" in ")[0] for path in paths]
                for view, paths in zip(self.sides, (move.before, move.after), strict=True)
            ]
            part = part_of(move.after[0])
            text = f"{', '.join(names[0])} -> {', '.join(names[1])}"
            self.notes.tell(
                "reordered",
                text,
                (move.before[0], move.after[0]),
                marks,
                what=f"order in {part_name(part)}" if part else "order",
                values={"order": (list(move.before), list(move.after))},
                among=self.notes.order,
            )
        return Wiring(sites, moved)

    def wires(self, wiring: Wiring) -> None:
        """Layers that read something else."""
        groups: dict[tuple[str, str], dict[str, list[tuple[Item, Item]]]] = {}
        rewires: dict[tuple[str, str, str], list[Rewire]] = {}
        for one, other in self.sites.pairs:
            calls = (self.sides[0].call(one), self.sides[1].call(other))
            if one.index in wiring.moved[0] and calls[0].sources.implied and calls[1].sources.implied:
                continue
            if self.passes_on(one, other):
                continue
            found, turned = wiring.of(one, other)
            text = self.says(one, other, found, turned)
            if text:
                self.rewires += [(other.index, rewire) for rewire in found]
                groups.setdefault((one.node.path, other.node.path), {}).setdefault(text, []).append((one, other))
                rewires.setdefault((one.node.path, other.node.path, text), found)
        for (left, right), told in groups.items():
            written = self.references(left, right) if len(told) > 1 else None
            if written:
                # One call in several places: what it reads has one name in the file, and several in the network.
                pairs = [pair for each in told.values() for pair in each]
                marks = ([one for one, _ in pairs], [other for _, other in pairs])
                self.notes.tell(
                    "rewired", f"reads {' -> '.join(written)}", (left, right), marks, values={"from": written}
                )
                continue
            for text, pairs in told.items():
                marks = ([one for one, _ in pairs], [other for _, other in pairs])
                values: Values = {}
                for rewire in rewires[left, right, text]:
                    values[rewire.argument or "inputs"] = (
                        self.read(0, rewire.before) if rewire.before else ABSENT,
                        self.read(1, rewire.after) if rewire.after else ABSENT,
                    )
                self.notes.tell("rewired", text, (left, right), marks, values=values)

    def passes_on(self, one: Item, other: Item) -> bool:
        """Whether two layers read what is written in the same way, of which a condition decides what it is."""
        left, right = (self.sides[item.side].call(item).sources for item in (one, other))
        if self.sites.calls.get(one.node.path) != other.node.path or left.implied or right.implied:
            return False
        pairs = list(zip_longest(left.all(), right.all()))
        parts = (self.sides[0].parts[one.part], self.sides[1].parts[other.part])
        decided = False
        for first, second in pairs:
            if first is None or second is None or first.output != second.output:
                return False
            if isinstance(first.target, str) or isinstance(second.target, str):
                if first.target != second.target:
                    return False
                continue
            ends = (parts[0].nodes[first.target], parts[1].nodes[second.target])
            if self.sites.calls.get(show_path(ends[0].path)) != show_path(ends[1].path):
                return False
            decided = decided or all(end.when is not None for end in ends)
        return decided

    def references(self, left: str, right: str) -> tuple[str, str] | None:
        """What two calls read, as it is written, where that differs."""
        calls = (self.sides[0].calls[left], self.sides[1].calls[right])
        one, other = (", ".join(short(reference.text) for reference in call.sources.all()) for call in calls)
        return (one, other) if one != other else None

    def says(self, one: Item, other: Item, found: list[Rewire], turned: bool) -> str:
        """How the inputs of a layer differ, in words."""
        words = []
        for rewire in found:
            name = f"{short(rewire.argument)} " if rewire.argument and len(other.reads) > 1 else ""
            if rewire.before and rewire.after:
                words.append(f"{name}reads {self.read(0, rewire.before)} -> {self.read(1, rewire.after)}")
            elif rewire.before:
                words.append(f"{name}no longer reads {self.read(0, rewire.before)}")
            elif rewire.after:
                words.append(f"{name}also reads {self.read(1, rewire.after)}")
        if turned and not found:
            orders = [", ".join(self.read(item.side, r) for r in item.reads if not r.argument) for item in (one, other)]
            words.append(f"inputs in another order: {' -> '.join(orders)}")
        return ", ".join(words)

    def read(self, side: int, read: Read) -> str:
        """What is read, as a reference writes it."""
        giver = self.sides[side].items[read.giver]
        return layers([giver]) + (f"[{read.output}]" if read.output else "")

    def outputs(self, wiring: Wiring) -> None:
        """The outputs of the network."""
        before, after = (view.outputs for view in self.sides)
        for number in range(max(len(before), len(after))):
            one = before[number] if number < len(before) else None
            other = after[number] if number < len(after) else None
            ends = [None if each is None else Read("", each[1], each[2]) for each in (one, other)]
            names = [short(each[0]) if each and each[0] else str(number) for each in (one, other)]
            what = f"output {names[1] if other else names[0]}"
            marks = [[view.items[end.giver]] if end else [] for view, end in zip(self.sides, ends, strict=True)]
            if ends[0] is None and ends[1] is not None:
                self.end("also gives", what, self.read(1, ends[1]), (ABSENT, self.read(1, ends[1])), marks)
            elif ends[1] is None and ends[0] is not None:
                self.end("no longer gives", what, self.read(0, ends[0]), (self.read(0, ends[0]), ABSENT), marks)
            elif ends[0] and ends[1]:
                found, _ = wiring.compare([ends[0]], [ends[1]])
                told = (self.read(0, ends[0]), self.read(1, ends[1]))
                if found:
                    self.end("gives", what, " -> ".join(told), told, marks)
                elif one and other and one[0] != other[0]:
                    self.end("named", what, " -> ".join(names), (one[0], other[0]), marks)

    def inputs(self) -> None:
        """The order of the network's inputs, where they are the same."""
        before, after = (view.inputs for view in self.sides)
        goes = [self.sites.to.get(index) for index in before]
        if goes != after and sorted(index for index in goes if index is not None) == sorted(after):
            names = [", ".join(short(view.shown(view.items[index])) for index in view.inputs) for view in self.sides]
            values: Values = {"inputs": (names[0], names[1])}
            self.notes.network.append(
                Difference("rewired", "inputs", f"in another order: {' -> '.join(names)}", values=values)
            )

    def end(self, verb: str, what: str, text: str, values: tuple[Any, Any], marks: Sequence[list[Item]]) -> None:
        places = [
            place(view, items[0].node.path) if items else None for view, items in zip(self.sides, marks, strict=True)
        ]
        self.notes.network.append(
            Difference(
                "rewired",
                what,
                f"{verb} {text}",
                places=(places[0], places[1]),
                values={"outputs": values},
            )
        )

    # Sharing

    def sharing(self) -> None:
        """Layers that share their weights with others than before."""
        groups: dict[tuple[str, str, str], tuple[list[Item], list[Item]]] = {}
        sites = self.sites
        for one, other in sites.pairs:
            firsts = [view.first(item) for view, item in zip(self.sides, (one, other), strict=True)]
            alone = [first is item for first, item in zip(firsts, (one, other), strict=True)]
            partners = (sites.partner(firsts[0]), sites.partner(firsts[1]))
            lost = not alone[0] and partners[0] is not None and self.sides[1].first(partners[0]) is not firsts[1]
            won = not alone[1] and partners[1] is not None and self.sides[0].first(partners[1]) is not firsts[0]
            if not lost and not won:
                continue
            words = []
            if lost:
                words.append(f"weights no longer shared with {self.owner(firsts[0])}")
            if won:
                words.append(f"weights now shared with {self.owner(firsts[1])}")
            key = (self.outer(one), self.outer(other), ", ".join(words))
            ones, others = groups.setdefault(key, ([], []))
            ones.append(one)
            others.append(other)
        for (left, right, text), marks in groups.items():
            self.notes.tell("shared", text, (left, right), marks, what=call_name(self.sides[1], right, marks[1]))

    def outer(self, item: Item) -> str:
        """The path of the use of a sub-model or a block around a layer, or its own."""
        mate = self.sites.partner(item)
        models = [frame for frame in item.frames if frame.kind == "model" and frame.path]
        if models:
            return models[0].path
        theirs = [frame for frame in mate.frames if frame.kind == "model" and frame.path] if mate else []
        blocks = [frame for frame in item.frames if frame.kind == "block" and frame.path]
        return blocks[0].path if theirs and blocks else item.node.path

    def owner(self, item: Item) -> str:
        """What has the weights: the use of a sub-model, or the layer."""
        path = self.outer(item)
        call = self.sides[item.side].calls[path]
        return short(call.id or (item.node.key if call.kind in ("layer", "again") else call.op))

    # What is new and what is gone

    def comings_and_goings(self) -> None:
        for side in (0, 1):
            kind: Kind = "removed" if side == 0 else "added"
            view = self.sides[side]
            lone = [item for item in view.items if self.sites.partner(item) is None]
            known = self.sites.to if side == 0 else self.sites.back
            new = self._new_frames(view)
            groups: dict[str, list[Item]] = {}
            uses: dict[str, set[int]] = {}
            for item in lone:
                if item.index in self.folded[side] or self.conditional(item):
                    continue
                frame = next((frame for frame in item.frames if frame.index in new and frame.path), None)
                path = frame.path if frame is not None else item.node.path
                groups.setdefault(path, []).append(item)
                uses.setdefault(path, set()).add(frame.index if frame is not None else item.index)
            for path, items in groups.items():
                first = items if len(uses[path]) == 1 else [items[0]]
                before, after = around(view, first, known)
                words = [f"after {layers(before)}"] if before else []
                words += [f"before {layers(after)}"] if after else []
                if view.calls[path].kind in ("block", "model"):
                    words.insert(0, many(len(items), "layer"))
                marks = (items, []) if side == 0 else ([], items)
                self.notes.tell(kind, ", ".join(words), (path, None) if side == 0 else (None, path), marks)

    def conditional(self, item: Item) -> bool:
        """Whether a layer is new or gone since the condition of a call that both files have turned out otherwise."""
        view = self.sides[item.side]
        calls = self.sites.calls if item.side == 0 else self.sites.calls_back
        frames = self.sites.frames if item.side == 0 else self.sites.frames_back
        for path, frame in [*((f.path, f) for f in item.frames), (item.node.path, None)]:
            mate = calls.get(path)
            if mate is not None and view.calls[path].when and self.sides[1 - item.side].calls[mate].when:
                return True
            if frame is not None and frame.index not in frames:
                return False
        return False

    def _new_frames(self, view: View) -> set[int]:
        """Uses in which every layer is new, or gone."""
        new = set(view.frames)
        for item in view.items:
            if self.sites.partner(item) is not None:
                new.difference_update(frame.index for frame in item.frames)
        return new


def _by_name(reads: Iterable[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Reads by the names of the arguments, those of one list in its order."""
    return sorted(reads, key=lambda read: read[0])
