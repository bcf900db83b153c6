"""What to do where a picture holds too much to be laid out in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from archgen.options import Expand
from archgen.outline import Group, Outline
from archgen.wording import clean, count

NAMED = 3
"""How many blocks are named."""


def burden(shown: Outline) -> str:
    """How much there is to lay out: ``7,002 cards and 8,003 lines``."""
    cards, lines = sum(1 for _ in shown.nodes), len(shown.links)
    return f"{_many(cards, 'card')} and {_many(lines, 'line')}"


def relief(shown: Outline, expand: Expand) -> str:
    """What to collapse: where frames are drawn open, the blocks and models that hold most of the cards."""
    if expand == 0:
        return 'give what recurs a block of its own with "repeat", which is drawn once; try --detail minimal'
    frames: Counter[str] = Counter()
    cards: Counter[str] = Counter()
    for group in _groups(shown):
        name = clean(group.frame.name)
        frames[name] += 1
        cards[name] += sum(1 for _ in group.nodes)
    largest = [f"{name} ({_many(frames[name], 'frame')}, {_many(cards[name], 'card')})"
               for name, _ in cards.most_common(NAMED)]  # fmt: skip
    if not largest:
        return "try --detail minimal"
    return f"collapse {', '.join(largest)} with {_less(expand)}"


def _less(expand: Expand) -> str:
    return "--expand 0" if expand == "all" or expand == 1 else f"--expand 0, or at most {expand - 1}"


def _groups(shown: Outline) -> Iterator[Group]:
    """The outermost frames that are drawn."""
    for item in shown.items:
        if isinstance(item, Group) and not item.only_node:
            yield item


def _many(number: int, word: str) -> str:
    return f"{count(number)} {word}{'s' if number != 1 else ''}"
