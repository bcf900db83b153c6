"""Figures inside pages: what documents say of them, and SVG that is alone with its ids, styles and words."""

from __future__ import annotations

import json
import logging
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

import archgen
from archgen.errors import ArchgenError
from archgen.integrations.inline import SITES_IN_DARK, inline, scoped
from archgen.integrations.markdown import fence, validate
from archgen.integrations.settings import WORDS, read, value
from archgen.options import Options
from tests.test_hostile import TEXTS, spec

ROOT = Path(__file__).resolve().parent.parent
TINY = '{"name": "tiny", "nodes": [{"op": "Input", "shape": [4]}, {"id": "last", "op": "Dense", "units": 3}]}'
MD: Any = SimpleNamespace

# Words


@pytest.mark.parametrize(
    ("word", "text", "expected"),
    [
        ("direction", "lr", "LR"),
        ("expand", "3", 3),
        ("expand", "all", "all"),
        ("theme", "Paper", "paper"),
        ("highlight", "a, b c", ("a", "b", "c")),
        ("legend", "", True),
        ("legend", "legend", True),
        ("summary", "false", False),
        ("timeout", "2.5", 2.5),
        ("set", 'a=1; b="x;y"', {"a": 1, "b": "x;y"}),
        ("set", "a=[1, 2]\n b=relu", {"a": [1, 2], "b": "relu"}),
        ("set", "", {}),
    ],
)
def test_words(word: str, text: str, expected: Any) -> None:
    assert value(word, text) == expected


@pytest.mark.parametrize(
    ("word", "text", "message", "hint"),
    [
        ("direction", "up", 'there is no direction "up"', "use TB, LR"),
        ("theme", "drak", 'there is no theme "drak"', 'did you mean "dark"?'),
        ("expand", "", '"" is no depth to expand to', "give 0, 1, 2, ... or all"),
        ("expand", "\u0663", '"\u0663" is no depth to expand to', "give 0, 1, 2, ... or all"),
        ("legend", "maybe", '"legend" is true or false, found "maybe"', 'write "legend" alone'),
        ("timeout", "0", '"0" is no time', "give seconds, such as 60"),
        ("set", "a", "--set takes name=value, found 'a'", "for example --set classes=100"),
        ("themes", "dark", 'there is no option "themes"', 'did you mean "theme"?'),
    ],
)
def test_words_that_are_wrong(word: str, text: str, message: str, hint: str) -> None:
    with pytest.raises(ArchgenError) as raised:
        value(word, text)
    assert (raised.value.message, raised.value.hint) == (message, hint)


def test_words_are_those_of_render() -> None:
    """Each option of a figure can be said; dots per inch are for PNG, which pages do not show."""
    assert {*Options.__dataclass_fields__} - {"dpi"} == {*WORDS} - {"set", "summary"}
    assert read({}).options == Options(theme="auto")


def test_the_page_tells_every_word() -> None:
    page = (ROOT / "docs/integrations.md").read_text("utf-8")
    assert [word for word in WORDS if f"`{word}`" not in page] == []


# Styles


def test_styles_stay_inside() -> None:
    assert scoped(".net>rect{a:b}.net .layer,text{c:d}", ".k", ["net"]) == ".k>rect{a:b}\n.k .layer, .k text{c:d}"
    assert scoped(".network{a:b}", ".k", ["net"]) == ".k .network{a:b}"
    assert scoped("@media print{svg text{a:b}}", ".k") == "@media print {.k text{a:b}}"


def test_dark_styles_follow_the_site() -> None:
    css = scoped("@media (prefers-color-scheme: dark) { .net text { fill: red } }", ".k", ["net"])
    media, *sites = css.split("\n")
    assert media.startswith("@media (prefers-color-scheme: dark) {:root:not([data-theme])")
    assert media.endswith('[data-theme="auto"] .k text{fill: red}}')
    assert sites == [f"{', '.join(f'{site} .k text' for site in SITES_IN_DARK)}{{fill: red}}"]


def test_two_figures_share_nothing() -> None:
    svg = archgen.render(archgen.loads(TINY), theme="auto")
    found = [ElementTree.fromstring(inline(svg, key)) for key in ("a", "b")]
    ids = [{each.get("id") for each in root.iter() if each.get("id")} for root in found]
    assert not ids[0] & ids[1]
    for key, root in zip(("a", "b"), found, strict=True):
        (style,) = (each.text or "" for each in root.iter() if each.tag.endswith("style"))
        heads = re.findall(r"[^{}]+(?=\{[^{}]*\})", style)
        assert heads and all(f".{key}" in head for head in heads)


