"""The door to the service manager that has started us: systemd's notify protocol (sd_notify(3), ADR 0030)."""

from __future__ import annotations

import socket
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

_MOST_WAITING = 16
_SECOND_US = 1_000_000


class ServiceManager:
    """Tells systemd how things stand, a datagram each; never waits and never fails.

    What systemd does not take at once, e.g. while it starts itself anew, goes out before the next datagram.
    """

    def __init__(self, address: str, *, watchdog_seconds: float | None = None) -> None:
        """Take the socket's address, `@` in front for an abstract one, and how soon the watchdog bites."""
        self.watchdog_seconds = watchdog_seconds
        """It ends a service that has not sent WATCHDOG=1 for so long; None: it does not watch."""
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._waiting: deque[bytes] = deque(maxlen=_MOST_WAITING)

    @classmethod
    def of(cls, environ: Mapping[str, str], *, process_id: int) -> Self | None:
        """Return the one that has started this process; None where none has that wants to be told."""
        address = environ.get("NOTIFY_SOCKET", "")
        if not address.startswith(("/", "@")) or not hasattr(socket, "AF_UNIX"):
            return None
        microseconds = environ.get("WATCHDOG_USEC", "")
        meant = environ.get("WATCHDOG_PID", str(process_id)) == str(process_id)
        watched = meant and microseconds.isdecimal() and int(microseconds) > 0
        return cls(address, watchdog_seconds=int(microseconds) / _SECOND_US if watched else None)

    def tell(self, *assignments: str) -> None:
        """Send assignments, e.g. `READY=1`, in one datagram."""
        message = "\n".join(line.replace("\n", " ") for line in assignments).encode()
        if not self._waiting or self._waiting[-1] != message:
            self._waiting.append(message)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.settimeout(0)
                while self._waiting:
                    sender.sendto(self._waiting[0], self._address)
                    self._waiting.popleft()
        except BlockingIOError:
            return
        except OSError:
            # Nobody listens there any more: what we would have told is of no use later either.
            self._waiting.clear()


def microseconds(seconds: float) -> int:
    """Return a duration, or a reading of the monotonic clock, as systemd writes it."""
    return round(seconds * _SECOND_US)
