"""Terms of a vocabulary as whole numbers: which numbers each term gets, and what Keras takes for a vocabulary.

Index 0 is the mask's, if there is a ``mask_token``; then come ``num_oov_indices`` for terms that are not in the
vocabulary, and then the vocabulary in its order.
"""

from collections import Counter
from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import Layer
from archgen.layers.checks import require_numbers
from archgen.layers.encoding import DENSE, Salt
from archgen.layers.kinds import Choice, Flag, Float, Int, Kind, ListOf, NaturalInt, Str, show
from archgen.tensors import Dim, Tensor


class Int64(Int):
    """A whole number of 64 bits."""

    def __init__(self, *, nullable: bool = False) -> None:
        super().__init__(-(2**63), 2**63 - 1, nullable=nullable)

    def phrase(self) -> str:
        return "a whole number"


class Terms(ListOf):
    """The terms of a vocabulary; a path to a file that holds them is none."""

    def __init__(self, item: Kind) -> None:
        super().__init__(item, minimum=1, tuples=False, nullable=True)

    def refuse(self, value: Any, hint: str | None = None) -> LayerError:
        if isinstance(value, str):
            hint = 'write the terms themselves, as in ["a", "b"]: a generated script reads no file to build its model'
        return super().refuse(value, hint)


class Utf8(Str):
    """A string that can be written as UTF-8."""

    def convert(self, value: Any) -> str:
        text = super().convert(value)
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise self.refuse(value, hint="leave out the half of a surrogate pair")
        return text

    def phrase(self) -> str:
        return "a string"


MaxTokens = Annotated[int | None, Int(2, nullable=True)]
OptionalText = Annotated[str | None, Utf8(nullable=True)]
OptionalNumber = Annotated[int | None, Int64(nullable=True)]
Strings = Annotated[list[str] | None, Terms(Utf8())]
WholeNumbers = Annotated[list[int] | None, Terms(Int64())]
Weights = Annotated[list[float] | None, ListOf(Float(), tuples=False, nullable=True)]
OutputMode = Annotated[str, Choice("int", "one_hot", "multi_hot", "count", "tf_idf")]


