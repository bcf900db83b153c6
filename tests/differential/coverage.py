"""What a run has tried: ops, arguments with their values, and pairs of ops, among models that agreed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from archgen.layers.base import Field, Layer
from archgen.layers.kinds import Bool, Choice, Made
from tests.differential.grow import Pair, declared_ops
from tests.differential.verdict import Verdict

ENOUGH = 3
"""Values that an argument is to be tried at, where it has so many."""


@dataclass
class Coverage:
    """Counts that can be added up."""

    models: int = 0
    accepted: int = 0
    ops: Counter[str] = field(default_factory=Counter)
    values: dict[str, set[str]] = field(default_factory=dict)
    """For ``op.argument`` the values that were tried, a few at most."""
    pairs: set[str] = field(default_factory=set)

    def add(self, verdict: Verdict) -> None:
        """Count one model."""
        self.models += 1
        self.accepted += verdict.accepted
        for op, arguments in verdict.uses:
            self.ops[op] += 1
            for name, value in arguments.items():
                tried = self.values.setdefault(f"{op} {name}", set())
                if len(tried) < 2 * ENOUGH:
                    tried.add(value[:80])
        self.pairs |= {f"{first} {second}" for first, second in verdict.pairs}

    def merge(self, other: dict[str, Any]) -> None:
        """Add what another process counted."""
        self.models += other["models"]
        self.accepted += other["accepted"]
        self.ops.update(other["ops"])
        self.pairs |= set(other["pairs"])
        for key, values in other["values"].items():
            self.values.setdefault(key, set()).update(values)

    def as_json(self) -> dict[str, Any]:
        """For another process."""
        values = {key: sorted(tried) for key, tried in self.values.items()}
        return {
            "models": self.models,
            "accepted": self.accepted,
            "ops": self.ops,
            "pairs": sorted(self.pairs),
            "values": values,
        }

    # What is missing

    def missing_ops(self) -> list[str]:
        """Ops that stood in no model."""
        return [op for op in declared_ops() if op not in self.ops]

    def missing_values(self) -> list[str]:
        """Arguments that were tried at fewer values than there are, or than ``ENOUGH``."""
        return [
            f"{op} {name} ({len(self.values.get(f'{op} {name}', ()))})"
            for op, name, argument in self.arguments()
            if len(self.values.get(f"{op} {name}", ())) < min(ENOUGH, how_many(op, argument))
        ]

    @staticmethod
    def arguments() -> list[tuple[str, str, Field]]:
        """Every argument of every op."""
        return [(op, name, each) for op, declared in declared_ops().items() for name, each in declared.fields.items()]

    def pair_share(self, wanted: Sequence[Pair]) -> str:
        """How many of the pairs were built, in words."""
        built = sum(f"{first} {second}" in self.pairs for first, second in wanted)
        return f"{built:,} of {len(wanted):,} ({built / len(wanted):.1%})"


FEWER: tuple[tuple[str, str, int, str], ...] = (
    (r".*", "flash_attention", 2, "true needs a GPU"),
    (r".*", "use_cudnn", 2, "true needs a GPU"),
    (r"BatchNormalization", "synchronized", 1, "true needs several devices"),
    (r"Discretization", "num_bins", 1, "used by adapt(), which no script calls"),
    (r"(Integer|String)Lookup|TextVectorization", "output_mode", 2, "with the others, Keras announces another dtype"),
    (r"StringLookup", "invert", 1, "inverted, Keras announces another dtype"),
)
"""Arguments of which fewer values are accepted than their kind has: op, argument, how many, why."""


def how_many(op: str, argument: Field) -> int:
    """How many values an argument has at least; unbounded ones count as ``ENOUGH``."""
    declared = declared_ops()[op]
    if argument.name == "trainable" and issubclass(declared, Layer) and not declared.freezes:
        return 1
    for pattern, name, count, _ in FEWER:
        if name == argument.name and re.fullmatch(pattern, op):
            return count
    kind = argument.kind
    if isinstance(kind, Bool):
        return 2 + kind.nullable
    if isinstance(kind, Choice) and not isinstance(kind, Made):
        return len(kind.choices) + kind.nullable
    return ENOUGH
