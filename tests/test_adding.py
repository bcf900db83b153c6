"""Adding a layer is one class in one file: everything that reads the declarations knows it from then on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LAYER = '''
"""A family of one."""

from typing import Any

from archgen.layers.base import Layer
from archgen.layers.kinds import PositiveInt
from archgen.tensors import Tensor


class Widening(Layer):
    """Each value several times."""

    category = "reshaping"
    passes_mask = True
    left_out = {"mode": "there is one way only"}
    stricter = {"times: expected": "nothing would be left"}
    rule = "(..., n) -> (..., times * n)"

    times: PositiveInt = 2

    def output(self, x: Tensor, **call: Any) -> Tensor:
        return Tensor((*x.shape[:-1], None if x.channels is None else self.times * x.channels), self.compute_dtype)
'''

SPEC = """{"name": "net", "nodes": [
  {"id": "x", "op": "Input", "shape": [4]},
  {"id": "wide", "op": "Widening", "times": 3},
  {"op": "Dense", "units": 2}
]}"""

PAGE = "from archgen.reference import page; print(page())"
CASES = (
    "from archgen.layers.base import known; from tests.layers.samples import cases; "
    "print(*cases(known('layer')['Widening'], 9))"
)
ASKED = {
    "archgen layers": (["layers"], ["Widening", "Each value several times."]),
    "archgen layers Widening": (["layers", "Widening"], ["times", "default 2", "(..., n) -> (..., times * n)"]),
    "archgen summary": (["summary", "net.json"], ["Widening", "(None, 12)"]),
    "archgen codegen": (["codegen", "net.json", "-o", "-"], ['layers.Widening(times=3, name="wide")']),
    "archgen render": (["render", "net.json", "--format", "dot", "-o", "-"], ["Widening", "wide"]),
    "archgen schema": (["schema"], ['"Widening"', "Each value several times."]),
    "the page of layers": (["-c", PAGE], ["Widening", "there is one way only", "nothing would be left"]),
    "the tests": (["-c", CASES], ["Widening(times="]),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with one file more."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("archgen", "templates", "specs", "tests/layers"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "archgen" / "layers" / "widening.py").write_text(LAYER, "utf-8")
    (folder / "net.json").write_text(SPEC, "utf-8")
    return folder


@pytest.mark.parametrize("what", ASKED)
def test_one_file_is_enough(what: str, copy: Path) -> None:
    arguments, wanted = ASKED[what]
    command = [sys.executable, *(arguments if arguments[0] == "-c" else ["-m", "archgen", *arguments])]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not [text for text in wanted if text not in done.stdout], done.stdout[-2000:]
