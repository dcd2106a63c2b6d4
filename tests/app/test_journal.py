"""What has happened is on disk before it is told, in the order in which it was handed over."""

from __future__ import annotations

import asyncio

import pytest
from support.store import store_in

from runner.adapters.ledger import Ledger
from runner.app import journal as journal_module
from runner.app.journal import Journal, event
from runner.errors import LedgerConflict, LedgerUnavailable
from runner.model.record import StateChanged
from runner.model.state import State


class Lines:
    """A log that keeps what it is told."""

    def __init__(self):
        self.names = []
        self.failures = []

    def write(self, told):
        self.names.append(told.name)

    def failure(self, what, error):
        self.failures.append((what, type(error)))

    def store_unavailable(self, reason):
        self.failures.append(reason)

    def store_available(self):
        self.failures.append("available")


NOBODYS = StateChanged("no-such-key", State.PLANNED, State.SUBMITTING)
READY, UNCLEAR = event("host.ready", at=1), event("host.unclear", at=2)


@pytest.fixture
def lines():
    return Lines()


@pytest.fixture
def kept(tmp_path, lines):
    """Run a coroutine function with a journal on a real ledger; return what the ledger holds then."""

    def run(work):
        async def with_journal():
            ledger = Ledger.open(store_in(tmp_path, "runner.db"), durable=False)
            try:
                await work(Journal(ledger, lines), ledger)
                return [stored.event.name for stored in await ledger.events()]
            finally:
                await ledger.close()

        return asyncio.run(with_journal())

    return run


def test_what_is_noted_comes_before_what_is_recorded_after_it(kept, lines):
    async def work(journal, _ledger):
        journal.note([READY])
        await journal.record([UNCLEAR])
        await journal.settled()

    assert kept(work) == lines.names == ["host.ready", "host.unclear"]


def test_a_conflict_is_the_answer_to_whoever_noted_it_and_nothing_is_told(kept, lines):
    async def work(journal, _ledger):
        noted = journal.note([NOBODYS, READY])
        await journal.settled()
        assert isinstance(noted.exception(), LedgerConflict)

    assert kept(work) == lines.names == lines.failures == []


def test_what_cannot_be_written_by_mistake_is_told_as_an_error_of_ours(kept, lines):
    async def work(journal, _ledger):
        noted = journal.note([object()])
        await journal.settled()
        assert noted.exception() is not None

    assert kept(work) == []
    assert lines.failures == [("journal", KeyError)]


def test_what_was_noted_is_written_although_nobody_waits_any_more(kept, lines):
    async def work(journal, ledger):
        journal.note([READY]).cancel()
        await ledger.commit([])
        assert lines.names == ["host.ready"]

    assert kept(work) == ["host.ready"]


@pytest.mark.parametrize("at_once", [True, False], ids=["refused at once", "refused later"])
def test_a_store_that_cannot_be_written_now_is_tried_until_it_can(kept, lines, monkeypatch, at_once):
    monkeypatch.setattr(journal_module, "AGAIN_SECONDS", 0)

    async def work(journal, ledger):
        commit, refusals = ledger.commit, [LedgerUnavailable("full"), LedgerUnavailable("full")]

        def full_for_a_while(changes):
            if not refusals:
                return commit(changes)
            error = refusals.pop()
            if at_once:
                raise error
            written = asyncio.get_running_loop().create_future()
            written.set_exception(error)
            return written

        monkeypatch.setattr(ledger, "commit", full_for_a_while)
        noted = journal.note([READY])
        await journal.settled()
        assert noted.result() is None

    assert kept(work) == lines.names == ["host.ready"]
    # Told once, and its end, too.
    assert lines.failures == ["full", "available"]
