"""Events of iCalendar files become the days that they touch; a file that cannot be read says why."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.adapters import event_files
from runner.adapters.event_files import event_days
from runner.errors import DaysUnknown
from runner.model.day_set import LAST_KNOWN_YEAR

ZONE = "Europe/Stockholm"
DAY = timedelta(days=1)


def ics(*events):
    bodies = [f"BEGIN:VEVENT\nUID:{n}@x\n{body}\nEND:VEVENT\n" for n, body in enumerate(events)]
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n{''.join(bodies)}END:VCALENDAR\n"
    return text.replace("\n", "\r\n")


def days_of(tmp_path, *events, zone=ZONE):
    path = tmp_path / "x.ics"
    path.write_text(ics(*events), newline="")
    return {str(day): title for day, title in event_days(path, zone).items()}


def on(*days):
    return [str(date(2026, *day)) for day in days]


@pytest.mark.parametrize(
    ("event", "days"),
    [
        ("DTSTART;VALUE=DATE:20261224", on((12, 24))),
        ("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227", on((12, 24), (12, 25), (12, 26))),
        ("DTSTART;VALUE=DATE:20261224\nDURATION:P2D", on((12, 24), (12, 25))),
        ("DTSTART:20261224T090000\nDTEND:20261224T100000", on((12, 24))),
        ("DTSTART:20261224T220000\nDTEND:20261225T000000", on((12, 24))),
        ("DTSTART:20261224T220000\nDTEND:20261225T000001", on((12, 24), (12, 25))),
        ("DTSTART:20261224T220000", on((12, 24))),
        ("DTSTART:20261224T233000Z\nDTEND:20261224T234500Z", on((12, 25))),
        (f"DTSTART;TZID={ZONE}:20261224T233000\nDTEND;TZID={ZONE}:20261225T010000", on((12, 24), (12, 25))),
        ("DTSTART;TZID=Asia/Tokyo:20261225T010000\nDTEND;TZID=Asia/Tokyo:20261225T020000", on((12, 24))),
        ("DTSTART;VALUE=DATE:20261203\nRRULE:FREQ=WEEKLY;COUNT=3", on((12, 3), (12, 10), (12, 17))),
        (
            "DTSTART;VALUE=DATE:20261203\nRRULE:FREQ=WEEKLY;UNTIL=20261218\nEXDATE;VALUE=DATE:20261210",
            on((12, 3), (12, 17)),
        ),
        ("DTSTART;VALUE=DATE:20261203\nRDATE;VALUE=DATE:20261209", on((12, 3), (12, 9))),
        ("DTSTART;VALUE=DATE:20251231\nDTEND;VALUE=DATE:20260102", on((1, 1))),
        ("DTSTART;VALUE=DATE:20261224\nSTATUS:CANCELLED", []),
        ("DTSTART;VALUE=DATE:20261224\nTRANSP:TRANSPARENT", on((12, 24))),
        ("DTSTART;VALUE=DATE:20251224", []),
    ],
)
def test_an_event_becomes_the_days_that_it_touches(tmp_path, event, days):
    assert list(days_of(tmp_path, event)) == days


def test_one_occurrence_that_was_moved_or_cancelled_is_so(tmp_path):
    path = tmp_path / "x.ics"
    series = "DTSTART;VALUE=DATE:20261203\nRRULE:FREQ=WEEKLY;COUNT=3"
    moved = "RECURRENCE-ID;VALUE=DATE:20261210\nDTSTART;VALUE=DATE:20261211"
    cancelled = "RECURRENCE-ID;VALUE=DATE:20261217\nDTSTART;VALUE=DATE:20261217\nSTATUS:CANCELLED"
    text = ics(series, moved, cancelled)
    path.write_text(text.replace("UID:1@x", "UID:0@x").replace("UID:2@x", "UID:0@x"), newline="")
    assert [str(day) for day in event_days(path, ZONE)] == on((12, 3), (12, 11))


def test_a_yearly_event_is_known_up_to_the_last_year(tmp_path):
    found = days_of(tmp_path, "DTSTART;VALUE=DATE:19990606\nRRULE:FREQ=YEARLY\nSUMMARY:National\\n day")
    assert list(found) == [f"{year}-06-06" for year in range(2026, LAST_KNOWN_YEAR + 1)]
    assert set(found.values()) == {"National day"}


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=6))
def test_events_together_touch_the_days_that_each_of_them_touches(tmp_path_factory, events):
    start = date(2026, 11, 1)
    bodies = [
        f"DTSTART;VALUE=DATE:{start + at * DAY:%Y%m%d}\nDTEND;VALUE=DATE:{start + (at + length) * DAY:%Y%m%d}"
        for at, length in events
    ]
    found = days_of(tmp_path_factory.mktemp("ics"), *bodies)
    assert set(found) == {str(start + ahead * DAY) for at, n in events for ahead in range(at, at + n)}
    assert list(found) == sorted(found)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no iCalendar file"),
        (b"hello", "no iCalendar file"),
        (b"\xff\xfe\x00\x01", "no iCalendar file"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEV", "no iCalendar file"),
        (
            b"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261224\r\nEND:VEVENT\r\n",
            "has to begin with BEGIN:VCALENDAR",
        ),
        (ics("SUMMARY:never").encode(), "no iCalendar file that can be read"),
        (ics("DTSTART;VALUE=DATE:2026").encode(), "no iCalendar file that can be read"),
        (ics("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=OFTEN").encode(), "no iCalendar file that can be read"),
        (ics("DTSTART:20261224T100000\nRRULE:FREQ=SECONDLY").encode(), "recurs several times a day"),
        (ics("DTSTART:20261224T100000\nRRULE:FREQ=DAILY;BYHOUR=1,2").encode(), "recurs several times a day"),
        (b"x" * (1024 * 1024 + 1), "the file has more than 1024 KiB"),
        (ics(*["DTSTART;VALUE=DATE:20261224"] * 5_001).encode(), "more than 5000 events"),
        (ics(*["DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=DAILY"] * 101).encode(), "events that recur"),
        (ics(*["DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY"] * 7).encode(), "touch more than 50000 days"),
        (ics("DTSTART:20260101\nDURATION:P9999D\nRRULE:FREQ=DAILY").encode(), None),
    ],
)
def test_a_file_that_is_no_calendar_or_too_much_of_one_says_so(tmp_path, content, words, monkeypatch):
    path = tmp_path / "office.ics"
    path.write_bytes(content)
    if words is None:
        monkeypatch.setattr(event_files, "MOST_DAYS", 1_000)
        words = "touch more than 1000 days"
    with pytest.raises(DaysUnknown, match=words) as raised:
        event_days(path, ZONE)
    assert str(raised.value).startswith("office.ics: ")
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(DaysUnknown, match=r"nowhere\.ics: cannot be read: No such file"):
        event_days(tmp_path / "nowhere.ics", ZONE)


def test_several_calendars_in_one_file_are_all_read(tmp_path):
    path = tmp_path / "x.ics"
    path.write_text(ics("DTSTART;VALUE=DATE:20261224") + ics("DTSTART;VALUE=DATE:20261226"), newline="")
    assert [str(day) for day in event_days(path, ZONE)] == on((12, 24), (12, 26))
