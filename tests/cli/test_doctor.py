"""Doctor says of everything how it stands and what to do, and ends with 1 where there is a problem."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from click.testing import CliRunner
from support.project import CONFIG, at, moved, now, observed, seconds, submitted
from support.serving import serving
from support.store import on_server

from runner.cli.main import main
from runner.model.alarm import AlarmKind, Message, MessageStored
from runner.model.instant import SECOND
from runner.model.record import EchoSeen
from runner.simulator.options import Plan

UNSYNCED = "the server's `fsync` is off: it waits for no disk"
TODAY = datetime.now(UTC).date()


of_a_file = pytest.mark.sqlite(reason="it is of the store's file")


@pytest.fixture(autouse=True)
def _quiet_machine(monkeypatch, tmp_path):
    """Let neither this machine's systemd nor its NTP have a say."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def examined(project, *words):
    """Return the exit code and what was found, but for that a test's server does not wait for its disk."""
    result = project.ask("doctor", *words, "--format", "json")
    return result.exit_code, [one for one in json.loads(result.stdout) if one["message"] != UNSYNCED]


def of(found, check):
    return [(one["subject"], one["verdict"], one["message"]) for one in found if one["check"] == check]


def test_an_installation_in_order_is_ok_from_end_to_end(project):
    with serving(**{"studio-pc": {"serials": ("A",)}}) as hosts:
        project.write("config.yaml", hosts)
        project.plan(date(2026, 12, 1))
        project.beat(now())
        project.commit(*[EchoSeen("studio-pc", "post", faithful=True, at=now()) for _ in range(3)])
        code, found = examined(project)
        shown = project.ask("doctor", "--format", "table").stdout
    assert {one["verdict"] for one in found} == {"ok"}
    blamed = 1 if on_server() else 0
    assert code == blamed
    assert [one["check"] for one in found] == [
        *["program", "clock", "service", "config", "campaign", "campaigns"],
        *([] if on_server() else ["state", "disk", "store"]),
        *["daemon", "watcher"],
        "host",
        "clock",
        "zone",
        "echo",
        "licence",
        "notify",
    ]
    assert shown.splitlines()[-1] == f"{len(found)} ok, 0 warning, {blamed} problem"


def test_before_the_first_start_nothing_is_wrong_but_a_host_that_is_not_there(project):
    project.write("config.yaml", 'hosts: {pc: {url: "http://localhost:9/api/v1"}}\n')
    code, found = examined(project)
    assert code == 1
    assert [one["check"] for one in found if one["verdict"] == "problem"] == ["host"]
    assert of(found, "store") == [("", "warning", "there is none yet")]
    assert "connection refused" in of(found, "host")[0][2]


def test_a_config_that_does_not_check_hides_no_place_of_it(project):
    project.write("config.yaml", "hosts: 3\nnonsense: 1\n")
    code, found = examined(project)
    assert code == 1
    assert [subject for subject, verdict, _ in of(found, "config") if verdict == "problem"] == [
        "config.yaml:1:8",
        "config.yaml:2:1",
    ]


def test_what_hinders_work_is_told(project):
    project.plan(TODAY)
    project.beat(now() - seconds(3600))
    project.write("campaigns/broken.yaml", "scripts: [}")
    project.write("state/STOP", "withdraw\n")
    project.ask("pause", "--all", "--reason", "holiday")
    code, found = examined(project)
    assert code == 1
    assert of(found, "daemon")[0][1] == "problem"
    assert of(found, "daemon")[0][2].startswith("it does not run; its last sign of life was 36")
    assert of(found, "campaign")[0][:2] == ("campaigns/broken.yaml:1:11", "problem")
    ((_, verdict, words),) = of(found, "stop")
    assert (verdict, "our pending tasks are withdrawn" in words) == ("warning", True)
    assert [words for *_, words in of(found, "pause") if words.endswith(": holiday")] != []
    assert all(one["advice"] for one in found if one["check"] in {"daemon", "stop", "pause", "host"})


def test_more_problems_than_anybody_reads_are_counted(project):
    for number in range(25):
        project.write(f"campaigns/broken-{number}.yaml", "scripts: [}")
    _, found = examined(project)
    assert len(of(found, "campaign")) == 22
    assert ("", "problem", "and 5 more") in of(found, "campaign")


def test_a_file_that_the_daemon_has_not_taken_over_is_told(project):
    project.plan(TODAY)
    project.beat(now())
    file = project.folder / "campaigns/spring.yaml"
    project.write("campaigns/spring.yaml", file.read_text().replace("Hej", "Hej igen"))
    _, found = examined(project)
    assert of(found, "watcher") == [
        ("campaigns/spring.yaml", "warning", "changed since; the version before is in force")
    ]


@of_a_file
@pytest.mark.parametrize("content", ["this is no database, and it is long enough to tell" * 20, ""])
def test_a_store_that_is_none_is_a_problem_and_hides_nothing_else(project, content):
    project.write("state/runner.db", content)
    code, found = examined(project)
    assert code == 1
    assert of(found, "store")[0][1] == "problem"
    assert of(found, "host")


@of_a_file
def test_a_store_that_is_damaged_is_a_problem(project):
    project.plan(TODAY)
    file = project.folder / "state/runner.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:8192] + b"\xff" * 8192 + whole[16384:])
    _, found = examined(project)
    assert of(found, "store")[0][1] == "problem"


