"""What settling keeps in the ledger: snapshots, echoes, numbers of tasks that start again, postponements."""

from __future__ import annotations

import asyncio

import pytest

from runner.errors import LedgerConflict
from runner.model.record import Act, EchoRecord, EchoSeen, IntentOpened, Postponed, Snapshot
from runner.model.state import State


@pytest.fixture
def planned(facts, url):
    """Run a scenario on a ledger in which k1, k2 and k3 are planned."""

    def run(scenario):
        async def planned_first():
            async with facts.ledger(url) as ledger:
                plan = [facts.planned("k1", "k2", "k3")]
                await ledger.store_plan("spring", facts.day, "v1", plan, now=0)
                await scenario(ledger)

        asyncio.run(planned_first())

    return run


def keys_of(records):
    return [record.assignment.key for record in records]


def test_what_is_postponed_is_not_due_before_and_its_due_instant_stays(facts, planned):
    async def scenario(ledger):
        until = facts.opens + 60
        await ledger.commit([facts.changed("k3", "planned", "submitting")])
        await ledger.commit([Postponed("k1", until), Postponed("k3", until), Postponed("nobody", until)])
        assert keys_of(await ledger.due("pc", now=facts.opens, limit=9)) == ["k2"]
        assert keys_of(await ledger.due("pc", now=until, limit=9)) == ["k2", "k1"]
        assert await ledger.next_due(hosts=["pc"], after=facts.opens) == {"pc": until}
        assert (await ledger.assignment("k1")).assignment.due == facts.opens
        await ledger.commit([facts.changed("k3", "submitting", "planned")])
        assert keys_of(await ledger.due("pc", now=facts.opens, limit=9)) == ["k2", "k3"]

    planned(scenario)


def test_echoes_add_up_by_host_and_script(planned):
    async def scenario(ledger):
        assert await ledger.echoes("pc") == []
        seen = [EchoSeen("pc", "post", faithful=faithful, at=1) for faithful in (True, True, False)]
        await ledger.commit([*seen, EchoSeen("attic", "post", faithful=True, at=2)])
        await ledger.commit([EchoSeen("pc", "post", faithful=True, at=3)])
        await ledger.commit([EchoSeen("pc", "follow", faithful=True, at=3)])
        found = {echo.script_name: echo for echo in await ledger.echoes("pc")}
        assert found == {
            "post": EchoRecord("pc", "post", faithful=3, altered=1),
            "follow": EchoRecord("pc", "follow", faithful=1, altered=0),
        }

    planned(scenario)


@pytest.mark.parametrize(
    "snapshot", [None, Snapshot(frozenset(), None), Snapshot(frozenset({"9", "10", 'é"'}), "10")]
)
def test_a_snapshot_comes_back_as_it_was_kept(planned, snapshot):
    async def scenario(ledger):
        intent = IntentOpened("i1", "k1", "pc", Act.CREATE, 1, "{}", "0" * 64, 1, snapshot)
        await ledger.commit([intent])
        (found,) = await ledger.open_intents()
        assert found.snapshot == snapshot

    planned(scenario)


def test_the_owners_of_tasks_are_found_but_for_tasks_that_are_gone(facts, planned):
    async def scenario(ledger):
        await ledger.commit([facts.bound("1", "k1"), facts.bound("2", "k1"), facts.bound("3", "k2")])
        await ledger.commit([facts.bound("1", "k3", host="attic"), facts.observed("2", gone=True)])
        many = [str(number) for number in range(2_500)]
        found = await ledger.bound_tasks("pc", many)
        assert {task_id: record.assignment.key for task_id, record in found.items()} == {"1": "k1", "3": "k2"}
        assert [task.task_id for task in found["1"].tasks] == ["1", "2"]
        assert (await ledger.bound_tasks("attic", ["1"])).keys() == {"1"}
        assert await ledger.bound_tasks("pc", []) == {}

    planned(scenario)


def test_the_newest_tasks_are_those_bound_last_that_are_there(facts, planned):
    async def scenario(ledger):
        assert await ledger.newest_tasks("pc", limit=3) == []
        await ledger.commit([facts.bound(str(at), "k1", at=at) for at in (5, 7, 6, 8)])
        await ledger.commit([facts.bound("99", "k2", host="attic", at=9), facts.observed("8", gone=True)])
        assert await ledger.newest_tasks("pc", limit=2) == ["7", "6"]
        assert await ledger.newest_tasks("pc", limit=9) == ["7", "6", "5"]
        assert await ledger.newest_tasks("pc", limit=9, not_after="6") == ["6", "5"]
        assert await ledger.newest_tasks("pc", limit=9, not_after="8") == ["7", "6", "5"]
        assert await ledger.newest_tasks("pc", limit=9, not_after="never") == []
        # Its number came again: only what was bound before its first task surely was there before.
        await ledger.commit([facts.bound("8", "k3", at=20)])
        assert await ledger.newest_tasks("pc", limit=9, not_after="8") == ["7", "6", "5"]

    planned(scenario)


def test_what_has_ended_on_a_cleared_host_gives_up_its_numbers_and_keeps_its_result(facts, planned):
    async def scenario(ledger):
        for key, becomes, task_id in (("k1", "completed", "1"), ("k2", "running", "2")):
            await ledger.commit(
                [
                    facts.changed(key, "planned", "submitting"),
                    facts.changed(key, "submitting", becomes),
                    facts.bound(task_id, key),
                    facts.bound(task_id, key, host="attic"),
                ]
            )
        with pytest.raises(LedgerConflict):
            await ledger.commit([facts.bound("1", "k3", at=9)])
        assert await ledger.forget_numbers("pc") == 1
        assert await ledger.forget_numbers("pc") == 0
        await ledger.commit([facts.bound("1", "k3", at=9), facts.observed("1", status=1, at=10)])
        for taken in (("1", "pc"), ("2", "pc"), ("1", "attic")):
            with pytest.raises(LedgerConflict):
                await ledger.commit([facts.bound(taken[0], "k3", host=taken[1])])
        old, new = await ledger.assignment("k1"), await ledger.assignment("k3")
        assert old.state is State.COMPLETED
        assert [(task.gone, task.status) for task in old.tasks] == [(True, None), (False, None)]
        assert [(task.gone, task.status) for task in new.tasks] == [(False, 1)]

    planned(scenario)


def test_what_is_in_doubt_is_submitting_and_found_until_it_is_settled(facts, planned):
    async def scenario(ledger):
        await ledger.commit([facts.changed("k1", "planned", "submitting"), facts.opened("i1")])
        assert keys_of(await ledger.submitting("pc")) == ["k1"]
        assert await ledger.submitting("attic") == []
        await ledger.commit([facts.closed("i1", "unsettled")])
        assert [intent.intent_id for intent in await ledger.open_intents()] == ["i1"]
        for outcome in ("adopted", "unsettled"):
            change = facts.closed("i1", outcome, at=5)
            if outcome == "adopted":
                await ledger.commit([change, facts.changed("k1", "submitting", "submitted")])
            else:
                with pytest.raises(LedgerConflict):
                    await ledger.commit([change])
        assert await ledger.open_intents() == []
        assert await ledger.submitting("pc") == []

    planned(scenario)
