"""Hints for tensors that do not fit together: which one to change, and how."""

from collections.abc import Sequence

from archgen.tensors import Dim, Shape, Tensor, show_shape


def say_why_not_added(one: Shape, other: Shape) -> str:
    """What to do so that two shapes, each with the batch, can be added.

    >>> say_why_not_added((None, 16, 16, 128), (None, 32, 32, 64))
    'the (None, 32, 32, 64) input skips the stride; give it a Conv2D with filters=128, kernel_size=1, strides=2'
    >>> say_why_not_added((None, 8), (None, 4))
    'give the (None, 4) input a Dense with units=8'
    """
    if len(one) != len(other):
        return line_up(*sorted((one, other), key=len))
    if all(1 in pair for pair in differing(one[1:-1], other[1:-1])):
        return f"give the {show_shape(other)} input a {projection(other, one[-1])}"
    small, large = sorted((one, other), key=lambda shape: [dim or 0 for dim in shape[1:-1]])
    stride = ratio(small[1:-1], large[1:-1])
    if stride and len(one) in (3, 4, 5):
        convolution = f"Conv{len(one) - 2}D with filters={small[-1]}, kernel_size=1, strides={stride}"
        return f"the {show_shape(large)} input skips the stride; give it a {convolution}"
    return keep_size(small, large)


def say_why_not_joined(one: Shape, other: Shape, axis: int) -> str:
    """What to do so that two shapes of one rank, each with the batch, can be joined along an axis.

    >>> say_why_not_joined((None, 8, 8, 64), (None, 16, 16, 32), 3)
    'give the (None, 8, 8, 64) input an UpSampling2D with size=2'
    >>> say_why_not_joined((None, 4, 5), (None, 6, 5), 2)
    'use "axis": 1, the one dimension that differs'
    """
    differ = [index for index in range(len(one)) if differing((one[index],), (other[index],))]
    if len(differ) == 1 and 0 not in differ:
        return f'use "axis": {differ[0]}, the one dimension that differs'
    if len(one) in (3, 4, 5) and axis == len(one) - 1:
        small, large = sorted((one, other), key=lambda shape: [dim or 0 for dim in shape[1:-1]])
        factor = ratio(small[1:-1], large[1:-1])
        if factor and all((a or 0) * factor == b for a, b in zip(small[1:-1], large[1:-1], strict=True)):
            return f"give the {show_shape(small)} input an UpSampling{len(one) - 2}D with size={factor}"
        return keep_size(small, large)
    return f"all dimensions but axis {axis} must be equal"


def say_how_ranked(short: Tensor, long: Tensor) -> str:
    """What to do so that tensors of different rank can be joined.

    >>> say_how_ranked(Tensor((None, 3)), Tensor((None, 32, 32, 3)))
    'put {"op": "Flatten"} after the (None, 32, 32, 3) input'
    """
    if short.rank == 2:
        return f'put {{"op": "Flatten"}} after the {long} input'
    return f"give the {short} input as many dimensions, with a Reshape"


def clash(one: Dim, other: Dim) -> bool:
    """Whether two dimensions are known and differ."""
    return one is not None and other is not None and one != other


def differing(one: Shape, other: Shape) -> list[tuple[int, int]]:
    """The known sizes, pair by pair, that differ between shapes of one rank."""
    return [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None and clash(a, b)]


def ratio(small: Shape, large: Shape) -> int | None:
    """The one stride that takes every size of ``large`` to that of ``small``; ``None`` where there is none.

    >>> ratio((16, 16), (32, 32)), ratio((4, 4), (7, 7)), ratio((30, 30), (32, 32)), ratio((8, 16), (16, 16))
    (2, 2, None, None)
    """
    found: set[int] = set()
    for less, more in zip(small, large, strict=True):
        if less is None or more is None or less > more or less < 1:
            return None
        stride = round(more / less)
        if stride < 2 or -(-more // stride) != less:
            return None
        found.add(stride)
    return found.pop() if len(found) == 1 else None


def projection(shape: Shape, size: Dim) -> str:
    """A layer that gives a shape another last dimension."""
    if len(shape) in (4, 5):
        return f"Conv{len(shape) - 2}D with filters={size}, kernel_size=1"
    return f"Dense with units={size}"


def say_how_stepped(tensors: Sequence[Tensor]) -> str:
    """What to do so that tensors have steps and features, each with as many dimensions as the longest.

    >>> say_how_stepped([Tensor((None, 10, 4)), Tensor((None, 4))])
    'give the (None, 4) input a Reshape with "target_shape": [1, 4]'
    >>> say_how_stepped([Tensor((None, 8)), Tensor((None, 8))])
    'put {"op": "Reshape", "target_shape": [8, 1]} before it, or add "return_sequences": true to the recurrent layer'
    """
    rank = max(3, *(x.rank for x in tensors))
    short = min(tensors, key=lambda x: x.rank)
    own = [-1 if dim is None else dim for dim in short.shape[1:]]
    if all(x.rank == short.rank for x in tensors):
        target = [*own, *[1] * (rank - short.rank)]
        return (
            f'put {{"op": "Reshape", "target_shape": {target}}} before it, '
            'or add "return_sequences": true to the recurrent layer'
        )
    return f'give the {short} input a Reshape with "target_shape": {[*[1] * (rank - short.rank), *own]}'


def keep_size(small: Shape, large: Shape) -> str:
    """What to do where one input lost a few places.

    >>> keep_size((None, 7, 3), (None, 8, 3)).partition("or ")[2]
    'crop the (None, 8, 3) input with {"op": "Cropping1D", "cropping": [0, 1]}'
    """
    hint = f'the {show_shape(small)} input is the smaller; use "padding": "same" in the layers that make it'
    lost = [(b or 0) - (a or 0) for a, b in zip(small[1:-1], large[1:-1], strict=True)]
    if len(small) not in (3, 4, 5) or None in small[1:-1] + large[1:-1] or min(lost) < 0:
        return hint
    borders = [[less // 2, less - less // 2] for less in lost]
    cropping = borders[0] if len(borders) == 1 else borders
    crop = f'{{"op": "Cropping{len(lost)}D", "cropping": {cropping}}}'
    return f"{hint}, or crop the {show_shape(large)} input with {crop}"


def line_up(short: Shape, long: Shape) -> str:
    """What to do where one input has fewer dimensions: dimensions are matched from the last."""
    own, whole = short[1:], long[1:]
    if own == whole[: len(own)]:
        target = [*own, *[1] * (len(whole) - len(own))]
        shown = ", ".join("-1" if dim is None else str(dim) for dim in target)
        return f'give the {show_shape(short)} input a Reshape with "target_shape": [{shown}]'
    return f"dimensions are matched from the last; give the {show_shape(short)} input a Dense with units={whole[-1]}"
