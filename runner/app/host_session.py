"""One host as the daemon deals with it: its client, how it answered last, and what waits for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.model.record import HostState

if TYPE_CHECKING:
    from runner.adapters.tikmatrix.client import TikMatrix
    from runner.app.restraints import Restraints
    from runner.model.halt import Halt
    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey
    from runner.model.record import EchoRecord
    from runner.model.settings import Host
    from runner.model.tikmatrix import TaskId


CREATES_AT_ONCE = 5
READS_AT_ONCE = 2
REQUESTS_AT_ONCE = CREATES_AT_ONCE + READS_AT_ONCE + 1
"""Requests under way at once on one host, with one for the licence; so none ever waits inside the client.

What real hosts bear is not known, so it is small."""


@dataclass(slots=True)
class HostSession:
    """What one host's loops share. Nothing in it is a memory: that is the ledger's."""

    host: Host
    client: TikMatrix
    timeout_us: int
    """Total deadline of a request."""
    restraints: Restraints
    state: HostState = HostState.UNKNOWN
    detail: str | None = None
    due: asyncio.Event = field(default_factory=asyncio.Event)
    """Something may be submitted: look."""
    poll: asyncio.Event = field(default_factory=asyncio.Event)
    """It is time to look at the tasks on the host."""
    close: asyncio.Event = field(default_factory=asyncio.Event)
    """A window has closed."""
    settle: asyncio.Event = field(default_factory=asyncio.Event)
    """A request may be settled by looking."""
    probe: asyncio.Event = field(default_factory=asyncio.Event)
    """It is in doubt whether the host takes work."""
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while what is on the host is looked at and acted upon: polling and closing take turns."""
    reads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(READS_AT_ONCE))
    tracking: bool = True
    """Is anything of ours on the host? True until a look at the ledger says otherwise."""
    touched: bool = True
    """Have we changed anything of ours on the host since the last look at it?"""
    sentinel: TaskId | None = None
    """A task of ours that was on the host when it was last looked for."""
    sentinel_seen_at: Instant = 0
    echoes: dict[str, EchoRecord] = field(default_factory=dict)
    """How the host has shown arguments so far, by script: as in the ledger."""
    withdrawing: dict[TaskId, str] = field(default_factory=dict)
    """Tasks whose deletion was asked for, with the remark for it: that they are gone is our own doing."""
    stopped: dict[TaskId, str] = field(default_factory=dict)
    """Tasks that were stopped for a person, with the words for it; that they fail is then no failure."""
    halted: dict[AssignmentKey, Halt] = field(default_factory=dict)
    """What a person wants to be taken back, and is not yet."""
    clock_off_seconds: float | None = None
    """By how much the host's clock is ahead of ours, where that is more than a minute either way."""
    unreadable: str | None = None
    """Why the host's lists cannot be read, without which nothing is submitted."""
    foreign: int | None = None
    """How many tasks of others wait or run there; None while nothing of ours is there: nobody looks."""
    awake_since: Instant = 0
    """Since when the runner has run without a break."""
    lost_since: Instant | None = None
    """Since when nothing could go, where that is over and its backlog is not spread yet."""
    unready_since: Instant | None = None
    """Since when the host has not been ready; None while it is."""
    stopping: bool = False
    """No new submission is begun."""

    @property
    def name(self) -> str:
        """The host's name."""
        return self.host.name

    def touch(self) -> None:
        """Note that something of ours on the host has changed by our own doing."""
        self.tracking = self.touched = True

    def lose(self, since: Instant) -> None:
        """Note that nothing could go since an instant until now."""
        self.lost_since = since if self.lost_since is None else min(self.lost_since, since)

    def wake(self) -> None:
        """Let every loop of the host look again."""
        self.due.set()
        self.poll.set()
        self.close.set()
        self.settle.set()
        self.probe.set()
