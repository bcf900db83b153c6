"""Cells and projections: what random cases cannot show of states, names, costs and equations."""

from __future__ import annotations

import json
from typing import Any

import pytest

import archgen
from archgen.errors import LayerError, SpecError
from archgen.layers.base import Operation, known
from archgen.layers.kinds import Object
from archgen.layers.projections import Equation
from archgen.tensors import Dim, Tensor

X = Tensor((None, 7, 3))
LSTM = Object("LSTMCell", {"units": 4})
GRU = Object("GRUCell", {"units": 6})
SIMPLE = Object("SimpleRNNCell", {"units": 5})
STACK = Object("StackedRNNCells", {"cells": [LSTM, GRU]})


def layer(op: str, **arguments: Any) -> Operation:
    made = known("layer")[op].create(arguments)
    assert isinstance(made, Operation)
    return made


def shapes(op: str, x: Tensor, **arguments: Any) -> list[tuple[Dim, ...]]:
    given = layer(op, **arguments).output(x)
    return [tensor.shape for tensor in (given if isinstance(given, tuple) else (given,))]


@pytest.mark.parametrize(
    ("cell", "states"),
    [
        (LSTM, [4, 4]),
        (GRU, [6]),
        ([SIMPLE], [5]),
        ([LSTM, GRU], [4, 4, 6]),
        (STACK, [4, 4, 6]),
        ([SIMPLE, SIMPLE, LSTM], [5, 5, 4, 4]),
    ],
    ids=str,
)
def test_states_are_those_of_every_cell(cell: Any, states: list[int]) -> None:
    found = shapes("RNN", X, cell=cell, return_state=True, return_sequences=True)
    assert found[1:] == [(None, units) for units in states]
    last = cell[-1] if isinstance(cell, list) else GRU if cell is STACK else cell
    assert found[0] == (None, 7, last.arguments["units"])


@pytest.mark.parametrize(
    ("cells", "of"), [(LSTM, "LSTM"), (GRU, "GRU"), (SIMPLE, "SimpleRNN"), ([LSTM], "LSTM")], ids=str
)
def test_a_cell_costs_and_holds_what_its_layer_does(cells: Any, of: str) -> None:
    cell = cells[0] if isinstance(cells, list) else cells
    around, plain = layer("RNN", cell=cells), layer(of, **cell.arguments)
    assert around.flops(X) == plain.flops(X) is not None
    assert [*around.weights(X).values()] == [*plain.weights(X).values()]


def test_a_stack_costs_the_sum_of_its_cells() -> None:
    between = Tensor((None, 7, 4))
    total = layer("LSTM", units=4).flops(X) + layer("GRU", units=6).flops(between)  # type: ignore[operator]
    assert layer("RNN", cell=[LSTM, GRU]).flops(X) == layer("RNN", cell=STACK).flops(X) == total
    assert layer("RNN", cell=[LSTM, GRU]).flops(Tensor((None, None, 3))) is None


@pytest.mark.parametrize(
    ("cell", "paths"),
    [
        (LSTM, ["lstm_cell"]),
        ([LSTM, LSTM], ["stacked_rnn_cells/lstm_cell", "stacked_rnn_cells/lstm_cell_1"]),
        (
            [STACK, LSTM],
            [
                "stacked_rnn_cells_1/stacked_rnn_cells/lstm_cell",
                "stacked_rnn_cells_1/stacked_rnn_cells/gru_cell",
                "stacked_rnn_cells_1/lstm_cell_1",
            ],
        ),
    ],
    ids=str,
)
def test_cells_take_their_names_before_the_stack_does(cell: Any, paths: list[str]) -> None:
    found = layer("RNN", cell=cell).weights(X)
    assert list(dict.fromkeys(path.rpartition("/")[0] for path in found)) == paths


