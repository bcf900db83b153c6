"""Hints are edits that work: followed by the letter, the mistake is gone."""

import json
import random
import re
from dataclasses import replace
from typing import Any

import pytest

import archgen.layers  # noqa: F401  (fills the registry)
from archgen.errors import LayerError
from archgen.layers.base import LayerErrors, build, known
from archgen.layers.kinds import Object
from archgen.tensors import Tensor
from tests.layers.samples import Case, draw_case

DRAWS = 150

USE = re.compile(r'^(?:use|add) "(\w+)": (.+)')
BEFORE = re.compile(r"^put (\{.*\}) before it")
INSTEAD = re.compile(r"^use (\w+)$")


def mistakes(error: LayerError | None) -> list[LayerError]:
    if error is None:
        return []
    return list(error.errors) if isinstance(error, LayerErrors) else [error]


def leading_json(text: str) -> Any:
    """The JSON value that a text starts with, alone or as the first of several ways; raises ``ValueError``."""
    value, end = json.JSONDecoder().raw_decode(text)
    if not re.match(r"$|,|;| or ", text[end:]):
        raise ValueError(text)
    return value


def written(value: Any) -> Any:
    """A JSON value as the loader gives it: objects with ``op`` as things to build."""
    if isinstance(value, list):
        return [written(item) for item in value]
    if isinstance(value, dict):
        return Object(value["op"], {name: written(item) for name, item in value.items() if name != "op"})
    return value


def after(layer: Any, tensor: Tensor) -> Tensor:
    """What a layer makes of a tensor; the tensor itself where the layer cannot take it."""
    try:
        given = layer.output(tensor)
    except LayerError:
        return tensor
    assert isinstance(given, Tensor)
    return given


def followed(case: Case, mistake: LayerError) -> Case | None:
    """The case with the hint applied; ``None`` for a hint that is advice and no edit."""
    hint = mistake.hint or ""
    if edit := USE.match(hint):
        path = [*mistake.param[:-1], edit[1]] if len(mistake.param) > 1 else [edit[1]]
        try:
            value = leading_json(edit[2])
        except ValueError:
            return None
        return replace(case, arguments=case.arguments | {path[0]: value}) if len(path) == 1 else None
    if edit := BEFORE.match(hint):
        before = build("layer", written(json.loads(edit[1])))
        tensors = tuple(after(before, tensor) for tensor in case.tensors)
        integers = not case.tensors[0].is_float  # a mistake of its own for most layers, to be mended first
        return None if integers and tensors[0] == case.tensors[0] else replace(case, tensors=tensors)
    if edit := INSTEAD.match(hint):
        return replace(case, declared=known("layer")[edit[1]]) if edit[1] in known("layer") else None
    return None


@pytest.mark.parametrize("op", known("layer"))
def test_a_hint_that_is_followed_removes_the_mistake(op: str) -> None:
    rng = random.Random(op)
    kept = []
    for _ in range(DRAWS):
        case = draw_case(known("layer")[op], rng)
        for mistake in mistakes(case.outcome()[2]):
            edited = followed(case, mistake)
            if edited is None:
                continue
            left = [other.message for other in mistakes(edited.outcome()[2])]
            if mistake.message in left:
                kept.append(f"{case}: {mistake.message}; followed {mistake.hint!r}, still there")
    assert not kept, "\n".join(kept)


