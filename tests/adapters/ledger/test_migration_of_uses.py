"""What was submitted before an upgrade counts after it."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace

import pytest
from alembic import command
from alembic.config import Config

from runner.adapters.ledger.dialect import database_url, writing_engine
from runner.core.limits import reservations
from runner.errors import LimitReached
from runner.model.campaign import Target, TargetKind
from runner.model.limit import Bound, Limit, Period
from runner.model.use import Use

RUN = (
    "INSERT INTO runs VALUES (1, 'spring', 'clip', 'post', '1970-01-01', '00:00-24:00', 'UTC', 0,"
    " 86400000000, 'v1', '{}')"
)
ASSIGNMENT = (
    "INSERT INTO assignments (key, run_id, host, kind, target, grp, idx, due, state, attempts)"
    " VALUES ('k1', 1, 'pc', 'serial', 'S1', 'g', 0, 5, 'submitted', 1)"
)
INTENT = (
    "INSERT INTO intents (intent_id, key, host, act, attempt, body, body_sha256, at, outcome)"
    " VALUES ('i{0}', 'k1', 'pc', '{1}', 1, '{{}}', '', 7, 'accepted')"
)
TASK = (
    "INSERT INTO tasks (host, task_id, epoch, key, intent_id, bound_at, gone, observed_at)"
    " VALUES ('pc', '9', 0, 'k1', 'i1', 7, 0, 7)"
)
ORDER = (
    """'{"script_config":{},"enable_multi_account":null,"min_interval":null,"max_interval":null,"""
    """"expected_tasks":1,"retry":null,"at_close":"leave","on_unsettled":"hold"}'"""
)
EVENT = "INSERT INTO events (at, name, key, fields) VALUES (7, 'a.b', 'k1', '{}')"


def store_of_revision(tmp_path, revision):
    url = database_url(f"sqlite:///{tmp_path}/runner.db")
    config = Config()
    config.set_main_option("script_location", "runner.adapters.ledger:migrations")
    config.set_main_option("path_separator", "os")
    with writing_engine(url, busy_timeout_seconds=1, create=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@pytest.mark.parametrize("bound", Bound)
def test_what_was_submitted_before_the_upgrade_counts(facts, tmp_path, bound):
    store_of_revision(tmp_path, "0001")
    connection = sqlite3.connect(tmp_path / "runner.db")
    for statement in (RUN, ASSIGNMENT, INTENT.format(1, "create"), INTENT.format(2, "delete")):
        connection.execute(statement)
    connection.commit()
    connection.close()
    use = Use("spring", "clip", "post", Target("pc", TargetKind.SERIAL, "S1"))
    limit = Limit(bound, Period.DAY, 1, 0, "UTC", "spring", "spring.yaml", "x: 1")

    async def scenario():
        async with facts.ledger(f"sqlite:///{tmp_path}/runner.db") as ledger:
            opened = facts.opened("i3", at=9)
            places = reservations([limit], use=use, now=9)
            with pytest.raises(LimitReached):
                await ledger.commit([replace(opened, use=use, reservations=places)])

    asyncio.run(scenario())


def test_what_belonged_to_an_assignment_before_the_upgrade_is_found_after_it(facts, tmp_path):
    store_of_revision(tmp_path, "0007")
    connection = sqlite3.connect(tmp_path / "runner.db")
    run = RUN.replace("'{}'", ORDER)
    for statement in (run, ASSIGNMENT, INTENT.format(1, "create"), INTENT.format(2, "delete"), TASK, EVENT):
        connection.execute(statement)
    connection.commit()
    connection.close()

    async def scenario():
        async with facts.ledger(f"sqlite:///{tmp_path}/runner.db") as ledger:
            assert [intent.intent_id for intent in await ledger.intents("k1")] == ["i1", "i2"]
            (task,) = (await ledger.assignment("k1")).tasks
            assert task.task_id == "9"
            (told,) = await ledger.events(key="k1")
            assert told.event.name == "a.b"

    asyncio.run(scenario())
