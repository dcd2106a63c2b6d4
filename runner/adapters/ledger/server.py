"""What only a PostgreSQL store has: its connections, and how a lost answer to a COMMIT is settled."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from runner.adapters.ledger.schema import tell_server_of_partial_indices
from runner.errors import LedgerUnavailable, StoreUnusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import URL, Connection, Engine

MISSING_DRIVER = (
    "a PostgreSQL store needs the package psycopg: install it with pip install 'campaign-runner[postgres]'"
)

# Advisory locks are of one database; the second number is that of its schema.
_SPACE = "coalesce(hashtext(current_schema()), 0)"
_WRITING = 1_668_441_421
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""All questions of one look see the store as it is at one moment, as on SQLite."""
# One writer at a time, as on SQLite, waited for no longer than `lock_timeout`. A statement of its own, and
# READ COMMITTED: what comes after it sees all that whoever wrote before has committed.
_WRITE = (
    f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock({_WRITING}, {_SPACE})"
)
_XID = "SELECT pg_current_xact_id()::text"
_STATUS = "SELECT pg_xact_status(%s::text::xid8)"
_SESSION = (
    "SELECT set_config('lock_timeout', %(lock)s, false), "
    # A daemon that stands still in a transaction, or whose machine is gone, must not keep all others out.
    "set_config('idle_in_transaction_session_timeout', %(idle)s, false), "
    "set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), "
    "set_config('tcp_keepalives_count', '3', false), "
    # An intent must be on disk before its request. What waits for a standby, too, is left as it is.
    "set_config('synchronous_commit', CASE WHEN %(durable)s::boolean = false THEN 'off' "
    "WHEN current_setting('synchronous_commit') = 'off' THEN 'on' "
    "ELSE current_setting('synchronous_commit') END, false)"
)
_SYNCHRONOUS = "SELECT set_config('synchronous_commit', %s, false)"
_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
    "application_name": "campaign-runner",
}
"""Unless the URL says otherwise: a server that has vanished is noticed within some 25 seconds."""


_FACTS = (
    "SELECT pg_database_size(current_database()), current_setting('server_version'), current_setting('fsync')"
)
_ASK_AGAIN_SECONDS = 0.25


class CommitUnclear(LedgerUnavailable):
    """The connection was lost while a COMMIT was on its way: whether it was done is to be asked."""

    def __init__(self, message: str, *, transaction: str) -> None:
        super().__init__(message)
        self.transaction = transaction


def server_engine(
    url: URL, *, writes: bool, busy_timeout_seconds: float, durable: bool = True, **options: Any
) -> Engine:
    """Return an engine whose connections are as a ledger needs them.

    Raises LedgerUnavailable where the driver is not installed.
    """
    tell_server_of_partial_indices()
    # 0 would wait for ever.
    lock = str(max(1, round(busy_timeout_seconds * 1_000)))
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            use_native_hstore=False,
            connect_args={name: value for name, value in _OPTIONS.items() if name not in url.query},
            **options,
        )
    except ImportError as error:
        raise StoreUnusable(MISSING_DRIVER) from error

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.autocommit = True  # we say BEGIN ourselves
        # Who reads a long report may take as long as that takes.
        idle = "60s" if writes else "0"
        connection.execute(_SESSION, {"lock": lock, "durable": durable, "idle": idle})

    @event.listens_for(engine, "begin")
    def say_begin(connection: Connection) -> None:
        connection.exec_driver_sql(_WRITE if writes else _READ)

    return engine


@contextmanager
def server_transaction(connection: Connection) -> Iterator[None]:
    """Open a transaction of which it can be told afterwards whether it was committed.

    Raises CommitUnclear where the answer to its COMMIT was lost.
    """
    with connection.begin() as current:
        number: str = connection.exec_driver_sql(_XID).scalar_one()
        yield
        _refuse_broken(connection)
        try:
            current.commit()
        except DBAPIError as error:
            # Whatever it says: the server is the one who knows.
            raise CommitUnclear(
                f"the store does not work: {one_line(error.orig)}", transaction=number
            ) from error


@contextmanager
def lazy_commit(connection: Connection) -> Iterator[None]:
    """Let a transaction that is begun in here not wait for the disk; those before and after it do."""
    driver: Any = connection.connection.driver_connection
    (usual,) = _asked(driver, "SELECT current_setting('synchronous_commit')")
    _asked(driver, _SYNCHRONOUS, "off")
    try:
        yield
    finally:
        # A connection that was lost is given up, and with it its settings.
        if not driver.closed:
            _asked(driver, _SYNCHRONOUS, usual)


def was_committed(engine: Engine, transaction: str) -> bool | None:
    """Tell whether a transaction was committed, None as long as it is under way; raises SQLAlchemyError."""
    with engine.connect() as connection:
        try:
            status = connection.exec_driver_sql(_STATUS, (transaction,)).scalar()
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            # It is none of this server's: a standby took over that had not heard of it.
            return False
    return None if status == "in progress" else status == "committed"


def settled(engine: Engine, unclear: CommitUnclear, *, again: Callable[[], bool]) -> bool:
    """Ask until it is known whether a transaction was committed, and tell.

    Raises LedgerUnavailable as soon as `again`, asked between two tries, says that it is enough.
    """
    while True:
        with suppress(SQLAlchemyError):
            committed = was_committed(engine, unclear.transaction)
            if committed is not None:
                return committed
        if not again():
            raise LedgerUnavailable(*unclear.args) from unclear
        time.sleep(_ASK_AGAIN_SECONDS)


def for_seconds(seconds: float) -> Callable[[], bool]:
    """Return what says for so long that it is not enough."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end


def visible(connection: Connection) -> str:
    """Return which transactions a question would see now, in one word; raises SQLAlchemyError."""
    # Without a BEGIN and an end of its own, which would take two times as long as the question.
    driver: Any = connection.connection.driver_connection
    try:
        return str(driver.execute("SELECT pg_current_snapshot()::text").fetchone()[0])
    except driver_errors() as error:
        raise SQLAlchemyError(one_line(error)) from error


def server_facts(connection: Connection) -> tuple[int, str, str | None]:
    """Return the bytes of a database, what keeps it, and why what it says to be on disk may not be there."""
    size, version, waits = connection.exec_driver_sql(_FACTS).one()
    at_risk = None if waits == "on" else "the server's `fsync` is off: it waits for no disk"
    return size, f"PostgreSQL {version.split()[0]}", at_risk


def one_line(error: object) -> str:
    """Return a driver's message, which may have several lines, as one."""
    return " ".join(str(error).split())


def _asked(driver: Any, sql: str, *values: str) -> Any:
    try:
        return driver.execute(sql, values).fetchone()
    except driver_errors() as error:
        raise LedgerUnavailable(f"the store does not work: {one_line(error)}") from error


def driver_errors() -> type[Exception]:
    """Return the base of what the driver raises, for what is asked of it and not of SQLAlchemy."""
    from psycopg import Error  # noqa: PLC0415 - a SQLite store needs no driver

    return Error


def _refuse_broken(connection: Connection) -> None:
    # A COMMIT of a transaction in which something failed is answered by a ROLLBACK, and by no error.
    driver: Any = connection.connection.driver_connection
    if driver.info.transaction_status.name == "INERROR":
        raise LedgerUnavailable("the transaction has failed, so that nothing of it can be committed")
