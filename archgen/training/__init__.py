"""What a spec's ``train`` says, and whether it goes with the network.

``create`` checks the section by itself; ``settle`` checks it against the network and its data, and decides what was
left open. Neither reads a file.
"""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from archgen.data import Array, Network, Port, Wanted, network_of
from archgen.errors import LayerError, did_you_mean
from archgen.layers.base import LayerErrors, known
from archgen.layers.kinds import show
from archgen.training.autoencoder import Autoencoder
from archgen.training.base import Findings, Plan, Training
from archgen.training.gan import GAN, check_model
from archgen.training.supervised import Supervised


def create(section: Mapping[str, Any]) -> Training:
    """The declaration of a ``train`` section whose expressions are evaluated.

    Objects with ``op`` are ``kinds.Object``; every other JSON object (``data``, losses by output, ``class_weight``) is
    a mapping. Raises ``LayerErrors`` whose ``param`` paths start inside ``train``: ``("optimizer", "learning_rate")``.
    """
    kinds = known("training")
    kind = section.get("kind", "supervised")
    if not isinstance(kind, str) or kind not in kinds:
        raise LayerErrors(
            [
                LayerError(
                    f"there is no kind of training {show(kind)}",
                    param="kind",
                    code="bad-argument",
                    hint=(did_you_mean(kind, kinds) if isinstance(kind, str) else None) or f"known: {', '.join(kinds)}",
                )
            ]
        )
    built = kinds[kind].create({name: value for name, value in section.items() if name != "kind"})
    assert isinstance(built, Training)
    return built


def check_models(training: Training, names: Collection[str]) -> None:
    """Check that the sub-models a training speaks of are among those of the spec; raises ``LayerErrors``."""
    found = Findings()
    if isinstance(training, GAN):
        for word in ("generator", "discriminator"):
            found.of(partial(check_model, getattr(training, word), names), word)
    if found.errors:
        raise LayerErrors(found.errors)


def settle(training: Training, network: Network) -> Plan:
    """Check a training against the network it trains. Raises ``LayerErrors`` with every mistake, ``param`` as above."""
    found = Findings()
    plan = training.plan(network, found)
    if plan is None or found.errors:
        raise LayerErrors(found.errors)
    return plan


__all__ = [
    "GAN",
    "Array",
    "Autoencoder",
    "Network",
    "Plan",
    "Port",
    "Supervised",
    "Training",
    "Wanted",
    "check_models",
    "create",
    "network_of",
    "settle",
]
