"""The page to explore, as text: what a browser makes of it is tested in ``browser/test_page_in_browser.py``."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from archgen.checking import Checked, check
from archgen.options import Options
from archgen.page import render
from archgen.page.html import embedded
from archgen.source import parse, read
from tests.strategies import specs
from tests.test_hostile import TEXTS
from tests.test_hostile import spec as hostile

ROOT = Path(__file__).resolve().parent.parent
SPECS = sorted(path for path in (ROOT / "specs").glob("*.json") if not path.name.endswith(".schema.json"))

TWINS = {
    "name": "twins",
    "params": {"depth": 3, "deep": False},
    "blocks": {
        "unit": {
            "params": {"width": 8, "rate": 0.0},
            "inputs": ["x"],
            "nodes": [
                {"id": "shortcut", "op": "Dense", "units": "$width", "from": "x", "when": "x.shape[-1] != width"},
                {"op": "Dense", "units": "$width", "from": "x"},
                {"id": "kept", "op": "Dropout", "rate": "$rate", "when": "rate > 0"},
                {"op": "Add", "from": ["shortcut", "kept"]},
            ],
        }
    },
    "models": {
        "encoder": {
            "nodes": [
                {"id": "picture", "op": "Input", "shape": [28, 28, 1]},
                {"op": "Flatten"},
                {"op": "unit", "repeat": "$depth"},
                {"id": "code", "op": "Dense", "units": 16},
            ]
        }
    },
    "nodes": [
        {"id": "left", "op": "Input", "shape": [28, 28, 1]},
        {"id": "right", "op": "Input", "shape": [28, 28, 1]},
        {"id": "a", "op": "encoder", "from": "left"},
        {"id": "b", "op": "encoder", "from": "right"},
        {"id": "first", "op": "Dense", "units": 16, "from": "a"},
        {"id": "second", "op": "first", "from": "b"},
        {"op": "Subtract", "from": ["first", "second"]},
        {"id": "stages", "op": "unit", "repeat": {"width": [16, 16, 16, 32, 32], "rate": [0.1, 0.1, 0.1, 0.1, 0.2]}},
        {"id": "hidden", "op": "Dense", "units": 32, "activation": "relu", "repeat": 4},
        {"op": "Dense", "units": 99, "when": "deep"},
        {"id": "rows", "op": "Reshape", "target_shape": [8, 4]},
        {"id": "state", "op": "LSTM", "units": 4, "return_state": True},
        {"id": "attended", "op": "MultiHeadAttention", "num_heads": 2, "key_dim": 4,
         "from": {"query": "rows", "value": "rows"}},
        {"op": "Concatenate", "from": ["state[1]", "state[2]"]},
        {"id": "same", "op": "Dense", "units": 1, "activation": "sigmoid"},
    ],
    "outputs": {"same": "same", "code": "a", "attended": "attended"},
}  # fmt: skip


class Page(HTMLParser):
    """What stands in a page: its tags with their attributes, and the text of its elements."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.comments = 0
        self.open: list[str] = []
        self.feed(page.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.open.append("")

    def handle_data(self, text: str) -> None:
        if self.open and self.open[-1]:
            self.texts.setdefault(self.open[-1], []).append(text)

    def handle_comment(self, text: str) -> None:
        self.comments += 1

    @property
    def data(self) -> dict[str, Any]:
        data, _ = self.texts["script"]
        return json.loads(data)

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for each, attributes in self.tags if each == tag]


def checked(spec: dict[str, Any]) -> Checked:
    return check(parse(json.dumps(spec))).sound()


def page(result: Checked, options: Options | None = None) -> Page:
    assert result.graph is not None
    return Page(render(result.program, result.graph, result.plan, options))


def results() -> list[Any]:
    written = (ROOT / "tests" / "functions").glob("*.json")
    paths = [*SPECS, *sorted(path for path in written if path.stem != "gan")]  # its training has no data
    specs = [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in paths]
    return [*specs, pytest.param(TWINS, id="twins")]


