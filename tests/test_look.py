"""How pictures look: options, themes, what is made of Graphviz's SVG, and that a crowd of lines does not hang."""

from __future__ import annotations

import io
import json
import re
from math import dist
from typing import Any
from xml.etree import ElementTree

import pytest
from networkx import MultiDiGraph

from archgen.checking import check
from archgen.drawing import draw, render
from archgen.drawing.svg import SVG, finish
from archgen.engine import lay_out
from archgen.errors import ArchgenError
from archgen.layers.kinds import Object
from archgen.options import Options
from archgen.source import parse
from archgen.theme import LIGHT, THEMES
from tests import graphs
from tests.graphs import Sketch
from tests.test_draw import Picture, box

# Options


CHECKED = {
    "one": '{"name": "one", "nodes": [{"op": "Input", "shape": [4]}, {"op": "Dense", "units": 1}]}',
    "trained": """{"name": "trained", "nodes": [{"op": "Input", "shape": [4]}, {"op": "Dense", "units": 3}],
      "train": {"data": {"name": "synthetic", "examples": 64}, "optimizer": {"op": "Adam", "learning_rate": 0.5},
        "loss": "mse", "metrics": ["mae"], "epochs": 1, "batch_size": 8}}""",
    "two": """{"name": "two", "nodes": [{"id": "x", "op": "Input", "shape": [4]},
      {"id": "a", "op": "Dense", "units": 1},
      {"id": "b", "op": "Dense", "units": 2, "from": "x"}], "outputs": {"left": "a", "right": "b"},
      "train": {"data": {"name": "synthetic", "examples": 64}, "loss": {"left": "mse", "right": {"op": "Huber"}},
        "epochs": 1000}}""",
}


