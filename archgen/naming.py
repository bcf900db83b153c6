"""Automatic names: which layer gets which number, as Keras counts them in a session of its own."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from archgen.builder import Given
from archgen.layers.base import Operation, automatic_name


class Names:
    """The automatic names that have been given so far."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def next(self, class_name: str) -> str:
        """The next automatic name of a class.

        >>> names = Names()
        >>> names.next("Conv2D"), names.next("Conv2D"), names.next("ReLU")
        ('conv2d', 'conv2d_1', 're_lu')
        """
        name = automatic_name(class_name)
        count = self.counts.get(name, 0)
        self.counts[name] = count + 1
        return f"{name}_{count}" if count else name

    def make(self, declared: Operation) -> Operation:
        """The declaration of a new layer, which knows what the layers inside are called."""
        classes = declared.names_before()
        if not classes:
            return declared
        own = deepcopy(declared)
        own.take_names(tuple(map(self.next, classes)))
        return own

    def call(
        self,
        declared: Operation,
        tensors: list[Given],
        words: dict[str, Any],
        new: bool,
        late: list[str] | None,
        functions: tuple[str, ...] = (),
    ) -> None:
        """Give the names that building and calling a layer takes, and ``functions`` that are called for its mask.

        A Sequential gives them ``late``, all in a row when its layers are made.
        """
        flat = [each for given in tensors for each in (given if isinstance(given, tuple) else (given,))]
        built = declared.names_on_build() if new else ()
        classes = (*built, *declared.names_on_call(*flat, **words), *functions)
        if late is not None:
            late += classes
            return
        for class_name in classes:
            self.next(class_name)