REFUSED: list[tuple[str, dict[str, Any], Tensor, str]] = [
    ("RNN", {"cell": LSTM}, Tensor((None, 3)), "needs 3 dimensions"),
    ("RNN", {"cell": LSTM}, Tensor((None, 7, None)), "the features"),
    ("RNN", {"cell": LSTM, "stateful": True}, X, "needs to know the batch"),
    (
        "RNN",
        {"cell": [Object("GRUCell", {"units": 2, "dropout": 0.5})]},
        Tensor((None, 7, 3), "int32"),
        "floating-point",
    ),
    ("RNN", {"cell": [LSTM], "unroll": True}, X, "mixes up the states"),
    ("RNN", {"cell": [SIMPLE, Object("StackedRNNCells", {"cells": [GRU]})], "unroll": True}, X, "mixes up the states"),
    ("EinsumDense", {"equation": "abc,cd->abd", "output_shape": [None, 4]}, Tensor((None, 7)), "reads 3 dimensions"),
    ("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 4}, Tensor((None,)), "reads 2 or more dimensions"),
    (
        "EinsumDense",
        {"equation": "ab,b->a", "output_shape": [], "activation": "softmax"},
        Tensor((None, 3)),
        "mixes the",
    ),
    ("EinsumDense", {"equation": "abc,cd->abd", "output_shape": [None, 4]}, Tensor((None, 7, None)), "dimension"),
    ("ReversibleEmbedding", {"input_dim": 9, "output_dim": 4}, Tensor((None, 7, 4), "string"), "string"),
]


@pytest.mark.parametrize(("op", "arguments", "x", "message"), REFUSED, ids=str)
def test_refused(op: str, arguments: dict[str, Any], x: Tensor, message: str) -> None:
    made = layer(op, **arguments)
    with pytest.raises(LayerError, match=message):
        made.output(x)
        made.weights(x)


def test_one_step_can_be_unrolled() -> None:
    assert shapes("RNN", Tensor((None, 1, 3)), cell=[LSTM], unroll=True) == [(None, 4)]


@pytest.mark.parametrize(
    ("equation", "output_shape", "bias_axes", "x", "shape", "weights", "flops"),
    [
        ("ab,bc->ac", 4, "c", (None, 3), (None, 4), [(3, 4), (4,)], 4 * (2 * 3 + 1)),
        ("abc,cd->abd", [None, 4], None, (None, 7, 3), (None, None, 4), [(3, 4)], 7 * 4 * 2 * 3),
        ("abc,cd->abd", [7, 4], "bd", (None, 7, 3), (None, 7, 4), [(3, 4), (7, 4)], 7 * 4 * (2 * 3 + 1)),
        ("...x,xy->...y", [4], "y", (None, 7, 3), (None, 7, 4), [(3, 4), (4,)], 7 * 4 * (2 * 3 + 1)),
        ("...x,xy->...y", 4, None, (None, 5, 5, 3), (None, 5, 5, 4), [(3, 4)], 5 * 5 * 4 * 2 * 3),
        ("ab...,bc->ac...", 4, "c", (None, 3, 5, 6), (None, 4, 5, 6), [(3, 4), (4, 1, 1)], 4 * 5 * 6 * (2 * 3 + 1)),
        ("abc,c->abc", [None, 3], None, (None, 7, 3), (None, None, 3), [(3,)], 7 * 3),
        ("abc,bcd->ad", 4, "d", (None, 7, 3), (None, 4), [(7, 3, 4), (4,)], 4 * (2 * 7 * 3 + 1)),
        ("abc,cde->abde", [None, 2, 4], "e", (None, 7, 3), (None, None, 2, 4), [(3, 2, 4), (4,)], 7 * 8 * 7),
    ],
)
def test_an_equation_by_hand(
    equation: str, output_shape: Any, bias_axes: str | None, x: Any, shape: Any, weights: Any, flops: int
) -> None:
    made = layer("EinsumDense", equation=equation, output_shape=output_shape, bias_axes=bias_axes)
    given = made.output(Tensor(x))
    assert isinstance(given, Tensor)
    assert given.shape == shape
    assert [weight.shape for weight in made.weights(Tensor(x)).values()] == weights
    assert made.flops(Tensor(x)) == flops


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ab",
        "ab,bc",
        "ab,bc->",
        "ab,bc->a c",
        "a...,ab->b...",
        "...a,ab->b",
        "a,ab->...b",
        "...ab...,bc->...ac...",
        "ab...,bc->...ac",
        "a.b,bc->ac",
        "ab,bc->ac\n",
        "äb,bc->äc",
        "..a,ab->..b",
        "ab,...b->ab",
        "ab,bc,cd->ad",
    ],
)
def test_what_is_no_equation(text: str) -> None:
    assert Equation.parse(text) is None
    with pytest.raises(LayerError, match="is no equation of EinsumDense"):
        known("layer")["EinsumDense"].create({"equation": text, "output_shape": 3})


