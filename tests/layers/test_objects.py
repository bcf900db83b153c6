"""Argument objects are Keras's own: the same classes, arguments, defaults, strings and refusals."""

import contextlib
import inspect

import keras
import pytest

from archgen.errors import LayerError
from archgen.layers.base import REQUIRED, Declared, build, known
from archgen.layers.kinds import Made, Object
from archgen.layers.objects import Argument, MatchingAccuracy, MatchingCrossentropy, resolve
from archgen.layers.objects.left_out import OBJECTS
from archgen.layers.objects.losses import Loss
from archgen.layers.objects.metrics import Metric

ROLES = ("initializer", "regularizer", "constraint", "optimizer", "schedule", "loss", "metric", "callback")
NEEDED = {
    "num_classes": 3,
    "target_class_ids": [0, 2],
    "recall": 0.5,
    "precision": 0.5,
    "specificity": 0.5,
    "sensitivity": 0.5,
    "initial_learning_rate": 0.1,
    "decay_steps": 10,
    "first_decay_steps": 10,
    "decay_rate": 0.9,
    "boundaries": [10],
    "values": [0.1, 0.01],
    "filename": "log.csv",
    "filepath": "best.keras",
    "backup_dir": "backup",
    "inner_optimizer": Object("Adam"),
}

DECLARED = [(role, declared) for role in ROLES for declared in known(role).values()]
DECLARED_IDS = [f"{role}-{declared.op}" for role, declared in DECLARED]


def module_of(declared: type[Declared]) -> object:
    assert issubclass(declared, Argument)
    found: object = keras
    for part in declared.module.split(".")[1:]:
        found = getattr(found, part)
    return found


def in_keras(value: object) -> object:
    """A built declaration as the Keras object that it describes."""
    if not isinstance(value, Declared):
        return value
    arguments = {name: in_keras(getattr(value, name)) for name in value.fields}
    return getattr(module_of(type(value)), value.op)(**arguments)


@pytest.mark.parametrize("role", ROLES)
def test_every_public_class_is_declared_or_left_out_with_a_reason(role: str) -> None:
    module = module_of(next(iter(known(role).values())))
    public = {cls.__name__ for _, cls in inspect.getmembers(module, inspect.isclass)}
    assert set(known(role)) == public - set(OBJECTS[role])
    assert set(OBJECTS[role]) <= public
    assert all(OBJECTS[role].values())


@pytest.mark.parametrize(("role", "declared"), DECLARED, ids=DECLARED_IDS)
def test_arguments_are_those_of_the_signature(role: str, declared: type[Declared]) -> None:
    signature = inspect.signature(getattr(module_of(declared), declared.op).__init__)
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    expected = [
        (parameter.name, REQUIRED if parameter.default is inspect.Parameter.empty else parameter.default)
        for parameter in signature.parameters.values()
        if parameter.kind in plain and parameter.name not in ("self", "name")
    ]
    assert [(field.name, field.default) for field in declared.fields.values()] == expected


@pytest.mark.parametrize(("role", "declared"), DECLARED, ids=DECLARED_IDS)
def test_builds_in_keras_with_its_defaults(role: str, declared: type[Declared]) -> None:
    built = declared.create({field.name: NEEDED[field.name] for field in declared.fields.values() if field.required})
    made = in_keras(built)
    assert type(made).__name__ == declared.op
    for name in ("learning_rate", "rate", "axis", "threshold"):
        if name in declared.fields and hasattr(made, name) and isinstance(getattr(built, name), (int, float)):
            assert float(getattr(made, name)) == pytest.approx(getattr(built, name))


