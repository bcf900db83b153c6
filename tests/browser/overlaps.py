"""Whether all that is written on a picture can be read: measured where it is drawn, in a browser."""

from __future__ import annotations

from playwright.sync_api import Page

MEASURE = """
() => {
  const picture = document.querySelector("svg");
  const box = (element) => {
    const {left, top, right, bottom} = element.getBoundingClientRect();
    return {left, top, right, bottom};
  };
  const written = (text) => {
    const whole = box(text), toScreen = text.getScreenCTM();
    const shown = text.textContent.replace(/[ \\t\\n]+/g, " ").replace(/^ | $/g, "");
    if (text.getNumberOfChars() !== shown.length) return whole;
    const ends = [shown.search(/\\S/), shown.trimEnd().length - 1].map((place) => text.getExtentOfChar(place));
    const across = ends.flatMap(({x, width}) => [x, x + width]);
    const xs = across.map((x) => new DOMPoint(x, 0).matrixTransform(toScreen).x);
    return {...whole, left: Math.min(...xs), right: Math.max(...xs)};
  };
  const shapes = (parent) => [...parent.children].filter((child) =>
    /^(rect|path|polygon|ellipse)$/.test(child.tagName));
  const holds = (outer, inner) => {
    const x = (inner.left + inner.right) / 2, y = (inner.top + inner.bottom) / 2;
    return outer.left < x && x < outer.right && outer.top < y && y < outer.bottom;
  };
  const texts = [...picture.querySelectorAll("text")].filter((text) => text.textContent.trim()).map((text) => {
    const group = text.closest("g.node, g.cluster, g.edge"), kind = group?.classList[0] ?? "";
    const place = written(text), around = kind === "edge" ? [] : shapes(text.parentElement).map(box);
    const closest = around.filter((other) => holds(other, place)).sort((a, b) => a.right - a.left - b.right + b.left);
    const card = kind === "node" ? around[0] : closest[0];
    return {name: text.textContent.trim(), ...place, kind, card: card ?? null};
  });
  const boxes = (kind) => [...picture.querySelectorAll("g." + kind)].filter((group) => shapes(group).length)
    .map((group) => {
      const words = [...group.querySelectorAll("text")].map((text) => text.textContent.trim()).join(" ");
      return {name: group.dataset.key ?? words, ...box(shapes(group)[0])};
    });
  const wires = [...picture.querySelectorAll("g.edge")].map((group) => {
    const path = group.querySelector("path"), toScreen = path.getScreenCTM(), points = [];
    const length = path.getTotalLength(), parts = Math.max(1, Math.ceil(length / 3));
    for (let part = 0; part <= parts; part++) {
      const {x, y} = path.getPointAtLength(length * part / parts).matrixTransform(toScreen);
      points.push([x, y]);
    }
    return {name: group.querySelector("title")?.textContent ?? "", points};
  });
  const {x, y, width, height} = picture.viewBox.baseVal, corner = (x, y) =>
    new DOMPoint(x, y).matrixTransform(picture.getScreenCTM());
  const start = corner(x, y), end = corner(x + width, y + height);
  return {picture: {left: start.x, top: start.y, right: end.x, bottom: end.y}, texts,
    cards: boxes("node"), frames: boxes("cluster"), wires};
}
"""
"""What is where, in pixels of the screen, the spaces around a text left out; ``card`` is the box that a text is to be
in."""

SLACK = 0.75
"""Pixels by which boxes may touch: half the width of a line."""

ARROW = 2
"""Pixels that a wire may reach into a card."""

APART = 1.5
"""Pixels that have to be between two texts side by side."""

Box = dict[str, float]


