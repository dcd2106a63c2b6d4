"""The yardstick: the same requests by plain httpx, eight at once, and nothing recorded.

Started with `create` or `read`, the host's URL and how many devices or tasks; prints when it began and
ended, and the CPU that it needed.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import httpx

from bench.campaigns import body

IN_FLIGHT = 8


async def main(what: str, url: str, count: int) -> None:
    """Make all requests as fast as they go."""
    numbers = range(1, count + 1)
    places = asyncio.Semaphore(IN_FLIGHT)
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:

        async def create(number: int) -> httpx.Response:
            return await client.post(f"{url}/task", json=body(number))

        async def read(number: int) -> httpx.Response:
            return await client.get(f"{url}/task/{number}")

        async def in_turn(number: int) -> None:
            async with places:
                answer = await (create(number) if what == "create" else read(number))
                assert answer.json()["code"] == 0

        cpu, began = time.process_time(), time.time()
        await asyncio.gather(*map(in_turn, numbers))
        print(json.dumps({"began": began, "ended": time.time(), "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
