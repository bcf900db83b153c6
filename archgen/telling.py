"""The problems of an expansion, each told once, however many uses and repetitions lead to it."""

from __future__ import annotations

from typing import Any

from archgen.errors import LayerError, Problem
from archgen.expressions import ExpressionError
from archgen.layers.base import LayerErrors
from archgen.layers.imported import OUTPUT
from archgen.program import Call, Program, expressions
from archgen.source import Path, show_path
from archgen.steps import Step

Trail = tuple[str, ...]


class Teller:
    """Collects problems."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.problems: list[Problem] = []
        self.told: set[tuple[Any, ...]] = set()

    def tell(self, code: str, message: str, path: Path, trail: Trail, **more: Any) -> None:
        """Note a problem; ``trail`` says through which uses and repetitions it was reached."""
        fingerprint = (code, path, message)
        if fingerprint not in self.told:
            self.told.add(fingerprint)
            self.problems.append(self.program.source.problem(code, message, path, trail=trail, **more))

    def tell_expression(self, error: ExpressionError, path: Path, trail: Trail) -> None:
        """Note what is wrong with an expression."""
        self.tell(error.code, error.message, path, trail, hint=error.hint)

    def refuse(self, error: LayerError, step: Step, trail: Trail) -> None:
        """Tell what a declaration refused: arguments, or the tensors that it was given."""
        call = step.call
        for each in error.errors if isinstance(error, LayerErrors) else [error]:
            path: Path = call.path
            if each.param:
                inside = each.param[0] in step.added
                path = (*call.path, "repeat", each.param[0], step.turn - 1) if inside else (*call.path, *each.param)
            message = each.message
            if each.code == "bad-argument" and each.param:
                message = f'"{show_path(each.param)}": {message}'
            details = each.details
            if not details and len(step.tensors) > 1:
                shapes = (str(port.tensor) for port in step.tensors)
                details = tuple(dict.fromkeys(zip(step.read(), shapes, strict=True)))
            if each.param and each.code in ("shape-mismatch", "unknown-dimension", "dtype-mismatch"):
                given = (*call.arguments, *([OUTPUT] if call.gives else []))
                path = path if each.param[0] in given else call.path
            hint = step.names_inputs(each.hint) if each.hint else None
            if each.param and "/" in getattr(_written(call, each.param), "text", "").replace("//", ""):
                hint = "write // in place of /, to divide to a whole number" if each.code == "bad-argument" else hint
            self.tell(each.code, message, path, (*step.says(), *trail), hint=hint, details=details)


def _written(call: Call, param: tuple[str | int, ...]) -> Any:
    """What stands in the spec for an argument, or for an entry of what an imported layer gives."""
    if call.gives is not None and param[0] == OUTPUT:
        return next((each for path, each in expressions(call.gives.value) if path == param[1:]), None)
    return call.arguments.get(str(param[0]))