class Lookup(Layer):
    """A vocabulary and what it makes of terms.

    Only ``int`` and ``tf_idf`` give what Keras announces: the other modes give int64 for float32.
    """

    abstract = True
    category = "preprocessing"
    autocast = False
    drops = ("dtype",)
    left_out: ClassVar[dict[str, str]] = {"sparse": DENSE}
    rule = "the input's shape as int64; tf_idf: (batch, n) -> (batch, terms)"
    stricter = {
        "counts along another": "Keras announces one axis and sums over another, which can be as long",
    }
    sample_ranks: ClassVar[tuple[int, ...]] = (1, *(2,) * 8, 3, 4)

    dtype = None
    max_tokens: Any = None
    vocabulary: Any = None
    idf_weights: Any = None
    output_mode: Any = "int"
    pad_to_max_tokens: Any = False
    num_oov_indices: Any = 1
    mask_token: Any = None
    oov_token: Any = None
    invert: Any = False

    def check(self) -> None:
        if self.vocabulary is None:
            raise LayerError(
                f"{self.op} needs vocabulary: nothing adapts it to the data",
                code="missing-argument",
                hint=f'add "vocabulary": {self.fields["vocabulary"].kind.example()}',
            )
        if self.output_mode in ("one_hot", "multi_hot", "count"):
            size = len(self.special(counted=False)) + len(self.terms(counted=False))
            raise LayerError(
                f'"{self.output_mode}" gives int64 where Keras announces float32',
                param="output_mode",
                code="bad-argument",
                hint=f'leave "output_mode" out, and put {{"op": "CategoryEncoding", "num_tokens": {size}, '
                f'"output_mode": "{self.output_mode}"}} after it',
            )
        self.check_vocabulary()
        self.check_idf_weights()
        if self.pad_to_max_tokens and self.max_tokens is None:
            raise LayerError(
                "without max_tokens, nothing says how far to pad",
                param="pad_to_max_tokens",
                code="bad-argument",
                hint=f'add "max_tokens": {max(self.depth, 2)}',
            )

    def special(self, counted: bool | None = None) -> list[Any]:
        """The terms that come first: for what is masked and for what is not in the vocabulary."""
        counted = self.output_mode != "int" if counted is None else counted
        masked = [self.mask_token] if self.mask_token is not None and not counted else []
        return [*masked, *[self.oov_token] * self.num_oov_indices]

    def terms(self, counted: bool | None = None) -> list[Any]:
        """The vocabulary as Keras reads it: without the special terms, should it begin with them."""
        special, given = self.special(counted), [as_read(term) for term in self.vocabulary]
        return given[len(special) :] if given[: len(special)] == special else given

    def check_vocabulary(self) -> None:
        """Terms are there, each once, and no special one among them."""
        terms = self.terms()
        if not terms:
            raise self.bad_vocabulary("has no terms besides the special ones", "add the terms that are to be found")
        counts = Counter(terms)
        repeated = next((term for term in terms if counts[term] > 1), None)
        if repeated is not None:
            raise self.bad_vocabulary(f"has {show(repeated)} twice", f"leave one {show(repeated)} out")
        if self.mask_token is not None and as_read(self.mask_token) in terms:
            token = show(self.mask_token)
            raise self.bad_vocabulary(f"has the mask_token {token} among its terms", f"leave {token} out")
        if self.invert and self.oov_token in terms:
            token = show(self.oov_token)
            raise self.bad_vocabulary(f"has the oov_token {token} among its terms", f"leave {token} out")
        size = len(self.special()) + len(terms)
        if self.max_tokens is not None and size > self.max_tokens:
            extra = len(self.special())
            raise LayerError(
                f"{say_count(len(terms), 'term')} and {extra} before them are more than {self.max_tokens}",
                param="max_tokens",
                code="bad-argument",
                hint=f'use "max_tokens": {size}',
            )

    def bad_vocabulary(self, what: str, hint: str) -> LayerError:
        return LayerError(f"the vocabulary {what}", param="vocabulary", code="bad-argument", hint=hint)

    def check_idf_weights(self) -> None:
        """One weight for each term in ``tf_idf``, none in the other modes."""
        if self.output_mode != "tf_idf" and self.idf_weights is not None:
            raise LayerError(
                f'weights have no use in "{self.output_mode}"',
                param="idf_weights",
                code="bad-argument",
                hint='use "output_mode": "tf_idf", or leave "idf_weights" out',
            )
        if self.output_mode == "tf_idf" and self.idf_weights is None:
            raise LayerError(
                '"tf_idf" needs idf_weights',
                code="missing-argument",
                hint=f'add "idf_weights": {[1.0] * len(self.vocabulary)} with the weight of each term',
            )
        terms = len(self.vocabulary)
        if self.idf_weights is not None and len(self.idf_weights) != terms:
            raise LayerError(
                f"{say_count(len(self.idf_weights), 'weight')} for {say_count(terms, 'term')}",
                param="idf_weights",
                code="bad-argument",
                hint=f'use "idf_weights": {[*self.idf_weights, *[1.0] * terms][:terms]}, a weight for each term',
            )

    @property
    def depth(self) -> int:
        """How many numbers there are to give."""
        if self.pad_to_max_tokens and self.max_tokens is not None:
            return int(self.max_tokens)
        return len(self.special()) + len(self.terms())

    def output(self, x: Tensor, **call: Any) -> Tensor:
        self.require_terms(x)
        if self.output_mode == "int":
            return Tensor(x.shape, "int64")
        return self.weighted(x)

    def require_terms(self, x: Tensor) -> None:
        """Refuse a tensor that holds no terms."""
        raise NotImplementedError

    def weighted(self, x: Tensor) -> Tensor:
        """A weight for each term and example."""
        if x.rank == 1:
            raise LayerError(
                f'{self.op} with "tf_idf" of {x} mixes the examples of a batch',
                param="output_mode",
                hint='write "shape": [1] in the Input',
            )
        if x.rank > 2:
            raise LayerError(
                f'"tf_idf" counts along another dimension of {x} than the last',
                param="output_mode",
                hint='put {"op": "Flatten"} before it',
            )
        return Tensor((x.batch, self.depth), "float32")

    def flops(self, x: Tensor, **call: Any) -> Dim:
        """A sum for each term that is counted, and a product for each that can be."""
        if self.output_mode == "int":
            return 0
        return None if x.size is None else x.size + self.depth


