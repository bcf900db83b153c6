"""Every message to the letter, and every hint by following it."""

from __future__ import annotations

import pytest

from tests.errors.catalogue import FOLDER, SECTION, Case, cases, said_of

CASES = list(cases())


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
