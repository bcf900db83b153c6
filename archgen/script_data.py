"""What templates read of a plan's data: how it is loaded, reshaped and scaled, and whether it can be drawn."""

from __future__ import annotations

from typing import Any

from archgen.data.base import Array, Span
from archgen.data.endings import SPANS, ending
from archgen.data.files import Npz, names
from archgen.data.folders import Folder, ImageFolder, TextFolder
from archgen.data.images import Images
from archgen.data.network import Port
from archgen.data.synthetic import Synthetic, known
from archgen.data.tabular import Csv, ScikitLearn, Table
from archgen.data.texts import Reuters, Texts
from archgen.literals import escaped, literal
from archgen.tensors import Shape
from archgen.training import Plan

SEEN_CLASSES = 10
"""How many classes made-up data has at most: with a thousand of them no two examples would share one."""


def loading(plan: Plan) -> dict[str, Any]:
    """What the template of ``load_data`` reads."""
    data = plan.data
    context: dict[str, Any] = {
        "template": f"data/{data.template}",
        "name": data.op,
        "exists": data.exists,
        "docstring": escaped(f"Load {describe(plan)}."),
        "labelled": bool(plan.y),
        "classes": None,
        "one_hot": False,
    }
    if plan.y and plan.y[0].holds != "floats":
        context |= {"classes": int(plan.y[0].high) if plan.y[0].holds != "binary" else 2}
        context["one_hot"] = bool(getattr(data, "one_hot", False))
    if isinstance(data, Table):
        context |= table(data)
    elif isinstance(data, Images):
        context |= images(data, plan)
    elif isinstance(data, Texts):
        context |= texts(data)
    elif isinstance(data, Folder):
        context |= folder(data)
    elif isinstance(data, Npz):
        context |= {"path": literal(data.path), "reads": reads(plan)}
    elif isinstance(data, Synthetic):
        context |= synthetic(data, plan)
    return context


def describe(plan: Plan) -> str:
    """What the arrays are, as a phrase of the docstring."""
    about = plan.data.about
    if len(plan.x) > 1 or len(plan.y) > 1:
        return f"{about}, an array for every input and output"
    (x,) = plan.x
    if x.holds != "floats":
        what = "whole numbers"
    elif x.bounded:
        what = f"values from {x.low:g} to {x.high:g}"
    else:
        what = "standardized values" if getattr(plan.data, "scale", None) == "standard" else "values"
    if None not in x.shape:
        what = f"{'x'.join(map(str, x.shape))} {what}"
    forms = {"floats": "their targets", "one_hot": "one-hot classes", "binary": "labels 0 or 1"}
    return f"{about}: {what}" + (f", and {forms.get(plan.y[0].holds, 'class numbers')}" if plan.y else "")


def reshape(shape: Shape) -> str:
    """The method call that gives examples a shape."""
    return f".reshape(-1, {', '.join(map(str, shape))})"


def rescale(scale: Span | str | None, greatest: float) -> str:
    """The arithmetic that takes values from 0 to ``greatest`` to a scale.

    >>> rescale((0, 1), 255), rescale((-1, 1), 255), rescale((0, 255), 255)
    (' / 255', ' / 127.5 - 1', '')
    """
    if not isinstance(scale, tuple):
        return ""
    low, high = scale
    divisor = greatest / (high - low)
    text = "" if divisor == 1 else f" / {divisor:.12g}"
    return text + ("" if low == 0 else f" {'-' if low < 0 else '+'} {abs(low):.12g}")


def table(data: Table) -> dict[str, Any]:
    shape = data.shape or (data.columns,)
    change = reshape(shape) if len(shape) > 1 else ""
    scaler = {"standard": "StandardScaler()", "none": ""}.get(str(data.scale), "MinMaxScaler(")
    if scaler.endswith("(") and data.greatest:
        change, scaler = change + rescale(data.scale, data.greatest), ""
    elif scaler.endswith("("):
        scaler += ")" if data.scale == (0, 1) else f"feature_range={literal(data.scale)})"
    context: dict[str, Any] = {"x_change": change, "scaler": scaler}
    context |= {"test_size": literal(data.test_size), "seed": literal(data.seed)}
    if isinstance(data, ScikitLearn):
        context |= {"loader": data.loader}
    if isinstance(data, Csv):
        context |= {"path": literal(data.path), "target": literal(data.target) if data.target is not None else ""}
    return context


def images(data: Images, plan: Plan) -> dict[str, Any]:
    change = reshape(data.shape) if data.shape and data.shape != data.pixels else ""
    if plan.x[0].dtype == "float32":
        change += f'.astype("float32"){rescale(data.scale, 255)}'
    mode = getattr(data, "label_mode", "fine")
    return {
        "loader": data.op,
        "load_options": f"label_mode={literal(mode)}" if mode != "fine" else "",
        "x_change": change,
        "y_change": ".ravel()" if data.op.startswith("cifar") else "",
    }


def texts(data: Texts) -> dict[str, Any]:
    words = ["num_words=num_words"]
    if isinstance(data, Reuters):
        words += [f"test_split={literal(data.test_size)}", f"seed={literal(data.seed)}"]
    sides = [
        f", {name}={literal(side)}" for name in ("padding", "truncating") if (side := getattr(data, name)) != "pre"
    ]
    return {
        "loader": data.op,
        "num_words": literal(data.num_words),
        "maxlen": literal(data.maxlen),
        "load_options": ", ".join(words),
        "pad_options": "".join(sides),
        "test_size": literal(getattr(data, "test_size", None)),
        "seed": literal(getattr(data, "seed", None)),
    }


