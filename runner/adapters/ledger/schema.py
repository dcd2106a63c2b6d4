"""The tables of the ledger, in the order in which facts come to be.

Instants are whole microseconds UTC, days are ISO 8601 text. There are no foreign keys: they would cost a
look-up in every insert, and the writer counts the rows that each change touches anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    and_,
    exists,
    literal_column,
)
from sqlalchemy import Text as AnyText

from runner.model.record import Act, Outcome
from runner.model.state import ON_HOST, UNDER_WAY, State

if TYPE_CHECKING:
    from collections.abc import Collection
    from enum import StrEnum
    from typing import Any

    from sqlalchemy import ColumnElement

metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(column_0_N_label)s"},
)

# SQLite numbers rows by itself only where the type is INTEGER; PostgreSQL's INTEGER ends at two billion.
Serial = BigInteger().with_variant(Integer(), "sqlite")
# By code points, as on SQLite, whatever a server's language: prefixes are looked up by range. An update of
# the system, which may change what a language's order is, then leaves the indices whole, too.
Text = AnyText().with_variant(AnyText(collation="C"), "postgresql")
Key = Text


def tell_server_of_partial_indices() -> None:
    """Say to PostgreSQL, too, which rows the partial indices hold; not at once, since its dialect is 4 MB."""
    for index, condition in _partial_indices:
        index.dialect_options["postgresql"]["where"] = condition


def is_one_of(column: Column[str], values: Collection[StrEnum]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of the values, all written out in the SQL text.

    A partial index serves a query only if its condition stands there literally, not behind a parameter.
    """
    literals: list[ColumnElement[str]] = [literal_column(f"'{value.value}'") for value in sorted(values)]
    return column == literals[0] if len(literals) == 1 else column.in_(literals)


def _partial(name: str, *columns: ColumnElement[Any], where: ColumnElement[bool]) -> None:
    _partial_indices.append((Index(name, *columns, sqlite_where=where), where))


_partial_indices: list[tuple[Index, ColumnElement[bool]]] = []

campaign_versions = Table(
    "campaign_versions",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    Column("contents", Text),
)
"""Every accepted text of a campaign file; the row with the highest id is in force. `contents` is JSON: the
texts of its content files, by the names that the campaign gives them."""
Index("ix_campaign_versions_campaign", campaign_versions.c.campaign, campaign_versions.c.id)

plans = Table(
    "plans",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("planned_at", BigInteger, nullable=False),
)
"""In which version a day of a campaign is planned."""

