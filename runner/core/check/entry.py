"""Check one script entry of a campaign."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.core.check.content import read_content
from runner.core.check.reading import read_model
from runner.core.check.script import (
    check_placeholders,
    check_script_config,
    check_script_name,
    expected_tasks,
)
from runner.core.quiet import first_chance
from runner.core.windows import open_window
from runner.model.campaign import AtClose, Deliver, Entry, OnUnsettled, Placement, Retry, Spread, TargetKind
from runner.model.campaign_file import EntryFile, RetryFile
from runner.model.suggest import did_you_mean
from runner.model.window import DAY_SECONDS, Window
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runner.core.check.findings import Findings
    from runner.core.check.groups import Targets
    from runner.model.campaign import Target
    from runner.model.content import Sheet
    from runner.model.document import Path
    from runner.model.quiet import QuietHours
    from runner.model.settings import Host


_SAMPLES = (date(2027, 1, 13), date(2027, 7, 14))
"""A day in winter and one in summer."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What an entry may refer to, and what its neighbours have said."""

    groups: Mapping[str, Targets | None]
    grace: timedelta
    timeout: timedelta
    """How long a request may take: a window has to be longer."""
    timezone: str
    quiet_hours: QuietHours | None
    extra_scripts: frozenset[str]
    secret: Callable[[str], str]
    sheet: Callable[[str], Sheet]
    """Reads a content file, by the name that the campaign gives it."""
    findings: Findings
    hosts: Mapping[str, Host] = field(default_factory=dict)
    names: dict[str, Path] = field(default_factory=dict)
    """The names of the entries before it, and where they stand."""


def check_entry(value: object, *, path: Path, scope: Scope) -> Entry | None:
    """Return the entry at `path`; None where it lacks what it cannot be without: the findings say so."""
    findings = scope.findings
    file = read_model(EntryFile, value, path=path, findings=findings)
    name = _name(file, path, scope)
    windows = _windows(file, path, scope)
    retry = _retry(file, path, findings)
    placements = _placements(file, path, scope)
    _check_ahead(file, windows, placements, path, scope)
    sheet, content = read_content(file.content, path=(*path, "content"), sheet=scope.sheet, findings=findings)
    script_config = _script_config(file, placements, sheet, path, scope)
    low, high = file.min_interval, file.max_interval
    if low is not None and high is not None and low > high:
        message = f"{low} is more than `max_interval`, {high}; swap them"
        findings.error((*path, "min_interval"), message, rule=Rule.WRONG_ORDER)
    if file.script_name is None:
        return None
    return Entry(
        name=name,
        script_name=file.script_name,
        placements=placements,
        windows=windows,
        script_config=script_config,
        spread=Spread(file.spread),
        enable_multi_account=file.enable_multi_account,
        retry=retry,
        at_close=AtClose(file.at_close),
        after=tuple(file.after or ()),
        deliver=Deliver(file.deliver),
        on_unsettled=OnUnsettled(file.on_unsettled),
        min_interval=low,
        max_interval=high,
        expected_tasks=expected_tasks(
            file.script_name, script_config, multi_account=file.enable_multi_account
        ),
        content=content,
    )


def _check_ahead(
    file: EntryFile,
    windows: tuple[Window, ...],
    placements: tuple[Placement, ...],
    path: Path,
    scope: Scope,
) -> None:
    if file.deliver != Deliver.AHEAD:
        return
    at = (*path, "deliver")
    if windows and all(window.at_once or file.spread == Spread.TOGETHER for window in windows):
        message = (
            "all of it is due as its window opens, when it is handed over at the earliest; use `spread: "
            "even` in a window that opens earlier, or leave `deliver` out"
        )
        scope.findings.warning(at, message, rule=Rule.AHEAD_ALL_AT_ONCE)
    for name in sorted({placement.target.host for placement in placements}):
        host = scope.hosts.get(name)
        if host is not None and not host.timezone_given and host.timezone != scope.timezone:
            message = (
                f"`ahead` goes by the clock of `{name}`; write its `timezone` in the config, else "
                f"{host.timezone} is taken for it"
            )
            scope.findings.warning(at, message, rule=Rule.AHEAD_ZONE)


def _name(file: EntryFile, path: Path, scope: Scope) -> str:
    name = file.name or file.script_name or ""
    first = scope.names.setdefault(name, path)
    if name and first != path:
        key = "name" if file.name else "script_name"
        hint = "rename one" if file.name else "give one a `name`"
        scope.findings.error(
            (*path, key), f"`{name}` is the name of scripts[{first[-1]}], too; {hint}", rule=Rule.ENTRY_TWICE
        )
    return name


