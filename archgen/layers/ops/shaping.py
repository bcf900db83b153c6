"""Functions that move values and compute nothing."""

from math import prod
from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import Op
from archgen.layers.checks import resolve_axes, resolve_axis
from archgen.layers.kinds import Axis, Int, ListOf, OneOf
from archgen.layers.misfits import clash
from archgen.layers.ops.base import bad, check_keeps_batch, wrong_dtype
from archgen.layers.promotion import promote
from archgen.tensors import Dim, Shape, Tensor, product

NewShape = Annotated[int | tuple[int, ...], ListOf(Int(-1), minimum=1, scalar=True)]
Order = Annotated[tuple[int, ...] | None, ListOf(Int(), minimum=1, nullable=True)]
SomeAxes = Annotated[int | tuple[int, ...], ListOf(Int(), minimum=1, scalar=True)]
SqueezedAxes = Annotated[int | tuple[int, ...] | None, ListOf(Int(), minimum=1, scalar=True, nullable=True)]
Sections = Annotated[int | list[int], OneOf(Int(2), ListOf(Int(1), minimum=1, tuples=False))]


class Shaping(Op):
    """Base of the functions that keep every value."""

    abstract: ClassVar[bool] = True
    category = "reshaping"


class Reshape(Shaping):
    """The same values in another shape, the batch included; one dimension may be -1, what is left."""

    op = "reshape"
    rule = "newshape, the batch included"

    newshape: NewShape

    @property
    def target(self) -> tuple[int, ...]:
        return (self.newshape,) if isinstance(self.newshape, int) else self.newshape

    def check(self) -> None:
        if 0 in self.target:
            raise bad("a dimension of 0 leaves nothing", "newshape", "use positive sizes, and -1 for one to work out")
        if self.target.count(-1) > 1:
            raise bad("only one dimension can be worked out", "newshape", "use -1 once")

    def output(self, x: Tensor, **call: Any) -> Tensor:
        kept = prod(dim for dim in self.target if dim != -1)
        whole, known = product(x.shape), prod(dim for dim in x.shape if dim is not None)
        open_ended = -1 in self.target
        if not open_ended and x.batch is None:
            raise self.misfit(x, "the batch is unknown, and no dimension is left open")
        if open_ended and x.shape.count(None) <= 1 and (whole or known) % kept:
            raise self.misfit(x, f"{whole or known} values do not divide into {kept}")
        if not open_ended and kept % known:
            raise self.misfit(x, f"{known} values are not {kept}")
        if not open_ended and whole is not None and whole != kept:
            raise self.misfit(x, f"{whole} values are not {kept}")
        if x.batch is None and x.size is not None and not (self.target[0] == -1 and kept == x.size):
            raise self.misfit(x, "it mixes the examples of a batch")
        left = None if whole is None else whole // kept
        return Tensor(tuple(left if dim == -1 else dim for dim in self.target), x.dtype)

    def misfit(self, x: Tensor, why: str) -> LayerError:
        size = "..." if x.size is None else x.size
        if x.size == prod(self.target):
            size = ", ".join(map(str, self.target))
        return LayerError(
            f"ops.reshape cannot make {list(self.target)} of {x}: {why}",
            param="newshape",
            hint=f'start with -1 for the batch, as in "newshape": [-1, {size}]',
        )


class Transpose(Shaping):
    """The dimensions in another order, the batch included; reversed without ``axes``."""

    op = "transpose"
    rule = "axes [0, 2, 1]: (batch, a, b) -> (batch, b, a)"

    axes: Order = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        order = tuple(reversed(range(x.rank))) if self.axes is None else resolve_axes(self, self.axes, x, "axes")
        if len(order) != x.rank:
            raise LayerError(
                f"axes {list(self.axes or ())} order {len(order)} dimensions, {x} has {x.rank}",
                param="axes",
                hint=f"name each of 0 to {x.rank - 1} once, 0 being the batch, as in "
                f'"axes": {[0, *range(x.rank - 1, 0, -1)]}',
            )
        return Tensor(tuple(x.shape[axis] for axis in order), x.dtype)


