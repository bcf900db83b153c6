"""What differs between two specs: exactly what was changed, in text, JSON, Markdown and one picture."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import combinations
from math import dist
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import archgen
from archgen.checking import Checked, check
from archgen.cli import cli
from archgen.diffing import Comparison, compare
from archgen.diffing.picture import ADDED, CHANGED, REMOVED, THEME, union
from archgen.drawing.svg import SVG
from archgen.errors import SpecError
from archgen.source import parse
from tests import mutants
from tests.strategies import specs
from tests.test_draw import HOSTILE, box
from tests.test_theme import SIGHTS, contrast, lab, light, times

ROOT = Path(__file__).resolve().parents[1]
Spec = dict[str, Any]

IMAGE = {"id": "image", "op": "Input", "shape": [8, 8, 4]}
CONV = {"id": "conv", "op": "Conv2D", "filters": 4, "kernel_size": 3, "padding": "same"}
NORM = {"op": "BatchNormalization"}
RELU = {"op": "ReLU"}
FLAT = {"op": "Flatten"}
SCORES = {"id": "scores", "op": "Dense", "units": 3}
UNIT = {
    "params": {"filters": 4},
    "inputs": ["x"],
    "nodes": [
        {"op": "Conv2D", "filters": "$filters", "kernel_size": 3, "padding": "same"},
        NORM,
        {"id": "seen", "op": "ReLU"},
        {"op": "Add", "from": ["seen", "x"]},
    ],
}
LEFT = {"id": "left", "op": "Input", "shape": [6]}
RIGHT = {"id": "right", "op": "Input", "shape": [6]}
HEADS = [LEFT, {"id": "q", "op": "Reshape", "target_shape": [2, 3]}, {"id": "k", "op": "ReLU"}]
ATTENTION = {"id": "m", "op": "MultiHeadAttention", "num_heads": 1, "key_dim": 2}
TOWER = [{"id": "wide", "op": "Dense", "units": 5}, {"op": "ReLU"}]
TOWERS = [
    LEFT,
    RIGHT,
    {"id": "one", "op": "tower", "from": "left"},
    {"id": "two", "op": "tower", "from": "right"},
    {"op": "Concatenate", "from": ["one", "two"]},
]


def spec(*nodes: dict[str, Any], **more: Any) -> Spec:
    return {"name": "net", "nodes": [*nodes], **more}


def checked(given: Spec, file: str = "<spec>") -> Checked:
    return check(parse(json.dumps(given, indent=1), file)).sound()


def difference(one: Spec, other: Spec) -> Comparison:
    return compare(checked(one, "a.json"), checked(other, "b.json"))


def told(one: Spec, other: Spec) -> list[str]:
    """The lines of a comparison's text that tell of differences, without places."""
    lines = difference(one, other).text().split("\n\n")[1:2]
    return [re.sub(r"  \[.*\]$", "", line) for text in lines for line in text.splitlines()]


def written_out(uses: int) -> list[dict[str, Any]]:
    """What ``UNIT`` stands for, so many times."""
    nodes, before = [], "conv"
    for turn in range(uses):
        body = deepcopy(UNIT["nodes"])
        body[0]["filters"] = 4
        body[2]["id"] = f"seen_{turn}"
        body[3] |= {"id": f"sum_{turn}", "from": [f"seen_{turn}", before]}
        nodes += body
        before = f"sum_{turn}"
    return nodes


def varied(filters: list[int]) -> Spec:
    """A block with a convolution, of so many filters in each turn."""
    unit = {"params": {"filters": 4}, "nodes": [{**CONV, "filters": "$filters"}]}
    return spec(IMAGE, {"id": "stage", "op": "unit", "repeat": {"filters": filters}}, FLAT, blocks={"unit": unit})


def activated(op: str, times: int) -> Spec:
    """A repeated block with two activations, of which the first is ``op``."""
    unit = {"nodes": [{**CONV, "id": "inner"}, {"op": op}, NORM, RELU]}
    return spec(IMAGE, {"id": "stage", "op": "unit", "repeat": times}, FLAT, SCORES, blocks={"unit": unit})


CHAIN = spec(IMAGE, CONV, NORM, RELU, FLAT, SCORES)
STAGES = spec(IMAGE, CONV, {"id": "stage", "op": "unit", "repeat": 3}, FLAT, SCORES, blocks={"unit": UNIT})
SKIP = spec(IMAGE, CONV, NORM, {"id": "seen", "op": "ReLU"}, {"id": "sum", "op": "Add", "from": ["seen", "conv"]})

