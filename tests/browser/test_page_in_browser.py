"""The page to explore, used as a reader uses it: for every spec, and for a graph of five thousand nodes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import networkx
import pytest
from playwright.sync_api import Browser, Locator, Page

from archgen.checking import check
from archgen.graph import GraphNode
from archgen.options import Options
from archgen.page import render
from archgen.source import parse, read
from tests.browser.large import NODES, large
from tests.test_hostile import TEXTS
from tests.test_hostile import spec as hostile
from tests.test_page import MORE, SPECS, TWINS

FIRST_PAINT = 2000
"""Milliseconds from the start of loading until something is to be seen."""

LOADS = 4
"""How often a page is loaded to learn how fast it can be: other work on the machine makes it slower, never faster."""

NAMES = [*(path.stem for path in SPECS), "twins", "large"]


class Drawn(NamedTuple):
    """A page on disk, and the graph that it shows."""

    path: Path
    graph: networkx.MultiDiGraph[str]

    def node(self, key: str) -> GraphNode:
        node: GraphNode = self.graph.nodes[key]["node"]
        return node


Draw = Callable[..., Drawn]
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def draw(tmp_path_factory: pytest.TempPathFactory) -> Draw:
    """Writes the page of a spec by name, or of one given; each once."""
    folder = tmp_path_factory.mktemp("pages")
    drawn: dict[str, Drawn] = {}

    def draw(name: str, spec: dict[str, Any] | None = None, **options: Any) -> Drawn:
        path = folder / f"{name}{''.join(f'-{value}' for value in options.values())}.html"
        if path.name not in drawn:
            given = spec or {"twins": TWINS, "large": large()}.get(name)
            known = next((each for each in SPECS if each.stem == name), None)
            result = check(parse(json.dumps(given)) if known is None else read(known)).sound()
            assert result.graph is not None
            path.write_bytes(render(result.program, result.graph, result.plan, Options(**options)))
            drawn[path.name] = Drawn(path, result.graph)
        return drawn[path.name]

    return draw


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens pages. At the end none of them has said anything on the console, or asked for anything but itself."""
    said: list[str] = []
    asked: list[tuple[str, str]] = []
    pages: list[Page] = []

    def open_page(drawn: Drawn, **more: Any) -> Page:
        page = browser.new_page(viewport=more.pop("viewport", {"width": 1280, "height": 800}), **more)
        pages.append(page)
        uri = drawn.path.as_uri()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append((uri, request.url)))
        page.goto(uri)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert said == []
    assert asked and all(url in (uri, "data:,") for uri, url in asked)


@pytest.fixture(params=NAMES)
def drawn(request: pytest.FixtureRequest, draw: Draw) -> Drawn:
    return draw(request.param)


def view(page: Page) -> tuple[float, float, float]:
    """Where the picture is moved to, and its scale."""
    matrix = page.evaluate(
        "() => { const m = document.getElementById('world').transform.baseVal.consolidate().matrix;"
        " return [m.e, m.f, m.a]; }"
    )
    return tuple(matrix)


def cards(page: Page) -> Locator:
    return page.locator("#world [data-item]")


def labels(page: Page) -> list[str]:
    return [each.get_attribute("aria-label") or "" for each in cards(page).all()]


def is_shown(page: Page, card: Locator) -> bool:
    """Whether the middle of a card is to be seen inside the picture."""
    box, frame = card.bounding_box(), page.locator("#picture").bounding_box()
    assert box and frame
    x, y = box["x"] + box["width"] / 2, box["y"] + min(box["height"], 40) / 2
    return frame["x"] <= x <= frame["x"] + frame["width"] and frame["y"] <= y <= frame["y"] + frame["height"]


FOCUSED = "() => document.activeElement.getAttribute('aria-label') || ''"


def walk_down_to(page: Page, label: str) -> None:
    """Go from card to card with the arrow key, up to one whose label begins so."""
    for _ in range(20):
        if page.evaluate(FOCUSED).startswith(label):
            return
        page.keyboard.press("ArrowDown")
    pytest.fail(f"there is no {label} below")


