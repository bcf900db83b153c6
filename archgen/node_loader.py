"""The nodes of one part: words, references, arguments. What needs no shapes is checked here, once per node."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, cast

from archgen.errors import LayerError, did_you_mean
from archgen.expressions import Expression
from archgen.layers import refused
from archgen.layers.base import LayerErrors, Operation, known
from archgen.names import is_identifier
from archgen.program import (
    Call,
    Outputs,
    Part,
    Program,
    Reference,
    Repeat,
    Sources,
    Value,
    expressions,
)
from archgen.source import Path
from archgen.values import ValueReader

WORDS = ("op", "id", "from", "call", "repeat", "when")

_REFERENCE = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(?:\[([0-9]{1,6})\])?")


class PartLoader:
    """Reads the nodes and outputs of a part into it."""

    def __init__(self, program: Program, part: Part, values: ValueReader) -> None:
        self.program, self.part, self.values = program, part, values
        self.source = program.source
        self.ids: dict[str, int] = {}

    def mistake(self, code: str, message: str, path: Path, **more: Any) -> None:
        self.program.problems.append(self.source.problem(code, message, path, **more))

    def load(self) -> None:
        definition = self.source.value
        for key in self.part.path:
            definition = definition[key]
        nodes, path = definition.get("nodes"), (*self.part.path, "nodes")
        if not isinstance(nodes, list) or not nodes:
            message = (
                '"nodes" is a list of one or more nodes'
                if "nodes" in definition
                else f'a {self.part.kind} needs "nodes"'
            )
            self.mistake("wrong-type", message, path if "nodes" in definition else self.part.path)
            self.part.broken = True
            return
        for index, node in enumerate(nodes):
            self.part.nodes.append(self.node(node, (*path, index), index))
        self.part.outputs = self.outputs(definition)
        if self.part.kind != "block" and not self.part.input_nodes:
            self.part.broken = True
            if not any(call.broken for call in self.part.nodes):
                self.mistake(
                    "no-input",
                    f"{self.describe()} has no Input",
                    path,
                    hint='start with {"op": "Input", "shape": [...]}',
                )

    def describe(self) -> str:
        return "the graph" if self.part.kind == "main" else f"the {self.part.kind} '{self.part.name}'"

    # One node

    def node(self, node: Any, path: Path, index: int) -> Call:
        call = Call(path, "", "layer", None, Sources(), broken=True)
        if not isinstance(node, dict):
            self.mistake("wrong-type", f'a node is an object with an "op", found {json.dumps(node)[:40]}', path)
            return call
        before = len(self.program.problems)
        op = node.get("op")
        if not isinstance(op, str) or not op:
            if "op" in node:
                self.mistake("wrong-type", '"op" is a string', (*path, "op"))
            else:
                self.mistake("missing-key", 'a node needs an "op"', path, hint='add "op": "Dense", or another op')
            self.enter(node, call, index)
            return call
        call.op = op
        resolved = self.resolve(op, call)
        resolving = len(self.program.problems)
        call.sources = self.sources(node, call, index)
        readable = len(self.program.problems) == resolving
        self.enter(node, call, index)
        if resolved:
            self.words(node, call)
            if readable:
                self.arity(call)
            self.arguments(node, call)
        call.broken = len(self.program.problems) > before
        return call

    def enter(self, node: dict[str, Any], call: Call, index: int) -> None:
        """Give the node its id."""
        name, path = node.get("id"), (*call.path, "id")
        if name is None:
            if "id" in node:
                self.mistake("bad-name", "an id is a Python identifier, found null", path, hint="leave the id out")
            return
        if not is_identifier(name):
            self.mistake(
                "bad-name",
                f"the id {json.dumps(name)[:60]} is not a Python identifier",
                path,
                hint="letters, digits and _, a letter first",
            )
        elif name in self.ids or name in self.part.inputs:
            first = f"nodes[{self.ids[name]}]" if name in self.ids else "an input of the block"
            self.mistake("duplicate-name", f'the id "{name}" is taken by {first}', path, hint="give it another id")
        elif name in self.part.params or name in self.program.params:
            self.mistake(
                "duplicate-name", f'"{name}" is the name of a parameter already', path, hint="give it another id"
            )
        else:
            call.id = name
            self.ids[name] = index

    def resolve(self, op: str, call: Call) -> bool:
        """Find out what the op is."""
        path = (*call.path, "op")
        if op.startswith("ops."):
            call.kind = "op"
            return self.declare(call, "op", op.removeprefix("ops."), path)
        if op[:1].isupper():
            return self.declare(call, "layer", op, path)
        if op in self.program.blocks:
            call.kind = "block"
            return True
        if op in self.program.models:
            call.kind = "model"
            return True
        if op in self.ids:
            return self.again(op, call, path)
        names = [
            *known("layer"),
            *(f"ops.{name}" for name in known("op")),
            *self.program.blocks,
            *self.program.models,
            *self.ids,
        ]
        hint = (
            did_you_mean(op, names)
            or "an op is a Keras layer, ops.<function>, a block, a model, or the id of an earlier layer"
        )
        self.mistake("unknown-op", f'there is no op "{op}"', path, hint=hint)
        return False

    def declare(self, call: Call, role: str, name: str, path: Path) -> bool:
        declared = known(role).get(name)
        if declared is not None:
            call.declared = cast("type[Operation]", declared)
            return True
        if role == "layer" and name in refused.LAYERS:
            self.mistake("refused-op", f"{name} cannot stand in a spec: {refused.LAYERS[name]}", path)
            return False
        what = "layer" if role == "layer" else "function of keras.ops"
        near = did_you_mean(name, known(role))
        hint = near.replace('"', '"ops.', 1) if near and role == "op" else near
        self.mistake(
            "unknown-op", f'there is no {what} "{call.op}"', path, hint=hint or "archgen layers lists what there is"
        )
        return False

    def again(self, op: str, call: Call, path: Path) -> bool:
        """A call of the layer of an earlier node."""
        target = self.part.nodes[self.ids[op]]
        call.kind, call.target = "again", self.ids[op]
        if target.kind == "again":
            call.target = target.target
        elif target.kind != "layer" or target.op == "Input":
            self.mistake("unknown-op", f'"{op}" is no layer that can be called again, it is {_article(target)}', path)
            return False
        if target.repeat or target.when:
            word = "repeat" if target.repeat else "when"
            self.mistake(
                "unknown-op", f'"{op}" has a "{word}", so it is not exactly one layer that could be called again', path
            )
            return False
        call.declared = target.declared
        return True

    def words(self, node: dict[str, Any], call: Call) -> None:
        """``call``, ``repeat`` and ``when``."""
        if "when" in node:
            call.when = self.when(node["when"], (*call.path, "when"))
        if "repeat" in node:
            call.repeat = self.repeat(node["repeat"], call, (*call.path, "repeat"))
        if "call" in node:
            self.options(node["call"], call, (*call.path, "call"))
        if call.op == "Input":
            for word in ("repeat", "when", "call", "from"):
                if word in node:
                    self.mistake(
                        "unknown-key", f'an Input takes no "{word}"', (*call.path, word), key=True, hint="take it out"
                    )
            if self.part.kind == "block":
                self.mistake(
                    "bad-input",
                    "a block has no Input, it is given its inputs",
                    call.path,
                    hint='name them in the block\'s "inputs"',
                )

    def when(self, value: Any, path: Path) -> Expression | None:
        if isinstance(value, bool):
            value = "True" if value else "False"
        if not isinstance(value, str):
            self.mistake("wrong-type", '"when" is an expression, in a string', path, hint='for example "strides > 1"')
            return None
        expression = self.values.expression(value.removeprefix("$"), path)
        self.scope(expression, path)
        return expression

    def repeat(self, value: Any, call: Call, path: Path) -> Repeat | None:
        match value:
            case bool() | float() | list() | None:
                pass
            case int() if value >= 0:
                return Repeat(count=value)
            case str() if value.startswith("$") and not value.startswith("$$"):
                expression = self.values.expression(value[1:], path)
                self.scope(expression, path)
                return Repeat(count=expression) if expression else None
            case dict() if value:
                return self.repeat_lists(value, call, path)
        self.mistake(
            "wrong-type",
            f'"repeat" is a count or an object argument -> list, found {json.dumps(value)[:40]}',
            path,
            hint='for example 3, "$depth" or {"filters": [64, 128]}',
        )
        return None

    def repeat_lists(self, value: dict[str, Any], call: Call, path: Path) -> Repeat | None:
        lists: dict[str, list[Value] | Expression] = {}
        length: tuple[str, int] | None = None
        for name, items in value.items():
            here = (*path, name)
            read = self.values.read(items, here)
            self.scope(read, here)
            if isinstance(read, list):
                if length and length[1] != len(read):
                    self.mistake(
                        "repeat-lengths",
                        f'"{name}" has {len(read)} entries and "{length[0]}" has {length[1]}',
                        here,
                        hint="one entry per application in each list",
                    )
                length = length or (name, len(read))
            elif not isinstance(read, Expression):
                self.mistake(
                    "wrong-type",
                    f'"{name}" repeats over a list, found {json.dumps(items)[:40]}',
                    here,
                    hint=f'"{name}": [..., ...]',
                )
                continue
            lists[name] = read
        return Repeat(lists=lists) if len(lists) == len(value) else None

    def options(self, value: Any, call: Call, path: Path) -> None:
        if not isinstance(value, dict):
            self.mistake("wrong-type", '"call" is an object call-argument -> constant', path)
            return
        if call.declared is None:
            self.mistake("unknown-key", f'a {call.kind} takes no "call"', path, key=True, hint="take it out")
            return
        for name, item in value.items():
            here = (*path, name)
            kind = call.declared.options.get(name)
            if kind is None:
                takes = ", ".join(call.declared.options) or "none"
                hint = did_you_mean(name, call.declared.options) or f"its call options: {takes}"
                self.mistake(
                    "unknown-argument", f'calling {call.op} takes no constant "{name}"', here, key=True, hint=hint
                )
                continue
            read = self.values.read(item, here)
            if self.scope(read, here):
                call.options[name] = read
                continue
            with self.refusals(call, here):
                call.options[name] = kind.coerce(read)

    # References

    def sources(self, node: dict[str, Any], call: Call, index: int) -> Sources:
        path = (*call.path, "from")
        if call.op == "Input":
            return Sources()
        if "from" not in node:
            return self.implied(call, index)
        value = node["from"]
        match value:
            case str():
                reference = self.reference(value, path)
                return Sources((reference,) if reference else ())
            case list():
                found = [self.reference(item, (*path, position)) for position, item in enumerate(value)]
                if not value:
                    self.mistake("wrong-type", '"from" is empty', path, hint="name what the node reads")
                return Sources(tuple(reference for reference in found if reference), listed=True)
            case dict() if value:
                return Sources(named=self.named(value, call, path))
        self.mistake("wrong-type", f'"from" is a reference, a list or an object, found {json.dumps(value)[:40]}', path)
        return Sources()

    def implied(self, call: Call, index: int) -> Sources:
        """The node before; at the start of a block its first input."""
        path = call.path
        if index:
            before = self.part.nodes[index - 1]
            return Sources((Reference(index - 1, 0, before.label or "the node before", path),), implied=True)
        if self.part.kind == "block":
            name = self.part.inputs[0]
            return Sources((Reference(name, 0, name, path),), implied=True)
        self.mistake(
            "no-input", f"'{call.label}' reads nothing", path, hint='start with {"op": "Input", "shape": [...]}'
        )
        return Sources()

    def named(self, value: dict[str, Any], call: Call, path: Path) -> dict[str, Reference | tuple[Reference, ...]]:
        known_names = self.call_names(call)
        named: dict[str, Reference | tuple[Reference, ...]] = {}
        for name, item in value.items():
            here = (*path, name)
            if known_names is not None and name not in known_names:
                hint = did_you_mean(name, known_names) or f"its call arguments: {', '.join(known_names) or 'none'}"
                self.mistake("unknown-argument", f'calling {call.op} takes no "{name}"', here, key=True, hint=hint)
            elif isinstance(item, list):
                found = [self.reference(each, (*here, position)) for position, each in enumerate(item)]
                named[name] = tuple(reference for reference in found if reference)
            elif reference := self.reference(item, here):
                named[name] = reference
        return named

    def call_names(self, call: Call) -> tuple[str, ...] | None:
        """The names by which what the op reads can be given; ``None`` where the op is unknown."""
        if call.kind == "block" and call.op in self.program.blocks:
            return self.program.blocks[call.op].inputs
        if call.kind == "model" and call.op in self.program.models:
            nodes = self.source.value["models"][call.op].get("nodes")
            nodes = nodes if isinstance(nodes, list) else []
            return tuple(
                n["id"]
                for n in nodes
                if isinstance(n, dict) and n.get("op") == "Input" and isinstance(n.get("id"), str)
            )
        if call.declared is None:
            return None
        return () if call.declared.takes_list else call.declared.call_inputs

    def reference(self, value: Any, path: Path) -> Reference | None:
        if not isinstance(value, str) or not (match := _REFERENCE.fullmatch(value)):
            hint = 'write an id, or "id[k]" for its k-th output'
            self.mistake("bad-reference", f"{json.dumps(value)[:40]} is not a reference", path, hint=hint)
            return None
        name, output = match.group(1), int(match.group(2) or 0)
        if name in self.ids:
            return self.check_output(Reference(self.ids[name], output, value, path), match.group(2) is not None)
        if name in self.part.inputs:
            if output:
                self.mistake("bad-reference", f'the input "{name}" is one tensor', path, hint=f'write "{name}"')
                return None
            return Reference(name, 0, value, path)
        self.mistake(
            "unknown-reference", f'nothing before this node is called "{name}"', path, hint=self.reference_hint(name)
        )
        return None

    def check_output(self, reference: Reference, explicit: bool) -> Reference | None:
        """Whether a block or model has that many outputs (of a layer only its shapes tell)."""
        assert isinstance(reference.target, int)
        call = self.part.nodes[reference.target]
        if call.kind not in ("block", "model") or not explicit:
            return reference
        definition = self.source.value[f"{call.kind}s"][call.op].get("outputs")
        count = len(definition) if isinstance(definition, (list, dict)) else 1
        if reference.output < count:
            return reference
        self.mistake(
            "bad-reference",
            f'"{reference.text}" asks for output {reference.output}, {call.op} has {count}',
            reference.path,
            hint="outputs count from 0",
        )
        return None

    def reference_hint(self, name: str) -> str:
        definition = self.source.value
        for key in self.part.path:
            definition = definition[key]
        later = [n.get("id") for n in definition["nodes"] if isinstance(n, dict)]
        if name in later:
            return f'"{name}" stands further down: a node stands after the nodes it reads'
        names = [*self.part.inputs, *self.ids]
        return did_you_mean(name, names) or (f"known here: {', '.join(names)}" if names else 'give the node an "id"')

    def arity(self, call: Call) -> None:
        """Whether it is given as many tensors as it takes."""
        sources, path = call.sources, (*call.path, "from")
        given, declared = len(sources.positional), call.declared
        if call.kind in ("block", "model"):
            names = self.program.blocks[call.op].inputs if call.kind == "block" else self.model_inputs(call)
            if names is not None and given + len(sources.named) != len(names):
                needs = f"{len(names)} ({', '.join(names)})" if call.kind == "block" else f"{len(names)}"
                self.mistake(
                    "wrong-inputs",
                    f"{call.op} takes {needs} input{'s' if len(names) != 1 else ''}, found {given + len(sources.named)}",
                    path,
                    hint='name them in "from"',
                )
            return
        if declared is None or call.op == "Input":
            return
        if declared.takes_list:
            if (
                not sources.listed
                or given < declared.min_inputs
                or (declared.max_inputs and given > declared.max_inputs)
            ):
                self.mistake(
                    "wrong-inputs",
                    f"{call.op} takes {_count(declared)}, found {given if sources.listed else 'one tensor'}",
                    path,
                    hint=f'"from": [{json.dumps(sources.positional[0].text) if sources.positional and not sources.implied else chr(34) + "a" + chr(34)}, "b"]',
                )
            return
        missing = [name for name in declared.call_inputs[given : declared.required_inputs] if name not in sources.named]
        if given > len(declared.call_inputs):
            self.mistake(
                "wrong-inputs",
                f"{call.op} takes at most {len(declared.call_inputs)} inputs ({', '.join(declared.call_inputs)}), found {given}",
                path,
                hint="merge them first, with Concatenate or Add" if len(declared.call_inputs) == 1 else None,
            )
        elif missing:
            self.mistake(
                "wrong-inputs",
                f"{call.op} also needs {', '.join(missing)}",
                path,
                hint=f'"from": {{"{missing[0]}": ...}}',
            )
        twice = [name for name in declared.call_inputs[:given] if name in sources.named]
        if twice:
            self.mistake("wrong-inputs", f"{call.op} is given {twice[0]} twice", path)

    def model_inputs(self, call: Call) -> list[str] | None:
        nodes = self.source.value["models"][call.op].get("nodes")
        if not isinstance(nodes, list):
            return None
        return [str(n.get("id")) for n in nodes if isinstance(n, dict) and n.get("op") == "Input"]

    def outputs(self, definition: dict[str, Any]) -> Outputs:
        path = (*self.part.path, "outputs")
        last = len(self.part.nodes) - 1
        if "outputs" not in definition:
            return Outputs((Reference(last, 0, self.part.nodes[last].label, self.part.nodes[last].path),))
        value = definition["outputs"]
        before = len(self.program.problems)
        names: tuple[str, ...] | None = None
        match value:
            case str():
                found = [self.reference(value, path)]
            case list() if value:
                found = [self.reference(item, (*path, index)) for index, item in enumerate(value)]
            case dict() if value:
                names = tuple(value)
                for name in names:
                    if not is_identifier(name):
                        self.mistake(
                            "bad-name", f'the output name "{name}" is not a Python identifier', (*path, name), key=True
                        )
                found = [self.reference(item, (*path, name)) for name, item in value.items()]
            case _:
                self.mistake(
                    "wrong-type", '"outputs" is a reference, a list of them, or an object name -> reference', path
                )
                found = []
        self.part.broken = len(self.program.problems) > before
        return Outputs(tuple(reference for reference in found if reference), names, isinstance(value, list))

    # Arguments

    def arguments(self, node: dict[str, Any], call: Call) -> None:
        given = {key: value for key, value in node.items() if key not in WORDS}
        if call.kind == "again":
            for name in given:
                self.mistake(
                    "unknown-argument",
                    f"calling the layer '{call.op}' again takes no arguments",
                    (*call.path, name),
                    key=True,
                    hint="its arguments stand where it is made",
                )
            return
        if call.kind == "model":
            for name in given:
                self.mistake(
                    "unknown-argument",
                    f"the model '{call.op}' is one instance and takes no arguments",
                    (*call.path, name),
                    key=True,
                    hint='set them in its "params", or make it a block',
                )
            return
        repeated = call.repeat.lists if call.repeat else {}
        for name in repeated:
            if name in given:
                self.mistake(
                    "duplicate-key",
                    f'"{name}" stands in "repeat" too',
                    (*call.path, name),
                    key=True,
                    hint="keep one of them",
                )
        call.arguments = {name: self.values.read(value, (*call.path, name)) for name, value in given.items()}
        waiting = {name for name, value in call.arguments.items() if self.scope(value, (*call.path, name))}
        if call.kind == "block":
            self.block_arguments(call, [*given, *repeated])
            return
        self.layer_arguments(call, waiting, repeated)

    def block_arguments(self, call: Call, names: list[str]) -> None:
        params = self.program.blocks[call.op].params
        for name in names:
            if name not in params:
                hint = did_you_mean(name, [*params, *WORDS]) or (
                    f"its parameters: {', '.join(params)}" if params else "it takes no parameters"
                )
                self.mistake(
                    "unknown-argument",
                    f"the block '{call.op}' has no parameter \"{name}\"",
                    self.where(call, name),
                    key=True,
                    hint=hint,
                )

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
                call.ready = cast(Operation, declared.create(call.arguments))
            return
        for error in declared.mistakes_in_names({**call.arguments, **repeated}):
            self.refuse(error, call, call.path)
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

    def refusals(self, call: Call, path: Path) -> _Refusals:
        return _Refusals(lambda error: self.refuse(error, call, path))

    def refuse(self, error: LayerError, call: Call, path: Path) -> None:
        """Tell what a declaration refused, at the argument that it names."""
        for each in error.errors if isinstance(error, LayerErrors) else [error]:
            place = (*path, *each.param)
            if call.repeat and path == call.path and each.param and each.param[0] in call.repeat.lists:
                place = (*call.path, "repeat", *each.param)
            hint = each.hint
            if each.code == "unknown-argument" and len(each.param) == 1:
                hint = (
                    did_you_mean(str(each.param[0]), [*(call.declared.fields if call.declared else ()), *WORDS]) or hint
                )
            message = each.message
            if each.code == "bad-argument" and place[len(call.path) :]:
                message = f"{_argument(place[len(call.path):])}: {message}"
            self.mistake(
                each.code, message, place, key=each.code == "unknown-argument", hint=hint, details=each.details
            )

    def scope(self, value: Value, path: Path) -> bool:
        """Whether a value holds an expression; names that are not in scope are told of."""
        found = False
        for below, expression in expressions(value):
            found = True
            for name in expression.names:
                here = (*path, *below)
                if name in self.part.inputs and name not in expression.shapes:
                    self.mistake(
                        "bad-expression",
                        f'"{name}" is a tensor',
                        here,
                        hint=f"an expression may ask for {name}.shape[i]",
                    )
                elif name in expression.shapes and name not in self.part.inputs:
                    inputs = ", ".join(self.part.inputs) or "none here"
                    self.mistake(
                        "unknown-name",
                        f'"{name}" is no input of the block, so {name}.shape is not known',
                        here,
                        hint=f"inputs: {inputs}",
                    )
                elif name not in self.part.params and name not in self.part.inputs and name not in self.program.params:
                    self.values.unknown_name(
                        name, here, [*self.part.params, *self.program.params, *(f"{i}.shape" for i in self.part.inputs)]
                    )
        return found


class _Refusals:
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


def _article(call: Call) -> str:
    return {"op": "a function", "block": "a block's output", "model": "a model's output"}.get(call.kind, "an Input")


def _count(declared: type[Operation]) -> str:
    low, high = declared.min_inputs, declared.max_inputs
    if low == high:
        return f"a list of {low} tensors"
    return f"a list of {low} or more tensors" if high is None else f"a list of {low} to {high} tensors"
