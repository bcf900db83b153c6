"""Autoencoder for MNIST.

An encoder squeezes a digit of 784 pixels into 32 numbers, and a decoder draws it
again from them.

To run it:

    python autoencoder.py            train, evaluate and save to runs/autoencoder
    python autoencoder.py --summary  print the layers and stop
    python autoencoder.py --help     list the options

Written by archgen from autoencoder.json.
"""

import argparse
import csv
from pathlib import Path

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure


def load_data(path=None, limit=None):
    """Load handwritten digits: 784 values from 0 to 1."""
    if path:
        with np.load(path) as data:
            x_train, x_test = data["x_train"], data["x_test"]
    else:
        try:
            (x_train, _), (x_test, _) = keras.datasets.mnist.load_data()
        except Exception as error:
            raise SystemExit(
                f"mnist could not be downloaded ({error}): pass a local copy with "
                '--data FILE, or write "data": "synthetic" in the spec.'
            ) from error
    x_train = x_train[:limit].reshape(-1, 784).astype("float32") / 255
    x_test = x_test[:limit].reshape(-1, 784).astype("float32") / 255
    return x_train, x_test


def build_encoder():
    return keras.Sequential(
        [
            keras.Input(shape=(784,), name="pixels"),
            layers.Dense(128, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(32, activation="relu", name="code"),
        ],
        name="encoder",
    )


def build_decoder():
    return keras.Sequential(
        [
            keras.Input(shape=(32,), name="code"),
            layers.Dense(64, activation="relu"),
            layers.Dense(128, activation="relu"),
            layers.Dense(784, activation="sigmoid", name="pixels"),
        ],
        name="decoder",
    )


def build_model():
    return keras.Sequential(
        [
            keras.Input(shape=(784,), name="image"),
            build_encoder(),
            build_decoder(),
        ],
        name="autoencoder",
    )


def train(model, x, epochs=10, batch_size=256):
    """Compile the model, fit it to give back its inputs, and return the history."""
    model.compile(optimizer="adam", loss="mse")
    return model.fit(x, x, epochs=epochs, batch_size=batch_size)


def evaluate(model, x):
    """Print the metrics on the test data."""
    for name, value in model.evaluate(x, x, verbose=0, return_dict=True).items():
        print(f"test {name}: {value:.4f}")


def draw_reconstructions(model, x, path):
    """Draw ten originals over their reconstructions."""
    originals = x[:10]
    images = np.concatenate([originals, model.predict(originals, verbose=0)]).reshape(
        -1, 28, 28
    )
    figure = Figure(figsize=(len(originals), 2.2), layout="constrained")
    for axes, image in zip(figure.subplots(2, len(originals)).flat, images):
        axes.imshow(image, cmap="gray", vmin=0, vmax=1)
        axes.axis("off")
    figure.savefig(path)


def save_history(history, directory):
    """Write history.csv, a row per epoch, and draw it as learning_curves.png."""
    with open(directory / "history.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", *history.history])
        writer.writerows(
            zip((epoch + 1 for epoch in history.epoch), *history.history.values())
        )
    names = [name for name in history.history if not name.startswith("val_")]
    figure = Figure(figsize=(5 * len(names), 4), layout="constrained")
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False).flat, names):
        axes.plot(history.history[name], marker=".", label="training")
        if f"val_{name}" in history.history:
            axes.plot(history.history[f"val_{name}"], marker=".", label="validation")
        axes.set(xlabel="epoch", ylabel=name)
        axes.legend()
    figure.savefig(directory / "learning_curves.png")


def positive_int(text):
    """A whole number of at least 1, for argparse."""
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def main():
    """Read the options, train, evaluate, and save what comes of it."""
    parser = argparse.ArgumentParser(description="Autoencoder for MNIST")
    option = parser.add_argument
    option("--epochs", type=positive_int, default=10, help="default: %(default)s")
    option("--batch-size", type=positive_int, default=256, help="default: %(default)s")
    option(
        "--data", type=Path, metavar="FILE", help="local .npz instead of the download"
    )
    option("--limit", type=positive_int, metavar="N", help="first N examples only")
    option(
        "--output-dir",
        type=Path,
        default="runs/autoencoder",
        help="default: %(default)s",
    )
    option("--seed", type=int, default=0, help="default: %(default)s")
    option("--summary", action="store_true", help="print the layers and stop")
    args = parser.parse_args()
    if args.data and not args.data.exists():
        parser.error(f"there is no file {args.data}")

    keras.utils.set_random_seed(args.seed)
    model = build_model()
    if args.summary:
        model.summary()
        return

    try:
        x_train, x_test = load_data(args.data, args.limit)
    except Exception as error:
        raise SystemExit(
            f"The data cannot be read ({type(error).__name__}: {error}): "
            "--help says what --data takes."
        ) from error
    args.output_dir.mkdir(parents=True, exist_ok=True)
    history = train(model, x_train, args.epochs, args.batch_size)
    evaluate(model, x_test)
    save_history(history, args.output_dir)
    model.save(args.output_dir / "autoencoder.keras")
    draw_reconstructions(model, x_test, args.output_dir / "reconstructions.png")
    print(
        f"\nThe model, history.csv, learning_curves.png and reconstructions.png are in {args.output_dir}"
    )


if __name__ == "__main__":
    main()
