"""What a user can look up: the ops there are, one op's arguments and shape rule, and specs to start from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from textwrap import wrap

import archgen.layers
import archgen.training  # noqa: F401  (fills it with data sources and training kinds)
from archgen.errors import ArchgenError, did_you_mean
from archgen.layers.base import CATEGORIES, COMMON, Declared, Field, Operation, known
from archgen.layers.kinds import Choice, Made
from archgen.layers.objects.left_out import OBJECTS
from archgen.layers.refused import ALIASES, CELLS, FUNCTIONS, HINTS, LAYERS, REASONS, hint_for
from archgen.names import hides_module, is_identifier, misnamed
from archgen.resources import resource
from archgen.source import parse


def names() -> list[str]:
    """Every op that a node can have, as a spec writes it."""
    return [*sorted(known("layer")), *(f"ops.{name}" for name in sorted(known("op")))]


def cells() -> list[str]:
    """Every cell that ``RNN`` takes."""
    return sorted(known("cell"))


def refused() -> dict[str, str]:
    """Every public name of ``keras.layers`` that is not declared, with the reason, aliases after the others."""
    return {name: LAYERS[name] for name in (*sorted(REASONS), *sorted(ALIASES)) if name not in known("layer")}


def find(name: str) -> type[Declared]:
    """A declaration by the name that a spec uses; objects too. Raises ``ArchgenError``."""
    if name.startswith("ops."):
        declared = known("op").get(name.removeprefix("ops."))
    else:
        declared = next((table[name] for table in Declared.registry.values() if name in table), None)
    if declared is not None:
        return declared
    everything = [*names(), *(name for role, table in Declared.registry.items() if role != "op" for name in table)]
    raise ArchgenError(f"there is no op {name!r}", hint=did_you_mean(name, everything) or "archgen layers lists them")


def overview() -> str:
    """Every op with one line of what it does, by category; then the cells, and what is refused."""
    tables = {category: [(name, each.summary()) for name, each in ops] for category, ops in by_category().items()}
    tables["cells, for RNN"] = [(name, known("cell")[name].summary()) for name in cells()]
    tables["refused"] = list(refused().items())
    width = max(len(name) for table in tables.values() for name, _ in table)
    parts = [
        "\n".join([heading, *(f"  {name:<{width}}  {said}" for name, said in table)])
        for heading, table in tables.items()
        if table
    ]
    return "\n\n".join(parts)


def by_category() -> dict[str, list[tuple[str, type[Operation]]]]:
    """Every op that a node can have, by what sort of op it is."""
    tables: dict[str, list[tuple[str, type[Operation]]]] = {category: [] for category in CATEGORIES}
    for name in names():
        declared = find(name)
        assert issubclass(declared, Operation)
        tables.setdefault(declared.category, []).append((name, declared))
    return {category: ops for category, ops in tables.items() if ops}


def describe(name: str) -> str:
    """One op: what it does, its arguments with kinds and defaults, its shape rule, how it is called."""
    if name in ALIASES:
        return f"{name}\n  refused: {LAYERS[name]}\n\n{describe(ALIASES[name])}"
    left_out = {**refused(), **FUNCTIONS, **{each: why for table in OBJECTS.values() for each, why in table.items()}}
    if name in left_out:
        hint = hint_for(name) if name in FUNCTIONS else HINTS.get(name)
        return f"{name}\n  refused: {left_out[name]}" + (f"\n  hint: {hint}" if hint else "")
    declared = find(name)
    lines = [name, f"  {declared.summary()}"]
    if name in CELLS:
        lines.append(f"  stands in RNN: {CELLS[name]}")
    elif issubclass(declared, Operation):
        lines += calling(declared)
    if issubclass(declared, Operation) and declared.rule:
        lines.append(f"  shape: {declared.rule}")
    lines += ["", "  arguments" if declared.fields else "  no arguments"]
    width = max(map(len, declared.fields), default=0)
    for field in declared.fields.values():
        default = "required" if field.required else f"default {default_of(field)}"
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


def calling(declared: type[Operation]) -> list[str]:
    """What an op reads, as a line, if it reads anything."""
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


def default_of(field: Field) -> str:
    """The default of an argument that has one, as JSON."""
    return json.dumps(list(field.default) if isinstance(field.default, tuple) else field.default)


def page() -> str:
    """``docs/layers.md``: every op, what is left out of Keras's arguments, what is refused, and why."""
    parts = [PREFACE]
    for category, ops in by_category().items():
        rows = [(f"`{name}`", _cell(each.summary()), _rule(each.rule), _arguments(each)) for name, each in ops]
        parts += [f"## {category.capitalize()}", _table("op", "what it does", "shapes", "arguments", rows=rows)]
    steps = [(name, known("cell")[name]) for name in cells()]
    said = [(f"`{name}`", _cell(each.summary()), _arguments(each)) for name, each in steps]
    parts += ["## Cells, for `RNN`", _table("cell", "what it does", "arguments", rows=said)]
    said = [(_code(key), _among(ops, " that has it"), _cell(why)) for (key, why), ops in _reasons("left_out")]
    parts += [LEFT_OUT, _table("argument", "of", "why", rows=said)]
    said = [(_among(ops), _code(key.replace(".*", "...")), _cell(why)) for (key, why), ops in _reasons("stricter")]
    parts += [STRICTER, _table("op", "an error that says", "why", rows=said)]
    refusals = [
        (f"`{name}`", _cell(f"{why}; {HINTS[name]}" if name in HINTS else why)) for name, why in refused().items()
    ]
    parts += ["## Refused", _table("name", "why no node can have it", rows=refusals)]
    return "\n\n".join(parts) + "\n"


