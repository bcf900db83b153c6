"""What every training is: arguments that read as ``compile`` and ``fit`` read them, and a plan for a network."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, ClassVar

from archgen.data import Array, Data, Network, Port, Source, Wanted
from archgen.data.base import fits, show
from archgen.errors import LayerError
from archgen.layers.base import Declared
from archgen.layers.kinds import Bool, Choice, Flag, Float, Int, ListOf, Made, OneOf, PositiveInt
from archgen.training.arguments import flattened

AnOptimizer = Annotated[Any, Made("optimizer")]
AnyData = Annotated[Data, Source()]
Callbacks = Annotated[list[Any], ListOf(Made("callback", strings=()), tuples=False)]
Compile = Annotated[bool | str, OneOf(Choice("auto"), Bool())]
RandomSeed = Annotated[int, Int(0)]
Split = Annotated[float, Float(0, 0.99)]


@dataclass(frozen=True, slots=True)
class Plan:
    """A ``train`` section that goes with its network, every open option decided."""

    training: "Training"
    data: Data
    wanted: Wanted
    network: Network
    x: tuple[Array, ...]
    """One per input of the network; of the discriminator, for a GAN."""
    y: tuple[Array, ...] = ()
    """One per output; empty where the targets are the inputs (autoencoder) or there are none (GAN)."""


@dataclass(slots=True)
class Findings:
    """Mistakes as they are found."""

    errors: list[LayerError] = field(default_factory=list)

    def of(self, check: Callable[[], Any], *where: str | int) -> Any:
        """What a check gives; or ``None``, after keeping its mistakes as seen from ``where``."""
        try:
            return check()
        except LayerError as error:
            self.errors += [each.under(*where) for each in flattened(error)]
            return None

    def add(self, message: str, *where: str | int, hint: str | None = None, code: str = "data-mismatch") -> None:
        """Keep a mistake."""
        self.errors.append(LayerError(message, param=where, hint=hint, code=code))


class Training(Declared):
    """How a network is trained."""

    role: ClassVar[str] = "training"
    abstract: ClassVar[bool] = True
    monitored: ClassVar[str] = "loss"
    """A metric that every such training logs."""

    data: AnyData
    optimizer: AnOptimizer = "rmsprop"
    epochs: PositiveInt = 1
    batch_size: PositiveInt = 32
    shuffle: Flag = True
    callbacks: Callbacks = []
    steps_per_execution: PositiveInt = 1
    jit_compile: Compile = "auto"
    seed: RandomSeed = 0

    def check(self) -> None:
        if getattr(self, "validation_split", 0):
            return
        for index, callback in enumerate(self.callbacks):
            monitor = getattr(callback, "monitor", "")
            if monitor.startswith("val_") and getattr(callback, "save_best_only", True):
                offers = "" if self.op == "gan" else ', or add "validation_split": 0.1'
                raise LayerError(
                    f'{callback.op} monitors "{monitor}", and nothing is validated',
                    param=("callbacks", index),
                    code="bad-argument",
                    hint=f'write "monitor": "{self.monitored}"{offers}',
                )

    def plan(self, network: Network, found: Findings) -> Plan | None:
        """The plan for a network, or ``None``; mistakes go to ``found``."""
        raise NotImplementedError

    def arrays(self, wanted: Wanted, found: Findings) -> tuple[Data | None, tuple[Array, ...]]:
        """The settled data and what enters the network, checked against its inputs."""
        data = found.of(lambda: self.data.settle(wanted), "data")
        x = found.of(lambda: data.x(wanted), "data") if data else None
        if x is None:
            return None, ()
        for port, array in zip(wanted.inputs, x, strict=True):
            found.of(partial(check_input, data, port, array), "data")
        return data, x


def check_input(data: Data, port: Port, array: Array) -> None:
    """Whether an array can enter; raises ``LayerError`` with the shapes that met."""
    details = ((data.op, f"{array} {array.dtype}"), (port.name, f"{port.tensor} {port.tensor.dtype}"))
    if not fits(array.shape, port.example):
        raise LayerError(
            f"{data.op} gives {array}, and input '{port.name}' takes {port.tensor}",
            code="data-mismatch",
            details=details,
            hint=f'write "shape": {show(array.shape)} in the Input',
        )
    if array.holds == "floats" and not port.tensor.is_float:
        raise LayerError(
            f"{data.op} gives {array.dtype} values, and input '{port.name}' takes {port.tensor.dtype}",
            code="data-mismatch",
            details=details,
            hint=f'take "dtype": "{port.tensor.dtype}" out of the Input',
        )
