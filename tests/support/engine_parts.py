"""What an engine on virtual time is made of: its clock, its alarms, its log, its wires."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx
from support.simulated import SimulatedTransport

from runner.app.check_child import not_checked
from runner.app.load import check_texts
from runner.app.load_config import load_config
from runner.errors import LedgerUnavailable

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from support.engine import Engine
    from support.virtual_threads import PatientLoop

    from runner.adapters.campaign_folder import FileText
    from runner.app.loaded import CheckedFile, LoadedConfig
    from runner.model.record import Event

ZONE = ZoneInfo("Europe/Stockholm")
SECOND = 1_000_000
QUIET: dict[str, Any] = {"pickup_seconds": (1.0, 1.0), "duration_seconds": (30.0, 30.0)}
"""Options of a host that begins what it gets after 1 s and needs 30 s for it."""


class Clock:
    """Wall and monotonic time of the runner's machine, on the loop's virtual time."""

    def __init__(self, loop: PatientLoop, *, at: datetime) -> None:
        self._loop = loop
        self._start = round(at.timestamp() * SECOND)
        self.wrong_us = 0
        """How far the wall clock of the runner is from the truth."""
        self.slept_us = 0
        """How long the machine has slept, which no monotonic clock counts."""
        self.per_look_us = 0
        """How much time goes by with each look at the clock."""

    def true(self) -> int:
        return self._start + round(self._loop.time() * SECOND) + self.slept_us

    def true_seconds(self) -> float:
        return self.true() / SECOND

    def now(self) -> int:
        self.slept_us += self.per_look_us
        return self.true() + self.wrong_us

    def monotonic_seconds(self) -> float:
        return self._loop.time()

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.true_seconds(), ZONE)


class Alarms:
    """A scheduler on virtual time that sleeps on the monotonic clock, as the real one does."""

    def __init__(self, loop: PatientLoop, clock: Clock) -> None:
        self._loop = loop
        self._clock = clock
        self._jobs: dict[str, tuple[int, int | None, Callable[[], None]]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._runs = False

    def start(self) -> None:
        self._runs = True
        self.nudge()

    def at(self, name: str, instant: int, call: Callable[[], None]) -> None:
        self._jobs[name] = (instant, None, call)
        self.nudge()

    def every(
        self, name: str, seconds: float, call: Callable[[], None], *, first_at: int | None = None
    ) -> None:
        step = round(seconds * SECOND)
        first = self._clock.now() + step if first_at is None else first_at
        self._jobs[name] = (first, step, call)
        self.nudge()

    def forget(self, name: str) -> None:
        self._jobs.pop(name, None)

    def nudge(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._runs and self._jobs:
            first = min(job[0] for job in self._jobs.values())
            seconds = max(0.0, (first - self._clock.now()) / SECOND)
            self._timer = self._loop.call_later(seconds, self._ring)

    def stop(self) -> None:
        assert self._runs, "it does not run"
        self._runs = False
        self.nudge()

    def _ring(self) -> None:
        now = self._clock.now()
        for name, (instant, step, call) in list(self._jobs.items()):
            if instant > now:
                continue
            if step is None:
                del self._jobs[name]
            else:
                self._jobs[name] = (instant + step * (1 + (now - instant) // step), step, call)
            call()
        self.nudge()


class RecordingLog:
    """Keeps what a log would show."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.failures: list[tuple[str, BaseException]] = []
        self.recoveries = 0
        self.crashed = False

    def write(self, event: Event) -> None:
        if not self.crashed:
            self.events.append(event)

    def failure(self, what: str, error: BaseException) -> None:
        if not self.crashed:
            self.failures.append((what, error))

    def store_unavailable(self, reason: str) -> None:
        if not self.crashed:
            self.failures.append(("store", LedgerUnavailable(reason)))

    def store_available(self) -> None:
        if not self.crashed:
            self.recoveries += 1


class Wire(httpx.AsyncBaseTransport):
    """The way to the simulated hosts, on which a test may stand; may be closed and used again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        hosts = {f"{name}:50809": host for name, host in engine.hosts.items()}
        self._hosts = SimulatedTransport(hosts, client="runner")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        engine = self._engine
        body = await request.aread()
        path = request.url.path.removeprefix("/api/v1")
        engine.requests.append((engine.clock.true(), request.url.host, f"{request.method} {path}", body))
        if engine.before_request is not None:
            await engine.before_request(request.url.host, f"{request.method} {path}")
        said = None if engine.answer is None else engine.answer(request.method, path)
        if said is not None:
            response = httpx.Response(200, json=said, request=request)
        else:
            response = await self._hosts.handle_async_request(request)
        if engine.after_request is not None:
            await engine.after_request(request.url.host, f"{request.method} {path}")
        return response


class HereChecker:
    """Checks files in this process: a child's time is not virtual."""

    def __init__(self, engine: Engine, *, environ: dict[str, str], working_folder: Path) -> None:
        self._engine = engine
        self._working_folder = working_folder
        self._load = partial(load_config, environ=environ, working_folder=working_folder)

    def get_ready(self) -> None:
        """Nothing is started."""

    def rest(self) -> None:
        """Nothing was started."""

    def config(self, path: Path | None) -> LoadedConfig:
        return self._load(path)

    def campaigns(self, texts: Mapping[str, FileText], *, config: LoadedConfig) -> Sequence[CheckedFile]:
        if self._engine.checks_fail:
            return not_checked(texts, "not checked")
        return check_texts(
            texts,
            config=config.config,
            secret=config.secrets.look_up,
            working_folder=self._working_folder,
        )
