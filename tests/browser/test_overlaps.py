"""Nothing that is written on a picture is covered, crossed out or cut off: measured in Chromium, on every spec, in
every theme, direction and detail, with the fonts that a picture asks for and without them."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from archgen.checking import check
from archgen.drawing import render
from archgen.options import DETAILS, DIRECTIONS, THEMES, Options
from archgen.source import parse
from tests.browser.conftest import Launch
from tests.browser.overlaps import faults

SPECS = Path(__file__).resolve().parents[2] / "specs"
NAMES = ("autoencoder", "cnn", "gan", "lstm", "mlp", "resnet", "transformer", "resnet50")

FONTS = {
    "those of the machine": None,
    "without Helvetica and Arial": r"DejaVu.*",
    "with one for every script": r"DejaVu.*|LastResort.*",
}
"""Which of the fonts that come with matplotlib there are. Without those that a picture asks for a browser takes DejaVu
Sans, which is wide; the font for every script draws each character that no other has, 1.15 ems wide."""


@pytest.fixture(scope="module", params=FONTS)
def page(request: pytest.FixtureRequest, launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of a browser that has these fonts and no others."""
    pattern = FONTS[request.param]
    browser = launch()
    if pattern:
        folder = tmp_path_factory.mktemp("fonts")
        browser = launch({"FONTCONFIG_FILE": str(only_fonts(pattern, folder))})
    yield browser.new_page()
    browser.close()


def only_fonts(pattern: str, folder: Path) -> Path:
    """A configuration of fontconfig with these of the fonts that come with matplotlib."""
    spec = importlib.util.find_spec("matplotlib")
    assert spec is not None and spec.submodule_search_locations
    fonts = Path(spec.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"
    for font in fonts.glob("*.ttf"):
        if re.fullmatch(pattern, font.name):
            (folder / font.name).symlink_to(font)
    configuration = folder / "fonts.conf"
    configuration.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig><dir>{folder}</dir><cachedir>{folder / 'cache'}</cachedir>"
        "<alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias></fontconfig>"
    )
    return configuration


@cache
def svg(spec: str, **options: Any) -> str:
    """The picture of a spec, drawn once for all fonts."""
    checked = check(parse(spec)).sound()
    assert checked.graph is not None
    return render(checked.graph, "svg", Options(**options), checked.plan).decode()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("detail", DETAILS)
def test_every_spec(page: Page, name: str, direction: str, detail: str) -> None:
    spec = (SPECS / f"{name}.json").read_text("utf-8")
    found = {
        theme: faults(page, svg(spec, theme=theme, direction=direction, detail=detail, legend=True)) for theme in THEMES
    }
    assert found == {theme: [] for theme in THEMES}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("expand", [1, "all"])
def test_expanded(page: Page, name: str, expand: Any) -> None:
    spec = (SPECS / f"{name}.json").read_text("utf-8")
    assert faults(page, svg(spec, expand=expand)) == []


def conv(filters: int | str, size: int = 3, **more: Any) -> dict[str, Any]:
    return {"op": "Conv2D", "filters": filters, "kernel_size": size, "padding": "same", **more}


IMAGE = {"id": "image", "op": "Input", "shape": [32, 32, 3]}
TRAINED = {"data": "synthetic", "optimizer": "adam", "loss": "mse"}

