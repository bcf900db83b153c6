"""Program -> the functions of a script: blocks, ``build_<model>()`` and ``build_model()``, as statements.

Python decides what is written, the template lays it out. A statement is a dict with ``kind``: ``assign`` (``target``,
``value``), ``for`` (``head``, ``body``), ``if`` (``test``, ``body``), ``return`` (``value``) or ``blank``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from archgen.expressions import Expression
from archgen.layers.base import Declared, known
from archgen.layers.kinds import Kind, ListOf, Made, Object, OneOf, WrappedLayer
from archgen.literals import literal, same
from archgen.program import Call, Part, Program, Reference, Value
from archgen.structure import Structure
from archgen.variables import Variables, allocate, function_names

Statement = dict[str, Any]

LONG_TABLE = 60

WIDTH = 88
"""Longer calls get a trailing comma, so that black breaks inside the call and keeps ``)(x)`` together."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function: name, parameters as source, and statements."""

    name: str
    parameters: list[str]
    body: list[Statement] = field(default_factory=list)


def functions_of(program: Program, outputs: Mapping[str, int]) -> list[Function]:
    """Every function that builds a part of the network, each after those that it calls.

    ``outputs`` tells for the path of each layer node how many tensors it gives, as the graph knows.
    """
    structure = Structure(program)
    names = function_names(program)
    parts = [*structure.blocks]
    written: dict[str, None] = {}

    def visit(part: Part) -> None:
        for name in structure.builds(part):
            visit(program.models[name])
        if part.name not in written or part.kind == "main":
            written[part.name] = None
            parts.append(part)

    for root in structure.roots:
        visit(root)
    return [_Writer(program, structure, names, part, outputs).function() for part in parts]


