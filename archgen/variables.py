"""Which variable holds what in a generated function.

A value that only the next line needs lives in a running variable (``x``); one that something later needs, in a variable
of its own, the author's id.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from archgen.names import spell
from archgen.program import Call, Part, Program, expressions_of
from archgen.script import DEFINED, IMPORTED

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

    def free(self, *names: str) -> list[str]:
        """Variables like ``names``, which nothing else in the function uses, nor each other's."""
        found: list[str] = []
        for name in names:
            found.append(spell(name, frozenset({*self.taken, *found})))
        return found


def function_names(program: Program) -> dict[str, str]:
    """The function of each block and model: nothing that a script defines or imports bears the same name.

    A block that can keep its name keeps it, whatever the others have to be called.
    """
    taken = {*DEFINED, *IMPORTED}
    wanted = {name: f"build_{name}" for name in program.models} | {name: name for name in program.blocks}
    names: dict[str, str] = {}
    for rest in (False, True):
        for key, name in wanted.items():
            spelled = spell(name, frozenset(taken))
            if key not in names and (rest or spelled == name):
                names[key] = spelled
                taken.add(spelled)
    return {name: names[name] for name in wanted}


def allocate(part: Part, captures: tuple[str, ...], models: tuple[str, ...], reserved: frozenset[str]) -> Variables:
    """Choose the variables of a part; ``reserved`` are names of functions that it may call."""
    taken = set(reserved)

    def fresh(name: str) -> str:
        variable = spell(name, frozenset(taken))
        taken.add(variable)
        return variable

    variables = Variables([], {}, {}, {}, {}, {}, taken=taken)
    if part.kind == "block":
        taken.add(variables.label)
    for names, found in (
        (part.inputs, variables.inputs),
        (tuple(part.params), variables.params),
        (captures, variables.captures),
        (models, variables.models),
    ):
        found.update((name, fresh(name)) for name in names)
    uses = _uses(part)
    own: dict[int, str] = {}
    for index, call in enumerate(part.nodes):
        wanted = _own_name(part, index, call, uses)
        if wanted:
            own[index] = fresh(wanted)
    for call in part.nodes:
        if call.target is not None and call.target not in variables.layers:
            label = part.nodes[call.target].id or "layer"
            variables.layers[call.target] = fresh(f"{label}_layer")
    running = [name for name in RUNNING if name not in taken or name in variables.inputs.values()]
    running += [f"x{number}" for number in range(len(part.nodes) + 1)]
    _run(part, variables, own, uses, running)
    taken.update(variables.nodes)
    return variables


def _uses(part: Part) -> dict[int | str, list[int]]:
    """For each node (by index) and input (by name), the indices of the nodes that read it; the end counts as one."""
    uses: dict[int | str, list[int]] = {}
    for index, call in enumerate(part.nodes):
        for reference in call.sources.all():
            uses.setdefault(reference.target, []).append(index)
        for name in shapes_read(call):
            uses.setdefault(name, []).append(index)
    for reference in part.outputs.references:
        uses.setdefault(reference.target, []).append(len(part.nodes))
    return uses


def shapes_read(call: Call) -> list[str]:
    """Inputs of the block whose shape a call asks for."""
    return [name for expression in expressions_of(call) for name in expression.shapes]


def _own_name(part: Part, index: int, call: Call, uses: dict[int | str, list[int]]) -> str | None:
    """The name of the variable that a node's value gets for itself, if it gets one."""
    last = len(part.nodes)
    readers = uses.get(index, [])
    if call.op == "Input":
        return call.id or ("inputs" if len(part.input_nodes) == 1 else "input_1")
    if last in readers:
        if part.kind != "block":
            return call.id or "outputs"
        if index == last - 1 and readers == [last]:
            return None
    if any(reader != index + 1 for reader in readers):
        return call.id or call.op.rpartition(".")[2].lower()
    return None


def _run(
    part: Part, variables: Variables, own: dict[int, str], uses: dict[int | str, list[int]], running: list[str]
) -> None:
    """Give the remaining nodes running variables, never one whose value is still needed."""
    holds: dict[str, tuple[int | str, int]] = {
        variable: (name, max(uses.get(name, [-1]))) for name, variable in variables.inputs.items()
    }
    for index, call in enumerate(part.nodes):
        name = own.get(index)
        if name is None:
            name = _choose(call, index, variables, holds, running)
        variables.nodes.append(name)
        holds[name] = (index, max(uses.get(index, [-1])))


def _choose(
    call: Call, index: int, variables: Variables, holds: dict[str, tuple[int | str, int]], running: list[str]
) -> str:
    def is_free(name: str) -> bool:
        if name not in holds:
            return True
        target, last = holds[name]
        if last > index:
            return False
        if last < index or (call.repeat is None and call.when is None):
            return True
        # Inside a loop or a branch the old value may be read after the first assignment.
        others = [reference.target for reference in list(call.sources.all())[1:]]
        return target not in others and not (call.repeat and target in shapes_read(call))

    first = next(call.sources.all(), None)
    if first is not None:
        source = variables.inputs[first.target] if isinstance(first.target, str) else variables.nodes[first.target]
        if source in running and is_free(source):
            return source
    return next(name for name in running if is_free(name))
