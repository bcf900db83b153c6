"""What a user can look up: the ops there are, one op's arguments and shape rule, and specs to start from."""

from __future__ import annotations

import json
from textwrap import wrap
from typing import Any

import archgen.layers
import archgen.training  # noqa: F401  (fills it with data sources and training kinds)
from archgen.errors import ArchgenError, did_you_mean
from archgen.layers.base import CATEGORIES, Declared, Operation, known
from archgen.layers.kinds import Choice, Made
from archgen.layers.refused import LAYERS as REFUSED
from archgen.names import hides_module, is_identifier, misnamed
from archgen.resources import resource
from archgen.source import parse


def names() -> list[str]:
    """Every op that a node can have, as a spec writes it."""
    return [*sorted(known("layer")), *(f"ops.{name}" for name in sorted(known("op")))]


def find(name: str) -> type[Declared]:
    """A declaration by the name that a spec uses; objects too. Raises ``ArchgenError``."""
    if name.startswith("ops."):
        declared = known("op").get(name.removeprefix("ops."))
    else:
        declared = next((table[name] for table in Declared.registry.values() if name in table), None)
    if declared is not None:
        return declared
    if name in REFUSED:
        raise ArchgenError(f"{name} cannot stand in a spec: {REFUSED[name]}")
    everything = [*names(), *(name for role, table in Declared.registry.items() if role != "op" for name in table)]
    raise ArchgenError(f"there is no op {name!r}", hint=did_you_mean(name, everything) or "archgen layers lists them")


def overview() -> str:
    """Every op with one line of what it does, by category."""
    by_category: dict[str, list[tuple[str, type[Operation]]]] = {category: [] for category in CATEGORIES}
    for name in names():
        declared = find(name)
        assert issubclass(declared, Operation)
        by_category.setdefault(declared.category, []).append((name, declared))
    width = max(map(len, names()))
    lines: list[str] = []
    for category, entries in by_category.items():
        if entries:
            lines += ["", category] if lines else [category]
            lines += [f"  {name:<{width}}  {declared.summary()}" for name, declared in entries]
    return "\n".join(lines)


def describe(name: str) -> str:
    """One op: what it does, its arguments with kinds and defaults, its shape rule, how it is called."""
    declared = find(name)
    lines = [name, f"  {declared.summary()}"]
    if issubclass(declared, Operation):
        lines += _calling(declared)
        if declared.rule:
            lines.append(f"  shape: {declared.rule}")
    lines += ["", "  arguments" if declared.fields else "  no arguments"]
    width = max(map(len, declared.fields), default=0)
    for field in declared.fields.values():
        default = "required" if field.required else f"default {json.dumps(_plain(field.default))}"
        lines.append(f"    {field.name:<{width}}  {default:<24}  {field.kind.describe()}")
    if issubclass(declared, Operation) and declared.options:
        lines += ["", "  call"]
        lines += [f"    {option}  {kind.describe()}" for option, kind in declared.options.items()]
    lines += _choices(declared)
    return "\n".join(lines)


def _choices(declared: type[Declared]) -> list[str]:
    """The strings that arguments take, where there are too many to name in the line of the argument."""
    lists: dict[tuple[str, ...], list[str]] = {}
    for field in declared.fields.values():
        if isinstance(field.kind, Choice) and field.kind.is_long:
            lists.setdefault(field.kind.choices, []).append(field.name)
        elif isinstance(field.kind, Made) and (names := tuple(field.kind.names(every=False))):
            lists.setdefault(names, []).append(field.name)
    lines = []
    for choices, arguments in lists.items():
        text = ", ".join(choices)
        lines += ["", f"  {', '.join(arguments)}", *wrap(text, 110, initial_indent="    ", subsequent_indent="    ")]
    return lines


def _calling(declared: type[Operation]) -> list[str]:
    if declared.takes_list:
        most = declared.max_inputs
        count = f"{declared.min_inputs} or more" if most is None else str(declared.min_inputs)
        count = f"{declared.min_inputs} to {most}" if most not in (None, declared.min_inputs) else count
        return [f"  reads: a list of {count} tensors"]
    if not declared.call_inputs:
        return []
    words = [
        word if index < declared.required_inputs else f"[{word}]" for index, word in enumerate(declared.call_inputs)
    ]
    return [f"  reads: {', '.join(words)}"]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def examples() -> list[str]:
    """The names of the specs that archgen ships."""
    return sorted(path.stem for path in resource("specs").glob("*.json") if not path.name.endswith(".schema.json"))


def starting_spec(name: str, like: str) -> str:
    """The text of an example spec under another name; raises ``ArchgenError``."""
    if not is_identifier(name):
        message, hint = misnamed("the name", name)
        raise ArchgenError(message, hint=hint)
    if hides_module(name):
        raise ArchgenError(f"the script would be called {name}.py and hide a module", hint=f"write {name}_model")
    if like not in examples():
        hint = did_you_mean(like, examples()) or f"examples: {', '.join(examples())}"
        raise ArchgenError(f"there is no example {like!r}", hint=hint)
    text = (resource("specs") / f"{like}.json").read_text("utf-8")
    source = parse(text)
    start = source.spots[("name",)][1]
    return text[:start] + json.dumps(name) + text[start + len(json.dumps(source.value["name"])) :]
