"""The judge of code and graph: write the functions of a spec, build them with Keras elsewhere, compare everything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgen.codegen import outputs_of, polish, render_functions
from archgen.errors import SpecError
from archgen.expansion import examine
from archgen.functions import functions_of
from archgen.graph import GraphInfo, GraphNode
from archgen.loader import load_source
from archgen.program import Program
from archgen.source import parse
from archgen.structure import Structure
from archgen.verification import Expected, Report, compare
from tests.layers.oracle import Oracle
from tests.layers.samples import encode

if TYPE_CHECKING:
    import networkx

ROOT = Path(__file__).parent.parent


class Builder(Oracle):
    """Keras, asked to execute generated functions and to tell what they build."""

    def start(self) -> subprocess.Popen[str]:
        environment = os.environ | {
            "KERAS_BACKEND": self.backend,
            "CUDA_VISIBLE_DEVICES": "-1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "JAX_PLATFORMS": "cpu",
            "OMP_NUM_THREADS": "1",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "tests.keras_builder"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=environment,
        )


@dataclass
class Written:
    """A spec as both forms: the graph, and the text of its functions."""

    program: Program
    graph: networkx.MultiDiGraph
    text: str

    @property
    def builders(self) -> dict[str, Expected]:
        """The functions that build a model, and what the graph expects of it."""
        info: GraphInfo = self.graph.graph["info"]
        if self.program.main:
            return {"build_model": Expected(self.program.name, self.graph, self.program, info.models)}
        return {
            f"build_{part.name}": Expected(part.name, info.models[part.name], self.program, info.models)
            for part in Structure(self.program).roots
        }


def write(spec: dict[str, Any] | str, *, pretty: bool = True) -> Written:
    """Both forms of a spec, the code in the form that ``black`` gives it unless told; raises ``SpecError``."""
    program = load_source(parse(spec if isinstance(spec, str) else json.dumps(spec)))
    graph, problems = examine(program)
    if problems or graph is None:
        raise SpecError(problems)
    functions = functions_of(program, outputs_of(graph))
    text = render_functions(functions)
    modules = [name for name in ("layers", "ops") if f"{name}." in text]
    imports = "import keras\n" + (f"from keras import {', '.join(modules)}\n" if modules else "")
    text = f"{imports}\n\n{text}"
    return Written(program, graph, polish(text, functions) if pretty else text)


def describe(written: Written, builder: Oracle) -> dict[str, Any]:
    """What Keras builds of a text: its models, arguments that differ, warnings; or ``{"error": ...}``."""
    answer: dict[str, Any] = builder.ask(
        {
            "text": written.text,
            "builders": list(written.builders),
            "layers": {name: _layers(expected) for name, expected in written.builders.items()},
        }
    )
    return answer


def differences(written: Written, builder: Oracle) -> list[str]:
    """Everything in which the model that the code builds is not the graph."""
    answer = describe(written, builder)
    if "error" in answer:
        return [answer["error"]]
    report = Report(written.program.name, "<spec>", 0, 0)
    found = [f"warning: {warning}" for warning in answer["warnings"] if "destroy the mask" not in warning]
    found += answer["arguments"]
    for name, expected in written.builders.items():
        found += compare(expected, answer["models"][name], report)
    return found


def _layers(expected: Expected) -> dict[str, Any]:
    """The arguments of every layer of a model, and of the models inside, as the builder takes them."""
    models = {
        name: _layers(Expected(name, expected.definitions[name], expected.program, expected.definitions))
        for name in expected.models()
    }
    return {
        "layers": {name: _layer(expected, nodes[0]) for name, nodes in expected.layers().items()},
        "models": models,
    }


def _layer(expected: Expected, node: GraphNode) -> dict[str, Any]:
    edges = sorted(
        (data for *_, data in expected.graph.in_edges(node.key, data=True)), key=lambda data: data["position"]
    )
    return {
        "role": node.declared.role,
        "op": node.op.removeprefix("ops."),
        "list": node.declared.takes_list,
        "leading": list(node.declared.fields)[: getattr(node.declared, "leading", 0)],
        "inputs": [
            {"shape": list(edge["tensor"].shape), "dtype": edge["tensor"].dtype, "argument": edge["argument"]}
            for edge in edges
        ],
        "arguments": encode(type(node.declared), node.arguments),
    }