def _windows(file: EntryFile, path: Path, scope: Scope) -> tuple[Window, ...]:
    at = (*path, "start_time")
    if file.start_time is None:
        return ()
    if not file.start_time:
        scope.findings.error(
            at, 'holds no window; write at least one, e.g. "09:00-11:00"', rule=Rule.EMPTY_LIST, at_key=True
        )
    # Who writes "14:30" and no `spread` means half past two, for every target.
    at_once = "spread" not in file.model_fields_set
    windows = tuple(span.window(grace=scope.grace, at_once=at_once) for span in file.start_time)
    for position, window in enumerate(windows):
        if timedelta(seconds=_length(window)) <= scope.timeout:
            words = "is no longer than a request may take (`http.timeout`), nothing would go; widen it"
            message = f"{window.label} {words}"
            scope.findings.error((*at, position), message, rule=Rule.WINDOW_TOO_SHORT)
        elif _never_goes(window, scope):
            message = (
                f"{window.label} lies wholly inside the config's `quiet_hours`, nothing would go; move it"
            )
            scope.findings.warning((*at, position), message, rule=Rule.WINDOW_IN_QUIET_HOURS)
    # In the order of their opening only neighbours can overlap, the last one's being the first one.
    order = sorted(range(len(windows)), key=lambda position: windows[position])
    for this, following in zip(order, (*order[1:], *order[:1]), strict=True):
        if this != following and _overlap(windows[this], windows[following]):
            first, second = sorted((this, following))
            message = f"{windows[second].label} overlaps {windows[first].label}; part or join them"
            scope.findings.error((*at, second), message, rule=Rule.WINDOWS_OVERLAP)
    return windows


def _never_goes(window: Window, scope: Scope) -> bool:
    if scope.quiet_hours is None:
        return False
    quiet = replace(scope.quiet_hours, days=())
    # A zone apart from the config's may be so by another offset in summer.
    zone = ZoneInfo(scope.timezone)
    deadline_us = scope.timeout // timedelta(microseconds=1)
    opened = (open_window(window, day=day, zone=zone) for day in _SAMPLES)
    return all(first_chance(quiet, opened=each, deadline_us=deadline_us) is None for each in opened)


def _overlap(this: Window, following: Window) -> bool:
    return (following.opens - this.opens) % DAY_SECONDS < _length(this)


def _length(window: Window) -> int:
    return (window.closes - window.opens) % DAY_SECONDS or DAY_SECONDS


def _retry(file: EntryFile, path: Path, findings: Findings) -> Retry | None:
    if file.retry is None:
        return None
    read = read_model(RetryFile, file.retry, path=(*path, "retry"), findings=findings)
    return None if read.attempts is None else Retry(read.attempts, read.delay)


def _placements(file: EntryFile, path: Path, scope: Scope) -> tuple[Placement, ...]:
    at: Path = (*path, "device_groups")
    findings = scope.findings
    found: dict[Target, Placement] = {}
    complete = file.device_groups is not None
    for position, name in enumerate(file.device_groups or ()):
        if name not in scope.groups:
            message = f"there is no group `{name}`{did_you_mean(name, scope.groups)}"
            findings.error((*at, position), message, rule=Rule.GROUP_UNKNOWN)
            complete = False
            continue
        targets = scope.groups[name]
        complete = complete and targets is not None
        for target in targets or ():
            found.setdefault(target, Placement(target, name))
    if complete and not found:
        findings.error(
            at, "no device and no account is in these groups; add one", rule=Rule.NO_TARGET, at_key=True
        )
    if file.enable_multi_account and any(target.kind is TargetKind.USERNAME for target in found):
        message = "works on devices only, but its groups hold accounts; write false, or use groups of serials"
        findings.error((*path, "enable_multi_account"), message, rule=Rule.ACCOUNTS_NOT_DEVICES)
    return tuple(found.values())


def _script_config(
    file: EntryFile, placements: tuple[Placement, ...], sheet: Sheet | None, path: Path, scope: Scope
) -> dict[str, object]:
    at = (*path, "script_config")
    findings = scope.findings
    known = file.script_name is not None and check_script_name(
        file.script_name, extra_scripts=scope.extra_scripts, path=(*path, "script_name"), findings=findings
    )
    if not known or "script_config" not in file.model_fields_set:
        return {}
    script_config = check_script_config(
        file.script_config, script_name=str(file.script_name), path=at, findings=findings
    )
    kinds = {placement.target.kind for placement in placements}
    # Of a file that could not be read nobody knows the columns: that it could not is told already.
    if sheet is None or not sheet.problems:
        columns = None if sheet is None else sheet.columns
        check_placeholders(
            script_config, kinds=kinds, secret=scope.secret, columns=columns, path=at, findings=findings
        )
    return script_config