def faults(page: Page, svg: str, style: str = "") -> list[str]:
    """What is wrong with a picture, drawn by the page; empty where nothing is.

    Texts may not meet texts, nor reach out of their card, of the innermost frame around them, or of the picture. Cards
    may not meet cards; texts beside wires may not meet cards; and no wire may run through a text or across a card.
    """
    page.set_content(f"<!doctype html><style>body {{ margin: 20px }} {style}</style>{svg[svg.index('<svg') :]}")
    page.evaluate("() => document.fonts.ready")
    found = page.evaluate(MEASURE)
    texts, cards, frames, picture = found["texts"], found["cards"], found["frames"], found["picture"]
    if not texts:
        return ["nothing is written on it"]
    said: list[str] = []
    for text in texts:
        name = text["name"]
        if not inside(text, picture):
            said.append(f'"{name}" is cut off by the edge of the picture{_by(text, picture)}')
        if text["card"] and not inside(text, text["card"]):
            said.append(f'"{name}" does not fit on its card{_by(text, text["card"])}')
        if text["card"] is None:
            said += [f'"{name}" lies on the card "{card["name"]}"' for card in cards if meet(text, card)]
        around = [frame for frame in frames if _holds(frame, text)]
        innermost = min(around, key=lambda frame: frame["right"] - frame["left"], default=None)
        if innermost and not inside(text, innermost):
            said.append(f'"{name}" reaches out of its frame{_by(text, innermost)}')
    said += [f'"{one["name"]}" and "{two["name"]}" overlap{_across(one, two)}' for one, two in _meeting(texts, APART)]
    said += [f'the cards "{one["name"]}" and "{two["name"]}" overlap' for one, two in _meeting(cards)]
    for card in cards:
        if not inside(card, picture):
            said.append(f'the card "{card["name"]}" is cut off by the edge of the picture')
    for wire in found["wires"]:
        crossed = [text for text in texts if any(_at(text, x, y) for x, y in wire["points"])]
        said += [f'the wire {wire["name"]} runs through "{text["name"]}"' for text in crossed]
        crossed = [card for card in cards if any(_at(card, x, y, ARROW) for x, y in wire["points"])]
        said += [f'the wire {wire["name"]} runs across the card "{card["name"]}"' for card in crossed]
    return said


def inside(inner: Box, outer: Box) -> bool:
    return (
        inner["left"] >= outer["left"] - SLACK
        and inner["right"] <= outer["right"] + SLACK
        and inner["top"] >= outer["top"] - SLACK
        and inner["bottom"] <= outer["bottom"] + SLACK
    )


def meet(one: Box, two: Box, apart: float = -SLACK) -> bool:
    """Whether two boxes meet, or come nearer to each other across than ``apart``."""
    return (
        one["left"] < two["right"] + apart
        and two["left"] < one["right"] + apart
        and one["top"] + SLACK < two["bottom"]
        and two["top"] + SLACK < one["bottom"]
    )


def _meeting(boxes: list[Box], apart: float = -SLACK) -> list[tuple[Box, Box]]:
    """The pairs that meet: each box is compared with those that start above where it ends."""
    ordered = sorted(boxes, key=lambda box: box["top"])
    pairs: list[tuple[Box, Box]] = []
    for number, one in enumerate(ordered):
        for two in ordered[number + 1 :]:
            if two["top"] >= one["bottom"]:
                break
            if meet(one, two, apart):
                pairs.append((one, two))
    return pairs


def _holds(frame: Box, text: Box) -> bool:
    """Whether the middle of a text is in a frame."""
    return _at(frame, (text["left"] + text["right"]) / 2, (text["top"] + text["bottom"]) / 2)


def _at(box: Box, x: float, y: float, inset: float = 0) -> bool:
    return box["left"] + inset < x < box["right"] - inset and box["top"] + inset < y < box["bottom"] - inset


def _by(inner: Box, outer: Box) -> str:
    out = {
        "left": outer["left"] - inner["left"],
        "top": outer["top"] - inner["top"],
        "right": inner["right"] - outer["right"],
        "below": inner["bottom"] - outer["bottom"],
    }
    return " (" + ", ".join(f"{pixels:.1f} px {side}" for side, pixels in out.items() if pixels > SLACK) + ")"


def _across(one: Box, two: Box) -> str:
    wide = min(one["right"], two["right"]) - max(one["left"], two["left"])
    high = min(one["bottom"], two["bottom"]) - max(one["top"], two["top"])
    return f" ({wide:.1f} × {high:.1f} px)"
