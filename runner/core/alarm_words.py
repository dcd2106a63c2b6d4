"""Say in words what has happened, what is wrong, and that it is over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from runner.model.alarm import AlarmKind, Message
from runner.model.instant import SECOND, moment
from runner.model.texts import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import tzinfo

    from runner.model.alarm import Group, Trouble, WaitingMessage
    from runner.model.instant import Instant

MOST_NAMED = 10
"""Campaigns, or things that are wrong, that one message names."""
LONGEST_REASON = 300
LONGEST_TEXT = 3_500
"""What most services take in one piece."""

_ENDS = {
    AlarmKind.FAILED: (
        "failed",
        "`campaign-runner results` shows them, `campaign-runner show KEY` one of them.",
    ),
    AlarmKind.UNKNOWN: (
        "unknown",
        "Nothing is repeated. Look at the device, then `campaign-runner resolve KEY --resubmit` or `--drop`.",
    ),
    AlarmKind.MISSED: ("missed", "Their windows are over. `campaign-runner why CAMPAIGN` accounts for each."),
}
_TROUBLES = {
    AlarmKind.HOST_DOWN: ("is down", "are down", "Work for it waits for as long as its window is open."),
    AlarmKind.LICENCE: (
        "has no licence for the API",
        "have no licence for the API",
        "Work for it waits for the licence: it needs a plan with API access.",
    ),
    AlarmKind.BROKEN_FILE: (
        "does not check",
        "do not check",
        "The last good version stays in force. `campaign-runner validate` shows all problems.",
    ),
    AlarmKind.FOREIGN: (
        "has tasks of others",
        "have tasks of others",
        "They may take devices from ours. They are left alone.",
    ),
    AlarmKind.LATE: (
        "is behind with its work",
        "are behind with their work",
        "`campaign-runner status` says what is next, `campaign-runner why CAMPAIGN` what it waits for.",
    ),
    AlarmKind.STORE: (
        "does not work",
        "do not work",
        "Nothing is submitted meanwhile; what is seen is kept, and written later.",
    ),
}
_OVER = {
    AlarmKind.HOST_DOWN: ("is back", "are back"),
    AlarmKind.LICENCE: ("has its licence again", "have their licences again"),
    AlarmKind.BROKEN_FILE: ("is in order again, or gone", "are in order again, or gone"),
    AlarmKind.FOREIGN: ("has no tasks of others any more", "have no tasks of others any more"),
    AlarmKind.LATE: ("is not behind any more", "are not behind any more"),
    AlarmKind.STORE: ("works again", "work again"),
}


def group_message(kind: AlarmKind, groups: Mapping[str, Group], *, at: Instant) -> Message:
    """Return the message of what has happened to assignments, by campaign."""
    word, advice = _ENDS[kind]
    count = sum(group.count for group in groups.values())
    lines = list(_cut([_group_lines(campaign, group) for campaign, group in groups.items()]))
    return Message(kind, f"{count} {word}", "\n".join((*lines, advice)), at)


def trouble_message(
    kind: AlarmKind, troubles: Mapping[str, Trouble], *, at: Instant, zone: tzinfo
) -> Message:
    """Return the message of what is wrong, by what it is wrong with."""
    one, several, advice = _TROUBLES[kind]
    lines = _cut(
        [
            f"{subject}: since {clock(trouble.since, at=at, zone=zone)}: {short(trouble.detail)}"
            for subject, trouble in troubles.items()
        ]
    )
    return Message(kind, _title(troubles, one, several), "\n".join((*lines, advice)), at)


def over_message(kind: AlarmKind, troubles: Mapping[str, Trouble], *, at: Instant, zone: tzinfo) -> Message:
    """Return the message that what was wrong has ended."""
    one, several = _OVER[kind]
    lines = _cut(
        [
            f"{subject}: {clock(trouble.since, at=at, zone=zone)} to {clock(at, at=at, zone=zone)}, "
            f"{lasted(at - trouble.since)}"
            for subject, trouble in troubles.items()
        ]
    )
    return Message(kind, _title(troubles, one, several), "\n".join(lines), at)


def together(waiting: Sequence[WaitingMessage]) -> tuple[str, str]:
    """Return title and text of one message that holds all that waits for a channel."""
    if len(waiting) == 1:
        message = waiting[0].message
        return message.title, message.text
    titles = [one.message.title for one in waiting]
    text = "\n\n".join(f"{one.message.title}\n{one.message.text}" for one in waiting)
    if len(text) > LONGEST_TEXT:
        text = "\n".join(titles)
    return f"{len(waiting)} messages: {titles[0]}", cut(text)


def cut(text: str) -> str:
    """Return a text, without its end where that is too long."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 4]} ..."


def clock(instant: Instant, *, at: Instant, zone: tzinfo) -> str:
    """Return the time of an instant, with its day where that is another one than that of `at`."""
    then = moment(instant, zone=zone)
    same_day = then.date() == moment(at, zone=zone).date()
    return f"{then:%H:%M}" if same_day else f"{then:%Y-%m-%d %H:%M}"


def lasted(length_us: int) -> str:
    """Return a length of time in whole minutes, or in seconds where it is short."""
    seconds = max(length_us, 0) // SECOND
    return in_words(timedelta(seconds=seconds if seconds < 120 else seconds - seconds % 60))  # noqa: PLR2004


def short(text: str) -> str:
    """Return a reason on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_REASON else f"{line[:LONGEST_REASON]}..."


def _group_lines(campaign: str, group: Group) -> str:
    lines = [f"{campaign}: {group.count}"]
    lines += [f"  {count} x {short(reason)}" for reason, count in group.reasons.items()]
    unnamed = group.count - sum(group.reasons.values())
    lines += [f"  {unnamed} x for other reasons"] if unnamed > 0 else []
    lines += [f"  - {one}" for one in group.first]
    lines += ["  - ..."] if group.count > len(group.first) else []
    return "\n".join(lines)


def _title(troubles: Mapping[str, Trouble], one: str, several: str) -> str:
    names = list(troubles)
    if len(names) == 1:
        return f"{names[0]} {one}"
    return f"{len(names)} {several}: {', '.join(names[:MOST_NAMED])}"


def _cut(lines: list[str]) -> Iterator[str]:
    yield from lines[:MOST_NAMED]
    if len(lines) > MOST_NAMED:
        yield f"and {len(lines) - MOST_NAMED} more"