class IntegerLookup(Lookup):
    """Whole numbers to their places in a vocabulary, or back with ``invert``."""

    left_out = {"vocabulary_dtype": "there is one only"}
    stricter = {"oov_token: expected a whole": "no integer of 64 bits holds it"}
    samples = {
        "vocabulary": [[0, 5], [1, 0, 4], [-1, 0, 4], [7, -1, 0, 2], [0, 3, 0], [0]],
        "idf_weights": [None, None, None, [1.0, 0.5], [0.5, 1, 2]],
        "mask_token": [None, None, 0, 7],
        "oov_token": [-1, 9, None],
        "max_tokens": [None, None, 3, 5, 9],
        "num_oov_indices": [0, 1, 1, 2, 3],
        "output_mode": ["int", "int", "int", "tf_idf", "tf_idf", "multi_hot"],
        "salt": [None, None, None, 3, [1, 2]],
    }
    sample_dtypes = ("int32", "int64", "uint8")

    max_tokens: MaxTokens = None
    num_oov_indices: NaturalInt = 1
    mask_token: OptionalNumber = None
    oov_token: OptionalNumber = -1
    vocabulary: WholeNumbers = None
    idf_weights: Weights = None
    invert: Flag = False
    output_mode: OutputMode = "int"
    pad_to_max_tokens: Flag = False
    oov_method: Annotated[str, Choice("floormod", "farmhash")] = "floormod"
    salt: Salt = None

    def check(self) -> None:
        if self.salt is not None and self.oov_method != "farmhash":
            raise LayerError(
                "a salt has no use without hashing",
                param="salt",
                code="bad-argument",
                hint='add "oov_method": "farmhash"',
            )
        if self.invert and self.output_mode != "int":
            raise LayerError(
                f'places are inverted to terms, and "{self.output_mode}" gives vectors',
                param="output_mode",
                code="bad-argument",
                hint='use "output_mode": "int"',
            )
        if self.invert and self.oov_token is None:
            raise LayerError(
                "invert needs an oov_token to give for places outside the vocabulary",
                param="oov_token",
                code="bad-argument",
                hint='use "oov_token": -1',
            )
        super().check()

    def require_terms(self, x: Tensor) -> None:
        require_numbers(self, x)


class StringLookup(Lookup):
    """Strings to their places in a vocabulary."""

    left_out = {"encoding": "used where a vocabulary is read back"}
    samples = {
        "vocabulary": [["a", "b", "c"], ["[UNK]", "a"], ["", "[UNK]", "a"], ["a", "é", "a\n'"], ["a", "b", "a"], ["a"]],
        "idf_weights": [None, None, None, [1.0, 0.5], [0.5, 1, 2]],
        "mask_token": [None, None, "", "b"],
        "oov_token": ["[UNK]", "?", None],
        "max_tokens": [None, None, 3, 5, 9],
        "num_oov_indices": [0, 1, 1, 2, 3],
        "invert": [False] * 7 + [True],
        "output_mode": ["int", "int", "int", "tf_idf", "tf_idf", "one_hot"],
        "salt": [None, None, None, 3, [1, 2]],
    }
    sample_dtypes = ("string",)

    max_tokens: MaxTokens = None
    num_oov_indices: NaturalInt = 1
    mask_token: OptionalText = None
    oov_token: OptionalText = "[UNK]"
    vocabulary: Strings = None
    idf_weights: Weights = None
    invert: Flag = False
    output_mode: OutputMode = "int"
    pad_to_max_tokens: Flag = False
    salt: Salt = None

    def check(self) -> None:
        if self.invert:
            raise LayerError(
                "inverted, it gives strings where Keras announces int64",
                param="invert",
                code="bad-argument",
                hint='leave "invert" out, and look the strings up outside the model',
            )
        super().check()

    def require_terms(self, x: Tensor) -> None:
        require_strings(self, x, "IntegerLookup")


