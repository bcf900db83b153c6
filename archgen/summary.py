"""The table of a graph: layers with their outputs, parameters, FLOPs and the memory of their outputs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archgen.graph import Frame, GraphInfo, GraphNode
from archgen.outline import Group, outline, runs_of_equal_turns
from archgen.table import Table
from archgen.tensors import DTYPE_BYTES, Dim, Tensor
from archgen.wording import about, clean, count, heading

if TYPE_CHECKING:
    from networkx import MultiDiGraph

REPEATED = "×N: N equal turns; its line tells the sum of all of them, the lines below it one turn"


@dataclass(slots=True)
class Amounts:
    """What layers cost, added up.

    ``flops`` are floating-point operations, ``memory`` bytes of outputs, both for one example; of each only what is
    known is in the sum, and the layers whose share is not known are listed.
    """

    parameters: int = 0
    trainable: int = 0
    weight_bytes: int = 0
    flops: int = 0
    memory: int = 0
    parameters_unknown: list[str] = field(default_factory=list)
    flops_unknown: list[str] = field(default_factory=list)
    memory_unknown: list[str] = field(default_factory=list)

    def add(self, node: GraphNode) -> None:
        self.parameters += node.parameters
        self.trainable += node.trainable_parameters
        self.weight_bytes += sum(weight.size * DTYPE_BYTES.get(weight.dtype, 0) for weight in node.weights.values())
        if node.weights_unknown:
            self.parameters_unknown.append(node.key)
        if node.flops is None:
            self.flops_unknown.append(node.key)
        else:
            self.flops += node.flops
        memory = memory_of(node)
        if memory is None:
            self.memory_unknown.append(node.key)
        else:
            self.memory += memory

    @classmethod
    def of(cls, nodes: Iterable[GraphNode]) -> Amounts:
        amounts = cls()
        for node in nodes:
            amounts.add(node)
        return amounts


@dataclass(slots=True)
class Summary:
    """A graph in numbers: ``nodes`` in its order, ``items`` nested and with equal turns of a repeat as one."""

    info: GraphInfo
    nodes: list[GraphNode]
    items: list[GraphNode | Group]
    totals: Amounts

    def as_json(self) -> dict[str, Any]:
        """The whole as JSON values. What is unknown is ``null``, and so is a total with something unknown in it."""
        totals = self.totals
        weighed = not totals.parameters_unknown
        return {
            "name": self.info.name,
            "parameters": totals.parameters if weighed else None,
            "trainable": totals.trainable if weighed else None,
            "non_trainable": totals.parameters - totals.trainable if weighed else None,
            "weight_bytes": totals.weight_bytes if weighed else None,
            "flops": None if totals.flops_unknown else totals.flops,
            "memory": None if totals.memory_unknown else totals.memory,
            "inputs": self.info.inputs,
            "outputs": [key for key, _ in self.info.outputs],
            "nodes": [_node_as_json(node, self.info.frames) for node in self.nodes],
        }

    def text(self, width: int = 120, *, color: bool = False) -> str:
        """The table for a terminal of ``width`` columns; with ``color`` its heads stand out."""
        table = self.table(color=color)
        title = clean(self.info.title or self.info.name)
        lines = [f"{name:<15}  {value}" for name, value in self.amounts()]
        lines += ["", REPEATED] if self.repeats else []
        return "\n".join([table.bold(title), "", *table.lines(width), "", *lines]) + "\n"

    def table(self, *, color: bool = False) -> Table:
        """The rows under their heads, those inside a frame indented by two spaces."""
        table = Table(["Layer", "Op", "Output", "Parameters", "FLOPs", "Memory"], texts=2, numbers=3, color=color)
        self._tabulate(table, self.items, depth=0)
        return table

    @property
    def repeats(self) -> bool:
        """Whether a row stands for several equal turns."""
        return any(group.times > 1 for group in _groups(self.items))

    def __str__(self) -> str:
        return self.text()

    def _tabulate(self, table: Table, items: list[GraphNode | Group], depth: int) -> None:
        for item in items:
            if isinstance(item, GraphNode):
                self._add(table, item, depth, 1)
            elif node := item.only_node:
                self._add(table, node, depth, item.times)
            else:
                table.row(*self._head(item, depth), strong=True)
                self._tabulate(table, item.items, depth + 1)

    def _add(self, table: Table, node: GraphNode, depth: int, times: int) -> None:
        """The line of a node, and one for each further output; of a repeated layer the sum of all its turns."""
        flops, memory = node.flops, memory_of(node)
        first, *more = [_shown(tensor) for tensor in node.outputs]
        table.row(
            "  " * depth + clean(node.id or node.name) + (f" ×{times}" if times > 1 else ""),
            clean(node.op),
            first,
            _parameters(node, times),
            about(None if flops is None else times * flops),
            about(None if memory is None else times * memory, "B", 1024),
        )
        for output in more:
            table.row("", "", output, "", "", "")

    def _head(self, group: Group, depth: int) -> list[str]:
        """The line of a frame: the amounts of all its turns."""
        label, use = heading(group.frame)
        times = f" ×{group.times}" if group.times > 1 else ""
        amounts = Amounts.of(_repeated(group))
        return [
            "  " * depth + label + times,
            use or group.frame.kind,
            "",
            _at_least(count(amounts.parameters), amounts.parameters_unknown),
            _at_least(about(amounts.flops), amounts.flops_unknown),
            _at_least(about(amounts.memory, "B", 1024), amounts.memory_unknown),
        ]

    def amounts(self) -> list[tuple[str, str]]:
        """What is said below the table: what is counted, and how much."""
        totals = self.totals
        frozen = totals.parameters - totals.trainable
        weighed = f"{count(totals.parameters)} ({about(totals.weight_bytes, 'B', 1024)})"
        flops = _told_total(about(totals.flops), totals.flops_unknown)
        memory = _told_total(about(totals.memory, "B", 1024), totals.memory_unknown)
        return [
            ("Parameters", _told_total(weighed, totals.parameters_unknown)),
            ("  trainable", _at_least(count(totals.trainable), totals.parameters_unknown)),
            ("  non-trainable", _at_least(count(frozen), totals.parameters_unknown)),
            ("FLOPs", f"{flops} for one example, a multiply-add being 2"),
            ("Activations", f"{memory} for one example"),
        ]


def summarize(graph: MultiDiGraph[str]) -> Summary:
    """The summary of a graph."""
    nodes = [data["node"] for _, data in graph.nodes(data=True)]
    items = outline(graph, apart=runs_of_equal_turns(graph)).items
    return Summary(graph.graph["info"], nodes, items, Amounts.of(nodes))


def memory_of(node: GraphNode) -> Dim:
    """Bytes of a node's outputs for one example, ``None`` where a dimension besides the batch is unknown."""
    sizes = [tensor.bytes for tensor in node.outputs]
    return None if None in sizes else sum(size for size in sizes if size is not None)


