"""Check the hosts for `doctor`: licence, clock, zone, and what they show of what was sent to them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.app.hosts import probe_hosts
from runner.core.check.licences import groups_beyond_licences
from runner.core.checkup import of_echoes, of_host, of_host_clock, of_zone
from runner.model.campaign import Deliver
from runner.model.checkup import Finding, Verdict
from runner.model.instant import SECOND, instant, moment
from runner.model.record import HostState
from runner.model.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Reader
    from runner.app.hosts import HostAnswer
    from runner.app.loaded import Loaded
    from runner.model.instant import Instant
    from runner.model.record import AssignmentRecord
    from runner.model.settings import Config, Host

_WRITTEN = "%Y-%m-%d %H:%M:%S"
_TOLERANCE_US = 120 * SECOND
"""Clocks may differ by a minute, and a host writes whole seconds."""
_LAST_TASKS = 20


async def host_findings(
    loaded: Loaded, *, config: Config, reader: Reader | None, clock: Clock
) -> list[Finding]:
    """Ask every host at once, and return how each stands; without a store, what it holds is left out.

    Raises LedgerError where the store cannot be read.
    """
    answers = await probe_hosts(loaded.settings, clock=clock)
    found: list[Finding] = []
    ended = [] if reader is None else _ended_today(reader, loaded, now=clock.now())
    for answer in answers:
        found += _of_answer(answer, ahead=_ahead(loaded, answer.host))
        found.append(_of_zone(answer.host, ended))
        if reader is not None:
            devices = f"DEVICE --host {answer.host.name}" if len(answers) > 1 else "DEVICE"
            found.append(of_echoes(answer.host.name, reader.echoes(answer.host.name), devices=devices))
    return [*found, *_licences(loaded, config, answers)]


def _of_answer(answer: HostAnswer, *, ahead: bool) -> Iterator[Finding]:
    name = answer.host.name
    yield of_host(
        name,
        answer.state,
        detail=answer.detail,
        licence=answer.licence,
        latency_seconds=answer.latency_seconds,
    )
    if answer.state is HostState.READY:
        yield of_host_clock(name, told=answer.clock_told, off_us=answer.clock_off_us, ahead=ahead)


def _ahead(loaded: Loaded, host: Host) -> bool:
    return any(
        entry.deliver is Deliver.AHEAD and any(one.target.host == host.name for one in entry.placements)
        for campaign in loaded.campaigns
        for entry in campaign.entries
    )


def _licences(loaded: Loaded, config: Config, answers: Sequence[HostAnswer]) -> Iterator[Finding]:
    limits = {
        answer.host.name: answer.licence.device_limit
        for answer in answers
        if answer.licence is not None and answer.licence.device_limit is not None
    }
    beyond = list(groups_beyond_licences(loaded.campaigns, config=config, device_limits=limits))
    for concern in beyond:
        subject = f"{concern.file}: {'.'.join(map(str, concern.path))}"
        yield Finding("licence", subject, Verdict.WARNING, concern.message)
    if limits and not beyond:
        yield Finding(
            "licence", "", Verdict.OK, "no group has more devices on a host than its licence allows"
        )


def _of_zone(host: Host, ended: Sequence[AssignmentRecord]) -> Finding:
    zone = ZoneInfo(host.timezone)
    of_host = [record for record in ended if record.assignment.target.host == host.name]
    off = [
        _seconds_off(record, task.start_time, zone=zone)
        for record in of_host[-_LAST_TASKS:]
        for task in record.tasks
        if task.start_time is not None
    ]
    seconds_off = [seconds for seconds in off if seconds is not None]
    return of_zone(host.name, host.timezone, given=host.timezone_given, seconds_off=seconds_off)


def _ended_today(reader: Reader, loaded: Loaded, *, now: Instant) -> list[AssignmentRecord]:
    today = moment(now, zone=ZoneInfo(loaded.settings.timezone)).date()
    return reader.assignments(day=today, state=State.COMPLETED)


def _seconds_off(record: AssignmentRecord, written: str, *, zone: ZoneInfo) -> float | None:
    """Return how far outside of the life of its assignment a task began, by the host's own writing."""
    try:
        began = instant(datetime.strptime(written, _WRITTEN).replace(tzinfo=zone))
    except ValueError:
        return None
    earliest, latest = record.submitted_at, record.finished_at
    if earliest is None or latest is None:
        return None
    if began < earliest - _TOLERANCE_US:
        return (began - earliest) / SECOND
    return (began - latest) / SECOND if began > latest + _TOLERANCE_US else 0.0
