"""Projections over chosen axes, and an embedding that can be read backwards."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import Layer
from archgen.layers.checks import require_numbers
from archgen.layers.core import Embedding
from archgen.layers.kinds import (
    Activation,
    Bool,
    Choice,
    Constraint,
    Flag,
    Float,
    Initializer,
    Int,
    Kind,
    ListOf,
    Regularizer,
    Str,
)
from archgen.layers.masks import Carried, Mask
from archgen.layers.promotion import promote
from archgen.tensors import FLOATS, Dim, Shape, Tensor, Weight, product, show_shape

FORMS = re.compile(
    r"(?P<left>\.\.\.)?(?P<input>[a-zA-Z]+)(?P<right>\.\.\.)?,(?P<weight>[a-zA-Z]+)->(\.\.\.)?(?P<output>[a-zA-Z]+)(\.\.\.)?"
)
"""Letters for the axes of input, weight and output; an ellipsis stands for the other axes, first or last."""

OVER_LAST_AXIS = ("softmax", "log_softmax", "sparsemax")
"""Activations that look at all values along the last axis."""


class EquationText(Str):
    """An equation; whether it is one is seen when it is taken apart."""

    def phrase(self) -> str:
        return 'an equation, as in "abc,cd->abd"'

    def example(self) -> str:
        return '"...x,xy->...y"'


class OutputSizes(ListOf):
    """A size for each axis of the output; ``null`` where it is the input's."""

    def __init__(self) -> None:
        super().__init__(Int(1, nullable=True), scalar=True)

    def example(self) -> str:
        return "64"


EquationOf = Annotated[str, EquationText()]
OutputShape = Annotated[Any, OutputSizes()]
OptionalText = Annotated[str | None, Str(nullable=True)]
OptionalFloatDType = Annotated[str | None, Choice(*FLOATS, nullable=True)]
OptionalPositive = Annotated[float | None, Float(above=0, nullable=True)]


@dataclass(frozen=True, slots=True)
class Equation:
    """An equation of ``EinsumDense``, taken apart."""

    input: str
    weight: str
    output: str
    ellipsis: str
    """Where the other axes are: ``"left"``, ``"right"``, or nowhere."""

    @classmethod
    def parse(cls, text: str) -> "Equation | None":
        """The equation, ``None`` where Keras knows no such form (``_analyze_einsum_string`` in its ``einsum_dense``).

        >>> Equation.parse("...x,xy->...y")
        Equation(input='x', weight='xy', output='y', ellipsis='left')
        >>> Equation.parse("a...,ab->b...")
        """
        match = FORMS.fullmatch(text)
        if match is None:
            return None
        before, after = match["left"] is not None, match["right"] is not None
        spelled = f"{'...' * before}{match['output']}{'...' * after}"
        short = after and len(match["input"]) < 2
        if (before and after) or short or text.partition("->")[2] != spelled:
            return None
        where = "left" if before else "right" if after else ""
        return cls(match["input"], match["weight"], match["output"], where)


