"""What the daemon asks all day is found by indices, so that a store of years is as quick as a new one."""

from __future__ import annotations

import asyncio
import re

import pytest
from sqlalchemy import event
from support.store import changed, on_server

from runner.adapters.ledger import COMPACTION_START
from runner.adapters.ledger.guards import taken
from runner.model.limit import Bound, Limit, Period
from runner.model.record import Event
from runner.model.state import State
from runner.model.use import Reservation

EXPLAIN = ("EXPLAIN QUERY PLAN", "EXPLAIN")
GROWING = ("assignments", "intents", "tasks", "observations", "events", "runs")
NOW = 10**15
_SCAN = re.compile(rf"^SCAN ({'|'.join(GROWING)})\b(?!.* USING )|Seq Scan on ({'|'.join(GROWING)})\b")

QUESTIONS = {
    "due": lambda ledger, _: ledger.due("pc", now=NOW, limit=9, closing_by=NOW),
    "due without": lambda ledger, _: ledger.due("pc", now=NOW, limit=9, without=["spring"]),
    "next_due": lambda ledger, _: ledger.next_due(hosts=["pc"], after=NOW),
    "under_way": lambda ledger, _: ledger.under_way("pc"),
    "submitting": lambda ledger, _: ledger.submitting("pc"),
    "on_host": lambda ledger, _: ledger.on_host("pc", failed_since=NOW),
    "closing": lambda ledger, _: ledger.closing(now=NOW, limit=9),
    "next_close": lambda ledger, _: ledger.next_close(after=NOW),
    "assignments of a day": lambda ledger, facts: ledger.assignments(day=facts.day, campaign="spring"),
    "failures of a day": lambda ledger, facts: ledger.assignments(day=facts.day, state=State.FAILED),
    "assignment": lambda ledger, _: ledger.assignment("k1"),
    "plan_version": lambda ledger, facts: ledger.plan_version("spring", day=facts.day),
    "planned_days": lambda ledger, _: ledger.planned_days("spring"),
    "held_rows": lambda ledger, _: ledger.held_rows("spring"),
    "recall": lambda ledger, _: ledger.recall("spring", now=0),
    "withdraw_plan": lambda ledger, _: ledger.withdraw_plan("spring", reason="gone", now=0),
    "states": lambda ledger, _: ledger.states(["k1"]),
    "runs of a day": lambda ledger, facts: ledger.runs(day=facts.day),
    "events after": lambda ledger, _: ledger.events(after_id=1),
    "events of one": lambda ledger, _: ledger.events(key="k1"),
    "events named": lambda ledger, _: ledger.events_named(["x"], after_id=1, until_id=NOW),
    "waiting messages": lambda ledger, _: ledger.waiting_messages(channel="phone"),
    "last_event_id": lambda ledger, _: ledger.last_event_id(),
    "intents": lambda ledger, _: ledger.intents("k1"),
    "newest_tasks": lambda ledger, _: ledger.newest_tasks("pc", limit=3, not_after="1"),
    "bound_tasks": lambda ledger, _: ledger.bound_tasks("pc", ["1"]),
    "tasks_in_doubt": lambda ledger, _: ledger.tasks_in_doubt("pc"),
    "stopped_tasks": lambda ledger, _: ledger.stopped_tasks("pc"),
    "open_intents": lambda ledger, _: ledger.open_intents(),
    "given_up": lambda ledger, _: ledger.given_up("pc", since=NOW),
    "wishes": lambda ledger, _: ledger.wishes(),
    "anything wished": lambda ledger, _: ledger.anything_wished(),
    "last_beat": lambda ledger, _: ledger.last_beat(),
    "chain_head": lambda ledger, _: ledger.chain_head(),
    "beat": lambda ledger, _: ledger.beat(NOW),
    "compacting assignments": lambda ledger, _: ledger.compaction.assignments(
        before=NOW, at=COMPACTION_START, kept=["k9"], most=9
    ),
    "compacting events": lambda ledger, _: ledger.compaction.events(before=NOW, most=9),
    "worked_since": lambda ledger, _: ledger.compaction.worked_since(days=3),
    "plan_again": lambda ledger, _: ledger.plan_again(now=NOW),
    "witnesses": lambda ledger, _: ledger.compaction.witnesses(),
}
WHOLE = {"compacting events"}
"""These read the oldest rows of a table, a few of them, in its own order."""


