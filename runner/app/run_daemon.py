"""Run a daemon on this machine's clock, network and disk until a signal ends it."""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from runner.adapters.clock import SystemClock
from runner.adapters.ledger import Ledger
from runner.adapters.logs import EventLog
from runner.adapters.scheduler import ApSchedulerAlarms
from runner.adapters.service_manager import ServiceManager, microseconds
from runner.adapters.signals import signals_heard
from runner.adapters.store_lock import sole_user
from runner.adapters.tikmatrix.client import TikMatrix
from runner.adapters.tikmatrix.transport import AiohttpTransport
from runner.app.beside import LEAVE_SECONDS, Surroundings
from runner.app.check_child import ChildChecker
from runner.app.collection import rare_collection
from runner.app.daemon import Daemon
from runner.app.host_session import REQUESTS_AT_ONCE
from runner.app.journal import Journal
from runner.errors import LedgerTooNew, StoreInUse, StoreUnusable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from runner.app.beside import Beside
    from runner.app.check_child import FileChecker
    from runner.app.loaded import LoadedConfig
    from runner.model.settings import Host

EXIT_IN_USE = 75
"""EX_TEMPFAIL: the same command may work later."""
EXIT_UNUSABLE = 78
"""EX_CONFIG: it will not work before somebody has changed something."""
START_SECONDS = 660.0
"""How long a start may take: the upgrade of an old store has ten minutes."""


def run_daemon(
    config_path: Path | None,
    *,
    environ: Mapping[str, str],
    working_folder: Path,
    beside: Sequence[Beside] = (),
) -> int:
    """Run until a signal ends it, and return the exit code; all of `beside` run as long on the same loop.

    Raises FilesRejected where the config does not check, LedgerError where the store cannot be opened now.
    """
    checker = ChildChecker(environ=environ, working_folder=working_folder)
    manager = ServiceManager.of(environ, process_id=os.getpid())
    if manager is not None:
        # A store of an older version is upgraded first.
        manager.tell("STATUS=opening the store", f"EXTEND_TIMEOUT_USEC={microseconds(START_SECONDS)}")
    config = checker.config(config_path)
    settings = config.config.settings
    try:
        with sole_user(settings.store), rare_collection():
            ledger = Ledger.open(settings.store)
            journal = Journal(ledger, EventLog(settings.log))
            asyncio.run(
                _serve(
                    config,
                    checker=checker,
                    ledger=ledger,
                    journal=journal,
                    working_folder=working_folder,
                    manager=manager,
                    beside=beside,
                )
            )
    except StoreInUse as error:
        EventLog(settings.log).refusal(str(error))
        return EXIT_IN_USE
    except (StoreUnusable, LedgerTooNew) as error:
        EventLog(settings.log).refusal(str(error))
        return EXIT_UNUSABLE
    return 0


async def _serve(
    config: LoadedConfig,
    *,
    checker: FileChecker,
    ledger: Ledger,
    journal: Journal,
    working_folder: Path,
    manager: ServiceManager | None,
    beside: Sequence[Beside],
) -> None:
    clock = SystemClock()
    daemon = Daemon(
        config,
        ledger=ledger,
        journal=journal,
        clock=clock,
        scheduler=ApSchedulerAlarms(),
        client_of=partial(
            _client,
            timeout_seconds=config.config.settings.timeout.total_seconds(),
            redact=config.secrets.redact,
        ),
        checker=checker,
        working_folder=working_folder,
        service=manager,
    )
    # A terminal that is closed ends what runs in it; who runs a service asks it so to read its files.
    hang_up = daemon.stop if sys.stderr.isatty() else daemon.look
    surroundings = Surroundings(config, daemon.insight, journal, clock, ledger)
    company = [asyncio.create_task(one(surroundings), name="beside") for one in beside]
    with signals_heard(stop=daemon.stop, hang_up=hang_up):
        try:
            await daemon.run()
        finally:
            for one in company:
                one.cancel()
            if company:
                await asyncio.wait(company, timeout=LEAVE_SECONDS)
            await ledger.close()


def _client(host: Host, *, timeout_seconds: float, redact: Callable[[str], str]) -> TikMatrix:
    return TikMatrix(
        host.url,
        transport=AiohttpTransport(in_flight=REQUESTS_AT_ONCE),
        timeout_seconds=timeout_seconds,
        in_flight=REQUESTS_AT_ONCE,
        redact=redact,
    )
