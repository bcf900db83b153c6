"""Generative adversarial network for MNIST.

A generator draws digits from noise; a discriminator tells them from real ones; each
learns from the other.

To run it:

    python gan.py            train, evaluate and save to runs/gan
    python gan.py --summary  print the layers and stop
    python gan.py --help     list the options

Written by archgen from gan.json.
"""

import argparse
import csv
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"  # GAN.train_step is written for it

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from matplotlib.figure import Figure


def load_data(path=None, limit=None):
    """Load handwritten digits: 28x28x1 values from -1 to 1."""
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
    x_train = x_train[:limit].reshape(-1, 28, 28, 1).astype("float32") / 127.5 - 1
    x_test = x_test[:limit].reshape(-1, 28, 28, 1).astype("float32") / 127.5 - 1
    return x_train, x_test


def build_generator():
    return keras.Sequential(
        [
            keras.Input(shape=(100,), name="noise"),
            layers.Dense(6272, activation="relu"),
            layers.Reshape((7, 7, 128)),
            layers.Conv2DTranspose(128, 4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2DTranspose(64, 4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(1, 7, padding="same", activation="tanh", name="image"),
        ],
        name="generator",
    )


def build_discriminator():
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1), name="image"),
            layers.Conv2D(64, 3, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid", name="real"),
        ],
        name="discriminator",
    )


class GAN(keras.Model):
    """A generator that makes examples from noise, and a discriminator that tells them from real ones."""

    def __init__(self, generator, discriminator, **kwargs):
        super().__init__(**kwargs)
        self.generator = generator
        self.discriminator = discriminator
        self.built = True
        self.d_loss = keras.metrics.Mean(name="d_loss")
        self.g_loss = keras.metrics.Mean(name="g_loss")

    def compile(self, d_optimizer, g_optimizer, loss_fn, **kwargs):
        super().compile(**kwargs)
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.loss_fn = loss_fn

    @property
    def metrics(self):
        return [self.d_loss, self.g_loss]

    def generate(self, count, training=False):
        """Make examples from fresh noise."""
        return self.generator(tf.random.normal((count, 100)), training=training)

    def train_step(self, real):
        count = tf.shape(real)[0]
        ones, zeros = tf.ones((count, 1)), tf.zeros((count, 1))

        # The discriminator learns to answer 1 to real examples and 0 to generated ones.
        fake = self.generate(count, training=True)
        with tf.GradientTape() as tape:
            loss_on_real = self.loss_fn(ones, self.discriminator(real, training=True))
            loss_on_fake = self.loss_fn(zeros, self.discriminator(fake, training=True))
            d_loss = (loss_on_real + loss_on_fake) / 2
        weights = self.discriminator.trainable_weights
        self.d_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights))

        # The generator learns to make the discriminator answer 1.
        with tf.GradientTape() as tape:
            fake = self.generate(count, training=True)
            g_loss = self.loss_fn(ones, self.discriminator(fake, training=True))
        weights = self.generator.trainable_weights
        self.g_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights))

        self.d_loss.update_state(d_loss)
        self.g_loss.update_state(g_loss)
        return {metric.name: metric.result() for metric in self.metrics}


def build_model():
    return GAN(build_generator(), build_discriminator(), name="gan")


def train(model, x, epochs=10, batch_size=128):
    """Compile the model, let its two networks play against each other, and return the history."""
    model.compile(
        d_optimizer=keras.optimizers.Adam(learning_rate=0.0002, beta_1=0.5),
        g_optimizer=keras.optimizers.Adam(learning_rate=0.0002, beta_1=0.5),
        loss_fn=keras.losses.BinaryCrossentropy(),
    )
    return model.fit(x, epochs=epochs, batch_size=batch_size)


def evaluate(model, x):
    """Print the mean score that the discriminator gives to test data and to generated examples."""
    real = x[:256]
    for name, examples in (("real", real), ("generated", model.generate(len(real)))):
        scores = model.discriminator.predict(examples, verbose=0)
        print(f"mean score of {name} examples: {scores.mean():.4f}")


def draw_samples(model, path):
    """Draw a grid of generated images."""
    images = model.generate(25).numpy().reshape(-1, 28, 28)
    figure = Figure(figsize=(5, 5), layout="constrained")
    for axes, image in zip(figure.subplots(5, 5).flat, images):
        axes.imshow(image, cmap="gray", vmin=-1, vmax=1)
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
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(history.history["d_loss"], marker=".", label="discriminator")
    axes.plot(history.history["g_loss"], marker=".", label="generator")
    axes.set(xlabel="epoch", ylabel="loss")
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
    parser = argparse.ArgumentParser(
        description="Generative adversarial network for MNIST"
    )
    option = parser.add_argument
    option("--epochs", type=positive_int, default=10, help="default: %(default)s")
    option("--batch-size", type=positive_int, default=128, help="default: %(default)s")
    option(
        "--data", type=Path, metavar="FILE", help="local .npz instead of the download"
    )
    option("--limit", type=positive_int, metavar="N", help="first N examples only")
    option("--output-dir", type=Path, default="runs/gan", help="default: %(default)s")
    option("--seed", type=int, default=0, help="default: %(default)s")
    option("--summary", action="store_true", help="print the layers and stop")
    args = parser.parse_args()
    if args.data and not args.data.exists():
        parser.error(f"there is no file {args.data}")

    keras.utils.set_random_seed(args.seed)
    model = build_model()
    if args.summary:
        model.generator.summary()
        model.discriminator.summary()
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
    model.generator.save(args.output_dir / "generator.keras")
    model.discriminator.save(args.output_dir / "discriminator.keras")
    draw_samples(model, args.output_dir / "samples.png")
    print(
        f"\nBoth models, history.csv, learning_curves.png and samples.png are in {args.output_dir}"
    )


if __name__ == "__main__":
    main()