class EinsumDense(Layer):
    """An Einstein sum of the input and a learnt tensor, plus a bias."""

    rule = "the axes that the equation names after the arrow: those of the input, and those of output_shape"
    samples = {
        "equation": [
            "ab,bc->ac",
            "abc,cd->abd",
            "abc,cd->abd",
            "abc,cde->abde",
            "abcd,cde->abe",
            "abc,bcd->ad",
            "abc,bd->adc",
            "abc,c->abc",
            "abc,c->ab",
            "abcd,de->abce",
            "...x,xy->...y",
            "...x,xy->...y",
            "...xy,xyz->...z",
            "ab...,bc->ac...",
            "ab...,bcd->acd...",
            "abb,bc->ac",
            "ab,ac->cb",
            "ab,abc->ac",
            "ab,bc",
            "ab, bc -> ac",
            "...ab,bc->ac",
            "ab,bc->acd",
            "ab,bcd->ac",
        ],
        "output_shape": [3, 4, [3], [4], [None, 3], [None, 4], [2, 3], [None, 3, 4], [3, None], [None, None, 4]],
        "bias_axes": [None, None, "c", "d", "y", "z", "cd", "b", "", "a"],
    }
    stricter = {
        "the batch stays first|the batch once": "the batch is the first axis all along",
        "bias_axes: .* the batch": "a bias of the batch's size fits no other batch",
        "names an axis twice": "of two sizes Keras checks one only",
    }

    sample_ranks = (2, 3, 3, 4)

    equation: EquationOf
    output_shape: OutputShape
    activation: Activation = None
    bias_axes: OptionalText = None
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None

    parsed: Equation

    def check(self) -> None:
        parsed = Equation.parse(self.equation)
        if parsed is None:
            raise LayerError(
                f'"{self.equation}" is no equation of EinsumDense',
                param="equation",
                code="bad-argument",
                hint='write it as in "abc,cd->abd", "...x,xy->...y" or "ab...,bc->ac..."',
            )
        self.parsed = parsed
        self.check_letters(parsed)
        self.check_bias(parsed)
        named = len(parsed.output) - (parsed.ellipsis != "left")
        if len(self.partial) != named:
            without = "" if parsed.ellipsis == "left" else " after the batch"
            raise LayerError(
                f'"{self.equation}" gives {counted(named, "axis", "axes")}{without}, '
                f"and output_shape has {counted(len(self.partial), 'size', 'sizes')}",
                param="output_shape",
                code="bad-argument",
                hint=self.sizes_hint(parsed, named),
            )

    def sizes_hint(self, parsed: Equation, named: int) -> str:
        """An ``output_shape`` with a size for each axis: ``null`` where it is the input's."""
        given = iter([size for size in self.partial if size is not None])
        own = [
            None if axis in parsed.input and axis not in parsed.weight else next(given, 64) for axis in parsed.output
        ]
        return f'use "output_shape": {json.dumps(own[-named:] if named else [])}'

    @property
    def partial(self) -> Shape:
        """``output_shape`` as a list."""
        return (self.output_shape,) if isinstance(self.output_shape, int) else tuple(self.output_shape)

    def refuse(self, message: str, hint: str, param: str = "equation") -> LayerError:
        return LayerError(message, param=param, code="bad-argument", hint=hint)

    def check_letters(self, parsed: Equation) -> None:
        """Refuse letters that lead nowhere, and a batch that does not stay where it is."""
        for part, letters in (("input", parsed.input), ("weight", parsed.weight), ("output", parsed.output)):
            twice = next((letter for index, letter in enumerate(letters) if letter in letters[:index]), None)
            if twice:
                raise self.refuse(f'the {part} "{letters}" names an axis twice: "{twice}"', "give each axis a letter")
        for letter in parsed.output:
            if letter not in parsed.input + parsed.weight:
                raise self.refuse(
                    f'the axis "{letter}" of the output comes from nowhere',
                    f'add "{letter}" to the weight, as in "{parsed.weight}{letter}"',
                )
        for letter in parsed.weight:
            if letter not in parsed.input + parsed.output:
                longer = re.sub(r"(?=(\.\.\.)?$)", letter, self.equation, count=1)
                raise self.refuse(
                    f'the axis "{letter}" of the weight is in neither input nor output',
                    f'write "equation": "{longer}", "output_shape": {json.dumps([*self.partial, 64])}',
                )
        if parsed.ellipsis != "left":
            batch = parsed.input[0]
            if parsed.output[0] != batch:
                raise self.refuse(
                    f'the batch stays first: the output begins with "{parsed.output[0]}", the input with "{batch}"',
                    f'begin the output with "{batch}"',
                )
            if batch in parsed.weight:
                raise self.refuse(
                    f'the weight "{parsed.weight}" would hold the batch once, "{batch}"',
                    f'leave "{batch}" out of the weight',
                )

    def check_bias(self, parsed: Equation) -> None:
        """Refuse biases over axes that are not there."""
        if self.bias_axes is None:
            return
        strange = next((letter for letter in self.bias_axes if letter not in parsed.output), None)
        if strange or not self.bias_axes:
            found = f'"{strange}" is no axis of the output "{parsed.output}"' if strange else "no axis is named"
            raise self.refuse(found, f'write "{parsed.output[-1]}", or null for no bias', "bias_axes")
        if parsed.ellipsis != "left" and parsed.output[0] in self.bias_axes:
            hint = f'write "{parsed.output[-1]}"'
            raise self.refuse(f'"{parsed.output[0]}" is the batch', hint, "bias_axes")

    def sizes(self, x: Tensor) -> tuple[dict[str, Dim], dict[str, Dim], Shape]:
        """The size of each named axis of input and output, and of those that the ellipsis stands for."""
        parsed = self.parsed
        named = len(parsed.input)
        if parsed.ellipsis == "left":
            elided, read, given = x.shape[:-named], x.shape[-named:], self.partial
        else:
            elided, read, given = x.shape[named:], x.shape[:named], (x.batch, *self.partial)
        return dict(zip(parsed.input, read, strict=True)), dict(zip(parsed.output, given, strict=True)), elided

    def output(self, x: Tensor, **call: Any) -> Tensor:
        require_numbers(self, x)
        parsed = self.parsed
        named = len(parsed.input)
        least = named + (parsed.ellipsis == "left")
        if x.rank < least or (x.rank > named and not parsed.ellipsis):
            count = f"{least} or more" if parsed.ellipsis else str(named)
            longer = self.named(x.rank) if x.rank > named else f'"{"abcdefgh"[: x.rank]}", ... in the equation'
            raise LayerError(
                f'"{self.equation}" reads {count} dimensions, found {x}', hint=f"name all {x.rank} axes: {longer}"
            )
        read, given, elided = self.sizes(x)
        if parsed.ellipsis == "left" and elided[1:] != elided[:0:-1]:
            raise LayerError(
                f'of {x} the ellipsis of "{self.equation}" stands for {show_shape(elided)}, which Keras turns round',
                param="equation",
                hint=f"name the axes: {self.named(x.rank)}",
            )
        for letter, size in given.items():
            if letter in read and size is not None and size != read[letter]:
                raise LayerError(
                    f'the axis "{letter}" is {read[letter]} in {x} and {size} in output_shape',
                    param="output_shape",
                    hint=f"write {'null' if read[letter] is None else read[letter]} for it",
                )
        shape = tuple(given.values())
        whole = (*elided, *shape) if parsed.ellipsis == "left" else (*shape, *elided)
        if len(whole) == 1 and self.activation in OVER_LAST_AXIS:
            raise LayerError(
                f"{self.activation} over the only axis of {Tensor(whole)} mixes the examples of a batch",
                param="activation",
                hint='use "activation": "sigmoid"',
            )
        self.check_made("activity", whole)
        return Tensor(whole, self.compute_dtype)

    def named(self, rank: int) -> str:
        """The equation and the sizes for inputs of that many dimensions, each of which has a letter."""
        parsed = self.parsed
        free = (letter for letter in ascii_lowercase if letter not in parsed.input + parsed.weight + parsed.output)
        letters = "".join(letter for letter, _ in zip(free, range(rank - len(parsed.input)), strict=False))
        first = parsed.ellipsis != "left"  # the batch, where the equation names it
        read, given = parsed.input, parsed.output
        equation = f"{read[:first]}{letters}{read[first:]},{parsed.weight}->{given[:first]}{letters}{given[first:]}"
        sizes = [None] * (len(letters) - (not first)) + [*self.partial]
        return f'"equation": "{equation}", "output_shape": {json.dumps(sizes)}'

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        read, given, elided = self.sizes(x)
        parsed = self.parsed
        for letter in parsed.weight:
            # Keras asks output_shape first, and takes its null for the size.
            if letter in given and given[letter] is None:
                known = read.get(letter)
                raise LayerError(
                    f'the axis "{letter}" of the weight is null in output_shape',
                    param="output_shape",
                    code="unknown-dimension",
                    hint=f"write {'a number' if known is None else known} for it",
                )
        kernel = self.weight(*(given.get(letter, read.get(letter)) for letter in parsed.weight), of="kernel")
        if self.bias_axes is None:
            return {"kernel": kernel}
        start = min(parsed.output.find(letter) for letter in self.bias_axes)
        bias = [given[letter] if letter in self.bias_axes else 1 for letter in parsed.output[start:]]
        bias += [1] * (len(elided) if parsed.ellipsis == "right" else 0)
        return {"kernel": kernel, "bias": self.weight(*bias, of="bias")}

    def flops(self, x: Tensor, **call: Any) -> Dim:
        read, given, elided = self.sizes(x)
        sizes = [read.get(letter) if size is None else size for letter, size in given.items()]
        # The batch is the first of the axes that the ellipsis stands for, or the first that is named.
        places = product((*elided[1:], *sizes) if self.parsed.ellipsis == "left" else (*sizes[1:], *elided))
        summed = [size for letter, size in read.items() if letter not in given]
        terms = product(tuple(summed))
        if places is None or terms is None:
            return None
        return places * (terms * (1 + bool(summed)) + (self.bias_axes is not None))


