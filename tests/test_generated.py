"""The committed scripts, run as a user would run them: an epoch on a little data, with nothing to complain about."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import archgen

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = sorted((ROOT / "generated").glob("*.py"))
SPECS = sorted(path for path in (ROOT / "specs").glob("*.json") if path.name != "archgen.schema.json")

IMAGES = {"cnn": (28, 28), "autoencoder": (28, 28), "gan": (28, 28), "resnet": (32, 32, 3)}
"""Scripts whose data are images, by the shape of one."""
TEXTS = ("lstm", "transformer")
FIGURES = {"autoencoder": ["reconstructions.png"], "gan": ["samples.png"]}
MODELS = {"gan": ["generator.keras", "discriminator.keras"]}


def data_file(name: str, folder: Path) -> list[str]:
    """The options that give a script a little data of its data set's layout, so that nothing is downloaded."""
    random = np.random.default_rng(0)
    path = folder / f"{name}.npz"
    if name in IMAGES:
        shape = IMAGES[name]
        arrays = {f"x_{part}": random.integers(0, 256, (96, *shape)).astype("uint8") for part in ("train", "test")}
        labels = (96, 1) if len(shape) == 3 else (96,)
        arrays |= {f"y_{part}": random.integers(0, 10, labels).astype("uint8") for part in ("train", "test")}
    elif name in TEXTS:
        arrays = {}
        for part in ("train", "test"):
            reviews = np.empty(96, dtype=object)
            reviews[:] = [random.integers(1, 20_000, random.integers(5, 200)).tolist() for _ in range(96)]
            arrays |= {f"x_{part}": reviews, f"y_{part}": random.integers(0, 2, 96)}
    else:
        return []
    np.savez(path, **arrays)
    return ["--data", str(path)]


def run(script: Path, *options: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, str(script), *options]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script_trains_an_epoch(script: Path, tmp_path: Path) -> None:
    name = script.stem
    trained = name != "resnet50"
    options = ["--epochs", "1", "--limit", "64", "--output-dir", "out"] if trained else []
    done = run(script, *options, *data_file(name, tmp_path), cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    warnings = [
        line for line in (done.stdout + done.stderr).splitlines() if "Warning" in line and "keras" in line.lower()
    ]
    assert warnings == []
    if not trained:
        return
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert made >= {"history.csv", "learning_curves.png", *MODELS.get(name, [f"{name}.keras"]), *FIGURES.get(name, [])}
    with open(tmp_path / "out" / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1
    assert all(np.isfinite(float(value)) for value in rows[0].values())


def test_same_seed_gives_the_same_history(tmp_path: Path) -> None:
    script = ROOT / "generated" / "mlp.py"
    for folder in ("one", "two"):
        done = run(script, "--epochs", "2", "--seed", "7", "--output-dir", folder, cwd=tmp_path)
        assert done.returncode == 0, done.stderr[-3000:]
    one, two = ((tmp_path / folder / "history.csv").read_bytes() for folder in ("one", "two"))
    assert one == two


def test_summary_stops_before_data(tmp_path: Path) -> None:
    done = run(ROOT / "generated" / "cnn.py", "--summary", cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "693,962" in done.stdout
    assert list(tmp_path.iterdir()) == []


BROKEN = {"text": b"not a zip\n", "empty": b"", "cut off": b"PK\x03\x04half of an archive"}


READERS = ("mlp", "cnn", "lstm", "autoencoder", "gan")


@pytest.fixture(scope="module")
def broken_runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What became of each script with each broken file, and whether it wrote anything, all in one process."""
    folder = tmp_path_factory.mktemp("broken")
    requests: list[list[Any]] = []
    for kind, content in BROKEN.items():
        (folder / f"{kind}.npz").write_bytes(content)
        for name in READERS:
            label = f"{kind}-{name}"
            options = ["--data", f"{kind}.npz", "--output-dir", label]
            requests.append([label, str(ROOT / "generated" / f"{name}.py"), options, None])
    (folder / "requests.json").write_text(json.dumps(requests), "utf-8")
    done = run(ROOT / "tests" / "data" / "run_scripts.py", cwd=folder)
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads((folder / "answers.json").read_text("utf-8"))
    return {label: {**answer, "wrote": (folder / label).exists()} for label, answer in answers.items()}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_file_is_told_in_a_line(name: str, broken: str, broken_runs: dict[str, Any]) -> None:
    answer = broken_runs[f"{broken}-{name}"]
    assert answer["status"] == 1
    assert "The data cannot be read" in answer["errors"] and "--data" in answer["errors"]
    assert "Traceback" not in answer["errors"]
    assert not answer["wrote"]


def test_a_broken_file_ends_a_process_with_a_line(tmp_path: Path) -> None:
    (tmp_path / "data.npz").write_bytes(BROKEN["cut off"])
    done = run(ROOT / "generated" / "cnn.py", "--data", "data.npz", "--output-dir", "out", cwd=tmp_path)
    assert done.returncode == 1
    assert "The data cannot be read" in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_failed_download_says_both_ways_out(tmp_path: Path) -> None:
    """Keras keeps its data below KERAS_HOME; a proxy that refuses stands for a machine without a network."""
    refused = "http://127.0.0.1:9"
    environment = {
        **os.environ,
        "KERAS_HOME": str(tmp_path / "home"),
        "http_proxy": refused,
        "https_proxy": refused,
        "HTTPS_PROXY": refused,
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    command = [sys.executable, str(ROOT / "generated" / "cnn.py"), "--epochs", "1", "--output-dir", "out"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 1
    assert "--data FILE" in done.stderr and '"data": "synthetic"' in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "history.csv").exists()


@pytest.mark.parametrize(
    "tool", [["black", "--check", "--quiet"], ["ruff", "check", "--isolated"]], ids=["black", "ruff"]
)
def test_scripts_are_clean(tool: list[str], tmp_path: Path) -> None:
    copies = tmp_path / "generated"
    copies.mkdir()
    for script in SCRIPTS:
        (copies / script.name).write_bytes(script.read_bytes())
    done = subprocess.run([sys.executable, "-m", *tool, str(copies)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_generation_is_the_same_everywhere(tmp_path: Path) -> None:
    """Hash seed, locale and directory change nothing."""
    texts = []
    for seed, locale, folder in (("0", "C", "a"), ("12345", "C.UTF-8", "b/c")):
        where = tmp_path / folder
        where.mkdir(parents=True)
        environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "LANG": locale, "PYTHONUTF8": "0"}
        command = [sys.executable, "-m", "archgen", "codegen", *map(str, SPECS), "-o", str(where / "out")]
        subprocess.run(command, cwd=where, env=environment, check=True, capture_output=True)
        texts.append({path.name: path.read_bytes() for path in (where / "out").iterdir()})
    assert texts[0] == texts[1]
    assert texts[0] == {script.name: script.read_bytes() for script in SCRIPTS}


def test_a_script_that_trains_nothing_is_run(tmp_path: Path) -> None:
    """``archgen run`` of a spec without ``train``: the script has no folder for results, and is told of none."""
    spec = '{"name": "net", "nodes": [{"op": "Input", "shape": [4]}, {"op": "Dense", "units": 2}]}'
    ending = archgen.run(archgen.loads(spec), directory=tmp_path)
    assert ending.well, str(ending)
