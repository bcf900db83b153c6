"""Layers of one's own: classes that a spec imports by name, which nothing is known of but what the spec declares."""

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any, Self

from archgen.errors import LayerError, did_you_mean
from archgen.layers.base import COMMON, Declared, Field, Layer, build, known
from archgen.layers.kinds import Choice, Kind, Object, ShapeOf, show
from archgen.names import is_identifier, misnamed
from archgen.tensors import FLOATS, INTEGERS, Dim, Shape, Tensor

OBJECTS = ("initializer", "regularizer", "constraint")
"""The roles of the objects that an argument can hold."""

OUTPUT = "output"
"""The word of a node that says what an imported layer gives."""

TAKEN = {"name": 'write "id"', OUTPUT: "it stands on the node itself", "self": "give the argument another name"}
"""Names that no argument of an imported layer can have, with what to do instead."""


class FreeForm(Kind):
    """Whatever a class may take: any JSON value, in which an initializer, regularizer or constraint may stand."""

    tuples = False

    def __init__(self) -> None:
        super().__init__(nullable=True)

    def convert(self, value: Any) -> Any:
        match value:
            case Object():
                return self.build(value)
            case list() | tuple():
                return [self.below(index, item) for index, item in enumerate(value)]
            case dict():
                return {key: self.below(key, item) for key, item in value.items()}
            case bool() | int() | float() | str():
                return value
        raise self.refuse(value)

    def below(self, key: str | int, value: Any) -> Any:
        """An item of a list or an object."""
        try:
            return self.coerce(value)
        except LayerError as error:
            raise error.under(key) from None

    def build(self, value: Object) -> Declared:
        """An object, where its name is that of one thing only."""
        roles = [role for role in OBJECTS if value.op in known(role)]
        if len(roles) == 1 and value.op not in known("layer"):
            return build(roles[0], value)
        if value.op in known("layer"):
            message = f"an imported layer takes no layer, found {show(value)}"
            raise LayerError(message, code="bad-argument", hint="take it out: the class makes the layers inside it")
        names = [name for role in OBJECTS for name in known(role)]
        raise LayerError(
            f'there is no initializer, regularizer or constraint "{value.op}"',
            param="op",
            code="unknown-op",
            hint=did_you_mean(value.op, names) or "give it as a string, or make it inside the class",
        )

    def phrase(self) -> str:
        return "a value"


@dataclass(frozen=True, slots=True)
class Given:
    """What an imported layer gives: the shape after the batch, or ``None`` for that of its first input."""

    shape: Shape | None = None
    dtype: str | None = None


class OutputOf(Kind):
    """``"same"``, a dimension for each after the batch, or an object with ``shape`` and ``dtype``."""

    shape = ShapeOf()
    dtype = Choice(*FLOATS, *INTEGERS, "bool", "string")

    def convert(self, value: Any) -> Given:
        if value == "same":
            return Given()
        if isinstance(value, (list, tuple)):
            return Given(self.shape.coerce(value))
        if not isinstance(value, dict) or isinstance(value.get("shape"), dict):
            raise self.refuse(value, hint='write "same", or for example [null, 64]')
        for key in value:
            if key not in ("shape", "dtype"):
                hint = did_you_mean(key, ("shape", "dtype")) or "known here: shape, dtype"
                raise LayerError(f'"{OUTPUT}" has no "{key}"', param=key, code="unknown-key", hint=hint)
        try:
            shape = self.convert(value.get("shape", "same")).shape
        except LayerError as error:
            raise error.under("shape") from None
        try:
            return Given(shape, self.dtype.coerce(value["dtype"]) if "dtype" in value else None)
        except LayerError as error:
            raise error.under("dtype") from None

    def phrase(self) -> str:
        return '"same", or a list with one entry for each dimension after the batch'

    def example(self) -> str:
        return '"same"'


FREE = FreeForm()
GIVEN = OutputOf()


def refused_word(what: str, name: str) -> tuple[str, str] | None:
    """Why code cannot pass an argument of this name, and what to write; ``None`` where it can."""
    if not is_identifier(name):
        return misnamed(what, name)
    return (f'{what} of an imported layer cannot be called "{name}"', TAKEN[name]) if name in TAKEN else None


class ImportedLayer(Layer):
    """A class that the generated script imports. Nodes get a subclass each, whose fields are what they were given."""

    abstract = True
    category = "own"
    imported = True
    positional = 0
    call_inputs = ()

    @classmethod
    def of(cls, name: str, arguments: Iterable[str]) -> type[Self]:
        """The declaration of a class at a node with these arguments; it is not registered."""
        declared: type[Self] = type(name, (cls,), {"abstract": True, "op": name, "__module__": __name__})
        own = [each for each in arguments if refused_word("", each) is None and each not in COMMON]
        declared.fields = {**{each: Field(each, FREE) for each in own}, **COMMON}
        return declared

    @classmethod
    def option(cls, name: str) -> Kind | None:
        return FREE if refused_word("", name) is None else None

    @classmethod
    def mistakes_in_names(cls, arguments: Iterable[str]) -> list[LayerError]:
        """Arguments with names that no call can spell; which ones the class takes nobody knows here."""
        refusals = [(name, refused_word("the argument", name)) for name in arguments]
        return [
            LayerError(refusal[0], param=name, code="unknown-argument", hint=refusal[1])
            for name, refusal in refusals
            if refusal is not None
        ]

    def __init__(self, **arguments: Any) -> None:
        # Apart from the attributes of this class: an argument may be called like any of them.
        self.given = arguments
        self.trainable = arguments.get("trainable", True)
        self.dtype = arguments.get("dtype")
        self.gives: Callable[[tuple[Tensor, ...]], Any] = lambda tensors: "same"

    def argument(self, name: str) -> Any:
        return self.given.get(name, self.fields[name].default)

    def giving(self, gives: Callable[[tuple[Tensor, ...]], Any]) -> Self:
        """It with what it gives: a function from the tensors that it reads to a value that ``OutputOf`` takes."""
        own = copy(self)
        own.gives = gives
        return own

    def output(self, *tensors: Any, **call: Any) -> Tensor:
        """What the spec declares; without a dtype that of Keras's cast of the first input, or of computation."""
        read = tuple(_tensors((*tensors, *call.values())))
        try:
            given = GIVEN.coerce(self.gives(read))
        except LayerError as error:
            raise error.under(OUTPUT) from None
        first = read[0]
        if given.shape is None:
            return Tensor(first.shape, given.dtype or self.cast(first).dtype)
        return Tensor((*first.shape[:1], *given.shape), given.dtype or self.compute_dtype)

    def flops(self, *tensors: Any, **call: Any) -> Dim:
        return None

    def names_on_call(self, *tensors: Any, **call: Any) -> tuple[str, ...]:
        # What is made inside the class is not known; the comparison with Keras leaves those names out of account.
        return ()


def _tensors(values: Iterable[Any]) -> Iterator[Tensor]:
    """The tensors among the values of a call, those of lists one by one."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, tuple):
            yield from _tensors(value)
