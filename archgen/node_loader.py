"""The nodes of one part: their words. References and arguments have readers of their own."""

from __future__ import annotations

from typing import Any, cast

from archgen.argument_reader import SYNONYMS, WORDS, ArgumentReader
from archgen.errors import did_you_mean
from archgen.expressions import Expression
from archgen.imports import read_output
from archgen.layers import refused
from archgen.layers.base import Operation, known
from archgen.layers.imported import OUTPUT, ImportedLayer, refused_word
from archgen.layers.kinds import show
from archgen.names import is_identifier, misnamed
from archgen.program import Call, Part, Program, Repeat, Sources, Value, expressions, expressions_of
from archgen.reference_reader import START, ReferenceReader
from archgen.source import Path
from archgen.values import UNREADABLE, ValueReader

ELSEWHERE = {"Linear": "Dense", "FullyConnected": "Dense", "BatchNorm2d": "BatchNormalization"}
"""What other libraries call Keras's layers, where the names are not alike."""


class PartLoader:
    """Reads the nodes and outputs of a part into it."""

    def __init__(self, program: Program, part: Part, values: ValueReader) -> None:
        self.program, self.part, self.values = program, part, values
        self.mistake = values.mistake
        self.references = ReferenceReader(program, part, values)
        self.arguments = ArgumentReader(program, part, values)
        self.ids = self.references.ids

    def load(self) -> None:
        definition = self.references.definition
        nodes, path = definition.get("nodes"), (*self.part.path, "nodes")
        hint = '"nodes": [{"op": ...}, ...]'
        if not isinstance(nodes, list) or not nodes:
            self.part.broken = True
            if "nodes" in definition:
                message = f'"nodes" is a list of one or more nodes, found {show(nodes)}'
                self.mistake("wrong-type", message, path, hint=f"write {hint}")
            else:
                self.mistake("missing-key", f'a {self.part.kind} needs "nodes"', self.part.path, hint=f"add {hint}")
            return
        for index, node in enumerate(nodes):
            self.part.nodes.append(self.node(node, (*path, index), index))
        self.part.outputs = self.references.outputs()
        if self.part.kind != "block" and not self.part.input_nodes:
            self.part.broken = True
            if not any(call.broken for call in self.part.nodes):
                self.mistake("no-input", f"{self.describe()} has no Input", path, hint=START)

    def describe(self) -> str:
        return "the graph" if self.part.kind == "main" else f"the {self.part.kind} '{self.part.name}'"

    def node(self, node: Any, path: Path, index: int) -> Call:
        """One node; what is wrong with it makes it ``broken``."""
        call = Call(path, "", "layer", None, Sources(), broken=True)
        if not isinstance(node, dict):
            self.part.unread = True
            self.mistake(
                "wrong-type",
                f'a node is an object with an "op", found {show(node)}',
                path,
                hint=f'write {{"op": {show(node)}}}' if isinstance(node, str) else 'write {"op": ...}',
            )
            return call
        before = len(self.program.problems)
        call.op = self.op(node, path)
        resolved = bool(call.op) and self.resolve(call.op, call, node)
        resolving = len(self.program.problems)
        call.sources = self.references.sources(node, call, index)
        readable = len(self.program.problems) == resolving
        self.enter(node, call, index)
        if resolved:
            self.words(node, call)
            self.arguments.read(node, call)
            if call.kind == "layer" and call.declared is not None and call.declared.imported:
                read_output(node, call, self.arguments)
            if readable:
                self.references.arity(call)
        read = [*expressions_of(call), *(each for _, each in expressions(call.gives.value if call.gives else None))]
        unreadable = any(expression is UNREADABLE for expression in read)
        lost = {name for expression in read for name in expression.names} & self.values.lost
        call.broken = not resolved or unreadable or bool(lost) or len(self.program.problems) > before
        return call

    def op(self, node: dict[str, Any], path: Path) -> str:
        """The op of a node, empty where there is none."""
        op = node.get("op")
        if isinstance(op, str) and op:
            return op
        if "op" in node:
            message = f'"op" is the name of a layer, function, block or model, found {show(op)}'
            self.mistake("wrong-type", message, (*path, "op"), hint='for example "Dense"')
            return ""
        misnamed_op = next((key for key in node if SYNONYMS.get(key) == "op"), None)
        hint = f'write "op" for "{misnamed_op}"' if misnamed_op else 'add "op": "Dense", or another op'
        self.mistake("missing-key", 'a node needs an "op"', path, hint=hint)
        return ""

    def enter(self, node: dict[str, Any], call: Call, index: int) -> None:
        """Give the node its id."""
        if "id" not in node:
            return
        name, path = node["id"], (*call.path, "id")
        if not is_identifier(name):
            message, hint = misnamed("the id", name)
            self.mistake("bad-name", message, path, hint="leave the id out" if name is None else hint)
            if isinstance(name, str):
                self.ids.setdefault(name, index)
        elif name in self.ids or name in self.part.inputs:
            first = f"nodes[{self.ids[name]}]" if name in self.ids else "an input of the block"
            hint = f'give it another id, such as "{self.free(name)}"'
            self.mistake("duplicate-name", f'the id "{name}" is taken by {first}', path, hint=hint)
            self.part.unread = True
        elif name in self.part.params or name in self.program.params:
            hint = f'give it another id, such as "{self.free(name)}"'
            self.mistake("duplicate-name", f'the id "{name}" is the name of a parameter', path, hint=hint)
            self.ids[name] = index
        else:
            call.id = name
            self.ids[name] = index

    def free(self, name: str) -> str:
        """An id like ``name`` that no node of the part has."""
        nodes = self.references.definition["nodes"]
        taken = {node.get("id") for node in nodes if isinstance(node, dict) and isinstance(node.get("id"), str)}
        taken |= {*self.part.inputs, *self.part.params, *self.program.params}
        return next(other for number in range(2, len(taken) + 3) if (other := f"{name}_{number}") not in taken)

    def resolve(self, op: str, call: Call, node: dict[str, Any]) -> bool:
        """Find out what the op is."""
        path = (*call.path, "op")
        if op in self.values.lost and op not in {**self.program.blocks, **self.program.models, **self.ids}:
            return False
        if op.startswith("ops."):
            call.kind = "op"
            return self.declare(call, "op", op.removeprefix("ops."), path)
        if op in self.program.imports:
            repeated = node.get("repeat")
            given = [key for key in node if key not in (*WORDS, OUTPUT)]
            call.declared = ImportedLayer.of(op, [*given, *(repeated if isinstance(repeated, dict) else ())])
            return True
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
        hint = "an op is a Keras layer, ops.<function>, a block, a model, or the id of an earlier layer"
        self.mistake("unknown-op", f'there is no op "{op}"', path, hint=self.near_op(op) or hint)
        return False

    def near_op(self, op: str) -> str | None:
        """What to write for an op that is unknown: also one with the name of its module before it."""
        functions = [f"ops.{name}" for name in known("op")]
        names = [*self.program.blocks, *self.program.models, *self.ids, *known("layer"), *functions]
        module, _, name = op.rpartition(".")
        if module.rpartition(".")[2] in ("ops", "activations"):
            name = f"ops.{name}"
        return did_you_mean(name, names) if module else did_you_mean(op, names)

    def declare(self, call: Call, role: str, name: str, path: Path) -> bool:
        declared = known(role).get(name)
        if declared is not None:
            call.declared = cast("type[Operation]", declared)
            return True
        refusal = refused.refusal(name if role == "layer" else f"ops.{name}")
        if refusal is not None:
            message, hint = refusal
            self.mistake("refused-op", message, path, hint=hint)
            return False
        what = "layer" if role == "layer" else "function of keras.ops"
        names = [name if role == "layer" else f"ops.{name}" for name in known(role)]
        names += self.program.imports if role == "layer" else ()
        hint = did_you_mean(ELSEWHERE.get(name, call.op), names) or "archgen layers lists what there is"
        self.mistake("unknown-op", f'there is no {what} "{call.op}"', path, hint=hint)
        return False

    def again(self, op: str, call: Call, path: Path) -> bool:
        """A call of the layer of an earlier node."""
        target = self.part.nodes[self.ids[op]]
        call.kind, call.target = "again", self.ids[op]
        if target.broken and target.declared is None:
            return False
        hint = f'write {{"op": "{target.op}", ...}} again, or make the layer a model'
        if target.kind == "again":
            call.target = target.target
        elif target.kind != "layer" or target.op == "Input":
            article = {"op": "a function", "block": "a block's output", "model": "a model's output"}
            message = f'"{op}" is {article.get(target.kind, "an Input")}, and only a layer can be called again'
            self.mistake("unknown-op", message, path, hint=self.same_op(target))
            return False
        if target.repeat or target.when:
            word = "repeat" if target.repeat else "when"
            message = f'"{op}" has a "{word}", so it is not exactly one layer that could be called again'
            self.mistake("unknown-op", message, path, hint=hint)
            return False
        call.declared = target.declared
        return True

    def same_op(self, target: Call) -> str:
        return 'read it with "from"' if target.op == "Input" else f'write "op": "{target.op}" again'

    # Words

    def words(self, node: dict[str, Any], call: Call) -> None:
        """``call``, ``repeat`` and ``when``."""
        if "when" in node:
            call.when = self.when(node["when"], (*call.path, "when"))
        if "repeat" in node:
            call.repeat = self.repeat(node["repeat"], (*call.path, "repeat"))
        if "call" in node:
            self.options(node["call"], call, (*call.path, "call"))
        if call.op != "Input":
            return
        for word in ("repeat", "when", "call", "from"):
            if word in node:
                message = f'an Input takes no "{word}"'
                self.mistake("unknown-key", message, (*call.path, word), key=True, hint="take it out")
                self.part.unread |= word == "from"
        if self.part.kind == "block":
            message, hint = "a block has no Input, it is given its inputs", 'name them in the block\'s "inputs"'
            self.mistake("bad-input", message, call.path, hint=hint)

    def when(self, value: Any, path: Path) -> Expression | None:
        if isinstance(value, bool):
            value = "True" if value else "False"
        if not isinstance(value, str):
            message = f'"when" is an expression, in a string, found {show(value)}'
            self.mistake("wrong-type", message, path, hint='write it in double quotes, as in "strides > 1"')
            return None
        expression = self.values.expression(value.removeprefix("$"), path)
        self.arguments.scope(expression, path)
        return expression

    def repeat(self, value: Any, path: Path) -> Repeat | None:
        hint = 'write 3, or "$depth", or {"filters": [64, 128]}'
        match value:
            case bool() | float() | list() | None:
                pass
            case int() if value >= 0:
                return Repeat(count=value)
            case str() if value.startswith("$") and not value.startswith("$$"):
                expression = self.values.expression(value[1:], path)
                self.arguments.scope(expression, path)
                return Repeat(count=expression)
            case str() if value in {**self.part.params, **self.program.params}:
                hint = f'write "${value}"'
            case dict() if value:
                return self.repeat_lists(value, path)
        message = f'"repeat" is a count or an object argument -> list, found {show(value)}'
        self.mistake("wrong-type", message, path, hint=hint)
        return None

    def repeat_lists(self, value: dict[str, Any], path: Path) -> Repeat | None:
        """An object argument -> list; the lists that are written out have one length."""
        lists: dict[str, list[Value] | Expression] = {}
        length: tuple[str, int] | None = None
        for name, items in value.items():
            here = (*path, name)
            read = self.values.read(items, here)
            self.arguments.scope(read, here)
            if isinstance(read, list):
                if length and length[1] != len(read):
                    message = f'"{name}" has {len(read)} entries and "{length[0]}" has {length[1]}'
                    hint = f"write {length[1]} entries, as in {show((items + items[-1:] * length[1])[: length[1]])}"
                    self.mistake("repeat-lengths", message, here, hint=hint)
                length = length or (name, len(read))
            elif not isinstance(read, Expression):
                message = f'"{name}" repeats over a list, found {show(items)}'
                self.mistake(
                    "wrong-type",
                    message,
                    here,
                    hint=f"write {show([items] * (length[1] if length else 1))}, or put it on the node",
                )
                read = UNREADABLE
            lists[name] = read
        return Repeat(lists=lists)

    def options(self, value: Any, call: Call, path: Path) -> None:
        """The constants that the layer is called with."""
        if not isinstance(value, dict):
            message = f'"call" is an object call-argument -> constant, found {show(value)}'
            self.mistake("wrong-type", message, path, hint='for example {"use_causal_mask": true}')
            return
        if call.declared is None:
            self.mistake("unknown-key", f'a {call.kind} takes no "call"', path, key=True, hint="take it out")
            return
        for name, item in value.items():
            here = (*path, name)
            kind = call.declared.option(name)
            if kind is None:
                takes = ", ".join(call.declared.options) or "none"
                hint = did_you_mean(name, call.declared.options) or f"its call options: {takes}"
                message = f'calling {call.op} takes no constant "{name}"'
                if call.declared.imported:
                    message, hint = refused_word("the constant", name) or (message, hint)
                self.mistake("unknown-argument", message, here, key=True, hint=hint)
                continue
            read = self.values.read(item, here)
            if self.arguments.scope(read, here):
                call.options[name] = read
                continue
            with self.arguments.refusals(call, here):
                call.options[name] = kind.coerce(read)
