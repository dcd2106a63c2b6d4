"""The audit trail as a whole: all its events, and where their chain begins and ends."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import select

from runner.adapters.ledger import schema
from runner.adapters.ledger.asking import Asker
from runner.adapters.ledger.records import stored_event
from runner.model.audit import Chain, ChainedEvent, head_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.adapters.ledger.records import StoredEvent
    from runner.model.instant import Instant

_AT_ONCE = 1_000

_event = schema.events.c
_EVENTS = (
    select(
        _event.id,
        _event.at,
        _event.name,
        _event.campaign,
        _event.key,
        _event.host,
        _event.fields,
        _event.hash,
    )
    .order_by(_event.id)
    .execution_options(yield_per=_AT_ONCE)
)
_CHAIN = select(*(column for column in schema.chain.columns if column.name != "id"))


class AuditQuestions(Asker):
    """Answers what the audit trail holds."""

    @contextmanager
    def audit_trail(self) -> Iterator[tuple[Chain | None, Iterator[ChainedEvent]]]:
        """Open the whole trail as it is at one moment, however long its reader takes.

        The chain is None where its row is gone.
        """
        with self._connection() as connection:
            ends = connection.execute(_CHAIN).first()
            chain = None
            if ends is not None:
                chain = Chain(
                    ends.began_id,
                    ends.anchor_id,
                    bytes(ends.anchor_hash),
                    ends.head_id,
                    bytes(ends.head_hash),
                )
            with connection.execute(_EVENTS) as events:
                yield chain, (ChainedEvent(*row) for row in events)

    def chain_head(self) -> str | None:
        """Return the newest event's number and hash in words; None before the first event of a chain."""
        with self._connection() as connection:
            ends = connection.execute(_CHAIN).first()
        if ends is None or ends.head_id == ends.began_id:
            return None
        return head_in_words(ends.head_id, bytes(ends.head_hash))

    def recorded(
        self, *, since: Instant | None = None, until: Instant | None = None
    ) -> Iterator[tuple[StoredEvent, bytes | None]]:
        """Yield events with their hashes, oldest first: those from `since` on, and before `until`."""
        query = _EVENTS
        if since is not None:
            query = query.where(_event.at >= since)
        if until is not None:
            query = query.where(_event.at < until)
        with self._connection() as connection, connection.execute(query) as events:
            for row in events.mappings():
                yield stored_event(row), row["hash"]
