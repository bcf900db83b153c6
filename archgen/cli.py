"""The command line. This module and those of its commands are the only ones that print.

Exit status: 0 well; 1 problems in what was checked; 2 wrong usage, a missing file or tool; 3 the generated program
failed; 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from archgen import __version__
from archgen.cli_diff import diff
from archgen.cli_render import render
from archgen.cli_shared import (
    SCHEMA_FILE,
    Word,
    checked,
    colourful,
    each_checked,
    emit,
    mark,
    paint,
    say,
    source_of,
    takes_params,
    takes_specs,
    takes_timeout,
    takes_trust,
    tell,
    without_schema,
)
from archgen.errors import ArchgenError, Problem, SpecError, annotation

PROBLEMS, USAGE, PROGRAM_FAILED, INTERRUPTED = 1, 2, 3, 130


class Group(click.Group):
    """A group whose errors end in a line and a status, never in a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except ArchgenError as error:
            tell(error)
            ctx.exit(error.status)
        except (KeyboardInterrupt, click.Abort):
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)
        except OSError as error:
            # It is the standard output, most likely; what is left in its buffer would fail again at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if isinstance(error, BrokenPipeError):
                ctx.exit(0)
            what = repr(error.filename) if error.filename else "the standard output"
            tell(ArchgenError(f"{what}: {error.strerror or error}"))
            ctx.exit(USAGE)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="archgen")
def cli() -> None:
    """Neural networks as data: check, draw, generate, run and verify them.

    \b
    Examples:
      archgen check specs/resnet.json
      archgen render specs/resnet.json -o resnet.svg
      archgen codegen
      archgen verify specs/*.json

    Completion for bash: eval "$(_ARCHGEN_COMPLETE=bash_source archgen)" (zsh_source, fish_source for the others).
    """


# Commands


@cli.command()
@takes_specs
@takes_params
@click.option(
    "--format", "form", type=Word(["text", "json", "github"]), default="text", help="How problems are printed."
)
@click.pass_context
def check(ctx: click.Context, specs: Sequence[str], params: dict[str, Any], form: str) -> None:
    """Load and expand specs, and print every problem.

    \b
    Examples:
      archgen check specs/*.json
      archgen check - < draft.json
      archgen check specs/resnet.json --format github
    """
    from archgen.checking import check as examine

    problems: list[Problem] = []
    unread: list[ArchgenError] = []
    for spec in specs:
        try:
            found = list(examine(source_of(spec), params).problems)
        except SpecError as error:
            found = list(error.problems)
        except ArchgenError as error:
            unread.append(error)
            continue
        problems += found
        if not found and form == "text":
            say(f"{spec}: {mark('ok', 'green', sys.stdout)}")
    match form:
        case "json":
            import json

            click.echo(json.dumps([problem.as_json() for problem in problems], indent=2, ensure_ascii=False))
        case "github":
            for problem in problems:
                click.echo(problem.as_annotation())
            for unreadable in unread:
                click.echo(annotation(unreadable.message, title="unreadable"))
        case _:
            for problem in problems:
                click.echo(paint(problem, sys.stdout))
    for unreadable in unread:
        tell(unreadable)
    ctx.exit(USAGE if unread else PROBLEMS if problems else 0)


@cli.command()
@click.argument("spec")
@takes_params
@click.option("--format", "form", type=Word(["text", "json"]), default="text", help="A table, or JSON.")
def summary(spec: str, params: dict[str, Any], form: str) -> None:
    """The layers of a spec with outputs, parameters, FLOPs and memory.

    \b
    Examples:
      archgen summary specs/resnet50.json
      archgen summary specs/cnn.json --format json
    """
    from archgen.summary import summarize

    table = summarize(checked(spec, params).graph)
    if form == "json":
        import json

        click.echo(json.dumps(table.as_json(), indent=2, ensure_ascii=False))
    else:
        import shutil

        width = shutil.get_terminal_size((120, 24)).columns if sys.stdout.isatty() else 120
        click.echo(table.text(width, color=colourful(sys.stdout)))