NETWORKS: dict[str, dict[str, Any]] = {
    "branches": {  # As in GoogLeNet: four branches, the shortest of which is the first.
        "blocks": {
            "inception": {
                "params": {"one": 8, "three": 16, "five": 4},
                "nodes": [
                    conv("$one", 1, id="a", activation="relu"),
                    conv("$three // 2", 1, activation="relu", **{"from": "x"}),
                    conv("$three", id="b", activation="relu"),
                    conv("$five // 2", 1, activation="relu", **{"from": "x"}),
                    conv("$five", 5, id="c", activation="relu"),
                    {"op": "MaxPooling2D", "pool_size": 3, "strides": 1, "padding": "same", "from": "x"},
                    conv("$one", 1, id="d"),
                    {"op": "Concatenate", "from": ["a", "b", "c", "d"]},
                ],
            }
        },
        "nodes": [
            IMAGE,
            {"op": "inception", "repeat": {"one": [8, 16, 24, 12], "three": [16, 32, 8, 8], "five": [4, 4, 8, 8]}},
            {"op": "inception", "one": 32, "repeat": 2},
        ],
    },
    "long skips": {  # As in U-Net, with frames that they pass.
        "blocks": {"double": {"params": {"filters": 8}, "nodes": [conv("$filters"), conv("$filters")]}},
        "nodes": [
            IMAGE,
            *({"op": "double", "id": "down_1", "filters": 8}, {"op": "MaxPooling2D"}),
            *({"op": "double", "id": "down_2", "filters": 16}, {"op": "MaxPooling2D"}),
            *({"op": "double", "filters": 32}, {"op": "UpSampling2D", "id": "up_2"}),
            {"op": "Concatenate", "from": ["down_2", "up_2"]},
            *({"op": "double", "filters": 16}, {"op": "UpSampling2D", "id": "up_1"}),
            {"op": "Concatenate", "from": ["down_1", "up_1"]},
            {"op": "double", "filters": 8},
            conv(1, 1, activation="sigmoid"),
        ],
        "train": TRAINED,
    },
    "gates": {  # As in EfficientNet: a gate in a residual block, of which parts are there in some turns only.
        "blocks": {
            "gate": {
                "nodes": [
                    {"op": "GlobalAveragePooling2D", "keepdims": True},
                    conv("$max(1, x.shape[-1] // 4)", 1, activation="swish"),
                    conv("$x.shape[-1]", 1, id="scale", activation="sigmoid"),
                    {"op": "Multiply", "from": ["x", "scale"]},
                ]
            },
            "unit": {
                "params": {"filters": 8, "strides": 1, "wide": 6},
                "nodes": [
                    conv("$wide * x.shape[-1]", 1, use_bias=False, when="wide > 1", **{"from": "x"}),
                    {"op": "BatchNormalization", "when": "wide > 1"},
                    {"op": "DepthwiseConv2D", "kernel_size": 3, "strides": "$strides", "padding": "same"},
                    {"op": "gate"},
                    conv("$filters", 1, id="narrow"),
                    {"op": "Add", "from": ["narrow", "x"], "when": "strides == 1 and x.shape[-1] == filters"},
                ],
            },
        },
        "nodes": [
            IMAGE,
            {"id": "units", "op": "unit", "repeat": {"filters": [8, 8, 16, 16], "strides": [1, 1, 2, 1],
                                                     "wide": [1, 6, 6, 6]}},
            {"op": "GlobalAveragePooling2D"},
            {"id": "probabilities", "op": "Dense", "units": 10, "activation": "softmax"},
        ],
    },
    "growth": {  # As in DenseNet.
        "blocks": {
            "grow": {
                "nodes": [
                    {"op": "BatchNormalization"},
                    conv(12, id="new", activation="relu"),
                    {"op": "Concatenate", "from": ["x", "new"]},
                ]
            }
        },
        "nodes": [IMAGE, conv(16), {"op": "grow", "repeat": 6}, {"op": "AveragePooling2D", "pool_size": 2},
                  {"op": "grow", "repeat": 12}, {"op": "GlobalAveragePooling2D"}],
    },
    "skip outputs": {  # As in WaveNet.
        "blocks": {
            "layer": {
                "params": {"dilation": 1},
                "nodes": [
                    {"id": "a", "op": "Conv1D", "filters": 8, "kernel_size": 2, "padding": "causal",
                     "dilation_rate": "$dilation", "activation": "tanh", "from": "x"},
                    {"id": "b", "op": "Conv1D", "filters": 8, "kernel_size": 2, "padding": "causal",
                     "dilation_rate": "$dilation", "activation": "sigmoid", "from": "x"},
                    {"id": "z", "op": "Multiply", "from": ["a", "b"]},
                    {"id": "skip", "op": "Conv1D", "filters": 16, "kernel_size": 1, "from": "z"},
                    {"id": "dense", "op": "Conv1D", "filters": 8, "kernel_size": 1, "from": "z"},
                    {"id": "out", "op": "Add", "from": ["x", "dense"]},
                ],
                "outputs": ["out", "skip"],
            }
        },
        "nodes": [
            {"id": "wave", "op": "Input", "shape": [256, 1]},
            {"op": "Conv1D", "filters": 8, "kernel_size": 2, "padding": "causal"},
            {"id": "one", "op": "layer"},
            {"id": "two", "op": "layer", "dilation": 2, "from": "one[0]"},
            {"id": "four", "op": "layer", "dilation": 4, "from": "two[0]"},
            {"id": "all", "op": "Add", "from": ["one[1]", "two[1]", "four[1]"]},
        ],
        "outputs": ["all", "four[0]"],
    },
    "blocks in blocks": {  # As in ViT: a skip connection passes a block that has none.
        "blocks": {
            "feed": {"nodes": [{"op": "Dense", "units": 64, "activation": "gelu"}, {"op": "Dense", "units": 16}]},
            "encoder": {
                "nodes": [
                    {"id": "normed", "op": "LayerNormalization"},
                    {"id": "seen", "op": "MultiHeadAttention", "num_heads": 2, "key_dim": 8,
                     "from": ["normed", "normed"]},
                    {"id": "y", "op": "Add", "from": ["x", "seen"]},
                    {"op": "LayerNormalization"},
                    {"id": "fed", "op": "feed"},
                    {"op": "Add", "from": ["y", "fed"]},
                ]
            },
        },
        "nodes": [
            {"id": "tokens", "op": "Input", "shape": [24], "dtype": "int32"},
            {"op": "Embedding", "input_dim": 100, "output_dim": 16},
            {"op": "encoder", "repeat": 12},
            {"op": "Dense", "units": 100},
        ],
    },
    "one model twice": {
        "models": {
            "encoder": {
                "nodes": [
                    {"id": "x", "op": "Input", "shape": [16]},
                    {"id": "hidden", "op": "Dense", "units": 8, "activation": "relu"},
                    {"id": "mean", "op": "Dense", "units": 2, "from": "hidden"},
                    {"id": "spread", "op": "Dense", "units": 2, "from": "hidden"},
                ],
                "outputs": ["mean", "spread"],
            }
        },
        "nodes": [
            {"id": "left", "op": "Input", "shape": [16]},
            {"id": "right", "op": "Input", "shape": [16]},
            {"id": "one", "op": "encoder", "from": "left"},
            {"id": "two", "op": "encoder", "from": "right"},
            {"id": "noise", "op": "GaussianNoise", "stddev": 1, "from": "one[1]"},
            {"op": "Add", "from": ["one[0]", "noise"], "id": "drawn"},
            {"op": "Subtract", "from": ["drawn", "two[0]"], "id": "apart"},
            {"op": "Concatenate", "from": ["apart", "two[1]"]},
        ],
        "train": TRAINED,
    },
}  # fmt: skip
"""What classic architectures have that the others do not."""


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_classic_architectures(page: Page, name: str, direction: str) -> None:
    spec = json.dumps({"name": "network", "title": name, **NETWORKS[name]})
    drawn: list[dict[str, Any]] = [*({"detail": detail} for detail in DETAILS), {"expand": 1}]
    found = [faults(page, svg(spec, direction=direction, **options)) for options in drawn]
    assert found == [[] for _ in drawn]


