"""Names: which a spec may give, and how generated code spells them."""

from __future__ import annotations

import builtins
import json
import keyword
import re
import sys
import unicodedata
from collections.abc import Container

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MODULE = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]*(\.(?!__)[A-Za-z_][A-Za-z0-9_]*)*")
LONGEST_MODULE = 200

MODULES = ("keras", "layers", "ops", "np", "argparse", "sys", "csv", "Path", "Figure")
"""What generated scripts import: no variable may hide it."""

SCRIPT_CLASSES = ("CLASSES", "Figure", "GAN", "MinMaxScaler", "Path", "StandardScaler")
"""What generated scripts define or import under names that start with a capital: no class of one's own can have one."""

LIBRARIES = ("keras", "tensorflow", "jax", "torch", "numpy", "sklearn", "matplotlib", "scipy", "pandas", "h5py", "PIL")


def hides_module(name: str) -> bool:
    """Whether a script of this name would stand in the way of a module that scripts beside it import."""
    return name in LIBRARIES or (name in sys.stdlib_module_names and name not in ("test", "this"))


def is_identifier(name: object) -> bool:
    """Whether a spec may use this as a name: an ASCII identifier, no keyword, not starting with ``_``.

    (TensorFlow refuses scopes that start with an underscore.)
    """
    return isinstance(name, str) and bool(_IDENTIFIER.fullmatch(name)) and not keyword.iskeyword(name)


def is_module(name: object) -> bool:
    """Whether this is the dotted name of a module, and nothing else.

    >>> is_module("my_package.layers"), is_module(".layers"), is_module("os; x"), is_module("a.class")
    (True, False, False, False)
    """
    return (
        isinstance(name, str)
        and len(name) <= LONGEST_MODULE
        and bool(_MODULE.fullmatch(name))
        and not any(map(keyword.iskeyword, name.split(".")))
    )


def is_text(value: str) -> bool:
    """Whether a string is Unicode text: without halves of surrogate pairs, which a command line can smuggle in."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def misnamed(what: str, name: object) -> tuple[str, str]:
    """What is wrong with something that is no identifier, and what to write.

    >>> misnamed("the id", "class")
    ('the id "class" is a Python keyword', 'write "class_"')
    >>> misnamed("the id", "2nd conv")
    ('the id "2nd conv" is not an identifier', 'write "n2nd_conv": letters, digits and _, a letter first')
    """
    shown = json.dumps(name, ensure_ascii=False)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    if isinstance(name, str) and keyword.iskeyword(name):
        return f"{what} {shown} is a Python keyword", f'write "{name.lower()}_"'
    rule = "letters, digits and _, a letter first"
    near = _identifier(name)
    return f"{what} {shown} is not an identifier", f'write "{near}": {rule}' if near else rule


def _identifier(name: object) -> str | None:
    """An identifier that resembles a text."""
    if not isinstance(name, str):
        return None
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    near = re.sub(r"[^A-Za-z0-9]+", "_", letters).strip("_")[:40]
    if near[:1].isdigit():
        near = f"n{near}"
    return near if is_identifier(near) else None


def spell(name: str, taken: Container[str] = ()) -> str:
    """The variable for a name: itself, unless it would hide a builtin, an import or another name.

    >>> spell("stem"), spell("input"), spell("layers")
    ('stem', 'input_', 'layers_')
    """
    while keyword.iskeyword(name) or hasattr(builtins, name) or name in MODULES or name in taken:
        name += "_"
    return name
