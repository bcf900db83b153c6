"""Processes: how they end is told, and none is left behind."""

from __future__ import annotations

import importlib.util
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from archgen import process
from archgen.errors import ArchgenError
from archgen.process import Ending, require_keras, run_python, run_script, stop_all

SLEEPER = "import time; time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
FAMILY = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {DEAF!r}])
open(sys.argv[1], "w").write(str(child.pid))
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie that waits for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(what: Any, patience: float = 20) -> bool:
    end = time.monotonic() + patience
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(what())


@pytest.mark.parametrize(
    ("code", "status", "well"),
    [("pass", 0, True), ("raise SystemExit(3)", 3, False), ("import os; os.kill(os.getpid(), 9)", -9, False)],
)
def test_endings(code: str, status: int, well: bool) -> None:
    ending = run_python(["-c", code], timeout=60)
    assert (ending.status, ending.well, ending.timed_out) == (status, well, False)


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        (Ending(0, 1.25), "ended with exit status 0 after 1.2 s"),
        (Ending(-9, 2), "ended by SIGKILL after 2.0 s"),
        (Ending(-40, 2), "ended by signal 40 after 2.0 s"),
        (Ending(-15, 3, timed_out=True), "stopped after 3 s, its time limit"),
    ],
)
def test_endings_in_words(ending: Ending, text: str) -> None:
    assert str(ending) == text


def test_what_it_says_is_kept(capfd: pytest.CaptureFixture[str]) -> None:
    code = "import sys; print('out'); sys.stderr.write('x' * 30_000 + 'err\\xff')"
    ending = run_python(["-c", code], timeout=60, capture=True, environment={"PYTHONIOENCODING": "latin-1"})
    assert ending.errors[-5:] == "xerr\ufffd" and len(ending.errors) == 20_000
    assert capfd.readouterr() == ("", "")


def test_or_streamed_on(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import sys; print(sys.argv[1:], file=sys.stderr); print(sys.stdin.read() == '')")
    assert run_script(script, ["--a", "b c"], timeout=60).well
    assert capfd.readouterr() == ("True\n", "['--a', 'b c']\n")


def test_a_process_past_its_time_is_stopped_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "PATIENCE", 1.0)
    note = tmp_path / "pid"
    ending = run_python(["-c", FAMILY, str(note)], timeout=2)
    assert ending.timed_out and not ending.well
    assert wait_until(lambda: not is_running(int(note.read_text())))


def test_a_process_that_does_not_listen_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "PATIENCE", 0.5)
    ending = run_python(["-c", DEAF], timeout=1)
    assert (ending.timed_out, ending.status) == (True, -signal.SIGKILL)


def test_an_interruption_stops_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    popen = process.subprocess.Popen

    class Interrupted(popen):  # type: ignore[misc, valid-type]
        def wait(self, timeout: float | None = None) -> int:
            if not started:
                started.append(self.pid)
                raise KeyboardInterrupt
            return int(super().wait(timeout))

    monkeypatch.setattr(process.subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_python(["-c", SLEEPER], timeout=60)
    assert not is_running(started[0])


def test_all_that_runs_can_be_stopped() -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(3) as pool:
        endings = [pool.submit(run_python, ["-c", SLEEPER], timeout=60) for _ in range(3)]
        assert wait_until(lambda: len(process._running) == 3)
        stop_all()
        assert [ending.result().status for ending in endings] == [-signal.SIGTERM] * 3


@pytest.mark.parametrize(
    ("backend", "there", "message"),
    [
        ("tensorflow", [], "keras and tensorflow cannot be imported"),
        ("tensorflow", ["keras"], "tensorflow cannot be imported"),
        ("jax", ["keras", "tensorflow"], "jax cannot be imported"),
        ("numpy", ["tensorflow"], "keras cannot be imported"),
        ("tensorflow", ["keras", "tensorflow"], None),
        ("numpy", ["keras"], None),
    ],
)
def test_keras_is_required(
    monkeypatch: pytest.MonkeyPatch, backend: str, there: list[str], message: str | None
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", backend)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: os if name in there else None)
    if message is None:
        require_keras()
        return
    with pytest.raises(ArchgenError, match=message) as raised:
        require_keras()
    assert raised.value.status == 2 and raised.value.hint == "pip install 'archgen[tensorflow]'"
