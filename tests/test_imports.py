"""Layers of one's own: known by what a spec says of them, imported by nobody but the script."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import archgen
from archgen.checking import check
from archgen.cli import cli
from archgen.codegen import CodegenError, check_module
from archgen.errors import ArchgenError, SpecError
from archgen.graph import GraphNode
from archgen.layers.base import Declared, known
from archgen.layers.imported import TAKEN
from archgen.names import SCRIPT_CLASSES, is_module
from archgen.process import own_modules, require_trust
from archgen.schema import schema
from archgen.script import DEFINED, IMPORTED, imports
from archgen.source import parse
from archgen.tensors import Tensor
from archgen.verification import Report, verify

MODULE = '''\
"""Layers that leave a trace where they are imported."""

from pathlib import Path

import keras
from keras import ops

Path("imported").touch()


class LayerScale(keras.layers.Layer):
    """One weight per channel."""

    def __init__(self, gamma=1.0, initializer="ones", **kwargs):
        super().__init__(**kwargs)
        self.gamma, self.initializer = gamma, keras.initializers.get(initializer)

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer=self.initializer)

    def call(self, inputs):
        return inputs * self.scale * self.gamma

    def get_config(self):
        initializer = keras.initializers.serialize(self.initializer)
        return {**super().get_config(), "gamma": self.gamma, "initializer": initializer}


class Mixer(keras.layers.Layer):
    """Layers inside, which take automatic names: some when it is made, one when it is called."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.dense = keras.layers.Dense(units)
        self.norm = keras.layers.LayerNormalization()

    def build(self, shape):
        self.late = keras.layers.Dense(self.units)

    def call(self, inputs, others=(), flip=False):
        x = self.late(self.norm(self.dense(inputs)))
        for other in others:
            x = x + ops.mean(other)
        return ops.flip(x) if flip else x


class Largest(keras.layers.Layer):
    """The place of the largest value: whole numbers."""

    def call(self, inputs):
        return ops.argmax(inputs, axis=-1)


class Forgetful(LayerScale):
    """It cannot be loaded again."""

    def __init__(self, table, **kwargs):
        super().__init__(**kwargs)

    def get_config(self):
        return super().get_config()
