"""What is shown once: all turns of a repeat, with what only some of them have, and how they read each other."""

from __future__ import annotations

import json
import os
import string
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networkx import MultiDiGraph
from pygraphviz import AGraph

from archgen.checking import check
from archgen.drawing import draw, render
from archgen.graph import GraphNode
from archgen.options import Options
from archgen.outline import Group, Link, Outline, mark_skips, outline, runs_of_equal_turns
from archgen.outline.varying import arguments, arguments_in_turn, present, shapes, use_of
from archgen.source import parse
from archgen.tensors import Tensor
from tests import graphs
from tests.graphs import Sketch

Spec = dict[str, Any]

SHORT = {"batch_normalization": "bn", "re_lu": "relu"}


def drawn(shown: Outline, items: list[GraphNode | Group] | None = None) -> str:
    """An outline on one line: names without their numbers, frames in parentheses, ×N, and ``k/N`` for k of N turns."""
    words = []
    for item in shown.items if items is None else items:
        if isinstance(item, GraphNode):
            base = item.id or item.name.rstrip("0123456789").rstrip("_") or item.name
            base = "conv" if base.startswith("conv2d") else base
            presence = shown.stand(item).presence
            words.append(SHORT.get(base, base) + (f" {presence[0]}/{presence[1]}" if presence else ""))
        else:
            rare = f" {item.presence[0]}/{item.presence[1]}" if item.presence else ""
            words.append(f"{item.frame.label}{item.repeat}{rare}({drawn(shown, item.items)})")
    return " ".join(words)


def linked(shown: Outline) -> list[str]:
    """Its links: giver, reader, and in how many turns where not in all."""
    return [
        f"{link.tail}>{link.head}" + (f" {rare[0]}/{rare[1]}" if (rare := shown.read_in(link)) else "")
        for link in shown.links
    ]


def expanded(nodes: list[Spec], **more: Any) -> MultiDiGraph[str]:
    """The graph of a spec."""
    graph = check(parse(json.dumps({"name": "net", "nodes": nodes, **more}))).sound().graph
    assert graph is not None
    return graph


def block(*nodes: Spec, inputs: Any = ("x",), **params: Any) -> Spec:
    return {"params": params, "inputs": list(inputs), "nodes": list(nodes)}


IMAGE: Spec = {"id": "image", "op": "Input", "shape": [8, 8, 4]}
VECTOR: Spec = {"id": "vector", "op": "Input", "shape": [8]}


# Turns that are shown as one


@pytest.mark.parametrize(
    "stages, expected",
    [
        ([], ""),
        ([(64, 1)], "stages(conv bn relu conv bn add relu)"),
        ([(64, 1)] * 3, "stages×3(conv bn relu conv bn add relu)"),
        ([(64, 1), (64, 1), (128, 2)], "stages×3(shortcut 1/3 conv bn relu conv bn add relu)"),
        ([(64, 2), (64, 2)], "stages×2(shortcut conv bn relu conv bn add relu)"),
        ([(64, 1), (64, 2), (64, 1)], "stages×3(shortcut 1/3 conv bn relu conv bn add relu)"),
        ([(64, 1), (128, 2), (128, 1), (256, 2)], "stages×4(shortcut 2/4 conv bn relu conv bn add relu)"),
    ],
)
def test_turns_are_one(stages: list[tuple[int, int]], expected: str) -> None:
    parts = ("image stem", expected, "global_average_pooling2d probabilities")
    assert drawn(outline(graphs.resnet(*stages))) == " ".join(part for part in parts if part)


@pytest.mark.parametrize(
    "expand, inner, expected",
    [
        (0, (16,), "mixer×3(hidden(hidden) gate(dense))"),
        (0, (16, 16, 16), "mixer×3(hidden×3(hidden) gate(dense))"),
        (0, (16, 24), "mixer×3(hidden×2(hidden) gate(dense))"),
        (1, (16, 24), " ".join(["mixer(hidden×2(hidden) gate(dense))"] * 3)),
        (2, (16, 24), " ".join(["mixer(hidden(hidden) hidden(hidden) gate(dense))"] * 3)),
        ("all", (16, 24), " ".join(["mixer(hidden(hidden) hidden(hidden) gate(dense))"] * 3)),
    ],
)
def test_levels_of_repetition(expand: Any, inner: tuple[int, ...], expected: str) -> None:
    assert drawn(outline(graphs.nested(3, inner), expand=expand)) == f"x {expected} y"


