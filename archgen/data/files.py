"""Arrays of one's own, from a file of NumPy's."""

from typing import Annotated, Self

from archgen.data.base import Array, Data, OptionalFlag, Wanted, reader
from archgen.data.network import Port
from archgen.layers.objects.base import FileName


class Npz(Data):
    """Arrays for every input and output, already split into training and test.

    One input reads ``x_train`` and ``x_test``, one output ``y_train`` and ``y_test``; of several, each reads the
    arrays called after it: ``image_train`` and ``image_test``.
    """

    op = "npz"
    about = "arrays of an .npz file"
    template = "npz.py.j2"
    file = "another .npz with the same arrays"

    path: Annotated[str, FileName(".npz")]
    one_hot: OptionalFlag = None

    def settle(self, wanted: Wanted) -> Self:
        return self.with_options(one_hot=bool(self.one_hot))

    def x(self, wanted: Wanted) -> tuple[Array, ...]:
        return tuple(
            (
                Array(port.example, port.tensor.dtype, "floats", bounded=False)
                if port.tensor.is_float and reader(port, "input_dim") is None
                else Array(port.example, port.tensor.dtype, "ids", high=reader(port, "input_dim") or 2, bounded=False)
            )
            for port in wanted.inputs
        )


def names(ports: tuple[Port, ...], alone: str) -> tuple[str, ...]:
    """What the arrays of ports are called in a file, without ``_train`` and ``_test``."""
    return (alone,) if len(ports) == 1 else tuple(port.name for port in ports)
