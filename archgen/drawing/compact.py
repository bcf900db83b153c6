"""Graphviz's SVG in fewer words: boxes as boxes, lines in relative steps, one text a line, no transformation.

A viewer shows the same, but for the text: what stands on one line flows on, in whichever font, and what is centred
stays so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from archgen.theme import Theme

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
NO_BREAK = "\N{NO-BREAK SPACE}"
CAPITAL = 0.72
"""The height of a capital letter, as a share of the size of the type."""

CORNER = 7
"""The largest radius of a rounded corner, in points."""

ROUNDED = 25
"""The points of the outline of a box with rounded corners: eight curves."""

Point = tuple[float, float]


def compact(root: Element, theme: Theme) -> Element:
    """The same picture; only classes, keys, roles and titles are kept of what is no drawing."""
    graph = next(iter(root))
    *_, x, y = map(float, NUMBER.findall(graph.get("transform", "")))
    width, height = map(float, NUMBER.findall(root.get("viewBox", ""))[2:])
    result = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": root.get("width", ""),
            "height": root.get("height", ""),
            "viewBox": f"0 0 {_number(width)} {_number(height)}",
            "font-family": theme.font,
            "font-size": str(theme.small),
            "fill": theme.text.lower(),
        },
    )
    pen = _Pen(x, y, theme, {"font-size": str(theme.small), "fill": theme.text.lower()})
    for child in graph:
        if _tag(child) != "g":
            continue
        kinds = (child.get("class") or "").split()
        if "below" in kinds:
            result.extend(pen.draw(child, width / 2))
            continue
        kept = {name: child.get(name, "") for name in ("class", "data-key", "role") if child.get(name)}
        group = Element("g", kept)
        group.extend(pen.draw(child, pen.halfway(child) if "edge" in kinds else None, card="node" in kinds))
        result.append(group)
    result[:0] = pen.draw(graph, width / 2)
    return result


class _Pen:
    """Draws what a group draws, moved by ``x`` and ``y``; ``usual`` are attributes that texts inherit."""

    def __init__(self, x: float, y: float, theme: Theme, usual: dict[str, str]) -> None:
        self.x, self.y, self.theme, self.usual = x, y, theme, usual
        self.categories = {fill.lower(): category for category, fill in theme.fills.items() if theme.dark}
        """By the fill of a box of the legend what it stands for, where a style sheet has to know."""

    def draw(self, group: Element, centre: float | None = None, *, card: bool = False) -> list[Element]:
        """The group's title, shapes and texts.

        Texts are centred at ``centre``, those in a box of the legend in that, and those of a ``card`` in it.
        """
        drawn: list[Element] = []
        runs: list[Element] = []
        box: tuple[float, float] | None = None
        for child in group:
            tag = _tag(child)
            if tag == "text" and (not runs or child.get("y") == runs[0].get("y")):
                runs.append(child)
                continue
            if runs:
                drawn.append(self.text(runs, self.middle(runs[0], box, centre)))
                runs = []
            if tag == "text":
                runs.append(child)
            elif tag == "title":
                drawn.append(Element("title"))
                drawn[-1].text = child.text
            elif tag != "g":
                shape = self.shape(child, tag)
                if "fill" not in shape.attrib and "stroke" not in shape.attrib:
                    continue  # That of the invisible frame around everything.
                filled = next((one for one in reversed(drawn) if _same_box(one, shape)), None)
                if filled is not None:  # An outline that is drawn by itself.
                    filled.attrib.update({**shape.attrib, "fill": filled.get("fill", "")})
                    continue
                if shape.get("rx") and centre is not None and shape.get("fill") in self.categories:
                    shape = Element("rect", {"class": self.categories[shape.get("fill", "")], **shape.attrib})
                drawn.append(shape)
                if shape.get("rx") and (card or centre is not None):
                    box = float(shape.get("x", "")), float(shape.get("width", ""))
        if runs:
            drawn.append(self.text(runs, self.middle(runs[0], box, centre)))
        if card:
            _level(drawn)
        return drawn

    def middle(self, text: Element, box: tuple[float, float] | None, centre: float | None) -> float | None:
        """Where a text is centred, if it is: in its card or box of the legend, or in the picture."""
        if box and box[0] <= float(text.get("x", "")) + self.x <= box[0] + box[1]:
            return box[0] + box[1] / 2
        return centre

    def halfway(self, edge: Element) -> float | None:
        """Where a text above a level line is centred; nothing for another line, beside which the text begins."""
        if all(child.get("text-anchor") != "start" for child in edge):
            return None
        line = [point for child in edge if _tag(child) == "path" for point in _points(child.get("d", ""))]
        arrow = [point for child in edge if _tag(child) == "polygon" for point in _points(child.get("points", ""))]
        if not line or max(y for _, y in line) - min(y for _, y in line) > 1:
            return None
        across = [x for x, _ in (*line, *arrow)]
        return (min(across) + max(across)) / 2 + self.x

    def text(self, runs: Sequence[Element], centre: float | None) -> Element:
        """One line of text, in which pieces in another type stand as such."""
        first = runs[0]
        where = float(first.get("x", "")) + self.x if centre is None else centre
        line = Element("text", {"x": _number(where), "y": _number(float(first.get("y", "")) + self.y)})
        if centre is not None or first.get("text-anchor") == "middle":
            line.set("text-anchor", "middle")
        types = [self.type(run) for run in runs]
        shared = {name: value for name, value in types[-1].items() if all(each.get(name) == value for each in types)}
        line.attrib.update(shared)
        for run, own in zip(runs, types, strict=True):
            words = _spaced(run.text or "")
            rest = {name: value for name, value in own.items() if name not in shared}
            if rest:
                piece = Element("tspan", rest)
                piece.text = words
                line.append(piece)
            elif len(line):
                line[-1].tail = (line[-1].tail or "") + words
            else:
                line.text = (line.text or "") + words
        return line

    def type(self, text: Element) -> dict[str, str]:
        """What is unusual about the type of a text."""
        own: dict[str, str] = {}
        for name in ("font-family", "font-weight", "font-size", "fill"):
            value = text.get(name)
            if value is not None:
                value = f"{float(value):g}" if name == "font-size" else value
                if value != self.usual.get(name):
                    own[name] = value
        if own.get("fill") == self.theme.quiet.lower():
            own = {"class": "quiet", **own}
        return own

    def shape(self, shape: Element, tag: str) -> Element:
        """A box, a line, an arrow or a point."""
        look = {
            name: value
            for name in ("fill", "stroke", "stroke-width", "stroke-dasharray")
            if (value := shape.get(name)) is not None and (value != "none" or (name == "fill" and tag == "path"))
        }
        if tag == "ellipse":
            centre = {
                "cx": _number(float(shape.get("cx", "")) + self.x),
                "cy": _number(float(shape.get("cy", "")) + self.y),
            }
            return Element("circle", {**centre, "r": _number(float(shape.get("rx", ""))), "fill": look["fill"]})
        points = [(x + self.x, y + self.y) for x, y in _points(shape.get("d") or shape.get("points") or "")]
        if tag == "path" and len(points) == ROUNDED and points[0] == points[-1]:
            return Element("rect", {**_box(points), "rx": _number(min(_radius(points), CORNER)), **look})
        if tag == "polygon" and len(points) == 5 and len({x for x, _ in points}) == len({y for _, y in points}) == 2:
            return Element("rect", {**_box(points), **look})
        if tag == "path":
            return Element("path", {**look, "d": _curves(points)})
        look.pop("stroke", None)
        look.pop("stroke-width", None)
        return Element("path", {**look, "d": _polygon(points)})


def _level(drawn: Sequence[Element]) -> None:
    """Give the lines of text in a card as much room above as below."""
    box = next((one for one in drawn if one.tag == "rect"), None)
    lines = [one for one in drawn if one.tag == "text"]
    if box is None or not lines:
        return
    baselines = [float(line.get("y", "")) for line in lines]
    above = baselines[0] - CAPITAL * float(lines[0].get("font-size") or 9) - float(box.get("y", ""))
    below = float(box.get("y", "")) + float(box.get("height", "")) - baselines[-1]
    for line, baseline in zip(lines, baselines, strict=True):
        line.set("y", _number(baseline + (below - above) / 2))


def _points(text: str) -> list[Point]:
    numbers = [float(number) for number in NUMBER.findall(text)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _box(points: Sequence[Point]) -> dict[str, str]:
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    sides = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return {name: _number(value) for name, value in sides.items()}


def _same_box(one: Element, other: Element) -> bool:
    return one.tag == other.tag == "rect" and all(one.get(name) == other.get(name) for name in ("x", "y", "width"))


def _radius(points: Sequence[Point]) -> float:
    """How far from the corners the straight sides begin."""
    ends = points[::3]
    left, top = min(x for x, _ in ends), min(y for _, y in ends)
    return min(y for x, y in ends if x == left) - top


def _curves(points: Sequence[Point]) -> str:
    """Curves in steps from where the last one ended; a straight one across or down is a line."""
    (x, y), *rest = _tenths(points)
    said = [f"M{_join(x, y)}"]
    for one, two, end in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        if all(point[0] == x for point in (one, two, end)):
            said.append(f"v{_join(end[1] - y)}")
        elif all(point[1] == y for point in (one, two, end)):
            said.append(f"h{_join(end[0] - x)}")
        else:
            said.append(f"c{_join(*(part for point in (one, two, end) for part in (point[0] - x, point[1] - y)))}")
        x, y = end
    return "".join(said)


def _polygon(points: Sequence[Point]) -> str:
    (x, y), *rest = _tenths(points)
    steps = []
    said = f"M{_join(x, y)}"
    for end in rest[:-1]:
        steps += [end[0] - x, end[1] - y]
        x, y = end
    return f"{said}l{_join(*steps)}z"


def _tenths(points: Sequence[Point]) -> list[tuple[int, int]]:
    """The points in whole tenths, so that many small steps end where one large one does."""
    return [(round(10 * x), round(10 * y)) for x, y in points]


def _join(*tenths: int) -> str:
    """Numbers side by side, apart where they need to be."""
    said = ""
    for value in tenths:
        number = _number(value / 10)
        said += number if not said or number.startswith("-") else f" {number}"
    return said


def _number(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _spaced(text: str) -> str:
    """The text with spaces that XML keeps where it would drop them: at its ends, and several in a row."""
    kept = re.sub("  +", lambda found: NO_BREAK * len(found.group()), text)
    return re.sub("^ | $", NO_BREAK, kept)


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
