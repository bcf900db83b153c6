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
from playwright.sync_api import Page

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
        ('y="120" width', 'y="65" width', 'the cards "a" and "b" overlap'),
        ('viewBox="0 0 300 200"', 'viewBox="0 0 300 155"', 'the card "b" is cut off by the edge of the picture'),
        ('viewBox="0 0 300 200"', 'viewBox="40 0 300 200"', '"one" is cut off by the edge of the picture'),
        ("text", "desc", "nothing is written on it"),
    ],
)
def test_what_is_wrong_is_found(launch: Launch, good: str, bad: str, said: str | None) -> None:
    assert good in DRAWN
    doctored = DRAWN.replace(good, bad) if good else DRAWN
    doctored = doctored.replace("viewBox=", 'overflow="visible" viewBox=')
    browser = launch()
    found = faults(browser.new_page(), doctored)
    browser.close()
    assert any(fault.startswith(said) for fault in found) if said else found == []
