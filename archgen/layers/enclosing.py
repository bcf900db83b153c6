"""Layers that hold other layers: what Keras calls the inner ones, and where their weights stand."""

from collections.abc import Sequence
from typing import ClassVar

from archgen.layers.base import Layer, automatic_name
from archgen.tensors import Weight


class Enclosing(Layer):
    """What wrappers, stacks of cells and RNN share: the inner layers, and the names that Keras gives them.

    An inner layer takes its automatic name before the layer around it does, and its weights bear that name.
    ``weights`` names them as in a model without other layers, unless ``take_names`` has said which names they got.
    """

    abstract: ClassVar[bool] = True
    freezes = False
    taken: tuple[str, ...] | None = None

    def wrapped(self) -> tuple[Layer, ...]:
        """The inner layers, in the order in which they are made."""
        raise NotImplementedError

    def names_before(self) -> tuple[str, ...]:
        return tuple(name for inner in self.wrapped() for name in (*inner.names_before(), inner.keras_class))

    def names_on_build(self) -> tuple[str, ...]:
        return tuple(name for inner in self.wrapped() for name in inner.names_on_build())

    def take_names(self, names: tuple[str, ...]) -> None:
        """Learn the automatic names that the classes of ``names_before`` got, in that order."""
        self.taken = names
        start = 0
        for inner in self.wrapped():
            count = len(inner.names_before())
            if isinstance(inner, Enclosing):
                inner.take_names(names[start : start + count])
            start += count + 1

    def inner_names(self) -> tuple[str, ...]:
        """The names of the inner layers."""
        if self.taken is None:
            self.take_names(number(self.names_before()))
        names, end = [], -1
        for inner in self.wrapped():
            end += len(inner.names_before()) + 1
            names.append((self.taken or ())[end])
        return tuple(names)

    @staticmethod
    def inside(name: str, weights: dict[str, Weight]) -> dict[str, Weight]:
        """An inner layer's weights by their path below this one.

        They are frozen where the inner layer is: a ``trainable`` given to the layer around it says nothing of them.
        """
        return {f"{name}/{path}": weight for path, weight in weights.items()}


def number(classes: Sequence[str]) -> tuple[str, ...]:
    """Automatic names for classes, in a model in which they come first.

    >>> number(("LSTM", "LSTM", "Dense"))
    ('lstm', 'lstm_1', 'dense')
    """
    names: list[str] = []
    for index, name in enumerate(map(automatic_name, classes)):
        count = sum(automatic_name(before) == name for before in classes[:index])
        names.append(f"{name}_{count}" if count else name)
    return tuple(names)
