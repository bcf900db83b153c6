"""Program -> graph: one forward walk that unrolls everything, infers shapes, and collects every problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from archgen.builder import Given, GraphBuilder, Port, Ports, passed
from archgen.errors import LayerError, Problem, SpecError
from archgen.expressions import ExpressionError
from archgen.graph import GraphNode
from archgen.layers.base import LayerErrors, Operation, automatic_name
from archgen.program import Call, Part, Program, Reference, evaluate
from archgen.size import LIMIT, check_size
from archgen.source import Path, show_path
from archgen.structure import Structure
if TYPE_CHECKING:
    import networkx


def expand(program: Program, *, limit: int = LIMIT) -> networkx.MultiDiGraph:
    """The graph of a program; raises ``SpecError`` with every problem of the program and of its shapes.

    ``limit`` bounds the number of nodes; a program past it is refused before it is expanded.
    """
    graph, problems = examine(program, limit=limit)
    if problems or graph is None:
        raise SpecError(problems)
    return graph


def examine(program: Program, *, limit: int = LIMIT) -> tuple[networkx.MultiDiGraph | None, list[Problem]]:
    """The graph, or ``None`` where nothing could be built, and every problem found while loading and expanding."""
    problems = list(program.problems)
    if any(problem.code in ("recursion", "too-deep") for problem in problems):
        return None, problems
    if too_large := check_size(program, limit):
        return None, [*problems, too_large]
    walker = _Walker(program, limit)
    graph = walker.run()
    return graph, [*problems, *walker.problems]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands: everything about the way in."""

    builder: GraphBuilder
    scope: Mapping[str, Any]
    inputs: Mapping[str, Port | None]
    frame: int | None = None
    prefix: str = ""
    trail: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


