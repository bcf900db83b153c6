"""Source -> Program: unknown keys, wrong types, missing references; every mistake that needs no shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from archgen.argument_reader import WORDS
from archgen.errors import ArchgenError, SpecError, did_you_mean, nearest
from archgen.expressions import FUNCTIONS, Expression
from archgen.imports import read_imports
from archgen.layers.kinds import show
from archgen.names import hides_module, is_identifier, is_text, misnamed
from archgen.node_loader import PartLoader
from archgen.program import Part, Program, expressions
from archgen.source import Path, Source, parse
from archgen.uses import settle_uses
from archgen.values import ValueReader

VERSION = 1

KEYS = (
    *("$schema", "archgen", "name", "title", "description", "params", "imports"),
    *("nodes", "outputs", "blocks", "models", "train"),
)
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
        parsed = parse(value).value
    except SpecError:
        parsed = value
    if refusal := _refusal(parsed):
        raise ArchgenError(f"--set {name}: a parameter is {refusal}, found {show(parsed)}")
    return name, parsed


class _Loader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.program = Program(source, problems=list(source.problems))
        self.values = ValueReader(source, self.program.problems, self.program.lost)

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
        read_imports(program, self.values, top.get("imports", {}))
        self.declare(top, "blocks", BLOCK_KEYS)
        self.declare(top, "models", MODEL_KEYS)
        self.main(top)
        for part in self.parts():
            PartLoader(program, part, self.values).load()
        settle_uses(program, self.values)
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
            message if newer else f'"archgen" is the language version, {VERSION}, found {show(version)}',
            ("archgen",),
            hint="upgrade archgen" if newer else f'write "archgen": {VERSION}, or leave it out',
        )
        return False

    def keys(self, value: Mapping[str, Any], known: tuple[str, ...], path: Path) -> None:
        for key in value:
            if key in known:
                continue
            hint = did_you_mean(key, known) or f"take it out; known here: {', '.join(known)}"
            if known is MODEL_KEYS and key == "inputs":
                hint = "take it out: a model reads through its Input nodes"
            self.mistake("unknown-key", f'unknown key "{key}"', (*path, key), key=True, hint=hint)

    def lacks(self, top: dict[str, Any], key: str) -> bool:
        """Whether a key is missing, and not just misspelt."""
        return key not in top and key not in [nearest(other, KEYS) for other in top if other not in KEYS]

    def prose(self, top: dict[str, Any]) -> None:
        name: Any = top.get("name")
        if self.lacks(top, "name"):
            self.mistake("missing-key", 'a spec needs a "name"', hint='add "name": "my_model"')
        elif "name" in top and not is_identifier(name):
            message, hint = misnamed("the name", name)
            self.mistake("bad-name", message, ("name",), hint=hint)
        elif "name" in top and hides_module(name):
            message = f'the script would be called {name}.py and hide the module "{name}"'
            self.mistake("bad-name", message, ("name",), hint=f'write "{name}_model"')
        elif "name" in top:
            self.program.name = name
        for key in ("title", "description", "$schema"):
            if key in top and not isinstance(top[key], str):
                lines = top[key] if isinstance(top[key], list) else [top[key]]
                hint = f"write {show(' '.join(map(str, lines)))}"
                self.mistake("wrong-type", f'"{key}" is a string, found {show(top[key])}', (key,), hint=hint)
            elif key in top and key != "$schema":
                setattr(self.program, key, top[key])

    def params(self, value: Any, path: Path) -> dict[str, Any]:
        """Named constants, each a scalar or a list of scalars."""
        if not isinstance(value, dict):
            message = f'"params" is an object name -> value, found {show(value)}'
            self.mistake("wrong-type", message, path, hint='for example {"classes": 10}')
            self.values.blind = True
            return {}
        params: dict[str, Any] = {}
        for name, default in value.items():
            here = (*path, name)
            if not is_identifier(name):
                message, hint = misnamed("the parameter", name)
                self.mistake("bad-name", message, here, key=True, hint=hint)
                self.values.lost.add(name)
                continue
            if name in FUNCTIONS or (path[0] == "blocks" and name in WORDS):
                what = "a function of expressions" if name in FUNCTIONS else "a word of every node"
                self.mistake(
                    "bad-name",
                    f'"{name}" is {what} and cannot be a parameter',
                    here,
                    key=True,
                    hint=f'for example "{name}_1"',
                )
                self.values.lost.add(name)
                continue
            params[name] = _constant(default)
            if refusal := _refusal(default):
                message = f'the parameter "{name}" is {refusal}, found {show(default)}'
                self.mistake("wrong-type", message, here, hint="write its value")
                self.values.lost.add(name)
                params[name] = None
        return params

    def declare(self, top: dict[str, Any], key: str, known: tuple[str, ...]) -> None:
        """Enter the blocks or models, so that nodes can refer to them; their nodes are read later."""
        table, singular = top.get(key, {}), key.removesuffix("s")
        if not isinstance(table, dict):
            message = f'"{key}" is an object name -> {singular}, found {show(table)}'
            hint = f'for example "{key}": {{"my_{singular}": {{"nodes": [...]}}}}'
            self.mistake("wrong-type", message, (key,), hint=hint)
            return
        for name, value in table.items():
            path = (key, name)
            if not is_identifier(name):
                message, hint = misnamed(f"the {singular} name", name)
                self.mistake("bad-name", message, path, key=True, hint=hint)
            elif name != name.lower():
                message = f'the {singular} name "{name}" is not in lower case, and "op" would look for a layer'
                self.mistake("bad-name", message, path, key=True, hint=f'write "{_lower(name)}"')
            elif name in self.program.blocks:
                message = f'"{name}" is a block already'
                self.mistake(
                    "duplicate-name",
                    message,
                    path,
                    key=True,
                    hint=f'give the model another name, such as "{name}_model"',
                )
            elif not isinstance(value, dict):
                message = f'a {singular} is an object with "nodes", found {show(value)}'
                hint = f'write {{"nodes": {show(value)}}}' if isinstance(value, list) else 'write {"nodes": [...]}'
                self.mistake("wrong-type", message, path, hint=hint)
            else:
                self.enter(Part(singular, name, path), value, known)  # type: ignore[arg-type]
                continue
            self.values.lost |= {name, re.sub(r"\W+", "_", _lower(name))}

    def enter(self, part: Part, value: dict[str, Any], known: tuple[str, ...]) -> None:
        """A block or model by its name."""
        self.keys(value, known, part.path)
        part.params = self.params(value.get("params", {}), (*part.path, "params"))
        if part.kind == "block":
            part.inputs = self.inputs(value, part)
            self.program.blocks[part.name] = part
        else:
            self.program.models[part.name] = part

    def inputs(self, value: dict[str, Any], part: Part) -> tuple[str, ...]:
        names, path = value.get("inputs", ["x"]), (*part.path, "inputs")
        if not isinstance(names, list) or not names:
            message = f'"inputs" is a list of one or more names, found {show(names)}'
            hint = f"write [{show(names)}]" if isinstance(names, str) else 'for example ["x"]'
            self.mistake("wrong-type", message, path, hint=hint)
            return (str(names) if is_identifier(names) else "x",)
        good: list[str] = []
        for index, name in enumerate(names):
            here = (*path, index)
            if not is_identifier(name):
                message, hint = misnamed("the input", name)
                self.mistake("bad-name", message, here, hint=hint)
            elif name in FUNCTIONS:
                message = f'"{name}" is a function of expressions and cannot be an input'
                self.mistake("bad-name", message, here, hint=f'for example "{name}_1"')
            elif name in good or name in part.params:
                message = f'"{name}" is {"an input" if name in good else "a parameter"} of the block already'
                self.mistake("duplicate-name", message, here, hint=f'give it another name, such as "{name}_1"')
                self.values.lost.add(name)
            if isinstance(name, str) and name not in good:
                good.append(name)
        return tuple(good or ("x",))

    def main(self, top: dict[str, Any]) -> None:
        train = top.get("train")
        kind = train.get("kind", "supervised") if isinstance(train, dict) else "supervised"
        if "nodes" in top:
            self.program.main = Part("main", self.program.name, ())
        elif self.lacks(top, "nodes") and kind in ("supervised", "autoencoder"):
            hint = 'add "nodes": [{"op": "Input", "shape": [4]}, ...]'
            self.mistake("missing-key", 'a spec needs "nodes"', hint=hint)

    def parts(self) -> list[Part]:
        """Every part, those that others use first where the file says so."""
        program = self.program
        return [*program.blocks.values(), *program.models.values(), *([program.main] if program.main else [])]

    def reach(self) -> None:
        """Refuse nodes that lead nowhere: Keras would leave them out of the model without a word."""
        for part in self.parts():
            if part.broken or part.unread:
                continue
            reached: set[int] = set()
            wanted = [reference.target for reference in part.outputs.references]
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
            message = f'"train" is an object, found {show(value)}'
            hint = 'for example {"data": "iris", "loss": "sparse_categorical_crossentropy"}'
            self.mistake("wrong-type", message, ("train",), hint=hint)
            return
        read = {key: self.values.read(item, ("train", key)) for key, item in value.items()}
        for path, expression in expressions(read):
            for name in expression.names:
                if name not in self.program.params:
                    self.values.unknown_name(name, ("train", *path), self.program.params)
        for key in ("kind", "generator", "discriminator"):
            if isinstance(read.get(key), Expression):
                message = f'"{key}" decides what the graph is, and is no expression'
                self.mistake("wrong-type", message, ("train", key), hint="write the name itself")
        self.program.train = read


def _lower(name: str) -> str:
    """A name in snake case.

    >>> _lower("ResidualBlock")
    'residual_block'
    """
    return re.sub("([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def _refusal(value: Any) -> str | None:
    """What a parameter must be, for a value that none can have."""
    items = value if isinstance(value, list) else [value]
    if not all(item is None or isinstance(item, (bool, int, float, str)) for item in items):
        return "a number, a string, true, false, null or a list of them"
    texts = [item for item in items if isinstance(item, str)]
    if any(text.startswith("$") and not text.startswith("$$") for text in texts):
        return "a constant and no expression"
    return None if all(map(is_text, texts)) else "Unicode text"


def _constant(value: Any) -> Any:
    """The value of a parameter: ``$$`` starts a literal dollar."""
    if isinstance(value, list):
        return [_constant(item) for item in value]
    return value[1:] if isinstance(value, str) and value.startswith("$$") else value