@pytest.fixture(params=results())
def result(request: pytest.FixtureRequest) -> Checked:
    """Each spec of the project, each whose functions are tested, and one that is nested, shared and repeated."""
    spec = request.param
    return check(read(spec)).sound() if isinstance(spec, Path) else checked(spec)


def numbers(item: Any) -> list[int]:
    """The nodes of an item of the tree."""
    if isinstance(item, int):
        return [item]
    return [number for each in item.get("items") or item["turns"] for number in numbers(each)]


def frames(items: list[Any]) -> list[dict[str, Any]]:
    """The frames of a tree, those around others first."""
    found: list[dict[str, Any]] = []
    for item in items:
        if isinstance(item, dict):
            found += [item, *frames(item.get("items") or item["turns"])]
    return found


def test_every_node_stands_in_the_tree_once(result: Checked) -> None:
    data, graph = page(result).data, result.graph
    assert graph is not None
    assert [number for item in data["tree"] for number in numbers(item)] == list(range(len(graph)))
    assert {node["key"] for node in data["nodes"]} == set(graph)


def test_every_edge_is_there(result: Checked) -> None:
    data, graph = page(result).data, result.graph
    assert graph is not None
    keys = [node["key"] for node in data["nodes"]]
    told = sorted((keys[tail], keys[head], output) for tail, head, output, _, _ in data["edges"])
    assert told == sorted((tail, head, each["output"]) for tail, head, each in graph.edges(data=True))
    assert all(tail < head for tail, head, *_ in data["edges"])


def test_layers_are_told_in_full(result: Checked) -> None:
    data, graph = page(result).data, result.graph
    assert graph is not None
    for told in data["nodes"]:
        node, facts = graph.nodes[told["key"]]["node"], data["facts"][told["facts"]]
        assert facts["op"] == node.op
        assert facts["outputs"] == [f"{tensor} {tensor.dtype}" for tensor in node.outputs]
        assert {name for name, _ in facts["arguments"]} == set(node.arguments)
        assert sum(int(size.replace(",", "")) for _, _, size, _ in facts["weights"]) == node.parameters
        assert dict(facts["rows"])["FLOPs"] == ("?" if node.flops is None else f"{node.flops:,}")
        assert data["places"][told["place"]]["at"] == f"{node.path}, line {node.line}"


def test_lines_of_code_are_those_that_make_the_layer(result: Checked) -> None:
    data, graph = page(result).data, result.graph
    assert graph is not None
    for told in data["nodes"]:
        op, place = data["facts"][told["facts"]]["op"], data["places"][told["place"]]
        first, last = place["around"]
        assert data["code"][first - 1].startswith(f"def {place['function']}(")
        lines = [data["code"][line - 1] for start, end in place["spans"] for line in range(start, end + 1)]
        assert all(first <= start <= end <= last for start, end in place["spans"])
        assert lines
        # Some functions are operators; what calls a layer again need not name it.
        if not op.startswith("ops.") and graph.nodes[told["key"]]["node"].shares is None:
            assert any(f"{op}(" in line for line in lines), (told["key"], lines)


def test_frames_have_lines_of_code_too(result: Checked) -> None:
    data = page(result).data
    for frame in frames(data["tree"]):
        place = data["places"][frame["place"]]
        lines = [data["code"][line - 1] for start, end in place["spans"] for line in range(start, end + 1)]
        (kind, name), *_ = frame["rows"]
        assert lines and (kind == "Layer" or any(name in line for line in lines)), (frame["label"], lines)


@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(spec=specs())
def test_any_spec_becomes_a_page(spec: dict[str, Any]) -> None:
    result = checked(spec)
    test_every_node_stands_in_the_tree_once(result)
    test_every_edge_is_there(result)
    test_layers_are_told_in_full(result)
    test_lines_of_code_are_those_that_make_the_layer(result)
    test_frames_have_lines_of_code_too(result)


