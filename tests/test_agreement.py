"""The two forms of an architecture agree: what the generated code builds with Keras is the graph, layer for layer.

Random specs over the whole language are written, built and compared: names, classes, what each call reads and gives,
weights by their path, arguments, totals. ``tests/functions/`` keeps what was once found this way, as named cases.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, find, given, settings
from hypothesis.errors import UnsatisfiedAssumption

from archgen.checking import check
from archgen.errors import SpecError
from archgen.graph import GraphInfo, GraphNode
from archgen.program import Call, Program
from archgen.size import check_size
from archgen.source import parse
from archgen.verification import verify
from tests.agreement import Builder, Written, differences, write
from tests.strategies import specs

SPECS = 200
LARGEST = 100_000
"""Parameters that a spec which is built may have: some random ones grow with every turn of a repetition."""

DRAWN = settings(
    max_examples=SPECS,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)

ONCE = settings(DRAWN, phases=[Phase.generate])
"""Whatever is found first, without looking for a smaller one."""


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    with Builder("numpy") as oracle:
        yield oracle


def write_drawn(spec: dict[str, Any]) -> Written:
    """Both forms of a random spec, which archgen must accept, but for the one thing that a draw cannot foresee."""
    try:
        written = write(spec)
    except SpecError as error:
        assume({problem.code for problem in error.problems} != {"passed-on"})
        raise
    assume(sum(node.parameters for node in nodes_of(written)) <= LARGEST)
    return written


def nodes_of(written: Written) -> list[GraphNode]:
    return [data["node"] for _, data in written.graph.nodes(data=True)]


def test_random_specs_agree(builder: Builder) -> None:
    counted: Counter[str] = Counter()

    @DRAWN
    @given(specs())
    def agree(spec: dict[str, Any]) -> None:
        written = write_drawn(spec)
        assert differences(written, builder) == [], written.text
        counted.update(features(spec))
        counted["specs"] += 1

    agree()
    assert counted["specs"] >= SPECS * 0.9
    rare = {feature: counted[feature] for feature in FEATURES if counted[feature] < 3}
    assert not rare, "the random specs no longer cover the language"


FEATURES = (
    "again",
    "block",
    "call",
    "from: dict",
    "from: list",
    "from: none",
    "from: str",
    "gan",
    "layer",
    "model",
    "op",
    "output k",
    "outputs: dict",
    "outputs: list",
    "outputs: none",
    "outputs: str",
    "repeat: dict",
    "repeat: int",
    "repeat: str",
    "shared model",
    "when",
    "when: repeat",
    "wrapped layer",
)


def features(spec: dict[str, Any]) -> set[str]:
    """What of the language a spec uses."""
    found: set[str] = {"gan"} if "nodes" not in spec else set()
    blocks, models = spec.get("blocks", {}), spec.get("models", {})
    parts = [*blocks.values(), *models.values(), *([spec] if "nodes" in spec else [])]
    callers = Counter(name for part in parts for name in {node["op"] for node in part["nodes"]} & set(models))
    found |= {"shared model"} if any(count > 1 for count in callers.values()) else set()
    for part in parts:
        found.add(f"outputs: {kind(part.get('outputs'))}")
        for node in part["nodes"]:
            op = node["op"]
            found.add("block" if op in blocks else "model" if op in models else "layer" if op[0].isupper() else "again")
            found |= {"op"} if op.startswith("ops.") else set()
            found |= {"wrapped layer"} if "layer" in node else set()
            found |= {word for word in ("when", "call") if word in node}
            found |= {"when: repeat"} if {"when", "repeat"} <= set(node) else set()
            found |= {f"{word}: {kind(node.get(word))}" for word in ("repeat", "from")}
            found |= {"output k"} if "[1]" in json.dumps(node.get("from")) else set()
    return found


def kind(value: Any) -> str:
    return "none" if value is None else type(value).__name__


@DRAWN
@given(specs())
def test_the_graph_is_the_tree_unrolled(spec: dict[str, Any]) -> None:
    """Every node of the graph comes from a node of the tree, through the uses and turns that its frames tell."""
    written = write_drawn(spec)
    info: GraphInfo = written.graph.graph["info"]
    calls = calls_by_path(written.program)
    for node in nodes_of(written):
        call = calls[node.path]
        assert node.op == (
            call.op if call.kind != "again" else part_of(written.program, call).nodes[call.target or 0].op
        )
        assert node.id == call.id
        inside = [info.frames[index] for index in around(info, node.frame)]
        part = node.path.split("nodes[")[0]
        owners = [frame for frame in inside if frame.kind != "layer"]
        assert part == (f"{owners[0].kind}s.{owners[0].name}." if owners else "")
        assert node.scope == tuple(frame.name for frame in reversed(inside) if frame.kind == "model")
        assert node.inputs == tuple(tensor for _, tensor in reads(written, node.key))
    for frame in info.frames:
        assert 1 <= frame.turn <= frame.turns
    if written.program.main:
        assert check_size(written.program, len(written.graph) - 1) is not None, "reckoned lower than it is"


def calls_by_path(program: Program) -> dict[str, Call]:
    from archgen.source import show_path

    parts = [*program.blocks.values(), *program.models.values(), *([program.main] if program.main else [])]
    return {show_path(call.path): call for part in parts for call in part.nodes}


def part_of(program: Program, call: Call) -> Any:
    if call.path[0] == "nodes":
        return program.main
    return (program.blocks if call.path[0] == "blocks" else program.models)[str(call.path[1])]


def around(info: GraphInfo, frame: int | None) -> Iterator[int]:
    """The frames around a node, innermost first."""
    while frame is not None:
        yield frame
        frame = info.frames[frame].parent


def reads(written: Written, key: str) -> list[tuple[int, Any]]:
    """What a node reads, in order."""
    return sorted(
        ((data["position"], data["tensor"]) for *_, data in written.graph.in_edges(key, data=True)),
        key=lambda pair: pair[0],
    )


WHOLE = {
    "blocks and models": lambda spec: {"blocks", "models"} <= set(spec) and len(spec["nodes"]) > 6,
    "repeat over lists": lambda spec: {"repeat: dict", "block", "when"} <= features(spec),
    "several outputs": lambda spec: {"outputs: dict", "output k"} <= features(spec)
    and isinstance(spec["outputs"], dict),
}


@pytest.mark.parametrize("want", WHOLE)
def test_random_specs_on_tensorflow(want: str) -> None:
    """A few all the way: ``archgen verify`` on TensorFlow builds a whole script, saves its model and loads it again."""

    def wanted(spec: dict[str, Any]) -> bool:
        return "nodes" in spec and "outputs" in spec and WHOLE[want](spec) and sound(spec)

    spec = find(specs(), wanted, settings=settings(ONCE, max_examples=2000))
    report = verify(check(parse(json.dumps(spec))), timeout=300)
    assert report.agrees, (report.differences, report.error, report.traceback, spec)


def sound(spec: dict[str, Any]) -> bool:
    try:
        write_drawn(spec)
    except (SpecError, UnsatisfiedAssumption):
        return False
    return True


def test_text_does_not_depend_on_hashes(tmp_path: Path) -> None:
    """The same bytes whatever the order of sets is in a process."""
    drawn: list[str] = []

    @settings(DRAWN, max_examples=40)
    @given(specs())
    def draw(spec: dict[str, Any]) -> None:
        drawn.append(json.dumps(spec))

    draw()
    path = tmp_path / "specs.json"
    path.write_text(json.dumps(drawn), "utf-8")
    program = (
        "import json, sys\n"
        "from archgen.errors import SpecError\n"
        "from tests.agreement import write\n"
        "for spec in json.load(open(sys.argv[1])):\n"
        "    try:\n"
        "        written = write(spec)\n"
        "        print(written.text)\n"
        "        for _, data in written.graph.nodes(data=True):\n"
        "            node = data['node']\n"
        "            print(node.key, node.inputs, node.outputs, node.weights, node.frame, node.trail, node.path)\n"
        "    except SpecError as error:\n"
        "        print(error)\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(path)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000


def test_the_same_specs_are_drawn_in_every_run() -> None:
    first, second = (find(specs(), lambda spec: "models" in spec, settings=ONCE) for _ in range(2))
    assert first == second


SLIPS = {
    "another activation": ('activation="softmax"', 'activation="sigmoid"'),
    "another argument": ("layers.ReLU()", "layers.ReLU(negative_slope=0.5)"),
    "another name": ("_shortcut", "_cut"),
    "another model's name": ('name="resnet"', 'name="net"'),
    "another tensor": ("[x, shortcut]", "[x, x]"),
    "another order": ("[x, shortcut]", "[shortcut, x]"),
    "another condition": ("strides > 1 or", "strides > 2 and"),
    "a turn less": ("(64, 64, 128), (1, 1, 2)", "(64, 64), (1, 1)"),
    "a layer less": ("    x = layers.BatchNormalization()(x)\n", ""),
    "a layer more": ("    return layers.ReLU()(x)", "    return layers.ReLU()(layers.ReLU()(x))"),
    "another output": ("keras.Model(image, probabilities", "keras.Model(image, x"),
    "no such layer": ("layers.GlobalAveragePooling2D", "layers.NoSuchLayer"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_the_code_is_found(slip: str, builder: Builder) -> None:
    """The harness itself: code that is a word away from the graph is told apart."""
    written = write((Path(__file__).parent / "functions" / "residual.json").read_text("utf-8"))
    old, new = SLIPS[slip]
    assert old in written.text
    written.text = written.text.replace(old, new)
    assert differences(written, builder)
