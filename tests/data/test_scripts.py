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


OPTIONS: dict[str, tuple[str, list[str], str | None, int, str]] = {
    "a file that is not there": ("iris", ["--data", "no.csv"], None, 2, "there is no file no.csv"),
    "no epochs": ("iris", ["--epochs", "0"], None, 2, "invalid positive_int value: '0'"),
    "no file in the spec's place": ("table", [], None, 1, "There is no file t.csv: pass another with --data FILE.\n"),
    "a summary": ("iris", ["--summary"], None, 0, ""),
    "a summary of a GAN": ("made_up_gan", ["--summary"], None, 0, ""),
    "no network": (
        "bytes",
        [],
        "mnist",
        1,
        "mnist could not be downloaded (URL fetch failure on https://example.org/data.npz: None -- [Errno -2] Name or"
        ' service not known): pass a local copy with --data FILE, or write "data": "synthetic" in the spec.\n',
    ),
}
"""Script, options, the download that fails; exit status and the end of what is said on standard error."""


@pytest.fixture(scope="module")
def runs(scripts: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What became of each script, run for one epoch on 32 examples, all in one process that imports Keras once."""
    folder = tmp_path_factory.mktemp("scripts")
    requests: list[list[Any]] = []
    for spec, suffix, write in CASES:
        name = spec["name"]
        (folder / f"{name}.py").write_text(scripts[name], "utf-8")
        options = ["--epochs", "1", "--limit", "32", "--output-dir", name] if "train" in spec else []
        if write is not None:
            write(folder / f"{name}_data.{suffix}")
            options += ["--data", f"{name}_data.{suffix}"]
        requests.append([name, f"{name}.py", options, None])
    requests += [[label, f"{name}.py", options, failing] for label, (name, options, failing, *_) in OPTIONS.items()]
    (folder / "requests.json").write_text(json.dumps(requests), "utf-8")
    done = python(folder, str(Path(__file__).with_name("run_scripts.py")))
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads((folder / "answers.json").read_text("utf-8"))
    return {label: {**answer, "folder": folder / label} for label, answer in answers.items()}


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python process in a folder, with TensorFlow kept quiet and off any GPU."""
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )


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
    called = {
        node.func.id for node in ast.walk(module) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert set(defined) - called <= {"positive_int"}


@pytest.mark.parametrize("name", NAMES)
def test_runs(runs: dict[str, Any], name: str) -> None:
    answer = runs[name]
    assert answer["status"] == 0, answer["errors"]
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
    "reconstructions.png": {"photos_autoencoder", "digits_autoencoder", "colours", "made_up_autoencoder"},
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


def test_local_files_load_as_keras_loads_them(scripts: dict[str, str], tmp_path: Path) -> None:
    """The same examples in the same order."""
    arguments = []
    for spec, suffix, write in CASES:
        name = spec["name"]
        if name in ("reviews", "wires", "wires_one_hot", "houses", "bytes"):
            assert write is not None
            (tmp_path / f"{name}.py").write_text(scripts[name], "utf-8")
            write(tmp_path / f"{name}.{suffix}")
            arguments += [f"{name}.py", f"{name}.{suffix}"]
    done = python(tmp_path, str(Path(__file__).with_name("compare_loaders.py")), *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("[])") == 5


@pytest.mark.parametrize("label", OPTIONS)
def test_options(runs: dict[str, Any], label: str) -> None:
    """Whatever stops a script early is said in one line, without a traceback, and nothing is trained or written."""
    *_, status, said = OPTIONS[label]
    answer = runs[label]
    assert answer["status"] == status, answer["errors"]
    assert answer["errors"].endswith(said) if status == 1 else said in answer["errors"]
    assert "Traceback" not in answer["errors"]
    assert "/step" not in answer["output"]
    assert not (answer["folder"].parent / "runs").exists()
    assert ("Total params: " in answer["output"]) == label.startswith("a summary")
