"""The arguments of one node: names, values and scope; what needs no shapes is checked here, once per node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from archgen.errors import LayerError, did_you_mean
from archgen.expressions import Expression
from archgen.layers.base import LayerErrors
from archgen.layers.imported import OUTPUT
from archgen.layers.kinds import show
from archgen.program import Call, Part, Program, Value, expressions
from archgen.source import Path
from archgen.values import ValueReader

WORDS = ("op", "id", "from", "call", "repeat", "when")

SYNONYMS = {
    "name": "id",
    "input": "from",
    "inputs": "from",
    "type": "op",
    "layer": "op",
    "class_name": "op",
    "if": "when",
    "times": "repeat",
}
"""What other formats call the words of a node."""


class ArgumentReader:
    """Reads the arguments of the nodes of one part."""

    def __init__(self, program: Program, part: Part, values: ValueReader) -> None:
        self.program, self.part, self.values = program, part, values
        self.mistake = values.mistake

    def read(self, node: dict[str, Any], call: Call) -> None:
        """The arguments of a node, and what its ``repeat`` adds."""
        words = (*WORDS, OUTPUT) if call.declared is not None and call.declared.imported else WORDS
        given = {key: value for key, value in node.items() if key not in words}
        repeated = call.repeat.lists if call.repeat else {}
        for name in repeated:
            if name in given:
                message, path = f'"{name}" stands in "repeat" too', (*call.path, name)
                self.mistake("duplicate-key", message, path, key=True, hint="keep one of them")
        if call.kind in ("again", "model"):
            self.no_arguments(call, given, repeated)
            return
        call.arguments = {name: self.values.read(value, (*call.path, name)) for name, value in given.items()}
        waiting = {name for name, value in call.arguments.items() if self.scope(value, (*call.path, name))}
        if call.kind == "block":
            self.block_arguments(call, [*given, *repeated])
            return
        self.layer_arguments(call, waiting, repeated)

    def no_arguments(self, call: Call, given: Mapping[str, Any], repeated: Mapping[str, Any]) -> None:
        """A model and a layer that is there already are not made anew."""
        if call.kind == "again":
            message = f"calling the layer '{call.op}' again takes no arguments"
            hint = "take it out: its arguments stand where it is made"
        else:
            message = f"the model '{call.op}' is one instance and takes no arguments"
            hint = 'take it out, and write "params": {%s} into the model, or make that a block'
        for name, value in given.items():
            said = hint.replace("%s", f'"{name}": {show(value)}')
            self.mistake("unknown-argument", message, (*call.path, name), key=True, hint=self.word(name) or said)
        for name in repeated:
            path = (*call.path, "repeat", name)
            self.mistake("unknown-argument", message, path, key=True, hint='a count repeats it: "repeat": 3')

    def word(self, name: str) -> str | None:
        """The hint for an argument that was meant as a word of the node."""
        meant = SYNONYMS.get(name)
        return f'did you mean "{meant}"?' if meant else did_you_mean(name, WORDS)

    def block_arguments(self, call: Call, names: list[str]) -> None:
        params = self.program.blocks[call.op].params
        for name in names:
            if name not in params:
                hint = did_you_mean(name, params) or self.word(name)
                hint = hint or (f"its parameters: {', '.join(params)}" if params else "it takes no parameters")
                message = f"the block '{call.op}' has no parameter \"{name}\""
                self.mistake("unknown-argument", message, self.where(call, name), key=True, hint=hint)

    def where(self, call: Call, name: str) -> Path:
        """Where an argument stands: on the node, or in its repeat."""
        if name in call.arguments or not call.repeat or name not in call.repeat.lists:
            return (*call.path, name)
        return (*call.path, "repeat", name)

    def layer_arguments(self, call: Call, waiting: set[str], repeated: dict[str, Any]) -> None:
        """Check what stands there as a constant; the rest is checked when its value is known."""
        declared = call.declared
        assert declared is not None
        if not waiting and not repeated:
            with self.refusals(call, call.path):
                call.ready = declared.create(call.arguments)
            return
        for error in declared.mistakes_in_names({**call.arguments, **repeated}):
            self.refuse(error, call, call.path)
        for name in (*(name for name in call.arguments if name in waiting), *repeated):
            if name in declared.fields and declared.fields[name].kind.written_out:
                message = f'"{name}" is written out, not an expression or a repetition'
                hint = f'write it as it is, as in "{name}": {declared.fields[name].kind.example()}'
                self.mistake("bad-argument", message, self.where(call, name), hint=hint)
        for name, value in call.arguments.items():
            if name in declared.fields and name not in waiting:
                with self.refusals(call, (*call.path, name)):
                    declared.fields[name].kind.coerce(value)
        for name, values in repeated.items():
            if name not in declared.fields or isinstance(values, Expression):
                continue
            for index, value in enumerate(values):
                if not any(True for _ in expressions(value)):
                    with self.refusals(call, (*call.path, "repeat", name, index)):
                        declared.fields[name].kind.coerce(value)

    def refusals(self, call: Call, path: Path) -> Refusals:
        """Inside it, what a declaration refuses becomes problems at a path."""
        return Refusals(lambda error: self.refuse(error, call, path))

    def refuse(self, error: LayerError, call: Call, path: Path) -> None:
        """Tell what a declaration refused, at the argument that it names."""
        for each in error.errors if isinstance(error, LayerErrors) else [error]:
            place = (*path, *each.param)
            if call.repeat and path == call.path and each.param and each.param[0] in call.repeat.lists:
                place = (*call.path, "repeat", *each.param)
            hint = each.hint
            if each.code == "unknown-argument" and len(each.param) == 1:
                name = str(each.param[0])
                fields = call.declared.fields if call.declared else ()
                hint = did_you_mean(name, fields) or (self.word(name) if place[-2] != "repeat" else None) or hint
            message = each.message
            if each.code == "unknown-op" and self.written(place) in self.program.imports:
                hint = f'make it a node of its own: {{"op": {show(self.written(place))}, "output": "same"}}'
            if each.code == "bad-argument" and place[len(call.path) :]:
                message = f"{_argument(place[len(call.path):])}: {message}"
            named = each.code == "unknown-argument"
            self.mistake(each.code, message, place, key=named, hint=hint, details=each.details)

    def written(self, path: Path) -> str | None:
        """The text that stands at a path of the file."""
        value = self.program.source.value
        for key in path:
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return None
        return value if isinstance(value, str) else None

    def scope(self, value: Value, path: Path) -> bool:
        """Whether a value holds an expression; names that are not in scope are told of."""
        found = False
        for below, expression in expressions(value):
            found = True
            for name in expression.names:
                self.name(name, expression, (*path, *below))
        return found

    def name(self, name: str, expression: Expression, here: Path) -> None:
        """Tell of a name in an expression that is not in scope."""
        part = self.part
        if name in self.values.lost:
            return
        if name in part.inputs:
            if name not in expression.shapes:
                hint = f"write {name}.shape[-1] for its last dimension"
                self.mistake("bad-expression", f'"{name}" is a tensor', here, hint=hint)
        elif name in expression.shapes:
            hint = (
                f"its inputs: {', '.join(part.inputs)}" if part.inputs else f"write a number in place of {name}.shape"
            )
            message = f'only a block\'s input can be asked for its shape, and "{name}" is none'
            self.mistake("unknown-name", message, here, hint=hint)
        elif name not in part.params and name not in self.program.params:
            shapes = [f"{each}.shape" for each in part.inputs]
            self.values.unknown_name(name, here, [*part.params, *self.program.params, *shapes])


class Refusals:
    """Turns a ``LayerError`` raised inside a ``with`` into problems."""

    def __init__(self, tell: Callable[[LayerError], None]) -> None:
        self.tell = tell

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> bool:
        if isinstance(error, LayerError):
            self.tell(error)
            return True
        return False


def _argument(path: Path) -> str:
    """An argument as a message names it: ``"kernel_size"``, ``"layer.units"``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return f'"{text}"'
