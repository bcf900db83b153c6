"""JSON text that remembers where every key and value was written.

The standard parser tells no positions, so this one reads the same grammar (RFC 8259) and notes an offset for each
path. It is strict: a key given twice, NaN, a lone surrogate or nesting past ``DEEPEST`` is an error.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from pathlib import Path as FilePath
from typing import Any

from archgen.errors import ArchgenError, Problem, SpecError

Path = tuple[str | int, ...]
"""Keys and indices from the top of the file."""

DEEPEST = 100
LONGEST_NUMBER = 400

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_NUMBERLIKE = re.compile(r"[-+]?\.?[0-9][0-9A-Za-z_.]*(?:(?<=[eE])[-+][0-9]+)?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONSTANTS = {"true": True, "false": False, "null": None}
_FOREIGN = {
    "true": "true",
    "false": "false",
    "null": "null",
    "none": "null",
    "undefined": "null",
    "nan": "null, or a finite number",
    "infinity": "null, or a finite number",
}
_CLOSING = {"{": "}", "[": "]"}
_QUOTES = "'`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"


@dataclass(slots=True)
class Source:
    """A parsed file: its value, and where in the text each part of it stands."""

    file: str
    text: str
    value: Any = None
    spots: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """For each path, the offset of its key (or of the item, in a list) and that of its value."""
    problems: list[Problem] = field(default_factory=list)
    """Mistakes that did not stop the parser: keys given twice."""
    lines: list[int] = field(default_factory=list)
    """The offsets at which lines start."""

    def __post_init__(self) -> None:
        self.lines = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", self.text))]

    @property
    def name(self) -> str | None:
        """The name of the file without directories, if it is a file."""
        return None if self.file.startswith("<") else FilePath(self.file).name

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1

    def find(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Line and column of what stands at a path, or of the nearest thing around it."""
        while path and path not in self.spots:
            path, key = path[:-1], False
        spot = self.spots.get(path)
        return self.place(spot[0 if key else 1]) if spot else (1, 1)

    def problem(
        self,
        code: str,
        message: str,
        path: Path = (),
        *,
        key: bool = False,
        hint: str | None = None,
        trail: tuple[str, ...] = (),
        details: tuple[tuple[str, str], ...] = (),
    ) -> Problem:
        """A problem at a path; ``key`` points at the key rather than at its value."""
        line, column = self.find(path, key=key)
        return Problem(code, message, self.file, line, column, show_path(path), trail, details, hint)


def show_path(path: Path) -> str:
    """A path as text.

    >>> show_path(("blocks", "unit", "nodes", 5, "filters")), show_path(("params", "a b"))
    ('blocks.unit.nodes[5].filters', 'params["a b"]')
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _WORD.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{json.dumps(part, ensure_ascii=False)}]"
    return text


def read(path: str | FilePath) -> Source:
    """Read and parse a file; raises ``ArchgenError`` when it cannot be read and ``SpecError`` when it is not JSON."""
    try:
        data = FilePath(path or "(no name)").read_bytes()
    except FileNotFoundError:
        raise ArchgenError(f"there is no file {str(path)!r}", hint="check the path, or try: archgen new NAME") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        hint = "name the files in it" if isinstance(error, IsADirectoryError) else None
        raise ArchgenError(f"cannot read {str(path)!r}: {reason}", hint=hint) from None
    return decode(data, str(path))


def decode(data: bytes, file: str = "<spec>") -> Source:
    """Parse bytes, which have to be UTF-8; a byte order mark is passed over."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = Source(file, data[: error.start].decode("utf-8").removeprefix("\ufeff"))
        line, column = before.place(len(before.text))
        raise SpecError(
            [
                Problem(
                    "not-utf-8",
                    f"byte 0x{data[error.start]:02x} is not UTF-8",
                    file,
                    line,
                    column,
                    hint="save the file as UTF-8",
                )
            ]
        ) from None
    return parse(text.removeprefix("\ufeff"), file)


