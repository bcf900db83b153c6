"""Whether targets go with a loss and an output: the form of the labels, and the number of classes."""

from collections.abc import Sequence

from archgen.data.base import Array, Data
from archgen.data.endings import ending
from archgen.data.network import Port
from archgen.errors import LayerError
from archgen.layers.base import automatic_name
from archgen.layers.objects import Loss
from archgen.tensors import Shape

FREE = ("Circle", "CTC")
"""Losses whose outputs are not one per class."""
SPARSE = {
    "CategoricalCrossentropy": "sparse_categorical_crossentropy",
    "SparseCategoricalCrossentropy": "categorical_crossentropy",
}
"""The same loss for labels in the other form."""


def spoken(declared: Loss) -> str:
    """A loss as a spec usually writes it."""
    names = declared.strings()
    return max(names, key=lambda name: (name.islower(), len(name)), default=automatic_name(declared.op))


def target(data: Data, port: Port, loss: Loss | None, where: Sequence[str | int]) -> Array:
    """The array that a loss compares with an output; raises ``LayerError``, its ``param`` inside ``train``.

    ``where`` is the path of the loss.
    """
    form = "any" if loss is None else loss.labels
    if data.targets == "values" or (data.targets == "either" and form == "real"):
        return values(data, port, loss, where)
    one_hot = getattr(data, "one_hot", None)
    if form == "any":
        form = "binary" if port.tensor.channels == 1 else "one_hot" if one_hot else "integer"
    name = "the loss" if loss is None else spoken(loss)
    if form == "integer" and one_hot:
        other = SPARSE.get(type(loss).__name__, "a loss for one-hot labels")
        raise LayerError(
            f'{name} takes class numbers, and "one_hot" makes rows of zeros and ones',
            param=("data", "one_hot"),
            code="label-mismatch",
            hint=f'take "one_hot" out, or write "loss": "{other}"',
        )
    if form == "one_hot" and one_hot is False and data.targets != "any":
        other = SPARSE.get(type(loss).__name__, "a loss for class numbers")
        raise LayerError(
            f"{name} takes one-hot rows, and the labels of {data.op} are class numbers",
            param=("data", "one_hot"),
            code="label-mismatch",
            hint=f'write "one_hot": true, or "loss": "{other}"',
        )
    if loss is not None and loss.op in FREE:
        return Array(port.example[:-1] if loss.op == "CTC" else (), "int64", "classes", 0, data.number_of_classes or 2)
    if data.targets != "any":
        return classes(data, port, form, name)
    return anything(port, form)


def classes(data: Data, port: Port, form: str, name: str) -> Array:
    """Labels of a source that knows its classes."""
    units = port.tensor.channels
    number = data.number_of_classes or (units if units is not None and units > 1 else 2)
    if port.tensor.rank != 2:
        raise LayerError(
            f"{data.op} has one label for each example, and output '{port.name}' gives {port.tensor}",
            param="data",
            code="data-mismatch",
            hint="flatten or pool the output before the last Dense",
        )
    if form in ("integer", "one_hot"):
        if units not in (number, None):
            raise LayerError(
                f"{data.op} has {number} classes, and output '{port.name}' gives {port.tensor}",
                param="data",
                code="data-mismatch",
                hint=(
                    f"give the last layer {number} units"
                    if units != 1 or number != 2
                    else 'write "loss": "binary_crossentropy", or give the last layer 2 units'
                ),
            )
        return Array((), "int64", "classes", 0, number) if form == "integer" else rows(number)
    if units == number and number > 1:
        return rows(number)
    if units == 1 and (number == 2 or form == "real"):
        return Array((), "int64", "binary" if number == 2 else "classes", 0, number)
    raise LayerError(
        f"{data.op} has {number} classes, and {name} compares them with {port.tensor}",
        param="data",
        code="data-mismatch",
        hint=(
            f'end with {number} units and "softmax", and write "loss": "sparse_categorical_crossentropy"'
            if number > 2
            else "give the last layer 1 unit"
        ),
    )


def rows(number: int) -> Array:
    """One-hot rows."""
    return Array((number,), "float32", "one_hot", 0, number)


def values(data: Data, port: Port, loss: Loss | None, where: Sequence[str | int]) -> Array:
    """The targets of a source of real values: one number for each example."""
    if loss is not None and loss.labels not in ("real", "any"):
        raise LayerError(
            f"{data.op} has real values as targets, and {spoken(loss)} compares classes",
            param=tuple(where),
            code="label-mismatch",
            hint='write "loss": "mse"',
        )
    if port.tensor.shape[1:] != (1,):
        raise LayerError(
            f"{data.op} has one target for each example, and output '{port.name}' gives {port.tensor}",
            param="data",
            code="data-mismatch",
            hint="end with a Dense of 1 unit",
        )
    low, high = data.target_span or (0, 1)
    end = ending(port)
    if end is not None and end.span is not None and data.target_span and end.span[1] < high:
        raise LayerError(
            f"the targets of {data.op} reach {high:g}, and {end.name} gives at most {end.span[1]:g}",
            param="data",
            code="data-mismatch",
            hint='take the "activation" of the last layer out',
        )
    return Array((), "float32", "floats", low, high, data.target_span is not None)


def anything(port: Port, form: str) -> Array:
    """Targets of a source that holds, or makes, whatever the loss compares."""
    shape: Shape = port.example
    number = port.tensor.channels or 2
    match form:
        case "integer":
            return Array(shape[:-1], "int64", "classes", 0, number)
        case "one_hot":
            return Array(shape, "float32", "one_hot", 0, number)
        case "binary" | "sign":
            return Array(() if shape == (1,) else shape, "float32", "binary")
    return Array(() if shape == (1,) else shape, "float32", "floats", bounded=False)