'''

INPUT = {"id": "data", "op": "Input", "shape": [5, 4]}


def spec(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    names = ("LayerScale", "Mixer", "Largest", "Forgetful", "Absent")
    return {"name": "net", "imports": dict.fromkeys(names, "own_layers"), "nodes": [INPUT, *nodes], **more}


EVERYTHING = spec(
    {"op": "Dense", "units": "$width"},
    {"op": "LayerScale", "gamma": 0.5, "initializer": {"op": "Constant", "value": 2.0}, "output": "same"},
    {"id": "wide", "op": "Mixer", "units": "$width * 2", "output": ["$x.shape[1]", "$x.shape[-1] * 2"]},
    {"op": "Dense", "units": 6},
    {"id": "stage", "op": "unit", "repeat": 2},
    {"id": "shared", "op": "tower"},
    {"id": "more", "op": "tower", "from": "stage"},
    {"id": "again", "op": "wide", "from": "shared"},
    {
        "id": "mixed",
        "op": "Mixer",
        "units": 3,
        "from": {"others": ["wide", "again"], "inputs": "more"},
        "call": {"flip": True},
        "output": ["$more.shape[1]", 3],
    },
    {"op": "Dense", "units": 3},
    {"id": "scores", "op": "LayerScale", "output": "same", "repeat": {"gamma": [0.5, 2.0]}},
    {"id": "place", "op": "Largest", "output": {"shape": [5], "dtype": "int32"}},
    params={"width": 6},
    outputs=["scores", "place"],
    blocks={
        "unit": {
            "nodes": [
                {"id": "scale", "op": "LayerScale", "output": "same"},
                {"op": "Dense", "units": "$x.shape[-1]"},
            ]
        }
    },
    models={"tower": {"nodes": [{"op": "Input", "shape": [5, 6]}, {"op": "LayerScale", "output": "same"}]}},
)


TRAINED: dict[str, Any] = {
    "name": "net",
    "imports": {"LayerScale": "own_layers", "Mixer": "own_layers"},
    "nodes": [
        {"op": "Input", "shape": [4]},
        {"op": "LayerScale", "gamma": 0.5, "initializer": {"op": "RandomNormal", "seed": 1}, "output": "same"},
        {"op": "Mixer", "units": 6, "output": ["$x.shape[-1] + 2"]},
        {"op": "Dense", "units": 3, "activation": "softmax"},
    ],
    "train": {"data": "iris", "optimizer": "adam", "loss": "sparse_categorical_crossentropy"},
}


def load(given: dict[str, Any], file: str = "<spec>") -> archgen.Program:
    return archgen.loads(json.dumps(given), file=file)


def nodes_of(given: dict[str, Any]) -> dict[str, GraphNode]:
    return {key: data["node"] for key, data in archgen.expand(load(given)).nodes(data=True)}


def code(given: dict[str, Any]) -> str:
    return archgen.generate(load(given))


# What is written

MAKERS = {
    "a number": ({"gamma": 0.1}, "LayerScale(gamma=0.1)"),
    "null, true, text": ({"a": None, "b": True, "c": "it's"}, 'LayerScale(a=None, b=True, c="it\'s")'),
    "lists stay lists": ({"sizes": [1, [2, 3], []]}, "LayerScale(sizes=[1, [2, 3], []])"),
    "an object": ({"table": {"a b": [1, "$width"]}}, 'LayerScale(table={"a b": [1, width]})'),
    "an expression": ({"units": "$width * 2"}, "LayerScale(units=width * 2)"),
    "a dollar": ({"text": "$$x"}, 'LayerScale(text="$x")'),
    "an initializer": (
        {"made": [{"op": "HeNormal", "seed": 1}]},
        "LayerScale(made=[keras.initializers.HeNormal(seed=1)])",
    ),
    "a regularizer": ({"made": {"op": "L2", "l2": 0.5}}, "LayerScale(made=keras.regularizers.L2(l2=0.5))"),
    "words of every layer": ({"trainable": False, "dtype": None}, "LayerScale(trainable=False)"),
    "words of archgen": (
        {"weights": 1, "fields": 2, "flops": 3, "given": 4, "argument": 5},
        "LayerScale(weights=1, fields=2, flops=3, given=4, argument=5)",
    ),
    "an id": ({"id": "scale"}, 'LayerScale(name="scale")'),
    "several inputs": ({"from": ["data", "wide"]}, "LayerScale()(data, x)"),
    "inputs by name": ({"from": {"b": "data", "a": ["data", "wide"]}}, "LayerScale()(b=data, a=[data, x])"),
    "constants of the call": (
        {"from": ["data", "wide"], "call": {"flip": True, "sizes": [1]}},
        "LayerScale()(data, x, flip=True, sizes=[1])",
    ),
    "a repetition": ({"repeat": {"gamma": [0.5, 2]}}, "x = LayerScale(gamma=gamma)(x)"),
}


@pytest.mark.parametrize("case", MAKERS)
def test_what_code_says(case: str) -> None:
    given, expected = MAKERS[case]
    wide = [{"id": "wide", "op": "Dense", "units": 4}] if "wide" in json.dumps(given.get("from", "")) else []
    text = code(spec(*wide, {"op": "LayerScale", "output": "same", **given}, params={"width": 4}))
    assert expected in text
    assert "from own_layers import LayerScale\n" in text and "Mixer" not in text


def test_what_code_imports() -> None:
    given = spec({"op": "Mixer", "output": "same"}, {"op": "LayerScale", "output": "same"})
    given["imports"]["Mixer"] = "a_package.layers"
    below = ["", "from a_package.layers import Mixer", "from own_layers import LayerScale", "", ""]
    assert "\n".join(["import numpy as np", *below]) in code(given)


def test_no_variable_hides_a_class() -> None:
    text = code(
        spec(
            {"id": "Mixer", "op": "Dense", "units": "$LayerScale"},
            {"id": "scale", "op": "LayerScale", "gamma": "$LayerScale", "output": "same"},
            {"op": "Mixer", "units": 4, "from": {"inputs": "scale", "others": ["Mixer"]}, "output": "same"},
            params={"LayerScale": 4},
        )
    )
    assert 'Mixer_ = layers.Dense(LayerScale_, name="Mixer")(data)' in text
    assert 'x = LayerScale(gamma=LayerScale_, name="scale")(Mixer_)' in text
    assert "Mixer(units=4)(inputs=x, others=[Mixer_])" in text


# What is known of its output

SAME = Tensor((None, 5, 4))
OUTPUTS: dict[str, tuple[dict[str, Any], Tensor]] = {
    "same": ({"output": "same"}, SAME),
    "numbers": ({"output": [7, 8]}, Tensor((None, 7, 8))),
    "unknown": ({"output": [None, 8]}, Tensor((None, None, 8))),
    "none after the batch": ({"output": []}, Tensor((None,))),
    "a parameter": ({"output": ["$width"]}, Tensor((None, 6))),
    "the first input": ({"output": ["$x.shape[1] * x.shape[2]"]}, Tensor((None, 20))),
    "an input by its id": ({"output": ["$data.shape[-1] + 1"]}, Tensor((None, 5))),
    "a list by a parameter": ({"output": "$sizes"}, Tensor((None, 2, 3))),
    "a dtype": ({"output": {"shape": [3], "dtype": "int32"}}, Tensor((None, 3), "int32")),
    "a dtype of the same shape": ({"output": {"dtype": "bool"}}, Tensor((None, 5, 4), "bool")),
    "the layer's dtype": ({"output": "same", "dtype": "float16"}, Tensor((None, 5, 4), "float16")),
    "the layer's dtype, a list": ({"output": [3], "dtype": "mixed_bfloat16"}, Tensor((None, 3), "bfloat16")),
}  # fmt: skip


@pytest.mark.parametrize("case", OUTPUTS)
def test_output(case: str) -> None:
    given, expected = OUTPUTS[case]
    node = nodes_of(spec({"op": "Mixer", **given}, params={"width": 6, "sizes": [2, 3]}))["mixer"]
    assert node.outputs == (expected,)
    assert (node.weights, node.flops, node.weights_unknown, node.category) == ({}, None, True, "own")


def test_output_of_whole_numbers_and_of_several_calls() -> None:
    words = {"id": "words", "op": "Input", "shape": [9], "dtype": "int32"}
    more = {"id": "more", "op": "Input", "shape": [3], "dtype": "float16"}
    given = spec(
        words,
        more,
        {"id": "own", "op": "Mixer", "from": "words", "output": {"shape": ["$x.shape[1] * 2"]}},
        {"id": "again", "op": "own", "from": "more"},
        {"id": "kept", "op": "LayerScale", "from": "words", "output": "same"},
        {"id": "cast", "op": "LayerScale", "from": "more", "output": "same"},
        outputs=["own", "again", "kept", "cast"],
    )
    given["nodes"].pop(0)
    nodes = nodes_of(given)
    assert [str(nodes[key].outputs[0]) for key in ("own", "own@2")] == ["(None, 18)", "(None, 6)"]
    assert [nodes[key].outputs[0].dtype for key in ("own", "kept", "cast")] == ["float32", "int32", "float32"]


def test_in_a_block_x_is_the_input_that_is_called_so() -> None:
    inside = [{"op": "Dense", "units": 9}, {"op": "Mixer", "output": ["$x.shape[-1]"]}]
    assert nodes_of(spec({"op": "unit"}, blocks={"unit": {"nodes": inside}}))["mixer"].outputs[0].shape == (None, 4)
    named = {"inputs": ["image"], "nodes": inside}
    assert nodes_of(spec({"op": "unit"}, blocks={"unit": named}))["mixer"].outputs[0].shape == (None, 9)


def test_in_a_model_called_with_other_sizes() -> None:
    inside = [{"op": "Input", "shape": [None, 4]}, {"op": "Mixer", "output": ["$x.shape[1]", 2]}]
    nodes = nodes_of(spec({"op": "tower"}, models={"tower": {"nodes": inside}}))
    assert nodes["tower/mixer"].outputs == (Tensor((None, 5, 2)),)


# Names and modules

MODULES = {
    "layers": True,
    "my_package.layers": True,
    "_private.layers2": True,
    "": False,
    ".": False,
    ".layers": False,
    "a..b": False,
    "a.": False,
    "a b": False,
    "a;b": False,
    "a\nimport os": False,
    "a\u2028b": False,
    "a.b as c": False,
    "a.import": False,
    "__main__": False,
    "__future__": False,
    "\u00e9tudes": False,
    "a-b": False,
    "a/b": False,
    "2a": False,
    "a" * 201: False,
}


@pytest.mark.parametrize("module", MODULES, ids=ascii)
def test_modules(module: str) -> None:
    given = {**spec({"op": "Own", "output": "same"}), "imports": {"Own": module}}
    assert is_module(module) is MODULES[module]
    if MODULES[module]:
        assert f"from {module} import Own\n" in code(given)
        return
    with pytest.raises(SpecError) as raised:
        load(given)
    assert [(problem.code, problem.path) for problem in raised.value.problems] == [("bad-import", "imports.Own")]


NAMES = [
    "Own\nimport os",
    "Own as x",
    "Own, y",
    "",
    "_Own",
    "own",
    "class",
    "True",
    "\u00c9tude",
    "Own()",
    *SCRIPT_CLASSES,
]
NAMES += ["Dense", "Input", "Lambda", "Layer", "ValueError", "NotImplemented"]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_that_no_class_can_have(name: str) -> None:
    with pytest.raises(SpecError) as raised:
        load({**spec({"op": "ReLU"}), "imports": {name: "own_layers"}})
    assert [problem.code for problem in raised.value.problems] == ["bad-name"]


@pytest.mark.parametrize("module", ["os", "subprocess", "os.path", "json", "net", "net.layers"])
def test_modules_that_no_class_can_come_from(module: str) -> None:
    with pytest.raises(SpecError) as raised:
        load({**spec({"op": "ReLU"}), "imports": {"Own": module}})
    assert [problem.code for problem in raised.value.problems] == ["bad-import"]


def test_names_of_scripts_are_all_refused() -> None:
    """Those in lower case are no names of classes anyway."""
    assert sorted(name for name in (*DEFINED, *IMPORTED) if name[0].isupper()) == sorted(SCRIPT_CLASSES)


WORDS = ["a b", "x=1, y", "if", "lambda: 0", "*a", "", "a\nb", "_x", "\u00e9", *TAKEN]
PLACES = ("argument", "repeat", "from", "call")


@pytest.mark.parametrize(
    ("place", "name"),
    # On the node itself "output" is a word.
    [(place, name) for place in PLACES for name in WORDS if (place, name) != ("argument", "output")],
    ids=ascii,
)
def test_words_that_no_call_can_spell(place: str, name: str) -> None:
    given: dict[str, dict[str, Any]] = {
        "argument": {name: 1},
        "repeat": {"repeat": {name: [1, 2]}},
        "from": {"from": {name: "data"}},
        "call": {"call": {name: 1}},
    }
    with pytest.raises(SpecError) as raised:
        load(spec({"op": "Mixer", "output": "same", **given[place]}))
    assert {problem.code for problem in raised.value.problems} == {"unknown-argument"}


TEXTS = ['"""', "'\n", "\\", "{x}", "# \rimport os", "\u2028", "%s", "end" * 200]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_texts_stay_texts(text: str) -> None:
    given = {"a": text, "b": [text, {text: text}], "output": "same"}

    def shape(of: str) -> str:
        tree = ast.parse(of)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                node.value = ""
        return ast.dump(tree)

    plain = {"a": "a", "b": ["a", {"a": "a"}], "output": "same"}
    assert shape(code(spec({"op": "Mixer", **given}))) == shape(code(spec({"op": "Mixer", **plain})))


def test_only_what_is_meant_is_imported() -> None:
    for own in ({"Own; import os": "a"}, {"Own": "a; b"}):
        with pytest.raises(ValueError, match="by name"):
            imports("", "", own, backend=False)
    for text in ("from a import b", "from . import Own", "from a import Own as X", "from keras import Own"):
        with pytest.raises(CodegenError):
            check_module(ast.parse(text), [], {"Own": "a"})
    check_module(ast.parse("from keras import layers\nfrom a import Own"), [], {"Own": "a"})


def test_one_program_does_not_know_the_classes_of_another() -> None:
    before = {role: dict(table) for role, table in Declared.registry.items()}
    load(EVERYTHING)
    assert Declared.registry == before and "LayerScale" not in known("layer")
    with pytest.raises(SpecError, match="there is no layer"):
        load({"name": "other", "nodes": [INPUT, {"op": "LayerScale", "output": "same"}]})


# The schema


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema())


def test_schema_accepts(validator: jsonschema.Draft202012Validator) -> None:
    assert [error.message for error in validator.iter_errors(EVERYTHING)] == []


@pytest.mark.parametrize(
    "given",
    [
        spec({"op": "Mixer"}),
        spec({"op": "Mixer", "output": "equal"}),
        spec({"op": "Mixer", "output": [0]}),
        spec({"op": "Mixer", "output": {"dtype": "int33"}}),
        spec({"op": "Dense", "units": 3, "output": "same"}),
        spec({"op": "Lambda", "output": "same"}),
        {**spec({"op": "ReLU"}), "imports": {"Dense": "a"}},
        {**spec({"op": "ReLU"}), "imports": {"own": "a"}},
        {**spec({"op": "ReLU"}), "imports": {"Own": "a b"}},
        {**spec({"op": "ReLU"}), "imports": {"Own": 3}},
    ],
    ids=lambda given: json.dumps(given.get("imports") if len(given["imports"]) == 1 else given["nodes"][1]),
)
def test_schema_refuses(validator: jsonschema.Draft202012Validator, given: dict[str, Any]) -> None:
    assert list(validator.iter_errors(given)) != []


# What is told of it


def test_summary() -> None:
    summary = archgen.summarize(load(EVERYTHING))
    text = summary.text(140)
    for line in (
        "layer_scale_1  LayerScale  (None, 5, 6)              ?      ?   120 B",
        "stage_1 ×2     unit                               ≥ 84  ≥ 780   480 B",
        "again          Mixer       (None, 5, 12)        shared      ?   240 B",
        "Parameters       at least 204 (816 B) (unknown for 9 layers: layer_scale_1, wide, stage_1_scale, ...)",
        "  trainable      ≥ 204",
        "  non-trainable  ≥ 0",
    ):
        assert line in text
    told = summary.as_json()
    by_id = {node["id"]: node for node in told["nodes"]}
    assert [by_id["wide"][key] for key in ("parameters", "trainable", "flops")] == [None] * 3
    assert [by_id["dense"][key] for key in ("parameters", "trainable", "flops")] == [30, 30, 270]
    totals = ("parameters", "trainable", "non_trainable", "weight_bytes", "flops", "memory")
    assert [told[key] for key in totals] == [None] * 5 + [2140]


def test_picture() -> None:
    dot = archgen.draw(load(EVERYTHING))
    said = ("204 parameters without those of LayerScale, Mixer, Largest", "≥ 2 × 42 parameters", "weights unknown")
    assert [text for text in (*said, "parameters: ?", "class=own") if text not in dot] == []


# Who imports it


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory to work in, with the module and a spec; the backend needs no TensorFlow."""
    (tmp_path / "own_layers.py").write_text(MODULE, "utf-8")
    (tmp_path / "net.json").write_text(json.dumps(EVERYTHING), "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("KERAS_BACKEND", "numpy")
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    return tmp_path


def status(*arguments: str) -> int:
    with pytest.raises(SystemExit) as raised:
        cli.main(list(arguments), prog_name="archgen")
    return int(raised.value.code or 0)


def test_archgen_never_imports_it(folder: Path) -> None:
    for command in ("check", "summary", "render", "codegen"):
        assert status(command, "net.json") == 0
    assert status("codegen", "--check", "net.json") == 0
    assert not (folder / "imported").exists() and "own_layers" not in sys.modules
    assert (folder / "generated/net.py").exists() and (folder / "generated/net.svg").exists()


@pytest.mark.parametrize("command", ["verify", "run"])
def test_without_trust(folder: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(command, "net.json") == 2
    assert capsys.readouterr().err == (
        "error: net.json: its script imports LayerScale from own_layers, Mixer from own_layers, "
        "Largest from own_layers, which runs their code\n"
        "  hint: if you trust that code, give --trust (in Python: trust=True)\n"
    )
    program = archgen.load("net.json")
    for act in (archgen.verify, archgen.run):
        with pytest.raises(ArchgenError, match="its script imports"):
            act(program)
    assert not (folder / "imported").exists() and not (folder / "runs").exists()


def test_a_class_that_is_not_used_needs_no_trust() -> None:
    unused = {"unit": {"nodes": [{"op": "Mixer", "output": "same"}]}}
    program = load(spec({"op": "Dense", "units": 3}, blocks=unused))
    require_trust(program, False)
    assert own_modules(program) == {} and "own_layers" not in archgen.generate(program)


def verified(given: dict[str, Any]) -> Report:
    return archgen.verify(load(given), trust=True)


def test_verify_with_trust(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Layers inside a class take automatic names; those that the graph foretells are found all the same."""
    assert status("verify", "net.json", "--trust") == 0
    told = capsys.readouterr().out
    assert told.startswith(
        "net.json: verified: 17 layers, 10 weights, 204 parameters, not the weights of layer_scale_1, "
    )
    assert (folder / "imported").exists()


def test_verify_trains_with_tensorflow(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    report = verified(TRAINED)
    assert report.agrees, report
    assert (report.parameters, report.layers, report.weights) == (21, 4, 2)
    assert report.unknown == ["layer_scale", "mixer"]
    assert report.steps["train"]["loss"] > 0 and report.steps["reload"] == {"": 0.0}


WRONG: dict[str, tuple[list[dict[str, Any]], str]] = {
    "a shape and a dtype": (
        [
            {"id": "one", "op": "LayerScale", "output": [5, 3]},
            {"id": "two", "op": "Largest", "from": "data", "output": [5]},
        ],
        "net: outputs: the graph has ['(None, 5, 3) float32', '(None, 5) float32'], "
        "Keras built ['(None, 5, 4) float32', '(None, 5) int32']",
    ),
    "a class that is not there": (
        [{"op": "Absent", "output": "same"}],
        "step 'import' failed: ImportError: cannot import name 'Absent' from 'own_layers'",
    ),
    "an argument that it does not take": (
        [{"op": "LayerScale", "gama": 3, "output": "same"}],
        "step 'build' failed: ValueError: Unrecognized keyword arguments passed to LayerScale: {'gama': 3}",
    ),
    "a config that does not tell the arguments": (
        [{"op": "Forgetful", "table": 3, "output": "same"}],
        "step 'save' failed: RuntimeError: the model cannot be saved and loaded (does get_config() of Forgetful tell "
        "all arguments?): TypeError: ",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_verify_finds(folder: Path, case: str) -> None:
    nodes, expected = WRONG[case]
    report = verified(spec(*nodes, outputs=[node["id"] for node in nodes]) if len(nodes) > 1 else spec(*nodes))
    assert not report.agrees
    assert expected in "\n".join([*report.differences, report.error or ""])


def test_what_is_read_by_name_is_compared_by_name(folder: Path) -> None:
    other = {"id": "other", "op": "Dense", "units": 4}
    reads = {"others": ["other"], "inputs": "data"}
    checked = check(parse(json.dumps(spec(other, {"op": "Mixer", "units": 4, "from": reads, "output": [5, 4]}))))
    script = archgen.generate(checked.program)
    crossed = script.replace("others=[x], inputs=data", "others=[data], inputs=x")
    assert crossed != script
    assert verify(checked, script=crossed, trust=True).differences == [
        "net/mixer: reads: the graph has [['inputs', 'data', 0, 0], ['others', 'other', 0, 0]], "
        "Keras built [['inputs', 'other', 0, 0], ['others', 'data', 0, 0]]"
    ]


def test_modules_are_found_beside_the_spec_and_in_the_current_directory(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = spec({"op": "LayerScale", "output": "same"})
    (folder / "net.json").write_text(json.dumps(given), "utf-8")
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert archgen.verify(archgen.load("../net.json"), trust=True).agrees
    assert "No module named 'own_layers'" in str(verified(given).error)


def test_run_with_trust(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("KERAS_BACKEND")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    (folder / "net.json").write_text(json.dumps(TRAINED), "utf-8")
    assert status("run", "net.json", "--trust", "--summary") == 0
    assert "layer_scale (LayerScale)" in capfd.readouterr().out and (folder / "imported").exists()
