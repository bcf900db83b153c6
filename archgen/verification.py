"""The proof that code and graph are one network: build the script with Keras elsewhere, compare layer by layer."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgen.checking import Checked
from archgen.codegen import generate
from archgen.graph import GraphInfo, GraphNode
from archgen.process import Ending, own_modules, require_keras, require_trust, run_python
from archgen.structure import Structure
from archgen.tensors import Tensor, Weight

if TYPE_CHECKING:
    import networkx

    from archgen.program import Program

RELOAD_TOLERANCE = 1e-6
"""How far a reloaded model's predictions may be from the saved one's (they are equal on one machine)."""


@dataclass(slots=True)
class Report:
    """What was compared and what differed."""

    name: str
    file: str
    parameters: int
    trainable: int
    layers: int = 0
    """Layers and operations compared."""
    weights: int = 0
    """Variables compared."""
    unknown: list[str] = field(default_factory=list)
    """Layers of one's own: their weights are in no sum, and were not compared."""
    differences: list[str] = field(default_factory=list)
    steps: dict[str, Any] = field(default_factory=dict)
    """What the steps after the comparison gave: losses of one training step, gaps after a reload."""
    error: str | None = None
    """What stopped the generated program, if something did."""
    traceback: str | None = None

    @property
    def agrees(self) -> bool:
        return not self.differences and self.error is None

    def as_json(self) -> dict[str, Any]:
        """For ``--format json``."""
        return {**asdict(self), "agrees": self.agrees}


def verify(checked: Checked, *, script: str | None = None, timeout: float = 600, trust: bool = False) -> Report:
    """Compare the script that a checked spec generates with its graph; raises ``ArchgenError`` without Keras.

    ``script`` is its text where the caller has generated it already (two threads must not import black at once).
    ``trust`` allows the script to import classes of one's own; without it a spec with such is an ``ArchgenError``.
    """
    graph = checked.sound().graph
    require_trust(checked.program, trust)
    require_keras()
    assert graph is not None
    info: GraphInfo = graph.graph["info"]
    nodes = [data["node"] for _, data in graph.nodes(data=True)]
    report = Report(
        info.name,
        info.file,
        sum(node.parameters for node in nodes),
        sum(node.trainable_parameters for node in nodes),
        unknown=[node.key for node in nodes if node.weights_unknown],
    )
    with tempfile.TemporaryDirectory(prefix="archgen-") as folder:
        path, request, answer = (Path(folder) / name for name in (f"{info.name}.py", "request.json", "answer.json"))
        path.write_text(script or generate(checked.program, graph, checked.plan), "utf-8")
        request.write_text(json.dumps(_request(checked, path)), "utf-8")
        ending = run_python(
            ["-m", "archgen.probe", str(request), str(answer)],
            timeout=timeout,
            capture=True,
            environment=own_modules(checked.program),
        )
        _judge(report, checked, ending, answer)
    return report


def _request(checked: Checked, script: Path) -> dict[str, Any]:
    """What the probe is asked."""
    plan = checked.plan
    arrays = {"x": plan.x if plan else (), "y": plan.y if plan else ()}
    info: GraphInfo = checked.graph.graph["info"]  # type: ignore[union-attr]
    return {
        "script": str(script),
        "attributes": _gan_models(checked.program),
        "own": list(Structure(checked.program).imports),
        "batch": _batch(checked),
        "y_names": info.output_names,
        **{key: [asdict(array) for array in value] for key, value in arrays.items()},
    }


def _gan_models(program: Program) -> list[str]:
    """The attributes under which the model of a GAN keeps its two networks."""
    return [] if program.main else ["generator", "discriminator"]


def _batch(checked: Checked) -> int:
    """A batch that the graph takes: the one that an Input fixes, or a small one."""
    assert checked.graph is not None
    for _, data in checked.graph.nodes(data=True):
        node: GraphNode = data["node"]
        if node.op == "Input" and node.outputs[0].batch is not None:
            return node.outputs[0].batch
    return 8


