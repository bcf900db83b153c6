"""Training on inputs with targets."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from archgen.data import Array, Network, Port, Wanted
from archgen.data.endings import check_ending
from archgen.data.targets import spoken, target
from archgen.errors import LayerError
from archgen.layers.kinds import Float, ListOf, Made
from archgen.layers.objects import Loss, Metric, resolve
from archgen.training.arguments import ClassWeights, PerOutput, named
from archgen.training.base import Findings, Plan, Split, Training

Losses = Annotated[Any, PerOutput(Made("loss"))]
Metrics = Annotated[Any, PerOutput(ListOf(Made("metric"), tuples=False))]
LossWeights = Annotated[dict[str, float] | None, PerOutput(Float(0), nullable=True)]
OptionalClassWeights = Annotated[dict[int, float] | None, ClassWeights(nullable=True)]
Path = tuple[str | int, ...]

READS: dict[str, tuple[str, ...]] = {
    "integer": ("classes", "binary", "ids"),
    "one_hot": ("one_hot",),
    "binary": ("binary", "one_hot"),
}
"""The targets that a metric for labels of some form can read."""


class Supervised(Training):
    """Inputs with targets."""

    op = "supervised"

    loss: Losses
    metrics: Metrics = []
    loss_weights: LossWeights = None
    validation_split: Split = 0.0
    class_weight: OptionalClassWeights = None

    def plan(self, network: Network, found: Findings) -> Plan | None:
        names = [port.name for port in network.outputs]
        found.of(lambda: named(self.loss, names, complete=True), "loss")
        found.of(lambda: named(self.metrics, names, complete=False), "metrics")
        found.of(lambda: named(self.loss_weights, names, complete=False), "loss_weights")
        losses = [self.loss_of(port, found) for port in network.outputs]
        wanted = Wanted(network.inputs, network.outputs, tuple(losses))
        data, x = self.arrays(wanted, found)
        if data is None:
            return None
        if data.targets != "any" and len(network.outputs) != 1:
            found.add(
                f"{data.op} has one target, and the network gives {len(names)}: {', '.join(names)}",
                "data",
                hint='use "npz", with one array per output, or "synthetic"',
            )
            return None
        y = []
        for port, loss in zip(network.outputs, losses, strict=True):
            _, path = part(self.loss, port, "loss")
            array = found.of(partial(target, data, port, loss, path))
            if array is not None:
                y.append(array)
                self.check_metrics(port, array, found)
        found.of(lambda: self.check_class_weight(y), "class_weight")
        if len(y) == 1 and data.targets != "any" and "one_hot" in data.fields:
            data = data.with_options(one_hot=y[0].holds == "one_hot")
        return Plan(self, data, wanted, network, x, tuple(y))

    def loss_of(self, port: Port, found: Findings) -> Loss | None:
        """The loss of an output, checked against its last activation."""
        value, path = part(self.loss, port, "loss")
        loss = resolve("loss", value)
        if not isinstance(loss, Loss):
            return None
        found.of(lambda: check_ending(port, loss, spoken(loss)), *path)
        return loss

    def check_metrics(self, port: Port, array: Array, found: Findings) -> None:
        """Whether every metric of an output can read its targets."""
        values, path = part(self.metrics, port, "metrics")
        for index, value in enumerate(values or []):
            metric = resolve("metric", value)
            if isinstance(metric, Metric):
                found.of(partial(check_metric, metric, array), *path, index)

    def check_class_weight(self, y: Sequence[Array]) -> None:
        """Whether the weights are those of the classes of one output."""
        if self.class_weight is None or not y:
            return
        if len(y) != 1 or y[0].holds == "floats":
            what = f"{len(y)} outputs" if len(y) != 1 else "real-valued targets"
            raise LayerError(f"class weights go with the classes of one output, found {what}", code="bad-argument")
        for number in self.class_weight:
            if number >= y[0].high:
                raise LayerError(
                    f"there is no class {number} among {y[0].high:g}", param=str(number), code="bad-argument"
                )


def part(value: Any, port: Port, word: str) -> tuple[Any, Path]:
    """What an argument says of one output, and where it says so."""
    if isinstance(value, dict):
        return value.get(port.name), (word, port.name) if port.name in value else (word,)
    return value, (word,)


def check_metric(metric: Metric, array: Array) -> None:
    """Whether a metric can read targets; raises ``LayerError``."""
    if metric.op == "accuracy" and array.holds == "floats":
        raise LayerError(
            "accuracy compares classes, and the targets are real values", code="label-mismatch", hint='write "mae"'
        )
    reads = READS.get(metric.labels)
    if reads is None or array.holds in reads or (metric.labels == "integer" and metric.op == "Accuracy"):
        return
    forms = {
        "floats": "real values",
        "classes": "class numbers",
        "ids": "class numbers",
        "one_hot": "one-hot rows",
        "binary": "zeros and ones",
    }
    wants = {"integer": "class numbers", "one_hot": "one-hot rows", "binary": "zeros and ones"}[metric.labels]
    hint = 'write "mae"' if array.holds == "floats" else 'write "accuracy", which fits the labels whatever their form'
    raise LayerError(
        f"{metric.op} takes {wants}, and the targets are {forms[array.holds]}", code="label-mismatch", hint=hint
    )
