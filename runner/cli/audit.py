"""`audit`: check the audit log, or write it out."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from runner.adapters.clock import SystemClock
from runner.adapters.ledger import Reader
from runner.app.audit import verify
from runner.app.rows import event_row
from runner.cli.days import DayType, day_of
from runner.cli.files import settings_of
from runner.cli.output import JSON, format_option, say, write_json, write_json_line
from runner.cli.tables import how_many
from runner.model.audit import HASH_BYTES
from runner.model.instant import instant

if TYPE_CHECKING:
    from pathlib import Path

    from runner.cli.days import ChosenDay
    from runner.model.instant import Instant


class HeadType(click.ParamType[tuple[int, bytes]]):
    """An event's number and hash as `ID:HASH`."""

    name = "head"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, bytes]:
        """Return both; fails where they are none."""
        number, _, digits = str(value).partition(":")
        try:
            event_id, event_hash = int(number), bytes.fromhex(digits)
        except ValueError:
            event_id, event_hash = 0, b""
        if event_id < 1 or len(event_hash) != HASH_BYTES:
            self.fail(f"`{value}` is no head of the log; write it as `audit verify` prints it", param, ctx)
        return event_id, event_hash


@click.group(name="audit")
def command() -> None:
    """Check the audit log, or write it out.

    Each event holds a hash of the one before it and of itself, so that nothing can be changed, deleted or put
    in between unseen.
    """


@command.command(name="verify")
@click.option(
    "--head",
    "heads",
    metavar="ID:HASH",
    multiple=True,
    type=HeadType(),
    help="A head that was kept elsewhere; may be given again.",
)
@format_option
@click.pass_obj
def verify_command(config: Path | None, *, heads: tuple[tuple[int, bytes], ...], form: str) -> None:
    """Find what was changed, deleted or inserted in the audit log.

    The exit code is 1 where anything was. Who can write the store can also make all hashes anew; the head
    that is printed, or one from the log, finds that later where it was kept out of their reach.
    """
    with closing(Reader.open(settings_of(config).store)) as reader:
        found = verify(reader, expected=dict(heads))
    if form == JSON:
        write_json(
            {
                "sound": not found.breaks,
                "breaks": list(found.breaks),
                "checked": found.checked,
                "before_the_chain": found.unchained,
                "head": found.head,
            }
        )
    else:
        verdict = "NOT as written" if found.breaks else "as written"
        for each in found.breaks:
            say(each)
        say(f"{how_many(found.checked, 'event')} checked: {verdict}")
        if found.unchained:
            say(f"{how_many(found.unchained, 'event')} before them are older than the chain: not checked")
        if found.head is not None:
            say(f"head {found.head}")
    if found.breaks:
        raise click.exceptions.Exit(1)


@command.command(name="export")
@click.option("--from", "since", metavar="D", type=DayType(), help="The first day; default: all there is.")
@click.option("--to", "until", metavar="D", type=DayType(), help="The last day; default: all there is.")
@click.pass_obj
def export_command(config: Path | None, *, since: ChosenDay | None, until: ChosenDay | None) -> None:
    """Write the audit log as JSON lines, the oldest event first.

    Days are those of the config's zone. `hash` is the event's own.
    """
    settings = settings_of(config)
    zone = ZoneInfo(settings.timezone)
    first = None if since is None else _midnight(since, timezone=settings.timezone)
    end = None if until is None else _midnight(until, timezone=settings.timezone, days_later=1)
    with closing(Reader.open(settings.store)) as reader:
        for stored, event_hash in reader.recorded(since=first, until=end):
            write_json_line(
                event_row(stored, zone=zone) | {"hash": None if event_hash is None else event_hash.hex()}
            )


def _midnight(chosen: ChosenDay, *, timezone: str, days_later: int = 0) -> Instant:
    day = day_of(chosen, now=SystemClock().now(), timezone=timezone) + timedelta(days=days_later)
    return instant(datetime.combine(day, time.min, tzinfo=ZoneInfo(timezone)))