def two_turns(change: Callable[[Sketch, str, int], str], calls: tuple[str, str] = ("b", "b")) -> MultiDiGraph[str]:
    """A block of two turns with a Dense of 8 units; ``change`` adds what may differ."""
    sketch = Sketch()
    x = sketch.add("Input", id="x", shape=(8,))
    for turn, call in enumerate(calls, start=1):
        with sketch.frame("block", "b", call=call, turn=turn, turns=2):
            x = change(sketch, sketch.add("Dense", x, units=8), turn)
    return sketch.ends(x)


@pytest.mark.parametrize(
    "change, runs",
    [
        (lambda sketch, x, turn: x, 1),
        (lambda sketch, x, turn: sketch.add("Dense", x, units=8, activation="relu"), 1),
        (lambda sketch, x, turn: sketch.add("Dense", x, units=8, activation=["relu", "tanh"][turn - 1]), 2),
        (lambda sketch, x, turn: sketch.add("Dense", x, units=8, trainable=turn == 1), 2),
        (lambda sketch, x, turn: sketch.add("Dense", x, units=8, id=["one", "two"][turn - 1]), 2),
        (lambda sketch, x, turn: sketch.add(["ReLU", "Flatten"][turn - 1], x), 2),
        (lambda sketch, x, turn: sketch.add("ReLU", x) if turn == 1 else x, 2),
        # The first turn has the weights, the second shares them.
        (lambda sketch, x, turn: sketch.add("Dense", x, key=f"d@{turn}", shares=[None, "d@1"][turn - 1], units=8), 2),
        # Both share those of a layer elsewhere.
        (lambda sketch, x, turn: sketch.add("Dense", x, key=f"d@{turn}", shares="far", units=8), 1),
        # Each shares within itself.
        (lambda sketch, x, turn: sketch.add("Dense", x, shares=x, units=8), 1),
        (lambda sketch, x, turn: sketch.add("Subtract", x, sketch.add("ReLU", x)), 1),
        (lambda sketch, x, turn: sketch.add("Subtract", *[x, sketch.add("ReLU", x)][:: 3 - 2 * turn]), 2),
    ],
)
def test_turns_can_be_kept_apart(change: Callable[[Sketch, str, int], str], runs: int) -> None:
    graph = two_turns(change)
    groups = [item for item in outline(graph, apart=runs_of_equal_turns(graph)).items if isinstance(item, Group)]
    assert [group.times for group in groups] == ([2] if runs == 1 else [1, 1])
    assert [item.times for item in outline(graph).items if isinstance(item, Group)] == [2]


@pytest.mark.parametrize(
    "values, expected",
    [
        ([1, 1, 1, 1], ["stages×4"]),
        ([1, 1, 2, 2], ["stages×2 turns 1 and 2 of 4", "stages×2 turns 3 and 4 of 4"]),
        ([1, 2, 1, 1], ["stages turn 1 of 4", "stages turn 2 of 4", "stages×2 turns 3 and 4 of 4"]),
        ([1, 1, 1, 2], ["stages×3 turns 1 … 3 of 4", "stages turn 4 of 4"]),
    ],
)
def test_only_turns_in_a_row_are_one(values: list[int], expected: list[str]) -> None:
    shown = outline(graphs.resnet(*[(64, 1)] * 4), apart=dict(enumerate(values)))
    assert [f"{group.frame.label}{group.repeat} {group.part}".strip() for group in shown.groups] == expected
    assert sum("add" in link.head and link.skip for link in shown.links) == len(expected)


def test_two_uses_of_a_block_are_no_repeat() -> None:
    assert drawn(outline(two_turns(lambda sketch, x, turn: x, calls=("one", "two")))) == "x b(dense) b(dense)"


# What only some turns have

