"""Batches stand or fall alone, whatever they share a transaction with."""

from __future__ import annotations

import asyncio
import copy
import tempfile
from collections import Counter
from itertools import count
from pathlib import Path
from threading import Event as Gate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.event import listen
from support.store import examples, store_in

from runner.adapters.ledger import Ledger
from runner.errors import LedgerConflict, LedgerUnavailable
from runner.model.record import (
    Event,
    IntentClosed,
    IntentOpened,
    Outcome,
    StateChanged,
    TaskBound,
    TaskObserved,
)
from runner.model.state import State


class OneByOne:
    """What a ledger means: changes written one after the other."""

    def __init__(self, keys):
        self.states = dict.fromkeys(keys, (State.PLANNED, None, 0, None, None))
        self.intents = {}
        self.tasks = {}
        self.events = []

    def commit(self, batch):
        before = copy.deepcopy(self.__dict__)
        if all(self._write(change) for change in batch):
            return True
        self.__dict__ = before
        return False

    def _write(self, change):
        match change:
            case StateChanged():
                state, _, *numbers = self.states[change.key]
                new = (change.attempts, change.submitted_at, change.finished_at)
                kept = [old if given is None else given for old, given in zip(numbers, new, strict=True)]
                self.states[change.key] = (change.becomes, change.reason, *kept)
                return state is change.was
            case IntentOpened():
                fresh = change.intent_id not in self.intents
                self.intents[change.intent_id] = Outcome.OPEN
                return fresh
            case IntentClosed():
                found = self.intents.get(change.intent_id)
                self.intents[change.intent_id] = change.outcome
                return found in {Outcome.OPEN, Outcome.UNSETTLED}
            case TaskBound():
                bindings = self.tasks.setdefault(change.task_id, [])
                fresh = not bindings or bindings[-1][1]
                bindings.append((change.key, False))
                return fresh
            case TaskObserved():
                bindings = self.tasks.get(change.task_id)
                if bindings:
                    bindings[-1] = (bindings[-1][0], change.gone)
                return bool(bindings)
            case Event():
                self.events.append(change)
                return True


KEYS, INTENTS, TASKS = ("k1", "k2"), ("i1", "i2"), ("1", "2")
state = st.sampled_from([State.PLANNED, State.SUBMITTING, State.SUBMITTED])
small = st.none() | st.integers(0, 3)
change = st.one_of(
    st.builds(
        StateChanged,
        key=st.sampled_from(KEYS),
        was=state,
        becomes=state,
        reason=st.sampled_from([None, "a limit"]),
        attempts=small,
        submitted_at=small,
        finished_at=small,
    ),
    st.builds(Event, at=st.just(0), name=st.just("a.b"), fields=st.dictionaries(st.just("n"), small)),
    st.tuples(st.just("open"), st.sampled_from(INTENTS)),
    st.tuples(st.just("close"), st.sampled_from(INTENTS), st.sampled_from(list(Outcome)[1:])),
    st.tuples(st.just("bind"), st.sampled_from(TASKS), st.sampled_from(KEYS)),
    st.tuples(st.just("observe"), st.sampled_from(TASKS), st.booleans()),
)


def fact(facts, drawn):
    match drawn:
        case ("open", intent_id):
            return facts.opened(intent_id)
        case ("close", intent_id, outcome):
            return facts.closed(intent_id, outcome)
        case ("bind", task_id, key):
            return facts.bound(task_id, key)
        case ("observe", task_id, gone):
            return facts.observed(task_id, gone=gone)
    return drawn


@settings(max_examples=examples(80), deadline=None)
@given(drawn=st.lists(st.lists(change, min_size=1, max_size=5), min_size=1, max_size=6))
def test_a_group_of_batches_means_the_same_as_one_batch_after_the_other(facts, drawn):
    batches = [[fact(facts, one) for one in batch] for batch in drawn]
    model = OneByOne(KEYS)
    expected = [model.commit(batch) for batch in batches]

    async def scenario(url):
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [facts.planned(*KEYS)], now=0)
            outcomes = await facts.together(ledger, batches)
            assert all(outcome is None or isinstance(outcome, LedgerConflict) for outcome in outcomes)
            assert [outcome is None for outcome in outcomes] == expected
            records = {record.assignment.key: record for record in await ledger.assignments()}
            assert {
                key: (row.state, row.reason, row.attempts, row.submitted_at, row.finished_at)
                for key, row in records.items()
            } == model.states
            stored = [intent for key in KEYS for intent in await ledger.intents(key)]
            assert {intent.intent_id: intent.outcome for intent in stored} == model.intents
            assert Counter(
                (task.task_id, key, task.gone) for key, row in records.items() for task in row.tasks
            ) == Counter((task, *binding) for task, bindings in model.tasks.items() for binding in bindings)
            assert [stored.event for stored in await ledger.events()] == model.events

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(scenario(store_in(Path(folder))))


