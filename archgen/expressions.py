"""Arithmetic over parameters: evaluated when a graph is expanded, printed when code is generated.

The grammar is a small part of Python's: names in scope, numbers, strings, arithmetic, comparisons, ``and or not``,
``a if c else b``, indexing, a few functions, and ``x.shape`` of a block's input. Values are bounded, so that no
expression can take long or fill the memory.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from archgen.tensors import Tensor

LONGEST = 400
DEEPEST = 40
LARGEST = 2**63
LARGEST_FLOAT = 1e300
LONGEST_RANGE = 100_000
FOREIGN = {"=>": ">=", "=<": "<=", "&&": "and", "||": "or", "^": "**", "?": "a if c else b", "===": "==", "!": "not"}
USAGE = {
    "min": "min(a, b) or min(list)",
    "max": "max(a, b) or max(list)",
    "abs": "abs(number)",
    "round": "round(number) or round(number, digits)",
    "int": "int(number)",
    "len": "len(list)",
    "range": "range(stop) or range(start, stop, step)",
}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "round": round,
    "int": int,
    "len": len,
    "range": range,
}

_ARITHMETIC: dict[type[ast.AST], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", operator.pow),
}
_COMPARISONS: dict[type[ast.AST], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
GRAMMAR = (
    "an expression may hold names, numbers, strings, + - * / // % **, comparisons, and or not, a if c else b, x[i], "
    + ", ".join(FUNCTIONS)
)


_STRINGS = re.compile(r"""'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*\"""")
"""String literals, which may hold anything."""


