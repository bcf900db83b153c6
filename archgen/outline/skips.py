"""Which links are skip connections."""

from __future__ import annotations

from collections.abc import Container, Iterable
from itertools import accumulate
from operator import or_

from archgen.graph import GraphNode
from archgen.outline.shown import Link

ADDITIONS = ("Add", "Average", "ops.add")
"""Ops in which a convolution on the way past others still makes a skip connection."""

PROJECTION = 2
"""The most nodes on such a way: a convolution and its normalization."""


def learns(node: GraphNode) -> bool:
    """Whether it has weights, its own or those of another call."""
    return bool(node.parameters or node.weights_unknown or (node.shares is not None and node.category != "input"))


def mark_skips(links: list[Link], sums: Container[str], learning: Container[str]) -> None:
    """Mark the skip connections among the links of an acyclic graph.

    A link is one where its tail also reaches its head another way. At a node of ``sums`` so are all links of a branch
    of up to ``PROJECTION`` nodes in a row, if what the branch reads also reaches the node by way of more nodes, and
    more of those in ``learning``: otherwise neither of two branches passes the other.
    """
    giving, reading = _by_ends(links)
    depth = _depths(giving, reading)
    # A bit for each node, so that a set of them is a number; and what leads to each, until its last reader is done.
    place = {key: 1 << number for number, key in enumerate(sorted(depth, key=depth.__getitem__))}
    learned = _learned(place, reading, learning)
    above: dict[str, int] = {}
    waiting = {tail: len(links) for tail, links in giving.items()}
    for head in place:
        into = reading.get(head, [])
        tails = list(dict.fromkeys(link.tail for link in into))
        if len(tails) > 1:
            branches = {link.tail: _branch(link, giving, reading) if head in sums else [link] for link in into}
            others = dict(zip(tails, _all_but_one([above[tail] for tail in tails]), strict=True))
            for link in into:
                for length, part in enumerate(branches[link.tail]):
                    own = sum(each.tail in learning for each in branches[link.tail][: length + 1])
                    longer = depth[head] - depth[part.tail] > length + 1
                    past = length == 0 or (longer and learned[head] - learned[part.tail] > own)
                    if past and place[part.tail] & others[link.tail]:
                        for passed in (link, *branches[link.tail][: length + 1]):
                            passed.skip = True
                        break
        above[head] = 0
        for link in into:
            above[head] |= above[link.tail] | place[link.tail]
        for link in into:
            waiting[link.tail] -= 1
            if not waiting[link.tail]:
                del above[link.tail]


def _all_but_one(sets: list[int]) -> list[int]:
    """For each set the union of the others."""
    before = [0, *accumulate(sets[:-1], or_)]
    after = [0, *accumulate(sets[:0:-1], or_)][::-1]
    return [one | other for one, other in zip(before, after, strict=True)]


def length(links: list[Link]) -> int:
    """How many nodes all links of an acyclic graph pass in sum: what it takes to lay them out."""
    giving, reading = _by_ends(links)
    depth = _depths(giving, reading)
    return sum(depth[link.head] - depth[link.tail] - 1 for link in links)


def _by_ends(links: list[Link]) -> tuple[dict[str, list[Link]], dict[str, list[Link]]]:
    """The links by the node that gives, and by the node that reads."""
    giving: dict[str, list[Link]] = {}
    reading: dict[str, list[Link]] = {}
    for link in links:
        giving.setdefault(link.tail, []).append(link)
        reading.setdefault(link.head, []).append(link)
    return giving, reading


def _branch(link: Link, giving: dict[str, list[Link]], reading: dict[str, list[Link]]) -> list[Link]:
    """The links that lead to the head of a link, backwards from it: as far as there is one way only."""
    branch = [link]
    while len(branch) <= PROJECTION and len(reading.get(branch[-1].tail, ())) == len(giving[branch[-1].tail]) == 1:
        branch.append(reading[branch[-1].tail][0])
    return branch


def _learned(order: Iterable[str], reading: dict[str, list[Link]], learning: Container[str]) -> dict[str, int]:
    """How many nodes of ``learning`` there are on the way to each node on which there are most."""
    learned: dict[str, int] = {}
    for key in order:
        into = (learned[link.tail] + (link.tail in learning) for link in reading.get(key, ()))
        learned[key] = max(into, default=0)
    return learned


def _depths(giving: dict[str, list[Link]], reading: dict[str, list[Link]]) -> dict[str, int]:
    """How many links the longest way to each node has."""
    depth = {key: 0 for key in (*giving, *reading)}
    waiting = {head: len(into) for head, into in reading.items()}
    ready = [key for key in giving if key not in reading]
    while ready:
        key = ready.pop()
        for link in giving.get(key, ()):
            depth[link.head] = max(depth[link.head], depth[key] + 1)
            waiting[link.head] -= 1
            if not waiting[link.head]:
                ready.append(link.head)
    return depth
