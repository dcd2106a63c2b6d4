"""Copies of a store: one made while a daemon works on it, and one put in a store's place."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from runner.adapters.ledger.asking import BUSY_TIMEOUT_SECONDS
from runner.adapters.ledger.dialect import database_url, sqlite_file, writing_engine
from runner.adapters.ledger.faults import ledger_errors
from runner.adapters.ledger.long_kept import restores
from runner.adapters.ledger.schema import heartbeat
from runner.adapters.ledger.statements import storable
from runner.adapters.ledger.upgrade import is_made, prepare
from runner.errors import LedgerUnavailable, StoreUnusable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import URL

    from runner.model.instant import Instant

_LOGS = ("-wal", "-shm", "-journal")


def store_file(store: str) -> Path:
    """Return the file of a store; raises LedgerUnavailable where it is on a server."""
    file = sqlite_file(database_url(store))
    if file is None:
        raise LedgerUnavailable(
            "the store is on a server: copy it with pg_dump, put a copy back with pg_restore while no daemon "
            "runs, and then run `campaign-runner restore --mark`"
        )
    return file


def mark_restored(store: str, *, owner: str, now: Instant) -> Instant:
    """Mark a store that was put back by other means than ours, upgraded where needed; return its age.

    That is the newest instant of which it surely knows. No daemon may use it meanwhile. Raises
    LedgerUnavailable or LedgerTooNew where it is none that can be used.
    """
    url = database_url(store)
    if not is_made(url):
        raise LedgerUnavailable("there is no store yet that could be marked")
    prepare(url, busy_timeout_seconds=BUSY_TIMEOUT_SECONDS)
    return _mark(url, owner=owner, now=now)


def copy_store(store: str, target: Path) -> None:
    """Write the store as it is at one moment into a file, all of it or nothing; whoever writes goes on.

    Raises LedgerUnavailable where the store cannot be read, StoreUnusable where it is damaged, OSError where
    the file cannot be written.
    """
    file = store_file(store)
    if not file.is_file():
        raise LedgerUnavailable(f"there is no store at {file} yet")
    with _half_made(target) as half:
        _copy(file, half)
        half.replace(target)
    _sync_folder(target.parent)


def replace_store(store: str, source: Path, *, owner: str, now: Instant, kept_as: Path) -> Instant:
    """Put a copy in the place of the store, whose file is kept under another name; return when it was made.

    There is a whole store at every moment, and no daemon may use it meanwhile. The copy is marked, so that
    the daemon repeats nothing that may have been submitted since it was made.

    Raises LedgerUnavailable or LedgerTooNew where the copy is none that can be used, OSError where a file
    cannot be written.
    """
    file = store_file(store)
    file.parent.mkdir(parents=True, exist_ok=True)
    with _half_made(file) as half:
        _copy(source, half)
        url = database_url(f"sqlite:///{half}")
        prepare(url, busy_timeout_seconds=BUSY_TIMEOUT_SECONDS)
        backup_at = _mark(url, owner=owner, now=now)
        _fold(half)
        if file.exists():
            _put_aside(file, kept_as)
        half.replace(file)
    _sync_folder(file.parent)
    return backup_at


def _mark(url: URL, *, owner: str, now: Instant) -> Instant:
    # The last beat is at most a few seconds older than the copy, and never younger: what came after it and is
    # in the copy all the same is no longer planned there.
    engine = writing_engine(url, busy_timeout_seconds=BUSY_TIMEOUT_SECONDS)
    with ledger_errors(), engine.begin() as connection:
        backup_at: Instant = connection.execute(select(heartbeat.c.at)).scalar() or 0
        row = {"backup_at": backup_at, "restored_at": now, "owner": storable(owner)}
        connection.execute(insert(restores), row)
    return backup_at


def _copy(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as reading,
            closing(sqlite3.connect(target, isolation_level=None)) as writing,
        ):
            # In one step: a copy in several begins anew whenever somebody writes.
            reading.backup(writing, pages=-1)
            # A file that stands alone, and can be read where nothing can be written beside it.
            writing.execute("PRAGMA journal_mode=DELETE")
            (verdict,) = writing.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise LedgerUnavailable(f"{source} cannot be copied: {error}") from error
    if verdict != "ok":
        raise StoreUnusable(f"{source} is damaged: {verdict}")
    _sync(target)


def _fold(file: Path) -> None:
    """Bring all of a store into its file, so that nothing stands beside it."""
    try:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise LedgerUnavailable(f"{file} cannot be written: {error}") from error
    _sync(file)


def _put_aside(file: Path, kept_as: Path) -> None:
    """Keep a store under another name, too; its log may not stay: SQLite would take it for the next one's."""
    with suppress(LedgerUnavailable):  # it may be damaged: that may be why it is replaced
        _fold(file)
    try:
        os.link(file, kept_as)
    except OSError:
        # A file system without links.
        kept_as.write_bytes(file.read_bytes())
        _sync(kept_as)
    for suffix in _LOGS:
        log = file.with_name(file.name + suffix)
        if log.exists():
            log.replace(kept_as.with_name(kept_as.name + suffix))
    _sync_folder(file.parent)


@contextmanager
def _half_made(target: Path) -> Iterator[Path]:
    """Give a file beside a target for what is not whole yet, and take it away where it stays so."""
    half = target.with_name(f".{target.name}.{os.getpid()}.part")
    # Requests may hold what is nobody else's business.
    os.close(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield half
    finally:
        for suffix in ("", *_LOGS):
            half.with_name(half.name + suffix).unlink(missing_ok=True)


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    # Not every system lets a folder be opened; there a rename is safe by other means.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
