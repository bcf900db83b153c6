"""Random models as specs: from a seed, around a pair of ops of which the second reads the first.

Growth is biased towards what archgen accepts, with arguments at their bounds; a share of the models gets a mistake:
an argument out of bounds, an input of another shape, a layer that does not fit.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random
from typing import Any

import archgen.layers  # noqa: F401  (fills the registry)
from archgen.errors import LayerError
from archgen.layers.base import Operation, known
from archgen.layers.kinds import Object
from archgen.tensors import Tensor
from tests.layers.samples import Case, beyond, cases, draw, draw_arguments, draw_case, draw_like

Spec = dict[str, Any]
Pair = tuple[str, str]

TRIES = 25
"""Draws until one is accepted, or growth goes on without it."""
MUTANTS = 0.05
"""The share of models that are changed stretches of the examples."""
WRONG = 0.025
"""The share of models that get a mistake on purpose."""


@cache
def declared_ops() -> dict[str, type[Operation]]:
    """Everything that can stand at a node and reads a tensor, by its name in a spec."""
    found: dict[str, type[Operation]] = {}
    for role, prefix in (("layer", ""), ("op", "ops.")):
        for name, declared in sorted(known(role).items()):
            assert issubclass(declared, Operation)
            if declared.takes_list or declared.call_inputs:
                found[prefix + name] = declared
    return found


@cache
def ranks(op: str) -> tuple[frozenset[int], frozenset[int]]:
    """The ranks of first inputs that an op was seen to accept, and those of its first outputs."""
    reads, gives = set(), set()
    for case in cases(declared_ops()[op], 150, seed=5):
        _, outputs, refusal = case.outcome()
        if refusal is None:
            reads.add(case.tensors[0].rank)
            gives.add(outputs[0].rank)
    return frozenset(reads), frozenset(gives)


@cache
def pairs() -> tuple[Pair, ...]:
    """Every two ops of which the second takes a rank that the first gives."""
    ops = declared_ops()
    return tuple((first, second) for first in ops for second in ops if ranks(first)[1] & ranks(second)[0])


@cache
def layer_pairs() -> tuple[Pair, ...]:
    """Those of the pairs in which both are layers."""
    return tuple(pair for pair in pairs() if not any(op.startswith("ops.") for op in pair))


@cache
def order(seed: int) -> tuple[list[Pair], list[Pair]]:
    """The pairs of layers, and all pairs, in the orders in which a run goes through them."""
    orders = list(layer_pairs()), list(pairs())
    for each in orders:
        Random(seed).shuffle(each)
    return orders


def pair_at(seed: int, index: int) -> Pair:
    """The pair of a place: by turns one of layers, and one of all."""
    each = order(seed)[index % 2]
    return each[index // 2 % len(each)]


@dataclass
class Value:
    """A tensor that later nodes can read."""

    reference: str
    tensor: Tensor


@dataclass
class Growth:
    """A model as it grows: nodes as a spec has them, and what they give."""

    random: Random
    nodes: list[dict[str, Any]] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    batch: int | None = None

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    # Nodes

    def add_input(self, tensor: Tensor) -> str:
        """An Input for a tensor; its reference."""
        name = f"in{sum(node['op'] == 'Input' for node in self.nodes)}"
        node: dict[str, Any] = {"id": name, "op": "Input", "shape": list(tensor.shape[1:])}
        if self.batch is not None:
            node["batch_size"] = self.batch
        if tensor.dtype != "float32":
            node["dtype"] = tensor.dtype
        self.nodes.append(node)
        self.values.append(Value(name, replace(tensor, shape=(self.batch, *tensor.shape[1:]))))
        return name

    def reference(self, tensor: Tensor) -> str:
        """Something that gives such a tensor, or a new Input."""
        fitting = [value.reference for value in self.values if value.tensor == tensor]
        return self.random.choice(fitting) if fitting and self.chance(0.7) else self.add_input(tensor)

    def add(self, op: str, case: Case, references: list[str], outputs: tuple[Tensor, ...]) -> str:
        """A node for a case; the reference of its first output."""
        declared = case.declared
        assert issubclass(declared, Operation)
        name = f"n{len(self.nodes)}"
        node: dict[str, Any] = {"id": name, "op": op} | {k: as_json(v) for k, v in case.arguments.items()}
        node["from"] = references if declared.takes_list or len(references) != 1 else references[0]
        if case.call:
            node["call"] = case.call
        self.nodes.append(node)
        self.read.update(references)
        given = [name if index == 0 else f"{name}[{index}]" for index in range(len(outputs))]
        self.values += [Value(reference, tensor) for reference, tensor in zip(given, outputs, strict=True)]
        return name

    # Growth

    def start(self, op: str, second: str) -> str | None:
        """Inputs and the first op of the pair, giving a rank that the second takes; its reference."""
        wanted = ranks(second)[0]
        for attempt in range(2 * TRIES):
            case = self.settle(draw_case(declared_ops()[op], self.random))
            _, outputs, refusal = case.outcome()
            if refusal is None and (outputs[0].rank in wanted or attempt > TRIES):
                references = [self.reference(tensor) for tensor in case.tensors]
                return self.add(op, case, references, outputs)
        return None

    def settle(self, case: Case) -> Case:
        """A case in a model with the one size of batches that the model has."""
        tensors = tuple(replace(tensor, shape=(self.batch, *tensor.shape[1:])) for tensor in case.tensors)
        return replace(case, tensors=tensors)

    def grow(self, op: str, reference: str, *, accepted: bool = True) -> str | None:
        """An op that reads a value; its reference, or nothing where no draw was accepted."""
        declared = declared_ops()[op]
        first = next(value.tensor for value in self.values if value.reference == reference)
        if declared.call_inputs == ("x1", "x2") and "x1" in declared.fields and self.chance(0.15):
            return self.add_second(op, reference, first)
        for _ in range(TRIES if accepted else 1):
            case = self.draw(declared, first)
            _, outputs, refusal = case.outcome()
            if refusal is None or not accepted:
                others = [self.reference(tensor) for tensor in case.tensors[1:]]
                return self.add(op, case, [reference, *others], outputs)
        return None

    def add_second(self, op: str, reference: str, tensor: Tensor) -> str | None:
        """A function of a number and a tensor, in this order."""
        declared = declared_ops()[op]
        number = draw(declared.fields["x1"].kind, self.random)
        try:
            outputs = declared.create({"x1": number}).output(x2=tensor)
        except LayerError:
            return None
        assert isinstance(outputs, Tensor)
        name = self.add(op, Case(declared, {"x1": number}), [reference], (outputs,))
        self.nodes[-1]["from"] = {"x2": reference}
        return name

    def draw(self, declared: type[Operation], first: Tensor) -> Case:
        """Arguments for an op, and tensors of which the first is given."""
        case = draw_case(declared, self.random)
        others = tuple(draw_like(first, self.random) for _ in case.tensors[1:])
        return self.settle(replace(case, tensors=(first, *others)))

    def mistake(self) -> None:
        """Something that may not be accepted, after or in what has grown."""
        if self.chance(0.25):
            op = self.random.choice(list(declared_ops()))
            self.grow(op, self.random.choice(self.values).reference, accepted=False)
            return
        node = self.random.choice([node for node in self.nodes if node["op"] in ("Input", *declared_ops())])
        declared = known("layer")["Input"] if node["op"] == "Input" else declared_ops()[node["op"]]
        names = [name for name in node if name in declared.fields and name != "batch_size"]
        if node["op"] != "Input" and (not names or self.chance(0.4)):
            drawn = draw_arguments(declared, self.random)
            node |= {name: as_json(value) for name, value in drawn.items()}
        elif names:
            name = self.random.choice(names)
            node[name] = as_json(beyond(declared.fields[name].kind, self.random, node[name]))

    # Structure

    def share(self) -> None:
        """One of the layers once more, on another value or Input of the same kind."""
        layers = [node for node in self.nodes if node["op"][0].isupper() and node["op"] != "Input"]
        single = [node for node in layers if isinstance(node["from"], str) and "call" not in node]
        if not single:
            return
        node = self.random.choice(single)
        source = next(value.tensor for value in self.values if value.reference == node["from"])
        given = [v for v in self.values if v.reference.partition("[")[0] == node["id"]]
        reference = self.reference(source)
        name = f"n{len(self.nodes)}"
        self.nodes.append({"id": name, "op": node["id"], "from": reference})
        self.read.add(reference)
        self.values += [Value(v.reference.replace(node["id"], name, 1), v.tensor) for v in given]

    def repeat(self) -> None:
        """One of the layers that keep their shape, several times."""
        fitting = []
        for node in self.nodes:
            if node["op"][0].isupper() and isinstance(node.get("from"), str):
                tensors = {value.reference: value.tensor for value in self.values}
                if tensors[node["from"]] == tensors[node["id"]] and f"{node['id']}[1]" not in tensors:
                    fitting.append(node)
        called = {node["op"] for node in self.nodes}
        fitting = [node for node in fitting if node["id"] not in called]
        if fitting:
            self.random.choice(fitting)["repeat"] = self.random.choice((2, 3))

    def spec(self) -> Spec:
        """The whole: every value that nothing reads is an output."""
        named = {reference.partition("[")[0] for reference in self.read}
        outputs = [node["id"] for node in self.nodes if node["id"] not in named]
        spec: Spec = {"name": "net", "nodes": self.nodes}
        spec["outputs"] = outputs if len(outputs) > 1 else outputs[0]
        return spec


def grow(seed: int, index: int) -> Spec:
    """The model of a place in a run, the same every time."""
    pair = pair_at(seed, index)
    from tests.differential.golden import mutant

    random = Random(f"{seed}:{index}")
    if random.random() < MUTANTS:
        return mutant(random)
    growth = Growth(random)
    growth.batch = 2 if growth.chance(0.08) else None
    reference = growth.start(*pair)
    if reference is None:
        growth.add_input(Tensor((None, 4)))
    else:
        growth.grow(pair[1], reference)
        while growth.chance(0.45):
            op = growth.random.choice(list(declared_ops()))
            value = growth.values[-1] if growth.chance(0.6) else growth.random.choice(growth.values)
            growth.grow(op, value.reference)
        if growth.chance(0.08):
            growth.share()
        if growth.chance(0.05):
            growth.repeat()
    if growth.chance(WRONG):
        growth.mistake()
    spec = growth.spec()
    if growth.chance(0.12):
        spec = wrap(spec, growth.random)
    if growth.chance(0.5):
        forget(spec)
    return spec


def wrap(spec: Spec, random: Random) -> Spec:
    """A stretch of nodes from the first after the Inputs on, as a block or as a model of its own."""
    inputs = [node for node in spec["nodes"] if node["op"] == "Input"]
    others = [node for node in spec["nodes"] if node["op"] != "Input"]
    if not others:
        return spec
    stretch = others[: random.randint(1, len(others))]
    rest = others[len(stretch) :]
    inner = {node["id"] for node in stretch}
    outside = [reference for node in rest for reference in references(node)] + listed(spec["outputs"])
    shared = any(node["op"] in inner for node in rest)
    exits = list(dict.fromkeys(ref for ref in outside if ref.partition("[")[0] in inner))
    read = list(dict.fromkeys(r for node in stretch for r in references(node) if r.startswith("in")))
    if shared or not exits or not read:
        return spec
    kind = random.choice(("blocks", "models"))
    part: dict[str, Any] = {"nodes": deepcopy(stretch)}
    if kind == "blocks":
        part["inputs"] = read
    else:
        part["nodes"] = [{**node, "id": f"part_{node['id']}"} for node in inputs if node["id"] in read] + part["nodes"]
        renamed = {node["id"]: f"part_{node['id']}" for node in inputs}
        for node in part["nodes"]:
            rename(node, renamed)
        read = [node["id"] for node in inputs if node["id"] in read]
    part["outputs"] = exits if len(exits) > 1 else exits[0]
    call = {"id": "c", "op": "part", "from": read if len(read) > 1 else read[0]}
    places = {ref: "c" if index == 0 else f"c[{index}]" for index, ref in enumerate(exits)}
    for node in rest:
        rename(node, places)
    outputs = [places.get(reference, reference) for reference in listed(spec["outputs"])]
    return {
        "name": "net",
        kind: {"part": part},
        "nodes": [*inputs, call, *rest],
        "outputs": outputs if len(outputs) > 1 else outputs[0],
    }


def forget(spec: Spec) -> None:
    """Take the ids of layers that only the next node reads: they get automatic names."""
    nodes = spec["nodes"]
    for before, node in zip(nodes, nodes[1:], strict=False):
        name = before["id"]
        everywhere = [*(r for each in nodes for r in references(each)), *listed(spec["outputs"])]
        named = [each for each in everywhere if each.partition("[")[0] == name]
        called = any(each["op"] == name for each in nodes)
        plain = before["op"] not in ("Input", "part") and "repeat" not in before
        if plain and not called and node.get("from") == name and named == [name]:
            del before["id"], node["from"]
            before["id"] = name  # kept for the next turn of this loop
            before["anonymous"] = True
    for node in nodes:
        if node.pop("anonymous", False):
            del node["id"]


def references(node: dict[str, Any]) -> list[str]:
    """What a node reads."""
    given = node.get("from", [])
    return listed(list(given.values()) if isinstance(given, dict) else given)


def rename(node: dict[str, Any], names: dict[str, str]) -> None:
    """Let a node read other references."""
    given = [names.get(reference, reference) for reference in references(node)]
    if isinstance(node.get("from"), dict):
        node["from"] = dict(zip(node["from"], given, strict=True))
    elif given:
        node["from"] = given if isinstance(node["from"], list) else given[0]


def listed(given: str | list[str]) -> list[str]:
    return [given] if isinstance(given, str) else given


def as_json(value: Any) -> Any:
    """An argument as a spec has it."""
    if isinstance(value, Object):
        return {"op": value.op} | {name: as_json(given) for name, given in value.arguments.items()}
    return [as_json(item) for item in value] if isinstance(value, (list, tuple)) else value
