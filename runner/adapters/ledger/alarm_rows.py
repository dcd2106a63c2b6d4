"""How changes of what is to be told, and of halts, are written: their SQL, and their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert

from runner.adapters.ledger.alarm_tables import alarms, messages
from runner.adapters.ledger.dialect import insert_or_replace
from runner.adapters.ledger.halt_rows import HALT_ROWS, halt_statements
from runner.model.alarm import AlarmsSeen, MessageDone, MessageStored

if TYPE_CHECKING:
    from sqlalchemy.sql.dml import Delete, Insert, Update

_ONLY = 1


def further_statements(dialect: str) -> dict[type[Any], Insert | Update | Delete]:
    """Return the statement of each kind of change."""
    given: dict[str, Any] = {
        column.name: bindparam(column.name) for column in messages.columns if column.name != "id"
    }
    return {
        **halt_statements(),
        MessageStored: insert(messages).values(given).inline(),
        MessageDone: delete(messages).where(messages.c.id == bindparam("of_id")),
        AlarmsSeen: insert_or_replace(alarms, dialect=dialect),
    }


def _stored(change: MessageStored) -> dict[str, Any]:
    message = change.message
    return {
        "channel": change.channel,
        "kind": message.kind.value,
        "title": _storable(message.title),
        "text": _storable(message.text),
        "at": message.at,
        "not_before": change.not_before,
    }


def _done(change: MessageDone) -> dict[str, Any]:
    return {"of_id": change.message_id}


def _seen(change: AlarmsSeen) -> dict[str, Any]:
    return {"id": _ONLY, "event_id": change.event_id, "memory": change.memory}


def _storable(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


FURTHER_ROWS: dict[type[Any], Any] = {
    **HALT_ROWS,
    MessageStored: _stored,
    MessageDone: _done,
    AlarmsSeen: _seen,
}
