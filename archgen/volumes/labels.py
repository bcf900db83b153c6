"""What stands beside volumes, arcs and below brackets, and what their titles say."""

from __future__ import annotations

from collections.abc import Sequence

from archgen.graph import GraphNode
from archgen.tensors import Tensor
from archgen.volumes.chain import Arc, Volume
from archgen.wording import arguments, brief, clean, count, flow, sizes, wrap

LINE, WORD = 19, 26
"""Characters of a line below a volume, and of a word that has one to itself."""

FIRST = "in the first"
"""Said of what the later turns of a repeat lack."""


def size(tensor: Tensor) -> list[str]:
    """The size of one example, in at most two lines."""
    return wrap(flow(tensor), LINE, 2)


def layers(turns: Sequence[Volume], detail: str) -> list[str]:
    """What makes a volume, in all the turns that it is drawn for, and what follows."""
    volume = turns[0]
    if detail == "minimal":
        return wrap(brief(volume.node.op), WORD, 2)
    later = turns[1].node if len(turns) > 1 else volume.node
    full = detail == "full"
    words = [_short(node).replace(" padding ", " ") for node in volume.before]
    words += _made(volume.node, later, volume.tensor, full=full)
    words += [_short(node) for node in volume.after if node.category != "input"]
    lines = packed(words)
    if volume.node.shares is not None and volume.node.category != "input":
        lines += wrap(f"shared with {clean(volume.node.shares)}", LINE, 2)
    if full and (number := sum(node.parameters for each in turns for node in each.nodes)):
        lines += wrap(f"{count(number)} parameters", LINE, 2)
    return lines


def packed(phrases: Sequence[str]) -> list[str]:
    """Phrases in lines, with commas between them; one that is too long for a line has lines of its own.

    >>> packed(["Conv2D 7×7", "stride 2", "BatchNormalization", "ReLU"])
    ['Conv2D 7×7,', 'stride 2,', 'BatchNormalization,', 'ReLU']
    """
    lines: list[str] = []
    for number, phrase in enumerate(phrases):
        comma = "," if number + 1 < len(phrases) else ""
        if lines and len(lines[-1]) + 1 + len(phrase) <= LINE:
            lines[-1] += f" {phrase}{comma}"
            continue
        head, _, rest = phrase.partition(" ")
        lines += [phrase] if len(phrase) <= LINE else wrap(head, WORD, 2) + wrap(rest, LINE, 2)
        lines[-1] += comma
    return lines


def passes(arcs: Sequence[Arc]) -> str:
    """What stands on an arc: the layers on it, where it has any."""
    first, *later = arcs
    if not first.nodes:
        return ""
    words = ", ".join(_short(node) for node in first.nodes)
    return f"{words} {FIRST}" if later and not later[0].nodes else words


def told(turns: Sequence[Volume]) -> str:
    """The title of a volume."""
    volume = turns[0]
    lines = [f"{volume.tensor} {volume.tensor.dtype}" + (f" ×{len(turns)}" if len(turns) > 1 else "")]
    for node in volume.nodes:
        words = ", ".join(arguments(node.declared))
        lines.append(clean(f"{node.op} {node.key}" + (f": {words}" if words else "")))
    if parameters := sum(node.parameters for node in volume.nodes):
        lines.append(f"parameters: {count(parameters)}")
    return "\n".join(lines)


def _made(node: GraphNode, later: GraphNode, tensor: Tensor, *, full: bool) -> list[str]:
    """An op with the arguments that its size does not tell; those of the first turn only are marked."""
    if node.category == "input":
        return [f"Input {brief(node.id or node.name)}"]
    others = arguments(later.declared, full=full)
    words = [word for word in arguments(node.declared, full=full) if word not in _said(tensor)]
    first, *more = [word if word in others else f"{word} {FIRST}" for word in words] or [""]
    return [f"{brief(node.op)} {first}".strip(), *more]


def _short(node: GraphNode) -> str:
    """An op that keeps the size, with its first argument."""
    words = [word for word in arguments(node.declared) if word not in _said(node.outputs[0])]
    return " ".join([brief(node.op), *words[:1]])


def _said(tensor: Tensor) -> set[str]:
    """Words for arguments that the size of the result tells already, and padding, which it shows."""
    channels = tensor.channels if tensor.rank > 1 else None
    return {f"{channels} filters", f"{channels} filter", str(channels), sizes(tensor.shape[1:]), "same"}