PAIRS: dict[str, tuple[Spec, Spec, list[str], list[tuple[str, str | None, str | None, dict[str, Any]]]]] = {
    "rename": (
        CHAIN,
        spec(IMAGE, {**CONV, "id": "stem"}, NORM, RELU, FLAT, SCORES),
        ["~ conv (Conv2D): renamed conv -> stem"],
        [("renamed", "nodes[1]", "nodes[1]", {"id": {"before": "conv", "after": "stem"}})],
    ),
    "insert": (
        CHAIN,
        spec(IMAGE, CONV, NORM, RELU, {"op": "Dropout", "rate": 0.5}, FLAT, SCORES),
        ["+ dropout (Dropout): after re_lu, before flatten"],
        [("added", None, "nodes[4]", {})],
    ),
    "delete": (
        CHAIN,
        spec(IMAGE, CONV, RELU, FLAT, SCORES),
        ["- batch_normalization (BatchNormalization): after conv, before re_lu"],
        [("removed", "nodes[2]", None, {})],
    ),
    "argument change": (
        CHAIN,
        spec(IMAGE, {**CONV, "filters": 128}, NORM, RELU, FLAT, SCORES),
        ["~ conv (Conv2D): filters 4 -> 128"],
        [("changed", "nodes[1]", "nodes[1]", {"filters": {"before": 4, "after": 128}})],
    ),
    "block extracted": (
        spec(IMAGE, CONV, *written_out(3), FLAT, SCORES),
        STAGES,
        ["= same network, restructured: block unit extracted, 3 uses of 4 layers"],
        [("restructured", None, "blocks.unit", {})],
    ),
    "repeat count": (
        STAGES,
        {**STAGES, "nodes": [IMAGE, CONV, {"id": "stage", "op": "unit", "repeat": 4}, FLAT, SCORES]},
        ["~ stage (unit): repeat 3 -> 4"],
        [("repeat", "nodes[2]", "nodes[2]", {"repeat": {"before": 3, "after": 4}})],
    ),
    "reorder": (
        CHAIN,
        spec(IMAGE, CONV, RELU, NORM, FLAT, SCORES),
        [
            "~ order: batch_normalization (BatchNormalization), re_lu (ReLU)"
            " -> re_lu (ReLU), batch_normalization (BatchNormalization)"
        ],
        [
            (
                "reordered",
                "nodes[2]",
                "nodes[2]",
                {"order": {"before": ["nodes[2]", "nodes[3]"], "after": ["nodes[2]", "nodes[3]"]}},
            )
        ],
    ),
    "re-wire": (
        SKIP,
        {**SKIP, "nodes": [*SKIP["nodes"][:4], {"id": "sum", "op": "Add", "from": ["seen", "image"]}]},
        ["~ sum (Add): reads conv -> image"],
        [("rewired", "nodes[4]", "nodes[4]", {"inputs": {"before": "conv", "after": "image"}})],
    ),
    "sub-model shared": (
        spec(*TOWERS, blocks={"tower": {"nodes": TOWER}}),
        spec(*TOWERS, models={"tower": {"nodes": [{"op": "Input", "shape": [6]}, *TOWER]}}),
        [
            "= restructured: block tower is now a model",
            "~ two (tower): weights now shared with one",
        ],
        [
            ("restructured", "blocks.tower", "models.tower", {}),
            ("shared", "nodes[3]", "nodes[3]", {}),
        ],
    ),
    "identical after reformatting": (CHAIN, dict(reversed(CHAIN.items())), [], []),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_ten_pairs(name: str) -> None:
    one, other, lines, expected = PAIRS[name]
    assert told(one, other) == lines
    found = difference(one, other).as_json()
    got = [
        (each["kind"], *(each[side] and each[side]["path"] for side in ("before", "after")), each["values"])
        for each in found["differences"]
    ]
    assert got == expected
    forms = ("rename", "block extracted", "identical after reformatting")
    assert found["same_network"] is (name in forms)
    assert (found["before"], found["after"]) == ("a.json", "b.json")


MORE: dict[str, tuple[Spec, Spec, list[str]]] = {
    "a default written out": (CHAIN, spec(IMAGE, {**CONV, "strides": 1}, NORM, RELU, FLAT, SCORES), []),
    "an implied from written out": (CHAIN, spec(IMAGE, {**CONV, "from": "image"}, NORM, RELU, FLAT, SCORES), []),
    "names exchanged": (
        spec(LEFT, {"id": "a", "op": "Dense", "units": 4}, {"id": "b", "op": "Dense", "units": 5}),
        spec(LEFT, {"id": "b", "op": "Dense", "units": 4}, {"id": "a", "op": "Dense", "units": 5}),
        ["~ a (Dense): renamed a -> b", "~ b (Dense): renamed b -> a"],
    ),
    "another op in its place": (
        CHAIN,
        spec(IMAGE, CONV, NORM, {"op": "LeakyReLU"}, FLAT, SCORES),
        ["~ leaky_re_lu (LeakyReLU): ReLU -> LeakyReLU"],
    ),
    "a parameter": (
        spec(LEFT, {"op": "Dense", "units": "$width"}, {"op": "Dense", "units": "$width * 2"}, params={"width": 4}),
        spec(LEFT, {"op": "Dense", "units": "$width"}, {"op": "Dense", "units": "$width * 2"}, params={"width": 8}),
        ["~ parameter width: 4 -> 8"],
    ),
    "a parameter for a number": (
        spec(LEFT, {"id": "a", "op": "Dense", "units": 4}),
        spec(LEFT, {"id": "a", "op": "Dense", "units": "$width"}, params={"width": 4}),
        [
            "~ parameter width: none -> 4",
            "= same network, restructured: a (Dense) with units 4 -> $width, the same value",
        ],
    ),
    "a parameter of a block": (
        STAGES,
        {**STAGES, "blocks": {"unit": {**UNIT, "params": {"filters": 5}}}, "nodes": [*STAGES["nodes"]]}
        | {"nodes": [IMAGE, {**CONV, "filters": 5}, *STAGES["nodes"][2:]]},
        ["~ parameter filters of block unit: 4 -> 5", "~ conv (Conv2D): filters 4 -> 5"],
    ),
    "an argument in a block": (
        STAGES,
        {**STAGES, "blocks": {"unit": {**UNIT, "nodes": [{**UNIT["nodes"][0], "kernel_size": 5}, *UNIT["nodes"][1:]]}}},
        ["~ Conv2D in unit: kernel_size 3 -> 5 ×3"],
    ),
    "a wire in a block": (
        STAGES,
        {
            **STAGES,
            "blocks": {"unit": {**UNIT, "nodes": [*UNIT["nodes"][:3], {"op": "Add", "from": ["seen", "seen"]}]}},
        },
        ["~ Add in unit: reads seen, x -> seen, seen ×3"],
    ),
    "a block renamed": (
        STAGES,
        {
            **STAGES,
            "blocks": {"residual": UNIT},
            "nodes": [IMAGE, CONV, {"id": "stage", "op": "residual", "repeat": 3}, FLAT, SCORES],
        },
        ["~ block unit: renamed unit -> residual"],
    ),
    "another use of a block": (
        STAGES,
        {**STAGES, "nodes": [*STAGES["nodes"][:3], {"id": "more", "op": "unit"}, *STAGES["nodes"][3:]]},
        ["+ more (unit): 4 layers, after add_2, before flatten"],
    ),
    "a repeat over other values": (
        spec(LEFT, {"op": "Dense", "repeat": {"units": [4, 5, 6]}}),
        spec(LEFT, {"op": "Dense", "repeat": {"units": [4, 6, 6, 6]}}),
        ["~ Dense: repeat 3 -> 4, units [4, 5, 6] -> [4, 6, 6, 6]"],
    ),
    "several calls as one": (
        spec(LEFT, *[{"op": "Dense", "units": 4}] * 3),
        spec(LEFT, {"op": "Dense", "units": 4, "repeat": 3}),
        ["= same network, restructured: Dense now one call in place of 3"],
    ),
    "a condition": (
        spec(LEFT, {"op": "ReLU", "when": "deep"}, {"op": "Dense", "units": 2}, params={"deep": True}),
        spec(LEFT, {"op": "ReLU", "when": "not deep"}, {"op": "Dense", "units": 2}, params={"deep": True}),
        ["~ ReLU: when deep -> \"not deep\""],
    ),
    "a parameter in a condition": (
        spec(LEFT, {"op": "ReLU", "when": "deep"}, {"op": "Dense", "units": 2}, params={"deep": True}),
        spec(LEFT, {"op": "ReLU", "when": "deep"}, {"op": "Dense", "units": 2}, params={"deep": False}),
        ["~ parameter deep: true -> false"],
    ),
    "a layer shared": (
        spec(LEFT, RIGHT, *({"id": f"d_{x}", "op": "Dense", "units": 4, "from": x} for x in ("left", "right")),
             {"op": "Add", "from": ["d_left", "d_right"]}),
        spec(LEFT, RIGHT, {"id": "d_left", "op": "Dense", "units": 4, "from": "left"},
             {"id": "d_right", "op": "d_left", "from": "right"}, {"op": "Add", "from": ["d_left", "d_right"]}),
        ["~ d_right (Dense): weights now shared with d_left"],
    ),
    "branches in another order": (
        spec(LEFT, {"id": "a", "op": "Dense", "units": 4}, {"id": "b", "op": "Dense", "units": 4, "from": "left"},
             {"op": "Add", "from": ["a", "b"]}),
        spec(LEFT, {"id": "b", "op": "Dense", "units": 4}, {"id": "a", "op": "Dense", "units": 4, "from": "left"},
             {"op": "Add", "from": ["a", "b"]}),
        ["~ order: a (Dense), b (Dense) -> b (Dense), a (Dense)"],
    ),
    "inputs of a list in another order": (
        SKIP,
        {**SKIP, "nodes": [*SKIP["nodes"][:4], {"id": "sum", "op": "Add", "from": ["conv", "seen"]}]},
        ["~ sum (Add): inputs in another order: seen, conv -> conv, seen"],
    ),
    "an input by name": (
        spec(*HEADS, {**ATTENTION, "from": {"query": "q", "value": "k"}}),
        spec(*HEADS, {**ATTENTION, "from": ["k", "k"]}),
        ["~ m (MultiHeadAttention): query reads q -> k"],
    ),
    "outputs exchanged": (
        {**SKIP, "outputs": {"u": "sum", "v": "seen"}},
        {**SKIP, "outputs": {"u": "seen", "v": "sum"}},
        ["~ output u: gives sum -> seen", "~ output v: gives seen -> sum"],
    ),
    "one more output": (
        {**SKIP, "outputs": ["sum"]},
        {**SKIP, "outputs": ["sum", "seen"]},
        ["~ output 1: also gives seen"],
    ),
    "training": (
        {**CHAIN, "train": {"data": "synthetic", "loss": "mse", "optimizer": {"op": "Adam", "learning_rate": 0.1}}},
        {**CHAIN, "train": {"data": "synthetic", "loss": "mse", "optimizer": {"op": "Adam", "learning_rate": 0.2}}},
        ["~ optimizer.learning_rate: 0.1 -> 0.2"],
    ),
    "prose": (CHAIN, {**CHAIN, "title": "A chain"}, ['~ title: none -> "A chain"']),
    "long prose": (
        {**CHAIN, "description": f"{'so ' * 30}long{' as well' * 20}"},
        {**CHAIN, "description": f"{'so ' * 30}short{' as well' * 20}"},
        ["~ description: …o so so long as well… -> …o so so short as well…"],
    ),
    "one turn": (
        varied([4] * 40),
        varied([4] * 29 + [6] + [4] * 10),
        ["~ stage (unit): filters [29 alike, 4, 10 alike] -> [29 alike, 6, 10 alike]"],
    ),
    "another op in a block, and a turn": (
        activated("ReLU", 3),
        activated("LeakyReLU", 4),
        ["~ LeakyReLU in unit: ReLU -> LeakyReLU ×3", "~ stage (unit): repeat 3 -> 4"],
    ),
    "another op in a block, and turns less": (
        activated("LeakyReLU", 5),
        activated("ReLU", 3),
        ["~ ReLU in unit: LeakyReLU -> ReLU ×3", "~ stage (unit): repeat 5 -> 3"],
    ),
    "extracted and changed": (
        spec(IMAGE, CONV, *written_out(2), FLAT, {**SCORES, "units": 4}),
        spec(IMAGE, CONV, {"op": "unit", "repeat": 2}, FLAT, SCORES, blocks={"unit": UNIT}),
        ["= restructured: block unit extracted, 2 uses of 4 layers", "~ scores (Dense): units 4 -> 3"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MORE)
def test_told(name: str) -> None:
    one, other, lines = MORE[name]
    assert told(one, other) == lines


BACK = {
    "block extracted": ["= same network, restructured: block unit written out, 3 uses of 4 layers"],
    "sub-model shared": [
        "= restructured: model tower is now a block",
        "~ two (tower): weights no longer shared with one",
    ],
    "insert": ["- dropout (Dropout): after re_lu, before flatten"],
    "repeat count": ["~ stage (unit): repeat 4 -> 3"],
}


@pytest.mark.parametrize("name", BACK)
def test_told_backwards(name: str) -> None:
    assert told(PAIRS[name][1], PAIRS[name][0]) == BACK[name]


def test_a_network_from_another_cuts_no_ties() -> None:
    """A stack of equal layers that grew at both ends: what can stay stays."""
    one = spec(LEFT, *[{"op": "Dense", "units": 6}, RELU] * 5, SCORES)
    other = spec(LEFT, {"op": "Dropout", "rate": 0.1}, *[{"op": "Dense", "units": 6}, RELU] * 6, {**SCORES, "units": 2})
    kinds = Counter(each.kind for each in difference(one, other).differences)
    assert kinds == {"added": 3, "changed": 1}


def test_many_things_at_once() -> None:
    """ResNet-50 with another activation everywhere and one more turn in the middle; with other widths in the middle,
    on which conditions in the block depend, another kernel, and a layer put in."""
    one = json.loads((ROOT / "specs" / "resnet50.json").read_text("utf-8"))
    other = deepcopy(one)
    for node in other["blocks"]["bottleneck"]["nodes"]:
        node["op"] = {"ReLU": "LeakyReLU"}.get(node["op"], node["op"])
    lists = other["nodes"][7]["repeat"]
    lists["filters"].insert(3, 64)
    lists["strides"].insert(3, 1)
    lines = told(one, other)
    assert lines[:3] == ["~ LeakyReLU in bottleneck: ReLU -> LeakyReLU ×16"] * 3
    assert len(lines) == 4 and lines[3].startswith(
        "~ stages (bottleneck): repeat 16 -> 17, filters [3 alike, 13 alike] -> [3 alike, 64, 13 alike], "
    )
    other = deepcopy(one)
    nodes = other["blocks"]["bottleneck"]["nodes"]
    nodes[5]["kernel_size"] = 5
    nodes.insert(3, {"op": "Dropout", "rate": 0.1})
    lists = other["nodes"][7]["repeat"]
    lists["filters"][5:9], lists["strides"][5:9] = [100] * 3, [1] * 3
    lines = told(one, other)
    assert lines[:2] == [
        "+ Dropout in bottleneck: after conv2d_2, before batch_normalization_1 ×15",
        "~ Conv2D in bottleneck: kernel_size 3 -> 5 ×15",
    ]
    assert len(lines) == 3 and lines[2].startswith(
        "~ stages (bottleneck): repeat 16 -> 15, filters [5 alike, 128, 128, 256, 256, 7 alike] -> [5 alike, 100, "
    )


def test_figures() -> None:
    """Layers that cost more, since what they read is another shape, are told with the layer that was changed."""
    one, other, *_ = PAIRS["argument change"]
    found = difference(one, other)
    rows = [
        (row.name, *(side and (str(side.outputs[0]), side.parameters, side.flops) for side in (row.before, row.after)))
        for row in found.rows
    ]
    graphs = [
        {key: data["node"] for key, data in archgen.expand(checked(each).program).nodes(data=True)}
        for each in (one, other)
    ]
    keys = ["conv", "batch_normalization", "re_lu", "flatten", "scores"]
    ops = ("Conv2D", "BatchNormalization", "ReLU", "Flatten", "Dense")
    assert [name for name, *_ in rows] == [f"{key} ({op})" for key, op in zip(keys, ops, strict=True)]
    assert [row[1:] for row in rows] == [
        tuple((str(graph[key].outputs[0]), graph[key].parameters, graph[key].flops) for graph in graphs) for key in keys
    ]
    assert [total.parameters for total in found.totals] == [148 + 16 + 771, 4736 + 512 + 24579]
    assert "Parameters  935 -> 29,827 (+28,892, +3,090.1 %)\n" in found.text()
    (line,) = [line for line in found.text().splitlines() if line.startswith("~ conv (Conv2D)  ")]
    assert line.split()[3:9] == ["8×8×4", "->", "8×8×128", "148", "->", "4,736"]


def test_colours_only_where_asked() -> None:
    found = difference(*PAIRS["insert"][:2])
    assert "\x1b" not in found.text()
    assert "\x1b[32m+ dropout (Dropout)" in found.text(color=True)
    assert re.sub(r"\x1b\[\d+m", "", found.text(color=True)) == found.text()


def test_narrow() -> None:
    text = difference(*PAIRS["argument change"][:2]).text(60)
    table = text.split("\n\n")[2].splitlines()
    assert table and max(map(len, table)) <= 60


def test_markdown() -> None:
    assert difference(*PAIRS["insert"][:2]).markdown() == (
        "### `a.json` → `b.json`\n\n"
        "| | what | difference | where |\n"
        "| --- | --- | --- | --- |\n"
        "| **+** added | `dropout (Dropout)` | `after re_lu, before flatten` | `nodes[4], line 26` |\n\n"
        "| layer | output | parameters | FLOPs |\n"
        "| --- | --- | ---: | ---: |\n"
        "| + `dropout (Dropout)` | `8×8×4` | 0 | 0 |\n\n"
        "| total | before | after | |\n"
        "| --- | ---: | ---: | ---: |\n"
        "| Layers | 6 | 7 | +1, +16.7 % |\n"
        "| Parameters | 935 | 935 |  |\n"
        "| FLOPs | 20.7 k | 20.7 k |  |\n"
        "| Memory | 5.01 KiB | 6.01 KiB | +1,024, +20.0 % |\n"
    )
    assert difference(CHAIN, CHAIN).markdown() == "### `a.json` → `b.json`\n\nNo difference.\n"


# What holds for any two specs

SPECS = sorted(path for path in (ROOT / "specs").glob("*.json") if not path.name.endswith(".schema.json"))
MIRRORED = {"added": "removed", "removed": "added"}


def signature(found: Comparison, *, turned: bool) -> Counter[tuple[Any, ...]]:
    """What is told, without words; ``turned`` as if the other spec came first."""
    told: Counter[tuple[Any, ...]] = Counter()
    for each in found.differences:
        places = [place and place.path for place in each.places]
        values = {name: pair[::-1] if turned else pair for name, pair in each.values.items()}
        kind = MIRRORED.get(each.kind, each.kind) if turned else each.kind
        told[kind, *(places[::-1] if turned else places), each.times, repr(sorted(values.items()))] += 1
    return told


def assert_holds(one: Checked, other: Checked) -> None:
    """Nothing differs from itself; both ways the same is told; what has other code differs."""
    for each in (one, other):
        itself = compare(each, checked(each.program.source.value))
        assert not itself and itself.same_network and itself.text() == ""
    there, back = compare(one, other), compare(other, one)
    assert signature(there, turned=False) == signature(back, turned=True)
    assert there.same_network is back.same_network
    programs = (one.program, other.program)
    if not there:
        assert archgen.generate(programs[0]) == archgen.generate(programs[1])
        assert there.same_network
    if not there.same_network:
        formal = ("renamed", "restructured", "setting", "training")
        assert any(each.kind not in formal for each in there.differences)
    assert there.totals[1].layers - there.totals[0].layers == sum(
        row.times * ((row.before is None) - (row.after is None)) for row in there.rows
    )
    json.dumps(there.as_json())


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_nothing_differs_from_itself(path: Path) -> None:
    one, other = (archgen.load(path) for _ in range(2))
    found = archgen.diff(one, other)
    assert (bool(found), found.same_network, found.text(), found.rows) == (False, True, "", ())


@pytest.mark.parametrize("pair", list(combinations([path.stem for path in SPECS], 2)), ids="-".join)
def test_any_two_specs(pair: tuple[str, str]) -> None:
    one, other = (checked(json.loads((ROOT / "specs" / f"{name}.json").read_text("utf-8"))) for name in pair)
    assert_holds(one, other)


def edited(seed: int) -> Iterator[Checked]:
    """A spec and the same after some edits, where both are without problems."""
    random = Random(seed)
    one = deepcopy(random.choice(random.choice((mutants.SPECS, mutants.small_specs()))))
    other = deepcopy(one)
    for _ in range(random.choice((1, 1, 2, 3))):
        paths = list(mutants._paths(other))[1:]
        if paths:
            mutants._change(random, other, paths)
    for each in (one, other):
        try:
            yield checked(each)
        except SpecError:
            return


def test_mutants() -> None:
    pairs = [pair for seed in range(300) if len(pair := list(edited(seed))) == 2]
    assert len(pairs) > 40
    for one, other in pairs:
        assert_holds(one, other)


DRAWN = settings(
    max_examples=25, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@settings(DRAWN)
@given(specs(), st.randoms(use_true_random=False))
def test_random_specs(given: Spec, random: Any) -> None:
    if "train" in given:
        given["train"].setdefault("data", "synthetic")
    try:
        one = checked(given)
    except SpecError:
        assume(False)
    other = deepcopy(given)
    part = random.choice(
        [p for p in (other, *other.get("blocks", {}).values(), *other.get("models", {}).values()) if p.get("nodes")]
    )
    nodes = part["nodes"]
    place = random.randrange(len(nodes) + 1)
    match random.choice(("insert", "delete", "argument", "swap")):
        case "insert":
            nodes.insert(max(place, 1), {"op": "Identity"})
        case "delete" if len(nodes) > 2:
            del nodes[place - 1]
        case "argument":
            node = random.choice(nodes)
            node.update({key: value + 1 for key, value in node.items() if isinstance(value, int) and key != "repeat"})
        case _ if 1 < place < len(nodes):
            nodes[place - 1], nodes[place] = nodes[place], nodes[place - 1]
    try:
        assert_holds(one, checked(other))
    except SpecError:
        assert_holds(one, one)


def test_large_graphs() -> None:
    """Five thousand layers of few kinds: nothing takes a square of that."""

    def stack(count: int, op: str, units: int) -> Spec:
        return spec({**LEFT, "shape": [units]}, *[{"op": "Dense", "units": units}, {"op": op}] * count)

    one, other = stack(2500, "ReLU", 8), stack(2490, "LeakyReLU", 9)
    kinds = Counter(each.kind for each in difference(one, other).differences)
    assert kinds == {"changed": 2491, "replaced": 2489, "removed": 21, "added": 1}
    blocks = {"unit": UNIT}
    deep = [spec(IMAGE, CONV, {"id": "stage", "op": "unit", "repeat": count}, blocks=blocks) for count in (1250, 1200)]
    assert told(*deep) == ["~ stage (unit): repeat 1250 -> 1200"]


def test_the_same_on_every_run() -> None:
    """Whatever the hash seed."""
    one, other = (str(ROOT / "specs" / name) for name in ("resnet.json", "cnn.json"))
    said = [
        subprocess.run(
            [sys.executable, "-m", "archgen", "diff", one, other, "--format", "json"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            timeout=120,
            cwd=ROOT,
        ).stdout
        for seed in ("0", "1", "7")
    ]
    assert said[0] and said == said[:1] * 3


# The picture


class Picture:
    """A comparison's SVG, read."""

    def __init__(self, found: Comparison, **more: Any) -> None:
        self.root = ElementTree.fromstring(found.svg(**more))
        self.groups = [group for group in self.root.iter(f"{{{SVG}}}g") if group.get("class")]

    def marked(self, word: str) -> list[str]:
        """The keys of marked layers."""
        return [g.get("data-key", "") for g in self.groups if g.get("data-key") and word in g.get("class", "").split()]

    def card(self, key: str) -> list[str]:
        (group,) = (group for group in self.groups if group.get("data-key") == key)
        lines: dict[str, str] = {}
        for text in group.iter(f"{{{SVG}}}text"):
            lines[text.get("y", "")] = lines.get(text.get("y", ""), "") + "".join(text.itertext())
        return [" ".join(line.split()) for line in lines.values()]

    def texts(self) -> list[str]:
        return ["".join(text.itertext()) for text in self.root.iter(f"{{{SVG}}}text")]


EVERYTHING = {
    **STAGES,
    "blocks": {
        "unit": {
            **UNIT,
            "nodes": [*UNIT["nodes"][:2], {"id": "seen", "op": "LeakyReLU"}, {"op": "Add", "from": ["seen", "seen"]}],
        }
    },
    "nodes": [
        IMAGE, {**CONV, "kernel_size": 5}, {"id": "stage", "op": "unit", "repeat": 4}, {"op": "GlobalAveragePooling2D"},
        {"op": "Dropout", "rate": 0.5}, SCORES,
    ],
}  # fmt: skip


def test_one_picture_of_both() -> None:
    picture = Picture(difference(STAGES, EVERYTHING))
    assert picture.marked("removed") == ["flatten@before"]
    assert picture.marked("added")[-1] == "dropout"
    assert picture.card("conv") == ["± Conv2D conv", "5×5, 4 filters, same", "404 parameters", "kernel_size 3 → 5"]
    assert picture.card("dropout") == ["+ Dropout dropout", "rate 0.5"]
    assert picture.card("stage_1_seen")[-1] == "ReLU → LeakyReLU"
    assert "repeat 3 → 4" in picture.texts() and "+ added − removed ± changed" in picture.texts()
    dashed = [group for group in picture.groups if any("stroke-dasharray" in part.attrib for part in group)]
    assert dashed and all("removed" in group.get("class", "") for group in dashed)


def stages(repeat: Any = 4, **changed: Any) -> Spec:
    """Turns of a block that holds a layer in some of them, ``changed`` by the place of a node in it."""
    nodes = [
        {"id": "conv", "op": "Conv2D", "filters": 4, "kernel_size": "$size", "padding": "same"},
        {"id": "drop", "op": "Dropout", "rate": 0.5, "when": "drops"},
        {"id": "sum", "op": "Add", "from": ["drop", "x"]},
        {"id": "end", "op": "Add", "from": ["sum", "sum"]},
    ]
    nodes = [changed.get(node["id"], node) for node in nodes]
    unit = {"params": {"size": 3, "drops": 0}, "inputs": ["x"], "nodes": nodes}
    return spec(IMAGE, {"id": "s", "op": "unit", "repeat": repeat}, FLAT, SCORES, blocks={"unit": unit})


@pytest.mark.parametrize(
    ("one", "other", "frames", "marks"),
    [
        pytest.param(stages(), stages(), ["×4"], {}, id="nothing"),
        pytest.param(
            stages(), stages(end={"id": "end", "op": "Multiply", "from": ["sum", "sum"]}), ["×4"],
            {"s_1_end": "changed"}, id="every turn",
        ),
        pytest.param(
            stages({"size": [3, 3, 3, 3]}), stages({"size": [3, 3, 5, 3]}),
            ["×2 turns 1 and 2 of 4", "turn 3 of 4", "turn 4 of 4"], {"s_3_conv": "changed"}, id="the third turn",
        ),
        pytest.param(
            stages({"drops": [0, 0, 0, 0]}), stages({"drops": [0, 0, 1, 1]}),
            ["×2 turns 1 and 2 of 4", "×2 turns 3 and 4 of 4"], {"s_3_drop": "added"}, id="the last two turns",
        ),
        pytest.param(
            stages({"drops": [0, 1, 1, 0]}), stages({"drops": [0, 0, 0, 0]}),
            ["turn 1 of 4", "×2 turns 2 and 3 of 4", "turn 4 of 4"], {"s_2_drop@before": "removed"}, id="gone in two",
        ),
        pytest.param(
            stages(3), stages(4), ["×3 turns 1 … 3 of 4", "turn 4 of 4"],
            {"s_4_conv": "added", "s_4_sum": "added", "s_4_end": "added"}, id="another turn",
        ),
        pytest.param(
            stages(4), stages(3), ["×3", "turn 4 of 4"],
            {"s_4_conv@before": "removed", "s_4_sum@before": "removed", "s_4_end@before": "removed"}, id="a turn less",
        ),
    ],
)  # fmt: skip
def test_turns_are_one_where_the_same_is_marked(one: Spec, other: Spec, frames: list[str], marks: Any) -> None:
    shown, found = union(difference(one, other))
    assert [f"{group.repeat} {group.part}".strip() for group in shown.groups] == frames
    keys = [node.key for node in shown.nodes]
    assert {key: found.nodes[key].name for key in keys if key in found.nodes} == marks


def test_a_wire_that_every_turn_lost_is_drawn_once() -> None:
    other = stages(sum={"id": "sum", "op": "Add", "from": ["drop", "drop"]})
    shown, found = union(difference(stages(), other))
    assert [group.repeat for group in shown.groups] == ["×4"]
    assert {ends: mark.name for ends, mark in found.wires.items()} == {
        ("image", "s_1_sum", 0): "removed",
        ("s_1_conv", "s_1_sum", 0): "added",
    }
    assert [link.skip for link in shown.links if link.gone] == [False]


def test_what_is_gone_is_drawn() -> None:
    picture = Picture(difference(EVERYTHING, STAGES), expand="all")
    gone = picture.marked("removed")
    assert "dropout@before" in gone and len(gone) == 6
    assert picture.card("dropout@before") == ["− Dropout dropout", "rate 0.5"]
    (group,) = (group for group in picture.groups if group.get("data-key") == "dropout@before")
    assert any("stroke-dasharray" in part.attrib for part in group)


def test_a_picture_of_no_difference() -> None:
    picture = Picture(difference(CHAIN, CHAIN))
    assert not any(picture.marked(word) for word in ("added", "removed", "changed"))
    assert "no difference" in picture.texts()


def test_for_screen_readers() -> None:
    picture = Picture(difference(*PAIRS["insert"][:2]))
    title, description = list(picture.root)[:2]
    assert (picture.root.get("role"), title.text) == ("graphics-document document", "net")
    assert description.text == "dropout (Dropout): after re_lu, before flatten."


@pytest.mark.parametrize("name", [*PAIRS, *MORE])
@pytest.mark.parametrize("turned", [False, True])
def test_nothing_overlaps(name: str, turned: bool) -> None:
    """No two cards overlap, and every text lies within its card."""
    one, other = ({**PAIRS, **MORE}[name])[:2]
    picture = Picture(difference(*((other, one) if turned else (one, other))), expand="all")
    cards = [group for group in picture.groups if group.get("data-key")]
    boxes = [box(card) for card in cards]
    for left, right in combinations(boxes, 2):
        assert left[2] <= right[0] or right[2] <= left[0] or left[3] <= right[1] or right[3] <= left[1]
    for card, (left, top, right, bottom) in zip(cards, boxes, strict=True):
        for text in card.iter(f"{{{SVG}}}text"):
            x, y = float(text.get("x", "")), float(text.get("y", ""))
            assert left <= x <= right and top <= y <= bottom
    drawn = {node.key for node in union(difference(one, other), expand="all")[0].nodes}
    assert drawn


@pytest.mark.parametrize("sight", SIGHTS)
def test_marks_stay_apart(sight: str) -> None:
    for colours in ([ADDED.fill, REMOVED.fill, CHANGED.fill, THEME.other], [ADDED.line, REMOVED.line, CHANGED.line]):
        seen = [lab(times(SIGHTS[sight], light(colour))) for colour in colours]
        nearest = min(dist(one, other) for one, other in combinations(seen, 2))
        assert nearest > 10, (sight, colours, nearest)


@pytest.mark.parametrize("mark", [ADDED, REMOVED, CHANGED], ids=lambda mark: mark.name)
def test_marks_can_be_read(mark: Any) -> None:
    assert contrast(mark.fill, THEME.text) >= 7
    assert contrast(mark.line, THEME.background) >= 4.5
    assert contrast(mark.line, mark.fill) >= 3


def test_marks_do_without_colours() -> None:
    assert len({mark.symbol for mark in (ADDED, REMOVED, CHANGED)}) == 3
    assert [mark.dashed for mark in (ADDED, REMOVED, CHANGED)] == [False, True, False]


# Hostile text


@pytest.mark.parametrize("text", [text for text in HOSTILE if "\ud800" not in text])
def test_no_text_gets_out_of_its_place(text: str) -> None:
    layer = {"op": "Own", "note": text, "output": "same"}
    one = spec(LEFT, layer, imports={"Own": "own"}, title="plain", params={"p": "plain"})
    other = spec(LEFT, {**layer, "note": f"{text}!"}, imports={"Own": "own"}, title=text, params={"p": text})
    found = difference(one, other)
    for line in found.text(color=True).splitlines():
        assert re.sub(r"\x1b\[\d+m", "", line).isprintable()
    cells = {len(re.findall(r"(?<!\\)\|", line)) for line in found.markdown().splitlines() if line.startswith("|")}
    assert cells == {5}
    for line in found.markdown().splitlines():
        outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", line)
        assert not re.search(r"[<>\[\]`]", outside), outside
    assert json.loads(json.dumps(found.as_json()))["differences"][-1]["values"]["note"] == {
        "before": text,
        "after": f"{text}!",
    }
    root = Picture(found).root
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        "svg", "title", "desc", "g", "rect", "circle", "path", "text", "tspan",
    }  # fmt: skip


# The command

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a directory with two specs: its exit status, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.json").write_text(json.dumps(CHAIN, indent=2))
    (tmp_path / "b.json").write_text(json.dumps(PAIRS["insert"][1], indent=2))
    (tmp_path / "bad.json").write_text('{"name": "bad", "nodes": [{"op": "Dens"}]}')

    def call(*arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
        if stdin is not None:
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(Path(stdin).read_bytes())))
        with pytest.raises(SystemExit) as raised:
            cli.main(["diff", *arguments], prog_name="archgen")
        out, err = capfd.readouterr()
        return int(raised.value.code or 0), out, err

    return call


ADDED_LINE = "+ dropout (Dropout): after re_lu, before flatten  [nodes[4], line 30]"


@pytest.mark.parametrize(
    ("arguments", "status", "out", "err"),
    [
        (["a.json", "a.json"], 0, "", ""),
        (["a.json", "b.json"], 1, "--- a.json\n+++ b.json\n\n+ dropout (Dropout): after re_lu, before flatten", ""),
        (["b.json", "a.json"], 1, "--- b.json\n+++ a.json\n\n- dropout (Dropout): after re_lu, before flatten", ""),
        (["a.json", "a.json", "--format", "markdown"], 0, "### `a.json` → `a.json`\n\nNo difference.\n", ""),
        (["a.json", "a.json", "--format", "json"], 0, '{\n  "before": "a.json",\n  "after": "a.json",\n', ""),
        (["a.json", "b.json", "--format", "svg"], 1, "<?xml", ""),
        (["a.json", "bad.json"], 2, "", 'bad.json:1:34: error[unknown-op]: there is no layer "Dens"'),
        (["bad.json", "a.json"], 2, "", 'bad.json:1:34: error[unknown-op]: there is no layer "Dens"'),
        (["a.json"], 2, "", "Usage: archgen diff"),
        (["a.json", "b.json", "--format", "png"], 2, "", "Usage: archgen diff"),
        (["a.json", "b.json", "--expand", "all"], 2, "", "Usage: archgen diff"),
        (["a.json", "nothing.json"], 2, "", "error: there is no file 'nothing.json'\n"),
        (["nothing.json", "a.json"], 2, "", "error: 'nothing.json' is no file, and 'a.json' is in no git repository\n"),
        (["nothing.json", "-"], 2, "", "error: there is no file 'nothing.json'\n"),
        (["-", "-"], 2, "", "error: both specs would be read from the standard input\n"),
        (["a.json", "b.json", "-o", "."], 2, "", "error: cannot write '.': Is a directory\n"),
        (["a.json", "b.json", "-o", "new/"], 2, "", "error: cannot write 'new/': it ends like a directory\n"),
        (["a.json", "b.json", "-o", "a.png"], 2, "", "error: 'a.png' does not say which format it is to have\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)  # fmt: skip
def test_status(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], status: int, out: str, err: str
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    got = run(*arguments)
    assert got[0] == status
    assert got[1].startswith(out) if out else got[1] == ""
    assert err in got[2] if err else got[2] == ""


def test_standard_input(run: Run) -> None:
    status, out, _ = run("-", "b.json", stdin="a.json")
    assert status == 1 and out.startswith("--- <stdin>\n+++ b.json\n")
    status, out, _ = run("b.json", "-", stdin="a.json")
    assert status == 1 and out.startswith("--- b.json\n+++ <stdin>\n")


@pytest.mark.parametrize(
    ("name", "start"), [("x.svg", b"<?xml"), ("x.md", b"### "), ("x.json", b"{"), ("x.txt", b"--- "), ("x", b"--- ")]
)
def test_output_files(run: Run, tmp_path: Path, name: str, start: bytes) -> None:
    assert run("a.json", "b.json", "-o", name) == (1, "", "")
    assert (tmp_path / name).read_bytes().startswith(start)


def test_help_tells_the_status(run: Run) -> None:
    status, out, _ = run("--help")
    assert status == 0 and "Exit status: 0 no difference; 1 differences; 2 wrong usage" in out


def git(folder: Path, *words: str) -> None:
    identity = {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b",
    }
    environment = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, env=environment)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository in which ``specs/net.json`` has two revisions, and a change that is not committed."""
    if shutil.which("git") is None:
        pytest.fail("these tests need git")
    folder = tmp_path / "repository"
    (folder / "specs").mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    path = folder / "specs" / "net.json"
    versions = [CHAIN, PAIRS["insert"][1], PAIRS["argument change"][1]]
    for number, version in enumerate(versions):
        path.write_text(json.dumps(version, indent=2))
        if number < 2:
            git(folder, "add", ".")
            git(folder, "commit", "--quiet", "-m", f"version {number}")
    (folder / "new.json").write_text(json.dumps(CHAIN))
    return folder


@pytest.mark.parametrize(
    ("place", "arguments", "status", "expected"),
    [
        (".", ["HEAD~1", "specs/net.json"], 1, "--- HEAD~1:specs/net.json\n+++ specs/net.json\n\n~ conv (Conv2D): "),
        (".", ["HEAD", "specs/net.json"], 1, "\n~ conv (Conv2D): filters 4 -> 128"),
        (".", ["HEAD", "specs/net.json"], 1, "\n- dropout (Dropout): after re_lu, before flatten"),
        ("specs", ["main", "net.json"], 1, "--- main:net.json\n+++ net.json\n"),
        ("specs", ["HEAD~1", "../specs/net.json"], 1, "--- HEAD~1:../specs/net.json\n"),
        (".", ["HEAD~7", "specs/net.json"], 2, "error: 'HEAD~7' is no file, and no revision of the repository of 's"),
        (".", ["HEAD:specs", "specs/net.json"], 2, "error: 'HEAD:specs' is no file, and no revision"),
        (".", ["HEAD; touch evil", "specs/net.json"], 2, "error: 'HEAD; touch evil' is no file, and no revision"),
        (".", ["--", "--output=evil", "specs/net.json"], 2, "error: '--output=evil' is no file, and no revision"),
        (".", ["HEAD", "new.json"], 2, "error: there is no 'new.json' in the revision 'HEAD'\n"),
        (".", ["HEAD", "nothing.json"], 2, "error: there is no file 'nothing.json'\n"),
    ],
)  # fmt: skip
def test_revisions(
    run: Run,
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    arguments: list[str],
    status: int,
    expected: str,
) -> None:
    monkeypatch.chdir(repository / place)
    before = sorted(repository.rglob("*"))
    got = run(*arguments)
    assert got[0] == status
    assert expected in got[1] + got[2]
    assert sorted(repository.rglob("*")) == before


def test_a_broken_revision(run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    (repository / "specs" / "net.json").write_text("{")
    git(repository, "commit", "--quiet", "-am", "broken")
    (repository / "specs" / "net.json").write_text(json.dumps(CHAIN))
    status, out, err = run("HEAD", "specs/net.json")
    assert (status, out) == (2, "") and err.startswith("HEAD:specs/net.json:1:2: error[not-json]")
    assert run("HEAD~2", "specs/net.json") == (0, "", "")


def test_without_git(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    status, out, err = run("HEAD~1", "a.json")
    assert (status, out) == (2, "")
    assert err == (
        "error: comparing with a revision needs git, and there is none on PATH\n"
        "  hint: apt install git, or give two files\n"
    )


def test_without_tensorflow() -> None:
    code = (
        "import sys, archgen; p = archgen.load('specs/cnn.json'); archgen.diff(p, archgen.load('specs/mlp.json')).svg()"
    )
    code += "; sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=120).returncode == 0
