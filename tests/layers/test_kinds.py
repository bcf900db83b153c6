"""Kinds of arguments: what each takes and turns into what, what it refuses, and what it says of itself."""

import json
from typing import Annotated, Any

import jsonschema
import pytest

import archgen.layers  # noqa: F401  (fills the registry)
from archgen.errors import LayerError
from archgen.layers.base import LayerErrors, known
from archgen.layers.kinds import (
    LARGEST_INT,
    Bool,
    Choice,
    DType,
    Float,
    Int,
    Kind,
    ListOf,
    Made,
    Object,
    OneOf,
    ShapeOf,
    Sizes,
    Str,
    WrappedLayer,
    kind_of,
    show,
)

INITIALIZER = Made("initializer")
REFUSED = object()

COERCED: list[tuple[Kind, Any, Any]] = [
    (Int(), 3, 3),
    (Int(), -3, -3),
    (Int(), 0, 0),
    (Int(), True, REFUSED),
    (Int(), 3.0, REFUSED),
    (Int(), "3", REFUSED),
    (Int(), None, REFUSED),
    (Int(), [3], REFUSED),
    (Int(nullable=True), None, None),
    (Int(1), 1, 1),
    (Int(1), 0, REFUSED),
    (Int(1), LARGEST_INT, LARGEST_INT),
    (Int(1), LARGEST_INT + 1, REFUSED),
    (Int(0, 5), 6, REFUSED),
    (Float(), 0.5, 0.5),
    (Float(), 1, 1),
    (Float(), True, REFUSED),
    (Float(), "0.5", REFUSED),
    (Float(), float("nan"), REFUSED),
    (Float(), float("inf"), REFUSED),
    (Float(), 10**400, REFUSED),
    (Float(0, 1), 0, 0),
    (Float(0, 1), 1.0, 1.0),
    (Float(0, 1), 1.01, REFUSED),
    (Float(0, 1), -0.01, REFUSED),
    (Float(above=0), 0, REFUSED),
    (Float(above=0), 1e-9, 1e-9),
    (Float(above=0, maximum=1), 1.5, REFUSED),
    (Float(nullable=True), None, None),
    (Bool(), True, True),
    (Bool(), False, False),
    (Bool(), 1, REFUSED),
    (Bool(), "true", REFUSED),
    (Bool(), None, REFUSED),
    (Str(), "text", "text"),
    (Str(), "", ""),
    (Str(), 3, REFUSED),
    (Choice("valid", "same"), "same", "same"),
    (Choice("valid", "same"), "SAME", REFUSED),
    (Choice("valid", "same"), ["same"], REFUSED),
    (Choice("valid", "same"), None, REFUSED),
    (Choice("valid", nullable=True), None, None),
    (DType(), "mixed_float16", "mixed_float16"),
    (DType(), "int32", REFUSED),
    (DType("int32"), "int32", "int32"),
    (Sizes(1), 3, (3,)),
    (Sizes(1), [3], (3,)),
    (Sizes(2), 3, (3, 3)),
    (Sizes(2), [3, 5], (3, 5)),
    (Sizes(2), (3, 5), (3, 5)),
    (Sizes(2), [3], REFUSED),
    (Sizes(2), [3, 5, 7], REFUSED),
    (Sizes(2), [], REFUSED),
    (Sizes(2), 0, REFUSED),
    (Sizes(2), [3, 0], REFUSED),
    (Sizes(2), [3, True], REFUSED),
    (Sizes(2), "33", REFUSED),
    (Sizes(2, 0), 0, (0, 0)),
    (Sizes(2), None, REFUSED),
    (Sizes(3, nullable=True), None, None),
    (ListOf(Int()), [], ()),
    (ListOf(Int()), [1, 2], (1, 2)),
    (ListOf(Int()), (1, 2), (1, 2)),
    (ListOf(Int()), 1, REFUSED),
    (ListOf(Int()), "12", REFUSED),
    (ListOf(Int()), [1, None], REFUSED),
    (ListOf(Int(nullable=True)), [1, None], (1, None)),
    (ListOf(Int(), tuples=False), [1, 2], [1, 2]),
    (ListOf(Int(), scalar=True), 1, 1),
    (ListOf(Int(), scalar=True), [1], (1,)),
    (ListOf(Int(), scalar=True), "1", REFUSED),
    (ListOf(Int(), minimum=2), [1], REFUSED),
    (ListOf(Int(), maximum=2), [1, 2, 3], REFUSED),
    (ListOf(Sizes(2, 0), minimum=2, maximum=2), [1, [2, 3]], ((1, 1), (2, 3))),
    (ShapeOf(), [28, None, 1], (28, None, 1)),
    (ShapeOf(), [], ()),
    (ShapeOf(), [0], REFUSED),
    (ShapeOf(), [-1], REFUSED),
    (ShapeOf(), 28, REFUSED),
    (ShapeOf(unknown=False), [None], REFUSED),
    (ShapeOf(inferred=True), [-1, 7], (-1, 7)),
    (ShapeOf(inferred=True), [-2, 7], REFUSED),
    (OneOf(Int(0), Str()), 3, 3),
    (OneOf(Int(0), Str()), "x", "x"),
    (OneOf(Int(0), Str()), -1, REFUSED),
    (OneOf(Int(0), Str(), nullable=True), None, None),
    (INITIALIZER, "zeros", "zeros"),
    (INITIALIZER, "HeNormal", "HeNormal"),
    (INITIALIZER, "he_normal", "he_normal"),
    (INITIALIZER, "he_norml", REFUSED),
    (INITIALIZER, 0, REFUSED),
    (INITIALIZER, None, REFUSED),
    (INITIALIZER, Object("HeNorml"), REFUSED),
    (INITIALIZER, Object("Dense", {"units": 3}), REFUSED),
    (Made("initializer", nullable=True), None, None),
    (Made("nothing", strings=("auto",)), "auto", "auto"),
    (Made("nothing", strings=("auto",)), "manual", REFUSED),
    (WrappedLayer(), "Dense", REFUSED),
    (WrappedLayer(), Object("HeNormal"), REFUSED),
    (WrappedLayer(), Object("Dense"), REFUSED),
]