LONG = "a_name_that_is_much_longer_than_anybody_would_like_to_read_on_a_card_and_goes_on_for_a_while"

TEXTS = {
    "long": "A title that is much longer than a picture of three small layers is wide, and goes on for a while",
    "one long word": "Wolkenkuckucksheim" * 12,
    "wide letters": "WWWW MMMM @@@@ %%%% " * 4,
    "narrow letters": "ill ill fit jij " * 6,
    "Chinese": "用于图像分类的残差网络，" * 6,
    "Japanese and Korean": "画像分類のためのネットワーク 이미지 분류를 위한 신경망",
    "emoji": "🧠🕸️👩‍🔬🏳️‍🌈" * 8,
    "Arabic": "شبكة عصبية لتصنيف الصور " * 4,
    "Hebrew and Latin": "רשת נוירונים ResNet לסיווג תמונות (CIFAR-10)",
    "accents in a row": "Z̸̢͎a̷l̶g̴o̵ " * 10,
    "Greek and mathematics": "ℝⁿ → Δθ·∑ αᵢβⱼ ≤ ∞ ∈ ℂ",
}


def texts(text: str) -> dict[str, Any]:
    """A spec with a text everywhere where one may stand, and the same with a name for a name."""
    name = LONG if text == TEXTS["long"] else "unit"
    return {
        "name": "texts",
        "title": text,
        "description": text,
        "blocks": {
            name: {
                "params": {"label": text, "units": 8},
                "inputs": ["x"],
                "nodes": [
                    {"id": f"{name}_inside", "op": "Dense", "units": "$units", "from": "x"},
                    {"op": "Add", "from": [f"{name}_inside", "x"]},
                ],
            }
        },
        "nodes": [
            {"id": f"{name}_input", "op": "Input", "shape": [8]},
            {"id": f"{name}_call", "op": name, "label": text, "repeat": 3},
            {"op": name, "repeat": {"label": [text, "x", text]}},
            {"id": f"{name}_last", "op": "Dense", "units": 3},
        ],
        "outputs": {f"{name}_output": f"{name}_last"},
    }


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("detail", DETAILS)
def test_every_text(page: Page, text: str, direction: str, detail: str) -> None:
    assert faults(page, svg(json.dumps(texts(TEXTS[text])), direction=direction, detail=detail)) == []


