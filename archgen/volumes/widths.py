"""How wide text is at most: the widths of DejaVu Sans, wider than the fonts that a viewer is likely to have."""

from __future__ import annotations

FIRST = " "

# fmt: off
PLAIN = (
    32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
    84, 84, 54, 100, 69, 69, 70, 78, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79, 61, 79, 70, 64, 62, 74, 69, 99, 69, 62,
    69, 40, 34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62, 64, 64, 42, 53, 40, 64, 60,
    82, 60, 60, 53, 64, 34, 64, 84,
)
"""Hundredths of an em, from ``FIRST`` to ``~``, rounded up."""

BOLD = (
    35, 46, 53, 84, 70, 101, 88, 31, 46, 46, 53, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40, 40, 84,
    84, 84, 59, 100, 78, 77, 74, 84, 69, 69, 83, 84, 38, 38, 78, 64, 100, 84, 86, 74, 86, 78, 73, 69, 82, 78, 111, 78,
    73, 73, 46, 37, 46, 84, 50, 50, 68, 72, 60, 72, 68, 44, 72, 72, 35, 35, 67, 35, 105, 72, 69, 72, 72, 50, 60, 48, 72,
    66, 93, 65, 66, 59, 72, 37, 72, 84,
)
# fmt: on

OTHERS = {"×": 84, "→": 84, "…": 100, "·": 38, "−": 84}
WIDEST = 115
"""For every other character."""

ROUNDING = 1.05
"""Browsers make characters whole pixels wide: a line of small type is that much wider at most."""


def width(text: str, size: float, *, bold: bool = False) -> float:
    """The width, in points, of a line of text of a font size.

    >>> [round(wide, 2) for wide in (width("iii", 10), width("3×3", 10, bold=True), width("木木", 10))]
    [8.82, 23.52, 24.15]
    """
    table = BOLD if bold else PLAIN
    hundredths = 0
    for character in text:
        place = ord(character) - ord(FIRST)
        hundredths += table[place] if 0 <= place < len(table) else OTHERS.get(character, WIDEST)
    return hundredths * size / 100 * ROUNDING


def fit(text: str, size: float, room: float) -> list[str]:
    """The text in lines at most ``room`` points wide, broken at spaces where it has any.

    >>> fit("one two three", 10, 50)
    ['one two', 'three']
    """
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width(longer, size) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
