"""FLOPs of one example: counted by hand for each family, unknown where a dimension that matters is unknown."""

from typing import Any

import pytest

import archgen.layers  # noqa: F401  (fills the registry)
from archgen.layers.base import Operation, known
from archgen.tensors import Tensor
from tests.layers.samples import cases

COUNTED: list[tuple[str, dict[str, Any], list[Any], int | None]] = [
    # op, arguments, input without the batch, FLOPs: two for a product with its sum, one for a sum or a comparison
    ("Input", {"shape": [4]}, [4], 0),
    ("Dense", {"units": 3}, [4], 3 * (2 * 4 + 1)),
    ("Dense", {"units": 3, "use_bias": False}, [4], 3 * 2 * 4),
    ("Dense", {"units": 3, "activation": "relu"}, [5, 4], 5 * 3 * (2 * 4 + 1)),
    ("Dense", {"units": 3}, [None, 4], None),
    ("Embedding", {"input_dim": 100, "output_dim": 8}, [20], 0),
    ("Conv1D", {"filters": 4, "kernel_size": 3}, [10, 2], 8 * 4 * (2 * 3 * 2 + 1)),
    ("Conv1D", {"filters": 4, "kernel_size": 3, "padding": "causal"}, [10, 2], 10 * 4 * (2 * 3 * 2 + 1)),
    ("Conv1D", {"filters": 4, "kernel_size": 3, "dilation_rate": 2}, [10, 2], 6 * 4 * (2 * 3 * 2 + 1)),
    ("Conv2D", {"filters": 32, "kernel_size": 3}, [28, 28, 1], 26 * 26 * 32 * (2 * 9 * 1 + 1)),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 2}, [8, 8, 6], 6 * 6 * 4 * (2 * 9 * 3 + 1)),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "data_format": "channels_first"}, [6, 8, 8], 36 * 4 * (2 * 9 * 6 + 1)),
    ("Conv2D", {"filters": 4, "kernel_size": 3}, [None, 8, 6], None),
    ("Conv3D", {"filters": 4, "kernel_size": 1, "use_bias": False}, [2, 3, 4, 5], 24 * 4 * 2 * 5),
    # Transposed: each of the 7 x 7 places is spread by the whole kernel; the bias is added to each of 14 x 14.
    (
        "Conv2DTranspose",
        {"filters": 64, "kernel_size": 4, "strides": 2, "padding": "same"},
        [7, 7, 128],
        7 * 7 * 64 * 2 * 16 * 128 + 14 * 14 * 64,
    ),
    ("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2}, [8, 8, 6], 36 * 12 * (2 * 9 + 1)),
    ("SeparableConv2D", {"filters": 4, "kernel_size": 3}, [8, 8, 6], 36 * (6 * 2 * 9 + 4 * (2 * 6 + 1))),
    ("MaxPooling2D", {}, [8, 8, 6], 16 * 6 * 4),
    ("AveragePooling1D", {"pool_size": 3, "strides": 1, "padding": "same"}, [8, 6], 8 * 6 * 3),
    ("GlobalAveragePooling2D", {}, [8, 8, 6], 8 * 8 * 6),
    ("GlobalMaxPooling1D", {}, [None, 6], None),
    ("AdaptiveAveragePooling1D", {"output_size": 3}, [8, 6], 3 * 3 * 6),
    ("BatchNormalization", {}, [8, 8, 6], 2 * 8 * 8 * 6),
    ("LayerNormalization", {}, [20, 6], 8 * 20 * 6),
    ("LayerNormalization", {"scale": False}, [20, 6], 7 * 20 * 6),
    ("GroupNormalization", {"groups": 3}, [20, 6], 6 * 20 * 6),
    ("UnitNormalization", {}, [6], 3 * 6),
    ("RMSNormalization", {}, [6], 4 * 6),
    ("Rescaling", {"scale": 0.5}, [8, 8, 3], 2 * 8 * 8 * 3),
    ("Normalization", {"mean": 0, "variance": 1}, [5], 2 * 5),
    ("Masking", {}, [5, 3], 5 * 3),
    ("Flatten", {}, [8, 8, 3], 0),
    ("Reshape", {"target_shape": [-1]}, [8, 8, 3], 0),
    ("Dropout", {"rate": 0.5}, [8], 0),
    ("ZeroPadding2D", {}, [8, 8, 3], 0),
]


@pytest.mark.parametrize(("op", "arguments", "shape", "flops"), COUNTED)
def test_counted_by_hand(op: str, arguments: dict[str, Any], shape: list[Any], flops: int | None) -> None:
    layer = known("layer")[op].create(arguments)
    assert isinstance(layer, Operation)
    assert layer.flops(Tensor((None, *shape))) == flops


@pytest.mark.parametrize(("role", "op"), [(role, op) for role in ("layer", "op") for op in known(role)])
def test_flops_are_whole_and_known_where_the_shapes_are(role: str, op: str) -> None:
    for case in cases(known(role)[op], 30):
        layer, _, refusal = case.outcome()
        if refusal is not None:
            continue
        assert layer is not None
        call = {name: layer.options[name].coerce(given) for name, given in case.call.items()}
        flops = layer.flops(*case.tensors, **call)
        if all(None not in tensor.shape[1:] for tensor in case.tensors):
            assert type(flops) is int, str(case)
        assert flops is None or flops >= 0, str(case)
