"""Program -> the functions of a script: blocks, ``build_<model>()`` and ``build_model()``, as statements.

Python decides what is written, the template lays it out. A statement is a dict with ``kind``: ``assign`` (``target``,
``value``), ``for`` (``head``, ``body``), ``if`` (``test``, ``body``), ``return`` (``value``) or ``blank``. One that
is written for a single node has the node's index in its part as ``node``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archgen.argument_writer import ArgumentWriter, default, is_plain
from archgen.layers.base import Op
from archgen.layers.kinds import Kind, ListOf
from archgen.literals import literal, same
from archgen.program import Call, Part, Program, Reference, gives_several
from archgen.source import show_path
from archgen.structure import Structure
from archgen.variables import Variables, allocate, function_names

Statement = dict[str, Any]

WIDTH = 88
"""Longer calls get a trailing comma, so that black breaks inside the call and keeps ``)(x)`` together."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function: name, parameters as source, statements, and the part that it builds."""

    name: str
    parameters: list[str]
    body: list[Statement] = field(default_factory=list)
    part: Part | None = None


def functions_of(program: Program, outputs: Mapping[str, int]) -> list[Function]:
    """Every function that builds a part of the network, each after those that it calls.

    ``outputs`` tells for the path of each layer node how many tensors it gives, as the graph knows.
    """
    script = _Script(program, outputs)
    parts = [*script.structure.blocks]
    written: dict[str, None] = {}

    def visit(part: Part) -> None:
        for name in script.structure.builds(part):
            visit(program.models[name])
        if part.name not in written or part.kind == "main":
            written[part.name] = None
            parts.append(part)

    for root in script.structure.roots:
        visit(root)
    return [_Writer(script, part).function() for part in parts]


class _Script:
    """What the functions of one script have in common."""

    def __init__(self, program: Program, outputs: Mapping[str, int]) -> None:
        self.program, self.outputs = program, outputs
        self.structure = Structure(program)
        self.names = function_names(program)
        self._variables: dict[tuple[str, str], Variables] = {}

    def variables(self, part: Part) -> Variables:
        """The variables of a part's function."""
        key = (part.kind, part.name)
        if key not in self._variables:
            captures = self.structure.captures(part)
            reserved = frozenset({"build_model", *self.names.values(), *self.program.imports})
            self._variables[key] = allocate(part, captures, self.models(part), reserved)
        return self._variables[key]

    def given(self, part: Part) -> tuple[str, ...]:
        """Models that a part's function is given."""
        return part.models if part.kind == "block" else self.structure.needs(part)

    def models(self, part: Part) -> tuple[str, ...]:
        """Models that a part's function has a variable for: given, built before its nodes, or called."""
        called = () if self.structure.is_chain(part) else part.models
        return tuple(dict.fromkeys((*self.given(part), *self.structure.builds_first(part), *called)))

    def outputs_of(self, call: Call) -> int:
        """How many tensors a node gives; of one that was never reached, whether it is several is in its arguments."""
        several = gives_several(call.arguments) or call.options.get("return_attention_scores") not in (None, False)
        return self.outputs.get(show_path(call.path), 2 if several else 1)


