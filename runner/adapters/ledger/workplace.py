"""The lock of the one daemon on a PostgreSQL store: it ends with the connection that holds it."""

from __future__ import annotations

import select
import socket
import time
from contextlib import closing, contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from runner.adapters.ledger.asking import BUSY_TIMEOUT_SECONDS
from runner.adapters.ledger.dialect import database_url, reading_engine, shown_url
from runner.adapters.ledger.faults import ledger_errors, usable
from runner.errors import StoreInUse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

_WORKING = 1_668_441_422
_TRY = "SELECT pg_try_advisory_lock(%s, coalesce(hashtext(current_schema()), 0))"
_LEAVE = "SELECT pg_advisory_unlock(%s, coalesce(hashtext(current_schema()), 0))"
_IS_HELD = (
    "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 "
    "AND classid::bigint = %s "
    "AND objid::bigint = coalesce(hashtext(current_schema()), 0)::bigint & 4294967295 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)
_AGAIN_SECONDS = 1.0
_TRIES, _TRY_AGAIN_SECONDS = 3, 0.1
"""A server takes a moment to notice that a daemon was killed."""


@contextmanager
def sole_user_of_server(store: str) -> Iterator[None]:
    """Hold the lock of a store on a server; where its connection is lost, take it again as soon as possible.

    A daemon that has taken the lock meanwhile has the store from then on: it counts itself, and whoever was
    counted before writes nothing any more.

    Raises StoreInUse where another one holds it; LedgerUnavailable where the server is out of reach, and
    StoreUnusable where it turns us away.
    """
    url = database_url(store)
    engine = reading_engine(url, busy_timeout_seconds=BUSY_TIMEOUT_SECONDS)
    try:
        with usable(shown_url(url)), ledger_errors():
            held = _taken(engine)
            for _ in range(_TRIES - 1):
                if held is None:
                    time.sleep(_TRY_AGAIN_SECONDS)
                    held = _taken(engine)
        if held is None:
            raise StoreInUse(f"another daemon works on {shown_url(url)}; stop it first")
        with _kept(engine, held):
            yield
    finally:
        engine.dispose()


def is_worked_on(store: str) -> bool:
    """Tell whether a daemon holds the lock of a store on a server; raises LedgerUnavailable."""
    engine = reading_engine(database_url(store), busy_timeout_seconds=BUSY_TIMEOUT_SECONDS)
    try:
        with ledger_errors(), engine.connect() as connection:
            return bool(connection.exec_driver_sql(_IS_HELD, (_WORKING,)).scalar_one())
    finally:
        engine.dispose()


def _taken(engine: Engine) -> Connection | None:
    """Return a connection that holds the lock, None where another one does; raises SQLAlchemyError."""
    connection = engine.connect()
    try:
        taken = connection.exec_driver_sql(_TRY, (_WORKING,)).scalar_one()
        # The lock is the session's, and outlives the transaction in which it was asked for.
        connection.rollback()
    except BaseException:
        connection.close()
        raise
    if not taken:
        connection.close()
    return connection if taken else None


@contextmanager
def _kept(engine: Engine, held: Connection) -> Iterator[None]:
    leaving, told = socket.socketpair()
    keeper = Thread(target=_keep, args=(engine, held, told), name="ledger-lock", daemon=True)
    keeper.start()
    with closing(leaving), closing(told):
        try:
            yield
        finally:
            leaving.send(b".")
            keeper.join()


def _keep(engine: Engine, held: Connection | None, told: socket.socket) -> None:
    while True:
        watched: list[Any] = [told]
        if held is not None:
            driver: Any = held.connection.driver_connection
            watched.append(driver)
        # Nothing is ever sent on an idle connection, but for its end.
        readable, _, _ = select.select(watched, (), (), None if held is not None else _AGAIN_SECONDS)
        if told in readable:
            break
        if held is not None and not _lives(held):
            _give_up(held)
            held = None
        if held is None:
            with suppress(SQLAlchemyError):
                held = _taken(engine)
    _give_up(held)


def _lives(held: Connection) -> bool:
    try:
        held.exec_driver_sql("SELECT 1")
        held.rollback()
    except SQLAlchemyError:
        return False
    return True


def _give_up(held: Connection | None) -> None:
    if held is not None:
        with suppress(SQLAlchemyError):
            # Who starts next must not find it still held.
            held.exec_driver_sql(_LEAVE, (_WORKING,))
        with suppress(SQLAlchemyError):
            # Closed for good, and not given back: the lock is of its session.
            held.invalidate()
            held.close()
