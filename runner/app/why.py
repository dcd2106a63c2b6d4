"""Account for every occurrence of a campaign or a target on a day: it ran, or why it did not.

Reads the files and the store; works without a daemon.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING

from runner.adapters.ledger import Reader
from runner.app.edits import campaigns_of_versions
from runner.app.load import load_campaigns
from runner.app.planning import AHEAD_US
from runner.app.report import ALIVE_SECONDS, has_store, stop_file_holds
from runner.core.after import needed_by
from runner.core.calendar import rest_day
from runner.core.expand import expand
from runner.core.why import NO_DAEMON, Surroundings, reason_of
from runner.errors import NotFound
from runner.model.instant import SECOND, shown
from runner.model.state import UNDER_WAY, State
from runner.model.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from runner.adapters.ledger import AcceptedVersion
    from runner.app.loaded import Loaded, LoadedConfig
    from runner.model.campaign import Campaign
    from runner.model.instant import Instant
    from runner.model.plan import Assignment, AssignmentKey, Run
    from runner.model.record import AssignmentRecord

_ALL_WEEKDAYS = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One assignment of the day, planned or not."""

    run: Run
    assignment: Assignment
    state: State | None
    """None: it was never planned."""
    ran: bool
    """Has its host begun it?"""
    reason: str
    """Why it did not run, or how it is."""


def why(
    config: LoadedConfig, *, subject: str, day: date, working_folder: Path, now: Instant
) -> list[Occurrence]:
    """Return every occurrence of a campaign, or of a device or account, on a day of the campaign's zone.

    Raises NotFound where nothing is called so, LedgerError where there is a store but it cannot be read.
    """
    loaded = load_campaigns(config, working_folder=working_folder)
    if not has_store(loaded.settings):
        account = _Account(loaded, config=config, known={}, now=now)
        return account.of(subject, day=day, records=[], planned={}, around=_nothing_known(loaded, now=now))
    with closing(Reader.open(loaded.settings.store)) as reader:
        return why_from(reader, loaded, config=config, subject=subject, day=day, now=now)


def why_from(
    reader: Reader, loaded: Loaded, *, config: LoadedConfig, subject: str, day: date, now: Instant
) -> list[Occurrence]:
    """Return every occurrence by a store and campaigns that are at hand; see `why`."""
    account = _Account(
        loaded,
        config=config,
        known={version.campaign: version for version in reader.accepted_versions()},
        now=now,
    )
    records = [record for record in reader.assignments(day=day) if _is_of(record, subject)]
    names = {record.run.campaign for record in records} | account.campaigns.keys()
    planned = {name: reader.plan_version(name, day=day) for name in names}
    around = _surroundings(reader, loaded, records, now=now)
    return account.of(subject, day=day, records=records, planned=planned, around=around)


