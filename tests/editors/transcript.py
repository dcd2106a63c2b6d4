"""Put down what the language server was asked and what it answered, as a part of the page about editors."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from editors.questions import COMPLETIONS, CURSOR, HOVERS, MISTAKES, PROGRAM, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from editors.language_server import LanguageServer
    from editors.questions import Edited

PAGE = ROOT / "docs/editors.md"
HEADING = "## Seen working\n"
EXAMPLES = [*sorted((ROOT / "campaigns").glob("*.yaml")), ROOT / "config.example.yaml"]

_SOURCE = re.compile(r"\n+Source: \[.*\n*\Z")
"""The end of an explanation, which names the schema's place on this machine."""


def page_with_transcript(server: LanguageServer) -> str:
    """Return the text of the page with a transcript of now."""
    before = PAGE.read_text(encoding="utf-8").partition(HEADING)[0]
    return before + "\n".join([HEADING, *_transcript(server)]) + "\n"


def _transcript(server: LanguageServer) -> Iterator[str]:
    version = json.loads((PROGRAM.parents[1] / "package.json").read_text(encoding="utf-8"))["version"]
    yield f"What yaml-language-server {version} answered over its protocol, while the example files were"
    yield f"edited as shown. `{CURSOR}` is the cursor. `make editors` checks that it still does.\n"
    yield "### Completion\n"
    yield "| file | written | offered |"
    yield "| --- | --- | --- |"
    for edited in COMPLETIONS:
        offered = ", ".join(f"`{label}`" for label in completed(server, edited))
        yield _row(edited, offered)
    yield "\n### Explanations\n"
    for edited in HOVERS:
        yield f"{edited.written} in `{edited.file}`:\n"
        yield "\n".join(f"> {line}".rstrip() for line in explained(server, edited).splitlines())
        yield ""
    yield "### Mistakes\n"
    yield f"In {', '.join(f'`{path.relative_to(ROOT)}`' for path in EXAMPLES)} as they are: none.\n"
    yield "| file | written | marked |"
    yield "| --- | --- | --- |"
    for edited in MISTAKES:
        marks = server.diagnostics(edited.path, edited.text)
        yield _row(edited, "; ".join(f"{mark.line}:{mark.column} {mark.message}" for mark in marks))


def completed(server: LanguageServer, edited: Edited) -> list[str]:
    """Return what is offered at the cursor, each once."""
    server.diagnostics(edited.path, edited.text)
    line, column = edited.cursor
    return list(dict.fromkeys(server.completions(edited.path, line=line, column=column)))


def explained(server: LanguageServer, edited: Edited) -> str:
    """Return what is shown at the cursor, without the schema's place."""
    server.diagnostics(edited.path, edited.text)
    line, column = edited.cursor
    return _SOURCE.sub("", server.hover(edited.path, line=line, column=column))


def _row(edited: Edited, answer: str) -> str:
    cells = (f"`{edited.file}`", edited.written, answer)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
