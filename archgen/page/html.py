"""The page as text: what a spec says stands in it as escaped text, and in one block of data that is no program."""

from __future__ import annotations

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import Any

import jinja2
from markupsafe import Markup

from archgen.options import Options
from archgen.resources import resource
from archgen.theme import mixed, themed

SCRIPTS = ("tree", "scene", "layered", "coordinates", "place", "cards", "paint", "view", "panel", "search", "main")
"""The parts of the page's program, in the order in which they are read."""

SETTINGS = {None: "", "auto": "", "light": "light", "paper": "light", "dark": "dark"}
"""Whether a theme holds the page to light or dark colours; others follow the reader's setting."""

BREAKING = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def write(description: dict[str, Any], options: Options) -> str:
    """The page. Its policy lets a browser run the page's own program and style only, and fetch nothing."""
    parts = "".join(_file(f"{name}.js") for name in SCRIPTS)
    script = Markup(f'"use strict";\n(() => {{\n{parts}}})();\n')
    light = themed("light" if options.theme in (None, "auto", "dark") else options.theme)
    style = Markup(_environment().get_template("page.css.j2").render(light=light, dark=themed("dark"), mixed=mixed))
    if "</" in script or "</" in style:
        raise ValueError("the page's own program or style would end its element")
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=description["title"],
            description=description["description"],
            size=description["size"],
            theme=SETTINGS[options.theme],
            expand=options.expand,
            data=Markup(embedded(description)),
            script=script,
            style=style,
            policy=f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
            "base-uri 'none'; form-action 'none'",
        )
    )


def embedded(value: Any) -> str:
    """JSON that can stand inside an element of HTML, whatever texts are in it.

    >>> embedded("</script>&\\u2028")
    '"\\\\u003c/script\\\\u003e\\\\u0026\\\\u2028"'
    """
    return json.dumps(value, separators=(",", ":"), allow_nan=False).translate(BREAKING)


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")


def _file(name: str) -> str:
    return (resource("templates") / "page" / name).read_text(encoding="utf-8")


@cache
def _environment() -> jinja2.Environment:
    """The templates of the page: everything is escaped for HTML unless it says that it is markup."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource("templates") / "page"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )
