"""The objects that arguments take: initializers, regularizers, constraints, optimizers, schedules, losses, metrics,
callbacks. Each is declared as a layer is, under its role in the registry.
"""

from typing import Any

from archgen.errors import LayerError
from archgen.layers.base import Declared, build, known
from archgen.layers.kinds import Made, Object
from archgen.layers.objects import (
    callbacks,
    constraints,
    decision_metrics,
    initializers,
    losses,
    metrics,
    optimizers,
    regularizers,
    schedules,
)
from archgen.layers.objects.base import Argument
from archgen.layers.objects.losses import Loss, MatchingCrossentropy
from archgen.layers.objects.metrics import MatchingAccuracy, Metric

MATCHING: dict[str, dict[str, type[Argument]]] = {
    "loss": {"crossentropy": MatchingCrossentropy, "ce": MatchingCrossentropy},
    "metric": {"accuracy": MatchingAccuracy, "acc": MatchingAccuracy},
}
"""Strings that stand for a choice which ``compile`` makes by the shapes it sees, in any spelling of their case."""


def resolve(role: str, value: Any) -> Declared | None:
    """The declaration that a checked or unchecked value of a role stands for; ``None`` for ``None``.

    Raises ``LayerError`` for a string that the role does not know or an object that cannot be built.

    >>> resolve("loss", "mse").op, resolve("regularizer", "l2").l2
    ('MeanSquaredError', 0.01)
    """
    if value is None or isinstance(value, Declared):
        return value
    if isinstance(value, Object):
        return build(role, value)
    name = Made(role).convert(value)
    if name.lower() in MATCHING.get(role, {}):
        return MATCHING[role][name.lower()]()
    for declared in known(role).values():
        if issubclass(declared, Argument) and name in declared.strings():
            return declared()
    raise LayerError(f'there is no {role} "{name}"', code="bad-argument")


__all__ = [
    "MATCHING",
    "Argument",
    "Loss",
    "MatchingAccuracy",
    "MatchingCrossentropy",
    "Metric",
    "callbacks",
    "constraints",
    "decision_metrics",
    "initializers",
    "losses",
    "metrics",
    "optimizers",
    "regularizers",
    "resolve",
    "schedules",
]
