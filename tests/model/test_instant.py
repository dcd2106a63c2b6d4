"""Instants as they are shown."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st

from runner.model.instant import SECOND, instant, moment, shown

ZONES = sorted(available_timezones())
LAST = instant(datetime(2100, 1, 1, tzinfo=UTC))


@given(
    seconds=st.integers(0, LAST // SECOND),
    fraction=st.just(0) | st.integers(0, SECOND - 1),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
def test_an_instant_is_shown_as_python_writes_its_moment(seconds, fraction, zone):
    at = seconds * SECOND + fraction

    assert shown(at, zone=zone) == moment(at, zone=zone).isoformat(
        timespec="milliseconds" if fraction else "seconds"
    )


def test_an_offset_of_which_seconds_are_a_part_is_shown_with_them():
    assert shown(0, zone=ZoneInfo("Africa/Monrovia")) == "1969-12-31T23:15:30-00:44:30"
