"""What differs in how a network is written: blocks extracted or written out, renamed, made sub-models."""

from __future__ import annotations

from collections import Counter
from typing import Any

from archgen.diffing.naming import call_name, many, part_name, place, short
from archgen.diffing.result import Difference, Values
from archgen.diffing.sites import Sites
from archgen.diffing.views import Item, View, part_of

EXTRACTED = ("written out", "extracted")


class Parts:
    """Compares the parts of two views, and which calls stand for what."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        self.sides = (sites.before, sites.after)
        self.known = (set(sites.parts), set(sites.parts_back))

    def differences(self) -> list[Difference]:
        return [
            *self.renamed(),
            *self.extracted(0),
            *self.extracted(1),
            *self.used(0),
            *self.used(1),
            *self.together(),
            *self.idle(),
        ]

    def renamed(self) -> list[Difference]:
        """Parts of another name or kind."""
        found = []
        for left, right in self.sites.parts.items():
            (kind, _, name), (other_kind, _, other) = left.partition("s."), right.partition("s.")
            values: Values
            places = (place(self.sides[0], left), place(self.sides[1], right))
            if kind != other_kind:
                text = f"is now a {'block' if right.startswith('blocks.') else 'model'}"
                found.append(Difference("restructured", part_name(left), text, places))
            elif name != other:
                values = {"name": (name, other)}
                text = f"renamed {short(name)} -> {short(other)}"
                found.append(Difference("renamed", part_name(left), text, places, values=values))
            inputs = (self.sides[0].parts[left].inputs, self.sides[1].parts[right].inputs)
            if inputs[0] != inputs[1] and kind == other_kind:
                said = " -> ".join(", ".join(map(short, names)) for names in inputs)
                values = {"inputs": (list(inputs[0]), list(inputs[1]))}
                found.append(Difference("restructured", part_name(right), f"with inputs {said}", places, values=values))
        return found

    def extracted(self, side: int) -> list[Difference]:
        """Parts on one side only whose layers are on both: on the side after they are extracted, else written out."""
        view, found = self.sides[side], []
        inside: dict[str, list[Item]] = {}
        for item in view.items:
            inside.setdefault(item.part, []).append(item)
        for name in view.parts:
            items = self.within(view, name)
            kept = [item for item in items if self.sites.partner(item) is not None]
            if name in self.known[side] or not items or 2 * len(kept) <= len(items):
                continue
            frames = {f.index for item in items for f in item.frames if self.part_used(view, f.path) == name}
            uses = f", {many(len(frames), 'use')} of {many(len(items) // max(len(frames), 1), 'layer')}"
            where = place(view, name)
            marks = tuple(item.index for item in items)
            found.append(
                Difference(
                    "restructured",
                    part_name(name),
                    f"{EXTRACTED[side]}{uses}",
                    (where, None) if side == 0 else (None, where),
                    marks=(marks, ()) if side == 0 else ((), marks),
                )
            )
        return found

    def within(self, view: View, part: str) -> list[Item]:
        """The layers of a part, those of what it uses among them."""
        return [item for item in view.items if any(self.part_used(view, f.path) == part for f in item.frames)]

    def part_used(self, view: View, path: str) -> str | None:
        """The part that a call uses."""
        call = view.calls.get(path)
        return f"{call.kind}s.{call.op}" if call is not None and call.kind in ("block", "model") else None

    def used(self, side: int) -> list[Difference]:
        """Uses of a known part in place of layers that were written out, or the reverse."""
        view, found = self.sides[side], {}
        matched = self.sites.frames if side == 0 else self.sites.frames_back
        for frame in view.info.frames:
            part = self.part_used(view, frame.path)
            if part is None or frame.index in matched or part not in self.known[side]:
                continue
            items = [item for item in view.items if frame in item.frames]
            if not items or any(self.sites.partner(item) is None for item in items):
                continue
            if any(f.index not in matched and f is not frame for f in view.around(frame.parent)):
                continue
            where = place(view, frame.path)
            verb = "written out" if side == 0 else f"now a use of {part_name(part)}"
            found[frame.path] = Difference(
                "restructured",
                call_name(view, frame.path),
                verb,
                (where, None) if side == 0 else (None, where),
            )
        return list(found.values())

    def idle(self) -> list[Difference]:
        """Calls on one side only, in parts that are on both, that made no layer."""
        found = []
        used = {part_of(path) for turns in self.sites.turns for path in turns}
        for side, (view, calls) in enumerate(zip(self.sides, (self.sites.calls, self.sites.calls_back), strict=True)):
            for path, call in view.calls.items():
                if path in calls or path in self.sites.turns[side] or part_of(path) not in self.known[side] & used:
                    continue
                if call.op == "Input":  # A sub-model that was a block has got one.
                    continue
                where = place(view, path)
                text = f"{'added' if side else 'removed'}, which gives no layer that an output needs"
                places = (None, where) if side else (where, None)
                found.append(Difference("restructured", call_name(view, path), text, places))
        return found

    def together(self) -> list[Difference]:
        """Calls of which several are one on the other side."""
        found = []
        for side in (0, 1):
            mates: dict[str, Counter[str]] = {}
            for pair, number in self.sites.votes.items():
                known = self.sites.parts.get(part_of(pair[0])) == part_of(pair[1])
                paired = self.sites.calls.get(pair[0]) == pair[1]
                if known and not paired and pair[1 - side] in self.sides[1 - side].calls:
                    mates.setdefault(pair[side], Counter())[pair[1 - side]] = number
            for path, others in sorted(mates.items()):
                if len(others) < 2 or path not in self.sides[side].calls:
                    continue
                order = sorted(others, key=lambda each: place(self.sides[1 - side], each).line)
                ends = (place(self.sides[side], path), place(self.sides[1 - side], order[0]))
                calls: tuple[Any, Any] = (path, order) if side == 0 else (order, path)
                found.append(
                    Difference(
                        "restructured",
                        call_name(self.sides[side], path),
                        (
                            f"now one call in place of {len(others)}"
                            if side
                            else f"now {len(others)} calls in place of one"
                        ),
                        ends if side == 0 else (ends[1], ends[0]),
                        values={"calls": calls},
                    )
                )
        return found
