"""The style sheet of a picture that follows its reader's setting: other colours where dark ones are preferred."""

from __future__ import annotations

from collections.abc import Collection

from archgen.theme import Theme

ROOT = ".archgen-auto"
"""The class of the picture, so that a page in which several stand is not styled by one of them."""


def style_sheet(theme: Theme, classes: Collection[str]) -> str:
    """The rules for a picture in which these classes occur. They replace attributes, which hold the light colours."""
    outputs = {">rect": f"fill:{theme.background}", "": f"fill:{theme.text}", " .quiet": f"fill:{theme.quiet}"}
    rules = dict(outputs)
    for kind, shades in theme.frames.items():
        for word, shade in zip(("even", "odd"), shades, strict=True):
            rules[f" .{kind}.{word}>rect"] = f"fill:{shade};stroke:{theme.frame_line}"
    for category in sorted(theme.fills):
        look = f"fill:{theme.fill(category)};stroke:{theme.outline(category)}"
        rules[f" .{category}>rect"] = look
        rules[f">rect.{category}"] = look
    rules[" .output>rect"] = f"fill:{theme.background};stroke:{theme.text}"
    rules[" .edge>path"] = f"stroke:{theme.line}"
    rules[" .edge>path+path"] = f"stroke:none;fill:{theme.line}"
    rules[" .port>circle"] = f"fill:{theme.line}"
    rules[" .skip>path"] = f"stroke:{theme.skip}"
    rules[" .skip>path+path"] = f"stroke:none;fill:{theme.skip}"
    rules[" .skip>text"] = f"fill:{theme.skip}"
    rules[" .skip>circle"] = f"fill:{theme.skip}"
    rules[" .highlighted>rect"] = f"stroke:{theme.highlight}!important"
    said = "".join(f"{ROOT}{selector}{{{look}}}" for selector, look in rules.items() if _occurs(selector, classes))
    return f"@media (prefers-color-scheme:dark){{{said}}}"


def _occurs(selector: str, classes: Collection[str]) -> bool:
    named = [part.partition(">")[0] for part in selector.replace(">rect.", " .").strip().split(".")[1:]]
    return all(name in classes for name in named)
