"""Obey the file that stops everything, whatever the store does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.adapters.stop_file import read_stop_file
from runner.app.journal import event
from runner.core.pauses import STOP_FILE_OWNER, stop_file_hold
from runner.errors import LedgerUnavailable
from runner.model.halt import Depth, Halt, HaltScope

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from runner.adapters.ledger import Ledger
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.app.restraints import Restraints
    from runner.model.instant import Instant


class StopFileWatch:
    """Looks whether the file is there, and holds everything back while it is.

    Withdrawing and stopping needs the store, which knows what is ours: where that does not work, it is done
    as soon as it does.
    """

    def __init__(
        self,
        path: Path,
        restraints: Restraints,
        *,
        ledger: Ledger,
        journal: Journal,
        sessions: Collection[HostSession],
    ) -> None:
        self._path = path
        self._restraints = restraints
        self._ledger = ledger
        self._journal = journal
        self._sessions = sessions
        self._found: Depth | None = None
        self._owed: Halt | None = None
        """What is to be withdrawn or stopped, and is not in the store yet."""

    async def look(self, *, now: Instant) -> None:
        """Look once; costs a microsecond or so where there is no file."""
        found = read_stop_file(self._path)
        if found is not self._found:
            self._notice(found, now=now)
        if self._owed is not None:
            try:
                await self._ledger.give_halt(self._owed)
            except LedgerUnavailable as error:
                self._journal.failure("stop file", error)
                return
            self._owed = None

    def _notice(self, found: Depth | None, *, now: Instant) -> None:
        before, self._found = self._found, found
        self._owed = None
        if found is None:
            self._end(now=now)
            return
        if before is None:
            self._restraints.stop_file = stop_file_hold(now)
        self._journal.note([event("stop_file.found", at=now, file=str(self._path), depth=found.value)])
        if found is not Depth.SUBMIT:
            # What is planned stays so: once the file is gone, what is in its window still goes.
            self._owed = Halt(0, now, STOP_FILE_OWNER, None, found, HaltScope.ALL, "", keeps_planned=True)

    def _end(self, *, now: Instant) -> None:
        held = self._restraints.stop_file
        self._restraints.stop_file = None
        self._journal.note([event("stop_file.gone", at=now, file=str(self._path))])
        for session in self._sessions:
            if held is not None:
                session.lose(held.placed_at)
            session.due.set()
