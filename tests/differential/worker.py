"""A child process that judges specs, on the backend that ``KERAS_BACKEND`` names: JSON lines in, JSON lines out.

A request is ``{"seed", "first", "last"}``: grow and judge the models of these places; or ``{"spec"}``: judge one, with
its generated code, and run it; ``"against"`` has Keras build another spec in its place.
"""

from __future__ import annotations

import json
import sys
import warnings
from dataclasses import asdict
from typing import Any

import keras

from archgen.errors import SpecError
from archgen.probe import describe_model
from archgen.verification import Report, compare
from tests.agreement import write
from tests.differential.coverage import Coverage
from tests.differential.grow import Spec, grow
from tests.differential.judge import judge, say
from tests.differential.verdict import Verdict


def judge_range(seed: int, first: int, last: int) -> dict[str, Any]:
    """The verdicts on the models from one place to another: what was covered, and every one that is not agreement."""
    covered, suspects, accepted = Coverage(), [], []
    for index in range(first, last):
        spec = grow(seed, index)
        verdict = judge(spec)
        covered.add(verdict)
        if verdict.kind:
            suspects.append({"index": index, "spec": spec, "kind": verdict.kind, "detail": verdict.detail})
        elif verdict.accepted:
            accepted.append(index)
    return {"covered": covered.as_json(), "suspects": suspects, "accepted": accepted}


def judge_one(spec: Spec, against: Spec | None = None) -> dict[str, Any]:
    """The verdict on one spec: on its graph, on its code, and on how it runs."""
    verdict = judge(spec, run=True, against=against)
    if not verdict.kind and verdict.accepted:
        differences = judge_code(spec)
        verdict = Verdict("A2", differences, accepted=True) if differences else verdict
    return asdict(verdict)


def judge_code(spec: Spec) -> str:
    """Where the model that the generated functions build is not the graph."""
    try:
        written = write(json.dumps(spec), pretty=False)
    except SpecError as error:
        return f"code: {error}"
    keras.utils.clear_session(free_memory=False)
    module: dict[str, Any] = {"__name__": "generated"}
    try:
        exec(compile(written.text, "generated.py", "exec"), module)
        found = [
            line
            for builder, expected in written.builders.items()
            for line in compare(expected, describe_model(module[builder]()), Report("net", "<spec>", 0, 0))
        ]
    except Exception as error:
        return f"code: {say(error)}"
    return "\n".join(f"code: {line}" for line in found)


def main() -> None:
    warnings.simplefilter("ignore")
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        answer = judge_range(**request) if "seed" in request else judge_one(**request)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
