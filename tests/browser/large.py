"""A spec whose graph has five thousand nodes: blocks in blocks, of which few turns are equal."""

from __future__ import annotations

from typing import Any

NODES = 5000


def large() -> dict[str, Any]:
    """49 stages of 102 nodes each between an input and a last layer: 20 residual units of five, and two layers more."""
    unit = [
        {"op": "Dense", "units": "$width", "from": "x"},
        {"op": "LayerNormalization"},
        {"op": "ReLU"},
        {"id": "residual", "op": "Dropout", "rate": "$rate"},
        {"op": "Add", "from": ["x", "residual"]},
    ]
    rates = [0.1, 0.1, 0.2, 0.2, *[0.3] * 6, *[round(0.01 * k, 2) for k in range(10)]]
    stage = [
        {"op": "Dense", "units": "$width", "from": "x"},
        {"op": "unit", "width": "$width", "repeat": {"rate": rates}},
        {"op": "ReLU"},
    ]
    return {
        "name": "large",
        "title": "Five thousand nodes",
        "blocks": {
            "unit": {"params": {"width": 16, "rate": 0.1}, "inputs": ["x"], "nodes": unit},
            "stage": {"params": {"width": 16}, "inputs": ["x"], "nodes": stage},
        },
        "nodes": [
            {"id": "x", "op": "Input", "shape": [16]},
            {"id": "stages", "op": "stage", "repeat": {"width": [8 + k for k in range(49)]}},
            {"id": "y", "op": "Dense", "units": 1},
        ],
    }
