"""A whole script from its parts: the text of the functions that build the model, and a plan of how it is trained."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from archgen.literals import escaped, literal, prose
from archgen.names import is_identifier, is_module, spell
from archgen.script_data import loading, picture
from archgen.script_training import evaluation, fitting
from archgen.training import GAN, Autoencoder, Network, Plan, Port

if TYPE_CHECKING:
    import jinja2

STANDARD = {
    "argparse": "import argparse",
    "csv": "import csv",
    "os": "import os",
    "sys": "import sys",
    "Path": "from pathlib import Path",
}
THIRD_PARTY = {
    "keras": "import keras",
    "np": "import numpy as np",
    "tf": "import tensorflow as tf",
    "layers": "from keras import layers",
    "ops": "from keras import ops",
    "Figure": "from matplotlib.figure import Figure",
    "load_breast_cancer": "from sklearn.datasets import load_breast_cancer",
    "load_diabetes": "from sklearn.datasets import load_diabetes",
    "load_digits": "from sklearn.datasets import load_digits",
    "load_iris": "from sklearn.datasets import load_iris",
    "load_wine": "from sklearn.datasets import load_wine",
    "train_test_split": "from sklearn.model_selection import train_test_split",
    "MinMaxScaler": "from sklearn.preprocessing import MinMaxScaler",
    "StandardScaler": "from sklearn.preprocessing import StandardScaler",
}
BUILDING = ("keras", "layers", "ops", "np")
"""What the functions that build the model may use."""
IMPORTED = (*STANDARD, *THIRD_PARTY)
"""Names that a script may import: no variable of its functions may hide one."""
DEFINED = (
    "CLASSES",
    "GAN",
    "build_model",
    "check",
    "draw_reconstructions",
    "draw_samples",
    "evaluate",
    "load_data",
    "main",
    "positive_int",
    "read_file",
    "save_history",
    "train",
)
"""Names that a script may define itself: no block may take one."""


def builder_of(model: str) -> str:
    """The function that builds a sub-model.

    >>> builder_of("encoder"), builder_of("model")
    ('build_encoder', 'build_model_')
    """
    return spell(f"build_{model}", (*DEFINED, *IMPORTED))


def render_script(
    *,
    name: str,
    functions: str,
    network: Network,
    plan: Plan | None = None,
    title: str | None = None,
    description: str | None = None,
    source: str | None = None,
    own: Mapping[str, str] | None = None,
) -> str:
    """The text of a script, valid Python that black has not seen yet.

    ``functions`` is the text of every block function, ``build_<model>()`` and ``build_model()``, in the order in which
    they are to stand, without imports: those are added for the names that the text uses (``BUILDING``). With a GAN's
    plan it holds ``build_<generator>()`` and ``build_<discriminator>()`` and no ``build_model()``, which is written
    here. ``network`` is what ``network_of`` reads from the graph. ``plan`` is what ``settle`` made of the spec's
    ``train``; without one the script builds, summarises and checks the model only. ``name`` is the spec's name,
    ``title`` and ``description`` are prose, and ``source`` is the spec's file name, which the docstring mentions.
    ``own`` are the classes of one's own that the functions use, each with its module.

    Whatever the plan, the module offers ``build_model()`` and, with a plan, ``train(model, x, y, epochs=...,
    batch_size=...)`` (``train(model, x, epochs=..., batch_size=...)`` where ``plan.y`` is empty: autoencoder and GAN).
    Importing it does nothing but define them.
    """
    script: dict[str, Any] = {
        "name": literal(name),
        "summary": literal(_for_argparse(_one_line(title or name))),
        "directory": literal(f"runs/{name}"),
        "model_file": literal(f"{name}.keras"),
    }
    if plan is None:
        template = "untrained.py.j2"
        context: dict[str, Any] = {"x": random_inputs(network.inputs)}
    else:
        template, context = trained(plan, script)
    body = environment().get_template(template).render(functions=functions.strip("\n"), script=script, **context)
    docstring = [*prose(_sentence(title or name)), *([""] if description else []), *prose(description or "")]
    docstring += ["", *usage(name, plan is not None)]
    docstring += ["", escaped(f"Written by archgen from {source}.")] if source else []
    return (
        environment()
        .get_template("script.py.j2")
        .render(
            docstring=docstring,
            imports=imports(body, functions, own or {}, backend=isinstance(plan and plan.training, GAN)),
            body=body,
        )
    )


def trained(plan: Plan, script: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The template for a plan and what it reads; adds the defaults of the options to ``script``."""
    training, data = plan.training, plan.data
    script |= {
        "epochs": training.epochs,
        "batch_size": training.batch_size,
        "seed": training.seed,
        "data_help": literal(data.file),
    }
    context: dict[str, Any] = {"data": loading(plan), "train": fitting(plan)}
    if isinstance(training, GAN):
        noise = plan.network.models[training.generator].inputs[0].example
        context["gan"] = {
            "generator": f"{builder_of(training.generator)}()",
            "discriminator": f"{builder_of(training.discriminator)}()",
            "noise": f"(count, {', '.join(map(str, noise))})",
        }
        return "gan.py.j2", context | {"picture": picture(plan)}
    if isinstance(training, Autoencoder):
        script["decoded"] = ".argmax(axis=-1)" if len(plan.wanted.outputs[0].example) > len(plan.x[0].shape) else ""
        return "autoencoder.py.j2", context | {"picture": picture(plan)}
    context["evaluate"], script["classes"] = evaluation(plan)
    return "supervised.py.j2", context


