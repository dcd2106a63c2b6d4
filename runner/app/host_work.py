"""Everything that works on one host, put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.app.adoption import Adoption
from runner.app.close import Closer
from runner.app.courier import Courier
from runner.app.host_lists import HostLists
from runner.app.host_session import HostSession
from runner.app.poll import Poller
from runner.app.probe import Prober
from runner.app.retry import Retrier
from runner.app.settle import Settler
from runner.app.submit import Submitter
from runner.model.instant import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.adapters.clock import Clock
    from runner.adapters.ledger import Ledger
    from runner.adapters.scheduler import Scheduler
    from runner.adapters.tikmatrix.client import TikMatrix
    from runner.app.journal import Journal
    from runner.app.loaded import LoadedConfig
    from runner.app.restraints import Restraints
    from runner.app.rhythm import Rhythm
    from runner.model.settings import Host, Settings


@dataclass(frozen=True, slots=True)
class HostWork:
    """One host's session and the loops that work on it."""

    session: HostSession
    prober: Prober
    submitter: Submitter
    poller: Poller
    closer: Closer
    settler: Settler


def work_of_hosts(
    config: LoadedConfig,
    restraints: Restraints,
    *,
    client_of: Callable[[Host], TikMatrix],
    ledger: Ledger,
    journal: Journal,
    clock: Clock,
    scheduler: Scheduler,
    rhythm: Rhythm,
) -> dict[str, HostWork]:
    """Return what works on each host of a config, by its name; nothing of it runs yet."""
    settings = config.config.settings
    return {
        host.name: host_work(
            host,
            client_of(host),
            settings=settings,
            ledger=ledger,
            journal=journal,
            clock=clock,
            scheduler=scheduler,
            secret=config.secrets.look_up,
            restraints=restraints,
            rhythm=rhythm,
        )
        for host in settings.hosts.values()
    }


def host_work(
    host: Host,
    client: TikMatrix,
    *,
    settings: Settings,
    ledger: Ledger,
    journal: Journal,
    clock: Clock,
    scheduler: Scheduler,
    secret: Callable[[str], str],
    restraints: Restraints,
    rhythm: Rhythm,
) -> HostWork:
    """Return what works on a host; nothing of it runs yet."""
    timeout_us = round(settings.timeout.total_seconds() * SECOND)
    session = HostSession(host, client, timeout_us=timeout_us, restraints=restraints)
    prober = Prober(session, journal=journal, clock=clock, ready_seconds=rhythm.probe_seconds)
    lists = HostLists(session, ledger=ledger, journal=journal, clock=clock)
    courier = Courier(session, journal=journal, clock=clock, prober=prober, secret=secret)
    poller = Poller(
        session,
        ledger=ledger,
        journal=journal,
        clock=clock,
        prober=prober,
        retrier=Retrier(session, journal=journal, clock=clock),
        lists=lists,
    )
    submitter = Submitter(
        session,
        ledger=ledger,
        journal=journal,
        clock=clock,
        scheduler=scheduler,
        lists=lists,
        courier=courier,
    )
    settler = Settler(
        session,
        ledger=ledger,
        journal=journal,
        clock=clock,
        scheduler=scheduler,
        lists=lists,
        adoption=Adoption(session, ledger=ledger, journal=journal, clock=clock, courier=courier),
        settle_us=round(settings.settle.total_seconds() * SECOND),
    )
    closer = Closer(session, ledger=ledger, journal=journal, clock=clock, poller=poller)
    return HostWork(session, prober, submitter, poller, closer, settler)
