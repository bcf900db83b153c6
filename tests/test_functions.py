"""The functions that a spec becomes, as text: ``tests/functions/NAME.json`` and, expected, ``NAME.txt``.

``python -m tests.test_functions`` writes the expected texts anew.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archgen.codegen import CodegenError, count_calls, polish
from archgen.functions import Function
from tests.agreement import Builder, Written, differences, write

FOLDER = Path(__file__).parent / "functions"
CASES = sorted(path.stem for path in FOLDER.glob("*.json"))


def written(case: str) -> Written:
    return write((FOLDER / f"{case}.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    with Builder("numpy") as oracle:
        yield oracle


@pytest.mark.parametrize("case", CASES)
def test_text(case: str) -> None:
    assert written(case).text == (FOLDER / f"{case}.txt").read_text("utf-8")


@pytest.mark.parametrize("case", CASES)
def test_text_builds_the_graph(case: str, builder: Builder) -> None:
    assert differences(written(case), builder) == []


def test_texts_are_clean(tmp_path: Path) -> None:
    """ruff finds nothing in them with its default rules, and black leaves them as they are."""
    for case in CASES:
        (tmp_path / f"{case}.py").write_text(written(case).text, "utf-8")
    for tool in (["ruff", "check", "--isolated", "--no-cache"], ["black", "--check", "--quiet"]):
        result = subprocess.run(
            [sys.executable, "-m", *tool, str(tmp_path)], capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr


def chain(*nodes: dict[str, Any], shape: tuple[int, ...] = (4,), **more: Any) -> dict[str, Any]:
    return {"name": "net", **more, "nodes": [{"id": "a", "op": "Input", "shape": list(shape)}, *nodes]}


def body(spec: dict[str, Any], function: str = "build_model") -> list[str]:
    """The statements of a function, one string each."""
    tree = ast.parse(write(spec).text)
    found = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
    return [ast.unparse(statement) for statement in found.body]


DENSE = {"id": "b", "op": "Dense", "units": 3}
STATEMENTS: dict[str, tuple[dict[str, Any], str]] = {
    "an argument that equals its default is left out": (
        chain({"op": "Dense", "units": 3, "use_bias": True, "activation": None}, {"op": "ops.relu"}),
        "x = layers.Dense(3)(a)",
    ),
    "a default in another form is a default too": (
        chain({"op": "Reshape", "target_shape": [2, 2]}, {"op": "MaxPooling1D", "pool_size": [2]}, {"op": "ops.abs"}),
        "x = layers.MaxPooling1D()(x)",
    ),
    "what comes after a gap is passed by name": (
        chain({"op": "Dense", "units": 3, "use_bias": False}, {"op": "ops.relu"}),
        "x = layers.Dense(3, use_bias=False)(a)",
    ),
    "sizes are written as they are given": (
        chain(
            {"op": "Reshape", "target_shape": [2, 2, 1]},
            {"op": "Conv2D", "filters": 2, "kernel_size": [1, 1]},
            {"op": "ops.abs"},
        ),
        "x = layers.Conv2D(2, (1, 1))(x)",
    ),
    "an expression stays an expression": (
        chain({"op": "Dense", "units": "$n * 2"}, {"op": "ops.relu"}, params={"n": 2}),
        "x = layers.Dense(n * 2)(a)",
    ),
    "a range as an argument is a tuple": (
        chain({"op": "Reshape", "target_shape": "$range(2, 3)"}, {"op": "ops.relu"}, shape=(2,)),
        "x = layers.Reshape(tuple(range(2, 3)))(a)",
    ),
    "a layer that is called twice has a variable": (
        chain(DENSE, {"id": "c", "op": "Dense", "units": 4}, {"id": "d", "op": "b"}, {"op": "Add", "from": ["b", "d"]}),
        "b_layer = layers.Dense(3, name='b')",
    ),
    "a value that something later needs is in a variable of its id": (
        chain(DENSE, {"id": "c", "op": "ReLU"}, {"op": "Add", "from": ["b", "c"]}),
        "b = layers.Dense(3, name='b')(a)",
    ),
    "a value that only the next node needs is in x": (
        chain(DENSE, {"id": "c", "op": "ReLU"}, {"op": "Add", "from": ["b", "c"]}),
        "x = layers.ReLU(name='c')(b)",
    ),
}


@pytest.mark.parametrize("case", STATEMENTS)
def test_statements(case: str) -> None:
    spec, expected = STATEMENTS[case]
    assert expected in body(spec)


SPOILT = {
    "another function": "def build_model():\n    return 1\n\n\ndef other():\n    pass\n\n\nimport os\nos.remove('x')\n",
    "a call more": "def build_model():\n    return f(g())\n",
    "no such function": "def build():\n    return f()\n",
    "no Python": "def build_model(:\n",
}


@pytest.mark.parametrize("case", SPOILT)
def test_text_that_was_not_meant_is_refused(case: str) -> None:
    """The last look at a script: what no template writes never leaves the generator."""
    meant = Function("build_model", [], [{"kind": "return", "value": "f()"}])
    assert polish("def build_model():\n    return f()\n", [meant])
    with pytest.raises(CodegenError):
        polish(SPOILT[case], [meant])


def test_calls_are_counted_in_every_statement() -> None:
    function = Function(
        "f",
        ["x=g()"],
        [
            {"kind": "assign", "target": "y", "value": "h(g())"},
            {"kind": "for", "head": "i in range(3)", "body": [{"kind": "if", "test": "t(x)", "body": []}]},
            {"kind": "blank"},
            {"kind": "return", "value": "y"},
        ],
    )
    assert count_calls(function) == 5


def main() -> None:
    """Write the expected texts."""
    for case in CASES:
        (FOLDER / f"{case}.txt").write_text(written(case).text, "utf-8")


if __name__ == "__main__":
    main()
