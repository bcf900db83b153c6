"""Residual network for CIFAR-10.

Three residual blocks on 32x32 colour images.

To run it:

    python resnet.py            train, evaluate and save to runs/resnet
    python resnet.py --summary  print the layers and stop
    python resnet.py --help     list the options

Written by archgen from resnet.json.
"""

import argparse
import csv
from pathlib import Path

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure

CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


def load_data(path=None, limit=None):
    """Load colour images: 32x32x3 values from 0 to 1, and class numbers."""
    if path:
        with np.load(path) as data:
            x_train, x_test = data["x_train"], data["x_test"]
            y_train, y_test = data["y_train"], data["y_test"]
    else:
        try:
            (x_train, y_train), (x_test, y_test) = keras.datasets.cifar10.load_data()
        except Exception as error:
            raise SystemExit(
                f"cifar10 could not be downloaded ({error}): pass a local copy with "
                '--data FILE, or write "data": "synthetic" in the spec.'
            ) from error
    x_train = x_train[:limit].astype("float32") / 255
    x_test = x_test[:limit].astype("float32") / 255
    return (x_train, y_train[:limit].ravel()), (x_test, y_test[:limit].ravel())


def residual_block(x, filters=64, name="residual_block"):
    y = layers.Conv2D(filters, 3, padding="same")(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, padding="same")(y)
    y = layers.BatchNormalization(name=f"{name}_residual")(y)
    y = layers.Add()([y, x])
    return layers.ReLU()(y)


def build_model(classes=10):
    image = keras.Input(shape=(32, 32, 3), name="image")
    x = layers.Conv2D(64, 3, padding="same", activation="relu", name="stem")(image)
    for index in range(1, 4):
        x = residual_block(x, name=f"stage_{index}")
    x = layers.Flatten()(x)
    probabilities = layers.Dense(classes, activation="softmax", name="probabilities")(x)
    return keras.Model(image, probabilities, name="resnet")


def train(model, x, y, epochs=10, batch_size=64):
    """Compile the model, fit it to the training data, and return the history."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.001),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model.fit(x, y, epochs=epochs, batch_size=batch_size, validation_split=0.1)


def evaluate(model, x, y):
    """Print the metrics on the test data, and a few predictions beside the truth."""
    for name, value in model.evaluate(x, y, verbose=0, return_dict=True).items():
        print(f"test {name}: {value:.4f}")

    predicted = model.predict(x[:8], verbose=0)
    print("\n   predicted        truth")
    for guess, truth in zip(predicted.argmax(axis=-1), y[:8]):
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
    parser = argparse.ArgumentParser(description="Residual network for CIFAR-10")
    option = parser.add_argument
    option("--epochs", type=positive_int, default=10, help="default: %(default)s")
    option("--batch-size", type=positive_int, default=64, help="default: %(default)s")
    option(
        "--data", type=Path, metavar="FILE", help="local .npz instead of the download"
    )
    option("--limit", type=positive_int, metavar="N", help="first N examples only")
    option(
        "--output-dir", type=Path, default="runs/resnet", help="default: %(default)s"
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
    model.save(args.output_dir / "resnet.keras")
    print(f"\nThe model, history.csv and learning_curves.png are in {args.output_dir}")


if __name__ == "__main__":
    main()