class Listed(Shaping):
    """Base of the functions of a list of tensors."""

    abstract: ClassVar[bool] = True
    category = "merging"
    takes_list = True

    def check_alike(self, tensors: tuple[Tensor, ...], but: int | None) -> None:
        """Refuse tensors that differ elsewhere than along ``but``."""
        first = tensors[0]
        if {x.dtype == "string" for x in tensors} == {True, False}:
            raise wrong_dtype(self, "either strings or numbers", " and ".join(x.dtype for x in tensors))
        for x in tensors:
            alike = x.rank == first.rank and not any(
                clash(a, b) for axis, (a, b) in enumerate(zip(first.shape, x.shape, strict=True)) if axis != but
            )
            if not alike:
                where = "" if but is None else f" along axis {but}"
                raise LayerError(
                    f"ops.{self.op} cannot combine {first} and {x}{where}",
                    hint="give all tensors the same shape" + ("" if but is None else " but for that axis"),
                )


class Concatenate(Listed):
    """Tensors one after the other along an axis; the axis is 0, the batch, unless given."""

    op = "concatenate"
    rule = "(batch, ..., a), (batch, ..., b) -> (batch, ..., a + b)"

    axis: Axis = 0

    def output(self, *tensors: Tensor, **call: Any) -> Tensor:
        axis = resolve_axis(self, self.axis, tensors[0])
        check_keeps_batch(self, axis, tensors[0])
        self.check_alike(tensors, axis)
        sizes = [x.shape[axis] for x in tensors]
        known = [size for size in sizes if size is not None]
        shape = list(tensors[0].shape)
        shape[axis] = sum(known) if len(known) == len(sizes) else None
        return Tensor(tuple(shape), promote(*(x.dtype for x in tensors)))


class Stack(Listed):
    """Tensors of one shape along a new axis; the axis is 0, before the batch, unless given."""

    op = "stack"
    rule = "axis 1: two of (batch, a) -> (batch, 2, a)"

    axis: Axis = 0

    def output(self, *tensors: Tensor, **call: Any) -> Tensor:
        self.check_alike(tensors, None)
        shape: list[Dim] = list(tensors[0].shape)
        axis = resolve_axis(self, self.axis, Tensor((*shape, 1)))
        shape.insert(axis, len(tensors))
        return Tensor(tuple(shape), promote(*(x.dtype for x in tensors)))