def data_of(page: Page) -> Any:
    return page.evaluate("() => JSON.parse(document.getElementById('graph').textContent)")


# First paint


@pytest.mark.parametrize("name", ["large", "resnet50"])
def test_first_paint(name: str, draw: Draw, open_page: Open) -> None:
    drawn = draw(name)
    assert name != "large" or len(drawn.graph) == NODES
    best = {"paint": float("inf"), "drawn": float("inf")}
    for _ in range(LOADS):
        page = open_page(drawn)
        page.wait_for_function("() => performance.getEntriesByType('paint').length >= 2")
        paint = page.evaluate(
            "() => performance.getEntriesByType('paint').find((e) => e.name === 'first-contentful-paint').startTime"
        )
        ready = page.evaluate("() => performance.getEntriesByName('drawn')[0].startTime")
        best = {"paint": min(best["paint"], paint), "drawn": min(best["drawn"], ready)}
    assert best["paint"] < FIRST_PAINT and best["drawn"] < FIRST_PAINT, best


# Pan and zoom


def test_pan(drawn: Drawn, open_page: Open) -> None:
    page = open_page(drawn)
    x, y, scale = view(page)
    page.mouse.move(60, 400)
    page.mouse.down()
    page.mouse.move(100, 420, steps=4)
    page.mouse.move(210, 340, steps=4)
    page.mouse.up()
    assert view(page) == pytest.approx((x + 150, y - 60, scale), abs=1)
    assert page.locator("#panel").is_hidden()


def test_dragging_a_card_does_not_open_it(draw: Draw, open_page: Open) -> None:
    page = open_page(draw("mlp"))
    box = cards(page).first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + 60, steps=5)
    page.mouse.up()
    after = cards(page).first.bounding_box()
    assert after and (after["x"] - box["x"], after["y"] - box["y"]) == pytest.approx((70, 50), abs=1)
    assert page.locator("#panel").is_hidden()


@pytest.mark.parametrize("turn", [-240, 240], ids=["larger", "smaller"])
def test_zoom_keeps_what_is_under_the_pointer(turn: int, drawn: Drawn, open_page: Open) -> None:
    page = open_page(drawn)
    x, y, scale = view(page)
    frame = page.locator("#picture").bounding_box()
    assert frame
    page.mouse.move(500, 300)
    page.mouse.wheel(0, turn)
    page.wait_for_function("(x) => !document.getElementById('world').getAttribute('transform').includes(x)", arg=str(x))
    newX, newY, newScale = view(page)
    assert (newScale > scale) == (turn < 0)
    before = ((500 - frame["x"] - x) / scale, (300 - frame["y"] - y) / scale)
    after = ((500 - frame["x"] - newX) / newScale, (300 - frame["y"] - newY) / newScale)
    assert after == pytest.approx(before, abs=0.5)


def test_zoom_by_buttons_and_keys(drawn: Drawn, open_page: Open) -> None:
    page = open_page(drawn)
    scales = [view(page)[2]]
    for act in (
        lambda: page.click("#larger"),
        lambda: page.keyboard.press("+"),
        lambda: page.click("#smaller"),
        lambda: page.keyboard.press("-"),
    ):
        act()
        scales.append(view(page)[2])
    assert scales == pytest.approx([scales[0] * factor for factor in (1, 1.25, 1.5625, 1.25, 1)], rel=0.001)


def test_fit_shows_everything(drawn: Drawn, open_page: Open) -> None:
    page = open_page(drawn)
    page.click("#fit")
    frame, world = page.locator("#picture").bounding_box(), page.locator("#world").bounding_box()
    assert frame and world
    assert frame["x"] <= world["x"] and world["x"] + world["width"] <= frame["x"] + frame["width"]
    assert frame["y"] <= world["y"] and world["y"] + world["height"] <= frame["y"] + frame["height"]


