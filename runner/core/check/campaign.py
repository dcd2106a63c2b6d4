"""Check a campaign file: from a document to a campaign."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from runner.core.check.after import check_after
from runner.core.check.entry import Scope, check_entry
from runner.core.check.findings import Findings
from runner.core.check.groups import resolve_groups
from runner.core.check.limits import check_limits
from runner.core.check.reading import read_list, read_model
from runner.model.campaign import Campaign
from runner.model.campaign_file import CampaignFile
from runner.model.document import is_null
from runner.model.fields import Identifier

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from runner.errors import Problem
    from runner.model.campaign import Entry
    from runner.model.document import Document
    from runner.model.settings import Config

_NAME = Identifier()


def check_campaign(
    document: Document, *, stem: str, config: Config, secret: Callable[[str], str], version: str
) -> tuple[Campaign | None, tuple[Problem, ...]]:
    """Return the campaign that a document says, and its problems; None where one of them is an error.

    `stem` is the file's name without its ending: the campaign's name where it gives itself none.
    `secret` looks a secret up, e.g. `env:API_KEY`, and raises SecretMissing; its value is not kept.
    """
    findings = Findings(document)
    if document.value is None:
        return None, findings.problems
    if is_null(document.value):
        findings.error((), "the file is empty; write at least `scripts:`, or delete the file")
        return None, findings.problems
    file = read_model(CampaignFile, document.value, path=(), findings=findings)
    entries = _entries(file, config=config, secret=secret, findings=findings)
    name = file.name or _stem(file, stem, findings)
    timezone = file.timezone or config.settings.timezone
    limits = check_limits(
        file.limits, file=document.file, timezone=timezone, campaign=name, findings=findings
    )
    _check_days(file, findings)
    if findings.broken:
        return None, findings.problems
    campaign = Campaign(
        name=name,
        file=document.file,
        timezone=timezone,
        entries=entries,
        version=version,
        description=file.description,
        enabled=file.enabled,
        first_day=file.first_day,
        last_day=file.last_day,
        weekdays=_weekdays(file),
        excluded=_excluded(file),
        limits=limits,
    )
    return campaign, findings.problems


def _entries(
    file: CampaignFile, *, config: Config, secret: Callable[[str], str], findings: Findings
) -> tuple[Entry, ...]:
    groups = resolve_groups(
        file.device_groups, hosts=config.settings.hosts, shared=config.groups, findings=findings
    )
    scope = Scope(
        groups=groups,
        grace=config.settings.grace,
        timeout=config.settings.timeout,
        timezone=file.timezone or config.settings.timezone,
        quiet_hours=config.settings.quiet_hours,
        extra_scripts=config.extra_scripts,
        secret=secret,
        findings=findings,
        hosts=config.settings.hosts,
    )
    written = read_list(file.scripts, path=("scripts",), findings=findings)
    if not written and file.scripts is not None and not findings.has_under(("scripts",)):
        findings.error(("scripts",), "holds no entry; write at least one, or delete the file", at_key=True)
    checked = [check_entry(value, path=("scripts", at), scope=scope) for at, value in enumerate(written)]
    check_after(checked, findings=findings)
    return tuple(entry for entry in checked if entry is not None)


def _stem(file: CampaignFile, stem: str, findings: Findings) -> str:
    if "name" not in file.model_fields_set and not findings.has_under(("name",)):
        try:
            _NAME.read(stem)
        except ValueError as error:
            message = f"the file's name, `{stem[:40]}`, cannot be the campaign's; add `name`: {error}"
            findings.error((), message)
    return stem


def _check_days(file: CampaignFile, findings: Findings) -> None:
    if file.days is not None and not file.days:
        findings.error(("days",), "holds no day; write at least one, or `daily`", at_key=True)
    elif file.first_day is not None and file.last_day is not None:
        if file.first_day > file.last_day:
            message = f"{file.last_day} is before `from`, {file.first_day}; swap them"
            findings.error(("until",), message)
        elif not _opens(file, file.first_day, file.last_day):
            message = "no day from `from` to `until` is left by `days` and `except`: it never runs"
            findings.warning(("until",), message)


def _opens(file: CampaignFile, first_day: date, last_day: date) -> bool:
    weekdays, excluded = _weekdays(file), _excluded(file)
    # Among so many days in a row each day of the week comes once more often than days are excluded.
    longest = 7 * (len(excluded) + 1)
    days = (
        first_day + timedelta(days=ahead) for ahead in range(min(longest, (last_day - first_day).days + 1))
    )
    return any(day.weekday() in weekdays and day not in excluded for day in days)


def _weekdays(file: CampaignFile) -> frozenset[int]:
    return frozenset(range(7) if file.days is None else file.days)


def _excluded(file: CampaignFile) -> frozenset[date]:
    return frozenset(file.excluded or ())
