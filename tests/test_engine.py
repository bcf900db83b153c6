"""Graphviz in a process of its own: what it gives, and every way in which it can fail to."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx
import pytest

from archgen import engine, engine_child
from archgen.drawing import render
from archgen.errors import ArchgenError
from archgen.options import Options
from tests import graphs
from tests.graphs import Sketch

SOURCE = 'digraph { dpi=96; a [label="one & two"]; a -> b }'


@pytest.fixture
def fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fonts that come with matplotlib, and no others."""
    spec = importlib.util.find_spec("matplotlib")
    assert spec is not None and spec.submodule_search_locations
    only_fonts_in(Path(spec.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf", tmp_path, monkeypatch)


@pytest.fixture
def no_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only_fonts_in(tmp_path / "empty", tmp_path, monkeypatch)


def only_fonts_in(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = tmp_path / "fonts.conf"
    configuration.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig><dir>{folder}</dir><cachedir>{tmp_path / 'cache'}</cachedir></fontconfig>"
    )
    monkeypatch.setenv("FONTCONFIG_FILE", str(configuration))
    monkeypatch.setenv("HOME", str(tmp_path))


def draw(format: str = "svg", source: str = SOURCE, timeout: float = 60) -> bytes:
    return engine.lay_out(source, format, engine="embedded", timeout=timeout, dots_per_inch=96)


@pytest.mark.parametrize(
    "format, start, end",
    [("svg", b"<?xml", b"</svg>\n"), ("png", b"\x89PNG", b"IEND\xaeB`\x82"), ("pdf", b"%PDF", b"%%EOF\n")],
)
def test_formats(format: str, start: bytes, end: bytes, fonts: None) -> None:
    picture = draw(format)
    assert picture.startswith(start) and picture.endswith(end)


def test_an_svg_needs_no_fonts(no_fonts: None, capfd: pytest.CaptureFixture[str]) -> None:
    assert b"one &amp; two" in draw("svg")
    assert capfd.readouterr() == ("", "")


def test_an_svg_is_the_same_whatever_fonts_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fonts: None
) -> None:
    with_fonts = draw("svg")
    only_fonts_in(tmp_path / "empty", tmp_path, monkeypatch)
    assert draw("svg") == with_fonts


def test_a_pdf_does_not_tell_the_time(fonts: None) -> None:
    pdf = draw("pdf")
    assert pdf.count(b"/CreationDate (D:19700101000000Z)") == pdf.count(b"CreationDate") == 1


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_without_fonts_letters_would_be_boxes(format: str, no_fonts: None) -> None:
    with pytest.raises(ArchgenError, match="no font on this machine") as caught:
        draw(format)
    assert "SVG" in str(caught.value.hint)


def test_a_png_has_the_size_that_was_asked_for(fonts: None) -> None:
    width, height = struct.unpack(
        ">II", draw("png", 'digraph { dpi=96; a [width=3 height=2 fixedsize=true label=""] }')[16:24]
    )
    assert (width, height) == (3 * 96 + 11, 2 * 96 + 11)  # Graphviz pads a picture by 4 points.


@pytest.mark.parametrize("dpi", [96, 300])
def test_dots_per_inch(dpi: int, fonts: None) -> None:
    png, usual = render(graphs.mlp(), "png", Options(dpi=dpi)), render(graphs.mlp(), "png")
    for side in (slice(16, 20), slice(20, 24)):  # Width and height; each rounded.
        assert abs(int.from_bytes(png[side]) / dpi - int.from_bytes(usual[side]) / 144) < 2 / 72


@pytest.mark.parametrize("width, height, shown", [(400, 1, "38,400 × "), (1, 400, " × 38,400"), (300, 300, "28,800")])
def test_a_png_too_large_is_refused(width: int, height: int, shown: str, fonts: None) -> None:
    source = f'digraph {{ dpi=96; a [width={width} height={height} fixedsize=true label=""] }}'
    with pytest.raises(ArchgenError, match="too large") as caught:
        draw("png", source)
    assert shown in caught.value.message and "SVG" in str(caught.value.hint)
    assert draw("svg", source).endswith(b"</svg>\n")


def pretend(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Let a Python program stand in for the child."""
    monkeypatch.setattr(engine, "embedded_command", lambda *_: [sys.executable, "-S", "-c", program])


def test_a_hang_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "pid"
    pretend(monkeypatch, f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(300)")
    with pytest.raises(ArchgenError, match=r"longer than 2 seconds") as caught:
        draw(timeout=2)
    assert caught.value.status == 2 and caught.value.hint
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


@pytest.mark.parametrize(
    "program, message",
    [
        ("import os; os.abort()", r"crashed \(signal 6\)"),
        ("import sys; sys.exit('syntax error in line 1')", "syntax error in line 1"),
        ("import sys; sys.exit(3)", "exit status 3, 0 bytes"),
        ("print('<svg>')", "exit status 0, 6 bytes"),  # Cut short.
        ("import sys; sys.exit(13)", "not installed"),
        ("import os; os.close(0); os.close(1)", "exit status 0, 0 bytes"),
    ],
)
def test_what_goes_wrong_is_told(program: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, program)
    with pytest.raises(ArchgenError, match=message):
        draw()


def test_what_graphviz_says_stays_inside(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    pretend(monkeypatch, "import sys; print('Warning: ...', file=sys.stderr); print('<svg></svg>')")
    assert draw() == b"<svg></svg>\n"
    assert capfd.readouterr() == ("", "")


def test_a_source_that_is_none_is_told() -> None:
    with pytest.raises(ArchgenError, match="Graphviz failed"):
        draw("svg", "digraph {")


@pytest.mark.parametrize("found", ["nothing", "a package without the library"])
def test_a_missing_engine_is_told(found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = None
    if found != "nothing":
        spec = importlib.util.spec_from_loader("pygraphviz", None, is_package=True)
        assert spec is not None and spec.submodule_search_locations is not None
        spec.submodule_search_locations.append(str(tmp_path))
    monkeypatch.setattr(engine, "find_spec", lambda name: spec)
    with pytest.raises(ArchgenError, match="not installed") as caught:
        draw()
    assert caught.value.status == 2 and "pip install pygraphviz" in str(caught.value.hint)


def test_a_missing_dot_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ArchgenError, match='no "dot" on PATH') as caught:
        engine.lay_out(SOURCE, "svg", engine="dot", timeout=60)
    assert caught.value.status == 2 and "apt install graphviz" in str(caught.value.hint)


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for dot is a shell script")
@pytest.mark.parametrize(
    "script, outcome",
    [
        ('echo "$1" >&2; cat; echo "</svg>"', None),
        ("echo 'Error: bad label' >&2; exit 1", "Error: bad label"),
        ("echo 'dot: graph is too large for cairo-renderer bitmaps. Scaling by 0.5' >&2; echo '</svg>'", "too large"),
    ],
)
def test_the_dot_on_path(script: str, outcome: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dot = tmp_path / "dot"
    dot.write_text(f"#!/bin/sh\n{script}\n")
    dot.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    if outcome is None:
        assert engine.lay_out(SOURCE, "svg", engine="dot", timeout=60) == f"{SOURCE}</svg>\n".encode()
        return
    with pytest.raises(ArchgenError, match=outcome):
        engine.lay_out(SOURCE, "svg", engine="dot", timeout=60)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere a process may not bound its own memory")
def test_the_memory_of_dot_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dot = tmp_path / "dot"
    dot.write_text(f"#!{sys.executable} -S\nprint('<svg>', len(bytearray(300 * 2**20)), '</svg>')\n")
    dot.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert engine.lay_out(SOURCE, "svg", engine="dot", timeout=60) == b"<svg> 314572800 </svg>\n"
    monkeypatch.setattr(engine, "MEMORY", 250 * 2**20)
    with pytest.raises(ArchgenError, match="needs more than 250 MiB of memory for many cards") as caught:
        engine.lay_out(SOURCE, "svg", engine="dot", timeout=60, burden="many cards", less="collapse them")
    assert caught.value.hint == "collapse them"


def test_without_the_library_pygraphviz_draws() -> None:
    """Run in a process of its own: once imported, the library stays."""
    spec = importlib.util.find_spec("pygraphviz")
    assert spec is not None and spec.submodule_search_locations
    folder = spec.submodule_search_locations[0]
    program = (
        "import sys; from archgen import engine_child as child\n"
        "def unsuitable(*_): raise child.Stop(child.UNSUITABLE, 'no symbols')\n"
        "child.Graphviz.declare = unsuitable\n"
        f"sys.stdout.buffer.write(child.draw({folder!r}, lambda: {SOURCE.encode()!r}, 'svg', 96, 9, 9))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert b"one &amp; two" in done.stdout and done.stdout.endswith(b"</svg>\n")


def test_the_child_needs_nothing_else(tmp_path: Path) -> None:
    """It runs without site-packages and imports no part of archgen, which keeps its start short."""
    program = (
        "import runpy, sys; runpy.run_path(sys.argv[1]); "
        "print(*{name.partition('.')[0] for name in sys.modules} & {'archgen', 'networkx', 'graphviz', 'keras'})"
    )
    command = [sys.executable, "-I", "-S", "-c", program, engine_child.__file__]
    assert subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout.split() == []


# Started ahead


def test_what_is_started_ahead_draws_the_same(fonts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [SOURCE, SOURCE.replace("one", "three"), "digraph {", SOURCE]
    formats = ["svg", "svg", "svg", "pdf"]

    def pictures() -> Iterator[bytes | str]:
        for source, format in zip(sources, formats, strict=True):
            try:
                yield draw(format, source)
            except ArchgenError as error:
                yield error.message

    expected = list(pictures())
    processes = started(monkeypatch)
    with engine.started_ahead():
        assert list(pictures()) == expected
        assert len(processes) == 1 + 3 + 2  # A PDF needs another: what waits for an SVG is ended.
    assert not any(map(runs, processes))


def test_what_dies_while_it_waits_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    processes = started(monkeypatch)
    with engine.started_ahead():
        expected = draw()
        os.kill(processes[-1], signal.SIGKILL)
        os.waitid(os.P_PID, processes[-1], os.WEXITED | os.WNOWAIT)
        assert draw() == expected
    assert len(processes) == 4 and not any(map(runs, processes))


def runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


# No graph makes it hang


def dense(cards: int) -> networkx.MultiDiGraph[str]:
    """Every node reads every node before it."""
    sketch = Sketch("dense")
    keys = [sketch.add("Input", id="n0", shape=(8,))]
    for number in range(1, cards):
        keys.append(sketch.add("Add", *keys[:-1], keys[-1], keys[0], id=f"n{number}"))
    return sketch.ends(keys[-1])


def blocks(turns: int) -> networkx.MultiDiGraph[str]:
    """A block of two nodes, repeated."""
    sketch = Sketch("blocks")
    x = sketch.add("Input", id="x", shape=(8,))
    for turn in range(1, turns + 1):
        with sketch.frame("block", "unit", label="units", call="units", turn=turn, turns=turns):
            inside = sketch.add("Dense", x, units=8)
            x = sketch.add("Add", inside, x)
    return sketch.ends(x)


def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes of Graphviz that are started from here on."""
    found: list[int] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **more: Any) -> None:
            super().__init__(*arguments, **more)
            found.append(self.pid)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    return found


@pytest.mark.parametrize(
    "graph, expand, message, hint",
    [
        (dense(100), 0, "100 cards and 4,950 lines", 'give what recurs a block of its own with "repeat"'),
        (blocks(800), "all", "1,601 cards and ", r"collapse unit \(800 frames, 1,600 cards\) with --expand 0"),
    ],
    ids=["dense", "expanded"],
)
def test_what_takes_too_long_is_stopped_and_says_what_to_collapse(
    graph: networkx.MultiDiGraph[str], expand: Any, message: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes = started(monkeypatch)
    with pytest.raises(ArchgenError, match=f"longer than 2 seconds for {message}") as caught:
        render(graph, options=Options(expand=expand, timeout=2))
    assert caught.value.status == 2 and re.match(hint, str(caught.value.hint))
    assert str(caught.value.hint).endswith(", or give it more time (--timeout)")
    assert len(processes) <= 1  # None where the machine is so busy that writing alone takes the time.
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_what_takes_too_long_to_write_is_not_even_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is that of the whole picture."""
    processes = started(monkeypatch)
    with pytest.raises(ArchgenError, match="longer than 0.1 seconds for 4,001 cards") as caught:
        render(blocks(2000), options=Options(expand="all", timeout=0.1))
    assert processes == [] and "collapse unit (2,000 frames, 4,000 cards)" in str(caught.value.hint)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere a process may not bound its own memory")
@pytest.mark.parametrize("mebibytes", [100, 200, 260])
def test_memory_is_bounded(mebibytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library is loaded, where the graph is read, and where it is laid out."""
    monkeypatch.setattr(engine, "MEMORY", mebibytes * 2**20)
    with pytest.raises(ArchgenError, match=f"needs more than {mebibytes} MiB of memory for 1,001 cards") as caught:
        render(blocks(500), options=Options(expand="all"))
    assert "collapse unit (500 frames, 1,000 cards) with --expand 0" in str(caught.value.hint)


@pytest.mark.parametrize("letters", [10_000, 1_000_000])
def test_texts_without_end_are_no_burden(letters: int) -> None:
    sketch = Sketch("long", title="title " * letters, description="description " * letters)
    x = sketch.add("Input", id="x" * 200, shape=(8,))
    with sketch.frame("block", "unit", arguments={"label": "y" * letters, "values": ["z" * letters] * 20}):
        x = sketch.add("Dense", x, units=8)
    assert len(render(sketch.ends(x))) < 20_000 + 20 * letters
