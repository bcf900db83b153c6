"""Merges: several tensors into one."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import Layer
from archgen.layers.checks import require_numbers, resolve_axis
from archgen.layers.kinds import Axis, Flag, Int, ListOf
from archgen.layers.masks import Carried, Mask, concatenated, merged
from archgen.layers.misfits import clash, say_how_ranked, say_why_not_added, say_why_not_joined
from archgen.tensors import Dim, Shape, Tensor, product

DotAxes = Annotated[int | tuple[int, int], ListOf(Int(), minimum=2, maximum=2, scalar=True)]


class Merge(Layer):
    """Base of the layers that take a list of tensors."""

    abstract: ClassVar[bool] = True
    category = "merging"
    takes_list = True
    in_sequential = False

    def check_inputs(self, *tensors: Tensor) -> None:
        """Refuse batches that differ, and inputs of which none is floating-point: Keras announces floats of these."""
        for x in tensors:
            require_numbers(self, x)
        if not any(x.is_float for x in tensors):
            raise LayerError(
                f"{self.op} needs a floating-point input, found {tensors[0].dtype}",
                code="dtype-mismatch",
                hint='put {"op": "Rescaling", "scale": 1.0} before it',
            )
        batches = {x.batch for x in tensors} - {None}
        if len(batches) > 1:
            raise LayerError(
                f"{self.op} cannot combine batches of {' and '.join(map(str, sorted(batches, key=str)))}",
                hint='use the same "batch_size" in every Input, or none',
            )


class Arithmetic(Merge):
    """Base of the merges that combine value by value; dimensions of 1 stretch, as in NumPy, and the batch stays."""

    abstract: ClassVar[bool] = True
    rule = "inputs of equal shape -> that shape; dimensions of 1, and missing ones in front, stretch"

    def output(self, *tensors: Tensor, **call: Any) -> Tensor:
        self.check_inputs(*tensors)
        shape: Shape = tensors[0].shape[1:]
        for index, x in enumerate(tensors[1:], start=1):
            stretched = stretch(shape, x.shape[1:])
            if stretched is None:
                other = next((y for y in tensors[:index] if stretch(y.shape[1:], x.shape[1:]) is None), None)
                found = other or tensors[0].reshaped(tensors[0].batch, *shape)
                raise LayerError(
                    f"{self.op} cannot combine {found} and {x}", hint=say_why_not_added(found.shape, x.shape)
                )
            shape = stretched
        batch = next((x.batch for x in tensors if x.batch is not None), None)
        return Tensor((batch, *shape), self.compute_dtype)

    def flops(self, *tensors: Tensor, **call: Any) -> Dim:
        return product((len(tensors) - 1, *self.output(*tensors).shape[1:]))

    def carry(self, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
        return merged(masks)


def stretch(left: Shape, right: Shape) -> Shape | None:
    """The shape that two shapes without the batch stretch to, or ``None`` where they do not fit.

    >>> stretch((4, 1), (5,)), stretch((4, 5), (4,)), stretch((None, 5), (4, 5))
    ((4, 5), None, (None, 5))
    """
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    start = len(longer) - len(shorter)
    dims: list[Dim] = list(longer[:start])
    for one, other in zip(longer[start:], shorter, strict=True):
        if one is None or other is None:
            dims.append(None)
        elif one != other and 1 not in (one, other):
            return None
        else:
            dims.append(other if one == 1 else one)
    return tuple(dims)


class Add(Arithmetic):
    """The sum of its inputs, value by value."""


class Subtract(Arithmetic):
    """The first of two inputs minus the second."""

    min_inputs = 2
    max_inputs = 2


class Multiply(Arithmetic):
    """The product of its inputs, value by value."""


class Average(Arithmetic):
    """The mean of its inputs, value by value."""

    stricter = {"needs (a )?floating-point": "some functions work on some integers"}

    def flops(self, *tensors: Tensor, **call: Any) -> Dim:
        return product((len(tensors), *self.output(*tensors).shape[1:]))


class Maximum(Arithmetic):
    """The largest of its inputs, value by value."""


class Minimum(Arithmetic):
    """The smallest of its inputs, value by value."""


class Concatenate(Merge):
    """Its inputs one after the other along an axis."""

    stricter = {"is the batch|does not exist": "joins examples of one batch; one input joins along any axis"}
    rule = "(batch, ..., a), (batch, ..., b) -> (batch, ..., a + b)"

    axis: Axis = -1

    def output(self, *tensors: Tensor, **call: Any) -> Tensor:
        first = tensors[0]
        for x in tensors[1:]:
            if x.rank != first.rank:
                raise LayerError(
                    f"Concatenate cannot combine {first} and {x}",
                    hint=say_how_ranked(*sorted((first, x), key=lambda t: t.rank)),
                )
        axis = resolve_axis(self, self.axis, first)
        if axis == 0:
            raise LayerError(
                f"axis {self.axis} of {first} is the batch, and examples cannot be joined",
                param="axis",
                hint='use "axis": 1 or more, or -1 for the last dimension' if first.rank > 1 else "Reshape the inputs",
            )
        self.check_inputs(*tensors)
        for index, x in enumerate(tensors[1:], start=1):
            for other in tensors[:index]:
                if any(clash(a, b) for i, (a, b) in enumerate(zip(other.shape, x.shape, strict=True)) if i != axis):
                    raise LayerError(
                        f"Concatenate on axis {self.axis} cannot combine {other} and {x}",
                        hint=say_why_not_joined(other.shape, x.shape, axis),
                    )
        joined = total([x.shape[axis] for x in tensors])
        return Tensor((*first.shape[:axis], joined, *first.shape[axis + 1 :]), self.compute_dtype)

    def carry(self, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
        return concatenated(tensors, masks)


def total(dims: list[Dim]) -> Dim:
    """The sum of dimensions, unknown if one of them is."""
    known = [dim for dim in dims if dim is not None]
    return sum(known) if len(known) == len(dims) else None


class Dot(Merge):
    """Products of two inputs summed along an axis of each, example by example."""

    stricter = {"does not exist": "Keras counts axes round and round"}
    rule = "axes 1: (batch, n), (batch, n) -> (batch, 1); axes 2: (batch, a, n), (batch, b, n) -> (batch, a, b)"
    min_inputs = 2
    max_inputs = 2

    axes: DotAxes
    normalize: Flag = False

    def resolved(self, left: Tensor, right: Tensor) -> tuple[int, int]:
        """The axis of each input, counted from the front; raises on the batch and on axes that do not exist."""
        given = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        axes = [resolve_axis(self, axis, x, "axes") for axis, x in zip(given, (left, right), strict=True)]
        if 0 in axes:
            raise LayerError(
                f"axis {given[axes.index(0)]} of {(left, right)[axes.index(0)]} is the batch, which Dot keeps apart",
                param="axes",
                hint='use "axes": -1 for the last dimension of both',
            )
        return axes[0], axes[1]

    def output(self, *tensors: Tensor, **call: Any) -> Tensor:
        left, right = tensors
        one, other = self.resolved(left, right)
        self.check_inputs(left, right)
        if self.normalize and not (left.is_float and right.is_float):
            raise LayerError(
                "Dot can normalize floating-point inputs only",
                param="normalize",
                code="dtype-mismatch",
                hint='use "normalize": false',
            )
        if left.shape[one] != right.shape[other]:
            raise LayerError(
                f"Dot cannot sum over axis {one} of {left} and axis {other} of {right}",
                param="axes",
                hint=self.fitting(left, right),
            )
        dims = (
            left.batch,
            *(dim for axis, dim in enumerate(left.shape) if axis not in (0, one)),
            *(dim for axis, dim in enumerate(right.shape) if axis not in (0, other)),
        )
        return Tensor(dims if len(dims) > 1 else (*dims, 1), self.compute_dtype)

    def fitting(self, left: Tensor, right: Tensor) -> str:
        """A hint with axes of equal size."""
        for one in range(left.rank - 1, 0, -1):
            for other in range(right.rank - 1, 0, -1):
                if left.shape[one] == right.shape[other]:
                    return f'use "axes": [{one}, {other}], two dimensions of {left.shape[one]}'
        return "no two dimensions have the same size; give one input a Dense with the other's"

    def flops(self, *tensors: Tensor, **call: Any) -> Dim:
        left, right = tensors
        axis, _ = self.resolved(left, right)
        products = product((2, left.shape[axis], *self.output(left, right).shape[1:]))
        if not self.normalize or products is None or left.size is None or right.size is None:
            return None if self.normalize else products
        return products + 3 * (left.size + right.size)
