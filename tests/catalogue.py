"""What a random spec can put at a node: layers with arguments, and the shapes that come out, as symbols.

A shape is ``(kind, space, channels)``. ``kind`` is ``vector``, ``sequence``, ``image`` or ``ids``; ``space`` and
``channels`` are symbols: a number, or a tuple that names what the number comes from, so that two equal symbols are
equal numbers whatever the parameters are. Everything here takes any sizes of one or more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

Symbol = Any


class Shape(NamedTuple):
    """What a random spec knows of a tensor."""

    kind: str
    space: Symbol = 0
    channels: Symbol = 0


@dataclass
class Choice:
    """One op with its arguments, and what it gives."""

    op: str
    arguments: dict[str, Any]
    outputs: list[Shape]
    reads: str | None = None
    """The call argument that the tensor is given to, where it is not the first."""


class Values:
    """Draws arguments: constants, and expressions over what is in scope. Subclassed by the drawer of a part."""

    def pick(self, choices: Any) -> Any:
        raise NotImplementedError

    def chance(self, percent: int) -> bool:
        raise NotImplementedError

    def size(self) -> tuple[Any, Symbol]:
        """A size of one or more: the value and its symbol."""
        raise NotImplementedError

    def flag(self) -> Any:
        raise NotImplementedError

    def activation(self) -> Any:
        raise NotImplementedError

    def rate(self) -> Any:
        raise NotImplementedError


ACTIVATIONS = ("relu", "tanh", "sigmoid", "linear", "gelu", "softmax")
INITIALIZERS: tuple[Any, ...] = (
    "zeros",
    "he_normal",
    "GlorotUniform",
    {"op": "HeNormal"},
    {"op": "HeUniform", "seed": 3},
    {"op": "RandomNormal", "stddev": 0.02},
    {"op": "Constant", "value": 0.5},
    {"op": "VarianceScaling", "scale": 2.0, "mode": "fan_out"},
)
REGULARIZERS: tuple[Any, ...] = (
    "l2",
    {"op": "L2"},
    {"op": "L2", "l2": 0.0001},
    {"op": "L1L2", "l1": 0.01, "l2": 0.02},
)
CONSTRAINTS: tuple[Any, ...] = ("non_neg", {"op": "MaxNorm", "max_value": 3}, {"op": "UnitNorm"})
DTYPES = ("float32", "float16", "bfloat16", "mixed_float16")
"""Without ``float64``, which Keras promotes otherwise on NumPy than on TensorFlow."""


def extras(values: Values, *names: str) -> dict[str, Any]:
    """Some of the arguments that many layers take."""
    drawers: dict[str, Callable[[], Any]] = {
        "activation": values.activation,
        "use_bias": values.flag,
        "kernel_initializer": lambda: values.pick(INITIALIZERS),
        "bias_initializer": lambda: values.pick(("zeros", "ones", {"op": "Constant", "value": 1})),
        "kernel_regularizer": lambda: values.pick(REGULARIZERS),
        "kernel_constraint": lambda: values.pick(CONSTRAINTS),
        "trainable": lambda: values.pick((True, False)),
        "dtype": lambda: values.pick(DTYPES),
        "axis": lambda: -1,
        "epsilon": lambda: values.pick((0.001, 1e-5)),
        "center": values.flag,
        "scale": values.flag,
        "seed": lambda: values.pick((None, 3)),
    }
    likely = {"activation": 45, "use_bias": 20, "trainable": 7, "dtype": 4}
    return {name: drawers[name]() for name in names if values.chance(likely.get(name, 10))}


def dense(values: Values, shape: Shape) -> Choice:
    units, symbol = values.size()
    more = extras(
        values,
        "activation",
        "use_bias",
        "kernel_initializer",
        "bias_initializer",
        "kernel_regularizer",
        "kernel_constraint",
        "trainable",
        "dtype",
    )
    return Choice("Dense", {"units": units, **more}, [Shape(shape.kind, shape.space, symbol)])


def same_shape(values: Values, shape: Shape) -> Choice:
    """A layer that keeps the shape."""
    op = values.pick(
        (
            "ReLU",
            "Activation",
            "Dropout",
            "BatchNormalization",
            "LayerNormalization",
            "LeakyReLU",
            "Identity",
            "GaussianNoise",
            "Rescaling",
            "PReLU",
            "ELU",
            "Softmax",
            "UnitNormalization",
            "ActivityRegularization",
        )
    )
    arguments: dict[str, Any] = {}
    match op:
        case "Activation":
            arguments = {"activation": values.activation()}
        case "Dropout":
            arguments = {"rate": values.rate(), **extras(values, "seed")}
        case "GaussianNoise":
            arguments = {"stddev": values.rate()}
        case "BatchNormalization" | "LayerNormalization":
            arguments = extras(values, "axis", "epsilon", "center", "scale", "trainable", "dtype")
        case "LeakyReLU":
            arguments = {"negative_slope": values.pick((0.2, 0.3))} if values.chance(70) else {}
        case "Rescaling":
            arguments = {"scale": values.pick((0.5, 2)), "offset": 1}
        case "PReLU" if shape.kind != "vector":
            arguments = {"shared_axes": [1] if shape.kind == "sequence" else [1, 2]}
        case "ActivityRegularization":
            arguments = {"l2": 0.01}
    return Choice(op, arguments, [shape])


def vector(values: Values, shape: Shape) -> Choice:
    match values.pick(("dense", "dense", "same", "repeat", "spectral", "dense")):
        case "same":
            return same_shape(values, shape)
        case "repeat":
            times = values.pick((2, 3))
            return Choice("RepeatVector", {"n": times}, [Shape("sequence", times, shape.channels)])
        case "spectral":
            wrapped = dense(values, shape)
            return wrap(values, "SpectralNormalization", wrapped)
    return dense(values, shape)


def wrap(values: Values, op: str, wrapped: Choice, **arguments: Any) -> Choice:
    """A layer around another."""
    inner = {"op": wrapped.op, **{name: value for name, value in wrapped.arguments.items() if name != "dtype"}}
    return Choice(op, {"layer": inner, **arguments}, wrapped.outputs)


def recurrent(values: Values, shape: Shape) -> Choice:
    """LSTM, GRU and SimpleRNN, with their states now and then, alone or in both directions."""
    op = values.pick(("LSTM", "GRU", "SimpleRNN"))
    units, symbol = values.size()
    sequences, state = values.chance(50), values.chance(25)
    arguments: dict[str, Any] = {"units": units, **extras(values, "use_bias", "kernel_initializer")}
    arguments |= {"return_sequences": True} if sequences else {}
    arguments |= {"return_state": True} if state else {}
    states = ({"LSTM": 2}.get(op, 1)) * state
    both = values.chance(25)
    merge = values.pick(("concat", "sum", "ave")) if both else None
    channels = ("cat", symbol, symbol) if merge == "concat" else symbol
    first = Shape("sequence", shape.space, channels) if sequences else Shape("vector", 0, channels)
    outputs = [first, *[Shape("vector", 0, symbol)] * (states * (2 if both else 1))]
    if not both:
        return Choice(op, arguments, outputs)
    more = {} if merge == "concat" and values.chance(50) else {"merge_mode": merge}
    return Choice("Bidirectional", {"layer": {"op": op, **arguments}, **more}, outputs)


def sequence(values: Values, shape: Shape) -> Choice:
    match values.pick(("conv", "recurrent", "same", "pool", "global", "distributed", "dense", "recurrent", "up")):
        case "conv":
            filters, symbol = values.size()
            strides = values.pick((1, 1, 2))
            arguments = {"filters": filters, "kernel_size": values.pick((1, 3)), "padding": "same"}
            arguments |= {"strides": strides} if strides > 1 or values.chance(20) else {"padding": "causal"}
            space = shape.space if strides == 1 else ("strided", shape.space, strides)
            arguments |= extras(values, "activation", "use_bias", "kernel_regularizer", "trainable")
            return Choice("Conv1D", arguments, [Shape("sequence", space, symbol)])
        case "recurrent":
            return recurrent(values, shape)
        case "pool":
            op = values.pick(("MaxPooling1D", "AveragePooling1D"))
            space = ("strided", shape.space, 2)
            return Choice(op, {"pool_size": 2, "padding": "same"}, [Shape("sequence", space, shape.channels)])
        case "global":
            op = values.pick(("GlobalAveragePooling1D", "GlobalMaxPooling1D"))
            return Choice(op, {}, [Shape("vector", 0, shape.channels)])
        case "distributed":
            return wrap(values, "TimeDistributed", dense(values, shape))
        case "up":
            return Choice("UpSampling1D", {"size": 2}, [Shape("sequence", ("up", shape.space), shape.channels)])
        case "same":
            return same_shape(values, shape)
    return dense(values, shape)


def image(values: Values, shape: Shape) -> Choice:
    match values.pick(("conv", "conv", "same", "pool", "global", "depthwise", "separable", "dense", "pad")):
        case "conv":
            filters, symbol = values.size()
            strides = values.pick((1, 1, 2, [2, 2]))
            arguments: dict[str, Any] = {"filters": filters, "kernel_size": values.pick((1, 3, [3, 3]))}
            arguments |= {"padding": "same"} | ({"strides": strides} if strides != 1 else {})
            arguments |= extras(values, "activation", "use_bias", "kernel_initializer", "trainable", "dtype")
            space = shape.space if strides == 1 else ("strided", shape.space, 2)
            return Choice("Conv2D", arguments, [Shape("image", space, symbol)])
        case "pool":
            op = values.pick(("MaxPooling2D", "AveragePooling2D"))
            size = values.pick((2, [2, 2]))
            space = ("strided", shape.space, 2)
            return Choice(op, {"pool_size": size, "padding": "same"}, [Shape("image", space, shape.channels)])
        case "global":
            op = values.pick(("GlobalAveragePooling2D", "GlobalMaxPooling2D"))
            return Choice(op, {}, [Shape("vector", 0, shape.channels)])
        case "depthwise":
            arguments = {"kernel_size": 3, "padding": "same", **extras(values, "use_bias")}
            return Choice("DepthwiseConv2D", arguments, [shape])
        case "separable":
            filters, symbol = values.size()
            arguments = {"filters": filters, "kernel_size": 3, "padding": "same"}
            return Choice("SeparableConv2D", arguments, [Shape("image", shape.space, symbol)])
        case "pad":
            padding = values.pick((1, [[1, 0], [0, 1]]))
            space = ("padded", shape.space, repr(padding))
            return Choice("ZeroPadding2D", {"padding": padding}, [Shape("image", space, shape.channels)])
        case "same":
            return same_shape(values, shape)
    return dense(values, shape)


def ids(values: Values, shape: Shape) -> Choice:
    dimension, symbol = values.size()
    arguments = {"input_dim": values.pick((5, 10)), "output_dim": dimension}
    arguments |= {"mask_zero": values.pick((True, False))} if values.chance(MASKS) else {}
    return Choice("Embedding", arguments, [Shape("sequence", shape.space, symbol)])


LAYERS: dict[str, Callable[[Values, Shape], Choice]] = {
    "vector": vector,
    "sequence": sequence,
    "image": image,
    "ids": ids,
}

MASKS = 40
"""How often, in percent, an Embedding masks."""

EQUAL_OPS = ("Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract")
"""Merge layers of tensors of one shape."""

FUNCTIONS = ("relu", "tanh", "abs", "square", "exp", "negative", "gelu", "leaky_relu", "clip", "cast")
"""Functions of ``keras.ops`` that keep the shape."""


def function(values: Values, shape: Shape) -> Choice:
    """A function of one tensor."""
    kind, space, channels = shape
    changing = {
        "vector": ("expand_dims", "number", "left_number"),
        "sequence": ("mean", "max", "sum", "transpose", "split", "number", "left_number"),
        "image": ("mean", "std", "number"),
    }[kind]
    op = values.pick((*FUNCTIONS, *changing, *changing))
    op = "mean" if op == "transpose" and not isinstance(space, int) else op
    axis: Any = 1 if kind == "sequence" else [1, 2]
    match op:
        case "expand_dims":
            return Choice("expand_dims", {"axis": 1}, [Shape("sequence", 1, channels)])
        case "mean" | "max" | "sum" | "std":
            return Choice(op, {"axis": axis}, [Shape("vector", 0, channels)])
        case "transpose":
            return Choice(op, {"axes": [0, 2, 1]}, [Shape("sequence", channels, space)])
        case "split" if isinstance(channels, int) and channels > 1:
            halves = [Shape("sequence", space, 1), Shape("sequence", space, channels - 1)]
            return Choice("split", {"indices_or_sections": [1], "axis": -1}, halves)
        case "number":
            return Choice(values.pick(("multiply", "add", "maximum")), {"x2": values.rate()}, [shape])
        case "left_number":
            return Choice("subtract", {"x1": 1}, [shape], reads="x2")
        case "clip":
            return Choice(op, {"x_min": 0, "x_max": values.pick((1, 6.0))}, [shape])
        case "cast":
            return Choice(op, {"dtype": values.pick(("float16", "bfloat16", "float32"))}, [shape])
    return Choice("tanh" if op == "split" else op, {}, [shape])


TWO_FUNCTIONS = ("add", "multiply", "maximum", "subtract")
"""Functions of two tensors of one shape."""
