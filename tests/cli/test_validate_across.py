"""`validate` looks at all campaigns together, and asks the store what it knows of them."""

from __future__ import annotations

import json
from datetime import date

import pytest
from support.project import CAMPAIGN, CONFIG, host_seen, moved, now, seconds, submitted
from support.store import on_server

from runner.model.record import TaskObserved
from runner.model.tikmatrix import TaskStatus

OTHER = CAMPAIGN.replace("clip", "other").replace("09:00-11:00", "10:00-12:00")
DAY = date(2026, 12, 1)


@pytest.fixture
def busy(project):
    """A project whose ledger has seen three posts of 200 minutes each, and a licence for one device."""
    project.write("campaigns/three.yaml", CAMPAIGN.replace("R58M12345", "R58M12345, X"))
    keys = project.plan(DAY)
    (project.folder / "campaigns/three.yaml").unlink()
    when = now() - seconds(3_600)
    changes = [host_seen(when=when)]
    for number, key in enumerate(keys[:3]):
        task = str(number)
        changes += [*submitted(key, task=task, when=when), *moved(key, "submitting", "submitted")]
        rest = (False, None, 0, "2026-11-01 09:00:00", "2026-11-01 12:20:00")
        changes.append(TaskObserved("studio-pc", task, TaskStatus.COMPLETED, *rest, when))
    project.commit(*changes)
    return project


def rules(project, *words):
    return [row["rule"] for row in json.loads(project.ask("validate", "--format", "json", *words).stdout)]


def test_without_a_store_nothing_is_known_and_nothing_is_made(project):
    project.write("campaigns/other.yaml", OTHER)
    assert rules(project) == []
    assert not (project.folder / "state").exists()


def test_durations_are_learnt_from_the_store(busy):
    busy.write("campaigns/other.yaml", OTHER)
    result = busy.ask("validate")
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    place, told = line.split(": warning: ")
    assert place == "campaigns/spring.yaml:7:17"
    assert told.rpartition(", e.g. on ")[0] == (
        "scripts[0].start_time: the device `16091FDD40050N` and 1 more is in other/other 10:00-12:00, too: "
        "6h40m of work cannot begin in 3h"
    )
    assert busy.ask("validate", "--strict").exit_code == 1


def test_a_group_is_compared_with_the_licence_that_the_host_told_last(busy):
    serials = ", ".join(f"D{number}" for number in range(21))
    busy.write("campaigns/spring.yaml", CAMPAIGN.replace("16091FDD40050N, R58M12345", serials))
    assert rules(busy) == ["group-exceeds-licence"]


def test_a_limit_of_the_config_is_told_at_its_line(project):
    project.write("config.yaml", f"{CONFIG}limits:\n  per_host_per_day: 1\n")
    line = project.ask("validate").stdout
    assert line.startswith(
        "config.yaml:5:21: warning: limits.per_host_per_day: below what is planned for a day"
    )


def test_only_the_campaigns_that_are_named_are_looked_at_together(busy):
    busy.write("campaigns/other.yaml", OTHER)
    assert rules(busy, "campaigns/spring.yaml") == []
    assert rules(busy, "campaigns") == ["device-overbooked"]


def test_a_store_that_cannot_be_read_is_said_and_the_files_are_checked(project):
    if on_server():
        project.write("config.yaml", f"{CONFIG}store: postgresql://u@127.0.0.1:9/x\n")
    else:
        project.write("state/runner.db", "no database")
    project.write("campaigns/spring.yaml", CAMPAIGN.replace("Hej", "''"))
    result = project.ask("validate")
    assert (result.exit_code, result.stdout) == (0, "")
    first, second = result.stderr.splitlines()
    assert first.startswith("Not checked against what the store knows: ")
    assert second == "2 files, 0 errors, 0 warnings"


def test_of_a_file_with_hundreds_of_warnings_the_first_are_told(project):
    entry = (
        "  - {{name: e{}, script_name: account_warmup, device_groups: [studio], start_time: '9:00-9:10', "
        "at_close: stop, script_config: {{task_duration: 900}}}}\n"
    )
    head = "device_groups: {studio: {serials: [S]}}\nscripts:\n"
    project.write("campaigns/spring.yaml", head + "".join(entry.format(number) for number in range(600)))
    assert rules(project) == ["window-overfull"] * 500
    assert project.ask("validate").exit_code == 0
