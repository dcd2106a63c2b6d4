"""Read the pages of the documentation: their fenced blocks, and the commands in them with what they print.

A comment before a block, `<!-- word: rest -->`, says what it is where that does not show:

- `not run: why`: what stands there is not tried;
- `file: NAME`: it is this file, whole; `part of: NAME`: lines of it; `edit: NAME`: a `diff` of it;
- `mistake: NAME`: it is this file, and does not check;
- `in force: NAME`: it is this file, and a daemon has taken it over;
- `goes on: NAME`: its command keeps running in a terminal of this name; `Ctrl-C: NAME`: ends it.

YAML without a comment is a config where it has `hosts:`, else a campaign, in a file that is called like it.
In what is printed, a line `...` stands for any lines, and `...` at the end of a line for the rest of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FENCE = re.compile(r" *(`{3,}|~{3,})([^`]*)")
_HEADING = re.compile(r"(#{1,6}) +(.+)")
_MARK = re.compile(r"<!-- *([^:]+): *(.*?) *-->")
_ANY_LINES = "..."
_NAME = re.compile(r"^name: *(\S+)$", re.MULTILINE)
_CONFIG = re.compile(r"^hosts:", re.MULTILINE)
_FILES = {"file", "mistake", "in force"}


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block."""

    language: str
    text: str
    line: int
    """Of its fence, from 1."""
    section: str
    """The heading above it, of the second level."""
    mark: str
    """The word of the comment before it, or nothing."""
    marked: str
    """What the comment says of it."""

    @property
    def file(self) -> str | None:
        """The name of the file that it is, whole; None where it is none."""
        if self.mark in _FILES:
            return self.marked
        if self.mark or self.language != "yaml":
            return None
        named = _NAME.search(self.text)
        stem = named[1] if named else f"line-{self.line}"
        return "config.yaml" if self.is_config else f"campaigns/{stem}.yaml"

    @property
    def is_config(self) -> bool:
        """Is it a config, and no campaign?"""
        return _CONFIG.search(self.text) is not None


@dataclass(frozen=True, slots=True)
class Shown:
    """A command, and the lines that it prints."""

    command: str
    printed: tuple[str, ...]


@dataclass(slots=True)
class _Page:
    """How far a page is read."""

    section: str = ""
    mark: tuple[str, str] = ("", "")
    fence: str = ""
    language: str = ""
    begun: int = 0
    inside: list[str] = field(default_factory=list)


def blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page, indented ones too."""
    page = _Page()
    for number, line in enumerate(text.splitlines(), start=1):
        fence = _FENCE.fullmatch(line)
        if page.fence:
            if fence is not None and fence[1].startswith(page.fence) and not fence[2].strip():
                inside = dedent("".join(f"{one}\n" for one in page.inside))
                yield Block(page.language, inside, page.begun, page.section, *page.mark)
                page = _Page(page.section)
            else:
                page.inside.append(line)
        elif fence is not None:
            page.fence, page.language, page.begun = fence[1], fence[2].strip(), number
        elif heading := _HEADING.fullmatch(line):
            page = _Page(heading[2] if len(heading[1]) <= 2 else page.section)
        elif mark := _MARK.fullmatch(line.strip()):
            page.mark = mark[1].strip(), mark[2]
        elif line.strip():
            page.mark = ("", "")
    assert not page.fence, f"the block of line {page.begun} does not end"


def shown(block: Block) -> list[Shown]:
    """Return the commands of a block, each behind its `$ `, with what stands below it."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            assert found, f"line {block.line}: something is printed before the first command"
            found[-1][1].append(line)
    return [Shown(command, tuple(printed)) for command, printed in found]


def prints(page: list[str], real: list[str]) -> bool:
    """Return whether real lines are those of the page, which may leave lines and ends of lines out."""
    pattern = "".join(_pattern(line) for line in page)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in real)) is not None


def _pattern(line: str) -> str:
    if line == _ANY_LINES:
        return r"(?:[^\n]*\n)*?"
    if line.endswith(_ANY_LINES):
        return re.escape(line.removesuffix(_ANY_LINES).rstrip()) + r"[^\n]*\n"
    return re.escape(line) + r"\n"
