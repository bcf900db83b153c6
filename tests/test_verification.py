"""The comparison of a graph with what Keras built: every kind of difference is told, and the process around it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from archgen.checking import Checked, check
from archgen.codegen import generate
from archgen.process import Ending
from archgen.source import parse
from archgen.verification import Report, compare, verify
from tests.agreement import Builder, Written, describe, write

SPEC: dict[str, Any] = {
    "name": "net",
    "models": {
        "encoder": {
            "nodes": [
                {"id": "code", "op": "Input", "shape": [3, 4]},
                {"id": "gru", "op": "GRU", "units": 4, "return_state": True},
                {"op": "Dense", "units": 4, "trainable": False},
            ],
            "outputs": {"z": "gru", "a": "dense"},
        }
    },
    "nodes": [
        {"id": "left", "op": "Input", "shape": [3, 4]},
        {"id": "right", "op": "Input", "shape": [3, 4]},
        {"id": "one", "op": "encoder", "from": "left"},
        {"id": "two", "op": "encoder", "from": "right"},
        {"id": "norm", "op": "BatchNormalization", "from": "one"},
        {"id": "again", "op": "norm", "from": "two[1]"},
        {"id": "gap", "op": "Subtract", "from": ["norm", "again"]},
        {"id": "end", "op": "ops.relu"},
    ],
    "outputs": ["end", "gap"],
}
SPEC["models"]["encoder"]["nodes"][2]["id"] = "dense"


@pytest.fixture(scope="module")
def written() -> Written:
    return write(SPEC)


@pytest.fixture(scope="module")
def built(written: Written) -> Iterator[dict[str, Any]]:
    """What the probe says of the model, built by Keras."""
    with Builder("numpy") as builder:
        yield describe(written, builder)["models"]["build_model"]


def test_what_is_alike(written: Written, built: dict[str, Any]) -> None:
    report = Report("net", "<spec>", 0, 0)
    (expected,) = written.builders.values()
    assert compare(expected, built, report) == []
    assert (report.layers, report.weights) == (9, 9)


def layer(built: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in built["layers"] if each["name"] == name)


def inner(built: dict[str, Any]) -> dict[str, Any]:
    model: dict[str, Any] = layer(built, "encoder")["model"]
    return model


def reverse_reads(built: dict[str, Any]) -> None:
    layer(built, "gap")["calls"][0]["reads"].reverse()


def rename(built: dict[str, Any]) -> None:
    layer(built, "norm")["name"] = "other"


def call_once(built: dict[str, Any]) -> None:
    layer(built, "norm")["calls"].pop()


def other_output(built: dict[str, Any]) -> None:
    built["gives"].reverse()


def other_entry(built: dict[str, Any]) -> None:
    layer(built, "encoder")["calls"][1]["reads"][0][0] = "left"


def no_model(built: dict[str, Any]) -> None:
    layer(built, "encoder")["model"] = None


def put(*path: str | int, value: Any, of: Callable[[dict[str, Any]], Any] = lambda built: built) -> Any:
    """A change: what stands at a path becomes ``value``."""

    def change(built: dict[str, Any]) -> None:
        place = of(built)
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


def at(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda built: layer(built, name)


def inside(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda built: layer(inner(built), name)


FLOAT = {"shape": [None, 3], "dtype": "float32"}
CHANGES: dict[str, tuple[Any, list[str]]] = {
    "name": (put("name", value="other"), ["net: name: the graph has net, Keras built other"]),
    "class": (put("class", value="Sequential"), ["net: class: the graph has Functional, Keras built Sequential"]),
    "inputs": (
        put("inputs", value=["right", "left"]),
        ["net: inputs: the graph has ['left', 'right'], Keras built ['right', 'left']"],
    ),
    "shape of an output": (
        put("outputs", 0, value=FLOAT),
        [
            "net: outputs: the graph has ['(None, 4) float32', '(None, 4) float32'], "
            "Keras built ['(None, 3) float32', '(None, 4) float32']"
        ],
    ),
    "names of the outputs": (
        put("output_names", value=["a", "b"]),
        ["net: output names: the graph has None, Keras built ['a', 'b']"],
    ),
    "parameters": (put("parameters", value=1), ["net: parameters: the graph has 156, Keras built 1"]),
    "trainable parameters": (
        put("trainable", value=1),
        ["net: trainable parameters: the graph has 128, Keras built 1"],
    ),
    "a layer's name": (
        rename,
        [
            "net: layers: the graph has ['encoder', 'gap', 'left', 'norm', 'relu', 'right'], "
            "Keras built ['encoder', 'gap', 'left', 'other', 'relu', 'right']"
        ],
    ),
    "a layer's class": (
        put("class", value="Add", of=at("gap")),
        ["net/gap: class: the graph has Subtract, Keras built Add"],
    ),
    "a call's output": (
        put("calls", 1, "outputs", 0, "dtype", value="float16", of=at("norm")),
        ["net/norm: call 2 outputs: the graph has ['(None, 4) float32'], Keras built ['(None, 4) float16']"],
    ),
    "the order of what is read": (
        reverse_reads,
        [
            "net/gap: reads: the graph has [['norm', 0, 0], ['norm', 1, 0]], "
            "Keras built [['norm', 1, 0], ['norm', 0, 0]]"
        ],
    ),
    "the number of calls": (call_once, ["net/norm: the graph has 2 calls of it, Keras built 1"]),
    "where outputs come from": (
        other_output,
        [
            "net: outputs come from: the graph has [['relu', 0, 0], ['gap', 0, 0]], "
            "Keras built [['gap', 0, 0], ['relu', 0, 0]]"
        ],
    ),
    "what a model is given": (
        other_entry,
        ["net/encoder: call 2 reads: the graph has [['right', 0, 0]], Keras built [['left', 0, 0]]"],
    ),
    "a layer in place of a model": (no_model, ["net/encoder: the graph has a model, Keras built a Functional"]),
    "a weight's shape, in a model": (
        put("weights", 0, "shape", value=[4, 5], of=inside("dense")),
        [
            "net/encoder/dense: weights: the graph has ['kernel (4, 4) float32 frozen', 'bias (4,) float32 frozen'], "
            "Keras built ['kernel (4, 5) float32 frozen', 'bias (4,) float32 frozen']"
        ],
    ),
    "a weight that is trained": (
        put("weights", 1, "trainable", value=True, of=inside("dense")),
        [
            "net/encoder/dense: weights: the graph has ['kernel (4, 4) float32 frozen', 'bias (4,) float32 frozen'], "
            "Keras built ['kernel (4, 4) float32 frozen', 'bias (4,) float32']"
        ],
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_is_not(case: str, written: Written, built: dict[str, Any]) -> None:
    change, expected = CHANGES[case]
    changed = copy.deepcopy(built)
    change(changed)
    (graph,) = written.builders.values()
    assert compare(graph, changed, Report("net", "<spec>", 0, 0)) == expected


def checked(spec: dict[str, Any]) -> Checked:
    return check(parse(json.dumps(spec)))


def script_of(spec: Checked) -> str:
    assert spec.graph is not None
    return generate(spec.program, spec.graph, spec.plan)


@pytest.fixture
def numpy_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Building, saving and loading need no TensorFlow."""
    monkeypatch.setenv("KERAS_BACKEND", "numpy")
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")