OF_ONE_CAMPAIGN = ("planned_days", "held_rows", "recall", "withdraw_plan")


def scans(url, asked):
    """Return the steps of all statements that go through a whole table."""
    return [f"{step} in {sql}" for step, sql in steps(url, asked) if _SCAN.search(step)]


def steps(url, asked):
    """Return the steps of all statements, and which statement each is of."""
    found = []
    with changed(url) as connection:
        if on_server():
            # A table of two rows is gone through otherwise, whatever indices it has.
            connection.execute("SET enable_seqscan = off")
        for sql, values in asked:
            if sql.split(maxsplit=1)[0] not in {"SELECT", "UPDATE", "DELETE", "INSERT"} or "pg_" in sql:
                continue
            planned = connection.execute(f"{EXPLAIN[on_server()]} {sql}", values).fetchall()
            found += [(step[-1], sql) for step in planned]
    return found


async def filled(facts, ledger):
    await ledger.store_plan("spring", facts.day, "v1", [facts.planned("k1", "k2")], now=0)
    changes = [facts.changed("k1", "planned", "submitting"), facts.opened("i1"), facts.closed("i1")]
    changes += [facts.bound("1"), facts.changed("k1", "submitting", "submitted")]
    await ledger.commit([*changes, Event(1, "a.b", {"key": "k1"})])


def watch(engine, asked):
    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, parameters, _context, executemany):
        asked.append((statement, parameters[0] if executemany else parameters))


def asked_by(facts, url, name):
    """Return the statements of a question, with their values."""
    asked = []

    async def scenario():
        async with facts.ledger(url) as ledger:
            await filled(facts, ledger)
            for engine in (ledger.reader._engine, ledger._writer._engine):
                watch(engine, asked)
            await QUESTIONS[name](ledger, facts)

    asyncio.run(scenario())
    assert asked
    return asked


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_question_of_the_daemon_goes_through_a_whole_table(facts, url, name):
    found = scans(url, asked_by(facts, url, name))
    assert name in WHOLE or found == []


@pytest.mark.sqlite(reason="a server shows its conditions on lines of their own")
@pytest.mark.parametrize("name", OF_ONE_CAMPAIGN)
def test_what_is_asked_of_one_campaign_goes_through_no_runs_of_others(facts, url, name):
    of_runs = [step for step, _ in steps(url, asked_by(facts, url, name)) if " runs " in step]
    assert of_runs
    assert all("campaign=?" in step or "rowid=?" in step for step in of_runs), of_runs


def test_no_change_that_is_written_goes_through_a_whole_table(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await filled(facts, ledger)
            return list(ledger._writer.statements.of_kind.values())

    statements = asyncio.run(scenario())
    # Of no type that a server could hold against it, and no NULL, which it would not look for.
    asked = [(sql, dict.fromkeys(re.findall(r"[:(](\w+)(?:\)s)?", sql), "1")) for sql in statements]
    assert scans(url, asked) == []


@pytest.mark.parametrize("bound", Bound)
def test_no_limit_is_counted_by_going_through_all_requests(facts, url, bound):
    limit = Limit(bound, Period.DAY, 3, 0, "UTC", None, "config.yaml", "limit")
    counted = {
        Bound.TARGET: "target",
        Bound.SCRIPT: "script_name",
        Bound.CAMPAIGN: "campaign",
        Bound.HOST: "host",
    }
    value = facts.assignment("k1").target if bound is Bound.TARGET else "x"
    asked = []

    async def scenario():
        async with facts.ledger(url) as ledger:
            watch(ledger._writer._engine, asked)
            await ledger._writer.run(
                lambda connection: taken(connection, Reservation(limit, 0, NOW, **{counted[bound]: value}))
            )

    asyncio.run(scenario())
    assert scans(url, asked) == []
    assert any("intents" in sql for sql, _ in asked)
