"""What ``archgen verify`` runs in a process of its own: build a script's model with Keras and tell what it is.

Called as ``python -m archgen.probe REQUEST ANSWER``, two JSON files. It describes every layer of the model, trains one
step on data of the right shapes, saves, loads and compares predictions.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import json
import math
import sys
import tempfile
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any


def main(arguments: list[str]) -> int:
    """Read the request, answer it; exit status 0 whenever there is an answer."""
    request = json.loads(Path(arguments[0]).read_text("utf-8"))
    answer: dict[str, Any] = {"models": {}, "steps": {}}
    try:
        probe(request, answer)
    except Exception as error:
        lines = traceback.format_exception(error)
        answer["error"] = {"step": answer.get("step", "import"), "message": _short(error), "traceback": "".join(lines)}
    Path(arguments[1]).write_text(json.dumps(answer), "utf-8")
    return 0


def probe(request: dict[str, Any], answer: dict[str, Any]) -> None:
    """Go through the steps, noting in ``answer`` which one is under way and what was found."""
    answer["step"] = "import"
    import keras
    import numpy as np

    keras.utils.set_random_seed(0)
    module = load_script(request["script"])
    own = {name: getattr(module, name) for name in request["own"]}
    classes = tuple(each for each in own.values() if isinstance(each, type))
    for name, each in own.items():
        if isinstance(each, type):
            setattr(module, name, keep_names(each))
    answer["step"] = "build"
    model = module.build_model()
    models = {name: getattr(model, name) for name in request["attributes"]} or {"": model}
    answer["models"] = {name: describe_model(each, classes) for name, each in models.items()}
    random = np.random.default_rng(0)
    if request["x"]:
        answer["step"] = "train"
        x = [make(array, request["batch"], random) for array in request["x"]]
        y = [make(array, request["batch"], random) for array in request["y"]]
        names = request["y_names"]
        targets = dict(zip(names, y, strict=True)) if names else _single(y)
        history = module.train(model, _single(x), *([targets] if y else []), epochs=1, batch_size=request["batch"])
        losses = {key: float(values[-1]) for key, values in history.history.items()}
        answer["steps"]["train"] = losses
        if not all(math.isfinite(value) for value in losses.values()):
            raise ArithmeticError(f"a loss is not finite after one step: {losses}")
    answer["step"] = "save"
    for name, each in models.items():
        inputs = [make(_array(tensor), 2, random) for tensor in each.inputs]
        answer["steps"].setdefault("reload", {})[name] = reload_gap(each, _single(inputs), own)


def load_script(path: str) -> ModuleType:
    """Import a script from its file."""
    spec = importlib.util.spec_from_file_location("generated_script", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def keep_names(own: Any) -> Any:
    """A maker of layers of a class that gives the automatic names of what the class makes inside back.

    The graph does not know what that is. Only the layer itself takes a name, where its author gave it none.
    """
    from keras.src.backend.common import global_state
    from keras.src.utils.naming import to_snake_case

    def apart(act: Any, *args: Any, **kwargs: Any) -> Any:
        before = dict(global_state.get_global_attribute("object_name_uids") or {})
        result = act(*args, **kwargs)
        counts = global_state.get_global_attribute("object_name_uids")
        if counts is not None:
            counts.clear()
            counts.update(before)
        return result

    def make(*args: Any, **kwargs: Any) -> Any:
        layer = apart(own, *args, **kwargs)
        if kwargs.get("name") is None:
            global_state.get_global_attribute("object_name_uids")[to_snake_case(own.__name__)] += 1
        return layer

    call = own.__call__
    own.__call__ = functools.wraps(call)(lambda self, *args, **kwargs: apart(call, self, *args, **kwargs))
    return make


def describe_model(model: Any, own: tuple[Any, ...] = ()) -> dict[str, Any]:
    """A Functional or Sequential model: name, class, parameters, inputs, outputs, and every layer and operation.

    A tensor that something reads is told as ``[layer, call, output]``: which output of which call of which layer of
    this model, counted from 0. Layers of the classes ``own`` are told without what is inside, and their weights are
    in no sum.
    """
    import keras

    unknown = {id(weight) for layer in model._flatten_layers() if isinstance(layer, own) for weight in layer.weights}
    weights = [weight for weight in model.weights if id(weight) not in unknown]
    functional = model._functional if isinstance(model, keras.Sequential) else model
    calls = _calls(functional)
    places = {
        id(tensor): [operation.name, call, output]
        for operation, nodes in calls
        for call, node in enumerate(nodes)
        for output, tensor in zip(_firsts(operation, len(node.outputs), own), node.outputs, strict=True)
    }
    outputs = functional._outputs_struct
    return {
        "name": model.name,
        "class": type(model).__name__,
        "parameters": sum(math.prod(weight.shape) for weight in weights),
        "trainable": sum(math.prod(weight.shape) for weight in model.trainable_weights if id(weight) not in unknown),
        "inputs": [places[id(tensor)][0] for tensor in functional.inputs],
        "outputs": [_tensor(tensor) for tensor in functional.outputs],
        "gives": [places[id(tensor)] for tensor in functional.outputs],
        "output_names": sorted(outputs) if isinstance(outputs, dict) else None,
        "layers": [_describe(operation, nodes, places, own) for operation, nodes in calls],
    }


def _calls(functional: Any) -> list[tuple[Any, list[Any]]]:
    """The layers and operations that inputs and outputs lead to, each with its calls in order.

    Operations that only make masks are none of the model's own, and are not reached.
    """
    reached: dict[int, tuple[Any, set[int]]] = {}
    waiting = [*functional.outputs, *functional.inputs]
    while waiting:
        operation, index, _ = waiting.pop()._keras_history
        _, indices = reached.setdefault(id(operation), (operation, set()))
        if index not in indices:
            indices.add(index)
            waiting += _reads(operation, operation._inbound_nodes[index])
    return [
        (operation, [operation._inbound_nodes[index] for index in sorted(indices)])
        for operation, indices in reached.values()
    ]


def _firsts(operation: Any, count: int, own: tuple[type, ...]) -> list[int]:
    """For each output the first that is the same tensor: a model may give one tensor twice."""
    import keras

    if not isinstance(operation, keras.Model) or isinstance(operation, own):
        return list(range(count))
    inner = operation._functional if isinstance(operation, keras.Sequential) else operation
    tensors = [id(tensor) for tensor in inner.outputs]
    return [tensors.index(tensor) for tensor in tensors]


def _reads(operation: Any, node: Any) -> list[Any]:
    """The tensors that a call reads, in the order of the signature, without the masks that Keras adds."""
    return [tensor for _, tensor in _given(operation, node)]


def _given(operation: Any, node: Any) -> list[tuple[str, Any]]:
    """What ``_reads`` tells, each with the argument of a layer that it is given for."""
    import keras

    args, kwargs = node.arguments.args, node.arguments.kwargs
    values: list[tuple[str, Any]] = [("", args), ("", kwargs)]
    if isinstance(operation, keras.Layer):
        bound = inspect.signature(operation.call).bind(*args, **kwargs)
        words = [name for name, each in bound.signature.parameters.items() if each.kind == each.VAR_KEYWORD]
        values = [(name, value) for name, value in bound.arguments.items() if name not in words]
        values += [each for name in words for each in bound.arguments.get(name, {}).items()]
    flat = [(name, each) for name, value in values for each in keras.tree.flatten(value)]
    tensors = [(name, each) for name, each in flat if isinstance(each, keras.KerasTensor)]
    added = {id(getattr(tensor, "_keras_mask", None)) for _, tensor in tensors}
    return [(name, tensor) for name, tensor in tensors if id(tensor) not in added]


def _describe(operation: Any, nodes: list[Any], places: dict[int, list[Any]], own: tuple[type, ...]) -> dict[str, Any]:
    import keras

    is_model = isinstance(operation, keras.Model) and not isinstance(operation, own)
    return {
        "name": operation.name,
        "class": type(operation).__name__,
        "calls": [
            {
                "outputs": [_tensor(tensor) for tensor in node.outputs],
                "reads": [places[id(tensor)] for tensor in _reads(operation, node)],
                "arguments": [name for name, _ in _given(operation, node)],
            }
            for node in nodes
        ],
        "weights": (
            [_weight(weight, operation.path) for weight in getattr(operation, "weights", [])] if not is_model else []
        ),
        "model": describe_model(operation, own) if is_model else None,
    }


def _weight(weight: Any, layer: str) -> dict[str, Any]:
    """A variable by its path below the layer."""
    return {
        "path": weight.path.removeprefix(f"{layer}/"),
        "shape": list(weight.shape),
        "dtype": str(weight.dtype),
        "trainable": bool(weight.trainable),
    }


def _tensor(tensor: Any) -> dict[str, Any]:
    return {"shape": list(tensor.shape), "dtype": str(tensor.dtype)}


def _array(tensor: Any) -> dict[str, Any]:
    """What to feed an input with: small numbers, whole ones where the input is of whole numbers or of strings."""
    import keras

    dtype = keras.backend.standardize_dtype(tensor.dtype)
    ids = dtype.startswith(("int", "uint", "bool", "string"))
    return {
        "shape": list(tensor.shape[1:]),
        "dtype": dtype,
        "holds": "ids" if ids else "floats",
        "low": 0,
        "high": 2 if ids else 1,
    }


def make(array: dict[str, Any], count: int, random: Any) -> Any:
    """Random data of the right shape; an unknown dimension becomes 8."""
    import numpy as np

    shape = (count, *(8 if dim is None else dim for dim in array["shape"]))
    low, high = array["low"], array["high"]
    match array["holds"]:
        case "floats":
            values = random.uniform(low, high, shape)
        case "ids" | "classes":
            values = random.integers(int(low), max(int(high), 1), shape)
        case "one_hot":
            values = np.eye(shape[-1])[random.integers(0, shape[-1], shape[:-1])]
        case "binary":
            values = random.integers(0, 2, shape)
        case other:
            raise ValueError(f"unknown kind of data {other!r}")
    if array["dtype"] == "string":
        import keras

        return keras.ops.convert_to_tensor(np.asarray(values).astype("str"))  # predict() takes no strings of NumPy's
    return np.asarray(values).astype(array["dtype"])


def reload_gap(model: Any, inputs: Any, own: dict[str, Any] | None = None) -> float:
    """The largest difference between what a model predicts and what it predicts after a save and a load.

    ``own`` are the classes of one's own that loading needs.
    """
    import keras
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        try:
            model.save(path)
            again = keras.models.load_model(path, custom_objects=own)
        except Exception as error:
            if not own:
                raise
            advice = f"does get_config() of {' and '.join(own)} tell all arguments?"
            raise RuntimeError(f"the model cannot be saved and loaded ({advice}): {_short(error)}") from error
    one = keras.tree.flatten(model.predict(inputs, verbose=0))
    two = keras.tree.flatten(again.predict(inputs, verbose=0))
    gaps = [
        np.max(np.abs(np.asarray(a, "float64") - np.asarray(b, "float64")), initial=0.0)
        for a, b in zip(one, two, strict=True)
    ]
    return float(max(gaps, default=0.0))


def _single(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
