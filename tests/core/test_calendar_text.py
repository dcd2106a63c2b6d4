"""A plan becomes an iCalendar text."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from support.plan_facts import DAY, EVENING, MORNING, SECOND, campaign, entry

from runner.core.calendar_text import calendar_lines
from runner.core.expand import expand
from runner.model.campaign import Spread

STAMP = 1_767_225_600 * SECOND


def lines_of(one, *, day=DAY, stamp=STAMP):
    return list(calendar_lines(expand(one, day=day), stamp=stamp))


def unfolded(lines):
    whole: list[str] = []
    for line in lines:
        if line.startswith(" "):
            whole[-1] += line[1:]
        else:
            whole.append(line)
    return whole


def unescaped(text):
    found, letters = "", iter(text)
    for letter in letters:
        found += letter if letter != "\\" else {"n": "\n"}.get(escaped := next(letters), escaped)
    return found


def values(lines, name):
    return [unescaped(line.partition(":")[2]) for line in unfolded(lines) if line.startswith(f"{name}:")]


def test_a_run_is_an_event_from_its_opening_to_its_close():
    assert unfolded(lines_of(campaign(entry(targets=["A", "B"])))) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//campaign-runner//plan//EN",
        "BEGIN:VEVENT",
        "UID:bdd90121261d653c55ac3c81259a0360@campaign-runner",
        "DTSTAMP:20260101T000000Z",
        "DTSTART:20261201T080000Z",
        "DTEND:20261201T100000Z",
        "SUMMARY:spring/clip: 2 x post",
        (
            "DESCRIPTION:Window 09:00-11:00 (Europe/Stockholm)\\nDue 2026-12-01T09:30:00+01:00 "
            "to 2026-12-01T10:30:00+01:00\\nTargets: A\\, B"
        ),
        "LOCATION:studio-pc",
        "CATEGORIES:spring",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_events_are_told_apart_by_what_names_a_run_and_by_nothing_else():
    one = campaign(entry(windows=[MORNING, EVENING]), entry("other"))
    uids = values(lines_of(one), "UID") + values(lines_of(one, day=DAY + timedelta(days=1)), "UID")
    assert len(set(uids)) == len(uids) == 6
    edited = campaign(
        *(replace(part, spread=Spread.TOGETHER, script_config={"captions": "x"}) for part in one.entries),
        version="2" * 64,
        timezone="Asia/Tokyo",
    )
    assert values(lines_of(edited, stamp=0), "UID") == uids[:3]


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(campaign_name=names, script=names, targets=st.lists(names, min_size=1, max_size=12, unique=True))
def test_lines_are_short_and_what_they_say_is_what_was_meant(campaign_name, script, targets):
    lines = lines_of(campaign(entry(script, targets=targets), name=campaign_name))
    assert all(0 < len(line.encode()) <= 75 for line in lines)
    assert all(line.isprintable() for line in lines)

    def shown(text):
        return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)

    assert values(lines, "SUMMARY") == [shown(f"{campaign_name}/{script}: {len(targets)} x post")]
    (description,) = values(lines, "DESCRIPTION")
    assert description.endswith(shown(f"Targets: {', '.join(targets)}"))
    assert unfolded(lines).count("BEGIN:VEVENT") == 1
