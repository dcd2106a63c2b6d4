"""The door to pings: one GET of an address that has to be answered with 2xx."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_SECONDS = 10.0
_FEWEST_BAD = 300


class Pings:
    """Asks for addresses; tells why it failed without the address, which is a secret."""

    def __init__(
        self, transport_of: Callable[[], httpx.AsyncBaseTransport], *, most_seconds: float = MOST_SECONDS
    ) -> None:
        """Take what makes a transport; each ping has one of its own, since they are minutes apart."""
        self._transport_of = transport_of
        self._most_seconds = most_seconds

    async def ping(self, url: str) -> str | None:
        """Return why an address could not be pinged; None where it was."""
        try:
            async with (
                asyncio.timeout(self._most_seconds),
                httpx.AsyncClient(transport=self._transport_of()) as client,
            ):
                answer = await client.get(url)
        except TimeoutError:
            return f"it did not answer within {self._most_seconds:.0f} s"
        except Exception as error:  # noqa: BLE001 - the words of many hold the address, in a traceback too
            return f"it cannot be reached ({type(error).__name__})"
        return None if answer.status_code < _FEWEST_BAD else f"it answered {answer.status_code}"
