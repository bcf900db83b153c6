"""A child process that executes generated functions with Keras: JSON lines in, JSON lines out.

A request is ``{"text", "builders", "layers"}``: the text of a module, the names of the functions that build models,
and for each model the layers whose arguments the graph knows. The answer describes the models as ``archgen.probe``
does, with the arguments that are not what the graph says and the warnings that came up.
"""

import json
import sys
import warnings
from typing import Any

import keras
from keras.src.backend.common import global_state
from keras.src.backend.common.masking import get_keras_mask, set_keras_mask

from archgen.probe import describe_model
from tests.layers.keras_worker import thing, value


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """What the functions build, in a session in which no name is taken."""
    keras.utils.clear_session(free_memory=False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        module: dict[str, Any] = {"__name__": "generated"}
        exec(compile(request["text"], "generated.py", "exec"), module)
        models = {builder: module[builder]() for builder in request["builders"]}
    described = {builder: describe_model(model) for builder, model in models.items()}
    names = dict(global_state.get_global_attribute("object_name_uids") or {})
    differences = [
        line for builder, model in models.items() for line in arguments(model, request["layers"].get(builder, {}))
    ]
    return {
        "models": described,
        "arguments": differences,
        "warnings": [str(warning.message) for warning in caught],
        "names": names,
    }


def masks(request: dict[str, Any]) -> dict[str, Any]:
    """The ranks of the masks of what a layer gives when all its inputs have masks, and the names that were taken."""
    keras.utils.clear_session(free_memory=False)
    inputs = []
    for tensor in request["inputs"]:
        inputs.append(keras.Input(batch_shape=tuple(tensor["shape"]), dtype=tensor["dtype"]))
        set_keras_mask(inputs[-1], keras.Input(batch_shape=tuple(tensor["shape"][:2]), dtype="bool"))
    given = {key: value(each) for key, each in request["arguments"].items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outputs = thing("layer", request["op"])(**given)(*([inputs] if request["list"] else inputs))
    found = [get_keras_mask(tensor) for tensor in keras.tree.flatten(outputs)]
    names = dict(global_state.get_global_attribute("object_name_uids") or {})
    return {"masks": [None if mask is None else mask.ndim for mask in found], "names": names}


def arguments(model: keras.Model, layers: dict[str, Any]) -> list[str]:
    """Where the configuration of a layer is not that of one made from the arguments that the graph has."""
    functional = model._functional if isinstance(model, keras.Sequential) else model
    found = []
    for operation in functional.operations:
        if isinstance(operation, keras.Model):
            found += arguments(operation, layers["models"][operation.name])
        elif operation.name in layers["layers"]:
            wanted, got = plain(make(layers["layers"][operation.name], operation.name)), plain(operation)
            found += [
                f"{operation.name}: {key}: the graph says {wanted.get(key)}, the code made {got.get(key)}"
                for key in {**wanted, **got}
                if wanted.get(key) != got.get(key)
            ]
    return found


def make(layer: dict[str, Any], name: str) -> Any:
    """A layer, or the operation of a function, from the arguments of a graph's node."""
    given = {key: value(each) for key, each in layer["arguments"].items()}
    if layer["op"] == "Input":
        return keras.Input(**given, name=name)._keras_history.operation
    if layer["role"] == "layer":
        return thing("layer", layer["op"])(**given, name=name)
    inputs: list[Any] = []
    for each in layer["inputs"]:
        tensor = keras.Input(batch_shape=tuple(each["shape"]), dtype=each["dtype"])
        if isinstance(each["argument"], str):
            given[each["argument"]] = tensor
        else:
            inputs.append(tensor)
    first = [given.pop(name) for name in layer["leading"]]
    outputs = thing("op", layer["op"])(*first, *([inputs] if layer["list"] else inputs), **given)
    return keras.tree.flatten(outputs)[0]._keras_history.operation


def plain(operation: Any) -> Any:
    """The configuration as JSON, without the automatic names of what is inside."""
    try:
        config = operation.get_config()
    except NotImplementedError:
        return {}
    text = json.dumps(config, default=repr, sort_keys=True)
    return strip(json.loads(text))


BUILT = ("name", "build_config", "attention_axes")
"""What a configuration has otherwise once the layer is built: numbered names, shapes, axes filled in."""


def strip(config: Any) -> Any:
    """A configuration without what building changes, and one-item lists as the item."""
    if isinstance(config, dict):
        return {key: strip(item) for key, item in config.items() if key not in BUILT}
    if isinstance(config, list):
        return strip(config[0]) if len(config) == 1 else [strip(item) for item in config]
    return config


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        try:
            request = json.loads(line)
            result = masks(request) if request.get("do") == "masks" else answer(request)
        except Exception as error:
            result = {"error": f"{type(error).__name__}: {str(error)[:3000]}"}
        print(json.dumps(result), file=answers, flush=True)


if __name__ == "__main__":
    main()
