"""Check all campaigns together, against what the ledger knows where there is one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.adapters.campaign_folder import read_file
from runner.adapters.yaml_documents import read_document
from runner.app.collection import without_collection
from runner.core.check.across import Known, check_across
from runner.core.check.durations import learn
from runner.core.check.findings import Findings
from runner.errors import LedgerError
from runner.model.document import MOST_BYTES, MOST_PROBLEMS, Document
from runner.model.instant import SECOND, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.app.loaded import Loaded
    from runner.core.check.concern import Concern
    from runner.errors import Problem
    from runner.model.instant import Instant
    from runner.model.record import FinishedTask
    from runner.model.settings import Config, Settings

_LEARNT_US = 30 * 86_400 * SECOND
_MOST_TASKS = 2_000
"""Of each host; the last ones say best how long a task takes now."""
_BUSY_TIMEOUT_SECONDS = 1.0


def across(
    loaded: Loaded, *, config: Config, working_folder: Path, now: Instant
) -> tuple[list[Problem], str | None]:
    """Return what is doubtful about all campaigns together, and why the ledger was not asked, if it was not.

    A store that is not there yet is no reason: then nothing is known.
    """
    known, silent = known_of(config.settings, now=now)
    today = moment(now, zone=ZoneInfo(config.settings.timezone)).date()
    with without_collection():
        concerns = check_across(loaded.campaigns, config=config, known=known, today=today)
    return _problems(concerns, working_folder=working_folder), silent


def known_of(settings: Settings, *, now: Instant) -> tuple[Known, str | None]:
    """Return what the ledger knows that bears on files, and why it could not be asked, if so."""
    file = settings.store.removeprefix("sqlite:///")
    if file != settings.store and not Path(file).exists():
        return Known(), None
    from runner.adapters.ledger import Reader  # noqa: PLC0415 - a quarter of a second, not for an absent store
    from runner.app.report import has_store  # noqa: PLC0415 - as above

    try:
        if not has_store(settings):
            return Known(), None
        reader = Reader.open(settings.store, busy_timeout_seconds=_BUSY_TIMEOUT_SECONDS)
        try:
            limits = {
                host.host: host.device_limit
                for host in reader.hosts()
                if host.device_limit is not None and host.host in settings.hosts
            }
            tasks: list[FinishedTask] = []
            for host in settings.hosts:
                tasks += reader.finished_tasks(host, since=now - _LEARNT_US, limit=_MOST_TASKS)
        finally:
            reader.close()
    except LedgerError as error:
        return Known(), str(error)
    return Known(learn(tasks), limits), None


def _problems(concerns: Iterable[Concern], *, working_folder: Path) -> list[Problem]:
    by_file: dict[str, list[Concern]] = {}
    for concern in concerns:
        by_file.setdefault(concern.file, []).append(concern)
    return [
        problem
        for file, of_file in by_file.items()
        for problem in _of_file(file, of_file, working_folder=working_folder)
    ]


def _of_file(file: str, concerns: Sequence[Concern], *, working_folder: Path) -> Sequence[Problem]:
    # Positions are not kept while files are checked; few files need them twice.
    content = read_file(working_folder / file, most_bytes=MOST_BYTES).content
    document = read_document(content, file=file)
    findings = Findings(Document(file, None, document.place))
    for concern in concerns[:MOST_PROBLEMS]:  # nobody reads more of them
        findings.warning(concern.path, concern.message, rule=concern.rule, at_key=concern.at_key)
    return findings.problems
