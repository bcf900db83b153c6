"""Colours that everyone can tell apart and read."""

from __future__ import annotations

from itertools import combinations
from math import dist

import pytest

from archgen.layers.base import CATEGORIES
from archgen.theme import DEFAULT, FILLS, darker

Matrix = tuple[tuple[float, float, float], ...]

SIGHTS: dict[str, Matrix] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    # Machado, Oliveira and Fernandes 2009, severity 1, on linear light.
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
TO_XYZ: Matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
Colour = tuple[float, ...]


def times(matrix: Matrix, colour: Colour) -> Colour:
    return tuple(sum(a * b for a, b in zip(row, colour, strict=True)) for row in matrix)


def light(text: str) -> Colour:
    """Linear light of a colour written #RRGGBB."""
    parts = [int(text[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def lab(colour: Colour) -> Colour:
    xyz = times(TO_XYZ, tuple(min(max(part, 0), 1) for part in colour))
    x, y, z = (
        part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116
        for part in (value / white for value, white in zip(xyz, (0.95047, 1, 1.08883), strict=True))
    )
    return (116 * y - 16, 500 * (x - y), 200 * (y - z))


def contrast(one: str, other: str) -> float:
    dark, bright = sorted(times(TO_XYZ, light(colour))[1] for colour in (one, other))
    return (bright + 0.05) / (dark + 0.05)


def test_every_category_has_a_fill() -> None:
    assert sorted(FILLS) == sorted(CATEGORIES)
    assert DEFAULT.fill("unheard of") == DEFAULT.other


@pytest.mark.parametrize("sight", SIGHTS)
def test_fills_stay_apart(sight: str) -> None:
    seen = {category: lab(times(SIGHTS[sight], light(fill))) for category, fill in FILLS.items()}
    nearest = min((dist(seen[one], seen[other]), one, other) for one, other in combinations(seen, 2))
    assert nearest[0] > 13, nearest


@pytest.mark.parametrize("ground", [*FILLS.values(), DEFAULT.other, DEFAULT.background])
def test_text_has_contrast(ground: str) -> None:
    assert contrast(DEFAULT.text, ground) >= 7


@pytest.mark.parametrize("ground", [DEFAULT.background, *(shade for pair in DEFAULT.frames.values() for shade in pair)])
def test_lines_and_what_is_written_on_frames_have_contrast(ground: str) -> None:
    assert contrast(DEFAULT.text, ground) >= 7
    assert contrast(DEFAULT.skip, ground) >= 4.5
    assert contrast(DEFAULT.line, ground) >= 4.5
    assert contrast(DEFAULT.frame_line, ground) >= 3


@pytest.mark.parametrize("category", FILLS)
def test_borders_stand_out_from_their_fill(category: str) -> None:
    assert contrast(darker(FILLS[category]), FILLS[category]) >= 3
