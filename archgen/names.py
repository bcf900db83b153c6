"""Names: which a spec may give, and how generated code spells them."""

from __future__ import annotations

import builtins
import keyword
import re

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

MODULES = ("keras", "layers", "ops", "np", "argparse", "sys", "csv", "Path", "Figure")
"""What generated scripts import: no variable may hide it."""


def is_identifier(name: object) -> bool:
    """Whether a spec may use this as a name: an ASCII identifier, no keyword, not starting with ``_``.

    (TensorFlow refuses scopes that start with an underscore.)
    """
    return isinstance(name, str) and bool(_IDENTIFIER.fullmatch(name)) and not keyword.iskeyword(name)


def spell(name: str, taken: tuple[str, ...] | frozenset[str] = ()) -> str:
    """The variable for a name: itself, unless it would hide a builtin, an import or another name.

    >>> spell("stem"), spell("input"), spell("layers")
    ('stem', 'input_', 'layers_')
    """
    while keyword.iskeyword(name) or hasattr(builtins, name) or name in MODULES or name in taken:
        name += "_"
    return name
