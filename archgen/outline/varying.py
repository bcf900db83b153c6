"""How what varies from turn to turn reads, in a few words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import groupby
from math import prod
from typing import Any

from archgen.graph import GraphNode
from archgen.outline.shown import Group, Presence
from archgen.tensors import Tensor
from archgen.wording import arguments_by_name, brief, call, clean, count, flow, heading

LISTED = 6
"""The most values that are all listed."""

NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def span(texts: Sequence[str]) -> str:
    """Texts, one of each turn, as one: ``or`` between two, and from the first to the last where numbers rise or fall.

    What all begin and end with is said once.

    >>> span(["stride 1", "stride 2", "stride 1"]), span(["64 filters", "128 filters", "256 filters", "64 filters"])
    ('stride 1 or 2', '64 … 256 filters')
    >>> span(["tanh", "relu", "gelu"]), span(["rate 0.3", "rate 0.1", "rate 0.2"])
    ('tanh, relu or gelu', 'rate 0.1 … 0.3')
    """
    distinct = list(dict.fromkeys(texts))
    if len(distinct) == 1:
        return distinct[0]
    before, words, after = _common_words(distinct)
    if len(words) == 2:
        middle = " or ".join(words)
    elif numbers := _numbers(words):
        rising = numbers in (sorted(numbers), sorted(numbers, reverse=True))
        ordered = words if rising else [word for _, word in sorted(zip(numbers, words, strict=True))]
        middle = f"{ordered[0]} … {ordered[-1]}"
    elif len(words) == 3:
        middle = f"{', '.join(words[:-1])} or {words[-1]}"
    else:
        middle = f"{', '.join(words[:2])} or {len(words) - 2} more"
    return " ".join(part for part in (before, middle, after) if part)


def in_turn(texts: Sequence[str]) -> str:
    """Texts, one of each turn, in the order of the turns, those that stay the same counted; the span of too many.

    >>> in_turn(["64", "64", "64", "128"]), in_turn(["64", "32", "16"])
    ('64 ×3, 128', '64, 32, 16')
    >>> in_turn(["1", "2"] * 4)
    '1 or 2'
    """
    runs = [(text, len(list(same))) for text, same in groupby(texts)]
    if len(runs) > LISTED:
        return span(texts)
    return ", ".join(f"{text} ×{times}" if times > 1 else text for text, times in runs)


def shapes(tensors: Sequence[Tensor], say: Callable[[Tensor], str] = flow) -> str:
    """Tensors: a few each, more from the first to the last, or from the smallest to the largest where they do not grow
    or shrink all the way; nothing of none. Dimensions that all begin with are said once.

    >>> shapes([Tensor((None, 8, 8, 3)), Tensor((None, 4, 4, 6)), Tensor((None, 2, 2, 12))])
    '8×8×3 … 2×2×12'
    >>> shapes([Tensor((None, 8, 8, width)) for width in (4, 8)]), shapes([Tensor((None, n)) for n in (64, 256, 128)])
    ('8×8×4 or 8', '64, 256 or 128')
    >>> shapes([Tensor((None, n)) for n in (64, 16, 4, 32, 128)])
    '4 … 128'
    """
    distinct = list(dict.fromkeys(tensors))
    texts = _same_start(list(dict.fromkeys(map(say, distinct))) or [""])
    if len(texts) == 1:
        return texts[0]
    short = "×" not in texts[-1] and " " not in texts[-1]
    if len(texts) <= (3 if short else 2):
        return f"{', '.join(texts[:-1])} or {texts[-1]}"
    ends = distinct if _monotonic(distinct) else sorted(distinct, key=_size)
    return " … ".join(_same_start([say(ends[0]), say(ends[-1])]))


def _same_start(texts: list[str]) -> list[str]:
    """Shapes of which all but the first are without all their dimensions but the last, where these are the same."""
    if len({text.rpartition("×")[0] for text in texts}) > 1 or any(" " in text for text in texts):
        return texts
    return [texts[0], *(text.rpartition("×")[2] for text in texts[1:])]


def _monotonic(tensors: Sequence[Tensor]) -> bool:
    """Whether each dimension stays the same, grows or shrinks all the way."""
    if len({len(tensor.shape) for tensor in tensors}) > 1:
        return False
    for sizes in zip(*(tensor.shape for tensor in tensors), strict=True):
        known = [size or 0 for size in sizes]
        if known not in (sorted(known), sorted(known, reverse=True)):
            return False
    return True


def _size(tensor: Tensor) -> int:
    return prod(size or 1 for size in tensor.shape)


def arguments(nodes: Sequence[GraphNode], *, full: bool = False) -> list[str]:
    """The arguments that matter of nodes that are shown as one, in a few words each."""
    found = _phrases(nodes, full)
    return [_varied(texts) for texts in found.values()]


def arguments_in_turn(nodes: Sequence[GraphNode], *, full: bool = False) -> tuple[list[str], list[str]]:
    """The arguments that matter of the turns of a repeated layer: those that stay the same, and those that do not."""
    found = _phrases(nodes, full)
    same = [texts[0] for texts in found.values() if len(set(texts)) == 1]
    varied = []
    for texts in found.values():
        if len(set(texts)) > 1:
            before, words, after = _common_words(texts)
            varied.append(" ".join(part for part in (before, in_turn(words), after) if part))
    return same, varied


def _phrases(nodes: Sequence[GraphNode], full: bool) -> dict[str, list[str]]:
    """By argument what is said of it in each node; of all where it is said of any."""
    declared = list({id(node.declared): node.declared for node in nodes}.values())
    names = dict.fromkeys(name for each in declared for name in arguments_by_name(each, full=full))
    said = {id(each): arguments_by_name(each, full=full, also=names) for each in declared}
    return {name: [said[id(node.declared)][name] for node in nodes] for name in said[id(declared[0])]}


def _varied(texts: Sequence[str]) -> str:
    """What is said of an argument; of a word that is there or not in how many it is."""
    for text in texts:
        if text.startswith("no ") and any(other in (text[3:], f"use {text[3:]}") for other in texts):
            return f"{text} in {texts.count(text)} of {len(texts)}"
    return span(texts)


def parameters(amounts: Sequence[int], times: int | None) -> str:
    """How many parameters there are, as an amount.

    >>> parameters([1], 1), parameters([16, 16], 2), parameters([16, 1024], 1)
    ('1 parameter', '2 × 16 parameters', '1,040 parameters in all')
    """
    return amount(amounts, times, "parameter" if set(amounts) == {1} else "parameters", count)


def amount(amounts: Sequence[int | None], times: int | None, unit: str, say: Callable[[int | None], str]) -> str:
    """What each of several frames has, ``times`` as often; all together where they differ, or ``times`` is ``None``."""
    if len(set(amounts)) > 1 or times is None:
        known = [each for each in amounts if each is not None]
        return f"{say(sum(known) if len(known) == len(amounts) else None)} {unit} in all"
    return f"{times} × {say(amounts[0])} {unit}" if times > 1 else f"{say(amounts[0])} {unit}"


def present(presence: Presence | None) -> str:
    """In how many turns something is; nothing where it is in all.

    >>> present((4, 16)), present(None)
    ('in 4 of 16', '')
    """
    return f"in {presence[0]} of {presence[1]}" if presence else ""


def use_of(group: Group) -> tuple[str, list[str]]:
    """What a frame is known by, and what else there is to say of it: what it is a use of, with which arguments, in how
    many of the turns around it, and which turns it stands for."""
    label, use = heading(group.frame, group.times)
    if len(group.counts) > 1:
        # Its label begins with that of the first of the turns around it.
        label = label.removeprefix(f"{clean(group.frame.call.rpartition('/')[0].rpartition('/')[2])}_")
    given = [frame.arguments for frame in group.frames]
    names = dict.fromkeys(name for each in given for name in each)
    same = {name: given[0][name] for name in names if _alike([each.get(name) for each in given])}
    varied = [name for name in names if name not in same]
    if varied:
        use = call(group.frame.name, same) if same else clean(group.frame.name)
    lines = [use] if use and use != label else []
    lines += [f"{clean(name)} {in_turn([brief(each.get(name)) for each in given])}" for name in varied]
    part = "" if label.endswith(f"_{group.frame.turn}") else group.part
    return label, [*lines, *(text for text in (part, present(group.presence)) if text)]


def _alike(values: Sequence[Any]) -> bool:
    return len({brief(value, 200) for value in values}) == 1


def _common_words(texts: Sequence[str]) -> tuple[str, list[str], str]:
    """The words that all texts begin with, what differs, and the words that all end with."""
    split = [text.split(" ") for text in texts]
    shortest = min(map(len, split))
    start = 0
    while start < shortest - 1 and len({words[start] for words in split}) == 1:
        start += 1
    end = 0
    while end < shortest - 1 - start and len({words[-1 - end] for words in split}) == 1:
        end += 1
    middles = [" ".join(words[start : len(words) - end]) for words in split]
    return " ".join(split[0][:start]), middles, " ".join(split[0][len(split[0]) - end :])


def _numbers(words: Sequence[str]) -> list[tuple[float, ...]]:
    """The numbers in each text, if they differ in nothing else."""
    if len({NUMBER.sub("#", word) for word in words}) > 1 or not NUMBER.search(words[0]):
        return []
    return [tuple(map(float, NUMBER.findall(word))) for word in words]
