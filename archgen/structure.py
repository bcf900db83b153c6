"""What the tree decides for both its readers, expansion and code generation: labels, names, who builds which model."""

from __future__ import annotations

from functools import cached_property

from archgen.program import Call, Part, Program, expressions_of


class Structure:
    """Decisions about a program that its graph and its code have to share."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._needs: dict[str, tuple[str, ...]] = {}
        self._captures: dict[tuple[str, str], tuple[str, ...]] = {}
        self._labels: dict[int, list[str]] = {}

    # Who builds which model

    @cached_property
    def roots(self) -> list[Part]:
        """The parts that are built for themselves: the main graph, or the two models of a GAN."""
        program = self.program
        if program.main:
            return [program.main]
        train = program.train or {}
        names = [train.get(key) for key in ("generator", "discriminator")]
        known = dict.fromkeys(name for name in names if isinstance(name, str) and name in program.models)
        return [program.models[name] for name in known]

    @cached_property
    def used(self) -> list[Part]:
        """Models that the roots reach, in the order in which they are declared."""
        reached = {name for root in self.roots for name in self.reached(root)}
        return [part for name, part in self.program.models.items() if name in reached]

    def reached(self, root: Part) -> set[str]:
        """A root's models: itself if it is one, those it calls, those that these call, and on."""
        reached: set[str] = set()
        waiting = [root]
        while waiting:
            part = waiting.pop()
            if part.kind == "model":
                reached.add(part.name)
            waiting += [self.program.models[name] for name in part.models if name not in reached]
        return reached

    @cached_property
    def shared(self) -> tuple[str, ...]:
        """Models that more than one part calls: the main graph builds them and hands them down."""
        parts = [*self.roots, *(part for part in self.used if part not in self.roots)]
        return tuple(
            model.name
            for model in self.used
            if model not in self.roots and sum(model.name in part.models for part in parts) > 1
        )

    def needs(self, part: Part) -> tuple[str, ...]:
        """Shared models that a model's ``build_`` function is given."""
        if part in self.roots:
            return ()
        if part.name not in self._needs:
            names = set(part.models) & set(self.shared)
            for name in part.models:
                if name not in self.shared:
                    names |= set(self.needs(self.program.models[name]))
            self._needs[part.name] = tuple(name for name in self.program.models if name in names)
        return self._needs[part.name]

    def builds(self, part: Part) -> list[str]:
        """Models that a part builds, each after those that it is given."""
        if part.kind == "block":
            return []
        own = [name for name in part.models if name not in self.shared]
        if part in self.roots:
            reached = self.reached(part)
            own = [name for name in self.program.models if name in own or (name in self.shared and name in reached)]
        ordered: dict[str, None] = {}

        def visit(name: str) -> None:
            for need in self.needs(self.program.models[name]):
                if need in own:
                    visit(need)
            ordered[name] = None

        for name in own:
            visit(name)
        return list(ordered)

    def builds_first(self, part: Part) -> list[str]:
        """Of the models that a part builds, those before its nodes; a Sequential builds the others in line."""
        builds = self.builds(part)
        if not self.is_chain(part):
            return builds
        given = {need for name in builds for need in self.needs(self.program.models[name])}
        return [name for name in builds if name in given or not any(call.op == name for call in part.nodes)]

    def is_chain(self, part: Part) -> bool:
        """Whether a part is a ``keras.Sequential``: a chain of layers, and of models that give one tensor."""
        return part.is_chain and all(
            len(outputs.references) == 1 and not outputs.listed and not outputs.names
            for outputs in (self.program.models[call.op].outputs for call in part.nodes if call.kind == "model")
        )

    # What a part is given

    def captures(self, part: Part) -> tuple[str, ...]:
        """Parameters of the file that a part reads, itself or to hand them on."""
        key = (part.kind, part.name)
        if key not in self._captures:
            names: set[str] = set()
            for call in part.nodes:
                read = {name for expression in expressions_of(call) for name in expression.names}
                names |= read - {*part.params, *part.inputs}
                if call.kind == "block":
                    names.update(self.captures(self.program.blocks[call.op]))
            for name in self.builds(part):
                names.update(self.captures(self.program.models[name]))
            self._captures[key] = tuple(name for name in self.program.params if name in names)
        return self._captures[key]

    @cached_property
    def named_blocks(self) -> frozenset[str]:
        """Blocks with a layer that bears an id, in them or in blocks that they use: their functions take a ``name``."""
        named: dict[str, bool] = {}

        def is_named(part: Part) -> bool:
            if part.name not in named:
                named[part.name] = any(
                    (call.kind == "layer" and call.id is not None)
                    or (call.kind == "block" and is_named(self.program.blocks[call.op]))
                    for call in part.nodes
                )
            return named[part.name]

        return frozenset(name for name, part in self.program.blocks.items() if is_named(part))

    @cached_property
    def blocks(self) -> list[Part]:
        """Blocks that are used, each after those that it uses."""
        ordered: dict[str, None] = {}

        def visit(part: Part) -> None:
            for call in part.nodes:
                if call.kind == "block" and call.op not in ordered:
                    visit(self.program.blocks[call.op])
                    ordered[call.op] = None

        for part in [*self.used, *self.roots]:
            visit(part)
        return [self.program.blocks[name] for name in ordered]

    @cached_property
    def imports(self) -> dict[str, str]:
        """The module of each class of one's own that code makes layers of."""
        calls = [call for part in [*self.blocks, *self.used, *self.roots] for call in part.nodes]
        made = {call.op for call in calls if call.kind == "layer" and call.declared and call.declared.imported}
        return {name: module for name, module in self.program.imports.items() if name in made}

    # Labels

    def labels(self, part: Part) -> list[str]:
        """What each node is known by in its part: its id, or a name made from its op."""
        cached = self._labels.get(id(part))
        if cached is None:
            cached = self._labels[id(part)] = _labels(part)
        return cached


def _labels(part: Part) -> list[str]:
    taken = {call.id for call in part.nodes if call.id}
    counts: dict[str, int] = {}
    numbered = {call.id for call in part.nodes if call.id and call.repeat}
    labels = []
    for call in part.nodes:
        label = call.id or _free(call, counts, taken, numbered)
        if label == call.op and call.repeat:
            numbered.add(label)
        labels.append(label)
    return labels


def _free(call: Call, counts: dict[str, int], taken: set[str], numbered: set[str]) -> str:
    """The op's name, numbered as Keras numbers layers; as ``_use_2`` where ``_1`` is a turn of a repeated node."""
    while True:
        count = counts.get(call.op, 0)
        counts[call.op] = count + 1
        name = f"{call.op}_{count}" if count else call.op
        if count and call.op in numbered:
            name = f"{call.op}_use_{count + 1}"
        if name not in taken:
            return name
