"""A real browser: the Chromium that ``CHROMIUM`` names, or the one of the system, without a window.

Every test of this directory that needs one takes ``browser`` or, where the fonts of the machine matter, ``launch``.
``.github/CONTRIBUTING.md`` tells how to get Chromium; without it these tests are skipped and say so.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

Launch = Callable[..., Browser]
"""Starts a browser; ``env`` gives further environment variables."""


def find_chromium() -> str | None:
    """The path of Chromium, if there is one."""
    if named := os.environ.get("CHROMIUM"):
        return named
    return next((path for name in NAMES if (path := shutil.which(name) or _usual(name))), None)


def _usual(name: str) -> str | None:
    path = Path("/usr/bin", name)
    return str(path) if path.exists() else None


@pytest.fixture(scope="session")
def launch() -> Iterator[Launch]:
    """Starts browsers that end with the tests; headless, and without a word to the network."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("there is no Chromium: apt install chromium, or set CHROMIUM to the path of one")
    with ExitStack() as ending:
        playwright = ending.enter_context(sync_playwright())

        def start(env: dict[str, str] | None = None) -> Browser:
            environment = {**os.environ, **(env or {})}
            browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS, env=environment)
            ending.callback(browser.close)
            return browser

        yield start


@pytest.fixture(scope="session")
def browser(launch: Launch) -> Browser:
    """A browser with the fonts of the machine."""
    return launch()
