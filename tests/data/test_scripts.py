"""The scripts of every data source and kind of training: what they import, and that they run to the end."""

from __future__ import annotations

import ast
import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from archgen.checking import check
from archgen.codegen import generate
from archgen.script import DEFINED, IMPORTED
from archgen.source import parse
from tests.data.cases import CASES

NAMES = [spec["name"] for spec, _, _ in CASES]
SPECS = {spec["name"]: spec for spec, _, _ in CASES}


def script(spec: dict[str, Any]) -> str:
    checked = check(parse(json.dumps(spec), f"{spec['name']}.json")).sound()
    assert checked.graph is not None
    return generate(checked.program, checked.graph, checked.plan)


@pytest.fixture(scope="module")
def scripts() -> dict[str, str]:
    return {name: script(spec) for name, spec in SPECS.items()}


@pytest.fixture(scope="module")
def runs(scripts: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What became of each script, run for one epoch on 32 examples, all in one process that imports Keras once."""
    folder = tmp_path_factory.mktemp("scripts")
    requests = []
    for spec, suffix, write in CASES:
        name = spec["name"]
        (folder / f"{name}.py").write_text(scripts[name], "utf-8")
        options = ["--epochs", "1", "--limit", "32", "--output-dir", name] if "train" in spec else []
        if write is not None:
            write(folder / f"{name}_data.{suffix}")
            options += ["--data", f"{name}_data.{suffix}"]
        requests.append([name, options])
    (folder / "requests.json").write_text(json.dumps(requests), "utf-8")
    runner = Path(__file__).with_name("run_scripts.py")
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run([sys.executable, str(runner)], cwd=folder, env=environment, check=True, timeout=600)
    answers: dict[str, Any] = json.loads((folder / "answers.json").read_text("utf-8"))
    return {name: {**answer, "folder": folder / name} for name, answer in answers.items()}


@pytest.mark.parametrize("name", NAMES)
def test_imports_are_used(scripts: dict[str, str], name: str) -> None:
    """Every import is used, every global name is imported or defined, and nothing comes from archgen."""
    module = ast.parse(scripts[name])
    imported = {
        (alias.asname or alias.name)
        for node in module.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    loaded = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
    assert imported <= loaded
    assert imported <= set(IMPORTED)
    defined = [node.name for node in module.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert len(defined) == len(set(defined))
    assert {name for name in defined if not name.startswith("build_")} <= set(DEFINED)
    called = {node.func.id for node in ast.walk(module) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert set(defined) - called <= {"positive_int"}


@pytest.mark.parametrize("name", NAMES)
def test_runs(runs: dict[str, Any], name: str) -> None:
    answer = runs[name]
    assert answer["error"] is None, answer["error"]
    assert answer["warnings"] == []
    training = SPECS[name].get("train")
    if training is None:
        assert "output (2, " in answer["output"]
        return
    files = {path.name for path in answer["folder"].iterdir()}
    models = {"generator.keras", "discriminator.keras"} if training.get("kind") == "gan" else {f"{name}.keras"}
    assert files >= {"history.csv", "learning_curves.png", *models}
    assert "/step - " in answer["output"]
    with open(answer["folder"] / "history.csv", newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row.pop("epoch") == "1"
    assert row
    assert all(abs(float(value)) < float("inf") for value in row.values())
    if training.get("kind") == "gan":
        assert set(row) == {"d_loss", "g_loss"}
        assert "mean score of real examples" in answer["output"]
    else:
        assert "test loss: " in answer["output"]


PICTURES = {
    "reconstructions.png": {"digits_autoencoder", "colours", "made_up_autoencoder"},
    "samples.png": {"gan_digits", "gan_colours"},
}


@pytest.mark.parametrize("picture", PICTURES)
def test_pictures(runs: dict[str, Any], picture: str) -> None:
    """Where the examples are images, and only there."""
    drawn = {name for name, answer in runs.items() if (answer["folder"] / picture).is_file()}
    assert drawn == PICTURES[picture]


def test_files_of_callbacks(runs: dict[str, Any]) -> None:
    """They lie below the output directory."""
    assert (runs["diabetes"]["folder"] / "best.keras").is_file()
    assert (runs["diabetes"]["folder"] / "log.csv").is_file()
    assert (runs["gan_digits"]["folder"] / "w.weights.h5").is_file()


def test_predictions_beside_the_truth(runs: dict[str, Any]) -> None:
    assert "   predicted        truth" in runs["iris"]["output"]
    assert any(word in runs["iris"]["output"] for word in ("setosa", "versicolor", "virginica"))
    assert "kind:\n   predicted        truth" in runs["two_ends"]["output"]
    assert "value:\n   predicted        truth" in runs["two_named_ends"]["output"]
    assert "predicted, and the truth below" in runs["made_up_sequence"]["output"]
