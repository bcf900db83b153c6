"""Made-up data of the network's own shapes, which a network can learn from."""

from typing import Annotated, Self

from archgen.data.base import Array, Data, SplitSeed, TestSize, Wanted, reader
from archgen.data.network import Port
from archgen.errors import LayerError
from archgen.layers.kinds import Int
from archgen.tensors import Shape

UNKNOWN = 32
"""What an unknown dimension becomes."""


class Synthetic(Data):
    """A few hidden factors, drawn at random, make both the inputs and the targets."""

    op = "synthetic"
    about = "made-up data"
    template = "synthetic.py.j2"
    file = ".npz of your own instead"

    examples: Annotated[int, Int(10, 1_000_000)] = 500
    test_size: TestSize = 0.2
    seed: SplitSeed = 0

    def settle(self, wanted: Wanted) -> Self:
        for port in wanted.inputs:
            if port.tensor.dtype == "string":
                raise LayerError(
                    f"synthetic data has no strings, which input '{port.name}' takes",
                    code="data-mismatch",
                    hint="use data of your own, or start from an Input of numbers",
                )
        return self

    def x(self, wanted: Wanted) -> tuple[Array, ...]:
        return tuple(self.array(port, wanted) for port in wanted.inputs)

    def array(self, port: Port, wanted: Wanted) -> Array:
        """What one input takes: ids below the size of a table that it is looked up in, or numbers."""
        shape, dtype = known(port.example), port.tensor.dtype
        rows = reader(port, "input_dim") or reader(port, "num_tokens")
        if dtype == "bool":
            return Array(shape, dtype, "binary", 0, 1)
        pixels = any(op.op == "Rescaling" for op in port.readers)
        if rows is not None or port.tensor.is_integer:
            size = rows or (256 if pixels else 2)
            return Array(shape, dtype if port.tensor.is_integer else "int32", "ids", 0, size)
        if pixels:
            return Array(shape, dtype, "floats", 0, 255)
        low, high = wanted.span or (-3, 3)
        return Array(shape, dtype, "floats", low, high, wanted.span is not None)

    @property
    def train_size(self) -> int:
        """How many of the examples are for training."""
        return self.examples - max(1, round(self.examples * self.test_size))


def known(shape: Shape) -> tuple[int, ...]:
    """A shape with a number for every dimension."""
    return tuple(UNKNOWN if dim is None else dim for dim in shape)