class TextVectorization(Lookup):
    """Texts to the places of their words in a vocabulary."""

    left_out = {
        "ragged": DENSE,
        "encoding": "used where a vocabulary is read back",
    }
    rule = "(batch,) or (batch, 1) -> (batch, output_sequence_length) as int64"
    samples = {
        "vocabulary": StringLookup.samples["vocabulary"],
        "idf_weights": StringLookup.samples["idf_weights"],
        "max_tokens": [None, None, None, 5, 9],
        "output_mode": ["int", "int", "int", "tf_idf", "tf_idf", "count"],
        "ngrams": [None, None, 1, 2, [1, 2], [2]],
        "output_sequence_length": [None, None, 1, 5],
    }
    sample_ranks = (1, 1, 1, 2, 2, 2, 2, 3)
    sample_dtypes = ("string",)
    stricter = {
        "needs one text|needs the words": "Keras announces two dimensions and gives more",
        "(ngrams|output_sequence_length).*: expected": "nothing would be given",
    }

    max_tokens: MaxTokens = None
    standardize: Annotated[
        str | None, Choice("lower_and_strip_punctuation", "lower", "strip_punctuation", nullable=True)
    ] = "lower_and_strip_punctuation"
    split: Annotated[str | None, Choice("whitespace", "character", nullable=True)] = "whitespace"
    ngrams: Annotated[Any, ListOf(Int(1), minimum=1, scalar=True, nullable=True)] = None
    output_mode: OutputMode = "int"
    output_sequence_length: Annotated[int | None, Int(1, nullable=True)] = None
    pad_to_max_tokens: Flag = False
    vocabulary: Strings = None
    idf_weights: Weights = None

    mask_token = ""
    oov_token = "[UNK]"

    def check(self) -> None:
        super().check()
        if self.output_mode != "int" and self.output_sequence_length is not None:
            raise LayerError(
                f'"{self.output_mode}" gives no sequence that could have an output_sequence_length',
                param="output_sequence_length",
                code="bad-argument",
                hint='leave "output_sequence_length" out',
            )

    def output(self, x: Tensor, **call: Any) -> Tensor:
        self.require_terms(x)
        if self.split is None:
            self.require_words(x)
        elif x.rank > 2 or (x.rank == 2 and (x.channels != 1 or self.output_mode != "int")):
            raise LayerError(
                f"TextVectorization needs one text per example, found {x}",
                hint=f'write "shape": {"[1]" if self.output_mode == "int" else "[]"} in the Input',
            )
        if self.output_mode == "int":
            return Tensor((x.batch, self.output_sequence_length), "int64")
        return Tensor((x.batch, self.depth), "float32")

    def require_terms(self, x: Tensor) -> None:
        require_strings(self, x)

    def require_words(self, x: Tensor) -> None:
        """Without a ``split``, the words of an example are its last dimension."""
        if x.rank != 2:
            raise LayerError(
                f'TextVectorization without "split" needs the words of each example, (batch, words), found {x}',
                param="split",
                hint='use "split": "whitespace"' if x.rank < 2 else 'put {"op": "Flatten"} before it',
            )

    def flops(self, x: Tensor, **call: Any) -> Dim:
        """None for places; for weights a product for each term, where the words cannot be counted beforehand."""
        return 0 if self.output_mode == "int" else self.depth

    def names_on_build(self) -> tuple[str, ...]:
        return ("StringLookup",)


def as_read(term: Any) -> Any:
    """A term as NumPy keeps it: without zero characters at its end.

    >>> as_read("a\\0"), as_read(3), as_read(None)
    ('a', 3, None)
    """
    return term.rstrip("\0") if isinstance(term, str) else term


def say_count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def require_strings(layer: Layer, x: Tensor, instead: str | None = None) -> None:
    """Refuse what is not strings."""
    if x.dtype != "string":
        other = f", or use {instead}, which takes numbers" if instead else ""
        raise LayerError(
            f"{layer.op} needs strings, found {x.dtype}",
            code="dtype-mismatch",
            hint=f'give the Input "dtype": "string"{other}',
        )
