"""Automatic names: which layer gets which number, as Keras counts them in a session of its own."""

from __future__ import annotations

from copy import deepcopy

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

    def make(self, declared: Operation, named: bool = False) -> Operation:
        """The declaration of a new layer, which knows what the layers inside are called.

        ``named`` says that it has a name of the author's.
        """
        classes = () if named and declared.shares_name else declared.names_before()
        if not classes:
            return declared
        own = deepcopy(declared)
        own.take_names(tuple(map(self.next, classes)))
        return own

    def take(self, classes: tuple[str, ...], late: list[str] | None) -> None:
        """Give the names that building and calling a layer takes.

        A Sequential gives them ``late``, all in a row when its layers are made.
        """
        if late is not None:
            late += classes
            return
        for class_name in classes:
            self.next(class_name)
