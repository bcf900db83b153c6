"""What comes of one spec."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Verdict:
    """How archgen and Keras stand to a spec."""

    kind: str = ""
    """``A1``, ``A2``, ``A3``, ``B``, or nothing where they agree."""
    detail: str = ""
    reason: str = ""
    """For ``B``: why archgen is stricter, where a declaration says so."""
    accepted: bool = False
    uses: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Ops that were built, with their arguments as text."""
    pairs: list[tuple[str, str]] = field(default_factory=list)
    """Ops of which the second read the first."""
