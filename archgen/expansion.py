"""Program -> graph: one forward walk that unrolls everything, infers shapes, and collects every problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from archgen.builder import GraphBuilder, Port, Ports
from archgen.entry import check_entry, fits
from archgen.errors import LayerError, Problem, SpecError
from archgen.expressions import ExpressionError
from archgen.graph import GraphNode
from archgen.inference import Inference, collector_paused
from archgen.layers.base import LayerErrors, Operation
from archgen.layers.imported import ImportedLayer
from archgen.layers.misfits import projection
from archgen.naming import Names
from archgen.program import Call, Part, Program, Reference, evaluate
from archgen.size import LIMIT, TooLarge, check_size, too_large
from archgen.source import Path, show_path
from archgen.steps import Step, turns_of
from archgen.structure import Structure
from archgen.telling import Teller

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
    if any(problem.code == "too-deep" for problem in problems):
        return None, problems
    if excess := check_size(program, limit):
        return None, [*problems, excess]
    walker = _Walker(program, limit)
    try:
        with collector_paused():
            graph = walker.run()
    except TooLarge as error:
        return None, [*problems, *walker.teller.problems, error.problem]
    return graph, [*problems, *walker.teller.problems]


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


@dataclass(slots=True)
class _Here:
    """A walk through the nodes of one part: what it has found so far."""

    place: _Place
    late: list[str] | None
    """In a Sequential, the classes of the automatic names that are given when all its layers are made."""
    values: list[Ports | None] = field(default_factory=list)
    layers: dict[int, GraphNode] = field(default_factory=dict)
    """Nodes that made a layer, by index."""
    index: int = 0


class _Walker:
    def __init__(self, program: Program, limit: int) -> None:
        self.program = program
        self.limit = limit
        self.structure = Structure(program)
        self.teller = Teller(program)
        self.names = Names()
        self.inference = Inference()
        self.spots: dict[Path, tuple[str, int, int]] = {}
        self.definitions: dict[str, GraphBuilder] = {}
        self.output_counts: dict[str, int] = {}
        self.size = 0

    def grow(self, count: int, call: Call) -> None:
        """Count what is added; what depends on shapes could not be reckoned before."""
        self.size += count
        if self.size > self.limit:
            raise TooLarge(too_large(self.program, call, self.size, self.limit))

    # Parts

    def run(self) -> networkx.MultiDiGraph | None:
        roots = self.structure.roots
        builders = [self.define(part) for part in roots]
        for name, part in self.program.models.items():
            if name not in self.definitions and not part.broken:
                self.define(part)
        self.keep_apart(roots)
        if self.teller.problems or self.program.problems or not builders:
            return None
        top = builders[0] if self.program.main else self.composite(roots)
        return top.finish(self.definitions, self.output_counts)

    def define(self, part: Part) -> GraphBuilder:
        """Expand the main graph or a model by itself, after the models that it builds."""
        builder = GraphBuilder(self.program, part.name)
        place = _Place(builder, {**self.program.params, **part.params}, {})
        for name in self.structure.builds_first(part):
            if name not in self.definitions:
                self.define(self.program.models[name])
        if part.kind == "model":
            self.definitions[part.name] = builder
        values = self.walk(part, place, self.structure.is_chain(part))
        builder.give(values, part.outputs.names)
        return builder

    def keep_apart(self, roots: list[Part]) -> None:
        """Refuse a model that both networks of a GAN use: each is built by itself, and would get one of its own."""
        if len(roots) < 2:
            return
        for name in self.program.models:
            if all(name in self.structure.reached(root) for root in roots):
                self.teller.tell(
                    "shared-model",
                    f"the generator and the discriminator both use the model '{name}'",
                    ("models", name),
                    (),
                    key=True,
                    hint="make it a block, of which each has its own",
                )

    def composite(self, roots: list[Part]) -> GraphBuilder:
        """A GAN has no main graph: its picture is the generator, whose output the discriminator judges.

        Where the one does not fit the other, which training complains of, they stand side by side.
        """
        builder = GraphBuilder(self.program, self.program.name)
        ports: Ports = ()
        apart: list[Ports | None] = []
        for part in roots:
            definition = self.definitions[part.name]
            inputs = ports if fits(definition, [port.tensor for port in ports]) else ()
            apart += [(port,) for port in ports] if not inputs else []
            ports = builder.include(definition, inputs, call=part.name, frame=None, trail=())
        builder.give([*apart, ports], None)
        return builder

    def walk(self, part: Part, place: _Place, chain: bool = False) -> list[Ports | None]:
        """Expand the nodes of a part in order; what each output gives, ``None`` where that is unknown."""
        here = _Here(place, late=[] if chain else None)
        for index, (call, label) in enumerate(zip(part.nodes, self.structure.labels(part), strict=True)):
            here.index = index
            here.values.append(self.call(call, label, here))
        for class_name in here.late or ():
            self.names.next(class_name)
        return [self.look_up(reference, here) for reference in part.outputs.references]

    def look_up(self, reference: Reference, here: _Here) -> Ports | None:
        """What a reference reads, as one port."""
        if isinstance(reference.target, str):
            port = here.place.inputs.get(reference.target)
            return (port,) if port else None
        ports = here.values[reference.target]
        if ports is None:
            return None
        if reference.output >= len(ports):
            count = f"{len(ports)} output{'s' if len(ports) > 1 else ''}"
            self.teller.tell(
                "bad-reference",
                f'"{reference.text}" asks for output {reference.output}, there is {count}',
                reference.path,
                here.place.trail,
                hint=f'write "{reference.text.partition("[")[0]}[{len(ports) - 1}]": outputs count from 0',
            )
            return None
        return (ports[reference.output],)

    # Calls

    def call(self, call: Call, label: str, here: _Here) -> Ports | None:
        """One node, with its condition and its repetitions."""
        place = here.place
        positional = [self.look_up(reference, here) for reference in call.sources.positional]
        named = {
            name: [self.look_up(r, here) for r in (value if isinstance(value, tuple) else (value,))]
            for name, value in call.sources.named.items()
        }
        if call.broken or None in positional or any(None in ports for ports in named.values()):
            return None
        inputs: list[Port] = [ports[0] for ports in positional if ports]
        keywords = {name: [ports[0] for ports in group if ports] for name, group in named.items()}
        first = inputs[0] if inputs else next(iter(keywords.values()))[0] if keywords else None
        ports: Ports = (first,) if first else ()
        try:
            if call.when is not None and not call.when.evaluate(place.scope):
                return ports
        except ExpressionError as error:
            self.teller.tell_expression(error, (*call.path, "when"), place.trail)
            return None
        try:
            turns = turns_of(call, place.scope, self.limit)
        except LayerError as error:
            self.teller.tell(error.code, error.message, (*call.path, *error.param), place.trail, hint=error.hint)
            return None
        for turn, added in enumerate(turns, 1):
            self.grow(1, call)
            step = Step(call, label, turn, len(turns) if call.repeat else 0, added, inputs, keywords)
            if turn > 1:
                step.follows(ports[0])
            result = self.apply(step, here)
            if result is None or not self.gives_one(step, place, result):
                return None
            ports = result
        return ports

    def gives_one(self, step: Step, place: _Place, result: Ports) -> bool:
        """Whether a node with ``repeat`` or ``when`` gives one output, and every node as many as it gave before."""
        call = step.call
        if (call.repeat or call.when) and len(result) > 1:
            word = "repeat" if call.repeat else "when"
            self.teller.tell(
                "repeat-outputs",
                f'"{word}" needs an op of one output, {call.op} gives {len(result)}',
                (*call.path, word),
                place.trail,
                hint=f'take the "{word}" out, or let it give one output',
            )
            return False
        before = self.output_counts.setdefault(self.spot(call)[0], len(result))
        if before == len(result):
            return True
        self.teller.tell(
            "varying-outputs",
            f"{call.op} gives {len(result)} output{'s' if len(result) > 1 else ''} here and {before} in another use",
            call.path,
            place.trail,
            hint="make two blocks of it, or let it give as many in each",
        )
        return False

    def apply(self, step: Step, here: _Here) -> Ports | None:
        """One application of an op."""
        call = step.call
        match call.kind:
            case "block":
                return self.block(step, here.place)
            case "model":
                return self.model(step, here.place)
            case "again":
                assert call.target is not None
                made = here.layers.get(call.target)
                return self.layer(step, here, made.declared, made) if made else None
        declared = self.declare(step, here.place)
        return self.layer(step, here, declared) if declared else None

    def declare(self, step: Step, place: _Place) -> Operation | None:
        """The declaration of a layer with this turn's arguments."""
        call = step.call
        if call.ready is not None:
            return self.giving(call, call.ready, place)
        assert call.declared is not None
        try:
            step.values.update(self.arguments(step, place))
            declared = self.inference.make(call.declared, step.values)
            return self.giving(call, declared, place)
        except ExpressionError as error:
            self.teller.tell_expression(error, call.path, place.trail)
        except LayerError as error:
            self.teller.refuse(error, step, place.trail)
        return None

    def giving(self, call: Call, declared: Operation, place: _Place) -> Operation:
        """A declaration; that of an imported layer with what the spec says it gives."""
        gives = call.gives
        if gives is None or not isinstance(declared, ImportedLayer):
            return declared
        return declared.giving(lambda tensors: gives.of(tensors, place.scope))

    def arguments(self, step: Step, place: _Place) -> dict[str, Any]:
        """The arguments of a call, evaluated, and what the repetition adds."""
        given: dict[str, Any] = {}
        for name, value in step.call.arguments.items():
            try:
                given[name] = evaluate(value, place.scope)
            except ExpressionError as error:
                self.teller.tell_expression(error, (*step.call.path, name), place.trail)
                raise LayerErrors([]) from None
        return {**given, **step.added}

    def layer(self, step: Step, here: _Here, declared: Operation, made: GraphNode | None = None) -> Ports | None:
        """One application of a layer or function: its name, its tensors, its weights.

        ``made`` is the node that made the layer, where this calls it again.
        """
        call, place = step.call, here.place
        declared = declared if made else self.names.make(declared, call.id is not None)
        name = made.name if made else self.name(step, place, declared)
        try:
            options = evaluate(call.options, place.scope)
            for key, value in options.items():
                kind = declared.option(key)
                options[key] = kind.coerce(value) if kind is not None else value
            inferred = self.inference.infer(declared, step, options)
            if made is not None and inferred.weights != made.weights:
                raise LayerError(
                    f"'{call.op}' was built for {made.inputs[0]} and cannot read {step.tensors[0].tensor}",
                    hint=f"put a {projection(step.tensors[0].tensor.shape, made.inputs[0].channels)} before it",
                )
        except ExpressionError as error:
            self.teller.tell_expression(error, (*call.path, "call"), place.trail)
            return None
        except LayerError as error:
            self.teller.refuse(error, step, place.trail)
            return None
        self.names.take((*(() if made else inferred.built), *inferred.called), here.late)
        if made is None and not self.is_free(name, step, place):
            return None
        path, line, column = self.spot(call)
        node = GraphNode(
            key=place.builder.free(name),
            name=name,
            id=call.id,
            op=call.op if made is None else made.op,
            declared=declared,
            arguments=step.values or dict(call.arguments) if made is None else {},
            inputs=inferred.inputs,
            outputs=inferred.outputs,
            weights={} if made else dict(inferred.weights),
            flops=inferred.flops,
            frame=self.layer_frame(step, place),
            scope=place.models,
            path=path,
            line=line,
            column=column,
            trail=(*step.says(), *place.trail),
            calls=options,
            shares=made.key if made else None,
        )
        place.builder.add(node, step.edges())
        if made is None and call.kind == "layer":
            here.layers[here.index] = node
        ports = zip_longest(node.outputs, inferred.masks[: len(node.outputs)], inferred.hidden[: len(node.outputs)])
        return tuple(Port(node.key, output, *port) for output, port in enumerate(ports))

    def spot(self, call: Call) -> tuple[str, int, int]:
        """Where a node stands in the file: its path as text, line and column."""
        spot = self.spots.get(call.path)
        if spot is None:
            spot = self.spots[call.path] = (show_path(call.path), *self.program.source.find(call.path))
        return spot

    def name(self, step: Step, place: _Place, declared: Operation) -> str:
        """The Keras name of a new layer or operation."""
        if step.call.id is None or step.call.kind == "op":
            return self.names.next(declared.keras_class)
        return _join(place.prefix, step.call.id, step)

    def is_free(self, name: str, step: Step, place: _Place) -> bool:
        """Whether no layer or model of the graph bears a new layer's name."""
        builder, call = place.builder, step.call
        if name in builder.models:
            where = f"the model '{name}'"
        elif name in builder.named:
            where = f"the other at {builder.nodes[builder.named[name]].path}"
        else:
            return True
        self.teller.tell(
            "duplicate-name",
            f'two layers would be called "{name}", {where}',
            (*call.path, "id") if call.id else call.path,
            place.trail,
            hint=f'give one of them another id, such as "{name}_2"',
        )
        return False

    def layer_frame(self, step: Step, place: _Place) -> int | None:
        if not step.turns:
            return place.frame
        path = self.spot(step.call)[0]
        return place.builder.frame("layer", step.call.op, step.label, step, place.frame, step.added, path).index

    def block(self, step: Step, place: _Place) -> Ports | None:
        """One use of a block: a fresh copy with its own weights."""
        part = self.program.blocks[step.call.op]
        try:
            step.values.update(self.arguments(step, place))
        except LayerError:
            return None
        ports = step.named(part.inputs)
        label = _join(place.prefix, step.label, step)
        path = self.spot(step.call)[0]
        frame = place.builder.frame("block", part.name, label, step, place.frame, step.values, path)
        tensors = {name: port.tensor for name, port in ports.items()}
        inner = replace(
            place,
            scope={**self.program.params, **part.params, **step.values, **tensors},
            inputs=ports,
            frame=frame.index,
            prefix=label if part.name in self.structure.named_blocks else place.prefix,
            trail=(*step.trail(), *place.trail),
        )
        results = self.walk(part, inner)
        if part.broken or any(result is None for result in results):
            return None
        return tuple(result[0] for result in results if result)

    def model(self, step: Step, place: _Place) -> Ports | None:
        """One call of a sub-model, of which there is one instance."""
        part, builder = self.program.models[step.call.op], place.builder
        if part.name not in self.definitions:
            self.define(part)
        definition = self.definitions[part.name]
        if not definition.complete:
            return None
        names = [definition.nodes[key].id or "" for key in definition.inputs]
        bound = step.named(tuple(names))
        inputs = step.inputs if not step.keywords else [bound[name] for name in names if name in bound]
        if part.name in builder.named:
            self.teller.tell(
                "duplicate-name",
                f"the model '{part.name}' and a layer would bear one name, the layer at "
                f"{builder.nodes[builder.named[part.name]].path}",
                (*step.call.path, "op"),
                place.trail,
                hint="give the layer another id",
            )
            return None
        try:
            check_entry(definition, [port.tensor for port in inputs])
            self.grow(len(definition.nodes), step.call)
            return builder.include(
                definition,
                tuple(inputs),
                call=step.label,
                frame=place.frame,
                trail=(*step.trail(), *place.trail),
                turn=(step.turn, step.turns),
                path=self.spot(step.call)[0],
            )
        except LayerError as error:
            self.teller.refuse(error, step, place.trail)
            return None


def _join(prefix: str, name: str, step: Step) -> str:
    """A name below a prefix, with the number of the turn."""
    return "_".join([*([prefix] if prefix else []), name, *([str(step.turn)] if step.turns else [])])
