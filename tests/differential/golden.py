"""Mutants of the example architectures: a stretch of one, flattened, with a change or two."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from archgen.checking import check
from archgen.graph import GraphNode
from archgen.layers.base import Operation, known
from archgen.source import parse
from archgen.tensors import Tensor
from tests.differential.grow import Spec, as_json, declared_ops, listed, references
from tests.layers.samples import beyond, draw_arguments

SPECS = Path(__file__).resolve().parents[2] / "specs"
LONGEST = 10
"""Nodes of a stretch."""


@cache
def flat(name: str) -> tuple[dict[str, Any], ...]:
    """The nodes of an example with every block, model and repetition unrolled, each with the tensors that it reads."""
    graph = check(parse((SPECS / name).read_text("utf-8"))).graph
    assert graph is not None
    graphs = [graph] if graph else list(graph.graph["info"].models.values())
    return tuple(node for each in graphs for node in _nodes(each))


def _nodes(graph: Any) -> list[dict[str, Any]]:
    ids = {key: f"n{index}" for index, key in enumerate(graph)}
    found: dict[str, dict[str, Any]] = {}
    same: dict[str, str] = {}
    for key, data in graph.nodes(data=True):
        node: GraphNode = data["node"]
        edges = sorted(graph.in_edges(key, data=True), key=lambda edge: edge[2]["position"])
        reads = [(same.get(giver, ids[giver]), edge["output"], edge) for giver, _, edge in edges]
        if node.op == "Input":
            if reads:
                same[key] = reads[0][0]
            else:
                found[key] = {"id": ids[key], "op": "Input", "shape": list(node.outputs[0].shape[1:])}
                found[key]["dtype"] = node.outputs[0].dtype
            continue
        op = ids[node.shares] if node.shares else node.op
        made: dict[str, Any] = {"id": ids[key], "op": op}
        made |= {} if node.shares else {name: as_json(value) for name, value in node.arguments.items()}
        made["from"] = [f"{name}[{output}]" if output else name for name, output, _ in reads]
        if not node.declared.takes_list and len(made["from"]) == 1:
            made["from"] = made["from"][0]
        if node.calls:
            made["call"] = dict(node.calls)
        made["tensors"] = [edge["tensor"] for *_, edge in reads]
        found[key] = made
    return list(found.values())


def names() -> list[str]:
    """The examples small enough to be built thousands of times."""
    found = sorted(path.name for path in SPECS.glob("*.json") if not path.name.endswith(".schema.json"))
    return [name for name in found if json.loads((SPECS / name).read_text("utf-8")).get("nodes") and "50" not in name]


def mutant(random: Random) -> Spec:
    """A stretch of an example after one or two changes."""
    spec = stretch(flat(random.choice(names())), random)
    for _ in range(random.choice((0, 1, 1, 2))):
        change(spec, random)
    named = {reference.partition("[")[0] for node in spec["nodes"] for reference in references(node)}
    outputs = [node["id"] for node in spec["nodes"] if node["id"] not in named]
    return {**spec, "outputs": outputs if len(outputs) > 1 else outputs[0]}


def stretch(nodes: tuple[dict[str, Any], ...], random: Random) -> Spec:
    """Some nodes in a row; what they read from outside becomes an Input."""
    layers = [node for node in nodes if node["op"] != "Input"]
    start = random.randrange(len(layers))
    chosen = deepcopy(layers[start : start + random.randint(2, LONGEST)])
    inside = {node["id"] for node in chosen}
    chosen = [node for node in chosen if node["op"] in inside or node["op"][0] != "n"]
    inside = {node["id"] for node in chosen}
    inputs: dict[str, dict[str, Any]] = {}
    for node in chosen:
        tensors: list[Tensor] = node.pop("tensors")
        given = []
        for reference, tensor in zip(listed(node["from"]), tensors, strict=True):
            if reference.partition("[")[0] in inside:
                given.append(reference)
                continue
            name = f"in{len(inputs)}"
            made = inputs.setdefault(reference, {"id": name, "op": "Input", "shape": list(tensor.shape[1:])})
            if tensor.dtype != "float32":
                made["dtype"] = tensor.dtype
            given.append(made["id"])
        node["from"] = given if isinstance(node["from"], list) else given[0]
    return {"name": "net", "nodes": [*inputs.values(), *chosen]}


def change(spec: Spec, random: Random) -> None:
    """One change: to an argument, an input, what a node reads, or which op it is."""
    nodes = spec["nodes"]
    index = random.randrange(len(nodes))
    node = nodes[index]
    if node["op"] == "Input":
        if node["shape"] and random.random() < 0.8:
            node["shape"][random.randrange(len(node["shape"]))] = random.choice((None, 1, 2, 3, 7, 8))
        else:
            whole = node.get("dtype", "float32").startswith("int")
            node["dtype"] = random.choice(("int64", "uint8") if whole else ("float16", "float64", "int32"))
        return
    declared = declared_ops().get(node["op"])
    what = random.choice(("argument", "argument", "bound", "wire", "drop", "op"))
    if what == "wire":
        givers = [each["id"] for each in nodes[:index]]
        given = [random.choice(givers) if random.random() < 0.5 else reference for reference in references(node)]
        node["from"] = given if isinstance(node["from"], list) else given[0]
    elif declared is None:
        return
    elif what == "argument":
        name = random.choice(list(declared.fields) or ["units"])
        if name in declared.fields:
            drawn = draw_arguments(declared, random)
            node |= {name: as_json(drawn[name])} if name in drawn else {}
    elif what == "bound":
        names = [name for name in node if name in declared.fields]
        if names:
            name = random.choice(names)
            kind = declared.fields[name].kind
            node[name] = as_json(beyond(kind, random, node[name]))
    elif what == "drop":
        names = [name for name in node if name in declared.fields]
        if names:
            del node[random.choice(names)]
    else:
        like = [op for op in known("layer") if stands_in(declared_ops().get(op), declared)]
        if like and isinstance(node["from"], str):
            op = random.choice(like)
            drawn = draw_arguments(declared_ops()[op], random)
            kept = {"id": node["id"], "op": op, "from": node["from"]}
            node.clear()
            node |= kept | {name: as_json(value) for name, value in drawn.items()}


def stands_in(other: type[Operation] | None, declared: type[Operation]) -> bool:
    """Whether an op is of the same sort as another, and reads floats like most of them."""
    return other is not None and other.category == declared.category and "float32" in other.sample_dtypes
