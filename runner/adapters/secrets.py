"""Look secrets up, in the environment and in files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.adapters.campaign_folder import read_file
from runner.errors import SecretMissing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MOST_BYTES = 64 * 1024


class Secrets:
    """The secrets that `${env:NAME}` and `${file:PATH}` stand for."""

    def __init__(self, *, environ: Mapping[str, str], folder: Path) -> None:
        """Take the environment, and the folder to which paths are relative: that of the config file."""
        self._environ = environ
        self._folder = folder

    def look_up(self, name: str) -> str:
        """Return the secret of `env:NAME` or `file:PATH`; a file's last line end is no part of it.

        Raises SecretMissing, whose message holds no secret.
        """
        kind, _, argument = name.partition(":")
        return self._from_environment(argument) if kind == "env" else self._from_file(argument)

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
