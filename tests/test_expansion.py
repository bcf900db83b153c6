"""From the tree to the graph: names, turns, frames, sharing, weights, and what is refused on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archgen.errors import Problem, SpecError
from archgen.expansion import examine, expand
from archgen.graph import GraphInfo, GraphNode
from archgen.loader import load_source
from archgen.source import parse

INPUT = {"id": "image", "op": "Input", "shape": [4]}


def dense(id: str | None = None, **more: Any) -> dict[str, Any]:
    return ({"id": id} if id else {}) | {"op": "Dense", "units": 4} | more


def graph_of(spec: dict[str, Any], limit: int = 10_000) -> Any:
    return expand(load_source(parse(json.dumps(spec))), limit=limit)


def net(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "net", "nodes": [INPUT, *nodes], **more}


def nodes_of(spec: dict[str, Any]) -> list[GraphNode]:
    return [data["node"] for _, data in graph_of(spec).nodes(data=True)]


def problems_of(spec: dict[str, Any], limit: int = 10_000) -> list[Problem]:
    return examine(load_source(parse(json.dumps(spec))), limit=limit)[1]


UNIT = {"nodes": [dense("dense"), {"op": "ReLU"}]}
PLAIN = {"nodes": [dense(), {"op": "ReLU"}]}
MODEL = {"nodes": [{"id": "code", "op": "Input", "shape": [4]}, dense(), dense("out")]}

KEYS: dict[str, tuple[dict[str, Any], str]] = {
    "automatic names count per class": (
        net(dense(), {"op": "ReLU"}, dense(), {"op": "PReLU"}),
        "image dense re_lu dense_1 p_re_lu",
    ),
    "an id is the name": (net(dense("stem"), dense()), "image stem dense"),
    "functions count too, whatever their id": (
        net({"id": "a", "op": "ops.relu"}, {"op": "ops.relu"}, {"op": "ReLU"}),
        "image relu relu_1 re_lu",
    ),
    "an Input without an id": (
        {"name": "net", "nodes": [{"op": "Input", "shape": [4]}, dense()]},
        "input_layer dense",
    ),
    "repetitions of a named layer are numbered": (net(dense("h", repeat=3)), "image h_1 h_2 h_3"),
    "repetitions of a layer without an id count on": (net(dense(repeat=3)), "image dense dense_1 dense_2"),
    "no repetition": (net(dense(repeat=0), dense("end")), "image end"),
    "layers in a block bear the call's name and theirs": (
        net({"id": "a", "op": "unit"}, {"op": "unit"}, {"op": "unit"}, blocks={"unit": UNIT}),
        "image a_dense re_lu unit_dense re_lu_1 unit_1_dense re_lu_2",
    ),
    "a repeated block numbers its call": (
        net({"id": "a", "op": "unit", "repeat": 2}, blocks={"unit": UNIT}),
        "image a_1_dense re_lu a_2_dense re_lu_1",
    ),
    "a block beside a repeated one does not take the name of a turn": (
        net({"op": "unit", "repeat": 2}, {"op": "unit"}, blocks={"unit": UNIT}),
        "image unit_1_dense re_lu unit_2_dense re_lu_1 unit_use_2_dense re_lu_2",
    ),
    "blocks in blocks": (
        net(
            {"id": "a", "op": "outer", "repeat": 2},
            blocks={"unit": UNIT, "outer": {"nodes": [{"id": "b", "op": "unit", "repeat": 2}]}},
        ),
        "image a_1_b_1_dense re_lu a_1_b_2_dense re_lu_1 a_2_b_1_dense re_lu_2 a_2_b_2_dense re_lu_3",
    ),
    "a block whose layers bear no ids leaves no trace": (
        net({"id": "a", "op": "plain"}, blocks={"plain": PLAIN}),
        "image dense re_lu",
    ),
    "a model stands below its name, its layers counted where it is built": (
        net(dense(), {"op": "encoder"}, {"op": "encoder"}, models={"encoder": MODEL}),
        "image dense_1 encoder/code encoder/dense encoder/out encoder/code@2 encoder/dense@2 encoder/out@2",
    ),
    "a Sequential counts its layers and models in line": (
        net(dense(), {"op": "encoder"}, dense(), models={"encoder": MODEL}),
        "image dense encoder/code encoder/dense_1 encoder/out dense_2",
    ),
    "a model in a model": (
        net(
            {"op": "outer"},
            {"op": "encoder"},
            models={"outer": {"nodes": [INPUT, {"op": "encoder"}]}, "encoder": MODEL},
        ),
        "image outer/image outer/encoder/code outer/encoder/dense outer/encoder/out "
        "encoder/code encoder/dense encoder/out",
    ),
    "a layer that is called again": (
        net(dense("a"), {"id": "b", "op": "a"}, {"op": "Add", "from": ["a", "b"]}),
        "image a a@2 add",
    ),
    "a condition that is false leaves nothing": (net(dense("a", when="1 > 2"), dense("b")), "image b"),
    "what only a false condition would read is left out": (
        net(dense("a"), {"op": "Add", "from": ["image", "a"], "when": "False"}, dense("b")),
        "image b",
    ),
    "wrapped layers take names before their wrappers": (
        {
            "name": "net",
            "nodes": [
                {"op": "Input", "shape": [3, 2]},
                {"op": "TimeDistributed", "layer": {"op": "Dense", "units": 2}},
                dense(),
            ],
        },
        "input_layer time_distributed dense_1",
    ),
    "casts take names": (
        net(dense(dtype="float16"), {"op": "ops.cast", "dtype": "float32"}),
        "image dense cast_1",
    ),
    "masks take names": (
        {
            "name": "net",
            "nodes": [
                {"op": "Input", "shape": [5], "dtype": "int32"},
                {"id": "a", "op": "Embedding", "input_dim": 3, "output_dim": 2, "mask_zero": True},
                {"op": "Concatenate", "from": ["a", "a"]},
                {"id": "b", "op": "Dropout", "rate": 0.1},
                {"op": "Concatenate", "from": ["a", "b"]},
            ],
        },
        "input_layer a concatenate b concatenate_2",
    ),
}


@pytest.mark.parametrize("case", KEYS)
def test_keys(case: str) -> None:
    spec, expected = KEYS[case]
    assert " ".join(node.key for node in nodes_of(spec)) == expected


def test_frames_tell_uses_and_turns() -> None:
    spec = net(
        {"id": "a", "op": "outer", "units": 2, "repeat": {"rate": [0.1, 0.2]}},
        {"op": "encoder"},
        blocks={
            "outer": {
                "params": {"units": 3, "rate": 0.5},
                "nodes": [
                    {"op": "Dense", "repeat": {"units": ["$units", 4]}},
                    {"op": "Dropout", "rate": "$rate"},
                ],
            }
        },
        models={"encoder": MODEL},
    )
    info: GraphInfo = graph_of(spec).graph["info"]
    found = [(f.kind, f.name, f.label, f.turn, f.turns, f.parent, f.arguments) for f in info.frames]
    assert found == [
        ("block", "outer", "a_1", 1, 2, None, {"units": 2, "rate": 0.1}),
        ("layer", "Dense", "Dense", 1, 2, 0, {"units": 2}),
        ("layer", "Dense", "Dense", 2, 2, 0, {"units": 4}),
        ("block", "outer", "a_2", 2, 2, None, {"units": 2, "rate": 0.2}),
        ("layer", "Dense", "Dense", 1, 2, 3, {"units": 2}),
        ("layer", "Dense", "Dense", 2, 2, 3, {"units": 4}),
        ("model", "encoder", "encoder", 1, 1, None, {}),
    ]
    assert len({frame.call for frame in info.frames if frame.kind == "block"}) == 1


def test_arguments_conditions_and_shapes() -> None:
    """Expressions are evaluated where they stand: in the use's parameters, its caller's and the file's."""
    spec = net(
        {"op": "widen", "times": "$factor + 1"},
        params={"factor": 2, "times": 7},
        blocks={
            "widen": {
                "params": {"times": 1},
                "nodes": [
                    {"op": "Dense", "units": "$times * x.shape[-1]"},
                    {"op": "Dense", "units": "$factor", "when": "times > 2 and x.shape[-1] == 4"},
                ],
            }
        },
    )
    assert [str(node.outputs[0]) for node in nodes_of(spec)] == ["(None, 4)", "(None, 12)", "(None, 2)"]


