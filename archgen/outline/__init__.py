"""A graph as a reader wants it: nested as its author wrote it, and what is repeated said once.

All turns of one repeat are shown as one frame. Nodes of different turns are shown as one where they stand at the same
place of the program; one that only some turns have is shown too, and so is what only some of them read.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Literal

from archgen.outline.linking import Entries, endings_of, links_of
from archgen.outline.merging import Merging
from archgen.outline.shown import Ending, Group, Link, Outline, Presence, Stand, first_use
from archgen.outline.skips import ADDITIONS, PROJECTION, learns, mark_skips
from archgen.outline.turns import runs_of_equal_turns

if TYPE_CHECKING:
    from networkx import MultiDiGraph

__all__ = [
    "ADDITIONS", "PROJECTION", "Ending", "Group", "Link", "Outline", "Presence", "Stand", "first_use", "learns",
    "mark_skips", "outline", "runs_of_equal_turns",
]  # fmt: skip


def outline(
    graph: MultiDiGraph[str], *, expand: int | Literal["all"] = 0, apart: Mapping[int, Hashable] | None = None
) -> Outline:
    """The outline of a graph.

    ``expand`` is how many levels of repetition are shown turn by turn, from the outermost: 0 for none. ``apart`` gives
    values for the indices of frames: turns that follow each other are shown as one only where these are equal. Edges
    with the attribute ``gone`` are shown, and make no skip connections.
    """
    apart = dict(apart or {})
    while True:
        merging = Merging(graph, expand, apart)
        entries = Entries(graph, merging)
        unfed = entries.unfed()
        if not unfed:
            break
        # A turn that does not read what the others get of the turn before them is shown by itself.
        apart.update((index, ("first", apart.get(index), len(apart))) for index in unfed)
    endings = endings_of(graph, merging)
    links = links_of(graph, merging, entries, endings)
    mark_skips(
        [link for link in links if not link.gone],
        {key for key, nodes in merging.members.items() if nodes[0].op in ADDITIONS},
        {key for key, nodes in merging.members.items() if any(map(learns, nodes))},
    )
    info = merging.info
    return Outline(
        info,
        merging.items(),
        links,
        [merging.of_node[key] for key in info.inputs],
        [(merging.of_node[key], index) for key, index in info.outputs],
        merging.members,
        merging.of_node,
        {entry.number: entry.frame for entry in entries.all},
        endings,
        {key: merging.within(_shown_frame(merging, key)) for key in merging.members},
    )


def _shown_frame(merging: Merging, key: str) -> int | None:
    way = merging.way(key)
    return merging.of_frame[way[-1]] if way else None