REFUSALS: list[tuple[str, dict[str, Any], list[Any], str, str, str]] = [
    # op, arguments, input without the batch, code, message, hint
    ("Dense", {"units": 3}, [], "shape-mismatch", "Dense needs at least 2 dimensions", '"shape" of 1 dimension'),
    ("Dense", {"units": 3}, [None], "unknown-dimension", "the last dimension of its input", "a number"),
    ("Conv2D", {"filters": 4, "kernel_size": 3}, [28, 28], "shape-mismatch", "found (None, 28, 28)", "[28, 28, 1]"),
    ("Conv2D", {"filters": 4, "kernel_size": 3}, [9, 28, 28, 1], "shape-mismatch", "needs 4 dimensions", "use Conv3D"),
    ("DepthwiseConv2D", {"kernel_size": 3}, [2, 3, 4, 5], "shape-mismatch", "needs 4 dimensions", "[6, 4, 5]"),
    (
        "Conv2D",
        {"filters": 4, "kernel_size": 5},
        [9, 4, 1],
        "shape-mismatch",
        "does not fit in a width of 4",
        "at most 4",
    ),
    (
        "Conv1D",
        {"filters": 4, "kernel_size": 5, "dilation_rate": 2},
        [8, 1],
        "shape-mismatch",
        "a window of 9 (kernel_size 5, dilation_rate 2) does not fit in a length of 8",
        "a kernel_size of at most 4",
    ),
    ("Conv1D", {"filters": 4, "kernel_size": 3, "groups": 3}, [8, 6], "bad-argument", "4 filters", '"filters": 6'),
    ("Conv1D", {"filters": 4, "kernel_size": 3, "groups": 4}, [8, 6], "shape-mismatch", "6 channels", '"groups": 2'),
    (
        "Conv2D",
        {"filters": 4, "kernel_size": 3, "strides": 2, "dilation_rate": [1, 2]},
        [9, 9, 1],
        "bad-argument",
        "strides [2, 2] cannot go with dilation_rate [1, 2]",
        '"dilation_rate": 1',
    ),
    (
        "Conv2DTranspose",
        {"filters": 4, "kernel_size": 3, "strides": 2, "output_padding": 2},
        [9, 9, 1],
        "bad-argument",
        "output_padding 2 must be less than strides 2",
        '"output_padding": 1',
    ),
    ("Conv2D", {"filters": 0, "kernel_size": 3}, [9, 9, 1], "bad-argument", "a positive whole number, found 0", ""),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": "SAME"}, [9, 9, 1], "bad-argument", '"SAME"', '"same"'),
    ("Conv2D", {"filters": 4, "kernel": 3}, [9, 9, 1], "unknown-argument", 'no argument "kernel"', '"kernel_size"'),
    ("Conv2D", {"filters": 4}, [9, 9, 1], "missing-argument", 'needs "kernel_size"', 'add "kernel_size": 3'),
    ("MaxPooling2D", {"pool_size": 3}, [2, 5, 1], "shape-mismatch", "a window of 3 does not fit", "at most 2"),
    ("GlobalAveragePooling2D", {}, [7], "shape-mismatch", "needs 4 dimensions", "[1, 1, 7]"),
    ("AdaptiveMaxPooling1D", {"output_size": 1}, [7, 2], "bad-argument", "a single window", "GlobalMaxPooling1D"),
    ("Reshape", {"target_shape": [7, 7, 128]}, [6271], "shape-mismatch", "takes 6272", "[6271]"),
    ("Reshape", {"target_shape": [-1, 3]}, [7], "shape-mismatch", "a multiple of 3", "[7]"),
    ("Reshape", {"target_shape": [-1, -1]}, [7], "bad-argument", "only one dimension", "in all places but one"),
    ("Permute", {"dims": [0, 1]}, [7, 8], "bad-argument", "no order of 1 to 2", "[2, 1]"),
    ("Permute", {"dims": [1, 3]}, [7, 8], "bad-argument", "no order of 1 to 2", "[2, 1]"),
    ("Permute", {"dims": [2, 1]}, [7, 8, 9], "shape-mismatch", "3 besides the batch", "[2, 1, 3]"),
    ("RepeatVector", {"n": 3}, [7, 8], "shape-mismatch", "needs 2 dimensions", "Flatten"),
    ("Cropping2D", {"cropping": [[3, 4], 0]}, [7, 9, 1], "shape-mismatch", "3 + 4 leaves nothing", '"cropping": 3'),
    ("ZeroPadding2D", {"padding": -1}, [7, 9, 1], "bad-argument", "found -1", ""),
    ("BatchNormalization", {"axis": 3}, [7], "shape-mismatch", "axis 3 does not exist in (None, 7)", "from -2 to 1"),
    ("BatchNormalization", {}, [7, None], "unknown-dimension", "the last dimension", "a number"),
    ("LayerNormalization", {"axis": [1, -1]}, [7], "shape-mismatch", "names one axis", '"axis": [1]'),
    ("GroupNormalization", {}, [9, 9, 48], "shape-mismatch", "48 channels do not divide into 32", '"groups": 24'),
    ("GroupNormalization", {"groups": 0}, [9, 9, 48], "bad-argument", "cannot be 0", "-1"),
    ("RMSNormalization", {"axis": 1}, [4, 6], "shape-mismatch", "over the last dimensions", '"axis": [-1]'),
    ("Dropout", {"rate": 1.5}, [7], "bad-argument", "a number from 0 to 1, found 1.5", ""),
    ("GaussianDropout", {"rate": 1}, [7], "bad-argument", "divides by zero", "below 1"),
    ("Dropout", {"rate": 0.5, "noise_shape": [None, 3]}, [7], "shape-mismatch", "[null, 3]", "[null, null]"),
    ("Embedding", {"input_dim": 0, "output_dim": 3}, [7], "bad-argument", "found 0", ""),
    ("Dense", {"units": 3, "bias_initializer": "orthogonal"}, [7], "shape-mismatch", "the weight is (3,)", ""),
    ("Rescaling", {"scale": [1, 2]}, [9, 9, 3], "shape-mismatch", "2 numbers for 3 channels", "or 3 numbers"),
    ("Normalization", {}, [3], "missing-argument", "needs mean", 'add "mean"'),
]


@pytest.mark.parametrize(("op", "arguments", "shape", "code", "message", "hint"), REFUSALS)
def test_refusals(op: str, arguments: dict[str, Any], shape: list[Any], code: str, message: str, hint: str) -> None:
    case = Case(known("layer")[op], arguments, (Tensor((None, *shape)),))
    mistake = next(mistake for mistake in mistakes(case.outcome()[2]) if message in mistake.message)
    assert mistake.code == code
    assert hint in (mistake.hint or "")
    assert len(mistake.message) < 120
    assert not mistake.param or mistake.param[0] in case.declared.fields or code == "unknown-argument"


@pytest.mark.parametrize("dtype", ["int32", "uint8", "bool", "string"])
@pytest.mark.parametrize(
    ("op", "arguments"),
    [
        ("Conv2D", {"filters": 4, "kernel_size": 3}),
        ("MaxPooling2D", {}),
        ("ZeroPadding2D", {}),
        ("UpSampling2D", {}),
        ("Dropout", {"rate": 0.5}),
        ("UnitNormalization", {}),
    ],
)
def test_layers_that_keras_lets_fail_on_integers_refuse_them(op: str, arguments: dict[str, Any], dtype: str) -> None:
    case = Case(known("layer")[op], arguments, (Tensor((None, 8, 8, 3), dtype),))
    (mistake,) = mistakes(case.outcome()[2])
    assert mistake.code == "dtype-mismatch"
    assert (followed(case, mistake) is None) == (dtype == "string")


def test_every_mistake_in_the_arguments_is_found_at_once() -> None:
    wrong = {"filters": 0, "kernel_size": [3], "padding": "full", "bais": True}
    *_, error = Case(known("layer")["Conv2D"], wrong, (Tensor((None, 8, 8, 3)),)).outcome()
    assert sorted(mistake.param[0] for mistake in mistakes(error)) == ["bais", "filters", "kernel_size", "padding"]
