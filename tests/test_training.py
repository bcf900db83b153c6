"""What a ``train`` section may say of a graph: each mistake with its place and its hint, each hint followed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archgen.checking import Checked, check
from archgen.layers.kinds import Object
from archgen.source import parse
from archgen.training import GAN, Autoencoder, Plan, Supervised, create
from tests.data.cases import BINARY, ONE_HOT, SPARSE, TWO_ENDS, TWO_LOSSES, chain, dense, gan


def checked(spec: dict[str, Any]) -> Checked:
    return check(parse(json.dumps(spec)))


def planned(spec: dict[str, Any]) -> Plan:
    plan = checked(spec).sound().plan
    assert plan is not None
    return plan


def net(shape: list[Any], *nodes: dict[str, Any], dtype: str | None = None, **train: Any) -> dict[str, Any]:
    """A spec of a chain and its training."""
    return chain("net", shape, *nodes, train=train, **({"dtype": dtype} if dtype else {}))


def softmax(units: int) -> dict[str, Any]:
    return dense(units, "softmax")


SIGMOID = dense(1, "sigmoid")
FLATTEN = {"op": "Flatten"}
EMBEDDING = {"op": "Embedding", "input_dim": 500, "output_dim": 4}
POOL = {"op": "GlobalAveragePooling1D"}
MEAN = {"op": "GlobalAveragePooling2D"}
LOGITS = {"op": "SparseCategoricalCrossentropy", "from_logits": True}
STOP = {"op": "EarlyStopping"}


def autoencoder(*nodes: dict[str, Any], **train: Any) -> dict[str, Any]:
    return net([784], *nodes, kind="autoencoder", **train)


MISTAKES: dict[str, tuple[dict[str, Any], str, str, str, dict[str, Any]]] = {
    "too many outputs for the classes": (
        net([4], softmax(4), data="iris", loss=ONE_HOT),
        "train.data",
        "iris has 3 classes, and output 'dense' gives (None, 4)",
        "give the last layer 3 units",
        net([4], softmax(3), data="iris", loss=ONE_HOT),
    ),
    "integer labels and a loss for rows": (
        net([4], softmax(3), data={"name": "iris", "one_hot": False}, loss=ONE_HOT),
        "train.data.one_hot",
        "categorical_crossentropy takes one-hot rows, and the labels of iris are class numbers",
        'write "one_hot": true, or "loss": "sparse_categorical_crossentropy"',
        net([4], softmax(3), data={"name": "iris", "one_hot": False}, loss=SPARSE),
    ),
    "rows and a loss for integer labels": (
        net([4], softmax(3), data={"name": "iris", "one_hot": True}, loss=SPARSE),
        "train.data.one_hot",
        'sparse_categorical_crossentropy takes class numbers, and "one_hot" makes rows',
        'take "one_hot" out, or write "loss": "categorical_crossentropy"',
        net([4], softmax(3), data={"name": "iris", "one_hot": True}, loss=ONE_HOT),
    ),
    "three classes and one output": (
        net([4], SIGMOID, data="iris", loss=BINARY),
        "train.data",
        "iris has 3 classes, and binary_crossentropy compares them with (None, 1)",
        'end with 3 units and "softmax", and write "loss": "sparse_categorical_crossentropy"',
        net([4], softmax(3), data="iris", loss=SPARSE),
    ),
    "two classes and three outputs": (
        net([30], dense(3, "sigmoid"), data="breast_cancer", loss=BINARY),
        "train.data",
        "breast_cancer has 2 classes, and binary_crossentropy compares them with (None, 3)",
        "give the last layer 1 unit",
        net([30], SIGMOID, data="breast_cancer", loss=BINARY),
    ),
    "one label each and an output of many": (
        net([28, 28, 1], softmax(10), data="mnist", loss=SPARSE),
        "train.data",
        "mnist has one label for each example, and output 'dense' gives (None, 28, 28, 10)",
        "flatten or pool the output before the last Dense",
        net([28, 28, 1], FLATTEN, softmax(10), data="mnist", loss=SPARSE),
    ),
    "logits where probabilities are expected": (
        net([4], dense(3), data="iris", loss=SPARSE),
        "train.loss",
        "sparse_categorical_crossentropy expects softmax, and output 'dense' ends with linear",
        'or {"op": "SparseCategoricalCrossentropy", "from_logits": true} as the loss',
        net([4], dense(3), data="iris", loss=LOGITS),
    ),
    "probabilities where logits are expected": (
        net([4], softmax(3), data="iris", loss=LOGITS),
        "train.loss",
        "is told to expect logits, and output 'dense' ends with softmax",
        'take "from_logits" out, or the "activation" of the last Dense',
        net([4], dense(3), data="iris", loss=LOGITS),
    ),
    "a sigmoid per class": (
        net([4], dense(3, "sigmoid"), data="iris", loss=SPARSE),
        "train.loss",
        "expects softmax, and output 'dense' ends with sigmoid",
        'write "activation": "softmax" in the last Dense',
        net([4], softmax(3), data="iris", loss=SPARSE),
    ),
    "a softmax over one unit": (
        net([30], softmax(1), data="breast_cancer", loss=BINARY),
        "train.loss",
        "softmax over 1 unit is always 1",
        'write "activation": "sigmoid" with "loss": "binary_crossentropy"',
        net([30], SIGMOID, data="breast_cancer", loss=BINARY),
    ),
    "a layer of its own as the last activation": (
        net([30], dense(1), {"op": "ReLU"}, data="breast_cancer", loss=BINARY),
        "train.loss",
        "binary_crossentropy expects sigmoid, and output 're_lu' ends with relu",
        'write "activation": "sigmoid" in the last ReLU',
        net([30], SIGMOID, data="breast_cancer", loss=BINARY),
    ),
    "classes compared where there are values": (
        net([10], SIGMOID, data="diabetes", loss=BINARY),
        "train.loss",
        "diabetes has real values as targets, and binary_crossentropy compares classes",
        'write "loss": "mse"',
        net([10], dense(1), data="diabetes", loss="mse"),
    ),
    "values out of reach": (
        net([10], SIGMOID, data="diabetes", loss="mse"),
        "train.data",
        "the targets of diabetes reach 346, and sigmoid gives at most 1",
        'take the "activation" of the last layer out',
        net([10], dense(1), data="diabetes", loss="mse"),
    ),
    "several values for one target": (
        net([8], dense(2), data="california_housing", loss="mse"),
        "train.data",
        "california_housing has one target for each example, and output 'dense' gives (None, 2)",
        "end with a Dense of 1 unit",
        net([8], dense(1), data="california_housing", loss="mse"),
    ),
    "images of another size": (
        net([32, 32, 3], FLATTEN, softmax(10), data="mnist", loss=SPARSE),
        "train.data",
        "mnist gives (None, 28, 28, 1), and input 'x' takes (None, 32, 32, 3)",
        'write "shape": [28, 28, 1] in the Input',
        net([28, 28, 1], FLATTEN, softmax(10), data="mnist", loss=SPARSE),
    ),
    "a table of another width": (
        net([5], softmax(3), data="iris", loss=SPARSE),
        "train.data",
        "iris gives (None, 4), and input 'x' takes (None, 5)",
        'write "shape": [4] in the Input',
        net([4], softmax(3), data="iris", loss=SPARSE),
    ),
    "a shape that images cannot take": (
        net([28, 28], FLATTEN, softmax(10), data={"name": "mnist", "shape": [14, 56]}, loss=SPARSE),
        "train.data.shape",
        "mnist gives (28, 28) for each example, which cannot become (14, 56)",
        "it can be [28, 28], [28, 28, 1], [784]",
        net([784], softmax(10), data={"name": "mnist", "shape": [784]}, loss=SPARSE),
    ),
    "channels first": (
        net([3, 32, 32], FLATTEN, softmax(10), data="cifar10", loss=SPARSE),
        "train.data",
        "cifar10 gives (None, 32, 32, 3), and input 'x' takes (None, 3, 32, 32)",
        'write "shape": [32, 32, 3] in the Input',
        net([32, 32, 3], FLATTEN, softmax(10), data="cifar10", loss=SPARSE),
    ),
    "raw ids without an embedding": (
        net([100, 1], {"op": "LSTM", "units": 4}, SIGMOID, data="imdb", loss=BINARY),
        "train.data",
        "imdb gives (None, 100), and input 'x' takes (None, 100, 1)",
        'write "shape": [100] in the Input',
        net([100], EMBEDDING, POOL, SIGMOID, data="imdb", loss=BINARY, dtype="int32"),
    ),
    "fractions into whole numbers": (
        net([4], EMBEDDING, POOL, softmax(3), dtype="int32", data="iris", loss=SPARSE),
        "train.data",
        "iris gives float32 values, and input 'x' takes int32",
        'take "dtype": "int32" out of the Input',
        net([4], softmax(3), data="iris", loss=SPARSE),
    ),
    "a folder of images in a row": (
        net([784], softmax(3), data={"name": "image_folder", "path": "photos"}, loss=SPARSE),
        "train.data",
        "image_folder gives height, width and channels, and input 'x' takes (None, 784)",
        'write "shape": [64, 64, 3] in the Input',
        net([64, 64, 3], FLATTEN, softmax(3), data={"name": "image_folder", "path": "photos"}, loss=SPARSE),
    ),
    "more words than rows": (
        net([9], EMBEDDING, POOL, SIGMOID, data={"name": "imdb", "num_words": 501}, loss=BINARY, dtype="int32"),
        "train.data.num_words",
        "imdb gives word ids up to 500, and the Embedding has rows for 500",
        'write "num_words": 500, or give the Embedding "input_dim": 501',
        net([9], EMBEDDING, POOL, SIGMOID, data={"name": "imdb", "num_words": 500}, loss=BINARY, dtype="int32"),
    ),
    "texts of another length": (
        net([9], EMBEDDING, POOL, SIGMOID, data={"name": "imdb", "maxlen": 8}, loss=BINARY, dtype="int32"),
        "train.data",
        "imdb gives (None, 8), and input 'x' takes (None, 9)",
        'write "shape": [8] in the Input',
        net([8], EMBEDDING, POOL, SIGMOID, data={"name": "imdb", "maxlen": 8}, loss=BINARY, dtype="int32"),
    ),
    "a metric for another form of labels": (
        net([4], softmax(3), data="iris", loss=ONE_HOT, metrics=["accuracy", "sparse_categorical_accuracy"]),
        "train.metrics[1]",
        "SparseCategoricalAccuracy takes class numbers, and the targets are one-hot rows",
        'write "accuracy"',
        net([4], softmax(3), data="iris", loss=ONE_HOT, metrics=["accuracy"]),
    ),
    "accuracy of real values": (
        net([10], dense(1), data="diabetes", loss="mse", metrics=["accuracy"]),
        "train.metrics[0]",
        "accuracy compares classes, and the targets are real values",
        'write "mae"',
        net([10], dense(1), data="diabetes", loss="mse", metrics=["mae"]),
    ),
    "a validation split of everything": (
        net([4], softmax(3), data="iris", loss=SPARSE, validation_split=1.0),
        "train.validation_split",
        "a number from 0 to 0.99",
        "",
        net([4], softmax(3), data="iris", loss=SPARSE, validation_split=0.2),
    ),
    "a callback that waits for a validation": (
        net([4], softmax(3), data="iris", loss=SPARSE, callbacks=[STOP]),
        "train.callbacks[0]",
        'EarlyStopping monitors "val_loss", and nothing is validated',
        'write "monitor": "loss", or add "validation_split": 0.1',
        net([4], softmax(3), data="iris", loss=SPARSE, callbacks=[STOP], validation_split=0.1),
    ),
    "a weight for a class there is not": (
        net([4], softmax(3), data="iris", loss=SPARSE, class_weight={"0": 1, "3": 2}),
        'train.class_weight["3"]',
        "there is no class 3 among 3",
        "",
        net([4], softmax(3), data="iris", loss=SPARSE, class_weight={"0": 1, "2": 2}),
    ),
    "a misspelt word": (
        net([4], softmax(3), data="iris", loss=SPARSE, optimiser="adam"),
        "train.optimiser",
        'supervised has no argument "optimiser"',
        'did you mean "optimizer"?',
        net([4], softmax(3), data="iris", loss=SPARSE, optimizer="adam"),
    ),
    "no loss": (
        net([4], softmax(3), data="iris"),
        "train",
        'supervised needs "loss"',
        'add "loss": "mse"',
        net([4], softmax(3), data="iris", loss="mse"),
    ),
    "a misspelt data set": (
        net([4], softmax(3), data="irs", loss=SPARSE),
        "train.data.name",
        'there is no data "irs"',
        'did you mean "iris"?',
        net([4], softmax(3), data="iris", loss=SPARSE),
    ),
    "data spelt as an op": (
        net([4], softmax(3), data={"op": "iris"}, loss=SPARSE),
        "train.data",
        "expected the name of a data set",
        'write {"name": "iris", ...}',
        net([4], softmax(3), data={"name": "iris"}, loss=SPARSE),
    ),
    "a kind that does not exist": (
        net([4], softmax(3), kind="autoencodr", data="iris", loss=SPARSE),
        "train.kind",
        'there is no kind of training "autoencodr"',
        'did you mean "autoencoder"?',
        net([4], dense(4), kind="autoencoder", data="iris"),
    ),
    "a path that leads out": (
        net([4], softmax(3), data={"name": "csv", "path": "../secret.csv"}, loss=SPARSE),
        "train.data.path",
        "expected a relative file name ending in .csv",
        "write a plain file name",
        net([4], softmax(3), data={"name": "csv", "path": "secret.csv"}, loss=SPARSE),
    ),
    "a scale that falls": (
        net([4], softmax(3), data={"name": "iris", "scale": [1, 0]}, loss=SPARSE),
        "train.data.scale",
        "the bounds of a scale rise, found [1, 0]",
        'write "scale": [0, 1]',
        net([4], softmax(3), data={"name": "iris", "scale": [0, 1]}, loss=SPARSE),
    ),
    "an output that nothing is said of": (
        {"name": "two", **TWO_ENDS, "train": {"data": "synthetic", "loss": {"kind": SPARSE}}},
        "train.loss",
        'nothing is said of output "score"',
        'add "score": "mse"',
        {"name": "two", **TWO_ENDS, "train": {"data": "synthetic", "loss": TWO_LOSSES}},
    ),
    "a misspelt output": (
        {"name": "two", **TWO_ENDS, "train": {"data": "synthetic", "loss": {"kind": SPARSE, "scor": "mse"}}},
        "train.loss.scor",
        'there is no output "scor"',
        'did you mean "score"?',
        {"name": "two", **TWO_ENDS, "train": {"data": "synthetic", "loss": TWO_LOSSES}},
    ),
    "two inputs and one table": (
        {"name": "two", **TWO_ENDS, "train": {"data": "iris", "loss": TWO_LOSSES}},
        "train.data",
        "iris feeds one input, and the network has 2: image, words",
        'use "npz", with one array per input, or "synthetic"',
        {"name": "two", **TWO_ENDS, "train": {"data": "synthetic", "loss": TWO_LOSSES}},
    ),
    "an autoencoder of another shape": (
        autoencoder(dense(32), dense(783, "sigmoid"), data="mnist"),
        "train.kind",
        "an autoencoder gives back the shape of its input",
        "give the last layer 784 units",
        autoencoder(dense(32), dense(784, "sigmoid"), data="mnist"),
    ),
    "an autoencoder that cannot reach its data": (
        autoencoder(dense(784, "sigmoid"), data={"name": "mnist", "scale": [-1, 1]}),
        "train.data.scale",
        "mnist lies between -1 and 1, and sigmoid gives 0 to 1",
        'write "scale": [0, 1]',
        autoencoder(dense(784, "sigmoid"), data={"name": "mnist", "scale": [0, 1]}),
    ),
    "a generator of another shape": (
        gan("g", [28, 28, 1], dense(784, "tanh"), data="mnist"),
        "train.discriminator",
        "the discriminator does not take what the generator gives",
        "give the discriminator's Input the shape that the generator gives",
        gan("g", [784], dense(784, "tanh"), data="mnist"),
    ),
    "a generator that is not there": (
        gan("g", [784], dense(784, "tanh"), data="mnist", generator="generatr"),
        "train.generator",
        'there is no model "generatr"',
        'did you mean "generator"?',
        gan("g", [784], dense(784, "tanh"), data="mnist"),
    ),
    "a GAN for classes": (
        gan("g", [784], dense(784, "tanh"), data="mnist", loss=SPARSE),
        "train.loss",
        "sparse_categorical_crossentropy compares classes, and the discriminator tells real from made",
        'write "loss": "binary_crossentropy"',
        gan("g", [784], dense(784, "tanh"), data="mnist", loss=BINARY),
    ),
    "a GAN of logits": (
        gan("g", [784], dense(784, "tanh"), data="mnist", loss={"op": "BinaryCrossentropy", "from_logits": True}),
        "train.loss",
        "is told to expect logits, and output 'dense_1' ends with sigmoid",
        'take "from_logits" out',
        gan("g", [784], dense(784, "tanh"), data="mnist", loss={"op": "BinaryCrossentropy"}),
    ),
    "a GAN that saves itself": (
        gan("g", [784], dense(784, "tanh"), data="mnist", callbacks=[{"op": "ModelCheckpoint", "filepath": "g.keras"}]),
        "train.callbacks[0]",
        "a GAN is saved as its two models",
        'write "filepath": "gan.weights.h5", "save_weights_only": true',
        gan(
            "g",
            [784],
            dense(784, "tanh"),
            data="mnist",
            callbacks=[{"op": "ModelCheckpoint", "filepath": "gan.weights.h5", "save_weights_only": True}],
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name: str) -> None:
    """Each is found, alone, at its place; and gone once its hint is followed."""
    spec, path, message, hint, followed = MISTAKES[name]
    problems = checked(spec).problems
    assert [problem.path for problem in problems] == [path], "\n".join(map(str, problems))
    assert message in problems[0].message
    assert hint in (problems[0].hint or "")
    assert checked(followed).problems == ()


def test_all_mistakes_at_once() -> None:
    spec = net(
        [5],
        dense(4),
        data={"name": "iris", "one_hot": True, "tset_size": 0.5},
        loss="sparse_categorical_crossentropie",
        optimizer={"op": "Adam", "learning_rate": -1, "beta1": 0.5},
        epochs=0,
        batch_size="10",
    )
    found = {problem.path for problem in checked(spec).problems}
    assert found >= {"train.data.tset_size", "train.loss", "train.optimizer.beta1", "train.epochs", "train.batch_size"}


def test_network_and_data_and_loss_at_once() -> None:
    spec = net([5], dense(4), data="iris", loss=SPARSE, metrics=["mae", "categorical_accuracy"])
    messages = [problem.message for problem in checked(spec).problems]
    assert len(messages) == 3
    assert any("expects softmax" in message for message in messages)
    assert any("gives (None, 4), and input 'x' takes (None, 5)" in message for message in messages)
    assert any("iris has 3 classes" in message for message in messages)


FITTING: dict[str, dict[str, Any]] = {
    "logits through another activation": net([4], dense(3), {"op": "Softmax"}, data="iris", loss=SPARSE),
    "an ending that does not show": net([4], softmax(3), {"op": "Dropout", "rate": 0.1}, data="iris", loss=SPARSE),
    "one-hot rows with yes or no for each": net([4], dense(3, "sigmoid"), data="iris", loss=BINARY),
    "two classes, two outputs": net([30], softmax(2), data="breast_cancer", loss=SPARSE),
    "hinge": net([30], dense(1, "tanh"), data="breast_cancer", loss="hinge"),
    "the loss that fits": net([30], SIGMOID, data="breast_cancer", loss="crossentropy", metrics=["accuracy"]),
    "ids into an embedding": net([100], EMBEDDING, POOL, SIGMOID, data="imdb", loss=BINARY, dtype="int32"),
    "an unknown length": net([None], EMBEDDING, POOL, SIGMOID, data="imdb", loss=BINARY, dtype="int32"),
    "images of any size": net([None, None, 3], MEAN, softmax(10), data="cifar10", loss=SPARSE),
    "rows as steps": net([32, 96], {"op": "LSTM", "units": 4}, softmax(10), data="cifar10", loss=SPARSE),
    "words as targets": net(
        [9], EMBEDDING, dense(500, "softmax"), kind="autoencoder", data="imdb", loss=SPARSE, dtype="int32"
    ),
    "embeddings in a circle": net([4], dense(7), data="synthetic", loss={"op": "Circle"}),
}


@pytest.mark.parametrize("name", FITTING)
def test_what_fits(name: str) -> None:
    assert checked(FITTING[name]).problems == ()


INFERRED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "one-hot by the loss": (net([4], softmax(3), data="iris", loss=ONE_HOT), {"one_hot": True, "scale": "standard"}),
    "numbers by the loss": (net([4], softmax(3), data="iris", loss=SPARSE), {"one_hot": False}),
    "a column by the input": (net([4, 1], FLATTEN, softmax(3), data="iris", loss=SPARSE), {"shape": (4, 1)}),
    "pixels in a row": (net([784], softmax(10), data="mnist", loss=SPARSE), {"shape": (784,), "scale": (0, 1)}),
    "a channel": (net([28, 28, 1], FLATTEN, softmax(10), data="mnist", loss=SPARSE), {"shape": (28, 28, 1)}),
    "no scale before a Rescaling": (
        net([28, 28], {"op": "Rescaling", "scale": 0.1}, FLATTEN, softmax(10), data="mnist", loss=SPARSE),
        {"shape": (28, 28), "scale": "none"},
    ),
    "the scale of a tanh": (autoencoder(dense(784, "tanh"), data="mnist"), {"scale": (-1, 1)}),
    "the scale of a sigmoid": (
        net([4], dense(4, "sigmoid"), kind="autoencoder", data="iris"),
        {"scale": (0, 1)},
    ),
    "the scale of a generator": (gan("g", [784], dense(784, "tanh"), data="mnist"), {"scale": (-1, 1)}),
    "digits in sixteenths": (net([64], softmax(10), data="digits", loss=SPARSE), {"scale": (0, 1), "shape": (64,)}),
    "words by the embedding, length by the input": (
        net([7], EMBEDDING, POOL, SIGMOID, data="imdb", loss=BINARY, dtype="int32"),
        {"num_words": 500, "maxlen": 7},
    ),
    "a length that nothing says": (
        net([None], EMBEDDING, POOL, SIGMOID, data="imdb", loss=BINARY, dtype="int32"),
        {"num_words": 500, "maxlen": 100},
    ),
    "images as the input has them": (
        net([20, 30, 1], FLATTEN, softmax(3), data={"name": "image_folder", "path": "photos"}, loss=SPARSE),
        {"image_size": (20, 30), "color_mode": "grayscale", "scale": (0, 1), "one_hot": False},
    ),
    "words that nothing says": (net([30], SIGMOID, data="imdb", loss=BINARY), {"num_words": 10_000, "maxlen": 30}),
}


@pytest.mark.parametrize("name", INFERRED)
def test_what_is_inferred(name: str) -> None:
    spec, options = INFERRED[name]
    data = planned(spec).data
    assert {option: getattr(data, option) for option in options} == options


def test_explicit_options_stand() -> None:
    data = {"name": "mnist", "shape": [784], "scale": [-1, 1], "one_hot": True}
    settled = planned(net([784], softmax(10), data=data, loss=ONE_HOT)).data
    assert (settled.shape, settled.scale, settled.one_hot) == ((784,), (-1, 1), True)


def test_arrays_that_train_takes() -> None:
    plan = planned({"name": "two", **TWO_ENDS, "train": {"data": "synthetic", "loss": TWO_LOSSES}})
    assert [(array.shape, array.dtype, array.holds, array.high) for array in plan.x] == [
        ((6, 6, 1), "float32", "floats", 3),
        ((5,), "int32", "ids", 40),
    ]
    assert [(array.shape, array.holds, array.high) for array in plan.y] == [((), "classes", 3), ((), "floats", 1)]


def test_autoencoder_and_gan_have_no_targets() -> None:
    assert planned(autoencoder(dense(784, "sigmoid"), data="mnist")).y == ()
    assert planned(gan("g", [784], dense(784, "tanh"), data="mnist")).y == ()


def test_create_by_itself() -> None:
    """Without a network, from values whose expressions are evaluated."""
    training = create({"data": "iris", "loss": "mse", "optimizer": Object("SGD", {"momentum": 0.5})})
    assert isinstance(training, Supervised)
    assert (training.optimizer.op, training.optimizer.momentum, training.epochs) == ("SGD", 0.5, 1)
    assert isinstance(create({"kind": "autoencoder", "data": "mnist"}), Autoencoder)
    made = create({"kind": "gan", "generator": "g", "discriminator": "d", "data": "mnist"})
    assert isinstance(made, GAN)
    assert (made.generator, made.discriminator, made.loss) == ("g", "d", "binary_crossentropy")