def _judge(report: Report, checked: Checked, ending: Ending, answer: Path) -> None:
    """Fill in the report from the probe's answer."""
    if not answer.is_file():
        report.error = f"the generated program {ending}"
        report.traceback = ending.errors or None
        return
    found = json.loads(answer.read_text("utf-8"))
    report.steps = found["steps"]
    if "error" in found:
        error = found["error"]
        report.error = f"step '{error['step']}' failed: {error['message']}"
        report.traceback = error["traceback"]
    for expected, built in _pairs(checked, found["models"]):
        report.differences += compare(expected, built, report)
    for name, gap in found["steps"].get("reload", {}).items():
        if not gap <= RELOAD_TOLERANCE:
            report.differences.append(f"{name or report.name}: predictions differ by {gap:g} after a save and a reload")


def _pairs(checked: Checked, built: dict[str, Any]) -> Iterator[tuple[Expected, dict[str, Any]]]:
    """What the graph expects beside what Keras built, for each model that the script makes."""
    program, graph = checked.program, checked.graph
    assert graph is not None
    info: GraphInfo = graph.graph["info"]
    train = program.train or {}
    for key, model in built.items():
        if key:
            name = str(train[key])
            yield Expected(name, info.models[name], program, info.models), model
        else:
            yield Expected(program.name, graph, program, info.models), model


class Expected:
    """A model as the graph describes it."""

    def __init__(
        self, name: str, graph: networkx.MultiDiGraph, program: Program, models: dict[str, networkx.MultiDiGraph]
    ) -> None:
        self.name, self.graph, self.program, self.definitions = name, graph, program, models
        self.is_main = graph is not models.get(name)
        self.info: GraphInfo = graph.graph["info"]
        self.nodes: list[GraphNode] = [data["node"] for _, data in graph.nodes(data=True)]
        self.calls: dict[object, tuple[str, int]] = {}
        """For the key of each node of its own, and the index of each frame of a model that it calls: which call of
        which layer that is."""
        counts: dict[str, int] = {}
        own: list[tuple[str | int, str]] = [(node.key, node.name) for node in self.nodes if not node.scope]
        for place, name in [*own, *self._called_models()]:
            self.calls[place] = (name, counts.get(name, 0))
            counts[name] = counts.get(name, 0) + 1

    def _called_models(self) -> list[tuple[int, str]]:
        """Index and name of each frame of a model that stands in no other."""
        frames = self.info.frames
        inside: list[bool] = []
        for frame in frames:
            parent = frame.parent
            inside.append(parent is not None and (frames[parent].kind == "model" or inside[parent]))
        called = {self._model_around(node) for node in self.nodes if node.scope}
        return [(frame.index, frame.name) for frame in frames if frame.index in called and not inside[frame.index]]

    def _model_around(self, node: GraphNode) -> int | None:
        """The index of the outermost frame of a model around a node."""
        frames, index, found = self.info.frames, node.frame, None
        while index is not None:
            if frames[index].kind == "model":
                found = index
            index = frames[index].parent
        return found

    @property
    def keras_class(self) -> str:
        part = self.program.main if self.is_main else self.program.models[self.name]
        return "Sequential" if part is not None and Structure(self.program).is_chain(part) else "Functional"

    @property
    def inputs(self) -> list[str]:
        """The names of its inputs."""
        return [self.graph.nodes[key]["node"].name for key in self.info.inputs]

    @property
    def outputs(self) -> list[tuple[str, int]]:
        """Node and output of each tensor that it gives, in Keras's order."""
        return _in_order(self.info.outputs, self.info.output_names)

    def outputs_of_call(self, frame: int) -> list[tuple[str, int]]:
        """Node and output of each tensor that a call of a model gives, in Keras's order."""
        definition: GraphInfo = self.definitions[self.info.frames[frame].name].graph["info"]
        return _in_order(self.info.model_outputs[frame], definition.output_names)

    def tensor(self, pair: tuple[str, int]) -> Tensor:
        """The tensor that a node gives."""
        node: GraphNode = self.graph.nodes[pair[0]]["node"]
        return node.outputs[pair[1]]

    def place(self, pair: tuple[str, int]) -> list[Any]:
        """The tensor that a node gives as ``[layer, call, output]``, where the layer is this model's own."""
        node: GraphNode = self.graph.nodes[pair[0]]["node"]
        if not node.scope:
            return [*self.calls[node.key], pair[1]]
        around = self._model_around(node)
        assert around is not None
        return [*self.calls[around], self.outputs_of_call(around).index(pair)]

    def reads(self, key: str) -> list[list[Any]]:
        """What a node reads, in the order of the layer's signature."""
        declared = self.graph.nodes[key]["node"].declared
        names = [] if declared.takes_list else list(declared.call_inputs)
        edges = sorted(
            (_position(data["argument"], names), data["position"], giver, data["output"])
            for giver, _, data in self.graph.in_edges(key, data=True)
        )
        places = [self.place((giver, output)) for *_, giver, output in edges]
        without_gap = [position for position, *_ in edges] == list(range(len(edges)))
        return list(declared.call_words(places)) if without_gap else places

    def layers(self) -> dict[str, list[GraphNode]]:
        """The applications of each layer or operation of its own, by Keras name."""
        found: dict[str, list[GraphNode]] = {}
        for node in self.nodes:
            if not node.scope:
                found.setdefault(node.name, []).append(node)
        return found

    def models(self) -> dict[str, list[dict[str, Any]]]:
        """What each call of each sub-model that it calls itself reads and gives."""
        entries: dict[int, list[str]] = {}
        for node in self.nodes:
            if node.op == "Input" and len(node.scope) == 1 and node.frame is not None:
                entries.setdefault(node.frame, []).append(node.key)
        found: dict[str, list[dict[str, Any]]] = {}
        for place, (name, _) in self.calls.items():
            if isinstance(place, int):
                outputs = [self.tensor(pair) for pair in self.outputs_of_call(place)]
                reads = [read for key in entries[place] for read in self.reads(key)]
                found.setdefault(name, []).append({"outputs": list(map(_show, outputs)), "reads": reads})
        return found


