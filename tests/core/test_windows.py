"""Windows on the days on which clocks change, by table, and what holds for every window on any day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.core.windows import first_instant, open_window
from runner.model.instant import SECOND, instant, shown
from runner.model.window import DAY_SECONDS, Window

ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2040, 12, 31))
WINDOWS = st.builds(Window, opens=st.integers(0, DAY_SECONDS - 1), closes=st.integers(1, DAY_SECONDS))


def window(text: str) -> Window:
    (opens, closes) = (
        int(hours) * 3600 + int(minutes) * 60
        for hours, minutes in (end.split(":") for end in text.split("-"))
    )
    return Window(opens=opens, closes=closes)


# Berlin: 02:00 becomes 03:00 on 2026-03-29, 03:00 becomes 02:00 on 2026-10-25.
# New York: 02:00 becomes 03:00 on 2026-03-08, 02:00 becomes 01:00 on 2026-11-01.
# Lord Howe: 02:00 becomes 02:30 on 2026-10-04, 02:00 becomes 01:30 on 2026-04-05.
# Havana: 00:00 becomes 01:00 on 2027-03-14, 01:00 becomes 00:00 on 2027-11-07.
# Nuuk: 23:00 is skipped on 2026-03-28 and 24:00 becomes 23:00 on 2026-10-24.
# Apia has no 2011-12-30, Kwajalein no 1993-08-21.
TABLE = """
# An ordinary day, and one that crosses midnight.
Europe/Berlin 2026-12-01 09:00-11:00 2026-12-01T09:00:00+01:00 2026-12-01T11:00:00+01:00
Europe/Berlin 2026-12-01 22:00-02:00 2026-12-01T22:00:00+01:00 2026-12-02T02:00:00+01:00
Europe/Berlin 2026-12-31 22:00-24:00 2026-12-31T22:00:00+01:00 2027-01-01T00:00:00+01:00
Europe/Berlin 2028-02-29 09:00-09:00 2028-02-29T09:00:00+01:00 2028-03-01T09:00:00+01:00
# A gap: before it into it, in it, out of it, over it, and up to both of its ends.
Europe/Berlin 2026-03-29 01:30-02:30 2026-03-29T01:30:00+01:00 2026-03-29T03:00:00+02:00
Europe/Berlin 2026-03-29 02:15-02:45 2026-03-29T03:00:00+02:00 2026-03-29T03:30:00+02:00
Europe/Berlin 2026-03-29 02:00-03:00 2026-03-29T03:00:00+02:00 2026-03-29T04:00:00+02:00
Europe/Berlin 2026-03-29 02:30-03:01 2026-03-29T03:00:00+02:00 2026-03-29T03:01:00+02:00
Europe/Berlin 2026-03-29 02:30-04:00 2026-03-29T03:00:00+02:00 2026-03-29T04:00:00+02:00
Europe/Berlin 2026-03-29 01:00-04:00 2026-03-29T01:00:00+01:00 2026-03-29T04:00:00+02:00
Europe/Berlin 2026-03-29 01:00-02:00 2026-03-29T01:00:00+01:00 2026-03-29T03:00:00+02:00
Europe/Berlin 2026-03-29 00:00-24:00 2026-03-29T00:00:00+01:00 2026-03-30T00:00:00+02:00
Europe/Berlin 2026-03-28 22:00-02:30 2026-03-28T22:00:00+01:00 2026-03-29T03:00:00+02:00
# A fold: each of its times is the first one, also where the window closes in it.
Europe/Berlin 2026-10-25 01:30-02:30 2026-10-25T01:30:00+02:00 2026-10-25T02:30:00+02:00
Europe/Berlin 2026-10-25 02:15-02:45 2026-10-25T02:15:00+02:00 2026-10-25T02:45:00+02:00
Europe/Berlin 2026-10-25 02:30-03:30 2026-10-25T02:30:00+02:00 2026-10-25T03:30:00+01:00
Europe/Berlin 2026-10-25 02:00-03:00 2026-10-25T02:00:00+02:00 2026-10-25T03:00:00+01:00
Europe/Berlin 2026-10-24 22:00-02:30 2026-10-24T22:00:00+02:00 2026-10-25T02:30:00+02:00
America/New_York 2026-03-08 02:30-02:45 2026-03-08T03:00:00-04:00 2026-03-08T03:15:00-04:00
America/New_York 2026-11-01 01:00-02:00 2026-11-01T01:00:00-04:00 2026-11-01T02:00:00-05:00
America/New_York 2026-11-01 00:30-01:30 2026-11-01T00:30:00-04:00 2026-11-01T01:30:00-04:00
# Half an hour.
Australia/Lord_Howe 2026-10-04 02:10-02:20 2026-10-04T02:30:00+11:00 2026-10-04T02:40:00+11:00
Australia/Lord_Howe 2026-10-04 02:00-03:00 2026-10-04T02:30:00+11:00 2026-10-04T03:00:00+11:00
Australia/Lord_Howe 2026-04-05 01:40-02:10 2026-04-05T01:40:00+11:00 2026-04-05T02:10:00+10:30
# A midnight that is skipped, and one that comes twice.
America/Havana 2027-03-14 00:00-02:00 2027-03-14T01:00:00-04:00 2027-03-14T02:00:00-04:00
America/Havana 2027-03-14 00:00-00:30 2027-03-14T01:00:00-04:00 2027-03-14T01:30:00-04:00
America/Havana 2027-03-13 22:00-24:00 2027-03-13T22:00:00-05:00 2027-03-14T01:00:00-04:00
America/Havana 2027-11-07 00:00-00:30 2027-11-07T00:00:00-04:00 2027-11-07T00:30:00-04:00
America/Havana 2027-11-07 00:30-01:30 2027-11-07T00:30:00-04:00 2027-11-07T01:30:00-05:00
America/Nuuk 2026-03-28 23:10-23:50 2026-03-29T00:00:00-01:00 2026-03-29T00:40:00-01:00
America/Nuuk 2026-10-24 23:30-24:00 2026-10-24T23:30:00-01:00 2026-10-25T00:00:00-02:00
# A day that is skipped.
Pacific/Apia 2011-12-29 22:00-02:00 2011-12-29T22:00:00-10:00 2011-12-31T00:00:00+14:00
Pacific/Apia 2011-12-30 09:00-11:00 2011-12-31T00:00:00+14:00 2011-12-31T02:00:00+14:00
Pacific/Apia 2011-12-30 22:00-02:00 2011-12-31T00:00:00+14:00 2011-12-31T02:00:00+14:00
Pacific/Apia 2011-12-30 00:00-24:00 2011-12-31T00:00:00+14:00 2012-01-01T00:00:00+14:00
Pacific/Kwajalein 1993-08-21 09:00-11:00 1993-08-22T00:00:00+12:00 1993-08-22T02:00:00+12:00
"""
CASES = [line.split() for line in TABLE.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize(("zone", "day", "written", "opens", "closes"), CASES)
def test_a_window_opens_and_closes_where_the_table_says(zone, day, written, opens, closes):
    zone = ZoneInfo(zone)
    opened = open_window(window(written), day=date.fromisoformat(day), zone=zone)
    assert (shown(opened.opens, zone=zone), shown(opened.closes, zone=zone)) == (opens, closes)
    assert (opened.day, opened.window) == (date.fromisoformat(day), window(written))


def test_a_gap_that_ends_at_an_odd_second_is_found_to_the_second():
    # Monrovia went from 44 minutes and 30 seconds behind UTC to UTC at midnight of 1972-01-07.
    skipped = datetime.fromisoformat("1972-01-07T00:20:07")
    assert first_instant(skipped, zone=ZoneInfo("Africa/Monrovia")) == instant(
        datetime(1972, 1, 7, 0, 44, 30, tzinfo=UTC)
    )


def test_a_time_that_comes_twice_means_the_first_whatever_its_fold_says():
    berlin = ZoneInfo("Europe/Berlin")
    twice = datetime.fromisoformat("2026-10-25T02:30")
    first = first_instant(twice, zone=berlin)
    assert first_instant(twice.replace(fold=1), zone=berlin) == first
    assert shown(first, zone=berlin) == "2026-10-25T02:30:00+02:00"


def test_a_time_that_is_skipped_means_the_end_of_the_gap_whatever_its_fold_says():
    berlin = ZoneInfo("Europe/Berlin")
    skipped = datetime.fromisoformat("2026-03-29T02:30").replace(fold=1)
    assert shown(first_instant(skipped, zone=berlin), zone=berlin) == "2026-03-29T03:00:00+02:00"


@given(zone=ZONES, day=DAYS, window=WINDOWS)
def test_a_window_is_never_empty_and_never_off_by_more_than_a_clock_change(zone, day, window):
    opened = open_window(window, day=day, zone=zone)
    on_paper = (window.closes - window.opens) % DAY_SECONDS or DAY_SECONDS
    assert opened.closes > opened.opens
    assert abs((opened.closes - opened.opens) - on_paper * SECOND) <= 3 * 3600 * SECOND


@given(day=DAYS, window=WINDOWS)
def test_a_window_in_utc_is_what_is_written(day, window):
    opened = open_window(window, day=day, zone=ZoneInfo("UTC"))
    midnight = instant(datetime(day.year, day.month, day.day, tzinfo=UTC))
    assert opened.opens == midnight + window.opens * SECOND
    on_paper = (window.closes - window.opens) % DAY_SECONDS or DAY_SECONDS
    assert opened.closes == opened.opens + on_paper * SECOND


@given(zone=ZONES, day=DAYS, earlier=st.integers(0, 2 * DAY_SECONDS), step=st.integers(0, DAY_SECONDS))
def test_a_later_time_on_the_clock_never_means_an_earlier_instant(zone, day, earlier, step):
    assert _meaning(zone, day, earlier) <= _meaning(zone, day, earlier + step)


def _meaning(zone, day, seconds):
    on_clock = datetime.combine(day, time.min) + timedelta(seconds=seconds)
    return first_instant(on_clock, zone=zone)


def test_a_day_at_the_end_of_the_calendar_is_refused():
    with pytest.raises(OverflowError):
        open_window(window("22:00-02:00"), day=date.max, zone=ZoneInfo("UTC"))
