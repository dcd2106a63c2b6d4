"""The chain of events as the store keeps it: where it begins, and what the next event hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from runner.adapters.ledger import schema
from runner.model.audit import GENESIS, link

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from runner.adapters.ledger.statements import Row

_ROW_ID = 1


def begin_chain(connection: Connection) -> int:
    """Begin a chain behind the newest event of a store that has none; return that event's number, or 0."""
    newest = connection.execute(select(func.max(schema.events.c.id))).scalar() or 0
    ends = {"began_id": newest, "anchor_id": newest, "head_id": newest}
    hashes = {"anchor_hash": GENESIS, "head_hash": GENESIS}
    connection.execute(insert(schema.chain), {"id": _ROW_ID, **ends, **hashes})
    return newest


class ChainEnd:
    """The newest event's number and hash, as far as a transaction has come."""

    __slots__ = ("_hash", "_id", "_stored_id")

    def __init__(self, event_id: int, event_hash: bytes) -> None:
        self._id = self._stored_id = event_id
        self._hash = event_hash

    @classmethod
    def found(
        cls, connection: Connection, newest_id: int | None, event_id: int | None, event_hash: bytes | None
    ) -> ChainEnd:
        """Return the end that the store names, or the next best one: what was tampered with must not stop us.

        `newest_id` is that of the events themselves. A chain whose row was deleted begins anew.
        """
        if event_id is None or event_hash is None:
            return cls(begin_chain(connection), GENESIS)
        return cls(max(event_id, newest_id or 0), bytes(event_hash))

    def copy(self) -> ChainEnd:
        """Return the end as it is now, to come back to where a part of the transaction is undone."""
        same = ChainEnd(self._id, self._hash)
        same._stored_id = self._stored_id
        return same

    def add(self, rows: Iterable[Row]) -> None:
        """Give rows of events their numbers and hashes."""
        event_id, event_hash = self._id, self._hash
        for row in rows:
            event_id += 1
            event_hash = link(
                event_hash,
                event_id,
                row["at"],
                row["name"],
                campaign=row["campaign"],
                key=row["key"],
                host=row["host"],
                fields=row["fields"],
            )
            row["id"], row["hash"] = event_id, event_hash
        self._id, self._hash = event_id, event_hash

    def store(self, connection: Connection, sql: str) -> None:
        """Write the end by the statement for it where it has moved, before its transaction is committed."""
        if self._id != self._stored_id:
            connection.exec_driver_sql(sql, {"head_id": self._id, "head_hash": self._hash})