def test_edges_tell_what_is_read_how() -> None:
    spec = {
        "name": "net",
        "nodes": [
            {"id": "a", "op": "Input", "shape": [3, 4]},
            {"id": "gru", "op": "GRU", "units": 4, "return_state": True},
            {"id": "both", "op": "LSTM", "units": 4, "from": {"initial_state": ["gru[1]", "gru"], "sequences": "a"}},
            {"op": "Add", "from": ["both", "gru", "both"]},
        ],
    }
    edges = [
        (tail, head, data["output"], data["argument"], data["position"])
        for tail, head, data in graph_of(spec).edges(data=True)
    ]
    assert sorted(edges, key=str) == [
        ("a", "both", 0, "sequences", 0),
        ("a", "gru", 0, 0, 0),
        ("both", "add", 0, 0, 0),
        ("both", "add", 0, 2, 2),
        ("gru", "add", 0, 1, 1),
        ("gru", "both", 0, "initial_state", 2),
        ("gru", "both", 1, "initial_state", 1),
    ]


SHARED = {"s": {"nodes": [INPUT, dense("d")]}}
WEIGHTS: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "the first call of a layer has them": (
        net(dense("a"), {"id": "b", "op": "a"}, {"op": "Add", "from": ["a", "b"]}),
        {"a": 20},
    ),
    "where the first call is left out, the next one": (
        net(
            dense("a"),
            {"id": "b", "op": "ReLU"},
            {"id": "c", "op": "a", "from": "image"},
            {"op": "Add", "from": ["c", "b"], "when": "1 > 2"},
        ),
        {"a@2": 20},
    ),
    "the first call of a model": (net({"op": "s", "repeat": 3}, models=SHARED), {"s/d": 20}),
    "inside another model too": (
        net({"op": "outer"}, {"op": "s"}, models={"outer": {"nodes": [INPUT, {"op": "s"}]}, **SHARED}),
        {"outer/s/d": 20},
    ),
    "or before it": (
        net({"op": "s"}, {"op": "outer"}, models={"outer": {"nodes": [INPUT, {"op": "s"}]}, **SHARED}),
        {"s/d": 20},
    ),
    "each use of a block": (
        net({"op": "unit", "repeat": 2}, blocks={"unit": UNIT}),
        {"unit_1_dense": 20, "unit_2_dense": 20},
    ),
}


