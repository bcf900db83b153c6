"""Whole-process time and peak memory of archgen beside Keras's own ways to the same ends, as ratios in one run.

    python benchmarks/compare.py [--runs 5] [--spec specs/resnet50.json]

Each pair is run in turn (A B A B ...) after a warm-up, so that a machine whose speed drifts drifts for both. What is
quoted is the median; the ratio is Keras's median over archgen's. Figures are compared by ``figures.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

BUILD = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("script", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
open(sys.argv[2], "w").write(module.build_model().to_json())
"""
IMPORT_KERAS = "import keras"
IMPORT_OURS = "import click, networkx"
IMPORT_BLACK = "import click, networkx, jinja2, black"
LOAD = "import sys, keras; keras.models.model_from_json(open(sys.argv[1]).read())"


def measure(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak resident memory in MiB of one run of a command, all of its children included."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)[:200]} failed:\n{said.decode()[-2000:]}")
    return seconds, usage.ru_maxrss / 1024


def measure_in_turn(commands: list[list[str]], runs: int) -> list[tuple[float, float]]:
    """Median seconds and peak MiB of each command."""
    for command in commands:
        measure(command)
    results: list[list[tuple[float, float]]] = [[] for _ in commands]
    for _ in range(runs):
        for command, found in zip(commands, results, strict=True):
            found.append(measure(command))
    return [(median(s for s, _ in found), median(m for _, m in found)) for found in results]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--spec", default="specs/resnet50.json")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    python, archgen = sys.executable, [sys.executable, "-m", "archgen"]
    with tempfile.TemporaryDirectory() as folder:
        script, model = (str(Path(folder) / name) for name in ("script.py", "model.json"))
        measure([*archgen, "codegen", options.spec, "-o", script])
        measure([python, "-c", BUILD, script, model])
        keras_loads = [python, "-c", LOAD, model]
        pairs = {
            "check": ([*archgen, "check", options.spec], keras_loads, "model_from_json"),
            "codegen": ([*archgen, "codegen", options.spec, "-o", script], keras_loads, "model_from_json"),
        }
        figures: dict[str, dict[str, float]] = {}
        for name, (ours, theirs, _) in pairs.items():
            (seconds, memory), (keras_seconds, keras_memory) = measure_in_turn([ours, theirs], options.runs)
            figures[name] = {
                "seconds": seconds,
                "keras_seconds": keras_seconds,
                "times_faster": keras_seconds / seconds,
                "mib": memory,
                "keras_mib": keras_memory,
                "times_smaller": keras_memory / memory,
            }
        floors = measure_in_turn(
            [[python, "-c", line] for line in (IMPORT_OURS, IMPORT_BLACK, IMPORT_KERAS)], options.runs
        )
    if options.json:
        print(json.dumps({"pairs": figures, "imports": floors}, indent=2))
        return
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    print(f"{options.spec}, {machine}, medians of {options.runs} runs in turn\n")
    print(f"{'':10}{'archgen':>20}{'Keras':>20}{'faster':>10}{'smaller':>10}  beside")
    for name, row in figures.items():
        ours = f"{row['seconds']:.2f} s {row['mib']:4.0f} MiB"
        keras = f"{row['keras_seconds']:.2f} s {row['keras_mib']:4.0f} MiB"
        ratios = f"{row['times_faster']:9.1f}x{row['times_smaller']:9.1f}x"
        print(f"{name:10}{ours:>20}{keras:>20}{ratios}  {pairs[name][2]}")
    print("\nimports alone:")
    for line, (seconds, memory) in zip((IMPORT_OURS, IMPORT_BLACK, IMPORT_KERAS), floors, strict=True):
        print(f"  {line:40}{seconds:6.2f} s {memory:4.0f} MiB")


if __name__ == "__main__":
    main()
