"""Calls with several tensors, by position and by name, and with constants: as Keras makes them, or refused."""

from collections.abc import Iterator
from typing import Any

import pytest

import archgen.layers  # noqa: F401  (fills the registry)
from archgen.errors import LayerError
from archgen.layers.base import Operation, known
from archgen.layers.enclosing import number
from archgen.layers.kinds import Object
from archgen.layers.wrappers import Bidirectional
from archgen.tensors import Tensor
from tests.layers.oracle import Oracle
from tests.layers.samples import encode

X = Tensor((None, 7, 3))
"""A sequence."""
H = Tensor((None, 4))
"""A state."""
STEPS = Tensor((None, 7), "bool")
"""A mask."""
Q, V, W = Tensor((None, 4, 6)), Tensor((None, 5, 6)), Tensor((None, 5, 7))
"""A query and values."""
R = Tensor((None, 4, 5, 6))
"""A grid of features."""
TOKENS = Tensor((None, 4), "int32")
"""Numbers of tokens."""
UNITS = {"units": 4}
COUNTS = {"num_tokens": 5, "output_mode": "count"}
STATES = {"units": 4, "return_state": True}
HEADS = {"num_heads": 2, "key_dim": 3}
GROUPS = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}
SCORES = {"return_attention_scores": True}
LSTM, GRU = Object("LSTM", UNITS), Object("GRU", UNITS)
LSTM_STATES = Object("LSTM", STATES)
LSTM_FROZEN = Object("LSTM", STATES | {"trainable": False})


@pytest.fixture(scope="module")
def builder() -> Iterator[Oracle]:
    with Oracle("numpy") as oracle:
        yield oracle


@pytest.fixture(scope="module")
def runner() -> Iterator[Oracle]:
    with Oracle("tensorflow") as oracle:
        yield oracle


Named = dict[str, Tensor | tuple[Tensor, ...]]


def ask(oracle: Oracle, do: str, op: str, arguments: dict[str, Any], positional: Any, named: Named, call: Any) -> Any:
    """What Keras makes of a call, its tensors numbered one after the other."""
    declared = known("op" if op.islower() else "layer")[op]
    assert issubclass(declared, Operation)
    inputs: list[Tensor] = list(positional)
    which: dict[str, int | list[int]] = {}
    for name, given in named.items():
        tensors = given if isinstance(given, tuple) else (given,)
        places = list(range(len(inputs), len(inputs) + len(tensors)))
        which[name] = places if isinstance(given, tuple) else places[0]
        inputs += tensors
    words = [str(place) for place in range(len(positional))]
    return oracle.ask(
        {
            "do": do,
            "role": declared.role,
            "op": op,
            "arguments": encode(declared, arguments),
            "inputs": [{"shape": list(tensor.shape), "dtype": tensor.dtype} for tensor in inputs],
            "list": declared.takes_list,
            "positions": [int(word) for word in (words if named else declared.call_words(words))],
            "named": which,
            "call": call,
        }
    )


