"""What is shown once: equal turns of a repeat, and only those."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networkx import MultiDiGraph

from archgen.graph import GraphNode
from archgen.outline import Group, Link, mark_skips, outline
from archgen.tensors import Tensor
from tests import graphs
from tests.graphs import Sketch

BLOCK = "(conv2d bn relu conv2d bn add relu)"
PROJECTED = "(shortcut conv2d bn relu conv2d bn add relu)"
SHORT = {"batch_normalization": "bn", "re_lu": "relu"}


def drawn(items: list[GraphNode | Group]) -> str:
    """An outline on one line: names without their numbers, frames in parentheses, ×N."""
    words = []
    for item in items:
        if isinstance(item, GraphNode):
            base = item.id or item.name.rstrip("0123456789").rstrip("_") or item.name
            base = "conv2d" if base.startswith("conv2d") else base
            words.append(SHORT.get(base, base))
        else:
            times = f"×{item.times}" if item.times > 1 else ""
            words.append(f"{item.frame.label}{times}({drawn(item.items)})")
    return " ".join(words)


@pytest.mark.parametrize(
    "stages, expected",
    [
        ([], ""),
        ([(64, 1)], f"stages{BLOCK}"),
        ([(64, 1)] * 3, f"stages×3{BLOCK}"),
        ([(64, 1), (64, 1), (128, 2)], f"stages×2{BLOCK} stages{PROJECTED}"),
        ([(64, 1), (128, 2), (128, 1), (128, 1)], f"stages{BLOCK} stages{PROJECTED} stages×2{BLOCK}"),
        ([(64, 2), (64, 2)], f"stages{PROJECTED} stages{PROJECTED}"),  # Equal arguments, other shapes.
        ([(64, 1), (64, 2), (64, 1)], f"stages{BLOCK} stages{PROJECTED} stages{BLOCK}"),
    ],
)
def test_equal_turns_in_a_row_are_one(stages: list[tuple[int, int]], expected: str) -> None:
    shown = drawn(outline(graphs.resnet(*stages)).items)
    assert shown == " ".join(
        part for part in ("image stem", expected, "global_average_pooling2d probabilities") if part
    )


@pytest.mark.parametrize(
    "inner, expected",
    [
        ((16,), "hidden(hidden)"),
        ((16, 16, 16), "hidden×3(hidden)"),
        ((16, 24), "hidden(hidden) hidden(hidden)"),
        ((24, 24, 24), "hidden(hidden) hidden×2(hidden)"),
    ],
)
@pytest.mark.parametrize("outer", [1, 3])
def test_repeats_inside_repeats(outer: int, inner: tuple[int, ...], expected: str) -> None:
    times = "×3" if outer == 3 else ""
    assert drawn(outline(graphs.nested(outer, inner)).items) == f"x mixer{times}({expected} gate(dense)) y"
    assert drawn(outline(graphs.nested(outer, inner), expand=True).items).count("gate") == outer


def two_turns(change: Callable[[Sketch, str, int], str], calls: tuple[str, str] = ("b", "b")) -> MultiDiGraph[str]:
    """A block of two turns with a Dense of 8 units; ``change`` adds what may differ."""
    sketch = Sketch()
    x = sketch.add("Input", id="x", shape=(8,))
    for turn, call in enumerate(calls, start=1):
        with sketch.frame("block", "b", call=call, turn=turn, turns=2):
            x = change(sketch, sketch.add("Dense", x, units=8), turn)
    return sketch.ends(x)


@pytest.mark.parametrize(
    "change, times",
    [
        (lambda sketch, x, turn: x, 2),
        (lambda sketch, x, turn: sketch.add("Dense", x, units=8, activation="relu"), 2),
        (lambda sketch, x, turn: sketch.add("Dense", x, units=8, activation=["relu", "tanh"][turn - 1]), 1),
        (lambda sketch, x, turn: sketch.add("Dense", x, units=8, trainable=turn == 1), 1),
        (lambda sketch, x, turn: sketch.add("Dense", x, units=8, id=["one", "two"][turn - 1]), 1),
        (lambda sketch, x, turn: sketch.add(["ReLU", "Flatten"][turn - 1], x), 1),
        (lambda sketch, x, turn: sketch.add("ReLU", x) if turn == 1 else x, 1),
        # The first turn has the weights, the second shares them.
        (lambda sketch, x, turn: sketch.add("Dense", x, key=f"d@{turn}", shares=[None, "d@1"][turn - 1], units=8), 1),
        # Both share those of a layer elsewhere.
        (lambda sketch, x, turn: sketch.add("Dense", x, key=f"d@{turn}", shares="far", units=8), 2),
        # Each shares within itself.
        (lambda sketch, x, turn: sketch.add("Dense", x, shares=x, units=8), 2),
        # The order of what is added makes no difference, that of what is subtracted does.
        (lambda sketch, x, turn: sketch.add("Subtract", x, sketch.add("ReLU", x)), 2),
    ],
)
def test_turns_that_differ_stay_apart(change: Callable[[Sketch, str, int], str], times: int) -> None:
    groups = [item for item in outline(two_turns(change)).items if isinstance(item, Group)]
    assert [group.times for group in groups] == ([2] if times == 2 else [1, 1])


def test_what_enters_counts() -> None:
    sketch = Sketch()
    x = sketch.add("Input", id="x", shape=(2, 4))
    for turn in (1, 2, 3):
        with sketch.frame("layer", "Flatten", turn=turn, turns=3):
            x = sketch.add("Flatten", x)
    assert drawn(outline(sketch.ends(x)).items) == "x Flatten(flatten) Flatten×2(flatten)"


def test_inner_wiring_counts() -> None:
    def crossed(sketch: Sketch, x: str, turn: int) -> str:
        ends = [x, sketch.add("ReLU", x)]
        return sketch.add("Subtract", *(ends if turn == 1 else ends[::-1]))

    assert drawn(outline(two_turns(crossed)).items).count("b(") == 2


def test_two_uses_of_a_block_are_no_repeat() -> None:
    assert drawn(outline(two_turns(lambda sketch, x, turn: x, calls=("one", "two"))).items) == "x b(dense) b(dense)"


def test_links_enter_the_first_turn_and_leave_the_corresponding_node() -> None:
    shown = outline(graphs.resnet((64, 1), (64, 1), (64, 1)))
    links = [(link.tail, link.head) for link in shown.links]
    assert ("stem", "conv2d") in links and ("stem", "add") in links
    assert ("re_lu_1", "global_average_pooling2d") in links
    assert all(tail != head for tail, head in links)
    assert not [pair for pair in links if pair[0] == "re_lu_1" and pair[1] in ("conv2d", "add")]
    assert len(links) == len(set(links)) == 11


def test_an_output_inside_a_repeat_is_shown_at_its_first_turn() -> None:
    graph = two_turns(lambda sketch, x, turn: sketch.add("ReLU", x))
    graph.graph["info"].outputs = [("re_lu_1", 0), ("dense_1", 0), ("dense", 0)]
    assert outline(graph).outputs == [("re_lu", 0), ("dense", 0), ("dense", 0)]


def test_parallel_edges_of_one_tensor_are_one_link() -> None:
    sketch = Sketch()
    x = sketch.add("Input", id="x", shape=(10, 8))
    attended = sketch.add("MultiHeadAttention", by_name={"query": x, "value": x}, num_heads=2, key_dim=4)
    assert outline(sketch.ends(attended)).links == [
        Link("x", "multi_head_attention", 0, Tensor((None, 10, 8)), ["query", "value"])
    ]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([(8, 1), (8, 2), (16, 1)]), max_size=7), st.booleans())
def test_nothing_is_lost(stages: list[tuple[int, int]], expand: bool) -> None:
    graph = graphs.resnet(*stages)
    shown = outline(graph, expand=expand)
    assert shown.size == graph.number_of_nodes()
    assert shown.parameters == sum(data["node"].parameters for _, data in graph.nodes(data=True))
    keys = {node.key for node in shown.nodes}
    assert all(link.tail in keys and link.head in keys for link in shown.links)
    if expand:
        assert len(keys) == graph.number_of_nodes() and len(shown.links) == graph.number_of_edges()


@pytest.mark.parametrize(
    "edges, sums, expected",
    [
        ("ab bc", "", ""),
        ("ab bc ac", "", "ac"),  # A residual connection.
        ("ab bc ac", "c", "ac"),
        ("ab ac bd cd", "d", ""),  # Two branches of one length.
        ("ab ac bd cd", "", ""),
        ("ab bc cd ae ed", "d", "ae ed"),  # A projection: one node beside two.
        ("ab bc cd ae ed", "", ""),  # The same into what is no sum is a branch.
        ("ab bc cd dg ae ef fg", "g", "ae ef fg"),  # Two nodes beside three.
        ("ab bc cd de ej af fg gh hj", "j", ""),  # Three in a row are no projection.
        ("ab bc cd ad bd", "", "ad bd"),  # Dense connections.
        ("ab bc cd de bd ae", "", "bd ae"),  # One around another.
        ("xb yb bc xc", "", "xc"),
        ("xb yb", "b", ""),
    ],
)
def test_skip_connections(edges: str, sums: str, expected: str) -> None:
    links = [Link(tail, head, 0, Tensor((None, 1)), [0]) for tail, head in edges.split()]
    mark_skips(links, sums)
    assert " ".join(link.tail + link.head for link in links if link.skip) == expected
