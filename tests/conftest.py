"""Keras inside pytest is on its numpy backend; processes that tests start choose for themselves."""

import os
from pathlib import Path

import pytest

os.environ["KERAS_BACKEND"] = "numpy"

import keras  # noqa: F401

del os.environ["KERAS_BACKEND"]

TESTS = Path(__file__).parent

LONG = (
    "browser/test_page_in_browser.py",
    "test_generated.py",
    "test_documents.py",
    "test_diff.py",
    "layers/test_against_keras.py",
    "test_imports.py",
    "browser/test_overlaps.py",
    "test_cli.py",
    "test_differential.py",
    "data/test_scripts.py",
    "test_specs.py",
    "test_draw.py",
    "test_page.py",
    "test_agreement.py",
    "test_look.py",
    "test_functions.py",
    "test_verification.py",
)
"""Files that take more than half a minute, the longest first. Several processes take a file each, in this order, so
that none is left with a long one at the end while the others have nothing to do (``make test``)."""

assert all((TESTS / name).is_file() for name in LONG)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {TESTS / name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path, len(LONG)))
