"""No browser writes the text of volumes wider than the room that it has, in the widest of the usual fonts."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page

from archgen.options import THEMES, Options
from archgen.volumes import render
from archgen.volumes.widths import width
from tests.browser.conftest import Launch
from tests.browser.test_overlaps import FONTS, only_fonts
from tests.test_volumes import NETWORKS, THE_EIGHT, network

MEASURE = """() => [...document.querySelectorAll("text")].map((text) => {
    const {width} = text.getBBox();
    return [text.textContent, +text.getAttribute("font-size"), text.getAttribute("font-weight") === "bold", width];
})"""


@pytest.fixture(scope="module", params=[name for name, pattern in FONTS.items() if pattern])
def page(request: pytest.FixtureRequest, launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of a browser without the fonts that a picture asks for."""
    fonts = only_fonts(FONTS[request.param] or "", tmp_path_factory.mktemp("fonts"))
    browser = launch({"FONTCONFIG_FILE": str(fonts)})
    yield browser.new_page()
    browser.close()


@pytest.mark.parametrize("name", [*THE_EIGHT, *NETWORKS])
def test_text_fits(page: Page, name: str) -> None:
    page.set_content(_inline(name, "light"))
    for words, size, bold, wide in page.evaluate(MEASURE):
        assert wide <= width(unescape(words), size, bold=bold) + 0.5, words


@pytest.mark.parametrize("setting", ["light", "dark"])
def test_auto_follows_the_reader(launch: Launch, setting: Literal["light", "dark"], tmp_path: Path) -> None:
    """As an image, too, and two figures on a page do not colour each other."""
    page = launch().new_page(color_scheme=setting)
    page.set_viewport_size({"width": 1600, "height": 900})
    shots = []
    for theme in ("auto", setting):
        page.set_content(_inline("resnet", theme) + _inline("cnn", theme))
        shots.append(page.locator("svg").first.screenshot())
    assert shots[0] == shots[1]
    page.close()


def _inline(name: str, theme: str) -> str:
    assert theme in THEMES
    return render(network(name), Options(style="volumes", theme=theme)).decode().partition("?>")[2]
