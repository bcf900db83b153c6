"""The card of a node and the head of a frame, as HTML-like labels."""

from __future__ import annotations

from archgen.drawing.escape import markup, width
from archgen.drawing.marks import Mark
from archgen.graph import GraphNode
from archgen.outline import Group, Stand, first_use
from archgen.outline.varying import amount, arguments, arguments_in_turn, in_turn, parameters, present, shapes, use_of
from archgen.theme import Theme
from archgen.wording import about, brief, count, phrased, wrap

NAME_WIDTH, TEXT_WIDTH, HEAD_WIDTH, NARROW = 30, 36, 44, 24
"""Characters of a line."""


def card(stand: Stand, theme: Theme, mark: Mark | None = None, detail: str = "normal", *, narrow: bool = False) -> str:
    """Op and name; the arguments that matter and parameters; ×N of a repeated layer; in how many turns it is.

    ``detail`` is that of ``archgen.options``; a ``narrow`` card has the name below the op.
    """
    node = stand.node
    op, name = brief(node.op), node.id or node.name
    op = f"{mark.symbol} {op}" if mark else op
    first, *more = wrap(name, NARROW if narrow else NAME_WIDTH, 2) or [""]
    small = facts(stand, detail, NARROW if narrow else TEXT_WIDTH)
    if is_shared(node):
        small += wrap(f"shared with {stand.shares}", TEXT_WIDTH, 2)
    if stand.presence:
        small.append(present(stand.presence))
    small += _words(mark)
    least = max(width([f"{op}  {first}"], theme.size), width([*more, *small], theme.small))
    title = [_title(op, "" if narrow else first, stand.repeat, theme)]
    title += [*map(markup, (first, *more))] if narrow else [_small(line, theme) for line in more]
    return _table([*title, *(_small(line, theme) for line in small)], least, "CENTER")


def facts(stand: Stand, detail: str, wide: int) -> list[str]:
    """What a card says of a layer below its name."""
    if detail == "minimal":
        return []
    full = detail == "full"
    lines = [*_arguments(stand, full, wide), *_weights(stand)]
    if not full:
        return lines
    flops = [node.flops for node in stand.nodes]
    if any(each != 0 for each in flops):
        lines.append(amount(flops, stand.each, "FLOPs", about))
    return lines + [
        f"output {shapes([node.outputs[number] for node in stand.nodes], str)} {tensor.dtype}"
        for number, tensor in enumerate(stand.node.outputs)
    ]


def _arguments(stand: Stand, full: bool, wide: int) -> list[str]:
    """The arguments that matter; those that the turns of a repeated layer change on lines of their own."""
    most = 8 if full else 3
    if not stand.repeat:
        return phrased(arguments(stand.nodes, full=full), wide, most)
    same, varied = arguments_in_turn(stand.nodes, full=full)
    lines = [line for each in varied for line in wrap(each, wide, 2)]
    return [*lines, *phrased(same, wide, most)]


def _weights(stand: Stand) -> list[str]:
    if any(node.weights_unknown for node in stand.nodes):
        return ["weights unknown"]
    if not any(node.parameters for node in stand.nodes):
        return []
    frozen = "" if any(node.trainable_parameters for node in stand.nodes) else ", frozen"
    if stand.one_instance:
        return [f"{parameters([stand.node.parameters], 1)}{frozen}, shared by all {len(stand.nodes)}"]
    return [f"{parameters([node.parameters for node in stand.nodes], stand.each)}{frozen}"]


def _words(mark: Mark | None) -> list[str]:
    return [line for words in mark.words for line in wrap(words, TEXT_WIDTH, 3)] if mark else []


def head(group: Group, theme: Theme, mark: Mark | None = None, *, room: int = 0) -> str:
    """The label of a frame: what it is known by, what it is a use of and what varies, its parameters, and ×N.

    There are ``room`` points below it.
    """
    label, use = use_of(group)
    label = f"{mark.symbol} {label}" if mark else label
    first, *more = wrap(label, NAME_WIDTH, 2) or [""]
    small = [*more, *(line for each in use for line in wrap(each, HEAD_WIDTH, 4))]
    if shares := shared_with(group):
        small += wrap(f"shared with {shares}", TEXT_WIDTH, 2)
    elif any(amounts := group.amounts):
        least_known = "≥ " if group.unknown else ""
        one_instance = group.frame.kind == "model" and len(amounts) > 1
        said = parameters([sum(amounts)], 1) if one_instance else parameters(amounts, group.each)
        small.append(f"{least_known}{said}" + f", shared by all {len(amounts)}" * one_instance)
    small += _words(mark)
    least = max(width([first], theme.size), width(small, theme.small))
    rows = [_title(first, "", group.repeat, theme), *(_small(line, theme) for line in small)]
    return _table(rows, least, room=room)


def is_shared(node: GraphNode) -> bool:
    """Whether this is a further call of a layer; of an input there is nothing to share."""
    return node.shares is not None and node.category != "input"


def shared_with(group: Group) -> str | None:
    """The first use of a sub-model, where this is a further one."""
    return first_use(group.nodes) if group.frame.kind == "model" else None


def told(stand: Stand) -> list[str]:
    """All there is to say of a node, for its tooltip."""
    node, nodes = stand.node, stand.nodes
    lines = [" ".join(part for part in (node.op, node.key, stand.repeat, present(stand.presence)) if part)]
    for name, value in node.arguments.items():
        values = [brief(each.arguments.get(name), 200) for each in nodes]
        lines.append(f"{name} = {brief(value, 200) if len(set(values)) == 1 else in_turn(values)}")
    for word, given in (("input", [each.inputs for each in nodes]), ("output", [each.outputs for each in nodes])):
        for number, tensors in enumerate(zip(*given, strict=False)):
            which = word if len(given[0]) == 1 else f"{word} {number}"
            lines.append(f"{which}: {shapes(tensors, str)} {tensors[0].dtype}")
    if size := sum(each.parameters for each in nodes):
        frozen = size - sum(each.trainable_parameters for each in nodes)
        lines.append(f"parameters: {count(size)}" + (f", {count(frozen)} of them frozen" if frozen else ""))
    if any(each.weights_unknown for each in nodes):
        lines.append("parameters: ?")
    flops = [each.flops for each in nodes]
    if any(each != 0 for each in flops):
        lines.append(f"FLOPs: {count(None if None in flops else sum(each or 0 for each in flops))}")
    if is_shared(node):
        lines.append(f"shares its weights with {node.shares}")
    return [*lines, f"{node.path}, line {node.line}"]


def _title(words: str, name: str, repeat: str, theme: Theme) -> str:
    """Bold words, a name, and a large ×N."""
    parts = [f"<B>{markup(words)}</B>", markup(name)]
    if repeat:
        parts.append(f'<B><FONT POINT-SIZE="{theme.large}">{repeat}</FONT></B>')
    return "&#160;&#160;".join(part for part in parts if part)


def _small(text: str, theme: Theme) -> str:
    return f'<FONT POINT-SIZE="{theme.small}">{markup(text)}</FONT>'


def _table(rows: list[str], least_width: int, align: str = "LEFT", *, room: int = 0) -> str:
    size = f' WIDTH="{least_width}"' if least_width else ""
    cells = "".join(f'<TR><TD ALIGN="{align}">{row}</TD></TR>' for row in rows)
    space = f'<TR><TD HEIGHT="{room}"></TD></TR>' if room else ""
    return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1"{size}>{cells}{space}</TABLE>>'
