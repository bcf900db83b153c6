"""Random valid specs over the whole language, as Hypothesis strategies.

A spec is drawn forwards, node by node, with symbols for the sizes that parameters and repetitions leave open
(``tests/catalogue.py``), so that it is valid by construction: whatever archgen refuses here it refuses wrongly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from archgen.layers.base import known
from tests.catalogue import (
    ACTIVATIONS,
    EQUAL_OPS,
    LAYERS,
    TWO_FUNCTIONS,
    Choice,
    Shape,
    Symbol,
    Values,
    function,
    same_shape,
)

IDS = (
    "stem", "left", "right", "input", "len", "layers", "ops", "keras", "np", "x", "y", "z", "name", "index", "outputs",
    "inputs", "range", "zip", "self", "build", "print", "enumerate", "model", "head", "u", "argparse", "main",
    "lambda_",
)  # fmt: skip
"""Node ids; many of them mean something in Python or in a generated script."""
INPUTS = ("x", "y", "left", "input", "layers", "index", "zip", "name", "memory", "keras", "width")
BLOCKS = ("mixer", "gate", "ops", "input", "layers", "res_block", "len", "keras", "train", "index", "build_model")
MODELS = ("encoder", "decoder", "tower", "keras", "range", "layer", "np", "x", "mixed", "filter", "build")
PARAMS: dict[str, tuple[str, ...]] = {
    "size": ("width", "units", "filters", "index", "layers", "input", "name", "y", "x"),
    "count": ("depth", "times", "np"),
    "flag": ("wide", "flag", "keras"),
    "rate": ("rate", "ops"),
    "sizes": ("sizes", "widths", "zip"),
    "activation": ("activation", "act", "print"),
}
"""Names of parameters by what they hold."""


@dataclass
class Value:
    """A tensor that later nodes can read."""

    node: int | str
    output: int
    shape: Shape


@dataclass
class Signature:
    """What the calls of a block or model know of it."""

    name: str
    inputs: list[Shape]
    input_names: list[str] | None
    outputs: list[Shape]
    params: dict[str, tuple[str, Any]] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    """Models that it calls, itself or through blocks."""


class Spec:
    """A whole spec as it is drawn."""

    def __init__(self, draw: Any, steps: int) -> None:
        self.draw, self.steps = draw, steps
        self.params: dict[str, tuple[str, Any]] = {}
        self.blocks: dict[str, Signature] = {}
        self.models: dict[str, Signature] = {}
        self.text: dict[str, Any] = {"name": self.pick(("net", "model", "layers", "encoder"))}
        self.fresh = 0
        self.called_again: set[str] = set()
        self.blocked: set[str] = set()
        """Models that may not be used any more."""

    def pick(self, choices: Sequence[Any]) -> Any:
        return choices[self.draw(st.integers(0, len(choices) - 1))]

    def chance(self, percent: int) -> bool:
        return bool(self.draw(st.integers(0, 99)) >= 100 - percent)

    def number(self, low: int, high: int) -> int:
        return int(self.draw(st.integers(low, high)))

    def opaque(self) -> Symbol:
        """A symbol that equals no other."""
        self.fresh += 1
        return ("opaque", self.fresh)

    def declare_params(self, most: int, taken: Sequence[str] = ()) -> dict[str, tuple[str, Any]]:
        """Parameters with what they hold and their defaults."""
        params: dict[str, tuple[str, Any]] = {}
        for _ in range(self.number(0, most)):
            holds = self.pick(("size", "size", "count", "count", *PARAMS))
            name = self.pick(PARAMS[holds])
            if name not in taken:
                params[name] = (holds, self.constant(holds))
        return params

    def constant(self, holds: str) -> Any:
        match holds:
            case "size":
                return self.number(1, 4)
            case "count":
                return self.number(0, 3)
            case "flag":
                return self.chance(50)
            case "rate":
                return self.pick((0.25, 0.5))
            case "sizes":
                return [self.number(1, 4) for _ in range(self.number(1, 3))]
        return self.pick(ACTIVATIONS)

    def whole(self) -> dict[str, Any]:
        self.params = self.declare_params(3)
        blocks: dict[str, Any] = {}
        models: dict[str, Any] = {}
        for _ in range(self.number(0, self.steps // 2 + 1)):
            if self.chance(60):
                self.declare(blocks, "block")
            else:
                self.declare(models, "model")
        gan = self.chance(5)
        for key in ("generator", "discriminator") if gan else ():
            self.text.setdefault("train", {"kind": "gan"})[key] = name = self.declare(models, "model")
            self.blocked |= {name, *self.reached(name)}
        if self.params:
            self.text["params"] = {name: default for name, (_, default) in self.params.items()}
        for key, table in (("blocks", blocks), ("models", models)):
            if table:
                names = list(table) if self.chance(50) else list(reversed(table))
                self.text[key] = {name: table[name] for name in names}
        if not gan:
            part = PartDrawer(self, "main", {})
            part.fill()
            self.text |= part.definition()
        return self.text

    def reached(self, name: str) -> set[str]:
        """Models that a model calls, itself or through others."""
        called = self.models[name].models
        return {*called, *(each for model in called for each in self.reached(model))}

    def declare(self, table: dict[str, Any], kind: str) -> str:
        """Draw a block or model; its name."""
        taken = {*self.blocks, *self.models, *self.called_again}
        free = [each for each in (BLOCKS if kind == "block" else MODELS) if each not in taken]
        name: str = self.pick(free)
        inputs: dict[str, Shape] = {}
        if kind == "block":
            for number in range(self.pick((1, 1, 1, 2, 3))):
                names = [each for each in INPUTS if each not in inputs]
                shape = Shape(self.pick(("vector", "vector", "sequence", "image")), ("space", number), ("in", number))
                shape = shape._replace(space=0) if shape.kind == "vector" else shape
                inputs["x" if number == 0 and self.chance(50) else self.pick(names)] = shape
        part = PartDrawer(self, kind, self.declare_params(3, tuple(inputs)), inputs, name)
        part.fill()
        table[name] = part.definition()
        signatures = self.blocks if kind == "block" else self.models
        signatures[name] = part.signature()
        return name


class PartDrawer(Values):
    """Draws one part: the main graph, a block or a model."""

    def __init__(
        self,
        spec: Spec,
        kind: str,
        params: dict[str, tuple[str, Any]],
        inputs: dict[str, Shape] | None = None,
        name: str = "",
    ) -> None:
        self.spec, self.kind, self.name, self.params = spec, kind, name, params
        self.inputs = inputs or {}
        self.nodes: list[dict[str, Any]] = []
        self.values: list[Value] = [Value(key, 0, shape) for key, shape in self.inputs.items()]
        self.unread: set[int | str] = set()
        self.again: dict[int, tuple[Shape, Choice]] = {}
        """Layers that can be called again: what they read and what they are."""
        self.called: set[str] = set()
        self.input_shapes: dict[int, Shape] = {}
        self.outputs: list[Value] = []
        self.last_when: str | None = None
        if kind != "block":
            for _ in range(self.pick((1, 1, 1, 2))):
                self.add_input()
        self.scope = {name: holds for name, (holds, _) in {**spec.params, **params}.items() if name not in self.inputs}

    def pick(self, choices: Any) -> Any:
        return self.spec.pick(choices)

    def chance(self, percent: int) -> bool:
        return self.spec.chance(percent)

    # Arguments

    def named(self, holds: str) -> list[str]:
        """Parameters in scope that hold this; none that an expression would take for a function."""
        return [name for name, held in self.scope.items() if held == holds and name not in ("len", "range")]

    def symbol(self, name: str) -> Symbol:
        return ("param", self.name if name in self.params else "", name)

    def size(self) -> tuple[Any, Symbol]:
        names, lists, inputs = self.named("size"), self.named("sizes"), list(self.inputs)
        if names and self.chance(50):
            name = self.pick(names)
            if self.chance(60):
                return f"${name}", self.symbol(name)
            forms = ("{} * 2", "{}+1", "max({}, 2)", "min({}, 3)", "2 * ({} + 1)", "{} if {} > 1 else 2", "abs(-{})")
            form = self.pick(forms)
            return "$" + form.format(*[name] * form.count("{}")), self.spec.opaque()
        if lists and self.chance(20):
            return (
                "$" + self.pick(("{}[0]", "{}[-1]", "len({})", "max({}[0], 2)")).format(self.pick(lists)),
                self.spec.opaque(),
            )
        if inputs and self.chance(20):
            name = self.pick(inputs)
            if self.chance(60):
                return f"${name}.shape[-1]", self.inputs[name].channels
            return f"$max({name}.shape[-1] // 2, 1)", self.spec.opaque()
        size = self.spec.number(1, 5)
        return (f"${size - 1} + 1", size) if self.chance(5) else (size, size)

    def flag(self) -> Any:
        names = self.named("flag")
        if names and self.chance(60):
            return self.pick(("${}", "$not {}", "${} and True", "$False or {}")).format(self.pick(names))
        sizes = self.named("size")
        if sizes and self.chance(20):
            return f"${self.pick(sizes)} > 2"
        return self.chance(50)

    def activation(self) -> Any:
        names, flags = self.named("activation"), self.named("flag")
        if names and self.chance(50):
            return f"${self.pick(names)}"
        if flags and self.chance(20):
            return f"$'relu' if {self.pick(flags)} else 'tanh'"
        return self.pick(ACTIVATIONS)

    def rate(self) -> Any:
        names = self.named("rate")
        if names and self.chance(60):
            return self.pick(("${}", "${} / 2", "$1 - {}")).format(self.pick(names))
        return self.pick((0.25, 0.1, 0.5))

    def argument(self, holds: str) -> tuple[Any, Symbol]:
        """An argument for a block's parameter, and its symbol where it is a size."""
        match holds:
            case "size":
                return self.size()
            case "flag":
                return self.flag(), None
            case "activation":
                return self.activation(), None
            case "rate":
                return self.rate(), None
            case "count":
                return self.count()[0], None
        names = self.named("sizes")
        if names and self.chance(50):
            return f"${self.pick(names)}", None
        return self.spec.constant("sizes"), None

    def count(self) -> tuple[Any, int | None]:
        """A number of repetitions, and what it is where that is certain."""
        names = self.named("count")
        if names and self.chance(85):
            form = self.pick(("{}", "{}", "{} + 1", "max({}, 1)", "{} - {} // 2"))
            return "$" + form.format(*[self.pick(names)] * form.count("{}")), None
        count = self.pick((2, 3, 1, 0, 2))
        return count, count

    def condition(self) -> Any:
        if self.last_when is not None and self.chance(40):
            return self.last_when
        flags, sizes, inputs = self.named("flag"), self.named("size"), list(self.inputs)
        found: list[Any] = [True, False, "True", "1 > 2", "$not False"]
        found += [f"{flags[0]}", f"not {flags[-1]}"] if flags else []
        found += [f"{sizes[0]} > 2", f"${sizes[-1]} != 1 and {sizes[0]} < 4"] if sizes else []
        found += [f"{name}.shape[-1] > 2 or {name}.shape[-1] == 1" for name in inputs] * 2
        return self.pick(found)

    # References

    def is_free(self, name: str) -> bool:
        taken = {node.get("id") for node in self.nodes} | {*self.inputs, *self.params, *self.spec.params}
        models = {*self.called, *(name for block in self.spec.blocks.values() for name in block.models)}
        return name not in taken | models | {*self.spec.models} and name.isidentifier()

    def name_node(self, index: int) -> str:
        """The id of a node, given now where it has none."""
        node = self.nodes[index]
        if "id" not in node:
            free = [name for name in IDS if self.is_free(name)]
            name = self.pick(free[: max(len(free) // 2, 8)]) if free else f"node{index}"
            self.nodes[index] = {"id": name, **node}
        return str(self.nodes[index]["id"])

    def reference(self, value: Value) -> str:
        if isinstance(value.node, str):
            return value.node
        name = self.name_node(value.node)
        return f"{name}[{value.output}]" if value.output or self.chance(5) else name

    def read(self, values: list[Value], names: Sequence[str] | None, takes_list: bool = False) -> dict[str, Any]:
        """The word ``from`` for what a node reads, if it needs one."""
        for value in values:
            self.unread.discard(value.node)
        if takes_list:
            return {"from": [self.reference(value) for value in values]}
        if len(values) == 1 and not values[0].output:
            first = next(iter(self.inputs), None)
            before = len(self.nodes) - 1 if self.nodes else first
            if values[0].node == before and self.chance(75):
                return {}
        references = [self.reference(value) for value in values]
        if names is not None and len(names) >= len(values) and self.chance(30):
            pairs = list(zip(names, references, strict=False))
            return {"from": dict(reversed(pairs) if self.chance(50) else pairs)}
        if len(references) == 1:
            return {"from": references if self.chance(10) else references[0]}
        return {"from": references}

    # Nodes

    def add(self, node: dict[str, Any], outputs: list[Shape]) -> Value:
        """Enter a node; its first output."""
        index = len(self.nodes)
        self.nodes.append(node)
        if self.chance(25):
            self.name_node(index)
        self.unread.add(index)
        self.values += [Value(index, number, shape) for number, shape in enumerate(outputs)]
        return self.values[-len(outputs)]

    def add_input(self) -> Value:
        kind = self.pick(("vector", "vector", "sequence", "image", "ids"))
        channels = self.spec.number(1, 4)
        space = 0
        node: dict[str, Any] = {"op": "Input", "shape": [channels]}
        match kind:
            case "sequence" | "ids":
                space = self.spec.opaque() if self.chance(20) else self.pick((3, 4))
                node["shape"] = [space if isinstance(space, int) else None, channels][: 1 + (kind == "sequence")]
                channels = channels if kind == "sequence" else 0
            case "image":
                space = self.pick((3, 4))
                node["shape"] = [space, space, channels]
        if kind == "ids":
            node["dtype"] = "int32"
        self.input_shapes[len(self.nodes)] = Shape(kind, space, channels)
        return self.add(node, [Shape(kind, space, channels)])

    def apply(self, value: Value, choice: Choice) -> Value:
        """A layer on a value, perhaps repeated or under a condition."""
        node: dict[str, Any] = {"op": choice.op, **choice.arguments}
        names = known("layer")[choice.op].call_inputs
        node |= self.read([value], names)
        outputs = choice.outputs
        index = len(self.nodes)
        plain = True
        if len(outputs) == 1 and outputs[0].kind == value.shape.kind:
            more, outputs = self.words(node, value.shape, outputs[0])
            plain = not more
            node |= more
        if plain:
            self.again[index] = (value.shape, choice)
        return self.add(node, outputs)

    def words(self, node: dict[str, Any], given: Shape, after: Shape) -> tuple[dict[str, Any], list[Shape]]:
        """``repeat`` and ``when`` now and then, and what the node gives with them."""
        words: dict[str, Any] = {}
        if self.chance(15):
            words["repeat"], after = self.repeat(node, given, after)
        if self.chance(15):
            words["when"] = self.condition()
            self.last_when = words["when"]
            after = self.either(given, after)
        return words, [after]

    def either(self, one: Shape, two: Shape) -> Shape:
        """What is known of a tensor that is one or the other."""
        space = one.space if one.space == two.space else self.spec.opaque()
        channels = one.channels if one.channels == two.channels else self.spec.opaque()
        return Shape(one.kind, space, channels)

    def repeat(self, node: dict[str, Any], given: Shape, after: Shape) -> tuple[Any, Shape]:
        lists = {"units": "Dense", "filters": "Conv2D"}
        for argument, op in lists.items():
            if node["op"] == op and "strides" not in node and self.chance(50):
                del node[argument]
                return self.repeat_lists(argument, node, given)
        count, certain = self.count()
        if after == given:
            return count, given
        steady = "strided" not in str(after.space) and not self.depends(after, given)
        if steady and certain:
            return count, after
        return count, self.either(given, Shape(after.kind, self.spec.opaque(), self.spec.opaque()))

    def depends(self, after: Shape, given: Shape) -> bool:
        """Whether a shape is another one's in part, so that a further turn may change it."""
        return after.space != given.space or str(given.channels) in str(after.channels)

    def repeat_lists(self, argument: str, node: dict[str, Any], given: Shape) -> tuple[Any, Shape]:
        names = self.named("sizes")
        if names and self.chance(50):
            return {argument: f"${self.pick(names)}"}, given._replace(channels=self.spec.opaque())
        sizes = [self.size() for _ in range(self.pick((2, 1, 3)))]
        lists: dict[str, Any] = {argument: [size for size, _ in sizes]}
        if self.chance(30) and "activation" not in node:
            lists["activation"] = [self.activation() for _ in sizes]
        return lists, given._replace(channels=sizes[-1][1])

    # Steps

    def fill(self) -> None:
        """Draw nodes until there are enough, then see to it that every one of them is read."""
        if self.chance(15) and self.kind != "block" and len(self.nodes) == 1:
            self.chain()
        else:
            for _ in range(self.spec.number(1, self.spec.steps)):
                self.step()
        while not self.nodes:
            self.step()
        self.finish()

    def chain(self) -> None:
        """Layers and models one after the other, as a Sequential has them."""
        for _ in range(self.spec.number(1, 5)):
            value = self.values[-1]
            if value.output or value.node != len(self.nodes) - 1:
                break
            models = [name for name, model in self.spec.models.items() if len(model.inputs) == 1]
            if models and self.chance(30):
                self.use_model(self.pick(models), value)
                continue
            choice = LAYERS[value.shape.kind](self, value.shape)
            self.unread.discard(value.node)
            self.add({"op": choice.op, **choice.arguments}, choice.outputs)

    def value(self, kinds: Sequence[str] = ("vector", "sequence", "image", "ids")) -> Value | None:
        """A value to go on from: often the last one, or one that nothing has read."""
        fitting = [value for value in self.values if value.shape.kind in kinds]
        if not fitting:
            return None
        unread = [value for value in fitting if value.node in self.unread]
        if self.chance(50):
            return fitting[-1]
        return self.pick(unread if unread and self.chance(70) else fitting)

    def step(self) -> None:
        steps = ["layer", "layer", "layer", "merge", "merge", "again", "function", "attention"]
        steps += ["block"] * (3 * bool(self.spec.blocks)) + ["model"] * (2 * bool(self.spec.models))
        steps += ["input"] if self.kind == "main" else []
        match self.pick(steps):
            case "merge":
                self.merge()
            case "again":
                self.call_again()
            case "function":
                self.function()
            case "attention":
                self.attend()
            case "block":
                self.use_block(self.pick(list(self.spec.blocks)))
            case "model":
                self.use_model(self.pick(list(self.spec.models)))
            case "input":
                self.add_input()
            case _:
                value = self.value()
                assert value is not None
                self.apply(value, LAYERS[value.shape.kind](self, value.shape))

    def like(self, value: Value) -> Value | None:
        """Another value of the same shape, made where there is none."""
        same = [each for each in self.values if each.shape == value.shape and each is not value]
        if same and self.chance(80):
            return self.pick(same[-3:])
        units = self.units_for(value.shape.channels)
        near = [v for v in self.values if v.shape[:2] == value.shape[:2] and v is not value]
        if units is None or not near:
            return value if self.chance(50) else None
        other = self.pick(near)
        node = {"op": "Dense", "units": units, **self.read([other], ("inputs",))}
        return self.add(node, [value.shape])

    def units_for(self, channels: Symbol) -> Any:
        """An argument that is a size with this symbol, if one can be written here."""
        if isinstance(channels, int):
            return channels
        match channels:
            case ("param", _, name) if self.scope.get(name) == "size" and self.symbol(name) == channels:
                return f"${name}"
            case ("in", number):
                return f"${list(self.inputs)[number]}.shape[-1]"
        return None

    def merge(self) -> None:
        value = self.value(("vector", "sequence", "image"))
        if value is None:
            return
        if self.chance(40):
            near = [each for each in self.values if each.shape[:2] == value.shape[:2]]
            values = [value, *(self.pick(near) for _ in range(self.pick((1, 1, 2))))]
            shape = value.shape._replace(channels=("cat", *(each.shape.channels for each in values)))
            axis = {"axis": -1} if self.chance(30) else {}
            node = {"op": "Concatenate", **axis, **self.read(values, None, takes_list=True)}
            self.add(node, [shape])
            return
        other = self.like(value)
        if other is None:
            return
        op = self.pick(EQUAL_OPS)
        values = [value, other] + ([value] if op in ("Add", "Multiply") and self.chance(20) else [])
        node = {"op": op, **self.read(values, None, takes_list=True)}
        more, outputs = self.words(node, value.shape, value.shape)
        self.add(node | more, outputs)

    def call_again(self) -> None:
        made = [
            (index, value)
            for index, (shape, choice) in self.again.items()
            for value in self.values
            if value.shape == shape
        ]
        if not made:
            return
        index, value = self.pick(made)
        _, choice = self.again[index]
        name = self.name_node(index)
        self.spec.called_again.add(name)
        if name in {*self.spec.blocks, *self.spec.models, self.name} or not name[0].islower():
            return
        node: dict[str, Any] = {"op": name, **self.read([value], None)}
        outputs = choice.outputs
        if len(outputs) == 1 and outputs[0] == value.shape:
            more, outputs = self.words(node, value.shape, outputs[0])
            node |= more
        self.add(node, outputs)

    def function(self) -> None:
        value = self.value(("vector", "sequence", "image"))
        if value is None:
            return
        match self.pick(("one", "one", "two", "stack")):
            case "two":
                other = self.like(value)
                if other is None:
                    return
                name, outputs = self.pick(TWO_FUNCTIONS), [value.shape]
                node = {"op": f"ops.{name}", **self.read([value, other], known("op")[name].call_inputs)}
            case "stack" if value.shape.kind == "vector" and (other := self.like(value)):
                node = {"op": "ops.stack", "axis": 1, **self.read([value, other], None, takes_list=True)}
                outputs = [Shape("sequence", 2, value.shape.channels)]
            case _:
                choice = function(self, value.shape)
                outputs = choice.outputs
                node = {"op": f"ops.{choice.op}", **choice.arguments}
                node |= (
                    {"from": {choice.reads: self.reference(value)}}
                    if choice.reads
                    else self.read([value], known("op")[choice.op].call_inputs)
                )
                self.unread.discard(value.node)
        if len(outputs) == 1 and outputs[0].kind == value.shape.kind:
            more, outputs = self.words(node, value.shape, outputs[0])
            node |= more
        self.add(node, outputs)

    def attend(self) -> None:
        """An attention layer, or a recurrent one that starts from a state."""
        sequences = [value for value in self.values if value.shape.kind == "sequence"]
        if not sequences:
            return
        query, memory = self.pick(sequences), self.pick(sequences)
        match self.pick(("heads", "heads", "dot", "state")):
            case "dot" if query.shape.channels == memory.shape.channels:
                node: dict[str, Any] = {"op": self.pick(("Attention", "AdditiveAttention"))}
                node |= self.read([query, memory], None, takes_list=True)
                outputs = [query.shape]
                if isinstance(memory.shape.space, int) and self.chance(30):
                    node["call"] = {"return_attention_scores": True}
                    outputs.append(Shape("sequence", query.shape.space, memory.shape.space))
            case "state" if states := [value for value in self.values if value.shape.kind == "vector"]:
                node, outputs = self.start_from(query, self.pick(states))
            case _:
                node = {"op": "MultiHeadAttention", "num_heads": self.size()[0], "key_dim": self.size()[0]}
                node |= {"dropout": self.rate()} if self.chance(20) else {}
                reads = [query] if query is memory and self.chance(50) else [query, memory]
                node |= self.read(reads, ("query", "value"))
                if self.chance(30):
                    node["call"] = {"use_causal_mask": self.flag()}
                outputs = [query.shape]
        self.add(node, outputs)

    def start_from(self, sequence: Value, state: Value) -> tuple[dict[str, Any], list[Shape]]:
        """A GRU or an LSTM of as many units as the state has."""
        units, count = self.units_for(state.shape.channels), self.pick((1, 2))
        if units is None:
            units = 3
            state = self.dense(state, Shape("vector", 0, 3))
        node: dict[str, Any] = {"op": "GRU" if count == 1 else "LSTM", "units": units}
        states = [self.reference(state)] * count
        given: Any = states if count == 2 or self.chance(50) else states[0]
        pairs = {"sequences": self.reference(sequence), "initial_state": given}
        node["from"] = pairs if self.chance(50) else dict(reversed(pairs.items()))
        self.unread -= {sequence.node, state.node}
        return node, [Shape("vector", 0, state.shape.channels)]

    # Blocks and models

    def become(self, value: Value | None, shape: Shape) -> Value:
        """A value of exactly this shape, made from any other."""
        if value is None or value.shape.kind == "ids":
            value = self.vector(value)
        if value.shape == shape:
            return value
        if shape.kind == value.shape.kind and shape.space == value.shape.space:
            return self.dense(value, shape)
        value = self.vector(value)
        if shape.kind == "vector":
            return self.dense(value, shape)
        if shape.kind == "sequence":
            node = {"op": "RepeatVector", "n": shape.space, **self.read([value], ("inputs",))}
            return self.dense(self.add(node, [Shape("sequence", shape.space, value.shape.channels)]), shape)
        if shape.kind == "image":
            total = shape.space * shape.space * shape.channels
            value = self.dense(value, Shape("vector", 0, total))
            target = [shape.space, shape.space, shape.channels]
            return self.add({"op": "Reshape", "target_shape": target, **self.read([value], ("inputs",))}, [shape])
        assert shape.kind == "ids"
        same = [each for each in self.values if each.shape.kind == "ids" and each.shape.space == shape.space]
        return same[0] if same else self.add_ids(shape)

    def add_ids(self, shape: Shape) -> Value:
        if self.kind == "block":
            raise Unfit
        self.input_shapes[len(self.nodes)] = shape
        space = shape.space if isinstance(shape.space, int) else None
        return self.add({"op": "Input", "shape": [space], "dtype": "int32"}, [shape])

    def dense(self, value: Value, shape: Shape) -> Value:
        if value.shape == shape:
            return value
        return self.add({"op": "Dense", "units": shape.channels, **self.read([value], ("inputs",))}, [shape])

    def vector(self, value: Value | None) -> Value:
        """A vector made from what there is."""
        if value is None:
            value = self.values[-1]
        if value.shape.kind == "vector":
            return value
        if value.shape.kind == "ids":
            choice = LAYERS["ids"](self, value.shape)
            value = self.add({"op": choice.op, **choice.arguments, **self.read([value], ("inputs",))}, choice.outputs)
        op = {"sequence": "GlobalMaxPooling1D", "image": "GlobalAveragePooling2D"}[value.shape.kind]
        return self.add({"op": op, **self.read([value], ("inputs",))}, [Shape("vector", 0, value.shape.channels)])

    def use_block(self, name: str) -> None:
        block = self.spec.blocks[name]
        called = {*block.models, *(each for model in block.models for each in self.spec.reached(model))}
        named = {node.get("id") for node in self.nodes}
        if called & {self.name, *self.spec.blocked} or named & {*block.models}:
            return
        values = []
        for shape in block.inputs:
            value = self.value((shape.kind,))
            if value is None and shape.kind == "image":
                return
            if value is None:
                value = self.become(None, Shape(shape.kind, 3 if shape.kind == "sequence" else 0, 2))
            values.append(value)
        node: dict[str, Any] = {"op": name}
        known_sizes: dict[Symbol, Symbol] = {}
        for param, (holds, default) in block.params.items():
            symbol: Symbol = default
            if self.chance(60):
                node[param], symbol = self.argument(holds)
            if holds == "size":
                known_sizes[("param", name, param)] = symbol
        self.called |= set(block.models)
        node |= self.read(values, block.input_names)
        outputs = self.results(block, [value.shape for value in values], known_sizes)
        if len(outputs) == 1 and outputs[0].kind == values[0].shape.kind:
            more, outputs = self.block_words(node, block, values[0].shape, outputs[0])
            node |= more
        self.add(node, outputs)

    def block_words(
        self, node: dict[str, Any], block: Signature, given: Shape, after: Shape
    ) -> tuple[dict[str, Any], list[Shape]]:
        """``repeat`` and ``when`` of a block: what comes out is known where a turn changes nothing."""
        words: dict[str, Any] = {}
        unknown = Shape(given.kind, self.spec.opaque() if given.kind != "vector" else 0, self.spec.opaque())
        if self.chance(35):
            params = [name for name, (holds, _) in block.params.items() if holds == "size"]
            if params and self.chance(60):
                turns = self.pick((1, 2, 3))
                lists: dict[str, Any] = {}
                for name in params[: self.pick((1, 2))]:
                    node.pop(name, None)
                    names = self.named("sizes")
                    if names and not lists and self.chance(30):
                        lists[name] = f"${self.pick(names)}"
                        break
                    lists[name] = [self.size()[0] for _ in range(turns)]
                words["repeat"] = lists
            else:
                words["repeat"] = self.count()[0]
            after = given if after == given and isinstance(words["repeat"], int) else unknown
        if self.chance(15):
            words["when"] = self.condition()
            self.last_when = words["when"]
            after = self.either(given, after)
        return words, [after]

    def results(self, part: Signature, given: list[Shape], sizes: dict[Symbol, Symbol]) -> list[Shape]:
        """What a call of a part gives, in the symbols of this part."""
        replaced: dict[Symbol, Symbol] = dict(sizes)
        for number, shape in enumerate(given):
            replaced[("in", number)], replaced[("space", number)] = shape.channels, shape.space

        def here(symbol: Symbol) -> Symbol:
            if symbol in replaced or not isinstance(symbol, tuple):
                return replaced.get(symbol, symbol)
            if symbol[0] == "opaque":
                replaced[symbol] = self.spec.opaque()
                return replaced[symbol]
            return tuple(here(each) for each in symbol)

        return [Shape(shape.kind, here(shape.space), here(shape.channels)) for shape in part.outputs]

    def use_model(self, name: str, value: Value | None = None) -> None:
        model = self.spec.models[name]
        taken = {node.get("id") for node in self.nodes if node["op"][0].isupper()}
        if name in taken or {name, *self.spec.reached(name)} & {self.name, *self.spec.blocked}:
            return
        try:
            values = [self.fit(shape, value) for shape in model.inputs]
        except Unfit:
            return
        self.called |= {name}
        node: dict[str, Any] = {"op": name, **self.read(values, model.input_names)}
        outputs = model.outputs
        if len(outputs) == 1 and outputs[0] == model.inputs[0] == values[0].shape:
            more, outputs = self.words(node, values[0].shape, outputs[0])
            node |= more
        self.add(node, outputs)

    def fit(self, shape: Shape, value: Value | None) -> Value:
        """A value that a model's Input takes."""
        if isinstance(shape.space, int):
            return self.become(value or self.value((shape.kind,)), shape)
        fitting = [each for each in self.values if each.shape.kind == shape.kind]
        found = self.pick(fitting) if fitting else self.become(None, shape._replace(space=3))
        return self.become(found, shape._replace(space=found.shape.space))

    # The end

    def finish(self) -> None:
        """Choose the outputs so that every node leads to one."""
        open_values = [value for value in self.values if value.node in self.unread and not value.output]
        while len(open_values) > (3 if self.kind != "block" else 2) or (open_values and self.chance(30)):
            if len(open_values) < 2:
                break
            values = [self.vector(value) for value in open_values]
            channels = ("cat", *(value.shape.channels for value in values))
            node = {"op": "Concatenate", **self.read(values, None, takes_list=True)}
            open_values = [self.add(node, [Shape("vector", 0, channels)])]
            break
        if not open_values:
            open_values = [self.values[-1]]
        if open_values[0].shape.kind == "ids" or (self.kind != "block" and len(self.nodes) == len(self.input_shapes)):
            value = self.vector(open_values[0])
            choice = same_shape(self, value.shape)
            node = {"op": choice.op, **choice.arguments, **self.read([value], ("inputs",))}
            open_values[0] = self.add(node, choice.outputs)
        if self.chance(10):
            open_values.append(self.pick([value for value in self.values if value.shape.kind != "ids"]))
        self.outputs = open_values

    def definition(self) -> dict[str, Any]:
        """The part as a spec has it."""
        text: dict[str, Any] = {}
        outputs = self.outputs
        last = len(self.nodes) - 1
        if not (len(outputs) == 1 and outputs[0].node == last and outputs[0].output == 0 and self.chance(70)):
            references = [self.reference(value) for value in outputs]
            form = self.pick(("list", "object", "list"))
            if len(references) == 1 and self.chance(70):
                text["outputs"] = references[0]
            elif form == "object" and len(references) <= 4:
                names = self.pick((("b", "a", "d", "c"), ("one", "two", "three", "zero")))
                text["outputs"] = dict(zip(names, references, strict=False))
            else:
                text["outputs"] = references
        if self.params and self.kind != "main":
            text["params"] = {name: default for name, (_, default) in self.params.items()}
        if self.kind == "block" and not (list(self.inputs) == ["x"] and self.chance(70)):
            text["inputs"] = list(self.inputs)
        if self.kind == "model":
            self.spec_inputs()
        return {**text, "nodes": self.nodes}

    def spec_inputs(self) -> None:
        """Give the Inputs ids now and then, so that calls can name them."""
        if self.chance(50):
            for index in self.input_shapes:
                self.name_node(index)

    def signature(self) -> Signature:
        models = {*self.called}
        if self.kind == "block":
            names: list[str] | None = list(self.inputs)
            inputs = list(self.inputs.values())
        else:
            names = [self.nodes[index].get("id") for index in self.input_shapes]
            names = None if None in names else names
            inputs = list(self.input_shapes.values())
        outputs = [value.shape for value in self.outputs]
        return Signature(self.name, inputs, names, outputs, self.params, tuple(models))


class Unfit(Exception):
    """What a model needs cannot be made here."""


@st.composite
def specs(draw: Any, steps: int = 7) -> dict[str, Any]:
    """A whole valid spec; ``steps`` bounds how large it gets."""
    return Spec(draw, steps).whole()
