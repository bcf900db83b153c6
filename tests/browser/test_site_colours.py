"""A figure in a page is dark where the site is, and not where only the reader's system is."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

import archgen
from archgen.integrations.inline import inline
from archgen.theme import THEMES

SPEC = Path(__file__).resolve().parents[2] / "specs/mlp.json"
FILL = "getComputedStyle(document.querySelector('svg.archgen > rect')).fill"


@pytest.fixture(scope="module")
def figure() -> str:
    return inline(archgen.render(archgen.load(SPEC), theme="auto"), "archgen-a")


@pytest.mark.parametrize(
    ("on_html", "on_body", "prefers", "dark"),
    [
        ("", "", "light", False),
        ("", "", "dark", True),
        ("", 'data-md-color-scheme="default"', "dark", False),
        ("", 'data-md-color-scheme="slate"', "light", True),
        ("", 'data-theme="light"', "dark", False),
        ("", 'data-theme="dark"', "light", True),
        ("", 'data-theme="auto"', "light", False),
        ("", 'data-theme="auto"', "dark", True),
        ('data-theme="light"', "", "dark", False),
        ('data-theme="dark"', "", "light", True),
    ],
)
def test_figures_follow_the_site(
    browser: Browser, figure: str, on_html: str, on_body: str, prefers: str, dark: bool
) -> None:
    page = browser.new_page(color_scheme="dark" if prefers == "dark" else "light")
    page.set_content(f"<!doctype html><html {on_html}><body {on_body}>{figure}</body></html>")
    shown = page.evaluate(FILL)
    page.close()
    wanted = THEMES["dark" if dark else "light"].background
    assert shown == f"rgb({', '.join(str(int(wanted[at : at + 2], 16)) for at in (1, 3, 5))})"
