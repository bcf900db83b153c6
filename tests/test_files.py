"""Writing: all of a file or nothing of it, and in the place that the user means."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from archgen.errors import ArchgenError
from archgen.files import targets, write


def listing(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_file_with_its_directories(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b" / "c.txt", b"1")
    write(tmp_path / "a" / "b" / "c.txt", b"22")
    assert (tmp_path / "a" / "b" / "c.txt").read_bytes() == b"22"
    assert listing(tmp_path) == ["a", "a/b", "a/b/c.txt"]


def test_permissions(tmp_path: Path) -> None:
    """A new file has those that files get here; a file that is replaced keeps its own."""
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    write(tmp_path / "new", b"")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
    plain.chmod(0o750)
    write(plain, b"")
    assert stat.S_IMODE(plain.stat().st_mode) == 0o750


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    write(tmp_path / "link", b"1")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "file").read_bytes() == b"1"


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write(tmp_path / "pipe", b"through")
    reader.join(10)
    assert read == [b"through"] and (tmp_path / "pipe").is_fifo()


def test_a_device_is_not_replaced() -> None:
    write(os.devnull, b"away")
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize("path", [".", "file/inside", "x" * 300, "loop", "a\0b"])
def test_what_cannot_be_written(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_bytes(b"kept")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ArchgenError, match="cannot write"):
        write(tmp_path / path if "\0" not in path else path, b"lost")
    assert listing(tmp_path) == ["file", "loop"] and (tmp_path / "file").read_bytes() == b"kept"


@pytest.mark.parametrize("moment", ["os.fsync", "os.replace", "os.chmod"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_nothing_half_written_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, error: BaseException
) -> None:
    """Whatever goes wrong, and when: the file is as it was, and nothing lies beside it."""

    def fail(*args: Any) -> None:
        raise error

    (tmp_path / "file").write_bytes(b"kept")
    monkeypatch.setattr(moment, fail)
    with pytest.raises((ArchgenError, KeyboardInterrupt)):
        write(tmp_path / "file", b"lost")
    monkeypatch.undo()
    assert listing(tmp_path) == ["file"] and (tmp_path / "file").read_bytes() == b"kept"


@pytest.mark.parametrize(
    ("names", "output", "expected"),
    [
        (["a"], None, ["generated/a.svg"]),
        (["a", "b"], None, ["generated/a.svg", "generated/b.svg"]),
        (["a"], "-", ["-"]),
        (["a"], "x.svg", ["x.svg"]),
        (["a"], "x.SVG", ["x.SVG"]),
        (["a"], "figures", ["figures/a.svg"]),
        (["a", "b"], "figures/", ["figures/a.svg", "figures/b.svg"]),
        (["a"], "x.svg/", ["x.svg/a.svg"]),
        (["a"], "there.svg", ["there.svg/a.svg"]),
        (["a"], "v1.2/", ["v1.2/a.svg"]),
        (["a"], os.devnull, [os.devnull]),
        (["a"], "other", ["other"]),
    ],
)
def test_targets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], output: str | None, expected: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.svg").mkdir()
    Path("other").write_bytes(b"")
    assert [str(path) for path in targets(names, output, ".svg")] == expected


@pytest.mark.parametrize(
    ("names", "output", "message"),
    [
        (["a", "a"], None, 'two of the specs have the name "a"'),
        (["a"], "", "there is nothing after -o"),
        (["a", "b"], "-", "2 specs cannot go to one file"),
        (["a", "b"], "x.svg", "2 specs cannot go to one file"),
        (["a"], "x.gif", "'x.gif' does not end in .svg"),
        (["a"], "x.svg.txt", "'x.svg.txt' does not end in .svg"),
    ],
)
def test_targets_that_are_none(names: list[str], output: str | None, message: str) -> None:
    with pytest.raises(ArchgenError, match=message):
        targets(names, output, ".svg")