runs = Table(
    "runs",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("script", Text, nullable=False),
    Column("script_name", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("window", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("opens", BigInteger, nullable=False),
    Column("closes", BigInteger, nullable=False),
    Column("version", Text, nullable=False),
    Column("order_json", Text, nullable=False),
)
"""Never changed once written: an edit adds a row and moves what is still planned to it, so that what was
submitted keeps the order by which it was submitted."""
Index("ix_runs_day", runs.c.day, runs.c.campaign)
Index("ix_runs_closes", runs.c.closes)
Index("ix_runs_campaign", runs.c.campaign, runs.c.closes)

assignments = Table(
    "assignments",
    metadata,
    Column("number", Serial, primary_key=True),
    Column("key", Key, nullable=False),
    Column("run_id", BigInteger, nullable=False),
    Column("host", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("grp", Text, nullable=False),
    Column("idx", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("attempts", Integer, nullable=False),
    Column("submitted_at", BigInteger),
    Column("finished_at", BigInteger),
    Column("ready_at", BigInteger),
    Column("content_row", Text),
)
"""By `number`, which grows with time, hangs all that belongs to one: keys are hashes, and what is old would
lie everywhere in an index of them. `ready_at` is when a planned one is looked at: its due instant, unless it
was postponed since.
`content_row` is JSON: the row of a content file that it has."""
is_planned = is_one_of(assignments.c.state, {State.PLANNED})
is_on_host = is_one_of(assignments.c.state, ON_HOST)
is_under_way = is_one_of(assignments.c.state, UNDER_WAY)
is_failed = is_one_of(assignments.c.state, {State.FAILED})

Index("ix_assignments_key", assignments.c.key, unique=True)
Index("ix_assignments_run", assignments.c.run_id, assignments.c.state)
for _name, _columns, _condition in (
    (
        "ready",
        (assignments.c.host, assignments.c.ready_at, assignments.c.due, assignments.c.key),
        is_planned,
    ),
    ("on_host", (assignments.c.host,), is_on_host),
    ("under_way", (assignments.c.host, assignments.c.target, assignments.c.kind), is_under_way),
    ("failed", (assignments.c.host, assignments.c.finished_at), is_failed),
    ("content_row", (assignments.c.run_id,), assignments.c.content_row.is_not(None)),
):
    _partial(f"ix_assignments_{_name}", *_columns, where=_condition)

needs = Table(
    "needs",
    metadata,
    Column("key", Key, primary_key=True),
    Column("needed_key", Key, primary_key=True),
)
"""Which assignment goes only once which other is completed: what the order of its run says, per target."""


def is_unmet() -> ColumnElement[bool]:
    """Return the condition that what a row of `needs` names is not completed, or was never planned."""
    needed = assignments.alias("needed")
    completed = and_(needed.c.key == needs.c.needed_key, needed.c.state == literal_column("'completed'"))
    return ~exists().where(completed)


intents = Table(
    "intents",
    metadata,
    Column("intent_id", Text, primary_key=True),
    Column("key", Key, nullable=False),
    Column("host", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("body_sha256", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text),
    Column("closed_at", BigInteger),
    Column("snapshot", Text),
    Column("campaign", Text),
    Column("script", Text),
    Column("script_name", Text),
    Column("kind", Text),
    Column("target", Text),
    Column("number", BigInteger),
)
"""`snapshot` is JSON: what the host showed of the lane before the request. By those after it limits count;
creates and retries have them."""
is_not_settled = is_one_of(intents.c.outcome, {Outcome.OPEN, Outcome.UNSETTLED})
Index("ix_intents_number", intents.c.number)
_partial("ix_intents_not_settled", intents.c.outcome, where=is_not_settled)
is_given_up = is_one_of(intents.c.outcome, {Outcome.GIVEN_UP})
_partial("ix_intents_given_up", intents.c.host, intents.c.closed_at, where=is_given_up)
WITHOUT_EFFECT = frozenset({Outcome.NOT_SENT, Outcome.REFUSED, Outcome.ABSENT})
is_use = and_(
    is_one_of(intents.c.act, {Act.CREATE, Act.RETRY}),
    is_one_of(intents.c.outcome, set(Outcome) - WITHOUT_EFFECT),
)
"""What limits count: requests for work that may have had an effect."""
_partial("ix_intents_use_target", intents.c.target, intents.c.at, where=is_use)
_partial(
    "ix_intents_use_at",
    intents.c.at,
    intents.c.campaign,
    intents.c.script,
    intents.c.host,
    intents.c.script_name,
    where=is_use,
)

tasks = Table(
    "tasks",
    metadata,
    Column("host", Text, primary_key=True),
    Column("task_id", Text, primary_key=True),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("key", Key, nullable=False),
    Column("intent_id", Text, nullable=False),
    Column("bound_at", BigInteger, nullable=False),
    Column("status", Integer),
    Column("gone", Boolean, nullable=False),
    Column("remark", Text),
    Column("retry_count", Integer),
    Column("start_time", Text),
    Column("end_time", Text),
    Column("observed_at", BigInteger, nullable=False),
    Column("number", BigInteger),
)
"""A host's ids start again after "clear all": `epoch` counts the bindings of an id, all but the last gone."""
Index("ix_tasks_number", tasks.c.number)
Index("ix_tasks_bound_at", tasks.c.host, tasks.c.bound_at)

observations = Table(
    "observations",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("host", Text, nullable=False),
    Column("task_id", Text, nullable=False),
    Column("status", Integer),
    Column("gone", Boolean, nullable=False),
    Column("remark", Text),
    Column("retry_count", Integer),
    Column("start_time", Text),
    Column("end_time", Text),
    Column("at", BigInteger, nullable=False),
)
"""Append-only."""

events = Table(
    "events",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("campaign", Text),
    Column("key", Key),
    Column("host", Text),
    Column("fields", Text, nullable=False),
    Column("hash", LargeBinary),
)
"""Append-only, but for the oldest. A field that has a column of its own is not repeated in `fields`. `hash`
is made of the one before and of the whole row; what was written before there was a chain has none."""
EVENT_COLUMNS = ("campaign", "key", "host")
"""Fields of an event that have a column of their own."""
_has_key = events.c.key.is_not(None)
EVENTS_TOGETHER = 16_384
events_part: ColumnElement[int] = literal_column(f"(id / {EVENTS_TOGETHER})", BigInteger)
"""Events that follow each other lie together in the index by key: new ones are put into, and old ones taken
out of, one small part of it. Who looks for a key names all parts that there are."""
_partial("ix_events_key", events_part, events.c.key, events.c.id, where=_has_key)

chain = Table(
    "chain",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("began_id", BigInteger, nullable=False),
    Column("anchor_id", BigInteger, nullable=False),
    Column("anchor_hash", LargeBinary, nullable=False),
    Column("head_id", BigInteger, nullable=False),
    Column("head_hash", LargeBinary, nullable=False),
)
"""One row: where the chain of events begins and ends, so that an end that was cut off is missed, too."""

hosts = Table(
    "hosts",
    metadata,
    Column("host", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("detail", Text),
    Column("plan_name", Text),
    Column("device_limit", Integer),
    Column("at", BigInteger, nullable=False),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger),
    Column("generation", BigInteger),
)
"""One row: the last instant at which a daemon was alive, and how many daemons have used the store."""

echoes = Table(
    "echoes",
    metadata,
    Column("host", Text, primary_key=True),
    Column("script_name", Text, primary_key=True),
    Column("faithful", Integer, nullable=False),
    Column("altered", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""How often a host has shown a task's arguments as they were sent, and how often otherwise."""

holds = Table(
    "holds",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("reason", Text),
    Column("placed_at", BigInteger, nullable=False),
    Column("until", BigInteger),
    Column("released_at", BigInteger),
    Column("released_by", Text),
    Column("told_at", BigInteger),
    Column("end_told_at", BigInteger),
)
"""Pauses, which a person sets: of everything, a host or a campaign. Never deleted. Commands write them; the
daemon tells the log of the beginning and the end of each, and notes that here."""
is_held = holds.c.end_told_at.is_(None)
_partial("ix_holds_open", holds.c.id, where=is_held)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("key", Key, nullable=False),
    Column("reason", Text),
    Column("applied_at", BigInteger),
    Column("outcome", Text),
)
"""What a person has decided of an `unknown`, for the daemon to carry out. One whose `key` is empty is of no
assignment: it asks for a look at all files, and `outcome` is JSON."""
_is_not_applied = decisions.c.applied_at.is_(None)
_partial("ix_decisions_open", decisions.c.id, where=_is_not_applied)

halts = Table(
    "halts",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),
    Column("reason", Text),
    Column("depth", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("keeps_planned", Boolean, nullable=False),
    Column("told_at", BigInteger),
    Column("done_at", BigInteger),
)
"""What a person wants to be dropped, withdrawn and stopped. Never deleted."""
is_to_do = halts.c.done_at.is_(None)
_partial("ix_halts_open", halts.c.id, where=is_to_do)

halted = Table(
    "halted",
    metadata,
    Column("halt_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Key, primary_key=True),
    Column("fate", Text),
    Column("closed_at", BigInteger),
)
"""Which assignments a halt is for, and what it has done with each. One that was planned is dropped by the
transaction that gives the halt; it is closed once the log was told of it."""
Index("ix_halted_key", halted.c.key)
is_left_to_do = halted.c.closed_at.is_(None)
_partial("ix_halted_open", halted.c.fate, halted.c.key, where=is_left_to_do)
