"""Networks as text: what stands where, that every flow is there, and that nothing gets out of its lines."""

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
from archgen.drawing.ascii import WIDTH, render
from archgen.errors import ArchgenError
from archgen.options import Expand, Options
from archgen.table import columns
from archgen.wording import UNPRINTABLE
from tests import graphs
from tests.graphs import Sketch
from tests.test_hostile import TEXTS

SPECS = Path(__file__).parent.parent / "specs"
OPENED, CLOSED = r"(\|  )*\+- \w", r"(\|  )*\+-[ |]*$"
"""The first and the last line of a frame."""

NAMES = sorted(path.stem for path in SPECS.glob("*.json") if "schema" not in path.name)


def text(graph: MultiDiGraph[str], **options: Any) -> str:
    return render(graph, Options(**options)).decode()


def spec(name: str) -> MultiDiGraph[str]:
    return archgen.expand(archgen.load(SPECS / f"{name}.json"))


def test_a_chain() -> None:
    assert text(graphs.mlp()) == dedent("""\
        Iris classifier
        4,675 parameters

        Input measurements
          | 4
        Dense: 64, relu; 320 parameters
          | 64
        Dense: 64, relu; 4,160 parameters
          | 64
        Dense probabilities: 3, softmax; 195 parameters
          | 3
        output
        """)


def test_a_repeated_block_with_a_skip_connection() -> None:
    assert text(spec("resnet")) == dedent("""\
        Residual network for CIFAR-10
        880,266 parameters

        Input image
          | 32x32x3
        Conv2D stem: 3x3, 64 filters, relu, same; 1,792 parameters
          | 32x32x64 ------------------------------------------.
        +- stage x3: residual_block                            |
        |  Conv2D: 3x3, 64 filters, same; 36,928 parameters    |
        |    | 32x32x64                                        |
        |  BatchNormalization: 256 parameters                  |
        |    | 32x32x64                                        |
        |  ReLU                                                |
        |    | 32x32x64                                        |
        |  Conv2D: 3x3, 64 filters, same; 36,928 parameters    |
        |    | 32x32x64                                        |
        |  BatchNormalization residual: 256 parameters         |
        |    | 32x32x64                                        |
        |  Add <-----------------------------------------------'
        |    | 32x32x64
        |  ReLU
        |    | 32x32x64
        +-
        Flatten
          | 65536
        Dense probabilities: 10, softmax; 655,370 parameters
          | 10
        output
        """)


def test_several_inputs_and_outputs() -> None:
    assert text(graphs.autoencoder()) == dedent("""\
        autoencoder
        214,064 parameters

        Input left
          '- 784 -----------------------------------------.
                                                          |
        Input right                                       |
          '- 784 -----------------------------------------|-.
                                                          | |
        +- encoder                                        | |
        |  Dense wide: 128; 100,480 parameters <----------' |
        |    | 128                                          |
        |  Dense code: 32; 4,128 parameters                 |
        |    '- 32 -----------------------------------------|-.
        |                                                   | |
        +-                                                  | |
        +- encoder@2: encoder, shared with encoder          | |
        |  Dense wide: 128; shared with encoder/wide <------' |
        |    | 128                                            |
        |  Dense code: 32; shared with encoder/code           |
        |    | 32                                             |
        +-                                                    |
        Concatenate <-----------------------------------------+
          | 64                                                |
        +- decoder                                            |
        |  Dense: 128, relu; 8,320 parameters                 |
        |    | 128                                            |
        |  Dense: 784, sigmoid; 101,136 parameters            |
        |    '- 784 --------------------------------------.   |
        |                                                 |   |
        +-                                                |   |
        output code <-------------------------------------|---'
                                                          |
        output image <------------------------------------'
        """)


def test_which_output_goes_where() -> None:
    sketch = Sketch("attention")
    sketch.add("Input", id="query", shape=(9, 4))
    sketch.add("Input", id="memory", shape=(7, 4))
    sketch.add("GRU", "memory", id="gru", units=4, return_sequences=True, return_state=True)
    read = sketch.add("MultiHeadAttention", "query", ("gru", 0), num_heads=2, key_dim=2)
    assert text(sketch.ends(read, ("gru", 1), names=["read", "state"])) == dedent("""\
        attention
        200 parameters

        Input query
          '- 9x4 -------------------------------------------------------.
                                                                        |
        Input memory                                                    |
          | 7x4                                                         |
        GRU gru: 4, return sequences, return state; 120 parameters      |
          '- 4 (output 1) --------------------------------------------. |
          | 7x4 (output 0, value)                                     | |
        MultiHeadAttention: 2 heads of 2; 80 parameters <- query -----|-'
          | 9x4                                                       |
        output read                                                   |
                                                                      |
        output state <------------------------------------------------'
        """)


