"""Each thing that doctor looks at is judged: ok, a warning, or a problem that comes with what to do."""

from __future__ import annotations

import pytest

from runner.core.checkup import (
    of_daemon,
    of_echoes,
    of_host,
    of_host_clock,
    of_own_clock,
    of_service,
    of_zone,
)
from runner.core.checkup_places import (
    LARGE_LOG_BYTES,
    MEBIBYTE,
    of_disk,
    of_read_folder,
    of_store,
    of_written_folder,
)
from runner.model.checkup import FolderFacts, StoreFacts
from runner.model.instant import EARLIEST, SECOND
from runner.model.record import EchoRecord, HostState
from runner.model.tikmatrix import Licence

PRO = Licence("Pro", True, 20, "")  # noqa: FBT003 - the wire's own order


def told(finding):
    return finding.verdict.value, finding.message


def folder(**facts):
    usual = {"there": True, "readable": True, "writable": True, "open_to_all": False}
    return FolderFacts(
        **{"path": "/x", **usual, "free_bytes": 2048 * MEBIBYTE, "file_system": "ext4", **facts}
    )


def store(**facts):
    usual = {"damage": None, "revision": "0002", "head": "0002", "size_bytes": MEBIBYTE, "log_bytes": 0}
    return of_store(StoreFacts(**{**usual, **facts}), known=("0001", "0002"))


@pytest.mark.parametrize("state", [HostState.UNREACHABLE, HostState.UNLICENSED, HostState.UNCLEAR])
def test_a_host_that_is_not_ready_is_a_problem_with_what_to_do(state):
    found = of_host("pc", state, detail="so it said", licence=None, latency_seconds=None)
    assert told(found) == ("problem", "so it said")
    assert found.advice


def test_a_host_that_is_ready_says_its_plan():
    found = of_host("pc", HostState.READY, detail=None, licence=PRO, latency_seconds=0.0123)
    assert told(found) == ("ok", "it answers in 12 ms, plan Pro, 20 devices")


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        ({"told": True, "off_us": None, "ahead": True}, "ok", "it agrees"),
        ({"told": True, "off_us": 90 * SECOND, "ahead": False}, "warning", "it is 90 s ahead of"),
        ({"told": True, "off_us": -90 * SECOND, "ahead": True}, "problem", "it is 90 s behind"),
        ({"told": False, "off_us": None, "ahead": False}, "ok", "its answers do not say"),
        ({"told": False, "off_us": None, "ahead": True}, "warning", "its answers do not say"),
    ],
)
def test_a_hosts_clock_matters_more_where_work_goes_ahead(facts, verdict, words):
    found = of_host_clock("pc", **facts)
    assert found.verdict == verdict
    assert found.message.startswith(words)


@pytest.mark.parametrize(
    ("now", "synchronized", "verdict"),
    [
        (EARLIEST - SECOND, True, "problem"),
        (EARLIEST, None, "ok"),
        (EARLIEST, True, "ok"),
        (EARLIEST, False, "warning"),
    ],
)
def test_an_own_clock_that_is_not_set_is_a_problem(now, synchronized, verdict):
    assert of_own_clock(now, synchronized=synchronized).verdict == verdict


@pytest.mark.parametrize(
    ("seconds_off", "verdict", "words"),
    [
        ([], "ok", "no finished task to compare with yet"),
        ([0.0, 0.0], "ok", "its last tasks fit"),
        ([0.0, 3600.0], "ok", "its last tasks fit"),
        ([-3600.0, -3660.0], "problem", "60 min off in Europe/Stockholm"),
    ],
)
def test_a_zone_is_wrong_where_no_task_fits_it(seconds_off, verdict, words):
    found = of_zone("pc", "Europe/Stockholm", given=True, seconds_off=seconds_off)
    assert found.verdict == verdict
    assert words in found.message


