"""On which days a campaign runs."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plan_facts import campaign

from runner.core.calendar import Rest, rest_day, runs_on
from runner.model.day_set import DaySet

WEEKDAYS = frozenset(range(5))
SATURDAY = date(2026, 12, 5)
CHRISTMAS_EVE = date(2026, 12, 24)
EXCEPT = DaySet("", ranges=((CHRISTMAS_EVE, CHRISTMAS_EVE),))
FIRST, LAST = date(2026, 12, 1), date(2026, 12, 31)
LIMITED = campaign(first_day=FIRST, last_day=LAST, weekdays=WEEKDAYS, excluded=(EXCEPT,))


@pytest.mark.parametrize("day", [FIRST, date(2026, 12, 23), LAST])
def test_a_campaign_runs_on_its_days_from_the_first_to_the_last(day):
    assert rest_day(LIMITED, day=day) is None
    assert runs_on(LIMITED, day=day)


@pytest.mark.parametrize(
    ("day", "rest", "reason"),
    [
        (date(2026, 11, 30), Rest.NOT_BEGUN, "the campaign begins on 2026-12-01"),
        (date(2027, 1, 1), Rest.ENDED, "the campaign ended on 2026-12-31"),
        (SATURDAY, Rest.WEEKDAY, "the campaign does not run on a Saturday"),
        (CHRISTMAS_EVE, Rest.EXCLUDED, "2026-12-24 is among the campaign's exceptions"),
        (date(2026, 11, 28), Rest.NOT_BEGUN, "the campaign begins on 2026-12-01"),
    ],
)
def test_a_day_of_rest_says_why(day, rest, reason):
    found = rest_day(LIMITED, day=day)
    assert found is not None
    assert (found.day, found.rest, found.reason) == (day, rest, reason)
    assert not runs_on(LIMITED, day=day)


def test_a_campaign_that_is_not_enabled_never_runs():
    found = rest_day(campaign(enabled=False, last_day=FIRST), day=LAST)
    assert found is not None
    assert (found.rest, found.reason) == (Rest.DISABLED, "the campaign is not enabled")


@given(st.dates())
def test_a_campaign_without_limits_runs_every_day(day):
    assert runs_on(campaign(), day=day)