def counted(number: int, one: str, several: str) -> str:
    """A number of things.

    >>> counted(1, "axis", "axes"), counted(0, "axis", "axes")
    ('1 axis', '0 axes')
    """
    return f"{number} {one if number == 1 else several}"


class ReversibleEmbedding(Embedding):
    """A learnt vector for each whole number, and backwards a score of each number for a vector."""

    rule = "(...) -> (..., output_dim); with reverse (..., output_dim) -> (..., input_dim)"
    options: ClassVar[dict[str, Kind]] = {"reverse": Bool()}
    samples = {"output_dim": [3, 4, 6]}
    stricter = {
        "logit_soft_cap: expected": "zero divides by zero, and a sign changes nothing",
        "reverse_dtype: expected": "Keras looks at it in reverse only",
    }
    drops = ("embeddings_initializer", "embeddings_regularizer", "embeddings_constraint", "mask_zero")

    tie_weights: Flag = True
    embeddings_initializer: Initializer = "uniform"
    embeddings_regularizer: Regularizer = None
    embeddings_constraint: Constraint = None
    mask_zero: Flag = False
    reverse_dtype: OptionalFloatDType = None
    logit_soft_cap: OptionalPositive = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        if not call.get("reverse"):
            return super().output(x)
        require_numbers(self, x)
        if x.rank < 2 or x.channels not in (None, self.output_dim):
            raise LayerError(
                f"{self.op} in reverse reads vectors of {self.output_dim}, found {x}",
                hint=f"put a Dense with units={self.output_dim} before it",
            )
        # Keras announces the compute dtype, and gives what comes of the input and the table.
        dtype = self.reverse_dtype or promote(x.dtype, self.compute_dtype)
        if dtype != self.compute_dtype:
            raise LayerError(
                f"{self.op} in reverse gives {dtype}, where Keras announces {self.compute_dtype}",
                param="reverse_dtype",
                code="dtype-mismatch",
                hint=f'use "reverse_dtype": "{self.compute_dtype}"',
            )
        return Tensor((*x.shape[:-1], self.input_dim), self.compute_dtype)

    def weights(self, x: Tensor, **call: Any) -> dict[str, Weight]:
        weights = super().weights(x)
        if not self.tie_weights:
            weights["reverse_embeddings"] = self.weight(self.output_dim, self.input_dim)
        return weights

    def flops(self, x: Tensor, **call: Any) -> Dim:
        if not call.get("reverse"):
            return 0
        per_score = 2 * self.output_dim + (2 if self.logit_soft_cap is not None else 0)
        return product((*x.shape[1:-1], self.input_dim, per_score))

    def names_on_call(self, *tensors: Tensor, **call: Any) -> tuple[str, ...]:
        return ()

    def carry(self, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
        return (), ()

    def carry_on(self, tensors: Sequence[Tensor], masks: Sequence[Mask], **call: Any) -> tuple[Mask, ...]:
        # The mask of mask_zero is made when the model runs, and none while it is put together.
        return (tensors[0].rank,) if self.mask_zero and not call.get("reverse") else ()