@pytest.mark.parametrize("case", WEIGHTS)
def test_weights_are_counted_once(case: str) -> None:
    spec, expected = WEIGHTS[case]
    nodes = nodes_of(spec)
    assert {node.key: node.parameters for node in nodes if node.parameters} == expected
    for node in nodes:
        assert node.shares is None or (node.shares in expected or node.declared.op != "Dense")


def test_a_model_takes_the_shapes_it_is_given() -> None:
    """As Keras does: those of the tensors it is called with, whatever its Inputs leave open."""
    spec = {
        "name": "net",
        "models": {
            "m": {"nodes": [{"op": "Input", "shape": [None, 3]}, {"op": "Conv1D", "filters": 2, "kernel_size": 2}]}
        },
        "nodes": [{"id": "a", "op": "Input", "shape": [7, 3]}, {"op": "m"}, {"op": "ReLU"}],
    }
    graph = graph_of(spec)
    assert [str(data["node"].outputs[0]) for _, data in graph.nodes(data=True)] == [
        "(None, 7, 3)",
        "(None, 7, 3)",
        "(None, 6, 2)",
        "(None, 6, 2)",
    ]
    inner = graph.graph["info"].models["m"]
    assert [str(data["node"].outputs[0]) for _, data in inner.nodes(data=True)] == [
        "(None, None, 3)",
        "(None, None, 2)",
    ]


