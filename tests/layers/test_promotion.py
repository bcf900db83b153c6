"""dtypes combine as in Keras."""

import itertools

import keras
import pytest

from archgen.layers.promotion import promote

DTYPES = ("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")
FLOATS = ("float16", "bfloat16", "float32", "float64")
NUMBERS = {"int": int, "float": float}
NARROW = {"int64": "int32", "uint64": "uint32", "float64": "float32"}
"""What Keras makes of 64 bits on any backend but TensorFlow."""


@pytest.mark.parametrize("dtype", [*DTYPES, *FLOATS])
def test_promotion_is_that_of_keras(dtype: str) -> None:
    for others in itertools.combinations_with_replacement((*DTYPES, *FLOATS, *NUMBERS), 2):
        theirs = keras.backend.result_type(dtype, *(NUMBERS.get(other, other) for other in others))
        ours = promote(dtype, *others)
        if keras.backend.backend() != "tensorflow":
            ours = NARROW.get(ours, ours)
        assert ours == theirs, others
