"""The table: what it tells, and that it stays a table at any width."""

from __future__ import annotations

import json
import re

import pytest
from networkx import MultiDiGraph

from archgen.summary import summarize
from archgen.table import columns, fit
from tests import graphs
from tests.graphs import Sketch

RESNET = """\
Residual network for CIFAR-10

Layer                     Op                                      Output               Parameters   FLOPs    Memory
───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
image                     Input                                   (None, 32, 32, 3)             0       0  12.0 KiB
stem                      Conv2D                                  (None, 32, 32, 64)        1,792  3.60 M   256 KiB
stages ×2                 residual_block(filters=64, strides=1)                           148,736   303 M  3.50 MiB
  conv2d                  Conv2D                                  (None, 32, 32, 64)       36,928  75.6 M   256 KiB
  batch_normalization     BatchNormalization                      (None, 32, 32, 64)          256   131 k   256 KiB
  re_lu                   ReLU                                    (None, 32, 32, 64)            0       0   256 KiB
  conv2d_1                Conv2D                                  (None, 32, 32, 64)       36,928  75.6 M   256 KiB
  batch_normalization_1   BatchNormalization                      (None, 32, 32, 64)          256   131 k   256 KiB
  add                     Add                                     (None, 32, 32, 64)            0  65.5 k   256 KiB
  re_lu_1                 ReLU                                    (None, 32, 32, 64)            0       0   256 KiB
stages                    residual_block(filters=128, strides=2)                          230,784   118 M  1.00 MiB
  shortcut                Conv2D                                  (None, 16, 16, 128)       8,320  4.23 M   128 KiB
  conv2d_4                Conv2D                                  (None, 16, 16, 128)      73,856  37.8 M   128 KiB
  batch_normalization_4   BatchNormalization                      (None, 16, 16, 128)         512  65.5 k   128 KiB
  re_lu_4                 ReLU                                    (None, 16, 16, 128)           0       0   128 KiB
  conv2d_5                Conv2D                                  (None, 16, 16, 128)     147,584  75.5 M   128 KiB
  batch_normalization_5   BatchNormalization                      (None, 16, 16, 128)         512  65.5 k   128 KiB
  add_2                   Add                                     (None, 16, 16, 128)           0  32.8 k   128 KiB
  re_lu_5                 ReLU                                    (None, 16, 16, 128)           0       0   128 KiB
global_average_pooling2d  GlobalAveragePooling2D                  (None, 128)                   0  32.8 k     512 B
probabilities             Dense                                   (None, 10)                1,290  2.57 k      40 B
───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

Parameters       382,602 (1.46 MiB)
  trainable      381,578
  non-trainable  1,024
FLOPs            424 M for one example, a multiply-add being 2
Activations      4.76 MiB for one example

×N: N equal turns; its line tells the sum of all of them, the lines below it one turn
"""


def test_the_table() -> None:
    assert summarize(graphs.resnet((64, 1), (64, 1), (128, 2))).text(120) == RESNET


def rows(graph: MultiDiGraph[str]) -> list[list[str]]:
    """The cells of the table's rows; two spaces or more part them."""
    lines = summarize(graph).text(200).split("\n")
    first, last = (number for number, line in enumerate(lines) if line.startswith("─"))
    return [re.split(r" {2,}", line.strip()) for line in lines[first + 1 : last]]


def test_a_repeated_layer_is_one_row() -> None:
    assert rows(graphs.nested(2, (16, 16, 16)))[1:4] == [
        ["mixer ×2", "block", "2,176", "4.22 k", "512 B"],
        ["hidden ×3", "Dense", "(None, 16)", "816", "1.58 k", "192 B"],
        ["gate", "block", "272", "528", "64 B"],
    ]


def test_shared_layers_count_once() -> None:
    graph = graphs.autoencoder()
    table = rows(graph)
    assert [row[-3] for row in table if row[0] == "wide"] == ["100,480", "shared"]
    assert [row[2] for row in table if row[0].startswith("encoder")][0] == "104,608"
    assert summarize(graph).as_json()["parameters"] == 214_064


def test_each_output_has_a_line() -> None:
    sketch = Sketch()
    x = sketch.add("Input", id="x", shape=(10, 8), dtype="float16")
    lstm = sketch.add("LSTM", x, id="lstm", units=4, return_sequences=True, return_state=True)
    assert rows(sketch.ends(lstm)) == [
        ["x", "Input", "(None, 10, 8) float16", "0", "0", "160 B"],
        ["lstm", "LSTM", "(None, 10, 4)", "208", "4.32 k", "192 B"],
        ["(None, 4)"],
        ["(None, 4)"],
    ]


def unknown() -> MultiDiGraph[str]:
    sketch = Sketch("unknown")
    x = sketch.add("Input", id="x", shape=(None, 8))
    with sketch.frame("block", "part"):
        x = sketch.add("Dense", x, id="y", units=4)
    return sketch.ends(sketch.add("GlobalAveragePooling1D", x, id="mean"))


