"""Which variable holds what in a generated function.

A value that only the next line needs lives in a running variable (``x``); one that something later needs, in a variable
of its own, the author's id.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from archgen.layers.base import automatic_name
from archgen.names import spell
from archgen.program import Call, Part, Program, expressions_of
from archgen.script import DEFINED, IMPORTED, builder_of

RUNNING = ("x", "y", "z", "u", "v", "w")


@dataclass(slots=True)
class Variables:
    """Names for the nodes, inputs and parameters of one function."""

    nodes: list[str]
    """The variable of each node's value."""
    inputs: dict[str, str]
    params: dict[str, str]
    captures: dict[str, str]
    """Variables of the file's parameters, those that the part reads or hands on."""
    models: dict[str, str]
    layers: dict[int, str]
    """Variables of layers that are called again, by the index of the node that makes them."""
    label: str = "name"
    """The parameter that carries the prefix of layer names."""
    taken: set[str] = field(default_factory=set)
    runs: dict[int, int] = field(default_factory=dict)
    """Where each run of nodes under one condition starts and ends."""

    def free(self, *names: str) -> list[str]:
        """Variables like ``names``, which nothing else in the function uses, nor each other's."""
        found: list[str] = []
        for name in names:
            found.append(spell(name, {*self.taken, *found}))
        return found


def function_names(program: Program) -> dict[str, str]:
    """The function of each block and model: nothing that a script defines or imports bears the same name.

    A block that can keep its name keeps it, whatever the others have to be called.
    """
    names = {name: builder_of(name) for name in program.models}
    taken = {*DEFINED, *IMPORTED, *names.values()}
    names |= {name: name for name in program.blocks if spell(name, taken) == name}
    taken.update(names.values())
    for name in program.blocks:
        if name not in names:
            names[name] = spell(name, taken)
            taken.add(names[name])
    return names


def allocate(part: Part, captures: tuple[str, ...], models: tuple[str, ...], reserved: frozenset[str]) -> Variables:
    """Choose the variables of a part; ``reserved`` are names of functions that it may call."""
    variables = Variables([], {}, {}, {}, {}, {}, taken={*reserved})
    taken = variables.taken

    def fresh(name: str) -> str:
        variable = spell(name, taken)
        taken.add(variable)
        return variable

    if part.kind == "block":
        taken.add(variables.label)
    for names, found in (
        (part.inputs, variables.inputs),
        (tuple(part.params), variables.params),
        (captures, variables.captures),
        (models, variables.models),
    ):
        found.update((name, fresh(name)) for name in names)
    uses = uses_of(part)
    variables.runs = runs_of(part, uses)
    own = {index: fresh(name) for index, name in _own_names(part, uses).items()}
    for call in part.nodes:
        if call.target is not None and call.target not in variables.layers:
            variables.layers[call.target] = fresh(f"{part.nodes[call.target].id or 'layer'}_layer")
    _Running(part, variables, uses, own).fill()
    taken.update(variables.nodes)
    return variables


Uses = dict[int | str, list[int]]
"""For each node (by index) and input (by name), the indices of the nodes that read it; the end counts as one."""


def uses_of(part: Part) -> Uses:
    """Who reads what in a part."""
    uses: Uses = {}
    for index, call in enumerate(part.nodes):
        for target in (*(reference.target for reference in call.sources.all()), *shapes_read(call)):
            uses.setdefault(target, []).append(index)
    for reference in part.outputs.references:
        uses.setdefault(reference.target, []).append(len(part.nodes))
    return uses


def shapes_read(call: Call) -> list[str]:
    """Inputs of the block whose shape a call asks for."""
    return [name for expression in expressions_of(call) for name in expression.shapes]


def runs_of(part: Part, uses: Uses) -> dict[int, int]:
    """Where each run of nodes starts and ends: nodes under one condition, each reading only the one before.

    Code writes a run as one ``if``; a node without a condition is a run of its own.
    """
    runs: dict[int, int] = {}
    start = 0
    while start < len(part.nodes):
        when, stop = part.nodes[start].when, start + 1
        while (
            when is not None
            and stop < len(part.nodes)
            and (follower := part.nodes[stop]).when is not None
            and follower.when.text == when.text
            and [reference.target for reference in follower.sources.all()] == [stop - 1]
            and uses[stop - 1] == [stop]
        ):
            stop += 1
        runs[start] = stop
        start = stop
    return runs


def _own_names(part: Part, uses: Uses) -> dict[int, str]:
    """The names of the variables that nodes get for themselves, by index: those that not only the next node reads."""
    last, inputs = len(part.nodes), part.input_nodes
    names: dict[int, str] = {}
    for index, call in enumerate(part.nodes):
        readers = uses.get(index, [])
        if call.op == "Input":
            names[index] = call.id or ("inputs" if len(inputs) == 1 else f"input_{inputs.index(index) + 1}")
        elif last in readers and part.kind != "block" and (call.id or not (call.repeat or call.when)):
            names[index] = call.id or "outputs"
        elif index == last - 1 and readers == [last]:
            continue
        elif any(reader != index + 1 for reader in readers):
            names[index] = call.id or automatic_name(call.op.rpartition(".")[2])
    return names


class _Running:
    """Gives the nodes without a variable of their own running variables, never one whose value is still needed."""

    def __init__(self, part: Part, variables: Variables, uses: Uses, own: dict[int, str]) -> None:
        self.part, self.variables, self.uses, self.own = part, variables, uses, own
        inputs = set(variables.inputs.values())
        self.holds: dict[str, tuple[int | str, int]] = {
            variable: (name, self.last_use(name)) for name, variable in variables.inputs.items()
        }
        self.names = [name for name in RUNNING if name not in variables.taken or name in inputs]

    def last_use(self, target: int | str) -> int:
        return max(self.uses.get(target, [-1]))

    def fill(self) -> None:
        for start, stop in self.variables.runs.items():
            name = self.own.get(stop - 1) or self.choose(start, stop)
            self.variables.nodes += [name] * (stop - start)
            self.holds[name] = (stop - 1, self.last_use(stop - 1))

    def choose(self, start: int, stop: int) -> str:
        """A variable for a run of nodes: that of what it reads first, if it can be had."""
        first = next(self.part.nodes[start].sources.all(), None)
        if first is not None:
            target = first.target
            source = self.variables.inputs[target] if isinstance(target, str) else self.variables.nodes[target]
            if source in self.names and self.is_free(source, start, stop):
                return source
        for name in self.names:
            if self.is_free(name, start, stop):
                return name
        numbered = (f"x{number}" for number in range(1, len(self.part.nodes) + 2))
        self.names.append(next(name for name in numbered if name not in {*self.variables.taken, *self.names}))
        return self.names[-1]

    def is_free(self, name: str, start: int, stop: int) -> bool:
        """Whether a run may be assigned to a variable: what it holds is not read after the first assignment."""
        if name not in self.holds:
            return True
        target, last = self.holds[name]
        if last < start or last >= stop:
            return last < start
        calls = self.part.nodes[start:stop]
        first, *others = (reference.target for reference in calls[0].sources.all())
        if calls[0].repeat is None and calls[0].when is None:
            return True
        # In a loop or under a condition, other things are read after the value that goes through is assigned.
        later = [name for call in calls for name in shapes_read(call)]
        if target == first and len(calls) == 1 and calls[0].repeat is None:
            later = []
        return target == first and target not in others and target not in later
