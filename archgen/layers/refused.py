"""Public names of ``keras.layers`` that cannot stand at a node, each with the reason."""

REASONS = {
    "Lambda": "it carries arbitrary code",
    "TFSMLayer": "it loads code from a file",
    "TorchModuleWrapper": "it carries arbitrary code",
    "JaxLayer": "it carries arbitrary code",
    "FlaxLayer": "it carries arbitrary code",
    "Layer": "it is the base class of layers and does nothing",
    "Wrapper": "it is the base class of wrappers and does nothing",
    "InputSpec": "it is no layer: it says what a layer takes, and archgen knows that of every layer",
    "Equalization": "it gives its input tensor itself, so that Keras finds a cycle or leaves it out of the model",
    "CutMix": "it mixes images of a batch with their labels, which a graph does not hold",
    "MixUp": "it mixes images of a batch with their labels, which a graph does not hold",
    "RandomCrop": "it crops in training only, and announces the cropped size always",
    "MaxNumBoundingBoxes": "it gives images as they are, and changes boxes, which a graph does not hold",
    "Pipeline": "it is a row of layers; write them as nodes, or as a block",
    "InputLayer": "a spec names its inputs with Input",
}
"""Layers that no spec may use."""

HINTS = {
    "Lambda": "use an op such as ops.square, or a block",
    "RandomCrop": "use CenterCrop or Resizing",
    "MixUp": "take it out: it belongs to the data",
    "CutMix": "take it out: it belongs to the data",
    "Wrapper": 'write "Bidirectional", "TimeDistributed" or "SpectralNormalization"',
    "InputLayer": 'write "Input"',
}
"""What to write instead, where that is an op."""

ALIASES = {
    "AvgPool1D": "AveragePooling1D",
    "AvgPool2D": "AveragePooling2D",
    "AvgPool3D": "AveragePooling3D",
    "Convolution1D": "Conv1D",
    "Convolution1DTranspose": "Conv1DTranspose",
    "Convolution2D": "Conv2D",
    "Convolution2DTranspose": "Conv2DTranspose",
    "Convolution3D": "Conv3D",
    "Convolution3DTranspose": "Conv3DTranspose",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
    "GlobalAvgPool3D": "GlobalAveragePooling3D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D",
    "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalMaxPool3D": "GlobalMaxPooling3D",
    "MaxPool1D": "MaxPooling1D",
    "MaxPool2D": "MaxPooling2D",
    "MaxPool3D": "MaxPooling3D",
    "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D",
}
"""Second names that Keras has for layers. A spec has one name for each, the one that summaries show."""

CELLS = {
    "SimpleRNNCell": '{"op": "RNN", "cell": {"op": "SimpleRNNCell", ...}}',
    "LSTMCell": '{"op": "RNN", "cell": {"op": "LSTMCell", ...}}',
    "GRUCell": '{"op": "RNN", "cell": {"op": "GRUCell", ...}}',
    "StackedRNNCells": '{"op": "RNN", "cell": [...]}',
}
"""Layers that are one step of a recurrence: they stand in ``RNN``, as this shows, and not at a node."""

CONSTANTS = ("arange", "array", "empty", "eye", "full", "identity", "linspace", "logspace", "ones", "tri", "zeros")
FUNCTIONS = {
    f"ops.{name}": "it reads no tensor of the graph, and Keras leaves out of the model a layer that reads a constant"
    for name in CONSTANTS
} | {
    f"ops.{name}": "TensorFlow forgets the shape of what it gives, and layers after it fail"
    for name in ("median", "quantile")
}
"""Functions that no spec may use."""

LAYERS = {
    **REASONS,
    **{name: f"it is {other} under another name" for name, other in ALIASES.items()},
    **{name: "it is one step of a recurrence, which RNN runs over a sequence" for name in CELLS},
}
"""Everything that is refused at a node, with the reason."""


POSITIONS = 'position ids are "ops.ones_like", "ops.cumsum" with "axis": 1 and "ops.subtract" with "x2": 1'
"""What constants are mostly wanted for, and how to have it."""


def hint_for(function: str) -> str:
    """What to use instead of a function that no spec may use."""
    constant = function.removeprefix("ops.") in CONSTANTS
    return POSITIONS if constant else 'use "ops.mean", or "ops.max" and "ops.min"'


def refusal(name: str) -> tuple[str, str] | None:
    """Message and hint for a name that Keras has and a node cannot have; ``None`` for any other name.

    >>> refusal("MaxPool2D")
    ('MaxPool2D cannot stand in a spec: it is MaxPooling2D under another name', 'write "MaxPooling2D"')
    >>> refusal("Dense")
    """
    if name in FUNCTIONS:
        return f"{name} cannot stand in a spec: {FUNCTIONS[name]}", hint_for(name)
    if name not in LAYERS:
        return None
    place = "at a node" if name in CELLS else "in a spec"
    message = f"{name} cannot stand {place}: {LAYERS[name]}"
    if name in CELLS:
        return message, f"write {CELLS[name]}"
    if name in ALIASES:
        return message, f'write "{ALIASES[name]}"'
    return message, HINTS.get(name, "take it out; archgen layers lists what there is")
