"""The plan is shown from the files alone, with what stands in the way."""

from __future__ import annotations

import json
import time

import pytest
from support.noon import zone_at_noon
from support.project import CAMPAIGN, CONFIG

FIELDS = [
    "key",
    "campaign",
    "script",
    "script_name",
    "host",
    "serial",
    "username",
    "date",
    "opens",
    "due",
    "closes",
    "expected_tasks",
]


def test_the_rows_are_those_that_scripts_rely_on(project):
    first, second = project.rows("plan", "--date", "2026-12-01")
    assert list(first) == FIELDS
    assert first | {"key": ""} == {
        "key": "",
        "campaign": "spring",
        "script": "clip",
        "script_name": "post",
        "host": "studio-pc",
        "serial": "16091FDD40050N",
        "username": None,
        "date": "2026-12-01",
        "opens": "2026-12-01T09:00:00+01:00",
        "due": "2026-12-01T09:30:00+01:00",
        "closes": "2026-12-01T11:00:00+01:00",
        "expected_tasks": 1,
    }
    assert second["due"] == "2026-12-01T10:30:00+01:00"


def test_accounts_are_usernames(project):
    project.write("campaigns/spring.yaml", CAMPAIGN.replace("serials: [16091FDD40050N,", 'usernames: ["@a",'))
    first, _ = project.rows("plan", "--date", "2026-12-01")
    assert (first["serial"], first["username"]) == (None, "@a")


def test_without_a_terminal_the_plan_is_json(project):
    assert json.loads(project.ask("plan", "--date", "2026-12-01").stdout)[0]["campaign"] == "spring"


def test_the_table_says_per_run_when_what_and_how_many(project):
    assert project.table("plan", "--date", "2026-12-01").splitlines() == [
        "Tuesday 2026-12-01",
        "window       campaign/script  targets  first due       last due",
        "09:00-11:00  spring/clip            2  09:30:00+01:00  10:30:00+01:00",
        "",
        "2 assignments in 1 run",
    ]


def test_the_full_table_names_every_assignment(project):
    keys = [row["key"] for row in project.rows("plan", "--date", "2026-12-01")]
    assert project.table("plan", "--date", "2026-12-01", "--full").splitlines() == [
        "Tuesday 2026-12-01",
        "09:00-11:00 spring/clip: post",
        "due             target          host       group   key",
        f"09:30:00+01:00  16091FDD40050N  studio-pc  studio  {keys[0]}",
        f"10:30:00+01:00  R58M12345       studio-pc  studio  {keys[1]}",
        "",
        "2 assignments in 1 run",
    ]


def test_a_due_time_after_midnight_has_its_date(project):
    project.write("campaigns/spring.yaml", CAMPAIGN.replace("09:00-11:00", "23:00-01:00"))
    shown = project.table("plan", "--date", "2026-12-01")
    assert "23:30:00+01:00  2026-12-02 00:30:00+01:00" in shown


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/St_Johns"])
def test_the_zone_of_the_machine_changes_nothing(project, monkeypatch, zone):
    rows = project.rows("plan", "--date", "2026-12-01")
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert project.rows("plan", "--date", "2026-12-01") == rows
        assert [row["opens"] for row in rows] == ["2026-12-01T09:00:00+01:00"] * 2
    finally:
        monkeypatch.undo()
        time.tzset()


def test_several_days_are_shown_one_by_one_and_days_of_rest_with_their_reason(project):
    project.write("campaigns/spring.yaml", CAMPAIGN + "days: [mon, wed]\nuntil: 2026-12-02\n")
    shown = project.table("plan", "--date", "2026-11-30", "--days", "4")
    assert "Monday 2026-11-30\n" in shown
    assert "Wednesday 2026-12-02\n" in shown
    assert "4 assignments in 2 runs" in shown
    assert shown.splitlines()[-4:] == [
        "Not running",
        "date        campaign  why",
        "2026-12-01  spring    the campaign does not run on a Tuesday",
        "2026-12-03  spring    the campaign ended on 2026-12-02",
    ]


