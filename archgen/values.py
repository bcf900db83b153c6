"""JSON values -> values of a program: strings that start with ``$`` become expressions, objects with ``op`` objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from archgen.errors import Problem, did_you_mean
from archgen.expressions import Expression, ExpressionError, parse
from archgen.layers.kinds import Object
from archgen.program import Value
from archgen.source import Path, Source


class ValueReader:
    """Reads values of one source; mistakes go to ``problems``. A value that cannot be read becomes ``BROKEN``."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems

    def read(self, value: Any, path: Path) -> Value:
        """A JSON value as a value of the program."""
        match value:
            case str() if value.startswith("$$"):
                return value[1:]
            case str() if value.startswith("$"):
                return self.expression(value[1:], path)
            case list():
                return [self.read(item, (*path, index)) for index, item in enumerate(value)]
            case dict() if "op" in value:
                return self.object(value, path)
            case dict():
                return {key: self.read(item, (*path, key)) for key, item in value.items()}
        return value

    def expression(self, text: str, path: Path) -> Expression | None:
        """Parse an expression; ``None`` where it cannot be read."""
        try:
            return parse(text)
        except ExpressionError as error:
            self.problems.append(self.source.problem(error.code, error.message, path, hint=error.hint))
            return None

    def object(self, value: Mapping[str, Any], path: Path) -> Object:
        op = value["op"]
        if not isinstance(op, str):
            self.problems.append(self.source.problem("wrong-type", '"op" is a string', (*path, "op")))
            op = ""
        return Object(op, {key: self.read(item, (*path, key)) for key, item in value.items() if key != "op"})

    def unknown_name(self, name: str, path: Path, known: Iterable[str]) -> None:
        """Tell of a name in an expression that is not in scope."""
        names = list(known)
        constants = {"true": "True", "false": "False", "null": "None"}
        if name in constants:
            hint = f"an expression writes {constants[name]}"
        else:
            hint = did_you_mean(name, names) or (f"in scope: {', '.join(names)}" if names else 'declare it in "params"')
        self.problems.append(
            self.source.problem("unknown-name", f'there is no parameter "{name}" here', path, hint=hint)
        )
