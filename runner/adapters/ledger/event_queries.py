"""Events as they are listed: the oldest or the newest, of all work or of some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from runner.adapters.ledger import schema
from runner.adapters.ledger.asking import Asker
from runner.adapters.ledger.records import stored_event

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

    from runner.adapters.ledger.records import StoredEvent
    from runner.model.plan import AssignmentKey

_event = schema.events.c
# Each for itself: for both together SQLite would go through the whole table.
_OLDEST = select(func.min(_event.id))
_NEWEST = select(func.max(_event.id))


class EventQuestions(Asker):
    """Answers what has happened."""

    def events(
        self,
        *,
        after_id: int = 0,
        limit: int = 1_000,
        key: AssignmentKey | None = None,
        campaign: str | None = None,
    ) -> list[StoredEvent]:
        """Return events with a higher id than `after_id`, oldest first."""
        query = select(schema.events).where(_event.id > after_id).order_by(_event.id).limit(limit)
        return self._events(query, key=key, campaign=campaign)

    def newest_events(
        self, *, limit: int, key: AssignmentKey | None = None, campaign: str | None = None
    ) -> list[StoredEvent]:
        """Return the newest events, oldest first."""
        query = select(schema.events).order_by(_event.id.desc()).limit(limit)
        return self._events(query, key=key, campaign=campaign)[::-1]

    def last_event_id(self) -> int:
        """Return the id of the newest event, 0 where there is none."""
        return self._number(_NEWEST) or 0

    def _events(
        self, query: Select[Any], *, key: AssignmentKey | None, campaign: str | None
    ) -> list[StoredEvent]:
        if campaign is not None:
            query = query.where(_event.campaign == campaign)
        with self._connection() as connection:
            if key is not None:
                oldest = connection.execute(_OLDEST).scalar() or 0
                newest = connection.execute(_NEWEST).scalar() or 0
                query = query.where(*_of_key(key, oldest=oldest, newest=newest))
            return [stored_event(row) for row in connection.execute(query).mappings()]


def _of_key(key: AssignmentKey, *, oldest: int, newest: int) -> list[ColumnElement[bool]]:
    """Return the conditions by which the index finds a key: a look into each of its parts."""
    together = schema.EVENTS_TOGETHER
    parts = range(oldest // together, newest // together + 1)
    in_any = schema.events_part.in_(bindparam("parts", list(parts), expanding=True))
    return [in_any, _event.key == key]
