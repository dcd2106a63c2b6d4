"""What an assignment needs is kept in step with its plan, and keeps it from being due."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.store import examples, store_in

from runner.adapters.ledger.schema import needs
from runner.model.plan import PlannedRun
from runner.model.state import State

KEYS = ("a", "b", "c")
CHANGES = st.sampled_from([State.SUBMITTING, State.COMPLETED, State.CANCELLED, State.SKIPPED])


def due_keys(records):
    return {record.assignment.key for record in records}


def test_only_what_needs_nothing_any_more_is_due(facts, url):
    clips = replace(facts.planned("clip", "late", script="clip"), needs=(("clip", "warm"), ("late", "no")))

    async def scenario():
        async with facts.ledger(url) as ledger:
            plan = [facts.planned("warm", script="warmup"), clips]
            await ledger.store_plan("spring", facts.day, "v1", plan, now=1)
            assert due_keys(await ledger.due("pc", now=facts.opens, limit=9)) == {"warm"}
            for state in ("submitting", "submitted", "failed", "running"):
                was = (await ledger.assignment("warm")).state
                await ledger.commit([facts.changed("warm", was, state)])
                assert due_keys(await ledger.due("pc", now=facts.opens, limit=9)) == set()
            await ledger.commit([facts.changed("warm", "running", "completed")])
            assert due_keys(await ledger.due("pc", now=facts.opens, limit=9)) == {"clip"}
            assert await ledger.states(["warm", "late", "no"]) == {
                "warm": (State.COMPLETED, None),
                "late": (State.PLANNED, None),
            }

    asyncio.run(scenario())


def test_a_run_that_waits_for_nothing_is_stored_as_before_there_was_such_a_thing(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            order = facts.order(after=(("warmup", "08:00-09:00"), ("other", "09:00-10:00")))
            plan = [facts.planned("k1"), facts.planned("k2", script="waits", order=order)]
            await ledger.store_plan("spring", facts.day, "v1", plan, now=1)
            assert (await ledger.assignment("k1")).run.order == facts.order()
            assert (await ledger.assignment("k2")).run.order == order
            with ledger.reader._connection() as connection:
                orders = connection.exec_driver_sql("SELECT order_json FROM runs ORDER BY id").scalars().all()
            assert ["after" in text for text in orders] == [False, True]

    asyncio.run(scenario())


@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(
                st.just("plan"),
                st.sets(st.sampled_from(KEYS)),
                st.sets(st.sampled_from(["x", "y"])),
            ),
            st.tuples(st.just("change"), st.sampled_from(KEYS), CHANGES),
        ),
        max_size=8,
    )
)
def test_after_any_edits_what_is_planned_needs_exactly_what_its_run_says(facts, steps):
    async def scenario(url):
        async with facts.ledger(url) as ledger:
            for version, (what, one, other) in enumerate(steps):
                if what == "plan":
                    order = facts.order(after=tuple((name, "w") for name in sorted(other)))
                    assignments = tuple(facts.assignment(key) for key in sorted(one))
                    pairs = tuple((key, f"{name} {key}") for key in sorted(one) for name in sorted(other))
                    plan = [PlannedRun(facts.run(order=order), assignments, pairs)] if one else []
                    await ledger.store_plan("spring", facts.day, f"v{version}", plan, now=version)
                elif (await ledger.states([one])).get(one, (None,))[0] is State.PLANNED:
                    await ledger.commit([facts.changed(one, "planned", other)])
            with ledger.reader._connection() as connection:
                found = {tuple(row) for row in connection.execute(needs.select())}
            for record in await ledger.assignments(state=State.PLANNED):
                key = record.assignment.key
                wanted = {(key, f"{name} {key}") for name, _ in record.run.order.after}
                assert {pair for pair in found if pair[0] == key} == wanted

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(scenario(store_in(Path(folder))))