class _Walker:
    def __init__(self, program: Program, limit: int) -> None:
        self.program = program
        self.limit = limit
        self.structure = Structure(program)
        self.problems: list[Problem] = []
        self.told: set[tuple[Any, ...]] = set()
        self.counters: dict[str, int] = {}
        self.definitions: dict[str, GraphBuilder] = {}

    # Problems

    def tell(self, code: str, message: str, path: Path, place: _Place, **more: Any) -> None:
        """Note a problem once, however many repetitions lead to it."""
        fingerprint = (code, path, message)
        if fingerprint not in self.told:
            self.told.add(fingerprint)
            trail = (*more.pop("extra", ()), *place.trail)
            self.problems.append(self.program.source.problem(code, message, path, trail=trail, **more))

    def tell_expression(self, error: ExpressionError, path: Path, place: _Place) -> None:
        self.tell(error.code, error.message, path, place, hint=error.hint)

    # Names

    def automatic(self, class_name: str) -> str:
        """The next automatic name of a class, as Keras counts them."""
        name = automatic_name(class_name)
        count = self.counters.get(name, 0)
        self.counters[name] = count + 1
        return f"{name}_{count}" if count else name

    # Parts

    def run(self) -> networkx.MultiDiGraph | None:
        roots = self.structure.roots
        builders = [self.define(part) for part in roots]
        for name, part in self.program.models.items():
            if name not in self.definitions and not part.broken:
                self.define(part)
        if self.problems or self.program.problems or not builders:
            return None
        top = builders[0] if self.program.main else self.composite(roots)
        models = {name: self.definitions[name] for name in self.definitions if name != top.name}
        return top.finish(models)

    def define(self, part: Part) -> GraphBuilder:
        """Expand the main graph or a model by itself, after the models that it builds."""
        builder = GraphBuilder(self.program, part.name)
        place = _Place(builder, {**self.program.params, **part.params}, {})
        chain = part.is_chain
        if not chain:
            for name in self.structure.builds(part):
                if name not in self.definitions:
                    self.define(self.program.models[name])
        if part.kind == "model":
            self.definitions[part.name] = builder
        values = self.walk(part, place, chain)
        builder.give(values, part.outputs.names)
        return builder

    def composite(self, roots: list[Part]) -> GraphBuilder:
        """A GAN has no main graph: its picture is the generator, whose output the discriminator judges."""
        builder = GraphBuilder(self.program, self.program.name)
        ports: Ports = ()
        for part in roots:
            definition = self.definitions[part.name]
            inputs = ports if len(ports) == len(definition.inputs) else ()
            ports = builder.include(definition, inputs, call=part.name, frame=None, trail=(), shares=False)
        builder.give([ports], None)
        return builder

    def walk(self, part: Part, place: _Place, chain: bool = False) -> list[Ports | None]:
        """Expand the nodes of a part in order; what each output gives, ``None`` where that is unknown."""
        values: list[Ports | None] = []
        late: list[str] = []
        layers: dict[int, GraphNode] = {}
        for index, call in enumerate(part.nodes):
            label = self.structure.labels(part)[index]
            values.append(self.call(call, label, place, values, layers, index, late if chain else None))
        for class_name in late:
            self.automatic(class_name)
        return [self.look_up(reference, place, values) for reference in part.outputs.references]

    def look_up(self, reference: Reference, place: _Place, values: list[Ports | None]) -> Ports | None:
        """What a reference reads, as one port."""
        if isinstance(reference.target, str):
            port = place.inputs.get(reference.target)
            return (port,) if port else None
        ports = values[reference.target]
        if ports is None:
            return None
        if reference.output >= len(ports):
            count = f"{len(ports)} output{'s' if len(ports) > 1 else ''}"
            self.tell(
                "bad-reference",
                f'"{reference.text}" asks for output {reference.output}, there is {count}',
                reference.path,
                place,
                hint="outputs count from 0",
            )
            return None
        return (ports[reference.output],)

    # Calls

    def call(
        self,
        call: Call,
        label: str,
        place: _Place,
        values: list[Ports | None],
        layers: dict[int, GraphNode],
        index: int,
        late: list[str] | None,
    ) -> Ports | None:
        """One node, with its condition and its repetitions."""
        positional = [self.look_up(reference, place, values) for reference in call.sources.positional]
        named = {
            name: [self.look_up(r, place, values) for r in (value if isinstance(value, tuple) else (value,))]
            for name, value in call.sources.named.items()
        }
        if call.broken or None in positional or any(None in ports for ports in named.values()):
            return None
        inputs: list[Port] = [ports[0] for ports in positional if ports]
        keywords = {name: [ports[0] for ports in group if ports] for name, group in named.items()}
        first = inputs[0] if inputs else next(iter(keywords.values()))[0] if keywords else None
        if call.when is not None:
            try:
                if not call.when.evaluate(place.scope):
                    return (first,) if first else None
            except ExpressionError as error:
                self.tell_expression(error, (*call.path, "when"), place)
                return None
        turns = self.turns(call, place)
        if turns is None:
            return None
        ports: Ports = (first,) if first else ()
        for turn, arguments in enumerate(turns, 1):
            if call.repeat and turn > 1:
                inputs, keywords = self.chain(inputs, keywords, ports[0])
            step = _Step(call, label, turn, len(turns) if call.repeat else 0, arguments, inputs, keywords)
            result = self.apply(step, place, layers, index, late)
            if result is None:
                return None
            if (call.repeat or call.when) and len(result) > 1:
                word = "repeat" if call.repeat else "when"
                self.tell(
                    "repeat-outputs",
                    f'"{word}" needs an op of one output, {call.op} gives {len(result)}',
                    (*call.path, word),
                    place,
                    hint=f'take the "{word}" out, or let it give one output',
                )
                return None
            ports = result
        return ports

    def chain(
        self, inputs: list[Port], keywords: dict[str, list[Port]], port: Port
    ) -> tuple[list[Port], dict[str, list[Port]]]:
        """The inputs of the next turn: its first input is what the turn before gave."""
        if inputs:
            return [port, *inputs[1:]], keywords
        first = next(iter(keywords))
        return inputs, {**keywords, first: [port, *keywords[first][1:]]}

    def turns(self, call: Call, place: _Place) -> list[dict[str, Any]] | None:
        """The arguments that each application adds."""
        if call.repeat is None:
            return [{}]
        path: Path = (*call.path, "repeat")
        try:
            if not call.repeat.lists:
                count = evaluate(call.repeat.count, place.scope)
                if isinstance(count, bool) or not isinstance(count, int) or count < 0:
                    found = f"{count!r:.40}"
                    self.tell(
                        "wrong-type", f"a repeat count is a whole number of 0 or more, found {found}", path, place
                    )
                    return None
                return [{}] * count
            lists: dict[str, list[Any]] = {}
            for name, items in call.repeat.lists.items():
                lists[name] = evaluate(items, place.scope)
                if not isinstance(lists[name], list):
                    message = f'"{name}" repeats over a list, found {lists[name]!r:.40}'
                    self.tell("wrong-type", message, (*path, name), place)
                    return None
        except ExpressionError as error:
            self.tell_expression(error, path, place)
            return None
        lengths = {name: len(items) for name, items in lists.items()}
        if len(set(lengths.values())) > 1:
            found = ", ".join(f'"{name}" {length}' for name, length in lengths.items())
            self.tell("repeat-lengths", f"the lists differ in length: {found}", path, place, hint="one entry each")
            return None
        return [dict(zip(lists, items, strict=True)) for items in zip(*lists.values(), strict=True)]

    def apply(
        self, step: _Step, place: _Place, layers: dict[int, GraphNode], index: int, late: list[str] | None
    ) -> Ports | None:
        """One application of an op."""
        call = step.call
        match call.kind:
            case "block":
                return self.block(step, place)
            case "model":
                return self.model(step, place)
            case "again":
                assert call.target is not None
                made = layers.get(call.target)
                return self.layer(step, place, made.declared, made) if made else None
        declared = self.declare(step, place)
        if declared is None:
            return None
        ports = self.layer(step, place, declared, None, late)
        if ports is not None and call.kind == "layer":
            layers[index] = place.builder.nodes[place.builder.last]
        return ports

    def declare(self, step: _Step, place: _Place) -> Operation | None:
        """The declaration of a layer with this turn's arguments."""
        call = step.call
        if call.ready is not None:
            return call.ready
        assert call.declared is not None
        try:
            step.values.update(self.arguments(step, place))
            declared = call.declared.create(step.values)
            assert isinstance(declared, Operation)
            return declared
        except ExpressionError as error:
            self.tell_expression(error, call.path, place)
        except LayerError as error:
            self.refuse(error, step, place)
        return None

    def arguments(self, step: _Step, place: _Place) -> dict[str, Any]:
        """The arguments of a call, evaluated, and what the repetition adds."""
        given: dict[str, Any] = {}
        for name, value in step.call.arguments.items():
            try:
                given[name] = evaluate(value, place.scope)
            except ExpressionError as error:
                self.tell_expression(error, (*step.call.path, name), place)
                raise LayerErrors([]) from None
        return {**given, **step.added}

    def refuse(self, error: LayerError, step: _Step, place: _Place) -> None:
        """Tell what a declaration refused: arguments, or the tensors that it was given."""
        call = step.call
        for each in error.errors if isinstance(error, LayerErrors) else [error]:
            path: Path = call.path
            if each.param:
                inside = each.param[0] in step.added
                path = (*call.path, "repeat", each.param[0], step.turn - 1) if inside else (*call.path, *each.param)
            message = each.message
            if each.code == "bad-argument" and each.param:
                message = f'"{show_path(each.param)}": {message}'
            details = each.details
            if not details and len(step.tensors) > 1:
                details = tuple(zip(step.read(), (str(port.tensor) for port in step.tensors), strict=True))
            if each.param and each.code in ("shape-mismatch", "unknown-dimension", "dtype-mismatch"):
                path = call.path if each.param[0] not in call.arguments else path
            extra = (step.says(),) if step.turns else ()
            hint = each.hint.format(*step.read()) if each.hint and "{0}" in each.hint else each.hint
            self.tell(each.code, message, path, place, hint=hint, details=details, extra=extra)

    def layer(
        self,
        step: _Step,
        place: _Place,
        declared: Operation,
        made: GraphNode | None,
        late: list[str] | None = None,
    ) -> Ports | None:
        """One application of a layer or function: its name, its tensors, its weights."""
        call = step.call
        if made is None:
            declared = self.take_names(declared)
        name = made.name if made else self.name(step, place, declared)
        tensors, keywords = passed(declared, ((port.tensor, argument) for port, argument in step.edges()))
        try:
            options = evaluate(call.options, place.scope)
            for key, value in options.items():
                options[key] = declared.options[key].coerce(value)
            outputs = declared.output(*tensors, **keywords, **options)
            weights = declared.weights(*tensors, **keywords, **options)
            if made is not None and weights != made.weights:
                raise LayerError(
                    f"'{call.op}' was built for {made.inputs[0]} and cannot read {tensors[0]}",
                    hint="its weights have one shape: give it the same last dimension",
                )
            flops = declared.flops(*tensors, **keywords, **options)
            self.name_inside(declared, tensors, {**keywords, **options}, made is None, late)
        except ExpressionError as error:
            self.tell_expression(error, (*call.path, "call"), place)
            return None
        except LayerError as error:
            self.refuse(error, step, place)
            return None
        line, column = self.program.source.find(call.path)
        frame = self.layer_frame(step, place)
        node = GraphNode(
            key=place.builder.free(name),
            name=name,
            id=call.id,
            op=call.op if made is None else made.op,
            declared=declared,
            arguments=step.values or dict(call.arguments) if made is None else {},
            inputs=tuple(port.tensor for port in step.tensors),
            outputs=outputs if isinstance(outputs, tuple) else (outputs,),
            weights={} if made else weights,
            flops=flops,
            frame=frame,
            scope=place.models,
            path=show_path(call.path),
            line=line,
            column=column,
            trail=(*((step.says(),) if step.turns else ()), *place.trail),
            calls=options,
            shares=made.key if made else None,
        )
        if made is None and (first := place.builder.named.get(name)):
            where = place.builder.nodes[first].path if first in place.builder.nodes else f"the model '{first}'"
            self.tell(
                "duplicate-name",
                f'two layers would be called "{name}", the other at {where}',
                (*call.path, "id") if call.id else call.path,
                place,
                hint="give one of them another id",
            )
            return None
        place.builder.add(node, step.edges())
        return tuple(Port(node.key, output, tensor) for output, tensor in enumerate(node.outputs))

    def take_names(self, declared: Operation) -> Operation:
        """The declaration of a new layer, which knows what the layers inside are called."""
        classes = declared.names_before()
        if not classes:
            return declared
        own = deepcopy(declared)
        own.take_names(tuple(map(self.automatic, classes)))
        return own

    def name(self, step: _Step, place: _Place, declared: Operation) -> str:
        """The Keras name of a new layer or operation."""
        call = step.call
        if call.id is None or call.kind == "op":
            return self.automatic(declared.keras_class)
        return "_".join([*([place.prefix] if place.prefix else []), call.id, *([str(step.turn)] if step.turns else [])])

    def name_inside(
        self, declared: Operation, tensors: list[Given], call: dict[str, Any], new: bool, late: list[str] | None
    ) -> None:
        """Count the automatic names that building and calling a layer takes; in a Sequential that is done ``late``."""
        flat = [each for given in tensors for each in (given if isinstance(given, tuple) else (given,))]
        names = (*(declared.names_on_build() if new else ()), *declared.names_on_call(*flat, **call))
        if late is not None:
            late += names
        else:
            for class_name in names:
                self.automatic(class_name)

    def layer_frame(self, step: _Step, place: _Place) -> int | None:
        if not step.turns:
            return place.frame
        return place.builder.frame("layer", step.call.op, step.label, step, place.frame, step.added).index

    def block(self, step: _Step, place: _Place) -> Ports | None:
        """One use of a block: a fresh copy with its own weights."""
        part = self.program.blocks[step.call.op]
        try:
            step.values.update(self.arguments(step, place))
        except LayerError:
            return None
        ports = self.bind(part.inputs, step)
        label = "_".join(
            [*([place.prefix] if place.prefix else []), step.label, *([str(step.turn)] if step.turns else [])]
        )
        frame = place.builder.frame("block", part.name, label, step, place.frame, step.values)
        scope = {
            **self.program.params,
            **part.params,
            **step.values,
            **{name: port.tensor for name, port in ports.items()},
        }
        inner = replace(
            place,
            scope=scope,
            inputs=ports,
            frame=frame.index,
            prefix=label if part.name in self.structure.named_blocks else place.prefix,
            trail=(*step.trail(), *place.trail),
        )
        results = self.walk(part, inner)
        if any(result is None for result in results):
            return None
        return tuple(result[0] for result in results if result)

    def bind(self, names: tuple[str, ...], step: _Step) -> dict[str, Port]:
        bound = dict(zip(names, step.inputs, strict=False))
        bound.update({name: ports[0] for name, ports in step.keywords.items()})
        return bound

    def model(self, step: _Step, place: _Place) -> Ports | None:
        """One call of a sub-model, of which there is one instance."""
        part = self.program.models[step.call.op]
        if part.name not in self.definitions:
            self.define(part)
        definition = self.definitions[part.name]
        if not definition.complete:
            return None
        inputs = step.inputs
        if step.keywords:
            bound = self.bind(tuple(definition.nodes[key].id or "" for key in definition.inputs), step)
            inputs = [
                bound[definition.nodes[key].id or ""] for key in definition.inputs if definition.nodes[key].id in bound
            ]
            if len(inputs) != len(definition.inputs):
                self.tell(
                    "wrong-inputs",
                    f"{part.name} takes {len(definition.inputs)} inputs",
                    (*step.call.path, "from"),
                    place,
                )
                return None
        if not self.fits(definition, inputs, step, place):
            return None
        if (first := place.builder.named.get(part.name)) and first != part.name:
            self.tell(
                "duplicate-name",
                f'the model "{part.name}" and a layer would bear one name, the layer at {place.builder.nodes[first].path}',
                (*step.call.path, "op"),
                place,
                hint="give the layer another id",
            )
            return None
        try:
            return place.builder.include(
                definition,
                tuple(inputs),
                call=step.label,
                frame=place.frame,
                trail=(*step.trail(), *place.trail),
                shares=part.name in place.builder.named,
                turn=(step.turn, step.turns),
            )
        except LayerError as error:
            self.refuse(error, step, place)
            return None

    def fits(self, definition: GraphBuilder, inputs: list[Port], step: _Step, place: _Place) -> bool:
        """Whether tensors can enter a model."""
        for key, port in zip(definition.inputs, inputs, strict=True):
            wanted = definition.nodes[key].outputs[0]
            same = wanted.rank == port.tensor.rank and all(
                one is None or two is None or one == two
                for one, two in zip(wanted.shape, port.tensor.shape, strict=True)
            )
            if not same:
                self.tell(
                    "shape-mismatch",
                    f"{definition.name} takes {wanted}, found {port.tensor}",
                    step.call.path,
                    place,
                    hint=f"change the Input of {definition.name}, or what it is given",
                    extra=(step.says(),) if step.turns else (),
                )
                return False
        return True


