"""Classes of one's own: which a spec imports, and what each use of them declares to give.

Nothing here imports them. Only generated scripts do, when they run.
"""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from typing import Any

from archgen.argument_reader import ArgumentReader
from archgen.expressions import Expression
from archgen.layers import refused
from archgen.layers.base import known
from archgen.layers.imported import GIVEN, OUTPUT
from archgen.layers.kinds import show
from archgen.names import SCRIPT_CLASSES, hides_module, is_identifier, is_module, misnamed
from archgen.program import Call, Gives, Part, Program, expressions
from archgen.source import Path
from archgen.values import ValueReader

EXAMPLE = '{"LayerScale": "my_package.layers"}'
FIRST = "x"
"""What an ``output`` calls the first tensor that its layer reads, unless something else in scope is called so."""


def read_imports(program: Program, values: ValueReader, table: Any) -> None:
    """Read the section ``imports``; who uses a class whose entry has a mistake is silent (``Program.lost``)."""
    if not isinstance(table, dict):
        message = f'"imports" is an object class -> module, found {show(table)}'
        values.mistake("wrong-type", message, ("imports",), hint=f"for example {_as_table(table) or EXAMPLE}")
        values.lost |= _named_in(program)
        return
    for name, module in table.items():
        path = ("imports", name)
        if refusal := _refused_class(name):
            values.mistake("bad-name", refusal[0], path, key=True, hint=refusal[1])
            capital = f"{name[:1].upper()}{name[1:]}"
            values.lost |= {capital} - {*known("layer"), *refused.LAYERS}
        elif refusal := _refused_module(name, module, program.name):
            values.mistake("bad-import", refusal[0], path, hint=refusal[1])
        else:
            program.imports[name] = module
            continue
        if name not in known("layer") and name not in refused.LAYERS:
            values.lost.add(name)


def _as_table(listed: Any) -> str:
    """What a list of classes, each after its module, would be as an object; empty where it is no such list.

    >>> _as_table(["my_layers.Scale"])
    '{"Scale": "my_layers"}'
    """
    pairs = [text.rpartition(".") for text in listed if is_module(text)] if isinstance(listed, list) else []
    return (
        show({name: module for module, _, name in pairs if module}) if all(pair[0] for pair in pairs) and pairs else ""
    )


def _named_in(program: Program) -> set[str]:
    """The ops that could be classes of one's own, where nobody knows which are."""
    found: set[str] = set()
    waiting = [program.source.value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
            op = value.get("op")
            if isinstance(op, str) and op[:1].isupper() and op not in known("layer"):
                found.add(op)
        elif isinstance(value, list):
            waiting += value
    return found


def _refused_class(name: str) -> tuple[str, str] | None:
    """Why a class of one's own cannot have this name, and what to do."""
    other = f'call the class, and write, "My{name}"'
    if not is_identifier(name):
        message, hint = misnamed("the class", name)
        return message, other if keyword.iskeyword(name) else hint
    if not name[0].isupper():
        message = f'the class name "{name}" does not start with a capital, and "op" would look for a block'
        return message, f'call the class, and write, "{name[0].upper()}{name[1:]}"'
    if name in known("layer") or name in refused.LAYERS:
        return f'"{name}" is a layer of Keras', other
    if name in SCRIPT_CLASSES:
        return f'"{name}" is a name that scripts use themselves', other
    if hasattr(builtins, name):
        return f'"{name}" is a builtin of Python', other
    return None


def _refused_module(name: str, module: Any, script: str) -> tuple[str, str] | None:
    """Why a class cannot come from this module, and what to write."""
    what = f"the module of {name}"
    if not isinstance(module, str):
        near = module[0] if isinstance(module, list) and len(module) == 1 else None
        example = f"take the brackets out: {show(near)}" if is_module(near) else 'for example "my_package.layers"'
        return f"{what} is a dotted name in a string, found {show(module)}", example
    if not is_module(module):
        return _misspelt_module(what, module)
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names and hides_module(top):
        message = f'{what}, "{module}", is in the standard library of Python, which has no layers of Keras'
        return message, 'name the module that defines the class, for example "my_package.layers"'
    if top == script:
        message = f'the script would be called {script}.py and hide the module "{top}"'
        return message, f'write "name": "{script}_model"'
    return None


def _misspelt_module(what: str, module: str) -> tuple[str, str]:
    """What is wrong with the text of a module's name."""
    if keywords := [part for part in module.split(".") if keyword.iskeyword(part)]:
        return (
            f'{what}, {show(module)}, holds the Python keyword "{keywords[0]}"',
            f'rename it, for example to "{module}_"',
        )
    if module.startswith(".") and is_module(near := module.lstrip(".")):
        return f"{what}, {show(module)}, is relative, and a script is in no package", f'write "{near}"'
    near = re.sub(r"[/\\]+", ".", module.removesuffix(".py")).strip(".")
    hint = f'write "{near}"' if is_module(near) else 'write it as after "import", for example "my_package.layers"'
    return f"{what}, {show(module)}, is not the dotted name of a module", hint


# What a use declares to give


def read_output(node: dict[str, Any], call: Call, reader: ArgumentReader) -> None:
    """Read the ``output`` of an imported layer."""
    path = (*call.path, OUTPUT)
    if OUTPUT not in node:
        message = f'{call.op} needs "{OUTPUT}": what an imported layer gives is for the spec to say'
        hint = f'add "{OUTPUT}": "same", or a list with one entry for each dimension after the batch'
        reader.mistake("missing-argument", message, call.path, hint=hint)
        return
    value = reader.values.read(node[OUTPUT], path)
    call.gives = Gives(value, _readable(call, reader.part, reader.program))
    waiting = False
    for below, expression in expressions(value):
        waiting = True
        for name in expression.names:
            if name not in call.gives.names:
                _unread(name, expression, call, reader, (*path, *below))
            elif name not in expression.shapes:
                hint = f"write {name}.shape[-1] for its last dimension"
                reader.mistake("bad-expression", f'"{name}" is a tensor', (*path, *below), hint=hint)
    if not waiting:
        with reader.refusals(call, path):
            GIVEN.coerce(value)


def _unread(name: str, expression: Expression, call: Call, reader: ArgumentReader, path: Path) -> None:
    """Tell of a name in an ``output`` that is not in scope."""
    known_here = {*reader.part.inputs, *reader.values.lost}
    if name in expression.shapes and name not in known_here and call.gives is not None:
        reads = ", ".join(f"{each}.shape" for each in call.gives.names)
        hint = f"in scope: {reads}" if reads else 'give what it reads an "id", and write that'
        reader.mistake("unknown-name", f'"{name}" is nothing that {call.op} reads', path, hint=hint)
        return
    reader.name(name, expression, path)


def _readable(call: Call, part: Part, program: Program) -> dict[str, int]:
    """What an ``output`` can ask for its shape: the tensors that the layer reads, by id or as the block calls them."""
    names: dict[str, int] = {}
    for position, reference in enumerate(call.sources.all()):
        name = reference.target if isinstance(reference.target, str) else part.nodes[reference.target].id
        if name is not None and reference.output == 0:
            names.setdefault(name, position)
    taken = {*part.inputs, *part.params, *program.params, *(each.id for each in part.nodes)}
    return names if FIRST in taken else {FIRST: 0, **names}
