"""An engine on virtual time that counts its boundaries, names them, and crashes at chosen ones.

A boundary is a place between two steps that the outside can tell apart: before a commit is handed to the
disk, after it is there but before anybody knows, before a request is sent, and after its answer arrived (or
was found to be lost) but before anybody knows. Everything runs in one thread, so that the same life has the
same boundaries every time it is lived.
"""

from __future__ import annotations

import asyncio
import selectors
import shutil
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import httpx
from proof.crashes.compiled import compiled_once
from proof.crashes.names import commit_name, request_name
from support.engine import Engine
from support.engine_parts import Alarms, Wire

from runner.adapters.ledger.writer import _Batch, _settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HEARTBEAT_SECONDS = 30.0
"""Slower than the daemon's own: its beats are the same boundaries again and again."""


class _NoSockets(selectors.SelectSelector):
    """Waits by letting virtual time jump; nothing is ever ready."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        assert timeout is not None, "nothing is left to happen"
        self.seconds += max(0.0, timeout)
        return []


class InlineLoop(asyncio.SelectorEventLoop):
    """A jumping loop in which what belongs into a thread is done at once."""

    def __init__(self) -> None:
        self._jumping = _NoSockets()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.seconds

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    def run_in_executor(self, _executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - handed to the one who waits
            future.set_exception(error)
        return future


class CountedWire(Wire):
    """A way to the hosts on which each request and each answer is a boundary."""

    _engine: CrashingEngine

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        engine = self._engine
        asked = request_name(f"{request.method} {request.url.path.removeprefix('/api/v1')}")
        await engine.cross(f"send:{asked}")
        try:
            response = await super().handle_async_request(request)
        except httpx.TransportError:
            await engine.cross(f"lost:{asked}")
            raise
        await engine.cross(f"receive:{asked}")
        return response


class SlowAlarms(Alarms):
    """Alarms with a slower heartbeat."""

    def every(
        self, name: str, seconds: float, call: Callable[[], None], *, first_at: int | None = None
    ) -> None:
        slower = HEARTBEAT_SECONDS if name == "heartbeat" else seconds
        super().every(name, slower, call, first_at=first_at)


class CrashingEngine(Engine):
    """Crashes at the boundaries whose numbers it is given, counted from 1 over all its lives."""

    def __init__(self, folder: Path, *, crashes: tuple[int, ...], prepared: Path | None, **more: Any) -> None:
        super().__init__(folder, **more)
        self.names: list[str] = []
        """The boundaries so far; number 1 is the first."""
        self._crashes = frozenset(crashes)
        if prepared is not None:
            (folder / "state").mkdir()
            shutil.copyfile(prepared, folder / "state/runner.db")

    @property
    def runs(self) -> bool:
        return self._daemon is not None

    def stop_or_crash(self) -> None:
        """Let the daemon end as a signal does, unless it crashes on the way."""
        self.daemon.stop()
        self._run(self._ended_or_crashed())
        if not self.crashed:
            self.stop()

    @contextmanager
    def changed(self) -> Iterator[sqlite3.Connection]:
        """Change the store behind the runner's back."""
        with closing(sqlite3.connect(self.folder / "state/runner.db")) as connection, connection:
            yield connection

    async def cross(self, name: str) -> None:
        """Crash here if it is time to; whoever crosses after a crash never arrives."""
        if self.crashed or self._strikes(name):
            self.halt()
            await asyncio.Event().wait()

    def _new_loop(self) -> InlineLoop:
        return InlineLoop()

    def _new_wire(self) -> CountedWire:
        return CountedWire(self)

    def _new_alarms(self) -> SlowAlarms:
        return SlowAlarms(self.loop, self.clock)

    async def _ended_or_crashed(self) -> None:
        halted = asyncio.create_task(self._halted.wait())
        await asyncio.wait({halted, self._daemon}, return_when=asyncio.FIRST_COMPLETED)
        halted.cancel()

    def _strikes(self, name: str) -> bool:
        self.names.append(name)
        return len(self.names) in self._crashes

    def _watch_writer(self) -> None:
        compiled_once(self.ledger)
        writer = self.ledger._writer

        def write_here(item: Any) -> None:
            name = commit_name(item)
            if self._strikes(f"commit:{name}:before"):
                self.halt()
                return
            if isinstance(item, _Batch):
                writer._write([item])
            else:
                _settle([item], [writer._done(item)])
            if self._strikes(f"commit:{name}:after"):
                self.halt()

        writer._hand_over = write_here

    def _kill_writer(self) -> None:
        self.log.crashed = True
        # Nothing more is written and nobody is told so: whoever waits is about to be no more.
        self.ledger._writer._hand_over = lambda _item: None
