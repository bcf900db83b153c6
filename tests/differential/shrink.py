"""A failing spec made smaller, as long as it fails in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from tests.differential.grow import Spec, listed, references, rename

WORDS = ("op", "id", "from")
MOST = 150
"""Questions asked about one spec."""


def shrink(spec: Spec, fails: Callable[[Spec], bool]) -> Spec:
    """The smallest of the specs that a few hundred steps lead to."""
    asked = 0
    while True:
        for smaller in steps(spec):
            asked += 1
            if asked > MOST:
                return spec
            if fails(smaller):
                spec = smaller
                break
        else:
            return spec


def steps(spec: Spec) -> Iterator[Spec]:
    """Specs that are a step smaller: a node less, an argument less."""
    parts = [spec, *spec.get("blocks", {}).values(), *spec.get("models", {}).values()]
    for place, part in enumerate(parts):
        for index in reversed(range(len(part["nodes"]))):
            yield from without(spec, place, index)
    for place, part in enumerate(parts):
        for index, node in enumerate(part["nodes"]):
            for name in [name for name in node if name not in WORDS and node["op"] != "Input"]:
                smaller = deepcopy(spec)
                del part_at(smaller, place)["nodes"][index][name]
                yield smaller


def without(spec: Spec, place: int, index: int) -> Iterator[Spec]:
    """The spec without a node: what read it reads what it read, or nothing reads it any more."""
    node = part_at(spec, place)["nodes"][index]
    name = node.get("id")
    if name is None or len(part_at(spec, place)["nodes"]) == 1:
        return
    before = references(node)
    smaller = deepcopy(spec)
    part = part_at(smaller, place)
    del part["nodes"][index]
    users = [each for each in part["nodes"] if any(r.partition("[")[0] == name for r in references(each))]
    if any(each["op"] == name for each in part["nodes"]):
        return
    if users and not before:
        return
    for each in users:
        rename(each, {r: before[0] for r in references(each) if r.partition("[")[0] == name})
    read = {r.partition("[")[0] for each in part["nodes"] for r in references(each)}
    outputs = [r for r in listed(part["outputs"]) if r.partition("[")[0] != name]
    outputs += [r for r in before if r.partition("[")[0] not in read and r not in outputs]
    if outputs:
        part["outputs"] = outputs if len(outputs) > 1 else outputs[0]
        yield smaller


def part_at(spec: Spec, place: int) -> dict[str, Any]:
    parts = [spec, *spec.get("blocks", {}).values(), *spec.get("models", {}).values()]
    part: dict[str, Any] = parts[place]
    return part
