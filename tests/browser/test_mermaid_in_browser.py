"""Flowcharts as Mermaid draws them, and text of specs as it comes out of Mermaid.

Mermaid is the file that the environment variable ``MERMAID`` names (``mermaid.min.js``), or comes from npm.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from archgen.drawing.caption import heading
from archgen.drawing.mermaid import APART, LINE
from archgen.options import DIRECTIONS, Expand
from archgen.outline import outline
from archgen.wording import brief, clean, wrap
from tests.browser.conftest import Launch
from tests.test_mermaid import HOSTILE, NAMES, hostile, spec, text

VERSION = "11.17.2"
BUNDLE = "package/dist/mermaid.min.js"

SETTINGS = '{startOnLoad: false, securityLevel: "strict"}'
"""Those of GitHub, as far as they matter here."""

DRAW = """async (source) => {
    await mermaid.parse(source);
    const {svg} = await mermaid.render("figure", source);
    const figure = document.querySelector("body");
    figure.innerHTML = svg;
    const words = (element) => {
        const copy = element.cloneNode(true);
        copy.querySelectorAll("br").forEach((each) => each.replaceWith("\\n"));
        return copy.textContent;
    };
    const all = (selector) => [...figure.querySelectorAll(selector)];
    return {
        cards: all(".node").map(words),
        frames: all(".cluster-label").map(words),
        shapes: all("g.edgeLabels > g.edgeLabel").map(words),
        title: all("svg > title").map(words),
        lines: all("path.flowchart-link").length,
        others: all("script, iframe, a, img, b, i, em, strong, ul, ol, h1, code, math, del").length,
    };
}"""


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mermaid in one file."""
    if named := os.environ.get("MERMAID"):
        return Path(named)
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm to get Mermaid with; or set MERMAID to the path of mermaid.min.js")
    folder = tmp_path_factory.mktemp("mermaid")
    command = [npm, "pack", f"mermaid@{VERSION}", "--silent", "--pack-destination", str(folder)]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120)
    except subprocess.TimeoutExpired:
        done = None
    archives = list(folder.glob("*.tgz"))
    if done is None or done.returncode or not archives:
        pytest.skip(f"npm does not get mermaid@{VERSION}; or set MERMAID to the path of mermaid.min.js")
    with tarfile.open(archives[0]) as archive:
        archive.extract(BUNDLE, folder, filter="data")
    return folder / BUNDLE


@pytest.fixture(scope="module")
def page(launch: Launch, bundle: Path) -> Iterator[Page]:
    page = launch().new_page()
    page.set_content("<body></body>")
    page.add_script_tag(path=bundle)
    page.evaluate(f"mermaid.initialize({SETTINGS})")
    yield page
    page.close()


def drawn(page: Page, source: str) -> dict[str, Any]:
    """What there is to read on the picture."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    found: dict[str, Any] = page.evaluate(DRAW, source)
    assert not faults
    return found


def words(text: str) -> str:
    return " ".join(text.replace(APART, "").split())


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("expand", [0, "all"])
@pytest.mark.parametrize("name", NAMES)
def test_specs(page: Page, name: str, expand: Expand, direction: str) -> None:
    graph = spec(name)
    source = text(graph, expand=expand, direction=direction)
    found = drawn(page, source)
    shown = outline(graph, expand=expand)
    assert len(found["cards"]) == len(list(shown.nodes)) + len(shown.outputs)
    assert found["lines"] == len(found["shapes"]) == len(re.findall(r">\|", source))
    assert all(found["shapes"])
    assert sorted(words(each).split()[0] for each in found["cards"]) == sorted(
        [*(node.op for node in shown.nodes), *(["output"] * len(shown.outputs))]
    )
    assert found["others"] == 0


@pytest.mark.parametrize("given", HOSTILE)
def test_hostile_strings(page: Page, given: str) -> None:
    graph = hostile(given)
    found = drawn(page, text(graph))
    said = brief(given)
    cards = [f"Input {said}", f"Conv2D {said} 1×1, 3 filters 12 parameters", f"Add {said}"]
    cards += [" ".join(["output", *wrap(clean(given), LINE, 2)])] * 2
    assert sorted(map(words, found["cards"])) == sorted(map(words, cards))
    assert [words(each) for each in found["title"]] == [words(heading(outline(graph)))]
    assert found["lines"] == 5 and len(found["frames"]) == 1 and found["others"] == 0
