"""What the README promises of the whole program, one promise a test."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from archgen.checking import check
from archgen.source import parse

ROOT = Path(__file__).resolve().parent.parent

FIVE = """{
  "name": "five",
  "titel": "Five mistakes",
  "nodes": [
    {"id": "image", "op": "Input", "shape": [28, 28, 1]},
    {"id": "wide", "op": "Conv2D", "filters": 8, "kernel_size": 3, "padding": "same", "actvation": "relu"},
    {"id": "tall", "op": "Conv2D", "filters": 8, "kernel_size": 40, "from": "image"},
    {"op": "Flatten", "from": "imag"},
    {"id": "digit", "op": "Dense", "units": 10, "activation": "softmax"}
  ],
  "outputs": ["digit", "wide", "tall"],
  "train": {"data": "mnist", "optimizer": "adm", "loss": "sparse_categorical_crossentropy"}
}
"""
MENDS = [
    ('"titel"', '"title"'),
    ('"actvation"', '"activation"'),
    ('"kernel_size": 40', '"kernel_size": 28'),
    ('"imag"', '"image"'),
    ('"adm"', '"adam"'),
]
"""Each hint, followed to the letter."""


def test_five_mistakes_are_told_at_once() -> None:
    problems = check(parse(FIVE, "five.json")).problems
    assert [(problem.line, problem.code) for problem in problems] == [
        (3, "unknown-key"),
        (6, "unknown-argument"),
        (7, "shape-mismatch"),
        (8, "unknown-reference"),
        (12, "bad-argument"),
    ]
    assert all(problem.hint for problem in problems)


@pytest.mark.parametrize("number", range(5))
def test_each_hint_works(number: int) -> None:
    before = check(parse(FIVE)).problems
    after = check(parse(FIVE.replace(*MENDS[number]))).problems
    assert before[number].code not in {problem.code for problem in after if problem.line == before[number].line}


def imported(*arguments: str) -> set[str]:
    """The top-level packages that a run of Python imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = re.findall(r"^import time:.*\|\s*(\S+)$", done.stderr, flags=re.MULTILINE)
    assert len(names) > 20
    return {name.partition(".")[0] for name in names}


def test_checking_imports_nothing_heavy() -> None:
    found = imported("-m", "archgen", "check", "specs/resnet50.json")
    assert found & {"tensorflow", "keras", "numpy", "black", "graphviz", "pygraphviz", "jinja2"} == set()


def test_importing_archgen_costs_nothing() -> None:
    assert imported("-c", "import archgen") & {"networkx", "jinja2", "black", "click", "graphviz"} == set()


def test_summary_json() -> None:
    command = [sys.executable, "-m", "archgen", "summary", "specs/resnet.json", "--format", "json"]
    table = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    assert table.keys() >= {"name", "parameters", "trainable", "flops", "nodes"}
    assert (table["name"], table["parameters"], table["trainable"]) == ("resnet", 880_266, 879_498)
    assert all(node.keys() >= {"id", "op", "output", "parameters"} for node in table["nodes"])
    assert sum(node["parameters"] for node in table["nodes"]) == 880_266
