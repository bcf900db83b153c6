"""Checked values -> Python source. Nothing from a spec reaches generated code by another way."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from textwrap import wrap
from typing import Any

from archgen.layers.base import Declared

ALWAYS_WRITTEN = ("learning_rate",)
"""Arguments that code names even where they equal their default: what a reader looks for first."""


def literal(value: Any) -> str:
    """The Python literal of a value, in ASCII; raises ``TypeError`` or ``ValueError`` for what has none.

    >>> literal((3,)), literal({"a": [1, None]}), literal("é")
    ('(3,)', "{'a': [1, None]}", "'\\\\xe9'")
    """
    if value is None or isinstance(value, bool):
        return repr(value)
    if isinstance(value, str):
        return ascii(str(value))
    if isinstance(value, int):
        return repr(int(value))
    if isinstance(value, float):
        if not isfinite(value):
            raise ValueError(f"{value} has no Python literal")
        return repr(float(value))
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' * (len(value) == 1)})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{literal(key)}: {literal(item)}' for key, item in value.items())}}}"
    raise TypeError(f"{type(value).__name__} has no Python literal")


def source_of(value: Any) -> str:
    """The Python source of an argument: a literal, or a call that builds an object.

    >>> from archgen.layers.objects.optimizers import Adam
    >>> source_of(Adam(learning_rate=0.01, beta_1=0.5)), source_of(["adam", 3])
    ('keras.optimizers.Adam(learning_rate=0.01, beta_1=0.5)', "['adam', 3]")
    """
    if isinstance(value, Declared):
        return call_of(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(source_of, value))}{',' * (len(value) == 1)})"
    if isinstance(value, list):
        return f"[{', '.join(map(source_of, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{literal(key)}: {source_of(item)}' for key, item in value.items())}}}"
    return literal(value)


def call_of(declared: Declared, sources: Mapping[str, str] | None = None) -> str:
    """The call that builds an object that has a public Keras module; what equals its default is left out.

    ``sources`` are arguments whose source is something else than their literal.
    """
    required = [name for name, field in declared.fields.items() if field.required]
    given = {
        name: source_of(getattr(declared, name))
        for name, field in declared.fields.items()
        if field.required or name in ALWAYS_WRITTEN or not same(getattr(declared, name), field.value)
    }
    given.update({name: text for name, text in (sources or {}).items() if name in given})
    positional = declared.positional if declared.positional is not None else int(len(required) == 1)
    leading = list(declared.fields)[:positional]
    words = [text if name in leading else f"{name}={text}" for name, text in given.items()]
    return f"{getattr(declared, 'module', 'keras.layers')}.{declared.op}({', '.join(words)})"


def same(value: Any, default: Any) -> bool:
    """Whether a value is its default; ``True`` is not ``1``, and a list equals the tuple of the same items."""
    if isinstance(value, (list, tuple)) and isinstance(default, (list, tuple)):
        return len(value) == len(default) and all(map(same, value, default))
    return isinstance(value, bool) == isinstance(default, bool) and bool(value == default)


def prose(text: str, width: int = 84) -> list[str]:
    """Text as lines of a docstring: wrapped, paragraphs apart, and nothing in it that could end the docstring.

    >>> prose("one  two\\n\\nthree")
    ['one two', '', 'three']
    """
    paragraphs = [" ".join(part.split()) for part in text.replace("\r\n", "\n").split("\n\n")]
    lines: list[str] = []
    for paragraph in filter(None, paragraphs):
        lines += [""] * bool(lines) + [escaped(line) for line in wrap(paragraph, width, break_on_hyphens=False)]
    return lines


def escaped(line: str) -> str:
    """One line of prose as it may stand between triple quotes: printable, without quotes or backslashes that act.

    >>> escaped('a"b'), escaped('say "x"'), escaped("tab\\t")
    ('a"b', 'say "x\\\\"', 'tab\\\\t')
    """
    text = "".join(char if char.isprintable() and char != "\\" else ascii(char)[1:-1] for char in line)
    text = text.replace('"""', r"\"\"\"")
    return text[:-1] + r"\"" if text.endswith('"') and not text.endswith(r"\"") else text
