"""Specs with mistakes in them: parts deleted, replaced, doubled, swapped, renamed and grafted at random."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.errors.catalogue import cases

SPECS = [
    json.loads(path.read_text("utf-8"))
    for path in sorted((Path(__file__).parents[1] / "specs").glob("*.json"))
    if not path.name.endswith(".schema.json")
]
KEYS = [
    *("op", "id", "from", "call", "repeat", "when", "name", "title", "params", "blocks", "models", "nodes", "outputs"),
    *(
        "inputs",
        "train",
        "units",
        "filters",
        "kernel_size",
        "activation",
        "shape",
        "dtype",
        "padding",
        "strides",
        "axis",
    ),
    *(
        "layer",
        "return_state",
        "trainable",
        "loss",
        "optimizer",
        "data",
        "kind",
        "$schema",
        "archgen",
        "__class__",
        "x",
    ),
]
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 3, 1.5, -0.0, 1e300, 2**31, 2**63, 10**30, 100, 10**9),
    *("", "x", "$x", "$", "$$", "$filters", "$x.shape[-1]", "$x.shape[0]", "$1/0", "$2**10**10", "$classes", "$[1,2]"),
    *(
        "$range(10)",
        "$'a'",
        "$min()",
        "$min(1,2)",
        "$range(100000)",
        "relu",
        "same",
        "Conv2D",
        "Dense",
        "LSTM",
        "Input",
    ),
    *("ops.mean", "ops.concatenate", "image", "image[0]", "image[9]", "generator", "encoder", "residual_block"),
    *("bottleneck", "layers", "class", "\n", 'a"""b', "{0}", "{}", "%s", "\x00", "\u202e", "True", "False", "null"),
    *([], {}, [1], [None], [3, 3], ["x", "x"], [[[]]], {"a": {"b": [1]}}, {"x": "x"}, {"filters": [1, 2]}),
    *(
        {"op": "LSTM", "units": 3},
        {"op": "Bidirectional"},
        {"op": "Dense"},
        {"op": 1},
        {"op": "Adam"},
        {"name": "iris"},
    ),
)


@cache
def small_specs() -> list[Any]:
    """What the catalogue of mistakes shows, each spec after its edit."""
    fixed = [json.loads(case.fixed) for case in cases() if case.edit is not None]
    return [spec for spec in fixed if len(json.dumps(spec)) < 1000]


def mutant(seed: int) -> Any:
    """A spec after one to three changes, the same for the same seed."""
    random = Random(seed)
    spec = deepcopy(random.choice(random.choice((SPECS, small_specs()))))
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        paths = list(_paths(spec))[1:]
        if paths:
            _change(random, spec, paths)
    return spec


def _change(random: Random, spec: Any, paths: list[tuple[Any, ...]]) -> None:
    path = random.choice(paths)
    parent, last, here = _at(spec, path[:-1]), path[-1], _at(spec, path)
    match random.choice(("delete", "replace", "replace", "double", "swap", "add", "rename", "graft")):
        case "delete":
            del parent[last]
        case "replace":
            parent[last] = deepcopy(random.choice(VALUES))
        case "double" if isinstance(parent, list):
            parent.insert(random.randrange(len(parent) + 1), deepcopy(here))
        case "swap":
            other = random.choice(paths)
            inside = other[: len(path)] == path or path[: len(other)] == other
            if not inside:
                parent[last], _at(spec, other[:-1])[other[-1]] = _at(spec, other), here
        case "add" if isinstance(here, dict):
            here[random.choice(KEYS)] = deepcopy(random.choice(VALUES))
        case "rename" if isinstance(parent, dict):
            parent[random.choice(KEYS)] = parent.pop(last)
        case "graft":
            donor = random.choice(random.choice((SPECS, small_specs())))
            parent[last] = deepcopy(_at(donor, random.choice(list(_paths(donor)))))


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _paths(item, (*path, key))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value