def name(case: Any) -> str | None:
    if isinstance(case, Kind):
        return f"{type(case).__name__}[{case.describe()}]"[:40]
    return "refused" if case is REFUSED else str(case)[:20]


@pytest.mark.parametrize(("kind", "given", "wanted"), COERCED, ids=name)
def test_coerce(kind: Kind, given: Any, wanted: Any) -> None:
    if wanted is REFUSED:
        with pytest.raises(LayerError) as raised:
            kind.coerce(given)
        assert len(raised.value.message) < 400
        return
    result = kind.coerce(given)
    assert result == wanted
    assert type(result) is type(wanted)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (kind, given)
        for kind, given, wanted in COERCED
        if wanted is not REFUSED and not isinstance(given, Object | tuple)
    ],
    ids=name,
)
def test_the_schema_takes_what_the_kind_takes(kind: Kind, given: Any) -> None:
    definitions = {name: {"type": "object"} for name in (*getattr(kind, "roles", ()), "layer")}
    schema = kind.schema() | {"$defs": definitions | {"expression": {"type": "string", "pattern": r"^\$"}}}
    jsonschema.validate(given, schema)


BEYOND = (3.0, float("inf"), 10**400, LARGEST_INT + 1, 6)
"""What a schema lets pass: it counts 3.0 as an integer, states no upper bound for one, and JSON has no infinity."""


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (kind, given)
        for kind, given, wanted in COERCED
        if wanted is REFUSED
        and not isinstance(kind, Made | WrappedLayer)
        and not (isinstance(given, float | int) and (given in BEYOND or given != given))
    ],
    ids=name,
)
def test_the_schema_refuses_what_the_kind_refuses(kind: Kind, given: Any) -> None:
    schema = kind.schema() | {"$defs": {"expression": {"type": "string", "pattern": r"^\$"}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(given, schema)


@pytest.mark.parametrize(
    ("kind", "given", "message", "hint"),
    [
        (Int(1), 0, "expected a positive whole number, found 0", None),
        (Int(1), 3.0, "expected a positive whole number, found 3.0", "write 3"),
        (Int(1), True, "expected a positive whole number, found true", None),
        (Int(nullable=True), "x", 'expected a whole number or null, found "x"', None),
        (Float(0, 1), 1.5, "expected a number from 0 to 1, found 1.5", None),
        (Float(above=0), 0, "expected a number above 0, found 0", None),
        (Bool(), 1, "expected true or false, found 1", "write true"),
        (Bool(), "true", 'expected true or false, found "true"', "write true without quotes"),
        (Int(1), "3", 'expected a positive whole number, found "3"', "write 3 without quotes"),
        (Int(1), "0", 'expected a positive whole number, found "0"', None),
        (Int(1), [3], "expected a positive whole number, found [3]", "write 3 without brackets"),
        (Int(1), 2**31, "expected a positive whole number, found 2147483648", "at most 2147483647"),
        (Choice("valid", "same"), "smae", 'expected "valid" or "same", found "smae"', 'did you mean "same"?'),
        (Choice("valid", "same"), "SAME", 'expected "valid" or "same", found "SAME"', 'did you mean "same"?'),
        (Sizes(2), [1, 2, 3], "expected a positive whole number, or a list of 2 of them, found [1, 2, 3]", None),
        (ListOf(Int()), [1, "x"], 'expected a whole number, found "x"', None),
        (ShapeOf(), "28", 'expected a list of dimensions, found "28"', None),
        (OneOf(Int(0), Str()), None, "expected a whole number of at least 0, or a string, found null", None),
        (INITIALIZER, "he_norml", 'there is no initializer "he_norml"', 'did you mean "he_normal"?'),
        (INITIALIZER, Object("HeNorml"), 'there is no initializer "HeNorml"', 'did you mean "HeNormal"?'),
        (WrappedLayer(), Object("Dens"), 'there is no layer "Dens"', 'did you mean "Dense"?'),
    ],
    ids=name,
)
def test_says_what_was_expected_and_found(kind: Kind, given: Any, message: str, hint: str | None) -> None:
    with pytest.raises(LayerError) as raised:
        kind.coerce(given)
    assert (raised.value.message, raised.value.hint) == (message, hint)


def test_a_mistake_inside_says_where() -> None:
    with pytest.raises(LayerError) as raised:
        ListOf(ListOf(Int())).coerce([[1], [2, "x"]])
    assert raised.value.param == (1, 1)


def test_an_object_is_built_with_its_arguments_checked() -> None:
    built = INITIALIZER.coerce(Object("Constant", {"value": 0.5}))
    assert isinstance(built, known("initializer")["Constant"])
    assert built.value == 0.5
    with pytest.raises(LayerErrors) as raised:
        INITIALIZER.coerce(Object("Constant", {"valu": 0.5}))
    assert raised.value.errors[0].hint == 'did you mean "value"?'


def test_a_wrapped_layer_is_built() -> None:
    assert WrappedLayer().coerce(Object("Dense", {"units": 3})).units == 3


@pytest.mark.parametrize(
    "kind",
    [
        field.kind
        for declared in known("layer").values()
        for field in declared.fields.values()
        if not isinstance(field.kind, WrappedLayer)
    ],
    ids=name,
)
def test_the_example_in_hints_fits(kind: Kind) -> None:
    kind.coerce(json.loads(kind.example(), object_hook=lambda given: Object(given.pop("op"), given)))


def test_kind_of_reads_annotations() -> None:
    kind = Int(1)
    assert kind_of(Annotated[int, kind]) is kind
    assert kind_of(Annotated[int, "a note"]) is None
    assert kind_of(int) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        ([1, None], "[1, null]"),
        ("é", '"é"'),
        ("x" * 100, '"' + "x" * 56 + "..."),
        (Object("LSTM"), '{"op": "LSTM"}'),
        (Object("LSTM", {"units": 3}), '{"op": "LSTM", ...}'),
    ],
)
def test_show(value: Any, text: str) -> None:
    assert show(value) == text
