"""How checking grows with the graph, and what it takes once Python and its imports are there: ratios in one run.

    python benchmarks/scale.py [--nodes 1000 10000 100000] [--runs 3]

Specs of a few lines, blocks repeated within blocks repeated, unroll to about as many nodes as asked for: residual
blocks of Conv2D, BatchNormalization and Add, and chains of Dense layers. Each is parsed, expanded, and checked in a
process of its own, the sizes in turn. Quoted are medians: processor seconds from the text to the checked graph, and
the peak memory above what the process held before. A ratio is that of the cost of one node to that at the smallest
size: it stays near 1 where the growth is linear.

The last lines are for ``--spec``: its first check in a new process, beside the imports before it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

CHILD = """
import sys, time
started = time.process_time()
import click, networkx
ours = time.process_time()
import archgen.cli, archgen.checking, archgen.training
imported = time.process_time()
import json, resource
from archgen.checking import check
from archgen.source import parse
text = sys.stdin.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begun = time.process_time()
checked = check(parse(text)).sound()
done = time.process_time()
print(json.dumps({
    "nodes": checked.graph.number_of_nodes(),
    "seconds": done - begun,
    "mib": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    "theirs": ours - started,
    "ours": imported - ours,
}))
"""

Spec = dict[str, Any]
Found = dict[str, float]


def residual(nodes: int) -> Spec:
    """Stages of ten residual blocks of seven nodes."""
    return {
        "name": "residual",
        "blocks": {
            "residual_block": {
                "params": {"filters": 64},
                "inputs": ["x"],
                "nodes": [
                    {"op": "Conv2D", "filters": "$filters", "kernel_size": 3, "padding": "same", "from": "x"},
                    {"op": "BatchNormalization"},
                    {"op": "ReLU"},
                    {"op": "Conv2D", "filters": "$filters", "kernel_size": 3, "padding": "same"},
                    {"id": "residual", "op": "BatchNormalization"},
                    {"op": "Add", "from": ["residual", "x"]},
                    {"op": "ReLU"},
                ],
            },
            "stage": {
                "params": {"depth": 10},
                "inputs": ["x"],
                "nodes": [{"op": "residual_block", "repeat": "$depth"}],
            },
        },
        "nodes": [{"op": "Input", "shape": [32, 32, 64]}, {"op": "stage", "repeat": max(1, nodes // 70)}],
    }


def dense(nodes: int) -> Spec:
    """Stages of ten pairs of Dense layers, the first twice as wide."""
    return {
        "name": "dense",
        "blocks": {
            "pair": {
                "params": {"units": 64},
                "inputs": ["x"],
                "nodes": [
                    {"op": "Dense", "units": "$units * 2", "activation": "relu"},
                    {"op": "Dense", "units": "$units"},
                ],
            },
            "stage": {"params": {"depth": 10}, "inputs": ["x"], "nodes": [{"op": "pair", "repeat": "$depth"}]},
        },
        "nodes": [{"op": "Input", "shape": [64]}, {"op": "stage", "repeat": max(1, nodes // 20)}],
    }


KINDS: dict[str, Callable[[int], Spec]] = {"residual": residual, "dense": dense}


def measure(text: str) -> Found:
    """The figures of one check in a new process, whose bytecode is cached as that of an installed package is."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", CHILD]
    ended = subprocess.run(command, input=text, capture_output=True, text=True, env=environment)
    if ended.returncode:
        sys.exit(f"the check failed:\n{ended.stderr[-2000:]}")
    found: Found = json.loads(ended.stdout)
    return found


def measure_in_turn(texts: Sequence[str], runs: int) -> list[Found]:
    """The median of each figure for each text."""
    rounds = [[measure(text) for text in texts] for _ in range(runs)]
    return [{name: median(found[name] for found in each) for name in each[0]} for each in zip(*rounds, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--spec", default="specs/resnet50.json")
    options = parser.parse_args()
    spec = Path(options.spec).read_text(encoding="utf-8")
    measure(spec)  # To warm up.
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, medians of {options.runs} runs in turn\n")
    print(
        f"{'':10}{'characters':>11}{'nodes':>9}{'seconds':>9}{'us a node':>11}{'ratio':>7}{'MiB':>8}{'KiB a node':>12}"
    )
    for kind, grow in KINDS.items():
        texts = [json.dumps(grow(nodes)) for nodes in options.nodes]
        figures = measure_in_turn(texts, options.runs)
        smallest = figures[0]["seconds"] / figures[0]["nodes"]
        for text, found in zip(texts, figures, strict=True):
            nodes, seconds, mib = found["nodes"], found["seconds"], found["mib"]
            print(
                f"{kind:10}{len(text):11}{nodes:9,.0f}{seconds:9.3f}{seconds / nodes * 1e6:11.1f}"
                f"{seconds / nodes / smallest:7.2f}{mib:8.1f}{mib * 1024 / nodes:12.2f}"
            )
    (found,) = measure_in_turn([spec], max(options.runs, 5))
    checking, ours, theirs = found["seconds"], found["ours"], found["theirs"]
    print(f"\n{options.spec}, {found['nodes']:.0f} nodes, in a new process:")
    print(f"  {'import click, networkx':32}{theirs * 1e3:6.1f} ms")
    print(f"  {'import archgen':32}{ours * 1e3:6.1f} ms")
    print(f"  {'check':32}{checking * 1e3:6.1f} ms, {checking / (ours + theirs):.2f} of the imports")


if __name__ == "__main__":
    main()
