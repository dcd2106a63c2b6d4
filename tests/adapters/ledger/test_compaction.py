"""Old history is deleted piece by piece; what later decisions need is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.store import asked, examples, on_server, store_in

from runner.adapters.ledger import COMPACTION_START
from runner.model.campaign import Target, TargetKind
from runner.model.content import Row
from runner.model.halt import Depth, Halt, HaltScope
from runner.model.record import Event
from runner.model.state import State
from runner.model.use import Use

ROW = Row("clips.csv", 1, 2, {"caption": "Hej"})
USE = Use("spring", "clip", "post", Target("pc", TargetKind.SERIAL, "serial-k1"))
FAR = 10**18
HOW_DURABLE = ("PRAGMA synchronous", "SHOW synchronous_commit")


async def planned(facts, ledger, *keys, day=0, **run):
    day_us = day * 86_400_000_000
    on = {
        "day": facts.day + timedelta(days=day),
        "opens": facts.opens + day_us,
        "closes": facts.closes + day_us,
    }
    await ledger.store_plan("spring", on["day"], "v1", [facts.planned(*keys, **{**on, **run})], now=0)


async def done(facts, ledger, key, becomes="completed", *, task=None, outcome="accepted"):
    """Submit an assignment and end it."""
    changes = [facts.changed(key, "planned", "submitting"), facts.opened(f"i-{key}", key)]
    await ledger.commit([*changes, Event(1, "assignment.submitting", {"key": key})])
    changes = [facts.closed(f"i-{key}", outcome)] if outcome else []
    if task is not None:
        changes += [facts.bound(task, key, intent_id=f"i-{key}"), facts.observed(task)]
    await ledger.commit([*changes, facts.changed(key, "submitting", becomes)])


async def compacted(ledger, *, before=FAR, most=2, kept=()):
    """Delete all assignments that may be deleted, some at a time."""
    at, total = COMPACTION_START, 0
    for _ in range(100):
        piece = await ledger.compaction.assignments(before=before, at=at, kept=kept, most=most)
        at, total = piece.at, total + piece.deleted
        if piece.ended:
            await ledger.compaction.end()
            return total
    raise AssertionError("it does not end")


def counted(url, *tables):
    return [asked(url, f"SELECT count(*) FROM {table}")[0][0] for table in tables]  # noqa: S608


@pytest.mark.parametrize("most", [1, 2, 100])
def test_what_has_ended_goes_with_all_that_hangs_on_it_and_leaves_its_sums(facts, url, most):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await planned(facts, ledger, "k1", "k2", "k3")
            await planned(facts, ledger, "k4", day=1)
            await done(facts, ledger, "k1", task="1")
            await done(facts, ledger, "k2", task="2")
            await done(facts, ledger, "k3", "failed", task="3")
            await done(facts, ledger, "k4", task="4")
            assert await compacted(ledger, before=facts.closes + 1, most=most) == 3
            (sums,) = ledger.reader.daily_sums(facts.day)
            assert (sums.campaign, sums.script, sums.script_name, sums.host) == (
                "spring",
                "clip",
                "post",
                "pc",
            )
            assert sums.counts == {State.COMPLETED: 2, State.FAILED: 1}
            assert ledger.reader.daily_sums(facts.day, campaign="autumn") == []
            assert [record.assignment.key for record in await ledger.assignments()] == ["k4"]
            # Another pass finds nothing, and what goes later is added.
            assert await compacted(ledger, before=facts.closes + 1) == 0
            assert await compacted(ledger) == 1
            assert len(ledger.reader.daily_sums(facts.day + timedelta(days=1))) == 1

    asyncio.run(scenario())
    # The newest run stays, so that its number is given to no other.
    assert counted(url, "assignments", "intents", "tasks", "runs") == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("submitted", "accepted"), ("unknown", "given_up"), ("cancelled", "unsettled"), ("completed", None)],
)
def test_what_is_open_undecided_or_unsettled_stays(facts, url, state, outcome):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await planned(facts, ledger, "k1", "k2", "k3")
            await done(facts, ledger, "k1", state, outcome=outcome)
            await done(facts, ledger, "k2")
            assert await compacted(ledger) == 1
            assert [record.assignment.key for record in await ledger.assignments()] == ["k1", "k3"]
            assert len(await ledger.intents("k1")) == 1

    asyncio.run(scenario())


@given(ended=st.lists(st.booleans(), min_size=1, max_size=12), most=st.integers(1, 13))
@settings(max_examples=examples(20))
def test_whatever_lies_among_them_what_has_ended_goes_and_nothing_else(facts, tmp_path_factory, ended, most):
    url = store_in(tmp_path_factory.mktemp("store"))

    async def scenario():
        async with facts.ledger(url) as ledger:
            keys = [f"k{number}" for number in range(len(ended))]
            await planned(facts, ledger, *keys)
            for key, has_ended in zip(keys, ended, strict=True):
                await done(facts, ledger, key, "completed" if has_ended else "submitted", task=key)
            assert await compacted(ledger, most=most) == sum(ended)
            left = {key for key, has_ended in zip(keys, ended, strict=True) if not has_ended}
            assert {record.assignment.key for record in await ledger.assignments()} == left
            assert {key for key in keys if await ledger.intents(key)} == left
        assert counted(url, "assignments", "intents", "tasks") == [len(left)] * 3

    asyncio.run(scenario())


def test_the_newest_tasks_of_each_host_stay_with_their_assignments(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            keys = [f"k{number:02}" for number in range(25)]
            await planned(facts, ledger, *keys)
            for number, key in enumerate(keys):
                await done(facts, ledger, key)
                bound = facts.bound(str(number), key, intent_id=f"i-{key}", at=10 + number)
                await ledger.commit([bound])
            kept = await ledger.compaction.witnesses()
            assert kept == set(keys[5:])
            assert await compacted(ledger, kept=kept) == 5
            assert await ledger.newest_tasks("pc", limit=3) == ["24", "23", "22"]
            assert len(await ledger.bound_tasks("pc", [str(number) for number in range(25)])) == 20

    asyncio.run(scenario())


def test_a_number_can_be_bound_again_whatever_was_deleted_of_it(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await planned(facts, ledger, "k1")
            await planned(facts, ledger, "k2", "k3", "k4", day=1)
            await done(facts, ledger, "k1", task="7")
            await ledger.commit([facts.observed("7", gone=True)])
            await done(facts, ledger, "k2", task="7")
            assert await compacted(ledger, before=facts.closes + 1) == 1
            with pytest.raises(Exception, match="there already"):
                await done(facts, ledger, "k3", task="7")
            await ledger.commit([facts.observed("7", gone=True)])
            await done(facts, ledger, "k4", task="7")
            (owner,) = (await ledger.bound_tasks("pc", ["7"])).values()
            assert owner.assignment.key == "k4"

    asyncio.run(scenario())


@pytest.mark.parametrize(("outcome", "held"), [("accepted", True), ("refused", False)])
def test_a_row_that_was_used_stays_used(facts, url, outcome, held):
    async def scenario():
        async with facts.ledger(url) as ledger:
            run = facts.planned("k1")
            (assignment,) = run.assignments
            run = replace(run, assignments=(replace(assignment, row=ROW),))
            await ledger.store_plan("spring", facts.day, "v1", [run], now=0)
            opened = replace(facts.opened("i-k1"), use=USE)
            await ledger.commit([facts.changed("k1", "planned", "submitting"), opened])
            await ledger.commit([facts.closed("i-k1", outcome), facts.changed("k1", "submitting", "failed")])
            before = await ledger.held_rows("spring")
            assert await compacted(ledger) == 1
            assert await ledger.held_rows("spring") == before
            assert [one.row for one in before] == ([ROW] if held else [])
            assert await ledger.held_rows("autumn") == []

    asyncio.run(scenario())


def test_what_a_halt_was_for_goes_with_its_assignment(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await planned(facts, ledger, "k1", "k2")
            await done(facts, ledger, "k1", "submitted", task="1")
            await done(facts, ledger, "k2", "submitted", task="2")
            await ledger.give_halt(
                Halt(0, 1, "eva", None, Depth.WITHDRAW, HaltScope.ALL, "", keeps_planned=True)
            )
            await ledger.commit([facts.changed("k1", "submitted", "completed")])
            assert await compacted(ledger) == 1

    asyncio.run(scenario())
    assert asked(url, "SELECT key FROM halted") == [("k2",)]


def test_events_go_from_the_oldest_on_and_the_chain_begins_behind_them(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            # The clock was ahead once: what it told then does not keep all that is older.
            for at in (1, 2, 9_000, 3, 4, 50, 60):
                await ledger.commit([Event(at, "a.b")])
            deleted = 0
            while not (piece := await ledger.compaction.events(before=50, most=3)).ended:
                deleted += piece.deleted
            assert deleted == 5
            assert [stored.id for stored in await ledger.events()] == [6, 7]
            await ledger.compaction.end()
            with ledger.reader.audit_trail() as (chain, _):
                assert (chain.anchor_id, chain.head_id) == (5, 7)
            await ledger.commit([facts.observed("1")] * 0 + [Event(70, "a.b")])

    asyncio.run(scenario())
    assert counted(url, "events") == [3]


def test_observations_and_plans_go_by_their_age(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await planned(facts, ledger, "k1")
            await done(facts, ledger, "k1", task="1")
            await ledger.commit([facts.observed("1", at=100)])
            assert (await ledger.compaction.observations(before=100, most=10)).deleted == 1
            assert (await ledger.compaction.observations(before=100, most=10)).ended
            assert (await ledger.compaction.plans(before=facts.day)).deleted == 0
            assert (await ledger.compaction.plans(before=facts.day + timedelta(days=1))).deleted == 1
            await ledger.compaction.fold()

    asyncio.run(scenario())
    assert counted(url, "observations", "plans") == [1, 0]


def test_what_is_deleted_does_not_wait_for_the_disk_but_all_else_does(facts, url):
    async def scenario():
        async with facts.ledger(url, durable=True) as ledger:
            levels = []

            def level(connection):
                levels.append(connection.exec_driver_sql(HOW_DURABLE[on_server()]).scalar_one())

            await ledger._writer.run(level, lazily=True)
            await ledger._writer.run(level)
            with pytest.raises(ZeroDivisionError):
                await ledger._writer.run(lambda _: 1 / 0, lazily=True)
            await ledger._writer.run(level)
            assert levels == (["off", "on", "on"] if on_server() else [1, 2, 2])

    asyncio.run(scenario())


def test_the_last_days_of_work_are_counted_by_what_was_submitted_on_them(facts, url):
    day_us = 86_400_000_000

    async def scenario():
        async with facts.ledger(url) as ledger:
            await planned(facts, ledger, *(f"k{day}" for day in (2, 3, 5, 8, 9)))
            worked = [await ledger.compaction.worked_since(days=2)]
            for day, outcome in {9: "accepted", 8: "refused", 5: "unsettled", 3: "absent", 2: None}.items():
                key = f"k{day}"
                changes = [facts.changed(key, "planned", "submitting")]
                changes.append(facts.opened(f"i-{key}", key, at=(20 - day) * day_us + 7))
                changes += [facts.closed(f"i-{key}", outcome)] if outcome else []
                await ledger.commit(changes)
                worked.append(await ledger.compaction.worked_since(days=2))
            await ledger.compaction.end()
            return worked

    # What surely had no effect is no work; what may have had one is.
    assert asyncio.run(scenario()) == [None, *((20 - day) * day_us for day in (9, 9, 9, 9, 5))]
