"""Look at a store as it is, whatever its state: for people who ask whether it is sound."""

from __future__ import annotations

from pathlib import Path

from runner.adapters.ledger.asking import BUSY_TIMEOUT_SECONDS
from runner.adapters.ledger.dialect import database_url, found_damage, reading_engine, sqlite_file
from runner.adapters.ledger.faults import ledger_errors
from runner.adapters.ledger.server import server_facts
from runner.adapters.ledger.upgrade import HEAD, found_revision
from runner.model.checkup import StoreFacts


def store_file(store: str) -> Path | None:
    """Return the file of a store, None for one on a server; raises LedgerUnavailable for what is no store."""
    return sqlite_file(database_url(store))


def inspected(store: str, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> StoreFacts:
    """Return what a look at a store shows; reads a SQLite store from end to end, and changes nothing.

    Raises LedgerUnavailable where it cannot be read, StoreUnusable where it is none of ours.
    """
    url = database_url(store)
    file = sqlite_file(url)
    engine = reading_engine(url, busy_timeout_seconds=busy_timeout_seconds)
    try:
        with ledger_errors(), engine.connect() as connection:
            if file is None:
                revision = found_revision(connection)
                size_bytes, server, at_risk = server_facts(connection)
                return StoreFacts(None, revision, HEAD, size_bytes, 0, server, at_risk)
            damage = found_damage(connection)
            revision = found_revision(connection) if damage is None else None
    finally:
        engine.dispose()
    return StoreFacts(damage, revision, HEAD, _size(file), _size(Path(f"{file}-wal")))


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
