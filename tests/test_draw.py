"""Pictures: what is on them, that no text of a spec gets out of its place, and that they are always the same."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from math import dist
from typing import Any, Literal
from xml.etree import ElementTree

import graphviz
import pytest
from networkx import MultiDiGraph
from pygraphviz import AGraph

from archgen.checking import check
from archgen.drawing import draw, render
from archgen.drawing.compact import compact
from archgen.drawing.escape import literal, tooltip
from archgen.drawing.svg import SVG, XLINK
from archgen.engine import lay_out
from archgen.errors import ArchgenError
from archgen.graph import Frame
from archgen.layers.kinds import Object
from archgen.options import Options
from archgen.outline import outline
from archgen.source import parse
from archgen.theme import LIGHT, THEMES
from archgen.wording import clean, heading
from tests import graphs
from tests.graphs import Sketch


class Picture:
    """An SVG, read."""

    def __init__(self, graph: MultiDiGraph[str], plan: Any = None, **options: Any) -> None:
        self.source = render(graph, "svg", Options(**options), plan)
        self.root = ElementTree.fromstring(self.source)
        self.groups = [group for group in self.root.iter(f"{{{SVG}}}g") if group.get("class")]

    def texts(self, group: ElementTree.Element | None = None) -> list[str]:
        """What is written, line by line."""
        lines = (self.root if group is None else group).iter(f"{{{SVG}}}text")
        return [" ".join("".join(line.itertext()).split()) for line in lines]

    def kinds(self) -> Counter[str]:
        """How many groups there are of each class: ``node core``, ``cluster block even``, ``edge``, ..."""
        return Counter(group.get("class", "") for group in self.groups)

    def card(self, key: str) -> list[str]:
        (group,) = (group for group in self.groups if group.get("data-key") == key)
        return self.texts(group)

    def title(self, key: str) -> str:
        (group,) = (group for group in self.groups if group.get("data-key") == key)
        return group.findtext(f"{{{SVG}}}title") or ""

    def labels(self) -> list[str]:
        """What is written beside lines, and in them."""
        beside = [g for g in self.groups if {"edge", "shape"}.intersection((g.get("class") or "").split())]
        return sorted(text for group in beside for text in self.texts(group))


def test_a_chain() -> None:
    picture = Picture(graphs.mlp())
    assert picture.kinds() == {"node input": 1, "node core": 3, "node output": 1, "edge": 4}
    assert picture.card("measurements") == ["Input measurements"]
    assert picture.card("dense_1") == ["Dense dense_1", "64, relu", "4,160 parameters"]
    assert picture.labels() == ["3", "4", "64", "64"]
    assert picture.texts()[:2] == ["Iris classifier", "4,675 parameters"]
    assert picture.title("dense") == (
        "Dense dense\nunits = 64\nactivation = relu\ninput: (None, 4) float32\noutput: (None, 64) float32\n"
        "parameters: 320\nFLOPs: 576\nnodes[1], line 4"
    )


@pytest.mark.parametrize(
    "op, shape, arguments, expected",
    [
        ("Dense", (4,), {"units": 1}, ["1", "5 parameters"]),
        ("Dense", (4,), {"units": 3, "use_bias": False, "activation": "linear"}, ["3, no bias", "12 parameters"]),
        ("Dense", (4,), {"units": 3, "trainable": False}, ["3, frozen", "15 parameters, frozen"]),
        ("Dense", (4,), {"units": 3, "bias_initializer": "ones", "dtype": "float64"}, ["3, float64", "15 parameters"]),
        ("Conv2D", (9, 9, 2), {"filters": 1, "kernel_size": 3}, ["3×3, 1 filter", "19 parameters"]),
        (
            "Conv2D",
            (9, 9, 2),
            {"filters": 64, "kernel_size": [3, 5], "strides": 2, "padding": "same"},
            ["3×5, stride 2, 64 filters, same", "1,984 parameters"],
        ),
        (
            "Conv2D",
            (9, 9, 1),
            {"filters": 2, "kernel_size": 2, "strides": [1, 2]},
            ["2×2, stride 1×2, 2 filters", "10 parameters"],
        ),
        (
            "Conv1D",
            (9, 2),
            {"filters": 4, "kernel_size": 3, "dilation_rate": 2},
            ["kernel size 3, 4 filters, dilation 2", "28 parameters"],
        ),
        ("MaxPooling2D", (9, 9, 2), {}, ["2×2"]),
        ("MaxPooling2D", (9, 9, 2), {"pool_size": 3, "strides": 3}, ["3×3"]),
        ("MaxPooling2D", (9, 9, 2), {"pool_size": 3, "strides": 2}, ["3×3, stride 2"]),
        ("ZeroPadding2D", (9, 9, 2), {"padding": 3}, ["padding 3"]),
        ("Dropout", (9,), {"rate": 0.25, "seed": 3}, ["rate 0.25"]),
        ("BatchNormalization", (9,), {"epsilon": 1e-5, "scale": False}, ["no scale", "27 parameters"]),
        ("Reshape", (12,), {"target_shape": [3, -1]}, ["3×?"]),
        ("Embedding", (7,), {"input_dim": 10000, "output_dim": 8}, ["10000 → 8", "80,000 parameters"]),
        ("LSTM", (7, 2), {"units": 4, "return_sequences": True}, ["4, return sequences", "112 parameters"]),
        ("Flatten", (7, 2), {}, []),
    ],
)  # fmt: skip
def test_the_arguments_that_matter(
    op: str, shape: tuple[int, ...], arguments: dict[str, object], expected: list[str]
) -> None:
    sketch = Sketch()
    dtype = "int32" if op == "Embedding" else "float32"
    node = sketch.add(op, sketch.add("Input", id="x", shape=shape, dtype=dtype), id="it", **arguments)
    assert Picture(sketch.ends(node)).card("it") == [f"{op} it", *expected]


@pytest.mark.parametrize(
    "shape, more, expected",
    [
        ((32, 32, 3), {}, "32×32×3"),
        ((None, 8), {}, "?×8"),
        ((), {}, "scalar"),
        ((5,), {"dtype": "int32"}, "5 int32"),
        ((5,), {"batch_size": 16}, "5, batch of 16"),
    ],
)
def test_shapes_on_edges(shape: tuple[int | None, ...], more: dict[str, object], expected: str) -> None:
    sketch = Sketch()
    assert Picture(sketch.ends(sketch.add("Input", id="x", shape=shape, **more))).labels() == [expected]


def test_several_outputs_and_arguments_are_told_apart() -> None:
    sketch = Sketch()
    x = sketch.add("Input", id="x", shape=(10, 8))
    lstm = sketch.add("LSTM", x, id="lstm", units=4, return_sequences=True, return_state=True)
    attended = sketch.add("MultiHeadAttention", x, (lstm, 0), num_heads=2, key_dim=4)
    picture = Picture(sketch.ends(attended, (lstm, 2), names=["seen", "state"]))
    assert picture.labels() == sorted(["10×8", "query", "10×8", "output 0, value", "10×4", "output 2", "4", "10×8"])
    assert ["output", "seen"] in [picture.texts(group) for group in picture.groups]


def test_turns_are_one_frame() -> None:
    graph = graphs.resnet((64, 1), (64, 1), (128, 2))
    once, all_of_them = Picture(graph), Picture(graph, expand="all")
    assert once.kinds()["cluster block even"] == 1 and all_of_them.kinds()["cluster block even"] == 3
    texts = once.texts()
    assert {"stages ×3", "residual_block", "filters 64 ×2, 128", "strides 1 ×2, 2"} <= set(texts)
    assert "379,520 parameters in all" in texts
    assert once.card("stages_3_shortcut")[1:] == ["1×1, stride 2, 128 filters", "8,320 parameters", "in 1 of 3"]
    assert once.card("conv2d")[1:] == ["3×3, stride 1 or 2,", "64 or 128 filters, same", "147,712 parameters in all"]
    assert "32×32×64 … 16×16×128" in once.labels() and "in 2 of 3" in " ".join(once.labels())
    assert not any("×3" in text.split() for text in all_of_them.texts())
    assert once.texts()[:2] == all_of_them.texts()[:2] == ["Residual network for CIFAR-10", "382,602 parameters"]


def test_equal_turns_tell_one() -> None:
    picture = Picture(graphs.resnet((64, 1), (64, 1)))
    assert {"stages ×2", "residual_block(filters=64, strides=1)", "2 × 74,368 parameters"} <= set(picture.texts())
    assert picture.card("conv2d") == ["Conv2D conv2d", "3×3, 64 filters, same", "36,928 parameters"]


def test_skip_connections_read_as_such() -> None:
    picture = Picture(graphs.resnet((64, 1), (128, 2)), expand="all")
    titles = [group.findtext(f"{{{SVG}}}title") or "" for group in picture.groups if "edge" in group.get("class", "")]
    skips = {title.partition(":")[0] for title in titles if "skip connection" in title}
    assert skips == {"stem → add", "re_lu_1 → stages_2_shortcut", "stages_2_shortcut → add_1"}
    assert picture.kinds()["node shape skip"] == picture.kinds()["edge skip"] / 2 == 3


def test_a_repeated_layer_is_one_card() -> None:
    picture = Picture(graphs.nested(2, (16, 16, 16)))
    assert picture.card("mixer_1_hidden_1") == ["Dense hidden ×3", "16", "3 × 272 parameters"]
    assert picture.kinds()["cluster block even"] == picture.kinds()["cluster block odd"] == 1  # mixer ×2, in it gate.
    assert "×3" not in " ".join(Picture(graphs.nested(2, (16, 16, 16)), expand="all").texts())


def test_what_is_shared_is_marked() -> None:
    picture = Picture(graphs.autoencoder())
    assert picture.card("encoder/wide") == ["Dense wide", "128", "100,480 parameters"]
    assert picture.card("encoder/wide@2") == ["Dense wide", "128", "shared with encoder/wide"]
    assert picture.texts().count("shared with encoder") == 1
    dashed = [g.get("data-key") for g in picture.groups if any("stroke-dasharray" in part.attrib for part in g)]
    assert dashed == [None, "encoder/wide@2", "encoder/code@2"]  # The frame, and its two layers.
    assert picture.kinds()["cluster model even"] == 3


def test_frames_lie_around_what_is_in_them() -> None:
    """Nothing sticks out of a frame, and no two frames overlap but one within the other."""
    picture = Picture(graphs.resnet((64, 1), (64, 1), (128, 2), (128, 1)), expand="all")
    boxes = [box(group) for group in picture.groups if "cluster" in group.get("class", "")]
    assert len(boxes) == 4
    for one, other in zip(boxes, boxes[1:], strict=False):
        assert one[3] <= other[1] or other[3] <= one[1]
    for group in picture.groups:
        if group.get("class", "").startswith("node"):
            left, top, right, bottom = box(group)
            for frame in boxes:
                outside = right < frame[0] or left > frame[2] or bottom < frame[1] or top > frame[3]
                inside = frame[0] <= left and right <= frame[2] and frame[1] <= top and bottom <= frame[3]
                assert outside or inside, group.get("data-key")
    (frame,) = (box(group) for group in Picture(graphs.resnet((64, 1))).groups if "cluster" in group.get("class", ""))
    (shape,) = (box(group) for group in Picture(graphs.resnet((64, 1))).groups if "shape" in group.get("class", ""))
    assert frame[0] < shape[0] and shape[2] < frame[2]


def box(group: ElementTree.Element) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the box, the point or the words that a group draws."""
    for part in group:
        numbers = {name: float(value) for name, value in part.attrib.items() if name not in LOOKS}
        match part.tag.rpartition("}")[2]:
            case "rect":
                left, top = numbers["x"], numbers["y"]
                return left, top, left + numbers["width"], top + numbers["height"]
            case "circle":
                return numbers["cx"], numbers["cy"], numbers["cx"], numbers["cy"]
            case "text":
                return numbers["x"], numbers["y"], numbers["x"], numbers["y"]
    raise AssertionError(ElementTree.tostring(group))