UNIT = block(
    {"id": "shortcut", "op": "Conv2D", "filters": "$filters", "kernel_size": 1, "from": "x",
     "when": "x.shape[-1] != filters"},
    {"id": "way", "op": "Conv2D", "filters": "$filters", "kernel_size": 3, "padding": "same", "from": "x"},
    {"id": "sum", "op": "Add", "from": ["shortcut", "way"]},
    filters=4,
)  # fmt: skip
CHOICE = block(
    {"id": "wide", "op": "Dense", "units": 8, "when": "not deep"},
    {"id": "deep_1", "op": "Dense", "units": 4, "when": "deep"},
    {"id": "deep_2", "op": "Dense", "units": 8, "when": "deep"},
    {"id": "end", "op": "ReLU"},
    deep=0,
)
POOLED = block(
    {"id": "conv", "op": "Conv2D", "filters": 4, "kernel_size": 3, "padding": "same"},
    {"id": "pool", "op": "MaxPooling2D", "when": "pooled == 1"},
    pooled=0,
)
ATTENTION = block(
    {"id": "seen", "op": "MultiHeadAttention", "num_heads": 2, "key_dim": 4, "from": {"query": "q", "value": "v"}},
    inputs=("q", "v"),
)


@pytest.mark.parametrize(
    "nodes, blocks, expected, links",
    [
        pytest.param(
            [IMAGE, {"id": "s", "op": "unit", "repeat": {"filters": [4, 8, 8, 8]}}], {"unit": UNIT},
            "image s_1×4(shortcut 1/4 way sum)",
            ["image>s_2_shortcut", "image>s_1_way", "image>s_1_sum 3/4", "s_2_shortcut>s_1_sum 1/4", "s_1_way>s_1_sum"],
            id="a shortcut in one turn, past which the others go",
        ),
        pytest.param(
            [VECTOR, {"id": "s", "op": "choice", "repeat": {"deep": [0, 1, 1]}}], {"choice": CHOICE},
            "vector s_1×3(wide 1/3 deep_1 2/3 deep_2 2/3 end)",
            ["vector>s_1_wide", "vector>s_2_deep_1", "s_1_wide>s_1_end 1/3", "s_2_deep_1>s_2_deep_2",
             "s_2_deep_2>s_1_end 2/3"],
            id="one layer or another",
        ),
        pytest.param(
            [IMAGE, {"id": "s", "op": "pooled", "repeat": {"pooled": [1, 0, 0]}}, {"id": "flat", "op": "Flatten"}],
            {"pooled": POOLED}, "image s_1×3(conv pool 1/3) flat",
            ["image>s_1_conv", "s_1_conv>s_1_pool", "s_1_conv>flat", "s_1_pool>flat"],
            id="turns that end with one or another",
        ),
        pytest.param(
            [VECTOR, {"id": "s", "op": "stage", "repeat": {"n": [3, 1, 2]}}],
            {"stage": block({"id": "first", "op": "Dense", "units": 8}, {"id": "d", "op": "one", "repeat": "$n"}, n=1),
             "one": block({"id": "l", "op": "Dense", "units": 8})},
            "vector s_1×3(first s_1_d_1×3, 1, 2(l))", ["vector>s_1_first", "s_1_first>s_1_d_1_l"],
            id="inner repeats of other counts",
        ),
        pytest.param(
            [VECTOR, {"id": "s", "op": "outer", "repeat": 2}],
            {"outer": block({"op": "inner", "repeat": 2, "id": "i"}),
             "inner": block({"id": "l", "op": "Dense", "units": 8}, {"op": "Add", "id": "a", "from": ["x", "l"]})},
            "vector s_1×2(s_1_i_1×2(l a))", ["vector>s_1_i_1_l", "vector>s_1_i_1_a", "s_1_i_1_l>s_1_i_1_a"],
            id="a repeat that is all there is in another",
        ),
        pytest.param(
            [{"id": "x", "op": "Input", "shape": [5, 8]},
             {"id": "s", "op": "attention", "from": ["x", "x"], "repeat": 3}],
            {"attention": ATTENTION}, "x s_1×3(seen)", ["x>s_1_seen", "x>s_1_seen"],
            id="two inputs that are one at first",
        ),
        pytest.param(
            [VECTOR, {"id": "s", "op": "some", "repeat": {"n": [0, 1, 0, 1]}}, {"id": "end", "op": "ReLU"}],
            {"some": block({"id": "l", "op": "Dense", "units": 8, "when": "n"}, n=0)},
            "vector s_2×2(l) end", ["vector>s_2_l", "s_2_l>end"],
            id="turns in which there is nothing",
        ),
        pytest.param(
            [VECTOR, {"id": "d", "op": "Dense", "repeat": {"units": [8, 4, 2]}}], {},
            "vector d×3(d)", ["vector>d_1"],
            id="a repeated layer",
        ),
    ],
)  # fmt: skip
def test_what_some_turns_have(nodes: list[Spec], blocks: Spec, expected: str, links: list[str]) -> None:
    graph = expanded(nodes, blocks=blocks)
    shown = outline(graph)
    assert drawn(shown) == expected
    assert sorted(linked(shown)) == sorted(links)
    assert shown.size == len(graph)


