"""Whatever a spec says in words stays words: in the script, in the picture, in tables and messages."""

from __future__ import annotations

import ast
import json
from typing import Any
from xml.etree import ElementTree

import pytest

import archgen

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
        "params": {"text": text.replace("$", ""), "texts": [text, text], "path": text or "a"},
        "blocks": {
            "unit": {
                "params": {"label": text},
                "nodes": [{"op": "Dense", "units": "$3 if label != 'x' else 4", "when": "label != 'y' and len(texts) > 1"}],
            }
        },
        "nodes": [
            {"id": "image", "op": "Input", "shape": [4]},
            {"op": "unit", "label": text},
            {"op": "unit", "repeat": {"label": [text, text]}},
            {"op": "unit", "label": "$text"},
            {"op": "Dense", "units": 3, "activation": "softmax"},
        ],
        "train": {
            "data": {"name": "csv", "path": text or "a", "target": text or "b"},
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
    assert code.isascii() or code.encode("utf-8")
    assert all(line.isprintable() for line in code.split("\n"))
    svg = archgen.render(program).decode("utf-8")
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg).iter()}
    assert "script" not in tags
    table = archgen.summarize(program).text(100)
    assert all(line.isprintable() for line in table.split("\n"))


NAMES = (
    "layers keras input print name index list np ops self build_model main load_data train evaluate x args inputs model "
    "Path type None_ str data history parser sys zip Exception json"
).split()


@pytest.mark.parametrize("name", NAMES)
def test_names_that_scripts_use_themselves(name: str) -> None:
    """Ids, parameters, inputs, blocks and models may bear them; the script calls its own by another name."""
    lower = name.lower()
    given = {
        "name": "net",
        "params": {name: 4},
        "blocks": {lower: {"inputs": ["x"], "nodes": [{"id": f"{name}_1", "op": "Dense", "units": f"${name}"}]}},
        "models": {f"{lower}_2": {"nodes": [{"id": name, "op": "Input", "shape": [4]}, {"op": "Dense", "units": 4}]}}
        if name != "x"
        else {},
        "nodes": [
            {"id": f"{name}_0", "op": "Input", "shape": [4]},
            {"op": lower},
            *([{"op": f"{lower}_2"}] if name != "x" else []),
            {"id": f"{name}_9", "op": "Dense", "units": f"${name}"},
        ],
    }
    given["models"] = {}
    given["nodes"] = [node for node in given["nodes"] if node["op"] != f"{lower}_2"]
    try:
        code = archgen.generate(archgen.loads(json.dumps(given)))
    except archgen.SpecError as error:
        pytest.fail(str(error))
    compile(code, "net.py", "exec")
    bound = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    assert not bound & {"layers", "keras", "print", "input", "np", "sys", "zip", "list"}
