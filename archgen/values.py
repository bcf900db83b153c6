"""JSON values -> values of a program: strings that start with ``$`` become expressions, objects with ``op`` objects."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Any

from archgen.errors import Problem, did_you_mean
from archgen.expressions import Expression, ExpressionError, parse
from archgen.layers.kinds import Object, show
from archgen.program import Value
from archgen.source import Path, Source

UNREADABLE = Expression("", ast.Constant(None), (), ())
"""Stands for an expression that could not be read: it waits to be evaluated, and what waits for it is broken."""


class ValueReader:
    """Reads values of one source; mistakes go to ``problems``."""

    def __init__(self, source: Source, problems: list[Problem], lost: set[str]) -> None:
        self.source = source
        self.problems = problems
        self.lost = lost
        """Names that could not be read (``Program.lost``): who uses them is silent."""
        self.blind = False
        """Whether all the parameters of a part could not be read."""

    def mistake(self, code: str, message: str, path: Path, **more: Any) -> None:
        """Note a problem at a path; ``more`` as ``Source.problem`` takes it."""
        self.problems.append(self.source.problem(code, message, path, **more))

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

    def expression(self, text: str, path: Path) -> Expression:
        """Parse an expression; ``UNREADABLE`` where that fails."""
        try:
            return parse(text)
        except ExpressionError as error:
            if self.lost.isdisjoint(re.findall(r"\w+", text)):
                self.mistake(error.code, error.message, path, hint=error.hint)
            return UNREADABLE

    def object(self, value: Mapping[str, Any], path: Path) -> Object | Expression:
        """Something to build; ``UNREADABLE`` without a name of what."""
        op = value["op"]
        if not isinstance(op, str):
            self.mistake("wrong-type", f'"op" is the name of what to build, found {show(op)}', (*path, "op"))
            return UNREADABLE
        return Object(op, {key: self.read(item, (*path, key)) for key, item in value.items() if key != "op"})

    def unknown_name(self, name: str, path: Path, known: Iterable[str]) -> None:
        """Tell of a name in an expression that is not in scope."""
        if self.blind or name in self.lost:
            self.lost.add(name)
            return
        names = list(dict.fromkeys(known))
        constants = {"true": "True", "false": "False", "null": "None"}
        if name in constants:
            hint = f"an expression writes {constants[name]}"
        else:
            hint = did_you_mean(name, names) or (f"in scope: {', '.join(names)}" if names else 'declare it in "params"')
        self.mistake("unknown-name", f'there is no parameter "{name}" here', path, hint=hint)
