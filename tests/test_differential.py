"""archgen and Keras on whole random models: new ones in every run, and all on which the two ever parted."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from tests.differential.grow import grow
from tests.differential.run import Judge, Options, corpus, fuzz
from tests.differential.shrink import shrink

MODELS = 3000


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge("tensorflow") as process:
        yield process


def test_new_models() -> None:
    """Told apart by a seed that a failure prints: ``python -m tests.differential 3000 --seed N`` grows them again."""
    seed = secrets.randbelow(10**6)
    print(f"seed {seed}")
    result = fuzz(Options(MODELS, seed, jobs=2, run_every=40))
    assert not result.failures, f"seed {seed}:\n{result.table()}\n{result.failures}"
    assert result.covered.accepted > MODELS * 0.85, f"seed {seed}:\n{result.table()}"
    assert result.ran > MODELS * 0.015


@pytest.mark.parametrize(("name", "spec"), list(corpus()), ids=lambda value: value if isinstance(value, str) else "")
def test_models_that_failed_once(name: str, spec: dict[str, Any], judge: Judge) -> None:
    verdict = judge.verdict(spec)
    assert not verdict["kind"] or (verdict["kind"] == "B" and verdict["reason"]), verdict


def chain(*nodes: dict[str, Any]) -> dict[str, Any]:
    """A spec of an Input of 8 steps of 4 numbers, and nodes in a row."""
    named = [{"id": "in0", "op": "Input", "shape": [8, 4]}, *({"id": f"n{i}", **node} for i, node in enumerate(nodes))]
    for before, node in zip(named, named[1:], strict=False):
        node.setdefault("from", before["id"])
    return {"name": "net", "nodes": named, "outputs": named[-1]["id"]}


DENSE = {"op": "Dense", "units": 3}
NO_NUMBERS = {"op": "Constant", "value": float("nan")}
APART = {
    "a refusal that Keras makes alone": ("A1", chain(DENSE), chain({"op": "MaxPooling1D", "pool_size": 9})),
    "another shape": ("A2", chain(DENSE), chain({"op": "Dense", "units": 4})),
    "another dtype": ("A2", chain(DENSE), chain({**DENSE, "dtype": "float16"})),
    "a weight less": ("A2", chain(DENSE), chain({**DENSE, "use_bias": False})),
    "a frozen weight": ("A2", chain(DENSE), chain({**DENSE, "trainable": False})),
    "another layer": ("A2", chain({"op": "ReLU"}), chain({"op": "ELU"})),
    "another function": ("A2", chain({"op": "ops.relu"}), chain({"op": "ops.tanh"})),
    "another order": (
        "A2",
        chain(DENSE, DENSE, {"op": "Subtract", "from": ["n0", "n1"]}),
        chain(DENSE, DENSE, {"op": "Subtract", "from": ["n1", "n0"]}),
    ),
    "a turn less": ("A2", chain({"op": "ReLU", "repeat": 3}), chain({"op": "ReLU", "repeat": 2})),
    "values that are no numbers": ("A3", chain(DENSE), chain({**DENSE, "bias_initializer": NO_NUMBERS})),
    "a refusal of archgen's alone": ("B", chain({"op": "MaxPooling1D", "pool_size": 9}), chain(DENSE)),
    "nothing": ("", chain(DENSE), chain(DENSE)),
}
"""A spec that archgen reads, another that Keras builds in its place, and what the harness has to make of it."""


@pytest.mark.parametrize("difference", APART)
def test_the_harness_tells_specs_apart(difference: str, judge: Judge) -> None:
    kind, spec, against = APART[difference]
    assert judge.verdict(spec, against)["kind"] == kind


def test_a_failure_is_made_small() -> None:
    spec = chain(DENSE, {"op": "ReLU"}, {"op": "Dense", "units": 5, "use_bias": False}, {"op": "Flatten"}, DENSE)
    small = shrink(spec, lambda smaller: any(node.get("units") == 5 for node in smaller["nodes"]))
    assert [node["op"] for node in small["nodes"]] == ["Input", "Dense"]
    assert "use_bias" not in small["nodes"][1]


def test_the_same_models_grow_in_every_run() -> None:
    assert [grow(3, index) for index in range(50)] == [grow(3, index) for index in range(50)]
    assert grow(3, 0) != grow(4, 0)
