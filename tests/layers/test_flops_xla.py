"""FLOPs and memory of one example beside XLA's own count of the same layer, built by Keras on JAX: equal, to the last
operation and byte.

Where archgen counts differently on purpose, the row gives the difference as arithmetic with its reason, and the sum has
to be equal. The reasons are few:

- activation functions, masks and casts count as none here; XLA counts their sums, products and comparisons;
- a kernel is counted whole at every place; XLA leaves out what falls on the zeros of ``same`` and ``causal`` padding;
- one value of many counts once per value here, as a mean does with its division; a maximum of n or a sum takes n - 1;
- XLA counts exp, log, sqrt and the like apart, as transcendental; as functions of ``keras.ops`` they count one here.

There is no row for what JAX puts together from other operations, so that XLA's count is that of one way to do it:
adaptive pooling (windows of two sizes everywhere, of which one is taken), ``floor_divide``, ``arcsin``, ``cumsum``,
``argmax`` and their like, preprocessing of images and signals.
"""

from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import archgen.layers  # noqa: F401  (fills the registry)
from archgen.layers.base import Operation, known
from archgen.layers.kinds import Object
from archgen.summary import Amounts, memory_of
from archgen.tensors import Tensor
from tests.graphs import Sketch
from tests.layers.oracle import Oracle
from tests.layers.samples import Case, request

WORKER = Path(__file__).with_name("xla_worker.py")


class Row(NamedTuple):
    op: str
    arguments: dict[str, Any]
    shapes: list[tuple[int, ...]]
    """Of the inputs, without the batch."""
    more: int = 0
    """What XLA counts and archgen does not; below zero the other way round."""
    why: str = ""
    apart: int = 0
    """What XLA counts as transcendental and archgen as an operation."""


