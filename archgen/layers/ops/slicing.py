"""Functions that take a part of a tensor."""

import ast
import re
from collections.abc import Sequence
from types import EllipsisType
from typing import Annotated, Any

from archgen.errors import LayerError
from archgen.layers.base import Op
from archgen.layers.checks import require_numbers, resolve_axis
from archgen.layers.kinds import Axis, Int, Kind, ListOf
from archgen.layers.misfits import clash
from archgen.layers.ops.base import bad, check_keeps_batch, wider
from archgen.layers.ops.ordering import OneAxis, along
from archgen.tensors import Dim, Tensor

Item = int | slice | EllipsisType | None
_SLICE = re.compile(r"\s*(-?\d{1,9})?\s*:\s*(-?\d{1,9})?\s*(?::\s*(-?\d{1,9})?\s*)?")
_INDEX = re.compile(r"\s*(-?\d{1,9})\s*")


class Slices(Kind):
    """What Python writes between brackets to take a part of a tensor, without expressions: ``":, 0"``."""

    written_out = True

    def convert(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.refuse(value, hint=self.hint(value))
        try:
            return self.spell(self.items(value))
        except ValueError:
            raise self.refuse(value, hint=self.hint(value)) from None

    def hint(self, value: Any) -> str:
        inner = value.strip("[] ") if isinstance(value, str) else ""
        try:
            return f'write "{self.spell(self.items(inner))}"'
        except ValueError:
            return 'write ":, 0" for the first step of each example, ":, 1:" for all steps but the first'

    @staticmethod
    def items(text: str) -> tuple[Item, ...]:
        """The items between the commas; raises ``ValueError`` for anything else.

        >>> Slices.items(":, 1:8:2, ..., None, -1")
        (slice(None, None, None), slice(1, 8, 2), Ellipsis, None, -1)
        """
        items: list[Item] = []
        for part in text.split(","):
            if part.strip() == "...":
                items.append(...)
            elif part.strip() == "None":
                items.append(None)
            elif match := _INDEX.fullmatch(part):
                items.append(int(match[1]))
            elif match := _SLICE.fullmatch(part):
                items.append(slice(*(None if bound is None else int(bound) for bound in match.groups())))
            else:
                raise ValueError(part)
        if items.count(...) > 1 or any(isinstance(item, slice) and item.step == 0 for item in items):
            raise ValueError(text)
        return tuple(items)

    @staticmethod
    def spell(items: Sequence[Item]) -> str:
        """The items as Python source."""
        return ", ".join(map(_spelled, items))

    def phrase(self) -> str:
        return 'what stands between the brackets of a slice (":, 0")'

    def example(self) -> str:
        return '":, 0"'

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^[-\d:., \tNone]+$"}


def _spelled(item: Item) -> str:
    if isinstance(item, slice):
        start, stop, step = ("" if bound is None else str(bound) for bound in (item.start, item.stop, item.step))
        return f"{start}:{stop}" + (f":{step}" if step else "")
    return "..." if item is ... else str(item)


def check_whole_batch(op: Op, whole: bool, x: Tensor, param: str, hint: str) -> None:
    """Refuse to take some examples and leave others."""
    if not whole:
        raise LayerError(
            f"ops.{op.op} of axis 0 of {x} mixes the examples of a batch: it would take some of them",
            param=param,
            hint=hint,
        )


class GetItem(Op):
    """A part of a tensor, as Python slices it: ``x[:, 0]`` has the key ``":, 0"``; ``None`` makes a new axis."""

    op = "get_item"
    category = "reshaping"
    rule = '":, 0": (batch, a, b) -> (batch, b); ":, 1:": (batch, a, b) -> (batch, a - 1, b)'
    stricter = {"takes none of": "nothing is left"}
    samples = {"key": [":, 0", ":, -1", ":, 1:", ":, :2", "..., 0", "..., None", ":, ::2", ":, ::-1", ":, :, 1:3", "0"]}

    key: Annotated[str, Slices()]

    @classmethod
    def spelled(cls, read: Sequence[str], words: Sequence[str], *, number_first: bool = False) -> str:
        return f"{read[0]}[{Slices().convert(ast.literal_eval(words[0]))}]"

    def output(self, x: Tensor, **call: Any) -> Tensor:
        items = list(Slices.items(self.key))
        used = sum(item is not None and item is not ... for item in items)
        if used > x.rank:
            shorter = Slices.spell(items[: x.rank - used])
            raise LayerError(
                f"the key [{self.key}] asks for {used} dimensions, {x} has {x.rank}",
                param="key",
                hint=f'use "key": "{shorter}": one part for each dimension, the batch first',
            )
        whole = [slice(None)] * (x.rank - used)
        place = items.index(...) if ... in items else len(items)
        items[place : place + 1] = whole
        shape: list[Dim] = []
        axis = 0
        for item in items:
            if item is None:
                shape.append(1)
                continue
            assert isinstance(item, (int, slice))
            shape += self.part(item, axis, x)
            axis += 1
        return Tensor(tuple(shape), x.dtype)

    def part(self, item: int | slice, axis: int, x: Tensor) -> list[Dim]:
        """What is left of a dimension."""
        size = x.shape[axis]
        if axis == 0:
            all_of_them = isinstance(item, slice) and (item.start or 0, item.stop, item.step or 1) == (0, None, 1)
            check_whole_batch(self, all_of_them, x, "key", f'start the key with ":", as in ":, {_spelled(item)}"')
            return [size]
        if isinstance(item, int):
            if size is not None and not -size <= item < size:
                raise LayerError(
                    f"index {item} does not exist along axis {axis} of {x}",
                    param="key",
                    hint=f"use an index from {-size} to {size - 1}",
                )
            return []
        left = None if size is None else len(range(*item.indices(size)))
        if left == 0:
            raise LayerError(
                f"[{_spelled(item)}] takes none of the {size} values along axis {axis} of {x}",
                param="key",
                hint=f"start from 0 to {(size or 1) - 1}, and stop after the start",
            )
        return [left]


class Slice(Op):
    """A block of a tensor: ``shape`` values from ``start_indices`` on, -1 for all that follow, the batch included."""

    op = "slice"
    category = "reshaping"
    call_inputs = ("inputs",)
    stricter = {"takes none of": "nothing is left"}
    rule = "start_indices [0, 1], shape [-1, 3]: (batch, a) -> (batch, 3)"
    samples = {
        "start_indices": [[0, 0], [0, 1], [0, 0, 0], [0, 1, 0], [0, 0, 2], [0, 1, 0, 1], [0, 0, 0, 0], [1, 0, 0]],
        "shape": [[-1, 2], [-1, -1], [-1, 1, 2], [-1, -1, 1], [-1, 2, -1], [-1, 1, -1, 2], [-1, 3, 1, -1], [2, 1, 1]],
    }

    start_indices: Annotated[tuple[int, ...], ListOf(Int(0), minimum=1)]
    shape: Annotated[tuple[int, ...], ListOf(Int(-1), minimum=1)]

    def check(self) -> None:
        if 0 in self.shape:
            raise bad("a part of 0 values leaves nothing", "shape", "use sizes of 1 or more, or -1 for all that follow")

    def output(self, x: Tensor, **call: Any) -> Tensor:
        for name in ("start_indices", "shape"):
            given = getattr(self, name)
            if len(given) != x.rank:
                raise LayerError(
                    f"{list(given)} is for {len(given)} dimensions, {x} has {x.rank}",
                    param=name,
                    hint=f'use "start_indices": {self.fitted(self.start_indices, 0, x)}, '
                    f'"shape": {self.fitted(self.shape, -1, x)}',
                )
        first = (self.start_indices[0], self.shape[0])
        hint = f'use "shape": {[-1, *self.shape[1:]]}'
        if first[0]:
            hint += f', "start_indices": {[0, *self.start_indices[1:]]}'
        check_whole_batch(self, first in ((0, -1), (0, x.batch)), x, "shape", hint)
        return Tensor(tuple(self.part(axis, x) for axis in range(x.rank)), x.dtype)

    def fitted(self, given: Sequence[int], whole: int, x: Tensor) -> list[int]:
        """The given numbers, with such as take all of a dimension for those that are missing."""
        return [*given[: x.rank], *[whole] * (x.rank - len(given))]

    def part(self, axis: int, x: Tensor) -> Dim:
        """What is left of a dimension."""
        size, start, wanted = x.shape[axis], self.start_indices[axis], self.shape[axis]
        if size is None:
            return None if wanted == -1 else wanted
        if start >= size:
            raise LayerError(
                f"a part from {start} on takes none of the {size} values along axis {axis} of {x}",
                param=("start_indices", axis),
                hint=f"start at {size - 1} or before; the first value is 0",
            )
        if start + wanted > size:
            raise LayerError(
                f"{wanted} values from {start} on reach to {start} + {wanted} = {start + wanted} along axis {axis} of "
                f"{x}, which has {size}",
                param=("shape", axis),
                hint=f"use at most {size - start} there, or -1 for all that follow",
            )
        return size - start if wanted == -1 else wanted


class Take(Op):
    """The values at ``indices`` along an axis; one index leaves the axis out."""

    op = "take"
    category = "reshaping"
    rule = "index 0 on axis 1: (batch, a, b) -> (batch, b); [0, 2]: (batch, a, b) -> (batch, 2, b)"
    stricter = {"does not exist along": "what comes out is no value of the tensor"}

    indices: Annotated[int | tuple[int, ...], ListOf(Int(), minimum=1, scalar=True)]
    axis: OneAxis = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        (axis,) = along(self, self.axis, x)
        size = x.shape[axis]
        wanted = (self.indices,) if isinstance(self.indices, int) else self.indices
        for index in wanted:
            if size is not None and not -size <= index < size:
                raise LayerError(
                    f"index {index} does not exist along axis {self.axis} of {x}",
                    param="indices",
                    hint=f"use indices from {-size} to {size - 1}",
                )
        taken = () if isinstance(self.indices, int) else (len(self.indices),)
        return Tensor((*x.shape[:axis], *taken, *x.shape[axis + 1 :]), x.dtype)


class TakeAlongAxis(Op):
    """The values along an axis in the places that another tensor names, for each place of the other axes."""

    op = "take_along_axis"
    category = "reshaping"
    call_inputs = ("x", "indices")
    required_inputs = 2
    rule = "axis 1: (batch, a, b), (batch, n, b) -> (batch, n, b)"

    axis: OneAxis = None

    def output(self, x: Tensor, indices: Tensor, **call: Any) -> Tensor:
        (axis,) = along(self, self.axis, x)
        require_numbers(self, x)
        require_numbers(self, indices)
        if indices.rank != x.rank:
            raise LayerError(
                f"ops.take_along_axis needs indices of {x.rank} dimensions for {x}, found {indices}",
                hint='give the indices as many dimensions, with "ops.expand_dims"',
            )
        shape: list[Dim] = []
        for place, (size, wanted) in enumerate(zip(x.shape, indices.shape, strict=True)):
            if place != axis and clash(size, wanted) and 1 not in (size, wanted):
                raise LayerError(
                    f"ops.take_along_axis cannot take from {x} at {indices}: they differ along axis {place}",
                    hint=f"give the indices {size} there, or 1",
                )
            shape.append(wanted if place == axis else wider(size, wanted))
        return Tensor(tuple(shape), x.dtype)


class Unstack(Op):
    """The parts along an axis, each without it."""

    op = "unstack"
    category = "reshaping"
    rule = "axis 1: (batch, 3, a) -> three of (batch, a)"
    stricter = {"one part is no part": "the list of one tensor is no tensor"}

    num: Annotated[int | None, Int(1, nullable=True)] = None
    axis: Axis = 0

    def output(self, x: Tensor, **call: Any) -> tuple[Tensor, ...]:
        axis = resolve_axis(self, self.axis, x)
        check_keeps_batch(self, axis, x)
        size = x.shape[axis]
        count = self.num or size
        if count is None:
            raise LayerError(
                f"ops.unstack needs to know axis {self.axis} of {x}",
                param="axis",
                code="unknown-dimension",
                hint="write a number in place of null in the Input's shape",
            )
        if size is not None and count != size:
            raise LayerError(
                f"axis {self.axis} of {x} has {size} parts, found {count}", param="num", hint='leave out "num"'
            )
        if count == 1:
            raise LayerError(
                f"axis {self.axis} of {x} is 1, and one part is no part",
                param="axis",
                hint=f'use {{"op": "ops.squeeze", "axis": {self.axis}}}',
            )
        part = Tensor((*x.shape[:axis], *x.shape[axis + 1 :]), x.dtype)
        return (part,) * count
