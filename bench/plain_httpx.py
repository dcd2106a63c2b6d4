"""The yardstick of `burst`: the same creates by plain httpx, eight at once, and nothing recorded.

Started with the host's URL and how many devices; prints when it began and the CPU that it needed.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import httpx

from bench.campaigns import body

IN_FLIGHT = 8


async def main(url: str, count: int) -> None:
    """Make all creates as fast as they go."""
    bodies = [body(number) for number in range(1, count + 1)]
    places = asyncio.Semaphore(IN_FLIGHT)
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:

        async def create(one: dict[str, object]) -> None:
            async with places:
                answer = await client.post(f"{url}/task", json=one)
                assert answer.json()["code"] == 0

        cpu, began = time.process_time(), time.time()
        await asyncio.gather(*(create(one) for one in bodies))
        print(json.dumps({"began": began, "ended": time.time(), "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
