"""Whoever stops waiting for a write stops neither the write nor its line in the log."""

from __future__ import annotations

import asyncio

from support.store import store_in

from runner.adapters.ledger import Ledger
from runner.app.journal import Journal, event


class Lines:
    """A log that keeps the names of its lines."""

    def __init__(self):
        self.names = []

    def write(self, told):
        self.names.append(told.name)

    def failure(self, what, error):
        raise AssertionError(what) from error


def test_what_is_on_disk_is_in_the_log_although_the_one_who_recorded_it_was_cancelled(tmp_path):
    async def cut_off():
        ledger = Ledger.open(store_in(tmp_path, "runner.db"))
        lines = Lines()
        journal = Journal(ledger, lines)
        recording = asyncio.create_task(journal.record([event("daemon.started", at=1)]))
        await asyncio.sleep(0)
        recording.cancel()
        await asyncio.gather(recording, return_exceptions=True)
        await journal.settled()
        stored = [one.event.name for one in await ledger.events()]
        await ledger.close()
        return recording.cancelled(), stored, lines.names

    assert asyncio.run(cut_off()) == (True, ["daemon.started"], ["daemon.started"])
