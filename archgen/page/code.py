"""Which lines of a generated script make which node: the statements that were meant, beside those that were written."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archgen.functions import Function, Statement
from archgen.program import Part
from archgen.source import show_path

Span = tuple[int, int]
"""The first and the last line, counted from 1."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node is written: its function, that function's lines, and the node's own among them."""

    function: str
    around: Span
    spans: tuple[Span, ...]
    """In order; of a condition around the node the head only."""


def places_of(text: str, functions: Sequence[Function]) -> dict[str, Place]:
    """The place of each node and each model that the functions of a script write, by its path in the file."""
    written = {each.name: each for each in ast.parse(text).body if isinstance(each, ast.FunctionDef)}
    places: dict[str, Place] = {}
    for function in functions:
        part, definition = function.part, written[function.name]
        if part is None:
            continue
        whole = _span(definition)
        if part.kind == "model":
            places[model_path(part.name)] = Place(function.name, whole, (whole,))
        spans: dict[int, list[Span]] = {}
        for index, span in _nodes(part, function.body, definition.body):
            spans.setdefault(index, []).append(span)
        for index, found in spans.items():
            path = show_path(part.nodes[index].path)
            places[path] = Place(function.name, whole, tuple(dict.fromkeys(found)))
    return places


def model_path(name: str) -> str:
    """The path of a model in the file."""
    return show_path(("models", name))


def _nodes(part: Part, meant: Sequence[Statement], written: Sequence[ast.stmt]) -> Iterator[tuple[int, Span]]:
    """Index and span of each node of a function."""
    if sequence := _sequence(written):
        yield from ((index, _span(item)) for index, item in enumerate(sequence))
        return
    yield from _pairs([statement for statement in meant if statement["kind"] != "blank"], written)


def _sequence(written: Sequence[ast.stmt]) -> list[ast.expr]:
    """What stands in the list of a function that returns a ``keras.Sequential``."""
    match written[-1]:
        case ast.Return(ast.Call(ast.Attribute(ast.Name("keras"), "Sequential"), [ast.List(items), *_])):
            return items
    return []


def _pairs(meant: Sequence[Statement], written: Sequence[ast.stmt]) -> Iterator[tuple[int, Span]]:
    for statement, found in zip(meant, written, strict=True):
        if "node" in statement:
            yield statement["node"], _span(found)
        elif isinstance(found, ast.If):
            inside = list(_pairs(statement["body"], found.body))
            head = (found.lineno, found.body[0].lineno - 1)
            yield from ((index, head) for index in dict.fromkeys(index for index, _ in inside))
            yield from inside


def _span(node: ast.stmt | ast.expr) -> Span:
    return node.lineno, node.end_lineno or node.lineno
