"""Which links are skip connections."""

from __future__ import annotations

from collections.abc import Container

from archgen.outline.shown import Link

ADDITIONS = ("Add", "Average", "ops.add")
"""Ops in which a convolution on the way past others still makes a skip connection."""

PROJECTION = 2
"""The most nodes on such a way: a convolution and its normalization."""


def mark_skips(links: list[Link], sums: Container[str]) -> None:
    """Mark the skip connections among the links of an acyclic graph.

    A link is one where its tail also reaches its head another way. At a node of ``sums`` so are all links of a branch
    of up to ``PROJECTION`` nodes in a row, if what the branch reads also reaches the node by way of more nodes.
    """
    giving: dict[str, list[Link]] = {}
    reading: dict[str, list[Link]] = {}
    for link in links:
        giving.setdefault(link.tail, []).append(link)
        reading.setdefault(link.head, []).append(link)
    depth = _depths(giving, reading)
    for head, into in reading.items():
        tails = dict.fromkeys(link.tail for link in into)
        if len(tails) < 2:
            continue
        branches = {link.tail: _branch(link, giving, reading) if head in sums else [link] for link in into}
        floor = min(depth[branch[-1].tail] for branch in branches.values())
        above = {tail: _ancestors(tail, reading, depth, floor) for tail in tails}
        for link in into:
            others = set().union(*(above[tail] for tail in tails if tail != link.tail))
            for length, part in enumerate(branches[link.tail]):
                if part.tail in others and (length == 0 or depth[head] - depth[part.tail] > length + 1):
                    for passed in (link, *branches[link.tail][: length + 1]):
                        passed.skip = True
                    break


def length(links: list[Link]) -> int:
    """How many nodes all links of an acyclic graph pass in sum: what it takes to lay them out."""
    giving: dict[str, list[Link]] = {}
    reading: dict[str, list[Link]] = {}
    for link in links:
        giving.setdefault(link.tail, []).append(link)
        reading.setdefault(link.head, []).append(link)
    depth = _depths(giving, reading)
    return sum(depth[link.head] - depth[link.tail] - 1 for link in links)


def _branch(link: Link, giving: dict[str, list[Link]], reading: dict[str, list[Link]]) -> list[Link]:
    """The links that lead to the head of a link, backwards from it: as far as there is one way only."""
    branch = [link]
    while len(branch) <= PROJECTION and len(reading.get(branch[-1].tail, ())) == len(giving[branch[-1].tail]) == 1:
        branch.append(reading[branch[-1].tail][0])
    return branch


def _ancestors(key: str, reading: dict[str, list[Link]], depth: dict[str, int], floor: int) -> set[str]:
    """The nodes of at least some depth that lead to a node."""
    found: set[str] = set()
    stack = [key]
    while stack:
        for link in reading.get(stack.pop(), ()):
            if link.tail not in found and depth[link.tail] >= floor:
                found.add(link.tail)
                stack.append(link.tail)
    return found


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
