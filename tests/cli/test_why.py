"""`why`: every occurrence of a day is accounted for, also what was never planned."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from support.project import at, moved, now

from runner.model.instant import moment

MONDAY = date(2026, 11, 23)
WARM = """\
device_groups:
  studio: {serials: [16091FDD40050N, R58M12345]}
days: [tue]
except: [2026-12-01]
scripts:
  - {name: warm, script_name: post, device_groups: [studio], start_time: "08:00-09:00",
     script_config: {captions: Hej}}
"""


def reasons(project, *words):
    return {
        (row["campaign"], row["serial"], row["state"], row["reason"]) for row in project.rows("why", *words)
    }


def test_what_ran_and_what_did_not_is_told_with_its_reason(project):
    first, second = project.plan(MONDAY)
    when = at("2026-11-23T10:00:00+01:00")
    project.commit(
        *moved(first, "submitting", "submitted", "running", "completed", submitted_at=when, finished_at=when),
        *moved(second, "missed", reason="the host was unreachable until its window closed"),
    )
    assert reasons(project, "spring", "--date", "2026-11-23") == {
        ("spring", "16091FDD40050N", "completed", "it ran"),
        ("spring", "R58M12345", "missed", "the host was unreachable until its window closed"),
    }
    said = project.table("why", "R58M12345", "--date", "2026-11-23")
    assert "Monday 2026-11-23" in said
    assert "the host was unreachable until its window closed" in said
    assert "16091FDD40050N" not in said


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2026-11-23", "the campaign does not run on a Monday"),
        ("2026-12-01", "2026-12-01 is among the campaign's exceptions"),
        ("2020-12-08", "its day was never planned: no daemon ran, or the campaign was not in force"),
        ("2099-12-01", "not planned yet: the daemon plans a day and two hours ahead"),
    ],
)
def test_what_was_never_planned_is_accounted_for_too(project, day, reason):
    project.write("campaigns/warm.yaml", WARM)
    project.plan(MONDAY + timedelta(days=1))
    found = reasons(project, "warm", "--date", day)
    assert {serial for _, serial, _, _ in found} == {"16091FDD40050N", "R58M12345"}
    assert {state for _, _, state, _ in found} == {None}
    (told,) = {words for _, _, _, words in found}
    assert told == reason


def test_what_is_planned_says_what_stands_in_its_way(project):
    tomorrow = moment(now()).date() + timedelta(days=2)
    project.plan(tomorrow)

    def told():
        (words,) = {words for _, _, _, words in reasons(project, "spring", "--date", tomorrow)}
        return words

    assert told() == "no daemon runs"
    project.beat(now())
    assert told() == "not due yet"
    project.table("pause", "spring", "--reason", "phones are moved", LOGNAME="eva")
    assert told() == "paused by eva: phones are moved"
    (project.folder / "state").mkdir(exist_ok=True)  # a store on a server makes none
    (project.folder / "state/STOP").touch()
    assert told() == "paused by the file STOP"
    assert [row["owner"] for row in project.rows("status")["pauses"]] == ["the file STOP", "eva"]


def test_a_campaign_that_nobody_has_seen_yet_is_not_in_force(project):
    (told,) = {words for _, _, _, words in reasons(project, "spring", "--date", "2026-11-23")}
    assert told == "the campaign is not in force yet: no daemon runs"
    assert not (project.folder / "state").exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sprign", "there is no campaign, device or account `sprign`; did you mean `spring`?"),
        ("broken", "campaigns/broken.yaml does not check, and nothing of it is in force"),
    ],
)
def test_a_name_that_nobody_has_is_refused(project, name, said):
    project.write("campaigns/broken.yaml", "scripts: 3\n")
    result = project.ask("why", name)
    assert (result.exit_code, result.stderr) == (1, f"error: {said}\n")
