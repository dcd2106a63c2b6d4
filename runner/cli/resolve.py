"""`resolve`: decide what becomes of an assignment that is unknown, or of all of a campaign's day."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from runner.adapters.clock import SystemClock
from runner.app.resolve import resolve
from runner.app.resolve_day import resolve_day, unknown_of_day
from runner.app.rows import resolved_day_row
from runner.cli.days import DayType, day_in_words, day_of
from runner.cli.files import settings_of
from runner.cli.holds import owner_name
from runner.cli.output import JSON, format_option, say, write_json
from runner.cli.results import show_results
from runner.cli.tables import how_many
from runner.model.record import Resolution

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path

    from runner.app.resolve import Resolving
    from runner.app.resolve_day import ResolvingDay, UnknownOfDay
    from runner.cli.days import ChosenDay

_WAIT_SECONDS = 10.0
_WAIT_FOR_MANY_SECONDS = 60.0
_POLL_SECONDS = 0.2
_LATER = "the daemon will do it as soon as it runs"
_MOST_SHOWN = 20


@click.command(name="resolve")
@click.argument("key", required=False)
@click.option("--campaign", metavar="C", help="All that is unknown of this campaign on the day of --date.")
@click.option(
    "--date", "chosen", type=DayType(), metavar="D", help="A day as 2026-12-24, or today, yesterday."
)
@click.option("--resubmit", is_flag=True, help="Submit it again, while its window is open.")
@click.option("--drop", is_flag=True, help="Leave it; it counts as cancelled.")
@click.option("--reason", metavar="R", help="Why, for whoever looks later.")
@click.option("--yes", is_flag=True, help="With --campaign: do it, and not only show it.")
@format_option
@click.pass_obj
def command(
    config: Path | None,
    *,
    key: str | None,
    campaign: str | None,
    chosen: ChosenDay | None,
    resubmit: bool,
    drop: bool,
    reason: str | None,
    yes: bool,
    form: str,
) -> None:
    """Decide what becomes of an assignment that is unknown.

    Look on the host first: whether its work is there is what the runner could not tell. KEY may be cut short.
    With --campaign and --date, e.g. after a restore, all of that day at once: it is shown what would be done,
    and done with --yes.
    """
    if resubmit == drop:
        raise click.UsageError("say one: --resubmit or --drop")
    act = Resolution.RESUBMIT if resubmit else Resolution.DROP
    if campaign is not None and chosen is not None and key is None:
        _of_day(config, campaign, chosen, act=act, reason=reason or None, yes=yes, form=form)
    elif key is not None and campaign is None and chosen is None and not yes:
        _one(config, key, act=act, reason=reason or None, form=form)
    else:
        raise click.UsageError("name a KEY, or --campaign C and --date D (and --yes to do it)")


def _one(config: Path | None, key: str, *, act: Resolution, reason: str | None, form: str) -> None:
    now = SystemClock().now()
    resolving = resolve(settings_of(config), key=key, act=act, owner=owner_name(), reason=reason, now=now)
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


def _of_day(
    config: Path | None,
    campaign: str,
    chosen: ChosenDay,
    *,
    act: Resolution,
    reason: str | None,
    yes: bool,
    form: str,
) -> None:
    settings = settings_of(config)
    now = SystemClock().now()
    day = day_of(chosen, now=now, timezone=settings.timezone)
    found = unknown_of_day(settings, campaign=campaign, day=day, act=act, now=now)
    outcomes = None
    if yes:
        outcomes = _all_awaited(resolve_day(settings, found, owner=owner_name(), reason=reason, now=now))
    if form == JSON:
        write_json(resolved_day_row(found, outcomes))
    else:
        _show(found, outcomes)


def _all_awaited(resolving: ResolvingDay) -> Counter[str | None]:
    ends = time.monotonic() + _WAIT_FOR_MANY_SECONDS
    while (outcomes := resolving.outcomes())[None] and resolving.is_awaited and time.monotonic() < ends:
        time.sleep(_POLL_SECONDS)
    return outcomes


def _show(found: UnknownOfDay, outcomes: Counter[str | None] | None) -> None:
    say(f"{found.campaign}, {day_in_words(found.day)}")
    show_results(list(found.able[:_MOST_SHOWN]))
    if len(found.able) > _MOST_SHOWN:
        say(f"and {len(found.able) - _MOST_SHOWN} more")
    would = "dropped" if found.act is Resolution.DROP else "submitted again"
    for why, count in found.left.items():
        say(f"{how_many(count, 'assignment')} left as they are: {why}.")
    if outcomes is None:
        say(f"{how_many(len(found.able), 'assignment')} would be {would}. Nothing was done; --yes does it.")
        return
    for outcome, count in outcomes.items():
        say(f"{how_many(count, 'assignment')}: {outcome or _LATER}.")
