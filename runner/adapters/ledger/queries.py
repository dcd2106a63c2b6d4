"""Everything that is asked of the ledger, on connections that cannot write."""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from runner.adapters.ledger import schema
from runner.adapters.ledger.alarm_queries import AlarmQuestions
from runner.adapters.ledger.asking import BUSY_TIMEOUT_SECONDS, with_run
from runner.adapters.ledger.audit_queries import AuditQuestions
from runner.adapters.ledger.dialect import database_url, sqlite_file
from runner.adapters.ledger.event_queries import EventQuestions
from runner.adapters.ledger.guards import taken
from runner.adapters.ledger.halt_queries import HaltQuestions
from runner.adapters.ledger.host_queries import HostQuestions
from runner.adapters.ledger.kept_queries import KeptQuestions, used_by_deleted
from runner.adapters.ledger.records import (
    ASSIGNMENT_COLUMNS,
    REMOVED,
    AcceptedVersion,
    accepted_version,
    host_record,
    intent_record,
    pieces,
)
from runner.adapters.ledger.run_rows import row_of, run_of
from runner.adapters.ledger.upgrade import HEAD, check_known, found_revision
from runner.adapters.ledger.wish_queries import WishQuestions
from runner.errors import LedgerError, LedgerUnavailable, NotFound
from runner.model.content import HeldRow
from runner.model.record import (
    Act,
    AssignmentRecord,
    HostRecord,
    IntentRecord,
    Outcome,
    RunRecord,
)
from runner.model.state import ON_HOST, State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import ColumnElement, Select

    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey
    from runner.model.use import Reservation, Taken

_assigned = schema.assignments.c
_run = schema.runs.c
_OPEN = frozenset({State.PLANNED, State.SUBMITTING, *ON_HOST})

_NEXT_CLOSE = (
    select(_run.closes)
    .where(
        _run.closes > bindparam("after"),
        exists().where(_assigned.run_id == _run.id, schema.is_one_of(_assigned.state, _OPEN)),
    )
    .order_by(_run.closes)
    .limit(1)
)


