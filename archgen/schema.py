"""The JSON Schema of the language, made from the declarations, so that editors complete and check while typing."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import archgen.layers  # noqa: F401  (fills the registry)
from archgen.layers.base import Declared, Field, Operation, known
from archgen.layers.imported import OUTPUT, OutputOf
from archgen.layers.kinds import Kind
from archgen.layers.refused import LAYERS as REFUSED

IDENTIFIER = "^[A-Za-z][A-Za-z0-9_]*$"
REFERENCE = r"^[A-Za-z][A-Za-z0-9_]*(\[[0-9]+\])?$"
CLASS = "^[A-Z][A-Za-z0-9_]*$"
MODULE = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"
WIDTH = 118
KEYS = {"data": "name", "training": "kind"}
"""The keys that name what is built, where that is not ``op``."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_text() -> str:
    """The schema as JSON text, the same bytes for the same version."""
    return "\n".join(_lines(schema())) + "\n"


def _lines(value: Any, indent: str = "", before: str = "", after: str = "") -> Iterator[str]:
    """JSON text: on one line what fits there, the rest with an item a line."""
    flat = f"{indent}{before}{json.dumps(value, ensure_ascii=False)}{after}"
    if len(flat) <= WIDTH or not isinstance(value, (dict, list)):
        yield flat
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield f"{indent}{before}{opening}"
    items = list(value.items()) if isinstance(value, dict) else [(None, item) for item in value]
    for number, (key, item) in enumerate(items, start=1):
        name = "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "
        yield from _lines(item, indent + " ", name, "," if number < len(items) else "")
    yield f"{indent}{closing}{after}"


def schema() -> dict[str, Any]:
    """The schema of a file in version 1 of the language."""
    import archgen.training  # noqa: F401  (fills the registry)

    return _intern(
        {
            "$schema": DIALECT,
            "title": "archgen, version 1",
            "description": "One neural network: its graph, the parts it is built from, and how it is trained.",
            "type": "object",
            "properties": {
                "$schema": {"type": "string"},
                "archgen": {"const": 1, "description": "The version of the language."},
                "name": {"type": "string", "pattern": IDENTIFIER, "description": "The model's name."},
                "title": {"type": "string"},
                "description": {"type": "string"},
                "params": {"$ref": "#/$defs/params"},
                "imports": _imports(),
                "nodes": {"$ref": "#/$defs/nodes"},
                "outputs": {"$ref": "#/$defs/outputs"},
                "blocks": _table("block"),
                "models": _table("model"),
                "train": {"$ref": "#/$defs/train"},
            },
            "required": ["name"],
            "additionalProperties": False,
            "$defs": _definitions(),
        }
    )


def _intern(whole: dict[str, Any]) -> dict[str, Any]:
    """The same schema with what stands in several places said once, under ``$defs`` by its description."""
    counts: Counter[str] = Counter()
    names: dict[str, str] = {}
    shared: dict[str, Any] = {}

    def count(part: Any) -> None:
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            count(inner)
        if text := _worth_a_name(part):
            counts[text] += 1

    def replace(part: Any) -> Any:
        if isinstance(part, list):
            return [replace(item) for item in part]
        if not isinstance(part, dict):
            return part
        text = _worth_a_name(part)
        part = {key: replace(value) for key, value in part.items()}
        if counts[text] < 2:
            return part
        kind = {key: value for key, value in part.items() if key != "default"}
        if text not in names:
            names[text] = _free(_slug(kind), shared)
            shared[names[text]] = kind
        reference = {"$ref": f"#/$defs/{names[text]}"}
        return {**reference, "default": part["default"]} if "default" in part else reference

    flat = _flatten(whole)
    count(flat)
    result: dict[str, Any] = replace(flat)
    return {**result, "$defs": {**result["$defs"], **shared}}


def _flatten(part: Any) -> Any:
    """The same schema, choices of choices as one list of choices."""
    if isinstance(part, list):
        return [_flatten(item) for item in part]
    if not isinstance(part, dict):
        return part
    part = {key: _flatten(value) for key, value in part.items()}
    if "anyOf" in part:
        nested = [item["anyOf"] if item.keys() == {"anyOf"} else [item] for item in part["anyOf"]]
        choices = {json.dumps(item): item for items in nested for item in items}
        part["anyOf"] = list(choices.values())
    return part


def _worth_a_name(part: Any) -> str:
    """A kind of value as text, without its default, if it is longer than a reference to it."""
    if not isinstance(part, dict) or not part.keys() & {"anyOf", "enum"}:
        return ""
    text = json.dumps({key: value for key, value in part.items() if key != "default"})
    return text if len(text) > 60 else ""


