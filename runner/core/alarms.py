"""Decide what people are told: what has happened and what is wrong now, against what was told before.

What happens to assignments is counted, and told together. What is wrong lasts: it is told once it has lasted
for long enough, and again when it has ended. All of it is a function of events, of what is wrong now, of what
is remembered, and of the time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from runner.core.alarm_words import group_message, over_message, trouble_message
from runner.model.alarm import AlarmKind, Group, Trouble
from runner.model.instant import SECOND

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import tzinfo

    from runner.model.alarm import Message
    from runner.model.instant import Instant
    from runner.model.record import Event
    from runner.model.settings import NotifySettings

COUNTED = {
    "assignment.failed": AlarmKind.FAILED,
    "assignment.unknown": AlarmKind.UNKNOWN,
    "assignment.missed": AlarmKind.MISSED,
    "assignment.expired": AlarmKind.MISSED,
}
RETRIED = "task.retried"
CONFIG_BROKEN, CONFIG_MENDED = "config.rejected", frozenset({"config.changed", "config.restored"})
STARTED = "daemon.started"
HEARD = frozenset({*COUNTED, RETRIED, CONFIG_BROKEN, *CONFIG_MENDED, STARTED})
"""The events that are looked at."""
AGAIN_US = 3_600 * SECOND
"""What goes on to happen to one campaign is told in one message an hour."""
STALE_US = 86_400 * SECOND
"""What is older is no news any more: alarms were switched off, or nothing ran."""
LASTS_US = 300 * SECOND
"""How long tasks of others have to be on a host, since our own are for a moment not known to be ours."""
MOST_WAITS = 5
"""While more comes, it is waited so many times as long."""
MOST_REASONS = 5
"""Reasons, and assignments, that one message names of a campaign."""
MOST_KEYS = 1_000

Name: TypeAlias = tuple[AlarmKind, str]
"""What is wrong, or has happened, and with what."""
_CONFIG: Name = (AlarmKind.BROKEN_FILE, "the config")


@dataclass(frozen=True, slots=True)
class AlarmMemory:
    """All that decisions about alarms take from the past."""

    groups: Mapping[Name, Group] = field(default_factory=dict)
    told_at: Mapping[Name, Instant] = field(default_factory=dict)
    """When what happens to a campaign was told last."""
    troubles: Mapping[Name, Trouble] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    """The keys of the last assignments that were told as failed."""
    reported: str = ""
    """The last day of which the daily report was made."""


@dataclass(frozen=True, slots=True)
class Wrongs:
    """What is wrong now."""

    troubles: Mapping[Name, str]
    """With details for people."""
    unsure: Collection[Name] = ()
    """Of these it is not known now: they stay as they were."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What is to be told, and what is to be remembered."""

    memory: AlarmMemory
    messages: tuple[Message, ...]


def decide(
    memory: AlarmMemory,
    *,
    events: Iterable[Event],
    wrongs: Wrongs,
    settings: NotifySettings,
    now: Instant,
    zone: tzinfo,
) -> Decided:
    """Return what follows from new events and from what is wrong now."""
    memory = _heard(memory, events, now=now)
    memory = _with_wrongs(memory, wrongs, now=now)
    memory, grouped = _tell_groups(memory, settings=settings, now=now)
    # First what has ended: it is not to be told any more that it is so.
    memory, over = _tell_over(memory, wrongs, now=now, zone=zone)
    memory, lasting = _tell_troubles(memory, settings=settings, now=now, zone=zone)
    return Decided(memory, (*over, *lasting, *grouped))


# -- what has happened -------------------------------------------------------------------------------------


def _heard(memory: AlarmMemory, events: Iterable[Event], *, now: Instant) -> AlarmMemory:
    groups, troubles = dict(memory.groups), dict(memory.troubles)
    failed = set(memory.failed)
    for event in events:
        if event.at < now - STALE_US:
            continue
        kind = COUNTED.get(event.name)
        if kind is not None:
            _count(groups, kind, event, failed=failed, now=now)
        elif event.name == RETRIED:
            _take_back(groups, event)
        elif event.name == CONFIG_BROKEN:
            problems = event.fields.get("problems") or [""]
            known = troubles.get(_CONFIG)
            if known is None or not known.detail:
                troubles[_CONFIG] = Trouble(min(event.at, now), str(problems[0]) or "it does not check")
        elif _CONFIG in troubles:
            # It was mended, or the daemon could not have started with it.
            troubles[_CONFIG] = replace(troubles[_CONFIG], detail="")
    return replace(memory, groups=groups, troubles=troubles)


def _count(
    groups: dict[Name, Group], kind: AlarmKind, event: Event, *, failed: set[str], now: Instant
) -> None:
    name = (kind, str(event.fields.get("campaign", "")))
    key = str(event.fields.get("key", ""))
    group = groups.get(name) or Group(min(event.at, now), min(event.at, now))
    if key in group.keys or (kind is AlarmKind.FAILED and key in failed):
        return
    reason = str(event.fields.get("reason") or "no reason was given")
    reasons = dict(group.reasons)
    if reason in reasons or len(reasons) < MOST_REASONS:
        reasons[reason] = reasons.get(reason, 0) + 1
    first = group.first if len(group.first) >= MOST_REASONS else (*group.first, _named(event))
    keys = (*group.keys, key) if len(group.keys) < MOST_KEYS else group.keys
    last = max(group.last, min(event.at, now))
    groups[name] = Group(group.since, last, group.count + 1, reasons, first, keys)


