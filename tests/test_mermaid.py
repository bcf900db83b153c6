"""Flowcharts for Mermaid: what is in them, that they keep to its grammar, and that text of a spec stays text.

``tests/browser/test_mermaid_in_browser.py`` has Mermaid itself draw them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from networkx import MultiDiGraph

import archgen
from archgen.drawing.mermaid import APART, MOST_EDGES, MOST_TEXT, SKIP, escape, render
from archgen.errors import ArchgenError
from archgen.options import Expand, Options
from archgen.outline import outline
from archgen.wording import UNPRINTABLE
from tests import graphs
from tests.graphs import Sketch
from tests.test_hostile import TEXTS

SPECS = Path(__file__).parent.parent / "specs"
NAMES = sorted(path.stem for path in SPECS.glob("*.json") if "schema" not in path.name)

HOSTILE = [
    *TEXTS,
    *('"', '"]', "`code`", "end", "subgraph", "graph TD", "%% comment", '%%{init: {"theme":"dark"}}%%'),
    *("<script>alert(1)</script>", "<b>x</b>", "&lt;b&gt; &amp; &#60;", "#60; #quot;", "a\nb", "<br/>", "a<br>b"),
    *('click n_x href "javascript:alert(1)"', "click n_0 call alert()", "style n_x fill:#f00", "classDef", "-->"),
    *("---", "===", "- item", "+ item", "* item", "1. one", "2) two", "# head", "> quote", "_em_ __bold__"),
    *("*em* **bold**", "~~s~~", "[a](http://x.y)", "http://evil.example www.evil.example a@b.co", "![i](x)"),
    *("fa:fa-car", "$$x^2$$", "ﬂ°°60¶ß ß°", "\\n \\N \\u0041", "{{x}} {x} (x) [x]", "|pipe|", "a;b", "é 木 😀 نص"),
    *("x-->y", "@{shape: rect}", "__proto__", "constructor", "    indented", "\u202e rtl", "'single'", "accTitle: x"),
    *("o--x", "1", "😀" * 5, "-", ".", "title: x", "flowchart LR"),
]

QUOTED = r'"[^"\n]*"'
LINES = {
    "a node": rf"\w+(\[|\(\[){QUOTED}(\]|\]\)):::\w+",
    "an edge": rf"\w+ (-->|==>)\|{QUOTED}\| \w+",
    "a frame": rf"subgraph \w+ \[{QUOTED}\]",
    "its end": "end",
    "its direction": "direction (TB|LR)",
    "a class": r"class \w+ \w+",
    "the look of a class": r"classDef \w+ fill:#[0-9A-F]{6},stroke:#[0-9A-F]{6},color:#[0-9A-F]{6}",
    "the look of a frame": r"classDef (block|model) fill:#[0-9A-F]{8},stroke:#[0-9A-F]{6}",
    "the look of edges": r"linkStyle \d+(,\d+)* stroke:#[0-9A-F]{6},stroke-width:2px",
    "words": r"acc(Title|Descr): [^\"%<>`;{}]*(#\d+;[^\"%<>`;{}]*)*",
}
"""All lines below the first that there may be."""


def text(graph: MultiDiGraph[str], **options: Any) -> str:
    return render(graph, Options(**options)).decode()


def spec(name: str) -> MultiDiGraph[str]:
    return archgen.expand(archgen.load(SPECS / f"{name}.json"))


def hostile(given: str) -> MultiDiGraph[str]:
    """A network with a text everywhere where one may stand."""
    sketch = Sketch("net", title=given, description=given)
    sketch.add("Input", id=given or None, shape=(4, 4, 3), key=f"{given}0")
    with sketch.frame("block", given, label=given, arguments={given: given}):
        sketch.add("Conv2D", f"{given}0", id=given or None, key=f"{given}1", filters=3, kernel_size=1)
        sketch.add("Add", f"{given}1", f"{given}0", id=given or None, key=f"{given}2")
    return sketch.ends(f"{given}1", f"{given}2", names=[given, given])


def test_a_residual_block() -> None:
    assert text(graphs.resnet((64, 1), (64, 1))) == dedent("""\
        ---
        title: "Residual network for CIFAR-10"
        config:
          flowchart:
            wrappingWidth: 400
            subGraphTitleMargin:
              top: 2
              bottom: 12
        ---
        flowchart TB
          accTitle: Residual network for CIFAR-10
          accDescr: A network of 18 nodes and 151,178 parameters. Input: image (None, 32, 32, 3). Output: probabilities (None, 10).
          n_image(["Input image"]):::input
          n_stem["Conv2D stem<br/>3×3, 64 filters, relu, same<br/>1,792 parameters"]:::convolution
          subgraph f_stages ["stages ×2: residual_block(filters=64, strides=1)"]
            direction TB
            n_conv2d["Conv2D<br/>3×3, 64 filters, same<br/>36,928 parameters"]:::convolution
            n_batch_normalization["BatchNormalization<br/>256 parameters"]:::normalization
            n_re_lu["ReLU"]:::activation
            n_conv2d_1["Conv2D<br/>3×3, 64 filters, same<br/>36,928 parameters"]:::convolution
            n_batch_normalization_1["BatchNormalization<br/>256 parameters"]:::normalization
            n_add["Add"]:::merging
            n_re_lu_1["ReLU"]:::activation
          end
          class f_stages block
          n_global_average_pooling2d["GlobalAveragePooling2D"]:::pooling
          n_probabilities["Dense probabilities<br/>10, softmax<br/>650 parameters"]:::core
          out_0(["output"]):::output
          n_image -->|"32×32×3"| n_stem
          n_stem -->|"32×32×64"| n_conv2d
          n_stem ==>|"32×32×64"| n_add
          n_conv2d -->|"32×32×64"| n_batch_normalization
          n_batch_normalization -->|"32×32×64"| n_re_lu
          n_re_lu -->|"32×32×64"| n_conv2d_1
          n_conv2d_1 -->|"32×32×64"| n_batch_normalization_1
          n_batch_normalization_1 -->|"32×32×64"| n_add
          n_add -->|"32×32×64"| n_re_lu_1
          n_re_lu_1 -->|"32×32×64"| n_global_average_pooling2d
          n_global_average_pooling2d -->|"64"| n_probabilities
          n_probabilities -->|"10"| out_0
          linkStyle 2 stroke:#3C88D6,stroke-width:2px
          classDef input fill:#A3CBCD,stroke:#111111,color:#111111
          classDef convolution fill:#E48D73,stroke:#673F34,color:#111111
          classDef normalization fill:#F6D37C,stroke:#6F5F38,color:#111111
          classDef activation fill:#B0EDFF,stroke:#4F6B73,color:#111111
          classDef merging fill:#FFFFFF,stroke:#737373,color:#111111
          classDef block fill:#7A7A7A1F,stroke:#7A7A7A
          classDef pooling fill:#78D79A,stroke:#366145,color:#111111
          classDef core fill:#6DA6EB,stroke:#314B6A,color:#111111
          classDef output fill:#FFFFFF,stroke:#111111,color:#111111
        """)  # noqa: E501


def test_a_chain() -> None:
    lines = text(graphs.mlp(), direction="LR").splitlines()
    assert lines[lines.index("flowchart LR") :] == dedent("""\
        flowchart LR
          accTitle: Iris classifier
          accDescr: A network of 4 nodes and 4,675 parameters. Input: measurements (None, 4). Output: probabilities (None, 3).
          n_measurements(["Input measurements"]):::input
          n_dense["Dense<br/>64, relu<br/>320 parameters"]:::core
          n_dense_1["Dense<br/>64, relu<br/>4,160 parameters"]:::core
          n_probabilities["Dense probabilities<br/>3, softmax<br/>195 parameters"]:::core
          out_0(["output"]):::output
          n_measurements -->|"4"| n_dense
          n_dense -->|"64"| n_dense_1
          n_dense_1 -->|"64"| n_probabilities
          n_probabilities -->|"3"| out_0
          classDef input fill:#A3CBCD,stroke:#111111,color:#111111
          classDef core fill:#6DA6EB,stroke:#314B6A,color:#111111
          classDef output fill:#FFFFFF,stroke:#111111,color:#111111
        """).splitlines()  # noqa: E501


def assert_grammar(flowchart: str) -> None:
    """Only lines of the forms that are meant, all frames closed, and nothing but what they name."""
    head, *rest = flowchart.split("\nflowchart ")
    assert len(rest) == 1
    assert re.fullmatch(r'---\ntitle: "([^"\\\n%<>`#;{}]|\\x[0-9a-f]{2})*"\n(config:\n( +\w+:( \d+)?\n)+)---', head)
    direction, *lines = rest[0].splitlines()
    assert direction in ("TB", "LR")
    depth, nodes, classes, edges = 0, set(), set(), 0
    for line in lines:
        assert any(re.fullmatch(form, line.strip()) for form in LINES.values()), line
        depth += line.strip().startswith("subgraph ") - (line.strip() == "end")
        edges += "|" in line and ">|" in line
        if found := re.fullmatch(LINES["a node"], line.strip()):
            nodes.add(line.strip().partition("[")[0].rstrip("("))
            classes.add(line.rpartition(":::")[2])
            assert found
        for label in re.findall(QUOTED, line):
            assert not re.search(r"[<>`{}%$\\;]", re.sub(r"<br/>|#\d+;", "", label[1:-1])), label
    assert depth == 0
    styled = {line.split()[1] for line in lines if line.strip().startswith("classDef ")}
    assert classes <= styled
    for line in lines:
        if found := re.fullmatch(rf"(\w+) (?:-->|==>)\|{QUOTED}\| (\w+)", line.strip()):
            assert set(found.groups()) <= nodes
        if line.strip().startswith("linkStyle "):
            assert max(map(int, line.split()[1].split(","))) < edges


@pytest.mark.parametrize("expand", [0, "all"])
@pytest.mark.parametrize("name", NAMES)
def test_specs(name: str, expand: Expand) -> None:
    graph = spec(name)
    flowchart = text(graph, expand=expand)
    assert_grammar(flowchart)
    shown = outline(graph, expand=expand)
    assert len(re.findall(r":::\w+$", flowchart, re.M)) == len(list(shown.nodes)) + len(shown.outputs)
    links = {(link.tail, link.head, link.output) for link in shown.links}
    assert len(re.findall(r">\|", flowchart)) == len(links) + len(shown.outputs)
    frames = [group for group in shown.groups if group.only_node is None]
    assert len(re.findall(r"^ +subgraph ", flowchart, re.M)) == len(frames)


def test_skip_connections_are_thick_and_coloured() -> None:
    flowchart = text(spec("resnet"))
    assert flowchart.count("==>") == 1
    edges = [line for line in flowchart.splitlines() if re.search(r"[-=]=?>\|", line)]
    (styled,) = re.findall(r"linkStyle (\S+) stroke:(\S+),", flowchart)
    assert [number for number, line in enumerate(edges) if "==>" in line] == [int(styled[0])]
    assert styled[1] == SKIP


def test_names_stay_when_something_is_added() -> None:
    nodes = [{"id": "x", "op": "Input", "shape": [4]}, {"id": "a", "op": "Dense", "units": 4}]
    last = {"id": "b", "op": "Dense", "units": 4}
    one, other = (
        text(archgen.expand(archgen.loads(json.dumps({"name": "net", "nodes": each}))))
        for each in ([*nodes, last], [*nodes, {"id": "between", "op": "Dense", "units": 4}, last])
    )
    for name in ("n_x[", "n_a[", "n_b["):
        assert [name in flowchart.replace("(", "") for flowchart in (one, other)] == [True, True]


def test_names_are_unique() -> None:
    sketch = Sketch()
    x = sketch.add("Input", id="x", shape=(4,))
    for key in ("a/b", "a_b", "a.b", "a b", "木", "本"):
        x = sketch.add("Dense", x, key=key, units=4)
    names = re.findall(r"^ +(\w+)\[", text(sketch.ends(x)), re.M)
    assert names == ["n_a_b", "n_a_b_2", "n_a_b_3", "n_a_b_4", "n", "n_2"]


@pytest.mark.parametrize("given", HOSTILE)
def test_hostile_strings(given: str) -> None:
    flowchart = text(hostile(given))
    assert_grammar(flowchart)
    assert not UNPRINTABLE.search(flowchart.replace("\n", ""))
    assert len(re.findall(":::", flowchart)) == 5 and len(re.findall(r">\|", flowchart)) == 5


def test_what_mermaid_reads_even_in_codes_is_kept_apart() -> None:
    assert escape("fa:fa-car") == f"fa#58;{APART}fa-car"
    assert escape("$$x$$") == f"#36;{APART}#36;x#36;{APART}#36;"
    assert escape("\\n") == f"#92;{APART}n"
    assert escape("ﬂ°1¶ß") == f"ﬂ{APART}°1¶{APART}ß"


def long_chain(layers: int) -> MultiDiGraph[str]:
    nodes = [{"op": "Input", "shape": [4]}, *({"op": "Dense", "units": 4 + k % 9} for k in range(layers))]
    return archgen.expand(archgen.loads(json.dumps({"name": "net", "nodes": nodes})))


def test_more_than_github_draws() -> None:
    assert text(long_chain(MOST_EDGES - 1)).count("-->") == MOST_EDGES
    with pytest.raises(ArchgenError) as caught:
        text(long_chain(MOST_EDGES))
    assert caught.value.message == "a Mermaid flowchart of 501 lines is more than the 500 that GitHub draws"
    assert caught.value.hint == "draw an SVG, which has no such limit"
    sketch = Sketch()
    x = sketch.add("Input", id="x", shape=(4,))
    for turn in range(1, 502):
        with sketch.frame("block", "unit", label=f"unit_{turn}", call="unit", turn=turn, turns=501):
            x = sketch.add("Dense", x, units=4)
    net = sketch.ends(x)
    assert len(text(net)) < 3000
    with pytest.raises(ArchgenError) as caught:
        text(net, expand="all")
    assert caught.value.hint == "draw what is repeated once: --expand 0"


def test_more_text_than_github_draws() -> None:
    sketch = Sketch()
    x = sketch.add("Input", id="x", shape=(4,))
    for number in range(400):
        x = sketch.add("Dense", x, id=f"{'木' * 40}{number}", key=f"{'k' * 50}{number}", units=4)
    with pytest.raises(ArchgenError) as caught:
        text(sketch.ends(x))
    message = re.fullmatch(
        r"a Mermaid flowchart of (\d+),(\d+) characters is more than the 50,000 that GitHub draws", caught.value.message
    )
    assert message and int("".join(message.groups())) > MOST_TEXT


def test_options_of_pictures_are_refused() -> None:
    with pytest.raises(ArchgenError) as caught:
        render(graphs.mlp(), Options(detail="full"))
    assert caught.value.message == 'mermaid has no option "detail"'


def test_the_same_whatever_the_hash_seed() -> None:
    code = (
        "import sys, archgen; from archgen.drawing.mermaid import render;"
        "sys.stdout.buffer.write(render(archgen.expand(archgen.load(sys.argv[1]))))"
    )
    command = [sys.executable, "-c", code, str(SPECS / "resnet50.json")]
    seeds = [{**os.environ, "PYTHONHASHSEED": seed} for seed in ("1", "2")]
    made = {subprocess.run(command, capture_output=True, check=True, env=env).stdout for env in seeds}
    assert made == {render(spec("resnet50"))}
