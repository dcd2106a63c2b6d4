"""`cancel` and `stop` from the command line, without a daemon."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from support.noon import zone_at_noon
from support.project import moved, now, submitted

from runner.model.instant import moment

ANY_TIME = """\
device_groups:
  studio: {serials: [16091FDD40050N, R58M12345]}
scripts:
  - name: clip
    script_name: post
    device_groups: [studio]
    start_time: "00:00-23:59"
    script_config: {captions: Hej}
"""


@pytest.fixture
def planned(project):
    """Return a project whose campaign has two assignments today and two tomorrow, and their keys."""
    project.write("campaigns/spring.yaml", ANY_TIME)
    # Where it is noon: no day ends while the test runs, and windows of today are those of today.
    zone = zone_at_noon()
    config = f'timezone: {zone}\nhosts:\n  studio-pc: {{url: "http://localhost:50809/api/v1"}}\n'
    project.write("config.yaml", config)
    today = moment(now(), zone=ZoneInfo(zone)).date()
    return project, project.plan(today, days=2), today + timedelta(days=1)


def states(project, day="today"):
    return sorted(row["state"] for row in project.rows("results", "--date", day))


def test_a_campaign_is_dropped_up_to_today_and_no_further(planned):
    project, _keys, tomorrow = planned
    said = project.table("cancel", "--campaign", "spring", "--reason", "wrong clip", LOGNAME="eva")
    assert said == "2 assignments: dropped before they were submitted.\n"
    assert states(project) == ["cancelled", "cancelled"]
    assert {row["reason"] for row in project.rows("results")} == {"cancelled by eva: wrong clip"}
    assert states(project, tomorrow.isoformat()) == ["planned", "planned"]
    assert project.rows("status")["pauses"] == []


def test_one_assignment_is_dropped_by_the_beginning_of_its_key(planned):
    project, keys, _tomorrow = planned
    row = project.rows("cancel", keys[3][:8])
    assert (row["scope"], row["key"], row["dropped"], row["open"]) == ("assignment", keys[3], 1, 0)
    result = project.ask("cancel", keys[3])
    words = f"error: {keys[3]} is cancelled: nothing of it is left to be taken back\n"
    assert (result.exit_code, result.stderr) == (1, words)


@pytest.mark.parametrize("command", ["cancel", "stop"])
def test_everything_stays_paused(planned, command):
    project, _keys, tomorrow = planned
    assert "until `campaign-runner resume --all`" in project.table(command, "--all", LOGNAME="eva")
    (pause,) = project.rows("status")["pauses"]
    assert (pause["scope"], pause["owner"]) == ("all", "eva")
    assert states(project, tomorrow.isoformat()) == ["planned", "planned"]


def test_what_is_on_a_host_waits_for_a_daemon_and_the_exit_code_says_so(planned):
    project, keys, _tomorrow = planned
    project.commit(*submitted(keys[0], task="7", when=1), *moved(keys[0], "submitting", "submitted"))
    result = project.ask("stop", "--host", "studio-pc", "--format", "table")
    assert result.exit_code == 1
    assert "1 assignment: dropped before they were submitted." in result.stdout
    assert "1 assignment is on hosts still, or in doubt." in result.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--campaign", "sprign"], 1, "there is no campaign `sprign`; did you mean `spring`?"),
        (["--host", "studio-cp"], 1, "there is no host `studio-cp`; did you mean `studio-pc`?"),
        (["abc"], 1, "there is no assignment 'abc'"),
        ([], 2, "name one: a KEY, --campaign C, --host H, or --all"),
        (["abc", "--all"], 2, "name one: a KEY, --campaign C, --host H, or --all"),
    ],
)
def test_what_cannot_be_meant_is_refused(project, words, code, said):
    result = project.ask("cancel", *words)
    assert result.exit_code == code
    assert said in result.stderr
    assert not (project.folder / "state").exists()
