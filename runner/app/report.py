"""Tell from the ledger how things stand and how they went; works beside the daemon and without it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.adapters.ledger import Reader
from runner.adapters.ledger.dialect import database_url
from runner.adapters.ledger.upgrade import is_made
from runner.adapters.stop_file import read_stop_file, stop_file_path
from runner.adapters.store_lock import in_use
from runner.core.pauses import stop_file_hold
from runner.model.instant import SECOND, moment
from runner.model.state import FAULTS, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from runner.adapters.ledger import AcceptedVersion, StoredEvent
    from runner.app.loaded import Loaded
    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey
    from runner.model.record import AssignmentRecord, Hold, HostRecord, IntentRecord
    from runner.model.settings import Settings

ALIVE_SECONDS = 30
"""A daemon whose last beat is older than this does not run, or hangs; beats are 5 s apart."""

_NEXT = 5
_EVENTS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class CampaignStanding:
    """One campaign, or one file that does not check, and what of it is in force."""

    campaign: str
    file: str
    standing: str
    """A sentence for people."""
    in_force: bool
    rejected: bool
    accepted_at: Instant | None


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand at one moment."""

    now: Instant
    today: date
    """In the config's zone."""
    last_beat: Instant | None
    hosts: tuple[HostRecord | None, ...]
    """As they answered last, in the order of the config; None before the first answer."""
    campaigns: tuple[CampaignStanding, ...]
    counts: Mapping[State, int]
    """Of today's assignments."""
    running: tuple[AssignmentRecord, ...]
    coming: tuple[AssignmentRecord, ...]
    """Planned ones, the next due first; what is overdue waits for something."""
    faults: tuple[AssignmentRecord, ...]
    """Today's."""
    holds: tuple[Hold, ...] = ()
    """Pauses in force, the oldest first."""
    held: bool = False
    """Does a daemon of this machine have the store?"""

    @property
    def alive(self) -> bool:
        """Does a daemon run?"""
        return self.last_beat is not None and self.now - self.last_beat <= ALIVE_SECONDS * SECOND

    @property
    def stuck(self) -> bool:
        """Does a daemon run that has given no sign of life for long?"""
        return self.held and not self.alive


@dataclass(frozen=True, slots=True)
class Life:
    """One assignment with all that happened to it."""

    record: AssignmentRecord
    intents: tuple[IntentRecord, ...]
    events: tuple[StoredEvent, ...]


def has_store(settings: Settings) -> bool:
    """Tell whether there is anything to read yet.

    Raises LedgerUnavailable where the config's store is none that we can work with, or its server cannot be
    asked.
    """
    return is_made(database_url(settings.store))


def status_of(loaded: Loaded, *, now: Instant) -> Status:
    """Return how things stand; before anything has run, that is what the files say.

    Raises LedgerError where there is a store but it cannot be read.
    """
    settings = loaded.settings
    today = moment(now, zone=ZoneInfo(settings.timezone)).date()
    if not has_store(settings):
        unseen = (None,) * len(settings.hosts)
        return Status(now, today, None, unseen, _standings(loaded, ()), {}, (), (), ())
    reader = Reader.open(settings.store)
    try:
        return status_from(reader, loaded, now=now)
    finally:
        reader.close()


def life_of(reader: Reader, key: AssignmentKey) -> Life:
    """Return the life of the assignment whose key this is or begins with; raises NotFound."""
    record = reader.assignment(key)
    whole = record.assignment.key
    return Life(record, tuple(reader.intents(whole)), tuple(events_after(reader, 0, key=whole)))


def events_after(
    reader: Reader, after_id: int, *, key: AssignmentKey | None = None, campaign: str | None = None
) -> Iterator[StoredEvent]:
    """Yield all events with a higher id, oldest first, some at a time."""
    while some := reader.events(after_id=after_id, limit=_EVENTS_AT_ONCE, key=key, campaign=campaign):
        yield from some
        after_id = some[-1].id


def status_from(reader: Reader, loaded: Loaded, *, now: Instant, most: int | None = None) -> Status:
    """Return how things stand, from an open store; at most `most` assignments of a kind."""
    today = moment(now, zone=ZoneInfo(loaded.settings.timezone)).date()
    seen = {record.host: record for record in reader.hosts()}
    names = tuple(loaded.settings.hosts)
    counts = dict.fromkeys(State, 0)
    for run in reader.runs(day=today):
        for state, count in run.counts.items():
            counts[state] += count
    faults = (
        record
        for state in sorted(FAULTS)
        if counts[state]
        for record in reader.assignments(day=today, state=state, limit=most)
    )
    return Status(
        now=now,
        today=today,
        last_beat=reader.last_beat(),
        hosts=tuple(seen.get(name) for name in names),
        campaigns=_standings(loaded, reader.accepted_versions()),
        counts={state: count for state, count in counts.items() if count},
        running=_by_due(record for name in names for record in reader.on_host(name, limit=most))[:most],
        coming=_by_due(record for name in names for record in reader.coming(name, limit=_NEXT))[:_NEXT],
        faults=_by_due(faults)[:most],
        holds=(
            *stop_file_holds(loaded.settings, now=now),
            *(hold for hold in reader.holds() if hold.is_in_force(now)),
        ),
        held=in_use(loaded.settings.store),
    )


def _by_due(records: Iterable[AssignmentRecord]) -> tuple[AssignmentRecord, ...]:
    return tuple(sorted(records, key=_place))


def _place(record: AssignmentRecord) -> tuple[object, ...]:
    run, assignment = record.run, record.assignment
    return assignment.due, run.campaign, run.script, assignment.index, assignment.key


def _standings(loaded: Loaded, accepted: Iterable[AcceptedVersion]) -> tuple[CampaignStanding, ...]:
    by_name = {version.campaign: version for version in accepted}
    standings = []
    for campaign in loaded.campaigns:
        version = by_name.get(campaign.name)
        if version is None:
            words = "not in force yet"
        elif version.version != campaign.version:
            words = "changed since; the version before is in force"
        elif not campaign.enabled:
            words = "not enabled"
        else:
            words = "in force"
        standings.append(_standing(campaign.name, campaign.file, words, version=version))
    for file in loaded.rejected:
        version = next((known for known in by_name.values() if same_file(known.file, file)), None)
        name = version.campaign if version else ""
        words = "does not check; " + (
            "its last good version is in force" if version else "nothing of it is in force"
        )
        standings.append(_standing(name, file, words, version=version, rejected=True))
    return tuple(standings)


def _standing(
    campaign: str, file: str, words: str, *, version: AcceptedVersion | None, rejected: bool = False
) -> CampaignStanding:
    return CampaignStanding(
        campaign=campaign,
        file=file,
        standing=words,
        in_force=version is not None,
        rejected=rejected,
        accepted_at=None if version is None else version.accepted_at,
    )


def stop_file_holds(settings: Settings, *, now: Instant) -> tuple[Hold, ...]:
    """Return the pause of everything for which the file STOP stands; none where it is not there."""
    path = stop_file_path(settings.store, config_folder=Path(settings.file).resolve().parent)
    if read_stop_file(path) is None:
        return ()
    try:
        since = round(path.stat().st_mtime * SECOND)
    except OSError:
        since = now
    return (stop_file_hold(since),)


def same_file(one: str, other: str) -> bool:
    """Tell whether two programs that may work in different folders mean the same file."""
    # Each is relative to the working folder of the program that wrote it.
    return one == other or one.endswith(f"/{other}") or other.endswith(f"/{one}")
