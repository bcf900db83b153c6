"""What augmentation has that no other family has: layers inside that share a name, and settings that do not survive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import archgen.layers  # noqa: F401  (fills the registry)
from archgen.errors import LayerError
from archgen.layers.base import Operation, known
from archgen.layers.kinds import Object
from archgen.layers.refused import LAYERS as REFUSED
from archgen.tensors import Tensor
from tests.agreement import Builder, differences, write

IMAGE = {"id": "image", "op": "Input", "shape": [16, 16, 3]}
FACTORS = {"brightness_factor": 0.2, "contrast_factor": 0.2, "saturation_factor": 0.2, "hue_factor": 0.2}


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    with Builder("numpy") as oracle:
        yield oracle


@pytest.mark.parametrize("named", [(), (0,), (1,), (0, 1), (0, 1, 2)], ids=str)
@pytest.mark.parametrize(
    ("op", "arguments"),
    [
        ("AugMix", {}),
        ("AugMix", {"all_ops": False}),
        ("RandAugment", {"num_ops": 1}),
        ("RandomColorJitter", {}),
        ("RandomColorJitter", {"hue_factor": 0.1}),
        ("RandomColorJitter", FACTORS),
    ],
    ids=str,
)
def test_names_of_layers_inside(op: str, arguments: dict[str, Any], named: tuple[int, ...], builder: Builder) -> None:
    """Layers inside take automatic names, or the name of the layer around them: the next ones are named accordingly."""
    mixtures = [{"op": op, **arguments} | ({"id": f"mix_{index}"} if index in named else {}) for index in range(3)]
    others = [
        {"op": "RandomContrast", "factor": 0.1},
        {"op": "RandomBrightness", "factor": 0.1},
        {"op": "RandomHue", "factor": 0.1},
        {"op": "Solarization"},
        {"op": "AutoContrast"},
    ]
    assert differences(write({"name": "net", "nodes": [IMAGE, *mixtures, *others]}), builder) == []


def test_names_inside_blocks(builder: Builder) -> None:
    block = {"inputs": ["x"], "nodes": [{"op": "AugMix"}, {"id": "mix", "op": "RandAugment"}, {"op": "RandomFlip"}]}
    nodes = [IMAGE, {"id": "twice", "op": "augment", "repeat": 2}, {"op": "RandomSharpness", "factor": 0.1}]
    assert differences(write({"name": "net", "blocks": {"augment": block}, "nodes": nodes}), builder) == []


@pytest.mark.parametrize(
    ("op", "arguments", "shape", "flops"),
    [
        ("RandomZoom", {"height_factor": 0.1}, (8, 8, 3), 0),
        ("AutoContrast", {}, (8, 8, 3), 7 * 8 * 8 * 3),
        ("AutoContrast", {"value_range": [0, 1]}, (8, 8, 3), (7 + 8) * 8 * 8 * 3),
        ("AutoContrast", {}, (None, 8, 3), None),
        # An image of 8 x 9 grows to 2 x 3 tiles of 4 x 3; with 2 x 2 tiles it would grow to 8 x 10.
        ("CLAHE", {"tile_grid_size": [2, 3]}, (8, 9, 3), 3 * (72 * (2 * 256 + 9) + 6 * 256 * 12)),
        ("CLAHE", {"tile_grid_size": [2, 2], "clip_limit": 0}, (8, 9, 1), 80 * (2 * 256 + 9) + 4 * 256 * 7),
        ("CLAHE", {"tile_grid_size": [2, 2]}, (8, None, 1), None),
    ],
)
def test_flops(op: str, arguments: dict[str, Any], shape: tuple[int | None, ...], flops: int | None) -> None:
    """What acts in prediction costs something; what acts in training only costs nothing."""
    name = op.replace("CLAHE", "ContrastLimitedAdaptiveHistogramEqualization")
    layer = known("layer")[name].create(arguments)
    assert isinstance(layer, Operation)
    assert layer.flops(Tensor((None, *shape))) == flops


@pytest.mark.parametrize("op", ["Equalization", "CutMix", "MixUp", "Pipeline"])
def test_what_cannot_stand_in_a_graph(op: str) -> None:
    assert op in REFUSED and op not in known("layer")


def test_why_equalization_is_refused() -> None:
    """Keras gives the input tensor itself, so that the layer is its own input."""
    import keras

    image = keras.Input((8, 8, 3))
    rescaled = keras.layers.Rescaling(1 / 255)(image)
    equal = keras.layers.Equalization()(rescaled)
    assert equal is rescaled
    with pytest.raises(ValueError, match="cycle"):
        keras.Model(image, equal)


@pytest.mark.parametrize(("factor", "loads"), [(0.2, False), ([0, 0.2], True), (0, True)])
def test_why_a_shear_is_a_pair(factor: Any, loads: bool) -> None:
    """Keras writes a number as a pair from below 0 and refuses to read that."""
    import keras

    layer = keras.layers.RandomShear(x_factor=factor)
    if loads:
        keras.layers.RandomShear.from_config(layer.get_config())
        known("layer")["RandomShear"].create({"x_factor": factor})
        return
    with pytest.raises(TypeError, match="factor"):
        keras.layers.RandomShear.from_config(layer.get_config())


@pytest.mark.parametrize(("op", "dtype", "fits"), [("RandomInvert", "uint8", False), ("RandomFlip", "uint8", True)])
def test_integers_at_each_step(op: str, dtype: str, fits: bool) -> None:
    """Inside a TimeDistributed, Keras casts no integers."""
    layer = known("layer")["TimeDistributed"].create({"layer": Object(op)})
    assert isinstance(layer, Operation)
    video = Tensor((None, 4, 8, 8, 3), dtype)
    if fits:
        assert layer.output(video) == Tensor(video.shape)
        return
    with pytest.raises(LayerError, match="floating-point"):
        layer.output(video)
