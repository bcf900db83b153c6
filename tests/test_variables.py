"""Which variable holds what: the author's id where something later needs the value, a running variable otherwise."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archgen.loader import load_source
from archgen.program import Part, Program
from archgen.source import parse
from archgen.structure import Structure
from archgen.variables import RUNNING, allocate, function_names, runs_of, shapes_read, uses_of

INPUT = {"id": "image", "op": "Input", "shape": [4]}
FLAG = {"params": {"flag": True}}


def load(spec: dict[str, Any]) -> Program:
    program = load_source(parse(json.dumps(spec)))
    assert not program.problems, program.problems
    return program


def dense(id: str | None = None, **more: Any) -> dict[str, Any]:
    return ({"id": id} if id else {}) | {"op": "Dense", "units": 4} | more


def add(*sources: str, **more: Any) -> dict[str, Any]:
    return {"op": "Add", "from": list(sources)} | more


def block(*nodes: dict[str, Any], inputs: tuple[str, ...] = ("x",), **more: Any) -> Part:
    """A block of these nodes."""
    definition = {"inputs": list(inputs), "nodes": list(nodes), **more}
    return load({"name": "net", "blocks": {"b": definition}, "nodes": [INPUT, dense()]}).blocks["b"]


def graph(*nodes: dict[str, Any]) -> Part:
    """A main graph of these nodes."""
    main = load({"name": "net", "nodes": list(nodes)}).main
    assert main is not None
    return main


NODES: dict[str, tuple[Part, list[str]]] = {
    "a block runs in its input's variable": (block(dense(), dense(), dense()), ["x", "x", "x"]),
    "a part runs in x": (graph(INPUT, dense(), dense(), dense()), ["image", "x", "x", "outputs"]),
    "the end bears its id": (graph(INPUT, dense(), dense("code")), ["image", "x", "code"]),
    "a loop at the end runs on": (graph(INPUT, dense(), dense(repeat=2)), ["image", "x", "x"]),
    "several Inputs without ids": (
        graph({"op": "Input", "shape": [4]}, dense("a"), {"op": "Input", "shape": [4]}, dense("b"), add("a", "b")),
        ["input_1", "a", "input_2", "x", "outputs"],
    ),
    "an input that is needed late keeps its variable": (
        block(dense(), dense("last"), add("last", "x")),
        ["y", "y", "y"],
    ),
    "an input whose shape is asked for keeps its variable": (
        block(dense(), dense(units="$x.shape[-1]"), dense()),
        ["y", "y", "y"],
    ),
    "a value that is needed late bears its id": (
        block(dense("stem"), dense("deep"), add("stem", "deep")),
        ["stem", "x", "x"],
    ),
    "two values that are alive at once": (
        block(dense("a"), dense("b", **{"from": "x"}), add("a", "b")),
        ["a", "x", "x"],
    ),
    "nodes under one condition are one run": (
        block(dense(when="flag"), dense("end", when="flag"), add("end", "x"), **FLAG),
        ["y", "y", "y"],
    ),
    "nodes under two conditions are two": (
        block(dense(when="flag"), dense("end", when="not flag"), **FLAG),
        ["x", "x"],
    ),
    "a run whose middle something else reads is none": (
        block(dense("mid", when="flag"), dense("end", when="flag"), add("end", "mid"), **FLAG),
        ["mid", "x", "x"],
    ),
    "under a condition nothing hides what is read there": (
        block(add("y", "x", when="flag"), inputs=("x", "y"), **FLAG),
        ["y"],
    ),
    "nor the input whose shape the condition asks for": (
        block(dense("a", **{"from": "y"}), dense(when="x.shape[-1] > 2"), inputs=("x", "y")),
        ["y", "y"],
    ),
    "a loop reads its other inputs in every turn": (
        block(add("x", "y", repeat=2), dense(), inputs=("x", "y")),
        ["x", "x"],
    ),
    "a loop that asks for a shape leaves that input alone": (
        block(dense(units="$x.shape[-1]", repeat=2), dense()),
        ["y", "y"],
    ),
    "ids that Python or the script knows get a line": (
        block(dense("input"), dense("layers"), dense("lambda_"), add("input", "layers", "lambda_")),
        ["input_", "layers_", "x", "x"],
    ),
    "numbered ones when all are taken": (
        block(
            *(dense(name, **{"from": "x"}) for name in RUNNING[1:]),
            dense("a", **{"from": "x"}),
            dense("b", **{"from": "a"}),
            add("x", "b", *RUNNING[1:]),
        ),
        [*RUNNING[1:], "x1", "x1", "x"],
    ),
}


@pytest.mark.parametrize("case", NODES)
def test_nodes(case: str) -> None:
    part, expected = NODES[case]
    assert allocate(part, (), (), frozenset()).nodes == expected


RUNS: dict[str, tuple[Part, dict[int, int]]] = {
    "none": (block(dense(), dense()), {0: 1, 1: 2}),
    "one": (block(dense(), dense(when="flag"), dense(when="flag"), dense(), **FLAG), {0: 1, 1: 3, 3: 4}),
    "the same with a dollar": (block(dense(when="flag"), dense(when="$flag"), **FLAG), {0: 2}),
    "broken by another reader": (
        block(dense("a", when="flag"), dense("b", when="flag"), add("a", "b"), **FLAG),
        {0: 1, 1: 2, 2: 3},
    ),
    "broken by two inputs": (block(dense("a", when="flag"), add("a", "x", when="flag"), **FLAG), {0: 1, 1: 2}),
}


@pytest.mark.parametrize("case", RUNS)
def test_runs(case: str) -> None:
    part, expected = RUNS[case]
    assert runs_of(part, uses_of(part)) == expected


def test_uses() -> None:
    part = block(dense("a"), dense("b", units="$x.shape[-1]"), add("a", "x", id="c"), outputs=["b", "c"])
    assert uses_of(part) == {"x": [0, 1, 2], 0: [1, 2], 1: [3], 2: [3]}
    assert [shapes_read(call) for call in part.nodes] == [[], ["x"], []]


def test_parameters_inputs_and_models() -> None:
    """Everything in a function has a name of its own: its own parameters, the file's, its inputs, its models."""
    program = load(
        {
            "name": "net",
            "params": {"width": 2, "rate": 0.5},
            "blocks": {
                "inner": {"nodes": [dense(units="$width"), {"op": "Dropout", "rate": "$rate"}]},
                "outer": {
                    "params": {"width": 3, "name": 1},
                    "inputs": ["x", "tower"],
                    "nodes": [
                        dense(units="$width * name"),
                        {"op": "inner"},
                        {"id": "last", "op": "tower"},
                        add("tower", "last"),
                    ],
                },
            },
            "models": {"tower": {"nodes": [INPUT, dense()]}},
            "nodes": [INPUT, {"op": "outer", "from": ["image", "image"]}],
        }
    )
    part = program.blocks["outer"]
    variables = allocate(part, Structure(program).captures(part), part.models, frozenset({"inner"}))
    assert variables.inputs == {"x": "x", "tower": "tower"}
    assert variables.params == {"width": "width", "name": "name_"}
    assert variables.captures == {"width": "width_", "rate": "rate"}
    assert variables.models == {"tower": "tower_"}
    assert variables.free("index", "width", "width", "filters") == ["index", "width__", "width___", "filters"]


