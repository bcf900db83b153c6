"""Source -> Program: what is read, and that one mistake is told once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archgen.errors import ArchgenError
from archgen.loader import load_source, parse_override
from archgen.program import Program
from archgen.source import parse

IMAGE = {"id": "image", "op": "Input", "shape": [4]}


def load(spec: dict[str, Any], **overrides: Any) -> Program:
    return load_source(parse(json.dumps(spec)), overrides)


def spec(*nodes: Any, **more: Any) -> dict[str, Any]:
    return {"name": "tiny", **more, "nodes": [IMAGE, *nodes]}


def told(program: Program) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in program.problems]


def dense(units: Any = 4, **more: Any) -> dict[str, Any]:
    return {"op": "Dense", "units": units, **more}


# What is read


def test_a_whole_file() -> None:
    program = load(
        {
            "$schema": "./archgen.schema.json",
            "archgen": 1,
            "name": "whole",
            "title": "A title",
            "description": "A description",
            "params": {"depth": 2, "sizes": [1, 2], "money": "$$5", "nothing": None},
            "blocks": {"twice": {"params": {"units": 3}, "nodes": [dense("$units"), dense("$units * depth")]}},
            "models": {"part": {"nodes": [IMAGE, dense("$sizes[0]")], "outputs": ["dense"]}},
            "nodes": [IMAGE, {"op": "twice", "units": 4}],
            "outputs": {"end": "image"},
            "train": {"data": "iris"},
        }
    )
    assert (program.name, program.title, program.description) == ("whole", "A title", "A description")
    assert program.params == {"depth": 2, "sizes": [1, 2], "money": "$5", "nothing": None}
    assert program.blocks["twice"].inputs == ("x",)
    assert program.blocks["twice"].captures == ("depth",)
    assert program.models["part"].captures == ("sizes",)
    assert program.main is not None and program.main.captures == ("depth",)
    assert program.train == {"data": "iris"}


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({}, ["hidden"]),
        ({"from": "image"}, ["image"]),
        ({"from": ["image"]}, ["image"]),
        ({"from": {"inputs": "image"}}, ["image"]),
        ({"from": "hidden[0]"}, ["hidden[0]"]),
    ],
)
def test_references(given: dict[str, Any], read: list[str]) -> None:
    program = load(spec(dense(id="hidden"), dense(**given), outputs=["hidden", "image"]))
    assert program.main is not None
    assert [reference.text for reference in program.main.nodes[2].sources.all()] == read


def test_the_first_node_of_a_block_reads_its_first_input() -> None:
    program = load(
        spec(
            {"op": "b", "from": ["image", "image"]},
            blocks={
                "b": {
                    "inputs": ["left", "right"],
                    "nodes": [dense(), {"id": "sum", "op": "Add", "from": ["right", "left"]}],
                }
            },
        )
    )
    assert [reference.target for reference in program.blocks["b"].nodes[0].sources.all()] == ["left"]


@pytest.mark.parametrize(
    ("when", "text"), [("depth > 1", "depth > 1"), ("$depth > 1", "depth > 1"), (True, "True"), (False, "False")]
)
def test_when(when: Any, text: str) -> None:
    program = load(spec(dense(when=when), params={"depth": 2}))
    assert program.main is not None and program.main.nodes[1].when is not None
    assert (program.main.nodes[1].when.text, program.problems) == (text, [])


def test_models_and_parameters_reach_through_blocks() -> None:
    program = load(
        spec(
            {"op": "outer"},
            params={"a": 1, "b": 2},
            blocks={"outer": {"nodes": [{"op": "inner"}]}, "inner": {"nodes": [{"op": "part"}, dense("$b")]}},
            models={"unused": {"nodes": [IMAGE]}, "part": {"nodes": [IMAGE, dense("$a")]}},
        )
    )
    assert program.main is not None and program.problems == []
    assert (program.main.models, program.blocks["outer"].models) == (("part",), ("part",))
    assert (program.main.captures, program.models["part"].captures) == (("a", "b"), ("a",))


# Overrides


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n=100", 100),
        ("n=0.5", 0.5),
        ("n=true", True),
        ("n=null", None),
        ("n=[1, 2]", [1, 2]),
        ("n=relu", "relu"),
        ('n="100"', "100"),
        ("n=", ""),
        ("n=a=b", "a=b"),
        ("n=NaN", "NaN"),
        ("n=007", "007"),
        ("n=" + "[" * 10_000, "[" * 10_000),
        ("n=" + "9" * 5_000, "9" * 5_000),
    ],
)
def test_overrides_are_read(text: str, value: Any) -> None:
    assert parse_override(text) == ("n", value)


@pytest.mark.parametrize(
    "text", ["", "n", "=1", "a b=1", "class=1", "n={}", "n=[[1]]", "n=$a", "n=\udcff", 'n=["\udcff"]']
)
def test_overrides_are_refused(text: str) -> None:
    with pytest.raises(ArchgenError):
        parse_override(text)


def test_overrides_replace_parameters() -> None:
    program = load(spec(dense("$classes"), params={"classes": 3}), classes=5)
    assert program.params == {"classes": 5}
    with pytest.raises(ArchgenError, match="no parameter 'clases'") as raised:
        load(spec(dense("$classes"), params={"classes": 3}), clases=5)
    assert raised.value.hint == 'did you mean "classes"?'


# One mistake, told once

BLOCK = {"b": {"nodes": [dense()]}}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (spec(dense("$1 +")), [("nodes[1].units", "bad-expression")]),
        (spec(dense("$a"), params={"a": {}}), [("params.a", "wrong-type")]),
        (spec(dense("$a"), params={"a": ["$b"]}), [("params.a", "wrong-type")]),
        (spec(dense("$class"), params={"class": 3}), [("params.class", "bad-name")]),
        (spec(dense("$max"), params={"max": 3}), [("params.max", "bad-name")]),
        (spec(dense("$a"), params=3), [("params", "wrong-type")]),
        (spec({"op": "b"}, blocks={"b": 3}), [("blocks.b", "wrong-type")]),
        (spec({"op": "b"}, blocks={"b": {}}), [("blocks.b", "missing-key")]),
        (spec({"op": "b", "repeat": 3}, blocks={"b": {"nodes": 3}}), [("blocks.b.nodes", "wrong-type")]),
        (spec({"op": "Twice"}, blocks={"Twice": BLOCK["b"]}), [("blocks.Twice", "bad-name")]),
        (spec({"op": "my-block"}, blocks={"my-block": BLOCK["b"]}), [('blocks["my-block"]', "bad-name")]),
        (spec({"op": "m"}, models={"m": {"nodes": []}}), [("models.m.nodes", "wrong-type")]),
        (spec({"op": "m"}, models={"m": {"nodes": [dense()]}}), [("models.m.nodes[0]", "no-input")]),
        (spec({"id": "a b", **dense()}, dense(**{"from": "a b"})), [("nodes[1].id", "bad-name")]),
        (spec({"id": "for", **dense()}, {"op": "for"}), [("nodes[1].id", "bad-name")]),
        (spec({"id": "a", **dense()}, {"op": "a"}, params={"a": 3}), [("nodes[1].id", "duplicate-name")]),
        (spec({"id": "a", "op": "Dens"}, dense(**{"from": "a"})), [("nodes[1].op", "unknown-op")]),
        (spec({"id": "a", "op": "Dens"}, {"op": "a"}), [("nodes[1].op", "unknown-op")]),
        (spec(3, dense()), [("nodes[1]", "wrong-type")]),
        (
            spec(dense(id="a"), dense(id="b", **{"from": "c"}), {"op": "Add", "from": ["b", "b"]}),
            [("nodes[2].from", "unknown-reference")],
        ),
        (spec(dense(id="a"), {"op": "Add"}), [("nodes[2].from", "wrong-inputs")]),
        (spec(dense(unit=3) | {"units": 3}), [("nodes[1].unit", "unknown-argument")]),
        (spec({"op": "Dense", "unit": 3}), [("nodes[1].unit", "unknown-argument")]),
        (spec({"op": "Dense", "repeat": {"units": 3}}), [("nodes[1].repeat.units", "wrong-type")]),
        (spec({"op": "Dense", "repeat": {"units": "$1 +"}}), [("nodes[1].repeat.units", "bad-expression")]),
        (spec(dense(repeat="$q")), [("nodes[1].repeat", "unknown-name")]),
        (spec(dense(when="$q")), [("nodes[1].when", "unknown-name")]),
        (
            spec({"op": "b", "a": 1}, blocks={"b": {"params": {"op": 1, "a": 2}, "nodes": [dense("$a")]}}),
            [("blocks.b.params.op", "bad-name")],
        ),
        (
            spec(
                {"op": "b"},
                blocks={"b": {"params": {"a": 1}, "inputs": ["a"], "nodes": [dense("$a", **{"from": "a"})]}},
            ),
            [("blocks.b.inputs[0]", "duplicate-name")],
        ),
        (spec({"op": "b"}, blocks={"b": {"nodes": [{"op": "b"}]}}), [("blocks.b.nodes[0].op", "recursion")]),
        ({"name": "tiny", "node": [IMAGE]}, [("node", "unknown-key")]),
        ({"Name": "tiny", "nodes": [IMAGE]}, [("Name", "unknown-key")]),
        ({"name": "tiny", "archgen": 2, "nodes": 3}, [("archgen", "unknown-version")]),
        ({"name": "tiny", "archgen": True, "nodes": [IMAGE]}, [("archgen", "unknown-version")]),
        ({"name": "tiny", "train": {"kind": "gann"}}, []),
    ],
    ids=lambda value: json.dumps(value)[:70] if isinstance(value, dict) else "",
)
def test_one_mistake_is_told_once(given: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """What follows from a mistake is silent: names that it hides, nodes that it leaves unread, arguments it gives."""
    assert told(load(given)) == expected


@pytest.mark.parametrize("name", ["__class__", "__dict__", "self", "a\nb", "", "é", "x" * 10_000, "None", "{0}", "%s"])
def test_any_key_anywhere_is_read_or_told_of(name: str) -> None:
    for given in (
        spec(dense(), **{name: 1}),
        spec(dense(**{name: 1})),
        spec(dense("$1"), params={name: 1}),
        spec(dense(), blocks={name: BLOCK["b"]}),
        spec(dense(), models={name: {"nodes": [IMAGE]}}),
        spec(dense(), blocks={"b": {"inputs": [name], "nodes": [dense()]}}),
        spec({"op": name}),
        spec({"id": name, **dense()}),
        spec(dense(**{"from": name})),
        spec(dense(**{"from": {name: "image"}})),
        spec(dense(repeat={name: [1]})),
        spec(dense(call={name: 1})),
        spec(dense(kernel_initializer={"op": name})),
        spec(dense(when=name)),
        spec(dense(), outputs={name: "image"}),
        spec(dense(), train={name: 1}),
    ):
        for problem in load(given).problems:
            assert all(line.isprintable() and len(line) < 1000 for line in str(problem).split("\n"))


def test_blocks_nested_too_deep_are_refused_in_any_order() -> None:
    blocks = {f"b{i}": {"nodes": [{"op": f"b{i - 1}"} if i else dense()]} for i in range(3000)}
    for table in (blocks, dict(reversed(blocks.items()))):
        assert told(load(spec({"op": "b2999"}, blocks=table))) == [("blocks.b50", "too-deep")]
    assert told(load(spec({"op": "b49"}, blocks=dict(list(blocks.items())[:50])))) == []


def test_a_circle_is_told_of_once() -> None:
    blocks = {f"b{i}": {"nodes": [dense(), {"op": f"b{(i + 1) % 3}"}]} for i in range(3)}
    program = load(spec({"op": "b1"}, blocks=blocks))
    assert [problem.message for problem in program.problems] == ['"b0" uses itself: b0 -> b1 -> b2 -> b0']
