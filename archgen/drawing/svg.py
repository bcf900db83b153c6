"""The last touches to Graphviz's SVG: text for screen readers and tooltips, fonts, and the same bytes every time.

Every colour is an attribute, so that a viewer without style sheets shows it; the theme ``auto`` adds a style sheet
that only replaces them where the reader prefers dark colours.
"""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from archgen.drawing.compact import compact
from archgen.drawing.night import style_sheet
from archgen.theme import Theme
from archgen.wording import clean

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
PICTURED = ("node", "cluster")
"""The classes of groups that a screen reader tells of as pictures, by their titles."""


def finish(picture: bytes, title: str, description: str, *, measured: str, theme: Theme) -> bytes:
    """The SVG with a title and a description, text in the theme's font where it was ``measured`` in another, and
    tooltips that every browser shows. The comments, in which Graphviz tells its version, are left out."""
    root = ElementTree.fromstring(picture)
    for group in root.iter(f"{{{SVG}}}g"):
        _explain(group)
    for text in root.iter(f"{{{SVG}}}text"):
        if text.get("font-family") == measured:
            del text.attrib["font-family"]
    # A document of figures, not one image: what is inside it is read as well.
    result = compact(root, theme)
    result.set("role", "graphics-document document")
    head = [_worded("title", clean(title)), _worded("desc", clean(description))]
    if theme.dark:
        result.set("class", "archgen-auto")
        head.append(_worded("style", style_sheet(theme.dark, _classes(result))))
    result[:0] = head
    for child in result:
        child.tail = "\n"
    result.text = "\n"
    source = ElementTree.tostring(result, encoding="unicode", short_empty_elements=True).replace(" />", "/>")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{source}\n'.encode()


def _worded(tag: str, words: str) -> Element:
    element = Element(tag)
    element.text = words
    return element


def _classes(root: Element) -> set[str]:
    return {name for element in root.iter() for name in (element.get("class") or "").split()}


def _explain(group: Element) -> None:
    """Turn the link that Graphviz makes of a tooltip into the group's title, and keep the name of a node as data."""
    title = group.find(f"{{{SVG}}}title")
    if title is None:
        return
    kind, *more = (group.get("class") or "").split(" ")
    if kind == "graph" or "below" in more:
        group.remove(title)
        return
    if kind == "node" and title.text and " " not in title.text:  # What is no node of the graph has a space.
        group.set("data-key", title.text)
    del group.attrib["id"]
    if kind in PICTURED:
        group.set("role", "img")
    for wrapper in list(group):
        link = wrapper.find(f"{{{SVG}}}a")
        if link is None:
            continue
        title.text = link.get(f"{{{XLINK}}}title", title.text)
        place = list(group).index(wrapper)
        group.remove(wrapper)
        for offset, child in enumerate(list(link)):
            group.insert(place + offset, child)