def outside(places: int, kernel: int, stride: int = 1, dilation: int = 1, before: int | None = None) -> int:
    """Products of a kernel along one dimension, over all its places, that fall on zeros of the padding.

    ``before`` is the padding on the left, by default half of what ``same`` needs.

    >>> outside(8, 3), outside(8, 3, stride=2), outside(10, 3, before=2)
    (2, 1, 3)
    """
    outputs = -(-places // stride)
    reach = dilation * (kernel - 1) + 1
    if before is None:
        before = max((outputs - 1) * stride + reach - places, 0) // 2
    taps = [place * stride + tap * dilation - before for place in range(outputs) for tap in range(kernel)]
    return sum(not 0 <= tap < places for tap in taps)


def on_zeros(places: tuple[int, ...], kernel: int, stride: int = 1, dilation: int = 1) -> int:
    """The same for a kernel of ``kernel`` places in every dimension.

    >>> on_zeros((8, 8), 3) == 8 * 3 * 8 * 3 - (8 * 3 - 2) ** 2
    True
    """
    all_taps = [-(-size // stride) * kernel for size in places]
    inside = [taps - outside(size, kernel, stride, dilation) for size, taps in zip(places, all_taps, strict=True)]
    return prod(all_taps) - prod(inside)


def softmax(rows: int, places: int) -> int:
    """What XLA counts for a softmax, exp apart: the largest of n values and minus infinity, n differences, their sum,
    and n quotients."""
    return rows * (4 * places - 1)


PAD = "products with the zeros of the padding"
SIGMOID = "a sigmoid is a negation, a sum and a quotient"
SOFTMAX = "the softmax"
FIRST = "the first value of a sum or a maximum takes no operation"
VARIANCE = "the mean is taken again for the variance, and of each row epsilon, two signs and counts"
STEADY = {"activation": "linear", "recurrent_activation": "linear"}
LINEAR = {**STEADY, "unroll": True}

MATRIX_PRODUCTS = [
    Row("Dense", {"units": 3}, [(4,)]),
    Row("Dense", {"units": 3, "use_bias": False}, [(4,)]),
    Row("Dense", {"units": 7}, [(5, 2, 4)]),
    Row("Dense", {"units": 3, "activation": "relu"}, [(5, 4)], 5 * 3, "a ReLU compares"),
    Row("Dense", {"units": 3, "activation": "tanh"}, [(5, 4)]),
    Row("Dot", {"axes": [2, 1]}, [(5, 4), (4, 3)]),
    Row("Dot", {"axes": 1}, [(4,), (4,)]),
    Row("Dot", {"axes": [2, 1], "normalize": True}, [(5, 4), (4, 3)]),
    Row("ops.matmul", {}, [(5, 4), (4, 3)]),
    Row("ops.matmul", {}, [(2, 5, 4), (2, 4, 3)]),
    Row("ops.einsum", {"subscripts": "bij,bjk->bik"}, [(5, 4), (4, 3)]),
    Row("ops.einsum", {"subscripts": "bqhd,bkhd->bhqk"}, [(5, 2, 3), (7, 2, 3)]),
    Row("EinsumDense", {"equation": "abc,cd->abd", "output_shape": [None, 3], "bias_axes": "d"}, [(5, 4)]),
    Row("EinsumDense", {"equation": "abc,cde->abde", "output_shape": [None, 3, 2]}, [(5, 4)]),
    Row("TimeDistributed", {"layer": Object("Dense", {"units": 3})}, [(5, 4)]),
    Row("SpectralNormalization", {"layer": Object("Dense", {"units": 3})}, [(4,)]),
]
CONVOLUTIONS = [
    Row("Conv1D", {"filters": 4, "kernel_size": 3}, [(10, 2)]),
    Row("Conv1D", {"filters": 4, "kernel_size": 3, "use_bias": False}, [(10, 2)]),
    Row("Conv1D", {"filters": 4, "kernel_size": 3, "dilation_rate": 2}, [(10, 2)]),
    Row("Conv1D", {"filters": 4, "kernel_size": 3, "strides": 2}, [(10, 2)]),
    Row("Conv1D", {"filters": 4, "kernel_size": 3, "padding": "same"}, [(10, 2)], -2 * 2 * 4 * outside(10, 3), PAD),
    Row(
        "Conv1D",
        {"filters": 4, "kernel_size": 3, "padding": "same", "dilation_rate": 2},
        [(10, 2)],
        -2 * 2 * 4 * outside(10, 3, dilation=2),
        PAD,
    ),
    # Keras pads by itself before a causal convolution, so the zeros are values like others.
    Row("Conv1D", {"filters": 4, "kernel_size": 3, "padding": "causal"}, [(10, 2)], 1, "the zero is converted"),
    Row("Conv2D", {"filters": 4, "kernel_size": 3}, [(8, 8, 6)]),
    Row("Conv2D", {"filters": 4, "kernel_size": [3, 2], "strides": [1, 2]}, [(8, 9, 6)]),
    Row("Conv2D", {"filters": 4, "kernel_size": 3, "dilation_rate": 3}, [(8, 8, 6)]),
    Row("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 2}, [(8, 8, 6)]),
    Row("Conv2D", {"filters": 4, "kernel_size": 3, "data_format": "channels_first"}, [(6, 8, 8)]),
    Row(
        "Conv2D",
        {"filters": 4, "kernel_size": 3, "padding": "same"},
        [(8, 8, 6)],
        -2 * 6 * 4 * on_zeros((8, 8), 3),
        PAD,
    ),
    Row(
        "Conv2D",
        {"filters": 4, "kernel_size": 3, "padding": "same", "strides": 2},
        [(8, 9, 6)],
        -2 * 6 * 4 * on_zeros((8, 9), 3, stride=2),
        PAD,
    ),
    Row("Conv3D", {"filters": 4, "kernel_size": 2}, [(4, 4, 4, 5)]),
    Row(
        "Conv3D",
        {"filters": 10, "kernel_size": 3, "padding": "same", "groups": 5},
        [(4, 5, 3, 5)],
        -2 * 1 * 10 * on_zeros((4, 5, 3), 3),
        PAD,
    ),
    Row("DepthwiseConv1D", {"kernel_size": 3}, [(8, 6)]),
    Row("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2}, [(8, 8, 6)]),
    Row("DepthwiseConv2D", {"kernel_size": 3, "padding": "same"}, [(8, 8, 6)], -2 * 6 * on_zeros((8, 8), 3), PAD),
    Row("SeparableConv1D", {"filters": 4, "kernel_size": 3, "depth_multiplier": 2}, [(8, 6)]),
    Row("SeparableConv2D", {"filters": 4, "kernel_size": 3}, [(8, 8, 6)]),
    Row(
        "SeparableConv2D",
        {"filters": 4, "kernel_size": 3, "padding": "same", "strides": 2},
        [(8, 8, 6)],
        -2 * 6 * on_zeros((8, 8), 3, stride=2),
        PAD,
    ),
    Row("Conv1DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2}, [(7, 6)]),
    Row("Conv2DTranspose", {"filters": 4, "kernel_size": 3}, [(7, 7, 6)]),
    Row("Conv2DTranspose", {"filters": 4, "kernel_size": 2, "strides": 2}, [(7, 7, 6)]),
    Row("Conv2DTranspose", {"filters": 4, "kernel_size": 4, "strides": 2, "use_bias": False}, [(7, 7, 6)]),
    # Seven places of four taps, two apart, make 16 places, of which "same" keeps 14: a tap is lost at either end.
    Row(
        "Conv2DTranspose",
        {"filters": 4, "kernel_size": 4, "strides": 2, "padding": "same"},
        [(7, 7, 6)],
        -2 * 6 * 4 * ((7 * 4) ** 2 - (7 * 4 - 2) ** 2),
        "products for places that are cropped",
    ),
    Row("Conv3DTranspose", {"filters": 4, "kernel_size": 2}, [(3, 3, 3, 2)]),
]
RECURRENT = [
    Row("SimpleRNN", {"units": 3, "unroll": True}, [(5, 4)]),
    Row("SimpleRNN", {"units": 7, "use_bias": False, "unroll": True}, [(2, 4)]),
    Row("LSTM", {"units": 3, **LINEAR}, [(5, 4)]),
    Row("LSTM", {"units": 7, "use_bias": False, **LINEAR}, [(2, 4)]),
    Row("LSTM", {"units": 3, "unroll": True}, [(5, 4)], 5 * 3 * 3 * 3, f"of three gates {SIGMOID}"),
    Row("GRU", {"units": 3, **LINEAR}, [(5, 4)]),
    Row("GRU", {"units": 3, "reset_after": False, **LINEAR}, [(5, 4)]),
    Row("GRU", {"units": 7, "use_bias": False, **LINEAR}, [(2, 4)]),
    Row("GRU", {"units": 3, "unroll": True}, [(5, 4)], 5 * 3 * 2 * 3, f"of two gates {SIGMOID}"),
    Row("RNN", {"cell": Object("LSTMCell", {"units": 3, **STEADY}), "unroll": True}, [(5, 4)]),
    Row(
        "RNN",
        {"cell": [Object("GRUCell", {"units": 3, **STEADY}), Object("SimpleRNNCell", {"units": 2})], "unroll": True},
        [(5, 4)],
    ),
    *(
        Row(
            "Bidirectional",
            {"layer": Object("SimpleRNN", {"units": 3, "unroll": True}), "merge_mode": mode},
            [(5, 4)],
        )
        for mode in ("concat", "sum", "mul", "ave")
    ),
    # One step, since XLA counts a loop's body once. Over the state a convolution pads to "same".
    Row(
        "ConvLSTM1D",
        {"filters": 3, "kernel_size": 2, **STEADY},
        [(1, 6, 5)],
        -4 * 2 * 3 * 3 * outside(5, 2) + 2,
        f"{PAD}; the loop counts its steps",
    ),
    Row(
        "ConvLSTM2D",
        {"filters": 3, "kernel_size": 2},
        [(1, 6, 6, 5)],
        -4 * 2 * 3 * 3 * on_zeros((5, 5), 2) + 2 + 5 * 5 * 3 * 3 * 3,
        f"{PAD}; the loop counts its steps; of three gates {SIGMOID}",
    ),
]
ATTENTION = [
    Row("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, [(5, 4), (7, 4)], softmax(2 * 5, 7), SOFTMAX),
    Row("MultiHeadAttention", {"num_heads": 3, "key_dim": 2}, [(6, 8)], softmax(3 * 6, 6), SOFTMAX),
    Row(
        "MultiHeadAttention",
        {"num_heads": 2, "key_dim": 3, "use_bias": False, "output_shape": [5]},
        [(5, 4), (7, 6)],
        softmax(2 * 5, 7),
        SOFTMAX,
    ),
    Row(
        "MultiHeadAttention",
        {"num_heads": 2, "key_dim": 3, "value_dim": 6, "attention_axes": [1]},
        [(5, 3, 4), (7, 3, 4)],
        softmax(2 * 5 * 3, 7) + 5 * 3 * 2 * 3 - 2 * 5 * 3 * 7,
        f"{SOFTMAX}; of four dimensions Keras scales the queries, not the scores",
    ),
    Row(
        "GroupQueryAttention",
        {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2},
        [(5, 4), (7, 4)],
        softmax(4 * 5, 7),
        SOFTMAX,
    ),
    Row("Attention", {}, [(5, 4), (7, 4)], softmax(5, 7), SOFTMAX),
    Row("Attention", {"use_scale": True}, [(6, 4), (8, 4)], softmax(6, 8), SOFTMAX),
    Row("Attention", {"score_mode": "concat"}, [(5, 4), (7, 4)], softmax(5, 7), SOFTMAX),
    Row("Attention", {"score_mode": "concat", "use_scale": True}, [(5, 4), (7, 4)], softmax(5, 7), SOFTMAX),
    Row("AdditiveAttention", {}, [(5, 4), (7, 4)], softmax(5, 7), SOFTMAX),
    Row("AdditiveAttention", {"use_scale": False}, [(5, 6), (7, 6)], softmax(5, 7), SOFTMAX),
]
NORMALIZATION = [
    Row("BatchNormalization", {}, [(8, 8, 6)], 5 * 6, "per channel: epsilon, scale, two for the mean, offset"),
    Row("BatchNormalization", {"scale": False}, [(20, 6)], 4 * 6, "per channel: epsilon, two for the mean, offset"),
    Row("BatchNormalization", {"scale": False, "center": False}, [(20, 6)], 3 * 6, "per channel: epsilon, two more"),
    Row("LayerNormalization", {"scale": False}, [(20, 6)], 20 * (6 + 4) + 3, VARIANCE),
    Row("LayerNormalization", {"scale": False, "center": False}, [(10, 5)], 10 * (5 + 4) + 3, VARIANCE),
    Row(
        "LayerNormalization",
        {},
        [(20, 6)],
        20 * (6 + 4 + 5) + 3,
        f"{VARIANCE}; the mean is scaled for each of n values, not once",
    ),
    Row("GroupNormalization", {"groups": 3, "scale": False, "center": False}, [(20, 6)], 120 + 3 * 4 + 3, VARIANCE),
    Row(
        "GroupNormalization",
        {"groups": 3},
        [(20, 6)],
        120 + 3 * 4 + 3 + (2 * 6 - 3) + 6,
        f"{VARIANCE}; scale and offset go into those of each group once per channel",
    ),
    Row("RMSNormalization", {}, [(20, 6)], 20, "epsilon"),
    Row("UnitNormalization", {}, [(20, 6)]),
    Row("Rescaling", {"scale": 0.5, "offset": 1.0}, [(5, 4)]),
    Row("Rescaling", {"scale": 0.5}, [(5, 4)], -5 * 4, "a sum with 0 is left out"),
    Row("Normalization", {"mean": [0.5, 1.0, 1.5, 2.0], "variance": [1.0, 2.0, 3.0, 4.0]}, [(5, 4)]),
]
POOLING = [
    Row("AveragePooling1D", {"pool_size": 3, "strides": 2}, [(9, 6)]),
    Row("AveragePooling2D", {"pool_size": 2}, [(8, 8, 6)]),
    Row("AveragePooling3D", {"pool_size": 2}, [(4, 4, 4, 3)]),
    Row(
        "AveragePooling2D",
        {"pool_size": 3, "strides": 2, "padding": "same"},
        [(8, 8, 6)],
        4 * 4 * (9 - 1),
        "the places in each window are counted",
    ),
    Row("MaxPooling1D", {"pool_size": 3, "strides": 1, "padding": "same"}, [(8, 6)], -8 * 6, FIRST),
    Row("MaxPooling2D", {"pool_size": 2}, [(8, 8, 6)], -4 * 4 * 6, FIRST),
    Row("MaxPooling3D", {"pool_size": 2}, [(4, 4, 4, 3)], -2 * 2 * 2 * 3, FIRST),
    Row("GlobalAveragePooling1D", {}, [(8, 6)]),
    Row("GlobalAveragePooling2D", {}, [(8, 8, 6)]),
    Row("GlobalMaxPooling2D", {}, [(8, 8, 6)], -6, FIRST),
    Row("ops.mean", {"axis": 1}, [(5, 4)]),
    Row("ops.mean", {"axis": [1, 2]}, [(5, 4)]),
    *(Row(f"ops.{op}", {"axis": 1}, [(5, 4)], -4, FIRST) for op in ("sum", "prod", "max", "min")),
    Row("ops.var", {"axis": 1}, [(5, 4)], 4 + 3, "the divisor is reckoned: once per result, and 3"),
    Row("ops.norm", {"axis": [1, 2]}, [(5, 4)], apart=1),
    Row("ops.average", {"axis": 1}, [(5, 4)]),
    Row("ops.normalize", {"axis": 1}, [(5, 4)]),
]
ELEMENTWISE = [
    *(Row(op, {}, [(5, 4), (5, 4)]) for op in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")),
    Row("Add", {}, [(5, 4), (5, 4), (5, 4)]),
    Row("Add", {}, [(5, 4), (1, 4)]),
    Row("Average", {}, [(5, 4), (5, 4), (5, 4)]),
    *(
        Row(f"ops.{op}", {}, [(5, 4), (5, 1)])
        for op in ("add", "subtract", "multiply", "divide", "maximum", "minimum", "equal", "less")
    ),
    Row("ops.multiply", {"x2": 2.0}, [(5, 4)]),
    Row("ops.power", {}, [(5, 4), (5, 4)], apart=5 * 4),
    *(Row(f"ops.{op}", {}, [(5, 4)]) for op in ("negative", "sign", "abs", "square", "floor", "round", "isnan")),
    *(Row(f"ops.{op}", {}, [(5, 4)], apart=5 * 4) for op in ("exp", "log", "sqrt", "rsqrt", "sin", "tan", "erf")),
    Row("ops.clip", {"x_min": 0.0, "x_max": 1.0}, [(5, 4)]),
    Row("ops.tanh", {}, [(5, 4)]),
    Row("ops.sigmoid", {}, [(5, 4)], 3 * 5 * 4, SIGMOID),
    Row("ops.relu", {}, [(5, 4)], 5 * 4, "a ReLU compares"),
    Row("ops.softmax", {}, [(5, 4)], softmax(5, 4), SOFTMAX),
    Row("ops.cast", {"dtype": "float16"}, [(5, 4)], 5 * 4, "each value is converted"),
]
NOTHING = [
    Row("Concatenate", {}, [(5, 4), (5, 4)]),
    Row("Flatten", {}, [(5, 4)]),
    Row("Reshape", {"target_shape": [-1]}, [(5, 4)]),
    Row("Permute", {"dims": [2, 1]}, [(5, 4)]),
    Row("RepeatVector", {"n": 3}, [(4,)]),
    Row("Cropping1D", {}, [(5, 4)]),
    Row("UpSampling1D", {}, [(5, 4)]),
    Row("ZeroPadding1D", {}, [(5, 4)], 1, "the zero is converted"),
    Row("Dropout", {"rate": 0.5}, [(5, 4)]),
    Row("GaussianNoise", {"stddev": 0.5}, [(5, 4)]),
]
TABLE = [
    *(MATRIX_PRODUCTS + CONVOLUTIONS + RECURRENT + ATTENTION + NORMALIZATION + POOLING + ELEMENTWISE + NOTHING),
]


@pytest.fixture(scope="module")
def xla() -> Iterator[Oracle]:
    with Oracle("jax", WORKER) as oracle:
        yield oracle


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.op} {row.arguments} {row.shapes}")
def test_xla_counts_as_much(row: Row, xla: Oracle) -> None:
    role, op = ("op", row.op.removeprefix("ops.")) if row.op.startswith("ops.") else ("layer", row.op)
    case = Case(known(role)[op], row.arguments, tuple(Tensor((1, *shape)) for shape in row.shapes))
    layer, _, refusal = case.outcome()
    assert isinstance(layer, Operation), refusal
    flops = layer.flops(*case.tensors)
    counted = xla.ask(request(case))
    assert "error" not in counted, counted["error"]
    assert flops + row.more == counted["flops"] + row.apart, row.why
    assert row.apart in (0, counted["transcendentals"])
    assert bool(row.more) == bool(row.why)


HELD = [
    # op, arguments, inputs without the batch, their dtype
    ("Dense", {"units": 3}, [(4,)], "float32"),
    ("Dense", {"units": 3, "dtype": "float16"}, [(5, 4)], "float32"),
    ("Dense", {"units": 3, "dtype": "mixed_float16"}, [(5, 4)], "float32"),
    ("Conv2D", {"filters": 4, "kernel_size": 3}, [(8, 8, 6)], "float32"),
    ("BatchNormalization", {}, [(8, 8, 6)], "float32"),
    ("LSTM", {"units": 3, "return_state": True}, [(5, 4)], "float32"),
    ("Embedding", {"input_dim": 9, "output_dim": 3}, [(5,)], "int32"),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, [(5, 4), (7, 4)], "float32"),
    ("Flatten", {}, [(5, 4)], "float16"),
    ("ops.cast", {"dtype": "int8"}, [(5, 4)], "float32"),
]


@pytest.mark.parametrize(("op", "arguments", "shapes", "dtype"), HELD)
def test_xla_holds_as_many_bytes(
    op: str, arguments: dict[str, Any], shapes: list[tuple[int, ...]], dtype: str, xla: Oracle
) -> None:
    sketch = Sketch()
    inputs = [sketch.add("Input", id=f"x{index}", shape=shape, dtype=dtype) for index, shape in enumerate(shapes)]
    reads = [sketch.graph.nodes[key]["node"] for key in inputs]
    node = sketch.graph.nodes[sketch.add(op, *inputs, **arguments)]["node"]
    role, _, name = op.rpartition(".")
    case = Case(
        known("op" if role else "layer")[name], arguments, tuple(Tensor((1, *shape), dtype) for shape in shapes)
    )
    assert xla.ask(request(case) | {"memory": True}) == {
        "arguments": Amounts.of([node]).weight_bytes + Amounts.of(reads).memory,
        "outputs": memory_of(node),
    }
