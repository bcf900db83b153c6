"""Watching: every way in which editors save is seen, whatever happens in between, and nothing else is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from archgen.errors import ArchgenError
from archgen.watching import GONE, saves

PATIENCE = 60
"""Seconds to wait for what should happen at once."""


class Watch:
    """``saves``, asked in a thread, so that a test ends where nothing comes."""

    def __init__(self, *paths: Path) -> None:
        self.saves: Iterator[list[str]] = saves([str(path) for path in paths])
        assert self.next() == [path.name for path in paths]

    def next(self) -> list[str]:
        """The names of the files that have been saved."""
        answers: Queue[list[str] | BaseException] = Queue()

        def ask() -> None:
            try:
                answers.put(next(self.saves))
            except BaseException as error:
                answers.put(error)

        threading.Thread(target=ask, daemon=True).start()
        answer = answers.get(timeout=PATIENCE)
        if isinstance(answer, BaseException):
            raise answer
        return [Path(path).name for path in answer]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "a.json"
    path.write_text("one")
    return path


def in_place(path: Path) -> None:
    path.write_text("another")


def in_place_of_the_same_size(path: Path) -> None:
    path.write_text("two")


def within_a_tick(path: Path) -> None:
    """As on a disk whose clock is coarse: another text of the same size at the same time."""
    before = path.stat()
    with path.open("r+") as file:
        file.write("two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def by_replacing(path: Path) -> None:
    other = path.with_suffix(".tmp")
    other.write_text("two")
    other.replace(path)


def with_a_backup(path: Path) -> None:
    path.rename(path.with_suffix(".json~"))
    path.write_text("two")


def gone_for_a_moment(path: Path) -> None:
    path.unlink()
    threading.Timer(GONE / 4, path.write_text, ["one"]).start()


def without_a_change(path: Path) -> None:
    path.write_text("one")
    os.utime(path, (1, 1))


def older_than_before(path: Path) -> None:
    """As git does where it goes back."""
    by_replacing(path)
    os.utime(path, (1, 1))


@pytest.mark.parametrize(
    "save",
    [
        in_place,
        in_place_of_the_same_size,
        within_a_tick,
        by_replacing,
        with_a_backup,
        gone_for_a_moment,
        without_a_change,
        older_than_before,
    ],
)
def test_every_way_to_save_is_seen(save: Callable[[Path], None], spec: Path) -> None:
    watch = Watch(spec)
    for _ in range(2):
        save(spec)
        assert watch.next() == ["a.json"]
        spec.write_text("one")
        assert watch.next() == ["a.json"]


def test_a_file_behind_a_link_is_seen(spec: Path, tmp_path: Path) -> None:
    link, other = tmp_path / "link.json", tmp_path / "other"
    link.symlink_to(spec)
    watch = Watch(link)
    by_replacing(spec)
    assert watch.next() == ["link.json"]
    other.write_text("three")
    (tmp_path / "new").symlink_to(other)
    (tmp_path / "new").replace(link)
    assert watch.next() == ["link.json"]


def test_only_what_was_saved_is_given(tmp_path: Path) -> None:
    paths = [tmp_path / f"{letter}.json" for letter in "abc"]
    for path in paths:
        path.write_text(path.name)
    watch = Watch(*paths)
    in_place(paths[1])
    assert watch.next() == ["b.json"]
    (tmp_path / "d.json").write_text("d")  # Not watched.
    in_place(paths[2])
    assert watch.next() == ["c.json"]


def test_several_saves_in_a_row_are_given_once(spec: Path) -> None:
    watch = Watch(spec)
    for number in range(50):
        spec.write_text(str(number))
    assert watch.next() == ["a.json"]
    by_replacing(spec)  # Were there another to give, this one would be the third.
    assert watch.next() == ["a.json"]


def test_a_file_written_in_several_goes_is_given_when_it_is_whole(spec: Path) -> None:
    watch = Watch(spec)

    def write() -> None:
        with spec.open("w") as file:
            for _ in range(200):
                file.write("x" * 100)
                file.flush()
                time.sleep(0.001)

    writer = threading.Thread(target=write)
    writer.start()
    seen = ""
    while len(seen) < 20_000:
        assert watch.next() == ["a.json"]
        seen = spec.read_text()
    writer.join()


def test_a_file_saved_while_it_is_worked_on_is_given_again(spec: Path) -> None:
    watch = Watch(spec)
    in_place(spec)
    assert watch.next() == ["a.json"]
    within_a_tick(spec)  # The one who asked is busy now.
    time.sleep(0.1)
    assert watch.next() == ["a.json"]


def test_a_file_that_is_gone_is_given_once_and_when_it_is_back(spec: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.json"
    other.write_text("b")
    watch = Watch(spec, other)
    spec.unlink()
    assert watch.next() == ["a.json"]
    in_place(other)
    assert watch.next() == ["b.json"]
    spec.write_text("one")
    assert watch.next() == ["a.json"]


def test_a_directory_that_is_made_anew_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "a.json").write_text("one")
    watch = Watch(folder / "a.json")
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "a.json").write_text("two")
    assert watch.next() == ["a.json"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_its_place_does_not_block(spec: Path) -> None:
    watch = Watch(spec)
    spec.unlink()
    os.mkfifo(spec)
    assert watch.next() == ["a.json"]
    by_replacing(spec)
    assert watch.next() == ["a.json"]


@pytest.mark.parametrize(("name", "said"), [("b.json", "there is no file"), (".", "is no file that can be watched")])
def test_what_cannot_be_watched_is_told(name: str, said: str, spec: Path) -> None:
    with pytest.raises(ArchgenError, match=said) as caught:
        next(saves([str(spec), str(spec.parent / name)]))
    assert caught.value.status == 2 and caught.value.hint


def test_a_path_given_twice_is_one_file(spec: Path) -> None:
    assert next(saves([str(spec), str(spec)])) == [str(spec)]


# archgen render --watch


def network(name: str = "net", units: int = 3, title: str = "") -> str:
    nodes = [{"op": "Input", "shape": [4]}, {"op": "Dense", "units": units}]
    return json.dumps({"name": name, "title": title, "nodes": nodes})


class Watching:
    """``archgen render --watch`` in a process of its own, in a directory."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.errors = folder / "errors.txt"
        command = [sys.executable, "-m", "archgen", "render", "--watch", *arguments]
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(command, cwd=folder, stdout=errors, stderr=errors)

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something."""
        end = time.monotonic() + PATIENCE
        while not holds():
            assert self.process.poll() is None, self.errors.read_text()
            assert time.monotonic() < end, self.errors.read_text()
            time.sleep(0.01)

    def until_shown(self, name: str, text: str) -> None:
        """Wait until a text is on a picture, which is whole whenever it is looked at."""
        path = self.folder / name

        def shown() -> bool:
            picture = path.read_text("utf-8") if path.exists() else "</svg>"
            assert picture.rstrip().endswith("</svg>")
            return text in picture

        self.until(shown)

    def until_told(self, text: str, times: int = 1) -> None:
        self.until(lambda: self.errors.read_text().count(text) >= times)

    def end(self, by: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Its exit status and all that it has said, where it is interrupted."""
        self.process.send_signal(by)
        return self.process.wait(PATIENCE), self.errors.read_text()


