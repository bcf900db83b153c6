"""Every declared layer and function is Keras's own: its arguments, and on random cases its verdict, shapes, dtypes,
weights and names. Being in the registry is enough to be tested.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

import archgen.layers  # noqa: F401  (fills the registry)
from archgen.errors import LayerError
from archgen.layers.base import COMMON, Declared, LayerErrors, Operation, automatic_name, known
from archgen.layers.kinds import Object
from archgen.tensors import Dim, Shape, Tensor
from tests.layers.device import DEVICE
from tests.layers.oracle import Oracle
from tests.layers.samples import Case, cases, request

DECLARED: dict[str, type[Operation]] = {
    op: declared for role in ("layer", "op") for op, declared in known(role).items() if issubclass(declared, Operation)
}
CELLS = {op: declared for op, declared in known("cell").items() if issubclass(declared, Operation)}
SIGNED = {**DECLARED, **CELLS}
"""Everything whose arguments are compared: cells too, which stand in RNN and not at a node."""
BUILDS = 60
"""Random cases per declaration that are built."""
RUNS = 3
"""Accepted cases per declaration that are also run, on TensorFlow."""

REORDERED = {
    "Conv3DTranspose": "Keras swaps data_format and output_padding here only; both are passed by keyword",
}
"""Declarations whose arguments stand in another order than Keras's, with the reason."""

NEEDED = {"Input": {"shape": "Keras takes it or batch_shape"}}
"""Arguments that archgen requires although Keras gives them a default, with the reason."""

NUMPY = re.compile(r"float16 is unsupported in linalg")
"""Errors of NumPy that say nothing of the layer; TensorFlow is asked instead."""


@pytest.fixture(scope="module")
def builder() -> Iterator[Oracle]:
    with Oracle("numpy") as oracle:
        yield oracle


@pytest.fixture(scope="module")
def runner() -> Iterator[Oracle]:
    with Oracle("tensorflow") as oracle:
        yield oracle


@pytest.fixture(scope="module", autouse=True)
def ran(request: pytest.FixtureRequest) -> Iterator[Callable[[str], list[tuple[Case, Any]]]]:
    """Accepted cases with what TensorFlow makes of them, worked out in the background while other tests build."""
    started: dict[str, Future[list[tuple[Case, Any]]]] = {}
    with Oracle("tensorflow") as oracle, ThreadPoolExecutor(1) as pool:

        def start(op: str) -> Future[list[tuple[Case, Any]]]:
            return started.setdefault(op, pool.submit(run_accepted, oracle, DECLARED[op]))

        if not hasattr(request.config, "workerinput"):  # of several processes each would start everything
            for item in request.session.items:
                if getattr(item, "originalname", "") == "test_accepted_cases_run":
                    start(item.callspec.params["op"])
        yield lambda op: (started.get(op) or start(op)).result()
        pool.shutdown(cancel_futures=True)


def run_accepted(oracle: Oracle, declared: type[Declared]) -> list[tuple[Case, Any]]:
    return [(case, oracle.ask(request(case) | {"do": "run"})) for case in accepted_cases(declared)]


def named_names() -> set[str]:
    """The automatic names, without numbers, that anything declared can take."""
    return {automatic_name(declared().keras_class) for declared in SIGNED.values()}


def plain(value: Any) -> Any:
    """Tuples as the lists that JSON has."""
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize("op", SIGNED)
def test_arguments_are_those_of_keras(op: str, builder: Oracle) -> None:
    declared = SIGNED[op]
    parameters = builder.ask({"do": "signature", "role": declared.role, "op": op})
    assert isinstance(parameters, list), parameters
    if declared.role == "op":
        names = [name for name, *_, kind in parameters if kind != "VAR_POSITIONAL"]
        inputs = [1] if declared.takes_list else [name for name in declared.call_inputs if name in names]
        leading = getattr(declared, "leading", 0)
        parameters = [*parameters[:leading], *parameters[leading + len(inputs) :]]
        parameters = [parameter for parameter in parameters if parameter[3] != "VAR_POSITIONAL"]
    left_out = declared.gathered("left_out")
    # A number in place of a tensor goes by the tensor's name.
    operands = declared.call_inputs if declared.role == "op" else ()
    fields = {
        name: field
        for name, field in declared.fields.items()
        if (name not in COMMON or name in declared.drops) and name not in operands
    }
    theirs = [
        [name, "required" if required or name in NEEDED.get(op, {}) else default]
        for name, required, default, kind in parameters
        if kind != "VAR_KEYWORD" and name not in left_out and (name in fields or name not in COMMON)
    ]
    ours = [[name, "required" if field.required else plain(field.default)] for name, field in fields.items()]
    if op in REORDERED:
        assert ours != theirs
        ours, theirs = sorted(ours), sorted(theirs)
    assert ours == theirs
    takes_any = any(kind == "VAR_KEYWORD" for *_, kind in parameters)
    others = {name for name in declared.fields if name not in fields and name not in operands}
    assert takes_any or others <= {name for name, *_ in parameters}


