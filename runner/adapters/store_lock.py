"""Let one daemon at a time work on a store of this machine: a lock that ends with its process."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import StoreInUse

if TYPE_CHECKING:
    from collections.abc import Iterator

_SQLITE = "sqlite:///"


@contextmanager
def sole_user(store: str) -> Iterator[None]:
    """Hold the lock of a store; a store that is no file of this machine has none.

    Raises:
        StoreInUse: another process holds it.
    """
    if not store.startswith(_SQLITE):
        yield
        return
    file = Path(f"{store.removeprefix(_SQLITE)}.lock")
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            _lock(descriptor)
        except OSError as error:
            raise StoreInUse(f"another daemon works on {file.with_suffix('')}; stop it first") from error
        yield
    finally:
        # The file stays: deleting it would let a third process lock another file of the same name.
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