def _take_back(groups: dict[Name, Group], event: Event) -> None:
    """Forget a failure that was not told yet: the campaign has it tried again."""
    name = (AlarmKind.FAILED, str(event.fields.get("campaign", "")))
    group, key = groups.get(name), str(event.fields.get("key", ""))
    if group is None or key not in group.keys:
        return
    if group.count == 1:
        del groups[name]
        return
    keys = tuple(one for one in group.keys if one != key)
    first = tuple(one for one in group.first if one != _named(event))
    groups[name] = replace(group, count=group.count - 1, keys=keys, first=first)


def _named(event: Event) -> str:
    fields = event.fields
    target = fields.get("serial") or fields.get("username") or "?"
    return (
        f"{fields.get('script', '?')} on {target} ({fields.get('host', '?')}), key {fields.get('key', '?')}"
    )


def _tell_groups(
    memory: AlarmMemory, *, settings: NotifySettings, now: Instant
) -> tuple[AlarmMemory, list[Message]]:
    wait_us = round(settings.group.total_seconds() * SECOND)
    free = {
        name: group
        for name, group in memory.groups.items()
        if not 0 <= now - memory.told_at.get(name, now - AGAIN_US) < AGAIN_US
    }
    ripe = {kind for (kind, _), group in free.items() if _is_ripe(group, wait_us=wait_us, now=now)}
    told = {name: group for name, group in free.items() if name[0] in ripe}
    messages = [
        group_message(kind, {campaign: group for (of, campaign), group in told.items() if of is kind}, at=now)
        for kind in AlarmKind
        if kind in ripe
    ]
    if not told:
        return memory, []
    keys = [key for (kind, _), group in told.items() if kind is AlarmKind.FAILED for key in group.keys]
    recent = {name: at for name, at in memory.told_at.items() if 0 <= now - at < AGAIN_US}
    kept = replace(
        memory,
        groups={name: group for name, group in memory.groups.items() if name not in told},
        told_at=recent | dict.fromkeys(told, now),
        failed=(*memory.failed, *keys)[-MOST_KEYS:],
    )
    return kept, messages


def _is_ripe(group: Group, *, wait_us: int, now: Instant) -> bool:
    """Tell whether nothing more has come for a while, or it would be told too late."""
    return now - min(group.last, now) >= wait_us or now - min(group.since, now) >= MOST_WAITS * wait_us


# -- what is wrong -----------------------------------------------------------------------------------------


def _with_wrongs(memory: AlarmMemory, wrongs: Wrongs, *, now: Instant) -> AlarmMemory:
    troubles = dict(memory.troubles)
    for name, detail in wrongs.troubles.items():
        known = troubles.get(name)
        troubles[name] = Trouble(now, detail) if known is None else replace(known, detail=detail)
    return replace(memory, troubles=troubles)


def _tell_troubles(
    memory: AlarmMemory, *, settings: NotifySettings, now: Instant, zone: tzinfo
) -> tuple[AlarmMemory, list[Message]]:
    troubles, messages = dict(memory.troubles), []
    for kind in AlarmKind:
        wait_us = _wait_us(kind, settings)
        untold = {
            name: one for name, one in troubles.items() if name[0] is kind and not one.told and one.detail
        }
        if all(now - min(one.since, now) < wait_us for one in untold.values()):
            continue
        # What has lasted for half as long goes with it: a network takes its hosts along one by one.
        told = {
            subject: one for (_, subject), one in untold.items() if now - min(one.since, now) >= wait_us // 2
        }
        messages.append(trouble_message(kind, told, at=now, zone=zone))
        troubles |= {(kind, subject): replace(one, told=True) for subject, one in told.items()}
    return replace(memory, troubles=troubles), messages


def _tell_over(
    memory: AlarmMemory, wrongs: Wrongs, *, now: Instant, zone: tzinfo
) -> tuple[AlarmMemory, list[Message]]:
    over = {
        name: one
        for name, one in memory.troubles.items()
        if name not in wrongs.troubles and name not in wrongs.unsure and _has_ended(name, one)
    }
    messages = [
        over_message(kind, told, at=now, zone=zone)
        for kind in AlarmKind
        if (told := {subject: one for (of, subject), one in over.items() if of is kind and one.told})
    ]
    left = {name: one for name, one in memory.troubles.items() if name not in over}
    return replace(memory, troubles=left), messages


def _has_ended(name: Name, trouble: Trouble) -> bool:
    # Of the config only events tell, of which the last one has taken its detail away.
    return name != _CONFIG or not trouble.detail


def _wait_us(kind: AlarmKind, settings: NotifySettings) -> int:
    group_us = round(settings.group.total_seconds() * SECOND)
    match kind:
        case AlarmKind.HOST_DOWN:
            return round(settings.host_down_after.total_seconds() * SECOND)
        case AlarmKind.FOREIGN:
            return max(group_us, LASTS_US)
        case _:
            return group_us
