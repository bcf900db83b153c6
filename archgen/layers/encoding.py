"""Numbers and strings as bins and as vectors of zeros and ones."""

from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import COMPUTE_DTYPES, Layer
from archgen.layers.checks import require_numbers
from archgen.layers.kinds import (
    Choice,
    DType,
    Float,
    Int,
    ListOf,
    OneOf,
    OptionalInt,
    PositiveInt,
    Str,
    show,
)
from archgen.tensors import INTEGERS, Dim, Tensor

DENSE = "one kind of tensor only"
OutputMode = Annotated[str, Choice("int", "one_hot", "multi_hot", "count")]
Boundaries = Annotated[list[float] | None, ListOf(Float(), tuples=False, nullable=True)]
Salt = Annotated[Any, ListOf(Int(), minimum=2, maximum=2, scalar=True, tuples=False, nullable=True)]
WITH_WHOLE = (*DType.NAMES, "int32", "int64")


class Encoding(Layer):
    """Gives whole numbers below ``depth``, or vectors of ``depth`` places that say which of them there are."""

    abstract = True
    category = "preprocessing"
    left_out: ClassVar[dict[str, str]] = {"sparse": DENSE}
    sample_ranks: ClassVar[tuple[int, ...]] = (1, *(2,) * 12, 3, 3, 4)
    stricter = {"counts along another": "Keras announces one axis and sums over another, which can be as long"}

    output_mode: Any = "int"

    @property
    def depth(self) -> int:
        """How many numbers there are to give."""
        raise NotImplementedError

    def one_hot(self, x: Tensor, dtype: str) -> Tensor:
        """A vector in place of each number, or of the last dimension where that is 1."""
        kept = x.shape[:-1] if x.rank > 1 and x.channels == 1 else x.shape
        return Tensor((*kept, self.depth), dtype)

    def one_each(self, x: Tensor, dtype: str) -> Tensor:
        """A vector for each example, which says what is in its only dimension."""
        self.require_examples(x)
        if x.rank > 2:
            raise LayerError(
                f'"{self.output_mode}" counts along another dimension of {x} than the last',
                param="output_mode",
                hint='put {"op": "Flatten"} before it',
            )
        self.require_countable()
        return Tensor((x.batch, self.depth), dtype)

    def require_examples(self, x: Tensor) -> None:
        """Refuse a tensor that holds one number for each example: it would be taken for one example."""
        if x.rank == 1:
            raise LayerError(
                f'{self.op} with "{self.output_mode}" of {x} mixes the examples of a batch',
                param="output_mode",
                hint='write "shape": [1] in the Input',
            )

    def require_countable(self) -> None:
        """Refuse dtypes in which TensorFlow cannot count."""
        if self.counting_dtype in ("float16", "bfloat16"):
            raise LayerError(
                f'"{self.output_mode}" cannot be counted in {self.counting_dtype}',
                param="dtype",
                code="dtype-mismatch",
                hint='use "dtype": "float32"',
            )

    @property
    def counting_dtype(self) -> str:
        """The dtype that is counted in."""
        return self.compute_dtype