OPEN = {"id": "open", "op": "Input", "shape": [None, 3]}
REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "shapes that do not fit, told with the way in": (
        net(
            {"id": "a", "op": "unit", "units": 3},
            blocks={
                "unit": {
                    "params": {"units": 4},
                    "nodes": [dense("d", units="$units"), {"op": "Add", "from": ["x", "d"]}],
                }
            },
        ),
        "shape-mismatch",
        "blocks.unit.nodes[1], used by nodes[1] 'a' (units=3)",
    ),
    "a problem once, at its first turn": (
        net(
            {"id": "a", "op": "unit", "repeat": {"units": [4, 3, 2]}},
            blocks={
                "unit": {
                    "params": {"units": 4},
                    "nodes": [dense("d", units="$units"), {"op": "Add", "from": ["x", "d"]}],
                }
            },
        ),
        "shape-mismatch",
        "blocks.unit.nodes[1], used by nodes[1] 'a', repetition 2 of 3 (units=3)",
    ),
    "an argument that only the repetition makes wrong": (
        net({"op": "Dense", "repeat": {"units": [3, "$0 * 2"]}}),
        "bad-argument",
        "nodes[1].repeat.units[1], repetition 2 of 2 (units=0)",
    ),
    "two layers of one name": (
        net(dense("unit_dense"), {"op": "unit"}, blocks={"unit": UNIT}),
        "duplicate-name",
        "blocks.unit.nodes[0].id, used by nodes[2]",
    ),
    "an id that is an automatic name": (net(dense("dense_1"), dense(), dense()), "duplicate-name", "nodes[3]"),
    "a layer called like a model": (
        net(dense("encoder"), {"op": "ReLU"}, {"op": "encoder"}, models={"encoder": MODEL}),
        "duplicate-name",
        "nodes[3].op",
    ),
    "a model called before such a layer": (
        net({"op": "encoder"}, dense("encoder"), models={"encoder": MODEL}),
        "duplicate-name",
        "nodes[2].id",
    ),
    "several outputs that are repeated": (
        {
            "name": "net",
            "nodes": [
                {"op": "Input", "shape": [3, 4]},
                {"op": "GRU", "units": 4, "return_sequences": True, "return_state": "$1 > 0", "repeat": 2},
            ],
        },
        "repeat-outputs",
        "nodes[1].repeat",
    ),
    "as many outputs in one use as in another": (
        {
            "name": "net",
            "blocks": {
                "gru": {"params": {"state": False}, "nodes": [{"op": "GRU", "units": 4, "return_state": "$state"}]},
            },
            "nodes": [
                {"id": "a", "op": "Input", "shape": [3, 4]},
                {"id": "one", "op": "gru"},
                {"id": "two", "op": "gru", "state": True, "from": "a"},
                {"op": "Add", "from": ["one", "two"]},
            ],
        },
        "varying-outputs",
        "blocks.gru.nodes[0], used by nodes[2] 'two' (state=True)",
    ),
    "an output that is not there": (
        {
            "name": "net",
            "nodes": [
                {"op": "Input", "shape": [3, 4]},
                {"id": "a", "op": "GRU", "units": 4},
                {"op": "ReLU", "from": "a[1]"},
            ],
        },
        "bad-reference",
        "nodes[2].from",
    ),
    "a layer called again with other weights": (
        net(dense("a", units=3), {"op": "a"}),
        "shape-mismatch",
        "nodes[2]",
    ),
    "a model and a tensor that does not fit": (
        net(dense(units=3), {"op": "encoder"}, models={"encoder": MODEL}),
        "shape-mismatch",
        "nodes[2]",
    ),
    "a model that gives its Input, in another shape": (
        {
            "name": "net",
            "models": {"m": {"nodes": [OPEN, dense("d")], "outputs": ["d", "open"]}},
            "nodes": [
                {"id": "a", "op": "Input", "shape": [2, 3]},
                {"id": "b", "op": "m"},
                {"op": "ReLU", "from": "b[1]"},
            ],
        },
        "passed-on",
        "nodes[1]",
    ),
    "a model in another shape and dtype": (
        {
            "name": "net",
            "models": {"m": {"nodes": [OPEN, {"op": "ops.relu"}]}},
            "nodes": [{"id": "a", "op": "Input", "shape": [2, 3], "dtype": "float16"}, {"op": "m"}],
        },
        "dtype-mismatch",
        "nodes[1]",
    ),
    "a model that both networks of a GAN use": (
        {
            "name": "net",
            "models": {
                "shared": {"nodes": [INPUT, dense()]},
                "g": {"nodes": [INPUT, {"op": "shared"}]},
                "d": {"nodes": [INPUT, {"op": "shared"}, dense(units=1)]},
            },
            "train": {"kind": "gan", "generator": "g", "discriminator": "d"},
        },
        "shared-model",
        "models.shared",
    ),
    "more nodes than the limit": (net(dense(repeat=20_000)), "too-large", "nodes[1].repeat"),
    "more nodes than the limit, in blocks": (
        net(
            {"op": "b", "repeat": 100},
            blocks={"a": {"nodes": [dense(repeat=101)]}, "b": {"nodes": [{"op": "a"}]}},
        ),
        "too-large",
        "nodes[1].repeat",
    ),
    "more nodes than the limit, told by a shape": (
        net({"op": "b"}, blocks={"b": {"nodes": [{"op": "ReLU", "repeat": "$x.shape[-1] ** 31"}]}}),
        "too-large",
        "blocks.b.nodes[0].repeat",
    ),
    "turns without end that add no node": (
        net(
            {"op": "b"},
            {"op": "ReLU"},
            blocks={
                "b": {"nodes": [{"op": "a", "repeat": "$x.shape[-1] ** 31"}]},
                "a": {"nodes": [{"op": "ReLU", "when": "False"}]},
            },
        ),
        "too-large",
        "blocks.b.nodes[0].repeat",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case: str) -> None:
    spec, code, place = REFUSED[case]
    assert [(problem.code, problem.place) for problem in problems_of(spec)] == [(code, place)]