def test_what_is_unknown_is_said() -> None:
    graph = unknown()
    graph.nodes["mean"]["node"].flops = 100
    assert rows(graph) == [
        ["x", "Input", "(None, None, 8)", "0", "0", "?"],
        ["part", "block", "36", "≥ 0", "≥ 0 B"],
        ["y", "Dense", "(None, None, 4)", "36", "?", "?"],
        ["mean", "GlobalAveragePooling1D", "(None, 4)", "0", "100", "16 B"],
    ]
    text = summarize(graph).text()
    assert "FLOPs            at least 100 (unknown for 1 layer: y) for one example" in text
    assert "Activations      at least 16 B (unknown for 2 layers: x, y) for one example" in text
    told = summarize(graph).as_json()
    assert told["flops"] is None and told["memory"] is None and told["parameters"] == 36
    assert [node["flops"] for node in told["nodes"]] == [0, None, 100]
    assert [node["output"] for node in told["nodes"]] == [[None, None, 8], [None, None, 4], [None, 4]]


def test_the_json_form() -> None:
    told = summarize(graphs.mlp()).as_json()
    assert json.loads(json.dumps(told)) == told
    nodes = told.pop("nodes")
    assert told == {
        "name": "mlp",
        "parameters": 4675,
        "trainable": 4675,
        "non_trainable": 0,
        "weight_bytes": 18700,
        "flops": 9219,
        "memory": 4 * (4 + 64 + 64 + 3),
        "inputs": ["measurements"],
        "outputs": ["probabilities"],
    }
    assert nodes[1] == {
        "id": "dense",
        "name": "dense",
        "op": "Dense",
        "output": [None, 64],
        "dtype": "float32",
        "parameters": 320,
        "trainable": 320,
        "flops": 576,
        "memory": 256,
        "shares": None,
        "frame": None,
        "path": "nodes[1]",
        "line": 4,
    }


def test_the_json_form_lists_every_node_and_where_it_stands() -> None:
    graph = graphs.nested(2, (16, 16))
    nodes = {node["id"]: node for node in summarize(graph).as_json()["nodes"]}
    assert len(nodes) == graph.number_of_nodes()
    assert nodes["mixer_2_hidden_1"]["frame"] == "mixer[2]/hidden[1]"
    assert nodes["dense_1"]["frame"] == "mixer[2]/gate"


def test_the_json_form_of_several_outputs() -> None:
    sketch = Sketch()
    lstm = sketch.add("LSTM", sketch.add("Input", id="x", shape=(10, 8)), units=4, return_state=True)
    node = summarize(sketch.ends(lstm)).as_json()["nodes"][1]
    assert node["output"] == [[None, 4]] * 3 and node["dtype"] == ["float32"] * 3 and node["memory"] == 48


@pytest.mark.parametrize("width", [200, 115, 114, 100, 80, 72, 60, 40])
def test_it_stays_a_table(width: int) -> None:
    lines = summarize(graphs.resnet((64, 1), (64, 1), (128, 2))).text(width).split("\n")
    first, last = (number for number, line in enumerate(lines) if line.startswith("─"))
    table = lines[first - 1 : last + 1]
    assert all(columns(line) <= max(width, 59) for line in table)  # What is never left out takes 59 columns.
    assert table[1] == table[-1]
    shapes = [line for line in table if "(None, 32, 32, 64)" in line]
    assert len(shapes) == 8 and len({line.index("(None") for line in shapes}) == 1
    start = table[0].index("Output")
    assert all(line.index("(None") == start for line in table if "(None" in line)


def test_wide_characters_stay_in_their_column() -> None:
    sketch = Sketch("名前", title="e\u0301 名前")
    x = sketch.add("Input", id="x", shape=(4,))
    with sketch.frame("block", "b", label="b", arguments={"text": "名前" * 4}):
        x = sketch.add("Dense", x, units=4)
    lines = summarize(sketch.ends(x)).text(200).split("\n")
    start = columns(lines[2][: lines[2].index("Output")])
    assert all(columns(line[: line.index("(None")]) == start for line in lines if "(None" in line)


@pytest.mark.parametrize(
    "text, width, expected",
    [("ab", 2, "ab"), ("abcdef", 4, "ab…f"), ("  abcdef", 6, "  ab…f"), ("名前名前", 5, "名…前")],
)
def test_fit(text: str, width: int, expected: str) -> None:
    assert fit(text, width) == expected and columns(fit(text, width)) <= width


def test_colour_only_when_asked_for() -> None:
    summary = summarize(graphs.resnet((64, 1)))
    assert "\x1b" not in summary.text() == str(summary)
    assert "\x1b[1mResidual network for CIFAR-10\x1b[0m" in summary.text(color=True)
    assert re.sub(r"\x1b\[\d*m", "", summary.text(color=True)) == summary.text()


def test_a_text_of_a_spec_cannot_speak_to_the_terminal() -> None:
    sketch = Sketch("x", title="\x1b[2Jgone\r\nsecond")
    x = sketch.add("Input", id="\x1b]0;title\x07", key="x", shape=(4,))
    graph = sketch.ends(x)
    assert not set(summarize(graph).text()) & {"\x1b", "\x07", "\r"}


def test_sums_add_up() -> None:
    graph = graphs.resnet((64, 1), (64, 1), (64, 1), (128, 2))
    told = summarize(graph).as_json()
    for amount in ("parameters", "trainable", "flops", "memory"):
        assert told[amount] == sum(node[amount] for node in told["nodes"])