class Discretization(Encoding):
    """The bin that each number falls in: of ``n`` boundaries, ``n + 1`` bins."""

    drops = ("trainable",)
    left_out = {"epsilon": "used by adapt(), which no generated script calls"}
    rule = "the input's shape as int32; a vector per number (one_hot), or per example (multi_hot, count)"
    samples = {
        "bin_boundaries": [[0, 1, 2], [0.5], [-1.5, 0, 0, 2.5], [], [2, 1]],
        "num_bins": [None, None, None, None, None, 3],
    }

    bin_boundaries: Boundaries = None
    num_bins: OptionalInt = None
    output_mode: OutputMode = "int"

    def check(self) -> None:
        if self.num_bins is not None:
            raise LayerError(
                "bins are found in data by adapt(), which no generated script calls",
                param="num_bins",
                code="bad-argument",
                hint='use "bin_boundaries": [0.0, 1.0] with the boundaries themselves, and leave "num_bins" out',
            )
        if self.bin_boundaries is None:
            raise LayerError(
                "Discretization needs bin_boundaries: nothing adapts it to the data",
                code="missing-argument",
                hint='add "bin_boundaries": [0.0, 1.0]',
            )
        if self.bin_boundaries != sorted(self.bin_boundaries):
            raise LayerError(
                f"the boundaries {show(self.bin_boundaries)} do not rise",
                param="bin_boundaries",
                code="bad-argument",
                hint=f'use "bin_boundaries": {sorted(self.bin_boundaries)}',
            )

    @property
    def depth(self) -> int:
        return len(self.bin_boundaries or ()) + 1

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_numbers(self, x)
        if self.output_mode == "int":
            return Tensor(x.shape, "int32")
        if self.output_mode == "one_hot":
            return self.one_hot(x, self.compute_dtype)
        if x.rank < 3:
            return self.one_each(x, self.compute_dtype)
        return Tensor((x.batch, *x.shape[2:], self.depth), self.compute_dtype)

    def names_on_call(self, *tensors: Tensor, **call: Any) -> tuple[str, ...]:
        return ("Cast",) * sum(x.is_float and x.dtype != "float32" for x in tensors)  # float32 whatever the dtype

    def flops(self, x: Tensor, **call: Any) -> Dim:
        """A comparison for each halving of the boundaries."""
        return None if x.size is None else x.size * len(self.bin_boundaries or ()).bit_length()


class CategoryEncoding(Encoding):
    """Whole numbers below ``num_tokens`` as vectors; ``count_weights`` says how much each number counts."""

    call_inputs = ("inputs", "count_weights")
    by_name = ("count_weights",)
    autocast = False
    rule = "(batch, n) -> (batch, num_tokens); one_hot: a vector per number"

    num_tokens: OptionalInt = None
    output_mode: Annotated[str, Choice("multi_hot", "count", "one_hot")] = "multi_hot"

    def check(self) -> None:
        if self.num_tokens is None:
            raise LayerError(
                'CategoryEncoding needs "num_tokens"', code="missing-argument", hint='add "num_tokens": 10'
            )
        if self.dtype in COMPUTE_DTYPES:
            raise LayerError(
                f"CategoryEncoding gives float32 where Keras announces {self.compute_dtype}",
                param="dtype",
                code="dtype-mismatch",
                hint='use "dtype": "float32"',
            )

    @property
    def depth(self) -> int:
        return self.num_tokens or 0

    def output(self, inputs: Tensor, count_weights: Tensor | None = None, **call: Any) -> Tensor:
        require_numbers(self, inputs)
        if count_weights is not None:
            self.check_count_weights(inputs, count_weights)
        if self.output_mode == "one_hot":
            return self.one_hot(inputs, self.compute_dtype)
        return self.one_each(inputs, self.compute_dtype)

    def check_count_weights(self, x: Tensor, count_weights: Tensor) -> None:
        require_numbers(self, count_weights)
        if self.output_mode != "count":
            raise LayerError(
                f'count_weights have no use in "{self.output_mode}"',
                param="output_mode",
                code="bad-argument",
                hint='use "output_mode": "count"',
            )
        if count_weights.shape != x.shape:
            raise LayerError(
                f"{count_weights} weights for {x} numbers", hint="give each number one weight: make the shapes equal"
            )

    def flops(self, inputs: Tensor, *others: Tensor, **call: Any) -> Dim:
        """A sum for each number that is counted."""
        return inputs.size if self.output_mode == "count" else 0


