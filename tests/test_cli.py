"""The command line: what each command prints, where, and with which status."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archgen.cli import cli

ROOT = Path(__file__).resolve().parents[1]
SPECS = ROOT / "specs"
GOOD = '{"name": "good", "nodes": [{"op": "Input", "shape": [4]}, {"op": "Dense", "units": 3}]}'
BAD = '{"name": "bad", "nodes": [{"op": "Input", "shape": [4]},\n{"op": "Dense", "unit": 3}]}'
SAID_OF_BAD = """\
bad.json:2:17: error[unknown-argument]: Dense has no argument "unit"
  at nodes[1].unit
  hint: did you mean "units"?
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory to work in, with a good spec and a bad one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.json").write_text(GOOD)
    (tmp_path / "bad.json").write_text(BAD)
    return tmp_path


@pytest.fixture
def run(folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command: its exit status, standard output and standard error."""

    def call(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as raised:
            cli.main(list(arguments), prog_name="archgen")
        out, err = capfd.readouterr()
        return int(raised.value.code or 0), out, err

    return call


def listing(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def archgen(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs a command in a process of its own."""
    options = {"capture_output": True, "text": True, "timeout": 120, "cwd": ROOT, **options}
    environment = {**os.environ, **options.pop("env", {})}
    return subprocess.run([sys.executable, "-m", "archgen", *arguments], env=environment, **options)


# Status and streams


@pytest.mark.parametrize(
    ("arguments", "status", "out", "err"),
    [
        (["check", "good.json"], 0, "", ""),
        (["check", "bad.json"], 1, SAID_OF_BAD, ""),
        (["check", "good.json", "bad.json"], 1, SAID_OF_BAD, ""),
        (["check", "nothing.json"], 2, "", "error: there is no file 'nothing.json'\n  hint: check the path, or"),
        (["check", "bad.json", "nothing.json"], 2, SAID_OF_BAD, "error: there is no file 'nothing.json'\n"),
        (["check", "."], 2, "", "error: cannot read '.': Is a directory\n  hint: name the files in it\n"),
        (["check", ""], 2, "", "error: there is no file ''\n"),
        (["check", "\udcff.json"], 2, "", "error: there is no file '\\udcff.json'\n"),
        (["check"], 2, "", "Usage: archgen check"),
        (["check", "--format", "xml", "good.json"], 2, "", "Usage: archgen check"),
        (["chekc"], 2, "", "Usage: archgen [OPTIONS]"),
        ([], 2, "", "Usage: archgen [OPTIONS]"),
        (["check", "archgen.schema.json"], 2, "", "Usage: archgen check"),
        (["check", "--set", "a=1", "good.json"], 2, "", "error: good.json has no parameter 'a'\n"),
        (["check", "--set", "a", "good.json"], 2, "", "error: --set takes name=value, found 'a'\n"),
        (["summary", "bad.json"], 1, "", SAID_OF_BAD),
        (["summary", "nothing.json"], 2, "", "error: there is no file"),
        (["summary", "good.json", "bad.json"], 2, "", "Usage: archgen summary"),
        (["render", "bad.json"], 1, "", SAID_OF_BAD),
        (["render", "good.json", "nothing.json"], 2, "", "error: there is no file"),
        (["render", "good.json", "good.json"], 2, "", 'error: two of the specs have the name "good"\n'),
        (["render", "good.json", "-o", "x.gif"], 2, "", "error: 'x.gif' does not end in .svg\n  hint: end"),
        (["render", "good.json", "-o", "x.svg", "--format", "png"], 2, "", "error: 'x.svg' does not end in .png\n"),
        (["render", "good.json", "-o", "good.json/x.svg"], 2, "",
         "error: cannot write 'good.json/x.svg': 'good.json' is no directory\n"),
        (["render", "good.json", "-o", ""], 2, "", "error: there is nothing after -o\n"),
        (["render", "-", "-"], 2, "", "Usage: archgen render"),
        (["render", "good.json", "--timeout", "0"], 2, "", "Usage: archgen render"),
        (["render", "good.json", "--timeout", "nan"], 2, "", "Usage: archgen render"),
        (["render", "good.json", "--timeout", "inf"], 2, "", "Usage: archgen render"),
        (["run", "good.json", "--timeout", "nan"], 2, "", "Usage: archgen run"),
        (["verify", "good.json", "--timeout", "1e10"], 2, "", "Usage: archgen verify"),
        (["render", "good.json", "--engine", "dot"], 2, "", 'error: there is no "dot" on PATH\n'),
        (["render", "good.json", "--expand"], 2, "", "Error: Option '--expand' requires an argument."),
        (["render", "good.json", "--expand", "-1"], 2, "", "Usage: archgen render"),
        (["render", "good.json", "--expand", "each"], 2, "", "Usage: archgen render"),
        (["render", "good.json", "--direction", "RL"], 2, "", "Usage: archgen render"),
        (["render", "good.json", "--theme", "neon"], 2, "", "Usage: archgen render"),
        (["render", "good.json", "--dpi", "0"], 2, "", "Usage: archgen render"),
        (["render", "good.json", "--dpi", "96"], 2, "", 'error: svg has no option "dpi"\n  hint: it is for png\n'),
        (["render", "good.json", "-o", "a.txt", "--legend"], 2, "", 'error: ascii has no option "legend"\n  hint:'),
        (["render", "good.json", "--style", "volumes", "--format", "html"], 2, "", "error: the style volumes is not"),
        (["render", "good.json", "--highlight", "dens"], 2, "", 'error: there is no layer or block "dens"'),
        (["codegen"], 2, "", "error: there is no spec in specs/\n"),
        (["codegen", "bad.json"], 1, "", SAID_OF_BAD),
        (["codegen", "good.json", "--check", "-o", "-"], 2, "", "error: --check and --diff compare with files"),
        (["run", "bad.json"], 1, "", SAID_OF_BAD),
        (["run", "nothing.json"], 2, "", "error: there is no file"),
        (["verify", "bad.json"], 1, "", SAID_OF_BAD),
        (["verify"], 2, "", "Usage: archgen verify"),
        (["layers", "Densee"], 2, "", "error: there is no op 'Densee'\n  hint: did you mean \"Dense\"?\n"),
        (["new", "2nd"], 2, "", 'error: the name "2nd" is not an identifier\n  hint: write "n2nd"'),
        (["new", "class"], 2, "", 'error: the name "class" is a Python keyword\n  hint: write "class_"\n'),
        (["new", "random"], 2, "", "error: the script would be called random.py and hide a module\n"),
        (["new", "net", "--like", "cn"], 2, "", "error: there is no example 'cn'\n  hint: did you mean"),
        (["new", "good", "-o", "good.json"], 2, "", "error: good.json is there already\n"),
        (["schema", "-o", "."], 2, "", "error: cannot write '.': Is a directory\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)  # fmt: skip
def test_status(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], status: int, out: str, err: str
) -> None:
    """Where something is wrong, nothing is written: no file, and on standard output problems of ``check`` only."""
    monkeypatch.setenv("PATH", str(folder))
    found = run(*arguments)
    assert (found[0], found[1], found[2][: len(err)]) == (status, out, err)
    assert listing(folder) == ["bad.json", "good.json"]


def test_parameters_can_be_set(run: Run, folder: Path) -> None:
    (folder / "a.json").write_text(GOOD.replace('"nodes"', '"params": {"n": 3}, "nodes"').replace("3}]", '"$n"}]'))
    assert json.loads(run("summary", "a.json", "--set", "n=5", "--format", "json")[1])["parameters"] == 25
    assert run("check", "a.json", "--set", "n=0")[1].startswith('a.json:1:104: error[bad-argument]: "units": expected')


@pytest.mark.parametrize("command", [["check"], ["summary"], ["render", "-o", "-"], ["codegen", "-o", "-"]])
def test_standard_input(run: Run, folder: Path, command: list[str]) -> None:
    status, out, err = run(*command, "-", stdin=GOOD)
    assert (status, err) == (0, "") and bool(out) == (command != ["check"])
    status, out, err = run(*command, "-", stdin=BAD)
    assert (status, out + err) == (1, SAID_OF_BAD.replace("bad.json", "<stdin>"))
    assert listing(folder) == ["bad.json", "good.json"]


@pytest.mark.parametrize("command", ["render", "codegen", "verify"])
def test_problems_of_all_specs_are_told_before_anything_is_done(run: Run, folder: Path, command: str) -> None:
    status, out, err = run(command, "good.json", "-", "bad.json", stdin="{")
    assert (status, out) == (1, "") and err.startswith("<stdin>:1:2: error[not-json]") and err.endswith(SAID_OF_BAD)
    assert listing(folder) == ["bad.json", "good.json"]


def test_problems_as_json(run: Run) -> None:
    assert json.loads(run("check", "good.json", "--format", "json")[1]) == []
    status, out, _ = run("check", "bad.json", "--format", "json")
    assert (status, json.loads(out)) == (
        1,
        [
            {
                "file": "bad.json",
                "line": 2,
                "column": 17,
                "code": "unknown-argument",
                "message": 'Dense has no argument "unit"',
                "path": "nodes[1].unit",
                "trail": [],
                "details": [],
                "hint": 'did you mean "units"?',
            }
        ],
    )


def test_problems_as_annotations(run: Run, folder: Path) -> None:
    (folder / "a,b:c%d.json").write_text(BAD.replace('"unit": 3', '"units": 3, "%\\n::error::": 3'))
    assert run("check", "a,b:c%d.json", "--format", "github")[1] == (
        "::error file=a%2Cb%3Ac%25d.json,line=2,col=29,title=unknown-argument::"
        'Dense has no argument "%25\\n::error::"%0A  at nodes[1]["%25\\n::error::"]%0A'
        "  hint: take it out; its arguments are units, activation, use_bias, kernel_initializer, bias_initializer, "
        "kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint, trainable, "
        "dtype\n"
    )


def test_a_file_that_cannot_be_read_as_annotation(run: Run) -> None:
    status, out, _ = run("check", "good.json", "no:%thing.json", "--format", "github")
    assert (status, out) == (2, "::error title=unreadable::there is no file 'no:%25thing.json'\n")


# Files


def test_render(run: Run, folder: Path) -> None:
    assert run("render", "good.json") == (0, "", "")
    assert run("render", "good.json", "-o", "a.dot") == (0, "", "")
    assert run("render", "good.json", "-o", "b.DOT") == (0, "", "")
    assert run("render", "good.json", "-o", "c", "--format", "dot") == (0, "", "")
    assert listing(folder) == ["a.dot", "b.DOT", "bad.json", "c/good.dot", "generated/good.svg", "good.json"]
    assert (folder / "generated" / "good.svg").read_text().lstrip().startswith("<?xml")
    assert len({path.read_text() for path in (folder / "a.dot", folder / "b.DOT", folder / "c" / "good.dot")}) == 1


@pytest.mark.parametrize(
    ("form", "suffix", "start"),
    [
        ("svg", ".svg", b"<?xml"),
        ("png", ".png", b"\x89PNG"),
        ("pdf", ".pdf", b"%PDF"),
        ("dot", ".dot", b"digraph {"),
        ("mermaid", ".mmd", b"---\n"),
        ("html", ".html", b"<!DOCTYPE html>"),
        ("ascii", ".txt", b""),
    ],
)
def test_every_format_by_its_name_and_by_its_suffix(
    run: Run, folder: Path, form: str, suffix: str, start: bytes
) -> None:
    assert run("render", "good.json", "--format", form) == (0, "", "")
    assert run("render", "good.json", "-o", f"named{suffix}") == (0, "", "")
    written = (folder / "generated" / f"good{suffix}").read_bytes()
    assert written.lower().startswith(start.lower()) and len(written) > 50
    assert (folder / f"named{suffix}").read_bytes() == written


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--direction", "lr"], "rankdir=LR"),
        (["--theme", "Dark"], "#16181D"),
        (["--theme", "paper", "--legend"], "STYLE=ROUNDED"),
        (["--highlight", "dense", "--highlight", "input_layer"], 'class="core highlighted"'),
        (["--detail", "full"], "output (None, 3) float32"),
        (["--expand", "all", "--expand", "1"], "digraph {"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_options_of_a_picture(run: Run, options: list[str], found: str) -> None:
    plain = run("render", "good.json", "--format", "dot", "-o", "-")[1]
    status, out, err = run("render", "good.json", "--format", "dot", "-o", "-", *options)
    assert (status, err) == (0, "") and found in out.replace('"ROUNDED"', "ROUNDED")
    assert (out == plain) == ("--expand" in options)


def test_a_picture_that_takes_too_long(run: Run, folder: Path) -> None:
    status, out, err = run("render", "good.json", "--timeout", "0.0001")
    assert (status, out) == (2, "") and err.startswith("error: drawing takes longer than 0.0001 seconds")
    assert listing(folder) == ["bad.json", "good.json"]


def test_codegen(run: Run, folder: Path) -> None:
    assert run("codegen", "good.json", "--check")[::2] == (
        1,
        "generated/good.py is missing\n  hint: run archgen codegen\n",
    )
    assert run("codegen", "good.json") == (0, "", "")
    assert run("codegen", "good.json", "--check", "--diff") == (0, "", "")
    target = folder / "generated" / "good.py"
    script = target.read_text()
    assert run("codegen", "good.json", "-o", "-") == (0, script, "")
    target.write_text(script.replace("Dense(3)", "Dense(5)"))
    status, out, err = run("codegen", "good.json", "--check", "--diff")
    assert (status, err) == (1, "generated/good.py is stale\n  hint: run archgen codegen\n")
    assert [line for line in out.split("\n") if line[:1] in "+-" and line.strip("+-")] == [
        "--- generated/good.py",
        "+++ generated/good.py (generated)",
        "-            layers.Dense(5),",
        "+            layers.Dense(3),",
    ]
    assert run("codegen", "good.json", "--diff")[0] == 0
    assert target.read_text() != script


def test_codegen_for_commit_hooks(run: Run, folder: Path) -> None:
    command = ("codegen", "good.json", "--fail-on-change")
    written = "generated/good.py was {}, and is written\n  hint: add it to the commit\n"
    assert run(*command) == (1, "", written.format("missing"))
    assert run(*command) == (0, "", "")
    script = (folder / "generated/good.py").read_text()
    (folder / "generated/good.py").write_text("by hand")
    assert run(*command) == (1, "", written.format("stale"))
    assert (folder / "generated/good.py").read_text() == script
    assert run(*command, "--check")[0] == 2
    assert run(*command, "-o", "-")[0] == 2


def test_codegen_takes_all_of_specs(run: Run, folder: Path) -> None:
    (folder / "specs").mkdir()
    for name in ("mlp.json", "cnn.json", "archgen.schema.json"):
        shutil.copy(SPECS / name, folder / "specs")
    assert run("codegen") == (0, "", "")
    assert run("codegen", "--check") == (0, "", "")
    assert listing(folder / "generated") == ["cnn.py", "mlp.py"]


def test_new(run: Run, folder: Path) -> None:
    assert run("new", "mine", "--like", "cnn") == (0, "", "")
    assert listing(folder / "specs") == ["archgen.schema.json", "mine.json"]
    assert run("check", "specs/mine.json") == (0, "", "")
    spec = json.loads((folder / "specs" / "mine.json").read_text())
    assert spec == {**json.loads((SPECS / "cnn.json").read_text()), "name": "mine"}
    assert run("schema")[1] == (folder / "specs" / "archgen.schema.json").read_text()
    (folder / "specs" / "mine.json").write_text("mine")
    assert run("new", "mine")[0] == 2
    assert run("new", "mine", "--force") == (0, "", "")
    assert json.loads(run("new", "other", "-o", "-")[1])["name"] == "other"
    assert run("new", "other", "-o", "there/") == (0, "", "")
    assert listing(folder / "there") == ["archgen.schema.json", "other.json"]


def test_layers(run: Run) -> None:
    status, out, _ = run("layers")
    assert status == 0 and {"core", "  Dense", "ops", "  ops.mean"} <= {
        line.partition("  ")[0] if line[:1] != " " else "  " + line.split()[0] for line in out.split("\n")
    }
    status, out, _ = run("layers", "LSTM")
    assert status == 0 and "  reads: sequences, [initial_state], [mask]\n" in out
    assert max(map(len, out.split("\n"))) < 160


# Help


def commands() -> list[str]:
    return sorted(cli.commands)


@pytest.mark.parametrize("command", commands())
def test_examples_in_the_help_are_commands_that_parse(run: Run, command: str) -> None:
    """The examples name options that there are, and the specs in them are the examples' own."""
    status, out, _ = run(command, "--help")
    examples = re.findall(r"^    archgen (.+)$", out, re.MULTILINE)
    assert status == 0 and examples
    for example in examples:
        words = re.split(r" [<|] ", example)[0].split()
        assert words[0] == command
        for spec in (word for word in words if word.startswith("specs/") and "*" not in word and "schema" not in word):
            assert (ROOT / spec).exists(), spec
        cli.commands[command].make_context(command, words[1:])


def test_version(run: Run) -> None:
    import archgen as package

    assert run("--version") == (0, f"archgen, version {package.__version__}\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    assert "_archgen" in archgen(env={"_ARCHGEN_COMPLETE": f"{shell}_source"}).stdout


def test_completion_of_ops() -> None:
    words = {"COMP_WORDS": "archgen layers conv2", "COMP_CWORD": "2", "_ARCHGEN_COMPLETE": "bash_complete"}
    assert archgen(env=words).stdout.split() == ["plain,Conv2D", "plain,Conv2DTranspose"]


# A terminal


def in_terminal(*arguments: str, **variables: str) -> str:
    """What a command prints in a terminal."""
    import pty

    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM")}
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "archgen", *arguments],
        stdout=child,
        stderr=child,
        cwd=ROOT,
        env={**environment, "TERM": "xterm", **variables},
    )
    os.close(child)
    said = b""
    while True:
        try:
            piece = os.read(parent, 65536)
        except OSError:
            break
        if not piece:
            break
        said += piece
    process.wait(60)
    os.close(parent)
    return said.decode().replace("\r\n", "\n")


def test_colours_and_progress_are_for_terminals(folder: Path) -> None:
    path = str(folder / "bad.json")
    assert in_terminal("check", "specs/mlp.json") == "specs/mlp.json: \x1b[32m\x1b[1mok\x1b[0m\n"
    assert in_terminal("check", path).startswith(f"{path}:2:17: \x1b[31m\x1b[1merror\x1b[0m[unknown-argument]: Dense")
    for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert in_terminal("check", path, **variables) == SAID_OF_BAD.replace("bad.json", path)
    assert in_terminal("render", path.replace("bad", "good"), "-o", str(folder / "a.dot"), NO_COLOR="1") == (
        f"drew: {folder / 'a.dot'}\n"
    )


# Processes


def test_a_reader_that_leaves_is_no_error() -> None:
    for command in (
        ["layers"],
        ["schema"],
        ["render", "specs/resnet50.json", "--expand", "all", "--format", "dot", "-o", "-"],
    ):
        process = subprocess.Popen(
            [sys.executable, "-m", "archgen", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
        )
        assert process.stdout is not None and process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert (process.wait(60), process.stderr.read()) == (0, b"")
        process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_is_an_error() -> None:
    for command in (["layers"], ["schema"], ["check", "specs/mlp.json", "--format", "json"]):
        with open("/dev/full", "w") as full:
            result = archgen(*command, capture_output=False, stdout=full, stderr=subprocess.PIPE)
        assert (result.returncode, result.stderr) == (2, "error: the standard output: No space left on device\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "archgen", "check", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdin is not None and process.stderr is not None
    process.stdin.write(b" " * 1_000_000)  # more than a pipe holds: when it is gone, the command is reading
    process.stdin.flush()
    time.sleep(0.5)
    process.send_signal(number)
    assert (process.wait(30), process.stderr.read()) == (130, b"interrupted\n")
    process.stdin.close()
    process.stderr.close()


FAKE_KERAS = """
import os, pathlib, sys, time
pathlib.Path(os.environ["NOTE"]).write_text(str(os.getpid()))
if os.environ["FATE"] == "sleep":
    time.sleep(60)
sys.exit(int(os.environ["FATE"]))
"""


@pytest.fixture
def fake_keras(folder: Path) -> dict[str, str]:
    """An environment in which generated scripts import a Keras that ends them at once."""
    for module in ("keras", "tensorflow"):
        (folder / "fake" / module).mkdir(parents=True)
        (folder / "fake" / module / "__init__.py").write_text(FAKE_KERAS)
    return {"PYTHONPATH": f"{folder / 'fake'}{os.pathsep}{ROOT}", "NOTE": str(folder / "note"), "FATE": "0"}


@pytest.mark.parametrize(
    ("fate", "options", "status", "err"),
    [
        ("0", [], 0, ""),
        ("5", [], 3, "error: the program generated from good.json ended with exit status 5 after "),
        ("sleep", ["--timeout", "0.5"], 3, "error: the program generated from good.json stopped after "),
    ],
)
def test_run_ends_as_the_script_does(
    folder: Path, fake_keras: dict[str, str], fate: str, options: list[str], status: int, err: str
) -> None:
    result = archgen("run", "good.json", *options, cwd=folder, env={**fake_keras, "FATE": fate})
    assert (result.returncode, result.stdout, result.stderr[: len(err)]) == (status, "", err)
    assert (folder / "runs" / "good" / "good.py").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing_running(
    folder: Path, fake_keras: dict[str, str], number: signal.Signals
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "archgen", "run", "good.json"],
        stderr=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, **fake_keras, "FATE": "sleep"},
    )
    assert process.stderr is not None
    note = Path(fake_keras["NOTE"])
    for _ in range(1500):
        if note.exists() and note.read_text():
            break
        time.sleep(0.02)
    process.send_signal(number)
    assert (process.wait(30), process.stderr.read()) == (130, b"interrupted\n")
    process.stderr.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


# What is imported, and that nothing depends on the order of sets

HEAVY = ("tensorflow", "keras", "black", "graphviz", "pygraphviz", "numpy", "sklearn", "matplotlib")


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["-m", "archgen", "check", "specs/resnet50.json"], (*HEAVY, "jinja2")),
        (["-m", "archgen", "summary", "specs/resnet50.json"], (*HEAVY, "jinja2")),
        (["-m", "archgen", "layers", "Conv2D"], (*HEAVY, "jinja2", "networkx")),
        (["-m", "archgen", "schema"], (*HEAVY, "jinja2", "networkx")),
        (["-m", "archgen", "--help"], (*HEAVY, "jinja2", "networkx", "archgen.layers")),
        (["-c", "import archgen"], (*HEAVY, "jinja2", "networkx", "click", "archgen.errors")),
    ],
)
def test_imports(arguments: list[str], unwanted: tuple[str, ...]) -> None:
    command = [sys.executable, "-X", "importtime", *arguments]
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stderr
    imported = {line.rpartition("|")[2].strip() for line in said.split("\n") if line.startswith("import time:")}
    assert imported.isdisjoint(unwanted) and "archgen" in imported


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "tests/bad.json", "--format", "json"],
        ["schema"],
        ["layers"],
        ["layers", "MultiHeadAttention"],
        ["summary", "specs/resnet50.json", "--format", "json"],
        ["render", "specs/resnet.json", "--format", "dot", "-o", "-"],
    ],
    ids=" ".join,
)
def test_the_same_bytes_whatever_the_hash_seed(folder: Path, arguments: list[str]) -> None:
    mistakes = ROOT / "tests" / "errors" / "nodes.md"
    specs = re.findall(r"```json\n(.*?)```", mistakes.read_text("utf-8"), re.DOTALL)
    (folder / "many.json").write_text(json.dumps({"name": "many", "titel": 1, "nodes": specs, "blocks": {"b": {}}}))
    arguments = [str(folder / "many.json") if word == "tests/bad.json" else word for word in arguments]
    results = [archgen(*arguments, env={"PYTHONHASHSEED": seed}) for seed in ("1", "2")]
    assert results[0].stdout == results[1].stdout != ""
    assert [result.returncode for result in results] == [int(arguments[0] == "check")] * 2