def test_two_fingers_zoom(draw: Draw, open_page: Open) -> None:
    page = open_page(draw("cnn"), has_touch=True)
    scale = view(page)[2]
    session = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 50), ("touchMove", 60), ("touchMove", 100), ("touchEnd", None)):
        points = [] if apart is None else [{"x": 500 - apart, "y": 400, "id": 0}, {"x": 500 + apart, "y": 400, "id": 1}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert view(page)[2] == pytest.approx(2 * scale, rel=0.05)


# Expand and collapse


def test_collapse_and_expand_everything(drawn: Drawn, open_page: Open) -> None:
    page = open_page(drawn)
    frames = [each for each in data_of(page)["tree"] if isinstance(each, dict)]
    page.click("#collapse")
    assert page.locator("#world [aria-expanded=true]").count() == 0
    assert page.locator("#world [aria-expanded=false]").count() == len(frames)
    collapsed = cards(page).count()
    page.click("#expand")
    assert page.locator("#world [aria-expanded=false]").count() == 0
    assert page.locator("#world .card[data-item]").count() == len(drawn.graph)
    assert (cards(page).count() > collapsed) == bool(frames)
    page.keyboard.press("c")
    assert cards(page).count() == collapsed


@pytest.mark.parametrize("name", ["resnet", "resnet50", "gan", "autoencoder", "twins", "large"])
def test_a_frame_opens_and_closes_where_it_is(name: str, draw: Draw, open_page: Open) -> None:
    page = open_page(draw(name))
    page.click("#collapse")
    page.click("#fit")
    closed = cards(page).count()
    frame = page.locator("#world [aria-expanded=false]").first
    item, before = frame.get_attribute("data-item"), frame.locator(".face").bounding_box()
    assert before
    frame.locator(".chevron").click()
    head = page.locator(f"#world [data-item='{item}']")
    after = head.locator(".face").bounding_box()
    assert head.get_attribute("aria-expanded") == "true" and cards(page).count() > closed
    assert after
    middles = [box["x"] + box["width"] / 2 for box in (before, after)]
    assert middles[1] == pytest.approx(middles[0], abs=2)
    assert after["y"] == pytest.approx(before["y"], abs=2)
    head.locator(".chevron").click()
    assert cards(page).count() == closed


def test_a_large_graph_is_expanded_on_demand(draw: Draw, open_page: Open) -> None:
    page = open_page(draw("large"))
    cards(page).first.focus()
    shown = [cards(page).count()]
    for label in ("stages, 49 times", "stages_1, ", "stages_1_unit, 20 times", "stages_1_unit_5–10, 6 times"):
        walk_down_to(page, label)
        page.keyboard.press(" ")
        shown.append(cards(page).count())
    assert shown == [3, 3 + 49, 3 + 49 + 3, 3 + 49 + 3 + 13, 3 + 49 + 3 + 13 + 5]
    page.keyboard.press("x")
    assert cards(page).count() == shown[-1] + 1  # six closed turns, not five layers of one


def test_all_turns_of_a_repeat(draw: Draw, open_page: Open) -> None:
    page = open_page(draw("resnet"))
    nodes = cards(page).count()
    page.locator(".turns").click()
    assert cards(page).count() == nodes - 7 + 3
    assert [label.split(",")[0] for label in labels(page) if label.startswith("stage_")] == [
        "stage_1",
        "stage_2",
        "stage_3",
    ]
    page.locator(".turns").click()
    assert cards(page).count() == nodes


@pytest.mark.parametrize(("expand", "opened"), [(0, 1), (1, 21), ("all", 21)])
def test_how_much_is_open_at_first(expand: Any, opened: int, draw: Draw, open_page: Open) -> None:
    page = open_page(draw("resnet50", expand=expand))
    assert page.locator("#world [aria-expanded=true]").count() == opened


# Search


def test_search_finds_layers_by_key(drawn: Drawn, open_page: Open) -> None:
    page = open_page(drawn)
    keys = list(drawn.graph)
    for key in dict.fromkeys([keys[0], keys[len(keys) // 3], keys[len(keys) // 2], keys[-1]]):
        page.keyboard.press("/")
        page.fill("#search", key)
        assert page.locator("#results li").first.inner_text().startswith(key)
        page.keyboard.press("Enter")
        node = drawn.node(key)
        assert page.locator("#panel h2").inner_text() == f"{node.op} {node.id or node.name}"
        card = page.locator("#world [aria-current]")
        assert card.count() == 1 and is_shown(page, card)
        assert page.evaluate("() => document.activeElement.getAttribute('aria-current')") == "true"
        assert page.locator("#results").is_hidden()


@pytest.mark.parametrize(
    ("name", "words", "found"),
    [
        ("large", "zzz", "0 found"),
        ("large", "dropout", "980 found, the first 50 listed"),
        ("large", "stages_7_unit_3 add", "0 found"),
        ("gan", "leaky", "3 found"),
        ("gan", "generator conv2d", "3 found"),
        ("resnet50", "CONV2D_5", "4 found"),
    ],
)
def test_search_says_how_much_it_found(name: str, words: str, found: str, draw: Draw, open_page: Open) -> None:
    page = open_page(draw(name))
    page.keyboard.press("/")
    page.keyboard.type(words)
    assert page.locator("#heard").inner_text() == found
    assert page.locator("#results").is_visible() == (not found.startswith("0"))


def test_search_by_keys_alone(draw: Draw, open_page: Open) -> None:
    page = open_page(draw("resnet50"))
    page.keyboard.press("/")
    page.keyboard.type("add_1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.locator("#results li").nth(1)
    assert second.get_attribute("aria-selected") == "true"
    assert page.locator("#search").get_attribute("aria-activedescendant") == second.get_attribute("id")
    name = second.inner_text().split()[0]
    page.keyboard.press("Enter")
    assert page.locator("#panel h2").inner_text() == f"Add {name}"
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    assert page.locator("#search").input_value() == ""


def test_search_goes_to_blocks(draw: Draw, open_page: Open) -> None:
    page = open_page(draw("large"))
    page.keyboard.press("/")
    page.keyboard.type("stages_20_unit_5")
    page.keyboard.press("Enter")
    assert page.locator("#panel h2").inner_text() == "stages_20_unit_5–10"
    assert is_shown(page, page.locator("#world [aria-current]"))


# Click


def test_a_click_tells_all_of_a_layer(drawn: Drawn, open_page: Open) -> None:
    page = open_page(drawn)
    data = data_of(page)
    keys = [node["key"] for node in data["nodes"]]
    page.click("#fit")
    seen = 0
    for card in page.locator("#world .card[data-item]:not([aria-expanded])").all()[:12]:
        if view(page)[2] < 0.3:
            page.click("#fit")
        card.click(position={"x": 6, "y": 6}, force=True)
        panel = page.locator("#panel")
        op, _, name = panel.locator("h2").inner_text().partition(" ")
        key = next(row for row in [*panel.locator("dd").all_inner_texts(), name] if row in keys)
        node = drawn.node(key)
        text = panel.inner_text()
        assert op == node.op and name == (node.id or node.name)
        for tensor in (*node.inputs, *node.outputs):
            assert str(tensor) in text
        for argument in node.arguments:
            assert argument in text
        for path, weight in node.weights.items():
            assert path in text and str(weight.shape) in text
        rows = dict(zip(panel.locator("dt").all_inner_texts(), panel.locator("dd").all_inner_texts(), strict=True))
        frozen = node.parameters - node.trainable_parameters
        size = f"{node.parameters:,}" + (f", {frozen:,} frozen" if frozen else "")
        assert rows["Parameters"] == ("shared" if node.shares and node.category != "input" else size)
        assert rows["FLOPs"] == f"{node.flops:,}"
        assert rows["In the file"] == f"{node.path}, line {node.line}"
        marked = panel.locator("mark").all_inner_texts()
        lines = data["places"][data["nodes"][keys.index(key)]["place"]]["spans"]
        numbers = [line for first, last in lines for line in range(first, last + 1)]
        assert [text.split()[0] for text in marked] == [str(number) for number in numbers]
        assert all(data["code"][int(text.split()[0]) - 1].strip() in text for text in marked)
        seen += 1
    assert seen or drawn.path.stem == "large"
    page.mouse.click(30, 600)
    assert page.locator("#panel").is_hidden()


def test_a_click_tells_of_a_block(draw: Draw, open_page: Open) -> None:
    page = open_page(draw("resnet50"))
    page.locator("#world [aria-label^='stages, 16 times']").click()
    rows = dict(
        zip(page.locator("#panel dt").all_inner_texts(), page.locator("#panel dd").all_inner_texts(), strict=True)
    )
    assert rows["Block"] == "bottleneck" and rows["filters"] == "64, 128, 256, 512" and rows["Turns"] == "16"
    assert any("for " in text for text in page.locator("#panel mark").all_inner_texts())
    page.locator("#panel button", has_text="Collapse").click()
    assert page.locator("#world [aria-expanded=true]").count() == 0
    assert page.locator("#panel button", has_text="Expand").count() == 1


def test_from_layer_to_layer(draw: Draw, open_page: Open) -> None:
    page = open_page(draw("resnet50"))
    page.keyboard.press("/")
    page.keyboard.type("add_5")
    page.keyboard.press("Enter")
    page.locator("#panel .link", has_text="stages_6_residual").click()
    assert page.locator("#panel h2").inner_text() == "BatchNormalization residual"
    assert "stages_6_residual" in page.locator("#panel dd").first.inner_text()


def test_what_touches_a_chosen_card_stands_out(draw: Draw, open_page: Open) -> None:
    page = open_page(draw("mlp"))
    cards(page).nth(1).click()
    assert page.locator("#world .line.near").count() == 2


# Dark and light

GROUND = "() => getComputedStyle(document.body).backgroundColor"


def lightness(page: Page) -> float:
    channels = page.evaluate(GROUND).removeprefix("rgb(").removesuffix(")").split(",")
    return sum(int(channel) for channel in channels) / 3


def test_dark_mode(drawn: Drawn, open_page: Open) -> None:
    for scheme, isDark in (("light", False), ("dark", True)):
        page = open_page(drawn, color_scheme=scheme)
        for dark in (isDark, not isDark, isDark):
            assert (lightness(page) < 60) == dark
            assert page.locator("#theme").get_attribute("aria-pressed") == str(dark).lower()
            page.click("#theme")
        page.keyboard.press("d")
        assert (lightness(page) < 60) == isDark


def test_dark_mode_follows_the_reader(draw: Draw, open_page: Open) -> None:
    page = open_page(draw("mlp"), color_scheme="light")
    page.emulate_media(color_scheme="dark")
    assert lightness(page) < 60 and page.locator("#theme").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize(("theme", "isDark"), [("light", False), ("paper", False), ("dark", True)])
def test_a_theme_that_is_asked_for(theme: str, isDark: bool, draw: Draw, open_page: Open) -> None:
    for scheme in ("light", "dark"):
        assert (lightness(open_page(draw("mlp", theme=theme), color_scheme=scheme)) < 60) == isDark


CONTRAST = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map((each) => each / 255);
  const light = (colour) => {
    const [r, g, b] = channels(colour).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return Math.min(...[...document.querySelectorAll("#world .card")].map((card) => {
    const ground = light(getComputedStyle(card.querySelector(".face")).fill);
    const text = light(getComputedStyle(card.querySelector("text")).fill);
    return (Math.max(ground, text) + 0.05) / (Math.min(ground, text) + 0.05);
  }));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_on_cards_has_contrast(scheme: str, drawn: Drawn, open_page: Open) -> None:
    page = open_page(drawn, color_scheme=scheme)
    page.click("#expand" if drawn.path.stem != "large" else "#fit")
    assert page.evaluate(CONTRAST) >= 7


# Keys alone


def test_everything_by_keys(draw: Draw, open_page: Open) -> None:
    page = open_page(draw("resnet"))
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.closest('#world') !== null"):
            break
    way = [page.evaluate(FOCUSED)]
    for _ in range(3):
        page.keyboard.press("ArrowDown")
        way.append(page.evaluate(FOCUSED))
    assert [label.split(",")[0] for label in way] == ["Input", "Conv2D", "stage", "Conv2D"]
    page.keyboard.press("Enter")
    assert page.locator("#panel h2").inner_text() == "Conv2D conv2d"
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_hidden() and page.evaluate(FOCUSED) == way[-1]
    page.keyboard.press("ArrowUp")
    page.keyboard.press(" ")
    assert page.evaluate(FOCUSED).startswith("stage") and page.locator("#world [aria-expanded=true]").count() == 0
    assert page.locator("#heard").inner_text() == "stage collapsed"
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#help").is_hidden()


def test_one_card_is_in_the_order_of_tabs(drawn: Drawn, open_page: Open) -> None:
    page = open_page(drawn)
    assert page.locator("#world [tabindex='0']").count() == 1
    page.click("#expand" if drawn.path.stem != "large" else "#collapse")
    assert page.locator("#world [tabindex='0']").count() == 1
    named = page.locator("#world [data-item]:not([aria-label=''])[role=button]")
    assert named.count() == cards(page).count()


# Nothing overlaps, nothing is clipped

FAULTS = Path(__file__).with_name("page_faults.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("state", ["first", "collapsed", "expanded"])
def test_nothing_overlaps(state: str, drawn: Drawn, open_page: Open) -> None:
    if drawn.path.stem == "large" and state == "expanded":
        drawn_page = open_page(drawn)
        drawn_page.keyboard.press("/")
        drawn_page.keyboard.type("stages_20_unit_5")
        drawn_page.keyboard.press("Enter")
    else:
        drawn_page = open_page(drawn)
        if state != "first":
            drawn_page.click("#expand" if state == "expanded" else "#collapse")
    drawn_page.evaluate("() => document.getElementById('world').setAttribute('transform', 'scale(1)')")
    assert drawn_page.evaluate(FAULTS) == []


@pytest.mark.parametrize("width", [1280, 640, 360])
def test_the_bars_fit_every_window(width: int, draw: Draw, open_page: Open) -> None:
    page = open_page(draw("resnet50"), viewport={"width": width, "height": 720})
    page.keyboard.press("/")
    page.keyboard.type("add_5")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("() => document.documentElement.scrollHeight <= innerHeight")
    assert is_shown(page, page.locator("#world [aria-current]"))
    for button in page.locator("header button").all():
        box = button.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width


# Whatever a spec says stays text


@pytest.mark.parametrize("text", [*TEXTS, *MORE], ids=lambda text: ascii(text)[:30])
def test_texts_stay_texts(text: str, tmp_path: Path, open_page: Open) -> None:
    result = check(parse(json.dumps(hostile(text)))).sound()
    assert result.graph is not None
    path = tmp_path / "page.html"
    path.write_bytes(render(result.program, result.graph, result.plan, Options(expand="all")))
    page = open_page(Drawn(path, result.graph))
    page.on("dialog", lambda dialog: pytest.fail(f"it ran: {dialog.message}"))
    for card in cards(page).all():
        card.focus()
        page.keyboard.press("Enter")
    scripts = page.evaluate("() => document.scripts.length")
    assert scripts == 2 and page.locator("#world script, #panel script, img, iframe").count() == 0


def test_the_policy_stops_a_script_that_got_in(draw: Draw, browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    path = tmp_path / "page.html"
    text = draw("mlp").path.read_text(encoding="utf-8")
    path.write_text(text.replace("</body>", "<script>window.ran = true</script></body>"), encoding="utf-8")
    page.goto(path.as_uri())
    assert page.evaluate("() => window.ran") is None
    assert page.locator("#world [data-item]").count() > 0
    page.close()


def test_without_javascript_it_says_so(draw: Draw, browser: Browser) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(draw("mlp").path.as_uri())
    assert "needs JavaScript" in page.locator("noscript").inner_text()
    page.close()
