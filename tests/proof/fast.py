"""The engine for lives of many days: the same code, its threads run inline, its daemon looks around less."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from support.engine import Engine
from support.virtual_threads import PatientLoop

from runner.adapters.ledger import writer as ledger_writer
from runner.app.rhythm import Rhythm
from runner.errors import LedgerUnavailable

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

SLOW = Rhythm(
    heartbeat_seconds=900.0,
    look_seconds=900.0,
    pulse_seconds=360.0,
    wish_seconds=360.0,
    look_anyway_beats=1,
    probe_seconds=900.0,
)


class InlineLoop(PatientLoop):
    """Runs at once what is meant for a thread: on virtual time nothing is gained by waiting for one."""

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        del executor
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - handed to the one who waits
            future.set_exception(error)
        return future


class FastEngine(Engine):
    """An engine whose ledger writes as soon as it is handed something."""

    pace: ClassVar[Rhythm] = SLOW
    """How often a daemon of this class looks around as it starts."""

    def __init__(self, *where: Any, **what: Any) -> None:
        self.rhythm = replace(self.pace)
        """Of this engine alone."""
        super().__init__(*where, **what)

    def look_for_wishes(self, *, every_seconds: float = SLOW.wish_seconds) -> None:
        """Let the daemon look so often from its next look on: as it does outside, or seldom."""
        object.__setattr__(self.rhythm, "wish_seconds", every_seconds)

    def _new_loop(self) -> PatientLoop:
        return InlineLoop()

    def crash(self) -> None:
        """End the daemon between two instructions, also one that could not even start."""
        if self._daemon is not None and self._daemon.done() and not self._daemon.cancelled():
            self._daemon.exception()
        super().crash()

    def _watch_writer(self) -> None:
        writer = self.ledger._writer

        def write(item: Any) -> None:
            self.writes += 1
            strikes = self.writes == self.crash_at_write
            if strikes and not self.crash_after_write:
                self.halt()
                raise LedgerUnavailable("crashed")
            if isinstance(item, ledger_writer._Batch):
                writer._write([item])
            else:
                ledger_writer._settle([item], [writer._done(item)])
            if strikes:
                self.halt()

        writer._hand_over = write