def test_inputs_are_told_apart() -> None:
    """The query is what the turn before gave, the value stays the same: they enter their frame at two places."""
    x = {"id": "x", "op": "Input", "shape": [5, 8]}
    blocks = {
        "attention": ATTENTION,
        "same": block({**ATTENTION["nodes"][0], "from": {"query": "q", "value": "q"}}, inputs=("q",)),
    }
    two = outline(expanded([x, {"op": "attention", "from": ["x", "x"], "repeat": 3}], blocks=blocks))
    one = outline(expanded([x, {"op": "same", "repeat": 3}], blocks=blocks))
    assert (len(two.entries), len(one.entries)) == (2, 1)
    assert [link.arguments for link in two.links] == [["query"], ["value"]]
    assert [link.arguments for link in one.links] == [["query", "value"]]


def test_a_first_turn_that_reads_something_else_is_shown_apart() -> None:
    """It has none of what later turns get of the turn before them, so nothing would lead there."""
    first = {"id": "a", "op": "Dense", "units": 8, "from": "memory"}
    later = {"id": "b", "op": "Add", "from": ["a", "x"], "when": "n > 0"}
    blocks = {"two": block(first, later, inputs=("x", "memory"), n=0)}
    inputs = [VECTOR, {"id": "memory", "op": "Input", "shape": [8]}]
    call = {"id": "s", "op": "two", "from": ["vector", "memory"], "repeat": {"n": [0, 1, 1]}}
    shown = outline(expanded([*inputs, call], blocks=blocks))
    assert drawn(shown) == "vector memory s_1(a) s_2×2(a b)"
    assert sorted(linked(shown)) == ["memory>s_1_a", "memory>s_2_a", "s_1_a>s_2_b", "s_2_a>s_2_b"]


def test_endings() -> None:
    graph = expanded([IMAGE, {"id": "s", "op": "pooled", "repeat": {"pooled": [1, 0, 0]}}], blocks={"pooled": POOLED})
    ((endings),) = outline(graph).endings.values()
    assert {ending.tail: len(ending.turns) for ending in endings} == {"s_1_conv": 2, "s_1_pool": 1}
    assert not outline(graph, expand="all").endings


def test_calls_of_one_model_are_one() -> None:
    models = {"core": {"nodes": [VECTOR, {"id": "l", "op": "Dense", "units": 8}]}}
    graph = expanded([{"id": "x", "op": "Input", "shape": [8]}, {"op": "core", "repeat": 3}], models=models)
    shown = outline(graph)
    assert drawn(shown) == "x core×3(vector l)"
    (group,) = shown.groups
    assert (group.parameters, group.amounts) == (72, [72, 0, 0])
    assert shown.stand(list(group.nodes)[1]).one_instance


def test_a_layer_that_each_turn_shares_within_itself() -> None:
    twice = block({"id": "l", "op": "Dense", "units": 8}, {"id": "again", "op": "l"})
    nodes = [VECTOR, {"id": "d", "op": "Dense", "units": 8}, {"id": "all", "op": "d", "repeat": 3}]
    shown = outline(expanded([*nodes, {"id": "s", "op": "twice", "repeat": 2}], blocks={"twice": twice}))
    items = {item.frame.label: item for item in shown.groups}
    assert [shown.stand(node).shares for node in items["s_1"].nodes] == [None, "l"]
    assert shown.stand(items["all"]).shares == "d"


# Links


def test_links_enter_the_first_turn_and_leave_the_corresponding_node() -> None:
    shown = outline(graphs.resnet((64, 1), (64, 1), (64, 1)))
    links = [(link.tail, link.head) for link in shown.links]
    assert ("stem", "conv2d") in links and ("stem", "add") in links
    assert ("re_lu_1", "global_average_pooling2d") in links
    assert all(tail != head for tail, head in links)
    assert not [pair for pair in links if pair[0] == "re_lu_1" and pair[1] in ("conv2d", "add")]
    assert len(links) == len(set(links)) == 11


