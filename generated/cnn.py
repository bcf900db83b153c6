"""Convolutional network for MNIST.

One convolution and two dense layers read handwritten digits.

To run it:

    python cnn.py            train, evaluate and save to runs/cnn
    python cnn.py --summary  print the layers and stop
    python cnn.py --help     list the options

Written by archgen from cnn.json.
"""

import argparse
import csv
from pathlib import Path

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure


def load_data(path=None, limit=None):
    """Load handwritten digits: 28x28x1 values from 0 to 1, and class numbers."""
    if path:
        with np.load(path) as data:
            x_train, x_test = data["x_train"], data["x_test"]
            y_train, y_test = data["y_train"], data["y_test"]
    else:
        try:
            (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
        except Exception as error:
            raise SystemExit(
                f"mnist could not be downloaded ({error}): pass a local copy with "
                '--data FILE, or write "data": "synthetic" in the spec.'
            ) from error
    x_train = x_train[:limit].reshape(-1, 28, 28, 1).astype("float32") / 255
    x_test = x_test[:limit].reshape(-1, 28, 28, 1).astype("float32") / 255
    return (x_train, y_train[:limit]), (x_test, y_test[:limit])


def build_model():
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1), name="image"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="cnn",
    )


def train(model, x, y, epochs=10, batch_size=32):
    """Compile the model, fit it to the training data, and return the history."""
    model.compile(
        optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model.fit(x, y, epochs=epochs, batch_size=batch_size, validation_split=0.1)


def evaluate(model, x, y):
    """Print the metrics on the test data, and a few predictions beside the truth."""
    for name, value in model.evaluate(x, y, verbose=0, return_dict=True).items():
        print(f"test {name}: {value:.4f}")

    predicted = model.predict(x[:8], verbose=0)
    print("\n   predicted        truth")
    for guess, truth in zip(predicted.argmax(axis=-1), y[:8]):
        print(f"{guess:>12} {truth:>12}")


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
    parser = argparse.ArgumentParser(description="Convolutional network for MNIST")
    option = parser.add_argument
    option("--epochs", type=positive_int, default=10, help="default: %(default)s")
    option("--batch-size", type=positive_int, default=32, help="default: %(default)s")
    option(
        "--data", type=Path, metavar="FILE", help="local .npz instead of the download"
    )
    option("--limit", type=positive_int, metavar="N", help="first N examples only")
    option("--output-dir", type=Path, default="runs/cnn", help="default: %(default)s")
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
        (x_train, y_train), (x_test, y_test) = load_data(args.data, args.limit)
    except Exception as error:
        raise SystemExit(
            f"The data cannot be read ({type(error).__name__}: {error}): "
            "--help says what --data takes."
        ) from error
    args.output_dir.mkdir(parents=True, exist_ok=True)
    history = train(model, x_train, y_train, args.epochs, args.batch_size)
    evaluate(model, x_test, y_test)
    save_history(history, args.output_dir)
    model.save(args.output_dir / "cnn.keras")
    print(f"\nThe model, history.csv and learning_curves.png are in {args.output_dir}")


if __name__ == "__main__":
    main()