TAKEN: list[tuple[str, dict[str, Any], tuple[Tensor, ...], Named, dict[str, Any]]] = [
    ("LSTM", STATES, (X,), {"initial_state": (H, H)}, {}),
    ("LSTM", STATES, (), {"sequences": X, "initial_state": (H, H)}, {}),
    ("LSTM", UNITS, (X,), {"mask": STEPS}, {}),
    ("GRU", STATES, (X, H), {}, {}),
    ("GRU", UNITS, (X,), {"initial_state": H, "mask": STEPS}, {}),
    ("GRU", {"units": 4, "reset_after": False, "return_sequences": True}, (X,), {"initial_state": (H,)}, {}),
    ("SimpleRNN", UNITS, (X,), {"initial_state": Tensor((None, 4), "float64")}, {}),
    ("SimpleRNN", {"units": 4, "stateful": True}, (Tensor((2, 7, 3)),), {}, {}),
    ("ConvLSTM1D", {"filters": 2, "kernel_size": 3, "return_state": True}, (Tensor((None, 7, 9, 3)),), {}, {}),
    ("Bidirectional", {"layer": LSTM}, (X,), {"initial_state": (H, H, H, H)}, {}),
    ("Bidirectional", {"layer": LSTM, "backward_layer": Object("GRU", UNITS | {"go_backwards": True})}, (X,), {}, {}),
    ("Bidirectional", {"layer": LSTM, "backward_layer": Object("LSTM", UNITS | {"go_backwards": True})}, (X,), {}, {}),
    ("Bidirectional", {"layer": GRU, "merge_mode": None}, (X,), {"mask": STEPS}, {}),
    ("Bidirectional", {"layer": LSTM_STATES, "merge_mode": None}, (X,), {}, {}),
    ("Bidirectional", {"layer": LSTM_FROZEN, "merge_mode": "ave"}, (X,), {}, {}),
    ("TimeDistributed", {"layer": Object("Bidirectional", {"layer": LSTM})}, (Tensor((None, 2, 7, 3)),), {}, {}),
    ("TimeDistributed", {"layer": Object("TimeDistributed", {"layer": Object("Dense", UNITS)})}, (R,), {}, {}),
    ("TimeDistributed", {"layer": Object("Dense", UNITS | {"trainable": False})}, (X,), {}, {}),
    ("SpectralNormalization", {"layer": Object("Conv1D", {"filters": 2, "kernel_size": 3})}, (X,), {}, {}),
    ("CategoryEncoding", COUNTS, (), {"inputs": TOKENS, "count_weights": Tensor((None, 4), "float64")}, {}),
    ("MultiHeadAttention", HEADS, (Q,), {}, {}),
    ("MultiHeadAttention", HEADS, (Q,), {}, SCORES | {"use_causal_mask": True}),
    ("MultiHeadAttention", HEADS, (Q, V, W), {}, {}),
    ("MultiHeadAttention", HEADS, (), {"query": Q, "value": V}, {"use_causal_mask": True}),
    ("MultiHeadAttention", HEADS, (Q,), {"value": V, "key": W}, {}),
    ("MultiHeadAttention", HEADS, (Q, V), {"value_mask": Tensor((None, 5), "bool")}, {}),
    ("MultiHeadAttention", HEADS, (Q, V), {"query_mask": Tensor((None, 4), "bool")}, {}),
    ("MultiHeadAttention", HEADS, (Q, V), {"attention_mask": Tensor((None, 4, 5), "bool")}, {}),
    ("MultiHeadAttention", HEADS, (Q, V), {"attention_mask": Tensor((None, 1, 5), "int32")}, {}),
    ("MultiHeadAttention", HEADS, (Q, V), {"attention_mask": Tensor((None, 2, 4, 5), "bool")}, {}),
    ("MultiHeadAttention", HEADS, (R, R), {"attention_mask": Tensor((None, 4, 5, 4, 5), "bool")}, {}),
    ("MultiHeadAttention", HEADS | {"attention_axes": 2}, (R, R), {"attention_mask": Tensor((None, 5, 5), "bool")}, {}),
    ("MultiHeadAttention", HEADS | {"attention_axes": [1]}, (R, Tensor((None, 3, 5, 6))), {}, {}),
    ("MultiHeadAttention", HEADS | {"use_gate": True, "output_shape": [2, 3], "value_dim": 5}, (Q, V), {}, {}),
    ("MultiHeadAttention", HEADS | {"dtype": "mixed_float16", "sliding_window": 2}, (Q,), {}, {}),
    ("GroupQueryAttention", GROUPS, (Q,), {}, {}),
    ("GroupQueryAttention", GROUPS | {"use_gate": True}, (Q, V, W), {}, SCORES),
    ("GroupQueryAttention", GROUPS, (Q, V), {"attention_mask": Tensor((None, 4, 5), "bool")}, {}),
    ("Attention", {}, (Q, W, V), {}, SCORES),
    ("Attention", {"score_mode": "concat", "use_scale": True}, (Q, V), {}, {"use_causal_mask": True}),
    ("AdditiveAttention", {}, (R, R), {}, SCORES),
    ("Add", {}, (Tensor((None, 4, 5)), Tensor((None, 5))), {}, {}),
    ("Add", {}, (Tensor((None, 1, 5)), Tensor((2, 4, 1)), Tensor((None,))), {}, {}),
    ("subtract", {"x1": 1.0}, (), {"x2": Q}, {}),
    ("subtract", {"x2": 2}, (Tensor((None, 3), "int32"),), {}, {}),
    ("divide", {"x2": 2}, (Tensor((None, 3), "int32"),), {}, {}),
    ("where", {"x1": 1, "x2": 0}, (STEPS,), {}, {}),
    ("where", {"x1": 1.0}, (STEPS,), {"x2": Tensor((None, 7), "int32")}, {}),
    ("split", {"indices_or_sections": [1, 3], "axis": 1}, (Q,), {}, {}),
]


