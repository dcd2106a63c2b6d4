"""A new plan replaces what is still planned, and nothing else."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.store import examples, store_in

from runner.adapters.ledger import PlanStored
from runner.errors import LedgerConflict
from runner.model.campaign import AtClose
from runner.model.plan import PlannedRun
from runner.model.record import StateChanged
from runner.model.state import State


def test_a_plan_comes_back_as_it_went_in(facts, url):
    plan = [
        facts.planned("k1", "k2", dues={"k2": facts.opens + 5}),
        facts.planned("k3", script="other", order=facts.order(retry=None, max_interval=None)),
    ]

    async def scenario():
        async with facts.ledger(url) as ledger:
            stored = await ledger.store_plan("spring", facts.day, "v1", iter(plan), now=0)
            assert stored == PlanStored(added=3)
            records = {record.assignment.key: record for record in await ledger.assignments(day=facts.day)}
            for planned in plan:
                for assignment in planned.assignments:
                    assert records[assignment.key].assignment == assignment
                    assert records[assignment.key].run == planned.run

    asyncio.run(scenario())


def test_a_day_that_is_planned_in_this_version_is_not_even_read(facts, url):
    def unread():
        raise AssertionError
        yield

    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [facts.planned("k1")], now=0)
            stored = await ledger.store_plan("spring", facts.day, "v1", unread(), now=1)
            assert stored == PlanStored(unchanged=True)

    asyncio.run(scenario())


def test_what_was_submitted_keeps_its_order_and_the_rest_gets_the_new_one(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [facts.planned("k1", "k2")], now=0)
            await ledger.commit([facts.changed("k1", "planned", "submitting")])
            edited = facts.planned("k1", "k2", version="v2", order=facts.order(at_close=AtClose.LEAVE))
            stored = await ledger.store_plan("spring", facts.day, "v2", [edited], now=1)
            assert stored == PlanStored(moved=1)
            first, second = await ledger.assignments()
            assert (first.run.version, first.run.order.at_close) == ("v1", AtClose.STOP)
            assert (second.run.version, second.run.order.at_close) == ("v2", AtClose.LEAVE)
            (run,) = await ledger.runs(day=facts.day, campaign="spring")
            assert run.run.version == "v2"
            assert run.counts == {State.SUBMITTING: 1, State.PLANNED: 1}

    asyncio.run(scenario())


def test_an_edit_that_changes_nothing_of_a_run_moves_nothing(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [facts.planned("k1")], now=0)
            same = [facts.planned("k1", version="v2")]
            assert await ledger.store_plan("spring", facts.day, "v2", same, now=1) == PlanStored()

    asyncio.run(scenario())


def test_an_edit_that_is_taken_back_brings_back_what_it_cancelled(facts, url):
    both = [facts.planned("k1", "k2"), facts.planned("k3", script="other")]

    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", both, now=0)
            await ledger.commit([facts.changed("k2", "planned", "cancelled", reason="by a person")])
            stored = await ledger.store_plan("spring", facts.day, "v2", [], now=7)
            assert stored == PlanStored(removed=2)
            gone = await ledger.assignment("k1")
            assert (gone.state, gone.reason, gone.finished_at) == (
                State.CANCELLED,
                "edit: not in version v2",
                7,
            )
            assert await ledger.store_plan("spring", facts.day, "v1", both, now=8) == PlanStored(restored=2)
            back = await ledger.assignment("k1")
            assert (back.state, back.reason, back.finished_at) == (State.PLANNED, None, None)
            assert (await ledger.assignment("k2")).reason == "by a person"

    asyncio.run(scenario())


def test_a_file_that_is_gone_withdraws_its_plan_until_it_comes_back_as_it_was(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            for campaign, key in (("spring", "k1"), ("autumn", "k2")):
                plan = [facts.planned(key, campaign=campaign)]
                await ledger.store_plan(campaign, facts.day, "v1", plan, now=0)
            assert await ledger.withdraw_plan("spring", reason="file is gone", now=1) == 1
            assert (await ledger.assignment("k1")).reason == "edit: file is gone"
            assert (await ledger.assignment("k2")).state is State.PLANNED
            stored = await ledger.store_plan("spring", facts.day, "v1", [facts.planned("k1")], now=2)
            assert stored == PlanStored(restored=1)

    asyncio.run(scenario())


def test_a_plan_that_fails_half_way_leaves_nothing_behind(facts, url):
    def failing():
        yield facts.planned("k1")
        raise ZeroDivisionError

    async def scenario():
        async with facts.ledger(url) as ledger:
            with pytest.raises(ZeroDivisionError):
                await ledger.store_plan("spring", facts.day, "v1", failing(), now=0)
            assert await ledger.assignments() == []
            twice = [facts.planned("k1"), facts.planned("k1", script="other")]
            with pytest.raises(LedgerConflict):
                await ledger.store_plan("spring", facts.day, "v1", twice, now=0)
            assert await ledger.runs() == []
            stored = await ledger.store_plan("spring", facts.day, "v1", [facts.planned("k1")], now=0)
            assert stored == PlanStored(added=1)

    asyncio.run(scenario())


def test_other_days_and_campaigns_are_left_alone(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            tomorrow = date(2026, 12, 2)
            await ledger.store_plan("spring", facts.day, "v1", [facts.planned("k1")], now=0)
            await ledger.store_plan("spring", tomorrow, "v1", [facts.planned("k2", day=tomorrow)], now=0)
            other = [facts.planned("k3", campaign="autumn")]
            await ledger.store_plan("autumn", facts.day, "v1", other, now=0)
            await ledger.store_plan("spring", facts.day, "v2", [], now=1)
            states = {record.assignment.key: record.state for record in await ledger.assignments()}
            assert states == {"k1": State.CANCELLED, "k2": State.PLANNED, "k3": State.PLANNED}

    asyncio.run(scenario())


def test_a_plan_larger_than_a_piece_is_stored_whole(facts, url):
    keys = [hashlib.sha256(b"%d" % number).hexdigest()[:16] for number in range(4_001)]

    async def scenario():
        async with facts.ledger(url) as ledger:
            plan = [facts.planned(*keys)]
            assert (await ledger.store_plan("spring", facts.day, "v1", plan, now=0)).added == 4_001
            none = [facts.planned()]
            assert (await ledger.store_plan("spring", facts.day, "v2", none, now=0)).removed == 4_001
            assert (await ledger.store_plan("spring", facts.day, "v1", plan, now=0)).restored == 4_001
            assert len(await ledger.assignments(state=State.PLANNED)) == 4_001

    asyncio.run(scenario())


SCRIPTS = ("clip", "other")
plan_of_keys = st.dictionaries(
    st.tuples(st.sampled_from(SCRIPTS), st.integers(0, 3)), st.integers(0, 2), max_size=8
)
step = st.one_of(
    st.tuples(st.just("plan"), plan_of_keys, st.integers(0, 2)),
    st.tuples(st.just("withdraw")),
    st.tuples(
        st.just("change"),
        st.sampled_from(SCRIPTS),
        st.integers(0, 3),
        st.sampled_from([State.SUBMITTING, State.COMPLETED, State.CANCELLED, State.MISSED]),
    ),
)


def key_of(script, number):
    return f"{script}{number}"


class Rows:
    """What a ledger should hold: by key its state, due instant, order and whether an edit cancelled it."""

    def __init__(self):
        self.rows = {}

    def plan(self, wanted, order):
        counts = dict.fromkeys(("added", "moved", "removed", "restored"), 0)
        for key in self.rows.keys() | wanted.keys():
            state, *place, edited = self.rows.get(key, (None, None, None, False))
            now = [wanted.get(key), order]
            if state is None:
                counts["added"] += 1
            elif state is State.PLANNED and key not in wanted:
                counts["removed"] += 1
                self.rows[key] = (State.CANCELLED, *place, True)
                continue
            elif state is State.PLANNED and place != now:
                counts["moved"] += 1
            elif edited and key in wanted:
                counts["restored"] += 1
            else:
                continue
            self.rows[key] = (State.PLANNED, *now, False)
        return PlanStored(**counts)

    def withdraw(self):
        for key, (state, *place, _) in self.rows.items():
            if state is State.PLANNED:
                self.rows[key] = (State.CANCELLED, *place, True)


@settings(max_examples=examples(60), deadline=None)
@given(steps=st.lists(step, max_size=8))
def test_any_order_of_edits_and_progress_keeps_plan_and_history_apart(facts, steps):
    rows = Rows()

    def plan(wanted, order):
        for script in SCRIPTS:
            numbers = sorted(number for of, number in wanted if of == script)
            if numbers:
                yield PlannedRun(
                    facts.run(script=script, order=facts.order(min_interval=order)),
                    tuple(
                        facts.assignment(key_of(script, number), due=wanted[script, number], index=number)
                        for number in numbers
                    ),
                )

    async def scenario(url):
        async with facts.ledger(url) as ledger:
            for version, taken in enumerate(steps):
                match taken:
                    case ("plan", wanted, order):
                        stored = await ledger.store_plan(
                            "spring", facts.day, f"v{version}", plan(wanted, order), now=version
                        )
                        by_key = {key_of(*which): due for which, due in wanted.items()}
                        assert stored == rows.plan(by_key, order)
                    case ("withdraw",):
                        await ledger.withdraw_plan("spring", reason="gone", now=version)
                        rows.withdraw()
                    case ("change", script, number, becomes):
                        key = key_of(script, number)
                        if rows.rows.get(key, (None,))[0] is State.PLANNED:
                            await ledger.commit([StateChanged(key, State.PLANNED, becomes)])
                            rows.rows[key] = (becomes, *rows.rows[key][1:3], False)
            records = await ledger.assignments()
        found = {
            record.assignment.key: (
                record.state,
                record.assignment.due,
                record.run.order.min_interval,
                (record.reason or "").startswith("edit: "),
            )
            for record in records
        }
        assert found == rows.rows

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(scenario(store_in(Path(folder))))
