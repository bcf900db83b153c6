"""JSON text that remembers where every key and value was written.

The standard parser tells no positions, so this one reads the same grammar (RFC 8259) and notes an offset for each
path. It is strict: a key given twice, NaN, a lone surrogate or nesting past ``DEEPEST`` is an error.
"""

from __future__ import annotations

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
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONSTANTS = {"true": True, "false": False, "null": None}
_FOREIGN = {"True": "true", "False": "false", "None": "null"}


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
            text += '["' + part.encode("unicode_escape").decode() + '"]'
    return text


def read(path: str | FilePath) -> Source:
    """Read and parse a file; raises ``ArchgenError`` when it cannot be read and ``SpecError`` when it is not JSON."""
    try:
        data = FilePath(path).read_bytes()
    except FileNotFoundError:
        raise ArchgenError(f"there is no file {str(path)!r}", hint="check the path, or try: archgen new NAME") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ArchgenError(f"cannot read {str(path)!r}: {reason}") from None
    return decode(data, str(path))


def decode(data: bytes, file: str = "<spec>") -> Source:
    """Parse bytes, which have to be UTF-8; a byte order mark is passed over."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = Source(file, data[: error.start].decode("utf-8"))
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
        value = self.read_value((), self.at)
        self.space()
        if self.at < len(self.text):
            raise self.error("expected the end of the file", hint="one file holds one JSON object")
        return value

    def space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        assert match
        self.at = match.end()
        if self.text.startswith(("//", "/*", "#"), self.at):
            raise self.error("JSON has no comments", hint='put the remark into "description"')

    def error(self, message: str, at: int | None = None, hint: str | None = None) -> SpecError:
        line, column = self.source.place(self.at if at is None else at)
        return SpecError([Problem("not-json", message, self.source.file, line, column, hint=hint)])

    def found(self) -> str:
        return "the end of the file" if self.at >= len(self.text) else repr(self.text[self.at])

    def read_value(self, path: Path, spot: int) -> Any:
        self.source.spots[path] = (spot, self.at)
        if len(path) > DEEPEST:
            raise self.error(f"nested more than {DEEPEST} deep")
        here = self.text[self.at : self.at + 1]
        if here == "{":
            return self.read_object(path)
        if here == "[":
            return self.read_list(path)
        if here == '"':
            return self.read_string()
        if number := _NUMBER.match(self.text, self.at):
            return self.read_number(number)
        if word := _WORD.match(self.text, self.at):
            if word.group() in _CONSTANTS:
                self.at = word.end()
                return _CONSTANTS[word.group()]
            right = _FOREIGN.get(word.group())
            raise self.error(
                f"expected a value, found {word.group()}",
                hint=f"JSON writes {right}" if right else "strings need double quotes",
            )
        raise self.error(
            f"expected a value, found {self.found()}", hint="strings need double quotes" if here == "'" else None
        )

    def read_object(self, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        self.at += 1
        self.space()
        while self.text[self.at : self.at + 1] != "}":
            spot = self.at
            if self.text[spot : spot + 1] != '"':
                raise self.error(f"expected a key in double quotes, found {self.found()}")
            key = self.read_string()
            self.space()
            if self.text[self.at : self.at + 1] != ":":
                raise self.error(f"expected ':' after the key, found {self.found()}")
            self.at += 1
            self.space()
            if key in result:
                line, _ = self.source.place(self.source.spots[(*path, key)][0])
                repeat = self.source.place(spot)
                self.source.problems.append(
                    Problem(
                        "duplicate-key",
                        f'the key "{key}" is given twice, first in line {line}',
                        self.source.file,
                        *repeat,
                        show_path((*path, key)),
                        hint="keep one of them",
                    )
                )
            result[key] = self.read_value((*path, key), spot)
            self.separator("}")
        self.at += 1
        return result

    def read_list(self, path: Path) -> list[Any]:
        result: list[Any] = []
        self.at += 1
        self.space()
        while self.text[self.at : self.at + 1] != "]":
            result.append(self.read_value((*path, len(result)), self.at))
            self.separator("]")
        self.at += 1
        return result

    def separator(self, end: str) -> None:
        """Pass over a comma that a further item follows, or stop at the end."""
        self.space()
        here = self.text[self.at : self.at + 1]
        if here == end:
            return
        if here != ",":
            raise self.error(f"expected ',' or '{end}', found {self.found()}")
        comma = self.at
        self.at += 1
        self.space()
        if self.text[self.at : self.at + 1] == end:
            raise self.error(f"a comma before '{end}'", at=comma, hint="take the comma out")

    def read_string(self) -> str:
        spot = self.at
        try:
            value, self.at = scanstring(self.text, self.at + 1, True)
        except JSONDecodeError as error:
            raise self.error(error.msg[:1].lower() + error.msg[1:].removesuffix(" at"), at=error.pos) from None
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise self.error("half of a surrogate pair is no character", at=spot) from None
        return str(value)

    def read_number(self, match: re.Match[str]) -> int | float:
        text = match.group()
        if len(text) > LONGEST_NUMBER:
            raise self.error(f"a number of more than {LONGEST_NUMBER} characters")
        value = float(text) if match.group(1) or match.group(2) else int(text)
        if value in (float("inf"), float("-inf")):
            raise self.error(f"the number {text} is too large")
        self.at = match.end()
        return value