def test_what_lies_downstream_of_a_problem_is_silent() -> None:
    spec = net(
        dense("a", units="$1 // 0"),
        {"id": "b", "op": "unit"},
        {"op": "Add", "from": ["a", "b"], "repeat": "$2"},
        dense("c", units=0),
        blocks={"unit": UNIT},
    )
    assert [problem.place for problem in problems_of(spec)] == ["nodes[4].units", "nodes[1].units"]


def test_expand_raises_every_problem() -> None:
    with pytest.raises(SpecError) as caught:
        graph_of(net(dense("a", units=0), dense("b", units=-1, **{"from": "image"}), {"op": "Add", "from": ["a", "b"]}))
    assert len(caught.value.problems) == 2


def test_the_limit_is_checked_before_anything_is_expanded() -> None:
    """A thousand million nodes are refused at once, however they come about."""
    blocks: dict[str, Any] = {"b0": {"nodes": [dense(repeat=1000)]}}
    blocks |= {f"b{n}": {"nodes": [{"op": f"b{n - 1}", "repeat": 1000}]} for n in (1, 2)}
    (problem,) = problems_of(net({"op": "b2"}, blocks=blocks), limit=1_000_000)
    assert problem.code == "too-large"
    assert "1,000,000,001 nodes" in problem.message


def test_many_nodes() -> None:
    """A hundred thousand come out of a few lines."""
    spec = net(
        {"op": "b", "repeat": 100},
        blocks={"b": {"nodes": [{"op": "a", "repeat": 200}]}, "a": {"nodes": [{"op": "ReLU", "repeat": 5}]}},
    )
    assert len(graph_of(spec, limit=200_000)) == 100_001


def test_a_gan_is_drawn_as_one() -> None:
    """Its picture is the generator, whose output the discriminator judges; each is there by itself too."""
    spec = {
        "name": "net",
        "models": {
            "g": {"nodes": [{"id": "noise", "op": "Input", "shape": [2]}, dense("fake")]},
            "d": {"nodes": [{"id": "sample", "op": "Input", "shape": [4]}, dense("real", units=1)]},
        },
        "train": {"kind": "gan", "generator": "g", "discriminator": "d"},
    }
    graph = graph_of(spec)
    assert list(graph.edges()) == [("g/noise", "g/fake"), ("g/fake", "d/sample"), ("d/sample", "d/real")]
    assert graph.graph["info"].inputs == ["g/noise"]
    assert list(graph.graph["info"].models["d"]) == ["sample", "real"]
