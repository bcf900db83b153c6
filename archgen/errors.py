"""What can go wrong, and how it is told: what was found, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a spec.

    ``line`` and ``column`` count from 1, in characters. ``path`` is the place in the file
    (``blocks.residual_block.nodes[5]``); ``trail`` says through which uses and repetitions it was reached;
    ``details`` are labelled facts, such as the shapes that met.
    """

    code: str
    message: str
    file: str = "<spec>"
    line: int = 1
    column: int = 1
    path: str = ""
    trail: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    hint: str | None = None

    def __post_init__(self) -> None:
        for name in ("message", "file", "path", "hint"):
            if value := getattr(self, name):
                object.__setattr__(self, name, printable(value))
        object.__setattr__(self, "trail", tuple(map(printable, self.trail)))
        object.__setattr__(self, "details", tuple((printable(a), printable(b)) for a, b in self.details))

    @property
    def place(self) -> str:
        """Where in the file: the path and the trail, one phrase; empty where the file as a whole is meant."""
        return ", ".join([self.path, *self.trail] if self.path else self.trail)

    def as_json(self) -> dict[str, Any]:
        """It as a JSON object."""
        details = [{"label": label, "value": value} for label, value in self.details]
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "message": self.message,
            "path": self.path,
            "trail": list(self.trail),
            "details": details,
            "hint": self.hint,
        }

    def as_annotation(self) -> str:
        """It as a workflow command of GitHub Actions."""
        body = str(self).partition(f"error[{self.code}]: ")[2]
        return annotation(body, file=self.file, line=self.line, col=self.column, title=self.code)

    def __str__(self) -> str:
        lines = [f"{self.file}:{self.line}:{self.column}: error[{self.code}]: {self.message}"]
        lines += [f"  at {self.place}"] if self.place else []
        width = max((len(label) for label, _ in self.details), default=0)
        lines += [f"  {label:<{width}}  {value}" for label, value in self.details]
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


def annotation(message: str, **properties: object) -> str:
    """A workflow command of GitHub Actions, with its escapes (https://github.com/actions/toolkit, command.ts).

    >>> annotation("50%\\nless", file="a,b.json", line=3)
    '::error file=a%2Cb.json,line=3::50%25%0Aless'
    """

    def data(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def prop(text: str) -> str:
        return data(text).replace(":", "%3A").replace(",", "%2C")

    place = ",".join(f"{name}={prop(str(value))}" for name, value in properties.items())
    return f"::error {place}::{data(message)}"


def printable(text: str, limit: int = 400) -> str:
    """The text on one line, at most about ``limit`` characters long: it may quote what somebody wrote into a spec.

    >>> printable("a\\n\\x1b[31m"), printable("abcdefghij", 6)
    ('a\\\\n\\\\x1b[31m', 'abc...hij')
    """
    if len(text) > limit:
        text = f"{text[: limit // 2]}...{text[-(limit // 2) :]}"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


class ArchgenError(Exception):
    """Anything archgen tells its user rather than crashes with. ``status`` is the exit status it asks for."""

    status = 2

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SpecError(ArchgenError):
    """A spec with mistakes in it: every one that was found, in the order of the file."""

    status = 1

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.line, p.column, p.trail, p.code)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class LayerError(Exception):
    """What a declaration says of arguments or inputs it cannot take.

    ``param`` names the argument at fault (``"kernel_size"``, or a path below it such as ``("layer", "units")``);
    without one the node as a whole is. ``code`` is the kind of problem, ``details`` labelled facts.
    """

    def __init__(
        self,
        message: str,
        *,
        param: str | tuple[str | int, ...] = (),
        hint: str | None = None,
        code: str = "shape-mismatch",
        details: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = (param,) if isinstance(param, str) else tuple(param)
        self.hint = hint
        self.code = code
        self.details = details

    def under(self, *prefix: str | int) -> LayerError:
        """The same mistake, seen from further out: ``prefix`` leads to where ``param`` starts."""
        return LayerError(
            self.message, param=(*prefix, *self.param), hint=self.hint, code=self.code, details=self.details
        )


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that comes nearest, if one is near: the first of those that do, whatever their case.

    >>> nearest("LeakyReLU", ["relu", "leaky_relu"]), nearest("float", ["float32", "float64"]), nearest("a", ["units"])
    ('leaky_relu', 'float32', None)
    >>> nearest("BatchNorm", ["BatchNormalization"]), nearest("kernel_size", ["kernel_initializer"])
    ('BatchNormalization', None)
    >>> nearest("adma", ["adamax", "adam"])
    'adam'
    """
    from difflib import SequenceMatcher

    known = list(known)

    def plain(text: str) -> str:
        return text.lower().replace("_", "").replace("-", "")

    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(plain(word[:100]))
    best, closest = 0.7, None
    for choice in known:
        matcher.set_seq1(plain(choice))
        if sorted(plain(choice)) == sorted(plain(word)):
            return choice
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best and matcher.ratio() > best:
            best, closest = matcher.ratio(), choice
    if closest is None and len(plain(word)) >= 3:
        return next((choice for choice in known if plain(choice).startswith(plain(word))), None)
    return closest


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint that names the nearest known word, if one is near.

    >>> did_you_mean("actvation", ["units", "activation"])
    'did you mean "activation"?'
    """
    near = nearest(word, known)
    return f'did you mean "{near}"?' if near else None