TRAINED: dict[str, Any] = {
    "name": "net",
    "nodes": [{"op": "Input", "shape": [4]}, {"op": "Dense", "units": 3, "activation": "softmax"}],
    "train": {
        "data": "iris",
        "optimizer": {"op": "Adam"},
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
    },
}


def test_a_script_that_agrees_is_trained_saved_and_loaded() -> None:
    report = verify(checked(TRAINED))
    assert report.agrees, report
    assert (report.parameters, report.trainable, report.layers, report.weights) == (15, 15, 2, 2)
    assert report.steps["train"]["loss"] > 0
    assert report.steps["reload"] == {"": 0.0}
    assert report.as_json()["agrees"] is True


@pytest.mark.usefixtures("numpy_backend")
def test_a_script_that_differs_is_told_apart() -> None:
    spec = checked(SPEC)
    report = verify(spec, script=script_of(spec).replace("layers.Subtract", "layers.Maximum"))
    assert not report.agrees
    assert [line.split(":")[0] for line in report.differences] == ["net/gap"]
    assert report.error is None


@pytest.mark.usefixtures("numpy_backend")
@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("import keras\n", "import keras\n1 / 0\n", "step 'import' failed: ZeroDivisionError: division by zero"),
        ("    left = keras", "    raise ValueError('no')\n    left = keras", "step 'build' failed: ValueError: no"),
        ("    left = keras", "    import os\n    os._exit(3)\n    left = keras", "ended with exit status 3"),
    ],
)
def test_a_script_that_fails(old: str, new: str, error: str) -> None:
    spec = checked(SPEC)
    report = verify(spec, script=script_of(spec).replace(old, new, 1))
    assert not report.agrees
    assert error in str(report.error)


@pytest.mark.usefixtures("numpy_backend")
def test_a_script_without_end_is_stopped() -> None:
    spec = checked(SPEC)
    script = script_of(spec).replace("    left = keras", "    while True:\n        pass\n    left = keras", 1)
    report = verify(spec, script=script, timeout=3)
    assert not report.agrees
    assert "its time limit" in str(report.error)


def test_a_loss_that_is_no_number_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the probe answers is judged whoever answers."""
    spec = checked(TRAINED)

    def answer(arguments: list[str], **more: Any) -> Ending:
        error = {"step": "train", "message": "ArithmeticError: a loss is not finite", "traceback": "..."}
        with open(arguments[-1], "w", encoding="utf-8") as file:
            json.dump({"models": {}, "steps": {"train": {"loss": None}, "reload": {"": 0.5}}, "error": error}, file)
        return Ending(0, 0.1)

    monkeypatch.setattr("archgen.verification.run_python", answer)
    report = verify(spec)
    assert report.error == "step 'train' failed: ArithmeticError: a loss is not finite"
    assert report.differences == ["net: predictions differ by 0.5 after a save and a reload"]
