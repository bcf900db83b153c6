"""All problems of a spec in one run: each once, each in its place, and never anything but problems."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archgen.checking import Checked, check
from archgen.errors import SpecError
from archgen.source import parse
from tests.mutants import mutant

IMAGE = {"id": "image", "op": "Input", "shape": [4]}


def checked(spec: Any, **options: Any) -> Checked:
    return check(parse(json.dumps(spec), "spec.json"), **options)


def told(text: str) -> list[str]:
    """Line, code and path of every problem."""
    return [f"{p.line} {p.code} {p.path}" for p in check(parse(text.lstrip("\n"), "spec.json")).problems]


def spec(*nodes: Any, **more: Any) -> dict[str, Any]:
    return {"name": "tiny", **more, "nodes": [IMAGE, *nodes]}


def dense(units: Any = 4, **more: Any) -> dict[str, Any]:
    return {"op": "Dense", "units": units, **more}


FIVE = """
{
  "name": "five",
  "titel": "Five mistakes of five kinds",
  "params": {"classes": 3},
  "blocks": {
    "residual": {
      "params": {"units": 8},
      "nodes": [
        {"id": "hidden", "op": "Dense", "units": "$units", "activation": "rleu"},
        {"op": "Add", "from": ["hidden", "x"]}
      ]
    },
    "plain": {
      "nodes": [
        {"id": "wide", "op": "Dense", "units": 8},
        {"op": "Add", "from": ["wide", "x"]}
      ]
    }
  },
  "nodes": [
    {"id": "features", "op": "Input", "shape": [4]},
    {"op": "plain", "repeat": 2},
    {"op": "residual", "unit": 4},
    {"id": "classes_of_iris", "op": "Dense", "units": "$clases", "activation": "softmax"}
  ],
  "train": {"data": "iris", "loss": "mse", "optimizer": {"op": "Adam", "learning_rate": "fast"}}
}
"""


def test_mistakes_of_every_kind_in_one_run() -> None:
    assert told(FIVE) == [
        "3 unknown-key titel",
        "9 bad-argument blocks.residual.nodes[0].activation",
        "16 shape-mismatch blocks.plain.nodes[1]",
        "23 unknown-argument nodes[2].unit",
        "24 unknown-name nodes[3].units",
        "26 bad-argument train.optimizer.learning_rate",
    ]


def test_and_every_hint_of_them_works() -> None:
    edits = {
        "titel": "title",
        "rleu": "relu",
        '"id": "wide", "op": "Dense", "units": 8': '"id": "wide", "op": "Dense", "units": 4',
        '"unit": 4': '"units": 4',
        "$clases": "$classes",
        '"learning_rate": "fast"': '"learning_rate": 0.01',
    }
    text, left = FIVE, len(edits)
    for wrong, right in edits.items():
        assert text.count(wrong) == 1
        text, left = text.replace(wrong, right), left - 1
        assert len(told(text)) == left


def test_data_and_loss_are_compared_with_the_graph_once_there_is_one() -> None:
    text = FIVE.replace("titel", "title").replace("$clases", "$classes").replace('"unit"', '"units"')
    text = text.replace("rleu", "relu").replace('"fast"', "0.01").replace('"iris"', '"wine"')
    assert told(text) == ["16 shape-mismatch blocks.plain.nodes[1]"]
    text = text.replace('"id": "wide", "op": "Dense", "units": 8', '"id": "wide", "op": "Dense", "units": 4')
    assert told(text) == ["26 data-mismatch train.data"]


def test_five_shapes_in_five_branches() -> None:
    """Branches that do not depend on each other are all walked; what stands below a failure is silent."""
    branches = [
        {"id": f"{name}_{index}", **node, "from": "image" if not index else f"{name}_{index - 1}"}
        for name, bad in {
            "a": {"op": "Conv2D", "filters": 2, "kernel_size": 3},
            "b": {"op": "LSTM", "units": 2},
            "c": {"op": "Reshape", "target_shape": [3]},
            "d": {"op": "Permute", "dims": [2, 1]},
            "e": {"op": "MaxPooling1D"},
        }.items()
        for index, node in enumerate([dense(), bad, {"op": "Conv3D", "filters": 2, "kernel_size": 99}, dense()])
    ]
    ends = [f"{name}_3" for name in "abcde"]
    problems = checked(spec(*branches, {"op": "Concatenate", "from": ends})).problems
    assert [problem.path.partition(".")[0] for problem in problems] == [
        f"nodes[{2 + 4 * branch}]" for branch in range(5)
    ]


def test_a_mistake_in_a_repeated_block_is_told_once_with_the_first_trail() -> None:
    block = {"params": {"units": 4}, "nodes": [{"id": "wide", **dense("$units")}, {"op": "Add", "from": ["wide", "x"]}]}
    given = spec(
        {"id": "stage", "op": "b", "repeat": {"units": [4, 4, 8, 16]}},
        {"id": "again", "op": "b", "units": 8, "from": "image"},
        {"id": "more", "op": "b", "units": 8, "from": "image"},
        outputs=["stage", "again", "more"],
        blocks={"b": block},
    )
    (problem,) = checked(given).problems
    assert problem.trail == ("used by nodes[1] 'stage'", "repetition 3 of 4 (units=8)")
    assert problem.details == (("wide", "(None, 8)"), ("x", "(None, 4)"))


def test_trails_lead_through_all_uses() -> None:
    blocks = {
        "outer": {"params": {"size": 2}, "nodes": [{"op": "inner", "units": "$size * 3", "repeat": 2}]},
        "inner": {
            "params": {"units": 2},
            "nodes": [dense("$units"), {"op": "Reshape", "target_shape": ["$units + 1"]}],
        },
    }
    (problem,) = checked(spec({"id": "top", "op": "outer", "size": 5}, blocks=blocks)).problems
    assert str(problem).split("\n")[1] == (
        "  at blocks.inner.nodes[1].target_shape, used by blocks.outer.nodes[0], repetition 1 of 2, "
        "used by nodes[1] 'top' (size=5)"
    )


@pytest.mark.parametrize(
    ("train", "expected"),
    [
        (
            {"data": "iris", "loss": "mse", "epochs": "$1 +", "optimizer": "adm"},
            ["epochs bad-expression", "optimizer bad-argument"],
        ),
        (
            {"data": "iris", "loss": "mse", "epochs": "$a // 0", "batch_size": 0},
            ["batch_size bad-argument", "epochs bad-expression"],
        ),
        ({"data": "iris", "loss": "mse", "epochs": "$q", "lr": 1}, ["epochs unknown-name", "lr unknown-argument"]),
        ({"data": "$q", "loss": "mse", "epochs": 0}, ["data unknown-name", "epochs bad-argument"]),
        (
            {"data": "iris", "loss": "mse", "optimizer": {"op": "Adam", "learning_rate": "$q", "beta_1": "$1/0"}},
            ["optimizer.beta_1 bad-expression", "optimizer.learning_rate unknown-name"],
        ),
        ({"data": "iris", "loss": "mse", "optimizer": {"op": 3}}, ["optimizer.op wrong-type"]),
    ],
    ids=lambda value: json.dumps(value)[:70] if isinstance(value, dict) else "",
)
def test_mistakes_in_training(train: dict[str, Any], expected: list[str]) -> None:
    problems = checked(spec(dense(1), params={"a": 3}, train=train)).problems
    assert sorted(f"{problem.path.removeprefix('train.')} {problem.code}" for problem in problems) == expected


DEEP = {f"b{i}": {"nodes": [{"op": f"b{i - 1}", "repeat": 10} if i else dense()]} for i in range(40)}
LISTS = {
    f"b{i}": {"params": {"n": 1}, "nodes": [{"op": f"b{i - 1}", "repeat": {"n": "$range(500)"}} if i else dense()]}
    for i in range(40)
}
EMPTY = {"b": {"nodes": [dense(repeat=0)]}}


@pytest.mark.parametrize(
    ("given", "count", "path"),
    [
        (spec(dense(repeat=10**9)), "1,000,000,001", "nodes[1].repeat"),
        (spec(dense(repeat="$10 ** 9")), "1,000,000,001", "nodes[1].repeat"),
        (spec(dense(repeat=2**70)), "10**18", "nodes[1].repeat"),
        (spec({"op": "b", "repeat": 10**9}, blocks=EMPTY), "1,000,000,001", "nodes[1].repeat"),
        (
            spec({"op": "m", "repeat": 10**9}, models={"m": {"nodes": [IMAGE, dense()]}}),
            "2,000,000,001",
            "nodes[1].repeat",
        ),
        (spec({"op": "b39"}, blocks=DEEP), "10**39", "nodes[1]"),
        (spec({"op": "b39"}, blocks=LISTS), "1,250,001", "nodes[1]"),
        (
            {"name": "tiny", "nodes": [IMAGE], "models": {"m": {"nodes": [IMAGE, dense(repeat=10**7)]}}},
            "10,000,001",
            "models.m.nodes[1].repeat",
        ),
    ],
    ids=range(8),
)
def test_a_graph_past_the_limit_is_refused_before_it_is_made(given: dict[str, Any], count: str, path: str) -> None:
    (problem,) = checked(given).problems
    message = f"the graph would have {count} nodes or more, the limit is 1,000,000"
    assert (problem.code, problem.path, problem.message) == ("too-large", path, message)


def test_the_limit_can_be_set() -> None:
    given = spec(*[dense() for _ in range(99)])
    assert checked(given, limit=100).problems == ()
    (problem,) = checked(given, limit=99).problems
    assert problem.path == "nodes[99]"


def test_sound_or_raised() -> None:
    assert checked(spec(dense())).sound().graph is not None
    with pytest.raises(SpecError, match="unknown-op"):
        checked(spec({"op": "Dens"})).sound()


@pytest.mark.parametrize("seed", range(0, 3000, 500))
def test_mutants_have_problems_or_a_graph(seed: int) -> None:
    """Whatever is done to the examples: no crash, and a message in every case that there is no graph."""
    for number in range(seed, seed + 500):
        text = json.dumps(mutant(number))
        result = check(parse(text, "spec.json"), limit=20_000)
        assert (result.graph is None) == bool(result.problems), number
        for problem in result.problems:
            assert all(line.isprintable() and len(line) < 1500 for line in str(problem).split("\n")), number


@pytest.mark.parametrize("seed", range(0, 300, 100))
def test_torn_files_are_not_json(seed: int) -> None:
    """A file cut off or with a stretch taken out is read or refused, in one place."""
    from random import Random

    for number in range(seed, seed + 100):
        random = Random(number)
        text = json.dumps(mutant(number), indent=1)
        start = random.randrange(len(text))
        text = text[:start] + random.choice(("", text[start + random.randrange(1, 9) :]))
        try:
            check(parse(text, "spec.json"), limit=20_000)
        except SpecError as error:
            assert [problem.code for problem in error.problems] == ["not-json"]
