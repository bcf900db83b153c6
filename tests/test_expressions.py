"""Expressions: Python's values for a small part of Python, and an error, soon, for everything else."""

from __future__ import annotations

import ast
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archgen.expressions import FUNCTIONS, LARGEST, LONGEST, LONGEST_RANGE, Expression, ExpressionError, parse
from archgen.tensors import Tensor

SCOPE = {"a": 7, "b": 2, "rate": 0.5, "name": "wide", "sizes": [8, 16, 32], "flag": True, "none": None}
TENSORS = {"x": Tensor((None, 32, 32, 3)), "y": Tensor((None, None, 8))}


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a + b - 3 * 4",
        "a / b",
        "a // b",
        "-a // b",
        "a % b",
        "-a % b",
        "2 ** a",
        "2 ** -1",
        "+a",
        "-a ** 2",
        "not a",
        "a > b >= 2",
        "a == b or a != b",
        "a and b",
        "0 or name",
        "a if flag else b",
        "flag + 1",
        "'wide' == name",
        "name + '' if False else 1",
        "name[0]",
        "sizes[1]",
        "sizes[-1] * 2",
        "range(1, 9, 2)[2]",
        "min(a, b)",
        "max(sizes)",
        "abs(-a)",
        "round(2.567, 2)",
        "round(12345, -2)",
        "int(a / b)",
        "len(sizes)",
        "len(range(5))",
        "'#' == name",
        '"it\'s" == name',
        "True and None == none",
        "(a)",
        "1e3",
    ],
)
def test_means_what_python_means(text: str) -> None:
    expected = eval(text, {"__builtins__": FUNCTIONS}, dict(SCOPE))
    value = parse(text).evaluate(SCOPE)
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x.shape[-1]", 3),
        ("x.shape[0]", None),
        ("len(x.shape)", 4),
        ("x.shape[1] // 2 * a", 112),
        ("y.shape[1] == 8", False),
        ("y.shape[1] == None", True),
        ("x.shape[1] if x.shape[-1] > 1 else y.shape[1] + 1", 32),
    ],
)
def test_shapes(text: str, value: Any) -> None:
    assert parse(text).evaluate({**SCOPE, **TENSORS}) == value


def test_names_in_the_order_in_which_they_stand() -> None:
    expression = parse("b if x.shape[1] > a else min(a, sizes[b])")
    assert (expression.names, expression.shapes) == (("b", "x", "a", "sizes"), ("x",))


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("width*2", "width_ * 2"),
        ("min(width,  4)", "min(width_, 4)"),
        ("x.shape[-1]", "image.shape[-1]"),
        ('"width"', "'width'"),
        ("((width))", "width_"),
    ],
)
def test_source(text: str, source: str) -> None:
    assert parse(text).source({"width": "width_", "x": "image"}) == source
    assert str(parse(text)) == f"${text}"


FORBIDDEN = [
    "__import__('os')",
    "().__class__",
    "a.__class__",
    "x.dtype",
    "x.shape.__len__()",
    "(1).real",
    "f(1)",
    "min.__call__(1, 2)",
    "eval('1')",
    "open('x')",
    "getattr(a, 'b')",
    "min(*sizes)",
    "min(a, key=b)",
    "lambda: 1",
    "[1]",
    "(1, 2)",
    "{1}",
    "{1: 2}",
    "[i for i in sizes]",
    "(i for i in sizes)",
    "sizes[0:1]",
    "sizes[0, 1]",
    "f'{a}'",
    "b'a'",
    "1j",
    "...",
    "(a := 1)",
    "a := 1",
    "a = 1",
    "a; b",
    "a is b",
    "a in sizes",
    "~a",
    "a << 2",
    "a & b",
    "a | b",
    "a ^ b",
    "a @ b",
    "await a",
    "yield a",
    "import os",
    "a\nb",
    "a  # b",
    "a\\",
    "a\x00",
    "'\\d'",
    "'\\ud800'",
    "'\\x00'",
    "1if a else b",
    "0777",
    "min",
    "len + 1",
    "",
    "   ",
    "a b",
    "a +",
    "$a",
    "{{ a }}",
]


