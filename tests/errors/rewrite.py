"""Writes into the Markdown files beside this one what archgen says now."""

from __future__ import annotations

from tests.errors.catalogue import FOLDER, SECTION, said_of

for path in sorted(FOLDER.glob("*.md")):
    text, parts, end = path.read_text("utf-8"), [], 0
    for match in SECTION.finditer(text):
        parts += [text[end : match.start("expected")], said_of(match["spec"])]
        end = match.end("expected")
    path.write_text("".join([*parts, text[end:]]), "utf-8")
