"""The whole engine in a folder of its own, on simulated hosts and virtual time."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

from support.store import asked, store_in
from support.virtual_threads import PatientLoop

from runner.adapters.ledger import Ledger
from runner.adapters.tikmatrix.client import TikMatrix
from runner.app.beside import Beside, Surroundings
from runner.app.daemon import Daemon
from runner.app.journal import Journal
from runner.app.load_config import load_config
from runner.app.rhythm import USUAL_RHYTHM
from runner.errors import LedgerUnavailable
from runner.simulator.host import SimulatedHost
from runner.simulator.options import HostOptions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from runner.adapters.service_manager import ServiceManager
    from runner.model.record import AssignmentRecord, Event, IntentRecord
    from runner.model.settings import Host
    from runner.simulator.history import Happening, HappeningKind

from support.engine_parts import QUIET, SECOND, ZONE, Alarms, Clock, HereChecker, RecordingLog, Wire


class Engine:
    """A runner in a folder, with hosts that outlive it; a context, so that nothing is left behind.

    Its clock moves only inside the methods that say so, and stands still while a thread is at work.
    """

    rhythm: ClassVar = replace(USUAL_RHYTHM, look_seconds=3_600.0)
    """As usual, but each heartbeat looks at the files anyway, and looks take time, even on virtual time."""

    def __init__(
        self,
        folder: Path,
        *,
        at: str,
        campaigns: Mapping[str, object],
        hosts: Mapping[str, Mapping[str, Any]] | None = None,
        environ: Mapping[str, str] | None = None,
        **config: Any,
    ) -> None:
        self.folder = folder
        self.environ = environ or {}
        self.loop = self._new_loop()
        self._threads = ThreadPoolExecutor(2)
        self.loop.set_default_executor(self._threads)
        self.clock = Clock(self.loop, at=self.moment(at))
        self.log = RecordingLog()
        self.requests: list[tuple[int, str, str, bytes]] = []
        self.before_request: Callable[[str, str], Awaitable[None]] | None = None
        self.after_request: Callable[[str, str], Awaitable[None]] | None = None
        self.answer: Callable[[str, str], object | None] | None = None
        """Answers a request in a host's place; None leaves it to the host."""
        self.crash_at_write: int | None = None
        """Crash when this write is handed to the ledger, counted from 1."""
        self.crash_after_write = False
        """Crash once that write is on disk, not before it."""
        self.writes = 0
        self.checks_fail = False
        """Whether the process that checks files ends badly."""
        self.service: ServiceManager | None = None
        self.beside: list[Beside] = []
        """What runs beside the daemon."""
        self._company: list[asyncio.Task[None]] = []
        self.forgiven = False
        """Whether the engine may tell of errors of its own."""
        self._halted: asyncio.Event = asyncio.Event()
        self._daemon: asyncio.Task[None] | None = None
        chosen = hosts or {"pc": {"serials": ("A", "B")}}
        self.hosts = {
            name: SimulatedHost(HostOptions(name=name, **{**QUIET, **options}), now=self.clock.true_seconds)
            for name, options in chosen.items()
        }
        (folder / "campaigns").mkdir()
        self.store = store_in(folder)
        in_flight = config.pop("in_flight", None)
        host_keys = {} if in_flight is None else {"in_flight": in_flight}
        settings = {
            "timezone": "Europe/Stockholm",
            "store": self.store,
            "hosts": {name: {"url": f"http://{name}:50809/api/v1", **host_keys} for name in chosen},
            **config,
        }
        (folder / "config.yaml").write_text(json.dumps(settings))
        for name, text in campaigns.items():
            self.edit(name, text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._daemon is not None:
            self.crash()
        self._threads.shutdown()
        self.loop.close()
        if error[0] is None and not self.forgiven:
            failures = [f"{part}: {error!r}" for part, error in self.log.failures]
            assert failures == [], failures

    # -- files ---------------------------------------------------------------------------------------------

    def edit(self, name: str, text: object) -> None:
        """Write a campaign file: text as it is, anything else as JSON, which is YAML."""
        content = text if isinstance(text, str) else json.dumps(text)
        (self.folder / f"campaigns/{name}.yaml").write_text(content)

    def remove(self, name: str) -> None:
        (self.folder / f"campaigns/{name}.yaml").unlink()

    # -- life ----------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Start a daemon on the folder, and let it settle down at this instant."""
        self._run(self._start())
        return self

    def stop(self) -> None:
        """Let the daemon end as a signal does."""
        assert self._daemon is not None
        self.daemon.stop()
        self._run(self._finish(self._daemon))
        self._daemon = None
        self._run(self.ledger.close())

    def after_ending(self, *, seconds: float = 60.0) -> None:
        """Let time go by until the daemon has ended by itself, and close up behind it."""
        self._run(asyncio.wait_for(self._finish(self._daemon), seconds))
        self._daemon = None
        self._run(self.ledger.close())

    def restart(self) -> None:
        self.stop()
        self.start()

    def crash(self) -> None:
        """End the daemon between two instructions: from here on it writes and sends nothing."""
        self._kill_writer()
        self._run(self._cancel_all())
        self._daemon = None
        self._run(self.ledger.close())
        self._halted.clear()

    @property
    def crashed(self) -> bool:
        """Whether a planned crash has struck."""
        return self._halted.is_set()

    def halt(self) -> None:
        """Crash here; for what stands on the wire. `crash` then cleans up."""
        self._kill_writer()
        self._halted.set()

    def after_rest(self, seconds: float) -> None:
        """Let time go by while no daemon runs."""
        assert self._daemon is None
        self.clock.slept_us += round(seconds * SECOND)

    # -- time ----------------------------------------------------------------------------------------------

    def moment(self, text: str) -> datetime:
        """Read `2026-11-23 14:30:05`, or a time of the day that it is."""
        if " " not in text:
            text = f"{self.clock.moment().date()} {text}"
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)

    def until(self, text: str) -> Self:
        """Let time go by until an instant, or until a crash."""
        seconds = (self.moment(text) - self.clock.moment()).total_seconds()
        assert seconds >= 0, f"{text} is over"
        return self.after(seconds)

    def after(self, seconds: float) -> Self:
        """Let so many seconds go by, or time until a crash."""
        self._run(self._wait(seconds))
        return self

    def sleep(self, seconds: float) -> None:
        """Let the machine sleep: the world goes on."""
        self.clock.slept_us += round(seconds * SECOND)

    def set_clock(self, seconds: float) -> None:
        """Set the machine's clock forward or back."""
        self.clock.wrong_us += round(seconds * SECOND)

    # -- what happened -------------------------------------------------------------------------------------

    def host(self, name: str = "pc") -> SimulatedHost:
        self.hosts[name].farm.advance()
        return self.hosts[name]

    def of(self, *kinds: HappeningKind, host: str = "pc") -> list[Happening]:
        return self.host(host).history.of(*kinds)

    def created(self, host: str | None = None) -> list[tuple[str, dict[str, Any]]]:
        """Return each `POST /task` that left: when (local), and its body."""
        return [
            (f"{datetime.fromtimestamp(at / SECOND, ZONE):%H:%M:%S}", json.loads(body))
            for at, name, asked, body in self.requests
            if asked == "POST /task" and host in {None, name}
        ]

    def asked(self, pattern: str) -> list[str]:
        return [asked for _, _, asked, _ in self.requests if asked.startswith(pattern)]

    def records(self, **narrowed: Any) -> list[AssignmentRecord]:
        return self._run(self.ledger.assignments(**narrowed))

    def record(self, target: str, **narrowed: Any) -> AssignmentRecord:
        (found,) = [
            one
            for one in self.records(**{"day": self.today(), **narrowed})
            if one.assignment.target.name == target
        ]
        return found

    def today(self) -> date:
        return self.clock.moment().date()

    def states(self, **narrowed: Any) -> dict[str, str]:
        """Return the state of each target's one assignment of today."""
        found = self.records(**{"day": self.today(), **narrowed})
        states = {record.assignment.target.name: str(record.state) for record in found}
        assert len(states) == len(found), "a target has several"
        return states

    def intents(self, record: AssignmentRecord) -> list[IntentRecord]:
        return self._run(self.ledger.intents(record.assignment.key))

    def told(self, *names: str, **fields: Any) -> list[Event]:
        """Return the events of the log with one of these names (or beginnings), and these fields."""
        return [
            event
            for event in self.log.events
            if event.name.startswith(names) and fields.items() <= event.fields.items()
        ]

    def query(self, sql: str, *values: object) -> list[Any]:
        """Ask the store beside the ledger."""
        return asked(self.store, sql, *values)

    # -- inside --------------------------------------------------------------------------------------------

    def _new_loop(self) -> PatientLoop:
        return PatientLoop()

    def _run(self, awaitable: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(asyncio.ensure_future(awaitable, loop=self.loop))

    async def _start(self) -> None:
        config = load_config(self.folder / "config.yaml", environ=self.environ, working_folder=self.folder)
        self.ledger = Ledger.open(config.config.settings.store, durable=False, busy_timeout_seconds=0.25)
        self._watch_writer()
        self.log.crashed = False
        self.journal = Journal(self.ledger, self.log)
        self.daemon = Daemon(
            config,
            ledger=self.ledger,
            journal=self.journal,
            clock=self.clock,
            scheduler=self._new_alarms(),
            client_of=partial(
                self._client,
                timeout_seconds=config.config.settings.timeout.total_seconds(),
                redact=config.secrets.redact,
            ),
            working_folder=self.folder,
            checker=HereChecker(self, environ=self.environ, working_folder=self.folder),
            rhythm=self.rhythm,
            service=self.service,
        )
        self._daemon = asyncio.create_task(self.daemon.run())
        around = Surroundings(config, self.daemon.insight, self.journal, self.clock, self.ledger)
        self._company = [asyncio.create_task(one(around)) for one in self.beside]
        await self._wait(0)

    def _client(self, host: Host, *, timeout_seconds: float, redact: Callable[[str], str]) -> TikMatrix:
        wire = self._new_wire()
        return TikMatrix(
            host.url, transport=wire, timeout_seconds=timeout_seconds, in_flight=8, redact=redact
        )

    def _new_wire(self) -> Wire:
        return Wire(self)

    def _new_alarms(self) -> Alarms:
        return Alarms(self.loop, self.clock)

    async def _wait(self, seconds: float) -> None:
        # Then everything that happens at that very instant.
        nap = asyncio.create_task(asyncio.sleep(seconds + 0.000_1))
        halted = asyncio.create_task(self._halted.wait())
        await asyncio.wait({nap, halted, self._daemon}, return_when=asyncio.FIRST_COMPLETED)
        for task in (nap, halted):
            task.cancel()
        if self._daemon.done() and not self._halted.is_set():
            self._daemon.result()
            raise AssertionError("the daemon has ended by itself")

    async def _finish(self, task: asyncio.Task[None]) -> None:
        await task
        for one in self._company:
            one.cancel()
        await asyncio.gather(*self._company, return_exceptions=True)

    async def _cancel_all(self) -> None:
        this = asyncio.current_task()
        self.journal.abandon()
        while others := asyncio.all_tasks() - {this}:
            for other in others:
                other.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    def _watch_writer(self) -> None:
        writer = self.ledger._writer
        hand_over = writer._hand_over

        def watched(item: Any) -> None:
            self.writes += 1
            strikes = self.writes == self.crash_at_write
            if strikes and not self.crash_after_write:
                self.halt()
                raise LedgerUnavailable("crashed")
            hand_over(item)
            self.loop.owe(item.future)
            if strikes:
                self.halt()

        writer._hand_over = watched

    def _kill_writer(self) -> None:
        def dead(_item: Any) -> None:
            raise LedgerUnavailable("crashed")

        self.log.crashed = True

        self.ledger._writer._hand_over = dead


def post_to(
    *serials: str, start_time: object = "14:30", host: str | None = None, **keys: Any
) -> dict[str, Any]:
    """Return a campaign file of one script entry: a post to some devices, due as its window opens."""
    group: dict[str, Any] = {"serials": list(serials)}
    if host is not None:
        group["host"] = host
    entry = {"script_name": "post", "device_groups": ["devices"], "start_time": start_time}
    entry |= {"spread": "together", "script_config": {"content_type": 1, "captions": "New clip"}, **keys}
    return {"device_groups": {"devices": group}, "scripts": [entry]}
