"""Simulated hosts are served by the command line, and everything about them can be chosen there."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import click
import httpx
import pytest

from runner.cli import simulator
from runner.simulator.faults import Fault, FaultKind, FaultRule
from runner.simulator.options import UnknownTargets, numbered_devices

ROOT = Path(__file__).parents[2]


def chosen(*words):
    """Return what is served for some words, without serving it."""
    context = simulator.command.make_context("simulator", list(words))
    return [simulator.options_of(context.params, number=number) for number in range(context.params["hosts"])]


def test_it_serves_until_ctrl_c():
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    words = ["--port", "0", "--hosts", "2", "--devices", "1", "--name", "attic"]
    server = subprocess.Popen(
        [sys.executable, "-m", "runner", "simulator", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
    )
    try:
        lines = [server.stdout.readline() for _ in range(2)]
        for number, line in enumerate(lines, start=1):
            found = re.fullmatch(rf"attic-{number}: (http://localhost:\d+/api/v1) with 1 device\n", line)
            answer = httpx.get(f"{found[1]}/license/check", trust_env=False).json()
            assert answer["data"]["plan_name"] == "Pro"
    finally:
        server.send_signal(signal.SIGINT)
        output, errors = server.communicate(timeout=30)
    assert (server.returncode, output, errors) == (0, "", "")


def test_a_port_that_is_taken_is_told_in_one_line(project):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = project.ask("simulator", "--port", port)
        assert result.exit_code == 1
        assert result.stderr.startswith(f"error: cannot listen on port {port}: ")
        result = project.ask("simulator", "--port", port, "--hosts", 2)
        assert result.stderr.startswith(f"error: cannot listen on one of the ports {port} to {port + 1}: ")


def test_ports_end_at_65535(project):
    result = project.ask("simulator", "--port", 65535, "--hosts", 2)
    assert result.exit_code == 2
    assert "there is no port 65536" in result.stderr


def test_without_a_word_it_is_a_host_of_twenty_devices():
    (options,) = chosen()
    assert options.accounts == numbered_devices(20, accounts_each=2)
    assert (options.name, options.plan.plan_name, options.plan.device_limit) == ("simulated", "Pro", 20)
    assert options.unknown_targets is UnknownTargets.ADOPT
    assert options.faults.rules == ()


def test_everything_can_be_chosen():
    one, two = chosen(
        *["--hosts", "2", "--devices", "3", "--accounts-each", "0", "--duration", "1..2.5", "--seed", "7"],
        *["--failure-rate", "0.5", "--latency", "0.1", "--plan", "Starter", "--device-limit", "2"],
        *["--fault", "reset:0.1", "--fault", "slow:1:2.5", "--fault", "drip:0.2", "--timezone", "Asia/Tokyo"],
        *["--unknown-targets", "refuse", "--extra-script", "profile", "--name", "attic"],
    )
    assert (one.name, two.name, one.seed, two.seed) == ("attic-1", "attic-2", 7, 8)
    assert one.accounts == {"SIM0001": (), "SIM0002": (), "SIM0003": ()}
    assert (one.duration_seconds, one.latency_seconds, one.failure_rate) == ((1, 2.5), (0.1, 0.1), 0.5)
    assert (one.plan.plan_name, one.plan.device_limit) == ("Starter", 2)
    assert one.faults.rules == (
        FaultRule(Fault(FaultKind.RESET, seconds=5), rate=0.1),
        FaultRule(Fault(FaultKind.SLOW, seconds=2.5), rate=1),
        FaultRule(Fault(FaultKind.DRIP, seconds=0.05), rate=0.2),
    )
    assert (one.timezone, one.extra_scripts) == ("Asia/Tokyo", {"profile"})
    assert one.unknown_targets is UnknownTargets.REFUSE


@pytest.mark.parametrize(
    "words",
    [
        ["--duration", "9..1"],
        ["--duration", "-1..1"],
        ["--duration", "1..inf"],
        ["--duration", "nan"],
        ["--duration", "soon"],
        ["--latency", "1.."],
        ["--fault", "reset"],
        ["--fault", "reset:2"],
        ["--fault", "reset:nan"],
        ["--fault", "slow:0.1:-1"],
        ["--fault", "flood:0.1"],
        ["--plan", ""],
        ["--timezone", "Mars/Olympus"],
    ],
)
def test_what_cannot_be_is_wrong_usage(words):
    with pytest.raises(click.BadParameter) as caught:
        chosen(*words)
    assert caught.value.param.opts == words[:1]
