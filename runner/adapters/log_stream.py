"""A stream for log lines that never makes the daemon wait: what is not read is kept, and then dropped."""

from __future__ import annotations

import asyncio
import os
import select
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from typing import Self

MOST_WAITING_BYTES = 1024 * 1024
"""So much is kept for a reader that does not read; further lines are dropped."""
_PIECE_BYTES = 4096
"""A pipe that is ready takes so much without waiting (PIPE_BUF of Linux)."""


class UnhurriedStream:
    """Writes what fits at once, and the rest with a later line; a reader that is gone costs lines only."""

    def __init__(self, descriptor: int, *, encoding: str) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._waiting = bytearray()
        self._dropped = 0
        self._put_off_in: asyncio.AbstractEventLoop | None = None
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)

    @classmethod
    def of(cls, stream: TextIO) -> Self | None:
        """Return one for a stream with a file descriptor; None where it has none, or on Windows."""
        if sys.platform == "win32":
            return None
        # A stream that a test or a program has put in its place may be none of the system's.
        with suppress(OSError, ValueError, AttributeError):
            return cls(stream.fileno(), encoding=stream.encoding)
        return None

    def write(self, text: str) -> None:
        """Take text over; it goes out with `flush`, now or later."""
        if len(self._waiting) > MOST_WAITING_BYTES:
            self._dropped += 1
        else:
            self._waiting += text.encode(self._encoding, errors="backslashreplace")

    def flush(self) -> None:
        """Write what the reader takes without making us wait; in an event loop once its turn is over.

        All lines of a turn go out at once, since each write costs as much as making some lines. What a loop
        leaves behind goes out with the next flush, the latest one being that of `logging` at exit.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._write_out()
            return
        if self._put_off_in is not loop:
            self._put_off_in = loop
            loop.call_soon(self._write_out)

    def _write_out(self) -> None:
        self._put_off_in = None
        try:
            while self._waiting and self._poll.poll(0):
                done = os.write(self._descriptor, self._waiting[:_PIECE_BYTES])
                del self._waiting[:done]
        except BlockingIOError:
            return
        except OSError:
            # Nobody reads any more, or the disk behind it is full. The events are in the ledger.
            self._waiting.clear()

    def caught_up(self) -> int:
        """Return how many lines were dropped, once and only when everything before them has gone out."""
        dropped = 0 if self._waiting else self._dropped
        self._dropped -= dropped
        return dropped
