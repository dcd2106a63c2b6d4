"""Serving simulated hosts until somebody says stop."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.simulator.host import SimulatedHost
from runner.simulator.server import HostServer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runner.simulator.options import HostOptions

DEFAULT_PORT = 50809
"""Where TikMatrix listens by default."""


@dataclass(frozen=True, slots=True)
class ServedHost:
    """A host to serve, and its port; 0 takes a free one."""

    options: HostOptions
    port: int = DEFAULT_PORT


@dataclass(frozen=True, slots=True)
class Ready:
    """A host that can be reached now."""

    name: str
    port: int
    devices: int


def serve(hosts: Sequence[ServedHost], *, on_ready: Callable[[Ready], None]) -> None:
    """Serve hosts on the loopback address until SIGTERM or SIGINT.

    Called from the main thread. `on_ready` is called once for each host, after all of them can be reached.
    Raises OSError where a port is taken.
    """
    asyncio.run(_serve(hosts, on_ready=on_ready))


async def _serve(hosts: Sequence[ServedHost], *, on_ready: Callable[[Ready], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as open_servers:
        with ExitStack() as signals:
            for number in (signal.SIGTERM, signal.SIGINT):
                before = signal.getsignal(number)
                _on_signal(number, stop.set, loop=loop)
                signals.callback(signal.signal, number, before)
                signals.callback(_forget_signal, number, loop=loop)
            servers = []
            for served in hosts:
                server = HostServer(SimulatedHost(served.options, now=time.time), port=served.port)
                await server.start()
                open_servers.push_async_callback(server.stop)
                servers.append(server)
            for server in servers:
                on_ready(Ready(server.host.options.name, server.port, len(server.host.devices)))
            await stop.wait()


def _on_signal(number: signal.Signals, call: Callable[[], None], *, loop: asyncio.AbstractEventLoop) -> None:
    """Call in the loop at a signal, also where it comes just as the loop goes to sleep."""
    try:
        loop.add_signal_handler(number, call)
    except NotImplementedError:  # Windows, where the loop wakes up often enough to see the signal
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(call))


def _forget_signal(number: signal.Signals, *, loop: asyncio.AbstractEventLoop) -> None:
    with suppress(NotImplementedError):
        loop.remove_signal_handler(number)
