"""Calls before and after: their ids, arguments, repetitions and conditions."""

from __future__ import annotations

from collections.abc import Sequence

from archgen.diffing import calls as wording
from archgen.diffing.naming import call_name, short
from archgen.diffing.notes import Notes
from archgen.diffing.result import Values
from archgen.diffing.views import Item, part_of
from archgen.graph import Frame

Marks = tuple[Sequence[Item], Sequence[Item]]


class Calls:
    """Compares the calls that stand for each other."""

    def __init__(self, notes: Notes, causes: set[str]) -> None:
        self.notes, self.sites, self.sides = notes, notes.sites, notes.sides
        self.causes = causes
        """Names of parameters that have other values: what they change follows from that."""
        self.folded: tuple[set[int], set[int]] = (set(), set())
        """Layers that are new or gone since a repetition or condition is another."""

    def run(self) -> None:
        self.uses()
        self.leaves()
        self.unseen()

    def uses(self) -> None:
        """Calls of blocks and sub-models: their ids, arguments and repetitions."""
        sites = self.sites
        pairs: dict[tuple[str, str], list[tuple[Frame, Frame]]] = {}
        for left, right in sorted(sites.frames.items()):
            one, other = sites.before.frames[left], sites.after.frames[right]
            if one.kind != "layer" and other.kind != "layer" and one.path and other.path:
                pairs.setdefault((one.path, other.path), []).append((one, other))
        for paths, frames in pairs.items():
            if sites.calls.get(paths[0]) != paths[1]:
                continue
            calls = (sites.before.calls[paths[0]], sites.after.calls[paths[1]])
            parts = (sites.before.program.part(calls[0]), sites.after.program.part(calls[1]))
            evaluated = [(one.arguments, other.arguments) for one, other in frames]
            marks = (self.notes.of(0, paths[0]), self.notes.of(1, paths[1]))
            if calls[0].kind == calls[1].kind == "block":
                change = wording.use_arguments(evaluated, calls, parts, self.causes)
                self.causes.update(change.values)
                self.notes.tell_change("changed", change, paths, marks)
            self.repetition(paths, marks)
            self.condition(paths, marks)
            self.rename(paths, marks)

    def repetition(self, paths: tuple[str, str], marks: tuple[list[Item], list[Item]]) -> None:
        """Compare ``repeat``; the turns that are new or gone are no differences of their own."""
        sites = self.sites
        calls = (sites.before.calls[paths[0]], sites.after.calls[paths[1]])
        turns = (sites.turns[0].get(paths[0], 0), sites.turns[1].get(paths[1], 0))
        change = wording.repetition(calls, turns, self.causes)
        lists = [call.repeat.lists if call.repeat else {} for call in calls]
        self.causes.update(name for name in change.values if name in lists[0] or name in lists[1])
        new = tuple(self.new_turns(side, paths[side], marks[side]) for side in (0, 1))
        name = call_name(self.sides[1], paths[1])
        self.notes.tell_change("repeat", change, paths, (new[0], new[1]) if any(new) else marks, what=name)
        if turns[0] != turns[1]:
            for side in (0, 1):
                self.folded[side].update(item.index for item in new[side])

    def new_turns(self, side: int, path: str, items: Sequence[Item]) -> list[Item]:
        """The layers of turns that have no partner."""
        known = self.sites.frames if side == 0 else self.sites.frames_back
        return [
            item
            for item in items
            if self.sites.partner(item) is None
            and any(frame.path == path and frame.index not in known for frame in item.frames)
        ]

    def condition(self, paths: tuple[str, str], marks: tuple[list[Item], list[Item]]) -> None:
        calls = (self.sites.before.calls[paths[0]], self.sites.after.calls[paths[1]])
        change = wording.condition(calls)
        if change.values:
            self.notes.tell("changed", ", ".join(change.texts), paths, marks, values=change.values)

    def rename(self, paths: tuple[str, str], marks: tuple[Sequence[Item], Sequence[Item]]) -> None:
        one, other = self.sites.before.calls[paths[0]], self.sites.after.calls[paths[1]]
        if one.id != other.id:
            words = [short(call.id) if call.id else "no id" for call in (one, other)]
            name = call_name(self.sides[0], paths[0], marks[0])
            values: Values = {"id": (one.id, other.id)}
            self.notes.tell(
                "renamed",
                f"renamed {words[0]} -> {words[1]}",
                paths,
                marks,
                what=name,
                values=values,
                among=self.notes.form,
            )

    def leaves(self) -> None:
        """Calls of layers and functions."""
        sites = self.sites
        groups: dict[tuple[str, str], list[tuple[Item, Item]]] = {}
        for one, other in sites.pairs:
            groups.setdefault((one.node.path, other.node.path), []).append((one, other))
        for paths, pairs in groups.items():
            calls = (sites.before.calls[paths[0]], sites.after.calls[paths[1]])
            marks = ([one for one, _ in pairs], [other for _, other in pairs])
            own = sites.calls.get(paths[0]) == paths[1]
            if pairs[0][0].kind != pairs[0][1].kind:
                ops = (pairs[0][0].node.op, pairs[0][1].node.op)
                text = f"{short(ops[0])} -> {short(ops[1])}"
                name = call_name(self.sides[1], paths[1], marks[1])
                self.notes.tell("replaced", text, paths, marks, what=name, values={"op": ops})
            else:
                inputs = sites.before.parts[part_of(paths[0])].inputs
                change = wording.layer_arguments(pairs, calls, self.causes, inputs, own)
                touched = [pair for pair in pairs if pair[0].label != pair[1].label] or pairs
                at = ([one for one, _ in touched], [other for _, other in touched])
                self.notes.tell_change("changed", change, paths, at if change.values else marks)
            if own:
                self.repetition(paths, (self.notes.of(0, paths[0]), self.notes.of(1, paths[1])))
                self.condition(paths, marks)
                self.rename(paths, marks)

    def unseen(self) -> None:
        """Calls that are in both files, and in one of the networks at most."""
        sites = self.sites
        for one, other in sites.calls.items():
            turns = (sites.turns[0].get(one, 0), sites.turns[1].get(other, 0))
            if all(turns):
                continue
            calls = (sites.before.calls[one], sites.after.calls[other])
            marks = (self.notes.of(0, one), self.notes.of(1, other))
            for side in (0, 1):
                known = sites.calls if side == 0 else sites.calls_back
                self.folded[side].update(
                    item.index for item in marks[side] if all(f.path in known or not f.path for f in item.frames)
                )
            change = wording.written_arguments(calls)
            change.rewritten = {}
            self.notes.tell_change("changed", change, (one, other), marks)
            self.condition((one, other), marks)
            if any(call.repeat for call in calls):
                self.repetition((one, other), marks)
            self.rename((one, other), marks)
