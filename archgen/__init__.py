"""archgen: architectures as data, checked, drawn, and compiled into Keras scripts.

>>> import archgen
>>> program = archgen.loads('{"name": "tiny", "nodes": [{"op": "Input", "shape": [4]}, {"op": "Dense", "units": 3}]}')
>>> archgen.expand(program).number_of_nodes()
2
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archgen.api import diff, draw, expand, generate, load, loads, render, run, summarize, verify
    from archgen.errors import ArchgenError, Problem, SpecError

__version__ = "0.1.0"

_ERRORS = ("ArchgenError", "Problem", "SpecError")
__all__ = [
    "ArchgenError",
    "Problem",
    "SpecError",
    "diff",
    "draw",
    "expand",
    "generate",
    "load",
    "loads",
    "render",
    "run",
    "summarize",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Import a verb when it is first used, so that ``import archgen`` costs nothing."""
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module 'archgen' has no attribute {name!r}")
    return getattr(import_module("archgen.errors" if name in _ERRORS else "archgen.api"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
