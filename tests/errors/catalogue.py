"""The sections of the Markdown files beside this one, what archgen says of their specs, and what its hints ask for.

A hint offers one way or more (``..., or ...``), each of one step or more (``..., and ...``). A step that shows
something to write (JSON, a pair ``"key": value``, a quoted word, a number, an op, ``Dense with units=8``) is done where
the edited spec has it more often than the spec had; a step that takes something out, where it has it less often.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archgen.checking import check
from archgen.errors import SpecError
from archgen.layers.base import known
from archgen.source import decode

FOLDER = Path(__file__).parent
SECTION = re.compile(
    r"^## (?P<title>[^\n]+)\n"
    r"\n```json\n(?P<spec>.*?\n)```\n"
    r"\n```text\n(?P<expected>.*?)```\n"
    r"(?:\n```diff\n(?P<edit>.*?\n)```\n)?",
    re.DOTALL | re.MULTILINE,
)
HINT = re.compile(r"^spec\.json:.*\n(?:  at ([^\s,]+).*\n)?(?:  (?!hint: ).*\n)*?  hint: (.*)\n", re.MULTILINE)


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

    @property
    def hints(self) -> list[tuple[str, str]]:
        """Every hint, after the place in the file that it is about: empty where that is the file as a whole."""
        return HINT.findall(self.expected)


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


ANY, REST = "\0", "\1"
"""What ``...`` stands for in the JSON of a hint: any value, or any items from there on."""

STRING = r'"(?:[^"\\\n]|\\.)*"'
SHOWN = re.compile("\x02(\\d+)\x03")
OTHERWISE = re.compile(
    r",? or (?!more\b|less\b)|; |,? (?:as in|such as) |for example |(?<=\x03), (?=\x02\d+\x03(?:, \x02\d+\x03)*,? or )"
)
STEP = re.compile(r",? and ")
OUT = re.compile(r"\b(?:take|leave|keep)\b.*\b(?:out|one of them)\b|without brackets")
LISTED = re.compile(r"\b(?:in scope|known|known here|its inputs|its parameters|the functions are):? (.+)")
MEANT = re.compile(r'did you mean "(.+)"\?')
MARKS = {"a comma": ",", "the comma": ",", "a colon": ":", "double quote": '"', "brackets": "["}

Quantity = Callable[[str], int]
"""How often the text of a spec has something."""


def follows(case: Case, place: str, hint: str) -> bool | None:
    """Whether the edit of a case does what a hint says of a place; ``None`` where that is nothing to look for."""
    before, after = case.spec, case.fixed

    def done(step: tuple[bool, Quantity | None]) -> bool:
        out, quantity = step
        if out and _size(after, place) < _size(before, place):
            return True
        if quantity is None:
            return _only_shorter(before, after)
        return quantity(after) < quantity(before) if out else quantity(after) > quantity(before)

    if hint.startswith("move "):
        return before != after and _tokens(before) == _tokens(after)
    if names := MEANT.fullmatch(hint):
        return done((False, _name(names[1])))
    if names := LISTED.match(hint):
        return any(done((False, _name(name))) for name in re.findall(r"[\w.$]+", names[1]))
    text, shown = _read(hint)
    ways = [[found for step in STEP.split(way) for found in _steps(step, shown)] for way in OTHERWISE.split(text)]
    return any(all(map(done, way)) for way in ways if way) if any(ways) else None


def _steps(text: str, shown: list[Any]) -> list[tuple[bool, Quantity | None]]:
    """What a step asks for: whether something is to be taken out, and what; ``None`` for what the hint is about."""
    said, _, why = text.partition(": ")
    if OUT.search(said):
        return [(True, quantity) for quantity in [*_pieces(said, shown), *_marks(said)] or [None]]
    gone = re.search(r"\b(?:in place of|for) (null|-1|\w+\.shape|\x02\d+\x03)", said)
    said = said[: gone.start()] if gone else said
    wanted = list(_wanted(said, shown)) or list(_wanted(why, shown)) or _plain(said)
    taken = [] if gone is None else list(_pieces(gone[1], shown)) or [_piece(gone[1])]
    return [*((False, quantity) for quantity in wanted), *((True, quantity) for quantity in taken)]


def _wanted(text: str, shown: list[Any]) -> Iterator[Quantity]:
    """What a step names that is to be written."""
    if bounds := re.search(r"from (-?\d+) to (-?\d+)", text):
        yield _whole_numbers(range(int(bounds[1]), int(bounds[2]) + 1))
        return
    objects: list[dict[str, Any]] = [{key: int(n)} for key, n in re.findall(r"\b(\w+_\w+) of at most (\d+)", text)]
    objects += [{"units": int(number)} for number in re.findall(r"\b(\d+) units?\b", text)]
    for op, given in re.findall(r"\b([A-Z]\w+) with (\w+=\w+(?:, \w+=\w+)*)", text):
        objects.append({"op": op} | {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", given)})
    found = [*_pieces(text, shown), *map(_json, objects)]
    for piece in re.findall(r"\b(?:write|writes|with) (>=|==|//|True|False|None|\\\\|\\.|\w+\.shape\[-1\])", text):
        found.append(_piece(piece))
    for pieces in re.findall(r"\b(\w+\()\.\.\.\)|'([^\w\s])'$|((?:\\u\w{4})+)", text):
        found.append(_piece("".join(pieces)))
    yield from [*found, *_marks(text)]


def _plain(text: str) -> list[Quantity]:
    """The numbers and the ops that a step names without quotes."""
    numbers = re.findall(r"\b(?:write|writes|use|at most) (-?\d[\d.e]*|true|false|null)(?![\w.])", text)
    known_ops = {*known("layer"), *(f"ops.{name}" for name in known("op"))} - {"Input"}
    ops = [op for op in re.findall(r"(?:\bops\.)?\b[A-Za-z]\w+", text) if op in known_ops]
    return [_word(word) for word in [*numbers, *map(json.dumps, ops)]]


def _pieces(text: str, shown: list[Any]) -> Iterator[Quantity]:
    """The JSON in a text."""
    for number in SHOWN.findall(text):
        value = shown[int(number)]
        yield _word(json.dumps(value, ensure_ascii=False)) if isinstance(value, str) else _json(value)


def _marks(text: str) -> list[Quantity]:
    """The signs that a text spells out."""
    return [_piece(sign) for mark, sign in MARKS.items() if mark in text]


def _word(word: str) -> Quantity:
    return lambda text: _tokens(text)[word]


def _piece(piece: str) -> Quantity:
    return lambda text: text.count(piece)


def _name(name: str) -> Quantity:
    """A name, be it inside an expression."""
    return lambda text: len(re.findall(rf"(?<![\w.]){re.escape(name)}(?!\w)", text))


def _whole_numbers(choice: range) -> Quantity:
    return lambda text: sum(int(number) in choice for number in re.findall(r"(?<![\w.])-?\d+(?![\w.])", text))


def _json(wanted: Any) -> Quantity:
    """Values anywhere in a spec that match; none where the text is no JSON."""

    def inside(value: Any) -> int:
        children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return matches(value, wanted) + sum(map(inside, children))

    def quantity(text: str) -> int:
        try:
            return inside(json.loads(text))
        except ValueError:
            return 0

    return quantity


def matches(value: Any, wanted: Any) -> bool:
    """Whether a value is the one that a hint shows; it may have more keys, and may compute a number."""
    if wanted == ANY:
        return True
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(key in value and matches(value[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        if not isinstance(value, list):
            return False
        if wanted[-1:] == [REST]:
            wanted, value = wanted[:-1], value[: len(wanted) - 1]
        return len(value) == len(wanted) and all(map(matches, value, wanted))
    if type(wanted) in (int, float) and isinstance(value, str):
        return value.startswith("$")
    return bool(value == wanted) and isinstance(value, bool) == isinstance(wanted, bool)


def _tokens(text: str) -> Counter[str]:
    """The strings, numbers, words and signs of a text, without commas."""
    return Counter(re.findall(rf"{STRING}|[-\w.$+]+|[^\s,]", text))


def _only_shorter(before: str, after: str) -> bool:
    return _tokens(after) <= _tokens(before) and len(after) < len(before)


def _size(spec: str, place: str) -> int:
    """How many there are of what a place in the file ends with: a key (``nodes[1].units``) or items (``nodes[1]``)."""
    *above, last = re.findall(r'[^\s.\[\]"]+', place) or [""]
    try:
        value = json.loads(spec)
        for step in above:
            value = value[int(step)] if isinstance(value, list) else value[step]
    except (ValueError, LookupError, TypeError):
        return 0
    return len(value) if isinstance(value, list) else int(isinstance(value, dict) and last in value)


def _read(hint: str) -> tuple[str, list[Any]]:
    """The hint with a mark for each piece of JSON in it, and the pieces: words, lists, and objects (or pairs)."""
    text, shown, at = "", [], 0
    while at < len(hint):
        piece, end = _shown(hint, at)
        text += hint[at] if end == 0 else f"\x02{len(shown)}\x03"
        shown += [] if end == 0 else [piece]
        at = end or at + 1
    return text, shown


def _shown(hint: str, at: int) -> tuple[Any, int]:
    """The piece of JSON that starts there, and where it ends: 0 where there is none."""
    if hint[at] not in '"[{' or hint[at - 1 : at].isalnum():
        return None, 0
    value, end = _value(hint, at)
    if isinstance(value, str) and hint[end : end + 2] == ": ":
        other, after = _value(hint, end + 2)
        return ({value: other}, after) if after else (value, end)
    return value, end


def _value(hint: str, at: int) -> tuple[Any, int]:
    """The JSON value that starts there, with what ``...`` stands for, and where it ends: 0 where there is none."""
    depth = 0
    for match in re.compile(rf"{STRING}|[\[{{\]}}]|-?\d[\d.]*|\btrue\b|\bfalse\b|\bnull\b|\.\.\.").finditer(hint, at):
        if not depth and match.start() > at:
            return None, 0
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        if not depth:
            text = hint[at : match.end()].replace(", ...}", "}")
            text = re.sub(r"(?<=\[)\.\.\.(?=\])|(?<=\}, )\.\.\.(?=\])", lambda _: json.dumps(REST), text)
            text = re.sub(rf"{STRING}|(\.\.\.)", lambda piece: json.dumps(ANY) if piece[1] else piece[0], text)
            try:
                return json.loads(text), match.end()
            except ValueError:
                return None, 0
    return None, 0
