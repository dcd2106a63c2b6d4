"""How things stand is told with and without a daemon, before and after the first run."""

from __future__ import annotations

import pytest
from support.project import CAMPAIGN, host_seen, moved, now, seconds

from runner.adapters.store_lock import sole_user
from runner.model.instant import moment

# A day that has the whole of the campaign's window in it, whenever the test runs.
ALL_DAY = CAMPAIGN.replace("09:00-11:00", "00:00-24:00").replace(
    "device_groups:\n", "timezone: UTC\ndevice_groups:\n", 1
)
CONFIG = 'hosts:\n  studio-pc: {url: "http://localhost:50809/api/v1"}\n'


@pytest.fixture
def farm(project):
    project.write("config.yaml", CONFIG)
    project.write("campaigns/spring.yaml", ALL_DAY)
    return project


def plan_today(farm, *, days=1):
    return farm.plan(moment(now()).date(), days=days)


def test_before_the_first_run_it_says_what_to_do(farm):
    shown = farm.table("status")
    assert shown.startswith("Nothing has run yet; `campaign-runner run` starts the daemon.\n")
    assert "(UTC): nothing is planned or done yet\n" in shown
    assert "studio-pc  unknown                             not asked yet" in shown
    assert "spring    campaigns/spring.yaml  not in force yet" in shown
    row = farm.rows("status")
    assert row["daemon"] == {"alive": False, "stuck": False, "last_beat": None, "age_seconds": None}
    assert row["hosts"][0]["state"] == "unknown"
    assert (row["states"], row["running"], row["next"], row["failed"]) == ({}, [], [], [])
    assert not (farm.folder / "state").exists()


def test_a_daemon_is_alive_while_it_gives_signs_of_life(farm):
    farm.beat(now() - seconds(4))
    assert farm.table("status").startswith("The daemon runs; its last sign of life was ")
    assert farm.rows("status")["daemon"]["alive"]
    farm.beat(now() - seconds(2 * 3600 + 65))
    assert farm.table("status").startswith("The daemon does not run; its last sign of life was 2h1m ago.\n")
    assert not farm.rows("status")["daemon"]["alive"]


def test_a_daemon_that_has_its_store_and_gives_no_sign_of_life_is_not_called_stopped(farm):
    # So long that seconds no longer count: the machine may be slow.
    farm.beat(now() - seconds(2 * 3600 + 65))
    with sole_user(farm.store):
        assert farm.table("status").startswith(
            "The daemon runs, but its last sign of life was 2h1m ago: its store cannot be written, or"
        )
        assert farm.rows("status")["daemon"]["stuck"]
    assert farm.table("status").startswith("The daemon does not run;")


def test_a_sign_of_life_from_the_future_is_one_of_now(farm):
    farm.beat(now() + seconds(3600))
    assert farm.table("status").startswith("The daemon runs; its last sign of life was 0s ago.\n")


def test_hosts_are_shown_as_they_answered_last(farm):
    farm.commit(host_seen("unlicensed", when=now(), detail="the plan Starter has no API access"))
    shown = farm.table("status")
    assert "unlicensed  Pro             20  " in shown
    assert "the plan Starter has no API access" in shown
    (row,) = farm.rows("status")["hosts"]
    assert (row["state"], row["device_limit"]) == ("unlicensed", 20)
    farm.commit(host_seen("ready", when=now(), detail="plan Pro"))
    assert "plan Pro" not in farm.table("status")


def test_a_limit_that_the_host_does_not_tell_stays_empty(farm):
    seen = host_seen("unreachable", when=now(), detail="connection refused")
    farm.commit(type(seen)(seen.host, seen.state, seen.detail, None, None, seen.at))
    assert "unreachable                      " in farm.table("status")


