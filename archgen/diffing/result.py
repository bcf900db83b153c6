"""What a comparison of two specs has found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from archgen.tensors import Dim, Tensor

if TYPE_CHECKING:
    from archgen.checking import Checked
    from archgen.diffing.sites import Sites
    from archgen.diffing.wiring import Rewire

Kind = Literal[
    "added",
    "removed",
    "changed",
    "replaced",
    "repeat",
    "rewired",
    "reordered",
    "shared",
    "renamed",
    "restructured",
    "parameter",
    "training",
    "setting",
]

SYMBOLS = {"added": "+", "removed": "-", "restructured": "="}
"""What stands before a difference in a text; ``~`` before all others."""


class Absent:
    """The value of what is not there."""

    def __repr__(self) -> str:
        return "none"


ABSENT = Absent()

Values = dict[str, tuple[Any, Any]]
"""By name, the JSON value before and the one after, ``ABSENT`` for none."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file: a path such as ``nodes[3]``, and a line from 1."""

    path: str
    line: int

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "line": self.line}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs, as its author would say it."""

    kind: Kind
    what: str
    """What it is about: ``stem (Conv2D)``, ``block residual_block``, ..."""
    text: str
    """What is different: ``filters 64 -> 128``."""
    places: tuple[Place | None, Place | None] = (None, None)
    """Where it is in the file before and in the one after."""
    times: int = 1
    """In how many places of the unrolled network."""
    values: Values = field(default_factory=dict)
    marks: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    """The layers it is about, by their place in each graph."""

    @property
    def before(self) -> Place | None:
        return self.places[0]

    @property
    def after(self) -> Place | None:
        return self.places[1]

    @property
    def symbol(self) -> str:
        return SYMBOLS.get(self.kind, "~")

    def __str__(self) -> str:
        return self.line(False)

    def line(self, same_network: bool) -> str:
        """It in one line; one of form alone says whether that is all."""
        if self.kind == "restructured":
            return f"{'same network, ' * same_network}restructured: {self.what} {self.text}"
        return f"{self.what}: {self.text}" if self.text else f"{self.what} {self.kind}"

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "what": self.what,
            "text": self.text,
            "before": self.before.as_json() if self.before else None,
            "after": self.after.as_json() if self.after else None,
            "times": self.times,
            "values": {
                name: {
                    side: value
                    for side, value in zip(("before", "after"), pair, strict=True)
                    if not isinstance(value, Absent)
                }
                for name, pair in self.values.items()
            },
        }


@dataclass(frozen=True, slots=True)
class Figures:
    """A layer on one side: what it gives, its parameters (``None`` where unknown), FLOPs for one example."""

    key: str
    op: str
    outputs: tuple[Tensor, ...]
    parameters: int | None
    flops: Dim

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.key,
            "op": self.op,
            "outputs": [list(tensor.shape) for tensor in self.outputs],
            "dtypes": [tensor.dtype for tensor in self.outputs],
            "parameters": self.parameters,
            "flops": self.flops,
        }


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A layer that is new, is gone, or has other figures; ``times`` when so have several of one call."""

    name: str
    before: Figures | None
    after: Figures | None
    times: int = 1

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "before": self.before.as_json() if self.before else None,
            "after": self.after.as_json() if self.after else None,
            "times": self.times,
        }


@dataclass(frozen=True, slots=True)
class Totals:
    """A network in numbers; ``None`` where a layer's share is unknown."""

    layers: int
    parameters: int | None
    trainable: int | None
    flops: int | None
    memory: int | None

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("layers", "parameters", "trainable", "flops", "memory")}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two specs, and everything in which they differ; false where that is nothing."""

    before: Checked
    after: Checked
    names: tuple[str, str]
    """What the two are called."""
    differences: tuple[Difference, ...]
    same_network: bool
    """Whether the unrolled networks are the same, but for the names of their layers."""
    rows: tuple[LayerRow, ...]
    totals: tuple[Totals, Totals]
    sites: Sites = field(repr=False, compare=False, kw_only=True)
    rewires: tuple[tuple[int, Rewire], ...] = field(default=(), repr=False, compare=False, kw_only=True)
    """Each input that comes from elsewhere, with the place after of the layer that reads it."""

    def __bool__(self) -> bool:
        return bool(self.differences)

    def as_json(self) -> dict[str, Any]:
        """The whole as JSON values."""
        return {
            "before": self.names[0],
            "after": self.names[1],
            "same_network": self.same_network,
            "differences": [difference.as_json() for difference in self.differences],
            "layers": [row.as_json() for row in self.rows],
            "totals": {"before": self.totals[0].as_json(), "after": self.totals[1].as_json()},
        }

    def text(self, width: int = 120, *, color: bool = False) -> str:
        """It for a terminal of ``width`` columns; the empty string where nothing differs."""
        from archgen.diffing.report import text

        return text(self, width, color=color)

    def markdown(self) -> str:
        """It for a pull request."""
        from archgen.diffing.report import markdown

        return markdown(self)

    def svg(self, **more: Any) -> bytes:
        """One picture of both networks with what differs marked; ``more`` as ``archgen.diffing.picture.draw``."""
        from archgen.diffing.picture import draw

        return draw(self, **more)

    def __str__(self) -> str:
        return self.text()
