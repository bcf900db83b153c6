"""The sections of the Markdown files beside this one, and what archgen says of their specs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archgen.checking import check
from archgen.errors import SpecError
from archgen.source import decode

FOLDER = Path(__file__).parent
SECTION = re.compile(
    r"^## (?P<title>[^\n]+)\n"
    r"\n```json\n(?P<spec>.*?\n)```\n"
    r"\n```text\n(?P<expected>.*?)```\n"
    r"(?:\n```diff\n(?P<edit>.*?\n)```\n)?",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Case:
    """One section: ``edit`` holds the lines to take out and to put in, where there is something to do."""

    file: str
    title: str
    spec: str
    expected: str
    edit: str | None

    @property
    def fixed(self) -> str:
        """The spec after the edit."""
        assert self.edit is not None
        lines = self.edit.splitlines()
        assert all(line[:1] in "-+" for line in lines), self.edit
        old = "".join(f"{line[1:]}\n" for line in lines if line[0] == "-")
        new = "".join(f"{line[1:]}\n" for line in lines if line[0] == "+")
        assert self.spec.count(old) == 1, f"the lines to take out are not in the spec: {old}"
        return self.spec.replace(old, new)


def cases() -> Iterator[Case]:
    """Every section of every file."""
    for path in sorted(FOLDER.glob("*.md")):
        text = path.read_text("utf-8")
        for match in SECTION.finditer(text):
            yield Case(path.stem, match["title"], match["spec"], match["expected"], match["edit"])


def said_of(spec: str) -> str:
    """What ``archgen check`` prints of a spec in a file ``spec.json``."""
    try:
        problems = check(decode(spec.encode(), "spec.json")).problems
    except SpecError as error:
        problems = error.problems
    return "".join(f"{problem}\n" for problem in problems)