LOOKS = ("class", "fill", "stroke", "stroke-dasharray", "text-anchor", "font-weight", "d")

HOSTILE = [
    '"',
    'a"]; evil [label="x',
    "<b>bold</b>",
    "</TD></TR></TABLE>>]; evil [",
    "<script>alert(1)</script>",
    "&amp; &lt; &#60; &unknown;",
    "back\\slash \\N \\G \\l \\E \\",
    "\\",
    "\\\\",
    "%s %3 $x `id`",
    "a:b:c",
    "subgraph cluster_x { y }",
    "graph",
    "line\nline\r\nline\rline\ttab",
    "\x00\x07\x1b[31m\x7f\x9f",
    "\ud800 \ufffe \uffff",
    "\u202egnp\u2066",
    "名前 Имя ‮ é ∑ 🙂",
    "]]> <!-- -- -->",
    "&lt;b&gt; &#60;",
    "<>",
    "x" * 500,
    "",
    " ",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_gets_out_of_its_place(text: str) -> None:
    def sketched(text: str) -> MultiDiGraph[str]:
        sketch = Sketch(text, title=text, description=text)
        x = sketch.add("Input", id=text or "x", key=f"{text}/x", shape=(4,))
        with sketch.frame("block", text, label=text, arguments={text: text, "more": [text, {text: 1}]}):
            y = sketch.add("Dense", x, id=text or "y", key=f"{text}/y", units=4)
            with sketch.frame("model", text, label=text):
                z = sketch.add("Dense", y, name=text, key=f"{text}/z", shares=f"{text}/y", units=4)
        sketch.graph.nodes[z]["node"].path = text
        sketch.graph.nodes[y]["node"].arguments = {text: text, "seed": {"op": text}}
        sketch.graph.nodes[x]["node"].trail = (text,)
        return sketch.ends(z, y, names=[text, text])

    source, plain = AGraph(string=draw(sketched(text))), AGraph(string=draw(sketched("plain")))
    assert (source.number_of_nodes(), source.number_of_edges()) == (plain.number_of_nodes(), plain.number_of_edges())
    assert [str(part.name) for part in source.subgraphs()] == [str(part.name) for part in plain.subgraphs()]
    picture = Picture(sketched(text))
    assert picture.kinds() == Picture(sketched("plain")).kinds()
    assert {element.tag.rpartition("}")[2] for element in picture.root.iter()} <= {
        "svg", "title", "desc", "g", "rect", "circle", "path", "text", "tspan",
    }  # fmt: skip
    if 0 < len(clean(text)) <= 28 and " " not in text:
        assert f"Dense {clean(text)}" in picture.texts()
        assert clean(text) in picture.texts()


@pytest.mark.parametrize("text", [text for text in HOSTILE if 0 < len(clean(text)) < 25])
def test_hostile_text_reads_as_it_was_written(text: str) -> None:
    sketch = Sketch("plain", title=text)
    x = sketch.add("Input", id="x", shape=(4,))
    sketch.graph.nodes[x]["node"].arguments = {"note": text}
    picture = Picture(sketch.ends(x, names=[text]))
    assert picture.texts()[0] == clean(text)
    assert f"note = {clean(text)}" in picture.title("x").splitlines()
    assert ["output", clean(text)] in [picture.texts(group) for group in picture.groups]
    assert picture.root.findtext(f"{{{SVG}}}title") == clean(text)


@pytest.mark.parametrize("text", ["<b>", "<", '"', "\\", 'a"', "a\\", "&lt;", "a:b"])
def test_plain_attributes(text: str) -> None:
    graph = graphviz.Digraph()
    graph.node("a", literal(text), tooltip=tooltip(text))
    svg = ElementTree.fromstring(lay_out(graph.source, "svg", engine="embedded", timeout=60))
    assert svg.findtext(f".//{{{SVG}}}text") == text
    assert [link.get(f"{{{XLINK}}}title") for link in svg.iter(f"{{{SVG}}}a")] == [text]


def test_long_names_are_shortened_and_told_in_full() -> None:
    name = "a_name_" * 40
    sketch = Sketch()
    picture = Picture(sketch.ends(sketch.add("Input", id=name, shape=(4,))))
    first, *more = picture.card(name)
    assert all(len(line) <= 40 for line in (first, *more)) and len(more) == 1 and "…" in "".join(more)
    assert name in picture.title(name)


def test_wide_characters_get_room() -> None:
    """Without fonts Graphviz takes them for narrower than they are."""
    sketch = Sketch()
    picture = Picture(sketch.ends(sketch.add("Input", id="名" * 20, key="x", shape=(4,))))
    (group,) = (group for group in picture.groups if group.get("data-key") == "x")
    left, _, right, _ = box(group)
    assert right - left > 20 * 11


def test_for_screen_readers() -> None:
    graph = graphs.autoencoder()
    graph.graph["info"].description = "Squeezes digits."
    picture = Picture(graph)
    title, description = list(picture.root)[:2]
    assert picture.root.get("role") == "graphics-document document"
    assert {group.get("role") for group in picture.groups if "edge" not in group.get("class", "")} == {"img"}
    assert all(group.findtext(f"{{{SVG}}}title") for group in picture.groups)
    assert (title.tag, title.text) == (f"{{{SVG}}}title", "autoencoder")
    assert (description.tag, description.text) == (
        f"{{{SVG}}}desc",
        "Squeezes digits. A network of 9 nodes and 214,064 parameters. Inputs: left (None, 784), right (None, 784). "
        "Outputs: code (None, 32), dense_1 (None, 784).",
    )


def test_an_svg_is_plain() -> None:
    source = Picture(graphs.mlp()).source.decode()
    assert source.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<svg ') and source.endswith("</svg>\n")
    for unwanted in ("<!--", "graphviz", "<script", "href", "DejaVu", "<!DOCTYPE"):
        assert unwanted not in source
    assert source.count('font-family="Helvetica,Arial,sans-serif"') == 1


def test_dot_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    graph = graphs.resnet((64, 1), (64, 1))
    assert render(graph, "dot").decode() == draw(graph)
    assert render(graph, "dot", Options(expand="all")).decode() == draw(graph, Options(expand="all")) != draw(graph)
    assert draw(graph).startswith("digraph {")


@pytest.mark.parametrize(
    "format, options, said, hint",
    [
        ("svg", {"dpi": 96}, 'svg has no option "dpi"', "it is for png"),
        ("dot", {"timeout": 5.0}, 'dot has no option "timeout"', "it is for svg, png, pdf"),
        ("png", {"dpi": 0}, "0 dots per inch are too few", "give 1 or more"),
        ("svg", {"expand": -1}, "-1 is no depth", "give 0, 1, 2"),
        ("svg", {"expand": "each"}, "'each' is no depth", "give 0, 1, 2"),
        ("svg", {"expand": True}, "True is no depth", "give 0, 1, 2"),
        ("svg", {"direction": "RL"}, 'no direction "RL"', "LR"),
        ("svg", {"detail": "ful"}, 'no detail "ful"', 'did you mean "full"'),
        ("svg", {"theme": "drak"}, 'no theme "drak"', 'did you mean "dark"'),
        ("svg", {"style": "boxes"}, 'no style "boxes"', "cards"),
        ("svg", {"engine": "neato"}, 'no engine "neato"', "embedded"),
        ("svg", {"highlight": ("densee",)}, 'no layer or block "densee"', 'did you mean "dense"'),
        ("svg", {"highlight": ("",)}, 'no layer or block ""', "give the id"),
        ("jpg", {}, 'no format "jpg"', "svg"),
    ],
)  # fmt: skip
def test_what_there_is_not(format: str, options: dict[str, Any], said: str, hint: str) -> None:
    with pytest.raises(ArchgenError, match=re.escape(said)) as caught:
        render(graphs.mlp(), format, Options(**options))
    assert caught.value.status == 2 and hint in str(caught.value.hint)


@pytest.mark.parametrize(
    "kind, label, turn, times, shown",
    [
        ("block", "stage_1", 1, 3, "stage"),
        ("block", "stage_12", 12, 2, "stage"),
        ("block", "stage_1", 1, 1, "stage_1"),
        ("block", "stages", 1, 2, "stages"),
        ("model", "encoder_1", 1, 2, "encoder_1"),
    ],
)
def test_a_frame_for_several_turns_has_no_number(
    kind: Literal["block", "model"], label: str, turn: int, times: int, shown: str
) -> None:
    frame = Frame(0, kind, "unit", label, "call", turn=turn, turns=times)
    assert heading(frame, times) == (shown, "unit")


DIGEST = """
import hashlib
from archgen.checking import check
from archgen.drawing import draw, render
from archgen.drawing.compact import compact
from archgen.summary import summarize
from tests import graphs
for graph in (graphs.resnet((64, 1), (64, 1), (128, 2)), graphs.autoencoder(), graphs.nested()):
    for one in (draw(graph).encode(), render(graph), summarize(graph).text().encode()):
        print(hashlib.sha256(one).hexdigest())
"""


def test_always_the_same() -> None:
    def digests(seed: str, **more: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path), **more}
        command = [sys.executable, "-c", DIGEST]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    first = digests("0")
    assert len(set(first.split())) == 9
    assert first == digests("1") == digests("4711", LC_ALL="C", LANG="C")


