"""The program: an architecture as its author wrote it, with blocks, repeats and conditions unexpanded.

Arguments are still values in which an ``Expression`` may stand anywhere; references are resolved to nodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from archgen.errors import ArchgenError, LayerError, Problem
from archgen.expressions import Expression, ExpressionError
from archgen.layers.base import Operation
from archgen.layers.kinds import Object
from archgen.source import Path, Source
from archgen.tensors import Tensor

Value = Any
"""A JSON value whose objects with ``op`` are ``Object`` and whose ``$`` strings are ``Expression``."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a node reads: the ``output``-th output of an earlier node, or an input of the block."""

    target: int | str
    """The index of the node in its part, or the name of the block's input."""
    output: int
    text: str
    """As the author wrote it; for an implied reference, what the node is known by."""
    path: Path


@dataclass(frozen=True, slots=True)
class Sources:
    """What a node reads, in all."""

    positional: tuple[Reference, ...] = ()
    named: dict[str, Reference | tuple[Reference, ...]] = field(default_factory=dict)
    listed: bool = False
    """Whether the author wrote a list."""
    implied: bool = False
    """Whether there was no ``from``."""

    def all(self) -> Iterator[Reference]:
        """Every reference, in order."""
        yield from self.positional
        for value in self.named.values():
            yield from value if isinstance(value, tuple) else (value,)


@dataclass(frozen=True, slots=True)
class Repeat:
    """Apply a chain: ``count`` times, or once per entry of ``lists`` (argument -> values, all of one length)."""

    count: int | Expression | None = None
    lists: dict[str, list[Value] | Expression] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gives:
    """What an imported layer is declared to give: the value of its ``output``, in which expressions may stand.

    ``names`` are those of tensors that the layer reads, each with its position among them.
    """

    value: Value
    names: dict[str, int] = field(default_factory=dict)

    def of(self, tensors: Sequence[Tensor], scope: Mapping[str, Any]) -> Any:
        """The value where the layer reads these tensors; raises ``LayerError`` at an expression without one."""
        read = {name: tensors[index] for name, index in self.names.items() if index < len(tensors)}
        here = {**scope, **read}
        for path, expression in expressions(self.value):
            try:
                expression.evaluate(here)
            except ExpressionError as error:
                raise LayerError(error.message, param=path, hint=error.hint, code=error.code) from None
        return evaluate(self.value, here)


