"""The public verbs, for programs and notebooks: load, expand, draw, generate, summarize, verify, run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgen.checking import Checked, check, check_program
from archgen.errors import ArchgenError
from archgen.program import Program
from archgen.source import parse, read
from archgen.wording import shorten

if TYPE_CHECKING:
    import networkx

    from archgen.diffing import Comparison
    from archgen.process import Ending
    from archgen.summary import Summary
    from archgen.verification import Report


def load(path: str | Path, params: Mapping[str, Any] | None = None) -> Program:
    """The program in a file, checked as far as it can be without running it.

    ``params`` replaces parameters of the file. Raises ``SpecError`` with every problem, ``ArchgenError`` where the
    file cannot be read.
    """
    return check(read(path), params).sound().program


def loads(text: str, params: Mapping[str, Any] | None = None, *, file: str = "<spec>") -> Program:
    """The program in a text; ``file`` is what messages call it."""
    return check(parse(text, file), params).sound().program


def expand(program: Program) -> networkx.MultiDiGraph:
    """The graph of a program: every node's attribute ``node`` tells its tensors, weights and FLOPs."""
    graph = _checked(program).graph
    assert graph is not None
    return graph


def draw(program: Program, **options: Any) -> str:
    """The picture as DOT source; ``options`` are those of ``render``."""
    return render(program, "dot", **options).decode()


def render(program: Program, format: str = "svg", **options: Any) -> bytes:
    """The figure as ``svg``, ``png``, ``pdf``, ``dot``, ``mermaid``, ``html`` or ``ascii``.

    ``options`` are those of ``archgen render``: ``expand=1`` or ``"all"``, ``direction="LR"``, ``detail="full"``,
    ``theme="dark"``, ``highlight=("stem",)``, ``legend=True``, ``style="volumes"``, ``dpi=300``, ``engine="dot"``,
    ``timeout=60`` (seconds). Raises ``ArchgenError`` where a format takes no such option, where the engine is missing
    or fails, and where the figure would be larger than its format can hold.
    """
    from archgen.figures import figure
    from archgen.options import Options

    return figure(_checked(program), format, Options.of(options))


def generate(program: Program) -> str:
    """The Keras script of a program."""
    from archgen.codegen import generate as write

    checked = _checked(program)
    assert checked.graph is not None
    return write(program, checked.graph, checked.plan)


def summarize(program: Program) -> Summary:
    """The table of layers with outputs, parameters, FLOPs and memory."""
    from archgen.summary import summarize as tabulate

    return tabulate(expand(program))


def diff(before: Program, after: Program) -> Comparison:
    """What differs between two programs: false where that is nothing; as text, JSON, Markdown or one picture.

    >>> one, other = (loads(
    ...     '{"name": "net", "nodes": [{"op": "Input", "shape": [4]}, {"op": "Dense", "units": %d}]}' % units
    ... ) for units in (3, 5))
    >>> [str(difference) for difference in diff(one, other).differences]
    ['dense (Dense): units 3 -> 5']
    """
    from archgen.diffing import compare

    return compare(_checked(before), _checked(after))


def verify(program: Program, *, timeout: float = 600, trust: bool = False) -> Report:
    """Build the generated script with Keras in a process of its own, and compare it with the graph.

    ``trust`` allows the script to import the spec's classes of one's own; without it such a spec is an
    ``ArchgenError``.
    """
    from archgen.verification import verify as compare

    return compare(_checked(program), timeout=timeout, trust=trust)


def run(
    program: Program,
    options: Sequence[str] = (),
    *,
    directory: str | Path = "runs",
    timeout: float = 3600,
    trust: bool = False,
) -> Ending:
    """Generate the script into ``directory/<name>/`` and run it with options, its results beside it.

    ``trust`` is that of ``verify``.
    """
    from archgen.files import write
    from archgen.process import own_modules, require_keras, require_trust, run_script

    require_trust(program, trust)
    require_keras()
    folder = Path(directory) / program.name
    script = folder / f"{program.name}.py"
    write(script, generate(program).encode())
    given = any(option.split("=")[0] == "--output-dir" for option in options)
    # A script that trains nothing writes nothing.
    words = [*([] if given or program.train is None else ["--output-dir", str(folder)]), *options]
    return run_script(script, words, timeout=timeout, environment=own_modules(program))


def _checked(program: Program) -> Checked:
    if not isinstance(program, Program):
        found = shorten(repr(program), 60)
        raise ArchgenError(f"expected a program, found {found}", hint="archgen.load(path) gives one")
    return check_program(program).sound()
