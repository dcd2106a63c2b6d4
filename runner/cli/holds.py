"""What `pause` and `resume` have in common: what is meant, by whom, until when."""

from __future__ import annotations

import getpass
import os
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from runner.core.windows import first_instant
from runner.model.instant import instant, moment
from runner.model.record import HoldScope
from runner.model.texts import read_clock, read_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.model.instant import Instant

_LAST_YEAR = 9000


def subject_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `CAMPAIGN`, `--host H` and `--all` to a command."""
    for decorate in (
        click.option("--all", "everything", is_flag=True, help="Everything."),
        click.option("--host", metavar="H", help="What is for this host."),
        click.argument("campaign", required=False),
    ):
        command = decorate(command)
    return command


def scope_of(campaign: str | None, host: str | None, *, everything: bool) -> tuple[HoldScope, str]:
    """Return what is meant; fails unless it is one of the three."""
    given = [
        (scope, subject)
        for scope, subject in (
            (HoldScope.CAMPAIGN, campaign),
            (HoldScope.HOST, host),
            (HoldScope.ALL, "" if everything else None),
        )
        if subject is not None
    ]
    if len(given) != 1:
        raise click.UsageError("name one: a CAMPAIGN, --host H, or --all")
    return given[0]


def owner_name() -> str:
    """Return who is asking, as the operating system names them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        # A container's user that has no name; or on Windows, where there is no number, one without USERNAME.
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def until_of(text: str | None, *, now: Instant, timezone: str) -> Instant | None:
    """Return the instant of `18:00` (the next one), of a date with a time, or so long from now as `2h`.

    A time without an offset is one of `timezone`. Fails where nothing can be read, or it is over already.
    """
    if text is None:
        return None
    until = _read(text.strip(), now=now, zone=ZoneInfo(timezone))
    if until is None:
        words = 'is not a time; write 18:00, "2026-12-24 18:00", or how long, e.g. 2h'
        raise click.BadParameter(f"`{text[:40]}` {words}", param_hint="--until")
    if until <= now:
        raise click.BadParameter(f"{text} is over already", param_hint="--until")
    return until


def _read(text: str, *, now: Instant, zone: ZoneInfo) -> Instant | None:
    try:
        return now + read_duration(text) // timedelta(microseconds=1)
    except ValueError:
        pass
    try:
        seconds = read_clock(text)
    except ValueError:
        pass
    else:
        midnight = datetime.combine(moment(now, zone=zone).date(), time.min)
        instants = (
            first_instant(midnight + timedelta(days=ahead, seconds=seconds), zone=zone) for ahead in (0, 1, 2)
        )
        return next(at for at in instants if at > now)
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    if when.year > _LAST_YEAR or (when.tzinfo is None and len(text) <= len("2026-12-24")):
        return None
    return instant(when) if when.tzinfo else first_instant(when.replace(microsecond=0), zone=zone)
