"""Everything that can be known of a spec without running it: program, graph, training, problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archgen.errors import LayerError, Problem, SpecError
from archgen.expansion import examine
from archgen.expressions import ExpressionError
from archgen.layers.base import LayerErrors
from archgen.loader import load_source
from archgen.program import Program, evaluate, expressions
from archgen.size import LIMIT
from archgen.source import Source, show_path
from archgen.values import UNREADABLE

if TYPE_CHECKING:
    import networkx

    from archgen.training import Plan


@dataclass(frozen=True, slots=True)
class Checked:
    """A spec and what was found: the graph and the plan of its training are there when there is no problem."""

    program: Program
    problems: tuple[Problem, ...]
    graph: networkx.MultiDiGraph | None = None
    plan: Plan | None = None

    def sound(self) -> Checked:
        """Itself, if it has no problem; raises ``SpecError`` with all of them."""
        if self.problems or self.graph is None:
            raise SpecError(self.problems)
        return self


def check(source: Source, overrides: Mapping[str, Any] | None = None, *, limit: int = LIMIT) -> Checked:
    """Load, expand and check a parsed file; every problem is in the result, none is raised."""
    program = load_source(source, overrides)
    return check_program(program, limit=limit)


def check_program(program: Program, *, limit: int = LIMIT) -> Checked:
    """``check`` for a program that is loaded."""
    graph, problems = examine(program, limit=limit)
    plan: Plan | None = None
    if program.train is not None:
        plan, more = _check_training(program, graph)
        problems += more
    ordered = sorted(dict.fromkeys(problems), key=lambda p: (p.line, p.column, p.path, p.code))
    return Checked(program, tuple(ordered), None if ordered else graph, plan)


def _check_training(program: Program, graph: networkx.MultiDiGraph | None) -> tuple[Plan | None, list[Problem]]:
    """The plan of the training, or what is wrong with it, by itself and against the graph."""
    from archgen.training import check_models, create, network_of, settle

    section, unknown, problems = _evaluate(program)
    try:
        training = create(section)
        check_models(training, program.models)
        if graph is None or unknown:
            return None, problems
        models = {name: network_of(each) for name, each in graph.graph["info"].models.items()}
        return settle(training, network_of(graph, models)), problems
    except LayerError as error:
        for each in error.errors if isinstance(error, LayerErrors) else [error]:
            missing = each.code == "missing-argument" and any(f'"{key}"' in each.message for key in unknown)
            if not missing:
                problems.append(_problem(program.source, each))
    return None, problems


def _evaluate(program: Program) -> tuple[dict[str, Any], list[str], list[Problem]]:
    """The section ``train`` with its expressions evaluated, the keys for which that fails, and why.

    Names that are not in scope, and expressions that cannot be read, have been told of when they were loaded.
    """
    section: dict[str, Any] = {}
    unknown: list[str] = []
    problems: list[Problem] = []
    for key, value in (program.train or {}).items():
        failed = False
        for path, expression in expressions(value, ("train", key)):
            try:
                failed |= expression is UNREADABLE or not program.lost.isdisjoint(expression.names)
                expression.evaluate(program.params)
            except ExpressionError as error:
                failed = True
                if error.code != "unknown-name":
                    problems.append(program.source.problem(error.code, error.message, path, hint=error.hint))
        if failed:
            unknown.append(key)
        else:
            section[key] = evaluate(value, program.params)
    return section, unknown, problems


def _problem(source: Source, error: LayerError) -> Problem:
    message = error.message
    if error.code == "bad-argument" and error.param:
        message = f'"{show_path(error.param)}": {message}'
    named = error.code in ("unknown-argument", "unknown-key")
    return source.problem(
        error.code, message, ("train", *error.param), key=named, hint=error.hint, details=error.details
    )
