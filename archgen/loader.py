"""Source -> Program: unknown keys, wrong types, missing references; every mistake that needs no shapes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from archgen.errors import ArchgenError, did_you_mean
from archgen.node_loader import PartLoader
from archgen.names import is_identifier
from archgen.program import Part, Program, expressions
from archgen.source import Path, Source
from archgen.values import ValueReader

VERSION = 1
DEEPEST = 50

KEYS = ("$schema", "archgen", "name", "title", "description", "params", "nodes", "outputs", "blocks", "models", "train")
BLOCK_KEYS = ("params", "inputs", "nodes", "outputs")
MODEL_KEYS = ("params", "nodes", "outputs")


def load_source(source: Source, overrides: Mapping[str, Any] | None = None) -> Program:
    """Read a program from a parsed file; mistakes are collected in its ``problems``.

    ``overrides`` replaces parameters of the file by name (the option ``--set``); a name that the file does not have
    raises ``ArchgenError``.
    """
    return _Loader(source).load(overrides or {})


def parse_override(text: str) -> tuple[str, Any]:
    """``name=value`` as the command line gives it; the value is JSON, or else a string.

    >>> parse_override("classes=100"), parse_override("activation=relu")
    (('classes', 100), ('activation', 'relu'))
    """
    name, equals, value = text.partition("=")
    if not equals or not is_identifier(name):
        raise ArchgenError(f"--set takes name=value, found {text!r}", hint="for example --set classes=100")
    try:
        parsed = json.loads(value)
    except ValueError:
        parsed = value
    if not _is_parameter(parsed):
        raise ArchgenError(f"--set {name}: a parameter is a number, a string, true, false, null or a list of them")
    return name, parsed


class _Loader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.program = Program(source, problems=list(source.problems))
        self.values = ValueReader(source, self.program.problems)

    def mistake(self, code: str, message: str, path: Path = (), **more: Any) -> None:
        self.program.problems.append(self.source.problem(code, message, path, **more))

    def load(self, overrides: Mapping[str, Any]) -> Program:
        top, program = self.source.value, self.program
        if not isinstance(top, dict):
            self.mistake("wrong-type", "a spec is a JSON object", hint='start with {"name": ..., "nodes": [...]}')
            return program
        if not self.version(top):
            return program
        self.keys(top, KEYS, ())
        self.prose(top)
        program.params = self.params(top.get("params", {}), ("params",))
        for name, value in overrides.items():
            if name not in program.params:
                hint = did_you_mean(name, program.params) or f"its parameters: {', '.join(program.params) or 'none'}"
                raise ArchgenError(f"{self.source.file} has no parameter {name!r}", hint=hint)
            program.params[name] = value
        self.declare(top, "blocks", BLOCK_KEYS)
        self.declare(top, "models", MODEL_KEYS)
        self.main(top)
        for part in self.parts():
            PartLoader(program, part, self.values).load()
        self.recursion()
        self.reach()
        if "train" in top:
            self.train(top["train"])
        return program

    def version(self, top: dict[str, Any]) -> bool:
        version = top.get("archgen", VERSION)
        if version == VERSION and not isinstance(version, bool):
            return True
        newer = isinstance(version, int) and version > VERSION
        message = f"this file is written in version {version} of the language, known is version {VERSION}"
        self.mistake(
            "unknown-version",
            message if newer else f'"archgen" is the language version, {VERSION}',
            ("archgen",),
            hint="upgrade archgen" if newer else f'write "archgen": {VERSION}, or leave it out',
        )
        return False

    def keys(self, value: Mapping[str, Any], known: tuple[str, ...], path: Path) -> None:
        for key in value:
            if key not in known:
                hint = did_you_mean(key, known) or f"known here: {', '.join(known)}"
                self.mistake("unknown-key", f'unknown key "{key}"', (*path, key), key=True, hint=hint)

    def prose(self, top: dict[str, Any]) -> None:
        name = top.get("name")
        if name is None:
            self.mistake("missing-key", 'a spec needs a "name"', hint='add "name": "my_model"')
        elif not is_identifier(name):
            self.mistake(
                "bad-name",
                f"the name {json.dumps(name)[:60]} is not a Python identifier",
                ("name",),
                hint="use letters, digits and _, not starting with a digit or _",
            )
        else:
            self.program.name = name
        for key in ("title", "description", "$schema"):
            if key in top and not isinstance(top[key], str):
                self.mistake("wrong-type", f'"{key}" is a string', (key,))
            elif key in top and key != "$schema":
                setattr(self.program, key, top[key])

    def params(self, value: Any, path: Path) -> dict[str, Any]:
        """Named constants, each a scalar or a list of scalars."""
        if not isinstance(value, dict):
            self.mistake("wrong-type", '"params" is an object name -> value', path)
            return {}
        params: dict[str, Any] = {}
        for name, default in value.items():
            if not is_identifier(name):
                self.mistake("bad-name", f'"{name}" is not a Python identifier', (*path, name), key=True)
            elif not _is_parameter(default):
                self.mistake(
                    "wrong-type",
                    f'the parameter "{name}" is a number, a string, true, false, null or a list of them',
                    (*path, name),
                )
                params[name] = None
            elif isinstance(default, str) and default.startswith("$"):
                self.mistake(
                    "wrong-type",
                    f'the parameter "{name}" is a constant and no expression',
                    (*path, name),
                    hint="write its value",
                )
                params[name] = None
            else:
                params[name] = default
        return params

    def declare(self, top: dict[str, Any], key: str, known: tuple[str, ...]) -> None:
        """Enter the blocks or models, so that nodes can refer to them; their nodes are read later."""
        table = top.get(key, {})
        if not isinstance(table, dict):
            self.mistake("wrong-type", f'"{key}" is an object name -> definition', (key,))
            return
        kind = "block" if key == "blocks" else "model"
        for name, value in table.items():
            path = (key, name)
            if not is_identifier(name) or name != name.lower():
                self.mistake(
                    "bad-name",
                    f'the {kind} name "{name}" is not a lower_case identifier',
                    path,
                    key=True,
                    hint="for example residual_block",
                )
                continue
            if name in self.program.blocks:
                self.mistake(
                    "duplicate-name", f'"{name}" is a block already', path, key=True, hint="give the model another name"
                )
                continue
            if not isinstance(value, dict):
                self.mistake("wrong-type", f"a {kind} is an object with nodes", path)
                continue
            self.keys(value, known, path)
            part = Part(kind, name, path, params=self.params(value.get("params", {}), (*path, "params")))  # type: ignore[arg-type]
            if kind == "block":
                part.inputs = self.inputs(value, part)
            (self.program.blocks if kind == "block" else self.program.models)[name] = part

    def inputs(self, value: dict[str, Any], part: Part) -> tuple[str, ...]:
        names, path = value.get("inputs", ["x"]), (*part.path, "inputs")
        if not isinstance(names, list) or not names:
            self.mistake("wrong-type", '"inputs" is a list of one or more names', path, hint='for example ["x"]')
            return ("x",)
        good: list[str] = []
        for index, name in enumerate(names):
            if not is_identifier(name):
                self.mistake("bad-name", f"{json.dumps(name)[:60]} is not a Python identifier", (*path, index))
            elif name in good or name in part.params:
                self.mistake(
                    "duplicate-name", f'"{name}" is an input or parameter of the block already', (*path, index)
                )
            else:
                good.append(name)
        return tuple(good or ("x",))

    def main(self, top: dict[str, Any]) -> None:
        train = top.get("train")
        if "nodes" in top:
            self.program.main = Part("main", self.program.name, ())
        elif not (isinstance(train, dict) and train.get("kind") == "gan"):
            self.mistake(
                "missing-key", 'a spec needs "nodes"', hint='add "nodes": [{"op": "Input", "shape": [4]}, ...]'
            )

    def parts(self) -> list[Part]:
        """Every part, those that others use first where the file says so."""
        program = self.program
        return [*program.blocks.values(), *program.models.values(), *([program.main] if program.main else [])]

    def recursion(self) -> None:
        """Refuse parts that use themselves, and gather what each needs from outside: parameters and models."""
        program = self.program
        done: dict[str, None] = {}

        def visit(part: Part, trail: tuple[str, ...]) -> None:
            if part.name in done and part.kind != "main":
                return
            if len(trail) > DEEPEST:
                self.mistake("too-deep", f"blocks and models are nested more than {DEEPEST} deep", part.path, key=True)
                done[part.name] = None
                return
            params: dict[str, None] = {}
            models: dict[str, None] = {}
            for call in part.nodes:
                for name in _names(call):
                    if name not in part.params and name not in part.inputs and name in program.params:
                        params[name] = None
                if call.kind not in ("block", "model"):
                    continue
                if call.op in trail:
                    if not call.broken:
                        cycle = " -> ".join((*trail[trail.index(call.op) :], call.op))
                        self.mistake(
                            "recursion",
                            f'"{call.op}" uses itself: {cycle}',
                            (*call.path, "op"),
                            hint="take one of the uses out",
                        )
                        call.broken = True
                    continue
                used = program.part(call)
                visit(used, (*trail, call.op))
                params.update(dict.fromkeys(used.captures))
                models.update(dict.fromkeys((call.op,) if call.kind == "model" else used.models))
            part.captures = tuple(name for name in program.params if name in params)
            part.models = tuple(name for name in program.models if name in models)
            if part.kind != "main":
                done[part.name] = None

        for part in self.parts():
            visit(part, (part.name,) if part.kind != "main" else ())

    def reach(self) -> None:
        """Refuse nodes that lead nowhere: Keras would leave them out of the model without a word."""
        for part in self.parts():
            if part.broken or any(call.broken for call in part.nodes):
                continue
            wanted = [reference.target for reference in part.outputs.references]
            reached: set[int] = set()
            while wanted:
                target = wanted.pop()
                if isinstance(target, str) or target in reached:
                    continue
                reached.add(target)
                call = part.nodes[target]
                wanted += [reference.target for reference in call.sources.all()]
                if call.target is not None:
                    wanted.append(call.target)
            for index, call in enumerate(part.nodes):
                if index not in reached:
                    self.mistake(
                        "unused-node",
                        f"'{call.label}' is read by no node and is no output",
                        call.path,
                        hint='read it in a "from", name it in "outputs", or take it out',
                    )

    def train(self, value: Any) -> None:
        if not isinstance(value, dict):
            self.mistake("wrong-type", '"train" is an object', ("train",))
            return
        read = {key: self.values.read(item, ("train", key)) for key, item in value.items()}
        for path, expression in expressions(read):
            for name in expression.names:
                if name not in self.program.params:
                    self.values.unknown_name(name, ("train", *path), self.program.params)
        self.program.train = read


def _names(call: Any) -> list[str]:
    """Names that the expressions of a call read."""
    found = [e for value in (call.arguments, call.options) for _, e in expressions(value)]
    if call.repeat:
        found += [e for _, e in expressions(call.repeat.lists)] + [e for _, e in expressions(call.repeat.count)]
    found += [call.when] if call.when else []
    return [name for expression in found for name in expression.names]


def _is_parameter(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return all(item is None or isinstance(item, (bool, int, float, str)) for item in items)
