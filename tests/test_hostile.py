"""Whatever a spec says in words stays words: in the script, in the picture, in tables and messages."""

from __future__ import annotations

import ast
import builtins
import json
from typing import Any
from xml.etree import ElementTree

import pytest

import archgen
from archgen.wording import UNPRINTABLE

TEXTS = [
    '"""',
    "'''",
    'x"""\nimport os\n"""',
    "x\\",
    "\\",
    "# comment\rimport os",
    "a\n\n\nimport os",
    "\u2028import os\u2029\x85\x0b\x0c\x1c",
    "{{ 7 * 7 }} {% include 'x' %} {# x #}",
    "{0} {x} {} %s %(prog)s %d",
    "*/ --> ]]> </svg> <script>alert(1)</script> &amp; &#0;",
    '\\N{BULLET} \\x41 \\u0041 \\" ;}',
    "\x00\x01\x1b[31m\x7f",
    "\u202e\u200b\ufeff\U0001f600\U000e0001",
    "end" * 500,
    "",
    " ",
]


def spec(text: str) -> dict[str, Any]:
    """A spec with a text everywhere where one may stand."""
    return {
        "name": "hostile",
        "title": text,
        "description": text,
        "params": {"text": text.replace("$", ""), "texts": [text, text]},
        "blocks": {
            "unit": {
                "params": {"label": text},
                "nodes": [{"op": "Dense", "units": "$3 if label != 'x' else 4", "when": "len(texts) > 1"}],
            }
        },
        "nodes": [
            {"id": "image", "op": "Input", "shape": [4]},
            {"op": "unit", "label": text},
            {"op": "unit", "repeat": {"label": ["a", "b"]}},
            {"op": "unit", "label": "$text"},
            {"op": "Dense", "units": 3, "activation": "softmax"},
        ],
        "train": {
            "data": {"name": "csv", "path": "rows.csv", "target": text},
            "loss": "sparse_categorical_crossentropy",
        },
    }  # fmt: skip


def shape(code: str) -> str:
    """A script's syntax tree, without its texts and what stands beside them."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text)[:30])
def test_texts_stay_texts(text: str) -> None:
    program = archgen.loads(json.dumps(spec(text)))
    code = archgen.generate(program)
    assert shape(code) == shape(archgen.generate(archgen.loads(json.dumps(spec("plain")))))
    assert all(line.isprintable() for line in code.split("\n"))
    svg = archgen.render(program).decode("utf-8")
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg).iter()}
    assert "script" not in tags
    table = archgen.summarize(program).text(100)
    assert not UNPRINTABLE.search(table.replace("\n", ""))


NAMES = [
    *(
        "layers",
        "keras",
        "ops",
        "np",
        "sys",
        "csv",
        "json",
        "argparse",
        "Path",
        "Figure",
        "input",
        "print",
        "list",
        "str",
    ),
    *("type", "zip", "name", "index", "self", "args", "inputs", "model", "data", "history", "parser", "seed", "values"),
    *("build_model", "load_data", "train", "evaluate", "main", "check", "Exception", "None_", "match", "case"),
]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_scripts_use_themselves(name: str) -> None:
    """Parameters, ids, blocks and models may bear them; the script calls its own by another name."""
    lower = name.lower()
    given = {
        "name": "net",
        "params": {name: 4},
        "blocks": {lower: {"nodes": [{"id": f"{name}_1", "op": "Dense", "units": f"${name}"}]}},
        "models": {f"{lower}_2": {"nodes": [{"op": "Input", "shape": [4]}, {"op": "Dense", "units": f"${name}"}]}},
        "nodes": [
            {"id": f"{name}_0", "op": "Input", "shape": [4]},
            {"op": lower},
            {"id": f"{name}_3", "op": f"{lower}_2"},
            {"op": "Add", "from": [f"{name}_0", f"{name}_3"]},
        ],
    }
    tree = ast.parse(archgen.generate(archgen.loads(json.dumps(given))))
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert not bound & {*dir(builtins), "layers", "keras", "ops", "np", "sys", "csv", "argparse", "Path", "Figure"}


@pytest.mark.parametrize("name", NAMES)
def test_ids_that_scripts_use_themselves(name: str) -> None:
    """The variable has another name where it must, and the layer has the author's."""
    nodes: list[dict[str, Any]] = [
        {"id": "x", "op": "Input", "shape": [4]},
        {"id": name, "op": "Dense", "units": 4},
        {"op": "Add", "from": ["x", name]},
    ]
    code = archgen.generate(archgen.loads(json.dumps({"name": "net", "nodes": nodes})))
    assert f'name="{name}"' in code
    tree = ast.parse(code)
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    assert not bound & {*dir(builtins), "layers", "keras", "ops", "np", "sys", "csv", "argparse", "Path", "Figure"}
