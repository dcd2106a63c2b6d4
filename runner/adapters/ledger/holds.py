"""Pauses, placed and released by commands beside a daemon or without one.

Each is one short transaction. It does not take the store over: the daemon that works on it goes on, and sees
the pause in the transaction of its next intent.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import insert, update

from runner.adapters.ledger import schema
from runner.adapters.ledger.asking import BUSY_TIMEOUT_SECONDS
from runner.adapters.ledger.dialect import database_url, writing_engine
from runner.adapters.ledger.dialect import transaction as begun
from runner.adapters.ledger.faults import ledger_errors
from runner.adapters.ledger.guards import holds_to_tell
from runner.adapters.ledger.server import CommitUnclear, for_seconds, settled
from runner.adapters.ledger.statements import storable
from runner.adapters.ledger.upgrade import HEAD, check_known, found_revision, is_made, prepare
from runner.errors import LedgerUnavailable
from runner.model.record import Hold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from runner.model.instant import Instant
    from runner.model.record import HoldScope

_hold = schema.holds.c


def place_hold(
    url: str,
    *,
    scope: HoldScope,
    subject: str,
    owner: str,
    reason: str | None,
    until: Instant | None,
    now: Instant,
) -> Hold:
    """Place a pause; once this returns, no intent that it covers is written. Makes the store if need be.

    Raises LedgerUnavailable, or LedgerTooNew where a newer version of this program wrote the store.
    """
    with transaction(url) as connection:
        return insert_hold(connection, Hold(0, scope, subject, owner, reason, now, until))


def insert_hold(connection: Connection, hold: Hold) -> Hold:
    """Place a pause in the transaction that is under way, and return it with its number."""
    placed = {
        "scope": hold.scope.value,
        "subject": hold.subject,
        "owner": storable(hold.owner),
        "reason": storable(hold.reason),
        "placed_at": hold.placed_at,
        "until": hold.until,
    }
    number = connection.execute(insert(schema.holds).values(placed).returning(_hold.id)).scalar_one()
    return replace(hold, id=number)


def release_holds(
    url: str, *, scope: HoldScope, subject: str, owner: str, now: Instant
) -> tuple[list[Hold], list[Hold]]:
    """Release all pauses in force of one scope and subject; return them, and those that stay in force.

    Raises LedgerUnavailable, or LedgerTooNew where a newer version of this program wrote the store.
    """
    with transaction(url) as connection:
        in_force = [hold for hold in holds_to_tell(connection) if hold.is_in_force(now)]
        released = [hold for hold in in_force if (hold.scope, hold.subject) == (scope, subject)]
        connection.execute(
            update(schema.holds)
            .where(_hold.id.in_([hold.id for hold in released]))
            .values(released_at=now, released_by=storable(owner))
        )
    return released, [hold for hold in in_force if hold not in released]


@contextmanager
def transaction(url: str) -> Iterator[Connection]:
    """Open a short transaction beside whoever else works on the store, which is made if need be."""
    checked = database_url(url)
    if not is_made(checked):
        prepare(checked, busy_timeout_seconds=BUSY_TIMEOUT_SECONDS)
    engine = writing_engine(checked, busy_timeout_seconds=BUSY_TIMEOUT_SECONDS)
    try:
        with ledger_errors(), engine.connect() as connection, begun(connection):
            _refuse_other_revision(connection)
            yield connection
    except CommitUnclear as unclear:
        if not settled(engine, unclear, again=for_seconds(BUSY_TIMEOUT_SECONDS)):
            raise


def _refuse_other_revision(connection: Connection) -> None:
    revision = found_revision(connection)
    check_known(revision)
    if revision != HEAD:
        raise LedgerUnavailable("the store is of an older version: `campaign-runner run` upgrades it")
