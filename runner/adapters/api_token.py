"""The token of the HTTP API: 256 bits in a file that only its owner can read, made when there is none."""

from __future__ import annotations

import os
import re
import secrets
import stat
import sys
from typing import TYPE_CHECKING

from runner.errors import TokenUnusable

if TYPE_CHECKING:
    from pathlib import Path

_BYTES = 32
_MODE = 0o600
_TOKEN = re.compile(rb"[A-Za-z0-9_-]{43,128}")
_MOST_FILE_BYTES = 1_024


class TokenFile:
    """Knows the token of its file; a file that was deleted or replaced is another token at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, ...] = ()
        self._token = b""

    def is_token(self, offered: bytes) -> bool:
        """Compare what a request has brought with the token, in a time that tells nothing of it.

        Raises:
            TokenUnusable: the file cannot be read or made, or others than its owner may read it.
        """
        return secrets.compare_digest(offered, self.current())

    def current(self) -> bytes:
        """Return the token; makes one where the file is missing. Raises TokenUnusable."""
        try:
            try:
                seen = _identity(self.path.stat(follow_symlinks=False))
            except FileNotFoundError:
                self._make()
                seen = _identity(self.path.stat(follow_symlinks=False))
            if seen != self._seen or not self._token:
                self._token = self._read()
                self._seen = seen
        except OSError as error:
            raise TokenUnusable(f"the token's file {self.path}: {error.strerror or error}") from error
        return self._token

    def _make(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Whole and under another name first: whoever reads meanwhile finds no half of one.
        draft = self.path.with_name(f"{self.path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
        try:
            os.write(descriptor, secrets.token_urlsafe(_BYTES).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        draft.replace(self.path)

    def _read(self) -> bytes:
        descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise TokenUnusable(f"the token's file {self.path} is no file")
            # On Windows the mode says nothing of who may read it.
            if sys.platform != "win32" and found.st_mode & 0o077:
                mode = f"{stat.S_IMODE(found.st_mode):o}"
                raise TokenUnusable(
                    f"the token's file {self.path} has mode {mode}, so others may know it: delete it, "
                    "and a new token is made"
                )
            token = os.read(descriptor, _MOST_FILE_BYTES).strip()
        finally:
            os.close(descriptor)
        if not _TOKEN.fullmatch(token):
            raise TokenUnusable(
                f"the token's file {self.path} holds no token of at least 43 letters, digits, - and _: "
                "delete it, and a new token is made"
            )
        return token


def _identity(found: os.stat_result) -> tuple[int, ...]:
    return (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode)
