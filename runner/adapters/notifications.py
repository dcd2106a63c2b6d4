"""The door to Apprise: one message to one channel, from a process that ends with it (ADR 0035)."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_INSTALLED = "Apprise is not installed: pip install 'campaign-runner[notify]'"
NO_ADDRESS = "its address is none that Apprise knows"
NOT_TAKEN = "it did not take the message"
MOST_SECONDS = 60.0
"""How long a channel may take for one message; Apprise itself gives up connecting after 4 s."""
_OWN_MACHINE = "127.0.0.1,localhost,::1"
_CODE = re.compile(r"error=(\d{3})\b")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way to a channel."""

    url: str = field(repr=False)
    """The channel's address, all secrets put in."""
    title: str
    text: str
    urgent: bool = False


class AppriseProcess:
    """Sends each message from a process of its own.

    Apprise needs 30 MB and most of a second to be imported, and a channel that hangs can be ended only with
    the thread that asks it. The daemon keeps nothing of either.
    """

    def __init__(self, *, environ: Mapping[str, str], most_seconds: float = MOST_SECONDS) -> None:
        self._environ = _without_proxy_to_itself(environ)
        self._most_seconds = most_seconds

    async def send(self, delivery: Delivery) -> str | None:
        """Return why the channel did not take a message, in words without secrets; None where it did."""
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            __name__,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=self._environ,
        )
        try:
            # The address goes through the pipe: arguments and environment are seen by others.
            async with asyncio.timeout(self._most_seconds):
                answer, _ = await child.communicate(json.dumps(asdict(delivery)).encode())
        except TimeoutError:
            return f"it did not answer within {self._most_seconds:.0f} s"
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        try:
            refused: str | None = json.loads(answer)
        except ValueError:
            return f"the process that was to send it ended with {child.returncode}"
        return refused


def is_installed() -> bool:
    """Tell whether messages can be sent."""
    return find_spec("apprise") is not None


def knows(url: str) -> bool:
    """Tell whether Apprise can make something of an address; imports it."""
    return _channel(url) is not None


def deliver(delivery: Delivery) -> str | None:
    """Send a message from this process, and return why it was not taken; None where it was.

    What Apprise says of a failure may hold the address, so of that only the code of an answer is told.
    """
    if not is_installed():
        return NOT_INSTALLED
    heard = _Heard()
    logger = logging.getLogger("apprise")
    logger.addHandler(heard)
    logger.propagate = False
    try:
        channel = _channel(delivery.url)
        if channel is None:
            return NO_ADDRESS
        kind = "warning" if delivery.urgent else "info"
        # A result, not an error, says that nobody was reached.
        taken = channel.notify(delivery.text, title=delivery.title, notify_type=kind, body_format="text")
    except Exception as error:  # noqa: BLE001 - a plugin's mistake, whose words may hold the address
        return f"Apprise failed: {type(error).__name__}"
    finally:
        logger.removeHandler(heard)
    if taken:
        return None
    return NOT_TAKEN + (f" (answer {heard.code})" if heard.code else "")


class _Heard(logging.Handler):
    """Takes the code of a refusal from what Apprise logs."""

    code: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        found = _CODE.search(record.getMessage())
        self.code = self.code if found is None else found[1]


def _channel(url: str) -> Any:
    import apprise  # noqa: PLC0415 - 30 MB that only who sends has to have

    asset = apprise.AppriseAsset(async_mode=False, secure_logging=True)
    channel = apprise.Apprise(asset=asset)
    return channel if channel.add(url) else None


def _without_proxy_to_itself(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which no proxy is asked for what is on this machine."""
    # The libraries below Apprise send even 127.0.0.1 to HTTP_PROXY; they prefer the small spelling.
    known = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    without = ",".join(filter(None, (known, _OWN_MACHINE)))
    return {**environ, "no_proxy": without, "NO_PROXY": without}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(deliver(Delivery(**json.loads(sys.stdin.buffer.read())))))
