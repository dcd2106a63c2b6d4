"""Let one daemon at a time work on a store: a lock that ends with its process."""

from __future__ import annotations

import errno
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runner.adapters.ledger.workplace import is_worked_on, sole_user_of_server
from runner.errors import LedgerUnavailable, StoreInUse, StoreUnusable

if TYPE_CHECKING:
    from collections.abc import Iterator

_SQLITE = "sqlite:///"
_TRIES = 3
_TRY_AGAIN_SECONDS = 0.05


@contextmanager
def sole_user(store: str) -> Iterator[None]:
    """Hold the lock of a store: that of a file beside it, or one of its server.

    Raises:
        StoreInUse: another process holds it.
        StoreUnusable: the lock's file, beside the store, cannot be written, or the server turns us away.
        LedgerUnavailable: the disk is full, or the server out of reach.
    """
    file = _lock_file(store)
    if file is None:
        with sole_user_of_server(store):
            yield
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        kind = LedgerUnavailable if error.errno == errno.ENOSPC else StoreUnusable
        raise kind(f"the store cannot be written: {file}: {error.strerror}") from error
    try:
        if not _locked(descriptor, tries=_TRIES):
            raise StoreInUse(f"another daemon works on {file.with_suffix('')}; stop it first")
        yield
    finally:
        # The file stays: deleting it would let a third process lock another file of the same name.
        os.close(descriptor)


def in_use(store: str) -> bool:
    """Tell whether a daemon holds the lock of a store; raises LedgerUnavailable where a server is silent."""
    file = _lock_file(store)
    if file is None:
        return is_worked_on(store)
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _locked(descriptor, tries=1)
    finally:
        os.close(descriptor)


def _lock_file(store: str) -> Path | None:
    return Path(f"{store.removeprefix(_SQLITE)}.lock") if store.startswith(_SQLITE) else None


def _locked(descriptor: int, *, tries: int) -> bool:
    for left in reversed(range(tries)):
        try:
            _lock(descriptor)
        except OSError:
            # Who only asks whether it is in use holds it for a moment.
            if left:
                time.sleep(_TRY_AGAIN_SECONDS)
        else:
            return True
    return False


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
