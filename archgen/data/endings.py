"""What a network ends with: the last activation, as far as the op that gives an output shows it."""

from dataclasses import dataclass
from math import inf

from archgen.data.network import Port
from archgen.errors import LayerError
from archgen.layers.objects import Loss

SPANS: dict[str, tuple[float, float]] = {
    "sigmoid": (0, 1),
    "hard_sigmoid": (0, 1),
    "sparse_sigmoid": (0, 1),
    "softmax": (0, 1),
    "sparsemax": (0, 1),
    "tanh": (-1, 1),
    "hard_tanh": (-1, 1),
    "softsign": (-1, 1),
    "relu": (0, inf),
    "relu6": (0, 6),
    "softplus": (0, inf),
    "exponential": (0, inf),
}
"""The values that an activation can give."""
LAYERS = {"Softmax": "softmax", "ReLU": "relu"}
"""Layers that are an activation and no more."""
PROBABILITIES = {
    "softmax": ("softmax", "sparsemax"),
    "sigmoid": ("sigmoid", "hard_sigmoid", "sparse_sigmoid", "softmax", "sparsemax"),
}
"""The activations that do where a loss expects one."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The last activation of a network."""

    name: str
    maker: str
    """The op that has it."""

    @property
    def span(self) -> tuple[float, float] | None:
        """The values it can give, where it limits them."""
        return SPANS.get(self.name)


def ending(port: Port) -> Ending | None:
    """The last activation before an output; ``None`` where the op does not show it."""
    maker = port.maker
    if maker is None:
        return None
    if maker.op in LAYERS:
        return Ending(LAYERS[maker.op], maker.op)
    if "activation" not in maker.fields:
        return None
    activation = getattr(maker, "activation", None)
    return Ending(activation or "linear", maker.op) if isinstance(activation, str | None) else None


def check_ending(port: Port, loss: Loss, spoken: str) -> None:
    """Whether a loss can read an output; raises ``LayerError`` where it is certain that it cannot."""
    end = ending(port)
    if end is None or loss.activation not in PROBABILITIES:
        return
    wanted = loss.activation
    units = port.tensor.channels
    if end.name in ("softmax", "sparsemax") and units == 1:
        raise LayerError(
            f"softmax over 1 unit is always 1, so output '{port.name}' cannot learn",
            code="loss-mismatch",
            hint='write "activation": "sigmoid" with "loss": "binary_crossentropy", or give it a unit per class',
        )
    if wanted == "sigmoid" and end.name in PROBABILITIES["softmax"] and units is not None and units > 2:
        raise LayerError(
            f"{spoken} judges each unit by itself, and output '{port.name}' ends with {end.name} over {units} classes",
            code="loss-mismatch",
            hint=f'write "loss": "categorical_crossentropy", or "activation": "sigmoid" in the last {end.maker}',
        )
    if loss.from_logits and end.name in PROBABILITIES["sigmoid"]:
        raise LayerError(
            f"{spoken} is told to expect logits, and output '{port.name}' ends with {end.name}",
            code="loss-mismatch",
            hint=f'take "from_logits" out, or the "activation" of the last {end.maker}',
        )
    if loss.from_logits or end.name in PROBABILITIES[wanted]:
        return
    if units == 1 and wanted == "softmax":
        sigmoid = "" if end.name == "sigmoid" else ' and "activation": "sigmoid"'
        hint = f'write "loss": "binary_crossentropy"{sigmoid}, or "activation": "softmax" with a unit per class'
    else:
        hint = f'write "activation": "{wanted}" in the last {end.maker}'
        if end.name == "linear" and "from_logits" in loss.fields:
            hint += f', or {{"op": "{loss.op}", "from_logits": true}} as the loss'
    raise LayerError(
        f"{spoken} expects {wanted}, and output '{port.name}' ends with {end.name}",
        code="loss-mismatch",
        hint=hint,
    )