def test_the_edit_that_names_the_axes_is_one() -> None:
    x = Tensor((None, 7, 5, 3))
    with pytest.raises(LayerError) as caught:
        layer("EinsumDense", equation="...x,xy->...y", output_shape=4).output(x)
    assert caught.value.hint is not None
    words = json.loads("{" + caught.value.hint.removeprefix("name the axes: ") + "}")
    assert words == {"equation": "abcx,xy->abcy", "output_shape": [None, None, 4]}
    assert shapes("EinsumDense", x, **words) == [(None, None, None, 4)]


def test_an_embedding_is_read_backwards_with_its_own_table() -> None:
    embed = layer("ReversibleEmbedding", input_dim=50, output_dim=8, logit_soft_cap=30.0)
    hidden = Tensor((None, 7, 8))
    assert embed.output(hidden, reverse=True) == Tensor((None, 7, 50))
    assert embed.flops(hidden, reverse=True) == 7 * 50 * (2 * 8 + 2)
    assert [*embed.weights(hidden, reverse=True)] == ["embeddings"]
    apart = layer("ReversibleEmbedding", input_dim=50, output_dim=8, tie_weights=False)
    assert {path: weight.shape for path, weight in apart.weights(hidden).items()} == {
        "embeddings": (50, 8),
        "reverse_embeddings": (8, 50),
    }


@pytest.mark.parametrize(
    ("dtype", "reverse_dtype", "x", "given"),
    [
        (None, None, "float32", "float32"),
        (None, "float16", "float32", None),
        ("mixed_float16", None, "float16", "float16"),
        ("mixed_float16", None, "float32", None),
        ("mixed_float16", None, "int32", "float16"),
        ("mixed_float16", "float16", "float32", "float16"),
        ("float64", None, "float32", "float64"),
        (None, None, "float64", None),
    ],
)
def test_backwards_the_announced_dtype_is_the_one(dtype: Any, reverse_dtype: Any, x: str, given: str | None) -> None:
    embed = layer("ReversibleEmbedding", input_dim=9, output_dim=4, dtype=dtype, reverse_dtype=reverse_dtype)
    if given is None:
        with pytest.raises(LayerError, match="where Keras announces"):
            embed.output(Tensor((None, 4), x), reverse=True)
    else:
        assert embed.output(Tensor((None, 4), x), reverse=True) == Tensor((None, 9), given)


@pytest.mark.parametrize(
    ("arguments", "path", "hint"),
    [
        ({"cell": [{"op": "LSTMCell"}]}, "nodes[1].cell[0]", 'add "units": 64'),
        (
            {"cell": {"op": "Dense", "units": 3}},
            "nodes[1].cell.op",
            "known: GRUCell, LSTMCell, SimpleRNNCell, StackedRNNCells",
        ),
        ({"cell": "LSTM"}, "nodes[1].cell", 'write {"op": "LSTMCell", "units": 8}'),
        (
            {"cell": {"op": "StackedRNNCells", "cells": []}},
            "nodes[1].cell.cells",
            'write [{"op": "LSTMCell", "units": 8}]',
        ),
        (
            {"cell": [{"op": "GRUCell", "units": 3, "unroll": True}]},
            "nodes[1].cell[0].unroll",
            'take it out, and write it on the RNN: {"op": "RNN", "unroll": ..., ...}',
        ),
        (
            {"cell": [{"op": "GRUCell", "units": 3, "dtype": "float16"}]},
            "nodes[1].cell[0].dtype",
            'give the stack the dtype of its cells: {"op": "StackedRNNCells", "dtype": "float16", "cells": ...}',
        ),
    ],
    ids=str,
)
def test_mistakes_in_cells_are_told_where_they_are(arguments: dict[str, Any], path: str, hint: str) -> None:
    nodes = [{"id": "x", "op": "Input", "shape": [7, 3]}, {"op": "RNN", **arguments}]
    with pytest.raises(SpecError) as raised:
        archgen.loads(json.dumps({"name": "net", "nodes": nodes}))
    (problem,) = raised.value.problems
    assert (problem.path, problem.hint) == (path, hint)
