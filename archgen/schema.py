"""The JSON Schema of the language, made from the declarations, so that editors complete and check while typing."""

from __future__ import annotations

import json
import re
from typing import Any

import archgen.layers  # noqa: F401  (fills the registry)
from archgen.layers.base import Declared, Operation, known
from archgen.layers.kinds import Kind
from archgen.layers.refused import LAYERS as REFUSED

IDENTIFIER = "^[A-Za-z][A-Za-z0-9_]*$"
REFERENCE = r"^[A-Za-z][A-Za-z0-9_]*(\[[0-9]+\])?$"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_text() -> str:
    """The schema as JSON text, the same bytes for the same version."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


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
    """The same schema with what many arguments share said once, under ``$defs`` by the description that they share."""
    names: dict[str, str] = {}
    shared: dict[str, Any] = {}

    def visit(part: Any) -> Any:
        if isinstance(part, list):
            return [visit(item) for item in part]
        if not isinstance(part, dict):
            return part
        part = {key: visit(value) for key, value in part.items()}
        if "description" not in part or "anyOf" not in part:
            return part
        kind = {key: value for key, value in part.items() if key != "default"}
        text = json.dumps(kind, sort_keys=True)
        if text not in names:
            slug = re.sub(r"[^a-z0-9]+", "_", str(part["description"]).lower()).strip("_")[:40]
            taken = sum(name == f"value.{slug}" or name.startswith(f"value.{slug}.") for name in shared)
            names[text] = f"value.{slug}.{taken + 1}" if taken else f"value.{slug}"
            shared[names[text]] = kind
        reference = {"$ref": f"#/$defs/{names[text]}"}
        return {**reference, "default": part["default"]} if "default" in part else reference

    result: dict[str, Any] = visit(whole)
    result["$defs"].update(shared)
    return result


def _table(kind: str) -> dict[str, Any]:
    return {
        "type": "object",
        "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
        "additionalProperties": {"$ref": f"#/$defs/{kind}"},
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
    operations = {**known("layer"), **{f"ops.{name}": each for name, each in known("op").items()}}
    definitions["node"] = _node(operations)
    definitions["layer"] = _by_key(known("layer"), "layer", "op")
    for role in sorted(Declared.registry):
        if role not in ("layer", "op", "training"):
            definitions[role] = _by_key(known(role), role, "name" if role == "data" else "op")
    definitions["data"] = {"anyOf": [{"enum": sorted(known("data"))}, definitions["data"]]}
    definitions["train"] = _train()
    for name, declared in sorted(operations.items()):
        definitions[f"node.{name}"] = _arguments(declared)
    for role in sorted(Declared.registry):
        if role not in ("layer", "op"):
            for name, declared in sorted(known(role).items()):
                definitions[f"{role}.{name}"] = _arguments(declared)
    return definitions


def _node(operations: dict[str, type[Declared]]) -> dict[str, Any]:
    """A node: which arguments it takes depends on its op. An op in lower case is a block, a model or an id."""
    cases = [
        {"if": {"properties": {"op": {"const": name}}}, "then": {"$ref": f"#/$defs/node.{name}"}}
        for name in sorted(operations)
    ]
    return {
        "type": "object",
        "required": ["op"],
        "$ref": "#/$defs/words",
        "properties": {
            "op": {
                "anyOf": [
                    {"enum": sorted(operations)},
                    {"pattern": "^[a-z][A-Za-z0-9_]*$", "not": {"enum": sorted(REFUSED)}},
                ]
            }
        },
        "allOf": cases,
        "unevaluatedProperties": {"description": "An argument of a block."},
    }


def _by_key(table: dict[str, type[Declared]], role: str, key: str) -> dict[str, Any]:
    """An object that is built by name: its ``op`` (a data source's ``name``) decides which arguments it takes."""
    prefix = "node" if role == "layer" else role
    return {
        "type": "object",
        "required": [key],
        "properties": {key: {"enum": sorted(table)}},
        "allOf": [
            {"if": {"properties": {key: {"const": name}}}, "then": {"$ref": f"#/$defs/{prefix}.{name}"}}
            for name in sorted(table)
        ],
    }


def _arguments(declared: type[Declared]) -> dict[str, Any]:
    """The arguments of one declaration. A repeat may supply those that are required, so a node requires none."""
    words = ["id", "from", "call", "repeat", "when"] if issubclass(declared, Operation) else []
    allowed = {"name" if declared.role == "data" else "op": True, **dict.fromkeys(words, True)}
    properties = {
        name: _field(field.kind, None if field.required else field.default) for name, field in declared.fields.items()
    }
    result: dict[str, Any] = {"properties": {**allowed, **properties}, "additionalProperties": False}
    if summary := declared.summary():
        result = {"description": summary, **result}
    required = [name for name, field in declared.fields.items() if field.required]
    if required and not issubclass(declared, Operation):
        result["required"] = required
    return result


def _field(kind: Kind, default: Any) -> dict[str, Any]:
    schema = {"description": kind.describe(), **kind.schema()}
    if default is not None and isinstance(default, (bool, int, float, str, list, tuple)):
        schema["default"] = list(default) if isinstance(default, tuple) else default
    return schema


def _train() -> dict[str, Any]:
    kinds = known("training")
    return {
        "type": "object",
        "properties": {"kind": {"enum": sorted(kinds)}},
        "allOf": [
            {
                "if": {
                    "properties": {"kind": {"const": name}},
                    **({} if name == "supervised" else {"required": ["kind"]}),
                },
                "then": {
                    "properties": {
                        "kind": True,
                        **{
                            key: _field(field.kind, None if field.required else field.default)
                            for key, field in declared.fields.items()
                        },
                    },
                    "additionalProperties": False,
                },
            }
            for name, declared in sorted(kinds.items())
        ],
    }
