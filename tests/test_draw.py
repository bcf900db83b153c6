"""Pictures: what is on them, that no text of a spec gets out of its place, and that they are always the same."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from typing import Any, Literal
from xml.etree import ElementTree

import graphviz
import pytest
from networkx import MultiDiGraph
from pygraphviz import AGraph

from archgen.drawing import draw, render
from archgen.drawing.escape import literal, tooltip
from archgen.drawing.svg import SVG, XLINK
from archgen.engine import lay_out
from archgen.errors import ArchgenError
from archgen.graph import Frame
from archgen.options import Expand, Options
from archgen.outline import outline
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
    assert "32×32×64 or 16×16×128" in once.labels() and "in 2 of 3" in " ".join(once.labels())
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
        ("png", {"dpi": 0}, "0 is no number of dots", "1 or more"),
        ("png", {"dpi": "300"}, "'300' is no number of dots", "a whole number"),
        ("svg", {"timeout": 0}, "0 is no time", "give seconds"),
        ("svg", {"timeout": float("nan")}, "nan is no time", "give seconds"),
        ("svg", {"timeout": float("inf")}, "inf is no time", "give seconds"),
        ("svg", {"timeout": None}, "None is no time", "give seconds"),
        ("svg", {"legend": "yes"}, "is true or false, found 'yes'", "True or False"),
        ("svg", {"highlight": "dense"}, "'dense' is no list of ids", "a tuple or a list"),
        ("svg", {"colour": "red"}, 'no option "colour"', "use expand, direction"),
        ("svg", {"expand": 1.5}, "1.5 is no depth", "give 0, 1, 2"),
        ("svg", {"expand": None}, "None is no depth", "give 0, 1, 2"),
        ("svg", {"theme": 3}, 'no theme "3"', "light"),
        ("svg", {"detail": None}, 'no detail "None"', "minimal"),
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
        render(graphs.mlp(), format, Options.of(options))
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
from archgen.drawing import draw, render
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
        depths: tuple[Expand, ...] = (0, 1, "all")
        for expand in depths:
            source = AGraph(string=draw(graph, Options(expand=expand)))
            shown = outline(graph, expand=expand)
            assert {node.key for node in shown.nodes} <= set(source.nodes())


def test_a_large_graph_keeps_its_digest_in_one_process() -> None:
    graph = graphs.resnet(*[(8, 1)] * 12)
    assert len({hashlib.sha256(render(graph, options=Options(expand="all"))).hexdigest() for _ in range(2)}) == 1