def test_the_plan_of_today_says_which_windows_are_over(project):
    project.write("config.yaml", CONFIG.replace("Europe/Stockholm", zone_at_noon()))
    assert project.table("plan").splitlines()[-1] == "2 assignments in 1 run; 1 window over already"
    assert project.table("plan", "--date", "tomorrow").splitlines()[-1] == "2 assignments in 1 run"
    assert project.table("plan", "--date", "2026-01-01").splitlines()[-1] == "2 assignments in 1 run"


def test_a_campaign_that_is_not_enabled_is_not_planned_and_that_is_said(project):
    project.write("campaigns/spring.yaml", CAMPAIGN + "enabled: false\n")
    shown = project.table("plan")
    assert "Nothing is planned." in shown
    assert "spring    the campaign is not enabled" in shown
    assert project.rows("plan") == []


def test_one_campaign_can_be_asked_for(project):
    project.write("campaigns/autumn.yaml", CAMPAIGN)
    assert {row["campaign"] for row in project.rows("plan")} == {"autumn", "spring"}
    assert {row["campaign"] for row in project.rows("plan", "--campaign", "autumn")} == {"autumn"}
    result = project.ask("plan", "--campaign", "sprung")
    assert result.exit_code == 1
    assert result.stderr == ("error: there is no campaign `sprung` that checks; did you mean `spring`?\n")


def test_files_that_do_not_check_are_told_and_the_others_planned(project):
    project.write("campaigns/bad.yaml", CAMPAIGN.replace("post", "pots").replace("Hej", "3"))
    result = project.ask("plan", "--date", "2026-12-01", "--format", "table")
    assert result.exit_code == 1
    assert "spring/clip" in result.stdout
    head, *problems = result.stderr.splitlines()
    assert head == "Not planned, because these files do not check:"
    assert problems
    assert all(line.startswith("campaigns/bad.yaml:") and ": error: " in line for line in problems)


def test_warnings_are_not_in_the_way(project):
    project.write("campaigns/bad.yaml", CAMPAIGN.replace("post", "pots"))
    project.write("campaigns/spring.yaml", CAMPAIGN.replace("captions: Hej", "zebra: 1"))
    assert "warning" not in project.ask("plan").stderr


@pytest.mark.parametrize("day", ["2026-02-30", "soon", "1.12.2026", "9999-12-31", "0001-01-01", ""])
def test_a_day_that_is_none_is_wrong_usage(project, day):
    result = project.ask("plan", "--date", day)
    assert result.exit_code == 2
    assert "--date" in result.stderr


def test_what_a_file_holds_cannot_steer_the_terminal(project):
    project.write("campaigns/spring.yaml", CAMPAIGN.replace("R58M12345", r'"\e[31m\x9b2Jred\u202e"'))
    for words in (["--format", "table", "--full"], ["--format", "json"]):
        shown = project.ask("plan", *words).stdout
        assert all(letter == "\n" or letter.isprintable() for letter in shown)
    assert r"\x1b[31m\x9b2Jred\u202e" in project.table("plan", "--full")


def test_what_falls_into_quiet_hours_is_shown_with_what_becomes_of_it(project):
    project.write("config.yaml", f'{CONFIG}quiet_hours: "10:00-10:45"\n')
    shown = project.table("plan", "--date", "2026-12-01").splitlines()
    assert shown[-3:] == [
        "In the quiet hours 10:00-10:45",
        "date        window       campaign/script  what becomes of it      targets",
        "2026-12-01  09:00-11:00  spring/clip      goes at 10:45:00+01:00        1",
    ]
    project.write("config.yaml", f'{CONFIG}quiet_hours: ["09:15-09:30:30", "10:29-12:00"]\n')
    first, second = project.table("plan", "--date", "2026-12-01", "--full").splitlines()[-2:]
    assert "16091FDD40050N" in first
    assert "goes at 09:30:30+01:00" in first
    assert "R58M12345" in second
    assert "skipped: its window closes in them" in second


def test_quiet_hours_that_touch_nothing_are_not_shown(project):
    project.write("config.yaml", f'{CONFIG}quiet_hours: "23:30-06:00"\n')
    assert "quiet" not in project.table("plan", "--date", "2026-12-01")


