"""The JSON Schema: valid by itself, true to the examples, and a help against mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from archgen.checking import check
from archgen.layers.base import Declared, known
from archgen.schema import schema, schema_text
from archgen.source import parse
from tests.mutants import mutant

ROOT = Path(__file__).resolve().parent.parent
SPECS = sorted(path for path in (ROOT / "specs").glob("*.json") if path.name != "archgen.schema.json")


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema())


def spec(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "x", "nodes": [{"op": "Input", "shape": [4]}, *nodes], **more}


def test_schema_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_examples_validate(validator: jsonschema.Draft202012Validator, path: Path) -> None:
    assert [error.message for error in validator.iter_errors(json.loads(path.read_text("utf-8")))] == []


GOOD = {
    "expression as a number": spec({"op": "Dense", "units": "$width * 2"}, params={"width": 4}),
    "null": spec({"op": "Dense", "units": 3, "activation": None}),
    "initializer object": spec({"op": "Dense", "units": 3, "kernel_initializer": {"op": "HeNormal", "seed": 1}}),
    "block call": spec(
        {"op": "unit", "width": 3}, blocks={"unit": {"params": {"width": 2}, "nodes": [{"op": "ReLU"}]}}
    ),
    "repeat supplies an argument": spec({"op": "Dense", "repeat": {"units": [3, 4]}}),
    "function": spec({"op": "ops.mean", "axis": -1, "keepdims": True}),
    "wrapped layer": spec({"op": "Bidirectional", "layer": {"op": "LSTM", "units": 3}}),
    "data with options": spec(
        {"op": "Dense", "units": 3}, train={"data": {"name": "iris"}, "optimizer": "adam", "loss": "mse"}
    ),
}
BAD = {
    "unknown key": spec(nodez=[]),
    "unknown argument": spec({"op": "Dense", "unit": 3}),
    "wrong type": spec({"op": "Dense", "units": "three"}),
    "negative": spec({"op": "Dense", "units": -3}),
    "unknown layer": spec({"op": "Dens", "units": 3}),
    "unknown function": spec({"op": "ops.mean", "axes": 1}),
    "bad reference": spec({"op": "ReLU", "from": "a b"}),
    "unknown training key": spec({"op": "ReLU"}, train={"data": "iris", "epoch": 3}),
    "wrapped layer's argument": spec({"op": "Bidirectional", "layer": {"op": "LSTM", "unit": 3}}),
    "bad id": spec({"op": "ReLU", "id": "1st"}),
}


@pytest.mark.parametrize("name", GOOD)
def test_accepts(validator: jsonschema.Draft202012Validator, name: str) -> None:
    assert [error.message for error in validator.iter_errors(GOOD[name])] == []


@pytest.mark.parametrize("name", BAD)
def test_refuses(validator: jsonschema.Draft202012Validator, name: str) -> None:
    assert list(validator.iter_errors(BAD[name])) != []


@pytest.mark.parametrize("role", sorted(Declared.registry))
def test_every_argument_takes_its_default_an_expression_and_no_other_name(role: str) -> None:
    """Of every declaration: what stands for an argument, and that nothing stands for one that it does not have."""
    whole = schema()
    key = {"data": "name", "training": "kind"}.get(role, "op")
    for name, declared in known(role).items():
        definition = f"node.{'ops.' if role == 'op' else ''}{name}" if role in ("layer", "op") else f"{role}.{name}"
        validator = jsonschema.Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": whole["$defs"]})
        required = {
            field.name: json.loads(field.kind.example()) if field.kind.written_out else "$a"
            for field in declared.fields.values()
            if field.required
        }
        for field in declared.fields.values():
            absent = field.required or (field.default is None and not field.kind.nullable)
            values = [] if absent else [field.default]
            for value in (*values, *([] if field.kind.written_out else ["$width * 2"])):
                given = json.loads(json.dumps({key: name, **required, field.name: value}))
                assert validator.is_valid(given), f"{name}: {field.name}: {value}"
        assert not validator.is_valid({key: name, **required, "no_such_argument": 1}), name


@pytest.mark.parametrize("seed", range(0, 240, 80))
def test_what_archgen_accepts_validates(validator: jsonschema.Draft202012Validator, seed: int) -> None:
    for number in range(seed, seed + 80):
        spec = mutant(number)
        if not check(parse(json.dumps(spec)), limit=20_000).problems:
            assert [error.message for error in validator.iter_errors(spec)] == [], number


def test_the_file_stays_small_and_readable() -> None:
    text = schema_text()
    assert json.loads(text) == json.loads(json.dumps(schema()))
    assert len(text) < 350_000 and max(map(len, text.split("\n"))) < 400