def usage(name: str, trains: bool) -> list[str]:
    """How to run it, as lines of the docstring."""
    ways = [("", f"train, evaluate and save to runs/{name}" if trains else "print the layers and run it once")]
    ways += [(" --summary", "print the layers and stop"), (" --help", "list the options")]
    return ["To run it:", "", *(f"    python {name}.py{option:<12}{meaning}" for option, meaning in ways)]


def imports(body: str, functions: str, own: Mapping[str, str], *, backend: bool) -> dict[str, Any]:
    """The import lines for the names that a script uses, in the usual order."""
    if not all(is_identifier(name) and is_module(module) for name, module in own.items()):
        raise ValueError("what is imported has to be a class and a module by name")
    built = {statement.name for statement in ast.parse(functions).body if isinstance(statement, ast.FunctionDef)}
    used: set[str] = {"os"} if backend else set()
    for statement in ast.parse(body).body:
        names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        is_built = isinstance(statement, ast.FunctionDef) and statement.name in built
        used |= names & set(BUILDING if is_built else IMPORTED)
    return {
        "standard": _ordered(line for name, line in STANDARD.items() if name in used),
        "third_party": _ordered(line for name, line in THIRD_PARTY.items() if name in used),
        "own": _ordered(f"from {module} import {name}" for name, module in sorted(own.items())),
        "backend": 'os.environ["KERAS_BACKEND"] = "tensorflow"  # GAN.train_step is written for it' if backend else "",
    }


def _ordered(lines: Any) -> list[str]:
    """Import lines in the usual order: modules, then names from modules, those of one module on one line."""
    plain: list[str] = []
    names: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("from "):
            module, _, imported = line.removeprefix("from ").partition(" import ")
            names.setdefault(module, []).append(imported)
        else:
            plain.append(line)
    return sorted(plain) + [f"from {module} import {', '.join(names[module])}" for module in sorted(names)]


def random_inputs(ports: tuple[Port, ...]) -> str:
    """Random arrays for the inputs of a network, one or a dict of them, as an expression over ``rng``."""
    from archgen.data import Wanted
    from archgen.data.synthetic import Synthetic, known

    def drawn(port: Port) -> str:
        size = f"size={literal((port.tensor.batch or 2, *known(port.example)))}"
        if port.tensor.dtype == "string":
            return f"keras.ops.convert_to_tensor(np.full({size.removeprefix('size=')}, 'text'))"
        array = Synthetic().array(port, Wanted(ports))
        if array.holds == "binary":
            return f"rng.integers(2, {size}).astype(bool)"
        return f"rng.integers({array.high}, {size})" if array.holds == "ids" else f"rng.normal({size})"

    if len(ports) == 1:
        return drawn(ports[0])
    return f"{{{', '.join(f'{literal(port.name)}: {drawn(port)}' for port in ports)}}}"


def _for_argparse(text: str) -> str:
    """A description as argparse shows it: it fills in ``%(prog)s``, and only then reads ``%``."""
    return text.replace("%", "%%") if "%(prog)" in text else text


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _sentence(text: str) -> str:
    text = _one_line(text)
    return text if text.endswith((".", "!", "?")) else f"{text}."


@cache
def environment() -> jinja2.Environment:
    """The templates, set up for Python text: nothing undefined is passed over, nothing is escaped for HTML."""
    import jinja2

    from archgen.resources import resource

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource("templates")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
