"""Systemd is told in datagrams, in order, without ever waiting for it; nobody else is told anything."""

from __future__ import annotations

import os
import socket

import pytest
from support.notify_socket import listening

from runner.adapters.service_manager import ServiceManager


def manager_of(**environ):
    return ServiceManager.of(environ, process_id=4711)


def test_each_telling_is_a_datagram_of_lines(tmp_path):
    with listening(tmp_path / "notify") as manager:
        ours = manager_of(NOTIFY_SOCKET=str(tmp_path / "notify"))
        ours.tell("RELOADING=1", "MONOTONIC_USEC=17")
        ours.tell("READY=1")
        assert manager.listen() == [{"RELOADING": "1", "MONOTONIC_USEC": "17"}, {"READY": "1"}]


def test_an_abstract_address_is_one_without_a_file():
    name = f"campaign-runner-test-{os.getpid()}"
    with listening(f"\0{name}") as manager:
        manager_of(NOTIFY_SOCKET=f"@{name}").tell("READY=1")
        assert manager.listen() == [{"READY": "1"}]


def test_a_line_end_cannot_make_one_assignment_two(tmp_path):
    with listening(tmp_path / "notify") as manager:
        manager_of(NOTIFY_SOCKET=str(tmp_path / "notify")).tell("STATUS=a\nSTOPPING=1")
        assert manager.listen() == [{"STATUS": "a STOPPING=1"}]


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "relative/path"])
def test_where_nobody_wants_to_be_told_there_is_none(address):
    assert manager_of(NOTIFY_SOCKET=address) is None


def test_without_the_variable_there_is_none():
    assert manager_of() is None


def test_where_the_system_has_no_such_sockets_there_is_none(monkeypatch):
    monkeypatch.delattr(socket, "AF_UNIX")
    assert manager_of(NOTIFY_SOCKET="/run/notify") is None


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "1500000"}, 1.5),
        ({"WATCHDOG_USEC": "1500000", "WATCHDOG_PID": "4711"}, 1.5),
        ({"WATCHDOG_USEC": "1500000", "WATCHDOG_PID": "4712"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_is_one_that_is_meant_for_this_process(environ, seconds):
    assert manager_of(NOTIFY_SOCKET="/run/notify", **environ).watchdog_seconds == seconds


def test_a_manager_that_is_gone_hurts_nobody(tmp_path):
    manager = manager_of(NOTIFY_SOCKET=str(tmp_path / "notify"))
    manager.tell("READY=1")
    with listening(tmp_path / "notify") as listener:
        manager.tell("WATCHDOG=1")
        assert listener.listen() == [{"WATCHDOG": "1"}]


def test_what_is_not_taken_at_once_goes_out_before_the_next(tmp_path):
    with listening(tmp_path / "notify") as listener:
        ours = manager_of(NOTIFY_SOCKET=str(tmp_path / "notify"))
        while not ours._waiting:
            ours.tell("WATCHDOG=1")
        ours.tell("STOPPING=1")
        taken = len(listener.listen())
        assert {"STOPPING": "1"} not in listener.listen()
        ours.tell("STATUS=stopping")
        assert listener.listen()[taken:] == [{"WATCHDOG": "1"}, {"STOPPING": "1"}, {"STATUS": "stopping"}]
