"""`events`: show the audit log, and what is added to it."""

from __future__ import annotations

import json
import time
from contextlib import closing
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from runner.adapters.ledger import Reader
from runner.app.report import events_after
from runner.app.rows import event_row
from runner.cli.days import clock_time
from runner.cli.files import settings_of
from runner.cli.output import JSON, format_option, say, write_json_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from runner.adapters.ledger import StoredEvent

_POLL_SECONDS = 1.0
_NAME_WIDTH = 22


@click.command(name="events")
@click.option("--follow", is_flag=True, help="Go on with what is added, until Ctrl-C.")
@click.option("--after", metavar="ID", type=click.IntRange(min=0), help="Begin with the one after this id.")
@click.option(
    "--limit", metavar="N", type=click.IntRange(min=0), default=100, help="At most so many; default 100."
)
@click.option("--campaign", metavar="C", help="Only of this campaign.")
@click.option("--key", metavar="K", help="Only of this assignment.")
@format_option
@click.pass_obj
def command(
    config: Path | None,
    *,
    follow: bool,
    after: int | None,
    limit: int,
    campaign: str | None,
    key: str | None,
    form: str,
) -> None:
    """Show the audit log.

    The newest events are shown, the newest of them last; with --after, the first ones behind that id. In json
    each event is an object on a line of its own.
    """
    settings = settings_of(config)
    show = partial(_show, timezone=settings.timezone, form=form)
    with closing(Reader.open(settings.store)) as reader:
        if key is not None:
            key = reader.assignment(key).assignment.key
        ask = partial(events_after, reader, key=key, campaign=campaign)
        if after is None:
            last = reader.last_event_id()
            first = reader.newest_events(limit=limit, key=key, campaign=campaign)
        else:
            last = after
            first = list(islice(ask(after), limit))
        last = show(first, last=last)
        while follow:
            last = show(ask(last), last=last)
            time.sleep(_POLL_SECONDS)


def fields_in_words(fields: Mapping[str, Any]) -> str:
    """Return an event's fields on one line, e.g. `host=studio-pc reason="no such video"`."""
    return " ".join(f"{name}={_word(value)}" for name, value in fields.items())


def _show(events: Iterable[StoredEvent], *, last: int, timezone: str, form: str) -> int:
    """Write events as they come, and return the id of the last one; `last` where there was none."""
    for stored in events:
        if form == JSON:
            write_json_line(event_row(stored, zone=ZoneInfo(timezone)))
        else:
            event = stored.event
            fields = fields_in_words(event.fields)
            name = event.name.ljust(_NAME_WIDTH)
            say(f"{stored.id:>6}  {clock_time(event.at, timezone=timezone)}  {name}  {fields}".rstrip())
        last = stored.id
    return last


def _word(value: object) -> str:
    if isinstance(value, str) and value and not set(value) & set(' "='):
        return value
    return json.dumps(value, ensure_ascii=False)
