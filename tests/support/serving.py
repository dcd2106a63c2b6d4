"""Simulated hosts on real ports of this machine, served by a thread of their own."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from runner.simulator.host import SimulatedHost
from runner.simulator.options import HostOptions
from runner.simulator.server import HostServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextmanager
def serving(**hosts: Mapping[str, Any]) -> Iterator[str]:
    """Serve simulated hosts in a thread of their own; yield the lines of a config that name them."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def wait(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=10)

    servers = {
        name: HostServer(SimulatedHost(HostOptions(**options), now=time.time), port=0)
        for name, options in hosts.items()
    }
    try:
        for server in servers.values():
            wait(server.start())
        yield "hosts:\n" + "".join(
            f'  {name}: {{url: "http://localhost:{server.port}/api/v1"}}\n'
            for name, server in servers.items()
        )
    finally:
        for server in servers.values():
            wait(server.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
