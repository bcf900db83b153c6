"""A Sphinx extension: ``extensions = ["archgen.integrations.sphinx"]`` gives the directive ``archgen``.

    .. archgen:: specs/resnet.json
       :direction: LR
       :caption: A residual network

The spec is a file, relative to the document as an image is, or the JSON in the directive. Documents are read again when
their specs change. A mistake in a spec is a warning with the file and the line of the spec, of type ``archgen``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from archgen import __version__
from archgen.errors import ArchgenError, SpecError
from archgen.files import write
from archgen.integrations import settings
from archgen.integrations.inline import inline
from archgen.integrations.told import EM, digest, examine, indent, picture, summary_of
from archgen.source import read
from archgen.summary import REPEATED, Summary

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata, OptionSpec

    from archgen.checking import Checked

logger = logging.getLogger(__name__)

TYPES = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}
"""The formats that builders are offered, the best first."""
WAYS = ("inline", "image")


class archgen_figure(nodes.General, nodes.Element):
    """A figure that is not drawn yet: what it looks like depends on the builder."""


class Figure(SphinxDirective):
    """The directive."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[OptionSpec]

    def run(self) -> list[nodes.Node]:
        """The figure and its table; in place of the drawing what is wrong with the spec."""
        try:
            drawn, table = self._drawing()
        except ArchgenError as error:
            drawn, table = _failed(error, *self.get_source_info()), []
        figure = nodes.figure("", drawn, align=self.options.get("align", "default"))
        figure["classes"] += ["archgen-figure", *self.options.get("class", [])]
        self.set_source_info(figure)
        if caption := self.options.get("caption"):
            said, messages = self.parse_inline(caption, lineno=self.lineno)
            figure += [nodes.caption(caption, "", *said), *messages]
        self.add_name(figure)
        return [figure, *table]

    def _drawing(self) -> tuple[nodes.Node, list[nodes.Node]]:
        words = {**self.config.archgen_options, **{word: self.options[word] or "" for word in self._own_words()}}
        text, file = self._spec()
        given = settings.read(words)
        checked = examine(text, file, given)
        drawn = archgen_figure(text=text, file=file, words=words, alt=self.options.get("alt"))
        drawn["width"] = self.options.get("width")
        self.set_source_info(drawn)
        return drawn, _table(summary_of(checked)) if given.summary else []

    def _own_words(self) -> Iterable[str]:
        return [word for word in settings.WORDS if word in self.options]

    def _spec(self) -> tuple[str, str]:
        """The text of the spec, and what messages call it."""
        if not self.arguments:
            if not self.content:
                raise ArchgenError("a directive without a spec", hint="name its file, or write its JSON below")
            # Empty lines before it, so that problems are told with the lines of the document.
            first = self.content.offset(0)
            return "\n" * first + "\n".join(self.content), _shown(self.get_source_info()[0])
        if self.content:
            raise ArchgenError("a directive with a file and JSON", hint="leave one of them out")
        relative, absolute = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        return read(_shown(absolute)).text, _shown(absolute)


class Drawing(SphinxPostTransform):
    """Draws every figure for the builder: inside the page, or as a file in the best format that it takes."""

    default_priority = 50

    def run(self, **kwargs: Any) -> None:
        for number, node in enumerate(list(self.document.findall(archgen_figure))):
            try:
                node.replace_self(self._drawn(node, number))
            except ArchgenError as error:
                node.replace_self(_failed(error, node.source or "", node.line or 0))

    def _drawn(self, node: archgen_figure, number: int) -> nodes.Node:
        given = settings.read(node["words"])
        builder = self.app.builder
        known = digest(node["text"], sorted(node["words"].items()))
        checked = examine(node["text"], node["file"], given)
        if builder.format == "html" and builder.name != "epub" and self.config.archgen_html == "inline":
            svg = picture(checked, "svg", given)
            html = inline(svg, f"archgen-{known}-{number}", width=node["width"], label=node["alt"])
            return nodes.raw("", html, format="html")
        format = next((form for form, kind in TYPES.items() if kind in builder.supported_image_types), None)
        alt = node["alt"] or _words(checked)
        if format is None:
            return nodes.image(uri="", alt=alt, candidates={"?": ""})
        path = str(Path(self.env.doctreedir, "archgen", f"{checked.program.name}-{known}.{format}"))
        write(path, picture(checked, format, given))
        self.env.images.add_file(self.env.docname, path)
        image = nodes.image(uri=path, alt=alt, candidates={TYPES[format]: path})
        if node["width"] is not None:
            image["width"] = node["width"]
        return image


