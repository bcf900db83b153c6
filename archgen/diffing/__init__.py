"""What differs between two architectures: in their networks, and in how they are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from archgen.diffing.addresses import give_addresses
from archgen.diffing.describing import describe
from archgen.diffing.matching import match
from archgen.diffing.result import Comparison, Totals
from archgen.diffing.rows import rows
from archgen.diffing.sites import Sites
from archgen.diffing.views import Interner, Item, View, text
from archgen.summary import Amounts

__all__ = ["Comparison", "compare"]

if TYPE_CHECKING:
    from archgen.checking import Checked


def compare(before: Checked, after: Checked, names: tuple[str, str] | None = None) -> Comparison:
    """Compare two specs without problems; ``names`` are what to call them, by default their files.

    Layers are matched by what they do and by what they stand between, then by their ids: a layer of another name is
    renamed, not removed and added. The matching is the same whichever spec comes first.
    """
    intern = Interner()
    one, other = View(before, intern, 0), View(after, intern, 1)
    give_addresses(one, other)
    if _order(before) <= _order(after):
        to = match(one.items, other.items, intern)
    else:
        to = {index: mate for mate, index in match(other.items, one.items, intern).items()}
    sites = Sites(one, other, to)
    differences, same, rewires = describe(sites)
    return Comparison(
        before,
        after,
        names or (before.program.file, after.program.file),
        differences,
        same,
        tuple(rows(sites, differences)),
        (totals(one.items, one), totals(other.items, other)),
        sites=sites,
        rewires=rewires,
    )


def totals(items: Iterable[Item], view: View) -> Totals:
    """The numbers of a network."""
    amounts = Amounts.of(item.node for item in items)
    weighed = not amounts.parameters_unknown
    return Totals(
        len(view.items),
        amounts.parameters if weighed else None,
        amounts.trainable if weighed else None,
        None if amounts.flops_unknown else amounts.flops,
        None if amounts.memory_unknown else amounts.memory,
    )


def _order(checked: Checked) -> str:
    """Something to tell two specs apart by."""
    return text([checked.program.source.value, checked.program.params])
