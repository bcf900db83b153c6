"""Keras inside pytest is on its numpy backend; processes that tests start choose for themselves."""

import os

os.environ["KERAS_BACKEND"] = "numpy"

import keras  # noqa: F401

del os.environ["KERAS_BACKEND"]