class _Writer:
    """Writes the function of one part."""

    def __init__(
        self,
        program: Program,
        structure: Structure,
        function_names: Mapping[str, str],
        part: Part,
        outputs: Mapping[str, int],
    ) -> None:
        self.program, self.structure, self.part, self.outputs = program, structure, part, outputs
        self.function_names = function_names
        self.captures = structure.captures(part)
        self.given = part.models if part.kind == "block" else structure.needs(part)
        self.builds = structure.builds(part) if part.kind != "block" else []
        names = (*part.params, *(name for name in self.captures if name not in part.params))
        reserved = frozenset(function_names.values())
        models = () if self.part.is_chain else tuple(dict.fromkeys((*self.given, *self.builds, *part.models)))
        self.variables: Variables = allocate(part, names, models, reserved)
        self.names = {**self.variables.inputs, **self.variables.params}
        self.labels = structure.labels(part)
        self.indent = 4

    # The function

    def function(self) -> Function:
        part = self.part
        named = part.name in self.structure.named_blocks if part.kind == "block" else False
        parameters = [self.variables.inputs[name] for name in part.inputs]
        parameters += [self.variables.models[name] for name in self.given]
        parameters += [f"{self.variables.params[name]}={_default(value)}" for name, value in part.params.items()]
        parameters += [
            f"{self.variables.params[name]}={_default(self.program.params[name])}"
            for name in self.captures
            if name not in part.params
        ]
        parameters += [f"name={literal(part.name)}"] if named else []
        name = "build_model" if part.kind == "main" else self.function_names[part.name]
        return Function(name, parameters, self.chain() if part.is_chain else self.body())

    def chain(self) -> list[Statement]:
        """A Sequential, which needs no variables."""
        items = [
            f"{self.build_call(call.op)}" if call.kind == "model" else self.make(call, index, {}, room=8)
            for index, call in enumerate(self.part.nodes)
        ]
        return [
            {"kind": "return", "value": f"keras.Sequential([{', '.join(items)},], name={literal(self.part.name)},)"}
        ]

    def build_call(self, name: str) -> str:
        """The call that builds a model, handing on what it needs."""
        model = self.program.models[name]
        words = [self.variables.models.get(need, need) for need in self.structure.needs(model)]
        words += [
            f"{capture}={self.names[capture]}"
            for capture in self.structure.captures(model)
            if capture not in model.params
        ]
        return f"{self.function_names[name]}({', '.join(words)})"

    def body(self) -> list[Statement]:
        part = self.part
        statements: list[Statement] = [
            {"kind": "assign", "target": self.variables.models[name], "value": self.build_call(name)}
            for name in self.builds
        ]
        if statements:
            statements.append({"kind": "blank"})
        index = 0
        while index < len(part.nodes):
            stop = self.branch_end(index)
            if part.nodes[index].when is None:
                if self.returns_directly(index):
                    return [*statements, {"kind": "return", "value": self.apply(index, self.sources(index))}]
                statements += self.statements(index)
            else:
                statements += self.branch(index, stop)
            index = stop
        statements.append({"kind": "return", "value": self.result()})
        return statements

    def returns_directly(self, index: int) -> bool:
        """Whether a block ends in this node, which can then be returned without a variable."""
        part, call = self.part, self.part.nodes[index]
        return (
            part.kind == "block"
            and index == len(part.nodes) - 1
            and call.repeat is None
            and not part.outputs.names
            and [r.target for r in part.outputs.references] == [index]
            and not self.indexes(part.outputs.references[0])
        )

    def result(self) -> str:
        part = self.part
        outputs = [self.read(reference) for reference in part.outputs.references]
        if part.kind == "block":
            return outputs[0] if len(outputs) == 1 else f"({', '.join(outputs)})"
        inputs = [self.variables.nodes[index] for index in part.input_nodes]
        taken = inputs[0] if len(inputs) == 1 else f"[{', '.join(inputs)}]"
        if part.outputs.names:
            pairs = zip(part.outputs.names, outputs, strict=True)
            given = f"{{{', '.join(f'{literal(name)}: {output}' for name, output in pairs)}}}"
        else:
            given = f"[{', '.join(outputs)}]" if part.outputs.listed else outputs[0]
        return self.fit(f"keras.Model({taken}, {given}, name={literal(part.name)}", ")", "return ")

    # Conditions and repetitions

    def branch_end(self, index: int) -> int:
        """Where the run of nodes ends that stand under one condition, each reading only the one before."""
        nodes = self.part.nodes
        stop = index + 1
        condition = nodes[index].when
        while condition is not None and stop < len(nodes):
            call = nodes[stop]
            follows = [reference.target for reference in call.sources.all()] == [stop - 1]
            alone = sum(r.target == stop - 1 for other in nodes[stop:] for r in other.sources.all()) == 1
            if call.when is None or call.when.text != condition.text or not follows or not alone:
                break
            stop += 1
        return stop

    def branch(self, start: int, stop: int) -> list[Statement]:
        """``target = source`` and then, under the condition, the nodes from ``start`` to ``stop``."""
        condition = self.part.nodes[start].when
        assert condition is not None
        target = self.variables.nodes[stop - 1]
        sources = self.sources(start)
        body: list[Statement] = []
        for index in range(start, stop):
            self.variables.nodes[index] = target
            call = self.part.nodes[index]
            read = sources if index == start else [target]
            if call.repeat is not None:
                if target != read[0]:
                    body.append({"kind": "assign", "target": target, "value": read[0]})
                body += self.loop(index, target, [target, *read[1:]], 8)
            else:
                body.append(
                    {"kind": "assign", "target": target, "value": self.apply(index, read, room=8 + len(target) + 3)}
                )
        before: list[Statement] = []
        if target != sources[0]:
            before = [{"kind": "assign", "target": target, "value": sources[0]}]
        return [*before, {"kind": "if", "test": condition.source(self.names), "body": body}]

    def statements(self, index: int) -> list[Statement]:
        """A node without a condition."""
        call, target = self.part.nodes[index], self.variables.nodes[index]
        made: list[Statement] = []
        if index in self.variables.layers:
            layer = self.variables.layers[index]
            made = [{"kind": "assign", "target": layer, "value": self.make(call, index, {}, room=4 + len(layer) + 3)}]
        sources = self.sources(index)
        if call.repeat is None:
            return [
                *made,
                {"kind": "assign", "target": target, "value": self.apply(index, sources, room=4 + len(target) + 3)},
            ]
        before: list[Statement] = []
        if target != sources[0]:
            before = [{"kind": "assign", "target": target, "value": sources[0]}]
        return [*made, *before, *self.loop(index, target, [target, *sources[1:]], 4)]

    def loop(self, index: int, target: str, sources: list[str], room: int) -> list[Statement]:
        call = self.part.nodes[index]
        assert call.repeat is not None
        counted = self.bears_name(call)
        counter = self.variables.free("index")
        lists = {name: self.table(items, self.kind(call, name)) for name, items in call.repeat.lists.items()}
        words = {name: self.variables.free(name) for name in lists}
        if not lists:
            count = call.repeat.count
            text = literal(count) if isinstance(count, int) else count.source(self.names) if count else "0"
            if counted:
                end = str(count + 1) if isinstance(count, int) else f"{_factor(text)} + 1"
                head = f"{counter} in range(1, {end})"
            else:
                head = f"_ in range({text})"
        else:
            names = ", ".join(words.values())
            items = next(iter(lists.values())) if len(lists) == 1 else f"zip({', '.join(lists.values())})"
            if counted:
                head = f"{counter}, {names if len(lists) == 1 else f'({names})'} in enumerate({items}, start=1)"
            else:
                head = f"{names} in {items}"
        value = self.apply(index, sources, words, counter, room=room + 4 + len(target) + 3)
        return [{"kind": "for", "head": head, "body": [{"kind": "assign", "target": target, "value": value}]}]

    def bears_name(self, call: Call) -> bool:
        """Whether each repetition gives its layers names of its own."""
        if call.kind == "block":
            return call.op in self.structure.named_blocks
        return call.kind == "layer" and call.id is not None

    # Calls

    def apply(
        self,
        index: int,
        sources: list[str],
        words: Mapping[str, str] | None = None,
        counter: str | None = None,
        room: int = 11,
    ) -> str:
        """The expression that applies a node once. ``words`` are loop variables, ``counter`` the loop's index."""
        call = self.part.nodes[index]
        words = words or {}
        read = self.call_words(call, index, sources)
        match call.kind:
            case "block":
                return self.fit(
                    f"{self.function_names[call.op]}({', '.join(self.block_words(call, index, read, words, counter))}", ")", " " * room
                )
            case "model":
                return f"{self.variables.models[call.op]}({read[0] if len(read) == 1 else f'[{chr(44).join(read)}]'})"
            case "again":
                assert call.target is not None
                return f"{self.variables.layers[call.target]}({', '.join(read)})"
            case "op":
                arguments = self.arguments(call, words)
                return self.fit(f"ops.{call.op.removeprefix('ops.')}({', '.join([*read, *arguments])}", ")", " " * room)
        if index in self.variables.layers:
            return f"{self.variables.layers[index]}({', '.join(read)})"
        return self.make(
            call, index, words, counter, after=f"({', '.join(read)})" if call.op != "Input" else "", room=room
        )

    def make(
        self,
        call: Call,
        index: int,
        words: Mapping[str, str],
        counter: str | None = None,
        *,
        after: str = "",
        room: int = 0,
    ) -> str:
        """The expression that makes a layer, and calls it on what stands in ``after``."""
        arguments = self.arguments(call, words)
        if call.id is not None:
            arguments.append(f"name={self.layer_name(call.id, counter)}")
        maker = "keras.Input" if call.op == "Input" else f"layers.{call.op}"
        return self.fit(f"{maker}({', '.join(arguments)}", f"){after}", " " * room)

    def layer_name(self, name: str, counter: str | None) -> str:
        """The source of a layer's name: a literal, or one made from the block's and the loop's."""
        parts = ["{name}_"] if self.part.kind == "block" else []
        parts += [name, *([f"_{{{counter}}}"] if counter else [])]
        text = "".join(parts)
        return f'f"{text}"' if "{" in text else literal(text)

    def block_words(
        self, call: Call, index: int, read: list[str], words: Mapping[str, str], counter: str | None
    ) -> list[str]:
        block = self.program.blocks[call.op]
        arguments = [*read]
        for name, default in block.params.items():
            spelled = self.block_param(block, name)
            if name in words:
                arguments.append(f"{spelled}={words[name]}")
            elif name in call.arguments and not (
                _is_plain(call.arguments[name]) and same(call.arguments[name], default)
            ):
                arguments.append(f"{spelled}={self.value(call.arguments[name], None)}")
        arguments += [f"{name}={self.variables.models[name]}" for name in block.models]
        arguments += [
            f"{self.block_param(block, name)}={self.names[name]}"
            for name in self.structure.captures(block)
            if name not in block.params
        ]
        if call.op in self.structure.named_blocks:
            arguments.append(f"name={self.layer_name(self.labels[index], counter)}")
        return arguments

    def block_param(self, block: Part, name: str) -> str:
        """How the block's function spells a parameter."""
        return _Writer(self.program, self.structure, self.function_names, block, self.outputs).names[name]

    def arguments(self, call: Call, words: Mapping[str, str]) -> list[str]:
        """The arguments of a layer or function, in the order of its fields; what equals its default is left out."""
        declared = call.declared
        assert declared is not None
        required = [name for name, field in declared.fields.items() if field.required]
        count = declared.positional if declared.positional is not None else len(required)
        leading = list(declared.fields)[:count]
        given: list[str] = []
        for name, each in declared.fields.items():
            if name in words:
                text = words[name]
            elif name not in call.arguments:
                leading = leading[: leading.index(name)] if name in leading else leading
                continue
            else:
                value = call.arguments[name]
                if not each.required and _is_plain(value) and same(each.kind.coerce(value), each.value):
                    leading = leading[: leading.index(name)] if name in leading else leading
                    continue
                text = self.value(value, each.kind)
            given.append(text if name in leading else f"{name}={text}")
        return given

    def call_words(self, call: Call, index: int, sources: list[str]) -> list[str]:
        """What stands in the parentheses of a call: tensors and constants."""
        if call.op == "Input":
            return []
        positional = sources[: len(call.sources.positional)]
        if call.declared is not None and call.declared.takes_list:
            positional = [f"[{', '.join(positional)}]"]
        elif call.declared is not None and not call.sources.named:
            positional = list(call.declared.call_words(positional))
        named: dict[str, str] = {}
        rest = iter(sources[len(call.sources.positional) :])
        for name, value in call.sources.named.items():
            named[name] = f"[{', '.join(next(rest) for _ in value)}]" if isinstance(value, tuple) else next(rest)
        for name in self.order(call)[len(positional) :] if named else []:
            if name not in named:
                break
            positional.append(named.pop(name))
        words = [*positional, *(f"{name}={text}" for name, text in named.items())]
        if call.declared is not None:
            words += [
                f"{name}={self.value(value, call.declared.options[name])}" for name, value in call.options.items()
            ]
        return words

    def order(self, call: Call) -> tuple[str, ...]:
        """The names of what a call reads, in order."""
        if call.kind == "block":
            return self.program.blocks[call.op].inputs
        if call.kind == "model":
            model = self.program.models[call.op]
            return tuple(model.nodes[index].id or "" for index in model.input_nodes)
        return call.declared.call_inputs if call.declared else ()

    # Values

    def sources(self, index: int) -> list[str]:
        """What a node reads, as source."""
        return [self.read(reference) for reference in self.part.nodes[index].sources.all()]

    def read(self, reference: Reference) -> str:
        if isinstance(reference.target, str):
            return self.variables.inputs[reference.target]
        return self.variables.nodes[reference.target] + self.indexes(reference)

    def indexes(self, reference: Reference) -> str:
        """``[k]`` where the value that a reference reads is one of several."""
        if isinstance(reference.target, str):
            return ""
        call = self.part.nodes[reference.target]
        if call.kind in ("block", "model"):
            outputs = self.program.part(call).outputs
            if call.kind == "model" and outputs.names:
                return f"[{literal(outputs.names[reference.output])}]"
            many = len(outputs.references) > 1 or (call.kind == "model" and outputs.listed)
            return f"[{reference.output}]" if many else ""
        from archgen.source import show_path

        return f"[{reference.output}]" if self.outputs.get(show_path(call.path), 1) > 1 else ""

    def kind(self, call: Call, name: str) -> Kind | None:
        """The kind of an argument, where a declaration tells."""
        declared = call.declared
        return ListOf(declared.fields[name].kind) if declared is not None and name in declared.fields else None

    def value(self, value: Value, kind: Kind | None) -> str:
        """A value as Python source: expressions stay expressions, objects become calls."""
        match value:
            case Expression():
                return value.source(self.names)
            case Object():
                return self.object(value, kind)
            case list():
                item = kind.item if isinstance(kind, ListOf) else None
                items = [self.value(each, item) for each in value]
                if kind is not None and not kind.tuples:
                    return f"[{', '.join(items)}]"
                return f"({', '.join(items)}{',' * (len(items) == 1)})"
        return literal(value)

    def table(self, value: Value, kind: Kind | None) -> str:
        """The list that a loop runs over; a long one whose entries come in runs is written ``(64,) * 3 + (128,) * 4``."""
        plain = self.value(value, kind)
        if (
            not isinstance(value, list)
            or len(plain) < LONG_TABLE
            or not all(isinstance(item, (int, str)) for item in value)
        ):
            return plain
        runs = [(item, len(list(same_items))) for item, same_items in groupby(value)]
        short = " + ".join(f"({literal(item)},)" + (f" * {count}" if count > 1 else "") for item, count in runs)
        return short if len(short) < len(plain) else plain

    def object(self, value: Object, kind: Kind | None) -> str:
        declared = _declared(value, kind)
        made = Call((), value.op, "layer", None, self.part.nodes[0].sources, arguments=value.arguments, declared=declared)  # type: ignore[arg-type]
        return f"{getattr(declared, 'module', 'layers')}.{value.op}({', '.join(self.arguments(made, {}))})"

    def fit(self, head: str, tail: str, before: str) -> str:
        """A call; where it will not fit on its line it ends in a comma, so that black breaks it there."""
        if len(before) + len(head) + len(tail) <= WIDTH or head.endswith("("):
            return head + tail
        return f"{head},{tail}"


def _declared(value: Object, kind: Kind | None) -> type[Declared]:
    """The declaration behind an object, found by the roles that the argument takes."""
    kinds = list(kind.kinds) if isinstance(kind, OneOf) else [kind]
    for each in kinds:
        roles = each.roles if isinstance(each, Made) else ("layer",) if isinstance(each, WrappedLayer) else ()
        for role in roles:
            if value.op in known(role):
                return known(role)[value.op]
    return known("layer")[value.op]


def _is_plain(value: Value) -> bool:
    """Whether a value holds neither expressions nor objects."""
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return not isinstance(value, (Expression, Object))


def _default(value: Any) -> str:
    """The default of a parameter; a list becomes a tuple, since a default is shared by all calls."""
    return literal(tuple(value) if isinstance(value, list) else value)


def _factor(text: str) -> str:
    return text if text.isidentifier() else f"({text})"
