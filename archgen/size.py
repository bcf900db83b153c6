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

    Conditions count as true, so the reckoning is never too low; what cannot be known without shapes counts once.
    """
    reckoner = _Reckoner(program, limit)
    parts = [program.main] if program.main else []
    for part in [*parts, *program.models.values()]:
        size, call = reckoner.part(part, {**program.params, **part.params})
        if size > limit and call is not None:
            return program.source.problem(
                "too-large",
                f"the graph would have {size:,} nodes, the limit is {limit:,}",
                (*call.path, "repeat") if call.repeat else call.path,
                hint="repeat less often",
            )
    return None


class _Reckoner:
    def __init__(self, program: Program, limit: int) -> None:
        self.program, self.limit = program, limit
        self.known: dict[tuple[str, str], int] = {}

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
            return len(self.turns(call, scope)) * self.inside(part, {**self.program.params, **part.params})
        part = self.program.blocks[call.op]
        given = {name: _value(value, scope) for name, value in call.arguments.items()}
        total, turns = 0, self.turns(call, scope)
        if turns and not isinstance(turns, range):
            for added in turns:
                total += self.inside(part, {**self.program.params, **part.params, **given, **added})
            return total
        return len(turns) * self.inside(part, {**self.program.params, **part.params, **given})

    def inside(self, part: Part, scope: dict[str, Any]) -> int:
        fingerprint = (part.name, repr(scope))
        if fingerprint not in self.known:
            self.known[fingerprint] = self.part(part, scope)[0]
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
