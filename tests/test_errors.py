"""Every message to the letter, and every hint by following it."""

from __future__ import annotations

import pytest

from tests.errors.catalogue import FOLDER, SECTION, Case, cases, follows, said_of

CASES = list(cases())

PROSE = {
    "an expression may hold names, numbers, strings, + - * / // % **, comparisons, and or not, a if c else b, x[i], "
    "min, max, abs, round, int, len, range",
    "make value and key of one tensor, so that both have as many steps",
    "give one truth value for each pair of a query step and a value step",
    "upgrade archgen",
    "write its value",
    "repeat less often",
    "archgen layers lists what there is",
}
"""Hints that show nothing to write: what would mend the spec is the author's to know."""


def test_every_section_is_read():
    sections = sum(
        line.startswith("## ") for path in FOLDER.glob("*.md") for line in path.read_text("utf-8").split("\n")
    )
    assert len(CASES) == sections >= 80
    assert SECTION.groupindex.keys() == {"title", "spec", "expected", "edit"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.title}")
def test_message(case: Case):
    assert said_of(case.spec) == case.expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.title}")
def test_hint_works(case: Case):
    """Whoever does what the hint says has a sound spec; a message that has no hint needs no edit."""
    assert case.edit is not None or "hint:" not in case.expected
    if case.edit is not None:
        assert said_of(case.fixed) == ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.title}")
def test_edit_is_what_the_hint_says(case: Case):
    """The edit does what the hint shows, and not something else that happens to mend the spec."""
    if case.edit is None:
        return
    for place, hint in case.hints:
        followed = follows(case, place, hint)
        assert (followed is None) if hint in PROSE else followed, (place, hint)


def test_every_prose_hint_is_given():
    given = {hint for case in CASES for _, hint in case.hints}
    assert given >= PROSE


SPEC = """{"nodes": [{"op": "Dense", "units": %s}, {"op": "Flatten"}]}"""


@pytest.mark.parametrize(
    ("hint", "units", "follows_it"),
    [
        ('write "units": 64', "64", True),
        ('write "units": 64', "65", False),
        ('write "units": 64 or "units": 32', "32", True),
        ("write a number from 1 to 9", "9", True),
        ("write a number from 1 to 9", "10", False),
        ('take "units" out', "8", False),
        ('did you mean "Dense"?', "8", False),
        ("ask somebody", "8", None),
    ],
)
def test_an_edit_is_told_from_another(hint: str, units: str, follows_it: bool | None):
    spec = SPEC % '"many"'
    edit = f"-{spec}\n+{SPEC % units}\n"
    case = Case("", "", spec + "\n", f"spec.json:1:1: error\n  hint: {hint}\n", edit)
    assert follows(case, "nodes[0].units", hint) is follows_it
