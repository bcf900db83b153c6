"""Tree and graph agree: what random specs generate, built by Keras, is their graph, layer by layer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings

from archgen.errors import SpecError
from tests.agreement import Builder, differences, write
from tests.strategies import specs

EXAMPLES = 200


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    """Keras on its numpy backend, in a process of its own."""
    with Builder("numpy") as started:
        yield started


@pytest.fixture(scope="module")
def counts() -> Iterator[dict[str, int]]:
    """How many specs were compared, and how many archgen refused: the drawing knows no sizes, so a few do not fit."""
    found = {"compared": 0, "refused": 0}
    yield found
    assert found["compared"] >= EXAMPLES
    assert found["refused"] <= found["compared"] // 20


@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(spec=specs())
def test_random_specs(builder: Builder, counts: dict[str, int], spec: dict[str, Any]) -> None:
    try:
        written = write(spec)
    except SpecError:
        counts["refused"] += 1
        reject()
    counts["compared"] += 1
    assert differences(written, builder) == [], f"{json.dumps(spec)}\n{written.text}"