def _words(checked: Checked) -> str:
    """What the figure shows, for those who do not see it."""
    assert checked.graph is not None
    from archgen.drawing.caption import describe, heading
    from archgen.outline import outline

    shown = outline(checked.graph)
    return f"{heading(shown)}. {describe(shown)}"


def _failed(error: ArchgenError, document: str, line: int) -> nodes.Node:
    """What is wrong, in the page; and as warnings, those of a spec with its file and line."""
    if isinstance(error, SpecError):
        for problem in error.problems:
            where = f"{problem.file}:{problem.line}"
            said = str(problem).partition(": ")[2]
            said += f"\n  in the figure of {_shown(document)}:{line}" if problem.file != _shown(document) else ""
            logger.warning("%s", said, location=where, type="archgen", subtype=problem.code)
    else:
        said = f"{error}\n  hint: {error.hint}" if error.hint else str(error)
        logger.warning("archgen: %s", said, location=f"{document}:{line}", type="archgen", subtype="figure")
    return nodes.literal_block("", str(error), classes=["archgen-error"], language="text")


def _shown(path: str) -> str:
    """A path as messages tell it: from here, if it is below."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def _table(summary: Summary) -> list[nodes.Node]:
    """The summary: its rows, and the amounts below them."""
    rows = summary.table()
    lines = [[indent(cell, EM) for cell in cells] for cells, _ in rows.rows]
    amounts = [[indent(name, EM), value] for name, value in summary.amounts()]
    note = [nodes.paragraph("", REPEATED)] if summary.repeats else []
    return [_grid(lines, rows.heads, [6, 5, 6, 3, 3, 3]), _grid(amounts, [], [4, 12]), *note]


def _grid(rows: Sequence[Sequence[str]], heads: Sequence[str], widths: Sequence[int]) -> nodes.table:
    """A table; one with heads has numbers in its last three columns."""

    def line(cells: Sequence[str]) -> nodes.row:
        return nodes.row("", *(entry(number, cell) for number, cell in enumerate(cells)))

    def entry(number: int, cell: str) -> nodes.entry:
        classes = ["archgen-number"] if heads and number >= len(heads) - 3 else []
        return nodes.entry("", nodes.paragraph("", cell), classes=classes)

    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in widths), cols=len(widths))
    if heads:
        group += nodes.thead("", line(heads))
    group += nodes.tbody("", *map(line, rows))
    return nodes.table("", group, classes=["archgen-summary"])


def _checked_word(word: str) -> Callable[[str | None], str]:
    """The reader of an option that ``archgen render`` has."""

    def convert(text: str | None) -> str:
        try:
            settings.value(word, text or "")
        except ArchgenError as error:
            raise ValueError(f"{error}; {error.hint}" if error.hint else str(error)) from None
        return text or ""

    return convert


def _align(text: str) -> str:
    return directives.choice(text, settings.ALIGNS)


Figure.option_spec = {
    **{word: _checked_word(word) for word in settings.WORDS},
    "alt": directives.unchanged_required,
    "caption": directives.unchanged_required,
    "name": directives.unchanged_required,
    "class": directives.class_option,
    "align": _align,
    "width": directives.length_or_percentage_or_unitless,
}


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    from sphinx.config import ENUM

    app.add_config_value(
        "archgen_options", {}, "env", frozenset({dict}), "Options of every figure that has its own not"
    )
    app.add_config_value("archgen_html", "inline", "html", ENUM(*WAYS), "Whether HTML holds figures or shows images")
    app.add_node(archgen_figure)
    app.add_directive("archgen", Figure)
    app.add_post_transform(Drawing)
    # What an older archgen checked and drew is read again.
    number = sum(int(part) * 1000**place for place, part in enumerate(reversed(__version__.split(".")[:3])))
    return {"version": __version__, "env_version": number, "parallel_read_safe": True, "parallel_write_safe": True}
