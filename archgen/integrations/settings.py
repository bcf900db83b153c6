"""What a document says of a figure: words beside the name of a spec, the same in every kind of document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archgen.errors import ArchgenError
from archgen.loader import parse_override
from archgen.options import CHOICES, Options, depth, unknown

ALIGNS = ("left", "center", "right")
"""Where a figure can stand on a page."""

FLAGS = ("legend", "summary")
WORDS = ("direction", "expand", "detail", "theme", "style", "highlight", "set", "engine", "timeout", *FLAGS)
"""Every word, spelled as ``archgen render`` spells its options; a flag stands alone."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a document wants a figure: ``params`` replace those of the spec, ``summary`` adds its table."""

    options: Options
    params: Mapping[str, Any] = field(default_factory=dict)
    summary: bool = False


def read(given: Mapping[str, str]) -> Settings:
    """The settings that words give; raises ``ArchgenError``.

    The theme is ``auto`` where none is given: a page is read in light and in dark.

    >>> read({"direction": "lr", "expand": "2", "set": "width=64"}).params
    {'width': 64}
    """
    values = {word: value(word, text) for word, text in given.items()}
    params = values.pop("set", {})
    summary = values.pop("summary", False)
    return Settings(Options(**{"theme": "auto", **values}), params, summary)


def value(word: str, text: str) -> Any:
    """What a word's text means; raises ``ArchgenError``.

    >>> value("highlight", "stem, stage/conv2d"), value("expand", "all"), value("legend", "")
    (('stem', 'stage/conv2d'), 'all', True)
    """
    text = text.strip()
    if word not in WORDS:
        raise unknown("option", word, WORDS)
    if word in FLAGS:
        return _flag(word, text)
    if word in CHOICES:
        return _choice(word, text)
    match word:
        case "expand":
            return depth(text)
        case "highlight":
            return tuple(re.split(r"[,\s]+", text)) if text else ()
        case "timeout":
            return _seconds(text)
    # One parameter a line, or several in a line with a semicolon between them.
    return dict(parse_override(each) for each in re.split(r"[;\n]\s*(?=[^\W\d]\w*=)", text) if each)


def _flag(word: str, text: str) -> bool:
    if text.lower() in ("", "true", word):
        return True
    if text.lower() == "false":
        return False
    raise ArchgenError(f'"{word}" is true or false, found "{text}"', hint=f'write "{word}" alone')


def _choice(word: str, text: str) -> str:
    for known in CHOICES[word]:
        if text.lower() == known.lower():
            return known
    raise unknown(word, text, CHOICES[word])


def _seconds(text: str) -> float:
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text, re.ASCII) and float(text) > 0:
        return float(text)
    raise ArchgenError(f'"{text}" is no time', hint="give seconds, such as 60")