@pytest.mark.parametrize("role", ["initializer", "regularizer", "constraint", "optimizer", "loss", "metric"])
def test_strings_are_those_that_keras_knows(role: str) -> None:
    """Each accepted string gives the same class in Keras, and no other string of Keras's is missing."""
    module = module_of(next(iter(known(role).values())))
    matching = {"crossentropy", "ce", "accuracy", "acc", "Accuracy"}
    for string in Made(role).names():
        if string in matching:
            continue
        made = module.get(string)  # type: ignore[attr-defined]
        name = made.__name__ if inspect.isfunction(made) else type(made).__name__
        declared = resolve(role, string)
        assert declared is not None
        assert name.replace("_", "").lower() == declared.op.lower(), string

    package = inspect.getmodule(module.get)  # type: ignore[attr-defined]
    bases = {cls.lower() for cls in OBJECTS[role]} | {"lossfunctionwrapper", "lossscaleoptimizer"}
    missing = set()
    for string, found in package.ALL_OBJECTS_DICT.items():  # type: ignore[union-attr]
        if found.__name__.lower() in bases or string in Made(role).names():
            continue
        with contextlib.suppress(ValueError, TypeError, KeyError):
            module.get(string)  # type: ignore[attr-defined]
            missing.add(string)
    assert missing == set()


@pytest.mark.parametrize(
    ("role", "value", "op"),
    [
        ("loss", "mse", "MeanSquaredError"),
        ("loss", "CE", None),
        ("loss", "crossentropy", "crossentropy"),
        ("loss", Object("Huber", {"delta": 2}), "Huber"),
        ("metric", "acc", "accuracy"),
        ("metric", "Accuracy", "accuracy"),
        ("metric", Object("Accuracy"), "Accuracy"),
        ("metric", "auc", "AUC"),
        ("metric", "io_u", None),
        ("optimizer", "rmsprop", "RMSprop"),
        ("optimizer", "rm_sprop", None),
        ("optimizer", "lamb", None),
        ("optimizer", Object("Lamb"), "Lamb"),
        ("initializer", "he_normal", "HeNormal"),
        ("regularizer", "l2", "L2"),
        ("regularizer", "l1_l2", None),
        ("constraint", "non_neg", "NonNeg"),
        ("callback", "early_stopping", None),
    ],
)
def test_resolve(role: str, value: object, op: str | None) -> None:
    if op is None:
        with pytest.raises(LayerError):
            resolve(role, value)
        return
    declared = resolve(role, value)
    assert declared is not None and declared.op == op
    assert resolve(role, declared) is declared
    assert resolve(role, None) is None


@pytest.mark.parametrize(
    ("role", "op", "arguments", "param"),
    [
        ("optimizer", "Adam", {"clipnorm": 1.0, "clipvalue": 1.0}, "clipvalue"),
        ("optimizer", "Adam", {"gradient_accumulation_steps": 1}, "gradient_accumulation_steps"),
        ("optimizer", "Adam", {"learning_rate": "fast"}, "learning_rate"),
        ("optimizer", "SGD", {"momentum": 1.5}, "momentum"),
        ("optimizer", "Ftrl", {"learning_rate_power": 0.5}, "learning_rate_power"),
        ("optimizer", "Lion", {"beta_1": 0}, "beta_1"),
        ("schedule", "ExponentialDecay", {**NEEDED, "decay_steps": 0}, "decay_steps"),
        ("schedule", "PiecewiseConstantDecay", {"boundaries": [1, 2], "values": [0.1, 0.2]}, "values"),
        ("initializer", "VarianceScaling", {"scale": 0}, "scale"),
        ("initializer", "VarianceScaling", {"mode": "fan"}, "mode"),
        ("initializer", "STFT", {"side": "left"}, "side"),
        ("regularizer", "L2", {"l2": -1}, "l2"),
        ("regularizer", "OrthogonalRegularizer", {"mode": "both"}, "mode"),
        ("loss", "CategoricalGeneralizedCrossEntropy", {"q": 1}, "q"),
        ("loss", "MeanSquaredError", {"reduction": "median"}, "reduction"),
        ("metric", "AUC", {"num_thresholds": 1}, "num_thresholds"),
        ("metric", "AUC", {"num_labels": 3}, "num_labels"),
        ("metric", "AUC", {"curve": "F1"}, "curve"),
        ("metric", "FBetaScore", {"average": "mean"}, "average"),
        ("metric", "FBetaScore", {"threshold": 0}, "threshold"),
        ("metric", "IoU", {"num_classes": 2, "target_class_ids": [2]}, "target_class_ids"),
        ("metric", "PrecisionAtRecall", {"recall": 2}, "recall"),
        ("metric", "R2Score", {"class_aggregation": "sum"}, "class_aggregation"),
        ("callback", "ReduceLROnPlateau", {"factor": 1}, "factor"),
        ("callback", "ModelCheckpoint", {"filepath": "best.txt"}, "filepath"),
        ("callback", "ModelCheckpoint", {"filepath": "best.keras", "save_weights_only": True}, "filepath"),
    ],
)
def test_refuses_what_keras_refuses(role: str, op: str, arguments: dict[str, object], param: str) -> None:
    declared = known(role)[op]
    arguments = {name: value for name, value in arguments.items() if name in declared.fields}
    with pytest.raises(LayerError) as caught:
        declared.create(arguments)
    errors = getattr(caught.value, "errors", [caught.value])
    assert [error.param[0] for error in errors] == [param]
    with pytest.raises((ValueError, TypeError)):
        getattr(module_of(declared), op)(**arguments)


