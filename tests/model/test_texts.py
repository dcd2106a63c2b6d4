"""The texts in files mean one thing each, or are refused with what to write."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.model.reader import Reader
from runner.model.suggest import did_you_mean, nearest
from runner.model.texts import Span, in_words, read_clock, read_date, read_duration, read_window
from runner.model.window import DAY_SECONDS, Window


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [
        ("09:00-11:00", 32_400, 39_600),
        ("9:00 - 11:00", 32_400, 39_600),
        ("22:00-02:00", 79_200, 7_200),
        ("22:00-24:00", 79_200, DAY_SECONDS),
        ("22:00-00:00", 79_200, DAY_SECONDS),
        ("00:00-24:00", 0, DAY_SECONDS),
        ("10:30:15-10:30:45", 37_815, 37_845),
        ("14:30", 52_200, None),
    ],
)
def test_windows_are_read(text, opens, closes):
    assert read_window(text) == Span(opens, closes)


def test_one_time_opens_for_the_grace_even_over_midnight():
    quarter = timedelta(minutes=15)
    assert read_window("14:30").window(grace=quarter) == Window(52_200, 53_100)
    assert read_window("23:45").window(grace=quarter) == Window(85_500, DAY_SECONDS)
    assert read_window("23:50").window(grace=quarter) == Window(85_800, 300)
    assert read_window("09:00-11:00").window(grace=quarter).label == "09:00-11:00"


@pytest.mark.parametrize(
    "text",
    ["", "9", "930", "9:0", "25:00", "24:00:01", "09:00-", "-09:00", "\u0661\u0662:\u0660\u0660", "9h"],
)
def test_what_is_no_window_is_refused(text):
    with pytest.raises(ValueError, match=r"write|go from"):
        read_window(text)


@given(st.integers(0, DAY_SECONDS - 1), st.integers(1, DAY_SECONDS))
def test_a_window_s_label_is_read_as_the_window(opens, closes):
    if opens == closes or (opens == 0 and closes == DAY_SECONDS):
        return
    window = Window(opens, closes)
    assert read_window(window.label).window(grace=timedelta(minutes=1)) == window
    assert read_clock("24:00") == DAY_SECONDS


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("5m", 300), ("2h30m", 9000), ("1d", 86_400), ("1d1h1m1s", 90_061), ("0s", 0)],
)
def test_durations_are_read(text, seconds):
    assert read_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "5 m", "m5", "1m1h", "1.5h", "-5m", "5M", "9999999d", "5m\n"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="write"):
        read_duration(text)


@given(st.integers(0, 10**9))
def test_a_duration_in_words_is_read_as_the_duration(seconds):
    assert read_duration(in_words(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


def test_dates_are_read_in_one_way_only():
    assert read_date("2026-12-24") == date(2026, 12, 24)
    for text in ("2026-12-32", "20261224", "2026-1-1", "2026-W01-1", "x" * 99, "2026-12-24\n"):
        with pytest.raises(ValueError, match=r"write year|no day"):
            read_date(text)


def test_a_suggestion_is_the_most_alike_or_the_list():
    assert nearest("FOLOW", ["follow", "post"]) == "follow"
    assert nearest("x", ["follow"]) is None
    assert did_you_mean("folow", ["follow"]) == "; did you mean `follow`?"
    assert did_you_mean("x", [f"n{number}" for number in range(20)]).endswith("n11 and more")
    assert did_you_mean("x", []) == ""


def test_a_reader_without_rules_reads_nothing():
    with pytest.raises(NotImplementedError):
        Reader().read("x")
    with pytest.raises(NotImplementedError):
        Reader().schema()
