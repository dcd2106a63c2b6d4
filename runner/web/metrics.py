"""Gather all metrics: what was counted, what the store says, and how the daemon is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from runner import __version__
from runner.errors import LedgerError
from runner.model import metrics
from runner.model.instant import SECOND
from runner.model.metrics import Family
from runner.model.record import HoldScope, HostState
from runner.model.state import UNDER_WAY
from runner.web.wire import Answer, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.adapters.ledger import Reader
    from runner.model.instant import Instant
    from runner.model.metrics import Values
    from runner.web.access import Access
    from runner.web.inputs import NoInput

LOOKED_BACK = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the store says."""

    last_beat: Instant | None
    hosts: Mapping[str, HostState]
    due: Mapping[str, int]
    under_way: Mapping[tuple[str, str], int]
    unknown: int
    pauses: Mapping[str, int]


async def metrics_text(access: Access, _asked: NoInput, _key: str) -> Answer:
    """Return all metrics as Prometheus reads them; without the store's, where that cannot be read."""
    now, names = access.now(), tuple(access.settings.hosts)
    since = access.day(None) - LOOKED_BACK
    try:
        stored = await access.ask(_stored, hosts=names, since=since, now=now)
    except (LedgerError, Refused) as error:
        stored = None
        if isinstance(error, LedgerError):
            access.journal.failure("api", error)
    families = [*_own(access), *access.journal.meter.families()]
    if stored is not None:
        families += _of_store(stored, hosts=names)
    content_type, text = await access.work(_text, families)
    return Answer(HTTPStatus.OK, text, content_type, route="metrics")


def _text(families: list[Family]) -> tuple[str, bytes]:
    # The library is for those who ask for metrics: a daemon that nobody measures does without.
    from runner.adapters.exposition import CONTENT_TYPE, text_of  # noqa: PLC0415 - see above

    order = {metric.name: number for number, metric in enumerate(metrics.METRICS.values())}
    return CONTENT_TYPE, text_of(sorted(families, key=lambda family: order[family.metric.name]))


def _own(access: Access) -> list[Family]:
    daemon = access.daemon
    loaded = daemon.loaded()
    return [
        Family(metrics.BUILD, {(__version__,): 1}),
        Family(metrics.READY, {(): int(daemon.unready() is None)}),
        Family(metrics.STORE_UP, {(): int(access.journal.trouble is None)}),
        Family(metrics.IN_FORCE, {(): len(daemon.campaigns())}),
        Family(metrics.REJECTED, {(): len(loaded.rejected)}),
        Family(metrics.REQUESTS, {key: float(count) for key, count in daemon.requests().items()}),
        Family(
            metrics.API, {(route, str(status)): count for (route, status), count in access.answered.items()}
        ),
    ]


def _stored(reader: Reader, *, hosts: tuple[str, ...], since: date, now: Instant) -> _Stored:
    seen = {record.host: record.state for record in reader.hosts()}
    holds = [hold.scope for hold in reader.holds() if hold.is_in_force(now)]
    return _Stored(
        last_beat=reader.last_beat(),
        hosts={host: seen.get(host, HostState.UNKNOWN) for host in hosts},
        due={host: reader.count_due(host, now=now) for host in hosts},
        under_way=reader.count_under_way(),
        unknown=reader.count_unknown(since=since),
        pauses={scope.value: holds.count(scope) for scope in HoldScope},
    )


def _of_store(stored: _Stored, *, hosts: tuple[str, ...]) -> list[Family]:
    beat: Values = {} if stored.last_beat is None else {(): stored.last_beat / SECOND}
    under_way: Values = {
        (host, state.value): stored.under_way.get((host, state.value), 0)
        for host in hosts
        for state in UNDER_WAY
    }
    states: Values = {
        (host, known.value): int(known is state)
        for host, state in stored.hosts.items()
        for known in HostState
    }
    return [
        Family(metrics.HEARTBEAT, beat),
        Family(
            metrics.HOST_READY,
            {(host,): int(state is HostState.READY) for host, state in stored.hosts.items()},
        ),
        Family(metrics.HOST_STATE, states),
        Family(metrics.DUE, {(host,): count for host, count in stored.due.items()}),
        Family(metrics.UNDER_WAY, under_way),
        Family(metrics.UNKNOWN, {(): stored.unknown}),
        Family(metrics.PAUSES, {(scope,): count for scope, count in stored.pauses.items()}),
    ]
