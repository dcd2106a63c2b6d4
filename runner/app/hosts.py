"""Reach hosts now: what they say of their licence and of their tasks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.adapters.tikmatrix.client import TikMatrix
from runner.adapters.tikmatrix.transport import AiohttpTransport
from runner.core.ahead import clock_off_us
from runner.core.host_state import host_state
from runner.errors import HostError
from runner.model.record import HostState

if TYPE_CHECKING:
    from runner.adapters.clock import Clock
    from runner.model.settings import Host, Settings
    from runner.model.tikmatrix import Licence, Stats


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """How a host answered just now; what it did not say is None."""

    host: Host
    state: HostState
    detail: str | None
    licence: Licence | None
    stats: Stats | None
    latency_seconds: float | None
    """From asking for the licence to its answer."""
    clock_told: bool = False
    """Has it said what time it is?"""
    clock_off_us: int | None = None
    """By how much its clock is ahead of ours, where that is more than a minute either way."""


async def probe_hosts(settings: Settings, *, clock: Clock) -> list[HostAnswer]:
    """Ask every host at once, in the order of the config; raises nothing of what may go wrong with one."""
    timeout_seconds = settings.timeout.total_seconds()
    probes = (
        probe_host(host, clock=clock, timeout_seconds=timeout_seconds) for host in settings.hosts.values()
    )
    return list(await asyncio.gather(*probes))


async def probe_host(host: Host, *, clock: Clock, timeout_seconds: float) -> HostAnswer:
    """Ask a host for its licence and, where that allows it, for its tasks; each within the time-out."""
    transport = AiohttpTransport(in_flight=1)
    client = TikMatrix(host.url, transport=transport, timeout_seconds=timeout_seconds, in_flight=1)
    licence: Licence | None = None
    latency_seconds: float | None = None
    asked_at, began = clock.monotonic_seconds(), clock.now()
    try:
        licence = await client.licence()
        latency_seconds = clock.monotonic_seconds() - asked_at
        told = client.host_clock
        off_us = clock_off_us(told, asked_at=began, answered_at=clock.now())
        if not licence.api_enabled:
            detail = licence.message or None
            return HostAnswer(
                host, HostState.UNLICENSED, detail, licence, None, latency_seconds, told is not None, off_us
            )
        stats = await client.stats()
    except HostError as error:
        return HostAnswer(host, host_state(error), str(error), licence, None, latency_seconds)
    finally:
        await client.aclose()
    return HostAnswer(host, HostState.READY, None, licence, stats, latency_seconds, told is not None, off_us)
