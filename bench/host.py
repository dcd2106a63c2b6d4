"""Simulated hosts as a process; on demand they ask the runner's store whether each create was noted before.

Started with options as one JSON object: `hosts` (how many, 1 by default), `devices` (of each),
`duration_seconds` (of a task), `store` (a ledger's file: what a create finds there is written to
`STORE.seen`, a line each), `fault` (what goes wrong with every request, as the simulator's options say it).
The first line of output holds the URLs.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import sys
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.simulator.faults import Fault, FaultKind, FaultPlan, FaultRule
from runner.simulator.host import SimulatedHost
from runner.simulator.options import HostOptions, Plan, UnknownTargets, numbered_devices
from runner.simulator.server import HostServer

if TYPE_CHECKING:
    from runner.simulator.exchange import Delivery, Request

_OPEN = "SELECT count(*) FROM intents WHERE outcome = 'open'"
_INTENT = "SELECT outcome FROM intents WHERE body_sha256 = ? AND act = 'create'"


class AskingHost(SimulatedHost):
    """Looks, before it answers a create, for its intent in what another process can read of the store."""

    store: Path

    def exchange(self, request: Request) -> Delivery:
        """Note what the store holds about this very body, then answer as any host."""
        if request.method == "POST" and request.path.endswith("/task"):
            # A connection of its own, so that nothing but what is committed can be seen.
            with sqlite3.connect(f"{self.store.as_uri()}?mode=ro", uri=True) as connection:
                found = connection.execute(_INTENT, (sha256(request.body).hexdigest(),)).fetchall()
                open_now = connection.execute(
                    "SELECT count(*) FROM intents WHERE outcome = 'open'"
                ).fetchone()
            connection.close()
            with Path(f"{self.store}.seen").open("a") as seen:
                seen.write(json.dumps({"outcomes": [row[0] for row in found], "open": open_now[0]}) + "\n")
        return super().exchange(request)


async def serve(
    *,
    devices: int,
    duration_seconds: tuple[float, float],
    hosts: int = 1,
    store: str | None = None,
    fault: dict[str, Any] | None = None,
) -> None:
    """Serve until SIGTERM."""
    rules = () if fault is None else (FaultRule(Fault(**{**fault, "kind": FaultKind(fault["kind"])})),)
    options = HostOptions(
        accounts=numbered_devices(devices),
        plan=Plan("Business", device_limit=devices),
        duration_seconds=duration_seconds,
        unknown_targets=UnknownTargets.REFUSE,
        faults=FaultPlan(rules=rules),
    )
    servers = [HostServer(_host(options, store), port=0) for _ in range(hosts)]
    for server in servers:
        await server.start()
    print(*(f"http://127.0.0.1:{server.port}/api/v1" for server in servers), flush=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    for server in servers:
        await server.stop()


def _host(options: HostOptions, store: str | None) -> SimulatedHost:
    if store is None:
        return SimulatedHost(options, now=time.time)
    host = AskingHost(options, now=time.time)
    host.store = Path(store)
    return host


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(**json.loads(sys.argv[1])))
