"""Run a command of this program in a process of its own, and return what it has written."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from runner.errors import RunnerError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_NOT_HANDED_ON = frozenset({"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"})
"""The service manager would take what the child says for this process's."""


async def written_by(words: Sequence[str], *, config: Path, seconds: float) -> bytes:
    """Return the standard output of `campaign-runner WORDS`; it is ended where it takes longer.

    Raises RunnerError where it wrote nothing, or not in time.
    """
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runner", "--config", str(config), *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name not in _NOT_HANDED_ON},
    )
    try:
        async with asyncio.timeout(seconds):
            written, _ = await child.communicate()
    except TimeoutError:
        raise RunnerError(f"`{words[0]}` took longer than {seconds:.0f} s") from None
    finally:
        if child.returncode is None:
            child.kill()
            await asyncio.shield(child.wait())
    if not written:
        raise RunnerError(f"`{words[0]}` ended with exit code {child.returncode}, and without an answer")
    return written