def parse(text: str, file: str = "<spec>") -> Source:
    """Parse text; raises ``SpecError`` at the first place that is not JSON.

    >>> source = parse('{"name": "mlp", "nodes": [{"op": "Dense"}]}')
    >>> source.value["name"], source.find(("nodes", 0, "op"))
    ('mlp', (1, 34))
    """
    source = Source(file, text)
    parser = _Parser(source)
    source.value = parser.document()
    return source


class _Parser:
    """Recursive descent over the text of one source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0

    def document(self) -> Any:
        self.space()
        if not self.here:
            raise self.error("the file is empty", hint="archgen new NAME writes a spec to start from")
        value = self.read_value((), self.at)
        self.space()
        if self.here:
            hint = "take it out" if self.here in "]}," else "one file holds one JSON object"
            raise self.error(f"expected the end of the file, found {self.found()}", hint=hint)
        return value

    @property
    def here(self) -> str:
        """The character that comes next, nothing at the end."""
        return self.text[self.at : self.at + 1]

    def space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        assert match
        self.at = match.end()
        if self.text.startswith(("//", "/*", "#"), self.at):
            raise self.error("JSON has no comments", hint='put the remark into the "description" of the spec')

    def error(self, message: str, at: int | None = None, hint: str | None = None) -> SpecError:
        line, column = self.source.place(self.at if at is None else at)
        return SpecError([Problem("not-json", message, self.source.file, line, column, hint=hint)])

    def found(self) -> str:
        """What comes next, for a message."""
        if not self.here:
            return "the end of the file"
        word = _WORD.match(self.text, self.at)
        return repr(word.group()[:40] if word else self.here)

    def quotes(self) -> str | None:
        """What to do about something that may have been meant as a string."""
        word = _WORD.match(self.text, self.at)
        if word:
            return f'write "{word.group()[:40]}"'
        return "strings need straight double quotes" if self.here and self.here in _QUOTES else None

    def read_value(self, path: Path, spot: int) -> Any:
        self.source.spots[path] = (spot, self.at)
        if len(path) > DEEPEST:
            raise self.error(f"nested more than {DEEPEST} deep")
        match self.here:
            case "{":
                return self.read_object(path)
            case "[":
                return self.read_list(path)
            case '"':
                return self.read_string()
        if token := _NUMBERLIKE.match(self.text, self.at):
            return self.read_number(token.group())
        if word := _WORD.match(self.text, self.at):
            if word.group() in _CONSTANTS:
                self.at = word.end()
                return _CONSTANTS[word.group()]
            right = _FOREIGN.get(word.group().lower())
            hint = f"JSON writes {right}" if right else self.quotes()
            raise self.error(f"expected a value, found {self.found()}", hint=hint)
        raise self.error(f"expected a value, found {self.found()}", hint=self.quotes())

    def read_object(self, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        first: dict[str, int] = {}
        opened = self.at
        self.at += 1
        self.space()
        while self.here != "}":
            spot = self.at
            if self.here != '"':
                raise self.error(f"expected a key in double quotes, found {self.found()}", hint=self.key_hint(opened))
            key = self.read_string()
            self.space()
            if self.here != ":":
                hint = "write a colon between key and value" if self.here else self.closing(opened)
                raise self.error(f"expected ':' after the key, found {self.found()}", hint=hint)
            self.at += 1
            self.space()
            if key in result:
                self.repeated((*path, key), spot, first[key])
            first.setdefault(key, spot)
            result[key] = self.read_value((*path, key), spot)
            self.separator(opened)
        self.at += 1
        return result

    def key_hint(self, opened: int) -> str | None:
        if self.here == ",":
            return "take the comma out"
        return self.quotes() if self.here else self.closing(opened)

    def repeated(self, path: Path, spot: int, first: int) -> None:
        """Note a key that is given twice."""
        line, column = self.source.place(spot)
        message = f'the key "{path[-1]}" is given twice, first in line {self.source.place(first)[0]}'
        self.source.problems.append(
            Problem("duplicate-key", message, self.source.file, line, column, show_path(path), hint="keep one of them")
        )

    def read_list(self, path: Path) -> list[Any]:
        result: list[Any] = []
        opened = self.at
        self.at += 1
        self.space()
        while self.here != "]":
            if not self.here:
                raise self.error("expected a value, found the end of the file", hint=self.closing(opened))
            result.append(self.read_value((*path, len(result)), self.at))
            self.separator(opened)
        self.at += 1
        return result

    def closing(self, opened: int) -> str:
        """The hint for a bracket that is still open."""
        bracket = self.text[opened]
        line = self.source.place(opened)[0]
        return f"close the '{bracket}' of line {line} with '{_CLOSING[bracket]}'"

    def separator(self, opened: int) -> None:
        """Pass over a comma that a further item follows, or stop at the end."""
        end = _CLOSING[self.text[opened]]
        before = self.at
        self.space()
        if self.here == end:
            return
        if self.here != ",":
            if self.here and (self.here in '"{[' or _NUMBERLIKE.match(self.here) or _WORD.match(self.here)):
                raise self.error(f"expected ',' or '{end}', found {self.found()}", at=before, hint="put a comma here")
            hint = self.closing(opened) if self.here in "]}" else None
            raise self.error(f"expected ',' or '{end}', found {self.found()}", hint=hint)
        comma = self.at
        self.at += 1
        self.space()
        if self.here == end:
            raise self.error(f"a comma before '{end}'", at=comma, hint="take the comma out")

    def read_string(self) -> str:
        spot = self.at
        try:
            value, self.at = scanstring(self.text, self.at + 1, True)
        except JSONDecodeError as error:
            raise self.bad_string(spot, error.pos) from None
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise self.error(
                "half of a surrogate pair is no character", at=spot, hint="write both halves, as in \\ud83d\\ude00"
            ) from None
        return str(value)

    def bad_string(self, spot: int, at: int) -> SpecError:
        """What is wrong in a string that starts at ``spot``."""
        found = self.text[at : at + 1]
        if at == spot or not found:
            return self.error("the string is not closed", at=spot, hint="end it with a double quote")
        if found in "\r\n":
            return self.error("a line ends inside a string", at=at, hint="end it with a double quote, or write \\n")
        if found < " ":
            escape = "\\t" if found == "\t" else f"\\u{ord(found):04x}"
            return self.error(f"a string cannot hold {found!r} as it is", at=at, hint=f"write {escape}")
        start = self.text.rindex("\\", spot, at + 1)
        escape = self.text[start : start + (6 if self.text[start + 1 : start + 2] == "u" else 2)]
        return self.error(f"{escape} is no escape", at=start, hint="write \\\\ for a backslash")

    def read_number(self, token: str) -> int | float:
        if len(token) > LONGEST_NUMBER:
            raise self.error(f"a number of more than {LONGEST_NUMBER} characters")
        match = _NUMBER.fullmatch(token)
        if match is None:
            near = _as_number(token)
            raise self.error(f"{token[:40]} is no JSON number", hint=f"write {near}" if near else None)
        value = float(token) if match.group(1) or match.group(2) else int(token)
        if value in (float("inf"), float("-inf")):
            raise self.error(f"the number {token} is too large", hint="write at most 1.7e308")
        self.at += len(token)
        return value


def _as_number(token: str) -> str | None:
    """A number that other languages read, as JSON writes it.

    >>> _as_number("+.5"), _as_number("0x1F"), _as_number("1_000"), _as_number("007"), _as_number("1-2")
    ('0.5', '31', '1000', '7', None)
    """
    if re.fullmatch(r"0[xX][0-9a-fA-F]{1,15}", token):
        return str(int(token, 16))
    sign = "-" if token.startswith("-") else ""
    digits = token.lstrip("+-").replace("_", "").lstrip("0")
    whole, dot, rest = digits.partition(".")
    number = sign + (whole or "0") + dot + (rest or "0" if dot else "")
    return number if _NUMBER.fullmatch(number) else None