class _Writer:
    """Writes the function of one part."""

    def __init__(self, script: _Script, part: Part) -> None:
        self.script, self.part = script, part
        self.program, self.structure = script.program, script.structure
        self.variables = script.variables(part)
        self.arguments = ArgumentWriter({**self.variables.captures, **self.variables.params, **self.variables.inputs})
        self.labels = self.structure.labels(part)

    # The function

    def function(self) -> Function:
        part, variables = self.part, self.variables
        parameters = [variables.inputs[name] for name in part.inputs]
        parameters += [variables.models[name] for name in self.script.given(part)]
        parameters += [f"{variables.params[name]}={default(value)}" for name, value in part.params.items()]
        parameters += [
            f"{variable}={default(self.program.params[name])}" for name, variable in variables.captures.items()
        ]
        if part.kind == "block" and part.name in self.structure.named_blocks:
            parameters.append(f"{variables.label}={literal(part.name)}")
        name = "build_model" if part.kind == "main" else self.script.names[part.name]
        return Function(name, parameters, self.chain() if self.structure.is_chain(part) else self.body(), part)

    def chain(self) -> list[Statement]:
        """A Sequential, which needs no variables but for models that others are given."""
        items = [
            self.model(call.op) if call.kind == "model" else self.make(call, {}, room=13) for call in self.part.nodes
        ]
        value = f"keras.Sequential([{', '.join(items)},], name={literal(self.part.name)},)"
        return [*self.built(), {"kind": "return", "value": value}]

    def built(self) -> list[Statement]:
        """The models that are built before the nodes."""
        statements: list[Statement] = [
            {"kind": "assign", "target": self.variables.models[name], "value": self.build(name)}
            for name in self.structure.builds_first(self.part)
        ]
        return [*statements, {"kind": "blank"}] if statements else []

    def model(self, name: str) -> str:
        """A model: the variable that holds it, or in a Sequential the call that builds it."""
        return self.variables.models.get(name) or self.build(name)

    def build(self, name: str) -> str:
        """The call that builds a model, handing on what it needs."""
        model = self.program.models[name]
        words = [self.variables.models[need] for need in self.structure.needs(model)]
        return f"{self.script.names[name]}({', '.join([*words, *self.handed(model)])})"

    def handed(self, part: Part) -> list[str]:
        """The file's parameters that a part's function reads, as they are handed on to it."""
        return [
            f"{variable}={self.variables.captures[name]}"
            for name, variable in self.script.variables(part).captures.items()
        ]

    def body(self) -> list[Statement]:
        part = self.part
        statements = self.built()
        for index, stop in self.variables.runs.items():
            if part.nodes[index].when is not None:
                statements += self.branch(index, stop)
            elif self.returns_directly(index):
                value = self.apply(index, self.sources(index))
                return [*statements, {"kind": "return", "value": value, "node": index}]
            else:
                statements += _of(index, self.statements(index))
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
        return self.fit(f"keras.Model({taken}, {given}, name={literal(part.name)}", ")", 11)

    # Conditions and repetitions

    def branch(self, start: int, stop: int) -> list[Statement]:
        """``target = source`` and then, under the condition, the nodes from ``start`` to ``stop``."""
        condition = self.part.nodes[start].when
        assert condition is not None
        target = self.variables.nodes[start]
        before, read = self.pass_on(target, self.sources(start))
        body: list[Statement] = []
        for index in range(start, stop):
            if self.part.nodes[index].repeat is None:
                value = self.apply(index, read, room=8 + len(target) + 3)
                body.append({"kind": "assign", "target": target, "value": value, "node": index})
            else:
                first, read = self.pass_on(target, read)
                body += _of(index, [*first, *self.loop(index, target, [target, *read[1:]], 8)])
            read = [target]
        branch = {"kind": "if", "test": condition.source(self.arguments.names), "body": body}
        return [*_of(start, before), branch]

    def pass_on(self, target: str, read: list[str]) -> tuple[list[Statement], list[str]]:
        """The first of what a node reads assigned to its variable, and what it then reads."""
        if target == read[0]:
            return [], read
        assigned: Statement = {"kind": "assign", "target": target, "value": read[0]}
        return [assigned], [target if text.startswith(f"{target}[") else text for text in read]

    def statements(self, index: int) -> list[Statement]:
        """A node without a condition."""
        call, target = self.part.nodes[index], self.variables.nodes[index]
        made: list[Statement] = []
        if index in self.variables.layers:
            layer = self.variables.layers[index]
            made = [{"kind": "assign", "target": layer, "value": self.make(call, {}, room=4 + len(layer) + 3)}]
        sources = self.sources(index)
        if call.repeat is not None:
            before, read = self.pass_on(target, sources)
            return [*before, *self.loop(index, target, [target, *read[1:]], 4)]
        value = self.apply(index, sources, room=4 + len(target) + 3)
        return [*made, {"kind": "assign", "target": target, "value": value}]

    def loop(self, index: int, target: str, sources: list[str], room: int) -> list[Statement]:
        """The loop of a repeated node; ``room`` is how far it is indented."""
        call = self.part.nodes[index]
        assert call.repeat is not None
        counter, *names = self.variables.free("index", *call.repeat.lists)
        words = dict(zip(call.repeat.lists, names, strict=True))
        head = self.over_lists(call, counter, words) if words else self.over_count(call, counter)
        value = self.apply(index, sources, words, counter, room=room + 4 + len(target) + 3)
        return [{"kind": "for", "head": head, "body": [{"kind": "assign", "target": target, "value": value}]}]

    def over_count(self, call: Call, counter: str) -> str:
        """What stands between ``for`` and the colon where a count is given."""
        assert call.repeat is not None
        count = call.repeat.count
        text = self.arguments.value(count)
        if not self.bears_name(call):
            return f"_ in range({text})"
        if isinstance(count, int):
            return f"{counter} in range(1, {count + 1})"
        return f"{counter} in range(1, {text if text.isidentifier() else f'({text})'} + 1)"

    def over_lists(self, call: Call, counter: str, words: Mapping[str, str]) -> str:
        """What stands between ``for`` and the colon where lists are given."""
        assert call.repeat is not None
        tables = [self.arguments.table(items, self.kind(call, name)) for name, items in call.repeat.lists.items()]
        names = ", ".join(words.values())
        items = tables[0] if len(tables) == 1 else f"zip({', '.join(tables)})"
        if not self.bears_name(call):
            return f"{names} in {items}"
        return f"{counter}, {names if len(tables) == 1 else f'({names})'} in enumerate({items}, start=1)"

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
        loop: Mapping[str, str] | None = None,
        counter: str | None = None,
        room: int = 11,
    ) -> str:
        """The expression that applies a node once.

        ``loop`` are arguments that a loop variable gives, ``counter`` is the loop's index, ``room`` the width that is
        taken on the line.
        """
        call = self.part.nodes[index]
        loop = loop or {}
        read = self.call_words(call, sources, loop)
        match call.kind:
            case "block":
                words = self.block_words(call, index, read, loop, counter)
                return self.fit(f"{self.script.names[call.op]}({', '.join(words)}", ")", room)
            case "model":
                given = f"{self.model(call.op)}({read[0] if len(read) == 1 else '[' + ', '.join(read) + ']'})"
                return given + (self.index(call, 0) if call.repeat or call.when else "")
            case "op":
                assert call.declared is not None
                operands = self.operands(call, loop)
                others = {name: value for name, value in call.arguments.items() if name not in operands}
                turns = {name: word for name, word in loop.items() if name not in operands}
                assert issubclass(call.declared, Op)
                words = self.arguments.words(call.declared, others, turns)
                text = call.declared.spelled(read, words, number_first="x1" in operands)
                return self.fit(text[:-1], ")", room) if text.startswith("ops.") else text
            case "again":
                assert call.target is not None
                return f"{self.variables.layers[call.target]}({', '.join(read)})"
        if index in self.variables.layers:
            return f"{self.variables.layers[index]}({', '.join(read)})"
        after = f"({', '.join(read)})" if call.op != "Input" else ""
        return self.make(call, loop, counter, after=after, room=room)

    def make(
        self, call: Call, loop: Mapping[str, str], counter: str | None = None, *, after: str = "", room: int = 0
    ) -> str:
        """The expression that makes a layer, and calls it on what stands in ``after``."""
        assert call.declared is not None
        words = self.arguments.words(call.declared, call.arguments, loop)
        if call.id is not None:
            words.append(f"name={self.layer_name(call.id, counter)}")
        own = call.op if call.declared.imported else f"layers.{call.op}"
        maker = "keras.Input" if call.op == "Input" else own
        return self.fit(f"{maker}({', '.join(words)}", f"){after}", room)

    def layer_name(self, name: str, counter: str | None) -> str:
        """The source of a layer's name: a literal, or one made from the block's and the loop's."""
        parts = [f"{{{self.variables.label}}}_"] if self.part.kind == "block" else []
        parts += [name, *([f"_{{{counter}}}"] if counter else [])]
        text = "".join(parts)
        return f'f"{text}"' if "{" in text else literal(text)

    def block_words(
        self, call: Call, index: int, read: list[str], loop: Mapping[str, str], counter: str | None
    ) -> list[str]:
        """What stands in the parentheses of a block's call."""
        block = self.program.blocks[call.op]
        theirs = self.script.variables(block)
        words = [*read]
        for name, value in block.params.items():
            if name in loop:
                words.append(f"{theirs.params[name]}={loop[name]}")
            elif name in call.arguments and not (is_plain(call.arguments[name]) and same(call.arguments[name], value)):
                words.append(f"{theirs.params[name]}={self.arguments.value(call.arguments[name])}")
        words += [f"{theirs.models[name]}={self.variables.models[name]}" for name in block.models]
        words += self.handed(block)
        if call.op in self.structure.named_blocks:
            name = self.layer_name(self.labels[index], counter)
            words += [f"{theirs.label}={name}"] if name != literal(block.name) else []
        return words

    def call_words(self, call: Call, sources: list[str], loop: Mapping[str, str]) -> list[str]:
        """What stands in the parentheses of a call: tensors and constants."""
        declared = call.declared
        if call.op == "Input":
            return []
        positional = sources[: len(call.sources.positional)]
        if declared is not None and declared.takes_list:
            positional = [f"[{', '.join(positional)}]"]
        named: dict[str, str] = {}
        rest = iter(sources[len(call.sources.positional) :])
        for name, value in call.sources.named.items():
            if isinstance(value, tuple) and declared is not None:
                named[name] = declared.listed(self.made(call).arguments, [next(rest) for _ in value])
            else:
                named[name] = next(rest)
        named |= self.operands(call, loop)
        for name in self.order(call)[len(positional) :] if named else []:
            if name not in named or (positional and call.kind in ("layer", "again")):
                break
            positional.append(named.pop(name))
        if declared is not None and not named:
            positional = list(declared.call_words(positional))
        if declared is not None and declared.by_name:
            names = zip(declared.call_inputs, positional, strict=False)
            positional = [f"{name}={word}" if name in declared.by_name else word for name, word in names]
        words = [*positional, *(f"{name}={text}" for name, text in named.items())]
        if declared is not None:
            words += [
                f"{name}={self.arguments.value(value, declared.option(name))}" for name, value in call.options.items()
            ]
        return words

    def operands(self, call: Call, loop: Mapping[str, str]) -> dict[str, str]:
        """Constants that a function is given in place of tensors."""
        if call.kind != "op" or call.declared is None:
            return {}
        names = [name for name in call.declared.call_inputs if name in loop or name in call.arguments]
        return {name: loop.get(name) or self.arguments.value(call.arguments[name]) for name in names}

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
        return "" if call.repeat or call.when else self.index(call, reference.output)

    def index(self, call: Call, output: int) -> str:
        """What picks an output of what a call gives, where that is not a tensor alone."""
        if call.kind not in ("block", "model"):
            count = self.script.outputs_of(call)
            made = self.made(call)
            return made.declared.pick(made.arguments, output, count) if made.declared is not None and count > 1 else ""
        outputs = self.program.part(call).outputs
        if call.kind == "model" and outputs.names:
            return f"[{literal(outputs.names[output])}]"
        many = len(outputs.references) > 1 or (call.kind == "model" and outputs.listed)
        return f"[{output}]" if many else ""

    def made(self, call: Call) -> Call:
        """The node that makes the layer which a node calls: itself, unless it calls one again."""
        return call if call.target is None else self.part.nodes[call.target]

    def kind(self, call: Call, name: str) -> Kind | None:
        """The kind of an argument, where a declaration tells."""
        declared = call.declared
        return ListOf(declared.fields[name].kind) if declared is not None and name in declared.fields else None

    def fit(self, head: str, tail: str, room: int) -> str:
        """A call; where it will not fit on its line it ends in a comma, so that black breaks it there."""
        if room + len(head) + len(tail) <= WIDTH or head.endswith("("):
            return head + tail
        return f"{head},{tail}"


def _of(index: int, statements: list[Statement]) -> list[Statement]:
    """Statements that are written for a node."""
    return [{**statement, "node": index} for statement in statements]