class ExpressionError(Exception):
    """What is wrong with an expression, and a hint."""

    def __init__(self, message: str, hint: str | None = None, code: str = "bad-expression") -> None:
        super().__init__(message)
        self.message, self.hint, self.code = message, hint, code


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression.

    >>> half = parse("filters * 2 if x.shape[-1] > 8 else filters // 2")
    >>> half.evaluate({"filters": 6, "x": Tensor((None, 4))})
    3
    >>> half.names
    ('filters', 'x')
    """

    text: str
    tree: ast.expr
    names: tuple[str, ...]
    """The names it reads, in the order in which they first stand."""
    shapes: tuple[str, ...]
    """Those of them that it asks for their ``shape``."""

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """Its value; ``scope`` maps names to parameter values and to tensors. Raises ``ExpressionError``."""
        return _evaluate(self.tree, scope)

    def source(self, names: Mapping[str, str]) -> str:
        """It as Python source, with names replaced as given.

        >>> parse("width*2").source({"width": "width_"})
        'width_ * 2'
        """
        renamed = _Rename(names).visit(ast.parse(ast.unparse(self.tree), mode="eval").body)
        return ast.unparse(renamed)

    def __str__(self) -> str:
        return f"${self.text}"


def parse(text: str) -> Expression:
    """Parse the text of an expression, without the ``$``; raises ``ExpressionError``."""
    text = text.strip()
    if not text:
        raise ExpressionError("the expression is empty", hint='write "$$" for a literal dollar')
    if len(text) > LONGEST:
        raise ExpressionError(f"an expression of {len(text)} characters is too long, at most {LONGEST}")
    if not text.isprintable():
        raise ExpressionError("an expression is one line of printable characters")
    if "#" in _STRINGS.sub("", text):
        raise ExpressionError("an expression has no comments", hint='put the remark into the "description" of the spec')
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        message = f"cannot read the expression {text[:80]!r}: {reason}"
        raise ExpressionError(message, hint=_foreign(text) or GRAMMAR) from None
    except (MemoryError, RecursionError):
        raise ExpressionError(f"the expression is nested more than {DEEPEST} deep") from None
    names: dict[str, None] = {}
    shapes: dict[str, None] = {}
    _check(tree, text, names, shapes, 0)
    return Expression(text, tree, tuple(names), tuple(shapes))


def _check(node: ast.AST, text: str, names: dict[str, None], shapes: dict[str, None], depth: int) -> None:
    """Refuse everything that is not of the grammar."""
    if depth > DEEPEST:
        raise ExpressionError(f"the expression is nested more than {DEEPEST} deep")

    def below(*parts: ast.AST) -> None:
        for part in parts:
            _check(part, text, names, shapes, depth + 1)

    match node:
        case ast.Constant(value=str(value)):
            if not value.isprintable():
                raise ExpressionError("a string in an expression holds printable characters only")
        case ast.Constant(value=value) if isinstance(value, (bool, int, float)) or value is None:
            _bound(value)
        case ast.Name(id=name):
            if name in FUNCTIONS:
                raise ExpressionError(f"{name} is a function", hint=f"call it: {name}(...)")
            names[name] = None
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            below(left, right)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not(), operand=operand):
            below(operand)
        case ast.BoolOp(values=values):
            below(*values)
        case ast.Compare(left=left, ops=operators, comparators=others) if all(
            type(op) in _COMPARISONS for op in operators
        ):
            below(left, *others)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            below(body, test, orelse)
        case ast.Subscript(value=value, slice=index) if not isinstance(index, (ast.Slice, ast.Tuple)):
            below(value, index)
        case ast.Attribute(value=ast.Name(id=name), attr="shape"):
            names[name] = shapes[name] = None
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            if any(isinstance(arg, ast.Starred) for arg in args):
                raise ExpressionError("an expression takes no starred arguments")
            below(*args)
        case ast.Call(func=function):
            known = ", ".join(FUNCTIONS)
            raise ExpressionError(
                f"an expression cannot call {_quote(function, text)!r}", hint=f"the functions are {known}"
            )
        case _:
            message = f"an expression cannot hold {_quote(node, text)!r}"
            raise ExpressionError(message, hint=_foreign(text) or GRAMMAR)


def _foreign(text: str) -> str | None:
    """What to write for an operator of another language."""
    bare = _STRINGS.sub("", text)
    for operator_, right in FOREIGN.items():
        if operator_ in bare:
            return f"write {right} for {operator_}"
    return "compare with ==" if re.search("(?<![=<>!:])=(?!=)", bare) else None


def _quote(node: ast.AST, text: str) -> str:
    """The text that a node was parsed from."""
    return ((isinstance(node, ast.expr) and ast.get_source_segment(text, node)) or text)[:60]


def _bound(value: Any) -> Any:
    """The value, if it is of a bounded size."""
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ExpressionError(f"a whole number beyond {LARGEST} is too large")
    if isinstance(value, float) and not abs(value) <= LARGEST_FLOAT:
        raise ExpressionError(f"a number beyond {LARGEST_FLOAT} is too large")
    return value


def _evaluate(node: ast.expr, scope: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return _lookup(name, scope)
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(op, _evaluate(left, scope), _evaluate(right, scope))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _evaluate(operand, scope)
        case ast.UnaryOp(op=op, operand=operand):
            value = _number(_evaluate(operand, scope), "-" if isinstance(op, ast.USub) else "+")
            return -value if isinstance(op, ast.USub) else value
        case ast.BoolOp(op=op, values=values):
            wanted = isinstance(op, ast.Or)
            for part in values:
                value = _evaluate(part, scope)
                if bool(value) == wanted:
                    break
            return value
        case ast.Compare(left=left, ops=operators, comparators=others):
            one = _evaluate(left, scope)
            for comparison, other in zip(operators, others, strict=True):
                two = _evaluate(other, scope)
                if not _compare(comparison, one, two):
                    return False
                one = two
            return True
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _evaluate(body if _evaluate(test, scope) else orelse, scope)
        case ast.Subscript(value=value, slice=index):
            return _index(_evaluate(value, scope), _evaluate(index, scope))
        case ast.Attribute(value=ast.Name(id=name)):
            tensor = _lookup(name, scope, shape=True)
            return tensor.shape
        case ast.Call(func=ast.Name(id=name), args=args):
            return _call(name, [_evaluate(arg, scope) for arg in args])
    raise AssertionError(f"unchecked expression {ast.dump(node)}")


def _lookup(name: str, scope: Mapping[str, Any], shape: bool = False) -> Any:
    if name not in scope:
        raise ExpressionError(f'there is no parameter "{name}" here', code="unknown-name")
    value = scope[name]
    if isinstance(value, Tensor) and not shape:
        raise ExpressionError(
            f'"{name}" is a tensor and has no value yet', hint=f"write {name}.shape[-1] for its last dimension"
        )
    if shape and not isinstance(value, Tensor):
        raise ExpressionError(f'"{name}" has no shape', hint="only a block's inputs have one")
    return value


def _unknown_dimension(symbol: str) -> ExpressionError:
    message = f"{symbol!r} needs a number, found an unknown dimension"
    hint = "write a number in place of null in the Input's shape"
    return ExpressionError(message, hint=hint, code="unknown-dimension")


def _number(value: Any, symbol: str) -> Any:
    if value is None:
        raise _unknown_dimension(symbol)
    if not isinstance(value, (int, float)):
        raise ExpressionError(f"{symbol!r} needs numbers, found {value!r:.40}")
    return value


def _arithmetic(op: ast.operator, one: Any, two: Any) -> Any:
    symbol, function = _ARITHMETIC[type(op)]
    one, two = _number(one, symbol), _number(two, symbol)
    if symbol == "**" and isinstance(one, int) and isinstance(two, int) and one.bit_length() * abs(two) > 128:
        raise ExpressionError(f"{one} ** {two} is too large")
    try:
        value = function(one, two)
    except ZeroDivisionError:
        raise ExpressionError(f"{one} {symbol} {two} divides by zero") from None
    except OverflowError:
        raise ExpressionError(f"{one} {symbol} {two} is too large") from None
    if isinstance(value, complex):
        raise ExpressionError(f"{one} {symbol} {two} is not a real number")
    return _bound(value)


def _compare(op: ast.cmpop, one: Any, two: Any) -> bool:
    symbol, function = _COMPARISONS[type(op)]
    try:
        return bool(function(one, two))
    except TypeError:
        if one is None or two is None:
            raise _unknown_dimension(symbol) from None
        raise ExpressionError(f"{symbol!r} cannot compare {one!r:.40} and {two!r:.40}") from None


def _index(value: Any, index: Any) -> Any:
    if not isinstance(value, (tuple, list, str, range)):
        raise ExpressionError(f"{value!r:.40} has no items")
    if isinstance(index, bool) or not isinstance(index, int):
        raise ExpressionError(f"an index is a whole number, found {index!r:.40}")
    if not -len(value) <= index < len(value):
        raise ExpressionError(f"index {index} is out of range, there are {len(value)} items")
    return value[index]


def _call(name: str, values: list[Any]) -> Any:
    if any(value is None for value in values):
        raise _unknown_dimension(name)
    refusal = ExpressionError(f"{name} cannot take ({', '.join(f'{v!r:.20}' for v in values)})", hint=USAGE[name])
    if name == "int" and not (len(values) == 1 and isinstance(values[0], (int, float))):
        raise refusal
    if name == "round" and len(values) == 2 and not (isinstance(values[1], int) and abs(values[1]) <= 300):
        raise refusal
    try:
        value = FUNCTIONS[name](*values)
        length = len(value) if isinstance(value, range) else 0
    except (TypeError, ValueError, OverflowError):
        raise refusal from None
    if length > LONGEST_RANGE:
        raise ExpressionError(f"a range of {length} is too long, at most {LONGEST_RANGE}")
    return _bound(value)


class _Rename(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Call(self, node: ast.Call) -> ast.Call:
        return ast.Call(node.func, [self.visit(arg) for arg in node.args], [])

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.get(node.id, node.id), node.ctx)
