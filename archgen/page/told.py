"""What the page says of a node and of a frame: the words on its card, and what a click shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archgen.drawing.cards import NAME_WIDTH, TEXT_WIDTH, is_shared
from archgen.graph import Frame, GraphNode
from archgen.outline import first_use
from archgen.page.tree import Box, Repeat, Run, Turn, nodes_of
from archgen.wording import arguments, brief, clean, count, flow, heading, shorten, weights, wrap

Row = tuple[str, str]

LONGEST = 300
"""Characters of a value."""


def facts_of(node: GraphNode) -> dict[str, Any]:
    """All that equal layers have in common."""
    declared = node.declared
    others = {name: declared.argument(name) for name in declared.fields if name not in node.arguments}
    return {
        "op": clean(node.op),
        "title": brief(node.op),
        "category": node.category,
        "lines": wrap(", ".join(arguments(declared)), TEXT_WIDTH, 3),
        "size": _parameters(node),
        "rows": _size(node),
        "arguments": _values(node.arguments),
        "defaults": _values(others),
        "call": _values(node.calls),
        "inputs": [f"{tensor} {tensor.dtype}" for tensor in node.inputs],
        "outputs": [f"{tensor} {tensor.dtype}" for tensor in node.outputs],
        "flows": [flow(tensor) for tensor in node.outputs],
        "weights": [
            (clean(path), str(weight.shape), count(weight.size), not weight.trainable)
            for path, weight in node.weights.items()
        ],
    }


def name_of(node: GraphNode) -> str:
    """What a card calls a node."""
    return shorten(clean(node.id or node.name), LONGEST)


def name_lines(node: GraphNode) -> list[str]:
    """The name as a card shows it."""
    return wrap(name_of(node), NAME_WIDTH, 2) or [""]


def frame_of(item: Box | Run | Repeat | Turn) -> dict[str, Any]:
    """The head of a frame, and the rows of what a click on it shows."""
    nodes = list(nodes_of(item))
    times = len(item.frames) if isinstance(item, Repeat) else len(item.turns) if isinstance(item, Run) else 1
    frames = item.frames if isinstance(item, Repeat) else [item.frame]
    label, use = heading(item.frame, times)
    if isinstance(item, Run) and times < item.frame.turns:
        label = f"{label}_{item.frame.turn}–{item.turns[-1].frame.turn}"
    if isinstance(item, Repeat):
        use = varying(frames)
        use = "" if use == label else use
    each = nodes[: len(nodes) // times] if isinstance(item, Run) else nodes
    parameters = sum(node.parameters for node in each)
    unknown = list(dict.fromkeys(node.op for node in each if node.weights_unknown))
    multiple = f"{times} × " if isinstance(item, Run) else ""
    shares = clean(first_use(nodes) or "")
    small = [*wrap(use, TEXT_WIDTH, 4), _size_of(multiple, len(each), parameters, unknown)]
    if shares:
        small += wrap(f"shared with {shares}", TEXT_WIDTH, 2)
    flops = [node.flops for node in nodes]
    rows = [
        (item.frame.kind.capitalize() if item.frame.kind != "layer" else "Layer", clean(item.frame.name)),
        *[(clean(name), value) for name, value in _varied(frames)],
        *([("Turns", str(times))] if times > 1 else []),
        ("Nodes", f"{multiple}{count(len(each))}"),
        ("Parameters", "shared" if shares else multiple + weights(parameters, unknown).replace(" parameters", "", 1)),
        ("FLOPs", "?" if None in flops else count(sum(number for number in flops if number is not None))),
    ]
    if shares:
        rows.append(("Shared with", shares))
    first, *more = wrap(label, NAME_WIDTH, 2) or [""]
    told = {"label": shorten(label, LONGEST), "title": first, "lines": [*more, *small], "times": times, "rows": rows}
    return {**told, "shared": True} if shares else told


def varying(frames: Sequence[Frame]) -> str:
    """The block with its arguments, those that differ from turn to turn with each value once.

    >>> turns = [Frame(k, "block", "unit", "u", "u", {"filters": 64 * 2**k, "bias": True}) for k in range(3)]
    >>> varying(turns)
    'unit(filters=64, 128, 256; bias=True)'
    """
    given = "; ".join(f"{clean(name)}={value}" for name, value in _varied(frames))
    return f"{clean(frames[0].name)}({given})" if given else clean(frames[0].name)


def _varied(frames: Sequence[Frame]) -> list[Row]:
    names = dict.fromkeys(name for frame in frames for name in frame.arguments)
    values = {name: [brief(frame.arguments[name]) for frame in frames if name in frame.arguments] for name in names}
    return [(name, brief(", ".join(dict.fromkeys(texts)), 120)) for name, texts in values.items()]


def _values(given: Mapping[str, Any]) -> list[Row]:
    return [(clean(name), brief(value, LONGEST)) for name, value in given.items()]


def _parameters(node: GraphNode) -> str:
    if node.weights_unknown:
        return "weights unknown"
    if not node.parameters:
        return ""
    plural = "" if node.parameters == 1 else "s"
    return f"{count(node.parameters)} parameter{plural}" + ("" if node.trainable_parameters else ", frozen")


def _size(node: GraphNode) -> list[Row]:
    frozen = node.parameters - node.trainable_parameters
    said = "?" if node.weights_unknown else count(node.parameters) + (f", {count(frozen)} frozen" if frozen else "")
    return [("Parameters", "shared" if is_shared(node) else said), ("FLOPs", count(node.flops))]


def _size_of(multiple: str, nodes: int, parameters: int, unknown: Sequence[str]) -> str:
    size = f"{count(nodes)} node{'s' if nodes != 1 else ''}"
    if not parameters and not unknown:
        return f"{multiple}{size}"
    return f"{multiple}{size}, {'≥ ' if unknown else ''}{count(parameters)} parameters"