def _slug(kind: dict[str, Any]) -> str:
    """A short name for a kind of value, from the description or the choices."""
    said = kind.get("description") or " ".join(map(str, kind.get("enum", ["value"])))
    words = [word for word in re.findall("[a-z0-9]+", said.lower()) if word not in LITTLE]
    return "_".join(words)[:32].strip("_")


LITTLE = ("a", "an", "the", "of", "or", "them", "name", "op", "in", "all", "each", "item")


def _free(name: str, taken: Collection[str]) -> str:
    """A name that is not taken: itself, or with a number."""
    numbered = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    return next(each for each in (f"is_{name}", *(f"is_{one}" for one in numbered)) if each not in taken)


def _table(kind: str) -> dict[str, Any]:
    return {
        "type": "object",
        "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
        "additionalProperties": {"$ref": f"#/$defs/{kind}"},
    }


def _imports() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "The module of each class of one's own.",
        "propertyNames": {"pattern": CLASS, "not": {"enum": sorted({*known("layer"), *REFUSED})}},
        "additionalProperties": {"type": "string", "pattern": MODULE},
    }


def _definitions() -> dict[str, Any]:
    reference = {"type": "string", "pattern": REFERENCE}
    references = {"anyOf": [reference, {"type": "array", "items": reference, "minItems": 1}]}
    scalar = {"type": ["number", "string", "boolean", "null"]}
    graph = {
        "params": {"$ref": "#/$defs/params"},
        "nodes": {"$ref": "#/$defs/nodes"},
        "outputs": {"$ref": "#/$defs/outputs"},
    }
    inputs = {"type": "array", "items": {"type": "string", "pattern": IDENTIFIER}, "minItems": 1}
    definitions: dict[str, Any] = {
        "expression": {
            "type": "string",
            "pattern": r"^\$",
            "description": "An expression over parameters, as in $filters * 2.",
        },
        "reference": reference,
        "params": {
            "type": "object",
            "propertyNames": {"pattern": IDENTIFIER},
            "additionalProperties": {"anyOf": [scalar, {"type": "array", "items": scalar}]},
        },
        "outputs": {
            "anyOf": [*references["anyOf"], {"type": "object", "additionalProperties": reference, "minProperties": 1}]
        },
        "block": {
            "type": "object",
            "properties": {"inputs": inputs, **graph},
            "required": ["nodes"],
            "additionalProperties": False,
        },
        "model": {"type": "object", "properties": graph, "required": ["nodes"], "additionalProperties": False},
        "nodes": {"type": "array", "items": {"$ref": "#/$defs/node"}, "minItems": 1},
        "words": {
            "properties": {
                "op": {"type": "string"},
                "id": {"type": "string", "pattern": IDENTIFIER},
                "from": {"anyOf": [*references["anyOf"], {"type": "object", "additionalProperties": references}]},
                "call": {"type": "object"},
                "repeat": {
                    "anyOf": [
                        {"type": "integer", "minimum": 0},
                        {"$ref": "#/$defs/expression"},
                        {"type": "object", "additionalProperties": {"type": ["array", "string"]}, "minProperties": 1},
                    ]
                },
                "when": {
                    "type": ["string", "boolean"],
                    "description": "An expression; where it is false the node passes its input on.",
                },
            }
        },
    }
    functions = {f"ops.{name}": each for name, each in known("op").items()}
    operations = {**known("layer"), **functions}
    for role in sorted(Declared.registry):
        key = KEYS.get(role, "op")
        words = {"properties": {key: {"type": "string"}}} if role not in ("layer", "op") else {"$ref": "#/$defs/words"}
        definitions[f"words.{role}"] = words
        definitions[_base(role)] = {"$ref": f"#/$defs/words.{role}", "properties": _properties(_shared(role))}
    definitions["node"] = _node(operations)
    definitions["imported"] = {
        "description": "A layer of a class of one's own.",
        "properties": {OUTPUT: _output()},
    }
    definitions["layer"] = {
        "type": "object",
        "required": ["op"],
        "properties": {"op": {"enum": sorted(known("layer"))}},
        "$ref": "#/$defs/layer_arguments",
    }
    definitions["layer_arguments"] = {"allOf": _cases(known("layer"), "node", "op")}
    definitions["function_arguments"] = {"allOf": _cases(functions, "node", "op")}
    for role in sorted(Declared.registry):
        if role not in ("layer", "op", "training"):
            definitions[role] = _by_key(known(role), role, KEYS.get(role, "op"))
    definitions["data"] = {"anyOf": [{"enum": sorted(known("data"))}, definitions["data"]]}
    definitions["train"] = _train()
    for name, declared in sorted(operations.items()):
        definitions[f"node.{name}"] = _arguments(declared)
    for role in sorted(Declared.registry):
        if role not in ("layer", "op"):
            for name, declared in sorted(known(role).items()):
                definitions[f"{role}.{name}"] = _arguments(declared)
    return definitions