def dense_net(layers: int) -> MultiDiGraph[str]:
    """Each layer reads all before it."""
    sketch = Sketch("dense")
    made = [sketch.add("Input", id="n0", shape=(4,)), sketch.add("Dense", "n0", id="n1", units=4)]
    for number in range(2, layers):
        made.append(sketch.add("Add", *made, id=f"n{number}"))
    return sketch.ends(made[-1])


def test_what_has_no_lane_is_told_in_words() -> None:
    drawn = text(dense_net(40))
    assert "reads n0" in drawn
    assert max(columns(line) for line in drawn.splitlines()) <= WIDTH
    few = text(dense_net(8))
    assert "reads" not in few and few.count("<") == sum(range(1, 7)) - 0


@pytest.mark.parametrize("expand", [0, 1, "all"])
@pytest.mark.parametrize("name", NAMES)
def test_every_flow_is_there(name: str, expand: Expand) -> None:
    """Each node is a line, and each link one to the next line or by way of a lane; all lines keep to the width."""
    from archgen.outline import outline

    graph = spec(name)
    shown = outline(graph, expand=expand)
    lines = text(graph, expand=expand).splitlines()
    assert all(columns(line) <= WIDTH and line == line.rstrip() for line in lines)
    assert all(line.isascii() for line in lines)
    order = [node.key for node in shown.nodes] + [f"output {number}" for number in range(len(shown.outputs))]
    place = {key: number for number, key in enumerate(order)}
    links = {(link.tail, link.output, link.head) for link in shown.links}
    links |= {(key, index, f"output {number}") for number, (key, index) in enumerate(shown.outputs)}
    beside = {(tail, output, head) for tail, output, head in links if place[head] != place[tail] + 1}
    assert sum("<" in line for line in lines) == len(beside)
    assert sum(bool(re.search(r"-\.(?= |$)", line)) for line in lines) == len({each[:2] for each in beside})
    assert sum(line.startswith("output") for line in lines) == len(shown.outputs)
    opened, closed = (sum(bool(re.match(form, line)) for line in lines) for form in (OPENED, CLOSED))
    assert opened == closed == len([group for group in shown.groups if group.only_node is None])


def test_lanes_lead_to_what_reads_them() -> None:
    """Following each lane from its dot down ends at an arrow."""
    for name in NAMES:
        lines = text(spec(name), expand="all").splitlines()
        for number, line in enumerate(lines):
            start = re.search(r"-\.(?= |$)", line)
            if start is None:
                continue
            column = start.end() - 1
            below = number + 1
            while lines[below][column] in "|+":
                below += 1
            assert lines[below][column] == "'" and "<" in lines[below], name


@pytest.mark.parametrize("given", [*TEXTS, "木" * 100, "e\u0301" * 90, "w" * 500, "\u202e\u2066 rtl", "a\nb\tc"])
def test_hostile_strings(given: str) -> None:
    sketch = Sketch("net", title=given)
    sketch.add("Input", id=given, shape=(4, 4, 3), key="x")
    with sketch.frame("block", given, label=given, arguments={given: given}):
        sketch.add("Conv2D", "x", id=given, key="y", filters=3, kernel_size=1)
        sketch.add("Add", "y", "x", id=given, key="z")
    drawn = text(sketch.ends("z", "y", names=[given, given]))
    assert not UNPRINTABLE.search(drawn.replace("\n", ""))
    assert all(columns(line) <= WIDTH for line in drawn.splitlines())
    assert sum("<" in line.replace(given, "") for line in drawn.splitlines()) >= 2
    assert "\r" not in drawn and "\t" not in drawn


def test_options_of_pictures_are_refused() -> None:
    with pytest.raises(ArchgenError) as caught:
        render(graphs.mlp(), Options(theme="dark"))
    assert caught.value.message == 'ascii has no option "theme"'


def test_the_same_whatever_the_hash_seed() -> None:
    code = (
        "import sys, archgen; from archgen.drawing.ascii import render;"
        "sys.stdout.buffer.write(render(archgen.expand(archgen.load(sys.argv[1]))))"
    )
    command = [sys.executable, "-c", code, str(SPECS / "resnet50.json")]
    seeds = [{**os.environ, "PYTHONHASHSEED": seed} for seed in ("1", "2")]
    made = {subprocess.run(command, capture_output=True, check=True, env=env).stdout for env in seeds}
    assert made == {render(spec("resnet50"))}


def test_large_graphs() -> None:
    layers = [{"op": "Dense", "units": 4 + number % 9} for number in range(2000)]
    graph = archgen.expand(archgen.loads(json.dumps({"name": "n", "nodes": [{"op": "Input", "shape": [4]}, *layers]})))
    assert text(graph, expand="all").count("Dense") == 2000
