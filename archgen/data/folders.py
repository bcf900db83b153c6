"""One's own images and texts, in a folder with a folder for each class."""

from typing import Annotated, ClassVar, Self

from archgen.data.base import (
    Array,
    Data,
    OptionalFlag,
    Scale,
    SplitSeed,
    TestSize,
    Wanted,
    check_scale,
    one_input,
    reader,
)
from archgen.data.texts import DEFAULT_LENGTH, DEFAULT_WORDS, OptionalLength, OptionalWords, check_words
from archgen.errors import LayerError
from archgen.layers.kinds import Choice, Sizes
from archgen.layers.objects.base import FileName

COLORS = {1: "grayscale", 3: "rgb", 4: "rgba"}
"""How images are read, by the number of channels."""
DEFAULT_SIZE = (256, 256)

OptionalSize = Annotated[tuple[int, int] | None, Sizes(2, nullable=True)]
ColorMode = Annotated[str | None, Choice(*COLORS.values(), nullable=True)]


class Folder(Data):
    """Files sorted into a folder for each class, which is read as a whole."""

    abstract: ClassVar[bool] = True
    targets = "either"
    exists = "is_dir"
    file = "another folder of the same layout"

    path: Annotated[str, FileName()]
    test_size: TestSize = 0.2
    seed: SplitSeed = 0
    one_hot: OptionalFlag = None


class ImageFolder(Folder):
    """Images of any size, resized to that of the input."""

    op = "image_folder"
    about = "images of a folder"
    template = "image_folder.py.j2"

    image_size: OptionalSize = None
    color_mode: ColorMode = None
    scale: Scale = None

    def check(self) -> None:
        check_scale(self.scale)

    def settle(self, wanted: Wanted) -> Self:
        port = one_input(self, wanted)
        if len(port.example) != 3:
            raise LayerError(
                f"{self.op} gives height, width and channels, and input '{port.name}' takes {port.tensor}",
                code="data-mismatch",
                hint='write "shape": [64, 64, 3] in the Input',
            )
        height, width, channels = port.example
        size = self.image_size or (height or DEFAULT_SIZE[0], width or DEFAULT_SIZE[1])
        raw = any(op.op == "Rescaling" for op in port.readers) or port.tensor.is_integer
        return self.with_options(
            image_size=size,
            color_mode=self.color_mode or COLORS.get(channels or 3, "rgb"),
            scale=self.scale or wanted.span or ("none" if raw else (0.0, 1.0)),
        )

    def x(self, wanted: Wanted) -> tuple[Array, ...]:
        channels = next(number for number, name in COLORS.items() if name == self.color_mode)
        low, high = self.scale if isinstance(self.scale, tuple) else (0, 255)
        return (Array((*(self.image_size or DEFAULT_SIZE), channels), "float32", "floats", low, high),)


class TextFolder(Folder):
    """Texts as word ids, cut and padded to one length. Id 0 pads, 1 stands for every rare word."""

    op = "text_folder"
    about = "texts of a folder as word ids"
    template = "text_folder.py.j2"

    num_words: OptionalWords = None
    maxlen: OptionalLength = None

    def settle(self, wanted: Wanted) -> Self:
        port = one_input(self, wanted)
        length = port.example[0] if len(port.example) == 1 else None
        return self.with_options(
            num_words=self.num_words or reader(port, "input_dim") or DEFAULT_WORDS,
            maxlen=self.maxlen or length or DEFAULT_LENGTH,
        )

    def x(self, wanted: Wanted) -> tuple[Array, ...]:
        size = self.num_words or DEFAULT_WORDS
        check_words(self, wanted, size)
        return (Array((self.maxlen,), "int64", "ids", 0, size),)
