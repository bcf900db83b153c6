"""LSTM for IMDB reviews.

A recurrent network reads the last hundred words of a film review and tells whether
the review likes the film.

To run it:

    python lstm.py            train, evaluate and save to runs/lstm
    python lstm.py --summary  print the layers and stop
    python lstm.py --help     list the options

Written by archgen from lstm.json.
"""

import argparse
import csv
from pathlib import Path

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure

CLASSES = ("negative", "positive")


def load_data(path=None, limit=None, num_words=10000, maxlen=100):
    """Load film reviews as word ids: 100 whole numbers, and labels 0 or 1."""
    if path:
        (x_train, y_train), (x_test, y_test) = read_file(path, num_words)
    else:
        try:
            (x_train, y_train), (x_test, y_test) = keras.datasets.imdb.load_data(
                num_words=num_words
            )
        except Exception as error:
            raise SystemExit(
                f"imdb could not be downloaded ({error}): pass a local copy with "
                '--data FILE, or write "data": "synthetic" in the spec.'
            ) from error
    x_train = keras.utils.pad_sequences(x_train[:limit], maxlen=maxlen)
    x_test = keras.utils.pad_sequences(x_test[:limit], maxlen=maxlen)
    return (x_train, y_train[:limit]), (x_test, y_test[:limit])


def read_file(path, num_words):
    """Read a copy of Keras's own imdb.npz, in Keras's order: 1 starts a text, 2 stands for a rare word.

    The file holds pickled lists, and pickles can run code: open only a file that you trust.
    """
    order = np.random.RandomState(113)
    parts = []
    with np.load(path, allow_pickle=True) as data:
        for part in ("train", "test"):
            texts, labels = data[f"x_{part}"], data[f"y_{part}"]
            shuffled = order.permutation(len(texts))
            ids = [
                [1] + [word + 3 if word + 3 < num_words else 2 for word in text]
                for text in texts[shuffled]
            ]
            parts.append((ids, labels[shuffled]))
    return parts


def build_model(vocabulary=10000, length=100):
    return keras.Sequential(
        [
            keras.Input(shape=(length,), dtype="int32", name="words"),
            layers.Embedding(vocabulary, 128),
            layers.LSTM(50),
            layers.Dense(1, activation="sigmoid", name="positive"),
        ],
        name="lstm",
    )


def train(model, x, y, epochs=3, batch_size=64):
    """Compile the model, fit it to the training data, and return the history."""
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model.fit(x, y, epochs=epochs, batch_size=batch_size)


def evaluate(model, x, y):
    """Print the metrics on the test data, and a few predictions beside the truth."""
    for name, value in model.evaluate(x, y, verbose=0, return_dict=True).items():
        print(f"test {name}: {value:.4f}")

    predicted = model.predict(x[:8], verbose=0)
    print("\n   predicted        truth")
    for guess, truth in zip(predicted.ravel(), y[:8]):
        print(f"{guess:12.3f} {CLASSES[truth]:>12}")


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
    parser = argparse.ArgumentParser(description="LSTM for IMDB reviews")
    option = parser.add_argument
    option("--epochs", type=positive_int, default=3, help="default: %(default)s")
    option("--batch-size", type=positive_int, default=64, help="default: %(default)s")
    option(
        "--data", type=Path, metavar="FILE", help="local .npz instead of the download"
    )
    option("--limit", type=positive_int, metavar="N", help="first N examples only")
    option("--output-dir", type=Path, default="runs/lstm", help="default: %(default)s")
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
    model.save(args.output_dir / "lstm.keras")
    print(f"\nThe model, history.csv and learning_curves.png are in {args.output_dir}")


if __name__ == "__main__":
    main()
