"""A second reading of a spec: built with Keras node by node, without archgen's inference or its generator.

It knows the part of the language in which ``grow`` writes: nodes with their words, blocks, models, several outputs.
"""

from __future__ import annotations

from typing import Any

import keras

from archgen.layers.base import Declared, Operation, known
from archgen.layers.kinds import Object
from tests.layers.keras_worker import thing, value
from tests.layers.samples import encode

Tensors = list[Any]
WORDS = ("op", "id", "from", "call", "repeat")


def build(spec: dict[str, Any]) -> keras.Model:
    """The model of a spec; raises whatever Keras raises."""
    keras.utils.clear_session(free_memory=False)
    return Reader(spec).model(spec["name"], spec)


class Reader:
    """Reads the parts of one spec; a model is built when it is first called."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.models: dict[str, keras.Model] = {}
        for name, part in spec.get("models", {}).items():
            self.models[name] = self.model(name, part)

    def model(self, name: str, part: dict[str, Any]) -> keras.Model:
        values, inputs = self.run(part["nodes"], {}, "")
        outputs = [self.find(reference, values) for reference in listed(part["outputs"])]
        single = isinstance(part["outputs"], str)
        return keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs[0] if single else outputs, name=name)

    def run(
        self, nodes: list[dict[str, Any]], values: dict[str, Tensors], prefix: str
    ) -> tuple[dict[str, Tensors], Tensors]:
        """What the nodes give by id, and the Inputs."""
        made: dict[str, Any] = {}
        inputs: Tensors = []
        last: Tensors = next(iter(values.values()), [])
        for node in nodes:
            name = node.get("id")
            full = f"{prefix}{name}" if name else None
            reads = [self.find(each, values) for each in references(node)] if "from" in node else last[:1]
            for turn in range(1, node.get("repeat", 1) + 1):
                called = f"{full}_{turn}" if "repeat" in node and full else full
                last, layer = self.apply(node, called, reads, made, inputs)
                reads = last
            if name:
                values[name] = last
                made[name] = layer
        return values, inputs

    def apply(
        self, node: dict[str, Any], name: str | None, reads: Tensors, made: dict[str, Any], inputs: Tensors
    ) -> tuple[Tensors, Any]:
        """What one node gives, and the layer that it made."""
        op, layer = node["op"], None
        if op in self.models:
            return keras.tree.flatten(self.models[op](reads if len(reads) > 1 else reads[0])), None
        if op in self.spec.get("blocks", {}):
            part = self.spec["blocks"][op]
            given = {name: [tensor] for name, tensor in zip(part["inputs"], reads, strict=True)}
            values, _ = self.run(part["nodes"], given, f"{name}_")
            return [self.find(reference, values) for reference in listed(part["outputs"])], None
        if op in made:
            declared, layer = made[op]
            positional, named = passed(declared, reads)
            return keras.tree.flatten(layer(*positional, **named)), made[op]
        role = "op" if op.startswith("ops.") else "layer"
        declared = known(role)[op.removeprefix("ops.")]
        assert issubclass(declared, Operation)
        arguments = as_arguments(declared, {key: given for key, given in node.items() if key not in WORDS})
        if op == "Input":
            inputs.append(keras.Input(**arguments, name=name))
            return [inputs[-1]], None
        positional, named = passed(declared, reads)
        if isinstance(node.get("from"), dict):
            positional, named = [], dict(zip(node["from"], reads, strict=True))
        call = {**named, **node.get("call", {})}
        if role == "op":
            first = [arguments.pop(name) for name in list(declared.fields)[: declared.leading] if name in arguments]
            return keras.tree.flatten(thing("op", op)(*first, *positional, **arguments, **call)), None
        layer = thing("layer", op)(**arguments, **({"name": name} if name else {}))
        return keras.tree.flatten(layer(*positional, **call)), (declared, layer)

    @staticmethod
    def find(reference: str, values: dict[str, Tensors]) -> Any:
        name, _, index = reference.rstrip("]").partition("[")
        return values[name][int(index or 0)]


def passed(declared: type[Operation], reads: Tensors) -> tuple[list[Any], dict[str, Any]]:
    """Tensors by position, and those that Keras takes by name only."""
    if declared.takes_list:
        return [reads], {}
    pairs = list(zip(declared.call_inputs, reads, strict=False))
    named = {name: tensor for name, tensor in pairs if name in declared.by_name}
    return list(declared.call_words([tensor for name, tensor in pairs if name not in named])), named


def as_arguments(declared: type[Declared], given: dict[str, Any]) -> dict[str, Any]:
    """Arguments as Keras takes them."""
    encoded = encode(declared, {name: as_object(each) for name, each in given.items()})
    return {name: value(each) for name, each in encoded.items()}


def as_object(given: Any) -> Any:
    if isinstance(given, dict):
        return Object(given["op"], {name: as_object(each) for name, each in given.items() if name != "op"})
    return [as_object(each) for each in given] if isinstance(given, list) else given


def references(node: dict[str, Any]) -> list[str]:
    return list(node["from"].values()) if isinstance(node["from"], dict) else listed(node["from"])


def listed(given: str | list[str]) -> list[str]:
    return [given] if isinstance(given, str) else given