def test_what_waits_for_another_entry_says_for_which(project):
    clip = "  - name: later\n    script_name: post\n    device_groups: [studio]\n    after: [clip]\n"
    clip += '    start_time: "12:00-13:00"\n    script_config: {}\n'
    project.write("campaigns/spring.yaml", f"{CAMPAIGN.rstrip()}\n{clip}")
    table = project.table("plan", "--date", "2026-12-01").splitlines()
    assert [line.split("  ")[1] for line in table[2:4]] == ["spring/clip", "spring/later after clip"]
    full = project.table("plan", "--date", "2026-12-01", "--full").splitlines()
    assert "12:00-13:00 spring/later after clip: post" in full


def test_a_holiday_and_a_calendar_s_day_are_shown_with_their_names(project):
    project.write(
        "config.yaml", f"{CONFIG}calendars: {{breaks: {{file: office.ics, days_of_month: [-1]}}}}\n"
    )
    project.write(
        "office.ics",
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nSUMMARY:Moving house\n"
        "DTSTART;VALUE=DATE:20261229\nEND:VEVENT\nEND:VCALENDAR\n",
    )
    excluded = "except: [2026-12-26..2026-12-27, holidays:SE, calendar:breaks]\n"
    project.write("campaigns/spring.yaml", CAMPAIGN + excluded)
    shown = project.table("plan", "--date", "2026-12-25", "--days", "7")
    assert "4 assignments in 2 runs" in shown
    assert shown.splitlines()[-7:] == [
        "Not running",
        "date        campaign  why",
        "2026-12-25  spring    2026-12-25 is Christmas Day (holidays:SE)",
        "2026-12-26  spring    2026-12-26 is among the campaign's exceptions, 2026-12-26..2026-12-27",
        "2026-12-27  spring    2026-12-27 is among the campaign's exceptions, 2026-12-26..2026-12-27",
        "2026-12-29  spring    2026-12-29 is Moving house (calendar:breaks)",
        "2026-12-31  spring    2026-12-31 is the last day of its month (calendar:breaks)",
    ]


def test_a_campaign_may_run_on_the_days_of_a_calendar_only(project):
    project.write("config.yaml", f"{CONFIG}calendars: {{paydays: {{days_of_month: [25]}}}}\n")
    project.write("campaigns/spring.yaml", CAMPAIGN + "days: calendar:paydays\n")
    rows = project.rows("plan", "--date", "2026-12-01", "--days", "31")
    assert {row["date"] for row in rows} == {"2026-12-25"}
    shown = project.table("plan", "--date", "2026-12-24")
    assert "Thursday 2026-12-24 is not among the campaign's days, calendar:paydays" in shown


def test_a_quiet_day_is_quiet_from_its_beginning_to_its_end(project):
    project.write(
        "config.yaml",
        f"{CONFIG}calendars: {{xmas: {{dates: [2026-12-24]}}}}\nquiet_hours: [23:30-06:00, calendar:xmas]\n",
    )
    assert "quiet" not in project.table("plan", "--date", "2026-12-23")
    assert project.table("plan", "--date", "2026-12-24").splitlines()[-3:] == [
        "In the quiet hours 23:30-06:00, calendar:xmas",
        "date        window       campaign/script  what becomes of it                  targets",
        "2026-12-24  09:00-11:00  spring/clip      skipped: its window closes in them        2",
    ]


def test_the_plan_is_written_for_calendars(project):
    result = project.ask("plan", "--date", "2026-12-01", "--days", "2", "--format", "ics")
    assert result.exit_code == 0
    lines = result.stdout_bytes.decode().split("\r\n")
    assert (lines[0], lines[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])
    assert [line for line in lines if line.startswith("DTSTART")] == [
        "DTSTART:20261201T080000Z",
        "DTSTART:20261202T080000Z",
    ]


def test_a_difference_is_no_calendar(project):
    result = project.ask("plan", "--diff", "--format", "ics")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "a difference is no calendar" in result.stderr