@pytest.mark.parametrize(("role", "op"), [(role, op) for role in ROLES for op in OBJECTS[role]])
def test_what_is_left_out_is_refused_with_its_reason(role: str, op: str) -> None:
    with pytest.raises(LayerError, match="cannot stand in a spec") as caught:
        build(role, Object(op))
    assert OBJECTS[role][op] in caught.value.message


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../x.csv", "a/../b.csv", "~/x.csv", "C:\\x.csv", "a\\b.csv", "", "a//b", "-x", ".hidden", "x\n"],
)
def test_callbacks_write_below_the_output_directory_only(path: str) -> None:
    with pytest.raises(LayerError):
        known("callback")["CSVLogger"].create({"filename": path})


@pytest.mark.parametrize("path", ["best.keras", "checkpoints/{epoch:02d}-{val_loss:.2f}.keras"])
def test_checkpoints_take_patterns(path: str) -> None:
    assert known("callback")["ModelCheckpoint"].create({"filepath": path}).fields


@pytest.mark.parametrize(
    "path", ["{epoch.__class__}.keras", "{0}.keras", "{epoch!r}.keras", "{epoch:>999999999}.keras"]
)
def test_checkpoints_take_no_other_formats(path: str) -> None:
    with pytest.raises(LayerError):
        known("callback")["ModelCheckpoint"].create({"filepath": path})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**400, True, "1"])
def test_numbers_are_finite(number: object) -> None:
    with pytest.raises(LayerError):
        known("initializer")["Constant"].create({"value": number})


def test_a_whole_learning_rate_becomes_a_float() -> None:
    adam = known("optimizer")["Adam"].create({"learning_rate": 1})
    assert isinstance(adam.learning_rate, float)  # type: ignore[attr-defined]
    assert in_keras(adam)


