"""What is to be told to people, and the events from which that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from runner.adapters.ledger import schema
from runner.adapters.ledger.alarm_tables import alarms, messages
from runner.adapters.ledger.asking import Asker
from runner.adapters.ledger.records import stored_event
from runner.model.alarm import AlarmKind, AlarmsSeen, Message, WaitingMessage

if TYPE_CHECKING:
    from collections.abc import Collection

    from runner.adapters.ledger.records import StoredEvent

_message = messages.c


class AlarmQuestions(Asker):
    """Answers what waits to be told, and what has happened."""

    def alarms_seen(self) -> AlarmsSeen | None:
        """Return how far the events were looked at; None: never."""
        rows = self._mappings(select(alarms))
        return AlarmsSeen(rows[0]["event_id"], rows[0]["memory"]) if rows else None

    def waiting_messages(self, *, channel: str | None = None, limit: int = 1_000) -> list[WaitingMessage]:
        """Return what waits for one channel, or for any, oldest first."""
        query = select(messages).order_by(_message.id).limit(limit)
        if channel is not None:
            query = query.where(_message.channel == channel)
        return [
            WaitingMessage(
                row["id"],
                row["channel"],
                Message(AlarmKind(row["kind"]), row["title"], row["text"], row["at"]),
                row["not_before"],
            )
            for row in self._mappings(query)
        ]

    def events_named(
        self, names: Collection[str], *, after_id: int, until_id: int, limit: int = 1_000
    ) -> list[StoredEvent]:
        """Return the events of some names with ids above `after_id`, up to `until_id`, oldest first."""
        event = schema.events.c
        between = (event.id > after_id, event.id <= until_id)
        query = select(schema.events).where(*between, event.name.in_(sorted(names)))
        return [stored_event(row) for row in self._mappings(query.order_by(event.id).limit(limit))]
