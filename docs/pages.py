"""The pages that are made from the project itself: the gallery, a page per family of layers, the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

import archgen
from archgen.cli import cli
from archgen.layers.base import Declared, Layer, Operation, known
from archgen.reference import by_category, calling, cells, default_of, examples

ROOT = Path(__file__).resolve().parent.parent
THEMES = ("light", "dark", "paper")


def write(folder: Path) -> None:
    """Write the pages below ``folder``, and remove those that are made no more; what stays the same is not touched."""
    made = {folder / name: text for name, text in pages()}
    for place in ("gallery", "families"):
        for path in (folder / place).glob("*"):
            if path not in made:
                path.unlink()
    for path, text in made.items():
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def pages() -> Iterator[tuple[str, str]]:
    """The name of each file, and what it says."""
    yield "gallery/index.md", gallery()
    for name in examples():
        program = archgen.load(ROOT / "specs" / f"{name}.json")
        yield f"gallery/{name}.md", spec_page(name, program.title or name)
        yield f"gallery/{name}.py", archgen.generate(program)
    yield "families/index.md", families()
    for category, ops in by_category().items():
        yield f"families/{category}.md", family(category, dict(ops))
    yield "families/cells.md", family("cells", {name: known("cell")[name] for name in cells()})
    yield "commands.md", commands()


def gallery() -> str:
    """Every spec in every theme, and the way to its own page."""
    parts = [
        "---\nhide-toc: true\n---\n# Gallery",
        "Every spec in `specs/`, as `archgen render` draws it in three themes. Its own page has the figure as it "
        "follows this site, the summary, and the script.",
    ]
    for name in examples():
        figures = [directive(name, theme=theme, caption=f"`--theme {theme}`") for theme in THEMES]
        parts += [f"## {name}", f"[Spec, summary and script](/gallery/{name}.md)"]
        parts += [":::{container} archgen-themes", *figures, ":::"]
    parts.append(toctree(f"{name}" for name in examples()))
    return "\n\n".join(parts) + "\n"


def spec_page(name: str, title: str) -> str:
    """A spec: figure and summary, JSON, script."""
    return "\n\n".join([
        f"# {title}",
        directive(name, summary="", name=f"figure-{name}", caption=f"`archgen render specs/{name}.json`"),
        f"## The spec\n\n`specs/{name}.json`",
        f"```{{literalinclude}} ../../specs/{name}.json\n:language: json\n```",
        f"## The script\n\n`archgen codegen specs/{name}.json` writes `generated/{name}.py`:",
        f"```{{literalinclude}} {name}.py\n:language: python\n```",
    ]) + "\n"  # fmt: skip


def directive(spec: str, **options: str) -> str:
    """The figure of a spec."""
    lines = "\n".join(f":{word}: {value}".rstrip() for word, value in options.items())
    return f"```{{archgen}} ../../specs/{spec}.json\n{lines}\n```"


def families() -> str:
    """The way to the page of each family."""
    rows = [
        f"| [{category.capitalize()}](/families/{category}.md) | {', '.join(f'`{name}`' for name, _ in ops)} |"
        for category, ops in by_category().items()
    ]
    rows.append(f"| [Cells](/families/cells.md) | {', '.join(f'`{name}`' for name in cells())} |")
    return "\n\n".join([
        "# Layers and functions by family",
        "Made from the declarations, which the tests hold to Keras. [All of them in one table](/layers.md), with what "
        "is left out and why.",
        "\n".join(["| family | ops |", "| --- | --- |", *rows]),
        toctree([*by_category(), "cells"]),
    ]) + "\n"  # fmt: skip


def family(category: str, ops: dict[str, type[Declared]]) -> str:
    """What each op of a family is."""
    parts = [f"# {category.capitalize()}"]
    for name, declared in ops.items():
        parts += [f"## {name}", clean(declared.summary())]
        if issubclass(declared, Operation):
            parts += [line.strip().capitalize() + "." for line in calling(declared)]
            parts += [f"Shapes: `{declared.rule}`"] if declared.rule else []
        rows = []
        for field in declared.fields.values():
            default = "required" if field.required else code(default_of(field))
            rows.append(f"| `{field.name}` | {default} | {clean(field.kind.describe())} |")
        if issubclass(declared, Operation):
            rows += [f"| call `{word}` | | {clean(kind.describe())} |" for word, kind in declared.options.items()]
        parts.append(
            "\n".join(["| argument | default | takes |", "| --- | --- | --- |", *rows]) if rows else "No arguments."
        )
        for key, why in declared.gathered("left_out").items():
            if key not in Layer.gathered("left_out"):
                parts.append(f"Left out: {code(key)}: {clean(why)}")
    return "\n\n".join(parts) + "\n"


def commands() -> str:
    """What each command's ``--help`` says."""
    parts = ["# The command line"]
    for name, command in sorted(cli.commands.items()):
        context = click.Context(command, info_name=f"archgen {name}", max_content_width=100)
        parts += [f"## archgen {name}", f"```text\n{command.get_help(context)}\n```"]
    return "\n\n".join(parts) + "\n"


def toctree(names: Iterator[str] | list[str]) -> str:
    return "\n".join(["```{toctree}", ":hidden:", "", *names, "```"])


def code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def clean(text: str) -> str:
    """Text of the declarations as Markdown."""
    return text.replace("``", "`").replace("|", "\\|").replace("<", "\\<").replace("*", "\\*").replace("[", "\\[")