def test_a_learning_rate_can_be_a_schedule() -> None:
    schedule = Object("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 100})
    adam = known("optimizer")["Adam"].create({"learning_rate": schedule})
    assert in_keras(adam).learning_rate == pytest.approx(0.1)  # type: ignore[attr-defined]


SHAPES = [(3,), (3, 4), (3, 1, 4), (2, 3, 4, 5), (4, 4)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("role", "declared"), [d for d in DECLARED if d[0] in ROLES[:3]])
def test_shapes_that_initializers_regularizers_and_constraints_take(
    role: str, declared: type[Declared], shape: tuple[int, ...]
) -> None:
    built = declared.create({"axis": 1} if "axis" in declared.fields else {})
    made = in_keras(built)
    value = shape if role == "initializer" else keras.ops.ones(shape)
    try:
        built.check_shape(shape)  # type: ignore[attr-defined]
    except LayerError:
        with pytest.raises((ValueError, IndexError)):
            made(value)  # type: ignore[operator]
        return
    made(value)  # type: ignore[operator]


@pytest.mark.parametrize("declared", known("metric").values(), ids=lambda declared: declared.op)
def test_direction_and_name_of_metrics(declared: type[Metric]) -> None:
    keras.utils.clear_session()
    built = declared.create({field.name: NEEDED[field.name] for field in declared.fields.values() if field.required})
    made = in_keras(built)
    assert getattr(made, "_direction", None) == declared.direction
    assert made.name == declared.logged_name()  # type: ignore[attr-defined]


INTEGERS = keras.ops.array([0, 2, 1, 2])
ONE_HOT = keras.ops.array([[1.0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1]])
RIGHT = keras.ops.array([[0.6, 0.3, 0.1], [0.2, 0.2, 0.6], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])
WRONG = keras.ops.array([[0.1, 0.3, 0.6], [0.6, 0.2, 0.2], [0.8, 0.1, 0.1], [0.4, 0.3, 0.3]])
SEQUENCE = keras.ops.array([[1, 3, 2]])
ALIGNED = 5 * keras.ops.one_hot(keras.ops.array([[1, 0, 3, 0, 2, 0]]), 4)


@pytest.mark.parametrize("declared", known("loss").values(), ids=lambda declared: declared.op)
def test_losses_are_small_for_predictions_of_their_labels(declared: type[Loss]) -> None:
    """With targets in the declared form, right predictions cost less than wrong ones."""
    loss = in_keras(declared.create({}))
    if declared.op == "CTC":
        targets, right, wrong = SEQUENCE, ALIGNED, keras.ops.flip(ALIGNED, 1)
    else:
        form = declared().labels
        targets, right, wrong = {"integer": INTEGERS, "sign": 2 * ONE_HOT - 1}.get(form, ONE_HOT), RIGHT, WRONG
    assert float(loss(targets, right)) < float(loss(targets, wrong))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("op", "arguments", "labels", "expects"),
    [
        ("SparseCategoricalCrossentropy", {}, "integer", "softmax"),
        ("SparseCategoricalCrossentropy", {"from_logits": True}, "integer", None),
        ("CategoricalCrossentropy", {}, "one_hot", "softmax"),
        ("BinaryCrossentropy", {}, "binary", "sigmoid"),
        ("BinaryCrossentropy", {"from_logits": True}, "binary", None),
        ("MeanSquaredError", {}, "real", None),
        ("CTC", {}, "integer", None),
    ],
)
def test_what_a_loss_compares(op: str, arguments: dict[str, object], labels: str, expects: str | None) -> None:
    loss = resolve("loss", Object(op, arguments))
    assert isinstance(loss, Loss)
    assert (loss.labels, loss.expects) == (labels, expects)


@pytest.mark.parametrize(
    ("arguments", "labels"),
    [({"num_classes": 3}, "integer"), ({"num_classes": 3, "sparse_y_true": False}, "one_hot")],
)
def test_labels_of_intersections(arguments: dict[str, object], labels: str) -> None:
    metric = resolve("metric", Object("MeanIoU", arguments))
    assert isinstance(metric, Metric) and metric.labels == labels


@pytest.mark.parametrize(
    ("targets", "predictions"),
    [
        ((None, 1), (None, 1)),
        ((None,), (None, 10)),
        ((None, 1), (None, 10)),
        ((None, 10), (None, 10)),
        ((None, 4), (None, 4, 10)),
    ],
)
def test_the_accuracy_and_cross_entropy_that_fit(
    targets: tuple[int | None, ...], predictions: tuple[int | None, ...]
) -> None:
    from keras.src.trainers.compile_utils import get_loss, get_metric

    y_true, y_pred = keras.KerasTensor(targets), keras.KerasTensor(predictions)
    assert MatchingAccuracy.chosen(targets, predictions).op == type(get_metric("accuracy", y_true, y_pred)).__name__
    chosen = get_loss("crossentropy", y_true, y_pred).fn.__name__.replace("_", "")
    assert MatchingCrossentropy.chosen(targets, predictions).op.lower() == chosen