@pytest.mark.parametrize(
    ("op", "arguments", "positional", "named", "call"), TAKEN, ids=lambda v: getattr(v, "op", None)
)
def test_calls_are_as_in_keras(
    op: str, arguments: Any, positional: Any, named: Any, call: Any, builder: Oracle, runner: Oracle
) -> None:
    declared = known("op" if op.islower() else "layer")[op].create(arguments)
    assert isinstance(declared, Operation)
    given = declared.output(*positional, **named, **call)
    answer = ask(builder, "build", op, arguments, positional, named, call)
    assert "error" not in answer, answer
    outputs = given if isinstance(given, tuple) else (given,)
    assert [{"shape": list(x.shape), "dtype": x.dtype} for x in outputs] == answer["outputs"]
    weights = declared.weights(*positional, **named, **call)
    assert [[path, list(w.shape), w.trainable, w.dtype] for path, w in weights.items()] == answer["weights"]
    classes = (*declared.names_before(), declared.keras_class, *declared.names_on_build())
    taken = number((*classes, *declared.names_on_call(*positional, **named, **call)))
    theirs = {name for name, count in answer["names"].items() for name in number((name,) * count)}
    assert set(taken) == {name for name in theirs if not name.startswith(OTHERS)}
    assert declared.flops(*positional, **named, **call) is not None
    if len({tensor.batch for tensor in positional}) <= 1:
        ran = ask(runner, "run", op, arguments, positional, named, call)
        assert "error" not in ran, ran
        assert [x["dtype"] for x in ran["prediction"]] == [x["dtype"] for x in ran["announced"]]


OTHERS = ("keras_tensor", "input_layer", "functional", "seed_generator")
"""Automatic names that no layer or function has."""

REFUSED: list[tuple[str, dict[str, Any], tuple[Tensor, ...], Named, dict[str, Any], str]] = [
    ("LSTM", UNITS, (X,), {"initial_state": H}, {}, "starts from 2 states, found 1"),
    ("LSTM", UNITS, (X,), {"initial_state": (H, Tensor((None, 5)))}, {}, "found (None, 5)"),
    ("GRU", UNITS, (X,), {"initial_state": Tensor((None, 1, 4))}, {}, "found (None, 1, 4)"),
    ("CategoryEncoding", COUNTS, (TOKENS,), {"count_weights": Tensor((None, 3))}, {}, "(None, 3) weights"),
    ("CategoryEncoding", {"num_tokens": 5}, (TOKENS,), {"count_weights": TOKENS}, {}, "no use"),
    ("GRU", UNITS, (X,), {"mask": Tensor((None, 6), "bool")}, {}, "mask of shape (None, 7)"),
    ("GRU", {"units": 4, "stateful": True}, (X,), {}, {}, "know the batch"),
    ("Bidirectional", {"layer": LSTM}, (X,), {"initial_state": (H, H)}, {}, "starts from 4 states, found 2"),
    ("MultiHeadAttention", HEADS, (Q, V), {}, SCORES, "attention scores"),
    ("MultiHeadAttention", HEADS, (R,), {}, {"use_causal_mask": True}, "axis 1 alone"),
    ("MultiHeadAttention", HEADS, (Q, V, Tensor((None, 7, 6))), {}, {}, "a key per value"),
    ("MultiHeadAttention", HEADS, (Q, Tensor((None, 2, 5, 6))), {}, {}, "equal rank"),
    ("MultiHeadAttention", HEADS | {"attention_axes": 2}, (R, Tensor((None, 3, 5, 6))), {}, {}, "axis 1 differs"),
    ("MultiHeadAttention", HEADS, (Q, V), {"attention_mask": Tensor((None, 4, 4), "bool")}, {}, "(None, 4, 5)"),
    ("MultiHeadAttention", HEADS, (Q, V), {"value_mask": Tensor((None, 4), "bool")}, {}, "(None, 5)"),
    ("GroupQueryAttention", GROUPS, (Q, W), {}, {}, "as many features"),
    ("Attention", {}, (Q, W), {}, {}, "cannot score"),
    ("Attention", {}, (Q, V, Q), {}, {}, "a key per value"),
    ("subtract", {"x1": 1.0}, (Q,), {}, {}, 'given "x1" twice'),
    ("subtract", {}, (Q,), {}, {}, 'needs "x2"'),
    ("add", {}, (R, Q), {}, {}, "a batch meets another"),
]


