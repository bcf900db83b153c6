"""Program and graph -> the text of a script: functions, loops and calls, through Jinja, formatted by black."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archgen.functions import Function, functions_of
from archgen.program import Program
from archgen.script import STANDARD, THIRD_PARTY
from archgen.structure import Structure

if TYPE_CHECKING:
    import networkx

    from archgen.training import Plan


class CodegenError(AssertionError):
    """The text that was rendered is not what was meant: a defect of archgen, never of a spec."""


def generate(program: Program, graph: networkx.MultiDiGraph, plan: Plan | None) -> str:
    """The script of a program whose graph was expanded without problems and whose training goes with it."""
    from archgen.script import render_script
    from archgen.training import network_of

    info = graph.graph["info"]
    functions = functions_of(program, outputs_of(graph))
    own = Structure(program).imports
    text = render_script(
        name=program.name,
        functions=render_functions(functions),
        network=network_of(graph),
        plan=plan,
        title=info.title,
        description=info.description,
        source=program.source.name,
        own=own,
    )
    return polish(text, functions, own)


def outputs_of(graph: networkx.MultiDiGraph) -> dict[str, int]:
    """How many tensors the node at each path of the file gives."""
    counts: dict[str, int] = graph.graph["info"].output_counts
    return counts


def render_functions(functions: list[Function]) -> str:
    """The functions as text."""
    from archgen.script import environment

    return environment().get_template("functions.py.j2").render(functions=functions)


def polish(text: str, functions: list[Function], own: Mapping[str, str] | None = None) -> str:
    """The text formatted by black, once it is known to be what was meant.

    Raises ``CodegenError`` where the text does not parse, or holds a statement that no template has.
    """
    import black
    from black.mode import TargetVersion

    try:
        module = ast.parse(text)
    except SyntaxError as error:
        raise CodegenError(f"the generated code does not parse: {error}") from error
    check_module(module, functions, own or {})
    formatted = black.format_str(text, mode=black.Mode(target_versions={TargetVersion.PY311}))
    if ast.dump(ast.parse(formatted)) != ast.dump(module):
        raise CodegenError("formatting changed the meaning of the generated code")
    return formatted


def check_module(module: ast.Module, functions: list[Function], own: Mapping[str, str]) -> None:
    """Whether a module is a docstring, imports, constants, definitions and the call of ``main``, and nothing else."""
    allowed: tuple[type[ast.stmt], ...] = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign)
    for position, statement in enumerate(module.body):
        is_docstring = position == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        is_main = position == len(module.body) - 1 and isinstance(statement, ast.If)
        if not (is_docstring or is_main or isinstance(statement, allowed)):
            raise CodegenError(f"unexpected statement in the generated code, line {statement.lineno}")
    ours = {line for line in (*STANDARD.values(), *THIRD_PARTY.values())}
    lines = {
        ast.unparse(ast.ImportFrom(statement.module, [alias], statement.level))
        for statement in module.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    if lines - ours != {f"from {path} import {name}" for name, path in own.items()}:
        raise CodegenError(f"expected imports of {dict(own)}, found {sorted(lines - ours)}")
    defined = [statement.name for statement in module.body if isinstance(statement, ast.FunctionDef)]
    meant = [function.name for function in functions]
    if [name for name in defined if name in meant] != meant:
        raise CodegenError(f"expected the functions {meant}, found {defined}")
    written = {statement.name: statement for statement in module.body if isinstance(statement, ast.FunctionDef)}
    for function in functions:
        calls = sum(isinstance(node, ast.Call) for node in ast.walk(written[function.name]))
        if calls != count_calls(function):
            raise CodegenError(f"{function.name} holds {calls} calls, {count_calls(function)} were meant")


def count_calls(function: Function) -> int:
    """How many calls a function is meant to make, reckoned from its statements one by one."""

    def texts(statements: list[dict[str, Any]]) -> list[str]:
        found: list[str] = []
        for statement in statements:
            if statement["kind"] == "for":
                found.append(f"[0 for {statement['head']}]")
            found += [statement[key] for key in ("value", "test") if key in statement]
            found += texts(statement.get("body", []))
        return found

    parameters = [parameter.partition("=")[2] or "0" for parameter in function.parameters]
    trees = [ast.parse(text, mode="eval") for text in [*texts(function.body), *parameters]]
    return sum(isinstance(node, ast.Call) for tree in trees for node in ast.walk(tree))
