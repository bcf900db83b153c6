"""Multilayer perceptron for Iris.

Two hidden layers tell three species of iris apart by four measurements of the
flower.

To run it:

    python mlp.py            train, evaluate and save to runs/mlp
    python mlp.py --summary  print the layers and stop
    python mlp.py --help     list the options

Written by archgen from mlp.json.
"""

import argparse
import csv
from pathlib import Path

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

CLASSES = ("setosa", "versicolor", "virginica")


def load_data(path=None, limit=None):
    """Load Iris flowers: 4 standardized values, and one-hot classes."""
    if path:
        table = np.loadtxt(path, delimiter=",", skiprows=1)
        x, y = table[:, :-1], table[:, -1].astype(int)
    else:
        x, y = load_iris(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(
        x, y, test_size=0.3, random_state=0
    )
    scaler = StandardScaler().fit(x_train)
    x_train = scaler.transform(x_train)
    x_test = scaler.transform(x_test)
    y_train = keras.utils.to_categorical(y_train, 3)
    y_test = keras.utils.to_categorical(y_test, 3)
    return (x_train[:limit], y_train[:limit]), (x_test[:limit], y_test[:limit])


def build_model():
    return keras.Sequential(
        [
            keras.Input(shape=(4,), name="measurements"),
            layers.Dense(64, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(3, activation="softmax", name="species"),
        ],
        name="mlp",
    )


def train(model, x, y, epochs=50, batch_size=10):
    """Compile the model, fit it to the training data, and return the history."""
    model.compile(
        optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"]
    )
    return model.fit(x, y, epochs=epochs, batch_size=batch_size)


def evaluate(model, x, y):
    """Print the metrics on the test data, and a few predictions beside the truth."""
    for name, value in model.evaluate(x, y, verbose=0, return_dict=True).items():
        print(f"test {name}: {value:.4f}")

    predicted = model.predict(x[:8], verbose=0)
    print("\n   predicted        truth")
    for guess, truth in zip(predicted.argmax(axis=-1), y[:8].argmax(axis=-1)):
        print(f"{CLASSES[guess]:>12} {CLASSES[truth]:>12}")


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
    parser = argparse.ArgumentParser(description="Multilayer perceptron for Iris")
    option = parser.add_argument
    option("--epochs", type=positive_int, default=50, help="default: %(default)s")
    option("--batch-size", type=positive_int, default=10, help="default: %(default)s")
    option(
        "--data", type=Path, metavar="FILE", help="CSV with a header, the target last"
    )
    option("--limit", type=positive_int, metavar="N", help="first N examples only")
    option("--output-dir", type=Path, default="runs/mlp", help="default: %(default)s")
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
    model.save(args.output_dir / "mlp.keras")
    print(f"\nThe model, history.csv and learning_curves.png are in {args.output_dir}")


if __name__ == "__main__":
    main()