@pytest.mark.parametrize(("op", "arguments", "positional", "named", "call", "message"), REFUSED)
def test_calls_that_fail_or_lie_in_keras_are_refused(
    op: str, arguments: Any, positional: Any, named: Any, call: Any, message: str, runner: Oracle
) -> None:
    declared = known("op" if op.islower() else "layer")[op].create(arguments)
    assert isinstance(declared, Operation)
    with pytest.raises(LayerError) as caught:
        declared.output(*positional, **named, **call)
    assert message in caught.value.message
    assert caught.value.hint
    ran = ask(runner, "run", op, arguments, positional, named, call)
    assert "error" in ran or any(
        len(told["shape"]) != len(given["shape"])
        or any(a not in (None, b) for a, b in zip(told["shape"], given["shape"], strict=True))
        for told, given in zip(ran["announced"], ran["prediction"], strict=True)
    )


@pytest.mark.parametrize(("number", "dtype"), [(-1, "uint8"), (300, "uint8"), (200, "int8"), (-(2**15) - 1, "int16")])
def test_numbers_that_would_wrap_round_are_refused(number: int, dtype: str) -> None:
    add = known("op")["add"].create({"x2": number})
    assert isinstance(add, Operation)
    with pytest.raises(LayerError, match="does not fit"):
        add.output(Tensor((None, 3), dtype))


def test_inner_layers_bear_the_names_that_they_took() -> None:
    wrapper = known("layer")["TimeDistributed"].create({"layer": Object("Bidirectional", {"layer": LSTM})})
    assert isinstance(wrapper, Operation)
    assert wrapper.names_before() == ("LSTM", "Bidirectional")
    wrapper.take_names(("lstm_2", "bidirectional_1"))
    paths = list(wrapper.weights(Tensor((None, 2, 7, 3))))
    assert paths[0] == "bidirectional_1/forward_lstm_2/lstm_cell/kernel"
    assert paths[3] == "bidirectional_1/backward_lstm_2/lstm_cell/kernel"


COUNTED: list[tuple[str, dict[str, Any], tuple[Tensor, ...], int | None]] = [
    # Per step and unit: two for each product with its sum, one for each other sum and product; that of the input and
    # that of the state are added up.
    ("SimpleRNN", UNITS, (X,), 7 * 4 * (2 * (3 + 4) + 2)),
    ("LSTM", UNITS, (X,), 7 * 4 * (4 * (2 * (3 + 4) + 2) + 4)),
    ("LSTM", {"units": 4, "use_bias": False}, (X,), 7 * 4 * (4 * (2 * (3 + 4) + 1) + 4)),
    ("GRU", UNITS, (X,), 7 * 4 * (3 * (2 * (3 + 4) + 3) + 5)),
    ("LSTM", UNITS, (Tensor((None, None, 3)),), None),
    ("Bidirectional", {"layer": LSTM}, (X,), 2 * 7 * 4 * (4 * (2 * (3 + 4) + 2) + 4)),
    ("Bidirectional", {"layer": LSTM, "merge_mode": "sum"}, (X,), 2 * 7 * 4 * (4 * (2 * (3 + 4) + 2) + 4) + 4),
    ("TimeDistributed", {"layer": Object("Dense", UNITS)}, (X,), 7 * 4 * (2 * 3 + 1)),
    ("SpectralNormalization", {"layer": Object("Dense", UNITS)}, (X,), 7 * 4 * (2 * 3 + 1)),
    # Three projections to two heads of three, scores, their scaling and sums over pairs of steps, the projection back.
    ("MultiHeadAttention", HEADS, (Q,), 3 * 4 * 6 * 13 + 4 * 4 * 2 * (6 + 6 + 1) + 4 * 6 * 13),
    ("MultiHeadAttention", HEADS, (Q, V), (4 + 5 + 5) * 6 * 13 + 4 * 5 * 2 * (6 + 6 + 1) + 4 * 6 * 13),
    ("Attention", {}, (Q, V), 4 * 5 * (2 * 6 + 2 * 6)),
    ("AdditiveAttention", {}, (Q, V), 4 * 5 * (3 * 6 - 1 + 2 * 6)),
    ("Add", {}, (Q, Q, Q), 2 * 4 * 6),
    ("Average", {}, (Q, Q, Q), 3 * 4 * 6),
    ("Concatenate", {}, (Q, Q), 0),
    ("Dot", {"axes": 2}, (Q, V), 2 * 6 * 4 * 5),
    ("ReLU", {}, (Q,), 0),
    ("matmul", {}, (Q, Tensor((None, 6, 5))), 2 * 6 * 4 * 5),
    ("mean", {"axis": 1}, (Q,), 4 * 6),
]


