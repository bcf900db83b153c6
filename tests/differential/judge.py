"""What archgen and Keras each say of a spec, and where they part.

=====  ==========================================================================
``A1``  archgen accepts what Keras refuses
``A2``  both accept, and shapes, dtypes, weights, names or connections differ
``A3``  both accept, and running it fails, gives other shapes or dtypes, or NaN
``B``   archgen refuses what Keras builds and runs
=====  ==========================================================================

Meant for a process of its own: it imports Keras, on the backend that ``KERAS_BACKEND`` names.
"""

from __future__ import annotations

import json
import re
from typing import Any

import keras
import numpy as np

from archgen.checking import Checked, check
from archgen.errors import Problem
from archgen.graph import GraphInfo, GraphNode
from archgen.layers.base import known
from archgen.probe import describe_model
from archgen.source import parse
from archgen.verification import Expected, Report, compare
from tests.differential.grow import Spec, as_json
from tests.differential.second import build
from tests.differential.verdict import Verdict
from tests.layers.device import DEVICE
from tests.layers.keras_worker import as_graph, example

UNDEFINED = {
    "floor_divide": "by zero",
    "log": "of a negative number",
    "log1p": "of a number below -1",
    "log10": "of a negative number",
    "log2": "of a negative number",
    "sqrt": "of a negative number",
    "rsqrt": "of a negative number",
    "divide": "by zero",
    "true_divide": "by zero",
    "mod": "by zero",
    "power": "of a negative number",
    "reciprocal": "of zero",
    "arccos": "outside of -1 to 1",
    "arcsin": "outside of -1 to 1",
    "arctanh": "outside of -1 to 1",
    "arccosh": "below 1",
}
"""Functions that are not defined everywhere: after them, NaN is no mistake."""


GROWING = ("exponential", "ops.exp")
"""Functions after which, or in whose recurrence, values pass the largest float: infinity less infinity is NaN."""
BOUNDED = {"sigmoid", "hard_sigmoid", "sparse_sigmoid", "tanh", "hard_tanh", "softmax", "sparsemax", "softsign"}
"""What keeps the gates of a recurrence between bounds."""
EXCUSED = re.compile(
    rf"{DEVICE.pattern}|division by zero|should be in vocabulary|must be non-negative"
    r"|indices\[.*\] = -?\d+ is not in \["
)
"""Errors that come of the device, or of the random data."""


def judge(spec: Spec, *, run: bool = False, against: Spec | None = None) -> Verdict:
    """Compare both; ``run`` also runs what Keras builds, as in prediction and in training, on random data.

    ``against`` is what Keras builds in its place: the harness itself has to tell two specs apart.
    """
    checked = check(parse(json.dumps(spec)))
    accepted = checked.graph is not None
    keras.utils.set_random_seed(0)
    try:
        model = build(against or spec)
    except Exception as error:
        if accepted:
            return Verdict("A1", say(error), accepted=True)
        return Verdict()
    if not accepted:
        return _refused(spec, checked, model, run)
    differences = compare_all(checked, describe_model(model))
    verdict = Verdict("A2" if differences else "", "\n".join(differences), accepted=True)
    if not differences and run:
        wrong = misbehaviour(model, lenient=may_be_undefined(spec))
        verdict = Verdict("A3" if wrong else "", wrong, accepted=True)
    if not verdict.kind:
        verdict.uses, verdict.pairs = uses_of(checked), pairs_of(checked)
    return verdict


def _refused(spec: Spec, checked: Checked, model: keras.Model, run: bool) -> Verdict:
    """The verdict on what Keras builds and archgen does not accept."""
    said = "; ".join(f"{problem.path} {problem.code}: {problem.message}" for problem in checked.problems)
    if run and misbehaviour(model, lenient=False, guesses=False):
        return Verdict()
    reasons = [reason_for(spec, problem) for problem in checked.problems]
    return Verdict("B", said, reason="; ".join(dict.fromkeys(map(str, reasons))) if all(reasons) else "")


def reason_for(spec: Spec, problem: Problem) -> str | None:
    """Why archgen is stricter than Keras here, as a declaration says."""
    part: Any = spec
    for step in re.findall(r"\w+", problem.path):
        if isinstance(part, dict) and "op" in part:
            break
        part = part[int(step)] if step.isdigit() and isinstance(part, list) else part[step]
    if not isinstance(part, dict) or "op" not in part:
        return None
    text = f"{problem.path.rpartition(']')[2].lstrip('.')}: {problem.message}".replace('"', "")
    ops = [part["op"], *re.findall(r"'op': '(\w+)'", str(part))]
    for op in ops:
        declared = known("op" if op.startswith("ops.") else "layer").get(op.removeprefix("ops."))
        for pattern, reason in declared.gathered("stricter").items() if declared else ():
            if re.search(pattern, text):
                return str(reason)
    return None


