"""Say what the files on disk would change against what is in force, before the daemon looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.adapters.campaign_folder import FileText
from runner.adapters.ledger import Reader
from runner.app.load import load_campaigns, load_texts, version_of
from runner.app.report import has_store, same_file
from runner.core.content import Rows, has_content
from runner.core.edit import effect_of_edit, settled_keys
from runner.core.expand import expand, plan_days
from runner.errors import NotFound
from runner.model.instant import moment
from runner.model.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from runner.adapters.ledger import AcceptedVersion
    from runner.app.loaded import Loaded, LoadedConfig
    from runner.core.difference import Difference
    from runner.model.campaign import Campaign
    from runner.model.content import HeldRow
    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey, PlannedRun
    from runner.model.record import AssignmentRecord


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that does not check, and the campaign that stays in force by its last good version."""

    file: str
    campaign: str | None
    """None: nothing of it is in force."""


@dataclass(frozen=True, slots=True)
class Edits:
    """What the files on disk would change on some days."""

    difference: Difference
    kept: tuple[Kept, ...]
    loaded: Loaded
    unread: bool
    """The folder cannot be read, or all of its files are gone at once: everything stays in force."""
    config_changed: bool
    """Is the config on disk another than the daemon's? Shown is then what its next start would do."""


def edits(
    config: LoadedConfig,
    *,
    working_folder: Path,
    first: date,
    days: int,
    now: Instant,
    campaign: str | None = None,
) -> Edits:
    """Return what the files on disk would change in `[first, first + days)`, were they taken over now.

    What of the day before `first` is still open counts, too, where `first` is not in the future. Compared is
    with what the ledger holds, and where it has not planned yet, with what the versions in force would plan.

    Raises:
        NotFound: `campaign` is neither in force nor on disk.
        LedgerError: there is a store, but it cannot be read.
    """
    settings = config.config.settings
    loaded = load_campaigns(config, working_folder=working_folder)
    today = moment(now, zone=ZoneInfo(settings.timezone)).date()
    dates = [first + timedelta(days=number) for number in range(-1 if first <= today else 0, days)]
    if not has_store(settings):
        change = _Change(loaded, known={}, only=campaign)
        return change.edits(in_force={}, records=[], held={}, dates=dates, now=now, config_changed=False)
    reader = Reader.open(settings.store)
    try:
        known = {version.campaign: version for version in reader.accepted_versions()}
        change = _Change(loaded, known=known, only=campaign)
        records = [
            record
            for day in dates
            if change.names
            for record in reader.assignments(day=day, campaign=campaign)
            if record.run.campaign in change.names
        ]
        held = {name: reader.held_rows(name) for name in change.names & known.keys()}
    finally:
        reader.close()
    return change.edits(
        in_force=campaigns_of_versions(
            [known[name] for name in sorted(change.names & known.keys())], config=config
        ),
        records=records,
        held=held,
        dates=dates,
        now=now,
        config_changed=any(_of_another_config(version, config=config) for version in known.values()),
    )


class _Change:
    """What is in force beside what is on disk, by the rules by which the daemon takes files over."""

    def __init__(self, loaded: Loaded, *, known: Mapping[str, AcceptedVersion], only: str | None) -> None:
        on_disk = {campaign.name: campaign for campaign in loaded.campaigns}
        if only is not None and only not in {*known, *on_disk}:
            raise NotFound(f"there is no campaign `{only}`{did_you_mean(only, [*known, *on_disk])}")
        self.loaded = loaded
        self.on_disk = on_disk
        # One campaign whose file is deleted has ended; all of them at once is a folder that was not mounted.
        vanished = not on_disk and not loaded.rejected and len(known) > 1
        self.unread = vanished or not loaded.complete
        self.kept = tuple(_kept(loaded, known))
        staying = {kept.campaign for kept in self.kept} - on_disk.keys()
        self.names = {
            name
            for name in {*known, *on_disk}
            if only in {None, name} and name not in staying and not self.unread
            if name not in known or name not in on_disk or known[name].version != on_disk[name].version
        }

    def edits(
        self,
        *,
        in_force: Mapping[str, Campaign],
        records: Sequence[AssignmentRecord],
        held: Mapping[str, Sequence[HeldRow]],
        dates: Sequence[date],
        now: Instant,
        config_changed: bool,
    ) -> Edits:
        names = sorted(self.names)
        before = [in_force[name] for name in names if name in in_force]
        after = [self.on_disk[name] for name in names if name in self.on_disk]
        settled = settled_keys(records)
        difference = effect_of_edit(
            records,
            in_force=_plan(before, held=held, settled=settled, dates=dates, now=now),
            edited=_plan(after, held=held, settled=settled, dates=dates, now=now),
            now=now,
        )
        return Edits(difference, self.kept, self.loaded, self.unread, config_changed)


def _plan(
    campaigns: Iterable[Campaign],
    *,
    held: Mapping[str, Sequence[HeldRow]],
    settled: Collection[AssignmentKey],
    dates: Sequence[date],
    now: Instant,
) -> Iterator[PlannedRun]:
    for campaign in campaigns:
        if has_content(campaign):
            of_campaign = held.get(campaign.name, ())
            rows = Rows(campaign, held=of_campaign, settled=settled)
            yield from _with_rows(campaign, rows, held=of_campaign, dates=dates, now=now)
        else:
            yield from plan_days([campaign], first=dates[0], days=len(dates))


def _with_rows(
    campaign: Campaign, rows: Rows, *, held: Sequence[HeldRow], dates: Sequence[date], now: Instant
) -> Iterator[PlannedRun]:
    """Yield the runs of some days with their rows, which depend on those of the days before."""
    yesterday = moment(now, zone=ZoneInfo(campaign.timezone)).date() - timedelta(days=1)
    day = min(yesterday, dates[0])
    while day <= dates[-1]:
        bound = rows.bound(planned for planned in expand(campaign, day=day) if planned.run.closes > now)
        keys = {assignment.key for planned in bound for assignment in planned.assignments}
        rows.release(one.key for one in held if one.planned and one.day == day and one.key not in keys)
        if day >= dates[0]:
            yield from bound
        day += timedelta(days=1)


def _kept(loaded: Loaded, known: Mapping[str, AcceptedVersion]) -> Iterator[Kept]:
    for file in loaded.rejected:
        names: list[str | None] = [name for name, version in known.items() if same_file(version.file, file)]
        yield from (Kept(file, name) for name in names or [None])


def campaigns_of_versions(
    versions: Sequence[AcceptedVersion], *, config: LoadedConfig
) -> dict[str, Campaign]:
    """Return the campaigns of texts that were accepted; one that no longer checks is left out."""
    found: dict[str, Campaign] = {}
    for version in versions:
        # Each for itself, as the daemon brings them back: two of them may be in each other's way by now.
        text = FileText(Path(version.file), version.text.encode(), contents=version.contents)
        loaded = load_texts({version.file: text}, config=config.config, secret=config.secrets.look_up)
        for campaign in loaded.campaigns:
            found[version.campaign] = campaign
    return found


def _of_another_config(version: AcceptedVersion, *, config: LoadedConfig) -> bool:
    digest = FileText(Path(version.file), content=version.text.encode()).digest
    return version_of(digest, config=config.config, contents=version.contents) != version.version