def _repeated(group: Group) -> Iterable[GraphNode]:
    """The nodes of a group, each as often as it occurs in the graph."""
    for _ in range(group.times):
        for item in group.items:
            if isinstance(item, Group):
                yield from _repeated(item)
            else:
                yield item


def _groups(items: list[GraphNode | Group]) -> Iterable[Group]:
    for item in items:
        if isinstance(item, Group):
            yield item
            yield from _groups(item.items)


def _shown(tensor: Tensor) -> str:
    return str(tensor) if tensor.dtype == "float32" else f"{tensor} {tensor.dtype}"


def _parameters(node: GraphNode, times: int) -> str:
    """The parameters of a node, or of all the turns of a repeated layer."""
    if node.shares is not None and node.category != "input":
        return "shared"
    return "?" if node.weights_unknown else count(times * node.parameters)


def _at_least(amount: str, unknown: list[str]) -> str:
    return f"≥ {amount}" if unknown else amount


def _told_total(amount: str, unknown: list[str]) -> str:
    if not unknown:
        return amount
    shown = ", ".join(clean(key) for key in unknown[:3]) + (", ..." if len(unknown) > 3 else "")
    return f"at least {amount} (unknown for {len(unknown)} layer{'s' * (len(unknown) > 1)}: {shown})"


def _node_as_json(node: GraphNode, frames: list[Frame]) -> dict[str, Any]:
    shapes = [list(tensor.shape) for tensor in node.outputs]
    dtypes = [tensor.dtype for tensor in node.outputs]
    return {
        "id": node.key,
        "name": node.name,
        "op": node.op,
        "output": shapes[0] if len(shapes) == 1 else shapes,
        "dtype": dtypes[0] if len(dtypes) == 1 else dtypes,
        "parameters": None if node.weights_unknown else node.parameters,
        "trainable": None if node.weights_unknown else node.trainable_parameters,
        "flops": node.flops,
        "memory": memory_of(node),
        "shares": node.shares,
        "frame": _frame_path(node.frame, frames),
        "path": node.path,
        "line": node.line,
    }


def _frame_path(index: int | None, frames: list[Frame]) -> str | None:
    """The frames around a node, outermost first, with the turn of each that is repeated: ``stages[2]/gate``."""
    by_index = {frame.index: frame for frame in frames}
    labels: list[str] = []
    while index is not None:
        frame = by_index[index]
        labels.append(f"{frame.label}[{frame.turn}]" if frame.turns > 1 else frame.label)
        index = frame.parent
    return "/".join(reversed(labels)) or None
