"""The card of a node and the head of a frame, as HTML-like labels."""

from __future__ import annotations

from archgen.draw.escape import markup, width
from archgen.graph import GraphNode
from archgen.outline import Group
from archgen.theme import Theme
from archgen.wording import arguments, brief, count, flow, heading, wrap

NAME_WIDTH, TEXT_WIDTH = 30, 36
"""Characters of a line."""


def card(node: GraphNode, theme: Theme, times: int = 1) -> str:
    """Op and name, the arguments that matter, parameters; and ×N where the card stands for several equal layers."""
    op, name = brief(node.op), node.id or node.name
    first, *more = wrap(name, NAME_WIDTH, 2) or [""]
    title = f"<B>{markup(op)}</B>&#160;&#160;{markup(first)}"
    small = [*more, *wrap(", ".join(arguments(node.declared)), TEXT_WIDTH, 3), *_weights(node, times)]
    if node.shares is not None:
        small += wrap(f"shared with {node.shares}", TEXT_WIDTH, 2)
    rows = [_cell(title)] + [_cell(_small(line, theme)) for line in small]
    least = max(width([f"{op}  {first}"], theme.size), width(small, theme.small))
    badge = f'<TD ROWSPAN="{len(rows)}" VALIGN="TOP">{_badge(times, theme)}</TD>' if times > 1 else ""
    rows[0] += badge
    size = f' WIDTH="{least}"' if least else ""
    return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1"{size}>{_rows(rows)}</TABLE>>'


def _weights(node: GraphNode, times: int) -> list[str]:
    if not node.parameters:
        return []
    one = f"{count(node.parameters)} parameter{'s' if node.parameters != 1 else ''}"
    frozen = ", frozen" if not node.trainable_parameters else ""
    return [f"{times} × {one}{frozen}" if times > 1 else f"{one}{frozen}"]


def head(group: Group, theme: Theme) -> str:
    """The label of a frame: what it is known by, what it is a use of, its parameters, and ×N."""
    label, use = heading(group.frame)
    first, *more = wrap(label, NAME_WIDTH, 2) or [""]
    small = [*more, *wrap(use, 2 * TEXT_WIDTH, 3)]
    if shares := shared_with(group):
        small += wrap(f"shared with {shares}", TEXT_WIDTH, 2)
    elif group.parameters:
        each = f"{group.times} × " if group.times > 1 else ""
        small.append(f"{each}{count(group.parameters // group.times)} parameters")
    badge = f"<TD>{_badge(group.times, theme)}</TD>" if group.times > 1 else ""
    least = max(width([first], theme.size), width(small, theme.small))
    size = f' WIDTH="{least}"' if least else ""
    rows = [f"{_cell(f'<B>{markup(first)}</B>')}{badge}"]
    rows += [_cell(_small(line, theme), span=2 if badge else 1) for line in small]
    return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1"{size}>{_rows(rows)}</TABLE>>'


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
    if node.flops != 0:
        lines.append(f"FLOPs: {count(node.flops)}")
    if node.shares is not None:
        lines.append(f"shares its weights with {node.shares}")
    return [*lines, f"{node.path}, line {node.line}"]


def _many(word: str, tensors: tuple[object, ...], number: int) -> str:
    return word if len(tensors) == 1 else f"{word} {number}"


def edge_text(tensor_label: str, words: list[str]) -> list[str]:
    """The lines of an edge's label."""
    return [*wrap(", ".join(words), NAME_WIDTH, 2), tensor_label] if words else [tensor_label]


def _badge(times: int, theme: Theme) -> str:
    return (
        f'<TABLE BORDER="0" CELLPADDING="3" STYLE="ROUNDED" BGCOLOR="{theme.badge}"><TR><TD>'
        f'<FONT COLOR="{theme.background}"><B>×{times}</B></FONT></TD></TR></TABLE>'
    )


def _small(text: str, theme: Theme) -> str:
    return f'<FONT POINT-SIZE="{theme.small}">{markup(text)}</FONT>'


def _cell(content: str, span: int = 1) -> str:
    across = f' COLSPAN="{span}"' if span > 1 else ""
    return f'<TD ALIGN="LEFT"{across}>{content}</TD>'


def _rows(rows: list[str]) -> str:
    return "".join(f"<TR>{row}</TR>" for row in rows)


__all__ = ["card", "edge_text", "flow", "head", "shared_with", "told"]
