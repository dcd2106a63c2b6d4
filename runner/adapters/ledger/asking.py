"""A ledger's connections for reading, and the few ways to ask on them."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from runner.adapters.ledger import schema
from runner.adapters.ledger.dialect import reading_engine
from runner.adapters.ledger.faults import ledger_errors
from runner.adapters.ledger.records import ASSIGNMENT_COLUMNS, Records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection, Select

    from runner.model.record import AssignmentRecord

BUSY_TIMEOUT_SECONDS = 5.0
"""How long a lock of another process, e.g. a backup, is waited for."""


class Asker:
    """Asks on connections that cannot write."""

    def __init__(self, url: URL, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> None:
        self._engine = reading_engine(url, busy_timeout_seconds=busy_timeout_seconds)
        self._records = Records()

    def close(self) -> None:
        """Give up all connections."""
        self._engine.dispose()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with ledger_errors(), self._engine.connect() as connection:
            yield connection

    def _assignments(self, query: Select[Any], **values: Any) -> list[AssignmentRecord]:
        with self._connection() as connection:
            return self._records.assignments(connection, connection.execute(query, values).all())

    def _mappings(self, query: Select[Any]) -> list[Any]:
        with self._connection() as connection:
            return list(connection.execute(query).mappings())

    def _number(self, query: Select[int | None], **values: Any) -> int | None:
        with self._connection() as connection:
            return connection.execute(query, values).scalar()


@cache
def with_run() -> Select[Any]:
    """Return the question for assignments, their runs at hand for conditions."""
    return select(*ASSIGNMENT_COLUMNS).join(schema.runs, schema.runs.c.id == schema.assignments.c.run_id)
