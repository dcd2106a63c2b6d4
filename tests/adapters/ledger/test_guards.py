"""An intent is written only where its limits have a place and no pause is in force, as the rules say."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.store import examples, store_in

from runner.adapters.ledger import Reader
from runner.adapters.ledger.holds import place_hold, release_holds
from runner.core.limits import reservations, taken
from runner.errors import LimitReached, WorkHeld, WorkWaits
from runner.model.campaign import Target, TargetKind
from runner.model.limit import Bound, Limit, Period
from runner.model.record import Act, HoldScope, HoldTold, Outcome
from runner.model.use import Use

HOUR_US = 3_600_000_000
MINUTE_US = 60_000_000
HOSTS = st.sampled_from(["pc", "mac"])
USES = st.builds(
    Use,
    campaign=st.sampled_from("cd"),
    script=st.sampled_from("xy"),
    script_name=st.sampled_from(["post", "follow"]),
    target=st.builds(
        Target, st.sampled_from(["pc", "mac"]), st.sampled_from(TargetKind), st.sampled_from("AB")
    ),
)
LIMITS = st.builds(
    lambda bound, period, most, campaign: Limit(
        bound, period, most, 0 if period is Period.DAY else HOUR_US, "UTC", campaign, "c.yaml", "x: 1"
    ),
    st.sampled_from(Bound),
    st.sampled_from([Period.DAY, Period.HOUR]),
    st.integers(1, 3),
    st.sampled_from([None, "c"]),
)
MINE = Use("c", "x", "post", Target("pc", TargetKind.SERIAL, "A"))
ONE_A_DAY = Limit(Bound.TARGET, Period.DAY, 1, 0, "UTC", None, "c.yaml", "per_target_per_day: 1")
NO_EFFECT = {Outcome.NOT_SENT, Outcome.REFUSED, Outcome.ABSENT}


def intent(facts, number, use, *, at, limits=(), act=Act.CREATE):
    opened = facts.opened(f"i{number}", f"k{number}", host=use.target.host, at=at, act=act)
    return replace(opened, use=use, reservations=reservations(limits, use=use, now=at))


@settings(
    max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    limits=st.lists(LIMITS, min_size=1, max_size=3),
    asked=st.lists(st.tuples(USES, st.integers(0, 2_000)), min_size=1, max_size=25),
    together=st.booleans(),
)
def test_the_store_counts_as_the_pure_rule_does(facts, tmp_path_factory, limits, asked, together):
    url = store_in(tmp_path_factory.mktemp("store"))
    expected = []
    for use, minute in asked:
        at = minute * MINUTE_US
        mine = [one for one in limits if one.campaign in {None, use.campaign}]
        places = reservations(mine, use=use, now=at)
        if all(taken(each, uses=expected) is None for each in places):
            expected.append((use, at))

    async def scenario():
        async with facts.ledger(url) as ledger:
            batches = []
            for number, (use, minute) in enumerate(asked):
                mine = [one for one in limits if one.campaign in {None, use.campaign}]
                batches.append([intent(facts, number, use, at=minute * MINUTE_US, limits=mine)])
            outcomes = []
            for some in [batches] if together else [[batch] for batch in batches]:
                outcomes += await facts.together(ledger, some)
            return outcomes

    outcomes = asyncio.run(scenario())
    assert all(outcome is None or isinstance(outcome, LimitReached) for outcome in outcomes)
    gone = [
        (use, minute * MINUTE_US)
        for (use, minute), outcome in zip(asked, outcomes, strict=True)
        if outcome is None
    ]
    assert gone == expected


@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.OPEN])
@pytest.mark.parametrize("act", [Act.CREATE, Act.RETRY])
def test_all_that_may_have_had_an_effect_counts(facts, url, outcome, act):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.commit([intent(facts, 1, MINE, at=1, act=act)])
            await ledger.commit([facts.closed("i1", outcome.value)])
            second = ledger.commit([intent(facts, 2, MINE, at=2, limits=[ONE_A_DAY])])
            if outcome in NO_EFFECT:
                await second
                return
            with pytest.raises(LimitReached) as refusal:
                await second
            (full,) = refusal.value.full
            assert (full.at, full.reservation.limit) == (1, ONE_A_DAY)
            assert await ledger.intents("k2") == []

    asyncio.run(scenario())


@pytest.mark.parametrize("act", [Act.STOP, Act.DELETE])
def test_taking_work_back_is_never_held_or_counted(facts, url, act):
    async def scenario():
        async with facts.ledger(url) as ledger:
            place_hold(url, scope=HoldScope.ALL, subject="", owner="eva", reason=None, until=None, now=0)
            await ledger.commit([facts.opened("i1", at=1, act=act)])

    asyncio.run(scenario())


def test_the_rest_of_a_refused_batch_is_not_written_either(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            planned = facts.planned("k1", "k2")
            await ledger.store_plan("spring", facts.day, "v1", [planned], now=0)
            first, second = (
                [
                    intent(facts, n, MINE, at=n, limits=[ONE_A_DAY]),
                    facts.changed(f"k{n}", "planned", "submitting"),
                ]
                for n in (1, 2)
            )
            outcomes = await facts.together(ledger, [first, second])
            assert outcomes[0] is None
            assert isinstance(outcomes[1], LimitReached)
            assert [str((await ledger.assignment(key)).state) for key in ("k1", "k2")] == [
                "submitting",
                "planned",
            ]

    asyncio.run(scenario())


def test_a_pause_holds_from_its_commit_to_its_end(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            hold = place_hold(
                url, scope=HoldScope.CAMPAIGN, subject="c", owner="eva", reason=None, until=10, now=0
            )
            other = replace(MINE, campaign="d")
            await ledger.commit([intent(facts, 0, other, at=1)])
            with pytest.raises(WorkHeld) as refusal:
                await ledger.commit([intent(facts, 1, MINE, at=9)])
            assert refusal.value.hold == hold
            await ledger.commit([intent(facts, 1, MINE, at=10)])
            place_hold(url, scope=HoldScope.HOST, subject="pc", owner="eva", reason="x", until=None, now=0)
            with pytest.raises(WorkHeld):
                await ledger.commit([intent(facts, 2, MINE, at=11)])
            released, others = release_holds(url, scope=HoldScope.HOST, subject="pc", owner="per", now=12)
            assert ([one.reason for one in released], others) == (["x"], [])
            await ledger.commit([intent(facts, 2, MINE, at=13)])

    asyncio.run(scenario())


def test_a_pause_is_read_until_the_log_has_told_of_its_end(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            hold = place_hold(url, scope=HoldScope.ALL, subject="", owner="eva", reason=None, until=5, now=0)
            assert await ledger.holds() == [hold]
            await ledger.commit([HoldTold(hold.id, 1, ended=False)])
            assert await ledger.holds() == [replace(hold, told_at=1)]
            await ledger.commit([HoldTold(hold.id, 6, ended=True, expired_at=5)])
            assert await ledger.holds() == []

    asyncio.run(scenario())


def test_a_pause_makes_a_store_where_there_is_none(url):
    hold = place_hold(url, scope=HoldScope.ALL, subject="", owner="eva", reason=None, until=None, now=3)
    reader = Reader.open(url)
    assert reader.holds() == [hold]
    reader.close()


@pytest.mark.sqlite(reason="test_query_plans asks both")
@pytest.mark.parametrize(("bound", "index"), [(Bound.TARGET, "use_target"), (Bound.CAMPAIGN, "use_at")])
def test_uses_are_counted_in_an_index(facts, url, tmp_path, bound, index):
    limit = replace(ONE_A_DAY, bound=bound)
    seen = []

    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.commit([intent(facts, 1, MINE, at=1)])
            connection = await ledger._writer.run(lambda connection: connection.connection.dbapi_connection)
            connection.set_trace_callback(seen.append)
            with pytest.raises(LimitReached):
                await ledger.commit([intent(facts, 2, MINE, at=2, limits=[limit])])
            await ledger._writer.run(lambda _: connection.set_trace_callback(None))

    asyncio.run(scenario())
    (counting,) = [sql for sql in seen if "OFFSET" in sql]
    with sqlite3.connect(tmp_path / "state" / "runner.db") as connection:
        plan = str(connection.execute(f"EXPLAIN QUERY PLAN {counting}").fetchall())
    connection.close()
    assert f"ix_intents_{index}" in plan


@pytest.mark.parametrize("together", [False, True])
def test_a_create_that_needs_another_is_written_once_that_is_completed(facts, url, together):
    clips = replace(facts.planned("clip", "free", script="clip"), needs=(("clip", "warmup"),))

    async def scenario():
        async with facts.ledger(url) as ledger:
            plan = [facts.planned("warmup", script="warmup"), clips]
            await ledger.store_plan("spring", facts.day, "v1", plan, now=1)
            batches = [
                [
                    replace(facts.opened(f"i-{key}", key), use=MINE),
                    facts.changed(key, "planned", "submitting"),
                ]
                for key in ("clip", "free", "warmup")
            ]
            refused = await facts.together(ledger, batches[: 3 if together else 1])
            assert isinstance(refused[0], WorkWaits)
            assert refused[1:] == [None, None][: len(refused) - 1]
            assert (await ledger.assignment("clip")).state == "planned"
            if not together:
                await facts.together(ledger, batches[1:])
            await ledger.commit([facts.changed("warmup", "submitting", "completed")])
            assert await facts.together(ledger, batches[:1]) == [None]
            assert (await ledger.assignment("clip")).state == "submitting"

    asyncio.run(scenario())


def test_a_retry_waits_for_nothing(facts, url):
    clips = replace(facts.planned("clip"), needs=(("clip", "never planned"),))

    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [clips], now=1)
            retry = replace(facts.opened("i1", "clip", act=Act.RETRY), use=MINE)
            assert await facts.together(ledger, [[retry]]) == [None]

    asyncio.run(scenario())