def heads(items: list[Any]) -> list[tuple[str, str, int]]:
    return [(frame["kind"], frame["label"], frame["times"]) for frame in frames(items)]


def test_equal_turns_are_gathered() -> None:
    unit = [("block", "stages_4", 1), ("block", "stages_5", 1)]
    shared = [("run", "unit_2–3", 2), ("block", "unit_2", 1), ("block", "unit_3", 1)]
    encoder = [("model", "encoder", 1), ("repeat", "unit", 3), ("block", "unit_1", 1), *shared]
    assert heads(page(checked(TWINS)).data["tree"]) == [
        *encoder,
        *encoder,
        ("repeat", "stages", 5),
        ("run", "stages_1–3", 3),
        *[("block", f"stages_{turn}", 1) for turn in (1, 2, 3)],
        *unit,
        ("run", "hidden", 4),
    ]


def test_corresponding_nodes_of_equal_turns_are_alike() -> None:
    data = page(checked(TWINS)).data
    for frame in frames(data["tree"]):
        turns = [numbers(turn) for turn in frame.get("turns", [])]
        for one, other in pairwise(turns):
            assert [data["nodes"][k]["facts"] for k in one] == [data["nodes"][k]["facts"] for k in other]


def test_what_is_shared_says_with_what() -> None:
    data = page(checked(TWINS)).data
    shares = {node["key"]: data["nodes"][node["shares"]]["key"] for node in data["nodes"] if "shares" in node}
    assert shares["first@2"] == "first" and shares["encoder/code@2"] == "encoder/code"
    assert "encoder/picture@2" not in shares
    first, second = (frame for frame in frames(data["tree"]) if frame["kind"] == "model")
    assert "shared" not in first and second["shared"]
    assert dict(second["rows"])["Shared with"] == "encoder"


def test_what_is_read_by_name_is_told_by_name() -> None:
    data = page(checked(TWINS)).data
    keys = [node["key"] for node in data["nodes"]]
    words = {(keys[head], words) for _, head, _, words, _ in data["edges"] if words}
    assert words == {("attended", "query"), ("attended", "value")}


def test_skip_connections() -> None:
    data = page(checked(TWINS)).data
    keys = [node["key"] for node in data["nodes"]]
    skips = {keys[head] for _, head, _, _, skip in data["edges"] if skip}
    assert {key for key in skips if "add" in key} and "encoder/code" not in skips


# One file, closed to everything


def test_the_page_is_one_file_that_asks_for_nothing(result: Checked) -> None:
    made = page(result)
    outside = [
        (tag, name, value)
        for tag, attributes in made.tags
        for name, value in attributes.items()
        if name in ("src", "href", "action", "data", "poster", "srcset") or name.startswith("on") or name == "style"
    ]
    assert outside == [("link", "href", "data:,")]
    assert "@import" not in made.texts["style"][0] and not re.search(r"url\((?!#)", made.texts["style"][0])
    assert made.comments == 0


def test_the_policy_allows_the_own_program_and_style_only(result: Checked) -> None:
    made = page(result)
    policy = next(each["content"] for each in made.attributes("meta") if "http-equiv" in each)
    data, program = made.texts["script"]
    (style,) = made.texts["style"]
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (program, style)]
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    assert [each.get("type") for each in made.attributes("script")] == ["application/json", None]


def test_the_program_is_the_same_for_every_spec() -> None:
    pages = [page(checked(spec)) for spec in (TWINS, hostile("</script>"))]
    assert pages[0].texts["script"][1] == pages[1].texts["script"][1]