def test_references_follow_their_ids() -> None:
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" aria-labelledby="t d">'
        b'<title id="t"/><desc id="d"/><use href="#t" xlink:href="#d" fill="url(#t)"/></svg>'
    )
    html = inline(svg, "k", width="50%", label='a "b"')
    assert 'id="k-t"' in html and 'href="#k-t"' in html and 'xlink:href="#k-d"' in html and "url(#k-t)" in html
    assert 'aria-label="a &quot;b&quot;"' in html and "aria-labelledby" not in html and "width: 50%" in html


@pytest.mark.parametrize("width", ["wide", "10;x:y", "", "-3px", "1e3px", "5 px"])
def test_widths_that_are_none(width: str) -> None:
    with pytest.raises(ArchgenError, match="is no width"):
        inline(b"<svg/>", "k", width=width)


# Fences


class Shown(HTMLParser):
    """The tags of some HTML, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def drawn(source: str, md: Any = None, **options: str) -> str:
    taken: dict[str, Any] = {}
    assert validate("archgen", options, taken, {}, md)
    return fence(source, "archgen", "archgen", taken, md or MD())


def test_a_fence() -> None:
    html = drawn(TINY, caption="A & <b>", name="net", align="center", width="300", alt="tiny", summary="summary")
    assert html.startswith('<figure class="archgen-figure" id="net" style="text-align: center; width: 300px"><svg')
    assert "<figcaption>A &amp; &lt;b&gt;</figcaption></figure>" in html and "width: 100%" in html
    assert '<td style="text-align: right">15</td>' in html and "\n\n" not in html


def test_figures_of_one_page_have_names_of_their_own() -> None:
    md = MD()
    assert len({re.findall(r'class="[^"]*archgen ([\w-]+)"', drawn(TINY, md))[0] for _ in range(3)}) == 3


def test_a_fence_with_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tiny.json").write_text(TINY, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert "<svg" in drawn("", file="tiny.json")


@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        ("", {}, "a fence without a spec\n  hint: name one"),
        (TINY, {"file": "tiny.json"}, "a fence with a file and JSON"),
        ("", {"file": "none.json"}, "there is no file 'none.json'"),
        (TINY, {"them": "dark"}, 'there is no option "them"\n  hint: did you mean "theme"?'),
        (TINY, {"align": "middle"}, 'there is no align "middle"'),
        (TINY, {"width": "wide"}, '"wide" is no width'),
        (TINY, {"highlight": "lost"}, '"lost"'),
        (TINY.replace("units", "unit"), {}, "1:89: error[unknown-argument]: Dense has no argument"),
        ("{", {}, "error["),
    ],
)
def test_fences_that_are_wrong(
    source: str, options: dict[str, str], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    html = drawn(source, **options)
    assert html.startswith('<pre class="archgen-error"><code>') and "<svg" not in html
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("mkdocs.archgen", logging.WARNING)
    assert said in record.getMessage()


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text)[:30])
def test_texts_stay_texts(text: str) -> None:
    """Of the spec, and of the fence."""
    words = {"caption": text, "name": text, "alt": text, "summary": ""}
    plain = Shown(drawn(json.dumps(spec("plain")), **{**dict.fromkeys(words, "plain"), "summary": ""}))
    shown = Shown(drawn(json.dumps(spec(text)), **words))
    assert {*shown.tags} <= {*plain.tags} and "script" not in shown.tags
    assert shown.attributes <= plain.attributes


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text)[:30])
def test_wrong_texts_stay_texts(text: str) -> None:
    html = drawn(json.dumps({"name": "net", text or "x": [text], "nodes": []}), theme=text)
    assert {*Shown(html).tags} <= {"pre", "code"}


# Python, and notebooks


@pytest.mark.parametrize("verb", ["expand", "render", "draw", "generate", "summarize", "verify"])
@pytest.mark.parametrize("given", ["net.json", None, {"name": "net"}])
def test_verbs_are_for_programs(verb: str, given: Any) -> None:
    with pytest.raises(ArchgenError, match="expected a program, found") as caught:
        getattr(archgen, verb)(given)
    assert caught.value.hint == "archgen.load(path) gives one"


def test_an_option_that_there_is_not() -> None:
    with pytest.raises(ArchgenError, match='there is no option "colour"'):
        archgen.render(archgen.loads(TINY), colour="red")
    with pytest.raises(ArchgenError, match='there is no format "None"'):
        archgen.render(archgen.loads(TINY), None)  # type: ignore[arg-type]


def test_a_notebook_without_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archgen.engine.find_spec", lambda name: None)
    bundle = archgen.loads(TINY)._repr_mimebundle_()
    assert bundle == {
        "text/plain": "<archgen program 'tiny' from <spec>> without its picture: "
        "the embedded Graphviz engine is not installed; pip install pygraphviz"
    }
