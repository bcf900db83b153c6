"""A block is inferred once however often it is used, and what is remembered is never mistaken for something else."""

import gc
import json
from typing import Any

import pytest

from archgen.errors import SpecError
from archgen.expansion import expand
from archgen.layers.base import known
from archgen.loader import load_source
from archgen.source import parse

STAGES: dict[str, Any] = {
    "blocks": {
        "pair": {
            "params": {"units": 8},
            "inputs": ["x"],
            "nodes": [
                {"op": "Dense", "units": "$units * 2"},
                {
                    "id": "mixed",
                    "op": "MultiHeadAttention",
                    "num_heads": 2,
                    "key_dim": 4,
                    "call": {"use_causal_mask": True},
                },
                {"op": "Dense", "units": "$units", "from": "mixed"},
            ],
        },
        "stage": {"inputs": ["x"], "nodes": [{"op": "pair", "repeat": 10}]},
    },
    "nodes": [{"op": "Input", "shape": [5, 8]}, {"op": "stage", "repeat": 30}],
}


def graph_of(spec: dict[str, Any]) -> Any:
    return expand(load_source(parse(json.dumps({"name": "repeated", **spec}))))


@pytest.mark.parametrize("method", ["create", "output", "weights", "flops"])
def test_work_does_not_grow_with_repetition(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0
    original = getattr(known("layer")["Dense"], method)

    def counted(*given: Any, **named: Any) -> Any:
        nonlocal count
        count += 1
        return original(*given, **named)

    monkeypatch.setattr(known("layer")["Dense"], method, staticmethod(counted) if method == "create" else counted)
    graph = graph_of(STAGES)
    assert graph.number_of_nodes() == 1 + 30 * 10 * 3
    assert count <= 10


def test_each_turn_has_its_own_arguments_and_weights() -> None:
    spec = {
        "nodes": [
            {"op": "Input", "shape": [4]},
            {"op": "Dense", "units": 3, "repeat": {"use_bias": [True, False, True]}},
            {"op": "Dense", "repeat": {"units": [5, 2, 5]}},
        ]
    }
    nodes = [data["node"] for _, data in graph_of(spec).nodes(data=True)][1:]
    assert [node.weights["kernel"].shape for node in nodes] == [(4, 3), (3, 3), (3, 3), (3, 5), (5, 2), (2, 5)]
    assert ["bias" in node.weights for node in nodes] == [True, False, True, True, True, True]
    assert [node.flops for node in nodes] == [27, 18, 21, 35, 22, 25]
    nodes[0].weights.clear()
    assert nodes[2].weights


@pytest.mark.parametrize("wrong", [True, 2.5, "2"])
def test_values_that_look_alike_are_told_apart(wrong: Any) -> None:
    """The second is refused, although the first, equal to it or alike, was well."""
    right = 1 if wrong is True else 2
    spec = {"nodes": [{"op": "Input", "shape": [4]}, {"op": "Dense", "repeat": {"units": [right, wrong]}}]}
    with pytest.raises(SpecError, match="whole number"):
        graph_of(spec)


@pytest.mark.parametrize("spec", [STAGES, {"nodes": [{"op": "Input", "shape": [4]}, {"op": "Dense", "units": 0}]}])
@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_as_it_was(spec: dict[str, Any], on: bool) -> None:
    was_on = gc.isenabled()
    (gc.enable if on else gc.disable)()
    try:
        try:
            graph_of(spec)
        except SpecError:
            assert spec is not STAGES
        assert gc.isenabled() is on
    finally:
        (gc.enable if was_on else gc.disable)()
