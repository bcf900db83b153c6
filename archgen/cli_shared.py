"""What the commands share: options, how specs are read, and how results and errors are printed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from archgen.errors import ArchgenError, Problem, SpecError
from archgen.options import Expand, check_time
from archgen.options import depth as as_depth

if TYPE_CHECKING:
    from archgen.checking import Checked
    from archgen.source import Source

SCHEMA_FILE = "archgen.schema.json"


class Word(click.types.StringParamType):
    """One of some words, in whichever case it is written."""

    name = "word"

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """How help shows it."""
        return f"[{'|'.join(self.words)}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word as it is known."""
        for word in self.words:
            if word.lower() == str(value).lower():
                return word
        self.fail(f"{value!r} is not one of {', '.join(map(repr, self.words))}.", param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The words that begin so."""
        return [CompletionItem(word) for word in self.words if word.lower().startswith(incomplete.lower())]


def depth(ctx: click.Context, param: click.Parameter, value: str) -> Expand:
    """How many levels to expand, as it is written on the command line."""
    try:
        return as_depth(value)
    except ArchgenError as error:
        raise click.BadParameter(f"{error}: {error.hint}.") from None


def seconds(ctx: click.Context, param: click.Parameter, value: float) -> float:
    """A time, as it is written on the command line."""
    try:
        check_time(value)
    except ArchgenError as error:
        raise click.BadParameter(f"{error}: {error.hint}.") from None
    return value


def takes_timeout(default: float, what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option ``--timeout`` in seconds; ``what`` says what may take so long."""
    return click.option(
        "--timeout",
        type=float,
        callback=seconds,
        default=default,
        show_default=True,
        metavar="SECONDS",
        help=f"How long {what}.",
    )


def takes_specs(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.argument("specs", nargs=-1, required=True, metavar="SPEC...", callback=without_schema)(command)


def without_schema(ctx: click.Context, param: click.Parameter, specs: Sequence[str]) -> Sequence[str]:
    """The specs of ``specs/*.json``, where the published schema lies among them."""
    if specs.count("-") > 1:
        raise click.BadParameter("- is the standard input, which is read once")
    kept = [spec for spec in specs if Path(spec).name != SCHEMA_FILE]
    if specs and not kept:
        raise click.BadParameter(f"{SCHEMA_FILE} is the schema and no spec")
    return kept


def takes_params(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option ``--set``, as a dict of overrides in ``params``."""

    @click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Override a parameter of the spec.")
    @wraps(command)
    def with_params(*args: Any, settings: Sequence[str], **kwargs: Any) -> Any:
        from archgen.loader import parse_override

        return command(*args, params=dict(map(parse_override, settings)), **kwargs)

    return with_params


takes_trust = click.option(
    "--trust", is_flag=True, help="Let the script import the spec's own classes, which runs their code."
)


def source_of(spec: str) -> Source:
    """The parsed file, or standard input for ``-``."""
    from archgen.source import decode, read

    if spec == "-":
        return decode(sys.stdin.buffer.read(), "<stdin>")
    return read(spec)


def checked(spec: str, params: dict[str, Any]) -> Checked:
    """A spec without problems; raises otherwise."""
    from archgen.checking import check

    return check(source_of(spec), params).sound()


def each_checked(specs: Sequence[str], params: dict[str, Any]) -> list[Checked]:
    """Every spec; the problems of all of them are told together, before anything is done."""
    from archgen.checking import check

    results: list[Checked] = []
    problems: list[Problem] = []
    for spec in specs:
        try:
            results.append(check(source_of(spec), params))
            problems += results[-1].problems
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(problems)
    return results


def tell(error: ArchgenError) -> None:
    """An error and its hint, or every problem of a spec, on standard error."""
    if isinstance(error, SpecError):
        for problem in error.problems:
            click.echo(paint(problem, sys.stderr), err=True)
        return
    click.echo(f"{mark('error', 'red', sys.stderr)}: {error.message}", err=True)
    if error.hint:
        click.echo(f"  {mark('hint', 'cyan', sys.stderr)}: {error.hint}", err=True)


def say(text: str) -> None:
    """Progress for a person: nothing when the output is piped."""
    if sys.stdout.isatty():
        click.echo(text)


def colourful(stream: Any) -> bool:
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def mark(text: str, colour: str, stream: Any) -> str:
    return click.style(text, fg=colour, bold=True) if colourful(stream) else text


def paint(problem: Problem, stream: Any) -> str:
    """A problem as text, coloured where the stream shows colours."""
    text = str(problem)
    if colourful(stream):
        text = text.replace("error[", click.style("error", fg="red", bold=True) + "[", 1)
        text = text.replace("\n  hint:", "\n  " + click.style("hint", fg="cyan", bold=True) + ":", 1)
    return text


def emit(data: bytes, target: str | Path, what: str) -> None:
    """Write to a file, or to standard output for ``-``."""
    from archgen.files import write

    if str(target) == "-":
        sys.stdout.buffer.write(data)
        return
    write(target, data)
    say(f"{what}: {target}")
