"""Running generated scripts: a process of its own, with a time limit, stopped with all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from archgen.errors import ArchgenError
from archgen.program import Program
from archgen.structure import Structure

_running: set[subprocess.Popen[bytes]] = set()

PATIENCE = 5.0
"""Seconds that a process has to end by itself once it is told to."""

INSTALL = "pip install 'archgen[tensorflow]'"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended: its exit status (negative for a signal), the seconds it took, and what it said on stderr."""

    status: int
    seconds: float
    timed_out: bool = False
    errors: str = ""

    @property
    def well(self) -> bool:
        return self.status == 0 and not self.timed_out

    def __str__(self) -> str:
        if self.timed_out:
            return f"stopped after {self.seconds:.0f} s, its time limit"
        if self.status < 0:
            names = {int(each): each.name for each in signal.Signals}
            return f"ended by {names.get(-self.status, f'signal {-self.status}')} after {self.seconds:.1f} s"
        return f"ended with exit status {self.status} after {self.seconds:.1f} s"


def require_keras() -> None:
    """Raise ``ArchgenError`` where Keras or its backend is not installed."""
    from importlib.util import find_spec

    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    wanted = ["keras", *([backend] if backend in ("tensorflow", "jax", "torch") else [])]
    missing = [name for name in wanted if find_spec(name) is None]
    if missing:
        raise ArchgenError(f"{' and '.join(missing)} cannot be imported", hint=f"{INSTALL}")


def require_trust(program: Program, trusted: bool) -> None:
    """Raise ``ArchgenError`` where a script would import classes of one's own, and nobody said that it may."""
    wanted = Structure(program).imports
    if trusted or not wanted:
        return
    listed = ", ".join(f"{name} from {module}" for name, module in wanted.items())
    raise ArchgenError(
        f"{program.file}: its script imports {listed}, which runs their code",
        hint="if you trust that code, give --trust (in Python: trust=True)",
    )


def own_modules(program: Program) -> dict[str, str]:
    """The environment in which a script finds the modules of one's own: beside the spec, or in this directory."""
    if not Structure(program).imports:
        return {}
    beside = [os.path.dirname(os.path.abspath(program.file))] if os.path.isfile(program.file) else []
    before = os.environ.get("PYTHONPATH")
    folders = [*beside, os.getcwd(), *([before] if before else [])]
    # Safe: without the directory of the script before all others.
    return {"PYTHONPATH": os.pathsep.join(folders), "PYTHONSAFEPATH": "1"}


def run_python(
    arguments: Sequence[str],
    *,
    timeout: float,
    capture: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Ending:
    """Run this Python with arguments, its output streamed on, or kept where ``capture`` is set.

    When the time is over, or the caller is interrupted, the process and all that it started are ended.
    """
    variables = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1", **(environment or {})}
    started = time.monotonic()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if capture else None,
            stderr=errors if capture else None,
            start_new_session=True,
        )
        _running.add(process)
        try:
            status, timed_out = process.wait(timeout), False
        except subprocess.TimeoutExpired:
            status, timed_out = _stop(process), True
        except BaseException:
            _stop(process)
            raise
        finally:
            _running.discard(process)
        errors.seek(0)
        said = errors.read()[-20_000:].decode("utf-8", "replace")
    return Ending(status, time.monotonic() - started, timed_out, said)


def stop_all() -> None:
    """End every process that is under way, for a caller whose own threads wait for them."""
    for process in list(_running):
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> int:
    """End a process and its group: kindly first, then for good."""
    _signal(process, signal.SIGTERM)
    try:
        status = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        status = None
    # What the process started may have outlived it, or not have heard.
    _signal(process, signal.SIGKILL)
    return process.wait() if status is None else status


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def run_script(
    script: Path, options: Sequence[str], *, timeout: float, environment: Mapping[str, str] | None = None
) -> Ending:
    """Run a generated script with options, its progress streamed to this process's own output."""
    return run_python([str(script), *options], timeout=timeout, environment=environment)
