"""Facts to put into a ledger, made short."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import date, timedelta
from threading import Event as Gate

import pytest
from support.store import store_in

from runner.adapters.ledger import Ledger
from runner.model.campaign import AtClose, OnUnsettled, Retry, Target, TargetKind
from runner.model.instant import SECOND
from runner.model.plan import Assignment, Order, PlannedRun, Run
from runner.model.record import (
    Act,
    HostObserved,
    HostState,
    IntentClosed,
    IntentOpened,
    Outcome,
    StateChanged,
    TaskBound,
    TaskObserved,
)
from runner.model.state import State
from runner.model.tikmatrix import TaskStatus

DAY = date(2026, 12, 1)
OPENS = 1_796_115_600 * SECOND
CLOSES = OPENS + 7_200 * SECOND


class Facts:
    """Makes facts from what matters to a test."""

    day = DAY
    opens = OPENS
    closes = CLOSES

    @staticmethod
    def order(**changes):
        given = {
            "script_name": "post",
            "script_config": {"captions": "Hej å 😀", "material_list": ["C:/${date}.mp4"]},
            "enable_multi_account": False,
            "min_interval": None,
            "max_interval": 3,
            "expected_tasks": 1,
            "retry": Retry(2, timedelta(minutes=5)),
            "at_close": AtClose.STOP,
            "on_unsettled": OnUnsettled.HOLD,
        }
        return Order(**given | changes)

    def run(self, **changes):
        given = {
            "campaign": "spring",
            "script": "clip",
            "day": DAY,
            "window": "09:00-11:00",
            "timezone": "Europe/Stockholm",
            "opens": OPENS,
            "closes": CLOSES,
            "version": "v1",
            "order": self.order(),
        }
        return Run(**given | changes)

    @staticmethod
    def assignment(key, *, due=OPENS, host="pc", index=0, group="studio"):
        return Assignment(key, Target(host, TargetKind.SERIAL, f"serial-{key}"), group, index, due)

    def planned(self, *keys, dues=None, host="pc", **run):
        assignments = tuple(
            self.assignment(key, due=(dues or {}).get(key, OPENS), host=host, index=index)
            for index, key in enumerate(keys)
        )
        return PlannedRun(self.run(**run), assignments)

    @staticmethod
    def changed(key, was, becomes, **more):
        return StateChanged(key, State(was), State(becomes), **more)

    @staticmethod
    def opened(intent_id, key="k1", *, host="pc", at=1, body="{}", act=Act.CREATE):
        return IntentOpened(intent_id, key, host, act, 1, body, "0" * 64, at)

    @staticmethod
    def closed(intent_id, outcome="accepted", *, detail=None, at=2):
        return IntentClosed(intent_id, Outcome(outcome), detail, at)

    @staticmethod
    def bound(task_id, key="k1", *, host="pc", intent_id="i1", at=3):
        return TaskBound(host, task_id, key, intent_id, at)

    @staticmethod
    def observed(task_id, *, host="pc", status=1, gone=False, remark=None, at=4):
        return TaskObserved(
            host, task_id, TaskStatus(status), gone, remark, 0, "2026-12-01 09:00:00", None, at
        )

    @staticmethod
    def host_observed(host="pc", state="ready", *, at=5):
        return HostObserved(host, HostState(state), None, "pro", 20, at)

    @staticmethod
    @asynccontextmanager
    async def ledger(url, **options):
        options = {"durable": False, "busy_timeout_seconds": 0.1} | options
        ledger = Ledger.open(url, **options)
        try:
            yield ledger
        finally:
            await ledger.close()

    @staticmethod
    async def together(ledger, batches):
        """Commit batches that surely all wait at the same moment; return their errors, None where written."""
        gate = Gate()
        held = ledger._writer.run(lambda _: gate.wait())
        commits = [ledger.commit(batch) for batch in batches]
        gate.set()
        await held
        outcomes = []
        for commit in commits:
            try:
                outcomes.append(await commit)
            except Exception as error:  # noqa: BLE001 - the test looks at it
                outcomes.append(error)
        return outcomes


@pytest.fixture(scope="session")
def facts():
    return Facts()


@pytest.fixture
def url(tmp_path):
    return store_in(tmp_path)
