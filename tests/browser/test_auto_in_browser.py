"""The theme ``auto`` as a browser shows it: light or dark, as its reader prefers."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser

from archgen.drawing import render
from archgen.options import Options
from tests import graphs


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_auto_as_its_reader_wants(scheme: Literal["light", "dark"], browser: Browser) -> None:
    """The colours that Chromium computes for every shape and text are those of the theme of that name."""
    drawn = [
        render(graphs.resnet((64, 1)), "svg", Options(theme=theme, legend=True, highlight=("stem", "stages"))).decode()
        for theme in (scheme, "auto")
    ]
    page = browser.new_page(color_scheme=scheme)
    page.set_content("".join(f"<div>{svg.partition('?>')[2]}</div>" for svg in drawn))
    looks = page.evaluate("""() => [...document.querySelectorAll("div")].map(div =>
          [...div.querySelectorAll("rect, path, circle, text, tspan")].map(shape => {
            const look = getComputedStyle(shape);
            return [shape.tagName, look.fill, shape.tagName == "text" ? "" : look.stroke, look.strokeWidth];
          }))""")
    page.close()
    assert looks[0] == looks[1] and len(looks[0]) > 50
