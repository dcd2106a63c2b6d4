"""Look secrets up, in the environment and in files, and keep them out of what others say."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.adapters.campaign_folder import read_file
from runner.errors import SecretMissing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MOST_BYTES = 64 * 1024
FEWEST_CHARACTERS = 4
"""A shorter secret stands in too many words to be replaced in them."""


@dataclass(frozen=True, slots=True)
class _Known:
    names: Mapping[str, str]
    """The name of each secret that was looked up, by every form in which it is recognized."""
    forms: re.Pattern[str] | None


class Secrets:
    """The secrets that `${env:NAME}` and `${file:PATH}` stand for."""

    def __init__(self, *, environ: Mapping[str, str], folder: Path) -> None:
        """Take the environment, and the folder to which paths are relative: that of the config file."""
        self._environ = environ
        self._folder = folder
        self._known = _Known({}, None)

    def look_up(self, name: str) -> str:
        """Return the secret of `env:NAME` or `file:PATH`; a file's last line end is no part of it.

        Raises SecretMissing, whose message holds no secret.
        """
        kind, _, argument = name.partition(":")
        secret = self._from_environment(argument) if kind == "env" else self._from_file(argument)
        self._remember(secret, name)
        return secret

    def redact(self, text: str) -> str:
        """Return a text with the name of each secret in its place, e.g. `${env:NAME}`.

        Known are the secrets that were looked up so far, as they are and as JSON writes them. What is shorter
        than FEWEST_CHARACTERS stays.
        """
        known = self._known
        if known.forms is None:
            return text
        return known.forms.sub(lambda found: f"${{{known.names[found[0]]}}}", text)

    def _remember(self, secret: str, name: str) -> None:
        if secret in self._known.names or len(secret) < FEWEST_CHARACTERS:
            return
        forms = (secret, _in_json(secret, ascii_only=True), _in_json(secret, ascii_only=False))
        names = {**dict.fromkeys(forms, name), **self._known.names}
        # Longest first: of a secret that begins with another, nothing must be left.
        longest_first = sorted(names, key=len, reverse=True)
        # In one piece: files are checked in another thread.
        self._known = _Known(names, re.compile("|".join(map(re.escape, longest_first))))

    def _from_environment(self, variable: str) -> str:
        value = self._environ.get(variable, "")
        if not value:
            raise SecretMissing(f"the environment has no {variable}")
        return value

    def _from_file(self, path: str) -> str:
        read = read_file(self._folder / path, most_bytes=MOST_BYTES)
        if read.unread is not None:
            raise SecretMissing(f"the secret's file {path}: {read.unread}")
        try:
            secret = read.content.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise SecretMissing(f"the secret's file {path} is not UTF-8 text") from None
        if not secret:
            raise SecretMissing(f"the secret's file {path} is empty")
        return secret


def _in_json(secret: str, *, ascii_only: bool) -> str:
    return json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