def folder(data: Folder) -> dict[str, Any]:
    """What the templates of ``image_folder`` and ``text_folder`` read."""
    context = {"path": literal(data.path), "test_size": literal(data.test_size), "seed": literal(data.seed)}
    if isinstance(data, ImageFolder):
        size = {"color_mode": literal(data.color_mode), "image_size": literal(data.image_size)}
        return {**context, **size, "scaler": "", "x_change": rescale(data.scale, 255)}
    assert isinstance(data, TextFolder)
    size = {"num_words": literal(data.num_words), "maxlen": literal(data.maxlen)}
    return {**context, **size, "scaler": "", "x_change": ""}


def reads(plan: Plan) -> list[tuple[str, str]]:
    """Assignments that read the arrays of an .npz file: variable and expression."""
    found = []
    for letter, ports, arrays in (("x", plan.wanted.inputs, plan.x), ("y", plan.wanted.outputs, plan.y)):
        for part in ("train", "test") if arrays else ():
            if not apart(plan, letter):
                value = f'data["{letter}_{part}"][:limit]'
                if letter == "y" and arrays[0].holds == "one_hot" and getattr(plan.data, "one_hot", False):
                    value = f"keras.utils.to_categorical({value}, {arrays[0].high})"
            else:
                stems = literal(names(ports, letter) if len(ports) > 1 else (ports[0].name,))
                value = f'{{name: data[f"{{name}}_{part}"][:limit] for name in {stems}}}'
            found.append((f"{letter}_{part}", value))
    return found


def apart(plan: Plan, letter: str) -> bool:
    """Whether the inputs, or the outputs, are a dict of arrays."""
    if letter == "x":
        return len(plan.wanted.inputs) > 1
    return len(plan.wanted.outputs) > 1 or plan.network.named_outputs


def synthetic(data: Synthetic, plan: Plan) -> dict[str, Any]:
    inputs = [(port, made_input(port, array, plan)) for port, array in zip(plan.wanted.inputs, plan.x, strict=True)]
    targets = [(port, made_target(port, array)) for port, array in zip(plan.wanted.outputs, plan.y, strict=False)]
    return {
        "seed": literal(data.seed),
        "examples": data.examples,
        "train": data.train_size,
        "reads": reads(plan),
        "uses_ids": any(text.startswith("ids(") for _, text in inputs),
        "x": together(inputs, apart(plan, "x")),
        "y": together(targets, apart(plan, "y")),
        "x_of": "{name: values[part] for name, values in x.items()}" if apart(plan, "x") else "x[part]",
        "y_of": "{name: values[part] for name, values in y.items()}" if apart(plan, "y") else "y[part]",
    }


def together(parts: list[tuple[Port, str]], is_dict: bool) -> str:
    """One expression, or a dict of them by name."""
    if not is_dict:
        return parts[0][1] if parts else ""
    return f"{{{', '.join(f'{literal(port.name)}: {text}' for port, text in parts)}}}"


def made_input(port: Port, array: Array, plan: Plan) -> str:
    """Made-up values for an input, as an expression."""
    shape = ", ".join(map(str, known(array.shape)))
    if array.holds == "ids":
        return f"ids({array.high:g}{', ' if shape else ''}{shape})"
    if array.holds == "binary":
        return f"mix({shape}) > 0"
    return within(f"mix({shape})", (array.low, array.high) if array.bounded else None)


def made_target(port: Port, array: Array) -> str:
    """Made-up targets for an output, as an expression."""
    shape = known(port.example)
    dims = ", ".join(map(str, shape))
    if array.holds in ("classes", "one_hot"):
        units = int(array.high)
        seen = ", ".join(map(str, (*shape[:-1], min(units, SEEN_CLASSES))))
        text = f"mix({seen}).argmax(axis=-1)"
        return text if array.holds == "classes" else f"keras.utils.to_categorical({text}, {units})"
    if shape == (1,):
        dims = ""
    if array.holds == "binary":
        return f"(mix({dims}) > 0).astype(int)"
    end = ending(port)
    return within(f"mix({dims})", SPANS.get(end.name) if end else None)


def within(mix: str, span: Span | None) -> str:
    """Values of either sign taken into a span.

    >>> within("mix(4)", (0, 255)), within("mix(4)", None)
    ('255 / (1 + np.exp(-mix(4)))', 'mix(4)')
    """
    if span is None:
        return mix
    if span == (-1, 1):
        return f"np.tanh({mix})"
    if span[1] == float("inf"):
        return f"np.exp({mix})"
    return f"{span[1] - span[0]:g} / (1 + np.exp(-{mix}))" + (f" + {span[0]:g}" if span[0] else "")


def picture(plan: Plan) -> dict[str, str] | None:
    """How examples are drawn, or ``None`` where they are no images."""
    array = plan.x[0]
    shape = getattr(plan.data, "pixels", None) or ((8, 8) if plan.data.op == "digits" else array.shape)
    if (
        array.holds != "floats"
        or None in array.shape
        or not (
            len(shape) == 2
            and plan.data.op in ("mnist", "fashion_mnist", "digits")
            or len(shape) == 3
            and shape[-1] in (1, 3)
        )
    ):
        return None
    change = reshape(shape[:2] if shape[-1] != 3 else shape) if shape != array.shape or shape[-1] == 1 else ""
    span = (array.low, array.high) if array.bounded else None
    if shape[-1] == 3:
        scaled = change + (rescale((0, 1), 1) if span in ((0, 1), None) else "")
        if span == (-1, 1):
            scaled = change + " / 2 + 0.5"
        return {"change": scaled, "colors": ".clip(0, 1)"}
    limits = f", vmin={span[0]:g}, vmax={span[1]:g}" if span else ""
    return {"change": change, "colors": f', cmap="gray"{limits}'}