def test_only_the_guilty_batch_of_a_group_fails(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [facts.planned("k1", "k2")], now=0)
            outcomes = await facts.together(
                ledger,
                [
                    [facts.changed("k1", "planned", "submitting"), Event(1, "first")],
                    [Event(2, "lost"), facts.changed("k2", "running", "completed")],
                    [facts.changed("k1", "submitting", "submitted"), Event(3, "third")],
                    [Event(4, "unwritable", {"what": object()})],
                ],
            )
            assert outcomes[0] is None
            assert isinstance(outcomes[1], LedgerConflict)
            assert outcomes[2] is None
            assert isinstance(outcomes[3], TypeError)
            assert (await ledger.assignment("k1")).state is State.SUBMITTED
            assert (await ledger.assignment("k2")).state is State.PLANNED
            assert [stored.event.name for stored in await ledger.events()] == ["first", "third"]

    asyncio.run(scenario())


def test_a_batch_alone_that_does_not_fit_is_refused_whole(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            with pytest.raises(LedgerConflict, match="not in the state"):
                await ledger.commit([Event(1, "lost"), facts.changed("k1", "planned", "missed")])
            await ledger.commit([facts.opened("i1")])
            with pytest.raises(LedgerConflict, match="there already"):
                await ledger.commit([facts.opened("i1")])
            assert await ledger.events() == []

    asyncio.run(scenario())


def test_what_is_settled_stays_settled(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [facts.planned("k1")], now=0)
            await ledger.commit([facts.opened("i1"), facts.closed("i1", "unsettled", detail="time-out")])
            await ledger.commit([facts.closed("i1", "accepted", detail="found")])
            with pytest.raises(LedgerConflict, match="settled already"):
                await ledger.commit([facts.closed("i1", "refused")])
            (intent,) = await ledger.intents("k1")
            assert (intent.outcome, intent.detail, intent.closed_at) == (Outcome.ACCEPTED, "found", 2)

    asyncio.run(scenario())


def test_an_id_that_a_host_gives_out_again_is_a_new_task(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            plan = [facts.planned("k1", "k2")]
            await ledger.store_plan("spring", facts.day, "v1", plan, now=0)
            await ledger.commit([facts.bound("1", "k1")])
            with pytest.raises(LedgerConflict):
                await ledger.commit([facts.bound("1", "k2")])
            await ledger.commit([facts.observed("1", gone=True), facts.bound("1", "k2")])
            await ledger.commit([facts.observed("1", status=2)])
            (first,), (second,) = [(await ledger.assignment(key)).tasks for key in ("k1", "k2")]
            assert (first.gone, first.status) == (True, 1)
            assert (second.gone, second.status) == (False, 2)

    asyncio.run(scenario())


def test_a_remark_that_a_database_refuses_does_not_lose_the_result(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [facts.planned("k1")], now=0)
            fields = {"key": "k1", "text": "\ud83d", "host": None, "campaign": 7}
            await ledger.commit([facts.bound("1"), Event(1, "task.observed", fields)])
            await ledger.commit([facts.observed("1", remark="half \ud83d, none \0, whole 😀")])
            (task,) = (await ledger.assignment("k1")).tasks
            assert task.remark == "half ?, none \ufffd, whole 😀"
            (stored,) = await ledger.events(key="k1")
            assert stored.event == Event(1, "task.observed", fields)

    asyncio.run(scenario())


def test_cancelling_the_one_who_waits_does_not_lose_the_write(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:

            async def committing():
                await ledger.commit([Event(1, "kept")])

            waiting = asyncio.create_task(committing())
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            assert waiting.cancelled()
            await ledger.commit([Event(2, "next")])
            assert [stored.event.name for stored in await ledger.events()] == ["kept", "next"]

    asyncio.run(scenario())


def test_closing_writes_what_was_handed_over_and_then_takes_no_more(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            commits = [ledger.commit([Event(number, "a.b")]) for number in range(50)]
            await ledger.close()
            assert all(commit.done() for commit in commits)
            with pytest.raises(LedgerUnavailable, match="closed"):
                ledger.commit([Event(50, "a.b")])
        async with facts.ledger(url) as ledger:
            assert await ledger.last_event_id() == 50

    asyncio.run(scenario())


def test_a_loop_that_ended_meanwhile_leaves_the_writer_alive(url):
    gate = Gate()
    ledger = Ledger.open(url, durable=False)

    async def abandon():
        ledger._writer.run(lambda _: gate.wait())
        ledger.commit([Event(1, "kept")])

    asyncio.run(abandon())

    async def look():
        next_one = ledger.commit([Event(2, "next")])
        gate.set()
        await next_one
        names = [stored.event.name for stored in await ledger.events()]
        await ledger.close()
        return names

    assert asyncio.run(look()) == ["kept", "next"]


def test_many_callers_share_few_transactions(facts, url):
    begun = count()

    async def scenario():
        async with facts.ledger(url) as ledger:
            listen(ledger._writer._engine, "commit", lambda _: next(begun))
            batches = [[Event(number, "a.b")] for number in range(1_100)]
            assert await facts.together(ledger, batches) == [None] * 1_100

    asyncio.run(scenario())
    assert next(begun) <= 4


def test_a_host_is_kept_as_it_answered_last(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.commit([facts.host_observed("pc", "unreachable")])
            await ledger.commit([facts.host_observed("pc", "unclear"), facts.host_observed("pc", at=6)])
            await ledger.commit([facts.host_observed("attic", "unlicensed")])
            assert [(host.host, host.state, host.at) for host in await ledger.hosts()] == [
                ("attic", "unlicensed", 5),
                ("pc", "ready", 6),
            ]

    asyncio.run(scenario())