def test_what_is_saved_is_drawn_again(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(network("a"))
    (tmp_path / "b.json").write_text(network("b"))
    with Watching(tmp_path, "a.json", "b.json", "-o", "figures/") as watching:
        watching.until_shown("figures/a.svg", "15 parameters")
        watching.until_shown("figures/b.svg", "15 parameters")
        before = (tmp_path / "figures" / "b.svg").stat().st_ino
        for units in (4, 5, 6):
            by_replacing(tmp_path / "a.json")  # No spec at all, for a moment.
            (tmp_path / "a.json").write_text(network("a", units))
            watching.until_shown("figures/a.svg", f"{5 * units} parameters")
        assert (tmp_path / "figures" / "b.svg").stat().st_ino == before
        status, said = watching.end()
    assert status == 130 and "Traceback" not in said
    assert sorted(path.name for path in tmp_path.rglob("*.svg")) == ["a.svg", "b.svg"]


def test_a_mistake_is_told_and_the_watching_goes_on(tmp_path: Path) -> None:
    spec, picture = tmp_path / "a.json", tmp_path / "figures" / "a.svg"
    spec.write_text(network("a").replace("units", "unit"))
    with Watching(tmp_path, "a.json", "-o", "figures/") as watching:
        watching.until_told('a.json:1:85: error[unknown-argument]: Dense has no argument "unit"')
        assert not picture.exists()
        spec.write_text(network("a", title="first"))
        watching.until_shown("figures/a.svg", "first")
        spec.write_text("{")
        watching.until_told("error[not-json]")
        assert "first" in picture.read_text("utf-8")
        spec.unlink()
        watching.until_told("there is no file 'a.json'")
        spec.write_text(network("a", title="second"))
        watching.until_shown("figures/a.svg", "second")
        picture.unlink()
        picture.mkdir()
        spec.write_text(network("a", title="third"))
        watching.until_told("cannot write 'figures/a.svg'")
        picture.rmdir()
        spec.write_text(network("a", title="third"))
        watching.until_shown("figures/a.svg", "third")
        status, said = watching.end()
    assert status == 130 and said.splitlines()[-1] == "interrupted" and "Traceback" not in said


def test_two_specs_never_share_a_picture(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.json").write_text(network(name))
    with Watching(tmp_path, "a.json", "b.json", "-o", "./") as watching:
        watching.until_shown("b.svg", "15 parameters")
        (tmp_path / "a.json").write_text(network("b", units=4))
        watching.until_told('two of the specs have the name "b"')
        (tmp_path / "a.json").write_text(network("c", units=4))
        watching.until_shown("c.svg", "20 parameters")
        assert "15 parameters" in (tmp_path / "b.svg").read_text("utf-8")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="/proc tells which processes there are")
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=lambda by: by.name)
def test_it_ends_when_it_is_interrupted_while_drawing(by: signal.Signals, tmp_path: Path) -> None:
    """And every Graphviz that it has started ends with it: the one that draws, and the one for the next picture."""
    nodes: list[dict[str, Any]] = [{"id": "n0", "op": "Input", "shape": [8]}]
    nodes += [{"id": f"n{k}", "op": "Concatenate", "from": [*(f"n{j}" for j in range(k)), "n0"]} for k in range(1, 60)]
    (tmp_path / "a.json").write_text(json.dumps({"name": "dense", "nodes": nodes}))
    with Watching(tmp_path, "a.json", "-o", "a.svg") as watching:
        watching.until(lambda: len(children(watching.process.pid)) == 2)
        started = children(watching.process.pid)
        status, said = watching.end(by)
    assert (status, said) == (130, "interrupted\n")
    assert not any(map(runs, started))


def runs(pid: int) -> bool:
    """Whether a process runs: one that has ended may still be listed, as a zombie, until somebody takes note."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(word) for path in Path(f"/proc/{pid}/task").glob("*/children") for word in path.read_text().split()]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-"], "--watch is for files"),
        (["a.json", "-o", "-"], "--watch is for files"),
        (["a.json", "b.json", "-o", "x.svg"], "2 specs cannot go to one file"),
        (["a.json", "-o", "x.gif"], "'x.gif' does not end in .svg"),
        (["a.json", "nothing.json"], "there is no file 'nothing.json'"),
        (["."], "'.' is no file that can be watched"),
    ],
)
def test_what_makes_no_sense_is_told_at_once(arguments: list[str], said: str, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.json").write_text(network(name))
    with Watching(tmp_path, *arguments) as watching:
        assert watching.process.wait(PATIENCE) == 2
    assert watching.errors.read_text().startswith(f"error: {said}")
    assert not list(tmp_path.rglob("*.svg"))