PREFACE = """\
# Layers and functions

Made from the declarations by `make docs/layers.md`: do not edit. `archgen layers NAME` says what each argument takes.
Arguments stand in Keras's order, with their defaults; every layer also takes `trainable=true` and `dtype=null`."""
LEFT_OUT = """\
## Arguments of Keras that are left out"""
STRICTER = """\
## Where archgen is stricter than Keras

Keras builds and runs these, and archgen does not accept them."""


def _reasons(table: str) -> list[tuple[tuple[str, str], list[str]]]:
    """What the declarations say in a table of theirs: each key with its reason, and the names of those that say so."""
    found: dict[tuple[str, str], list[str]] = {}
    for name in (*names(), *cells()):
        for key, why in find(name).gathered(table).items():
            found.setdefault((key, why), []).append(name)
    return sorted(found.items(), key=lambda item: (-len(item[1]), item[1][0], item[0]))


def _among(ops: Sequence[str], which: str = "") -> str:
    """The ops that share a reason."""
    layers, functions = {*known("layer"), *cells()}, {f"ops.{name}" for name in known("op")}
    for everything, said in (
        (layers | functions, "every op"),
        (layers, f"every layer{which}"),
        (functions, "every function"),
    ):
        if set(ops) == everything:
            return said
    return ", ".join(f"`{name}`" for name in ops)


def _arguments(declared: type[Declared]) -> str:
    """The arguments of an op as one cell of a table."""
    own = [field for field in declared.fields.values() if COMMON.get(field.name) is not field]
    shown = [f.name if f.required else f"{f.name}={default_of(f)}" for f in own]
    if issubclass(declared, Operation):
        shown += [f"call {option}" for option in declared.options]
    return ", ".join(map(_code, shown))


def _table(*heads: str, rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(line)} |" for line in (heads, ["---"] * len(heads), *rows))


def _rule(rule: str) -> str:
    """A shape rule: a formula as code, words as they are."""
    return _code(rule) if rule.startswith("(") or "->" in rule else _cell(rule)


def _cell(text: str) -> str:
    """Text that does not end the cell it stands in."""
    return text.replace("``", "`").replace("|", "\\|").replace("<", "\\<")


def _code(text: str) -> str:
    """Text as code, where there is any."""
    return f"`{text.replace('|', chr(92) + '|')}`" if text else ""


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
