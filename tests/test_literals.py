"""Whatever a spec holds, its values and prose become literals and never code."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archgen.layers.objects.callbacks import EarlyStopping
from archgen.layers.objects.losses import CategoricalCrossentropy
from archgen.layers.objects.optimizers import SGD, Adam
from archgen.layers.objects.regularizers import L2
from archgen.layers.objects.schedules import ExponentialDecay
from archgen.literals import escaped, literal, prose, source_of
from archgen.script import render_script
from archgen.training import Network

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda each: st.lists(each) | st.lists(each).map(tuple) | st.dictionaries(st.text() | st.integers(), each),
    max_leaves=12,
)
HOSTILE = [
    'end """ import os',
    '"""',
    '"',
    'ends with a quote"',
    "a backslash \\",
    '\\"""',
    "line\rimport os",
    "line\nimport os",
    "form\x0cfeed \x00 null \x1b[31m red",
    "separators \u2028 \u2029 \x85 \x0b",
    "right-to-left \u202e override",
    "a lone surrogate \ud800",
    "{{ 7 * 7 }} {% raw %}",
    "%(prog)s %d %",
    "\\N{BULLET} \\x41 \\u0041",
    "'''",
    "é ü 漢字",
    "",
    "   ",
]


@given(VALUES)
def test_literal_round_trip(value: object) -> None:
    text = literal(value)
    assert text.isascii()
    assert "\n" not in text
    assert repr(ast.literal_eval(text)) == repr(value)


@pytest.mark.parametrize("value", [float("inf"), float("nan"), {1, 2}, b"bytes", object(), 1j, print])
def test_no_literal(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        literal(value)


def test_subclasses_cannot_lie() -> None:
    """A value's own ``repr`` is not trusted."""

    class Text(str):
        def __repr__(self) -> str:
            return "__import__('os')"

    class Number(int):
        def __repr__(self) -> str:
            return "__import__('os')"

    assert literal(Text("a")) == "'a'"
    assert literal([Number(3)]) == "[3]"


SOURCES = {
    "keras.optimizers.Adam(learning_rate=0.001)": Adam.create({}),
    "keras.optimizers.SGD(learning_rate=0.1, momentum=0.9, nesterov=True)": SGD.create(
        {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}
    ),
    "keras.optimizers.Adam(learning_rate=keras.optimizers.schedules.ExponentialDecay("
    "initial_learning_rate=0.1, decay_steps=10, decay_rate=0.5))": Adam(
        learning_rate=ExponentialDecay.create({"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5})
    ),
    "keras.callbacks.EarlyStopping(patience=3)": EarlyStopping.create({"patience": 3}),
    "keras.losses.CategoricalCrossentropy(from_logits=True)": CategoricalCrossentropy.create({"from_logits": True}),
    "keras.regularizers.L2(l2=0.001)": L2.create({"l2": 0.001}),
    "['accuracy', keras.losses.CategoricalCrossentropy()]": ["accuracy", CategoricalCrossentropy.create({})],
    "{'a': 'mse', 'b': (1, 2.5)}": {"a": "mse", "b": (1, 2.5)},
}


@pytest.mark.parametrize("text", SOURCES)
def test_source(text: str) -> None:
    """Calls name what differs from its default, and the learning rate always."""
    assert source_of(SOURCES[text]) == text


@given(st.text())
def test_escaped_prose_is_one_string(text: str) -> None:
    line = escaped(text)
    assert line.isprintable()
    (statement,) = ast.parse(f'"""{line}"""').body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Constant)
    assert isinstance(statement.value.value, str)


@given(st.text(), st.integers(20, 90))
def test_prose_is_one_string(text: str, width: int) -> None:
    lines = prose(text, width)
    (statement,) = ast.parse('"""' + "\n".join(lines) + '\n"""').body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Constant)
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_title_and_description(text: str) -> None:
    """A script has the same statements whatever its prose says."""
    functions = "def build_model():\n    return keras.Sequential([])\n"

    def statements(title: str, description: str) -> list[str]:
        rendered = render_script(
            name="net", functions=functions, network=Network((), ()), title=title, description=description, source=title
        )
        module = ast.parse(rendered)
        assert isinstance(module.body[0], ast.Expr)
        return [ast.dump(node) for node in module.body[1:] if not _is_main(node)]

    assert statements(text, text) == statements("plain", "plain")


def _is_main(node: ast.stmt) -> bool:
    """``main`` shows the title as a literal, so it may differ."""
    return isinstance(node, ast.FunctionDef) and node.name == "main"
