"""Random arguments and tensors for a declaration, drawn from its kinds: mostly valid, with the bounds among them."""

import random
import zlib
from dataclasses import dataclass, field
from typing import Any

from archgen.errors import LayerError
from archgen.layers.base import Declared, Operation, Output, known
from archgen.layers.kinds import (
    Bool,
    Choice,
    DType,
    Float,
    Int,
    Kind,
    ListOf,
    Made,
    Object,
    OneOf,
    ShapeOf,
    Sizes,
    Str,
    WrappedLayer,
)
from archgen.layers.ops.slicing import Slices
from archgen.tensors import Dim, Tensor

SMALL = (1, 2, 3, 4, 6)
DIMS: tuple[Dim, ...] = (1, 2, 3, 4, 5, 6, 8, 9)
DTYPES = ("float64", "float16", "int32", "int64", "uint8", "bool", "string")
ATTEMPTS = 40

COMMON_RANKS = (1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5)


@dataclass
class Case:
    """One declaration with arguments as a spec has them, and the tensors that it is called on."""

    declared: type[Declared]
    arguments: dict[str, Any]
    tensors: tuple[Tensor, ...] = ()
    call: dict[str, Any] = field(default_factory=dict)

    def outcome(self) -> tuple[Operation | None, tuple[Tensor, ...], LayerError | None]:
        """What archgen says: the layer and its outputs, or why not."""
        try:
            layer = self.declared.create(self.arguments)
            assert isinstance(layer, Operation)
            call = {name: layer.options[name].coerce(given) for name, given in self.call.items()}
            output: Output = layer.output(*self.tensors, **call)
            layer.weights(*self.tensors, **call)
        except LayerError as error:
            return None, (), error
        return layer, output if isinstance(output, tuple) else (output,), None

    def __str__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        tensors = ", ".join(f"{tensor} {tensor.dtype}" for tensor in self.tensors)
        return f"{self.declared.op}({given})({tensors}{', ' if self.call else ''}{self.call or ''})"


def cases(declared: type[Declared], count: int, seed: int = 0) -> list[Case]:
    """``count`` cases for a declaration, the same in every run; about two thirds are such as archgen accepts."""
    rng = random.Random(zlib.crc32(declared.op.encode()) + seed)
    return [case(declared, rng, accepted=index % 3 != 0) for index in range(count)]


def case(declared: type[Declared], rng: random.Random, *, accepted: bool) -> Case:
    """One case; where ``accepted`` is wanted, the first of a number of draws that archgen accepts."""
    drawn = draw_case(declared, rng)
    for _ in range(ATTEMPTS if accepted else 0):
        if drawn.outcome()[2] is None:
            break
        drawn = draw_case(declared, rng)
    return drawn


def draw_case(declared: type[Declared], rng: random.Random) -> Case:
    assert issubclass(declared, Operation)
    arguments = draw_arguments(declared, rng)
    if not declared.call_inputs and not declared.takes_list:
        return Case(declared, arguments)
    call = {name: draw(kind, rng) for name, kind in declared.options.items() if rng.random() < 0.2}
    return Case(declared, arguments, draw_tensors(declared, rng), call)


def draw_arguments(declared: type[Declared], rng: random.Random, *, objects: bool = True) -> dict[str, Any]:
    """Required arguments, and some of the others; now and then one that is out of bounds."""
    arguments = {}
    for name, argument in declared.fields.items():
        rare = isinstance(argument.kind, Made | DType) or name in ("trainable", "seed", "name")
        words = declared.samples.get(name)
        # Without an axis, or along axis 0, functions mix the examples of a batch.
        mixes = declared.role == "op" and name == "axis" and argument.default in (None, 0)
        usual = mixes or (words and not isinstance(argument.kind, WrappedLayer))
        share = 0.95 if usual else 0.07 if rare else 0.4
        if argument.required or rng.random() < share:
            if isinstance(argument.kind, WrappedLayer):
                arguments[name] = draw_layer(tuple(words or known("layer")), rng)
            elif words:
                arguments[name] = rng.choice(words)
            elif objects or not isinstance(argument.kind, Made):
                drawn = [draw(argument.kind, rng) for _ in range(4 if mixes else 1)]
                arguments[name] = next((value for value in drawn if value not in (None, 0)), drawn[0])
    inner = arguments.get("layer")
    if isinstance(inner, Object) and rng.random() < 0.15:
        # Most wrappers want the dtype of what they wrap.
        arguments["dtype"] = inner.arguments["dtype"] = draw(declared.fields["dtype"].kind, rng)
    if arguments and rng.random() < 0.08:
        name = rng.choice(sorted(arguments))
        arguments[name] = beyond(declared.fields[name].kind, rng, arguments[name])
    return arguments


def draw_layer(ops: tuple[str, ...], rng: random.Random) -> Object:
    op = rng.choice([op for op in ops if op in known("layer")])
    return Object(op, draw_arguments(known("layer")[op], rng, objects=False))


