"""What the objects that arguments take have in common: a Keras module, and the strings they go by."""

import re
from collections.abc import Sequence
from functools import cache
from inspect import get_annotations
from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import Declared, Field, automatic_name
from archgen.layers.kinds import Bool, DType, Float, Int, ListOf, OneOf, Str


class Argument(Declared):
    """Something that is passed to a layer, to ``compile`` or to ``fit``."""

    abstract: ClassVar[bool] = True
    module: ClassVar[str] = ""
    """The public Keras module that holds the class."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Short strings that Keras knows it by, besides those made from the name of the class."""
    named: ClassVar[bool] = True
    """Whether Keras looks it up by a string at all."""

    @classmethod
    @cache
    def strings(cls) -> tuple[str, ...]:
        """The strings that Keras accepts in its place; none where an argument is required."""
        if not cls.named or any(field.required for field in cls.fields.values()):
            return ()
        return tuple(dict.fromkeys((*cls.__dict__.get("aliases", ()), *cls.class_names())))

    @classmethod
    def class_names(cls) -> tuple[str, ...]:
        """The strings made from the name of the class, the usual one first."""
        return (automatic_name(cls.op), cls.op)


class Real(Float):
    """A number that Keras demands as a ``float``: ``1`` becomes ``1.0``."""

    def convert(self, value: Any) -> float:
        return float(super().convert(value))


class FileName(Str):
    """A path below the output directory: plain names, joined by ``/``.

    ``{epoch}``, ``{batch}`` and logged values (``{val_loss:.2f}``) may stand in it where ``pattern`` is set.
    ``suffixes`` are the endings it must have one of.
    """

    NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")
    FIELD = re.compile(r"\{[a-z_][a-z0-9_]*(:0?[0-9]*(\.[0-9]+)?[defg])?\}")

    def __init__(self, *suffixes: str, pattern: bool = False, nullable: bool = False) -> None:
        super().__init__(nullable=nullable)
        self.suffixes, self.pattern = suffixes, pattern

    def convert(self, value: Any) -> str:
        text = super().convert(value)
        plain = self.FIELD.sub("x", text) if self.pattern else text
        if not all(self.NAME.match(part) for part in plain.split("/")):
            raise self.refuse(value, hint="write a plain file name such as " + self.example())
        if self.suffixes and not text.endswith(self.suffixes):
            raise self.refuse(value, hint=f"end it with {' or '.join(self.suffixes)}")
        return text

    def phrase(self) -> str:
        return "a relative file name" + (f" ending in {' or '.join(self.suffixes)}" if self.suffixes else "")

    def example(self) -> str:
        return f'"best{self.suffixes[0] if self.suffixes else ".csv"}"'


class Numbers(ListOf):
    """A list of numbers, written as a list; ``scalar`` also takes one number."""

    def __init__(
        self, item: Float | Int | None = None, *, minimum: int = 1, scalar: bool = False, nullable: bool = False
    ) -> None:
        super().__init__(item or Float(), minimum=minimum, scalar=scalar, tuples=False, nullable=nullable)


def own_first(cls: type[Declared], *before: str) -> dict[str, Field]:
    """The fields of a class with those it declares itself in front, after those named in ``before``."""
    names = dict.fromkeys((*before, *get_annotations(cls), *cls.fields))
    return {name: cls.fields[name] for name in names if name in cls.fields}


def refuse(message: str, param: str | tuple[str | int, ...] = (), hint: str | None = None) -> LayerError:
    """The error for arguments that contradict each other."""
    return LayerError(message, param=param, hint=hint, code="bad-argument")


def in_range(axes: int | Sequence[int], rank: int) -> bool:
    """Whether every axis exists in ``rank`` dimensions."""
    return all(-rank <= axis < rank for axis in ([axes] if isinstance(axes, int) else axes))


OptionalFlag = Annotated[bool | None, Bool(nullable=True)]
OptionalNumber = Annotated[float | None, Float(nullable=True)]
OptionalPositive = Annotated[float | None, Float(above=0, nullable=True)]
OptionalNatural = Annotated[int | None, Int(0, nullable=True)]
OptionalWhole = Annotated[int | None, Int(nullable=True)]
RealNumber = Annotated[float, Real()]
Fraction = Annotated[float, Float(0, 1)]
OptionalDType = Annotated[str | None, DType(nullable=True)]
Thresholds = Annotated[float | list[float] | None, Numbers(Float(0, 1), scalar=True, nullable=True)]
IntList = Annotated[list[int], Numbers(Int(0))]
OptionalIntList = Annotated[list[int] | None, Numbers(Int(), nullable=True)]
IntOrNumber = OneOf(Int(), Float())
