"""A whole run: processes that grow and judge models, and one on TensorFlow that has the last word."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.differential.coverage import Coverage
from tests.differential.grow import Spec, declared_ops, grow, layer_pairs, pairs
from tests.differential.shrink import shrink
from tests.layers.oracle import Oracle

ROOT = Path(__file__).resolve().parents[2]
CHUNK = 100
SHRINK_AT_MOST = 12
"""Failures that are made smaller; more of them are mostly the same."""


class Judge(Oracle):
    """Keras and archgen in a process of their own."""

    def start(self) -> subprocess.Popen[str]:
        environment = os.environ | {
            "KERAS_BACKEND": self.backend,
            "CUDA_VISIBLE_DEVICES": "-1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "JAX_PLATFORMS": "cpu",
            "OMP_NUM_THREADS": "1",
            "TF_NUM_INTEROP_THREADS": "1",
            "TF_NUM_INTRAOP_THREADS": "1",
        }
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.differential.worker"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=environment,
        )

    def verdict(self, spec: Spec, against: Spec | None = None) -> dict[str, Any]:
        """What comes of one spec; a process that dies on it is a failure, too."""
        answer: dict[str, Any] = self.ask({"spec": spec} | ({"against": against} if against else {}))
        return {"kind": "A3", "detail": answer["error"], "reason": ""} if "error" in answer else answer


@dataclass(frozen=True)
class Options:
    """How much is done, and from what."""

    count: int
    seed: int
    jobs: int = 2
    run_every: int = 25


@dataclass
class Result:
    """What a run found."""

    covered: Coverage = field(default_factory=Coverage)
    ran: int = 0
    """Models that TensorFlow built, by hand and from generated code, and ran."""
    failures: list[dict[str, Any]] = field(default_factory=list)
    """Where archgen and Keras part without a reason."""
    stricter: list[dict[str, Any]] = field(default_factory=list)
    """Where archgen refuses what Keras runs, with the reason that a declaration gives."""

    def counts(self) -> Counter[str]:
        """Failures by class."""
        return Counter(failure["kind"] for failure in self.failures)

    def rows(self) -> list[tuple[str, str]]:
        """The figures of the run."""
        covered, counts, ops = self.covered, self.counts(), declared_ops()
        arguments, few = len(covered.arguments()), covered.missing_values()
        refused = len(self.stricter) + counts["B"]
        share = refused / max(covered.models, 1)
        return [
            ("models grown and built", f"{covered.models:,}"),
            ("accepted by archgen", f"{covered.accepted:,}"),
            ("also built from generated code and run on TensorFlow", f"{self.ran:,}"),
            ("A1: archgen accepts, Keras refuses", str(counts["A1"])),
            ("A2: shapes, dtypes, weights, names or connections differ", str(counts["A2"])),
            ("A3: accepted by both, and wrong or NaN when run", str(counts["A3"])),
            ("B: archgen refuses, Keras builds and runs it", f"{refused} ({share:.3%})"),
            ("of these without a documented reason", str(counts["B"])),
            ("layers and functions", f"{sum(op in covered.ops for op in ops)} of {len(ops)}"),
            ("arguments at three values, or all they have", f"{arguments - len(few):,} of {arguments:,}"),
            ("pairs of layers whose ranks fit", covered.pair_share(layer_pairs())),
            ("pairs of layers and functions whose ranks fit", covered.pair_share(pairs())),
        ]

    def table(self) -> str:
        """The figures as text, with what was not covered."""
        width = max(len(name) for name, _ in self.rows())
        lines = [f"{name:<{width}}  {value}" for name, value in self.rows()]
        for title, missing in (
            ("not covered", self.covered.missing_ops()),
            ("few values", self.covered.missing_values()),
        ):
            if missing:
                lines.append(f"{title}: {', '.join(missing[:40])}{', ...' if len(missing) > 40 else ''}")
        return "\n".join(lines)


def fuzz(options: Options, *, progress: bool = False) -> Result:
    """Grow, judge, and make the failures small."""
    result = Result()
    lock = threading.Lock()
    with ExitStack() as stack:
        builders = [stack.enter_context(Judge("numpy")) for _ in range(options.jobs)]
        runner = stack.enter_context(Judge("tensorflow"))
        pool = stack.enter_context(ThreadPoolExecutor(options.jobs))
        second = stack.enter_context(ThreadPoolExecutor(1))
        waiting: list[Future[None]] = []
        free = list(builders)

        def settle(spec: Spec, index: int) -> None:
            verdict = runner.verdict(spec)
            with lock:
                result.ran += 1
                entry = {"kind": verdict["kind"], "index": index, "detail": verdict["detail"], "spec": spec}
                if verdict["kind"] == "B" and verdict["reason"]:
                    result.stricter.append(entry | {"reason": verdict["reason"]})
                elif verdict["kind"]:
                    result.failures.append(entry)

        def build(first: int) -> None:
            with lock:
                judge = free.pop()
            last = min(first + CHUNK, options.count)
            answer = judge.ask({"seed": options.seed, "first": first, "last": last})
            with lock:
                free.append(judge)
                if "error" in answer:
                    result.failures.append({"kind": "A3", "index": first, "detail": answer["error"], "spec": {}})
                    return
                result.covered.merge(answer["covered"])
                sample = [index for index in answer["accepted"] if index % options.run_every == 0]
                if progress:
                    print(f"\r{result.covered.models} ", end="", file=sys.stderr, flush=True)
                waiting.extend(second.submit(settle, each["spec"], each["index"]) for each in answer["suspects"])
                waiting.extend(second.submit(settle, grow(options.seed, index), index) for index in sample)

        list(pool.map(build, range(0, options.count, CHUNK)))
        for future in waiting:
            future.result()
        for failure in result.failures[:SHRINK_AT_MOST]:
            if failure["spec"]:
                shrunk = shrink(failure["spec"], lambda spec, kind=failure["kind"]: fails(runner.verdict(spec), kind))
                failure["spec"], failure["detail"] = shrunk, runner.verdict(shrunk)["detail"]
    return result


def fails(verdict: dict[str, Any], kind: str) -> bool:
    """Whether a verdict is a failure of a kind: a documented refusal is none."""
    return bool(verdict["kind"] == kind and not verdict["reason"])


def corpus() -> Iterator[tuple[str, Spec]]:
    """Every spec on which archgen and Keras ever parted, by name."""
    text = Path(__file__).with_name("found.jsonl").read_text("utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        entry = json.loads(line)
        yield f"{number}: {entry['was']}", entry["spec"]