@pytest.mark.parametrize(("op", "arguments", "tensors", "flops"), COUNTED)
def test_flops_counted_by_hand(op: str, arguments: Any, tensors: tuple[Tensor, ...], flops: int | None) -> None:
    declared = known("op" if op.islower() else "layer")[op].create(arguments)
    assert isinstance(declared, Operation)
    assert declared.flops(*tensors) == flops


MERGED: list[tuple[str, dict[str, Any], tuple[Tensor, ...], str, str]] = [
    (
        "Add",
        {},
        (Tensor((None, 16, 16, 128)), Tensor((None, 32, 32, 64))),
        "Add cannot combine (None, 16, 16, 128) and (None, 32, 32, 64)",
        "the (None, 32, 32, 64) input skips the stride; give it a Conv2D with filters=128, kernel_size=1, strides=2",
    ),
    (
        "Add",
        {},
        (Tensor((None, 8, 8, 64)), Tensor((None, 8, 8, 32))),
        "Add cannot combine (None, 8, 8, 64) and (None, 8, 8, 32)",
        "give the (None, 8, 8, 32) input a Conv2D with filters=64, kernel_size=1",
    ),
    (
        "Multiply",
        {},
        (Tensor((None, 30, 30, 8)), Tensor((None, 32, 32, 8))),
        "Multiply cannot combine (None, 30, 30, 8) and (None, 32, 32, 8)",
        'the (None, 30, 30, 8) input is the smaller; use "padding": "same" in the layers that make it, or crop the '
        '(None, 32, 32, 8) input with {"op": "Cropping2D", "cropping": [[1, 1], [1, 1]]}',
    ),
    (
        "Add",
        {},
        (Tensor((None, 3, 4, 5)), Tensor((None, 3))),
        "Add cannot combine (None, 3, 4, 5) and (None, 3)",
        'give the (None, 3) input a Reshape with "target_shape": [3, 1, 1]',
    ),
    (
        "Concatenate",
        {},
        (Tensor((None, 8, 8, 64)), Tensor((None, 16, 16, 32))),
        "Concatenate on axis -1 cannot combine (None, 8, 8, 64) and (None, 16, 16, 32)",
        "give the (None, 8, 8, 64) input an UpSampling2D with size=2",
    ),
    (
        "Concatenate",
        {},
        (Tensor((None, 4, 5)), Tensor((None, 6, 5))),
        "Concatenate on axis -1 cannot combine (None, 4, 5) and (None, 6, 5)",
        'use "axis": 1, the one dimension that differs',
    ),
    (
        "Dot",
        {"axes": 1},
        (Tensor((None, 4, 6)), Tensor((None, 5, 6))),
        "Dot cannot sum over axis 1 of (None, 4, 6) and axis 1 of (None, 5, 6)",
        'use "axes": [2, 2], two dimensions of 6',
    ),
]


@pytest.mark.parametrize(("op", "arguments", "tensors", "message", "hint"), MERGED)
def test_what_merges_say(op: str, arguments: Any, tensors: tuple[Tensor, ...], message: str, hint: str) -> None:
    layer = known("layer")[op].create(arguments)
    assert isinstance(layer, Operation)
    with pytest.raises(LayerError) as caught:
        layer.output(*tensors)
    assert (caught.value.message, caught.value.hint, caught.value.code) == (message, hint, "shape-mismatch")


def test_bidirectional_is_made_in_the_order_of_its_names() -> None:
    layer = Bidirectional.create({"layer": LSTM, "backward_layer": Object("GRU", UNITS | {"go_backwards": True})})
    assert layer.names_before() == ("LSTM", "GRU")
