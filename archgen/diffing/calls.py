"""What differs in a call: its arguments, its repetitions, its condition."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archgen.diffing.result import ABSENT, Absent, Values
from archgen.diffing.views import Item, arguments_of, plain
from archgen.layers.base import Required
from archgen.program import Call, Part, expressions
from archgen.wording import clean, shorten

LONGEST = 60
"""Characters of a value in a text."""

MOST = 6
"""Values in a row in a text."""

WHOLE = 36
"""Characters of a list that is told as a whole."""

AROUND = 8
"""Characters of a long text that are shown before and after those that differ."""


@dataclass(slots=True)
class Change:
    """Values before and after by name: those that are other, and those that are the same but written otherwise."""

    values: Values = field(default_factory=dict)
    rewritten: Values = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    """The changed values in words."""

    def tell(self, name: str, one: Any, other: Any, words: Sequence[str] = ()) -> None:
        """Note a value that is other; ``words`` are what to call the two."""
        self.values[name] = (one, other)
        self.texts.append(f"{name} {' -> '.join(words or contrast(one, other))}")


def show(value: Any) -> str:
    """A JSON value in a text.

    >>> show("relu"), show([1, 2]), show("two words"), show("$2 * n"), show(None)
    ('relu', '[1, 2]', '"two words"', '$2 * n', 'null')
    """
    return shorten(_written_out(value), LONGEST)


def contrast(one: Any, other: Any) -> tuple[str, str]:
    """Two JSON values in a text. Of long lists, and of long texts that differ in their middles, what both begin and
    end with is left out.

    >>> contrast([64] * 9 + [128] + [256] * 9, [64] * 9 + [512] + [256] * 9)
    ('[9 alike, 128, 9 alike]', '[9 alike, 512, 9 alike]')
    >>> contrast("a" * 50 + "b" + "c" * 50, "a" * 50 + "d" + "c" * 50)
    ('…aaaaaaaabcccccccc…', '…aaaaaaaadcccccccc…')
    """
    long = max(len(_written_out(one)), len(_written_out(other))) > WHOLE
    if long and isinstance(one, list) and isinstance(other, list):
        start, end = _alike(one, other)
        return _part_of(one, start, end), _part_of(other, start, end)
    words = show(one), show(other)
    if words[0] != words[1]:
        return words
    texts = _written_out(one), _written_out(other)
    start, end = _alike(*texts)
    first, last = max(start - AROUND, 0), max(end - AROUND, 0)
    return _cut(texts[0], first, last), _cut(texts[1], first, last)


def _written_out(value: Any) -> str:
    if isinstance(value, Absent):
        return repr(value)
    simple = isinstance(value, str) and value and value == clean(value) and (" " not in value or value[0] == "$")
    return str(value) if simple else clean(json.dumps(value, ensure_ascii=False))


def _alike(one: Sequence[Any], other: Sequence[Any]) -> tuple[int, int]:
    """How many items two sequences have in common at the start, and how many of the others at the end."""
    shorter = min(len(one), len(other))
    start = next((place for place in range(shorter) if not same(one[place], other[place])), shorter)
    most = shorter - start
    end = next((place for place in range(most) if not same(one[-1 - place], other[-1 - place])), most)
    return start, end


def _part_of(values: list[Any], start: int, end: int) -> str:
    own = [shorten(_written_out(each), LONGEST) for each in values[start : len(values) - end]]
    shown = [*own[:MOST], *(["..."] if len(own) > MOST else [])]
    return f"[{', '.join([*([f'{start} alike'] if start else []), *shown, *([f'{end} alike'] if end else [])])}]"


def _cut(text: str, start: int, end: int) -> str:
    middle = shorten(text[start : len(text) - end], LONGEST)
    return "…" * (start > 0) + middle + "…" * (end > 0)


def names_in(*values: Any) -> set[str]:
    """The names that expressions in some values read."""
    return {name for value in values for _, expression in expressions(value) for name in expression.names}


def layer_arguments(
    pairs: Sequence[tuple[Item, Item]], calls: tuple[Call, Call], causes: set[str], inputs: tuple[str, ...], own: bool
) -> Change:
    """What differs in the arguments of the layers that two calls made, ``pairs`` of them.

    A value is not told that follows, by an expression that both have, from what is told elsewhere: from one of the
    names in ``causes``, or from the shape of one of the part's ``inputs``. Unless the one call is the other's ``own``,
    only values are compared, and not how they are written.
    """
    change = Change()
    found: dict[str, list[tuple[Any, Any]]] = {}
    for one, other in pairs:
        if one.node.shares is None or other.node.shares is None:
            for name, values in unlike(_evaluated(one), _evaluated(other)).items():
                found.setdefault(name, []).append(values)
    lists = [call.repeat.lists if call.repeat else {} for call in calls]
    written = [_written(call, item) for call, item in zip(calls, pairs[0], strict=True)]
    for name in dict.fromkeys((*found, *written[0], *written[1])):
        raw = [values.get(name, ABSENT) for values in written]
        unlike_raw = not same(*map(_plain, raw))
        told = found.get(name, [])
        if own and (name in lists[0] or name in lists[1]):
            continue
        if not told:
            if own and unlike_raw and any(_expressive(value) for value in raw):
                change.rewritten[name] = (_plain(raw[0]), _plain(raw[1]))
        elif unlike_raw and not any(_expressive(value) for value in raw) and name not in (*lists[0], *lists[1]):
            change.tell(name, _plain(raw[0]), _plain(raw[1]))
        elif unlike_raw or not names_in(*raw) & {*causes, *inputs}:
            _tell_values(change, name, told, raw, unlike_raw)
    gives = [_plain(call.gives.value) if call.gives else ABSENT for call in calls]
    if not same(*gives):
        change.tell("output", gives[0], gives[1])
    return change


def use_arguments(
    evaluated: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    calls: tuple[Call, Call],
    parts: tuple[Part, Part],
    causes: set[str],
) -> Change:
    """What differs in the arguments that two calls give to a block; ``evaluated`` are those of each use."""
    change = Change()
    lists = [call.repeat.lists if call.repeat else {} for call in calls]
    for name in dict.fromkeys((*calls[0].arguments, *calls[1].arguments)):
        raw = [call.arguments.get(name, part.params.get(name, ABSENT)) for call, part in zip(calls, parts, strict=True)]
        if name in lists[0] or name in lists[1]:
            continue
        values = [
            pair
            for one, two in evaluated
            if not same(*(pair := (_plain(one.get(name, raw[0])), _plain(two.get(name, raw[1])))))
        ]
        other = not same(*map(_plain, raw))
        if not values:
            if other:
                change.rewritten[name] = (_plain(raw[0]), _plain(raw[1]))
        elif other or not names_in(*raw) & causes:
            _tell_values(change, name, values, raw, other)
    return change


def repetition(calls: tuple[Call, Call], turns: tuple[int, int], causes: set[str]) -> Change:
    """What differs in ``repeat``; ``turns`` are how often the calls are applied."""
    change = Change()
    lists = [call.repeat.lists if call.repeat else {} for call in calls]
    counts = [call.repeat.count if call.repeat and not call.repeat.lists else None for call in calls]
    for name in dict.fromkeys((*lists[0], *lists[1])):
        given = [
            _plain(each[name] if name in each else call.arguments.get(name, ABSENT))
            for each, call in zip(lists, calls, strict=True)
        ]
        if not same(*given):
            change.tell(name, given[0], given[1])
    raw = [_plain(count) for count in counts]
    if turns[0] != turns[1]:
        if same(*raw) and names_in(*counts) & causes:
            return change
        words = [
            f"{show(text)} ({turn})" if isinstance(text, str) and not same(*raw) else str(turn)
            for turn, text in zip(turns, raw, strict=True)
        ]
        change.values = {"repeat": turns, **change.values}
        change.texts.insert(0, f"repeat {' -> '.join(words)}")
    elif not same(*raw) and None not in counts:
        change.rewritten["repeat"] = (raw[0], raw[1])
    return change


def condition(calls: tuple[Call, Call]) -> Change:
    """What differs in ``when``."""
    change = Change()
    given = [ABSENT if call.when is None else plain(call.when).removeprefix("$") for call in calls]
    if not same(*given):
        change.tell("when", given[0], given[1])
    return change


def written_arguments(calls: tuple[Call, Call]) -> Change:
    """What differs in the arguments of calls that made no layer."""
    change = Change()
    for name, (one, other) in unlike(plain(calls[0].arguments), plain(calls[1].arguments)).items():
        change.tell(name, one, other)
    return change


def unlike(one: Mapping[str, Any], other: Mapping[str, Any]) -> Values:
    """The names whose values differ in two objects, with the values."""
    pairs = {name: (one.get(name, ABSENT), other.get(name, ABSENT)) for name in dict.fromkeys((*one, *other))}
    return {name: pair for name, pair in pairs.items() if not same(*pair)}


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same; 1 is not true, and the order of keys does not count.

    >>> same(1, True), same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    (False, True)
    """
    if isinstance(one, Absent) or isinstance(other, Absent):
        return one is other
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _tell_values(change: Change, name: str, values: list[tuple[Any, Any]], raw: Sequence[Any], other: bool) -> None:
    """Note evaluated values of several layers, after the expressions that gave them where these differ."""
    sides: list[Any] = []
    words: list[str] = []
    for side, given in enumerate(raw):
        here: dict[str, Any] = {}
        for pair in values:
            here.setdefault(show(pair[side]), pair[side])
        listed = ", ".join([*list(here)[:MOST], *(["..."] if len(here) > MOST else [])])
        words.append(f"{show(plain(given))} ({listed})" if other and _expressive(given) else listed)
        sides.append(list(here.values()) if len(here) > 1 else next(iter(here.values())))
    change.tell(name, sides[0], sides[1], words)


def _expressive(value: Any) -> bool:
    return any(True for _ in expressions(value))


def _plain(value: Any) -> Any:
    return value if isinstance(value, Absent) else plain(value)


def _evaluated(item: Item) -> dict[str, Any]:
    """The arguments of a layer, and the constants of its call as ``call.NAME``."""
    return {**arguments_of(item.node), **_options({name: plain(value) for name, value in item.node.calls.items()})}


def _written(call: Call, item: Item) -> dict[str, Any]:
    """The arguments as they stand in the file, with the defaults of those that do not."""
    fields = item.node.declared.fields
    defaults = {name: each.default for name, each in fields.items() if not isinstance(each.default, Required)}
    if call.kind == "again":
        return {**defaults, **_options(call.options)}
    return {**defaults, **call.arguments, **_options(call.options)}


def _options(options: Mapping[str, Any]) -> dict[str, Any]:
    return {f"call.{name}": value for name, value in options.items()}
