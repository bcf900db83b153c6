"""How large a program would become, reckoned before it is expanded."""

from __future__ import annotations

from typing import Any

from archgen.errors import Problem
from archgen.expressions import ExpressionError
from archgen.program import Call, Part, Program, evaluate

LIMIT = 1_000_000
"""Nodes that a graph may have, unless the caller says otherwise."""


def check_size(program: Program, limit: int = LIMIT) -> Problem | None:
    """The problem that the graph would have more than ``limit`` nodes, if it would.

    Conditions count as true and an empty block as one node, so the reckoning is never too low; what cannot be known
    without shapes counts once.
    """
    reckoner = _Reckoner(program, limit)
    parts = [program.main] if program.main else []
    for part in [*parts, *program.models.values()]:
        size, call = reckoner.part(part, {**program.params, **part.params})
        if size > limit and call is not None:
            return too_large(program, call, size, limit)
    return None


def too_large(program: Program, call: Call, size: int, limit: int) -> Problem:
    """The problem that a node takes the graph past the limit."""
    return program.source.problem(
        "too-large",
        f"the graph would have {say(size)} nodes or more, the limit is {limit:,}",
        (*call.path, "repeat") if call.repeat else call.path,
        hint="repeat less often",
    )


class TooLarge(Exception):
    """A graph that grows past the limit after all, in a way that depends on its shapes."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def say(size: int) -> str:
    """A number of nodes, unless it is beyond counting."""
    return f"{size:,}" if size < 10**15 else f"10**{len(str(size)) - 1}"


class _Reckoner:
    def __init__(self, program: Program, limit: int) -> None:
        self.program, self.limit = program, limit
        self.known: dict[tuple[str, int, str], int] = {}
        self.seen: dict[str, int] = {}
        """Arguments as text, numbered: they can be long and stand in many keys."""

    def part(self, part: Part, scope: dict[str, Any]) -> tuple[int, Call | None]:
        """The size of a part, and the node that takes it past the limit."""
        total = 0
        for call in part.nodes:
            total += self.call(call, scope)
            if total > self.limit:
                return total, call
        return total, None

    def call(self, call: Call, scope: dict[str, Any]) -> int:
        if call.broken or call.kind in ("layer", "op", "again"):
            return len(self.turns(call, scope)) if call.repeat and not call.broken else 1
        if call.kind == "model":
            part = self.program.models[call.op]
            return len(self.turns(call, scope)) * self.inside(part, {}, (part.name, -1, ""))
        part = self.program.blocks[call.op]
        given = {name: _value(value, scope) for name, value in call.arguments.items()}
        shown, turns = self.seen.setdefault(repr(given), len(self.seen)), self.turns(call, scope)
        if isinstance(turns, range):
            return len(turns) * self.inside(part, given, (part.name, shown, ""))
        total = 0
        for added in turns:
            total += self.inside(part, {**given, **added}, (part.name, shown, repr(added)))
            if total > self.limit:
                break
        return total

    def inside(self, part: Part, given: dict[str, Any], fingerprint: tuple[str, int, str]) -> int:
        """The size of one use of a block or model with arguments, by which it is remembered."""
        if fingerprint not in self.known:
            scope = {**self.program.params, **part.params, **given}
            self.known[fingerprint] = max(1, self.part(part, scope)[0])
        return self.known[fingerprint]

    def turns(self, call: Call, scope: dict[str, Any]) -> range | list[dict[str, Any]]:
        if call.repeat is None:
            return range(1)
        if not call.repeat.lists:
            count = _value(call.repeat.count, scope)
            return range(min(count, 2**62)) if isinstance(count, int) and count >= 0 else range(1)
        lists = {name: _value(items, scope) for name, items in call.repeat.lists.items()}
        if not all(isinstance(items, list) for items in lists.values()):
            return range(1)
        return [dict(zip(lists, items, strict=False)) for items in zip(*lists.values(), strict=False)]


def _value(value: Any, scope: dict[str, Any]) -> Any:
    try:
        return evaluate(value, scope)
    except ExpressionError:
        return None