def differences(case: Case, answer: Any) -> list[str]:
    """What archgen says of an accepted case that Keras does not."""
    layer, outputs, _ = case.outcome()
    assert layer is not None
    call = {name: layer.options[name].coerce(given) for name, given in case.call.items()}
    weights = layer.weights(*case.tensors, **call)
    names = (*layer.names_before(), layer.keras_class, *layer.names_on_build())
    found = {
        "outputs": [{"shape": list(tensor.shape), "dtype": tensor.dtype} for tensor in outputs],
        "weights": [[path, list(w.shape), w.trainable, w.dtype] for path, w in weights.items()],
        "names": count_names((*names, *layer.names_on_call(*case.tensors, **call))),
    }
    could = named_names()
    expected = answer | {"names": {name: count for name, count in answer["names"].items() if name in could}}
    if case.declared.op == "Input":
        found["names"] = {}
    return [f"{case}: {what} {found[what]}, Keras {expected[what]}" for what in found if found[what] != expected[what]]


def count_names(classes: tuple[str, ...]) -> dict[str, int]:
    could = named_names()
    counted = Counter(automatic_name(name) for name in classes)
    return {name: count for name, count in counted.items() if name in could}


def fits(shape: Shape | list[Dim], concrete: list[int]) -> bool:
    return len(shape) == len(concrete) and all(dim in (None, size) for dim, size in zip(shape, concrete, strict=True))


def lies(answer: Any) -> list[str]:
    """Where what a model gave when it ran is not what it had announced."""
    return [
        f"{mode} gives {given['shape']} {given['dtype']} for {announced['shape']} {announced['dtype']}"
        for mode in ("prediction", "training")
        for announced, given in zip(answer["announced"], answer[mode], strict=True)
        if not fits(announced["shape"], given["shape"]) or announced["dtype"] != given["dtype"]
    ]


def excused(case: Case, refusal: LayerError) -> bool:
    """Whether each of the mistakes that archgen finds is one of those that Keras overlooks."""
    mistakes = refusal.errors if isinstance(refusal, LayerErrors) else [refusal]
    said = [f"{'.'.join(map(str, mistake.param))}: {mistake.message}" for mistake in mistakes]
    patterns = case.declared.gathered("stricter")
    return all(any(re.search(pattern, line) for pattern in patterns) for line in said)


@pytest.mark.parametrize("op", DECLARED)
def test_random_cases_are_as_in_keras(op: str, builder: Oracle, runner: Oracle) -> None:
    wrong: list[str] = []
    accepted = 0
    # Functions promote dtypes, and Keras does so without 64 bits on NumPy.
    oracle = runner if DECLARED[op].role == "op" else builder
    for case in cases(DECLARED[op], BUILDS):
        *_, refusal = case.outcome()
        answer = oracle.ask(request(case) | {"do": "build"})
        if refusal is None and NUMPY.search(answer.get("error", "")):
            answer = runner.ask(request(case) | {"do": "build"})
        if refusal is None and "error" in answer:
            wrong.append(f"{case}: accepted, Keras refuses: {answer['error'][:400]}")
        elif refusal is None:
            accepted += 1
            wrong += differences(case, answer)
        elif "error" not in answer and not excused(case, refusal):
            ran = runner.ask(request(case) | {"do": "run"})
            if "error" not in ran and not lies(ran):
                wrong.append(f"{case}: refused ({refusal.message}), Keras runs it and gives {answer['outputs']}")
    assert not wrong, "\n".join(wrong)
    assert accepted >= BUILDS // 3, f"{accepted} of {BUILDS} cases were accepted: too few to compare"


@pytest.mark.parametrize("op", DECLARED)
def test_accepted_cases_run(op: str, ran: Callable[[str], list[tuple[Case, Any]]]) -> None:
    wrong: list[str] = []
    for case, answer in ran(op):
        if "error" in answer and not DEVICE.search(answer["error"]):
            wrong.append(f"{case}: {answer['error'][:400]}")
        elif "error" not in answer:
            wrong += [f"{case}: {lie}" for lie in lies(answer)]
    assert not wrong, "\n".join(wrong)


def accepted_cases(declared: type[Declared]) -> list[Case]:
    """The first few accepted cases in which every dimension but the batch is known, and the batch alike for all."""
    found = [
        case
        for case in cases(declared, 12 * RUNS, seed=1)
        if all(None not in tensor.shape[1:] for tensor in case.tensors)
        and len({tensor.batch for tensor in case.tensors}) <= 1
        and case.outcome()[2] is None
    ]
    assert found
    return found[:RUNS]


def test_cases_are_the_same_in_every_run() -> None:
    first, second = (list(map(str, cases(DECLARED["Conv2D"], 20))) for _ in range(2))
    assert first == second
    assert first != list(map(str, cases(DECLARED["Conv2D"], 20, seed=1)))


def test_the_oracle_finds_a_wrong_declaration(builder: Oracle) -> None:
    """The harness itself: a case held against the answer for another."""
    dense = Case(DECLARED["Dense"], {"units": 3}, (Tensor((None, 4)),))
    other = Case(DECLARED["Dense"], {"units": 5, "kernel_initializer": Object("HeNormal")}, (Tensor((None, 4)),))
    answer = builder.ask(request(other) | {"do": "build"})
    assert not differences(other, answer)
    assert [line.split(": ")[1].split()[0] for line in differences(dense, answer)] == ["outputs", "weights"]


def test_a_worker_that_dies_is_replaced() -> None:
    with Oracle("numpy") as oracle:
        assert oracle.ask({"do": "signature", "role": "layer", "op": "Dense"})
        assert oracle.process is not None
        oracle.process.kill()
        oracle.process.wait()
        assert oracle.ask({"do": "signature", "role": "layer", "op": "Dense"})["error"].startswith("Died")
        assert isinstance(oracle.ask({"do": "signature", "role": "layer", "op": "Dense"}), list)