def say(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text if len(text) < 1000 else f'{text[:500]} ... {text[-500:]}'}"


def compare_all(checked: Checked, built: dict[str, Any]) -> list[str]:
    """Where the model that was built is not the graph."""
    program, graph = checked.program, checked.graph
    assert graph is not None
    info: GraphInfo = graph.graph["info"]
    expected = Expected(program.name, graph, program, info.models)
    same_class(expected, built)
    return compare(expected, built, Report(program.name, "<spec>", 0, 0))


def same_class(expected: Expected, built: dict[str, Any]) -> None:
    """The second reading makes every model with the functional API; that is not what is compared."""
    built["class"] = expected.keras_class
    for layer in built["layers"]:
        if layer["model"] is not None and layer["name"] in expected.definitions:
            name = layer["name"]
            same_class(
                Expected(name, expected.definitions[name], expected.program, expected.definitions), layer["model"]
            )


def misbehaviour(model: keras.Model, *, lenient: bool, guesses: bool = True) -> str:
    """What goes wrong when a model runs as ``fit`` and ``predict`` run it; nothing where all is as announced.

    ``lenient`` excuses NaN. Sizes that are not announced are made up for each input by itself: that they do not fit
    together counts only without ``guesses``.
    """
    tensors = [{"shape": list(tensor.shape), "dtype": tensor.dtype} for tensor in model.inputs]
    data = [example(tensor) for tensor in tensors]
    guessed = guesses and any(None in tensor.shape[1:] for tensor in tensors_of(model))
    for training in (False, True):
        mode = "training" if training else "prediction"
        try:
            outputs, losses = run(model, tensors, training, data)
        except Exception as error:
            return "" if guessed or EXCUSED.search(str(error)) else f"{mode}: {say(error)}"
        for announced, given in zip(model.outputs, keras.tree.flatten(outputs), strict=True):
            shape, dtype = tuple(given.shape), keras.backend.standardize_dtype(given.dtype)
            if not fits(announced.shape, shape) or announced.dtype != dtype:
                return f"{mode} gives {shape} {dtype} for {tuple(announced.shape)} {announced.dtype}"
            if not lenient and "float" in dtype and has_nan(given):
                return f"{mode} gives NaN"
        if not lenient and any(has_nan(loss) for loss in losses):
            return f"{mode} gives a loss of NaN"
    return ""


def run(model: keras.Model, tensors: list[dict[str, Any]], training: bool, data: list[Any]) -> Any:
    """What the model gives, and its losses; if need be without TensorFlow's optimizer of graphs, which has bugs."""
    try:
        return as_graph(model, tensors, training)(data)
    except Exception:
        if keras.backend.backend() != "tensorflow":
            raise
        import tensorflow as tf

        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
        try:
            return as_graph(model, tensors, training)(data)
        finally:
            tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})


def tensors_of(model: keras.Model) -> list[Any]:
    """Everything that is computed on the way, in the models inside, too."""
    tensors = [
        tensor for operation in model.operations for node in operation._inbound_nodes for tensor in node.output_tensors
    ]
    inside = [operation for operation in model.operations if hasattr(operation, "operations")]
    return tensors + [tensor for each in inside for tensor in tensors_of(each)]


def has_nan(tensor: Any) -> bool:
    return bool(np.isnan(keras.ops.convert_to_numpy(keras.ops.cast(tensor, "float32"))).any())


def fits(announced: Any, given: tuple[int, ...]) -> bool:
    return len(announced) == len(given) and all(a in (None, b) for a, b in zip(announced, given, strict=True))


def may_be_undefined(spec: Spec) -> bool:
    """Whether NaN may come of a function that is not defined for all numbers, or of values past all bounds."""
    text = json.dumps(spec)
    gates = set(re.findall(r'"recurrent_activation": "?(\w+)', text))
    # A mean over steps of which none counts: the data of a run may be all zeros.
    empty = "GlobalAveragePooling1D" in text and ('"mask_zero": true' in text or '"Masking"' in text)
    return (
        any(f'"ops.{name}"' in text for name in UNDEFINED)
        or any(word in text for word in GROWING)
        or not gates <= BOUNDED
        or empty
    )


def nodes_of(checked: Checked) -> list[GraphNode]:
    assert checked.graph is not None
    return [data["node"] for _, data in checked.graph.nodes(data=True)]


def uses_of(checked: Checked) -> list[tuple[str, dict[str, str]]]:
    return [
        (node.op, {name: json.dumps(as_json(given), default=str) for name, given in node.arguments.items()})
        for node in nodes_of(checked)
        if node.shares is None
    ]


def pairs_of(checked: Checked) -> list[tuple[str, str]]:
    assert checked.graph is not None
    ops = {node.key: node.op for node in nodes_of(checked)}
    return [(ops[giver], ops[reader]) for giver, reader, *_ in checked.graph.edges(data=True)]
