"""Watching files: which of them have been saved."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from archgen.errors import ArchgenError

INTERVAL = 0.04
"""Seconds between two looks. A look asks for the times and sizes of the files, which every kind of disk tells."""

SETTLED = 0.02
"""Seconds for which a file has to stay as it is before it counts as saved: some editors write one in several goes."""

GONE = 1.0
"""Seconds after which a file that has vanished is not being replaced, but gone."""

UNSURE = 50
"""Looks after a change at which the bytes are compared too: the time of a file may be too coarse to tell of another
change soon after the first."""


def saves(paths: Sequence[str]) -> Iterator[list[str]]:
    """The paths whose files have been saved since they were last given, over and over: at first all of them.

    A file that is saved while the caller works on it is given again. One that is replaced by another, as many editors
    save, is the same file; one that is gone for more than a second is given once, and again when it is back.
    Raises ``ArchgenError`` where there is no such file at first.
    """
    for path in paths:
        if not Path(path).exists():
            raise ArchgenError(f"there is no file {path!r}", hint="check the path")
        if not Path(path).is_file():
            raise ArchgenError(f"{path!r} is no file that can be watched", hint="name the file of a spec")
    watched = [_Watched(path) for path in dict.fromkeys(paths)]
    yield [each.give() for each in watched]
    while True:
        time.sleep(INTERVAL)
        while any([each.look() for each in watched]):  # All of them, so that many saved at once settle together.
            time.sleep(SETTLED)
        if given := [each.give() for each in watched if each.is_new()]:
            yield given


class _Watched:
    """A file, and its versions as they are seen."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.state = _state(path)
        self.content = _content(path)
        self.changed = time.monotonic()
        self.version, self.given, self.unsure = 1, 0, UNSURE

    def look(self) -> bool:
        """Whether there is another version than at the last look."""
        state = _state(self.path)
        if state == self.state and not self.unsure:
            return False
        self.unsure = max(self.unsure - 1, 0)
        content = _content(self.path)
        if state == self.state and content == self.content:
            return False
        self.state, self.content, self.changed = state, content, time.monotonic()
        self.version, self.unsure = self.version + 1, UNSURE
        return True

    def is_new(self) -> bool:
        """Whether its version has not been given; one that has vanished may be about to come back."""
        return self.version != self.given and (self.state is not None or self.changed + GONE < time.monotonic())

    def give(self) -> str:
        self.given = self.version
        return self.path


def _state(path: str) -> tuple[int, ...] | None:
    """What tells a version of a file from the next; nothing where there is no file."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


def _content(path: str) -> bytes:
    try:
        return Path(path).read_bytes() if Path(path).is_file() else b""
    except OSError:
        return b""
