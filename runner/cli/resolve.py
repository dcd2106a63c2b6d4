"""`resolve`: decide what becomes of an assignment that is unknown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from runner.adapters.clock import SystemClock
from runner.app.resolve import resolve
from runner.cli.files import settings_of
from runner.cli.holds import owner_name
from runner.cli.output import JSON, format_option, say, write_json
from runner.model.record import Resolution

if TYPE_CHECKING:
    from pathlib import Path

    from runner.app.resolve import Resolving

_WAIT_SECONDS = 10.0
_POLL_SECONDS = 0.2
_LATER = "the daemon will do it as soon as it runs"


@click.command(name="resolve")
@click.argument("key")
@click.option("--resubmit", is_flag=True, help="Submit it again, while its window is open.")
@click.option("--drop", is_flag=True, help="Leave it; it counts as cancelled.")
@click.option("--reason", metavar="R", help="Why, for whoever looks later.")
@format_option
@click.pass_obj
def command(
    config: Path | None, *, key: str, resubmit: bool, drop: bool, reason: str | None, form: str
) -> None:
    """Decide what becomes of an assignment that is unknown.

    Look on the host first: whether its work is there is what the runner could not tell. KEY may be cut short.
    """
    if resubmit == drop:
        raise click.UsageError("say one: --resubmit or --drop")
    act = Resolution.RESUBMIT if resubmit else Resolution.DROP
    now = SystemClock().now()
    resolving = resolve(
        settings_of(config), key=key, act=act, owner=owner_name(), reason=reason or None, now=now
    )
    outcome = _awaited(resolving)
    full_key = resolving.record.assignment.key
    if form == JSON:
        write_json({"key": full_key, "act": act.value, "outcome": outcome})
        return
    say(f"{full_key}: {outcome or _LATER}.")


def _awaited(resolving: Resolving) -> str | None:
    """Wait for a daemon that runs to carry it out; None where none does, or not in time."""
    ends = time.monotonic() + _WAIT_SECONDS
    while resolving.is_awaited and time.monotonic() < ends:
        decision = resolving.outcome()
        if decision.applied_at is not None:
            return decision.outcome
        time.sleep(_POLL_SECONDS)
    return None
