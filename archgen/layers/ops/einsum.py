"""Sums of products, by the letters of the dimensions."""

import re
from collections import Counter
from collections.abc import Sequence
from string import ascii_lowercase
from typing import Annotated, Any

from archgen.errors import LayerError
from archgen.layers.base import Op
from archgen.layers.checks import require_numbers
from archgen.layers.kinds import Str
from archgen.layers.misfits import clash
from archgen.layers.ops.base import bad, wider, wrong_dtype
from archgen.layers.promotion import promote
from archgen.tensors import Dim, Tensor, product

_TERM = r"[a-z]*(?:\.\.\.)?[a-z]*"
_SUBSCRIPTS = re.compile(rf"({_TERM}(?:,{_TERM})*)->({_TERM})")


class Einsum(Op):
    """Products of tensors summed over the letters that ``->`` leaves out: ``"bij,bjk->bik"``."""

    op = "einsum"
    category = "merging"
    call_inputs = ("x1", "x2", "x3", "x4")
    leading = 1
    sample_ranks = (3,)
    rule = '"bij,bjk->bik": (batch, i, j), (batch, j, k) -> (batch, i, k)'
    stricter = {
        "with an arrow|once in each": "what is kept is said, and a diagonal is no sum of products",
        "some of the tensors only|stands for": "Keras matches the others with the wrong dimensions",
    }
    samples = {
        "subscripts": [
            "bij->bji",
            "bij->b",
            "...ij->...i",
            "bij,bij->bi",
            "bij,bkj->bik",
            "bij,bjk->bik",
            "b...i,b...j->b...ij",
            "bij,bij,bij->bj",
            "bij,bij",
            "bii->bi",
            "bij,ikj->bk",
        ]
    }

    subscripts: Annotated[str, Str()]

    @property
    def terms(self) -> list[str]:
        """The letters of each tensor."""
        return self.subscripts.partition("->")[0].split(",")

    @property
    def kept(self) -> str:
        """The letters of the result."""
        return self.subscripts.partition("->")[2]

    def check(self) -> None:
        hint = f'write the letters of each tensor, and after an arrow what is kept, as in "{self.arrowed()}"'
        if not _SUBSCRIPTS.fullmatch(self.subscripts):
            raise bad(f'"{self.subscripts}" is not small letters with an arrow', "subscripts", hint)
        for term in (*self.terms, self.kept):
            twice = [letter for letter, count in Counter(term.replace("...", "")).items() if count > 1]
            if twice:
                raise bad(f'"{twice[0]}" stands more than once in each of "{term}"', "subscripts", "use another letter")
        read = "".join(self.terms)
        for letter in self.kept.replace("...", ""):
            if letter not in read:
                raise bad(f'"{letter}" stands after the arrow only', "subscripts", f'take "{letter}" out there')
        if "..." in read and "..." not in self.kept:
            raise bad('"..." is summed over', "subscripts", 'write "..." after the arrow too')
        if len({"..." in term for term in self.terms}) > 1:
            raise bad('"..." stands in some of the tensors only', "subscripts", "name the dimensions with letters")
        if "..." in self.kept and "..." not in read:
            raise bad('"..." stands after the arrow only', "subscripts", 'take "..." out there')

    def arrowed(self) -> str:
        """The letters with an arrow and those after it that stand first or once; an example where they are none."""
        read = self.subscripts.partition("->")[0]
        if not re.fullmatch("[a-z]+(,[a-z]+)*", read):
            return "bij,bjk->bik"
        counts = Counter(read)
        return f"{read}->{read[0]}{''.join(letter for letter in read[1:] if counts[letter] == 1 and letter != ',')}"

    def free(self, count: int = 1) -> str:
        """Letters that stand for nothing yet, the one for a batch first."""
        return "".join(letter for letter in f"b{ascii_lowercase}" if letter not in self.subscripts)[:count]

    def parted(self, letter: str, position: int) -> str:
        """A hint with another letter in one of the tensors."""
        same = "give both the same size"
        if self.terms[0].startswith(letter):
            return same
        terms = [t.replace(letter, self.free()) if at == position else t for at, t in enumerate(self.terms)]
        return f'use "subscripts": "{",".join(terms)}->{self.kept}", or {same}'

    def lettered(self, term: str, rank: int) -> str:
        """A hint with a letter for each dimension of the only tensor."""
        said = f"{rank} letters, the first for the batch"
        more = self.free(rank - len(term))
        if len(self.terms) > 1 or "." in term or not more:
            return f"use {said}"
        return f'use "subscripts": "{more}{term}->{more}{self.kept}": {said}'

    def led(self, first: str) -> str:
        """A hint with the letter of the batch first, in each tensor and after the arrow, and nowhere else."""
        terms = [first + term.replace(first, "") for term in (*self.terms, self.kept)]
        return f'use "subscripts": "{",".join(terms[:-1])}->{terms[-1]}"'

    def output(
        self, x1: Tensor, x2: Tensor | None = None, x3: Tensor | None = None, x4: Tensor | None = None, **call: Any
    ) -> Tensor:
        tensors = [x for x in (x1, x2, x3, x4) if x is not None]
        for x in tensors:
            require_numbers(self, x)
        if len(tensors) != len(self.terms):
            raise LayerError(
                f'"{self.subscripts}" has letters for {len(self.terms)} tensors, found {len(tensors)}',
                param="subscripts",
                hint=f'read {len(self.terms)} tensors with "from", or write letters for {len(tensors)}',
            )
        sizes, others = self.sizes(tensors)
        shape: list[Dim] = []
        for part in re.findall(r"\.\.\.|[a-z]", self.kept):
            shape += others if part == "..." else [sizes[part]]
        self.check_batch(tensors)
        return Tensor(tuple(shape), self.dtype_of(tensors))

    def dtype_of(self, tensors: Sequence[Tensor]) -> str:
        """The dtype of what it gives."""
        dtypes = {x.dtype for x in tensors}
        if dtypes == {"int8"}:
            return "int32"
        dtype = promote(*(x.dtype for x in tensors))
        if dtype == "bool":
            raise wrong_dtype(self, "numbers", "bool")
        return dtype

    def sizes(self, tensors: Sequence[Tensor]) -> tuple[dict[str, Dim], list[Dim]]:
        """The size of each letter, and the dimensions that "..." stands for."""
        sizes: dict[str, Dim] = {}
        known: dict[str, Dim] = {}
        others: list[Dim] = []
        counts: set[int] = set()
        for position, (term, x) in enumerate(zip(self.terms, tensors, strict=True)):
            before, dots, after = term.partition("...")
            letters = len(before) + len(after)
            if x.rank < letters or (x.rank > letters and not dots):
                raise LayerError(
                    f'"{term}" has {letters} letters for {x}, which has {x.rank} dimensions',
                    param="subscripts",
                    hint=self.lettered(term, x.rank),
                )
            hidden = x.shape[len(before) : x.rank - len(after)]
            ends = zip((*before, *after), (*x.shape[: len(before)], *x.shape[x.rank - len(after) :]), strict=True)
            for letter, size in ends:
                if clash(known.get(letter), size):
                    raise LayerError(
                        f'"{letter}" is {known[letter]} and {size}: ops.einsum cannot match '
                        + " and ".join(f'"{t}" of {tensor}' for t, tensor in zip(self.terms, tensors, strict=True)),
                        param="subscripts",
                        hint=self.parted(letter, position),
                    )
                known[letter] = size if known.get(letter) is None else known[letter]
                # Keras stretches a 1 to a size that is unknown.
                sizes[letter] = wider(sizes[letter], size) if letter in sizes else size
            if dots:
                counts.add(len(hidden))
                if len(counts) > 1:
                    raise LayerError(
                        f'"..." stands for {min(counts)} and for {max(counts)} dimensions in "{self.subscripts}"',
                        param="subscripts",
                        hint="name the dimensions with letters",
                    )
                others = self.stretch(others, list(hidden), x)
        return sizes, others

    def stretch(self, one: list[Dim], other: list[Dim], x: Tensor) -> list[Dim]:
        """Dimensions of several tensors that "..." stands for, one by one."""
        pairs = zip(one or [1] * len(other), other, strict=True)
        stretched: list[Dim] = []
        for a, b in pairs:
            if clash(a, b) and 1 not in (a, b):
                raise LayerError(
                    f'"..." is {a} and {b} in {x} and a tensor before it',
                    param="subscripts",
                    hint="name that dimension with a letter of its own",
                )
            stretched.append(wider(a, b))
        return stretched

    def check_batch(self, tensors: Sequence[Tensor]) -> None:
        """Refuse to sum over the batch, or to match it with another dimension."""
        firsts = {term[0] if term else "" for term in self.terms}
        first, *more = sorted(firsts)
        inner = any(first in term[1:] for term in self.terms) if first != "." else False
        if more or first == "" or (first == "." and len({x.rank for x in tensors}) > 1):
            raise LayerError(
                f'"{self.subscripts}" mixes the examples of a batch: its first dimensions are not one letter',
                param="subscripts",
                hint='start each tensor with the same letter, the batch, as in "bij,bjk->bik"',
            )
        if inner or first not in self.kept:
            raise LayerError(
                f'"{self.subscripts}" mixes the examples of a batch: "{first}" is the batch',
                param="subscripts",
                hint=self.led(first),
            )

    def flops(self, *tensors: Tensor, **call: Any) -> Dim:
        sizes, others = self.sizes(tensors)
        places = {letter: size for letter, size in sizes.items() if letter != self.terms[0][0]}
        hidden = others[1:] if self.terms[0][0] == "." else others
        return product((max(len(tensors), 1), *places.values(), *hidden))
