"""Marks on parts of a picture: what a comparison has found there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mark:
    """How a part is marked: by a symbol, words, colours (``#RRGGBB``), and a dashed line or a whole one."""

    symbol: str
    fill: str
    line: str
    dashed: bool = False
    words: tuple[str, ...] = ()
    name: str = "marked"
    """The class of the part in an SVG."""
    aside: bool = False
    """Whether a wire runs beside the others, as a skip connection does."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a picture.

    ``nodes`` are by key, ``frames`` by index, ``wires`` by the keys at both ends and the output that is read,
    ``outputs`` by number; ``notes`` stand below the title in place of the number of parameters.
    """

    nodes: Mapping[str, Mark] = field(default_factory=dict)
    frames: Mapping[int, Mark] = field(default_factory=dict)
    wires: Mapping[tuple[str, str, int], Mark] = field(default_factory=dict)
    outputs: Mapping[int, Mark] = field(default_factory=dict)
    notes: Sequence[str] = ()


NONE = Marks()
