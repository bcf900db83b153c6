"""What every data source is: options to write in a spec, and the arrays that they lead to."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

from archgen.data.network import Port
from archgen.errors import LayerError
from archgen.layers.base import Declared
from archgen.layers.kinds import Bool, Choice, Float, Int, ListOf, OneOf, ShapeOf
from archgen.layers.objects import Loss
from archgen.tensors import Shape, show_shape

Holds = Literal["floats", "ids", "classes", "one_hot", "binary"]
Span = tuple[float, float]

OptionalFlag = Annotated[bool | None, Bool(nullable=True)]
OptionalShape = Annotated[tuple[int, ...] | None, ShapeOf(unknown=False, nullable=True)]
Scale = Annotated[Span | str | None, OneOf(Choice("none"), ListOf(Float(), minimum=2, maximum=2), nullable=True)]
TestSize = Annotated[float, Float(above=0, maximum=0.9)]
SplitSeed = Annotated[int, Int(0)]


@dataclass(frozen=True, slots=True)
class Array:
    """One array of examples.

    ``shape`` is that of one example; a dimension that only the data itself knows is ``None``. ``holds`` says what
    stands in it: ``floats`` (from ``low`` to ``high``), ``ids`` (whole numbers from 0 to ``high - 1``), ``classes``
    (the same, as labels), ``one_hot`` (rows with a single 1 along the last dimension) or ``binary`` (0 or 1).
    """

    shape: Shape
    dtype: str
    holds: Holds
    low: float = 0
    high: float = 1
    bounded: bool = True
    """Whether ``low`` and ``high`` hold for the data itself, and not only for an example of it."""

    def __str__(self) -> str:
        return show_shape((None, *self.shape))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a training asks of its data: arrays for the inputs, and targets that a loss compares with the outputs."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...] = ()
    """None where there are no targets."""
    losses: tuple[Loss | None, ...] = ()
    """One per output; ``None`` where it could not be built."""
    span: Span | None = None
    """The values that the network itself gives and compares with its inputs (autoencoder, GAN)."""


class Data(Declared):
    """Where examples come from. An option that is ``None`` is open until ``settle`` decides it by the network."""

    role: ClassVar[str] = "data"
    abstract: ClassVar[bool] = True
    template: ClassVar[str] = ""
    """The template of its ``load_data``, below ``templates/data``."""
    about: ClassVar[str] = ""
    """What its examples are, as a noun phrase: ``Iris flowers``."""
    file: ClassVar[str] = "local .npz instead of the download"
    """What ``--data FILE`` takes in its place."""
    targets: ClassVar[Literal["classes", "values", "either", "any"]] = "any"
    """What its targets are by nature: a class label each, a real value each, either as the loss has it, or whatever
    its file holds."""
    downloads: ClassVar[bool] = False
    exists: ClassVar[Literal["is_file", "is_dir"]] = "is_file"
    """What a path of the source has to be."""

    def settle(self, wanted: Wanted) -> Self:
        """The same source with the options of its inputs decided; raises ``LayerError`` where one cannot be met."""
        raise NotImplementedError

    def with_options(self, **options: Any) -> Self:
        """The same source with some options set."""
        return type(self)(**{name: getattr(self, name) for name in self.fields} | options)

    def x(self, wanted: Wanted) -> tuple[Array, ...]:
        """One array per input, once settled."""
        raise NotImplementedError

    @property
    def number_of_classes(self) -> int | None:
        """How many classes there are, where the source knows."""
        return None

    @property
    def target_span(self) -> Span | None:
        """Least and greatest of its real-valued targets, where the source knows."""
        return None

    def class_names(self) -> tuple[str, ...]:
        """What its classes are called, where that says more than a number."""
        return ()


def check_scale(scale: Span | str | None) -> None:
    """Refuse bounds that do not rise."""
    if isinstance(scale, tuple) and scale[0] >= scale[1]:
        raise LayerError(
            f"the bounds of a scale rise, found [{scale[0]:g}, {scale[1]:g}]",
            param="scale",
            code="bad-argument",
            hint='write "scale": [0, 1]',
        )


def one_input(data: Data, wanted: Wanted) -> Port:
    """The only input of the network; raises ``LayerError`` where there are several."""
    if len(wanted.inputs) != 1:
        names = ", ".join(port.name for port in wanted.inputs)
        raise LayerError(
            f"{data.op} feeds one input, and the network has {len(wanted.inputs)}: {names}",
            code="data-mismatch",
            hint='use "npz", with one array per input, or "synthetic"',
        )
    return wanted.inputs[0]


def fits(shape: Shape, dims: Shape) -> bool:
    """Whether arrays of one shape may enter where another is declared; an unknown dimension fits any.

    >>> fits((28, 28), (None, 28)), fits((28, 28), (28, 28, 1))
    (True, False)
    """
    return len(shape) == len(dims) and all(a is None or b is None or a == b for a, b in zip(shape, dims, strict=True))


def shape_for(data: Data, port: Port, given: Shape | None, shapes: tuple[Shape, ...]) -> Shape:
    """The shape in which examples enter: the author's, or the first that fits the input.

    ``shapes`` are those that the examples can take by adding or joining dimensions, their own first.
    Raises ``LayerError``.
    """
    if given is not None and given not in shapes:
        raise LayerError(
            f"{data.op} gives {show_shape(shapes[0])} for each example, which cannot become {show_shape(given)}",
            param="shape",
            code="data-mismatch",
            hint=f"it can be {', '.join(show(shape) for shape in shapes)}",
        )
    near = [shape for shape in shapes if len(shape) == len(port.example)]
    return given or next((shape for shape in shapes if fits(shape, port.example)), (near or shapes)[0])


def reader(port: Port, argument: str) -> int | None:
    """The least value of an argument among the ops that read an input: ``input_dim`` of the Embeddings, say."""
    values = [value for op in port.readers if isinstance(value := getattr(op, argument, None), int)]
    return min(values, default=None)


def show(shape: Shape) -> str:
    """A shape as a spec writes it.

    >>> show((28, None))
    '[28, null]'
    """
    return f"[{', '.join('null' if dim is None else str(dim) for dim in shape)}]"
