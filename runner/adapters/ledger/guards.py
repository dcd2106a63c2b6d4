"""What an intent's own transaction checks before it is written: needs, pauses, limits, content rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from runner.adapters.ledger import schema
from runner.adapters.ledger.run_rows import row_json
from runner.errors import LedgerConflict, LimitReached, WorkHalted, WorkHeld, WorkWaits
from runner.model.record import Act, Hold, HoldScope
from runner.model.use import Taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, RowMapping

    from runner.model.plan import AssignmentKey
    from runner.model.record import IntentOpened
    from runner.model.use import Reservation

_intent = schema.intents.c
_HOLD_COLUMNS = [column for column in schema.holds.columns if column.name != "end_told_at"]
# Made once: it is asked with every intent and every few seconds.
_WAITING = (
    select(schema.needs.c.key)
    .where(schema.needs.c.key.in_(bindparam("keys", expanding=True)), schema.is_unmet())
    .distinct()
)
_ROW = select(schema.assignments.c.content_row).where(schema.assignments.c.key == bindparam("of_key"))
_HALTED = select(schema.halted.c.key).where(
    schema.is_left_to_do, schema.halted.c.fate.is_(None), schema.halted.c.key == bindparam("of_key")
)
_HOLDS = select(*_HOLD_COLUMNS).where(schema.is_held).order_by(schema.holds.c.id)


def waiting(connection: Connection, opened: Iterable[IntentOpened]) -> frozenset[AssignmentKey]:
    """Return the keys among some creates' whose assignments need another one to be completed first."""
    keys = {intent.key for intent in opened if intent.act is Act.CREATE}
    found = connection.execute(_WAITING, {"keys": sorted(keys)}).scalars() if keys else ()
    return frozenset(found)


def check(connection: Connection, opened: Sequence[IntentOpened]) -> None:
    """Check intents that are about to be written.

    Raises WorkWaits, WorkHeld, WorkHalted, LimitReached, or LedgerConflict where an assignment has another
    row by now.
    """
    if waiting(connection, opened):
        raise WorkWaits("it waits for other work to be completed")
    holds: list[Hold] | None = None
    for intent in opened:
        if intent.use is None:
            continue
        if holds is None:
            holds = holds_to_tell(connection)
        for hold in holds:
            if hold.is_in_force(intent.at) and hold.covers(campaign=intent.use.campaign, host=intent.host):
                raise WorkHeld(hold)
        _refuse_halted(connection, intent)
        full = [found for each in intent.reservations if (found := taken(connection, each)) is not None]
        if full:
            raise LimitReached(full)
        if intent.row is not None:
            has = connection.execute(_ROW, {"of_key": intent.key}).scalar()
            if has != row_json(intent.row):
                raise LedgerConflict(f"{intent.key} has another row of {intent.row.file} by now")


def _refuse_halted(connection: Connection, intent: IntentOpened) -> None:
    if connection.execute(_HALTED, {"of_key": intent.key}).first() is not None:
        raise WorkHalted("a person has cancelled it")


def holds_to_tell(connection: Connection) -> list[Hold]:
    """Return all pauses of whose end the log has not told yet, the oldest first."""
    return [hold_record(row) for row in connection.execute(_HOLDS).mappings()]


def hold_record(row: RowMapping) -> Hold:
    """Return the record of a row of holds."""
    return Hold(**{**row, "scope": HoldScope(row["scope"])})


def taken(connection: Connection, reservation: Reservation) -> Taken | None:
    """Return by which use a reservation finds no place, None where it finds one."""
    # Counted no further than to the use by which the limit is reached.
    conditions: list[Any] = [schema.is_use, _intent.at > reservation.after, _intent.at < reservation.before]
    for name in ("campaign", "script", "script_name", "host"):
        wanted = getattr(reservation, name)
        if wanted is not None:
            conditions.append(_intent[name] == wanted)
    target = reservation.target
    if target is not None:
        conditions += [
            _intent.target == target.name,
            _intent.kind == target.kind.value,
            _intent.host == target.host,
        ]
    query = select(_intent.at).where(*conditions).order_by(_intent.at.desc())
    at = connection.execute(query.limit(1).offset(reservation.limit.most - 1)).scalar()
    return None if at is None else Taken(reservation, at)