class Reader(
    HostQuestions,
    HaltQuestions,
    WishQuestions,
    EventQuestions,
    AuditQuestions,
    KeptQuestions,
    AlarmQuestions,
):
    """Answers questions about the ledger; never writes, and never makes a store.

    May be used by as many threads as it has connections. Every method raises LedgerUnavailable where the
    store cannot be read.
    """

    @classmethod
    def open(cls, url: str, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> Reader:
        """Open the store at a database URL.

        Raises LedgerUnavailable where there is none or where it waits for its upgrade, LedgerTooNew where a
        newer version of this program wrote it.
        """
        checked = database_url(url)
        file = sqlite_file(checked)
        if file is not None and not file.is_file():
            raise LedgerUnavailable(f"there is no store at {file} yet: `campaign-runner run` makes it")
        reader = cls(checked, busy_timeout_seconds=busy_timeout_seconds)
        try:
            with reader._connection() as connection:
                revision = found_revision(connection)
            check_known(revision)
            if revision != HEAD:
                raise LedgerUnavailable("the store is of an older version: `campaign-runner run` upgrades it")
        except LedgerError:
            reader.close()
            raise
        return reader

    def closing(
        self,
        *,
        now: Instant,
        limit: int,
        states: Collection[State] = (State.PLANNED, State.SUBMITTED),
        closed_after: Instant | None = None,
        after: AssignmentRecord | None = None,
    ) -> list[AssignmentRecord]:
        """Return assignments in some states whose windows have closed, in the order of closing.

        Args:
            now: windows that close at this instant or earlier count.
            limit: at most so many.
            states: that are asked for.
            closed_after: leaves out windows that closed at this instant or earlier.
            after: the last record of the page before, where pages hold assignments that stay as they are.
        """
        query = _closing(frozenset(states), recent=closed_after is not None, paged=after is not None)
        values: dict[str, Any] = {"now": now, "limit": limit}
        if closed_after is not None:
            values["closed_after"] = closed_after
        if after is not None:
            values |= {"page_closes": after.run.closes, "page_key": after.assignment.key}
        return self._assignments(query, **values)

    def next_close(self, *, after: Instant) -> Instant | None:
        """Return when the next window closes in which something is still open, None where none does."""
        return self._number(_NEXT_CLOSE, after=after)

    def assignments(
        self,
        *,
        day: date | None = None,
        campaign: str | None = None,
        state: State | None = None,
        limit: int | None = None,
        after: AssignmentKey | None = None,
    ) -> list[AssignmentRecord]:
        """Return assignments by due instant, those of one instant in the order of their targets in the entry.

        Each argument that is given narrows them down. `limit` and `after`, the key of the last one of the
        page before, make pages; raises NotFound where there is no such key.
        """
        conditions = _of_run(day=day, campaign=campaign)
        if state is not None:
            conditions.append(_assigned.state == state.value)
        order = (_assigned.due, _assigned.run_id, _assigned.idx, _assigned.key)
        if after is not None:
            (last,) = self._mappings(select(*order).where(_assigned.key == after)) or (None,)
            if last is None:
                raise NotFound(f"there is no assignment {after!r}")
            conditions.append(tuple_(*order) > tuple_(*map(literal, last.values())))
        query = with_run().where(*conditions).order_by(*order)
        return self._assignments(query if limit is None else query.limit(limit))

    def plan_version(self, campaign: str, *, day: date) -> str | None:
        """Return the version in which a day of a campaign is planned, None where it is not yet."""
        plan = schema.plans.c
        query = select(plan.version).where(plan.campaign == campaign, plan.day == day.isoformat())
        with self._connection() as connection:
            return connection.execute(query).scalar()

    def assignment(self, key: AssignmentKey) -> AssignmentRecord:
        """Return one assignment by its key, or by a beginning of it that no other key has.

        Raises NotFound where there is none, or more than one.
        """
        # "\x7f" comes after every letter and digit of which keys are made.
        begins = and_(_assigned.key >= key, _assigned.key < f"{key}\x7f")
        found = self._assignments(select(*ASSIGNMENT_COLUMNS).where(begins).order_by(_assigned.key).limit(2))
        if not found or not key:
            raise NotFound(f"there is no assignment {key!r}")
        if len(found) > 1 and found[0].assignment.key != key:
            raise NotFound(f"more than one assignment begins with {key!r}: write more of its key")
        return found[0]

    def states(self, keys: Collection[AssignmentKey]) -> dict[AssignmentKey, tuple[State, str | None]]:
        """Return the state of each assignment, with its reason; keys that were never planned are left out."""
        query = select(_assigned.key, _assigned.state, _assigned.reason)
        with self._connection() as connection:
            return {
                key: (State(state), reason)
                for some in pieces(sorted(keys))
                for key, state, reason in connection.execute(query.where(_assigned.key.in_(some)))
            }

    def runs(self, *, day: date | None = None, campaign: str | None = None) -> list[RunRecord]:
        """Return runs with the number of their assignments in each state, in the order of their windows.

        What an edit left behind in an earlier version of a run counts too; the newest version is shown.
        """
        counted = (
            select(schema.runs, _assigned.state, func.count().label("count"))
            .join(schema.assignments, _assigned.run_id == _run.id)
            .where(*_of_run(day=day, campaign=campaign))
            .group_by(*schema.runs.columns, _assigned.state)
            .order_by(_run.id)
        )
        counts: dict[tuple[str, str, str, str], dict[State, int]] = {}
        newest: dict[tuple[str, str, str, str], Any] = {}
        with self._connection() as connection:
            for row in connection.execute(counted).mappings():
                identity = (row["campaign"], row["script"], row["day"], row["window"])
                newest[identity] = row
                of_run = counts.setdefault(identity, {})
                state = State(row["state"])
                of_run[state] = of_run.get(state, 0) + row["count"]
        records = [RunRecord(run_of(newest[identity]), of_run) for identity, of_run in counts.items()]
        return sorted(records, key=lambda record: (record.run.opens, record.run.campaign, record.run.script))

    def planned_days(self, campaign: str) -> set[date]:
        """Return the days of a campaign, in whatever zone it had, of which something is still planned."""
        planned = exists().where(_assigned.run_id == _run.id, schema.is_planned)
        query = select(_run.day).where(_run.campaign == campaign, planned).distinct()
        return {date.fromisoformat(row["day"]) for row in self._mappings(query)}

    def intents(self, key: AssignmentKey) -> list[IntentRecord]:
        """Return an assignment's intents, oldest first."""
        intent = schema.intents.c
        numbers = select(_assigned.number).where(_assigned.key == key)
        query = select(schema.intents).where(intent.number.in_(numbers)).order_by(intent.at, intent.intent_id)
        return [intent_record(row) for row in self._mappings(query)]

    def open_intents(self) -> list[IntentRecord]:
        """Return intents whose effect is still to be settled, oldest first.

        These are the open ones, and the unsettled ones of assignments that are still `submitting`: for one
        that has become `unknown` a person decides.
        """
        intent = schema.intents.c
        submitting = exists().where(_assigned.key == intent.key, _assigned.state == State.SUBMITTING.value)
        query = (
            select(schema.intents)
            .where(schema.is_not_settled, or_(intent.outcome == Outcome.OPEN.value, submitting))
            .order_by(intent.at, intent.intent_id)
        )
        return [intent_record(row) for row in self._mappings(query)]

    def given_up(self, host: str, *, since: Instant) -> list[tuple[IntentRecord, AssignmentRecord]]:
        """Return the creates of a host whose effect was given up at an instant or later, with what for."""
        intent = schema.intents.c
        query = select(schema.intents).where(
            schema.is_given_up, intent.host == host, intent.closed_at >= since
        )
        found = [intent_record(row) for row in self._mappings(query)]
        return [(one, self.assignment(one.key)) for one in found if one.act is Act.CREATE]

    def hosts(self) -> list[HostRecord]:
        """Return every host as it answered last, by name."""
        query = select(schema.hosts).order_by(schema.hosts.c.host)
        return [host_record(row) for row in self._mappings(query)]

    def used_up(self, reservations: Iterable[Reservation]) -> list[Taken]:
        """Return the reservations that would find no place now."""
        with self._connection() as connection:
            return [found for each in reservations if (found := taken(connection, each)) is not None]

    def held_rows(self, campaign: str) -> list[HeldRow]:
        """Return the rows of content files that a campaign's assignments have, in the order of their dues.

        Those of open work, and of every request that may have had an effect; what was never submitted and no
        longer will be has none.
        """
        used = exists().where(schema.intents.c.number == _assigned.number, schema.is_use)
        query = (
            select(_run.script, _run.day, _assigned.key, _assigned.state, _assigned.content_row)
            .join(schema.assignments, _assigned.run_id == _run.id)
            .where(_run.campaign == campaign, _assigned.content_row.is_not(None))
            .where(or_(schema.is_one_of(_assigned.state, {*_OPEN, State.UNKNOWN}), used))
            .order_by(_assigned.due, _assigned.key)
        )
        with self._connection() as connection:
            return [
                HeldRow(script, key, date.fromisoformat(day), state == State.PLANNED.value, row)
                # Those that were deleted come first: they were due before all others.
                for script, day, key, state, text in chain(
                    used_by_deleted(connection, campaign), connection.execute(query)
                )
                if (row := row_of(text)) is not None
            ]

    def accepted_version(self, campaign: str) -> AcceptedVersion | None:
        """Return the text of a campaign that is in force, None where none ever was or its file is gone."""
        version = schema.campaign_versions.c
        query = select(schema.campaign_versions).where(version.campaign == campaign)
        rows = self._mappings(query.order_by(version.id.desc()).limit(1))
        return accepted_version(rows[0]) if rows and rows[0]["version"] != REMOVED else None

    def accepted_versions(self) -> list[AcceptedVersion]:
        """Return the texts of all campaigns in force, by name."""
        version = schema.campaign_versions.c
        newest = select(func.max(version.id)).group_by(version.campaign)
        query = select(schema.campaign_versions).where(version.id.in_(newest)).order_by(version.campaign)
        return [accepted_version(row) for row in self._mappings(query) if row["version"] != REMOVED]

    def count_unknown(self, *, since: date) -> int:
        """Return how many assignments of days from `since` on are unknown."""
        query = (
            select(func.count())
            .select_from(schema.runs)
            .join(schema.assignments, _assigned.run_id == _run.id)
            .where(_run.day >= since.isoformat(), _assigned.state == State.UNKNOWN.value)
        )
        return self._number(query) or 0

    def last_beat(self) -> Instant | None:
        """Return the last instant at which a daemon was alive, None before the first."""
        return self._number(select(schema.heartbeat.c.at))


@cache
def _closing(states: frozenset[State], *, recent: bool, paged: bool) -> Select[Any]:
    now = bindparam("now", type_=BigInteger)
    # Whatever is due later closes later: that is seen in the index, without a look at the run.
    conditions = [_assigned.due < now, _run.closes <= now, schema.is_one_of(_assigned.state, states)]
    if recent:
        conditions.append(_run.closes > bindparam("closed_after"))
    if paged:
        page_closes = bindparam("page_closes", type_=BigInteger)
        conditions.append(_run.closes >= page_closes)
        conditions.append(
            tuple_(_run.closes, _assigned.key) > tuple_(page_closes, bindparam("page_key", type_=String))
        )
    query = with_run().where(*conditions).order_by(_run.closes, _assigned.key)
    return query.limit(bindparam("limit", type_=Integer))


def _of_run(*, day: date | None, campaign: str | None) -> list[ColumnElement[bool]]:
    conditions = []
    if day is not None:
        conditions.append(_run.day == day.isoformat())
    if campaign is not None:
        conditions.append(_run.campaign == campaign)
    return conditions
