"""What an argument can be: each kind checks a JSON value, turns it into the value Keras takes, and describes itself.

A kind never guesses: ``coerce`` returns the value or raises ``LayerError`` with what was expected and what was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, get_origin

from archgen.errors import LayerError, did_you_mean

if TYPE_CHECKING:
    from archgen.layers.base import Declared, Layer

LARGEST_INT = 2**31 - 1
LARGEST_FLOAT = 1.7976931348623157e308

ACTIVATIONS = (
    "celu",
    "elu",
    "exponential",
    "gelu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
)
"""The functions of ``keras.activations`` that keep the shape and need no argument (not ``glu``, not ``threshold``)."""


@dataclass(frozen=True, slots=True)
class Object:
    """``{"op": name, ...}`` as a value: something to build, its arguments evaluated and not yet checked."""

    op: str
    arguments: dict[str, Any] = field(default_factory=dict)


def show(value: object) -> str:
    """A value as the spec's author wrote it."""
    import json

    if isinstance(value, Object):
        return f'{{"op": "{value.op}", ...}}' if value.arguments else f'{{"op": "{value.op}"}}'
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


class Kind:
    """A type of argument. ``nullable`` kinds also take ``null``."""

    nullable: bool = False
    tuples: bool = True
    """Whether generated code writes a sequence as a tuple (else as a list)."""
    written_out: bool = False
    """Whether the value stands in the file as it is, since generated code spells it: no expression, no repetition."""

    def __init__(self, *, nullable: bool = False) -> None:
        self.nullable = nullable

    def coerce(self, value: Any) -> Any:
        """The value as Keras takes it; raises ``LayerError``."""
        if value is None and self.nullable:
            return None
        try:
            return self.convert(value)
        except LayerError as error:
            if error.code == "bad-argument" and not error.param:
                error.hint = error.hint or self.meant(value)
            raise

    def convert(self, value: Any) -> Any:
        """``coerce`` for a value that is not an allowed ``None``."""
        raise NotImplementedError

    def refuse(self, value: Any, hint: str | None = None) -> LayerError:
        """The error for a value of the wrong kind."""
        return LayerError(f"expected {self.describe()}, found {show(value)}", code="bad-argument", hint=hint)

    def meant(self, value: Any) -> str | None:
        """What to write for a value that is right in another guise: without quotes, in brackets, as a share of one."""
        for other, how in self.guises(value):
            try:
                self.convert(other)
            except LayerError:
                continue
            return f"write {show(other)}{how}"
        return None

    def guises(self, value: Any) -> Iterator[tuple[Any, str]]:
        """What a value may have been meant as, and what was wrong with it."""
        import json

        if isinstance(value, str) and value[:1] not in ('"', "[", "{"):
            with suppress(ValueError):
                yield json.loads(value.lower() if value in ("True", "False", "None") else value), " without quotes"
        if isinstance(value, (list, tuple)) and len(value) == 1 and not isinstance(value[0], (str, list, tuple)):
            yield value[0], " without brackets"
        if isinstance(value, int) and not isinstance(value, bool) and value in (0, 1):
            yield bool(value), ""

    def describe(self) -> str:
        """What it takes, as a noun phrase."""
        return f"{self.phrase()} or null" if self.nullable else self.phrase()

    def phrase(self) -> str:
        raise NotImplementedError

    def example(self) -> str:
        """A value that fits, as JSON, for hints."""
        return "..."

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema. An expression (a string that starts with ``$``) may stand for any value."""
        schema = self.plain_schema()
        choices = [schema, {"$ref": "#/$defs/expression"}]
        if self.nullable:
            choices.append({"type": "null"})
        return {"anyOf": choices}

    def plain_schema(self) -> dict[str, Any]:
        return {}


class Int(Kind):
    """A whole number; ``true`` and ``3.0`` are none."""

    def __init__(self, minimum: int | None = None, maximum: int = LARGEST_INT, *, nullable: bool = False) -> None:
        super().__init__(nullable=nullable)
        self.minimum, self.maximum = minimum, maximum

    def convert(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            whole = isinstance(value, float) and value.is_integer()
            raise self.refuse(value, hint=f"write {int(value)}" if whole else None)
        if value > self.maximum:
            raise self.refuse(value, hint=f"at most {self.maximum}")
        if self.minimum is not None and value < self.minimum:
            raise self.refuse(value)
        return value

    def phrase(self) -> str:
        match self.minimum:
            case None:
                return "a whole number"
            case 1:
                return "a positive whole number"
            case minimum:
                return f"a whole number of at least {minimum}"

    def example(self) -> str:
        return str(max(self.minimum or 1, 1))

    def plain_schema(self) -> dict[str, Any]:
        return {"type": "integer"} | ({} if self.minimum is None else {"minimum": self.minimum})


class Float(Kind):
    """A number, whole or not, within bounds; an open bound excludes its end."""

    def __init__(
        self,
        minimum: float | None = None,
        maximum: float | None = None,
        *,
        above: float | None = None,
        nullable: bool = False,
    ) -> None:
        super().__init__(nullable=nullable)
        self.minimum, self.maximum, self.above = minimum, maximum, above

    def convert(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= LARGEST_FLOAT:
            raise self.refuse(value)
        low = self.minimum is not None and value < self.minimum
        high = self.maximum is not None and value > self.maximum
        if low or high or (self.above is not None and value <= self.above):
            raise self.refuse(value)
        return value

    def guises(self, value: Any) -> Iterator[tuple[Any, str]]:
        yield from super().guises(value)
        if isinstance(value, (int, float)) and 10 <= value <= 100 and (self.maximum or 2) <= 1:
            yield value / 100, ""

    def phrase(self) -> str:
        if self.above is not None:
            return f"a number above {self.above:g}" + (
                f", at most {self.maximum:g}" if self.maximum is not None else ""
            )
        if self.minimum is not None and self.maximum is not None:
            return f"a number from {self.minimum:g} to {self.maximum:g}"
        return "a number" if self.minimum is None else f"a number of at least {self.minimum:g}"

    def example(self) -> str:
        return "0.5"

    def plain_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "number"}
        for key, bound in (("minimum", self.minimum), ("maximum", self.maximum), ("exclusiveMinimum", self.above)):
            if bound is not None:
                schema[key] = bound
        return schema


class Bool(Kind):
    """``true`` or ``false``."""

    def convert(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.refuse(value)
        return value

    def phrase(self) -> str:
        return "true or false"

    def example(self) -> str:
        return "true"

    def plain_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Str(Kind):
    """Any string."""

    def convert(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.refuse(value)
        return value

    def phrase(self) -> str:
        return "a string"

    def example(self) -> str:
        return '"text"'

    def plain_schema(self) -> dict[str, Any]:
        return {"type": "string"}


class Choice(Kind):
    """One of a few strings."""

    def __init__(self, *choices: str, nullable: bool = False) -> None:
        super().__init__(nullable=nullable)
        self.choices = choices

    def convert(self, value: Any) -> str:
        if isinstance(value, str) and value in self.choices:
            return value
        near = did_you_mean(value, self.choices) if isinstance(value, str) else None
        if near is None and isinstance(value, Object):
            near = did_you_mean(value.op, self.choices)
        raise self.refuse(value, hint=near or (f"known: {', '.join(self.choices)}" if self.is_long else None))

    @property
    def is_long(self) -> bool:
        """Whether there are too many choices to name them all in passing."""
        return len(self.choices) > 8

    def phrase(self) -> str:
        shown = [f'"{choice}"' for choice in self.choices]
        if self.is_long:
            return f"{', '.join(shown[:2])}, ... ({len(shown)} in all)"
        return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"

    def describe(self) -> str:
        if not self.nullable or self.is_long:
            return super().describe()
        return ", ".join(f'"{choice}"' for choice in self.choices) + " or null"

    def example(self) -> str:
        return f'"{self.choices[0]}"'

    def plain_schema(self) -> dict[str, Any]:
        return {"enum": list(self.choices)}


class DType(Choice):
    """A dtype or a mixed dtype policy, by name."""

    NAMES = ("float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16")

    def __init__(self, *names: str, nullable: bool = False) -> None:
        super().__init__(*(names or self.NAMES), nullable=nullable)


class Sizes(Kind):
    """``rank`` whole numbers, or one that stands for all of them: kernel sizes, strides, pool sizes."""

    def __init__(self, rank: int, minimum: int = 1, *, nullable: bool = False) -> None:
        super().__init__(nullable=nullable)
        self.rank, self.minimum = rank, minimum

    def convert(self, value: Any) -> tuple[int, ...]:
        each = Int(self.minimum)
        try:
            if not isinstance(value, (list, tuple)):
                return (each.convert(value),) * self.rank
            sizes = tuple(each.convert(item) for item in value)
        except LayerError:
            raise self.refuse(value) from None
        if len(sizes) != self.rank:
            raise self.refuse(value)
        return sizes

    def phrase(self) -> str:
        one = Int(self.minimum).phrase()
        return one if self.rank == 1 else f"{one}, or a list of {self.rank} of them"

    def example(self) -> str:
        return str(max(self.minimum, 1))

    def plain_schema(self) -> dict[str, Any]:
        one = {"type": "integer", "minimum": self.minimum}
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": self.rank, "maxItems": self.rank}]}


class ListOf(Kind):
    """A list of one kind; ``scalar`` also takes one item without the list and keeps it so."""

    def __init__(
        self,
        item: Kind,
        *,
        minimum: int = 0,
        maximum: int | None = None,
        scalar: bool = False,
        tuples: bool = True,
        nullable: bool = False,
    ) -> None:
        super().__init__(nullable=nullable)
        self.item, self.minimum, self.maximum, self.scalar, self.tuples = item, minimum, maximum, scalar, tuples

    def convert(self, value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            if self.scalar:
                try:
                    return self.item.coerce(value)
                except LayerError as error:
                    if error.code != "bad-argument" or error.param:
                        raise
            raise self.refuse(value)
        items = []
        for index, item in enumerate(value):
            try:
                items.append(self.item.coerce(item))
            except LayerError as error:
                raise error.under(index) from None
        if len(items) < self.minimum or (self.maximum is not None and len(items) > self.maximum):
            raise self.refuse(value)
        return tuple(items) if self.tuples else items

    def guises(self, value: Any) -> Iterator[tuple[Any, str]]:
        yield from super().guises(value)
        if not isinstance(value, (list, tuple)):
            yield [value], ""

    def phrase(self) -> str:
        if self.minimum == self.maximum:
            listed = f"a list of {self.minimum} items, each {self.item.describe()}"
        else:
            listed = f"a list, each item {self.item.describe()}"
        return f"{self.item.describe()}, or {listed}" if self.scalar else listed

    def example(self) -> str:
        return f"[{', '.join([self.item.example()] * max(self.minimum, 1))}]"

    def plain_schema(self) -> dict[str, Any]:
        listed: dict[str, Any] = {"type": "array", "items": self.item.schema()}
        if self.minimum:
            listed["minItems"] = self.minimum
        if self.maximum is not None:
            listed["maxItems"] = self.maximum
        return {"anyOf": [self.item.schema(), listed]} if self.scalar else listed


class ShapeOf(ListOf):
    """A shape without the batch: sizes, ``null`` where unknown."""

    def __init__(
        self, minimum: int = 1, *, unknown: bool = True, inferred: bool = False, nullable: bool = False
    ) -> None:
        low = -1 if inferred else minimum
        super().__init__(Int(low, nullable=unknown), nullable=nullable)

    def phrase(self) -> str:
        return "a list of dimensions"

    def example(self) -> str:
        return "[28, 28, 1]"


class OneOf(Kind):
    """The first of several kinds that fits."""

    def __init__(self, *kinds: Kind, nullable: bool = False) -> None:
        super().__init__(nullable=nullable)
        self.kinds = kinds

    def convert(self, value: Any) -> Any:
        deeper: LayerError | None = None
        for kind in self.kinds:
            try:
                return kind.coerce(value)
            except LayerError as error:
                if error.param or error.code != "bad-argument":
                    deeper = deeper or error
        raise deeper or self.refuse(value)

    def phrase(self) -> str:
        return ", or ".join(kind.describe() for kind in self.kinds)

    def example(self) -> str:
        return self.kinds[0].example()

    def plain_schema(self) -> dict[str, Any]:
        return {"anyOf": [kind.schema() for kind in self.kinds]}


@cache
def _usual_strings(roles: tuple[str, ...], every: bool, declared_so_far: tuple[int, ...]) -> tuple[str, ...]:
    """The strings of what is declared in roles: asked for with every value, the same until more is declared."""
    from archgen.layers.base import automatic_name, known

    names: dict[str, None] = {}
    for role in roles:
        for name, declared in known(role).items():
            strings = getattr(declared, "strings", None)
            known_as = strings() if strings else (automatic_name(name), name)
            names.update(dict.fromkeys(known_as if every else known_as[:1]))
    return tuple(names)


class Made(Kind):
    """Something built: by its usual string, or as an object with ``op``, of one of the given roles."""

    def __init__(self, *roles: str, strings: Sequence[str] | None = None, nullable: bool = False) -> None:
        super().__init__(nullable=nullable)
        self.roles = roles
        self.strings = strings

    def names(self, *, every: bool = True) -> Sequence[str]:
        """The strings it takes: those given, or those of what is declared, of each ``every`` one or the first."""
        from archgen.layers.base import known

        if self.strings is not None:
            return self.strings
        return _usual_strings(self.roles, every, tuple(len(known(role)) for role in self.roles))

    def convert(self, value: Any) -> Any:
        from archgen.layers.base import LayerErrors, build, known

        if isinstance(value, str) and self.names():
            names = self.names()
            if value in names:
                return value
            what = self.roles[0].replace("_", " ")
            hint = did_you_mean(value, names) or f"known: {', '.join(self.names(every=False))}"
            raise LayerError(f'there is no {what} "{value}"', code="bad-argument", hint=hint)
        if not isinstance(value, Object):
            declared = isinstance(value, str) and any(value in known(role) for role in self.roles)
            raise self.refuse(value, hint=f'write {{"op": "{value}"}}' if declared else None)
        for role in self.roles:
            if value.op in known(role):
                try:
                    return build(role, value)
                except LayerErrors:
                    raise
        return build(self.roles[0], value)

    def phrase(self) -> str:
        from archgen.layers.base import known

        what = " or ".join(role.replace("_", " ") for role in self.roles)
        article = "an" if what[0] in "aeiou" else "a"
        if not any(known(role) for role in self.roles):
            return f"the name of {article} {what}"
        return f'{article} {what} ({"a name, or " if self.names() else ""}{{"op": ...}})'

    def example(self) -> str:
        names = self.names()
        return f'"{names[0]}"' if names else '{"op": ...}'

    def plain_schema(self) -> dict[str, Any]:
        strings: list[dict[str, Any]] = [{"enum": list(self.names())}] if self.names() else []
        return {"anyOf": [*strings, *({"$ref": f"#/$defs/{role}"} for role in self.roles)]}


class WrappedLayer(Kind):
    """A layer to wrap: ``{"op": "LSTM", "units": 32}``."""

    def convert(self, value: Any) -> Layer:
        from archgen.layers.base import Layer, build, known

        if not isinstance(value, Object):
            known_op = isinstance(value, str) and value in known("layer")
            raise self.refuse(value, hint=f'write {{"op": "{value}", ...}}' if known_op else None)
        built: Declared = build("layer", value)
        assert isinstance(built, Layer)
        return built

    def phrase(self) -> str:
        return 'a layer ({"op": ...})'

    def example(self) -> str:
        return '{"op": "LSTM", "units": 32}'

    def plain_schema(self) -> dict[str, Any]:
        return {"$ref": "#/$defs/layer"}


def kind_of(annotation: Any) -> Kind | None:
    """The kind that an annotation carries: ``Annotated[int, Int(1)]``; ``None`` for plain annotations."""
    if get_origin(annotation) is Annotated:
        return next((meta for meta in annotation.__metadata__ if isinstance(meta, Kind)), None)
    return None


PositiveInt = Annotated[int, Int(1)]
NaturalInt = Annotated[int, Int(0)]
AnyInt = Annotated[int, Int()]
OptionalInt = Annotated[int | None, Int(1, nullable=True)]
Number = Annotated[float, Float()]
PositiveNumber = Annotated[float, Float(above=0)]
NonNegative = Annotated[float, Float(0)]
Rate = Annotated[float, Float(0, 1)]
Flag = Annotated[bool, Bool()]
Text = Annotated[str, Str()]
Seed = Annotated[int | None, Int(0, nullable=True)]
Single = Annotated[Any, Sizes(1)]
Pair = Annotated[Any, Sizes(2)]
Triple = Annotated[Any, Sizes(3)]
OptionalSingle = Annotated[Any, Sizes(1, nullable=True)]
OptionalPair = Annotated[Any, Sizes(2, nullable=True)]
OptionalTriple = Annotated[Any, Sizes(3, nullable=True)]
DataFormat = Annotated[str | None, Choice("channels_last", "channels_first", nullable=True)]
Axis = Annotated[int, Int()]
Axes = Annotated[int | tuple[int, ...], ListOf(Int(), scalar=True)]
OptionalAxes = Annotated[int | tuple[int, ...] | None, ListOf(Int(), scalar=True, nullable=True)]
TargetShape = Annotated[tuple[int | None, ...], ShapeOf(inferred=True)]
InputShape = Annotated[tuple[int | None, ...], ShapeOf()]
Activation = Annotated[str | None, Choice(*ACTIVATIONS, nullable=True)]
Initializer = Annotated[Any, Made("initializer", nullable=True)]
Regularizer = Annotated[Any, Made("regularizer", nullable=True)]
Constraint = Annotated[Any, Made("constraint", nullable=True)]
Wrapped = Annotated["Layer", WrappedLayer()]