@pytest.mark.parametrize("text", FORBIDDEN)
def test_nothing_else_is_read(text: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text)
    assert raised.value.code == "bad-expression"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1" * (LONGEST + 1), "an expression of 401 characters is too long, at most 400"),
        ("-" * 390 + "1", "the expression is nested more than 40 deep"),
        ("not " * 90 + "1", "the expression is nested more than 40 deep"),
        ("1" + "+1" * 190, "the expression is nested more than 40 deep"),
        ("a[" * 100 + "0" + "]" * 100, "the expression is nested more than 40 deep"),
        ("9" * 400, f"a whole number beyond {LARGEST} is too large"),
        ("1e400", "a number beyond 1e+300 is too large"),
        ("(lambda: " + "-" * 300 + "1)", "an expression cannot hold 'lambda: "),
    ],
)
def test_long_and_deep(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text)
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2 ** 10 ** 10", "2 ** 10000000000 is too large"),
        ("9 ** 9 ** 9", "9 ** 387420489 is too large"),
        ("10.0 ** 301", "a number beyond 1e+300 is too large"),
        ("10.0 ** 400", "10.0 ** 400 is too large"),
        ("2 ** 62 * 4", f"a whole number beyond {LARGEST} is too large"),
        ("int(1e300)", f"a whole number beyond {LARGEST} is too large"),
        ("a // 0", "7 // 0 divides by zero"),
        ("a % 0", "7 % 0 divides by zero"),
        ("a / 0", "7 / 0 divides by zero"),
        ("0 ** -1", "0 ** -1 divides by zero"),
        ("(-8) ** 0.5", "-8 ** 0.5 is not a real number"),
        ("name * 2", "'*' needs numbers, found 'wide'"),
        ("-name", "'-' needs numbers, found 'wide'"),
        ("sizes + sizes", "'+' needs numbers, found [8, 16, 32]"),
        ("name > a", "'>' cannot compare 'wide' and 7"),
        ("a[0]", "7 has no items"),
        ("sizes[3]", "index 3 is out of range, there are 3 items"),
        ("sizes[-4]", "index -4 is out of range, there are 3 items"),
        ("sizes[rate]", "an index is a whole number, found 0.5"),
        ("sizes[flag]", "an index is a whole number, found True"),
        ("y", '"y" is a tensor and has no value yet'),
        ("a.shape[0]", '"a" has no shape'),
        ("c", 'there is no parameter "c" here'),
        ("range(10 ** 9)", f"a range of 1000000000 is too long, at most {LONGEST_RANGE}"),
        ("range(0, 10, 0)", "range cannot take (0, 10, 0)"),
        ("range(1.5)", "range cannot take (1.5)"),
        ("range(2 ** 62)", f"a range of {2**62} is too long, at most {LONGEST_RANGE}"),
        ("range(-2 ** 62, 2 ** 62, 1)", "range cannot take ("),
        ("round(5, -10 ** 9)", "round cannot take (5, -1000000000)"),
        ("round(5, 0.5)", "round cannot take (5, 0.5)"),
        ("min()", "min cannot take ()"),
        ("min(a)", "min cannot take (7)"),
        ("max(a, name)", "max cannot take (7, 'wide')"),
        ("int('9')", "int cannot take ('9')"),
        ("int(a, b)", "int cannot take (7, 2)"),
        ("len(a)", "len cannot take (7)"),
        ("y.shape[1] + 1", "'+' needs a number, found an unknown dimension"),
        ("y.shape[1] > 1", "'>' needs a number, found an unknown dimension"),
        ("min(y.shape[1], 3)", "'min' needs a number, found an unknown dimension"),
        ("-y.shape[0]", "'-' needs a number, found an unknown dimension"),
    ],
)
def test_what_has_no_value(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text).evaluate({**SCOPE, **TENSORS})
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a => b", "write >= for =>"),
        ("a && b", "write and for &&"),
        ("a || b", "write or for ||"),
        ("a ^ b", "write ** for ^"),
        ("a ? b : 1", "write a if c else b for ?"),
        ("!a", "write not for !"),
        ("a = b", "compare with =="),
        ("max", "call it: max(...)"),
        ("a # b", 'put the remark into the "description" of the spec'),
    ],
)
def test_hints(text: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text)
    assert raised.value.hint == hint


NAMES = ["a", "b", "x", "sizes", "name", "shape", "min", "range", "len", "round", "and", "or", "not", "if", "else"]
SYMBOLS = ["0", "1", "2", "1e9", "'", '"', *"+-*/%()[].,<\\:$#", "//", "**", "=="]


@given(st.lists(st.sampled_from(NAMES + SYMBOLS), max_size=25).map(" ".join) | st.text(max_size=60))
def test_any_text_has_a_value_or_an_error(text: str) -> None:
    """No text crashes, warns, or takes long; what is read is printed as Python that is read as the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            expression: Expression = parse(text)
            assert ast.dump(parse(expression.source({})).tree) == ast.dump(expression.tree)
            expression.evaluate({**SCOPE, **TENSORS})
        except ExpressionError as error:
            assert error.message
