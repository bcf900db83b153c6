"""Colours that everyone can tell apart and read."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import dist

import pytest

from archgen.layers.base import CATEGORIES
from archgen.theme import DARK, LIGHT, PAPER, THEMES, Theme, themed

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


def told_by(theme: Theme) -> dict[str, str]:
    """The colour that tells a category: the fill of light cards, the outline of dark ones."""
    look = theme.outline if theme is DARK else theme.fill
    return {category: look(category) for category in CATEGORIES}


def grounds(theme: Theme) -> list[str]:
    """What lines are drawn on."""
    return [theme.background, *(shade for pair in theme.frames.values() for shade in pair)]


@pytest.mark.parametrize("name", THEMES)
def test_every_category_has_a_fill(name: str) -> None:
    theme = THEMES[name]
    assert sorted(theme.fills) == sorted(CATEGORIES)
    assert theme.fill("unheard of") == theme.other
    assert themed(name) is theme and themed(None) is THEMES["light"] and theme.name == name


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("sight", SIGHTS)
def test_categories_stay_apart(sight: str, theme: Theme) -> None:
    seen = {category: lab(times(SIGHTS[sight], light(told))) for category, told in told_by(theme).items()}
    nearest = min((dist(seen[one], seen[other]), one, other) for one, other in combinations(seen, 2))
    assert nearest[0] > 13, nearest


@pytest.mark.parametrize("sight", [*SIGHTS, "grey"])
@pytest.mark.parametrize("name", THEMES)
def test_text_has_contrast(name: str, sight: str) -> None:
    """On cards, frames and the background: as WCAG AAA wants it, and on a copier; AA for dichromats."""
    theme, least = THEMES[name], 7 if sight in ("normal", "grey") else 4.5
    for ground in (*theme.fills.values(), theme.other, *grounds(theme)):
        assert contrast(seen(theme.text, sight), seen(ground, sight)) >= least, ground
    assert contrast(seen(theme.quiet, sight), seen(theme.background, sight)) >= least


def seen(colour: str, sight: str) -> str:
    """A colour as it looks to someone, or without colours."""
    if sight == "grey":
        level = times(TO_XYZ, light(colour))[1]
        parts: Colour = (level, level, level)
    else:
        parts = tuple(min(max(part, 0), 1) for part in times(SIGHTS[sight], light(colour)))
    encoded = [12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055 for part in parts]
    return "#" + "".join(f"{round(255 * part):02X}" for part in encoded)


@pytest.mark.parametrize("name", THEMES)
def test_lines_have_contrast(name: str) -> None:
    theme = THEMES[name]
    for ground in grounds(theme):
        for line in (theme.skip, theme.line, theme.highlight):
            assert contrast(line, ground) >= 4.5, (line, ground)
        assert contrast(theme.frame_line, ground) >= 3, ground


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("category", CATEGORIES)
def test_borders_stand_out_from_their_fill(category: str, name: str) -> None:
    theme = THEMES[name]
    assert contrast(theme.outline(category), theme.fill(category)) >= 3


def test_paper_has_no_colours() -> None:
    shades = [*PAPER.fills.values(), PAPER.other, PAPER.text, PAPER.quiet, PAPER.line, PAPER.skip, PAPER.highlight]
    for shade in (*shades, *PAPER.lines.values(), PAPER.frame_line, *grounds(PAPER)):
        assert shade[1:3] == shade[3:5] == shade[5:7], shade
    assert PAPER.thin < LIGHT.thin and PAPER.bold < LIGHT.bold


def test_auto_is_light_and_dark() -> None:
    auto = THEMES["auto"]
    assert auto.dark is DARK and replace(auto, name="light", dark=None) == LIGHT
