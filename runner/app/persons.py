"""All that persons ask a running daemon for, put together: through the store, and by the file STOP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.adapters.stop_file import stop_file_path
from runner.app.decisions import DecisionWatch
from runner.app.halts import HaltWatch
from runner.app.holds import HoldWatch
from runner.app.reload_watch import ReloadWatch
from runner.app.rhythm import next_turn
from runner.app.stop_file import StopFileWatch
from runner.app.triggers import TriggerWatch
from runner.app.wishes import WishWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Ledger
    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.app.loaded import LoadedConfig
    from runner.app.reload import InForce
    from runner.app.restraints import Restraints
    from runner.app.rhythm import Rhythm
    from runner.model.instant import Instant


class Persons:
    """Looks for wishes; calls `hurry` where the files are to be looked at, `replanned` where work came in."""

    def __init__(
        self,
        config: LoadedConfig,
        restraints: Restraints,
        *,
        ledger: Ledger,
        journal: Journal,
        clock: Clock,
        rhythm: Rhythm,
        sessions: Mapping[str, HostSession],
        hurry: Callable[[], None],
        replanned: Callable[[], None],
    ) -> None:
        settings = config.config.settings
        self._ledger = ledger
        self._clock = clock
        self._rhythm = rhythm
        self._hurry = hurry
        self._replanned = replanned
        self._sessions = sessions
        self._holds = HoldWatch(restraints, journal=journal, sessions=tuple(sessions.values()))
        self._halts = HaltWatch(ledger=ledger, journal=journal, sessions=sessions)
        self._triggers = TriggerWatch(ledger=ledger, journal=journal, grace=settings.grace)
        self.reloads = ReloadWatch(journal=journal)
        self._wishes = WishWatch(
            restraints,
            ledger=ledger,
            journal=journal,
            holds=self._holds,
            decisions=DecisionWatch(ledger=ledger, journal=journal, sessions=sessions),
            reloads=self.reloads,
            halts=self._halts,
        )
        self._stop_file = StopFileWatch(
            stop_file_path(settings.store, config_folder=config.folder),
            restraints,
            ledger=ledger,
            journal=journal,
            sessions=sessions.values(),
        )

    async def before_planning(self) -> None:
        """Learn what holds work back; before anything is submitted."""
        await self._stop_file.look(now=self._clock.now())
        await self._holds.look(await self._ledger.holds(), now=self._clock.now())

    async def after_planning(self) -> None:
        """Drop what was to be cancelled before it was planned, now that it is in the plan."""
        await self._halts.look(now=self._clock.now())

    async def trigger(self, in_force: Mapping[str, InForce], *, now: Instant, anyway: bool) -> None:
        """Plan what persons want now.

        Called where the plan is made, since both give content rows away. `anyway` also where nothing was
        noticed.
        """
        if not (anyway or self._wishes.triggers):
            return
        # Asked anew: what was answered since it was noticed is not done again.
        planned = await self._triggers.carry_out(await self._ledger.open_triggers(), in_force, now=now)
        self._wishes.triggers = []
        if planned:
            self._replanned()
            for session in self._sessions.values():
                session.due.set()

    async def watch_store(self) -> None:
        """Notice for ever what persons have written into the store beside us."""
        while True:
            await next_turn(self._rhythm.wish_seconds)
            if await self._wishes.look(now=self._clock.now()):
                self._hurry()

    async def watch_file(self) -> None:
        """Notice the file that stops everything: by itself, since the store may answer late or never."""
        while True:
            await next_turn(self._rhythm.wish_seconds)
            await self._stop_file.look(now=self._clock.now())
