"""The ledger keeps which row of a content file an assignment has, and who holds one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from runner.errors import LedgerConflict
from runner.model.campaign import Target, TargetKind
from runner.model.content import Row
from runner.model.use import Use

FIRST = Row("clips.csv", 1, 2, {"caption": "Hej å 😀", "note": ""})
SECOND = Row("clips.csv", 2, 3, {"caption": "Hopp", "note": "x"})
USE = Use("spring", "clip", "post", Target("pc", TargetKind.SERIAL, "serial-k1"))


def planned(facts, **rows):
    run = facts.planned(*rows)
    assignments = [
        replace(assignment, row=row) for assignment, row in zip(run.assignments, rows.values(), strict=True)
    ]
    return replace(run, assignments=tuple(assignments))


def test_a_row_is_kept_as_it_is_and_an_edit_gives_another_to_what_is_planned(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [planned(facts, k1=FIRST, k2=None)], now=0)
            assert (await ledger.assignment("k1")).assignment.row == FIRST
            assert (await ledger.assignment("k2")).assignment.row is None
            stored = await ledger.store_plan(
                "spring", facts.day, "v2", [planned(facts, k1=SECOND, k2=None)], now=1
            )
            assert (stored.moved, stored.added) == (1, 0)
            assert (await ledger.assignment("k1")).assignment.row == SECOND

    asyncio.run(scenario())


@pytest.mark.parametrize("outcome", ["accepted", "adopted", "given_up", "refused", "absent", "not_sent"])
@pytest.mark.parametrize("state", ["completed", "cancelled"])
def test_a_row_is_held_by_every_request_that_may_have_had_an_effect(facts, url, outcome, state):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [planned(facts, k1=FIRST)], now=0)
            (held,) = await ledger.held_rows("spring")
            assert (held.key, held.script, held.day, held.planned) == ("k1", "clip", facts.day, True)
            changes = [facts.changed("k1", "planned", "submitting"), facts.opened("i1")]
            await ledger.commit([*changes, facts.changed("k1", "submitting", state)])
            await ledger.commit([facts.closed("i1", outcome)])
            held = await ledger.held_rows("spring")
            expected = [] if outcome in {"refused", "absent", "not_sent"} else [("k1", False, FIRST)]
            assert [(one.key, one.planned, one.row) for one in held] == expected
            assert await ledger.held_rows("autumn") == []

    asyncio.run(scenario())


@pytest.mark.parametrize("state", ["missed", "skipped", "cancelled"])
def test_what_was_never_submitted_holds_no_row(facts, url, state):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [planned(facts, k1=FIRST)], now=0)
            await ledger.commit([facts.changed("k1", "planned", state)])
            assert await ledger.held_rows("spring") == []

    asyncio.run(scenario())


def test_an_intent_whose_row_an_edit_has_taken_is_refused(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.store_plan("spring", facts.day, "v1", [planned(facts, k1=FIRST)], now=0)
            await ledger.store_plan("spring", facts.day, "v2", [planned(facts, k1=SECOND)], now=1)
            stale = replace(facts.opened("i1"), use=USE, row=FIRST)
            with pytest.raises(LedgerConflict, match=r"k1 has another row of clips\.csv by now"):
                await ledger.commit([stale, facts.changed("k1", "planned", "submitting")])
            assert await ledger.intents("k1") == []
            await ledger.commit([replace(stale, row=SECOND), facts.changed("k1", "planned", "submitting")])
            assert len(await ledger.intents("k1")) == 1

    asyncio.run(scenario())


def test_the_texts_of_content_files_are_kept_with_the_version(facts, url):
    contents = {"../clips.csv": "\ufeffcaption\r\nHej å\r\n", "b.yaml": "- {}\n"}

    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.accept_version("c", file="c.yaml", version="1", text="x", now=0, contents=contents)
            await ledger.accept_version("d", file="d.yaml", version="1", text="x", now=0)
            assert [version.contents for version in await ledger.accepted_versions()] == [contents, {}]

    asyncio.run(scenario())
