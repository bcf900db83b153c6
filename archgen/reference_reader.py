"""What the nodes of one part read: references, how many an op takes, and what the part gives."""

from __future__ import annotations

import re
from typing import Any

from archgen.errors import did_you_mean
from archgen.layers.base import Operation
from archgen.layers.imported import refused_word
from archgen.layers.kinds import show
from archgen.names import is_identifier, misnamed
from archgen.program import Call, Outputs, Part, Program, Reference, Sources
from archgen.source import Path
from archgen.values import ValueReader

_REFERENCE = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(?:\[([0-9]{1,6})\])?")
START = 'start with {"op": "Input", "shape": [...]}'


class ReferenceReader:
    """Reads ``from`` and ``outputs`` in one part; ``ids`` are those of the nodes so far."""

    def __init__(self, program: Program, part: Part, values: ValueReader) -> None:
        self.program, self.part, self.mistake = program, part, values.mistake
        definition: Any = program.source.value
        for key in part.path:
            definition = definition[key]
        self.definition: dict[str, Any] = definition
        self.ids: dict[str, int] = {}

    def sources(self, node: dict[str, Any], call: Call, index: int) -> Sources:
        """What a node reads."""
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
            case list() if value:
                found = [self.reference(item, (*path, position)) for position, item in enumerate(value)]
                return Sources(tuple(reference for reference in found if reference), listed=True)
            case dict() if value:
                return Sources(named=self.named(value, call, path))
        self.unread(
            "wrong-type",
            f'"from" is a reference, a list of them or an object argument -> reference, found {show(value)}',
            path,
            hint=f'write "from": "{self.latest()}", or leave it out to read the node before',
        )
        return Sources()

    def latest(self) -> str:
        """The id of the last node before that has one; else that of an input."""
        return next(reversed([*self.part.inputs, *self.ids]), "id")

    def unread(self, code: str, message: str, path: Path, **more: Any) -> None:
        """A reference that cannot be read: which nodes are unused is then not known."""
        self.part.unread = True
        self.mistake(code, message, path, **more)

    def implied(self, call: Call, index: int) -> Sources:
        """The node before; at the start of a block its first input."""
        path = call.path
        if index:
            before = self.part.nodes[index - 1]
            return Sources((Reference(index - 1, 0, before.label or "the node before", path),), implied=True)
        if self.part.kind == "block":
            name = self.part.inputs[0]
            return Sources((Reference(name, 0, name, path),), implied=True)
        if call.declared is not None or call.kind not in ("layer", "op"):  # An op that is none may be meant to be one.
            self.mistake("no-input", f"'{call.label}' reads nothing", path, hint=START)
        return Sources()

    def named(self, value: dict[str, Any], call: Call, path: Path) -> dict[str, Reference | tuple[Reference, ...]]:
        """References by the call argument that they are given to."""
        if call.declared is not None and call.declared.takes_list:
            self.unread(
                "wrong-inputs",
                f"{call.op} takes {say_count(call.declared)}, found an object",
                path,
                hint=f'write "from": {show([item for item in value.values() if isinstance(item, str)])}',
            )
            return {}
        known_names = self.call_names(call)
        named: dict[str, Reference | tuple[Reference, ...]] = {}
        for name, item in value.items():
            here = (*path, name)
            if known_names is not None and name not in known_names:
                hint = did_you_mean(name, known_names) or f"its inputs: {', '.join(known_names) or 'none'}"
                self.unread("unknown-argument", f'{call.op} has no input "{name}"', here, key=True, hint=hint)
            elif known_names is None and (refusal := refused_word("the input", name)):
                self.unread("unknown-argument", refusal[0], here, key=True, hint=refusal[1])
            elif not isinstance(item, list):
                if reference := self.reference(item, here):
                    named[name] = reference
            elif call.declared is None or not (call.declared.imported or name in call.declared.list_inputs):
                self.unread(
                    "wrong-inputs",
                    f'the input "{name}" of {call.op} is one tensor, found a list',
                    here,
                    hint=f"write {show(item[0])}" if len(item) == 1 else "merge them first, with Concatenate or Add",
                )
            elif not item:
                self.unread("wrong-inputs", f'the list for "{name}" is empty', here, hint="name what the node reads")
            else:
                found = [self.reference(each, (*here, position)) for position, each in enumerate(item)]
                named[name] = tuple(reference for reference in found if reference)
        # In the order of the signature: its first is the one that "when" and "repeat" pass on.
        return {name: named[name] for name in known_names or named if name in named}

    def call_names(self, call: Call) -> tuple[str, ...] | None:
        """The names by which what the op reads can be given; ``None`` where nobody knows them."""
        if call.kind == "block" and call.op in self.program.blocks:
            return self.program.blocks[call.op].inputs
        if call.kind == "model" and call.op in self.program.models:
            return tuple(name for name in self.model_inputs(call) or () if name is not None)
        return None if call.declared is None or call.declared.imported else call.declared.call_inputs

    def model_inputs(self, call: Call) -> list[str | None] | None:
        """The ids of a model's Inputs, ``None`` for one without; ``None`` where its nodes cannot be read."""
        nodes = self.program.source.value["models"][call.op].get("nodes")
        if not isinstance(nodes, list):
            return None
        inputs = [node.get("id") for node in nodes if isinstance(node, dict) and node.get("op") == "Input"]
        return [name if isinstance(name, str) else None for name in inputs]

    def reference(self, value: Any, path: Path) -> Reference | None:
        if isinstance(value, str) and value in self.ids:
            return self.check_output(Reference(self.ids[value], 0, value, path), False)
        if not isinstance(value, str) or not (match := _REFERENCE.fullmatch(value)):
            start = re.match(r"\w*", value) if isinstance(value, str) else None
            name = start[0] if start and start[0] in [*self.ids, *self.part.inputs] else "id"
            hint = f'write "{name}", or "{name}[k]" for its k-th output'
            self.unread("bad-reference", f"{show(value)} is not a reference", path, hint=hint)
            return None
        name, output = match.group(1), int(match.group(2) or 0)
        if name in self.ids:
            return self.check_output(Reference(self.ids[name], output, value, path), match.group(2) is not None)
        if name in self.part.inputs:
            if output:
                self.unread("bad-reference", f'the input "{name}" is one tensor', path, hint=f'write "{name}"')
                return None
            return Reference(name, 0, value, path)
        hint = self.reference_hint(name)
        self.unread("unknown-reference", f'nothing before this is called "{name}"', path, hint=hint)
        return None

    def check_output(self, reference: Reference, explicit: bool) -> Reference | None:
        """Whether a block or model has that many outputs (of a layer only its shapes tell)."""
        assert isinstance(reference.target, int)
        call = self.part.nodes[reference.target]
        if call.kind not in ("block", "model") or not explicit:
            return reference
        definition = self.program.source.value[f"{call.kind}s"][call.op].get("outputs")
        count = len(definition) if isinstance(definition, (list, dict)) else 1
        if reference.output < count:
            return reference
        there = [show(f"{call.id}[{index}]") for index in range(count)[:3]]
        self.unread(
            "bad-reference",
            f'"{reference.text}" asks for output {reference.output}, {call.op} has {count}',
            reference.path,
            hint=f"outputs count from 0: write {' or '.join(there)}",
        )
        return None

    def reference_hint(self, name: str) -> str:
        """What to write for a name that is not known."""
        nodes = [node for node in self.definition["nodes"] if isinstance(node, dict)]
        if name in [node.get("id") for node in nodes]:
            return f'move "{name}" up: a node stands after the nodes it reads'
        names = [*self.part.inputs, *self.ids]
        if near := did_you_mean(name, names):
            return near
        if name in [node.get("op") for node in nodes]:
            return f'give the {name} that is meant an "id", and write that'
        return f"known here: {', '.join(names)}" if names else 'give the node that is meant an "id"'

    # How many

    def arity(self, call: Call) -> None:
        """Whether a node is given as many tensors as its op takes."""
        if call.kind in ("block", "model"):
            self.part_arity(call)
        elif call.declared is None or call.declared.imported or call.op == "Input":
            return
        elif call.declared.takes_list:
            self.list_arity(call, call.declared)
        else:
            self.layer_arity(call, call.declared)

    def part_arity(self, call: Call) -> None:
        sources, path = call.sources, (*call.path, "from")
        names = self.program.blocks[call.op].inputs if call.kind == "block" else self.model_inputs(call)
        given = len(sources.positional) + len(sources.named)
        if not names or given == len(names):
            return
        ids = [name or f"input {index}" for index, name in enumerate(names)]
        plural = "s" if len(names) != 1 else ""
        texts = [show(each.text) for each in sources.positional[-len(names) :]] + ["..."] * len(names)
        example = ", ".join(f'"{name}": {text}' for name, text in zip(ids, texts, strict=False))
        self.unread(
            "wrong-inputs",
            f"{call.op} takes {len(names)} input{plural} ({', '.join(ids)}), found {given}",
            path,
            hint=f'write "from": {{{example}}}',
        )

    def list_arity(self, call: Call, declared: type[Operation]) -> None:
        sources = call.sources
        given = len(sources.positional)
        if sources.listed and declared.min_inputs <= given <= (declared.max_inputs or given):
            return
        ids = [*reversed(self.ids), *self.part.inputs]
        read = list(dict.fromkeys(each.text for each in sources.positional if not sources.implied or each.text in ids))
        others = [name for name in ids if name not in read and self.ids.get(name) != len(self.part.nodes)]
        shown = ", ".join(f'"{name}"' for name in [*read[-2:], *others, "a", "b"][:2])
        found = str(given) if sources.listed else "one tensor"
        self.unread(
            "wrong-inputs",
            f"{call.op} takes {say_count(declared)}, found {found}",
            (*call.path, "from"),
            hint=f'write "from": [{shown}]',
        )

    def layer_arity(self, call: Call, declared: type[Operation]) -> None:
        sources, path, names = call.sources, (*call.path, "from"), declared.call_inputs
        given = len(sources.positional)
        if given > len(names):
            plural = "s" if len(names) != 1 else ""
            self.unread(
                "wrong-inputs",
                f"{call.op} takes at most {len(names)} input{plural} ({', '.join(names)}), found {given}",
                path,
                hint="merge them first, with Concatenate or Add" if len(names) == 1 else None,
            )
            return
        said = {*sources.named, *call.arguments}  # a number can stand in place of a tensor
        if missing := [name for name in names[given : declared.required_inputs] if name not in said]:
            example = ", ".join(f'"{name}": ...' for name in names[: declared.required_inputs])
            self.unread(
                "wrong-inputs",
                f"{call.op} also needs {' and '.join(missing)}",
                path,
                hint=f'write "from": {{{example}}}',
            )

    # What the part gives

    def outputs(self) -> Outputs:
        """What a part gives: its ``outputs``, or its last node."""
        path = (*self.part.path, "outputs")
        if "outputs" not in self.definition:
            last = self.part.nodes[-1]
            return Outputs((Reference(len(self.part.nodes) - 1, 0, last.label, last.path),))
        value = self.definition["outputs"]
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
                        message, hint = misnamed("the output name", name)
                        self.mistake("bad-name", message, (*path, name), key=True, hint=hint)
                found = [self.reference(item, (*path, name)) for name, item in value.items()]
            case _:
                found = []
                self.unread(
                    "wrong-type",
                    '"outputs" is a reference, a list of them or an object name -> reference, ' f"found {show(value)}",
                    path,
                    hint='write the id of the last node, or leave "outputs" out',
                )
        self.part.broken = None in found or not found
        return Outputs(tuple(reference for reference in found if reference), names, isinstance(value, list))


def say_count(declared: type[Operation]) -> str:
    """How many tensors an op takes that takes a list."""
    low, high = declared.min_inputs, declared.max_inputs
    if low < 2 and high is None:
        return "a list of tensors"
    if low == high:
        return f"a list of {low} tensors"
    return f"a list of {low} or more tensors" if high is None else f"a list of {low} to {high} tensors"