def draw(kind: Kind, rng: random.Random) -> Any:
    """A value that the kind takes, bounds and ``None`` among them."""
    if kind.nullable and rng.random() < 0.25:
        return None
    match kind:
        case Int():
            low = -3 if kind.minimum is None else kind.minimum
            return min(rng.choice([low, low + 1, -1 if low < 0 else low, *SMALL]), kind.maximum)
        case Float():
            low = -1.5 if kind.minimum is None else kind.minimum
            low = kind.above + 0.25 if kind.above is not None else low
            high = low + 2 if kind.maximum is None else kind.maximum
            return rng.choice([low, high, (low + high) / 2, low + (high - low) / 4])
        case Bool():
            return rng.random() < 0.5
        case Choice():
            return rng.choice(kind.choices)
        case Str():
            return "text"
        case Sizes():
            low = max(kind.minimum, 0)
            sizes = [rng.choice([low, low + 1, low + 2, low + 1]) for _ in range(kind.rank)]
            return sizes if rng.random() < 0.5 else sizes[0]
        case ShapeOf():
            return [draw(kind.item, rng) for _ in range(rng.choice([1, 2, 2, 3]))]
        case ListOf():
            if kind.scalar and rng.random() < 0.5:
                return draw(kind.item, rng)
            longest = 3 if kind.maximum is None else kind.maximum
            return [draw(kind.item, rng) for _ in range(rng.randint(min(kind.minimum, longest), longest))]
        case OneOf():
            return draw(rng.choice(kind.kinds), rng)
        case Made():
            return draw_made(kind, rng)
    raise NotImplementedError(f"no samples for {type(kind).__name__}")


def draw_made(kind: Made, rng: random.Random) -> Any:
    """A string of the role, or an object with its required arguments."""
    role = rng.choice(kind.roles)
    names = list(kind.names())
    if names and rng.random() < 0.5:
        return rng.choice(names)
    declared = rng.choice(list(known(role).values()))
    if role == "cell":
        return Object(declared.op, draw_arguments(declared, rng, objects=False))
    return Object(declared.op, {n: draw(f.kind, rng) for n, f in declared.fields.items() if f.required})


def beyond(kind: Kind, rng: random.Random, value: Any) -> Any:
    """A value just outside what the kind takes, or the given one where there is no such thing."""
    match kind:
        case Int() if kind.minimum is not None:
            return kind.minimum - 1
        case Float() if kind.minimum is not None:
            return kind.minimum - 0.5
        case Choice() if not isinstance(kind, DType):
            return "nonesuch"
        case Sizes():
            return rng.choice([kind.minimum - 1, [kind.minimum] * (kind.rank + 1)])
        case Made():
            return "nonesuch"
        case ListOf() if kind.maximum is not None:
            return [draw(kind.item, rng) for _ in range(kind.maximum + 1)]
    return value


def draw_tensors(declared: type[Operation], rng: random.Random) -> tuple[Tensor, ...]:
    """Tensors that may belong together: further ones mostly resemble the first."""
    if declared.takes_list:
        least = declared.min_inputs
        count = rng.randint(least, max(least, min(declared.max_inputs or least + 1, least + 2)))
    else:
        count = rng.randint(declared.required_inputs, len(declared.call_inputs))
        count = declared.required_inputs if rng.random() < 0.6 else count
    first = draw_tensor(rng, declared.sample_ranks or COMMON_RANKS, declared.sample_dtypes)
    return (first, *(draw_like(first, rng) for _ in range(count - 1)))[:count]


def draw_tensor(
    rng: random.Random, ranks: tuple[int, ...] = COMMON_RANKS, dtypes: tuple[str, ...] = ("float32",)
) -> Tensor:
    rank = rng.choice(ranks)
    batch = None if rng.random() < 0.9 else 2
    dims = tuple(None if rng.random() < 0.08 else rng.choice(DIMS) for _ in range(rank - 1))
    dtypes = dtypes if rng.random() < 0.75 else DTYPES
    return Tensor((batch, *dims), dtypes[0] if len(dtypes) == 1 else rng.choice(dtypes))


def draw_like(first: Tensor, rng: random.Random) -> Tensor:
    """The first tensor again, or with one dimension or the dtype changed, or another altogether."""
    chance = rng.random()
    if chance < 0.5 or first.rank < 2:
        return first
    if chance < 0.8:
        dims = list(first.shape)
        dims[rng.randrange(1, len(dims))] = rng.choice([1, None, *DIMS])
        return Tensor(tuple(dims), first.dtype)
    if chance < 0.9:
        return Tensor(first.shape, rng.choice(("float32", *DTYPES[:-1])))
    return draw_tensor(rng)


def request(case: Case) -> dict[str, Any]:
    """A case as the Keras worker takes it."""
    declared = case.declared
    assert issubclass(declared, Operation)
    named = {} if declared.takes_list else {n: i for i, n in enumerate(declared.call_inputs) if n in declared.by_name}
    named = {name: place for name, place in named.items() if place < len(case.tensors)}
    positions = [place for place in range(len(case.tensors)) if place not in named.values()]
    return {
        "role": declared.role,
        "op": declared.op,
        "arguments": encode(declared, case.arguments),
        "inputs": [{"shape": list(tensor.shape), "dtype": tensor.dtype} for tensor in case.tensors],
        "list": declared.takes_list,
        "positions": [int(word) for word in declared.call_words([str(i) for i in positions])],
        "named": named,
        "leading": list(declared.fields)[: getattr(declared, "leading", 0)],
        "call": case.call,
    }


def encode(declared: type[Declared], arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments as generated code writes them: lists as tuples where the kind says so, objects built."""
    return {
        name: encode_value(declared.fields[name].kind if name in declared.fields else None, value)
        for name, value in arguments.items()
    }


def encode_value(kind: Kind | None, value: Any) -> Any:
    if isinstance(kind, Slices):
        items = kind.items(value)
        return {"key": [[i.start, i.stop, i.step] if isinstance(i, slice) else "..." if i is ... else i for i in items]}
    if isinstance(value, list):
        items = [encode_value(kind, item) for item in value]
        return {"tuple": items} if kind is not None and kind.tuples else items
    if isinstance(value, Object):
        kind = kind.item if isinstance(kind, ListOf) else kind
        roles = kind.roles if isinstance(kind, Made) else ("layer",)
        role = next(role for role in roles if value.op in known(role))
        return {"role": role, "op": value.op, "arguments": encode(known(role)[value.op], value.arguments)}
    return value