@cli.command()
@click.argument("specs", nargs=-1, metavar="[SPEC...]", callback=without_schema)
@takes_params
@click.option("-o", "--output", help="A file, a directory, or - for standard output.  [default: generated/NAME.py]")
@click.option("--check", "check_only", is_flag=True, help="Write nothing; fail when a file is stale.")
@click.option("--diff", "show_diff", is_flag=True, help="Write nothing; show what would change.")
@click.option("--fail-on-change", is_flag=True, help="Write, and fail when a file was stale: for commit hooks.")
@click.pass_context
def codegen(
    ctx: click.Context,
    specs: Sequence[str],
    params: dict[str, Any],
    output: str | None,
    check_only: bool,
    show_diff: bool,
    fail_on_change: bool,
) -> None:
    """Generate Keras scripts, by default from every spec in specs/.

    \b
    Examples:
      archgen codegen
      archgen codegen specs/cnn.json -o cnn.py
      archgen codegen --check --diff
    """
    from archgen.codegen import generate
    from archgen.files import targets

    if output == "-" and (check_only or show_diff or fail_on_change):
        words = "--fail-on-change compares" if fail_on_change else "--check and --diff compare"
        raise ArchgenError(f"{words} with files, and - is none", hint="name the file with -o")
    if fail_on_change and (check_only or show_diff):
        raise ArchgenError("--fail-on-change writes, --check and --diff do not", hint="leave one of them out")
    results = each_checked(specs or default_specs(), params)
    places = targets([result.program.name for result in results], output, ".py")
    stale = False
    for result, target in zip(results, places, strict=True):
        assert result.graph is not None
        text = generate(result.program, result.graph, result.plan)
        if not (check_only or show_diff or fail_on_change):
            emit(text.encode(), target, "wrote")
            continue
        now = _present(target)
        if now == text:
            continue
        stale = True
        if show_diff:
            click.echo("".join(_diff(now or "", text, str(target))), nl=False)
        if check_only:
            click.echo(f"{target} is {'missing' if now is None else 'stale'}", err=True)
        if fail_on_change:
            emit(text.encode(), target, "wrote")
            click.echo(f"{target} was {'missing' if now is None else 'stale'}, and is written", err=True)
    if stale and check_only:
        click.echo("  hint: run archgen codegen", err=True)
    if stale and fail_on_change:
        click.echo("  hint: add it to the commit", err=True)
    ctx.exit(PROBLEMS if stale and (check_only or fail_on_change) else 0)


def default_specs() -> list[str]:
    """Every spec in ``specs/``."""
    found = sorted(str(path) for path in Path("specs").glob("*.json") if path.name != SCHEMA_FILE)
    if not found:
        raise ArchgenError("there is no spec in specs/", hint="name the specs, or make one: archgen new NAME")
    return found


def _present(target: str | Path) -> str | None:
    try:
        return Path(target).read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ArchgenError(f"cannot read {str(target)!r}: {error}") from None


def _diff(now: str, then: str, name: str) -> Iterator[str]:
    from difflib import unified_diff

    return unified_diff(now.splitlines(True), then.splitlines(True), name, f"{name} (generated)")


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("spec")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@takes_params
@takes_timeout(86_400, "the script may run")
@takes_trust
@click.pass_context
def run(
    ctx: click.Context, spec: str, options: Sequence[str], params: dict[str, Any], timeout: float, trust: bool
) -> None:
    """Generate a script and run it; its results go to runs/NAME/. OPTIONS are those of the script.

    \b
    Examples:
      archgen run specs/mlp.json
      archgen run specs/cnn.json --epochs 1 --limit 1000 --data mnist.npz
    """
    from archgen import api

    result = checked(spec, params)
    ending = api.run(result.program, options, timeout=timeout, trust=trust)
    name = f"runs/{result.program.name}"
    if ending.well:
        say(f"{mark('done', 'green', sys.stdout)}: {name} {ending}")
        return
    click.echo(f"{mark('error', 'red', sys.stderr)}: the program generated from {spec} {ending}", err=True)
    if ending.timed_out:
        click.echo("  hint: give it more time with --timeout, or less to do with --epochs and --limit", err=True)
    ctx.exit(PROGRAM_FAILED)