@pytest.mark.parametrize(
    "name, below",
    [
        ("one", []),
        (
            "trained",
            ["data synthetic · loss mse", "optimizer Adam(learning rate 0.5) · metrics mae", "1 epoch in batches of 8"],
        ),
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
    assert picture.card("stem") == ["Conv2D", "stem", "3×3, 64 filters,", "relu, same", "1,792 parameters"]
    (frame,) = (group for group in picture.groups if "cluster" in (group.get("class") or ""))
    assert picture.texts(frame) == ["stages", "residual_block(filters=64, strides=1)", "74,368 parameters"]


# Where parts stand


def drawn(nodes: list[dict[str, Any]], **more: Any) -> Picture:
    """The picture of a spec; ``options`` are those of the picture."""
    options = more.pop("options", {})
    found = check(parse(json.dumps({"name": "network", "nodes": nodes, **more}), "<spec>")).sound()
    assert found.graph is not None
    return Picture(found.graph, found.plan, **options)


FEED = {
    "feed": {
        "nodes": [
            {"id": "wide", "op": "Dense", "units": 16},
            {"op": "Dropout", "rate": 0.1},
            {"op": "Dense", "units": 4},
        ]
    }
}
TRAINED = {"data": "synthetic", "optimizer": "adam", "loss": "mse"}


@pytest.mark.parametrize("name, found", [("fed", True), ("units_2_fed", True), ("units_fed", False)])
def test_highlight_a_block_in_a_block(name: str, found: bool) -> None:
    """It goes by what it is called where it stands, too: so it is called in the picture."""
    unit = {"unit": {"nodes": [{"id": "fed", "op": "feed"}, {"op": "Dense", "units": 4}]}}
    nodes = [{"op": "Input", "shape": [4]}, {"id": "units", "op": "unit", "repeat": 2}]
    if not found:
        with pytest.raises(ArchgenError, match="no layer or block"):
            drawn(nodes, blocks={**FEED, **unit}, options={"highlight": (name,)})
        return
    picture = drawn(nodes, blocks={**FEED, **unit}, options={"highlight": (name,)})
    (frame,) = (group for group in picture.groups if "highlighted" in (group.get("class") or ""))
    assert frame.findtext(f"{{{SVG}}}title") == "block units_1_fed, highlighted"


@pytest.mark.parametrize("direction, straight", [("TB", "v"), ("LR", "h")])
@pytest.mark.parametrize("nested, train", [(True, {}), (False, {"train": TRAINED}), (False, {})])
def test_a_skip_connection_around_a_frame_bends_nothing_in_it(
    direction: str, straight: str, nested: bool, train: dict[str, Any]
) -> None:
    x = {"id": "x", "op": "Input", "shape": [4]}
    residual = [{"op": "feed", "id": "fed", "from": "x"}, {"op": "Add", "from": ["x", "fed"]}]
    blocks = {**FEED, "unit": {"nodes": residual}} if nested else FEED
    nodes = [x, {"op": "unit"}] if nested else [x, *residual]
    picture = drawn(nodes, blocks=blocks, **train, options={"direction": direction})
    wires = [group[1].get("d", "") for group in picture.groups if group.get("class") == "edge"]
    bent = [path for path in wires if not re.fullmatch(rf"M[-\d. ]+({straight}[-\d.]+)+", path)]
    assert (len(wires), bent) == (7 if nested else 6, [])


def test_branches_begin_side_by_side_below_the_head_of_their_frame() -> None:
    """No matter which is the shortest; and none runs into the words that stand beside the line above."""
    block = [
        {"id": "a", "op": "Dense", "units": 4, "from": "x"},
        *({"op": "Dense", "units": 4, "from": "x"}, {"id": "b", "op": "Dense", "units": 4}),
        *({"op": "Dense", "units": 4, "from": "x"}, {"id": "c", "op": "Dense", "units": 4}),
        {"op": "Concatenate", "from": ["a", "b", "c"]},
    ]
    for detail in ("minimal", "normal", "full"):
        picture = drawn(
            [{"id": "start", "op": "Input", "shape": [4]}, {"id": "use", "op": "branches", "repeat": 2}],
            blocks={"branches": {"nodes": block}},
            options={"detail": detail},
        )
        cards = {group.get("data-key"): box(group) for group in picture.groups if "data-key" in group.attrib}
        (port,) = (box(group) for group in picture.groups if group.get("class") == "node port")
        (words,) = (g for g in picture.groups if "use ×2" in picture.texts(g))
        below_head = max(float(line.get("y", "")) for line in words.iter(f"{{{SVG}}}text"))
        assert cards["use_1_a"][1] == cards["dense"][1] == cards["dense_1"][1]
        assert cards["start"][3] < below_head < port[1] < cards["dense"][1]


@pytest.mark.parametrize("more", [{}, {"train": TRAINED}])
def test_frames_side_by_side_do_not_touch(more: dict[str, Any]) -> None:
    nodes = [
        *({"id": "x", "op": "Input", "shape": [4]}, {"id": "a", "op": "feed", "from": "x"}),
        *({"id": "y", "op": "Input", "shape": [4]}, {"id": "b", "op": "feed", "from": "y"}),
        {"op": "Add", "from": ["a", "b"]},
    ]
    picture = drawn(nodes, blocks=FEED, **more)
    one, other = sorted(box(group) for group in picture.groups if "cluster" in (group.get("class") or ""))
    assert other[0] - one[2] >= 7


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
    given = ElementTree.fromstring(finish(source, "", "", measured="DejaVu Sans", theme=LIGHT))
    text = source.decode()
    moved = [float(number) for number in re.findall(r"translate\(([-\d.]+) ([-\d.]+)\)", text)[0]]
    ends = [
        [float(number) + moved[place % 2] for place, number in enumerate(re.findall(r"-?[\d.]+", path)[-2:])]
        for path in re.findall(r'<path fill="none" stroke="#[^"]*"(?: stroke-width="[^"]*")? d="([^"]*)"', text)
    ]
    found = [end(path.get("d", "")) for path in given.iter(f"{{{SVG}}}path") if path.get("fill") == "none"]
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
    fits = re.search(
        r"draw an SVG or a PDF, which have no such limit, or give --dpi (\d+) or less", caught.value.hint or ""
    )
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
    graph = crowd(80, 6)
    assert graph.number_of_edges() > 400
    picture = Picture(graph)
    assert len([group for group in picture.groups if "edge" in (group.get("class") or "")]) > 400
    assert picture.kinds()["node shape skip"] == 0
    for sparse in (graphs.resnet(*[(8, 1)] * 40), graphs.nested(9), crowd(30, 2)):
        assert "splines" not in draw(sparse, Options(expand="all"))