def test_drawing_imports_nothing_heavy() -> None:
    program = (
        "import sys; import archgen.drawing; from tests import graphs; archgen.drawing.render(graphs.mlp()); "
        "print(*{'tensorflow', 'keras', 'black', 'pygraphviz', 'numpy'}.intersection(sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split() == []


def test_every_node_is_in_the_source() -> None:
    for graph in (graphs.resnet((64, 1), (64, 1)), graphs.autoencoder(), graphs.nested()):
        for expand in (0, 1, "all"):
            source = AGraph(string=draw(graph, Options(expand=expand)))  # type: ignore[arg-type]
            shown = outline(graph, expand=expand)  # type: ignore[arg-type]
            assert {node.key for node in shown.nodes} <= set(source.nodes())


def test_a_large_graph_keeps_its_digest_in_one_process() -> None:
    graph = graphs.resnet(*[(8, 1)] * 12)
    assert len({hashlib.sha256(render(graph, options=Options(expand="all"))).hexdigest() for _ in range(2)}) == 1


# Options


CHECKED = {
    "one": '{"name": "one", "nodes": [{"op": "Input", "shape": [4]}, {"op": "Dense", "units": 1}]}',
    "trained": """{"name": "trained", "nodes": [{"op": "Input", "shape": [4]}, {"op": "Dense", "units": 3}],
      "train": {"data": {"name": "synthetic", "samples": 64}, "optimizer": {"op": "Adam", "learning_rate": 0.5},
        "loss": "mse", "metrics": ["mae"], "epochs": 1, "batch_size": 8}}""",
    "two": """{"name": "two", "nodes": [{"id": "x", "op": "Input", "shape": [4]}, {"id": "a", "op": "Dense", "units": 1},
      {"id": "b", "op": "Dense", "units": 2, "from": "x"}], "outputs": {"left": "a", "right": "b"},
      "train": {"data": {"name": "synthetic", "samples": 64}, "loss": {"left": "mse", "right": {"op": "Huber"}},
        "epochs": 1000}}""",
}


@pytest.mark.parametrize(
    "name, below",
    [
        ("one", []),
        ("trained", ["data synthetic · loss mse · optimizer Adam(learning rate 0.5)", "metrics mae · 1 epoch in batches of 8"]),
        ("two", ["data synthetic · loss left mse, right Huber", "optimizer rmsprop · 1,000 epochs in batches of 32"]),
    ],
)  # fmt: skip
def test_loss_and_data_stand_below(name: str, below: list[str]) -> None:
    found = check(parse(CHECKED[name], "<spec>")).sound()
    assert found.graph is not None
    pictures = [Picture(found.graph, found.plan, detail=detail) for detail in ("normal", "full", "minimal")]
    quiet = [
        ["".join(text.itertext()) for text in picture.root.iter(f"{{{SVG}}}text") if text.get("class") == "quiet"]
        for picture in pictures
    ]
    assert quiet == [below, below, []]


@pytest.mark.parametrize(
    "detail, card, labels",
    [
        ("minimal", ["Conv2D it"], []),
        ("normal", ["Conv2D it", "3×3, 2 filters", "38 parameters"], ["7×7×2", "9×9×2"]),
        (
            "full",
            ["Conv2D it", "3×3, 2 filters,", "bias initializer Ones()", "38 parameters", "3.63 k FLOPs",
             "output (None, 7, 7, 2) float32"],
            ["7×7×2", "9×9×2"],
        ),
    ],
)  # fmt: skip
def test_detail(detail: str, card: list[str], labels: list[str]) -> None:
    sketch = Sketch()
    x = sketch.add("Input", id="x", shape=(9, 9, 2))
    sketch.add("Conv2D", x, id="it", filters=2, kernel_size=3, bias_initializer=Object("Ones", {}))
    picture = Picture(sketch.ends("it"), detail=detail)
    assert (picture.card("it"), picture.labels()) == (card, labels)


@pytest.mark.parametrize(
    "ids, marked",
    [
        ((), []),
        (("stem",), ["stem"]),
        (("conv2d", "stem"), ["stem", "conv2d"]),
        (("conv2d_2",), ["conv2d"]),  # Shown as the one of the first turn.
        (("stages",), ["block stages, highlighted"]),
        (("shortcut",), ["stages_3_shortcut"]),
    ],
)
def test_highlight(ids: tuple[str, ...], marked: list[str]) -> None:
    picture = Picture(graphs.resnet((64, 1), (64, 1), (128, 2)), highlight=ids)
    found = [group for group in picture.groups if "highlighted" in (group.get("class") or "").split()]
    assert [group.get("data-key") or group.findtext(f"{{{SVG}}}title") for group in found] == marked
    for group in found:
        (shape,) = group.iter(f"{{{SVG}}}rect")
        assert float(shape.get("stroke-width", "1")) > 3 and "highlighted" in group.findtext(f"{{{SVG}}}title", "")


@pytest.mark.parametrize("theme", ["light", "dark", "paper", "auto"])
def test_a_legend_names_each_look_once(theme: str) -> None:
    picture = Picture(graphs.resnet((64, 1)), theme=theme, legend=True)
    chips = [rect.get("fill") for rect in picture.root.findall(f"{{{SVG}}}rect")[1:]]  # The first is the background.
    lines = [text for text in picture.root.findall(f"{{{SVG}}}text")[2:]]
    named = ", ".join("".join(line.itertext()) for line in lines).split(", ")
    looks = ["input", "convolution", "normalization", "activation", "merging", "pooling", "core"]
    assert sorted(named) == sorted(looks)
    assert len(set(chips)) == len(chips) == (len(looks) if theme != "paper" else 3)
    assert not Picture(graphs.resnet((64, 1)), theme=theme).root.findall(f"{{{SVG}}}rect")[1:]


def test_from_left_to_right() -> None:
    picture = Picture(graphs.resnet((64, 1)), direction="LR")
    boxes = [box(group) for group in picture.groups if "data-key" in group.attrib]
    cards = {group.get("data-key"): box(group) for group in picture.groups if "data-key" in group.attrib}
    way = ["image", "stem", "conv2d", "batch_normalization", "re_lu", "conv2d_1", "add", "probabilities"]
    assert all(cards[one][2] < cards[other][0] for one, other in zip(way, way[1:], strict=False))
    assert len({round(sum(box[1::2]), 0) for box in boxes}) == 1  # All in one row.
    assert picture.card("stem") == ["Conv2D", "stem", "3×3, 64 filters, relu,", "same", "1,792 parameters"] or (
        picture.card("stem") == ["Conv2D", "stem", "3×3, 64 filters,", "relu, same", "1,792 parameters"]
    )
    (frame,) = (group for group in picture.groups if "cluster" in (group.get("class") or ""))
    assert picture.texts(frame) == ["stages", "residual_block(filters=64, strides=1)", "74,368 parameters"]


# Themes


@pytest.mark.parametrize("name", ["light", "dark", "paper"])
def test_themes_need_no_style_sheet(name: str) -> None:
    theme, picture = THEMES[name], Picture(graphs.resnet((64, 1)), theme=name)
    assert "<style" not in picture.source.decode()
    rect = picture.root.find(f"{{{SVG}}}rect")
    assert rect is not None and rect.get("fill") == theme.background.lower()
    assert picture.root.get("fill") == theme.text.lower()
    for group in picture.groups:
        if (group.get("class") or "") == "node convolution":
            (card,) = group.iter(f"{{{SVG}}}rect")
            look = (theme.fill("convolution").lower(), theme.outline("convolution").lower())
            assert (card.get("fill"), card.get("stroke")) == look


def test_auto_is_light_until_a_style_sheet_says_otherwise() -> None:
    graph, options = graphs.resnet((64, 1)), {"legend": True, "highlight": ("stem",)}
    light, auto = Picture(graph, theme="light", **options), Picture(graph, theme="auto", **options)
    (style,) = auto.root.findall(f"{{{SVG}}}style")
    auto.root.remove(style)
    del auto.root.attrib["class"]
    for rect in auto.root.findall(f"{{{SVG}}}rect"):
        rect.attrib.pop("class", None)
    assert ElementTree.tostring(auto.root).split() == ElementTree.tostring(light.root).split()
    rules = re.fullmatch(r"@media \(prefers-color-scheme:dark\)\{(.*)\}", style.text or "")
    assert rules is not None and set(re.findall(r"([^{}]*)\{[^{}]*\}", rules[1])) >= {
        ".archgen-auto", ".archgen-auto>rect", ".archgen-auto .convolution>rect", ".archgen-auto .edge>path",
        ".archgen-auto .block.even>rect", ".archgen-auto .skip>text", ".archgen-auto .highlighted>rect",
    }  # fmt: skip
    assert all(rule.startswith(".archgen-auto") for rule in re.findall(r"([^{}]*)\{[^{}]*\}", rules[1]))


@pytest.mark.parametrize("text", ["</style><script>alert(1)</script>", "}*{display:none", "core", "highlighted"])
def test_a_style_sheet_holds_no_text_of_a_spec(text: str) -> None:
    def style(text: str) -> str:
        sketch = Sketch(text, title=text, description=text)
        x = sketch.add("Input", id=text, key=f"{text}/x", shape=(4,))
        with sketch.frame("block", text, label=text):
            sketch.add("Dense", x, id="y", key="y", units=4)
        picture = Picture(sketch.ends("y", names=[text]), theme="auto", highlight=(text,), legend=True)
        return picture.root.findtext(f"{{{SVG}}}style") or ""

    assert style(text) == style("plain")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_auto_as_its_reader_wants(scheme: Literal["light", "dark"]) -> None:
    """The colours that Chromium computes for every shape and text are those of the theme of that name."""
    graph, options = graphs.resnet((64, 1)), {"legend": True, "highlight": ("stem", "stages")}
    drawn = [render(graph, "svg", Options(theme=theme, **options)).decode() for theme in (scheme, "auto")]  # type: ignore[arg-type]
    with page_in(scheme) as page:
        page.set_content("".join(f"<div>{svg.partition('?>')[2]}</div>" for svg in drawn))
        looks = page.evaluate(
            """() => [...document.querySelectorAll("div")].map(div =>
              [...div.querySelectorAll("rect, path, circle, text, tspan")].map(shape => {
                const look = getComputedStyle(shape);
                return [shape.tagName, look.fill, shape.tagName == "text" ? "" : look.stroke, look.strokeWidth];
              }))"""
        )
    assert looks[0] == looks[1] and len(looks[0]) > 50


@contextmanager
def page_in(scheme: Literal["light", "dark"]) -> Iterator[Any]:
    """A page of a Chromium whose reader prefers a scheme."""
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on PATH, and CHROMIUM is not set")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page(color_scheme=scheme)
        browser.close()


# What is made of it


def test_an_svg_is_small() -> None:
    """Each card, frame and line takes what its text takes, and little more."""
    for graph in (graphs.mlp(), graphs.resnet((64, 1), (128, 2)), graphs.autoencoder()):
        picture = Picture(graph)
        words = sum(len(text or "") for text in picture.root.itertext())
        assert len(picture.source) < words + 280 * len(picture.groups) + 900


def test_lines_end_where_graphviz_ends_them() -> None:
    """Steps in tenths of a point add up: no line is off by more than half of one."""
    graph = graphs.resnet((64, 1), (128, 2))
    source = lay_out(draw(graph, Options()).replace("Helvetica", "DejaVu Sans"), "svg", engine="embedded", timeout=60)
    given = compact(ElementTree.fromstring(source), LIGHT)
    moved = [float(number) for number in re.findall(r"translate\(([-\d.]+) ([-\d.]+)\)", source.decode())[0]]
    ends = [
        [float(number) + moved[place % 2] for place, number in enumerate(re.findall(r"-?[\d.]+", path)[-2:])]
        for path in re.findall(r'<path fill="none" stroke="#[0-9a-f]*"(?: stroke-width="[\d.]*")? d="([^"]*)"', source.decode())
    ]  # fmt: skip
    found = [end(path.get("d", "")) for path in given.iter("path") if path.get("fill") == "none"]
    assert len(found) == len(ends) > 10
    for one, other in zip(found, ends, strict=True):
        assert dist(one, other) < 0.12


def end(path: str) -> tuple[float, float]:
    """Where a path in steps ends."""
    x = y = 0.0
    for letter, numbers in re.findall(r"([Mhvcl])([^Mhvclz]*)", path):
        steps = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", numbers)]
        match letter:
            case "M":
                x, y = steps
            case "h":
                x += steps[0]
            case "v":
                y += steps[0]
            case _:
                for place in range(4, len(steps), 6):
                    x, y = x + steps[place], y + steps[place + 1]
    return x, y


def test_the_text_of_a_pdf_is_text() -> None:
    from pypdf import PdfReader

    picture = render(graphs.resnet((64, 1)), "pdf", Options(legend=True, theme="auto"))
    (page,) = PdfReader(io.BytesIO(picture)).pages
    words = " ".join(page.extract_text().split())
    for text in ("Residual network for CIFAR-10", "BatchNormalization", "3×3, 64 filters, relu, same", "convolution"):
        assert text in words.replace("\xa0", " "), words


@pytest.mark.parametrize("turns, dpi", [(300, None), (1, 30_000)])
def test_a_png_too_large_names_its_size_and_a_way_out(turns: int, dpi: int | None) -> None:
    graph = graphs.resnet(*[(8, 1)] * turns)
    with pytest.raises(ArchgenError, match=r"a PNG of [\d,]+ × [\d,]{6,} pixels is too large") as caught:
        render(graph, "png", Options(expand="all", dpi=dpi))
    fits = re.search(r"draw an SVG or a PDF, which have no such limit, or give --dpi (\d+) or less", caught.value.hint or "")
    assert fits is not None
    assert render(graph, "png", Options(expand="all", dpi=int(fits[1]))).startswith(b"\x89PNG")
    with pytest.raises(ArchgenError, match="too large"):
        render(graph, "png", Options(expand="all", dpi=int(fits[1]) + 2))


def crowd(nodes: int, reads: int) -> MultiDiGraph[str]:
    """Every node reads the one before it and ``reads`` others from anywhere above."""
    sketch, keys = Sketch("crowd"), []
    keys.append(sketch.add("Input", id="x", shape=(8,)))
    for number in range(nodes):
        above = [keys[(number * 7 + 3 * k) % len(keys)] for k in range(reads)]
        read = list(dict.fromkeys([keys[-1], *above]))
        keys.append(sketch.add("Add" if len(read) > 1 else "ReLU", *read, id=f"n{number}"))
    return sketch.ends(keys[-1])


def test_a_crowd_of_lines_is_drawn_straight() -> None:
    """Otherwise Graphviz takes minutes."""
    graph = crowd(80, 5)
    assert graph.number_of_edges() > 400
    picture = Picture(graph)
    assert len([group for group in picture.groups if "edge" in (group.get("class") or "")]) > 400
    assert picture.kinds()["node shape skip"] == 0
    for sparse in (graphs.resnet(*[(8, 1)] * 40), graphs.nested(9), crowd(30, 2)):
        assert "splines" not in draw(sparse, Options(expand="all"))


@pytest.mark.parametrize("expand, less", [(0, "--detail minimal"), ("all", "--expand 0"), (2, "--expand 0")])
def test_what_takes_too_long_says_what_to_leave_out(expand: Any, less: str) -> None:
    with pytest.raises(ArchgenError, match=r"Graphviz took longer than 0.0001 seconds") as caught:
        render(graphs.mlp(), "svg", Options(expand=expand, timeout=0.0001))
    assert caught.value.hint == f"draw less of it ({less}), or give it more time (--timeout)"
