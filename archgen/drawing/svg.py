"""The last touches to Graphviz's SVG: text for screen readers and tooltips, fonts, and the same bytes every time."""

from __future__ import annotations

from xml.etree import ElementTree

from archgen.wording import clean

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"


def finish(picture: bytes, title: str, description: str, *, measured: str, font: str) -> bytes:
    """The SVG with a title and a description, text in ``font`` where it was ``measured`` in another, and tooltips
    that every browser shows. The comments, in which Graphviz tells its version, are left out."""
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(picture)
    for group in root.iter(f"{{{SVG}}}g"):
        _explain(group)
    for text in root.iter(f"{{{SVG}}}text"):
        if text.get("font-family") == measured:
            del text.attrib["font-family"]
    root.set("font-family", font)
    root.set("role", "img")
    for number, (tag, content) in enumerate((("title", title), ("desc", description))):
        element = ElementTree.Element(f"{{{SVG}}}{tag}")
        element.text, element.tail = clean(content), "\n"
        root.insert(number, element)
    source = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{source}\n'.encode()


def _explain(group: ElementTree.Element) -> None:
    """Turn the link that Graphviz makes of a tooltip into the group's title, and keep the name of a node as data."""
    title = group.find(f"{{{SVG}}}title")
    if title is None:
        return
    kind = (group.get("class") or "").split(" ")[0]
    if kind == "graph":
        group.remove(title)
        return
    if kind == "node" and title.text and " " not in title.text:  # What is no node of the graph has a space.
        group.set("data-key", title.text)
    del group.attrib["id"]
    for wrapper in list(group):
        link = wrapper.find(f"{{{SVG}}}a")
        if link is None:
            continue
        title.text = link.get(f"{{{XLINK}}}title", title.text)
        place = list(group).index(wrapper)
        group.remove(wrapper)
        for offset, child in enumerate(list(link)):
            group.insert(place + offset, child)
