"""Check whether the work for a device fits into its windows.

Only what surely does not fit is told. A device runs one task after the other, and in a window tasks have to
begin: so all but the last have to be over by its end, and with `at_close: stop` the last one, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from runner.core.calendar import runs_on
from runner.core.check.concern import Concern, some_of
from runner.core.check.planned_days import telling_days
from runner.core.windows import open_window
from runner.model.campaign import AtClose, TargetKind
from runner.model.instant import SECOND, moment
from runner.model.texts import in_words
from runner.model.window import DAY_SECONDS
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from runner.core.check.durations import Durations
    from runner.model.campaign import Campaign, Entry, Target
    from runner.model.instant import Instant
    from runner.model.settings import Host
    from runner.model.window import Window

_MOST_BEGINNINGS = 200
"""Of windows that hang together: the time grows with the square of their number."""
_MOST_SHOWN = 3


class _Job(NamedTuple):
    """What one entry has for one target in each of its windows."""

    campaign: Campaign
    position: int
    """Of the entry in its campaign."""
    seconds: float
    """Of all its tasks."""
    slack: float
    """How much of that may lie behind the window's end: the last task, unless it is stopped there."""

    @property
    def entry(self) -> Entry:
        return self.campaign.entries[self.position]


class _Piece(NamedTuple):
    """A job in one window on one day."""

    opens: Instant
    closes: Instant
    job: _Job
    window: int


@dataclass(frozen=True, slots=True)
class _Clash:
    """Several jobs that do not fit into the time in which they all have to begin."""

    pieces: tuple[_Piece, ...]

    @property
    def seconds(self) -> float:
        return sum(piece.job.seconds for piece in self.pieces)

    @property
    def last(self) -> _Piece:
        """Return the piece at which it is told: the one that comes last in the files."""
        return max(self.pieces, key=lambda piece: (piece.job.campaign.file, piece.job.position, piece.window))

    @property
    def subject(self) -> tuple[object, ...]:
        """Return what makes it the same as one of another target or day."""
        return tuple(
            sorted({(piece.job.campaign.file, piece.job.position, piece.window) for piece in self.pieces})
        )


def too_much_work(
    campaigns: Iterable[Campaign], *, hosts: Mapping[str, Host], durations: Durations, today: date
) -> Iterator[Concern]:
    """Yield a concern for each window, alone or with others, that has more work than can begin in it."""
    lanes: dict[Target, list[_Job]] = {}
    for campaign in campaigns:
        for position in range(len(campaign.entries)) if campaign.enabled else ():
            jobs = list(_jobs(campaign, position, durations))
            yield from _overfull(jobs, hosts=hosts)
            for target, job in jobs:
                if not any(_is_too_long(job, window) for window in job.entry.windows):
                    lanes.setdefault(target, []).append(job)
    yield from _overbooked(lanes, today=today)


def _jobs(campaign: Campaign, position: int, durations: Durations) -> Iterator[tuple[Target, _Job]]:
    entry = campaign.entries[position]
    known: dict[float, _Job] = {}
    seconds_on = durations.seconds(entry)
    for placement in entry.placements:
        one = seconds_on(placement.target)
        if one is None:
            continue
        if one not in known:
            slack = 0.0 if entry.at_close is AtClose.STOP else one
            known[one] = _Job(campaign, position, one * (entry.expected_tasks or 1), slack)
        yield placement.target, known[one]


def _is_too_long(job: _Job, window: Window) -> bool:
    over = job.seconds - job.slack - _length(window)
    return over >= 0 if job.slack else over > 0


def _overfull(jobs: Sequence[tuple[Target, _Job]], *, hosts: Mapping[str, Host]) -> Iterator[Concern]:
    if not jobs:
        return
    campaign, position = jobs[0][1][:2]
    for number, window in enumerate(jobs[0][1].entry.windows):
        path = ("scripts", position, "start_time", number)
        over = [(target, job) for target, job in jobs if _is_too_long(job, window)]
        if over:
            what = f"{_words(over[0][1].seconds)} of work for {some_of([target.name for target, _ in over])}"
            message = f"{what} cannot begin in {window.label}; widen it, or give it less to do"
            yield Concern(campaign.file, path, Rule.WINDOW_OVERFULL, message)
            continue
        for host in sorted({target.host for target, _ in jobs}):
            most = hosts[host].in_flight if host in hosts else None
            here = [job for target, job in jobs if target.host == host]
            seconds = sum(job.seconds for job in here)
            longest = max(job.seconds for job in here)
            if most is not None and seconds - most * longest > most * _length(window):
                what = f"{_words(seconds)} of work on `{host}`, {most} at once (`in_flight`),"
                message = f"{what} cannot begin in {window.label}; widen it, or give it less to do"
                yield Concern(campaign.file, path, Rule.WINDOW_OVERFULL, message)


