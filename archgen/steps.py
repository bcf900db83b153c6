"""One application of a node, and the turns of a repeated one."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from archgen.builder import Port
from archgen.errors import LayerError
from archgen.expressions import ExpressionError
from archgen.program import Call, evaluate
from archgen.source import show_path


@dataclass(slots=True)
class Step:
    """One application of a node: the turn, the arguments it adds, and what it reads."""

    call: Call
    label: str
    turn: int
    turns: int
    """How many turns there are; 0 for a node without ``repeat``."""
    added: dict[str, Any]
    """The arguments that the turn adds."""
    inputs: list[Port]
    keywords: dict[str, list[Port]]
    values: dict[str, Any] = field(default_factory=dict)
    """All arguments, once they are evaluated."""

    @property
    def tensors(self) -> list[Port]:
        """Everything it reads."""
        return [*self.inputs, *(port for ports in self.keywords.values() for port in ports)]

    def read(self) -> list[str]:
        """What everything it reads is called."""
        return [reference.text for reference in self.call.sources.all()]

    def names_inputs(self, hint: str) -> str:
        """A declaration's hint, which knows inputs by their shapes, with the author's names for them."""
        shapes = [str(port.tensor) for port in self.tensors]
        for shape, label in zip(shapes, self.read(), strict=True):
            if shapes.count(shape) == 1:
                hint = hint.replace(f"the {shape} input", f"'{label}'")
        return hint

    def edges(self) -> Iterator[tuple[Port, str | int]]:
        """Everything it reads, with the call argument or the position."""
        yield from ((port, position) for position, port in enumerate(self.inputs))
        yield from ((port, name) for name, ports in self.keywords.items() for port in ports)

    def named(self, names: tuple[str, ...]) -> dict[str, Port]:
        """What it reads by name, ``names`` being those of what is given by position."""
        bound = dict(zip(names, self.inputs, strict=False))
        bound.update({name: ports[0] for name, ports in self.keywords.items()})
        return bound

    def follows(self, port: Port) -> None:
        """Read, in place of the first, what the turn before gave."""
        if self.inputs:
            self.inputs = [port, *self.inputs[1:]]
        else:
            first = next(iter(self.keywords))
            self.keywords = {**self.keywords, first: [port, *self.keywords[first][1:]]}

    def says(self) -> tuple[str, ...]:
        """Which repetition this is, if it is one."""
        if not self.turns:
            return ()
        arguments = ", ".join(f"{name}={reprlib.repr(value)}" for name, value in self.added.items())
        return (f"repetition {self.turn} of {self.turns}" + (f" ({arguments})" if arguments else ""),)

    def trail(self) -> tuple[str, ...]:
        """How what is inside the block or model was reached."""
        use = f"used by {show_path(self.call.path)}" + (f" '{self.call.id}'" if self.call.id else "")
        if self.turns:
            return (use, *self.says())
        arguments = ", ".join(f"{name}={reprlib.repr(value)}" for name, value in self.values.items())
        return (f"{use} ({arguments})" if arguments else use,)


def turns_of(call: Call, scope: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
    """The arguments that each application of a node adds; a count past ``limit`` is cut just above it.

    Raises ``LayerError`` at the word ``repeat``, or at one of its lists.
    """
    if call.repeat is None:
        return [{}]
    try:
        if not call.repeat.lists:
            return [{}] * min(_count(evaluate(call.repeat.count, scope)), limit + 1)
        lists = {name: evaluate(items, scope) for name, items in call.repeat.lists.items()}
    except ExpressionError as error:
        raise LayerError(error.message, param="repeat", code=error.code, hint=error.hint) from None
    for name, items in lists.items():
        if not isinstance(items, list):
            raise LayerError(
                f'"{name}" repeats over a list, found {items!r:.40}', param=("repeat", name), code="wrong-type"
            )
    lengths = {name: len(items) for name, items in lists.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f'"{name}" {length}' for name, length in lengths.items())
        raise LayerError(
            f"the lists differ in length: {found}", param="repeat", code="repeat-lengths", hint="one entry each"
        )
    return [dict(zip(lists, items, strict=True)) for items in zip(*lists.values(), strict=True)]


def _count(count: Any) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        message = f"a repeat count is a whole number of 0 or more, found {count!r:.40}"
        raise LayerError(message, param="repeat", code="wrong-type")
    return count
