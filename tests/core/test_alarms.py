"""What is told follows from what has happened and what is wrong: once, together, and once it is over."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from runner.core.alarm_memory import memory_text, read_memory
from runner.core.alarm_routes import routed
from runner.core.alarm_words import together
from runner.core.alarms import AlarmMemory, Wrongs, decide
from runner.core.daily_report import report_day
from runner.model.alarm import URGENT, AlarmKind, Message, WaitingMessage
from runner.model.instant import SECOND, instant
from runner.model.quiet import QuietHours
from runner.model.record import Event
from runner.model.settings import Channel, NotifySettings
from runner.model.window import Window

NOW = instant(datetime(2026, 11, 23, 12, tzinfo=UTC))
MINUTE = 60 * SECOND
SETTINGS = NotifySettings(urgent=frozenset(URGENT))
NOTHING = Wrongs({})
DOWN = (AlarmKind.HOST_DOWN, "pc")


def failed(key, at=NOW, *, name="assignment.failed", campaign="spring", reason="no network"):
    fields = {"campaign": campaign, "script": "clip", "serial": "A", "host": "pc", "key": key}
    return Event(at, name, {**fields, "reason": reason})


def lived(steps):
    """Decide at each step, and keep nothing but the text of what is remembered; return what was told when."""
    text, told = memory_text(AlarmMemory()), []
    for now, events, wrongs in steps:
        decided = decide(
            read_memory(text), events=events, wrongs=wrongs, settings=SETTINGS, now=now, zone=UTC
        )
        text = memory_text(decided.memory)
        told += [((now - NOW) // MINUTE, message.title) for message in decided.messages]
    return told


def minutes(count, events=None, wrongs=None):
    """Return a step for each minute."""
    return [
        (NOW + minute * MINUTE, (events or {}).get(minute, []), (wrongs or (lambda _: NOTHING))(minute))
        for minute in range(count)
    ]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 130), st.sampled_from("ab")), max_size=40))
def test_every_failure_is_told_exactly_once_and_a_campaign_at_most_once_an_hour(happened):
    events = {}
    for number, (minute, campaign) in enumerate(happened):
        events.setdefault(minute, []).append(
            failed(f"k{number}", NOW + minute * MINUTE, campaign=campaign, reason=f"r{number % 9}")
        )
    told = lived(minutes(260, events))
    assert sum(int(title.split()[0]) for _, title in told) == len(happened)
    assert all(count <= 2 for count in Counter(minute // 60 for minute, _ in told).values())


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_what_lasts_is_told_once_until_it_ends_and_a_blip_never(down):
    told = lived(minutes(len(down), wrongs=lambda minute: Wrongs({DOWN: "refused"} if down[minute] else {})))
    expected, since, is_told = [], None, False
    for minute, is_down in enumerate(down):
        since = (minute if since is None else since) if is_down else None
        if is_down and not is_told and minute - since >= 5:
            expected.append((minute, "pc is down"))
            is_told = True
        if not is_down and is_told:
            expected.append((minute, "pc is back"))
            is_told = False
    assert told == expected


def test_a_burst_is_one_message_that_waits_for_its_end():
    events = {minute: [failed(f"k{minute}.{number}") for number in range(10)] for minute in range(3)}
    for minute, some in events.items():
        events[minute] = [Event(NOW + minute * MINUTE, one.name, one.fields) for one in some]
    assert lived(minutes(10, events)) == [(3, "30 failed")]


def test_hosts_that_go_one_after_the_other_are_told_together():
    def wrongs(minute):
        return Wrongs({(AlarmKind.HOST_DOWN, f"h{number}"): "x" for number in range(min(minute, 3))})

    assert lived(minutes(9, wrongs=wrongs)) == [(6, "3 are down: h0, h1, h2")]


def test_what_is_not_known_now_stays_as_it_was():
    def wrongs(minute):
        return Wrongs({}, {DOWN}) if 6 < minute < 20 else Wrongs({DOWN: "x"} if minute < 20 else {})

    assert lived(minutes(22, wrongs=wrongs)) == [(5, "pc is down"), (20, "pc is back")]


def test_a_failure_that_is_retried_in_time_is_not_told():
    retried = Event(NOW, "task.retried", {"campaign": "spring", "key": "k1"})
    assert lived(minutes(9, {0: [failed("k1"), failed("k2"), retried]})) == [(1, "1 failed")]
    assert lived(minutes(9, {0: [failed("k1"), retried]})) == []


def test_what_happened_long_ago_is_no_news():
    assert lived(minutes(9, {0: [failed("k1", NOW - 30 * 60 * MINUTE)]})) == []


def test_a_memory_of_another_version_is_forgotten():
    assert read_memory("{}") == read_memory("[") == read_memory('{"groups": 1}') == AlarmMemory()


def test_what_is_not_urgent_waits_for_the_end_of_the_quiet_hours_and_goes_where_it_is_wanted():
    quiet = QuietHours((Window(22 * 3600, 7 * 3600),), "UTC")
    phone = Channel("phone", "x://", frozenset({AlarmKind.UNKNOWN}))
    team = Channel("team", "x://", frozenset(AlarmKind))
    told = NotifySettings({"phone": phone, "team": team}, quiet_hours=quiet, urgent=frozenset(URGENT))
    night = NOW + 11 * 3600 * SECOND
    messages = [Message(kind, "t", "x", night) for kind in (AlarmKind.UNKNOWN, AlarmKind.FAILED)]
    found = [
        (one.channel, one.message.kind, one.not_before - night)
        for one in routed(messages, settings=told, now=night)
    ]
    assert found == [
        ("phone", "unknown", 0),
        ("team", "unknown", 0),
        ("team", "failed", 8 * 3600 * SECOND),
    ]


def test_what_has_waited_is_one_message_that_is_never_too_long():
    waiting = [
        WaitingMessage(number, "c", Message(AlarmKind.FAILED, f"{number} failed", "x" * 3_000, NOW), NOW)
        for number in range(50)
    ]
    title, text = together(waiting)
    assert title == "50 messages: 0 failed"
    assert len(text) < 3_600
    assert text.splitlines()[49] == "49 failed"


def test_a_report_is_due_once_a_day_before_noon_of_the_day_before():
    def due(at_seconds, reported, hours):
        now = NOW + round(timedelta(hours=hours) / timedelta(microseconds=1))
        found = report_day(at_seconds, reported=reported, now=now, zone=UTC)
        return None if found is None else found.isoformat()

    half_past_seven, evening = 27_000, 72_000
    assert due(None, "", 0) is None
    assert due(half_past_seven, "", 0) == "2026-11-22"
    assert due(half_past_seven, "2026-11-22", 0) is None
    assert due(half_past_seven, "2026-11-22", 19) is None
    assert due(half_past_seven, "2026-11-22", 20) == "2026-11-23"
    assert due(evening, "2026-11-22", 7) is None
    assert due(evening, "2026-11-22", 8) == "2026-11-23"
