"""Check a campaign file: from a document to a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.core.check.after import check_after
from runner.core.check.calendars import nothing_known
from runner.core.check.content import check_rows
from runner.core.check.days import check_days
from runner.core.check.defaults import with_defaults
from runner.core.check.entry import Scope, check_entry
from runner.core.check.findings import EnoughFoundError, Findings
from runner.core.check.groups import resolve_groups
from runner.core.check.limits import check_limits
from runner.core.check.reading import read_list, read_model
from runner.model.campaign import Campaign
from runner.model.campaign_file import CampaignFile
from runner.model.document import is_null
from runner.model.fields import Identifier
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.core.check.calendars import HolidayLookUp
    from runner.errors import Problem
    from runner.model.campaign import Entry
    from runner.model.content import Sheet
    from runner.model.document import Document
    from runner.model.settings import Config

_NAME = Identifier()


def check_campaign(
    document: Document,
    *,
    stem: str,
    config: Config,
    secret: Callable[[str], str],
    sheet: Callable[[str], Sheet],
    version: str,
    holidays: HolidayLookUp = nothing_known,
) -> tuple[Campaign | None, tuple[Problem, ...]]:
    """Return the campaign that a document says, and its problems; None where one of them is an error.

    `stem` is the file's name without its ending: the campaign's name where it gives itself none.
    `secret` looks a secret up, e.g. `env:API_KEY`, and raises SecretMissing; its value is not kept. `sheet`
    reads a content file, by the name that the campaign gives it.
    `holidays` looks the holidays of a place up, e.g. `SE`, and raises DaysUnknown.
    """
    findings = Findings(document)
    try:
        campaign = _campaign(
            document,
            stem=stem,
            config=config,
            secret=secret,
            sheet=sheet,
            version=version,
            holidays=holidays,
            findings=findings,
        )
    except EnoughFoundError:
        campaign = None
    return campaign, findings.problems


def _campaign(
    document: Document,
    *,
    stem: str,
    config: Config,
    secret: Callable[[str], str],
    sheet: Callable[[str], Sheet],
    version: str,
    holidays: HolidayLookUp,
    findings: Findings,
) -> Campaign | None:
    if document.value is None:
        return None
    if is_null(document.value):
        findings.error(
            (), "the file is empty; write at least `scripts:`, or delete the file", rule=Rule.EMPTY_FILE
        )
        return None
    file = read_model(CampaignFile, document.value, path=(), findings=findings)
    entries = _entries(file, config=config, secret=secret, sheet=sheet, findings=findings)
    name = file.name or _stem(file, stem, findings)
    timezone = file.timezone or config.settings.timezone
    limits = check_limits(
        file.limits, file=document.file, timezone=timezone, campaign=name, findings=findings
    )
    days = check_days(file, calendars=config.calendars, holidays=holidays, findings=findings)
    if findings.broken:
        return None
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
        weekdays=days.weekdays,
        calendars=days.calendars,
        excluded=days.excluded,
        limits=limits,
    )
    check_rows(campaign, sheet=sheet, findings=findings)
    return campaign


def _entries(
    file: CampaignFile,
    *,
    config: Config,
    secret: Callable[[str], str],
    sheet: Callable[[str], Sheet],
    findings: Findings,
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
        sheet=sheet,
        findings=findings,
        hosts=config.settings.hosts,
    )
    written = read_list(file.scripts, path=("scripts",), findings=findings)
    if not written and file.scripts is not None and not findings.has_under(("scripts",)):
        findings.error(
            ("scripts",),
            "holds no entry; write at least one, or delete the file",
            rule=Rule.EMPTY_LIST,
            at_key=True,
        )
    filled = with_defaults(file.defaults, written, findings=findings)
    checked = [check_entry(value, path=("scripts", at), scope=scope) for at, value in enumerate(filled)]
    check_after(checked, findings=findings)
    return tuple(entry for entry in checked if entry is not None)


def _stem(file: CampaignFile, stem: str, findings: Findings) -> str:
    if "name" not in file.model_fields_set and not findings.has_under(("name",)):
        try:
            _NAME.read(stem)
        except ValueError as error:
            message = f"the file's name, `{stem[:40]}`, cannot be the campaign's; add `name`: {error}"
            findings.error((), message, rule=Rule.CAMPAIGN_NAME)
    return stem