def _overbooked(lanes: Mapping[Target, Sequence[_Job]], *, today: date) -> Iterator[Concern]:
    # Devices of one group have the same jobs: each set of jobs is looked at once.
    alike: dict[tuple[int, ...], list[Target]] = {}
    for target, jobs in lanes.items():
        if len(jobs) > 1 and not _surely_fits(jobs):
            alike.setdefault(tuple(map(id, jobs)), []).append(target)
    told: dict[tuple[object, ...], tuple[_Clash, list[Target]]] = {}
    for targets in alike.values():
        for clash in _clashes(lanes[targets[0]], today=today):
            told.setdefault(clash.subject, (clash, []))[1].extend(targets)
    for clash, targets in told.values():
        yield _concern(clash, targets)


def _surely_fits(jobs: Sequence[_Job]) -> bool:
    """Tell whether the work of a whole day would fit into the shortest window."""
    seconds = sum(job.seconds * len(job.entry.windows) for job in jobs)
    shortest = min(_length(window) for job in jobs for window in job.entry.windows)
    return seconds <= min(shortest, DAY_SECONDS // 2)


def _clashes(jobs: Sequence[_Job], *, today: date) -> Iterator[_Clash]:
    days = telling_days({job.campaign.name: job.campaign for job in jobs}.values(), today=today)
    pieces = sorted(
        (
            _Piece(*_open(window, day, job.campaign.timezone), job, number)
            for job in jobs
            for day in days
            if runs_on(job.campaign, day=day)
            for number, window in enumerate(job.entry.windows)
        ),
        key=lambda piece: piece[:2],
    )
    seen = set()
    cluster: list[_Piece] = []
    closes = 0
    for piece in (*pieces, None):
        if piece is not None and cluster and piece.opens < closes:
            cluster.append(piece)
            closes = max(closes, piece.closes)
            continue
        shape = tuple((each.opens - cluster[0].opens, id(each.job), each.window) for each in cluster)
        if len(cluster) > 1 and shape not in seen:
            seen.add(shape)
            clash = _worst(cluster)
            if clash is not None:
                yield clash
        if piece is not None:
            cluster, closes = [piece], piece.closes


def _worst(cluster: Sequence[_Piece]) -> _Clash | None:
    """Return the pieces that exceed by most the time in which they have to begin; None where all fit."""
    worst: tuple[float, _Clash] | None = None
    by_close = sorted(cluster, key=lambda piece: piece.closes)
    for opens in islice(dict.fromkeys(piece.opens for piece in cluster), _MOST_BEGINNINGS):
        within: list[_Piece] = []
        seconds = slack = 0.0
        for piece in by_close:
            if piece.opens < opens:
                continue
            within.append(piece)
            seconds += piece.job.seconds
            slack = max(slack, piece.job.slack)
            excess = seconds - slack - (piece.closes - opens) / SECOND
            if len(within) > 1 and excess > 0 and (worst is None or excess > worst[0]):
                worst = excess, _Clash(tuple(within))
    return None if worst is None else worst[1]


def _concern(clash: _Clash, targets: Sequence[Target]) -> Concern:
    last = clash.last
    campaign = last.job.campaign
    day = moment(last.opens, zone=ZoneInfo(campaign.timezone)).date()
    span = (max(piece.closes for piece in clash.pieces) - min(piece.opens for piece in clash.pieces)) / SECOND
    others = list(
        dict.fromkeys(
            f"{piece.job.campaign.name}/{piece.job.entry.name} {piece.job.entry.windows[piece.window].label}"
            for piece in clash.pieces
            if piece is not last
        )
    )
    shown = ", ".join(others[:_MOST_SHOWN])
    if len(others) > _MOST_SHOWN:
        shown += f" and {len(others) - _MOST_SHOWN} more"
    kind = "device" if targets[0].kind is TargetKind.SERIAL else "account"
    message = (
        f"the {kind} {some_of([target.name for target in targets])} is in {shown}, too: "
        f"{_words(clash.seconds)} of work cannot begin in {_words(span)}, e.g. on {day}; "
        "part the windows, or the targets"
    )
    path = ("scripts", last.job.position, "start_time", last.window)
    return Concern(campaign.file, path, Rule.DEVICE_OVERBOOKED, message)


@cache
def _open(window: Window, day: date, timezone: str) -> tuple[Instant, Instant]:
    opened = open_window(window, day=day, zone=ZoneInfo(timezone))
    return opened.opens, opened.closes


def _length(window: Window) -> int:
    return (window.closes - window.opens) % DAY_SECONDS or DAY_SECONDS


def _words(seconds: float) -> str:
    return in_words(timedelta(seconds=round(seconds)))
