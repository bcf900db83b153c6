"""What layers, calls and parts are called in the words of a comparison."""

from __future__ import annotations

from collections.abc import Sequence

from archgen.diffing.result import Place
from archgen.diffing.views import Item, View, part_of
from archgen.wording import clean, shorten

LONGEST = 60
"""Characters of a name."""

MOST = 3
"""Names in a row."""


def place(view: View, path: str) -> Place:
    """Where a call or a part stands."""
    source = view.program.source
    call = view.calls.get(path)
    if call is not None:
        return Place(path, source.find(call.path)[0])
    part = view.parts.get(path)
    return Place(path, source.find(part.path, key=True)[0] if part is not None else 1)


def call_name(view: View, path: str, items: Sequence[Item] = ()) -> str:
    """A call by its id and op, and the block or sub-model it stands in; one that makes a single layer and has no id is
    called by that layer's name."""
    call = view.calls[path]
    name = call.id or (items[0].node.key if len(items) == 1 else None)
    op = items[0].node.op if items and call.kind in ("layer", "op", "again") else call.op
    said = f"{short(name)} ({short(op)})" if name and name != op else short(op)
    part = part_of(path)
    return f"{said} in {short(part.partition('.')[2])}" if part else said


def part_name(path: str) -> str:
    """``block unit`` or ``model encoder``.

    >>> part_name("blocks.unit")
    'block unit'
    """
    kind, _, name = path.partition("s.")
    return f"{kind} {short(name)}"


def layers(items: Sequence[Item]) -> str:
    """Layers by name, the first few of many."""
    names = list(dict.fromkeys(short(item.node.id or item.node.key) for item in items))
    return ", ".join(names[:MOST]) + (", ..." if len(names) > MOST else "")


def short(text: str) -> str:
    return shorten(clean(text), LONGEST)


def many(count: int, word: str) -> str:
    """A count with its noun.

    >>> many(1, "layer"), many(2, "layer")
    ('1 layer', '2 layers')
    """
    return f"{count:,} {word}" + "s" * (count != 1)