def test_emoji_as_wide_as_they_come(launch: Launch, tmp_path: Path) -> None:
    """Fonts with colours draw them up to 1.3 ems wide."""
    browser = launch({"FONTCONFIG_FILE": str(only_fonts(FONTS["with one for every script"], tmp_path))})
    style = "@font-face { font-family: Helvetica; src: local('Last Resort High-Efficiency'); size-adjust: 113%; \
unicode-range: U+1F000-1FFFF }"
    for text in (TEXTS["emoji"], "🧠" * 60):
        assert faults(browser.new_page(), svg(json.dumps(texts(text))), style) == []
    browser.close()


# The check itself can fail.

DRAWN = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 200" width="300" height="200" font-size="10">
<g class="cluster block"><rect x="10" y="20" width="200" height="170"/></g>
<g class="node core" data-key="a"><rect x="20" y="30" width="100" height="40"/><text x="25" y="45">one</text>\
<text x="25" y="60">two</text></g>
<g class="node core" data-key="b"><rect x="20" y="120" width="100" height="40"/><text x="25" y="145">three</text></g>
<g class="edge"><title>a → b</title><path d="M70,70v50"/><text x="80" y="100">shape</text></g>
</svg>"""


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("", "", None),
        ('y="60">two', 'y="50">two', '"one" and "two" overlap'),
        ('x="25" y="60">two', 'x="38" y="45">two', '"one" and "two" overlap'),
        (">one<", ">one that is much too long for it<", '"one that is much too long for it" does not fit on its card'),
        ('y="60">two', 'y="80">two', '"two" does not fit on its card'),
        (">shape<", ">a shape of very many dimensions<", '"a shape of very many dimensions" reaches out of its frame'),
        ('y="100">shape', 'y="125">shape', '"shape" lies on the card "b"'),
        ('x="80" y="100">shape', 'x="63" y="100">shape', 'the wire a → b runs through "shape"'),
        ("M70,70v50", "M70,60v60", 'the wire a → b runs across the card "a"'),
        ("M70,70v50", "M70,70v30c0,20 50,20 60,50", 'the wire a → b runs across the card "b"'),
        ('y="120" width', 'y="65" width', 'the cards "a" and "b" overlap'),
        ('viewBox="0 0 300 200"', 'viewBox="0 0 300 155"', 'the card "b" is cut off by the edge of the picture'),
        ('viewBox="0 0 300 200"', 'viewBox="40 0 300 200"', '"one" is cut off by the edge of the picture'),
        ("text", "desc", "nothing is written on it"),
    ],
)
def test_what_is_wrong_is_found(browser: Browser, good: str, bad: str, said: str | None) -> None:
    assert good in DRAWN
    doctored = DRAWN.replace(good, bad) if good else DRAWN
    doctored = doctored.replace("viewBox=", 'overflow="visible" viewBox=')
    page = browser.new_page()
    found = faults(page, doctored)
    page.close()
    assert any(fault.startswith(said) for fault in found) if said else found == []
