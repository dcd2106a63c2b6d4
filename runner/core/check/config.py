"""Check the config file: from a document to settings and shared groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from runner.core.check.calendars import check_calendars, nothing_known
from runner.core.check.findings import EnoughFoundError, Findings
from runner.core.check.groups import resolve_groups
from runner.core.check.limits import check_limits, check_quiet_hours
from runner.core.check.notify import check_notify
from runner.core.check.reading import read_model, read_named
from runner.core.check.web import check_web
from runner.model.config_file import ConfigFile, HostFile, HttpFile, LogFile, WebFile
from runner.model.document import is_null
from runner.model.settings import Config, Host, LogSettings, Settings
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path as FilePath

    from runner.core.check.calendars import EventLookUp, HolidayLookUp
    from runner.errors import Problem
    from runner.model.day_set import DaySet
    from runner.model.document import Document, Path

_STORES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")
_SQLITE = "sqlite:///"


def check_config(
    document: Document,
    *,
    folder: FilePath,
    holidays: HolidayLookUp = nothing_known,
    events: EventLookUp = nothing_known,
) -> tuple[Config | None, tuple[Problem, ...]]:
    """Return the config that a document says, and its problems; None where one of them is an error.

    `folder` is the absolute path of the file's folder, to which its relative paths are relative.
    `holidays` looks the holidays of a place up, `events` the days of an iCalendar file by its path and the
    config's zone; both raise DaysUnknown.
    """
    findings = Findings(document)
    try:
        config = _config(document, folder=folder, holidays=holidays, events=events, findings=findings)
    except EnoughFoundError:
        config = None
    return config, findings.problems


def _config(
    document: Document,
    *,
    folder: FilePath,
    holidays: HolidayLookUp,
    events: EventLookUp,
    findings: Findings,
) -> Config | None:
    if document.value is None:
        return None
    if is_null(document.value):
        findings.error(
            (), "the file is empty; write at least `hosts:`, as in config.example.yaml", rule=Rule.EMPTY_FILE
        )
        return None
    file = read_model(ConfigFile, document.value, path=(), findings=findings)
    hosts = _hosts(file, findings)
    groups = resolve_groups(file.device_groups, hosts=hosts, shared={}, findings=findings)
    calendars = check_calendars(
        file.calendars, timezone=file.timezone, holidays=holidays, events=events, findings=findings
    )
    settings = _settings(document, file, hosts=hosts, calendars=calendars, folder=folder, findings=findings)
    if findings.broken:
        return None
    resolved = {name: targets for name, targets in groups.items() if targets is not None}
    days = {name: named for name, named in calendars.items() if named is not None}
    return Config(settings, resolved, frozenset(file.extra_scripts or ()), days)


def _settings(
    document: Document,
    file: ConfigFile,
    *,
    hosts: dict[str, Host],
    calendars: Mapping[str, DaySet | None],
    folder: FilePath,
    findings: Findings,
) -> Settings:
    http = read_model(HttpFile, _part(file.http), path=("http",), findings=findings)
    web = read_model(WebFile, _part(file.web), path=("web",), findings=findings)
    log = read_model(LogFile, _part(file.log), path=("log",), findings=findings)
    store = _store(file.store, folder=folder, findings=findings)
    return Settings(
        file=document.file,
        timezone=file.timezone,
        campaigns=folder / file.campaigns,
        store=store,
        poll_interval=file.poll_interval,
        grace=file.grace,
        timeout=http.timeout,
        settle=http.settle,
        hosts=hosts,
        retention=file.retention,
        log=LogSettings(log.level, log.format, folder / log.file if log.file else None),
        web=check_web(web, folder=folder, store=store, findings=findings),
        limits=check_limits(
            file.limits, file=document.file, timezone=file.timezone, campaign=None, findings=findings
        ),
        quiet_hours=check_quiet_hours(
            file.quiet_hours, timezone=file.timezone, calendars=calendars, findings=findings
        ),
        notify=check_notify(_part(file.notify), timezone=file.timezone, findings=findings),
    )


def _part(value: Any) -> Any:
    return {} if value is None else value


def _hosts(file: ConfigFile, findings: Findings) -> dict[str, Host]:
    path: Path = ("hosts",)
    named = read_named(file.hosts, path=path, findings=findings)
    if not named and not findings.has_under(path) and "hosts" in file.model_fields_set:
        message = "names no host; write one, e.g. `studio-pc: {url: http://localhost:50809/api/v1}`"
        findings.error(path, message, rule=Rule.EMPTY_LIST, at_key=True)
    hosts = {}
    owners: dict[str, str] = {}
    for name, value in named.items():
        read = read_model(HostFile, value, path=(*path, name), findings=findings)
        url = _url(read.url, path=(*path, name, "url"), findings=findings)
        if url in owners:
            message = f"the host `{owners[url]}` has the same address; delete one of the two"
            findings.error((*path, name, "url"), message, rule=Rule.HOST_TWICE)
        elif url:
            owners[url] = name
        hosts[name] = Host(
            name,
            url,
            read.timezone or file.timezone,
            read.in_flight,
            timezone_given=read.timezone is not None,
        )
    return hosts


def _url(text: str | None, *, path: Path, findings: Findings) -> str:
    if text is None:
        return ""
    url = text.rstrip("/")
    try:
        parts = urlsplit(url)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, whole = urlsplit(""), False
    if not whole or any(letter.isspace() for letter in url):
        findings.error(
            path,
            f"`{text[:60]}` is no address; write e.g. http://localhost:50809/api/v1",
            rule=Rule.HOST_ADDRESS,
        )
    elif parts.query or parts.fragment or parts.username is not None:
        findings.error(
            path,
            "write the address without user, `?` and `#`, e.g. http://localhost:50809/api/v1",
            rule=Rule.HOST_ADDRESS,
        )
    return url


def _has_password(url: str) -> bool:
    # Not by `urlsplit`, which refuses some of what is no whole address.
    user, at, _ = url.partition("://")[2].partition("/")[0].rpartition("@")
    return (bool(at) and ":" in user) or "password=" in url.partition("?")[2]


def _store(url: str, *, folder: FilePath, findings: Findings) -> str:
    path: Path = ("store",)
    if "${" in url:
        findings.error(
            path,
            "`${...}` is replaced in script_config only; write the address itself",
            rule=Rule.PLACEHOLDER,
        )
    elif not url.startswith(_STORES):
        findings.error(path, "write sqlite:///PATH or postgresql://user@host/db", rule=Rule.STORE_ADDRESS)
    elif url.startswith(_SQLITE):
        database = url.removeprefix(_SQLITE)
        if database in {"", ":memory:"}:
            findings.error(path, "the ledger must be on disk; write sqlite:///PATH", rule=Rule.STORE_ADDRESS)
        return f"{_SQLITE}{folder / database}"
    elif _has_password(url):
        findings.warning(
            path,
            "whoever reads this file reads the password; leave it out here and write it into ~/.pgpass",
            rule=Rule.STORE_ADDRESS,
        )
    return url
