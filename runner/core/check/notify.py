"""Check `notify`: channels with their addresses, which are secrets and stand in no message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.core.check.reading import read_model, read_named
from runner.core.placeholders import placeholders
from runner.model.alarm import AlarmKind
from runner.model.notify_file import CampaignPingFile, ChannelFile, NotifyFile
from runner.model.quiet import QuietHours
from runner.model.settings import Channel, NotifySettings
from runner.model.window import DAY_SECONDS, Window
from runner.rules import Rule

if TYPE_CHECKING:
    from runner.core.check.findings import Findings
    from runner.model.document import Path

_ROOT = ("notify",)
_CHANNEL = re.compile(r"\$\{|[A-Za-z][A-Za-z0-9]*://.")
_PING = re.compile(r"\$\{|https?://.")
_NO_CHANNEL = "is no address that Apprise knows; write e.g. ntfys://${env:TOPIC}, or all of it as ${env:NAME}"
_NO_PING = "is no address; write e.g. https://hc-ping.com/${env:PING}, or all of it as ${env:NAME}"


def check_notify(value: object, *, timezone: str, findings: Findings) -> NotifySettings:
    """Return who is told of what; `timezone` is the config's."""
    file = read_model(NotifyFile, value, path=_ROOT, findings=findings)
    path: Path = (*_ROOT, "campaigns")
    pings = {
        name: read_model(CampaignPingFile, one, path=(*path, name), findings=findings).ping_url
        for name, one in read_named(file.campaigns, path=path, findings=findings).items()
    }
    for name, url in pings.items():
        _check_url(url, _PING, _NO_PING, path=(*path, name, "ping_url"), findings=findings)
    _check_url(file.ping_url, _PING, _NO_PING, path=(*_ROOT, "ping_url"), findings=findings)
    return NotifySettings(
        channels=_channels(file, findings),
        group=file.group,
        host_down_after=file.host_down_after,
        late_after=file.late_after,
        quiet_hours=_quiet(file, timezone=timezone, findings=findings),
        urgent=frozenset(map(AlarmKind, file.urgent)),
        daily_report=file.daily_report,
        ping_url=file.ping_url,
        ping_interval=file.ping_interval,
        campaign_pings={name: url for name, url in pings.items() if url is not None},
    )


def _channels(file: NotifyFile, findings: Findings) -> dict[str, Channel]:
    path: Path = (*_ROOT, "channels")
    channels = {}
    for name, value in read_named(file.channels, path=path, findings=findings).items():
        read = read_model(ChannelFile, value, path=(*path, name), findings=findings)
        _check_url(read.url, _CHANNEL, _NO_CHANNEL, path=(*path, name, "url"), findings=findings)
        alarms = AlarmKind if read.alarms is None else map(AlarmKind, read.alarms)
        channels[name] = Channel(name, read.url or "", frozenset(alarms))
    return channels


def _check_url(
    url: str | None, pattern: re.Pattern[str], wrong: str, *, path: Path, findings: Findings
) -> None:
    if url is None:
        return
    if pattern.match(url) is None or any(letter.isspace() for letter in url):
        findings.error(path, wrong, rule=Rule.NOTIFY_ADDRESS)
    for one in placeholders(url):
        fault = one.fault()
        if fault is None and not one.is_secret:
            fault = f"`${{{one.name}}}` has no value here; only ${{env:NAME}} and ${{file:PATH}} have"
        if fault is not None:
            findings.error(path, fault, rule=Rule.PLACEHOLDER)


def _quiet(file: NotifyFile, *, timezone: str, findings: Findings) -> QuietHours | None:
    path: Path = (*_ROOT, "quiet_hours")
    if file.quiet_hours is None:
        return None
    windows = tuple(Window(span.opens, span.closes) for span in file.quiet_hours if span.closes is not None)
    quiet = QuietHours(windows, timezone)
    if not windows and not findings.has_under(path):
        message = 'holds no hours; write e.g. "22:00-07:00", or delete the key'
        findings.error(path, message, rule=Rule.EMPTY_LIST, at_key=True)
    if quiet.seconds() >= DAY_SECONDS:
        message = "leaves no time of the day, so that nobody would ever be told; shorten it"
        findings.error(path, message, rule=Rule.QUIET_ALL_DAY, at_key=True)
    return quiet
