"""The examples: what they are known to be, and the proof of each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import archgen

ROOT = Path(__file__).resolve().parent.parent
PARAMETERS = {
    "mlp": (4_675, 4_675),
    "cnn": (693_962, 693_962),
    "lstm": (1_315_851, 1_315_851),
    "autoencoder": (222_384, 222_384),
    "gan": (1_030_017 + 50_817, 1_030_017 + 50_817),
    "transformer": (1_544_193, 1_544_193),
    "resnet": (880_266, 879_498),
    "resnet50": (25_636_712, 25_583_592),
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(name: str) -> None:
    graph = archgen.expand(archgen.load(ROOT / "specs" / f"{name}.json"))
    nodes = [data["node"] for _, data in graph.nodes(data=True)]
    counts = sum(node.parameters for node in nodes), sum(node.trainable_parameters for node in nodes)
    assert counts == PARAMETERS[name]


def test_gan_has_two_models() -> None:
    graph = archgen.expand(archgen.load(ROOT / "specs" / "gan.json"))
    models = {
        name: sum(data["node"].parameters for _, data in model.nodes(data=True))
        for name, model in graph.graph["info"].models.items()
    }
    assert models == {"generator": 1_030_017, "discriminator": 50_817}


def test_every_spec_is_known() -> None:
    specs = {path.stem for path in (ROOT / "specs").glob("*.json")} - {"archgen.schema"}
    assert specs == set(PARAMETERS)


def test_verify() -> None:
    """Every layer of every example, built by Keras, is what the graph says."""
    specs = [str(ROOT / "specs" / f"{name}.json") for name in PARAMETERS]
    command = [sys.executable, "-m", "archgen", "verify", *specs, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    reports = {report["name"]: report for report in json.loads(done.stdout)}
    assert {name: report["parameters"] for name, report in reports.items()} == {
        name: counts[0] for name, counts in PARAMETERS.items()
    }
    assert all(report["agrees"] for report in reports.values())
    assert all("train" in report["steps"] for name, report in reports.items() if name != "resnet50")


def test_resnet50_is_short() -> None:
    text = (ROOT / "generated" / "resnet50.py").read_text("utf-8")
    assert len(text.splitlines()) < 150


def test_schema_file_is_fresh() -> None:
    from archgen.schema import schema_text

    assert (ROOT / "specs" / "archgen.schema.json").read_text("utf-8") == schema_text()


def test_notebook_shows_the_picture() -> None:
    bundle = archgen.load(ROOT / "specs" / "mlp.json")._repr_mimebundle_()
    assert bundle["image/svg+xml"].lstrip().startswith(("<?xml", "<svg"))
