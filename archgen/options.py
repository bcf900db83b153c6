"""How a figure is wanted: the options that every way of drawing shares, and which of them each format takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from archgen.errors import ArchgenError, did_you_mean

Expand = int | Literal["all"]
"""How many levels of repetition are drawn turn by turn, from the outermost; 0 draws what is repeated once."""

DIRECTIONS = ("TB", "LR")
DETAILS = ("minimal", "normal", "full")
THEMES = ("light", "dark", "paper", "auto")
STYLES = ("cards", "volumes")
ENGINES = ("embedded", "dot")
CHOICES = {"direction": DIRECTIONS, "detail": DETAILS, "theme": THEMES, "style": STYLES, "engine": ENGINES}
"""The words that there are, of each option that is one."""

LONGEST = 1e9
"""Seconds; what waits for a process does not take many more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a figure is wanted; raises ``ArchgenError`` for a value that there is not."""

    expand: Expand = 0
    """``0`` draws what is repeated once, ``n`` the outer ``n`` levels of repetition turn by turn, ``all`` every one."""
    direction: str = "TB"
    """``TB`` from top to bottom, ``LR`` from left to right."""
    detail: str = "normal"
    """``minimal`` op and name; ``normal`` the arguments that matter, parameters and shapes; ``full`` every argument
    that is not its default, FLOPs and output shapes as well."""
    theme: str | None = None
    """``light``, ``dark``, ``paper``, or ``auto``, which follows the reader's setting; ``None`` is the format's own."""
    highlight: tuple[str, ...] = ()
    """Ids of layers and blocks with a thick outline."""
    legend: bool = False
    """Whether the figure says which colour is which category."""
    style: str = "cards"
    dpi: int | None = None
    """Dots per inch of a PNG, at least 1; ``None`` is 144."""
    engine: str = "embedded"
    """The Graphviz inside pygraphviz, or ``dot``, the program on ``PATH``."""
    timeout: float = 60
    """Seconds that drawing may take."""

    def __post_init__(self) -> None:
        for word, known in CHOICES.items():
            value = getattr(self, word)
            if value not in known and (value is not None or word != "theme"):
                raise unknown(word, value, known)
        if self.expand != "all" and not _whole(self.expand, 0):
            raise ArchgenError(f"{self.expand!r} is no depth to expand to", hint='give 0, 1, 2, ... or "all"')
        if self.dpi is not None and not _whole(self.dpi, 1):
            hint = "give a whole number of 1 or more: 96 for screens, 300 for print"
            raise ArchgenError(f"{self.dpi!r} is no number of dots per inch", hint=hint)
        if not isinstance(self.legend, bool):
            raise ArchgenError(f'"legend" is true or false, found {self.legend!r}', hint="give True or False")
        if not isinstance(self.highlight, (tuple, list)) or not all(isinstance(each, str) for each in self.highlight):
            hint = 'give a tuple or a list, as in ("stem", "stage")'
            raise ArchgenError(f"{self.highlight!r} is no list of ids to highlight", hint=hint)
        check_time(self.timeout)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Options:
        """Options by their names; raises ``ArchgenError`` for one that there is not.

        >>> Options.of({"direction": "LR"}).direction
        'LR'
        """
        known = [each.name for each in fields(cls)]
        for name in given:
            if name not in known:
                raise unknown("option", name, known)
        return cls(**given)

    @property
    def given(self) -> list[str]:
        """The names of the options that are not left at their defaults."""
        return [each.name for each in fields(self) if getattr(self, each.name) != each.default]


def _whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def unknown(word: str, value: object, known: Sequence[str]) -> ArchgenError:
    """The error for a value that is none of those known."""
    hint = did_you_mean(str(value), known) or f"use {', '.join(known)}"
    return ArchgenError(f'there is no {word} "{value}"', hint=hint)


def depth(text: str) -> Expand:
    """How many levels of repetition are drawn turn by turn, as it is written; raises ``ArchgenError``.

    >>> depth("2"), depth("all")
    (2, 'all')
    """
    if text == "all":
        return "all"
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    raise ArchgenError(f'"{text}" is no depth to expand to', hint="give 0, 1, 2, ... or all")


def check_time(seconds: float) -> None:
    """Raises ``ArchgenError`` where this is no time that a process can be given."""
    # What is not a number is neither more nor less than another.
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds <= LONGEST:
        raise ArchgenError(f"{seconds!r} is no time", hint="give seconds, such as 60")


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its suffix, and the options that it takes beside ``style``."""

    suffix: str
    takes: frozenset[str]


_SHOWN = frozenset({"expand", "direction", "detail", "highlight", "theme", "legend"})
_LAID_OUT = _SHOWN | {"engine", "timeout"}
_DRAWN = frozenset({"expand", "detail", "theme"})

FORMATS: dict[str, dict[str, Format]] = {
    "cards": {
        "svg": Format(".svg", _LAID_OUT),
        "png": Format(".png", _LAID_OUT | {"dpi"}),
        "pdf": Format(".pdf", _LAID_OUT),
        "dot": Format(".dot", _SHOWN),
        "mermaid": Format(".mmd", frozenset({"expand", "direction", "theme"})),
        "html": Format(".html", frozenset({"expand", "theme"})),
        "ascii": Format(".txt", frozenset({"expand"})),
    },
    "volumes": {
        "svg": Format(".svg", _DRAWN),
        "png": Format(".png", _DRAWN | {"engine", "timeout", "dpi"}),
        "pdf": Format(".pdf", _DRAWN | {"engine", "timeout"}),
    },
}
"""The formats of each style."""

SUFFIXES = {form.suffix: name for name, form in FORMATS["cards"].items()}
"""The format that the suffix of a file asks for."""


def check_format(format: str, options: Options) -> Format:
    """The format, which there is in the style that is wanted and takes the options given; raises ``ArchgenError``."""
    formats = FORMATS[options.style]
    if format not in formats:
        if format in FORMATS["cards"]:
            hint = f"draw it as {', '.join(formats)}, or in another style"
            raise ArchgenError(f"the style {options.style} is not for {format}", hint=hint)
        raise unknown("format", format, list(formats))
    form = formats[format]
    for name in options.given:
        if name not in form.takes and name != "style":
            those = [each for each, other in formats.items() if name in other.takes]
            hint = f"it is for {', '.join(those)}" if those else f"the style {options.style} has no such option"
            raise ArchgenError(f'{format} has no option "{name}"', hint=hint)
    return form