def test_the_program_writes_text_only() -> None:
    program = page(checked(TWINS)).texts["script"][1]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|fetch\(", program)


MORE = [
    "</script><script>alert(1)</script>",
    "javascript:alert(1)",
    "<!--",
    "\u2028\u2029",
    "\u202eltr\u200f",
    "]]>",
    "'\"",
]


@pytest.mark.parametrize("text", [*TEXTS, *MORE], ids=lambda text: ascii(text)[:30])
def test_texts_stay_texts(text: str) -> None:
    made, plain = page(checked(hostile(text))), page(checked(hostile("plain")))
    assert [tag for tag, _ in made.tags] == [tag for tag, _ in plain.tags]
    assert [sorted(attributes) for _, attributes in made.tags] == [sorted(attributes) for _, attributes in plain.tags]
    assert made.comments == 0
    embedded_data = made.texts["script"][0]
    assert not set("<>&\u2028\u2029") & set(embedded_data)
    assert len(made.data["nodes"]) == len(plain.data["nodes"])


@pytest.mark.parametrize("text", [*TEXTS, *MORE], ids=lambda text: ascii(text)[:30])
def test_embedded_texts_are_read_back(text: str) -> None:
    assert json.loads(embedded({text: [text]})) == {text: [text]}
    assert embedded(text).isascii()


def test_long_names_keep_their_two_ends() -> None:
    name = "a" * 5000 + "z" * 5000
    spec = {
        "name": name,
        "title": "t" * 10000,
        "blocks": {name: {"params": {"p" + name: 1}, "nodes": [{"op": "Dense", "units": 4, "id": name}]}},
        "nodes": [
            {"id": "x", "op": "Input", "shape": [4]},
            {"op": name, "id": name, "repeat": 2},
            {"op": "Dense", "units": 1, "id": "y"},
        ],
    }
    data = page(checked(spec)).data
    assert max(len(text) for node in data["nodes"] for text in (node["key"], node["name"])) == 300
    assert all(len(line) <= 45 for frame in frames(data["tree"]) for line in (frame["title"], *frame["lines"]))
    assert all(len(line) <= 45 for node in data["nodes"] for line in node.get("lines", ()))


# Options


@pytest.mark.parametrize(
    ("theme", "setting"),
    [(None, None), ("auto", None), ("light", "light"), ("dark", "dark"), ("paper", "light")],
)
def test_a_theme_holds_the_page_to_it(theme: str | None, setting: str | None) -> None:
    made = page(checked(TWINS), Options(theme=theme))
    assert made.attributes("html")[0].get("data-theme") == setting
    assert ("--fill-core: #DEDEDE" in made.texts["style"][0]) == (theme == "paper")


@pytest.mark.parametrize(("expand", "told"), [(0, None), (1, "1"), ("all", "all")])
def test_expand_says_what_is_open_at_first(expand: Any, told: str | None) -> None:
    assert page(checked(TWINS), Options(expand=expand)).attributes("html")[0].get("data-expand") == told


# The same bytes everywhere

SCRIPT = """
import sys
from archgen.checking import check
from archgen.page import render
from archgen.source import read
result = check(read(sys.argv[1])).sound()
sys.stdout.buffer.write(render(result.program, result.graph, result.plan))
print(*{'tensorflow', 'keras', 'numpy', 'pygraphviz'}.intersection(sys.modules), file=sys.stderr)
"""


def run(path: Path, seed: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path), **more}
    command = [sys.executable, "-c", SCRIPT, str(path)]
    return subprocess.run(command, env=environment, capture_output=True, check=True, timeout=120)


def test_pages_do_not_depend_on_the_hash_seed_or_the_locale(tmp_path: Path) -> None:
    path = tmp_path / "twins.json"
    path.write_text(json.dumps(TWINS), encoding="utf-8")
    runs = [run(path, "1", LC_ALL="C", TZ="Asia/Tokyo"), run(path, "2", LC_ALL="C.UTF-8", TZ="UTC")]
    assert runs[0].stdout == runs[1].stdout
    assert b"<title>twins</title>" in runs[0].stdout


def test_drawing_a_page_imports_nothing_heavy(tmp_path: Path) -> None:
    path = tmp_path / "twins.json"
    path.write_text(json.dumps(TWINS), encoding="utf-8")
    assert run(path, "0").stderr.decode().strip() == ""
