"""Which masks a call reads, and how those that a model is given go through it when the network runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archgen.errors import LayerError
from archgen.layers.base import Operation
from archgen.layers.masks import Mask
from archgen.tensors import Tensor

if TYPE_CHECKING:
    from archgen.builder import GraphBuilder, Port, Ports

Reads = Sequence[tuple["Port", str | int]]
"""What a call reads, with the call argument or the position."""


def masked(declared: Operation, reads: Reads, *, hidden: bool = False) -> tuple[list[Tensor], list[Mask]]:
    """The tensors of the first call argument, with the ranks of their masks; a mask that is given goes before.

    With ``hidden`` masks that only show when the network runs.
    """
    ports, explicit = [port for port, argument in reads if isinstance(argument, int)], None
    if not declared.takes_list:
        words: dict[str | int, str | int] = dict(enumerate(declared.call_inputs))
        named: dict[str | int, Port] = {}
        for port, argument in reads:
            named.setdefault(words.get(argument, argument), port)
        ports, explicit = [*named.values()][:1], named.get("mask")
    masks = [explicit.tensor.rank if explicit else port.mask or (port.hidden if hidden else None) for port in ports]
    return [port.tensor for port in ports], masks


def masks_inside(model: GraphBuilder, inputs: Ports) -> dict[str, tuple[Mask, ...]]:
    """The masks that the tensors inside a model have when the network runs, by key: those of its inputs go through it.

    Nothing where no input has one. Raises ``LayerError`` where one does not fit.
    """
    from archgen.builder import Port

    entering = [port.mask or port.hidden for port in inputs]
    if not any(entering):
        return {}
    masks: dict[str, tuple[Mask, ...]] = {key: (mask,) for key, mask in zip(model.inputs, entering, strict=False)}
    reads = model.reads()
    for key, node in model.nodes.items():
        if key in masks:
            continue
        read = []
        for edge in reads.get(key, ()):
            there = masks[edge.giver]
            mask = there[edge.output] if edge.output < len(there) else None
            read.append((Port(edge.giver, edge.output, edge.tensor, None, mask), edge.argument))
        try:
            masks[key] = node.declared.carry_on(*masked(node.declared, read, hidden=True), **node.calls)
        except LayerError as error:
            message = f"in {model.name}, with the mask that it is given: {error.message}"
            raise LayerError(message, hint=error.hint) from None
    return masks