@pytest.mark.postgresql(reason="a file is always within reach")
def test_a_server_that_is_out_of_reach_is_a_problem_and_hides_nothing_else(project):
    project.write("config.yaml", f"{CONFIG}store: postgresql://u@127.0.0.1:9/x\n")
    code, found = examined(project)
    assert code == 1
    ((_, verdict, message),) = of(found, "store")
    assert (verdict, "refused" in message) == ("problem", True)
    assert of(found, "host")


def test_a_zone_that_does_not_fit_what_the_host_writes_is_told(project):
    keys = project.plan(TODAY)
    began = at(f"{TODAY}T08:30:05+00:00")
    project.commit(*submitted(keys[0], task="7", when=began - seconds(20)))
    project.commit(*moved(keys[0], "submitting", "submitted", submitted_at=began - seconds(20)))
    # The host writes its own time, which is Stockholm's, not UTC's.
    began_there = f"{datetime.fromtimestamp(began / SECOND, ZoneInfo('Europe/Stockholm')):%H:%M:%S}"
    project.commit(replace(observed("7", when=began), start_time=f"{TODAY} {began_there}"))
    project.commit(*moved(keys[0], "submitting", "submitted", "running", "completed", finished_at=began)[2:])
    for zone, verdict in (("UTC", "problem"), ("Europe/Stockholm", "ok")):
        project.write(
            "config.yaml", f'hosts: {{studio-pc: {{url: "http://localhost:9/api/v1", timezone: {zone}}}}}\n'
        )
        assert of(examined(project)[1], "zone")[0][1] == verdict, zone


def test_groups_are_compared_with_what_the_licence_allows_now(project):
    with serving(**{"studio-pc": {"serials": ("A",), "plan": Plan("Pro", device_limit=1)}}) as hosts:
        project.write("config.yaml", hosts)
        code, found = examined(project)
    assert code == 0
    ((subject, verdict, message),) = of(found, "licence")
    assert (subject, verdict) == ("campaigns/spring.yaml: device_groups.studio", "warning")
    assert message.startswith("2 devices on `studio-pc`, whose licence allows 1")


def test_of_each_channel_it_is_said_whether_alarms_can_reach_people(project):
    urls = {"fine": "json://127.0.0.1", "odd": "nosuch://x", "lost": "${env:NO}"}
    channels = {name: {"url": url} for name, url in urls.items()}
    notify = {"channels": channels, "ping_url": "https://x/${env:KEY}"}
    project.write("config.yaml", f"{CONFIG}notify: {json.dumps(notify)}\n")
    project.plan(date(2026, 12, 1))
    message = Message(AlarmKind.FAILED, "1 failed", "x", now() - 3_600 * SECOND)
    project.commit(MessageStored("fine", message, message.at), MessageStored("odd", message, now() * 2))
    found = of(examined(project)[1], "notify")
    assert [(subject, verdict) for subject, verdict, _ in found] == [
        ("fine", "warning"),
        ("odd", "problem"),
        ("lost", "warning"),
        ("the daemon", "warning"),
    ]
    assert found[0][2].startswith("1 message waits for it, the first since ")
    assert found[2][2] == "its address is not known here: the environment has no NO"


# -- the self-test -----------------------------------------------------------------------------------------

QUICK = {"serials": ("A",), "duration_seconds": (0, 0), "pickup_seconds": (0, 0)}


def made(hosts):
    port = hosts.split("localhost:")[1].split("/")[0]
    stats = httpx.get(f"http://localhost:{port}/api/v1/task/stats", trust_env=False).json()
    return stats["data"]["total"]


def test_the_self_test_sends_one_task_once_its_device_is_typed(project):
    with serving(pc=QUICK) as hosts:
        project.write("config.yaml", hosts)
        words = ["doctor", "--selftest", "A", "--format", "json"]
        refused = CliRunner().invoke(main, words, input="B\n")
        assert (refused.exit_code, refused.stderr.splitlines()[-1]) == (1, "error: nothing was sent")
        assert made(hosts) == 0
        done = CliRunner().invoke(main, words, input="A\n")
        assert made(hosts) == 1
        again = CliRunner().invoke(main, [*words, "--yes"])
        assert made(hosts) == 2
    for result in (done, again):
        assert result.exit_code == 0, result.output
        assert [one["verdict"] for one in json.loads(result.stdout)] == ["ok", "ok", "ok"]
        assert "likes, follows, collects and comments nothing" in result.stderr


def test_the_self_test_needs_to_know_the_host_and_a_free_device(project):
    project.write(
        "config.yaml", "hosts:\n" + "".join(f"  {n}: {{url: 'http://{n}:9/api'}}\n" for n in ("a", "b"))
    )
    assert "name one with --host: a, b" in project.ask("doctor", "--selftest", "A").stderr
    assert project.ask("doctor", "--host", "a").exit_code == 2


def test_the_self_test_leaves_a_device_alone_on_which_work_of_ours_is(project):
    (key, _) = project.plan(TODAY)
    project.commit(*submitted(key, task="7", when=now()))
    project.commit(*moved(key, "submitting", "submitted", submitted_at=now()))
    (busy,) = [one["serial"] for one in project.rows("results", "--date", TODAY) if one["key"] == key]
    result = project.ask("doctor", "--selftest", busy, "--yes")
    assert result.exit_code == 1
    assert f"{busy} has work of the runner on it: {key}" in result.stderr
