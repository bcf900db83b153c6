"""What templates read of a plan: the arguments of ``compile`` and ``fit``, and how predictions are shown."""

from __future__ import annotations

from typing import Any

from archgen.data.network import Port
from archgen.layers.base import Declared
from archgen.layers.objects import resolve
from archgen.layers.objects.base import FileName
from archgen.literals import call_of, literal, source_of
from archgen.training import GAN, Array, Autoencoder, Plan, Supervised, Training

WIDTH = 12
"""Characters of a column of predictions."""
SHOWN = 8
"""How many predictions are shown."""


def fitting(plan: Plan) -> dict[str, Any]:
    """The arguments of ``compile`` and ``fit``, and those that ``train`` needs for them."""
    training = plan.training
    places = any(_places(callback) for callback in training.callbacks)
    compile_, fit = compile_arguments(plan), fit_arguments(training)
    return {
        "compile": [f"{name}={value}" for name, value in compile_.items()],
        "fit": [f"{name}={value}" for name, value in fit.items()],
        "arrays": {GAN: "x", Autoencoder: "x, x"}.get(type(training), "x, y"),
        "parameter": ', output_dir=Path(".")' if places else "",
        "argument": ", args.output_dir" if places else "",
    }


def compile_arguments(plan: Plan) -> dict[str, str]:
    """The arguments of ``compile``, as source."""
    training = plan.training
    words: dict[str, str] = {}
    if isinstance(training, GAN):
        for name, own in (("d", training.discriminator_optimizer), ("g", training.generator_optimizer)):
            words[f"{name}_optimizer"] = _built("optimizer", own if own is not None else training.optimizer)
        words["loss_fn"] = _built("loss", training.loss)
    else:
        assert isinstance(training, Supervised | Autoencoder)
        words = {"optimizer": source_of(training.optimizer), "loss": source_of(training.loss)}
        metrics: Any = training.metrics
        if isinstance(metrics, list) and metrics and len(plan.wanted.outputs) > 1:
            metrics = {port.name: metrics for port in plan.wanted.outputs}
        if metrics:
            words["metrics"] = source_of(metrics)
        if isinstance(training, Supervised) and training.loss_weights is not None:
            words["loss_weights"] = source_of(training.loss_weights)
    if training.steps_per_execution != 1:
        words["steps_per_execution"] = literal(training.steps_per_execution)
    if training.jit_compile != "auto":
        words["jit_compile"] = literal(training.jit_compile)
    return words


def fit_arguments(training: Training) -> dict[str, str]:
    """The arguments of ``fit`` after the arrays, the epochs and the size of a batch, as source."""
    words: dict[str, str] = {}
    if getattr(training, "validation_split", 0):
        words["validation_split"] = literal(training.validation_split)  # type: ignore[attr-defined]
    if not training.shuffle:
        words["shuffle"] = "False"
    if getattr(training, "class_weight", None) is not None:
        words["class_weight"] = literal(training.class_weight)  # type: ignore[attr-defined]
    if training.callbacks:
        words["callbacks"] = f"[{', '.join(call_of(each, _places(each)) for each in training.callbacks)}]"
    return words


def _places(callback: Declared) -> dict[str, str]:
    """The arguments of a callback that name a file, as source below the output directory."""
    return {
        name: f"str(output_dir / {literal(getattr(callback, name))})"
        for name, field in callback.fields.items()
        if isinstance(field.kind, FileName)
    }


def _built(role: str, value: Any) -> str:
    """An object as source, also where the spec gave only its name."""
    declared = resolve(role, value)
    assert declared is not None
    return call_of(declared)


def evaluation(plan: Plan) -> tuple[dict[str, Any], str]:
    """How predictions are shown beside the truth, and the source of the names of the classes (empty without)."""
    outputs = plan.wanted.outputs
    apart = len(outputs) > 1 or plan.network.named_outputs
    few = (
        f"x[:{SHOWN}]" if len(plan.wanted.inputs) == 1 else f"{{name: values[:{SHOWN}] for name, values in x.items()}}"
    )
    names = plan.data.class_names()
    named = bool(names) and any(not name.isdecimal() for name in names)
    shown = [show(port, array, apart, names if named else ()) for port, array in zip(outputs, plan.y, strict=True)]
    return {
        "few": few,
        "by_name": apart and not plan.network.named_outputs,
        "outputs": shown,
    }, (literal(tuple(names)) if named else "")


def show(port: Port, array: Array, apart: bool, names: tuple[str, ...]) -> dict[str, str]:
    """How one output is shown: heading, predictions, targets, and a row of them (empty where each is an array)."""
    key = f"[{literal(port.name)}]" if apart else ""
    guesses, truths = f"predicted{key}", f"y{key}[:{SHOWN}]"
    single = port.example == (1,)
    ranked = array.holds == "one_hot" or (array.holds == "classes" and not single)
    guesses += ".argmax(axis=-1)" if ranked else ".ravel()" if single else ""
    truths += ".argmax(axis=-1)" if array.holds == "one_hot" else ""
    label = f"{port.name}:\n" if apart else ""
    if len(array.shape) > (array.holds == "one_hot"):
        return {
            "heading": literal(f"\n{label}predicted, and the truth below"),
            "guesses": guesses,
            "truths": truths,
            "row": "",
        }
    width = max(WIDTH, *(len(name) for name in names), 0) if names else WIDTH
    if ranked:
        cells = ("CLASSES[guess]", "CLASSES[truth]") if names else ("guess", "truth")
        row = f'f"{{{cells[0]}:>{width}}} {{{cells[1]}:>{width}}}"'
    elif array.holds == "binary":
        truth = f"{{CLASSES[truth]:>{width}}}" if names else f"{{truth:{width}.0f}}"
        row = f'f"{{guess:{width}.3f}} {truth}"'
    else:
        row = f'f"{{guess:{width}.4g}} {{truth:{width}.4g}}"'
    heading = f"\n{label}{'predicted':>{width}} {'truth':>{width}}"
    return {"heading": literal(heading), "guesses": guesses, "truths": truths, "row": row}