@pytest.mark.parametrize(
    ("echoes", "verdict", "words"),
    [
        ([], "warning", "not known yet: 0 of 3"),
        ([("post", 2, 0)], "warning", "not known yet: 2 of 3"),
        ([("post", 3, 0), ("follow", 1, 0)], "ok", "the arguments of post as they were sent"),
        ([("post", 9, 0), ("follow", 5, 1)], "warning", "the arguments of follow otherwise"),
    ],
)
def test_what_settling_rests_on_is_known_after_some_tasks(echoes, verdict, words):
    found = of_echoes("pc", [EchoRecord("pc", *one) for one in echoes], devices="DEVICE")
    assert found.verdict == verdict
    assert words in found.message


@pytest.mark.parametrize(
    ("shown", "verdict", "words"),
    [
        ({}, "ok", "not a service"),
        ({"LoadState": "not-found"}, "ok", "not a service"),
        ({"ActiveState": "failed", "Result": "exit-code", "ExecMainStatus": "78"}, "problem", "exit code 78"),
        ({"ActiveState": "activating", "SubState": "auto-restart"}, "problem", "is activating"),
        ({"ActiveState": "inactive"}, "warning", "is inactive"),
        ({"ActiveState": "active", "UnitFileState": "disabled"}, "warning", "not started with the machine"),
        ({"ActiveState": "active", "NRestarts": "3"}, "warning", "after 3 new starts"),
        ({"ActiveState": "active", "StatusText": "2 of 2 hosts ready"}, "ok", "runs: 2 of 2 hosts ready"),
    ],
)
def test_a_service_that_is_down_or_comes_up_again_and_again_is_told(shown, verdict, words):
    shown = {"LoadState": "loaded", **shown} if shown else {}
    found = of_service(shown, name="campaign-runner")
    assert found.verdict == verdict
    assert words in found.message


@pytest.mark.parametrize(
    ("age", "alive", "held", "verdict"),
    [
        (None, False, False, "warning"),
        (None, False, True, "warning"),
        (3.0, True, True, "ok"),
        (300.0, False, True, "problem"),
        (300.0, False, False, "problem"),
    ],
)
def test_a_daemon_that_ran_and_no_longer_does_is_a_problem(age, alive, held, verdict):
    assert of_daemon(age_seconds=age, alive=alive, held=held).verdict == verdict


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({}, "ok"),
        ({"there": False, "readable": False}, "problem"),
        ({"readable": False}, "problem"),
        ({"open_to_all": True}, "warning"),
    ],
)
def test_a_folder_has_to_be_readable_and_not_open_to_all(facts, verdict):
    (found,) = of_read_folder("campaigns", folder(**facts))
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({}, "ok"),
        ({"there": False}, "ok"),
        ({"writable": False}, "problem"),
        ({"open_to_all": True}, "warning"),
    ],
)
def test_a_folder_of_ours_has_to_be_writable(facts, verdict):
    (found,) = of_written_folder("state", folder(**facts))
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("facts", "verdicts"),
    [
        ({}, ["ok"]),
        ({"free_bytes": 500 * MEBIBYTE}, ["warning"]),
        ({"free_bytes": 50 * MEBIBYTE}, ["problem"]),
        ({"free_bytes": None}, []),
        ({"file_system": "nfs4"}, ["problem", "ok"]),
    ],
)
def test_a_disk_needs_room_and_to_be_local(facts, verdicts):
    assert [one.verdict for one in of_disk(folder(**facts))] == verdicts


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        ({}, "ok", "sound, schema 0002, 1.0 MiB"),
        ({"damage": "row 5 missing"}, "problem", "row 5 missing"),
        ({"revision": "0001"}, "warning", "this program's is 0002"),
        ({"revision": "0099"}, "problem", "knows up to 0002"),
        ({"log_bytes": LARGE_LOG_BYTES + 1}, "warning", "its log beside it has 64 MiB"),
    ],
)
def test_a_store_has_to_be_sound_and_of_this_program(facts, verdict, words):
    found = store(**facts)
    assert found.verdict == verdict
    assert words in found.message
