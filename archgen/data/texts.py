"""Texts as sequences of word ids, which Keras loads from its cache or the network, or from a copy of its file."""

from typing import Annotated, ClassVar, Self

from archgen.data.base import Array, Data, OptionalFlag, SplitSeed, TestSize, Wanted, one_input, reader
from archgen.errors import LayerError
from archgen.layers.kinds import Choice, Int

Side = Annotated[str, Choice("pre", "post")]
OptionalWords = Annotated[int | None, Int(4, nullable=True)]
OptionalLength = Annotated[int | None, Int(1, nullable=True)]

DEFAULT_WORDS, DEFAULT_LENGTH = 10_000, 100
"""The size of the vocabulary and the length of a text where neither the spec nor the network says."""


class Texts(Data):
    """Texts cut and padded to one length. Id 0 pads, 1 starts a text, 2 stands for every rare word."""

    abstract: ClassVar[bool] = True
    targets = "classes"
    downloads = True

    num_words: OptionalWords = None
    maxlen: OptionalLength = None
    padding: Side = "pre"
    truncating: Side = "pre"
    one_hot: OptionalFlag = None

    def settle(self, wanted: Wanted) -> Self:
        port = one_input(self, wanted)
        length = port.example[0] if len(port.example) == 1 else None
        known = reader(port, "input_dim")
        return self.with_options(
            num_words=self.num_words or (DEFAULT_WORDS if known is None else known),
            maxlen=self.maxlen or length or DEFAULT_LENGTH,
        )

    def x(self, wanted: Wanted) -> tuple[Array, ...]:
        size = self.num_words or DEFAULT_WORDS
        check_words(self, wanted, size)
        return (Array((self.maxlen,), "int32", "ids", 0, size),)


def check_words(data: Data, wanted: Wanted, size: int) -> None:
    """Whether the Embeddings that read the ids have a row for each; raises ``LayerError``."""
    known = reader(wanted.inputs[0], "input_dim")
    if known is not None and known < size:
        raise LayerError(
            f"{data.op} gives word ids up to {size - 1}, and the Embedding has rows for {known}",
            param="num_words",
            code="data-mismatch",
            hint=f'write "num_words": {known}, or give the Embedding "input_dim": {size}',
        )


class Imdb(Texts):
    """50,000 film reviews, negative or positive."""

    op = "imdb"
    about = "film reviews as word ids"
    template = "imdb.py.j2"
    file = "local .npz instead of the download"

    @property
    def number_of_classes(self) -> int | None:
        return 2

    def class_names(self) -> tuple[str, ...]:
        return "negative", "positive"


class Reuters(Texts):
    """11,228 newswires, 46 topics."""

    op = "reuters"
    about = "newswires as word ids"
    template = "reuters.py.j2"
    file = "local .npz instead of the download"

    test_size: TestSize = 0.2
    seed: SplitSeed = 113

    @property
    def number_of_classes(self) -> int | None:
        return 46
