"""A child process that builds one Keras model per request: JSON lines in, JSON lines out.

Kept apart so that pytest itself imports no Keras, and so that the backend can be chosen per process
(``KERAS_BACKEND``). A request is ``{"do": "signature" | "build" | "run", ...}``; see ``answer``.
"""

import inspect
import json
import sys
import warnings

import keras
import numpy as np
from keras.src.backend.common import global_state

EXAMPLES = 11
UNKNOWN = 7
"""Sizes of an unknown batch and of other unknown dimensions when a model runs: none that a case draws, lest two agree
by accident."""


def thing(role, name):
    """The Keras class or function that a role and a name stand for."""
    if role == "op":
        found = keras.ops
        for part in name.removeprefix("ops.").split("."):
            found = getattr(found, part)
        return found
    modules = {
        "layer": keras.layers,
        "cell": keras.layers,
        "initializer": keras.initializers,
        "regularizer": keras.regularizers,
        "constraint": keras.constraints,
    }
    return getattr(modules[role], name)


def value(given):
    """A request's value as Keras takes it: ``{"tuple": [...]}`` and ``{"role", "op", "arguments"}`` are built."""
    if isinstance(given, list):
        return [value(item) for item in given]
    if isinstance(given, dict) and "key" in given:
        return tuple(slice(*i) if isinstance(i, list) else ... if i == "..." else i for i in given["key"])
    if isinstance(given, dict) and "tuple" in given:
        return tuple(value(item) for item in given["tuple"])
    if isinstance(given, dict):
        arguments = {name: value(item) for name, item in given["arguments"].items()}
        return thing(given["role"], given["op"])(**arguments)
    return given


def signature(request):
    """The parameters in order, each ``[name, required, default, kind]``."""
    made = thing(request["role"], request["op"])
    # Of a class without an __init__ of its own, signature() tells a different story in each release of Python.
    signed = inspect.signature(made.__init__ if isinstance(made, type) else made)
    parameters = [p for p in signed.parameters.values() if p.name != "self"]
    return [
        [p.name, p.default is p.empty, None if p.default is p.empty else plain(p.default), p.kind.name]
        for p in parameters
    ]


def plain(default):
    """A default as JSON: tuples become lists, anything else than a JSON value its text."""
    if isinstance(default, (list, tuple)):
        return [plain(item) for item in default]
    return default if default is None or isinstance(default, (bool, int, float, str)) else repr(default)


def construct(request):
    """The model around one layer or function, with what was built; names count from the start."""
    keras.utils.clear_session(free_memory=False)
    inputs = [
        keras.Input(batch_shape=tuple(tensor["shape"]), dtype=tensor["dtype"], name=f"input_{number}")
        for number, tensor in enumerate(request["inputs"])
    ]
    arguments = {name: value(given) for name, given in request["arguments"].items()}
    call = {name: value(given) for name, given in request.get("call", {}).items()}
    positional = [inputs] if request.get("list") else [inputs[k] for k in request.get("positions", range(len(inputs)))]
    named = {
        name: [inputs[k] for k in which] if isinstance(which, list) else inputs[which]
        for name, which in request.get("named", {}).items()
    }
    if request["role"] == "op":
        first = [arguments.pop(name) for name in request.get("leading", ()) if name in arguments]
        layer, outputs = None, thing("op", request["op"])(*first, *positional, **named, **arguments, **call)
    elif request["op"] == "Input":
        layer, outputs = None, keras.Input(**arguments, name="input")
        inputs = [outputs]
    else:
        layer = thing("layer", request["op"])(**arguments)
        outputs = layer(*positional, **named, **call)
    return layer, keras.Model(inputs, outputs, name="model"), outputs


def flat(outputs):
    return [{"shape": list(tensor.shape), "dtype": tensor.dtype} for tensor in keras.tree.flatten(outputs)]


def names():
    return dict(global_state.get_global_attribute("object_name_uids") or {})


def build(request):
    """What the model gives, the layer's variables, and the automatic names that were taken."""
    layer, model, outputs = construct(request)
    variables = [] if layer is None else layer.weights
    # What a model trains, which is more than what the layer says of itself where a layer inside was not told.
    trained = {id(v) for v in model.trainable_weights}
    return {
        "outputs": flat(outputs),
        "names": names(),
        "weights": [
            [v.path.removeprefix(f"{layer.name}/"), list(v.shape), id(v) in trained, v.dtype] for v in variables
        ],
    }


def example(tensor):
    """Data for one input: numbers below 1 and the index 0, which any table of embeddings has."""
    shape = [EXAMPLES if tensor["shape"][0] is None else tensor["shape"][0]]
    shape += [UNKNOWN if dim is None else dim for dim in tensor["shape"][1:]]
    dtype = tensor["dtype"]
    if dtype == "string":
        return keras.ops.convert_to_tensor(np.full(shape, "a"))
    data = np.random.default_rng(0).random(size=shape) if "float" in dtype else np.zeros(shape)
    return keras.ops.cast(keras.ops.convert_to_tensor(data.astype("float32")), dtype)


def as_graph(model, tensors, training):
    """The model as ``fit`` and ``predict`` run it: compiled for shapes that are known but for the batch."""

    def call(data):
        outputs = model(data[0] if len(data) == 1 else data, training=training)
        return outputs, model.losses

    if keras.backend.backend() != "tensorflow":
        return call
    import tensorflow as tf

    shapes = [
        [tensor["shape"][0], *(UNKNOWN if dim is None else dim for dim in tensor["shape"][1:])] for tensor in tensors
    ]
    specs = [tf.TensorSpec(shape, tensor["dtype"]) for shape, tensor in zip(shapes, tensors, strict=True)]
    return tf.function(call, input_signature=[specs])


def run(request):
    """Shapes and dtypes announced and given, in prediction and in training, with losses and constraints applied."""
    _, model, outputs = construct(request)
    tensors = flat(model.inputs)
    data = [example(tensor) for tensor in tensors]
    results = {"announced": flat(outputs)}
    for mode, training in (("prediction", False), ("training", True)):
        given, _ = as_graph(model, tensors, training)(data)
        results[mode] = [
            {"shape": list(tensor.shape), "dtype": keras.backend.standardize_dtype(tensor.dtype)}
            for tensor in keras.tree.flatten(given)
        ]
    for variable in model.trainable_variables:
        if variable.constraint is not None:
            variable.assign(variable.constraint(variable))
    return results


def answer(request):
    """The result, or ``{"error": ...}`` with the kind of exception and its text."""
    try:
        return {"signature": signature, "build": build, "run": run}[request["do"]](request)
    except Exception as error:
        lines = str(error).strip().splitlines() or [""]
        return {"error": f"{type(error).__name__}: {' '.join(lines)[:5000]}"}


def main():
    warnings.simplefilter("ignore")
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
