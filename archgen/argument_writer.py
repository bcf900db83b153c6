"""Arguments of a spec -> Python source: expressions stay expressions, objects become calls."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from archgen.expressions import Expression
from archgen.layers.base import Declared, Field, known
from archgen.layers.imported import OBJECTS, FreeForm
from archgen.layers.kinds import Kind, ListOf, Made, Object, OneOf, WrappedLayer
from archgen.literals import literal, same
from archgen.program import Value

LONG_TABLE = 60
"""From this many characters on, a table whose entries come in runs is written as the runs."""


class ArgumentWriter:
    """Writes the arguments of one function's calls; ``names`` are its variables for what expressions read."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def words(
        self, declared: type[Declared], arguments: Mapping[str, Value], loop: Mapping[str, str] | None = None
    ) -> list[str]:
        """Arguments in the order of the fields, without those that equal their default.

        ``loop`` are arguments that a loop variable gives.
        """
        loop = loop or {}
        required = [name for name, field in declared.fields.items() if field.required]
        count = declared.positional if declared.positional is not None else len(required)
        leading = set(list(declared.fields)[:count])
        words: list[str] = []
        for name, field in declared.fields.items():
            if name in loop:
                text = loop[name]
            elif name in arguments and not is_default(arguments[name], field):
                text = self.value(arguments[name], field.kind)
            else:
                leading = set()
                continue
            words.append(text if name in leading else f"{name}={text}")
        return words

    def value(self, value: Value, kind: Kind | None = None) -> str:
        """A value as Python source."""
        match value:
            case Expression():
                text = value.source(self.names)
                return f"tuple({text})" if gives_range(value.tree) else text
            case Object():
                return self.object(value, kind)
            case list():
                item = kind.item if isinstance(kind, ListOf) else kind if isinstance(kind, FreeForm) else None
                items = [self.value(each, item) for each in value]
                if kind is not None and not kind.tuples:
                    return f"[{', '.join(items)}]"
                return f"({', '.join(items)}{',' * (len(items) == 1)})"
            case dict():
                items = [f"{literal(key)}: {self.value(each, kind)}" for key, each in value.items()]
                return f"{{{', '.join(items)}}}"
        return literal(value)

    def object(self, value: Object, kind: Kind | None) -> str:
        """The call that makes an object."""
        declared = _declared(value, kind)
        module = getattr(declared, "module", "layers")
        return f"{module}.{value.op}({', '.join(self.words(declared, value.arguments))})"

    def table(self, value: Value, kind: Kind | None) -> str:
        """The list that a loop runs over; a long one whose entries come in runs is written ``(64,) * 3 + (8,) * 4``."""
        if isinstance(value, Expression):
            return value.source(self.names)
        plain = self.value(value, kind)
        if len(plain) < LONG_TABLE or not isinstance(value, list) or not all(isinstance(v, (int, str)) for v in value):
            return plain
        runs = [(items[0], len(items)) for items in (list(group) for _, group in groupby(value, key=repr))]
        short = " + ".join(f"({literal(item)},)" + (f" * {count}" if count > 1 else "") for item, count in runs)
        return short if len(short) < len(plain) else plain


def _declared(value: Object, kind: Kind | None) -> type[Declared]:
    """The declaration behind an object, found by the roles that the argument takes."""
    for each in kind.kinds if isinstance(kind, OneOf) else [kind]:
        each = each.item if isinstance(each, ListOf) else each
        roles: tuple[str, ...] = ("layer",) if isinstance(each, WrappedLayer) else ()
        roles = each.roles if isinstance(each, Made) else OBJECTS if isinstance(each, FreeForm) else roles
        for role in roles:
            if value.op in known(role):
                return known(role)[value.op]
    return known("layer")[value.op]


def is_default(value: Value, field: Field) -> bool:
    """Whether a constant is what the op takes anyway."""
    return not field.required and is_plain(value) and same(field.kind.coerce(value), field.value)


def is_plain(value: Value) -> bool:
    """Whether a value holds neither expressions nor objects."""
    if isinstance(value, list):
        return all(map(is_plain, value))
    return not isinstance(value, (Expression, Object))


def gives_range(tree: ast.expr) -> bool:
    """Whether an expression may give a ``range``, which stands for a list of numbers."""
    match tree:
        case ast.Call(func=ast.Name(id="range")):
            return True
        case ast.IfExp(body=body, orelse=other):
            return gives_range(body) or gives_range(other)
        case ast.BoolOp(values=values):
            return any(map(gives_range, values))
    return False


def default(value: Any) -> str:
    """The default of a parameter; a list becomes a tuple, since a default is shared by all calls."""
    return literal(tuple(value) if isinstance(value, list) else value)