@cli.command()
@takes_specs
@takes_params
@click.option("--format", "form", type=Word(["text", "json"]), default="text", help="How the report is printed.")
@takes_timeout(900, "each may take")
@takes_trust
@click.pass_context
def verify(
    ctx: click.Context, specs: Sequence[str], params: dict[str, Any], form: str, timeout: float, trust: bool
) -> None:
    """Build the generated scripts with Keras and compare every layer with the graph.

    Then one training step on data of the right shapes, a save, and a reload with equal predictions.

    \b
    Examples:
      archgen verify specs/mlp.json
      archgen verify specs/*.json --format json
      archgen verify my_spec.json --trust
    """
    from concurrent.futures import ThreadPoolExecutor

    from archgen.codegen import generate
    from archgen.process import require_trust, stop_all
    from archgen.verification import verify as compare

    results = each_checked(specs, params)
    for result in results:
        require_trust(result.program, trust)
    scripts = [generate(result.program, result.graph, result.plan) for result in results if result.graph is not None]
    workers = min(len(results), os.cpu_count() or 1)
    reports = []
    with ThreadPoolExecutor(workers) as pool:
        try:
            work = pool.map(
                lambda pair: compare(pair[0], script=pair[1], timeout=timeout, trust=trust),
                zip(results, scripts, strict=True),
            )
            for report in work:
                reports.append(report)
                if form == "text":
                    click.echo(_report(report))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            stop_all()
            raise
    if form == "json":
        import json

        click.echo(json.dumps([report.as_json() for report in reports], indent=2, ensure_ascii=False))
    if any(report.error for report in reports):
        ctx.exit(PROGRAM_FAILED)
    ctx.exit(0 if all(report.agrees for report in reports) else PROBLEMS)


def _report(report: Any) -> str:
    """One spec's report as lines."""
    if report.agrees:
        steps = [f"{report.layers} layers", f"{report.weights} weights", f"{report.parameters:,} parameters"]
        steps += [f"not the weights of {', '.join(report.unknown)}"] if report.unknown else []
        if "train" in report.steps:
            losses = [f"{name} {value:.4g}" for name, value in report.steps["train"].items() if "loss" in name]
            steps.append(f"one training step ({', '.join(losses)})")
        steps.append("saved and reloaded")
        return f"{report.file}: {mark('verified', 'green', sys.stdout)}: {', '.join(steps)}"
    lines = [f"{report.file}: {mark('differs' if report.differences else 'failed', 'red', sys.stdout)}"]
    lines += [f"  {difference}" for difference in report.differences]
    if report.error:
        lines.append(f"  {report.error}")
    return "\n".join(lines)


def _complete_op(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from archgen.reference import names

    return [name for name in names() if name.lower().startswith(incomplete.lower())]


@cli.command()
@click.argument("name", required=False, shell_complete=_complete_op)
def layers(name: str | None) -> None:
    """The ops that a spec can use, or one op's arguments, defaults and shape rule.

    \b
    Examples:
      archgen layers
      archgen layers Conv2D
      archgen layers ops.mean
    """
    from archgen.reference import describe, overview

    click.echo(describe(name) if name else overview())


@cli.command()
@click.argument("name")
@click.option("--like", default="mlp", show_default=True, metavar="SPEC", help="The example to start from.")
@click.option("-o", "--output", help="A file, a directory, or - for standard output.  [default: specs/NAME.json]")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def new(name: str, like: str, output: str | None, force: bool) -> None:
    """Write a starting spec.

    \b
    Examples:
      archgen new my_network --like cnn
    """
    from archgen.files import targets
    from archgen.reference import starting_spec

    text = starting_spec(name, like)
    (target,) = targets([name], output, ".json", "specs")
    if target != "-" and Path(target).exists() and not force:
        raise ArchgenError(f"{target} is there already", hint="choose another name, or give --force")
    if target != "-" and not (Path(target).parent / SCHEMA_FILE).exists():
        from archgen.schema import schema_text

        emit(schema_text().encode(), Path(target).parent / SCHEMA_FILE, "wrote")
    emit(text.encode(), target, "wrote")


@cli.command()
@click.option("-o", "--output", default="-", help="A file, or - for standard output.")
def schema(output: str) -> None:
    """The JSON Schema of the language, for editors.

    \b
    Examples:
      archgen schema -o specs/archgen.schema.json
    """
    from archgen.schema import schema_text

    emit(schema_text().encode(), output, "wrote")


cli.add_command(diff)
cli.add_command(render)


def main() -> None:
    """The entry point of the command ``archgen``."""
    import signal

    for name in ("SIGTERM", "SIGHUP"):
        # As an interruption: what is running in a process of its own is ended first.
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    cli(prog_name="archgen")


if __name__ == "__main__":
    main()
