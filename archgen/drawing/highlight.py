"""Layers and blocks that a reader is pointed to."""

from __future__ import annotations

from collections.abc import Sequence

from archgen.errors import ArchgenError, did_you_mean
from archgen.graph import Frame
from archgen.outline import Outline


def highlighted(outline: Outline, ids: Sequence[str]) -> tuple[set[str], set[int]]:
    """The keys of the shown nodes, and the indices of the shown frames, that have one of these ids.

    A node goes by the id that its author gave it, by its Keras name and by its key; a frame by what its call is
    known by, with the number of its turn or without, and with what the frame around it is known by or without. One
    that is shown as another, in a repeat, is marked there.
    Raises ``ArchgenError`` for an id that nothing has.
    """
    keys: dict[str, set[str]] = {}
    for key, nodes in outline.members.items():
        for name in {name for node in nodes for name in (node.id or node.name, node.name, node.key)}:
            keys.setdefault(name, set()).add(key)
    frames: dict[str, set[int]] = {}
    for group in outline.groups:
        for name in {name for frame in group.frames for name in _names(frame)}:
            frames.setdefault(name, set()).add(group.frame.index)
    for one in ids:
        if one not in keys and one not in frames:
            hint = did_you_mean(one, [*keys, *frames]) or "give the id of a layer or block, or a name: archgen summary"
            raise ArchgenError(f'there is no layer or block "{one}" to highlight', hint=hint)
    return set().union(*(keys.get(one, ()) for one in ids)), set().union(*(frames.get(one, ()) for one in ids))


def _names(frame: Frame) -> set[str]:
    around = frame.call.rpartition("/")[0].rpartition("/")[2]
    names = {frame.label, frame.label.removeprefix(f"{around}_")}
    return names | {name.removesuffix(f"_{frame.turn}") for name in names if frame.turns > 1}
