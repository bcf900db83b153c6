"""What differs between two specs, told once each, in the words of who wrote them."""

from __future__ import annotations

from archgen.diffing.applied import Calls
from archgen.diffing.files import parameters, settings, training, unused
from archgen.diffing.network import Network
from archgen.diffing.notes import Notes
from archgen.diffing.parts import Parts
from archgen.diffing.result import Difference
from archgen.diffing.sites import Sites
from archgen.diffing.wiring import Rewire


def describe(sites: Sites) -> tuple[tuple[Difference, ...], bool, tuple[tuple[int, Rewire], ...]]:
    """All differences, whether the networks are the same, and every input that comes from elsewhere."""
    programs = (sites.before.program, sites.after.program)
    given = parameters(sites)
    notes = Notes(sites)
    calls = Calls(notes, {name for difference in given for name in difference.values})
    calls.run()
    network = Network(notes, calls.folded)
    network.run()
    notes.form += Parts(sites).differences()
    found = (*settings(*programs), *given, *notes.in_order(), *unused(sites), *training(*programs))
    return found, network.same(), tuple(network.rewires)