def test_layers_that_are_called_again() -> None:
    part = graph(INPUT, dense("a"), {"id": "b", "op": "a"}, {"op": "a", "from": "image", "id": "c"}, add("b", "c"))
    variables = allocate(part, (), (), frozenset())
    assert variables.layers == {1: "a_layer"}
    assert variables.nodes == ["image", "x", "b", "x", "outputs"]


FUNCTIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...], dict[str, str]]] = {
    "as they are": (("stage",), ("encoder",), {"encoder": "build_encoder", "stage": "stage"}),
    "builtins, modules, what the script defines": (
        ("print", "keras", "train", "main"),
        (),
        {"print": "print_", "keras": "keras_", "train": "train_", "main": "main_"},
    ),
    "the main graph's": (("build_model",), ("model",), {"model": "build_model_", "build_model": "build_model__"}),
    "a model's": (("build_tower",), ("tower",), {"tower": "build_tower", "build_tower": "build_tower_"}),
    "one that can keep its name keeps it": (("print", "print_"), (), {"print": "print__", "print_": "print_"}),
}


@pytest.mark.parametrize("case", FUNCTIONS)
def test_function_names(case: str) -> None:
    blocks, models, expected = FUNCTIONS[case]
    program = load(
        {
            "name": "net",
            "blocks": {name: {"nodes": [dense()]} for name in blocks},
            "models": {name: {"nodes": [INPUT, dense()]} for name in models},
            "nodes": [INPUT, dense()],
        }
    )
    assert function_names(program) == expected