class Split(Shaping):
    """A tensor cut along an axis: into so many equal parts, or before the given indices."""

    op = "split"
    stricter = {"at least 2|into parts": "one part is no part, in a list all the same; nor is an empty one"}
    rule = "2 sections on axis 1: (batch, 2 * a) -> two of (batch, a)"

    indices_or_sections: Sections
    axis: Axis = 0

    def output(self, x: Tensor, **call: Any) -> tuple[Tensor, ...]:
        axis = resolve_axis(self, self.axis, x)
        check_keeps_batch(self, axis, x)
        return tuple(
            Tensor((*x.shape[:axis], size, *x.shape[axis + 1 :]), x.dtype) for size in self.sizes(x.shape[axis], x)
        )

    def sizes(self, size: Dim, x: Tensor) -> Shape:
        """The sizes of the parts."""
        if isinstance(self.indices_or_sections, int):
            sections = self.indices_or_sections
            if size is None:
                raise LayerError(
                    f"ops.split needs to know axis {self.axis} of {x} to cut it evenly",
                    param="indices_or_sections",
                    code="unknown-dimension",
                    hint="give the indices to cut at, as in [4, 8]",
                )
            if size % sections:
                raise LayerError(
                    f"{size} values along axis {self.axis} of {x} do not divide into {sections} parts: "
                    f"{size % sections} would be left",
                    param="indices_or_sections",
                    hint=self.even(size, sections),
                )
            return (size // sections,) * sections
        cuts = self.indices_or_sections
        if any(a >= b for a, b in zip(cuts, cuts[1:], strict=False)) or (size is not None and cuts[-1] >= size):
            raise LayerError(
                f"{cuts} does not cut {'an unknown size' if size is None else size} into parts",
                param="indices_or_sections",
                hint="use indices that rise, from 1 to one less than the size",
            )
        parts: list[Dim] = [b - a for a, b in zip([0, *cuts], cuts, strict=False)]
        return (*parts, None if size is None else size - cuts[-1])

    def even(self, size: int, sections: int) -> str:
        """What to write so that the parts come out even, or as many as were wanted."""
        fewer = next((count for count in range(min(sections, size), 1, -1) if size % count == 0), None)
        cuts = [size * part // sections for part in range(1, sections)]
        listed = f'"indices_or_sections": {cuts}, to cut before these' if size > sections else ""
        evenly = f'"indices_or_sections": {fewer}' if fewer else ""
        return "use " + (" or ".join(filter(None, (evenly, listed))) or f"an axis of at least {sections} values")


class Squeeze(Shaping):
    """Dimensions of 1 left out: those given, or all."""

    op = "squeeze"
    rule = "axis 1: (batch, 1, a) -> (batch, a)"

    stricter = {"without an axis: ": "with unknown sizes, what is left depends on the data"}

    axis: SqueezedAxes = None

    def output(self, x: Tensor, **call: Any) -> Tensor:
        if self.axis is None and None in x.shape:
            lost = "a batch of one example would lose the batch" if x.batch is None else "an unknown size may be 1"
            raise LayerError(
                f"ops.squeeze of {x} without an axis: {lost}",
                hint=self.instead(0, x) if 1 in x.shape[1:] else "take it out: no dimension is known to be 1",
            )
        if self.axis is None:
            axes = tuple(axis for axis, dim in enumerate(x.shape) if dim == 1)
        else:
            axes = resolve_axes(self, self.axis, x)
        for axis in axes:
            if x.shape[axis] != 1:
                raise LayerError(
                    f"axis {axis} of {x} is {x.shape[axis]}, and only a dimension of 1 can be left out",
                    param="axis",
                    hint=self.instead(axis, x),
                )
            check_keeps_batch(self, axis, x)
        return Tensor(tuple(dim for axis, dim in enumerate(x.shape) if axis not in axes), x.dtype)

    def instead(self, axis: int, x: Tensor) -> str:
        """The dimension of 1 that was meant, or how to take one value of another."""
        single = next((other for other, dim in enumerate(x.shape) if dim == 1 and other), None)
        if single is not None:
            return f'use "axis": {single}'
        if axis == 0:
            return "leave the batch, axis 0, as it is"
        return f'use {{"op": "ops.take", "indices": 0, "axis": {axis}}} to keep the first'


class ExpandDims(Shaping):
    """A new dimension of 1 at each of the given axes of the result."""

    op = "expand_dims"
    rule = "axis 1: (batch, a) -> (batch, 1, a)"

    axis: SomeAxes

    def output(self, x: Tensor, **call: Any) -> Tensor:
        given = (self.axis,) if isinstance(self.axis, int) else self.axis
        result = Tensor((*x.shape, *(1 for _ in given)))
        axes = resolve_axes(self, given, result)
        dims = iter(x.shape)
        return Tensor(tuple(1 if axis in axes else next(dims) for axis in range(result.rank)), x.dtype)


class Swapaxes(Shaping):
    """Two dimensions in each other's place."""

    op = "swapaxes"
    rule = "1 and 2: (batch, a, b) -> (batch, b, a)"

    axis1: Axis
    axis2: Axis

    def output(self, x: Tensor, **call: Any) -> Tensor:
        one, other = (resolve_axis(self, getattr(self, name), x, name) for name in ("axis1", "axis2"))
        shape = list(x.shape)
        shape[one], shape[other] = shape[other], shape[one]
        return Tensor(tuple(shape), x.dtype)


class Moveaxis(Shaping):
    """Dimensions moved to other places, the others in their order."""

    op = "moveaxis"
    rule = "1 to -1: (batch, a, b, c) -> (batch, b, c, a)"

    source: SomeAxes
    destination: SomeAxes

    def output(self, x: Tensor, **call: Any) -> Tensor:
        sources = resolve_axes(self, self.source, x, "source")
        places = resolve_axes(self, self.destination, x, "destination")
        if len(sources) != len(places):
            raise bad(
                f"{len(sources)} dimensions cannot move to {len(places)} places",
                "destination",
                f'give "destination" {len(sources)} of them, as "source" has',
            )
        moved = dict(zip(places, sources, strict=True))
        rest = iter(axis for axis in range(x.rank) if axis not in sources)
        return Tensor(tuple(x.shape[moved[axis] if axis in moved else next(rest)] for axis in range(x.rank)), x.dtype)
