"""The brackets below volumes: what is repeated, and the outermost blocks and models."""

from __future__ import annotations

from dataclasses import dataclass

from archgen.graph import Frame
from archgen.volumes.chain import Chain
from archgen.volumes.repeats import Drawn, Repeat
from archgen.wording import brief, call, clean


@dataclass(slots=True)
class Bracket:
    """From one drawn volume to another, by their positions in the chain; ``level`` counts from the volumes down."""

    first: int
    last: int
    words: str
    kind: str
    title: str
    level: int = 0


def brackets_of(chain: Chain, drawn: Drawn) -> list[Bracket]:
    """The brackets, in order: those inside others before them."""
    brackets: dict[tuple[int, int], Bracket] = {}
    _of_repeats(chain, drawn.items, brackets)
    for frame, first, last in _frames(chain, list(drawn.shown)):
        if (first, last) not in brackets:
            brackets[first, last] = Bracket(first, last, brief(frame.label), frame.kind, _title(frame))
    found = sorted(brackets.values(), key=lambda bracket: (bracket.last - bracket.first, bracket.first))
    for number, bracket in enumerate(found):
        inner = [each.level for each in found[:number] if bracket.first <= each.first and each.last <= bracket.last]
        bracket.level = max(inner, default=-1) + 1
    return found


def _of_repeats(chain: Chain, items: list[int | Repeat], brackets: dict[tuple[int, int], Bracket]) -> None:
    """Add a bracket for each repeat of several volumes."""
    for item in items:
        if not isinstance(item, Repeat) or item.stride == 1:
            continue
        _of_repeats(chain, item.items, brackets)
        shown = list(item.shown)
        turn = range(shown[0], shown[0] + item.stride)
        same = [frame for frame in chain.frames[shown[0]] if all(frame in chain.frames[number] for number in turn)]
        # A frame that goes on into the next turn is not that of a turn.
        own = [frame for frame in same if frame not in _frames_at(chain, turn.stop)]
        words = f"{brief(own[0].name)} ×{item.times}" if own else f"×{item.times}"
        title = _title(own[0]) if own else "repeat"
        kind = own[0].kind if own else "repeat"
        brackets[shown[0], shown[-1]] = Bracket(shown[0], shown[-1], words, kind, f"{title}, {item.times} times")


def _frames_at(chain: Chain, number: int) -> list[Frame]:
    return chain.frames[number] if number < len(chain.frames) else []


def _frames(chain: Chain, shown: list[int]) -> list[tuple[Frame, int, int]]:
    """The outermost frames, each with the first and the last volume drawn in it."""
    found: list[tuple[Frame, int, int]] = []
    for number in shown:
        if not chain.frames[number]:
            continue
        frame = chain.frames[number][0]
        if found and found[-1][0] is frame:
            found[-1] = (frame, found[-1][1], number)
        else:
            found.append((frame, number, number))
    return found


def _title(frame: Frame) -> str:
    return clean(f"{frame.kind} {frame.label}: {call(frame.name, frame.arguments)}")
