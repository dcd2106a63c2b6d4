"""What `cancel` and `stop` have in common: what is meant, and the wait until it is done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from runner.adapters.clock import SystemClock
from runner.app.cancel import cancel
from runner.app.rows import halt_row
from runner.cli.files import loaded_of
from runner.cli.holds import owner_name
from runner.cli.output import JSON, format_option, say, write_json
from runner.cli.tables import how_many
from runner.model.halt import Fate, HaltScope

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runner.app.cancel import Cancelling
    from runner.model.halt import Depth, HaltStanding

_WAIT_SECONDS = 30.0
_POLL_SECONDS = 0.2
_IN_WORDS = {
    Fate.DROPPED: "dropped before they were submitted",
    Fate.WITHDRAWN: "withdrawn from their hosts",
    Fate.STOPPED: "stopped",
    Fate.LEFT: "left running",
    Fate.ENDED: "ended by themselves",
    Fate.UNKNOWN: "unknown; look at them with `campaign-runner results`",
}


def halt_command(name: str, *, depth: Depth, help: str) -> click.Command:  # noqa: A002 - as click calls it
    """Return the command that gives a halt of a depth, of a KEY, a campaign, a host or everything."""

    def give(config: Path | None, **said: Any) -> None:
        _carry_out(config, depth=depth, **said)

    command: Callable[..., Any] = click.pass_obj(give)
    for decorate in (
        format_option,
        click.option("--reason", metavar="R", help="Why, for whoever looks later."),
        click.option(
            "--all", "everything", is_flag=True, help="Everything; nothing new goes until `resume --all`."
        ),
        click.option("--host", metavar="H", help="What is for this host."),
        click.option("--campaign", metavar="C", help="What is of this campaign."),
        click.argument("key", required=False),
    ):
        command = decorate(command)
    return click.command(name=name, help=help)(command)


def _carry_out(
    config: Path | None,
    *,
    depth: Depth,
    key: str | None,
    campaign: str | None,
    host: str | None,
    everything: bool,
    reason: str | None,
    form: str,
) -> None:
    """Give a halt, wait for a daemon that runs to carry it out, and say what has become of it."""
    given = [
        (scope, subject)
        for scope, subject in (
            (HaltScope.ASSIGNMENT, key),
            (HaltScope.CAMPAIGN, campaign),
            (HaltScope.HOST, host),
            (HaltScope.ALL, "" if everything else None),
        )
        if subject is not None
    ]
    if len(given) != 1:
        raise click.UsageError("name one: a KEY, --campaign C, --host H, or --all")
    ((scope, subject),) = given
    loaded = loaded_of(config)
    halting = cancel(
        loaded,
        depth=depth,
        scope=scope,
        subject=subject,
        owner=owner_name(),
        reason=reason or None,
        now=SystemClock().now(),
    )
    standing = _awaited(halting)
    if form == JSON:
        write_json(halt_row(standing, timezone=loaded.settings.timezone))
    else:
        _show(halting, standing)
    if standing.open:
        click.get_current_context().exit(1)


def _awaited(halting: Cancelling) -> HaltStanding:
    ends = time.monotonic() + _WAIT_SECONDS
    while True:
        runs = halting.is_awaited()
        standing = halting.standing()
        if not standing.open or not runs or time.monotonic() > ends:
            return standing
        time.sleep(_POLL_SECONDS)


def _show(halting: Cancelling, standing: HaltStanding) -> None:
    if halting.given.hold is not None:
        say("Nothing is submitted any more, until `campaign-runner resume --all`.")
    for fate, words in _IN_WORDS.items():
        count = standing.fates.get(fate, 0)
        if count:
            say(f"{how_many(count, 'assignment')}: {words}.")
    if standing.open:
        is_or_are = "is" if standing.open == 1 else "are"
        say(f"{how_many(standing.open, 'assignment')} {is_or_are} on hosts still, or in doubt.")
        say("The daemon sees to that as long as it runs, and goes on with it when it is started again.")
    elif not standing.fates:
        say("Nothing was planned up to today, and nothing was on a host.")
