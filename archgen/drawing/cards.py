"""The card of a node and the head of a frame, as HTML-like labels."""

from __future__ import annotations

from archgen.drawing.escape import markup, width
from archgen.drawing.marks import Mark
from archgen.graph import GraphNode
from archgen.outline import Group
from archgen.theme import Theme
from archgen.wording import arguments, brief, count, heading, wrap

NAME_WIDTH, TEXT_WIDTH, HEAD_WIDTH = 30, 36, 44
"""Characters of a line."""


def card(node: GraphNode, theme: Theme, times: int = 1, mark: Mark | None = None) -> str:
    """Op and name, the arguments that matter, parameters; and ×N where the card stands for several equal layers."""
    op, name = brief(node.op), node.id or node.name
    op = f"{mark.symbol} {op}" if mark else op
    first, *more = wrap(name, NAME_WIDTH, 2) or [""]
    small = [*more, *wrap(", ".join(arguments(node.declared)), TEXT_WIDTH, 3), *_weights(node, times)]
    if is_shared(node):
        small += wrap(f"shared with {node.shares}", TEXT_WIDTH, 2)
    small += _words(mark)
    least = max(width([f"{op}  {first}"], theme.size), width(small, theme.small))
    return _table([_title(op, first, times, theme), *(_small(line, theme) for line in small)], least)


def _weights(node: GraphNode, times: int) -> list[str]:
    if node.weights_unknown:
        return ["weights unknown"]
    if not node.parameters:
        return []
    one = f"{count(node.parameters)} parameter{'s' if node.parameters != 1 else ''}"
    frozen = ", frozen" if not node.trainable_parameters else ""
    return [f"{times} × {one}{frozen}" if times > 1 else f"{one}{frozen}"]


def _words(mark: Mark | None) -> list[str]:
    return [line for words in mark.words for line in wrap(words, TEXT_WIDTH, 3)] if mark else []


def head(group: Group, theme: Theme, mark: Mark | None = None) -> str:
    """The label of a frame: what it is known by, what it is a use of, its parameters, and ×N."""
    label, use = heading(group.frame, group.times)
    label = f"{mark.symbol} {label}" if mark else label
    first, *more = wrap(label, NAME_WIDTH, 2) or [""]
    small = [*more, *wrap(use, HEAD_WIDTH, 4)]
    if shares := shared_with(group):
        small += wrap(f"shared with {shares}", TEXT_WIDTH, 2)
    elif group.parameters:
        each = f"{group.times} × " if group.times > 1 else ""
        least_known = "≥ " if group.unknown else ""
        small.append(f"{each}{least_known}{count(group.parameters // group.times)} parameters")
    small += _words(mark)
    least = max(width([first], theme.size), width(small, theme.small))
    return _table([_title(first, "", group.times, theme), *(_small(line, theme) for line in small)], least)


def is_shared(node: GraphNode) -> bool:
    """Whether this is a further call of a layer; of an input there is nothing to share."""
    return node.shares is not None and node.category != "input"


def shared_with(group: Group) -> str | None:
    """The first use of a sub-model, where this is a further one."""
    nodes = [node for node in group.nodes if node.category != "input"]
    if group.frame.kind != "model" or not nodes or any(node.shares is None for node in nodes):
        return None
    first = nodes[0].shares or ""
    return first.rpartition("/")[0] or first


def told(node: GraphNode, times: int = 1) -> list[str]:
    """All there is to say of a node, for its tooltip."""
    lines = [f"{node.op} {node.key}" + (f" ×{times}" if times > 1 else "")]
    lines += [f"{name} = {brief(value, 200)}" for name, value in node.arguments.items()]
    lines += [f"{_many('input', node.inputs, k)}: {tensor} {tensor.dtype}" for k, tensor in enumerate(node.inputs)]
    lines += [f"{_many('output', node.outputs, k)}: {tensor} {tensor.dtype}" for k, tensor in enumerate(node.outputs)]
    if node.parameters:
        frozen = node.parameters - node.trainable_parameters
        lines.append(f"parameters: {count(node.parameters)}" + (f", {count(frozen)} of them frozen" if frozen else ""))
    if node.weights_unknown:
        lines.append("parameters: ?")
    if node.flops != 0:
        lines.append(f"FLOPs: {count(node.flops)}")
    if is_shared(node):
        lines.append(f"shares its weights with {node.shares}")
    return [*lines, f"{node.path}, line {node.line}"]


def _many(word: str, tensors: tuple[object, ...], number: int) -> str:
    return word if len(tensors) == 1 else f"{word} {number}"


def _title(words: str, name: str, times: int, theme: Theme) -> str:
    """Bold words, a name, and a large ×N."""
    parts = [f"<B>{markup(words)}</B>", markup(name)]
    if times > 1:
        parts.append(f'<B><FONT POINT-SIZE="{theme.large}">×{times}</FONT></B>')
    return "&#160;&#160;".join(part for part in parts if part)


def _small(text: str, theme: Theme) -> str:
    return f'<FONT POINT-SIZE="{theme.small}">{markup(text)}</FONT>'


def _table(rows: list[str], least_width: int) -> str:
    size = f' WIDTH="{least_width}"' if least_width else ""
    cells = "".join(f'<TR><TD ALIGN="LEFT">{row}</TD></TR>' for row in rows)
    return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1"{size}>{cells}</TABLE>>'