def test_a_link_tells_all_that_flows() -> None:
    shown = outline(graphs.resnet((64, 1), (128, 2), (256, 2)))
    (link,) = (link for link in shown.links if (link.tail, link.head) == ("stem", "conv2d"))
    assert [tensor.shape[1:] for tensor in link.tensors] == [(32, 32, 64), (16, 16, 128)]


def test_an_output_inside_a_repeat_is_shown_at_its_first_turn() -> None:
    graph = two_turns(lambda sketch, x, turn: sketch.add("ReLU", x))
    graph.graph["info"].outputs = [("re_lu_1", 0), ("dense_1", 0), ("dense", 0)]
    assert outline(graph).outputs == [("re_lu", 0), ("dense", 0), ("dense", 0)]


def test_parallel_edges_of_one_tensor_are_one_link() -> None:
    sketch = Sketch()
    x = sketch.add("Input", id="x", shape=(10, 8))
    attended = sketch.add("MultiHeadAttention", by_name={"query": x, "value": x}, num_heads=2, key_dim=4)
    (link,) = outline(sketch.ends(attended)).links
    assert (link.tail, link.head, link.output, link.tensor) == ("x", "multi_head_attention", 0, Tensor((None, 10, 8)))
    assert link.arguments == ["query", "value"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([(8, 1), (8, 2), (16, 1)]), max_size=7), st.sampled_from([0, 1, "all"]))
def test_nothing_is_lost(stages: list[tuple[int, int]], expand: Any) -> None:
    graph = graphs.resnet(*stages)
    shown = outline(graph, expand=expand)
    assert shown.size == graph.number_of_nodes() == sum(len(nodes) for nodes in shown.members.values())
    assert shown.parameters == sum(data["node"].parameters for _, data in graph.nodes(data=True))
    keys = {node.key for node in shown.nodes}
    assert keys == set(shown.members)
    assert all(link.tail in keys and link.head in keys for link in shown.links)
    assert sorted(edge for link in shown.links for edge in link.edges) == sorted(
        (tail, head, data["output"]) for tail, head, data in graph.edges(data=True)
    )
    if expand:
        assert len(keys) == graph.number_of_nodes() and len(shown.links) == graph.number_of_edges()


CELL = st.fixed_dictionaries({"when": st.lists(st.booleans(), min_size=4, max_size=4), "reads": st.integers(0, 4)})


@settings(max_examples=60, deadline=None)
@given(
    st.lists(CELL, min_size=1, max_size=4),
    st.lists(st.integers(0, 1), min_size=1, max_size=3),
    st.sampled_from([0, 1, 2, "all"]),
)
def test_any_conditions(cells: list[Spec], outer: list[int], expand: Any) -> None:
    """Blocks of layers that are there in some turns only and read the layer before them and any other.

    What is shown is all there is, in order, and in the picture every node lies on a way from the input to the output.
    """
    names = ["x", *(f"n{number}" for number in range(len(cells)))]
    nodes = [
        {"id": f"n{number}", "op": "Add", "from": [names[number], names[min(cell["reads"], number)]],
         "when": f"w{number} == 1"}
        for number, cell in enumerate(cells)
    ]  # fmt: skip
    whens = {f"w{number}": [int(value) for value in cell["when"]] for number, cell in enumerate(cells)}
    blocks = {
        "cell": block(*nodes, **dict.fromkeys(whens, 0)),
        "stage": block(
            {"id": "c", "op": "cell", "repeat": whens, "when": "v == 1"}, {"id": "d", "op": "cell", "w0": 1}, v=0
        ),
    }
    stage = {"id": "s", "op": "stage", "repeat": {"v": outer}}
    graph = expanded([VECTOR, stage, {"id": "end", "op": "ReLU"}], blocks=blocks)
    shown = outline(graph, expand=expand)
    assert shown.size == len(graph)
    assert {node.key for node in shown.nodes} == set(shown.members)
    edges = {edge for link in shown.links for edge in link.edges}
    assert edges == {(tail, head, data["output"]) for tail, head, data in graph.edges(data=True)}
    places = {node.key: place for place, node in enumerate(shown.nodes)}
    assert all(places[link.tail] < places[link.head] for link in shown.links)
    fed = {link.head for link in shown.links}
    assert all(not node.inputs or node.key in fed for node in shown.nodes)
    giving = {link.tail for link in shown.links} | {key for key, _ in shown.outputs}
    assert giving == set(shown.members)
    source = AGraph(string=draw(graph, Options(expand=expand)))
    lines = [edge for edge in source.edges() if edge.attr["style"] != "invis"]
    picture: networkx.DiGraph[str] = networkx.DiGraph([(str(edge[0]), str(edge[1])) for edge in lines])
    assert networkx.is_directed_acyclic_graph(picture)
    assert set(shown.members) <= {"vector", *networkx.descendants(picture, "vector")}
    assert set(shown.members) <= networkx.ancestors(picture, "output 0")


