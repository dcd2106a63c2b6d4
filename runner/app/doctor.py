"""Check everything that can be checked of an installation, and say of each thing how it stands."""

from __future__ import annotations

import platform
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from runner import __version__
from runner.adapters.ledger import Reader
from runner.adapters.ledger.inspection import inspected, store_file
from runner.adapters.ledger.upgrade import HEAD, REVISIONS
from runner.adapters.machine import clock_is_synchronized, folder_facts, service_shown
from runner.adapters.stop_file import read_stop_file, stop_file_path
from runner.app.doctor_hosts import host_findings
from runner.app.doctor_notify import notify_findings
from runner.app.load import load_campaigns
from runner.app.load_config import load_config
from runner.app.report import has_store, status_of
from runner.core.checkup import of_daemon, of_own_clock, of_service, of_stop_file
from runner.core.checkup_places import of_disk, of_read_folder, of_store, of_written_folder
from runner.core.pauses import STOP_FILE_OWNER, hold_words
from runner.errors import FilesRejected, LedgerError, Severity
from runner.model.checkup import Finding, Verdict
from runner.model.instant import SECOND, shown
from runner.model.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runner.adapters.clock import Clock
    from runner.app.loaded import Loaded
    from runner.app.report import Status
    from runner.errors import Problem
    from runner.model.instant import Instant
    from runner.model.settings import Settings

SERVICE = "campaign-runner"
_MOST_PROBLEMS = 20


async def findings(
    config_path: Path | None, *, environ: Mapping[str, str], working_folder: Path, clock: Clock
) -> list[Finding]:
    """Return what was found, in the order in which things rest on each other; changes nothing.

    Hosts are asked for their licence and the number of their tasks, as `hosts` does. The store is read.
    """
    now = clock.now()
    found = [_program(), of_own_clock(now, synchronized=clock_is_synchronized())]
    found.append(of_service(service_shown(SERVICE), name=SERVICE))
    try:
        config = load_config(config_path, environ=environ, working_folder=working_folder)
    except FilesRejected as rejected:
        return [*found, *_of_problems("config", rejected.problems)]
    settings = config.config.settings
    loaded = load_campaigns(config, working_folder=working_folder)
    found += _files(loaded)
    found += _places(settings)
    reader: Reader | None = None
    try:
        of_store, usable = _store(settings)
        found += of_store
        if usable:
            reader = Reader.open(settings.store)
            found += _work(loaded, now=now)
        found += await host_findings(loaded, config=config.config, reader=reader, clock=clock)
        found += notify_findings(config, reader=reader, now=now)
    except LedgerError as error:
        found.append(Finding("store", "", Verdict.PROBLEM, str(error)))
    finally:
        if reader is not None:
            reader.close()
    return found


def _program() -> Finding:
    message = (
        f"campaign-runner {__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )
    return Finding("program", "", Verdict.OK, f"{message}, {platform.system()} {platform.release()}")


def _files(loaded: Loaded) -> Iterator[Finding]:
    file = loaded.settings.file
    of_config = [one for one in loaded.problems if one.file == file]
    if of_config:
        yield from _of_problems("config", of_config)
    else:
        yield Finding("config", file, Verdict.OK, "it checks")
    others = [one for one in loaded.problems if one.file != file]
    yield from _of_problems("campaign", others)
    told = {one.file for one in others}
    fine = [campaign.file for campaign in loaded.campaigns if campaign.file not in told]
    if fine:
        yield Finding(
            "campaign", "", Verdict.OK, f"{len(fine)} file{'s' * (len(fine) != 1)} without a remark"
        )
    elif not loaded.campaigns and not others:
        advice = "`campaign-runner init` writes a first one."
        yield Finding("campaign", "", Verdict.WARNING, "there is no campaign file", advice)


def _of_problems(check: str, problems: Sequence[Problem]) -> Iterator[Finding]:
    for one in problems[:_MOST_PROBLEMS]:
        verdict = Verdict.PROBLEM if one.severity is Severity.ERROR else Verdict.WARNING
        yield Finding(check, f"{one.file}:{one.line}:{one.column}", verdict, one.message)
    if len(problems) > _MOST_PROBLEMS:
        more = len(problems) - _MOST_PROBLEMS
        rest = problems[_MOST_PROBLEMS:]
        verdict = Verdict.PROBLEM if any(one.severity is Severity.ERROR for one in rest) else Verdict.WARNING
        yield Finding(check, "", verdict, f"and {more} more", "`campaign-runner validate` shows all.")


def _places(settings: Settings) -> Iterator[Finding]:
    yield from of_read_folder("campaigns", folder_facts(settings.campaigns))
    if settings.log.file is not None:
        yield from of_written_folder("log", folder_facts(settings.log.file.parent))


def _store(settings: Settings) -> tuple[list[Finding], bool]:
    """Return what was found of the store, and whether this program can read what is in it."""
    file = store_file(settings.store)
    found = list(_stop_file(settings))
    if file is not None:
        folder = folder_facts(file.parent)
        found += [*of_written_folder("state", folder), *of_disk(folder)]
    try:
        if not (has_store(settings) if file is None else file.exists()):
            advice = "The daemon's first start makes it."
            return [*found, Finding("store", "", Verdict.WARNING, "there is none yet", advice)], False
        facts = inspected(settings.store)
    except LedgerError as error:
        advice = f"It has to be a ledger of this program (schema {HEAD}) that this user can read."
        return [*found, Finding("store", "", Verdict.PROBLEM, str(error), advice)], False
    return [*found, of_store(facts, known=REVISIONS)], facts.damage is None and facts.revision == HEAD


def _stop_file(settings: Settings) -> Iterator[Finding]:
    path = stop_file_path(settings.store, config_folder=Path(settings.file).resolve().parent)
    depth = read_stop_file(path)
    if depth is not None:
        yield of_stop_file(str(path), depth)


def _work(loaded: Loaded, *, now: Instant) -> Iterator[Finding]:
    status = status_of(loaded, now=now)
    age_seconds = None if status.last_beat is None else (now - status.last_beat) / SECOND
    yield of_daemon(age_seconds=age_seconds, alive=status.alive, held=status.held)
    if status.alive:
        yield from _watcher(status)
    for hold in status.holds:
        if hold.owner == STOP_FILE_OWNER:
            continue  # told as what it is, and no `resume` ends it
        until = "" if hold.until is None else f", until {shown(hold.until)}"
        message = f"paused by {hold.owner}{until}" + (f": {hold.reason}" if hold.reason else "")
        yield Finding(
            "pause", hold_words(hold), Verdict.WARNING, message, "`campaign-runner resume` ends it."
        )
    count = status.counts.get(State.UNKNOWN, 0)
    if count:
        advice = "`campaign-runner results` lists them, `campaign-runner resolve` decides."
        yield Finding(
            "unknown", "", Verdict.WARNING, f"{count} of today wait for a person's decision", advice
        )


def _watcher(status: Status) -> Iterator[Finding]:
    """Judge whether what is on disk is what the daemon has taken over."""
    behind = [one for one in status.campaigns if not one.rejected and "changed" in one.standing]
    behind += [one for one in status.campaigns if not one.rejected and not one.in_force]
    for one in behind:
        advice = "`campaign-runner reload` lets the daemon look now, and says what it finds."
        yield Finding("watcher", one.file, Verdict.WARNING, one.standing, advice)
    if not behind:
        message = "the daemon has taken over every file as it is on disk"
        yield Finding("watcher", "", Verdict.OK, message)