def _in_order(pairs: list[tuple[str, int]], names: list[str] | None) -> list[tuple[str, int]]:
    """Outputs as Keras orders them: by name where they have names."""
    return [pair for _, pair in sorted(zip(names, pairs, strict=True))] if names else pairs


def _position(argument: str | int, names: list[str]) -> int:
    """Where an argument stands in the signature."""
    if isinstance(argument, int):
        return argument
    return names.index(argument) if argument in names else len(names)


def compare(expected: Expected, built: dict[str, Any], report: Report, where: str = "") -> list[str]:
    """Every difference between a model in the graph and the one that Keras built, one line each."""
    here = f"{where}{expected.name}"
    found: list[str] = []

    def differ(what: str, wanted: Any, got: Any) -> None:
        if wanted != got:
            found.append(f"{here}: {what}: the graph has {wanted}, Keras built {got}")

    names = expected.info.output_names
    differ("name", expected.name, built["name"])
    differ("class", expected.keras_class, built["class"])
    differ("inputs", expected.inputs, built["inputs"])
    differ("outputs", [_show(expected.tensor(pair)) for pair in expected.outputs], list(map(_shown, built["outputs"])))
    differ("output names", sorted(names) if names else None, built["output_names"])
    differ("parameters", sum(node.parameters for node in expected.nodes), built["parameters"])
    differ("trainable parameters", sum(node.trainable_parameters for node in expected.nodes), built["trainable"])
    layers, models = expected.layers(), expected.models()
    by_name = {layer["name"]: layer for layer in built["layers"]}
    differ("layers", sorted([*layers, *models]), sorted(by_name))
    if found:
        return found
    differ("outputs come from", [expected.place(pair) for pair in expected.outputs], built["gives"])
    for name, nodes in layers.items():
        calls = [{"outputs": list(map(_show, node.outputs)), "reads": expected.reads(node.key)} for node in nodes]
        layer = by_name[name]
        if nodes[0].declared.imported:
            layer = {**layer, "calls": [dict(call) for call in layer["calls"]]}
            for node, ours, theirs in zip(nodes, calls, layer["calls"], strict=False):
                _by_name(expected, node, ours, theirs)
        found += _compare_layer(f"{here}/{name}", nodes[0], calls, layer, report)
    for name, calls in models.items():
        layer = by_name[name]
        report.layers += 1
        found += _compare_calls(f"{here}/{name}", calls, layer)
        if layer["model"] is None:
            found.append(f"{here}/{name}: the graph has a model, Keras built a {layer['class']}")
        else:
            inner = Expected(name, expected.definitions[name], expected.program, expected.definitions)
            found += compare(inner, layer["model"], report, f"{here}/")
    return found