class _Account:
    """The campaigns in force, and those on disk that are not, for one question."""

    def __init__(
        self, loaded: Loaded, *, config: LoadedConfig, known: Mapping[str, AcceptedVersion], now: Instant
    ) -> None:
        self._loaded = loaded
        self._known = known
        self._now = now
        on_disk = {campaign.name: campaign for campaign in loaded.campaigns}
        others = [
            version
            for name, version in known.items()
            if name not in on_disk or on_disk[name].version != version.version
        ]
        self.campaigns: dict[str, Campaign] = on_disk | campaigns_of_versions(others, config=config)

    def of(
        self,
        subject: str,
        *,
        day: date,
        records: Sequence[AssignmentRecord],
        planned: Mapping[str, str | None],
        around: Surroundings,
    ) -> list[Occurrence]:
        self._check_known(subject, records)
        found = [
            Occurrence(
                record.run,
                record.assignment,
                record.state,
                ran=record.state in {State.RUNNING, State.COMPLETED}
                or any(task.start_time is not None for task in record.tasks),
                reason=reason_of(record, around),
            )
            for record in records
        ]
        keys = {record.assignment.key for record in records}
        for name, campaign in sorted(self.campaigns.items()):
            found += self._never_planned(
                campaign, subject, day=day, keys=keys, version=planned.get(name), alive=around.alive
            )
        return sorted(found, key=lambda one: (one.run.opens, one.run.campaign, one.assignment.due))

    def _check_known(self, subject: str, records: Sequence[AssignmentRecord]) -> None:
        targets = {
            placement.target.name
            for campaign in self.campaigns.values()
            for entry in campaign.entries
            for placement in entry.placements
        }
        if subject in self.campaigns or subject in targets or records:
            return
        for file in self._loaded.rejected:
            if PurePath(file).stem == subject:
                raise NotFound(f"{file} does not check, and nothing of it is in force")
        meant = did_you_mean(subject, [*self.campaigns, *targets])
        raise NotFound(f"there is no campaign, device or account `{subject}`{meant}")

    def _never_planned(
        self,
        campaign: Campaign,
        subject: str,
        *,
        day: date,
        keys: Collection[AssignmentKey],
        version: str | None,
        alive: bool,
    ) -> Iterator[Occurrence]:
        rest = rest_day(campaign, day=day)
        for planned in expand(_on_any_day(campaign), day=day):
            run = planned.run
            reason = rest.reason if rest is not None else self._reason(run, version=version, alive=alive)
            if reason is None:
                continue
            for assignment in planned.assignments:
                named = subject in {campaign.name, assignment.target.name}
                if named and assignment.key not in keys:
                    yield Occurrence(run, assignment, None, ran=False, reason=reason)

    def _reason(self, run: Run, *, version: str | None, alive: bool) -> str | None:
        """Return why the plan has nothing of a run; None where it was planned by another version."""
        no_daemon = "" if alive else f": {NO_DAEMON}"
        if run.campaign not in self._known:
            return f"the campaign is not in force yet{no_daemon}"
        if version == run.version:
            return "its window had closed when the day was planned"
        if run.closes <= self._now:
            if version is not None:
                return None
            return "its day was never planned: no daemon ran, or the campaign was not in force"
        if version is None and run.opens > self._now + AHEAD_US:
            return "not planned yet: the daemon plans a day and two hours ahead"
        return f"not planned yet{no_daemon}"


def _is_of(record: AssignmentRecord, subject: str) -> bool:
    return subject in {record.run.campaign, record.assignment.target.name}


def _on_any_day(campaign: Campaign) -> Campaign:
    return replace(
        campaign,
        enabled=True,
        first_day=None,
        last_day=None,
        weekdays=_ALL_WEEKDAYS,
        calendars=(),
        excluded=(),
    )


def _nothing_known(loaded: Loaded, *, now: Instant) -> Surroundings:
    settings = loaded.settings
    return Surroundings(
        now=now,
        alive=False,
        holds=stop_file_holds(settings, now=now),
        hosts={},
        quiet_hours=settings.quiet_hours,
        deadline_us=settings.timeout // timedelta(microseconds=1),
        states={},
        busy=(),
        postponed={},
    )


def _surroundings(
    reader: Reader, loaded: Loaded, records: Sequence[AssignmentRecord], *, now: Instant
) -> Surroundings:
    waiting = [record for record in records if record.state is State.PLANNED]
    needed = {key for record in waiting for key in needed_by(record.run, record.assignment.target)}
    beat = reader.last_beat()
    hosts = {record.assignment.target.host for record in waiting}
    under_way = [
        record
        for host in sorted(hosts)
        for record in (*reader.submitting(host), *reader.on_host(host))
        if record.state in UNDER_WAY
    ]
    return replace(
        _nothing_known(loaded, now=now),
        alive=beat is not None and now - beat <= ALIVE_SECONDS * SECOND,
        holds=(
            *stop_file_holds(loaded.settings, now=now),
            *(hold for hold in reader.holds() if hold.is_in_force(now)),
        ),
        hosts={record.host: record for record in reader.hosts()},
        states=reader.states(needed) if needed else {},
        busy={record.assignment.target for record in under_way},
        postponed=_postponed(reader, waiting, now=now),
    )


def _postponed(
    reader: Reader, waiting: Sequence[AssignmentRecord], *, now: Instant
) -> dict[AssignmentKey, tuple[str, str]]:
    """Return what was put off until an instant that is to come, as the last event about it says."""
    found = {}
    for record in waiting:
        key = record.assignment.key
        # What is not due yet cannot have been put off, but for what goes ahead.
        if record.assignment.due > now and record.run.opens > now:
            continue
        told = [one.event for one in reader.events(key=key) if one.event.name == "submission.postponed"]
        if told and told[-1].fields["until"] > shown(now):
            found[key] = told[-1].fields["until"], told[-1].fields["reason"]
    return found
