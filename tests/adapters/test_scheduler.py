"""The real scheduler, on the real clock for a moment."""

from __future__ import annotations

import asyncio

from runner.adapters.clock import SystemClock
from runner.adapters.scheduler import ApSchedulerAlarms

CLOCK = SystemClock()


async def rings(event: asyncio.Event, *, seconds: float = 2.0) -> bool:
    async with asyncio.timeout(seconds):
        return await event.wait()


def test_an_alarm_in_the_past_rings_at_once():
    async def main() -> None:
        alarms, rung = ApSchedulerAlarms(), asyncio.Event()
        alarms.start()
        alarms.at("due", CLOCK.now() - 86_400_000_000, rung.set)
        assert await rings(rung)
        alarms.stop()

    asyncio.run(main())


def test_a_later_alarm_replaces_the_one_before():
    async def main() -> None:
        alarms, first, second = ApSchedulerAlarms(), asyncio.Event(), asyncio.Event()
        alarms.start()
        alarms.at("due", CLOCK.now() + 20_000, first.set)
        alarms.at("due", CLOCK.now() + 40_000, second.set)
        assert await rings(second)
        assert not first.is_set()
        alarms.stop()

    asyncio.run(main())


def test_what_is_forgotten_does_not_ring():
    async def main() -> None:
        alarms, forgotten, later = ApSchedulerAlarms(), asyncio.Event(), asyncio.Event()
        alarms.start()
        alarms.at("due", CLOCK.now() + 10_000, forgotten.set)
        alarms.forget("due")
        alarms.forget("never there")
        alarms.at("later", CLOCK.now() + 30_000, later.set)
        alarms.nudge()
        assert await rings(later)
        assert not forgotten.is_set()
        alarms.stop()

    asyncio.run(main())


def test_an_interval_rings_again_and_again_until_it_stops():
    async def main() -> None:
        alarms, rung, count = ApSchedulerAlarms(), asyncio.Event(), []

        def ring() -> None:
            count.append(CLOCK.monotonic_seconds())
            if len(count) == 3:
                alarms.stop()
                rung.set()

        alarms.every("poll", 0.02, ring)
        alarms.start()
        assert await rings(rung)
        assert count == sorted(count)

    asyncio.run(main())
