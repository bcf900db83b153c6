"""What differs in the rest of two files: names and prose, parameters, training, parts that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archgen.diffing.calls import contrast, unlike
from archgen.diffing.naming import part_name, place
from archgen.diffing.result import ABSENT, Difference, Kind, Place, Values
from archgen.diffing.sites import Sites
from archgen.diffing.views import View, part_of, plain, text
from archgen.program import Part, Program
from archgen.source import Path, show_path

PROSE = ("name", "title", "description")


def settings(before: Program, after: Program) -> Iterator[Difference]:
    """The name and prose of the file, and the modules of classes of one's own."""
    for word in PROSE:
        values = (getattr(before, word), getattr(after, word))
        if values[0] != values[1]:
            yield _difference(before, after, "setting", word, (word,), *values)
    for name, (one, other) in unlike(before.imports, after.imports).items():
        yield _difference(before, after, "setting", f"import {name}", ("imports", name), one, other)


def training(before: Program, after: Program) -> Iterator[Difference]:
    """What ``train`` says."""
    if before.train is None or after.train is None:
        if before.train is not after.train:
            text = "added" if before.train is None else "removed"
            sides = [
                None if p.train is None else Place("train", p.source.find(("train",), key=True)[0])
                for p in (before, after)
            ]
            yield Difference("training", "train", text, _two(sides))
        return
    for path, (one, other) in _leaves(plain(before.train), plain(after.train), ()):
        yield _difference(before, after, "training", show_path(path), ("train", *path), one, other)


def _leaves(one: Mapping[str, Any], other: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, tuple[Any, Any]]]:
    """The values that differ, each with the way to it: inside objects of one op too."""
    for name, (left, right) in unlike(one, other).items():
        inside = isinstance(left, dict) and isinstance(right, dict) and left.get("op") == right.get("op")
        if inside:
            yield from _leaves(left, right, (*path, name))
        else:
            yield (*path, name), (left, right)


def parameters(sites: Sites) -> list[Difference]:
    """Parameters of the file and of its blocks and sub-models that have other values."""
    before, after = sites.before.program, sites.after.program
    found = [
        _difference(before, after, "parameter", f"parameter {name}", ("params", name), one, other, name)
        for name, (one, other) in unlike(plain(before.params), plain(after.params)).items()
    ]
    for left, right in sites.parts.items():
        ones, others = sites.before.parts[left], sites.after.parts[right]
        for name, (one, other) in unlike(plain(ones.params), plain(others.params)).items():
            what = f"parameter {name} of {part_name(right)}"
            values: Values = {name: (one, other)}
            places = [
                (
                    Place(f"{path}.params.{name}", program.source.find((*part.path, "params", name), key=True)[0])
                    if name in part.params
                    else None
                )
                for path, part, program in ((left, ones, before), (right, others, after))
            ]
            found.append(Difference("parameter", what, " -> ".join(contrast(one, other)), _two(places), values=values))
    return found


def unused(sites: Sites) -> Iterator[Difference]:
    """Blocks and sub-models that no network uses, where one file has them, or has them otherwise."""
    used = [{part_of(path) for path in sites.turns[side]} for side in (0, 1)]
    names = dict.fromkeys((*sites.before.parts, *sites.after.parts))
    for name in names:
        views = [
            view if name in view.parts and name not in used[view.side] else None for view in (sites.before, sites.after)
        ]
        if any(
            view is None and name in other.parts for view, other in zip(views, (sites.before, sites.after), strict=True)
        ):
            continue
        here = [place(view, name) if view else None for view in views]
        if views[0] is None or views[1] is None:
            word = "added" if views[0] is None else "removed"
            yield Difference("restructured", part_name(name), f"{word}, which nothing uses", _two(here))
        elif _written(views[0], name) != _written(views[1], name):
            yield Difference("restructured", part_name(name), "written otherwise, which nothing uses", _two(here))


def _written(view: View, name: str) -> str:
    part: Part = view.parts[name]
    value = view.program.source.value
    for step in part.path:
        value = value[step]
    return text(value)


def _difference(
    before: Program, after: Program, kind: Kind, what: str, path: Path, one: Any, other: Any, name: str | None = None
) -> Difference:
    places = [
        None if value is ABSENT or value is None else Place(show_path(path), program.source.find(path, key=True)[0])
        for program, value in ((before, one), (after, other))
    ]
    values: Values = {name or what: (one, other)}
    words = contrast(*(ABSENT if value is None else value for value in (one, other)))
    return Difference(kind, what, " -> ".join(words), _two(places), values=values)


def _two(places: list[Place | None]) -> tuple[Place | None, Place | None]:
    return places[0], places[1]