@dataclass(slots=True)
class _Step:
    """One application of a node: the turn, the arguments it adds, and what it reads."""

    call: Call
    label: str
    turn: int
    turns: int
    """How many turns there are; 0 for a node without ``repeat``."""
    added: dict[str, Any]
    inputs: list[Port]
    keywords: dict[str, list[Port]]
    values: dict[str, Any] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.values = {}

    @property
    def tensors(self) -> list[Port]:
        """Everything it reads."""
        return [*self.inputs, *(port for ports in self.keywords.values() for port in ports)]

    def read(self) -> list[str]:
        """What everything it reads is called."""
        return [reference.text for reference in self.call.sources.all()]

    def edges(self) -> Iterator[tuple[Port, str | int]]:
        """Everything it reads, with the call argument or the position."""
        yield from ((port, position) for position, port in enumerate(self.inputs))
        yield from ((port, name) for name, ports in self.keywords.items() for port in ports)

    def says(self) -> str:
        """Which repetition this is."""
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.added.items())
        return f"repetition {self.turn} of {self.turns}" + (f" ({arguments})" if arguments else "")

    def trail(self) -> tuple[str, ...]:
        """How what is inside the block or model was reached."""
        use = f"used by {show_path(self.call.path)}" + (f" '{self.call.id}'" if self.call.id else "")
        if self.turns:
            return (use, self.says())
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return (f"{use} ({arguments})" if arguments else use,)
