"""Chains of tensors as boxes: which are drawn, what is said of them, and that nothing stands on anything else."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
from functools import cache
from itertools import combinations
from math import sqrt
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from networkx import MultiDiGraph

import archgen
from archgen.errors import ArchgenError
from archgen.options import Options
from archgen.theme import THEMES
from archgen.volumes import render
from archgen.volumes.chain import chain_of
from archgen.volumes.layout import lay_out
from archgen.volumes.repeats import find_repeats
from archgen.volumes.shapes import Curve, Picture, Polygon, Text
from archgen.volumes.solids import Scales, body_of, scales_for
from archgen.volumes.widths import BOLD, FIRST, OTHERS, PLAIN, width
from archgen.wording import UNPRINTABLE
from tests import graphs
from tests.graphs import Sketch

SVG = "{http://www.w3.org/2000/svg}"
SPECS = Path(__file__).parent.parent / "specs"
THE_EIGHT = ("autoencoder", "cnn", "gan", "lstm", "mlp", "resnet", "resnet50", "transformer")


def conv(filters: int, kernel: int, **more: Any) -> dict[str, Any]:
    return {"op": "Conv2D", "filters": filters, "kernel_size": kernel, **more}


def dense(units: int, activation: str = "relu") -> dict[str, Any]:
    return {"op": "Dense", "units": units, "activation": activation}


def image(*shape: int) -> dict[str, Any]:
    return {"id": "image", "op": "Input", "shape": list(shape)}


SAME = {"padding": "same", "activation": "relu"}
POOL = {"op": "MaxPooling2D", "pool_size": 2}
MEAN = {"op": "AveragePooling2D", "pool_size": 2}
FLAT = {"op": "Flatten"}
POOL3 = {"op": "MaxPooling2D", "pool_size": 3, "strides": 2}
DROP = {"op": "Dropout", "rate": 0.5}


def vgg16() -> list[dict[str, Any]]:
    nodes = [image(224, 224, 3)]
    for filters, times in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        nodes += [conv(filters, 3, **SAME)] * times + [POOL]
    return [*nodes, FLAT, dense(4096), dense(4096), dense(1000, "softmax")]


def unet(depth: int = 4) -> list[dict[str, Any]]:
    nodes = [image(128, 128, 3)]
    for level in range(depth):
        nodes += [conv(32 << level, 3, **SAME), conv(32 << level, 3, **SAME, id=f"down{level}"), POOL]
    nodes += [conv(32 << depth, 3, **SAME)] * 2
    for level in reversed(range(depth)):
        up = {"op": "Conv2DTranspose", "filters": 32 << level, "kernel_size": 2, "strides": 2, "id": f"up{level}"}
        nodes += [up, {"op": "Concatenate", "from": [f"up{level}", f"down{level}"]}]
        nodes += [conv(32 << level, 3, **SAME)] * 2
    return [*nodes, conv(1, 1, activation="sigmoid")]


NETWORKS: dict[str, list[dict[str, Any]]] = {
    "LeNet-5": [
        image(32, 32, 1),
        conv(6, 5, activation="tanh"),
        MEAN,
        conv(16, 5, activation="tanh"),
        MEAN,
        FLAT,
        dense(120, "tanh"),
        dense(84, "tanh"),
        dense(10, "softmax"),
    ],
    "AlexNet": [
        image(227, 227, 3),
        conv(96, 11, strides=4, activation="relu"),
        POOL3,
        conv(256, 5, **SAME),
        POOL3,
        conv(384, 3, **SAME),
        conv(384, 3, **SAME),
        conv(256, 3, **SAME),
        POOL3,
        FLAT,
        dense(4096),
        DROP,
        dense(4096),
        DROP,
        dense(1000, "softmax"),
    ],
    "VGG-16": vgg16(),
    "U-Net": unet(),
}


@cache
def network(name: str) -> MultiDiGraph[str]:
    """The graph of a spec of the project, or of a network of ``NETWORKS``."""
    if name in NETWORKS:
        return graph(*NETWORKS[name], title=name)
    return archgen.expand(archgen.load(SPECS / f"{name}.json"))


def graph(*nodes: dict[str, Any], **more: Any) -> MultiDiGraph[str]:
    return archgen.expand(archgen.loads(json.dumps({"name": "net", "nodes": list(nodes), **more})))


def picture(net: MultiDiGraph[str], *, theme: str = "light", detail: str = "normal", expand: Any = 0) -> Picture:
    chain = chain_of(net)
    return lay_out(chain, find_repeats(chain, expand), THEMES[theme], detail, "Title", "Words.")


def labels(net: MultiDiGraph[str], kind: str = "volume", **wanted: Any) -> list[str]:
    """What is written at each volume, arc (``skip``) or ``bracket``."""
    parts = [part for part in picture(net, **wanted).parts if part.kind.split(" ")[0] == kind]
    return [" ".join(shape.words for shape in part.shapes if isinstance(shape, Text)) for part in parts]


def test_lenet() -> None:
    assert labels(network("LeNet-5")) == [
        "32×32×1 Input image",
        "28×28×6 Conv2D 5×5, tanh",
        "14×14×6 AveragePooling2D 2×2",
        "10×10×16 Conv2D 5×5, tanh",
        "5×5×16 AveragePooling2D 2×2",
        "400 Flatten",
        "120 Dense tanh",
        "84 Dense tanh",
        "10 Dense softmax",
    ]


def test_vgg_stands_in_slabs() -> None:
    assert [label for label in labels(network("VGG-16")) if label[-2:] == "×2" or label[-2:] == "×3"] == [
        "224×224×64 Conv2D 3×3, relu ×2",
        "112×112×64 MaxPooling2D 2×2",
        "112×112×128 Conv2D 3×3, relu ×2",
        "56×56×128 MaxPooling2D 2×2",
        "56×56×256 Conv2D 3×3, relu ×3",
        "28×28×256 MaxPooling2D 2×2",
        "28×28×512 Conv2D 3×3, relu ×3",
        "14×14×512 MaxPooling2D 2×2",
        "14×14×512 Conv2D 3×3, relu ×3",
        "7×7×512 MaxPooling2D 2×2",
        "4096 Dense relu ×2",
    ]
    parts = [part for part in picture(network("VGG-16")).parts if part.kind == "volume convolution"]
    fronts = [sum(isinstance(shape, Polygon) for shape in part.shapes) // 3 for part in parts]
    assert fronts == [2, 2, 3, 3, 3]


def test_what_keeps_the_size_is_said_where_it_follows() -> None:
    assert labels(network("AlexNet"))[-3:] == [
        "9216 Flatten",
        "4096 Dense relu, Dropout rate 0.5 ×2",
        "1000 Dense softmax",
    ]
    assert (
        labels(network("resnet50"))[1] == "112×112×64 ZeroPadding2D 3, Conv2D 7×7, stride 2, BatchNormalization, ReLU"
    )


def test_what_is_repeated_stands_once() -> None:
    assert labels(network("resnet50"), "bracket") == [f"bottleneck ×{times}" for times in (3, 4, 6, 3)]
    assert labels(network("resnet50"), "skip") == ["Conv2D 1×1, BatchNormalization in the first"] * 4
    assert len([label for label in labels(network("resnet50")) if "as above" not in label]) == 3 + 4 * 3 + 2
    assert "28×28×128 Conv2D 1×1, stride 2 in the first, BatchNormalization, ReLU" in labels(network("resnet50"))


@pytest.mark.parametrize("name", ["resnet50", "resnet", "VGG-16", "U-Net"])
def test_expanded_it_is_complete(name: str) -> None:
    chain = chain_of(network(name))
    whole = find_repeats(chain, "all")
    assert list(whole.shown) == list(range(len(chain.volumes)))
    assert [arc for arc, _ in whole.arcs] == chain.arcs
    nodes = [node.key for volume in chain.volumes for node in volume.nodes] + [
        node.key for arc in chain.arcs for node in arc.nodes
    ]
    assert sorted(nodes) == sorted(network(name))
    collapsed = find_repeats(chain)
    assert sum(len(turns) for turns in collapsed.turns.values()) == len(chain.volumes)
    assert sum(len(turns) for _, turns in collapsed.arcs) == len(chain.arcs)


def test_repeats_open_level_by_level() -> None:
    net = graphs.nested(3, (16, 16))
    counts = [len(list(find_repeats(chain_of(net), expand).shown)) for expand in (0, 1, 2, "all")]
    assert counts == sorted(counts) and counts[0] < counts[-1] == len(chain_of(net).volumes)


def test_skip_connections_are_arcs() -> None:
    chain = chain_of(network("U-Net"))
    assert [arc.joins.op for arc in chain.arcs] == ["Concatenate"] * 4
    sizes = [
        (chain.volumes[arc.start].tensor.shape[1:3], chain.volumes[arc.end].tensor.shape[1:3]) for arc in chain.arcs
    ]
    assert sizes == [((size, size), (size, size)) for size in (16, 32, 64, 128)]
    assert labels(network("resnet"), "skip") == [""]


def transformer(turns: int) -> MultiDiGraph[str]:
    """Encoders whose normalizations stand before what they are for."""
    encoder = [
        {"id": "normal", "op": "LayerNormalization", "from": "x"},
        {"id": "seen", "op": "MultiHeadAttention", "num_heads": 4, "key_dim": 16, "from": ["normal", "normal"]},
        {"id": "sum", "op": "Add", "from": ["x", "seen"]},
        {"op": "LayerNormalization"},
        dense(256, "gelu"),
        {"id": "thought", "op": "Dense", "units": 64},
        {"op": "Add", "from": ["sum", "thought"]},
    ]
    blocks = {"encoder": {"inputs": ["x"], "nodes": encoder}}
    nodes = [{"op": "Input", "shape": [64, 64]}, {"op": "encoder", "repeat": turns}, {"op": "LayerNormalization"}]
    return graph(*nodes, {"op": "GlobalAveragePooling1D"}, blocks=blocks)


def test_what_keeps_the_size_at_the_start_of_a_way_belongs_to_what_comes_of_it() -> None:
    assert labels(transformer(6)) == [
        "64×64 Input input_layer",
        "64×64 LayerNormalization, MultiHeadAttention 4 heads of 16, Add",
        "64×256 LayerNormalization, Dense gelu",
        "64×64 Dense, Add",
        "64 LayerNormalization, GlobalAveragePooling1D",
    ]
    assert labels(transformer(6), "bracket") == ["encoder ×6"]
    assert labels(transformer(6), "skip") == ["", ""]


def test_rows_are_about_as_long_as_each_other() -> None:
    for name, rows in (("VGG-16", 2), ("resnet50", 3), ("LeNet-5", 1), ("U-Net", 1)):
        ends: dict[float, float] = {}
        for part in picture(network(name)).parts:
            for shape in part.shapes:
                if part.kind == "flow" and isinstance(shape, Curve):
                    ends[shape.points[0][1]] = max(ends.get(shape.points[0][1], 0), shape.points[-1][0])
        assert len(ends) == rows
        assert max(ends.values()) < 1.5 * min(ends.values())


def test_a_sum_of_what_keeps_its_size_has_a_volume_of_its_own() -> None:
    nodes = [{"id": "x", "op": "Input", "shape": [8]}, {"op": "Dropout", "rate": 0.1}, {"op": "ReLU", "id": "y"}]
    chain = chain_of(graph(*nodes, {"op": "Add", "from": ["x", "y"]}))
    assert [volume.node.op for volume in chain.volumes] == ["Input", "Add"]
    assert [(arc.start, arc.end) for arc in chain.arcs] == [(0, 1)]


def test_models_have_brackets() -> None:
    assert labels(network("autoencoder"), "bracket") == ["encoder", "decoder"]
    assert labels(network("gan"), "bracket") == ["generator", "discriminator"]


def test_a_model_longer_than_a_row_has_a_bracket_in_each() -> None:
    models = {"backbone": {"nodes": NETWORKS["VGG-16"][:-3]}}
    net = graph({"id": "photo", "op": "Input", "shape": [224, 224, 3]}, {"op": "backbone"}, dense(5), models=models)
    assert labels(net, "bracket") == ["backbone", "backbone (continued)"]
    assert_clear(picture(net))


def test_edges_grow_with_square_roots() -> None:
    chain = chain_of(network("VGG-16"))
    scales = scales_for(chain.volumes)
    bodies = {volume.tensor.shape[1:]: body_of(volume, scales) for volume in chain.volumes}
    for one, other in combinations([shape for shape in bodies if len(shape) == 3], 2):
        assert bodies[one].height / bodies[other].height == pytest.approx(sqrt(one[0] / other[0]))
        if min(one[2], other[2]) > 3:
            assert bodies[one].thickness / bodies[other].thickness == pytest.approx(sqrt(one[2] / other[2]))
    assert bodies[25088,].height / bodies[1000,].height == pytest.approx(sqrt(25088 / 1000))


def test_sheets_stacks_and_channels_first() -> None:
    scales = Scales(10, 4, 5)
    sketch = Sketch()
    sketch.add("Input", id="x", shape=(100, 16))
    (volume,) = chain_of(sketch.ends("x")).volumes
    assert (body_of(volume, scales).height, body_of(volume, scales).thickness, body_of(volume, scales).slant) == (
        100,
        16,
        0,
    )
    (volume,) = chain_of(graph(image(8, 16, 25, 1))).volumes
    body = body_of(volume, scales)
    assert (body.behind, body.height, body.slant) == (3, 40, 12.5)
    assert "boxes behind each other" in picture(graph(image(8, 16, 25, 1))).parts[-1].title
    first = chain_of(graph(image(4, 9, 16), conv(25, 1, data_format="channels_first"))).volumes[0]
    assert (body_of(first, scales).height, body_of(first, scales).thickness) == (30, 8)
    caption = picture(graph({"op": "Input", "shape": [None, 4]})).parts[-1].title
    assert "steps and features" in caption and "a size that is not known" in caption


ERRORS: dict[str, tuple[list[dict[str, Any]], dict[str, Any], str]] = {
    "two inputs": (
        [
            {"id": "a", "op": "Input", "shape": [4]},
            {"id": "b", "op": "Input", "shape": [4]},
            {"op": "Add", "from": ["a", "b"]},
        ],
        {},
        "volumes are drawn of one chain of tensors, and this network starts with 2 tensors (a, b)",
    ),
    "long branches": (
        [
            image(8, 8, 3),
            conv(4, 1, id="a1"),
            conv(4, 1, id="a2"),
            conv(4, 1, id="a3"),
            conv(4, 1, id="b1", **{"from": "image"}),
            conv(4, 1, id="b2"),
            conv(4, 1, id="b3"),
            {"id": "both", "op": "Concatenate", "from": ["a3", "b3"]},
        ],
        {},
        "volumes are drawn of one chain of tensors, and both joins two long ways from image: one of 3 layers, and one "
        "with b1; an arc takes at most 2 layers in a row",
    ),
    "two heads": (
        [{"id": "x", "op": "Input", "shape": [4]}, {"id": "a", **dense(3)}, {"id": "b", **dense(5), "from": "x"}],
        {"outputs": ["a", "b"]},
        "volumes are drawn of one chain of tensors, and this network has layers beside it that do not lead back to it "
        "(b)",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_is_no_chain(name: str) -> None:
    nodes, more, message = ERRORS[name]
    with pytest.raises(ArchgenError) as caught:
        render(graph(*nodes, **more), Options(style="volumes"))
    assert caught.value.message == message
    assert caught.value.hint == "draw the cards (without --style volumes), which show every way through a network"


Box = tuple[float, float, float, float]


def box_of(text: Text) -> Box:
    """Left, top, right and bottom of a line of text in the widest of fonts."""
    wide = width(text.words, text.size, bold=text.bold)
    left = text.x - wide / 2 if text.anchor == "middle" else text.x
    return left, text.y - 0.76 * text.size, left + wide, text.y + 0.24 * text.size


def bounds(points: tuple[tuple[float, float], ...]) -> Box:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def meet(one: Box, other: Box) -> bool:
    return (
        one[0] < other[2] - 0.01 and other[0] < one[2] - 0.01 and one[1] < other[3] - 0.01 and other[1] < one[3] - 0.01
    )


def lines(curve: Curve) -> list[Box]:
    """The parts of a curve, each in a box."""
    return [bounds(curve.points[k : k + 4]) for k in range(0, len(curve.points) - 1, 3)]


def assert_clear(drawn: Picture) -> None:
    """No text on another, on a body or a line, or out of the picture; no body on one of another volume."""
    texts = [shape for part in drawn.parts for shape in part.shapes if isinstance(shape, Text)]
    boxes = [(text.words, box_of(text)) for text in texts]
    for (said, one), (other_said, other) in combinations(boxes, 2):
        assert not meet(one, other), (said, other_said)
    curves = [box for part in drawn.parts for shape in part.shapes if isinstance(shape, Curve) for box in lines(shape)]
    bodies = []
    for part in drawn.parts:
        faces = [shape.points for shape in part.shapes if isinstance(shape, Polygon)]
        if faces and part.kind.startswith("volume"):
            bodies.append(bounds(tuple(point for face in faces for point in face)))
    for said, box in boxes:
        assert box[0] >= 0 and box[1] >= 0 and box[2] <= drawn.width and box[3] <= drawn.height, said
        assert not any(meet(box, other) for other in [*curves, *bodies]), said
    for one, other in combinations(bodies, 2):
        assert not meet(one, other)


@pytest.mark.parametrize("detail", ["minimal", "normal", "full"])
@pytest.mark.parametrize("name", [*THE_EIGHT, *NETWORKS])
def test_nothing_overlaps(name: str, detail: str) -> None:
    assert_clear(picture(network(name), detail=detail))
    assert_clear(picture(network(name), detail=detail, expand="all"))


@pytest.mark.parametrize("name", [*THE_EIGHT, *NETWORKS])
def test_svg(name: str) -> None:
    root = ElementTree.fromstring(render(network(name), Options(style="volumes")))
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title" and root[0].text
    assert root[1].tag == f"{SVG}desc" and "square roots" in (root[1].text or "")
    volumes = [group for group in root.iter(f"{SVG}g") if (group.get("class") or "").startswith("volume")]
    assert all(group.findtext(f"{SVG}title") for group in volumes)
    known = {node.category for volume in chain_of(network(name)).volumes for node in [volume.node]}
    assert {(group.get("class") or "").split(" ")[1] for group in volumes} <= known
    keys = [group.get("data-key") for group in volumes if group.get("data-key")]
    assert len(keys) == len(set(keys)) and set(keys) <= set(network(name))
    assert not [element for element in root.iter() if element.tag.rpartition("}")[2] in ("script", "style", "image")]


def test_themes() -> None:
    light, dark, paper, auto = (
        render(network("resnet"), Options(style="volumes", theme=name)).decode() for name in THEMES
    )
    assert len({light, dark, paper, auto}) == 4
    assert "<style>@media (prefers-color-scheme: dark){" in auto
    own = r"(?:fill|stroke)-[0-9A-F]{6}-[0-9A-F]{6}"
    assert re.sub(rf' class="{own}(?: {own})?"|<style>.*</style>\n', "", auto) == light
    rules = dict(re.findall(rf"\.({own})\{{(?:fill|stroke):(#[0-9A-F]{{6}})\}}", auto))
    assert set(rules.values()) <= set(re.findall("#[0-9A-F]{6}", dark))
    assert set(re.findall(own, re.sub("<style>.*</style>", "", auto))) == set(rules)


HOSTILE = [
    "<script>alert(1)</script>",
    "]]>&amp;\"'",
    "a\x00\x1b[31m\u202eb",
    "\\N \\G $(x) \n\r",
    "木" * 200,
    "w" * 500,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_strings(text: str) -> None:
    sketch = Sketch("net", title=text, description=text)
    x = sketch.add("Input", id=text, shape=(8, 8, 3))
    with sketch.frame("block", text, label=text, arguments={text: text}):
        y = sketch.add("Conv2D", x, name=text + "2", filters=3, kernel_size=1, activation="relu")
        y = sketch.add("Add", y, x, name=text + "3")
    net = sketch.ends(sketch.add("Flatten", y, name=text + "4"))
    assert_clear(picture(net))
    svg = render(net, Options(style="volumes")).decode()
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg).iter()}
    assert tags == {"svg", "title", "desc", "rect", "g", "polygon", "path", "text"}
    assert not UNPRINTABLE.search(svg)
    assert render(net, Options(style="volumes"), "pdf").startswith(b"%PDF")


def test_png_and_pdf() -> None:
    drawn = picture(network("resnet"))
    png = render(network("resnet"), Options(style="volumes", dpi=72), "png")
    wide, high = struct.unpack(">II", png[16:24])
    assert abs(wide - drawn.width) <= 2 and abs(high - drawn.height) <= 2
    pdf = render(network("resnet"), Options(style="volumes"), "pdf")
    assert (
        pdf.startswith(b"%PDF")
        and b"/FontName" in pdf
        and pdf == render(network("resnet"), Options(style="volumes"), "pdf")
    )


def test_the_same_whatever_the_hash_seed() -> None:
    code = (
        "import sys, archgen; from archgen.options import Options; from archgen.volumes import render;"
        "sys.stdout.buffer.write(render(archgen.expand(archgen.load(sys.argv[1])), Options(style='volumes')))"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", code, str(SPECS / "resnet50.json")],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert made == {render(network("resnet50"), Options(style="volumes"))}


def test_widths_are_those_of_the_font() -> None:
    fonts = pytest.importorskip("fontTools.ttLib", reason="fonttools reads the widths of a font")
    folder = Path(pytest.importorskip("matplotlib", reason="matplotlib has the font").get_data_path()) / "fonts" / "ttf"
    for table, name in ((PLAIN, "DejaVuSans"), (BOLD, "DejaVuSans-Bold")):
        font = fonts.TTFont(folder / f"{name}.ttf")
        names, advances, em = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
        for place, hundredths in enumerate(table):
            exact = advances[names[ord(FIRST) + place]][0] * 100 / em
            assert exact <= hundredths < exact + 1, chr(ord(FIRST) + place)
        assert all(advances[names[ord(one)]][0] * 100 / em <= most for one, most in OTHERS.items())
