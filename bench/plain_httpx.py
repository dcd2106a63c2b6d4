"""The yardstick: the same requests by plain httpx, eight at once, and nothing recorded.

Started with `create` or `read`, how many devices or tasks, and the hosts' URLs, which take turns; prints
when it began and ended, and the CPU that it needed.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import httpx

from bench.campaigns import body

IN_FLIGHT = 8


async def main(what: str, count: int, urls: list[str]) -> None:
    """Make all requests as fast as they go."""
    places = asyncio.Semaphore(IN_FLIGHT)
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:

        async def in_turn(position: int) -> None:
            url, number = urls[position % len(urls)], position // len(urls) + 1
            async with places:
                if what == "create":
                    answer = await client.post(f"{url}/task", json=body(number))
                else:
                    answer = await client.get(f"{url}/task/{number}")
                assert answer.json()["code"] == 0

        cpu, began = time.process_time(), time.time()
        await asyncio.gather(*map(in_turn, range(count)))
        print(json.dumps({"began": began, "ended": time.time(), "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
