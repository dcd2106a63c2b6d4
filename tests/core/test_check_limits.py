"""Limits and quiet hours of files: what they become, and what is told of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from runner.adapters.campaign_folder import FileText
from runner.adapters.yaml_documents import read_document
from runner.app.load import load_texts
from runner.core.check.config import check_config
from runner.model.limit import Bound, Period
from runner.model.window import Window

CONFIG = 'timezone: Europe/Stockholm\nhosts: {pc: {url: "http://pc:50809"}}\n'
CAMPAIGN = """\
device_groups: {g: {serials: [S1]}}
scripts:
  - script_name: post
    device_groups: [g]
    start_time: "23:00-23:30"
    script_config: {}
"""
MICROSECOND = timedelta(microseconds=1)


def config_of(more=""):
    config, problems = check_config(read_document(f"{CONFIG}{more}", file="config.yaml"), folder=Path("/x"))
    assert config is not None, problems
    return config, problems


def campaign_of(more="", *, text=CAMPAIGN, config=""):
    read = FileText(Path("c.yaml"), f"{more}{text}".encode())
    loaded = load_texts({"c.yaml": read}, config=config_of(config)[0], secret=str)
    return loaded.campaigns, [(found.line, found.severity, found.message) for found in loaded.problems]


@pytest.mark.parametrize("bound", Bound)
@pytest.mark.parametrize("period", [Period.DAY, Period.HOUR])
def test_each_key_says_what_is_counted_and_how_long(bound, period):
    ((campaign,), problems) = campaign_of(f"timezone: Asia/Tokyo\nlimits: {{per_{bound}_per_{period}: 7}}\n")
    (limit,) = campaign.limits
    assert (limit.bound, limit.period, limit.most) == (bound, period, 7)
    assert (limit.campaign, limit.file, limit.timezone) == ("c", "c.yaml", "Asia/Tokyo")
    assert limit.words == f"per_{bound}_per_{period}: 7"
    assert problems == []


def test_a_gap_is_one_submission_to_a_target_in_its_time():
    (limit,) = config_of("limits: {min_gap: 1h30m}\n")[0].settings.limits
    assert (limit.bound, limit.period, limit.most) == (Bound.TARGET, Period.GAP, 1)
    assert limit.length_us == timedelta(minutes=90) // MICROSECOND
    assert (limit.campaign, limit.file, limit.timezone) == (None, "config.yaml", "Europe/Stockholm")
    assert limit.words == "min_gap: 1h30m"


def test_a_limit_that_can_never_be_reached_is_told():
    _, problems = campaign_of("limits: {per_host_per_day: 5, per_host_per_hour: 9}\n")
    message = "limits.per_host_per_hour: 9 is more than `per_host_per_day`, 5, and has no effect; write less"
    assert problems == [(1, "warning", message)]


def test_quiet_hours_are_one_interval_or_several():
    quiet = config_of('quiet_hours: "23:30-06:00"\n')[0].settings.quiet_hours
    assert quiet.windows == (Window(84_600, 21_600),)
    assert quiet.timezone == "Europe/Stockholm"
    quiet = config_of('quiet_hours: ["23:30-06:00", "12:00-13:00"]\n')[0].settings.quiet_hours
    assert quiet.label == "23:30-06:00, 12:00-13:00"


@pytest.mark.parametrize(
    ("more", "hours", "is_told"),
    [
        ("", "22:00-06:00", True),
        ("", "23:00-23:30", True),
        ("", "23:01-06:00", False),
        ("", "22:00-23:29", False),
        ("", "06:00-22:00", False),
        ("timezone: UTC\n", "23:00-06:00", True),
        ("timezone: UTC\n", "22:00-00:15", False),
        ("timezone: UTC\n", "00:00-01:00", False),
    ],
)
def test_a_window_wholly_inside_the_quiet_hours_is_told_at_its_line(more, hours, is_told):
    (campaigns, problems) = campaign_of(more, config=f'quiet_hours: "{hours}"\n')
    assert len(campaigns) == 1
    at = 5 + more.count("\n")
    words = "23:00-23:30 lies wholly inside the config's `quiet_hours`, nothing would go; move it"
    told = [(at, "warning", f"scripts[0].start_time: {words}")]
    assert problems == (told if is_told else [])
