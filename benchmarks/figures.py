"""What figures take: beside Keras's ``plot_model`` on the same networks, by size of the graph, and after a save.

    python benchmarks/figures.py [--runs 5] [--nodes 10 100 1000 10000] [--timeout 20] [--only plot size watch]

Beside ``plot_model`` whole processes are run in turn (A B A B ...) after a warm-up, so that a machine whose speed
drifts does so for both. Quoted are medians: seconds, peak memory, and Keras's (for the same kind of file, SVG) over
archgen's. ``plot_model`` needs pydot (``pip install pydot``) and ``dot`` (``apt install graphviz``). Where there is no
``dot`` on PATH, the Graphviz inside pygraphviz stands in for it, which archgen itself uses.

By size, specs of a few lines unroll to about as many nodes as asked for, and are drawn collapsed and with every
repetition; a ratio is that to the time of the smallest. What takes longer than the ``--timeout`` has to end then, with
an error that says what to collapse.

After a save, ``archgen render --watch`` runs on copies of the example specs, each of which is saved anew: the time from
the save until the new picture is there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from compare import BUILD, measure, measure_in_turn
from scale import KINDS

ROOT = Path(__file__).resolve().parents[1]
ARCHGEN = [sys.executable, "-m", "archgen"]
SEVEN = ("autoencoder", "cnn", "gan", "lstm", "mlp", "resnet", "transformer")
LIMIT = 1 / 3
"""Seconds from a save to the new picture, for any of the seven and for all of them at once."""

PLOT = (
    "import sys, keras; model = keras.models.model_from_json(open(sys.argv[1]).read()); "
    "keras.utils.plot_model(model, sys.argv[2], show_shapes=True, show_layer_names=True)"
)
DOT = """\
#!/bin/sh
exec {python} -I -S {child} {folder} "${{1#-T}}" 96 1000000000 1000000000000000000 8589934592 < "$2"
"""

Spec = dict[str, Any]


def mlp() -> Spec:
    return {
        "name": "mlp",
        "nodes": [
            {"op": "Input", "shape": [4]},
            {"op": "Dense", "units": 64, "activation": "relu"},
            {"op": "Dense", "units": 64, "activation": "relu"},
            {"op": "Dense", "units": 3, "activation": "softmax"},
        ],
    }


def resnet(*depths: int) -> Spec:
    """Four stages of so many bottleneck blocks (He et al., 2015): 3, 4, 6, 3 are ResNet50, 3, 8, 36, 3 ResNet152."""
    stages = [(64 * 2**stage, 1 + (stage > 0)) for stage in range(4)]
    blocks = [(filters, strides if block == 0 else 1) for (filters, strides), depth in zip(stages, depths, strict=True)
              for block in range(depth)]  # fmt: skip
    projects = "x.shape[-1] != 4 * filters"
    return {
        "name": f"resnet{3 * sum(depths) + 2}",
        "blocks": {
            "bottleneck": {
                "params": {"filters": 64, "strides": 1},
                "inputs": ["x"],
                "nodes": [
                    {"op": "Conv2D", "filters": "$4 * filters", "kernel_size": 1, "strides": "$strides",
                     "when": projects},
                    {"id": "shortcut", "op": "BatchNormalization", "when": projects},
                    {"op": "Conv2D", "filters": "$filters", "kernel_size": 1, "strides": "$strides", "from": "x"},
                    {"op": "BatchNormalization"},
                    {"op": "ReLU"},
                    {"op": "Conv2D", "filters": "$filters", "kernel_size": 3, "padding": "same"},
                    {"op": "BatchNormalization"},
                    {"op": "ReLU"},
                    {"op": "Conv2D", "filters": "$4 * filters", "kernel_size": 1},
                    {"id": "residual", "op": "BatchNormalization"},
                    {"op": "Add", "from": ["shortcut", "residual"]},
                    {"op": "ReLU"},
                ],
            }
        },
        "nodes": [
            {"id": "image", "op": "Input", "shape": [224, 224, 3]},
            {"op": "Conv2D", "filters": 64, "kernel_size": 7, "strides": 2, "padding": "same"},
            {"op": "BatchNormalization"},
            {"op": "ReLU"},
            {"op": "MaxPooling2D", "pool_size": 3, "strides": 2, "padding": "same"},
            {"id": "stages", "op": "bottleneck", "repeat": {
                "filters": [filters for filters, _ in blocks], "strides": [strides for _, strides in blocks]}},
            {"op": "GlobalAveragePooling2D"},
            {"op": "Dense", "units": 1000, "activation": "softmax"},
        ],
    }  # fmt: skip


def woven(nodes: int) -> Spec:
    """Every node reads every node before it: as hard to lay out as so many nodes can be."""
    said: list[Spec] = [{"id": "n0", "op": "Input", "shape": [8]}, {"id": "n1", "op": "Dense", "units": 8}]
    said += [{"id": f"n{k}", "op": "Add", "from": [f"n{j}" for j in range(k)]} for k in range(2, nodes)]
    return {"name": "woven", "nodes": said}


HARD = (10, 20, 40, 300)
"""Sizes of ``woven``."""

NETWORKS = {"MLP": mlp(), "ResNet50": resnet(3, 4, 6, 3), "ResNet152": resnet(3, 8, 36, 3)}


@contextmanager
def dot_on_path(folder: Path) -> Iterator[str | None]:
    """What ``plot_model`` calls as ``dot``, put on PATH if need be; nothing where there is no such thing."""
    if found := shutil.which("dot"):
        yield found
        return
    spec = find_spec("pygraphviz")
    if os.name != "posix" or spec is None or not spec.submodule_search_locations:
        yield None
        return
    child, place = ROOT / "archgen" / "engine_child.py", folder / "bin" / "dot"
    place.parent.mkdir()
    place.write_text(DOT.format(python=sys.executable, child=child, folder=spec.submodule_search_locations[0]))
    place.chmod(0o755)
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{place.parent}{os.pathsep}{before}"
    yield "the Graphviz inside pygraphviz"
    os.environ["PATH"] = before


def beside_plot_model(folder: Path, runs: int) -> None:
    """Keras's picture of each network (SVG, and PNG as it is by default) beside both of archgen's."""
    if not find_spec("pydot"):
        print("plot_model is left out: it needs the package pydot (pip install pydot)\n")
        return
    with dot_on_path(folder) as dot:
        if dot is None:
            print("plot_model is left out: there is no dot on PATH (apt install graphviz, brew install graphviz)\n")
            return
        print(f"beside keras.utils.plot_model(show_shapes=True, show_layer_names=True), dot: {dot}")
        print(f"{'':36}{'seconds':>9}{'MiB':>7}{'KB':>8}{'faster than plot_model':>24}{'smaller':>10}")
        for name, network in NETWORKS.items():
            spec, script, model = (folder / f"{name}{end}" for end in (".json", ".py", ".keras.json"))
            spec.write_text(json.dumps(network))
            measure([*ARCHGEN, "codegen", str(spec), "-o", str(script)])
            measure([sys.executable, "-c", BUILD, str(script), str(model)])
            theirs = {f"plot_model, {kind}": [sys.executable, "-c", PLOT, str(model)] for kind in ("svg", "png")}
            ours = {"render": [], "render --expand all": ["--expand", "all"]}
            files = {line: folder / f"{name}-{number}.{line[-3:]}" for number, line in enumerate(theirs)}
            files |= {line: folder / f"{name}-{number}.svg" for number, line in enumerate(ours, start=len(theirs))}
            commands = [[*command, str(files[line])] for line, command in theirs.items()]
            commands += [[*ARCHGEN, "render", str(spec), *more, "-o", str(files[line])] for line, more in ours.items()]
            figures = dict(zip(files, measure_in_turn(commands, runs), strict=True))
            svg_seconds, svg_mib = figures["plot_model, svg"]
            for line, (seconds, mib) in figures.items():
                size = files[line].stat().st_size / 1000
                ratios = f"{svg_seconds / seconds:23.1f}x{svg_mib / mib:9.1f}x" if line in ours else ""
                print(f"{name + ', ' + line:36}{seconds:9.2f}{mib:7.0f}{size:8.0f}{ratios}")
        print()


def by_size(folder: Path, sizes: Sequence[int], runs: int, timeout: float) -> None:
    """Whole processes on growing graphs."""
    print(f"by size: archgen render --timeout {timeout:g}")
    print(f"{'':24}{'nodes':>8}{'seconds':>9}{'ratio':>8}{'MiB':>7}{'KB':>8}")
    for kind, grow in {**KINDS, "woven": woven}.items():
        for words in ([], ["--expand", "all"]):
            smallest = 0.0
            for size in HARD if grow is woven else sizes:
                spec, picture = folder / "grown.json", folder / "grown.svg"
                spec.write_text(json.dumps(grow(size)))
                picture.unlink(missing_ok=True)
                command = [*ARCHGEN, "render", str(spec), "-o", str(picture), "--timeout", f"{timeout:g}", *words]
                line = f"{kind + ', ' + ('expanded' if words else 'collapsed'):24}{size:8,}"
                tried = subprocess.run(command, capture_output=True, text=True)
                if tried.returncode:
                    print(f"{line}   {' '.join(tried.stderr.split())}")
                    continue
                ((seconds, mib),) = measure_in_turn([command], runs if size < 1000 else 1)
                smallest = smallest or seconds
                print(f"{line}{seconds:9.2f}{seconds / smallest:8.1f}{mib:7.0f}{picture.stat().st_size / 1000:8.0f}")
    print()


def after_a_save(folder: Path, runs: int) -> None:
    """From the save of a spec to the new picture, each of the seven and all of them at once, beside a whole process."""
    specs = {name: folder / f"{name}.json" for name in SEVEN}
    texts = {name: (ROOT / "specs" / f"{name}.json").read_text("utf-8") for name in SEVEN}
    pictures = {name: folder / "watched" / f"{name}.svg" for name in SEVEN}
    for name, spec in specs.items():
        spec.write_text(texts[name])
    command = [*ARCHGEN, "render", *map(str, specs.values()), "-o", f"{folder / 'watched'}{os.sep}", "--watch"]
    watching = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def drawn(number: int, names: Sequence[str]) -> bool:
        """Whether the pictures show the title that their specs were given last."""
        if watching.poll() is not None:
            assert watching.stderr is not None
            sys.exit(f"archgen render --watch ended:\n{watching.stderr.read().decode()}")
        return all(pictures[name].exists() and f"turn {number}<" in pictures[name].read_text("utf-8") for name in names)

    def save(number: int, names: Sequence[str]) -> float:
        """Seconds until the pictures of the specs saved are there."""
        for name in names:
            spec = json.loads(texts[name])
            new = specs[name].with_suffix(".new")
            new.write_text(json.dumps({**spec, "title": f"turn {number}"}))
            new.replace(specs[name])
        started = time.perf_counter()
        while not drawn(number, names):
            time.sleep(0.002)
        return time.perf_counter() - started

    try:
        save(0, SEVEN)
        times = {name: [save(turn, [name]) for turn in range(1, runs + 1)] for name in SEVEN}
        together = [save(turn, SEVEN) for turn in range(runs + 1, 2 * runs + 1)]
    finally:
        watching.send_signal(signal.SIGINT)
        watching.wait(60)
    print(
        f"after a save: archgen render --watch, seconds until the new picture is there (at most {LIMIT:.2f} is wanted)"
    )
    print(f"{'':24}{'median':>9}{'longest':>9}{'faster than a process':>24}")
    for name in SEVEN:
        whole = [*ARCHGEN, "render", str(specs[name]), "-o", str(pictures[name])]
        ((seconds, _),) = measure_in_turn([whole], runs)
        found = median(times[name])
        late = "" if found <= LIMIT else "  too long"
        print(f"{name:24}{found:9.3f}{max(times[name]):9.3f}{seconds / found:23.1f}x{late}")
    every = [*ARCHGEN, "render", *map(str, specs.values()), "-o", f"{folder / 'watched'}{os.sep}"]
    ((seconds, _),) = measure_in_turn([every], runs)
    found = median(together)
    late = "" if found <= LIMIT else "  too long"
    print(f"{'all at once':24}{found:9.3f}{max(together):9.3f}{seconds / found:23.1f}x{late}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--nodes", type=int, nargs="+", default=[10, 100, 1_000, 10_000])
    parser.add_argument("--timeout", type=float, default=20, help="seconds that a drawing by size may take")
    parts = ("plot", "size", "watch")
    parser.add_argument("--only", choices=parts, nargs="+", default=parts, help="the parts to run")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, medians of {options.runs} runs in turn\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "plot" in options.only:
            beside_plot_model(folder, options.runs)
        if "size" in options.only:
            by_size(folder, options.nodes, options.runs, options.timeout)
        if "watch" in options.only:
            after_a_save(folder, options.runs)


if __name__ == "__main__":
    main()