# What varies, in words


@pytest.mark.parametrize(
    "given, expected",
    [
        ([{"filters": 64}] * 3, "3×3, 64 filters"),
        ([{"filters": 64}, {"filters": 128}], "3×3, 64 or 128 filters"),
        ([{"filters": 64 * 2**k} for k in range(4)], "3×3, 64 … 512 filters"),
        ([{"filters": 64, "strides": s} for s in (1, 2, 1)], "3×3, stride 1 or 2, 64 filters"),
        ([{"filters": 8, "kernel_size": k} for k in (3, 5, 7)], "3×3 … 7×7, 8 filters"),
        ([{"filters": 8, "activation": a} for a in ("relu", "tanh", "relu")], "3×3, 8 filters, relu or tanh"),
        ([{"filters": 8, "use_bias": b} for b in (True, False, True)], "3×3, 8 filters, no bias in 1 of 3"),
        ([{"filters": f} for f in (8, 2, 6, 4)], "3×3, 2 … 8 filters"),
    ],
)
def test_arguments_that_vary(given: list[Spec], expected: str) -> None:
    sketch = Sketch()
    x = sketch.add("Input", id="x", shape=(32, 32, 4))
    keys = [sketch.add("Conv2D", x, **{"kernel_size": 3, **each}) for each in given]
    assert ", ".join(arguments([sketch.graph.nodes[key]["node"] for key in keys])) == expected


def test_the_arguments_of_a_repeated_layer() -> None:
    sketch = Sketch()
    x = sketch.add("Input", id="x", shape=(8,))
    keys = [sketch.add("Dense", x, units=units, activation="relu") for units in (64, 32, 32, 16)]
    nodes = [sketch.graph.nodes[key]["node"] for key in keys]
    assert arguments_in_turn(nodes) == (["relu"], ["64, 32 ×2, 16"])


FILTERS = [64] * 3 + [128] * 4 + [256] * 6 + [512] * 3
STRIDES = [1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1]


@pytest.mark.parametrize(
    "repeat, expected",
    [
        (3, ["unit"]),
        ({"filters": FILTERS, "strides": STRIDES}, ["unit", "filters 64 ×3, 128 ×4, 256 ×6, 512 ×3", "strides 1 or 2"]),
        ({"filters": [8, 16], "strides": [1, 1]}, ["unit(strides=1)", "filters 8, 16"]),
        ({"filters": list(range(8, 88, 8))}, ["unit", "filters 8 … 80"]),
    ],
)
def test_the_head_of_a_frame(repeat: Any, expected: list[str]) -> None:
    unit = block({"op": "Dense", "units": "$filters * strides"}, filters=8, strides=1)
    graph = expanded([VECTOR, {"id": "s", "op": "unit", "repeat": repeat}], blocks={"unit": unit})
    assert use_of(next(outline(graph).groups)) == ("s", expected)


def test_a_frame_in_turns_goes_by_its_own_name() -> None:
    blocks = {
        "stage": block({"id": "rest", "op": "unit", "repeat": 2}),
        "unit": block({"id": "l", "op": "Dense", "units": 8}),
    }
    graph = expanded([VECTOR, {"id": "s", "op": "stage", "repeat": 3}], blocks=blocks)
    assert [use_of(group) for group in outline(graph).groups] == [("s", ["stage"]), ("rest", ["unit"])]
    assert [use_of(group)[0] for group in outline(graph, expand=1).groups][:2] == ["s_1", "s_1_rest"]


