"""A whole script from its parts: the text of the functions that build the model, and a plan of how it is trained."""

from __future__ import annotations

from archgen.training import Network, Plan


def render_script(
    *,
    name: str,
    functions: str,
    network: Network,
    plan: Plan | None = None,
    title: str | None = None,
    description: str | None = None,
    source: str | None = None,
) -> str:
    """The text of a script, valid Python that black has not seen yet.

    ``functions`` is the text of every block function, ``build_<model>()`` and ``build_model()``, in the order in which
    they are to stand, without imports: those are added for the names that the text uses (``keras``, ``layers``,
    ``ops``, ``np``). With a GAN's plan it holds ``build_<generator>()`` and ``build_<discriminator>()`` and no
    ``build_model()``, which is written here. ``network`` is what ``network_of`` reads from the graph, ``plan`` what
    ``settle`` made of the spec's ``train``; without one the script builds, summarises and checks the model only.
    ``name`` is the spec's name; ``title`` and ``description`` are prose; ``source`` is the spec's file name, without
    directories, and is mentioned in the docstring.

    Whatever the plan, the module offers ``build_model()`` and, with a plan, ``train(model, x, y, epochs=...,
    batch_size=...)`` (``train(model, x, epochs=..., batch_size=...)`` where ``plan.y`` is empty: autoencoder and GAN).
    Importing it does nothing but define them.
    """
    raise NotImplementedError