@dataclass(slots=True)
class Call:
    """One node."""

    path: Path
    op: str
    kind: Literal["layer", "op", "block", "model", "again"]
    id: str | None
    sources: Sources
    arguments: dict[str, Value] = field(default_factory=dict)
    options: dict[str, Value] = field(default_factory=dict)
    """The word ``call``: constants passed when the layer is called."""
    repeat: Repeat | None = None
    when: Expression | None = None
    declared: type[Operation] | None = None
    """The declaration of a layer's or function's op; for ``again`` that of the layer called."""
    target: int | None = None
    """For ``again``: the index of the node whose layer is called."""
    gives: Gives | None = None
    """For an imported layer: what its ``output`` declares."""
    ready: Operation | None = None
    """The operation itself, where no argument waits for an expression or a repetition."""
    broken: bool = False
    """Whether a mistake has been found in it: what stands downstream is unknown and stays silent."""

    @property
    def label(self) -> str:
        """What to call it in a message."""
        return self.id or self.op


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a part gives."""

    references: tuple[Reference, ...] = ()
    names: tuple[str, ...] | None = None
    """The names, where the author gave an object."""
    listed: bool = False


@dataclass(slots=True)
class Part:
    """The main graph, a block, or a sub-model."""

    kind: Literal["main", "block", "model"]
    name: str
    path: Path
    params: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    nodes: list[Call] = field(default_factory=list)
    outputs: Outputs = field(default_factory=Outputs)
    captures: tuple[str, ...] = ()
    """Parameters of the file that it reads, itself or through the blocks it uses."""
    models: tuple[str, ...] = ()
    """Sub-models that it calls, itself or through the blocks it uses, in the order in which they are declared."""
    broken: bool = False
    unread: bool = False
    """Whether a reference in it could not be read: then nobody knows which nodes lead nowhere."""

    @property
    def input_nodes(self) -> list[int]:
        """Indices of its ``Input`` nodes."""
        return [index for index, call in enumerate(self.nodes) if call.op == "Input"]

    @property
    def is_chain(self) -> bool:
        """Whether it is one Input and then layers or models, each reading only the one before: a Sequential."""
        if self.kind == "block" or len(self.nodes) < 2 or self.nodes[0].op != "Input" or self.outputs.names:
            return False
        if self.outputs.listed or [(r.target, r.output) for r in self.outputs.references] != [(len(self.nodes) - 1, 0)]:
            return False
        return all(
            call.kind in ("layer", "model")
            and call.op != "Input"
            and call.repeat is None
            and call.when is None
            and not call.options
            and not call.sources.named
            and not call.sources.listed
            and [(r.target, r.output) for r in call.sources.positional] == [(index - 1, 0)]
            and (call.declared is None or (call.declared.in_sequential and not call.declared.takes_list))
            and not gives_several(call.arguments)
            for index, call in enumerate(self.nodes)
            if index
        ) and len({call.op for call in self.nodes if call.kind == "model"}) == sum(
            call.kind == "model" for call in self.nodes
        )


@dataclass(slots=True, repr=False)
class Program:
    """A whole file."""

    source: Source
    name: str = "model"
    title: str | None = None
    description: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    """The module of each class of one's own, by the name of the class."""
    blocks: dict[str, Part] = field(default_factory=dict)
    models: dict[str, Part] = field(default_factory=dict)
    main: Part | None = None
    train: dict[str, Value] | None = None
    problems: list[Problem] = field(default_factory=list)
    """Mistakes found while loading."""
    lost: set[str] = field(default_factory=set)
    """Names of parameters, inputs, blocks and models whose definition has a mistake: what uses them is unknown."""

    @property
    def file(self) -> str:
        return self.source.file

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **options: Any) -> dict[str, str]:
        """The picture, for notebooks; ``options`` are those of ``archgen.render``. Where it fails, why."""
        from archgen.api import render

        try:
            picture = render(self, **options).decode("utf-8")
        except ArchgenError as error:
            hint = f"; {error.hint}" if error.hint else ""
            return {"text/plain": f"{self!r} without its picture: {error.message}{hint}"}
        return {"image/svg+xml": picture, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<archgen program {self.name!r} from {self.file}>"

    def part(self, call: Call) -> Part:
        """The block or model that a call uses."""
        return self.blocks[call.op] if call.kind == "block" else self.models[call.op]


def evaluate(value: Value, scope: Mapping[str, Any]) -> Any:
    """A value with its expressions replaced by theirs; raises ``ExpressionError``."""
    match value:
        case Expression():
            result = value.evaluate(scope)
            return list(result) if isinstance(result, (range, tuple)) else result
        case Object():
            return Object(value.op, {key: evaluate(item, scope) for key, item in value.arguments.items()})
        case list():
            return [evaluate(item, scope) for item in value]
        case dict():
            return {key: evaluate(item, scope) for key, item in value.items()}
    return value


def gives_several(arguments: Mapping[str, Value]) -> bool:
    """Whether an op, or a layer that it wraps, may give more than its output: states, or both directions unmerged."""
    return any(
        (key == "return_state" and value is not False)
        or (key == "merge_mode" and not isinstance(value, str))
        or (isinstance(value, Object) and gives_several(value.arguments))
        for key, value in arguments.items()
    )


def expressions_of(call: Call) -> Iterator[Expression]:
    """Every expression of a node: in its arguments, its ``call``, its ``repeat`` and its ``when``."""
    values: list[Value] = [call.arguments, call.options]
    if call.repeat is not None:
        values += [call.repeat.lists, call.repeat.count]
    for value in values:
        yield from (expression for _, expression in expressions(value))
    if call.when is not None:
        yield call.when


def expressions(value: Value, path: Path = ()) -> Iterator[tuple[Path, Expression]]:
    """Every expression in a value, with its path below."""
    match value:
        case Expression():
            yield path, value
        case Object():
            for key, item in value.arguments.items():
                yield from expressions(item, (*path, key))
        case list():
            for index, item in enumerate(value):
                yield from expressions(item, (*path, index))
        case dict():
            for key, item in value.items():
                yield from expressions(item, (*path, key))
