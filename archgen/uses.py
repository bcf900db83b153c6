"""Which blocks and models use which: none itself, none too deep, and what each needs from outside."""

from __future__ import annotations

from collections.abc import Iterator

from archgen.program import Call, Part, Program, expressions_of
from archgen.values import ValueReader

DEEPEST = 50
"""How deep blocks and models may be nested."""


def settle_uses(program: Program, values: ValueReader) -> None:
    """Tell of parts that use themselves or are nested too deep; gather what each captures and which models it calls.

    A use that closes a circle is cut: it becomes a broken node of no kind, so that whoever walks the parts comes to
    an end.
    """
    depths: dict[str, int] = {}
    for part in _ordered(program, values):
        used = [program.part(call) for call in _uses(part)]
        depths[part.name] = 1 + max((depths[each.name] for each in used), default=0)
        if depths[part.name] == DEEPEST + 1 and part.kind != "main":
            message = f"blocks and models are nested more than {DEEPEST} deep"
            values.mistake("too-deep", message, part.path, key=True, hint="use fewer levels, or repeat a block")
        names = {name for call in part.nodes for expression in expressions_of(call) for name in expression.names}
        names -= {*part.params, *part.inputs}
        names.update(*(each.captures for each in used))
        part.captures = tuple(name for name in program.params if name in names)
        models = {each.name for each in used if each.kind == "model"}
        models.update(*(each.models for each in used if each.kind == "block"))
        part.models = tuple(name for name in program.models if name in models)


def _uses(part: Part) -> Iterator[Call]:
    return (call for call in part.nodes if call.kind in ("block", "model"))


def _ordered(program: Program, values: ValueReader) -> list[Part]:
    """Every part after those that it uses; walked without recursion, for a file may nest thousands."""
    done: dict[str, Part] = {}
    for root in [*program.blocks.values(), *program.models.values()]:
        if root.name in done:
            continue
        trail = [root.name]
        waiting = [(root, _uses(root))]
        while waiting:
            part, calls = waiting[-1]
            call = next(calls, None)
            if call is None:
                done[part.name] = part
                waiting.pop()
                trail.pop()
            elif call.op in trail:
                _cut(call, trail, values)
            elif call.op not in done:
                used = program.part(call)
                trail.append(used.name)
                waiting.append((used, _uses(used)))
    return [*done.values(), *([program.main] if program.main else [])]


def _cut(call: Call, trail: list[str], values: ValueReader) -> None:
    circle = [*trail[trail.index(call.op) :], call.op]
    shown = " -> ".join(circle if len(circle) <= 6 else [*circle[:3], "...", *circle[-2:]])
    message = f'"{call.op}" uses itself: {shown}'
    values.mistake("recursion", message, (*call.path, "op"), hint="take one of these uses out")
    call.kind, call.broken = "layer", True
