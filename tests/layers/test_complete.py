"""Every public class of the installed ``keras.layers`` is declared, or refused with a reason; and nothing else is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

import archgen
from archgen.errors import LayerError, SpecError
from archgen.layers.base import Declared, Layer, build, known
from archgen.layers.kinds import Object
from archgen.layers.refused import ALIASES, CELLS, LAYERS, REASONS
from archgen.reference import describe, overview, page, refused

ROOT = Path(__file__).parents[2]

SCRIPT = """
import inspect, json, keras
public = {name: getattr(keras.layers, name) for name in dir(keras.layers) if not name.startswith("_")}
classes = {}
for name, each in public.items():
    if inspect.isclass(each):
        classes.setdefault(id(each), []).append((name != each.__name__, name))
print(json.dumps({"public": list(public), "classes": [[name for _, name in sorted(c)] for c in classes.values()]}))
"""
"""Prints the public names, and of each class its names, its own first."""


@pytest.fixture(scope="module")
def keras_layers() -> dict[str, Any]:
    quiet = {"KERAS_BACKEND": "numpy", "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, env=os.environ | quiet
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def accounted() -> set[str]:
    """Every name that is declared or refused."""
    return {*known("layer"), *known("cell"), *LAYERS}


def missing(keras_layers: dict[str, Any], names: Collection[str]) -> list[str]:
    """Public classes, under any of their names, that are not among ``names``."""
    return [name for each in keras_layers["classes"] for name in each if name not in names]


def strange(keras_layers: dict[str, Any], names: Collection[str]) -> list[str]:
    """What Keras does not have of ``names``."""
    return sorted(set(names) - set(keras_layers["public"]))


def test_every_public_class_is_known_or_refused(keras_layers: dict[str, Any]) -> None:
    assert missing(keras_layers, accounted()) == []


def test_nothing_is_listed_that_keras_has_not(keras_layers: dict[str, Any]) -> None:
    assert strange(keras_layers, accounted()) == []


def test_one_that_is_taken_out_is_missed(keras_layers: dict[str, Any]) -> None:
    """The comparison itself: whichever is taken out of the list is found, and so is one too many."""
    names = accounted()
    for name in sorted(names - {"Input"}):
        assert missing(keras_layers, names - {name}) == [name]
    assert strange(keras_layers, {*names, "Dense2D"}) == ["Dense2D"]


def test_aliases_are_those_of_keras(keras_layers: dict[str, Any]) -> None:
    theirs = {alias: own for own, *others in keras_layers["classes"] for alias in others}
    assert theirs == ALIASES
    assert len(ALIASES) == 20
    assert set(ALIASES.values()) <= set(known("layer"))


def test_what_is_refused_is_not_declared() -> None:
    assert not set(REASONS) & set(known("layer"))
    assert set(CELLS) == set(known("cell"))
    assert not set(LAYERS) & set(known("layer"))


@pytest.mark.parametrize("name", LAYERS)
def test_a_refused_name_is_told_at_a_node_and_in_a_wrapper(name: str) -> None:
    source = {"id": "x", "op": "Input", "shape": [4, 3]}
    with pytest.raises(SpecError) as raised:
        archgen.loads(json.dumps({"name": "net", "nodes": [source, {"op": name}]}))
    (problem,) = raised.value.problems
    assert (problem.code, problem.path) == ("refused-op", "nodes[1].op")
    assert problem.message.endswith(f": {LAYERS[name]}")
    assert problem.hint
    with pytest.raises(LayerError) as caught:
        build("layer", Object("TimeDistributed", {"layer": Object(name)}))
    error = caught.value
    (error,) = getattr(error, "errors", [error])
    assert (error.code, error.param, error.message, error.hint) == (
        "refused-op",
        ("layer", "op"),
        problem.message,
        problem.hint,
    )


def test_the_overview_names_every_class_and_ends_with_what_is_refused(keras_layers: dict[str, Any]) -> None:
    text = overview()
    listed = [line.split()[0] for line in text.splitlines() if line.startswith("  ")]
    assert missing(keras_layers, listed) == []
    section = text.rpartition("\n\nrefused\n")[2].splitlines()
    assert [tuple(line.split(maxsplit=1)) for line in section] == list(refused().items())
    assert set(refused()) == {*REASONS, *ALIASES}


@pytest.mark.parametrize("name", LAYERS)
def test_what_is_refused_can_be_looked_up(name: str) -> None:
    text = describe(name)
    assert text.startswith(f"{name}\n  ")
    if name in CELLS:
        assert CELLS[name] in text
    else:
        assert f"refused: {LAYERS[name]}" in text
    if name in ALIASES:
        assert text.endswith(describe(ALIASES[name]))


def test_the_page_is_fresh() -> None:
    assert (ROOT / "docs" / "layers.md").read_text("utf-8") == page(), "run: make docs/layers.md"


def test_the_page_names_everything_with_its_reasons() -> None:
    rows = [line for line in page().splitlines() if line.startswith("| ")]
    for name in (*known("layer"), *known("cell"), *refused(), *(f"ops.{op}" for op in known("op"))):
        assert any(line.startswith(f"| `{name}` |") for line in rows), name
    declared: list[type[Declared]] = [*known("layer").values(), *known("cell").values(), *known("op").values()]
    reasons = {why for each in declared for table in ("left_out", "stricter") for why in each.gathered(table).values()}
    shown = page().replace("\\|", "|").replace("\\<", "<").replace("`", "")
    assert [why for why in sorted(reasons) if why.replace("`", "") not in shown] == []
    assert all(line.replace("\\|", "").count("|") in (3, 4, 5) for line in rows)


def test_a_cell_is_no_layer_of_a_graph() -> None:
    for name, declared in known("cell").items():
        assert issubclass(declared, Layer)
        assert name not in known("layer")
