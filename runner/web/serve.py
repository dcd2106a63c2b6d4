"""Serve the HTTP API beside the daemon for as long as that runs; a port that is taken is tried again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from runner.adapters.api_token import TokenFile
from runner.app.journal import event
from runner.errors import TokenUnusable
from runner.web.access import Access
from runner.web.api import Api
from runner.web.guard import Guard
from runner.web.server import ApiServer

if TYPE_CHECKING:
    from runner.app.beside import Surroundings
    from runner.model.settings import WebSettings

FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 60.0


async def serve_api(surroundings: Surroundings) -> None:
    """Listen, and answer until cancelled."""
    settings = surroundings.config.config.settings.web
    if settings.token_file is None or not settings.served:
        return
    token = TokenFile(settings.token_file)
    teller = _Teller(surroundings)
    access = Access(surroundings)
    guard = Guard(settings, is_token=token.is_token, monotonic_seconds=surroundings.clock.monotonic_seconds)
    api = Api(access, guard=guard, token_trouble=teller.unavailable)
    server = ApiServer(settings, api)
    pause_seconds = FIRST_PAUSE_SECONDS
    try:
        while True:
            try:
                token.current()
                await server.start()
            except (OSError, ValueError, TokenUnusable) as error:
                teller.unavailable(_words(error))
            except Exception as error:  # noqa: BLE001 - the daemon's work goes on whatever it is
                surroundings.journal.failure("api", error)
            else:
                teller.listening(settings)
                await asyncio.Event().wait()
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)
    finally:
        server.stop()
        access.close()


class _Teller:
    """Tells once of each trouble, and of its end."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._trouble: str | None = None

    def unavailable(self, reason: str) -> None:
        if reason != self._trouble:
            self._trouble = reason
            self._tell("api.unavailable", reason=reason)

    def listening(self, settings: WebSettings) -> None:
        self._trouble = None
        scheme = "http" if settings.certfile is None else "https"
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        where = f"unix:{settings.socket}" if settings.socket else f"{scheme}://{host}:{settings.port}"
        self._tell("api.listening", url=where, file=str(settings.token_file))

    def _tell(self, name: str, **fields: str) -> None:
        now = self._surroundings.clock.now()
        self._surroundings.journal.note([event(name, at=now, **fields)])


def _words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
