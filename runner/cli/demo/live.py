"""Show the demo while it works, read from the ledger as any command would."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from runner.adapters.ledger import Reader
from runner.cli.output import say
from runner.cli.tables import counts_in_words
from runner.errors import LedgerUnavailable, RunnerError
from runner.model.state import TERMINAL, State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runner.model.record import AssignmentRecord

LOOK_SECONDS = 0.25


def watch(store: str, *, seconds: float, alive: Callable[[], bool]) -> list[AssignmentRecord]:
    """Show progress until all of today's assignments have ended, and return them.

    Raises:
        RunnerError: the daemon ended early, or not all has ended after so many seconds.
    """
    until = time.monotonic() + seconds
    reader = _open(store, until=until, alive=alive)
    try:
        show = _Bar() if sys.stdout.isatty() else _Lines()
        with show:
            while True:
                records = reader.assignments(day=None)
                records = [record for record in records if record.run.day == records[0].run.day]
                show.update(records)
                if records and all(map(_has_ended, records)):
                    return records
                _still(until, alive)
                time.sleep(LOOK_SECONDS)
    finally:
        reader.close()


def _open(store: str, *, until: float, alive: Callable[[], bool]) -> Reader:
    while True:
        try:
            return Reader.open(store)
        except LedgerUnavailable:
            _still(until, alive)
            time.sleep(LOOK_SECONDS)


def _still(until: float, alive: Callable[[], bool]) -> None:
    if not alive():
        raise RunnerError("the daemon has ended; see daemon.log in the demo's folder")
    if time.monotonic() > until:
        raise RunnerError("the demo takes longer than expected; see daemon.log in its folder")


class _Bar:
    """A bar that grows as assignments end, for a terminal."""

    def __init__(self) -> None:
        self._bar: Any = click.progressbar(
            length=1,
            label="Assignments",
            show_eta=False,
            show_percent=False,
            show_pos=True,
            item_show_func=lambda counts: counts_in_words(counts) if counts else "the daemon starts",
        )

    def __enter__(self) -> None:
        self._bar.__enter__()

    def __exit__(self, *_: object) -> None:
        self._bar.render_finish()

    def update(self, records: Sequence[AssignmentRecord]) -> None:
        counts = _counts(records)
        ended = sum(map(_has_ended, records))
        self._bar.length = counts.total() or 1
        self._bar.update(ended - self._bar.pos, counts)


class _Lines:
    """A line whenever something has changed, for a file or a pipe."""

    def __init__(self) -> None:
        self._last = ""

    def __enter__(self) -> None:
        return

    def __exit__(self, *_: object) -> None:
        return

    def update(self, records: Sequence[AssignmentRecord]) -> None:
        now = counts_in_words(_counts(records))
        if now and now != self._last:
            self._last = now
            say(f"  {now}")


def _has_ended(record: AssignmentRecord) -> bool:
    """Tell whether nothing more comes of an assignment; the demo's windows stay open for all re-tries."""
    retry = record.run.order.retry
    tried_again = retry is None or record.attempts > retry.attempts
    return record.state in TERMINAL and (record.state is not State.FAILED or tried_again)


def _counts(records: Sequence[AssignmentRecord]) -> Counter[State]:
    return Counter(record.state for record in records)
