"""Runs Graphviz in a process of its own, so that a hang or a crash of it is an error and no more."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec
from pathlib import Path

from archgen.engine_child import NO_FONT, TOO_LARGE, UNSUITABLE
from archgen.errors import ArchgenError
from archgen.wording import about

ENDS = {"svg": b"</svg>", "png": b"IEND\xaeB`\x82", "pdf": b"%%EOF"}
"""What a complete file ends with."""

MADE = re.compile(rb"/CreationDate \(D:\d{14}")

LARGEST_SIDE = 32_767
"""Pixels. Graphviz scales a larger PNG down without a word."""

LARGEST_AREA = 250_000_000
"""Pixels; each takes four bytes of memory."""

MEMORY = 4 * 2**30
"""Bytes that Graphviz may take, where the system lets a process bound itself."""

NO_MEMORY = ("out of memory", "MemoryError", "failed to map segment")
"""What Graphviz, Python, and the loader say where there is none left."""

CHILD = (sys.executable, "-I", "-S", str(Path(__file__).with_name("engine_child.py")))

MISSING_EMBEDDED = "the embedded Graphviz engine is not installed"
SMALLER = "draw an SVG or a PDF, which have no such limit, or give a lower --dpi"


def lay_out(
    source: str,
    format: str,
    *,
    engine: str,
    timeout: float,
    spent: float = 0,
    dots_per_inch: int = 72,
    burden: str = "this picture",
    less: str = "draw less of it",
) -> bytes:
    """What Graphviz makes of ``source``, whose ``dpi`` is ``dots_per_inch``: a complete SVG, PNG or PDF.

    ``burden`` says how much there is to draw, and ``less`` what to do for less of it, where the ``timeout`` (seconds)
    or the memory does not suffice: Graphviz is ended then. Of that time so much is ``spent`` on what comes before and
    after.
    Raises ``ArchgenError``.
    """
    command = dot_command(format) if engine == "dot" else embedded_command(format, dots_per_inch)
    # The result comes through a pipe: written to a file by Graphviz itself, it can be cut short by a full disk
    # without an error.
    try:
        if spent >= timeout:
            raise subprocess.TimeoutExpired(command, timeout)
        text, rest = source.encode(), timeout - spent
        done = _ahead.run(command, text, rest) if _ahead else _run(_start(command), text, rest)
    except subprocess.TimeoutExpired:
        raise too_late(timeout, burden, less) from None
    except OSError as error:
        raise ArchgenError(f"Graphviz did not start: {error.strerror or error}") from None
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode == TOO_LARGE:
        width, height = (int(number) for number in said.splitlines()[-1].split())
        raise ArchgenError(
            f"a PNG of {width:,} × {height:,} pixels is too large", hint=fitting(width, height, dots_per_inch)
        )
    if b"too large for cairo-renderer" in done.stderr:
        raise ArchgenError(f"a PNG of more than {LARGEST_SIDE:,} pixels a side is too large", hint=SMALLER)
    if done.returncode and any(words in said for words in NO_MEMORY):
        raise ArchgenError(f"Graphviz needs more than {about(MEMORY, 'B', 1024)} of memory for {burden}", hint=less)
    if done.returncode == NO_FONT:
        raise ArchgenError(
            f"there is no font on this machine to draw a {format.upper()} with",
            hint="install one (apt install fonts-dejavu-core), or draw an SVG, which needs none",
        )
    if done.returncode == UNSUITABLE:
        raise ArchgenError(MISSING_EMBEDDED, hint="pip install pygraphviz")
    if done.returncode < 0:
        raise ArchgenError(f"Graphviz crashed (signal {-done.returncode})", hint="try another format or engine")
    if done.returncode or not done.stdout.rstrip().endswith(ENDS[format]):
        reason = said.splitlines()[-1] if said else f"exit status {done.returncode}, {len(done.stdout):,} bytes"
        raise ArchgenError(f"Graphviz failed: {reason}")
    # A PDF tells when it was made; a fixed time of the same length keeps it the same, and its table of offsets right.
    return MADE.sub(b"/CreationDate (D:19700101000000", done.stdout) if format == "pdf" else done.stdout


def too_late(timeout: float, burden: str, less: str) -> ArchgenError:
    """The error for a picture that takes longer than it may."""
    hint = f"{less}, or give it more time (--timeout)"
    return ArchgenError(f"drawing takes longer than {timeout:g} seconds for {burden}", hint=hint)


_ahead: _Ahead | None = None


@contextmanager
def started_ahead() -> Iterator[None]:
    """While it lasts, what draws the next picture is started before it is wanted, which then comes sooner: loading
    Graphviz takes longer than the layout of a common network. For one who draws again and again."""
    global _ahead
    before, _ahead = _ahead, _Ahead()
    try:
        yield
    finally:
        _ahead.end()
        _ahead = before


class _Ahead:
    """A process that is ready, and waits for its source."""

    def __init__(self) -> None:
        self.command: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, command: list[str], source: bytes, timeout: float) -> subprocess.CompletedProcess[bytes]:
        if command != self.command or self.process is None or self.process.poll() is not None:
            self.end()
            self.process = _start(command)
        process, self.process = self.process, None
        with suppress(OSError):  # There may be no room for two.
            self.process, self.command = _start(command), command
        return _run(process, source, timeout)

    def end(self) -> None:
        if self.process is not None:
            _stop(self.process)
        self.process = None


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _run(process: subprocess.Popen[bytes], source: bytes, timeout: float) -> subprocess.CompletedProcess[bytes]:
    """What a process makes of its source; it is ended where it takes longer, or where the wait is interrupted."""
    try:
        output, errors = process.communicate(source, timeout)
    except BaseException:
        _stop(process)
        raise
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def _stop(process: subprocess.Popen[bytes]) -> None:
    with process:
        process.kill()


def fitting(width: int, height: int, dots_per_inch: int) -> str:
    """What to do about a PNG that is too large: something else, or the most dots per inch that are not too many.

    >>> fitting(1_000, 65_534, 144)
    'draw an SVG or a PDF, which have no such limit, or give --dpi 71 or less'
    """
    share = min(LARGEST_SIDE / max(width, height), (LARGEST_AREA / (width * height)) ** 0.5)
    fits = int(dots_per_inch * share - 0.5)
    return SMALLER.replace("a lower --dpi", f"--dpi {fits} or less") if fits else SMALLER.partition(", or")[0]


def embedded_command(format: str, dots_per_inch: int) -> list[str]:
    """The command for the Graphviz inside pygraphviz. The child gets its place from here, and so needs no
    site-packages of its own, which would take longer to set up than the layout of a common network."""
    spec = find_spec("pygraphviz")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if not folders or not any((Path(folders[0]) / f"_graphviz{end}").exists() for end in EXTENSION_SUFFIXES):
        raise ArchgenError(MISSING_EMBEDDED, hint="pip install pygraphviz")
    limits = [str(limit) for limit in (LARGEST_SIDE, LARGEST_AREA, MEMORY)]
    return [*CHILD, folders[0], format, str(dots_per_inch), *limits]


def dot_command(format: str) -> list[str]:
    """The command for the ``dot`` on ``PATH``."""
    dot = shutil.which("dot")
    if dot is None:
        hint = "apt install graphviz, brew install graphviz or choco install graphviz; or use the embedded engine"
        raise ArchgenError('there is no "dot" on PATH', hint=hint)
    bound = [*CHILD, "--bound", str(MEMORY)] if os.name == "posix" else []
    return [*bound, dot, f"-T{format}"]
