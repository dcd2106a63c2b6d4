"""The questions of the HTTP API: the rows of the commands, in pages."""

from __future__ import annotations

import json
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.adapters.ledger import Reader
from runner.adapters.own_command import written_by
from runner.app.report import life_of, status_from
from runner.app.rows import (
    event_row,
    host_row,
    life_row,
    occurrence_row,
    plan_row,
    result_row,
    run_row,
    status_row,
)
from runner.app.why import why_from
from runner.core.expand import plan_days
from runner.errors import NotFound, RunnerError
from runner.model.suggest import did_you_mean
from runner.web.wire import Refused

if TYPE_CHECKING:
    from datetime import date

    from runner.model.campaign import Campaign
    from runner.web.access import Access
    from runner.web.inputs import EventsInput, NoInput, PlanInput, ResultsInput, RunsInput, WhyInput

DOCTOR_SECONDS = 25.0
"""So long may `doctor` take: each host has its `http.timeout`, all are asked at once."""
MOST_SHOWN = 100
"""Assignments that run, and that went wrong, in a status."""


async def status(access: Access, _asked: NoInput, _key: str) -> dict[str, Any]:
    """Return how things stand."""
    loaded, now, settings = access.daemon.loaded(), access.now(), access.settings

    def read(reader: Reader) -> dict[str, Any]:
        return status_row(status_from(reader, loaded, now=now, most=MOST_SHOWN), settings=settings)

    return await access.ask(read)


async def hosts(access: Access, _asked: NoInput, _key: str) -> dict[str, Any]:
    """Return every host of the config as it answered last."""
    seen = {record.host: record for record in await access.ask(Reader.hosts)}
    configured = access.settings.hosts.values()
    return {"items": [host_row(host, seen.get(host.name), zone=access.zone) for host in configured]}


async def runs(access: Access, asked: RunsInput, _key: str) -> dict[str, Any]:
    """Return a page of a day's runs."""
    day = access.day(asked.date)

    def read(reader: Reader) -> dict[str, Any]:
        records = reader.runs(day=day, campaign=asked.campaign)
        page = records[asked.skip : asked.skip + asked.limit]
        more = len(records) > asked.skip + asked.limit
        return {"items": [run_row(one) for one in page], "next": asked.skip + asked.limit if more else None}

    return await access.ask(read)


async def results(access: Access, asked: ResultsInput, _key: str) -> dict[str, Any]:
    """Return a page of a day's assignments, by due instant."""
    day = access.day(asked.date)

    def read(reader: Reader) -> dict[str, Any]:
        # One more than is shown, to know whether there is another page.
        records = reader.assignments(
            day=day, campaign=asked.campaign, state=asked.state, limit=asked.limit + 1, after=asked.after
        )
        page = records[: asked.limit]
        more = len(records) > asked.limit
        return {
            "items": [result_row(record) for record in page],
            "next": page[-1].assignment.key if more else None,
        }

    return await access.ask(read)


async def show(access: Access, _asked: NoInput, key: str) -> dict[str, Any]:
    """Return one assignment with its whole life."""

    def read(reader: Reader) -> dict[str, Any]:
        return life_row(life_of(reader, key))

    return await access.ask(read)


async def events(access: Access, asked: EventsInput, _key: str) -> dict[str, Any]:
    """Return a page of the audit log: the newest events, or those behind an id."""
    zone = access.zone

    def read(reader: Reader) -> dict[str, Any]:
        if asked.after is None:
            last = reader.last_event_id()
            found = reader.newest_events(limit=asked.limit, key=asked.key, campaign=asked.campaign)
        else:
            last = asked.after
            found = reader.events(
                after_id=asked.after, limit=asked.limit, key=asked.key, campaign=asked.campaign
            )
        last = found[-1].id if found else last
        return {"items": [event_row(stored, zone=zone) for stored in found], "next": last}

    return await access.ask(read)


async def plan(access: Access, asked: PlanInput, _key: str) -> dict[str, Any]:
    """Return a page of what the campaigns in force will submit."""
    campaigns = access.daemon.campaigns()
    chosen = tuple(one for one in campaigns if asked.campaign in {None, one.name})
    if asked.campaign is not None and not chosen:
        meant = did_you_mean(asked.campaign, [one.name for one in campaigns])
        raise NotFound(f"there is no campaign `{asked.campaign}` in force{meant}")
    return await access.work(_planned, chosen, access.day(asked.date), asked)


async def why(access: Access, asked: WhyInput, _key: str) -> dict[str, Any]:
    """Return a page of every occurrence of a campaign or a target on a day."""
    loaded, day, now = access.daemon.loaded(), access.day(asked.date), access.now()

    def read(reader: Reader) -> dict[str, Any]:
        found = why_from(reader, loaded, config=access.config, subject=asked.subject, day=day, now=now)
        end = asked.skip + asked.limit
        return {
            "items": [occurrence_row(one) for one in found[asked.skip : end]],
            "next": end if len(found) > end else None,
        }

    return await access.ask(read)


async def doctor(access: Access, _asked: NoInput, _key: str) -> dict[str, Any]:
    """Return what `doctor` finds: in a process of its own, since it reads all files and asks all hosts."""
    if access.examining.locked():
        detail = "everything is being examined already"
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, detail, retry_after="5")
    async with access.examining:
        file = access.config.folder / Path(access.settings.file).name
        words = ("doctor", "--format", "json")
        try:
            written = await written_by(words, config=file, seconds=DOCTOR_SECONDS)
        except RunnerError as error:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from None
    return {"items": json.loads(written)}


def _planned(campaigns: tuple[Campaign, ...], first: date, asked: PlanInput) -> dict[str, Any]:
    rows = (
        (planned.run, assignment)
        for planned in plan_days(campaigns, first=first, days=asked.days)
        for assignment in planned.assignments
    )
    # One more than is shown, to know whether there is another page.
    page = list(islice(rows, asked.skip, asked.skip + asked.limit + 1))
    more = len(page) > asked.limit
    return {
        "items": [plan_row(run, assignment) for run, assignment in page[: asked.limit]],
        "next": asked.skip + asked.limit if more else None,
    }
