"""The layers whose figures differ: parameters, FLOPs, and what they give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archgen.diffing.naming import call_name
from archgen.diffing.result import Difference, Figures, LayerRow
from archgen.diffing.sites import Sites
from archgen.diffing.views import Item


def rows(sites: Sites, differences: Sequence[Difference]) -> Iterator[LayerRow]:
    """A row for each layer that is new or gone, or has other figures; layers of one call with the same ones are one.

    In the order of the network after; what is gone stands where it was.
    """
    marked = {
        index for each in differences for index in each.marks[1] if each.kind in ("changed", "replaced", "shared")
    }
    groups: dict[tuple[object, ...], tuple[list[Item], Figures | None, Figures | None]] = {}
    for one, other in _together(sites):
        before = _figures(one) if one is not None else None
        after = _figures(other) if other is not None else None
        if before and after and _numbers(before) == _numbers(after) and (other is None or other.index not in marked):
            continue
        item = other if other is not None else one
        assert item is not None
        paths = (one.node.path if one else None, other.node.path if other else None)
        key = (*paths, _numbers(before), _numbers(after))
        groups.setdefault(key, ([], before, after))[0].append(item)
    for items, before, after in groups.values():
        view = (sites.before, sites.after)[items[0].side]
        yield LayerRow(call_name(view, items[0].node.path, items), before, after, len(items))


def _together(sites: Sites) -> Iterator[tuple[Item | None, Item | None]]:
    """All layers of both sides, partners together."""
    following: dict[int, list[Item]] = {}
    last = -1
    for item in sites.before.items:
        partner = sites.partner(item)
        if partner is None:
            following.setdefault(last, []).append(item)
        else:
            last = partner.index
    for item in following.get(-1, ()):
        yield item, None
    for item in sites.after.items:
        yield sites.partner(item), item
        for left in following.get(item.index, ()):
            yield left, None


def _figures(item: Item) -> Figures:
    node = item.node
    return Figures(node.key, node.op, node.outputs, None if node.weights_unknown else node.parameters, node.flops)


def _numbers(figures: Figures | None) -> tuple[object, ...] | None:
    return (figures.op, figures.outputs, figures.parameters, figures.flops) if figures else None
