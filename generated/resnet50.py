"""ResNet-50 for ImageNet.

Fifty layers in sixteen bottleneck blocks (He et al., Deep Residual Learning for
Image Recognition, 2015).

To run it:

    python resnet50.py            print the layers and run it once
    python resnet50.py --summary  print the layers and stop
    python resnet50.py --help     list the options

Written by archgen from resnet50.json.
"""

import argparse

import keras
import numpy as np
from keras import layers


def bottleneck(x, filters=64, strides=1, name="bottleneck"):
    shortcut = x
    if x.shape[-1] != 4 * filters:
        shortcut = layers.Conv2D(4 * filters, 1, strides=strides)(x)
        shortcut = layers.BatchNormalization(
            epsilon=1.001e-05,
            name=f"{name}_shortcut",
        )(shortcut)
    x = layers.Conv2D(filters, 1, strides=strides)(x)
    x = layers.BatchNormalization(epsilon=1.001e-05)(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(filters, 3, padding="same")(x)
    x = layers.BatchNormalization(epsilon=1.001e-05)(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(4 * filters, 1)(x)
    x = layers.BatchNormalization(epsilon=1.001e-05, name=f"{name}_residual")(x)
    x = layers.Add()([shortcut, x])
    return layers.ReLU()(x)


def build_model(classes=1000):
    image = keras.Input(shape=(224, 224, 3), name="image")
    x = layers.ZeroPadding2D(padding=3)(image)
    x = layers.Conv2D(64, 7, strides=2)(x)
    x = layers.BatchNormalization(epsilon=1.001e-05)(x)
    x = layers.ReLU()(x)
    x = layers.ZeroPadding2D(padding=1)(x)
    x = layers.MaxPooling2D(pool_size=3, strides=2)(x)
    for index, (filters, strides) in enumerate(
        zip(
            (64,) * 3 + (128,) * 4 + (256,) * 6 + (512,) * 3,
            (1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1),
        ),
        start=1,
    ):
        x = bottleneck(x, filters=filters, strides=strides, name=f"stages_{index}")
    x = layers.GlobalAveragePooling2D()(x)
    probabilities = layers.Dense(classes, activation="softmax", name="probabilities")(x)
    return keras.Model(image, probabilities, name="resnet50")


def check(model, seed):
    """Run the model on random inputs, and print what comes out."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 224, 224, 3))
    for values in keras.tree.flatten(model.predict(x, verbose=0)):
        if not np.isfinite(values).all():
            raise SystemExit(f"An output of shape {values.shape} is not finite.")
        print(
            f"output {values.shape} with values from {values.min():.4g} to {values.max():.4g}"
        )


def main():
    """Build the model, print its layers, and check it."""
    parser = argparse.ArgumentParser(description="ResNet-50 for ImageNet")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument(
        "--summary", action="store_true", help="print the layers and stop"
    )
    args = parser.parse_args()

    keras.utils.set_random_seed(args.seed)
    model = build_model()
    model.summary()
    if not args.summary:
        check(model, args.seed)


if __name__ == "__main__":
    main()
