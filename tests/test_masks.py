"""How masks travel is Keras's own way: for every layer, on random cases whose inputs have masks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

import archgen.layers  # noqa: F401  (fills the registry)
from archgen.errors import LayerError
from archgen.layers.base import Layer, automatic_name, known
from tests.agreement import Builder
from tests.layers.samples import cases, request

LAYERS = {
    op: declared
    for op, declared in known("layer").items()
    if issubclass(declared, Layer) and (declared.call_inputs or declared.takes_list)
}
CASES = 12
FUNCTIONS = ("LogicalOr", "OnesLike", "ZerosLike", "ExpandDims", "Concatenate", "Any", "NotEqual")
"""Functions that make masks."""


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    with Builder("numpy") as oracle:
        yield oracle


@pytest.mark.parametrize("op", LAYERS)
def test_masks_are_those_of_keras(op: str, builder: Builder) -> None:
    compared = 0
    for case in cases(LAYERS[op], CASES, seed=7):
        layer, outputs, refusal = case.outcome()
        if refusal is not None or layer is None or case.call or case.tensors[0].rank < 3:
            continue
        first = case.tensors if layer.takes_list else case.tensors[:1]
        answer = builder.ask({"do": "masks", **request(case)})
        if "error" in answer:
            continue
        try:
            masks, functions = layer.carry(first, [2] * len(first))
        except LayerError:  # Keras finds out when it runs.
            continue
        assert answer["masks"] == [*masks, *[None] * (len(outputs) - len(masks))], case
        found = Counter((*layer.names_before(), layer.keras_class, *layer.names_on_call(*case.tensors), *functions))
        names = {automatic_name(name): count for name, count in found.items() if name in FUNCTIONS}
        theirs = {name: answer["names"].get(name, 0) for name in map(automatic_name, FUNCTIONS)}
        assert {name: count for name, count in theirs.items() if count} == names, case
        compared += 1
    assert compared or not LAYERS[op].passes_mask


def test_a_mask_that_is_given_is_the_one(builder: Builder) -> None:
    """An explicit mask goes before the tensor's own, and both reach the graph as Keras has them."""
    from tests.agreement import differences, write

    spec: dict[str, Any] = {
        "name": "net",
        "nodes": [
            {"id": "words", "op": "Input", "shape": [4], "dtype": "int32"},
            {"id": "counts", "op": "Input", "shape": [4], "dtype": "bool"},
            {"id": "a", "op": "Embedding", "input_dim": 5, "output_dim": 3, "mask_zero": True, "from": "words"},
            {
                "id": "b",
                "op": "LSTM",
                "units": 3,
                "return_sequences": True,
                "from": {"sequences": "a", "mask": "counts"},
            },
            {"id": "c", "op": "Bidirectional", "layer": {"op": "GRU", "units": 3, "return_sequences": True}},
            {"op": "Concatenate", "from": ["b", "c"]},
            {"op": "Concatenate", "from": ["concatenated", "a"]},
        ],
    }
    spec["nodes"][5]["id"] = "concatenated"
    assert differences(write(spec), builder) == []
