"""An outline as a Mermaid flowchart, which GitHub and others draw where it stands in Markdown.

Text passes through ``escape``: to Mermaid its characters are entity codes, so nothing in it is read as a part of the
flowchart, as a directive, as HTML or as Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from archgen.drawing.caption import describe, heading
from archgen.drawing.cards import facts, is_shared, shared_with
from archgen.drawing.wires import words_for
from archgen.errors import ArchgenError
from archgen.graph import GraphNode
from archgen.options import Options, check_format
from archgen.outline import Group, Link, Outline, outline
from archgen.outline.varying import present, shapes, use_of
from archgen.theme import DARK, LIGHT, mixed
from archgen.wording import brief, clean, count, wrap

if TYPE_CHECKING:
    from networkx import MultiDiGraph

MOST_EDGES = 500
"""GitHub refuses to draw more (``maxEdges`` of Mermaid)."""

MOST_TEXT = 50_000
"""Characters, likewise (``maxTextSize``)."""

LINE = 36
"""Characters of a line on a card."""

SKIP = mixed(LIGHT.skip, DARK.skip, 0.5)
"""The line of a skip connection. It, and all that has no fill of its own, stands on a light page or on a dark one."""

FRAMES = {"block": LIGHT.frame_line, "model": SKIP}
HAZE = "1F"
"""How much of these colours lies over the page, in hexadecimal."""

LOOK = (
    "config:",
    "  flowchart:",
    "    wrappingWidth: 400",
    "    subGraphTitleMargin:",
    "      top: 2",
    "      bottom: 12",
)
"""Lines are as long as they are written, and the arrow into a frame ends below its title."""

PLAIN = re.compile(r"[A-Za-z0-9 ,()×→…]|(?<=[A-Za-z0-9])[_=/-](?=[A-Za-z0-9])|(?<=[A-Za-z0-9)]):(?= |$)|\.")
"""What is text and nothing else, in Mermaid and in the Markdown that it makes of labels."""

READ = re.compile(r"(?<=\w):(?=\w)|(?<=\$)(?=\$)|(?<=\\)(?=n)|(?<=ﬂ)(?=°)|(?<=¶)(?=ß)")
"""Where Mermaid would still read something, even in entity codes: an icon, a formula, the end of a line, and its own
marks for entity codes."""

APART = "\u200b"
"""A space without a width."""


def render(graph: MultiDiGraph[str], options: Options | None = None) -> bytes:
    """The flowchart of a graph, at most as large as GitHub draws one.

    Raises ``ArchgenError`` where it would be larger.
    """
    options = options or Options()
    check_format("mermaid", options)
    return write(outline(graph, expand=options.expand), options).encode()


def write(shown: Outline, options: Options) -> str:
    """The flowchart of an outline."""
    edges = len(_links(shown)) + len(shown.outputs)
    if edges > MOST_EDGES:
        raise _too_large(f"{count(edges)} lines", MOST_EDGES, options)
    text = _Writer(shown, options).write()
    length = len(text.encode("utf-16-le")) // 2
    if length > MOST_TEXT:
        raise _too_large(f"{count(length)} characters", MOST_TEXT, options)
    return text


def _too_large(found: str, most: int, options: Options) -> ArchgenError:
    collapsed = options.expand == 0
    return ArchgenError(
        f"a Mermaid flowchart of {found} is more than the {count(most)} that GitHub draws",
        hint="draw an SVG, which has no such limit" if collapsed else "draw what is repeated once: --expand 0",
    )


def escape(text: str) -> str:
    """A line of text as Mermaid is to show it.

    >>> escape('a_b(size=3) 0.5: "end" %%{x}')
    'a_b(size=3) 0.5: #34;end#34; #37;#37;#123;x#125;'
    >>> escape("1. one"), escape("2) two"), escape("grün & <b>")
    ('1#46; one', '2#41; two', 'grün #38; #60;b#62;')
    """
    text = READ.sub(lambda found: found[0] + APART, clean(text))
    # Markdown makes a list of a line that starts with a number, and a link of what starts with www.
    read = {found.end() - 1 for found in (re.match(r"\d+[.)]", text), *re.finditer(r"www\.", text, re.I)) if found}
    parts = []
    for place, character in enumerate(text):
        plain = place not in read and (not character.isascii() or PLAIN.match(text, place))
        parts.append(character if plain else f"#{ord(character)};")
    return "".join(parts)


class _Writer:
    def __init__(self, shown: Outline, options: Options) -> None:
        self.shown, self.options = shown, options
        self.nodes = {node.key: node for node in shown.nodes}
        self.names = _unique((key, f"n_{key}") for key in self.nodes)
        self.frames = _unique((str(group.frame.index), f"f_{group.frame.label}") for group in shown.groups)
        self.kinds: dict[str, None] = {}
        """The classes in use."""

    def write(self) -> str:
        shown = self.shown
        title = re.sub(r"[!-'*+;-@[-`{-~]", lambda found: f"\\x{ord(found[0]):02x}", heading(shown))
        lines = ["---", f'title: "{title}"', *LOOK, "---", f"flowchart {self.options.direction}"]
        lines += [f"  accTitle: {escape(heading(shown))}", f"  accDescr: {escape(describe(shown))}"]
        body = self.items(shown.items, 1)
        for number in range(len(shown.outputs)):
            names = shown.info.output_names
            words = ["output"] if names is None else ["output", *wrap(clean(names[number]), LINE, 2)]
            body.append(f"  out_{number}([{_label(words)}]):::{self.kind('output')}")
        lines += body + self.edges() + self.classes()
        return "\n".join(lines) + "\n"

    def items(self, items: list[GraphNode | Group], depth: int) -> list[str]:
        lines: list[str] = []
        indent = "  " * depth
        for item in items:
            if isinstance(item, Group) and item.only_node is None:
                lines += self.frame(item, depth)
            else:
                lines.append(indent + self.card(item))
        return lines

    def card(self, item: GraphNode | Group) -> str:
        """A node, or a repeated layer."""
        stand = self.shown.stand(item)
        node = stand.node
        name = [brief(node.id)] if node.id else []
        words = [" ".join([brief(node.op), *name, *filter(None, [stand.repeat])]), *facts(stand, "normal", LINE)]
        if is_shared(node):
            words += wrap(f"shared with {node.shares}", LINE, 2)
        if stand.presence:
            words.append(present(stand.presence))
        left, right = ("([", "])") if node.category == "input" else ("[", "]")
        return f"{self.names[node.key]}{left}{_label(words)}{right}:::{self.kind(node.category)}"

    def frame(self, group: Group, depth: int) -> list[str]:
        indent = "  " * depth
        name, kind = self.frames[str(group.frame.index)], group.frame.kind
        label, use = use_of(group)
        said = [*use, *([f"shared with {shares}"] if (shares := shared_with(group)) else [])]
        words = f"{label} {group.repeat}".rstrip() + (f": {', '.join(said)}" if said else "")
        return [
            f"{indent}subgraph {name} [{_label([brief(words, 120)])}]",
            f"{indent}  direction {self.options.direction}",
            *self.items(group.items, depth + 1),
            f"{indent}end",
            f"{indent}class {name} {self.kind(kind)}",
        ]

    def edges(self) -> list[str]:
        lines: list[str] = []
        skips: list[int] = []
        for links in _links(self.shown):
            link = links[0]
            skip = all(each.skip for each in links)
            tensors = tuple(dict.fromkeys(tensor for each in links for tensor in each.tensors))
            words = [", ".join(words_for(self.shown, self.nodes, links)), shapes(tensors)]
            if skip:
                skips.append(len(lines))
            arrow = "==>" if skip else "-->"
            lines.append(f"  {self.names[link.tail]} {arrow}|{_label(words)}| {self.names[link.head]}")
        for number, (key, index) in enumerate(self.shown.outputs):
            tensor = self.shown.members[key][-1].outputs[index]
            lines.append(f"  {self.names[key]} -->|{_label([shapes([tensor])])}| out_{number}")
        if skips:
            look = f"stroke:{SKIP},stroke-width:2px"
            lines.append(f"  linkStyle {','.join(map(str, skips))} {look}")
        return lines

    def kind(self, name: str) -> str:
        self.kinds[name] = None
        return name

    def classes(self) -> list[str]:
        return [f"  classDef {kind} {_look(kind)}" for kind in self.kinds]


def _look(kind: str) -> str:
    if kind in FRAMES:
        return f"fill:{FRAMES[kind]}{HAZE},stroke:{LIGHT.frame_line}"
    if kind == "output":
        fill, line = LIGHT.background, LIGHT.text
    else:
        fill, line = LIGHT.fill(kind), LIGHT.outline(kind)
    return f"fill:{fill},stroke:{line},color:{LIGHT.text}"


def _label(lines: Iterable[str]) -> str:
    return '"' + "<br/>".join(escape(line) for line in lines if line.strip()) + '"'


def _links(shown: Outline) -> list[list[Link]]:
    """The links between the same nodes that read the same output, together."""
    found: dict[tuple[str, str, int], list[Link]] = {}
    for link in shown.links:
        found.setdefault((link.tail, link.head, link.output), []).append(link)
    return list(found.values())


def _unique(names: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """A name of letters, digits and ``_`` for each key: made of one that is wanted, and no other's."""
    taken: dict[str, str] = {}
    found: dict[str, str] = {}
    for key, wanted in names:
        plain = re.sub("[^A-Za-z0-9]+", "_", wanted)[:60].rstrip("_")
        name, number = plain, 1
        while name in taken:
            number += 1
            name = f"{plain}_{number}"
        taken[name] = found[key] = name
    return found
