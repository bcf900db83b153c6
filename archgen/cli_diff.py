"""The command ``archgen diff``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archgen.cli_shared import Word, colourful, depth, emit, paint, source_of
from archgen.errors import ArchgenError, SpecError
from archgen.options import Expand

if TYPE_CHECKING:
    from archgen.diffing import Comparison
    from archgen.source import Source

DIFFERENT, TROUBLE = 1, 2
FORMATS = {".txt": "text", ".json": "json", ".md": "markdown", ".svg": "svg"}
"""The format that the suffix of a file asks for."""


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option(
    "--format",
    "form",
    type=Word(list(FORMATS.values())),
    help="Text, JSON, Markdown for a pull request, or one picture of both.  [default: the suffix of -o, or text]",
)
@click.option("-o", "--output", default="-", help="A file, or - for standard output.")
@click.option(
    "--expand",
    callback=depth,
    default="0",
    metavar="N|all",
    help="How many levels of repetition the picture draws turn by turn.  [default: 0, once with ×N]",
)
@click.pass_context
def diff(ctx: click.Context, before: str, after: str, form: str | None, output: str, expand: Expand) -> None:
    """What changed between two architectures: two specs, or one at two revisions.

    A is a file, - for standard input, or a revision of git in which B is read. Layers are matched by what they do and
    where they stand: one of another name is renamed, not removed and added.

    \b
    Exit status: 0 no difference; 1 differences; 2 wrong usage, a broken spec, no such file or revision.

    \b
    Examples:
      archgen diff specs/mlp.json specs/cnn.json
      archgen diff HEAD~1 specs/resnet.json
      archgen diff main specs/resnet.json --format markdown
      archgen diff HEAD specs/resnet.json -o changes.svg
    """
    from archgen.checking import check
    from archgen.diffing import compare

    form = form or format_of(output)
    if expand and form != "svg":
        raise click.UsageError("--expand is for --format svg")
    try:
        results = [check(source) for source in sources(before, after)]
        if problems := [problem for result in results for problem in result.problems]:
            raise SpecError(problems)
    except SpecError as error:
        for problem in error.problems:
            click.echo(paint(problem, sys.stderr), err=True)
        ctx.exit(TROUBLE)
    found = compare(results[0], results[1])
    emit(written(found, form, output, expand).encode("utf-8", "replace"), output, "wrote")
    ctx.exit(DIFFERENT if found else 0)


def format_of(output: str) -> str:
    """The format that a file name asks for: text where it has no suffix."""
    suffix = Path(output).suffix.lower()
    if suffix and suffix not in FORMATS:
        *others, last = FORMATS
        hint = f"end it with {', '.join(others)} or {last}, or give --format"
        raise ArchgenError(f"{output!r} does not say which format it is to have", hint=hint)
    return FORMATS.get(suffix, "text")


def sources(before: str, after: str) -> list[Source]:
    """The two specs, parsed."""
    from archgen.diffing.revision import read_revision
    from archgen.source import decode

    if before == after == "-":
        raise ArchgenError("both specs would be read from the standard input", hint="give a file for one of them")
    if before == "-" or os.path.exists(before):
        return [source_of(before), source_of(after)]
    if after == "-":
        raise ArchgenError(f"there is no file {before!r}", hint="a revision needs a file that is read in it: not -")
    source = source_of(after)
    return [decode(*read_revision(before, after)), source]


def written(found: Comparison, form: str, output: str, expand: Expand) -> str:
    """The comparison in a format."""
    import json
    import shutil

    match form:
        case "json":
            return json.dumps(found.as_json(), indent=2, ensure_ascii=False) + "\n"
        case "markdown":
            return found.markdown()
        case "svg":
            return found.svg(expand=expand).decode()
    shown = output == "-" and sys.stdout.isatty()
    width = shutil.get_terminal_size((120, 24)).columns if shown else 120
    return found.text(width, color=output == "-" and colourful(sys.stdout))