class Hashing(Encoding):
    """Strings, or numbers by their decimal digits, hashed to ``num_bins`` bins; ``mask_value`` has bin 0 to itself."""

    autocast = False
    dtypes = WITH_WHOLE
    rule = "the input's shape as int64; (batch, n) -> (batch, num_bins) otherwise"
    samples = {"mask_value": [None, None, None, 0, 3, 0.5, "a"], "salt": [None, 0, 7, [1, 2]]}
    sample_dtypes = ("string", "int32", "int64", "float32", "uint8")

    num_bins: PositiveInt
    mask_value: Annotated[Any, OneOf(Int(), Float(), Str(), nullable=True)] = None
    salt: Salt = None
    output_mode: OutputMode = "int"

    def check(self) -> None:
        if self.output_mode == "int" and self.dtype not in (None, "int32", "int64"):
            raise LayerError(
                f"bins are whole numbers, and dtype is {self.dtype}",
                param="dtype",
                code="dtype-mismatch",
                hint='use "dtype": "int64"',
            )

    @property
    def depth(self) -> int:
        return self.num_bins

    @property
    def counting_dtype(self) -> str:
        return self.variable_dtype

    def output(self, x: Tensor, **call: Any) -> Tensor:
        self.check_mask_value(x)
        if self.output_mode == "int":
            return Tensor(x.shape, self.dtype or "int64")
        if self.output_mode != "one_hot":
            return self.one_each(x, self.variable_dtype)
        if x.rank < 2 or x.channels != 1 or (x.rank > 2 and x.shape[-2] == 1):
            raise LayerError(
                f'Keras announces another shape for "one_hot" of {x} than it gives',
                param="output_mode",
                hint=f'leave "output_mode" out, and put {{"op": "CategoryEncoding", "num_tokens": {self.num_bins}, '
                '"output_mode": "one_hot"} after it',
            )
        return self.one_hot(x, self.variable_dtype)

    def check_mask_value(self, x: Tensor) -> None:
        """What masks must be comparable with what is hashed; with a single bin nothing is masked."""
        if self.mask_value is None or self.num_bins == 1:
            return
        fits = {str: x.dtype == "string", int: x.is_integer or x.is_float, float: x.is_float}[type(self.mask_value)]
        if not fits:
            raise LayerError(
                f"{show(self.mask_value)} cannot be found among values of {x.dtype}",
                param="mask_value",
                code="dtype-mismatch",
                hint=f'leave "mask_value" out, or give a value of {x.dtype}',
            )


class HashedCrossing(Encoding):
    """Two features hashed together to ``num_bins`` bins, each a string or a whole number per example."""

    takes_list = True
    min_inputs = 2
    max_inputs = 2
    in_sequential = False
    autocast = False
    dtypes = WITH_WHOLE
    rule = "two of (batch,) or of (batch, 1) as int64; one_hot: (batch, num_bins)"
    sample_ranks = (1, 2)
    sample_dtypes = ("string", "int32", "int64", "uint8")
    stricter = {"num_bins: expected": "there is no number below 0"}

    num_bins: PositiveInt
    output_mode: Annotated[str, Choice("int", "one_hot")] = "int"

    @property
    def depth(self) -> int:
        return self.num_bins

    def output(self, *tensors: Tensor, **call: Any) -> Tensor:
        first, second = tensors
        for x in tensors:
            if x.dtype != "string" and x.dtype not in INTEGERS:
                raise LayerError(
                    f"HashedCrossing needs strings or whole numbers, found {x.dtype}",
                    code="dtype-mismatch",
                    hint='give the Input a "dtype" of "string" or "int64", or put a Discretization before it',
                )
            if x.rank > 2 or (x.rank == 2 and x.channels != 1):
                raise LayerError(
                    f"HashedCrossing needs one value per example, (batch,) or (batch, 1), found {x}",
                    hint='write "shape": [1] in the Input',
                )
        if first.shape != second.shape:
            raise LayerError(
                f"HashedCrossing cannot cross {first} and {second}",
                hint="give both the same shape, the batch included",
            )
        if self.output_mode == "one_hot":
            return self.one_hot(first, self.compute_dtype)
        return Tensor(first.shape, self.compute_dtype if self.dtype else "int64")