def _output() -> dict[str, Any]:
    """What an imported layer gives."""
    shape = {"anyOf": [{"const": "same"}, OutputOf.shape.schema()]}
    whole = {"shape": shape, "dtype": OutputOf.dtype.schema()}
    described = {"type": "object", "properties": whole, "additionalProperties": False}
    return {"description": OutputOf().phrase(), "anyOf": [*shape["anyOf"], described]}


def _node(operations: dict[str, type[Declared]]) -> dict[str, Any]:
    """A node: which arguments it takes depends on its op. An op in lower case is a block, a model or an id.

    A class of one's own is known by its ``output``; whether it is imported a schema cannot tell.
    """
    names = {"enum": sorted(operations)}
    own = {"pattern": CLASS, "not": {"enum": sorted({*known("layer"), *REFUSED})}}
    return {
        "type": "object",
        "required": ["op"],
        "$ref": "#/$defs/words",
        "if": {"required": [OUTPUT], "properties": {"op": own}},
        "then": {"$ref": "#/$defs/imported"},
        "else": {
            "properties": {
                "op": {"anyOf": [names, {"pattern": "^[a-z][A-Za-z0-9_]*$", "not": {"enum": sorted(REFUSED)}}]}
            }
        },
        "allOf": [{"$ref": "#/$defs/layer_arguments"}, {"$ref": "#/$defs/function_arguments"}],
        "unevaluatedProperties": {"description": "An argument of a block."},
    }


def _by_key(table: Collection[str], role: str, key: str) -> dict[str, Any]:
    """An object that is built by name: its ``op`` (a data source's ``name``) decides which arguments it takes."""
    return {
        "type": "object",
        "required": [key],
        "properties": {key: {"enum": sorted(table)}},
        "allOf": _cases(table, role, key),
    }


def _cases(table: Collection[str], prefix: str, key: str) -> list[dict[str, Any]]:
    """For each name that ``key`` may have, the arguments that come with it."""
    return [
        {"if": {"properties": {key: {"const": name}}}, "then": {"$ref": f"#/$defs/{prefix}.{name}"}}
        for name in sorted(table)
    ]


def _arguments(declared: type[Declared]) -> dict[str, Any]:
    """The arguments of one declaration. A repeat may supply those that are required, so a node requires none."""
    summary = declared.summary()
    result: dict[str, Any] = {"description": summary} if summary else {}
    shared = _shared(declared.role)
    if not shared.items() <= declared.fields.items():
        shared = {}
    own = {name: field for name, field in declared.fields.items() if name not in shared}
    result["$ref"] = f"#/$defs/{_base(declared.role) if shared else f'words.{declared.role}'}"
    if own:
        result["properties"] = _properties(own)
    required = [name for name, field in declared.fields.items() if field.required]
    if required and not issubclass(declared, Operation):
        result["required"] = required
    return {**result, "unevaluatedProperties": False}


def _base(role: str) -> str:
    """Where the arguments are that all of a role have."""
    return f"any.{role}"


def _shared(role: str) -> dict[str, Field]:
    """The arguments that most of a role have, kind and default included."""
    tables = [declared.fields for declared in known(role).values()]
    counts = Counter((name, id(field)) for fields in tables for name, field in fields.items())
    common = {key for key, count in counts.items() if count * 5 >= len(tables) * 4 and count > 2}
    return {name: field for fields in tables for name, field in fields.items() if (name, id(field)) in common}


def _properties(fields: Mapping[str, Field]) -> dict[str, Any]:
    return {name: _field(field.kind, None if field.required else field.default) for name, field in fields.items()}


def _field(kind: Kind, default: Any) -> dict[str, Any]:
    schema = {"description": kind.describe(), **kind.schema()}
    if default is not None and isinstance(default, (bool, int, float, str, list, tuple)):
        schema["default"] = list(default) if isinstance(default, tuple) else default
    return schema


def _train() -> dict[str, Any]:
    kinds = known("training")
    cases = _cases(kinds, "training", "kind")
    for case in cases:
        if case["if"]["properties"]["kind"]["const"] != "supervised":
            case["if"]["required"] = ["kind"]
    return {"type": "object", "properties": {"kind": {"enum": sorted(kinds)}}, "allOf": cases}
