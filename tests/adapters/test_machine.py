"""What the operating system says of folders, clocks and services."""

from __future__ import annotations

import os

import pytest

from runner.adapters.machine import clock_is_synchronized, folder_facts, service_shown


def program(folder, name, script):
    """Put a program of the system into a folder that is searched first."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def programs(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def test_a_folder_that_is_there(tmp_path):
    facts = folder_facts(tmp_path)
    assert (facts.path, facts.there, facts.readable, facts.writable) == (str(tmp_path), True, True, True)
    assert not facts.open_to_all
    assert facts.free_bytes > 0
    assert facts.file_system


def test_of_one_that_is_not_there_yet_the_nearest_above_counts(tmp_path):
    facts = folder_facts(tmp_path / "a/b")
    assert (facts.there, facts.readable, facts.writable, facts.open_to_all) == (False, False, True, False)
    assert facts.free_bytes > 0


@pytest.mark.parametrize(("mode", "is_open"), [(0o777, True), (0o1777, False), (0o775, False)])
def test_one_that_everybody_may_write_to(tmp_path, mode, is_open):
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(mode)
    assert folder_facts(folder).open_to_all is is_open


@pytest.mark.parametrize(
    ("said", "found"), [("echo yes", True), ("echo no", False), ("exit 1", None), ("", None)]
)
def test_the_clock_is_set_from_the_network_where_the_system_says_so(programs, said, found):
    program(programs, "timedatectl", said)
    assert clock_is_synchronized() is found


def test_where_the_system_says_nothing_neither_do_we(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert clock_is_synchronized() is None
    assert service_shown("campaign-runner") == {}


def test_a_service_of_the_machine_is_shown_first_and_then_one_of_the_user(programs):
    program(programs, "systemctl", "echo LoadState=loaded; echo StatusText=a=b")
    assert service_shown("x") == {"LoadState": "loaded", "StatusText": "a=b"}
    program(
        programs,
        "systemctl",
        'case "$*" in *--user*) echo LoadState=loaded;; *) echo LoadState=not-found;; esac',
    )
    assert service_shown("x") == {"LoadState": "loaded"}
    program(programs, "systemctl", "echo LoadState=not-found")
    assert service_shown("x") == {}
