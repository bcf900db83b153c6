"""What the tree decides for both its readers, expansion and code generation: labels, names, who builds which model."""

from __future__ import annotations

from functools import cached_property

from archgen.program import Call, Part, Program


class Structure:
    """Decisions about a program that its graph and its code have to share."""

    def __init__(self, program: Program) -> None:
        self.program = program

    @cached_property
    def roots(self) -> list[Part]:
        """The parts that are built for themselves: the main graph, or the two models of a GAN."""
        program = self.program
        if program.main:
            return [program.main]
        train = program.train or {}
        names = [train.get(key, key) for key in ("generator", "discriminator")]
        return [
            program.models[name] for name in dict.fromkeys(names) if isinstance(name, str) and name in program.models
        ]

    @cached_property
    def used(self) -> list[Part]:
        """Models that the roots reach, in the order in which they are declared."""
        reached: dict[str, None] = {}
        waiting = list(self.roots)
        while waiting:
            part = waiting.pop()
            if part.kind == "model":
                reached[part.name] = None
            waiting += [self.program.models[name] for name in part.models if name not in reached]
        return [part for name, part in self.program.models.items() if name in reached]

    @cached_property
    def shared(self) -> tuple[str, ...]:
        """Models that more than one part calls: the main graph builds them and hands them down."""
        parts = [*self.roots, *(part for part in self.used if part not in self.roots)]
        return tuple(
            model.name
            for model in self.used
            if model not in self.roots and sum(model.name in p.models for p in parts) > 1
        )

    def needs(self, part: Part) -> tuple[str, ...]:
        """Shared models that a model's ``build_`` function is given."""
        if part in self.roots:
            return ()
        names = set(part.models) & set(self.shared)
        for name in part.models:
            if name not in self.shared:
                names |= set(self.needs(self.program.models[name]))
        return tuple(name for name in self.program.models if name in names)

    def builds(self, part: Part) -> list[str]:
        """Models that a part builds before its own nodes, each after those that it is given."""
        own = [name for name in part.models if name not in self.shared]
        if part in self.roots:
            own = [name for name in self.program.models if name in {*own, *self.shared}]
        ordered: dict[str, None] = {}

        def visit(name: str) -> None:
            for need in self.needs(self.program.models[name]):
                if need in own:
                    visit(need)
            ordered[name] = None

        for name in own:
            visit(name)
        return list(ordered)

    def captures(self, part: Part) -> tuple[str, ...]:
        """Parameters of the file that a part reads, itself or to hand them on."""
        names = set(part.captures)
        for name in self.builds(part) if part.kind != "block" else ():
            names.update(self.captures(self.program.models[name]))
        return tuple(name for name in self.program.params if name in names)

    @cached_property
    def named_blocks(self) -> frozenset[str]:
        """Blocks with a layer that bears an id, in them or in blocks that they use: their functions take a ``name``."""
        named: set[str] = set()

        def is_named(part: Part) -> bool:
            return any(
                (call.kind == "layer" and call.id is not None)
                or (call.kind == "block" and is_named(self.program.blocks[call.op]))
                for call in part.nodes
            )

        named.update(name for name, part in self.program.blocks.items() if is_named(part))
        return frozenset(named)

    @cached_property
    def blocks(self) -> list[Part]:
        """Blocks that are used, each after those that it uses."""
        ordered: dict[str, None] = {}

        def visit(part: Part) -> None:
            for call in part.nodes:
                if call.kind == "block":
                    visit(self.program.blocks[call.op])
                    ordered[call.op] = None

        for part in [*self.used, *self.roots]:
            visit(part)
        return [self.program.blocks[name] for name in ordered]

    def labels(self, part: Part) -> list[str]:
        """What each node is known by in its part: its id, or a name made from its op."""
        cached = self._labels.get(id(part))
        if cached is None:
            cached = self._labels[id(part)] = _labels(part)
        return cached

    @cached_property
    def _labels(self) -> dict[int, list[str]]:
        return {}


def _labels(part: Part) -> list[str]:
    taken = {call.id for call in part.nodes if call.id}
    counts: dict[str, int] = {}
    labels = []
    for call in part.nodes:
        labels.append(call.id or _free(call, counts, taken))
    return labels


def _free(call: Call, counts: dict[str, int], taken: set[str | None]) -> str:
    """The op's name, numbered as Keras numbers layers."""
    while True:
        count = counts.get(call.op, 0)
        counts[call.op] = count + 1
        name = f"{call.op}_{count}" if count else call.op
        if name not in taken:
            return name
