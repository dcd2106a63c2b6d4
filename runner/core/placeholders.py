"""Find `${...}` in text, and replace it for one assignment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.errors import RowMissing
from runner.model.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

NAMES = ("date", "weekday", "campaign", "script", "serial", "username", "group", "index")
"""What an assignment gives. `serial` and `username` each exist for targets of that kind only."""

SECRET_KINDS = ("env", "file")
ROW = "row."
"""How the name of a cell begins: `${row.caption}`."""

_PATTERN = re.compile(r"\$\$\{|\$\{(?P<name>[^{}]*)\}|(?P<open>\$\{)")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One `${...}`: what stands between its braces; None where they are not closed."""

    name: str | None

    @property
    def is_secret(self) -> bool:
        """Does it stand for a secret?"""
        return self.name is not None and self.name.partition(":")[0] in SECRET_KINDS and ":" in self.name

    @property
    def is_row(self) -> bool:
        """Does it stand for a cell of a row?"""
        return self.name is not None and self.name.startswith(ROW)

    def fault(self, *, columns: Collection[str] | None = None) -> str | None:
        """Return what is wrong with it, and what to write instead.

        `columns` are those of the content file; None: there is none.
        """
        if self.name is None:
            return "a `${` without its `}`; close it, or write `$${` for the characters themselves"
        if self.is_row:
            return self._row_fault(columns)
        kind, colon, argument = self.name.partition(":")
        if not colon:
            return None if self.name in NAMES else f"there is no `${{{self.name}}}`{_meant(self.name)}"
        if kind not in SECRET_KINDS:
            return f"there is no `${{{kind}:...}}`{did_you_mean(kind, SECRET_KINDS)}"
        if kind == "env" and _VARIABLE.fullmatch(argument) is None:
            return f"`{argument}` cannot be a variable's name; write e.g. `${{env:API_KEY}}`"
        return None if argument.strip() else "write the file's path, e.g. `${file:secrets/api_key}`"

    def _row_fault(self, columns: Collection[str] | None) -> str | None:
        column = str(self.name).removeprefix(ROW)
        if columns is None:
            return f"`${{{self.name}}}` needs a content file; add `content: {{file: clips.csv, by: date}}`"
        if column in columns:
            return None
        return f"the content file has no column `{column}`{did_you_mean(column, columns)}"


def placeholders(text: str) -> Iterator[Placeholder]:
    """Yield each `${...}` of a text; `$${` is no placeholder."""
    for match in _PATTERN.finditer(text):
        if match["open"]:
            yield Placeholder(None)
        elif match["name"] is not None:
            yield Placeholder(match["name"])


def render(
    script_config: Mapping[str, Any], *, names: Mapping[str, str], secret: Callable[[str], str]
) -> dict[str, Any]:
    """Return a script's configuration with every `${...}` replaced.

    `names` holds the assignment's own values (see NAMES). `secret` is called with what stands between the
    braces, e.g. `env:API_KEY`; what it raises (SecretMissing) passes through. What is put in is not searched.
    Raises RowMissing for a cell that is not in `names`, KeyError for any other: a checked campaign has none.
    """

    def replacement(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return "${"
        if name.startswith(ROW) and name not in names:
            raise RowMissing("no row of its content file was left for it")
        return secret(name) if Placeholder(name).is_secret else names[name]

    def rendered(value: Any) -> Any:
        if isinstance(value, str):
            return _PATTERN.sub(replacement, value)
        if isinstance(value, dict):
            return {key: rendered(part) for key, part in value.items()}
        return [rendered(part) for part in value] if isinstance(value, list) else value

    return {key: rendered(value) for key, value in script_config.items()}


def _meant(name: str) -> str:
    if name.isupper() and _VARIABLE.fullmatch(name):
        return f"; did you mean `${{env:{name}}}`?"
    return did_you_mean(name, NAMES)