@pytest.mark.parametrize(
    "given, expected",
    [
        ([(8, 8, 3)], "8×8×3"),
        ([(8, 8, 3), (8, 8, 3)], "8×8×3"),
        ([(8, 8, 3), (4, 4, 6)], "8×8×3 or 4×4×6"),
        ([(8, 8, 3), (4, 4, 6), (2, 2, 9)], "8×8×3 … 2×2×9"),
        ([(8, 8, 3), (2, 2, 9), (4, 4, 6)], "2×2×9 … 8×8×3"),
        ([(8, 8, 3), (8, 8, 6)], "8×8×3 or 6"),
        ([(8, 8, n) for n in range(3, 9)], "8×8×3 … 8"),
        ([(64,), (256,), (128,)], "64, 256 or 128"),
        ([(784,), (128,), (32,), (256,), (784,)], "32 … 784"),
        ([(8, 3), (24,)], "8×3 or 24"),
        ([(None, 8), (None, 16)], "?×8 or 16"),
    ],
)
def test_shapes_that_vary(given: list[tuple[int, ...]], expected: str) -> None:
    assert shapes([Tensor((None, *shape)) for shape in given]) == expected


def test_presence() -> None:
    assert (present(None), present((4, 16))) == ("", "in 4 of 16")


# Skip connections


@pytest.mark.parametrize(
    "edges, sums, expected",  # Nodes in capitals have no weights.
    [
        ("ab bc", "", ""),
        ("ab bc ac", "", "ac"),  # A residual connection.
        ("ab bc ac", "c", "ac"),
        ("ab ac bd cd", "d", ""),  # Two branches of one length.
        ("ab ac bd cd", "", ""),
        ("ab bc cd ae ed", "d", "ae ed"),  # A projection: one node beside two.
        ("ab bc cd ae ed", "", ""),  # The same into what is no sum is a branch.
        ("ab bc cd dg ae ef fg", "g", "ae ef fg"),  # Two nodes beside three.
        ("ab bc cd de ej af fg gh hj", "j", ""),  # Three in a row are no projection.
        ("ab bc cd ad bd", "", "ad bd"),  # Dense connections.
        ("ab bc cd de bd ae", "", "bd ae"),  # One around another.
        ("xb yb bc xc", "", "xc"),
        ("xb yb", "b", ""),
        ("ab bC Cd ae ed", "d", ""),  # A mean beside a deviation and its noise: neither passes the other.
        ("ab bC Cd aE Ed", "d", "aE Ed"),  # A pooling beside them does.
        ("ab bC Cf fd ae ed", "d", "ae ed"),
    ],
)
def test_skip_connections(edges: str, sums: str, expected: str) -> None:
    links = [Link(edge[0], edge[1], 0, Tensor((None, 1)), [0]) for edge in edges.split()]
    mark_skips(links, sums, string.ascii_lowercase)
    assert " ".join(link.tail + link.head for link in links if link.skip) == expected


def test_a_skip_connection_from_turn_to_turn_is_one() -> None:
    shown = outline(graphs.resnet(*[(64, 1)] * 3, (128, 2)))
    skips = {(link.tail, link.head): shown.read_in(link) for link in shown.links if link.skip}
    assert skips == {
        ("stem", "add"): (3, 4),
        ("stem", "stages_4_shortcut"): None,
        ("stages_4_shortcut", "add"): (1, 4),
    }


# Determinism

DIGEST = """
import sys
from archgen.checking import check
from archgen.outline import outline
from archgen.source import parse
graph = check(parse(sys.argv[1])).sound().graph
for expand in (0, 1, "all"):
    shown = outline(graph, expand=expand)
    print([node.key for node in shown.nodes], [(k.tail, k.head, k.through, k.tensors) for k in shown.links])
"""


def test_always_the_same() -> None:
    nodes = [IMAGE, {"id": "s", "op": "unit", "repeat": {"filters": [4, 8, 8]}}, {"op": "pooled", "repeat": 2}]
    spec = json.dumps({"name": "net", "nodes": nodes, "blocks": {"unit": UNIT, "pooled": POOLED}})
    said = {
        subprocess.run(
            [sys.executable, "-c", DIGEST, spec],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }  # fmt: skip
    assert len(said) == 1


# At the size of a page

A4 = 842
"""Points from top to bottom."""


def test_resnet50_fits_three_pages_and_is_complete_when_expanded() -> None:
    graph = check(parse(Path("specs/resnet50.json").read_text(encoding="utf-8"))).sound().graph
    assert graph is not None
    picture, all_of_it = render(graph, "svg"), render(graph, "svg", Options(expand="all"))
    root = ElementTree.fromstring(picture)
    assert len(picture) < 60_000 and float(root.get("height", "").removesuffix("pt")) < 3 * A4
    drawn_keys = {group.get("data-key") for group in ElementTree.fromstring(all_of_it).iter()} - {None}
    assert drawn_keys == set(graph)
