"""Specs for every data source and kind of training, and small files of the layout that each reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SPARSE, ONE_HOT, BINARY = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"


def chain(
    name: str, shape: list[Any], *nodes: dict[str, Any], train: dict[str, Any] | None, **more: Any
) -> dict[str, Any]:
    """A spec of one chain of layers; an Embedding reads ids."""
    if nodes[0]["op"] == "Embedding":
        more = {"dtype": "int32"} | more
    spec = {"name": name, "nodes": [{"id": "x", "op": "Input", "shape": shape, **more}, *nodes]}
    return spec | ({"train": train} if train else {})


def dense(units: int, activation: str | None = None) -> dict[str, Any]:
    return {"op": "Dense", "units": units} | ({"activation": activation} if activation else {})


FLATTEN = {"op": "Flatten"}
TWO_ENDS = {
    "nodes": [
        {"id": "image", "op": "Input", "shape": [6, 6, 1]},
        {"id": "words", "op": "Input", "shape": [5], "dtype": "int32"},
        {"id": "seen", "op": "Flatten", "from": "image"},
        {"id": "read", "op": "Embedding", "input_dim": 40, "output_dim": 3, "from": "words"},
        {"id": "text", "op": "Flatten", "from": "read"},
        {"id": "both", "op": "Concatenate", "from": ["seen", "text"]},
        {"id": "kind", "op": "Dense", "units": 3, "activation": "softmax", "from": "both"},
        {"id": "score", "op": "Dense", "units": 1, "from": "both"},
    ],
    "outputs": ["kind", "score"],
}
TWO_LOSSES = {"kind": SPARSE, "score": "mse"}


def gan(name: str, made: list[Any], *generator: dict[str, Any], **train: Any) -> dict[str, Any]:
    """A spec of a small GAN whose generator makes examples of one shape."""
    return {
        "name": name,
        "models": {
            "generator": {"nodes": [{"op": "Input", "shape": [4]}, *generator]},
            "discriminator": {"nodes": [{"op": "Input", "shape": made}, FLATTEN, dense(1, "sigmoid")]},
        },
        "train": {
            "kind": "gan",
            "generator": "generator",
            "discriminator": "discriminator",
            "optimizer": {"op": "Adam", "beta_1": 0.5},
            "batch_size": 8,
            **train,
        },
    }


def images(*shape: int, classes: int = 10, column: bool = False) -> Callable[[Path], None]:
    """An .npz file as Keras lays images out."""

    def write(path: Path) -> None:
        rng = np.random.default_rng(0)
        arrays = {}
        for part, count in (("train", 40), ("test", 20)):
            arrays[f"x_{part}"] = rng.integers(256, size=(count, *shape)).astype("uint8")
            labels = np.arange(count) % classes
            arrays[f"y_{part}"] = labels.reshape(-1, 1) if column else labels
        np.savez(path, **arrays)

    return write


def ragged(split: bool, classes: int) -> Callable[[Path], None]:
    """An .npz file as Keras lays texts out: pickled lists of word ranks."""

    def texts(count: int) -> np.ndarray:
        rng = np.random.default_rng(0)
        rows = np.empty(count, dtype=object)
        for index in range(count):
            rows[index] = [int(word) for word in rng.integers(1, 500, size=rng.integers(1, 30))]
        return rows

    def write(path: Path) -> None:
        if split:
            parts = {f"{letter}_{part}": None for part in ("train", "test") for letter in "xy"}
            for key in parts:
                parts[key] = texts(30) if key[0] == "x" else np.arange(30) % classes
            np.savez(path, **parts)
        else:
            np.savez(path, x=texts(60), y=np.arange(60) % classes)

    return write


def housing(path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(path, x=rng.normal(size=(60, 8)), y=rng.uniform(15e3, 5e5, size=60))


def flowers(path: Path) -> None:
    """A CSV whose classes are words and whose target does not stand last."""
    rng = np.random.default_rng(0)
    rows = [f"{rng.normal():.3f},{'abc'[k % 3]},{rng.normal():.3f}" for k in range(60)]
    path.write_text("\n".join(["length (cm),kind,width (cm)", *rows]) + "\n", "utf-8")


def numbers(columns: int, classes: int | None) -> Callable[[Path], None]:
    """A CSV of numbers with the target last."""

    def write(path: Path) -> None:
        rng = np.random.default_rng(0)
        table = rng.normal(size=(60, columns + 1))
        if classes:
            table[:, -1] = np.arange(60) % classes
        header = ",".join(f"c{k}" for k in range(columns + 1))
        np.savetxt(path, table, delimiter=",", header=header, comments="")

    return write


def arrays(**shapes: tuple[int, ...] | int) -> Callable[[Path], None]:
    """An .npz file of arrays by name: floats of a shape, or labels below a number."""

    def write(path: Path) -> None:
        rng = np.random.default_rng(0)
        found = {}
        for part, count in (("train", 40), ("test", 20)):
            for name, shape in shapes.items():
                whole = isinstance(shape, int)
                found[f"{name}_{part}"] = rng.integers(shape, size=count) if whole else rng.normal(size=(count, *shape))
        np.savez(path, **found)

    return write


def words_and_image(path: Path) -> None:
    rng = np.random.default_rng(0)
    found = {}
    for part, count in (("train", 40), ("test", 20)):
        found[f"image_{part}"] = rng.normal(size=(count, 6, 6, 1))
        found[f"words_{part}"] = rng.integers(40, size=(count, 5))
        found[f"kind_{part}"] = rng.integers(3, size=count)
        found[f"score_{part}"] = rng.normal(size=count)
    np.savez(path, **found)


def photos(path: Path) -> None:
    """A folder of small images for each of three classes."""
    from matplotlib.image import imsave

    rng = np.random.default_rng(0)
    for name in ("cats", "dogs", "owls"):
        (path / name).mkdir(parents=True)
        for index in range(12):
            imsave(path / name / f"{index}.png", rng.random((9, 11, 3)))


def notes(path: Path) -> None:
    """A folder of short texts for each of two classes."""
    for name, word in (("bad", "dull"), ("good", "fine")):
        (path / name).mkdir(parents=True)
        for index in range(20):
            (path / name / f"{index}.txt").write_text(f"A {word} day, number {index}.", "utf-8")


EMBED = [{"op": "Embedding", "input_dim": 200, "output_dim": 4}, {"op": "GlobalAveragePooling1D"}]

CASES: list[tuple[dict[str, Any], str, Callable[[Path], None] | None]] = [
    (
        chain("iris", [4], dense(3, "softmax"), train={"data": "iris", "loss": SPARSE, "metrics": ["accuracy"]}),
        "",
        None,
    ),
    (
        chain(
            "wine_column",
            [13, 1],
            FLATTEN,
            dense(3),
            train={
                "data": {"name": "wine", "scale": [0, 1]},
                "loss": {"op": "CategoricalCrossentropy", "from_logits": True},
                "optimizer": {
                    "op": "SGD",
                    "learning_rate": {
                        "op": "ExponentialDecay",
                        "initial_learning_rate": 0.1,
                        "decay_steps": 10,
                        "decay_rate": 0.9,
                    },
                },
                "class_weight": {"0": 1, "2": 2.5},
                "shuffle": False,
            },
        ),
        "",
        None,
    ),
    (
        chain(
            "tumours",
            [30],
            dense(1, "sigmoid"),
            train={"data": "breast_cancer", "loss": BINARY, "metrics": ["accuracy", {"op": "AUC"}]},
        ),
        "",
        None,
    ),
    (
        chain("tumours_file", [30], dense(2, "softmax"), train={"data": "breast_cancer", "loss": SPARSE}),
        "csv",
        numbers(30, 2),
    ),
    (
        chain(
            "diabetes",
            [10],
            dense(1),
            train={
                "data": {"name": "diabetes", "test_size": 0.5, "seed": 3},
                "loss": "mse",
                "metrics": ["mae", {"op": "RootMeanSquaredError"}],
                "validation_split": 0.25,
                "callbacks": [
                    {"op": "EarlyStopping", "patience": 2, "restore_best_weights": True},
                    {"op": "ModelCheckpoint", "filepath": "best.keras", "save_best_only": True},
                    {"op": "CSVLogger", "filename": "log.csv"},
                ],
            },
        ),
        "",
        None,
    ),
    (
        chain("digits", [64], dense(10, "softmax"), train={"data": "digits", "loss": SPARSE, "steps_per_execution": 2}),
        "",
        None,
    ),
    (
        chain(
            "digits_image",
            [8, 8, 1],
            {"op": "Conv2D", "filters": 4, "kernel_size": 3},
            FLATTEN,
            dense(10, "softmax"),
            train={"data": "digits", "loss": ONE_HOT},
        ),
        "",
        None,
    ),
    (
        chain(
            "digits_autoencoder",
            [64],
            dense(8, "relu"),
            dense(64, "sigmoid"),
            train={"kind": "autoencoder", "data": "digits"},
        ),
        "",
        None,
    ),
    (chain("iris_autoencoder", [4], dense(2), dense(4), train={"kind": "autoencoder", "data": "iris"}), "", None),
    (
        chain(
            "iris_bounded",
            [4],
            dense(2),
            dense(4, "tanh"),
            train={"kind": "autoencoder", "data": "iris", "loss": "mae", "metrics": ["mse"]},
        ),
        "csv",
        numbers(4, 3),
    ),
    (
        chain(
            "clothes",
            [28, 28],
            {"op": "LSTM", "units": 4},
            dense(10, "softmax"),
            train={"data": "fashion_mnist", "loss": SPARSE},
        ),
        "npz",
        images(28, 28),
    ),
    (
        chain(
            "coarse",
            [32, 32, 3],
            {"op": "Rescaling", "scale": 0.1},
            FLATTEN,
            dense(20, "softmax"),
            train={"data": {"name": "cifar100", "label_mode": "coarse"}, "loss": ONE_HOT},
        ),
        "npz",
        images(32, 32, 3, classes=20, column=True),
    ),
    (
        chain(
            "cifar", [3072], dense(10, "softmax"), train={"data": "cifar10", "loss": SPARSE, "metrics": ["accuracy"]}
        ),
        "npz",
        images(32, 32, 3, column=True),
    ),
    (
        chain(
            "bytes",
            [28, 28],
            {"op": "Rescaling", "scale": 0.01},
            FLATTEN,
            dense(10, "softmax"),
            train={"data": "mnist", "loss": SPARSE},
            dtype="uint8",
        ),
        "npz",
        images(28, 28),
    ),
    (
        chain(
            "colours",
            [32, 32, 3],
            {"op": "Conv2D", "filters": 3, "kernel_size": 3, "padding": "same", "activation": "tanh"},
            train={"kind": "autoencoder", "data": "cifar10"},
        ),
        "npz",
        images(32, 32, 3, column=True),
    ),
    (
        chain(
            "reviews",
            [12],
            *EMBED,
            dense(1, "sigmoid"),
            train={"data": {"name": "imdb", "padding": "post", "truncating": "post"}, "loss": BINARY},
        ),
        "npz",
        ragged(True, 2),
    ),
    (
        chain("wires", [12], *EMBED, dense(46, "softmax"), train={"data": "reuters", "loss": SPARSE}),
        "npz",
        ragged(False, 46),
    ),
    (
        chain(
            "wires_one_hot",
            [12],
            *EMBED,
            dense(46, "softmax"),
            train={"data": {"name": "reuters", "test_size": 0.5}, "loss": ONE_HOT},
        ),
        "npz",
        ragged(False, 46),
    ),
    (chain("houses", [8], dense(1), train={"data": "california_housing", "loss": "huber"}), "npz", housing),
    (
        chain(
            "flowers",
            [2],
            dense(3, "softmax"),
            train={"data": {"name": "csv", "path": "flowers.csv", "target": "kind"}, "loss": ONE_HOT},
        ),
        "csv",
        flowers,
    ),
    (
        chain("table", [5], dense(1), train={"data": {"name": "csv", "path": "t.csv", "scale": "none"}, "loss": "mse"}),
        "csv",
        numbers(5, None),
    ),
    (
        chain(
            "table_autoencoder", [6], dense(6), train={"kind": "autoencoder", "data": {"name": "csv", "path": "t.csv"}}
        ),
        "csv",
        numbers(5, None),
    ),
    (
        chain(
            "arrays",
            [7],
            dense(4, "softmax"),
            train={"data": {"name": "npz", "path": "a.npz", "one_hot": True}, "loss": ONE_HOT},
        ),
        "npz",
        arrays(x=(7,), y=4),
    ),
    (
        chain("arrays_real", [7, 2], dense(3), train={"data": {"name": "npz", "path": "a.npz"}, "loss": "mse"}),
        "npz",
        arrays(x=(7, 2), y=(7, 3)),
    ),
    (
        {
            "name": "two_ends",
            **TWO_ENDS,
            "train": {
                "data": {"name": "npz", "path": "a.npz"},
                "loss": TWO_LOSSES,
                "metrics": {"kind": ["accuracy"]},
                "loss_weights": {"kind": 1, "score": 0.1},
            },
        },
        "npz",
        words_and_image,
    ),
    (
        {
            "name": "two_named_ends",
            **TWO_ENDS,
            "outputs": {"sort": "kind", "value": "score"},
            "train": {"data": "synthetic", "loss": {"sort": SPARSE, "value": "mse"}, "validation_split": 0.1},
        },
        "",
        None,
    ),
    ({"name": "two_made_up", **TWO_ENDS, "train": {"data": "synthetic", "loss": TWO_LOSSES}}, "npz", words_and_image),
    (
        chain(
            "made_up_sequence",
            [None, 3],
            {"op": "LSTM", "units": 4, "return_sequences": True},
            dense(5, "softmax"),
            train={"data": {"name": "synthetic", "examples": 60}, "loss": SPARSE, "metrics": ["accuracy"]},
        ),
        "",
        None,
    ),
    (
        chain(
            "made_up_labels",
            [6],
            dense(4, "sigmoid"),
            train={"data": "synthetic", "loss": BINARY, "metrics": ["accuracy"]},
        ),
        "npz",
        arrays(x=(6,), y=(4,)),
    ),
    (chain("made_up_numbers", [6], dense(1, "sigmoid"), train={"data": "synthetic", "loss": "mse"}), "", None),
    (
        chain(
            "made_up_images", [9, 9, 3], FLATTEN, dense(1000, "softmax"), train={"data": "synthetic", "loss": ONE_HOT}
        ),
        "",
        None,
    ),
    (
        chain(
            "made_up_autoencoder",
            [9, 9, 1],
            dense(1, "sigmoid"),
            train={"kind": "autoencoder", "data": "synthetic", "loss": BINARY},
        ),
        "",
        None,
    ),
    (gan("made_up_gan", [3], dense(3), data="synthetic"), "", None),
    (
        gan(
            "gan_digits",
            [64],
            dense(64, "sigmoid"),
            data="digits",
            discriminator_optimizer="sgd",
            callbacks=[{"op": "ModelCheckpoint", "filepath": "w.weights.h5", "save_weights_only": True}],
        ),
        "",
        None,
    ),
    (
        gan(
            "gan_colours",
            [32, 32, 3],
            dense(3072, "tanh"),
            {"op": "Reshape", "target_shape": [32, 32, 3]},
            data="cifar10",
            loss="mse",
        ),
        "npz",
        images(32, 32, 3, column=True),
    ),
    (
        chain(
            "photos",
            [8, 8, 3],
            FLATTEN,
            dense(3, "softmax"),
            train={"data": {"name": "image_folder", "path": "photos"}, "loss": ONE_HOT, "metrics": ["accuracy"]},
        ),
        "folder",
        photos,
    ),
    (
        chain(
            "photos_autoencoder",
            [None, None, 1],
            dense(1, "tanh"),
            train={
                "kind": "autoencoder",
                "data": {"name": "image_folder", "path": "photos", "image_size": [10, 12], "test_size": 0.5},
            },
        ),
        "folder",
        photos,
    ),
    (
        chain(
            "notes",
            [6],
            *EMBED,
            dense(1, "sigmoid"),
            train={"data": {"name": "text_folder", "path": "notes"}, "loss": BINARY},
        ),
        "folder",
        notes,
    ),
    (chain("bare", [4], dense(2), train=None), "", None),
    ({"name": "bare_two", **TWO_ENDS}, "", None),
]
