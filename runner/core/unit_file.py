"""Make a unit of systemd's from the one in the package."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")


def rewritten(unit: str, values: Mapping[str, str]) -> str:
    """Return a unit with other values of settings that it has; raises KeyError for one that it lacks."""
    lines, missing = unit.splitlines(), dict(values)
    for number, line in enumerate(lines):
        key, equals, _ = line.partition("=")
        if equals and key in missing:
            lines[number] = f"{key}={missing.pop(key)}"
    if missing:
        raise KeyError(*missing)
    return "\n".join(lines) + "\n"


def command_line(words: Sequence[str]) -> str:
    """Return a command as `ExecStart=` takes it: nothing in it is expanded (systemd.service(5))."""
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    literal = word.replace("%", "%%").replace("$", "$$")
    if _PLAIN.fullmatch(literal.replace("$$", "")):
        return literal
    escaped = literal.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