def test_work_is_shown_as_running_next_and_gone_wrong(farm):
    first, second = plan_today(farm)
    shown = farm.table("status")
    assert "(UTC): 2 planned\n" in shown
    assert "\nNext\n" in shown
    assert shown.index(first) < shown.index(second)
    farm.commit(*moved(first, "submitting", "submitted", "running"))
    farm.commit(*moved(second, "missed", reason="the host was unreachable until its window closed"))
    shown = farm.table("status")
    assert "(UTC): 1 running, 1 missed\n" in shown
    assert "\nNext\n" not in shown
    running, wrong = shown.split("\nRunning now\n")[1].split("\nWent wrong today\n")
    assert first in running
    assert "missed  R58M12345" in wrong
    assert "spring/clip: the host was unreachable" in wrong
    row = farm.rows("status")
    assert [found["key"] for found in row["running"]] == [first]
    assert [found["key"] for found in row["failed"]] == [second]
    assert row["next"] == []
    assert row["states"] == {"running": 1, "missed": 1}


def test_of_what_comes_the_next_five_are_shown_even_those_whose_device_is_busy(farm):
    keys = plan_today(farm, days=4)
    farm.commit(*moved(keys[0], "submitting", "submitted"))
    assert [row["key"] for row in farm.rows("status")["next"]] == keys[1:6]


def test_a_long_list_is_cut_and_says_so(farm):
    serials = ", ".join(f"S{number}" for number in range(13))
    farm.write("campaigns/spring.yaml", ALL_DAY.replace("16091FDD40050N, R58M12345", serials))
    for key in plan_today(farm):
        farm.commit(*moved(key, "missed", reason="r"))
    shown = farm.table("status")
    assert shown.count("  missed  ") == 10
    assert "and 3 more; `campaign-runner results` shows all of them" in shown
    assert len(farm.rows("status")["failed"]) == 13


def test_campaigns_are_shown_with_what_of_them_is_in_force(farm):
    farm.write("campaigns/off.yaml", ALL_DAY + "enabled: false\n")
    farm.write("campaigns/breaks.yaml", ALL_DAY)
    plan_today(farm)
    farm.write("campaigns/spring.yaml", ALL_DAY + "description: changed\n")
    farm.write("campaigns/breaks.yaml", "scripts: [\n")
    farm.write("campaigns/bad.yaml", "scripts: [\n")
    rows = {row["file"]: row for row in farm.rows("status")["campaigns"]}
    assert {name: (row["campaign"], row["in_force"], row["rejected"]) for name, row in rows.items()} == {
        "campaigns/off.yaml": ("off", True, False),
        "campaigns/spring.yaml": ("spring", True, False),
        "campaigns/bad.yaml": (None, False, True),
        "campaigns/breaks.yaml": ("breaks", True, True),
    }
    assert rows["campaigns/spring.yaml"]["standing"] == "changed since; the version before is in force"
    assert rows["campaigns/off.yaml"]["standing"] == "not enabled"
    assert rows["campaigns/bad.yaml"]["standing"] == "does not check; nothing of it is in force"
    assert rows["campaigns/breaks.yaml"]["standing"] == "does not check; its last good version is in force"
    shown = farm.table("status")
    assert "breaks    campaigns/breaks.yaml  does not check; its last good version is in force" in shown


def test_a_version_is_found_again_from_another_working_folder(farm, monkeypatch):
    plan_today(farm)
    farm.write("campaigns/spring.yaml", "scripts: [\n")
    farm.write("elsewhere/file", "")
    monkeypatch.chdir(farm.folder / "elsewhere")
    result = farm.ask("--config", farm.folder / "config.yaml", "status", "--format", "table")
    assert "its last good version is in force" in result.stdout


def test_a_campaign_without_change_is_in_force(farm):
    plan_today(farm)
    assert "spring    campaigns/spring.yaml  in force\n" in farm.table("status")


def test_a_folder_without_campaigns_says_so(farm):
    (farm.folder / "campaigns/spring.yaml").unlink()
    assert "There is no campaign file." in farm.table("status")
