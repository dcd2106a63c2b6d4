"""What is asked of the ledger is answered in a useful order, and without reading all of it."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import event
from support.store import told

from runner.adapters.ledger import Ledger, Reader
from runner.errors import LedgerTooNew, LedgerUnavailable, NotFound
from runner.model.instant import SECOND
from runner.model.record import Event, Outcome
from runner.model.state import State


def keys_of(records):
    return [record.assignment.key for record in records]


def test_the_most_overdue_comes_first_and_then_the_key_decides(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            dues = {"k1": 30, "k2": 10, "k3": 10, "k4": 99, "k5": 5}
            await ledger.store_plan("spring", facts.day, "v1", [facts.planned(*dues, dues=dues)], now=0)
            other = [facts.planned("k6", campaign="autumn", host="attic", dues={"k6": 7})]
            await ledger.store_plan("autumn", facts.day, "v1", other, now=0)
            await ledger.commit([facts.changed("k5", "planned", "submitting")])
            assert keys_of(await ledger.due("pc", now=30, limit=9)) == ["k2", "k3", "k1"]
            assert keys_of(await ledger.due("pc", now=30, limit=1)) == ["k2"]
            assert await ledger.due("pc", now=9, limit=9) == []
            assert await ledger.next_due(hosts=["pc", "attic", "cellar"]) == {"pc": 10, "attic": 7}

    asyncio.run(scenario())


def test_what_is_on_a_host_is_known_with_its_tasks(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [facts.planned("k1", "k2", "k3", "k4")], now=0)
            await ledger.commit(
                [
                    facts.changed("k1", "planned", "submitted", attempts=1, submitted_at=3),
                    facts.bound("11", "k1"),
                    facts.bound("12", "k1"),
                    facts.observed("11", status=3, remark="no such video", at=8),
                    facts.changed("k2", "planned", "running"),
                    facts.changed("k3", "planned", "failed", finished_at=20),
                ]
            )
            submitted, running = await ledger.on_host("pc")
            assert (submitted.state, running.state) == (State.SUBMITTED, State.RUNNING)
            assert (submitted.attempts, submitted.submitted_at, submitted.finished_at) == (1, 3, None)
            failed, pending = submitted.tasks
            assert (failed.task_id, failed.status, failed.remark, failed.observed_at) == (
                "11",
                3,
                "no such video",
                8,
            )
            assert (pending.task_id, pending.status, pending.gone) == ("12", None, False)
            assert pending.observed_at == 3
            assert keys_of(await ledger.on_host("pc", failed_since=20)) == ["k1", "k2", "k3"]
            assert keys_of(await ledger.on_host("pc", failed_since=21)) == ["k1", "k2"]
            assert await ledger.on_host("attic", failed_since=0) == []

    asyncio.run(scenario())


def test_closed_windows_are_paged_whether_or_not_their_assignments_move_on(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            plan = [
                facts.planned("k3", "k1", dues={"k3": 9, "k1": 9}, closes=10),
                facts.planned("k2", "k4", script="other", dues={"k2": 9, "k4": 9}, closes=20),
                facts.planned("k5", script="late", dues={"k5": 9}, closes=30),
            ]
            await ledger.store_plan("spring", facts.day, "v1", plan, now=0)
            await ledger.commit(
                [facts.changed("k1", "planned", "submitted"), facts.changed("k4", "planned", "running")]
            )
            closed = await ledger.closing(now=20, limit=9)
            assert keys_of(closed) == ["k1", "k3", "k2"]
            assert keys_of(await ledger.closing(now=19, limit=9)) == ["k1", "k3"]
            assert keys_of(await ledger.closing(now=30, limit=9, closed_after=10)) == ["k2", "k5"]
            assert keys_of(await ledger.closing(now=20, limit=9, states=[State.RUNNING])) == ["k4"]
            paged, last = [], None
            while page := await ledger.closing(now=30, limit=1, after=last):
                last = page[-1]
                paged += keys_of(page)
            assert paged == ["k1", "k3", "k2", "k5"]
            assert await ledger.next_close(after=0) == 10
            assert await ledger.next_close(after=10) == 20
            await ledger.commit([facts.changed("k5", "planned", "skipped")])
            assert await ledger.next_close(after=20) is None

    asyncio.run(scenario())


def test_results_can_be_narrowed_down(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [facts.planned("k1", "k2")], now=0)
            other = [facts.planned("k3", campaign="autumn")]
            await ledger.store_plan("autumn", facts.day, "v1", other, now=0)
            await ledger.commit([facts.changed("k2", "planned", "missed")])
            day = facts.day
            assert keys_of(await ledger.assignments()) == ["k1", "k2", "k3"]
            assert keys_of(await ledger.assignments(day=day, campaign="spring")) == ["k1", "k2"]
            assert keys_of(await ledger.assignments(day=day, state=State.MISSED)) == ["k2"]
            assert await ledger.assignments(day=day.replace(day=2)) == []
            autumn, spring = await ledger.runs(day=day)
            assert (autumn.run.campaign, spring.run.campaign) == ("autumn", "spring")
            assert spring.counts == {State.PLANNED: 1, State.MISSED: 1}

    asyncio.run(scenario())


def test_an_assignment_is_found_by_as_much_of_its_key_as_no_other_has(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [facts.planned("abc1", "abd1", "abd")], now=0)
            assert (await ledger.assignment("abc")).assignment.key == "abc1"
            assert (await ledger.assignment("abd")).assignment.key == "abd"
            with pytest.raises(NotFound, match="more than one"):
                await ledger.assignment("ab")
            for unknown in ("abx", "abc12", "ABC", "a%", ""):
                with pytest.raises(NotFound, match="no assignment"):
                    await ledger.assignment(unknown)

    asyncio.run(scenario())


def test_intents_whose_effect_is_not_known_are_found_at_start_up(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [facts.planned("k1", "k2")], now=0)
            await ledger.commit(
                [
                    facts.changed("k1", "planned", "submitting"),
                    facts.opened("i2", "k1", at=2, body='{"é": 1}'),
                    facts.opened("i1", "k2", at=1),
                    facts.opened("i3", "k2", at=3),
                    facts.opened("i4", "k2", at=4),
                    facts.closed("i2", "unsettled", detail="time-out"),
                    facts.closed("i3", "unsettled"),
                    facts.closed("i4", "refused"),
                ]
            )
            first, second = await ledger.open_intents()
            assert (first.intent_id, first.outcome, first.closed_at) == ("i1", Outcome.OPEN, None)
            assert (second.intent_id, second.outcome, second.detail) == ("i2", Outcome.UNSETTLED, "time-out")
            assert second.body == '{"é": 1}'
            assert [intent.intent_id for intent in await ledger.intents("k2")] == ["i1", "i3", "i4"]

    asyncio.run(scenario())


def test_events_are_followed_by_their_ids(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            assert await ledger.last_event_id() == 0
            first = Event(1, "assignment.missed", {"key": "k1", "campaign": "spring", "reason": "late"})
            second = Event(2, "host.ready", {"host": "pc"})
            await ledger.commit([first, second])
            stored = await ledger.events()
            assert [one.event for one in stored] == [first, second]
            assert [one.event for one in await ledger.events(after_id=stored[0].id)] == [second]
            assert [one.event for one in await ledger.events(limit=1)] == [first]
            assert [one.event for one in await ledger.events(key="k1", campaign="spring")] == [first]
            assert await ledger.events(key="k1", campaign="autumn") == []
            assert await ledger.last_event_id() == stored[1].id

    asyncio.run(scenario())


def test_the_text_accepted_last_is_in_force_even_when_the_clock_went_back(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            assert await ledger.accepted_version("spring") is None
            for version, now in (("v1", 30), ("v2", 40), ("v2", 50), ("v1", 20)):
                await ledger.accept_version("spring", file="a.yaml", version=version, text="name: a", now=now)
            accepted = await ledger.accepted_version("spring")
            assert (accepted.version, accepted.accepted_at, accepted.text) == ("v1", 20, "name: a")
            await ledger.accept_version("autumn", file="b.yaml", version="v1", text="name: b", now=60)
            assert [one.campaign for one in await ledger.accepted_versions()] == ["autumn", "spring"]

    asyncio.run(scenario())


def test_the_last_heartbeat_is_kept(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            assert await ledger.last_beat() is None
            await ledger.beat(5 * SECOND)
            await ledger.beat(9 * SECOND)
            assert await ledger.last_beat() == 9 * SECOND

    asyncio.run(scenario())


def test_more_runs_and_keys_are_read_than_one_question_may_name(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            plan = [facts.planned(f"k{number:05}", script=f"s{number}") for number in range(2_100)]
            await ledger.store_plan("spring", facts.day, "v1", plan, now=0)
            for _ in range(2):
                records = await ledger.assignments()
                assert [record.run.script for record in records] == [f"s{number}" for number in range(2_100)]

    asyncio.run(scenario())


def test_two_readers_see_whole_batches_while_the_writer_writes(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            writing = asyncio.gather(
                *(ledger.commit([Event(number, "a"), Event(number, "b")]) for number in range(300))
            )
            seen = 0
            while not writing.done():
                for events in await asyncio.gather(ledger.events(limit=999), ledger.events(limit=999)):
                    assert len(events) % 2 == 0
                    assert len(events) >= seen
                seen = len(events)
            await writing
            assert len(await ledger.events(limit=999)) == 600

    asyncio.run(scenario())


def test_the_events_of_an_assignment_are_found_however_many_came_between_them(facts, url):
    asyncio.run(Ledger.open(url, durable=False).close())
    for number in (1, 20_000, 70_000):
        # As if so many others had come before it.
        told(url, "UPDATE chain SET head_id = ?", number - 1)

        async def tell(number=number):
            async with facts.ledger(url) as ledger:
                await ledger.commit(
                    [Event(number, "a.b", {"key": "k1"}), Event(number, "a.b", {"key": "k2"})]
                )

        asyncio.run(tell())

    async def scenario():
        async with facts.ledger(url) as ledger:
            assert [one.id for one in await ledger.events(key="k1")] == [1, 20_000, 70_000]
            assert [one.id for one in await ledger.events(key="k1", after_id=1, limit=1)] == [20_000]
            newest = ledger.reader.newest_events(limit=2, key="k1")
            assert [one.id for one in newest] == [20_000, 70_000]

    asyncio.run(scenario())


@pytest.mark.sqlite(reason="test_query_plans asks both")
def test_what_the_daemon_asks_all_the_time_uses_an_index(facts, url):
    ledger = Ledger.open(url, durable=False)
    reader = ledger.reader
    plans = {}

    @event.listens_for(reader._engine, "before_cursor_execute")
    def explain(_connection, cursor, statement, parameters, _context, _executemany):
        if statement.startswith("SELECT"):
            plan = cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            plans.setdefault(asked, []).extend(row[3] for row in plan)

    record_with_key = facts.planned("k1")
    asyncio.run(ledger.store_plan("spring", facts.day, "v1", [record_with_key], now=0))
    for asked, question in {
        "due": lambda: reader.due("pc", now=facts.opens, limit=5),
        "next_due": lambda: reader.next_due(hosts=["pc"]),
        "on_host": lambda: reader.on_host("pc", failed_since=0),
        "closing": lambda: reader.closing(now=facts.closes, limit=5),
        "next_close": lambda: reader.next_close(after=0),
        "assignments": lambda: reader.assignments(day=facts.day, campaign="spring"),
        "assignment": lambda: reader.assignment("k1"),
        "runs": lambda: reader.runs(day=facts.day),
        "events": lambda: reader.events(key="k1"),
        "intents": lambda: reader.intents("k1"),
        "open_intents": reader.open_intents,
        "accepted_version": lambda: reader.accepted_version("spring"),
    }.items():
        question()
        scans = [line for line in plans[asked] if line.startswith("SCAN") and "USING" not in line]
        assert not scans, (asked, plans[asked])
    assert plans["due"][0].startswith("SEARCH assignments USING INDEX ix_assignments_ready")
    first = plans["due"][
        : next(at for at, line in enumerate(plans["due"]) if line.startswith("SEARCH tasks"))
    ]
    assert not any("TEMP B-TREE" in line for line in first), "the rows come in the index's order, not sorted"
    assert any("ix_assignments_under_way" in line for line in plans["due"])
    assert any("ix_assignments_on_host" in line for line in plans["on_host"])
    assert any("ix_assignments_failed" in line for line in plans["on_host"])
    assert any("ix_intents_not_settled" in line for line in plans["open_intents"])
    asyncio.run(ledger.close())


def test_a_command_reads_without_a_daemon_and_without_making_a_store(facts, url, tmp_path):
    with pytest.raises(LedgerUnavailable, match="no store"):
        Reader.open(url)
    assert list(tmp_path.iterdir()) == []

    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [facts.planned("k1")], now=0)

    asyncio.run(scenario())
    reader = Reader.open(url)
    assert keys_of(reader.due("pc", now=facts.opens, limit=1)) == ["k1"]
    with pytest.raises(LedgerUnavailable), reader._connection() as connection:
        connection.exec_driver_sql("DELETE FROM assignments")
    reader.close()


@pytest.mark.parametrize(
    ("revision", "error"), [("9999", LedgerTooNew), (None, LedgerUnavailable)], ids=["newer", "not begun"]
)
def test_a_command_refuses_a_store_of_another_version(url, revision, error):
    asyncio.run(Ledger.open(url).close())
    told(url, "DELETE FROM alembic_version")
    if revision:
        told(url, "INSERT INTO alembic_version VALUES (?)", revision)
    with pytest.raises(error):
        Reader.open(url)
