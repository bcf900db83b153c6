"""What a picture is called, and what it shows in words, for those who do not see it."""

from __future__ import annotations

from archgen.outline import Outline
from archgen.wording import clean, count, weights


def heading(outline: Outline) -> str:
    """The title of a picture."""
    return clean(outline.info.title or outline.info.name) or "network"


def describe(outline: Outline) -> str:
    """The description, the size, the inputs and the outputs of a network."""
    nodes = {node.key: node for node in outline.nodes}
    ends = [("Input", [(key, 0) for key in outline.inputs]), ("Output", outline.outputs)]
    said = [clean(outline.info.description)] if outline.info.description else []
    said.append(f"A network of {count(outline.size)} nodes and {weights(outline.parameters, outline.unknown)}.")
    for word, places in ends:
        shown = [f"{clean(nodes[key].id or nodes[key].name)} {nodes[key].outputs[index]}" for key, index in places]
        if shown:
            said.append(f"{word}{'s' if len(shown) > 1 else ''}: {', '.join(shown)}.")
    return " ".join(said)
