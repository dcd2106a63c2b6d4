"""Judge what `doctor` has found of channels and pings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.checkup import Finding, Verdict
from runner.model.instant import SECOND, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.model.instant import Instant

CHECK = "notify"
LONG_US = 600 * SECOND
"""What has waited for so long is not on its way any more."""


def without_channels() -> Finding:
    """Return that nobody is told of anything."""
    return Finding(CHECK, "", Verdict.OK, "the config has no channel: alarms are in the log only")


def of_channel(
    name: str,
    *,
    installed: bool,
    missing: str | None,
    known: bool | None,
    oldest: Instant | None,
    waiting: int,
    now: Instant,
) -> Finding:
    """Judge a channel.

    Args:
        name: as the config calls it.
        installed: is Apprise there?
        missing: the secret of its address that has no value here.
        known: can Apprise make something of the address? None: that is not known.
        oldest: since when the first of what waits for it could have gone.
        waiting: how many messages could have gone.
        now: the present.
    """
    if not installed:
        advice = "pip install 'campaign-runner[notify]'"
        return Finding(CHECK, name, Verdict.PROBLEM, "Apprise is not installed", advice)
    if missing is not None:
        advice = "It has to be there where the daemon runs."
        return Finding(CHECK, name, Verdict.WARNING, f"its address is not known here: {missing}", advice)
    if known is False:
        advice = "https://appriseit.com/services/ shows how addresses are written."
        return Finding(CHECK, name, Verdict.PROBLEM, "its address is none that Apprise knows", advice)
    if oldest is not None and now - oldest > LONG_US:
        count = "1 message waits" if waiting == 1 else f"{waiting} messages wait"
        message = f"{count} for it, the first since {shown(oldest - oldest % SECOND)}"
        advice = f"`campaign-runner notify test --channel {name}` says what it answers."
        return Finding(CHECK, name, Verdict.WARNING, message, advice)
    return Finding(CHECK, name, Verdict.OK, "Apprise knows its address, and nothing waits for it")


def of_pings(missing: Mapping[str, str | None]) -> Iterator[Finding]:
    """Judge pings, by what they are of, and the secrets that their addresses lack."""
    for subject, lacks in missing.items():
        if lacks is not None:
            message = f"the address of its ping is not known here: {lacks}"
            yield Finding(
                CHECK, subject, Verdict.WARNING, message, "It has to be there where the daemon runs."
            )