def _by_name(expected: Expected, node: GraphNode, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Tell of what a call reads by name under these names, in their order: nobody knows the signature of the class."""
    edges = sorted((data["position"], data["argument"]) for *_, data in expected.graph.in_edges(node.key, data=True))
    if any(isinstance(argument, str) for _, argument in edges):
        ours["reads"] = sorted([name, *place] for (_, name), place in zip(edges, ours["reads"], strict=True))
        theirs["reads"] = sorted(
            [name, *place] for name, place in zip(theirs["arguments"], theirs["reads"], strict=True)
        )


def _compare_layer(
    here: str, node: GraphNode, calls: list[dict[str, Any]], layer: dict[str, Any], report: Report
) -> list[str]:
    """The differences of one layer: class, what every call reads and gives, weights one by one."""
    report.layers += 1
    found: list[str] = []
    wanted_class = node.declared.keras_class
    if wanted_class != layer["class"]:
        found.append(f"{here}: class: the graph has {wanted_class}, Keras built {layer['class']}")
    found += _compare_calls(here, calls, layer)
    if node.declared.imported:
        return found
    wanted = [_show_weight(path, weight) for path, weight in node.weights.items()]
    got = [_shown_weight(weight) for weight in layer["weights"]]
    report.weights += len(got)
    if sorted(wanted) != sorted(got):
        found.append(f"{here}: weights: the graph has {wanted}, Keras built {got}")
    return found


def _compare_calls(here: str, wanted: list[dict[str, Any]], layer: dict[str, Any]) -> list[str]:
    """The differences between the calls of a layer or model, one after the other."""
    got = [{"outputs": list(map(_shown, call["outputs"])), "reads": call["reads"]} for call in layer["calls"]]
    if len(wanted) != len(got):
        return [f"{here}: the graph has {len(wanted)} calls of it, Keras built {len(got)}"]
    found = []
    for number, (ours, theirs) in enumerate(zip(wanted, got, strict=True), 1):
        call = f"call {number} " if len(wanted) > 1 else ""
        for what in ("outputs", "reads"):
            if ours[what] != theirs[what]:
                found.append(f"{here}: {call}{what}: the graph has {ours[what]}, Keras built {theirs[what]}")
    return found


def _show(tensor: Tensor) -> str:
    return f"{tensor} {tensor.dtype}"


def _shown(tensor: dict[str, Any]) -> str:
    return f"{tuple(tensor['shape'])} {tensor['dtype']}"


def _show_weight(path: str, weight: Weight) -> str:
    return f"{path} {weight.shape} {weight.dtype}{'' if weight.trainable else ' frozen'}"


def _shown_weight(weight: dict[str, Any]) -> str:
    return f"{weight['path']} {tuple(weight['shape'])} {weight['dtype']}{'' if weight['trainable'] else ' frozen'}"
