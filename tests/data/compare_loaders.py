"""Load the same files through generated scripts and through Keras, and tell where they differ.

Arguments: pairs of a script and its file. Keras's download is replaced by the file.
"""

import runpy
import sys
from importlib import import_module

import numpy as np


def differences(script: str, path: str) -> list[str]:
    """The arrays in which a script's ``load_data(path)`` differs from its ``load_data()``."""
    load_data = runpy.run_path(script)["load_data"]
    for name in ("imdb", "reuters", "california_housing", "mnist"):
        import_module(f"keras.src.datasets.{name}").get_file = lambda *args, **kwargs: path
    (train, test), (keras_train, keras_test) = load_data(path), load_data()
    pairs = zip(("x_train", "y_train", "x_test", "y_test"), (*train, *test), (*keras_train, *keras_test), strict=True)
    return [name for name, ours, theirs in pairs if len(ours) == 0 or not np.array_equal(ours, theirs)]


if __name__ == "__main__":
    found = [(script, differences(script, path)) for script, path in zip(sys.argv[1::2], sys.argv[2::2], strict=True)]
    print(found)
    sys.exit(any(different for _, different in found))
