"""The command ``archgen render``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archgen.cli_shared import Word, checked, depth, each_checked, emit, takes_params, takes_specs, takes_timeout, tell
from archgen.errors import ArchgenError
from archgen.options import CHOICES, FORMATS, SUFFIXES, Options, check_format

if TYPE_CHECKING:
    from archgen.checking import Checked


@click.command()
@takes_specs
@takes_params
@click.option("-o", "--output", help="A file, a directory, or - for standard output.  [default: generated/NAME.SUFFIX]")
@click.option(
    "--format",
    "form",
    type=Word(list(FORMATS["cards"])),
    help="The kind of file.  [default: the suffix of -o, or svg]",
)
@click.option("--style", type=Word(CHOICES["style"]), default="cards", help="Cards, or a chain of boxes in proportion.")
@click.option(
    "--expand",
    callback=depth,
    default="0",
    show_default=True,
    metavar="N|all",
    help="How many levels of repetition to draw turn by turn; at 0 each is drawn once with ×N.",
)
@click.option("--direction", type=Word(CHOICES["direction"]), default="TB", help="Top to bottom, or left to right.")
@click.option("--detail", type=Word(CHOICES["detail"]), default="normal", help="How much the cards say.")
@click.option(
    "--theme",
    type=Word(CHOICES["theme"]),
    help="The colours; auto follows the reader's setting in an SVG.  [default: light; html: auto]",
)
@click.option("--highlight", multiple=True, metavar="ID", help="Outline a layer or block; may be given several times.")
@click.option("--legend", is_flag=True, help="Say which colour is which category.")
@click.option("--dpi", type=click.IntRange(1), metavar="DOTS", help="Dots per inch of a PNG.  [default: 144]")
@click.option("--engine", type=Word(CHOICES["engine"]), default="embedded", help="Graphviz inside, or the dot on PATH.")
@takes_timeout(60, "drawing may take")
@click.option("--watch", is_flag=True, help="Draw a spec again whenever it is saved, until interrupted.")
def render(
    specs: Sequence[str], params: dict[str, Any], output: str | None, form: str | None, watch: bool, **given: Any
) -> None:
    """Draw specs: shapes on the edges, blocks as frames, repeated blocks once.

    \b
    Examples:
      archgen render specs/resnet.json
      archgen render specs/resnet.json -o figure.pdf --theme paper --direction LR
      archgen render specs/*.json -o docs/figures --theme auto --legend
      archgen render specs/resnet.json -o figure.png --dpi 300 --highlight stem
      archgen render specs/resnet50.json --expand all --detail minimal
      archgen render specs/resnet50.json --format dot -o - | less
      archgen render specs/resnet.json -o figure.svg --watch
    """
    from archgen.figures import figure
    from archgen.files import targets

    form = form or _format_of(output) or "svg"
    options = Options(**given)
    suffix = check_format(form, options).suffix
    if watch:
        keep_drawn(specs, params, output, suffix, lambda result: figure(result, form, options))
        return
    results = each_checked(specs, params)
    places = targets([result.program.name for result in results], output, suffix)
    for result, target in zip(results, places, strict=True):
        emit(figure(result, form, options), target, "drew")


def keep_drawn(
    specs: Sequence[str],
    params: dict[str, Any],
    output: str | None,
    suffix: str,
    draw: Callable[[Checked], bytes],
) -> None:
    """Draw specs whenever they are saved, and go on where one is wrong."""
    from archgen.engine import started_ahead
    from archgen.files import targets
    from archgen.watching import saves

    if "-" in specs or output == "-":
        raise ArchgenError("--watch is for files, and - is none", hint="name the spec, and the figure with -o")
    specs = list(dict.fromkeys(specs))
    targets(specs, output, suffix)  # Raises where -o does not suit, before anything is waited for.
    names: dict[str, str] = {}
    with started_ahead():
        for spec in chain.from_iterable(saves(specs)):
            try:
                result = checked(spec, params)
                names[spec] = result.program.name
                places = dict(zip(names, targets(list(names.values()), output, suffix), strict=True))
                emit(draw(result), places[spec], "drew")
            except ArchgenError as error:
                tell(error)


def _format_of(output: str | None) -> str | None:
    """The format that a file name asks for."""
    return SUFFIXES.get(Path(output).suffix.lower()) if output and output != "-" else None
