"""Images that Keras loads from its cache or the network, or from a file of the same layout."""

from typing import Annotated, ClassVar, Self

from archgen.data.base import Array, Data, OptionalFlag, OptionalShape, Scale, Wanted, check_scale, one_input, shape_for
from archgen.layers.kinds import Choice
from archgen.tensors import Shape, product


class Images(Data):
    """Images of bytes, with a class each."""

    abstract: ClassVar[bool] = True
    template = "images.py.j2"
    targets = "classes"
    downloads = True
    pixels: ClassVar[Shape] = ()
    """Height and width, and the channels where there are several."""
    names: ClassVar[tuple[str, ...]] = ()

    shape: OptionalShape = None
    scale: Scale = None
    one_hot: OptionalFlag = None

    def check(self) -> None:
        check_scale(self.scale)

    def settle(self, wanted: Wanted) -> Self:
        port = one_input(self, wanted)
        raw = any(op.op == "Rescaling" for op in port.readers) or port.tensor.is_integer
        scale = self.scale or wanted.span or ("none" if raw else (0.0, 1.0))
        return self.with_options(scale=scale, shape=shape_for(self, port, self.shape, self.shapes()))

    def shapes(self) -> tuple[Shape, ...]:
        """The shapes that an image can take without moving a value: its own, flattened, as rows, with a channel."""
        size = product(self.pixels)
        if len(self.pixels) == 3:
            height, width, channels = self.pixels
            return self.pixels, (size,), (height, product((width, channels))), (product((height, width)), channels)
        height, width = self.pixels
        return self.pixels, (height, width, 1), (size,), (size, 1), (1, height, width), (height, width, 1, 1)

    def x(self, wanted: Wanted) -> tuple[Array, ...]:
        shape = self.shape or self.pixels
        if isinstance(self.scale, tuple):
            return (Array(shape, "float32", "floats", *self.scale),)
        if wanted.inputs[0].tensor.is_integer:
            return (Array(shape, "uint8", "ids", 0, 256),)
        return (Array(shape, "float32", "floats", 0, 255),)

    @property
    def number_of_classes(self) -> int | None:
        return len(self.names)

    def class_names(self) -> tuple[str, ...]:
        return self.names


class Mnist(Images):
    """70,000 handwritten digits, 28x28."""

    op = "mnist"
    about = "handwritten digits"
    pixels = (28, 28)
    names = tuple("0123456789")


class FashionMnist(Images):
    """70,000 pictures of clothes, 28x28, 10 classes."""

    op = "fashion_mnist"
    about = "pictures of clothes"
    pixels = (28, 28)
    names = (
        "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
    )  # fmt: skip


class Cifar10(Images):
    """60,000 colour images, 32x32, 10 classes."""

    op = "cifar10"
    about = "colour images"
    pixels = (32, 32, 3)
    names = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


class Cifar100(Images):
    """60,000 colour images, 32x32, 100 fine or 20 coarse classes."""

    op = "cifar100"
    about = "colour images"
    pixels = (32, 32, 3)

    label_mode: Annotated[str, Choice("fine", "coarse")] = "fine"

    @property
    def number_of_classes(self) -> int | None:
        return 100 if self.label_mode == "fine" else 20
