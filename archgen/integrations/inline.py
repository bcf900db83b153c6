"""A figure inside a page: an SVG that shares ids and styles with nothing else there, and follows the site's colours."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from html import escape
from xml.etree import ElementTree

from archgen.errors import ArchgenError
from archgen.wording import clean

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"

DARK = "@media(prefers-color-scheme:dark)"
SITES_IN_DARK = ('[data-md-color-scheme="slate"]', '[data-theme="dark"]')
"""How a site says that it is dark: Material and Zensical; Furo, PyData and their like."""
FOLLOWING = '[data-theme="auto"]'
"""How it says that it follows its reader."""
SILENT = ":root:not([data-theme]):not(:has(body:is([data-md-color-scheme], [data-theme])))"
"""A site that says nothing."""

_LENGTH = re.compile(r"\d+(\.\d+)?(px|em|ex|rem|ch|vw|%|pt|pc|cm|mm|in)?")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")


def inline(svg: bytes, key: str, *, width: str | None = None, label: str | None = None) -> str:
    """The SVG as an element of an HTML page, in its own size, scrolled where the page is narrower.

    ``key`` is in all of its ids and in its class: figures of different keys may stand in one page. ``width``, where it
    is given, is a CSS length, or a number of pixels; ``label`` is read aloud in place of title and description.
    Raises ``ArchgenError`` for a width that is none.
    """
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        _rename(element, key)
    for style in root.iter(f"{{{SVG}}}style"):
        style.text = scoped(style.text or "", f".{key}", (root.get("class") or "").split())
    root.set("class", f"{root.get('class', '')} archgen {key}".strip())
    if width is not None:
        root.set("style", f"width: {check_width(width)}; max-width: 100%; height: auto")
        root.attrib.pop("width", None)
        root.attrib.pop("height", None)
    if label is not None:
        root.set("role", "img")
        root.set("aria-label", clean(label))
        root.attrib.pop("aria-labelledby", None)
        root.attrib.pop("aria-describedby", None)
    text = ElementTree.tostring(root, encoding="unicode")
    # An empty line would end the HTML in Markdown.
    text = re.sub(r"\n\s*\n", "\n", text).strip()
    return text if width is not None else f'<div style="overflow-x: auto">{text}</div>'


def framed(
    content: str,
    *,
    caption: str | None = None,
    name: str | None = None,
    align: str | None = None,
    width: str | None = None,
) -> str:
    """A figure of HTML: ``content`` is HTML, and the rest text. ``align`` is left, center or right."""
    looks = [f"text-align: {align}"] if align else []
    looks += [f"width: {check_width(width)}"] if width is not None else []
    style = f' style="{escape("; ".join(looks))}"' if looks else ""
    place = f' id="{escape(clean(name))}"' if name else ""
    said = f"<figcaption>{escape(clean(caption))}</figcaption>" if caption else ""
    return f'<figure class="archgen-figure"{place}{style}>{content}{said}</figure>'


def check_width(width: str) -> str:
    """The width as CSS; raises ``ArchgenError``.

    >>> check_width("60%"), check_width("300")
    ('60%', '300px')
    """
    if not _LENGTH.fullmatch(width):
        raise ArchgenError(f'"{width}" is no width', hint="give a length, such as 300px, 20em or 60%")
    return width if width[-1] in "%" or width[-1].isalpha() else f"{width}px"


def scoped(css: str, scope: str, classes: Collection[str] = ()) -> str:
    """The rules of a figure's style sheet, for the figure ``scope`` alone; ``classes`` are those of its root.

    Rules for readers who prefer dark colours hold where the site is dark: where it says so, and where it says nothing
    and the reader prefers it.

    >>> scoped(".net>rect {fill: red} .layer {fill: blue}", ".a", ["net"])
    '.a>rect{fill: red}\\n.a .layer{fill: blue}'
    """
    parts = []
    for head, body in _blocks(css):
        if "".join(head.split()) == DARK:
            rules = list(_blocks(body))
            open_to_reader = [
                f"{_rule(each, [f'{SILENT} {scope}', f'{FOLLOWING} {scope}'], classes)}" for each in rules
            ]
            parts.append(f"@media (prefers-color-scheme: dark) {{{' '.join(open_to_reader)}}}")
            parts += [_rule(each, [f"{site} {scope}" for site in SITES_IN_DARK], classes) for each in rules]
        elif head.startswith("@"):
            parts.append(f"{head} {{{' '.join(_rule(each, [scope], classes) for each in _blocks(body))}}}")
        else:
            parts.append(_rule((head, body), [scope], classes))
    return "\n".join(parts)


def _rule(rule: tuple[str, str], scopes: Sequence[str], classes: Collection[str]) -> str:
    """A rule for what is inside each of the scopes; ``svg``, ``:root`` and the classes are the figure itself."""
    selectors, look = rule
    own = "|".join(map(re.escape, ["svg", ":root", *(f".{name}" for name in classes)]))
    within = []
    for selector in selectors.split(","):
        selector = selector.strip()
        rest = re.sub(rf"^({own})(?![\w-])", "", selector)
        within += [f"{scope}{rest}" if rest != selector else f"{scope} {selector}" for scope in scopes]
    return f"{', '.join(within)}{{{look}}}"


def _blocks(css: str) -> list[tuple[str, str]]:
    """What stands before each pair of braces at the top, and between them."""
    found = []
    depth = start = opened = 0
    for place, char in enumerate(css):
        if char == "{":
            depth += 1
            opened = place if depth == 1 else opened
        elif char == "}":
            depth -= 1
            if not depth:
                found.append((css[start:opened].strip(), css[opened + 1 : place].strip()))
                start = place + 1
    return found


def _rename(element: ElementTree.Element, key: str) -> None:
    """Put the key before the ids of an element and those that it refers to."""
    for name, value in list(element.attrib.items()):
        if name == "id":
            element.set(name, f"{key}-{value}")
        elif name in ("href", f"{{{XLINK}}}href") and value.startswith("#"):
            element.set(name, f"#{key}-{value[1:]}")
        elif name in ("aria-labelledby", "aria-describedby"):
            element.set(name, " ".join(f"{key}-{each}" for each in value.split()))
        elif "url(#" in value:
            element.set(name, _REFERENCE.sub(rf"url(#{key}-\1)", value))
