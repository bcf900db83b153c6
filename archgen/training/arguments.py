"""The kinds of arguments that only a ``train`` section has."""

from collections.abc import Mapping
from typing import Any

from archgen.errors import LayerError, did_you_mean
from archgen.layers.base import LayerErrors
from archgen.layers.kinds import Float, Kind


def flattened(error: LayerError) -> list[LayerError]:
    """The single mistakes in an error."""
    return list(error.errors) if isinstance(error, LayerErrors) else [error]


class PerOutput(Kind):
    """One value, or one per output: an object output -> value."""

    def __init__(self, item: Kind, *, nullable: bool = False) -> None:
        super().__init__(nullable=nullable)
        self.item = item

    def convert(self, value: Any) -> Any:
        return each(value, self.item) if isinstance(value, Mapping) else self.item.coerce(value)

    def phrase(self) -> str:
        return f"{self.item.describe()}, or an object output -> value"

    def example(self) -> str:
        return self.item.example()

    def plain_schema(self) -> dict[str, Any]:
        return {"anyOf": [self.item.schema(), {"type": "object", "additionalProperties": self.item.schema()}]}


class ClassWeights(Kind):
    """Weights by class number."""

    def convert(self, value: Any) -> dict[int, float]:
        if not isinstance(value, Mapping) or not all(str(key).isdecimal() and str(key).isascii() for key in value):
            raise self.refuse(value)
        return {int(key): weight for key, weight in each(value, Float(0)).items()}

    def phrase(self) -> str:
        return "an object class number -> weight"

    def example(self) -> str:
        return '{"0": 1.0, "1": 2.0}'

    def plain_schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}}


def each(values: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """Every value of a mapping as a kind takes it; raises ``LayerErrors`` with every mistake."""
    taken: dict[str, Any] = {}
    errors: list[LayerError] = []
    for name, value in values.items():
        try:
            taken[name] = kind.coerce(value)
        except LayerError as error:
            errors += [found.under(name) for found in flattened(error)]
    if errors:
        raise LayerErrors(errors)
    return taken


def named(value: Any, names: list[str], *, complete: bool) -> None:
    """Check that a mapping speaks of outputs there are, and of all of them where it must; raises ``LayerErrors``."""
    if not isinstance(value, Mapping):
        return
    errors = [
        LayerError(
            f'there is no output "{name}"',
            param=name,
            code="unknown-output",
            hint=did_you_mean(name, names) or f"the outputs are {', '.join(names)}",
        )
        for name in value
        if name not in names
    ]
    if complete and not errors:
        errors = [
            LayerError(f'nothing is said of output "{name}"', code="missing-output", hint=f'add "{name}": "mse"')
            for name in names
            if name not in value
        ]
    if errors:
        raise LayerErrors(errors)
