"""The daemon is started from the command line, ends on a signal with 0, and says why it does not start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.root_logging import restored_logging

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_runs_until_a_signal(project, number):
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    daemon = subprocess.Popen(
        [sys.executable, "-m", "runner", "run"], stderr=subprocess.PIPE, text=True, env=environ
    )
    try:
        line = daemon.stderr.readline()
        while line and "campaign.planned" not in line:
            line = daemon.stderr.readline()
        assert "campaign.planned" in line
    finally:
        daemon.send_signal(number)
        _, rest = daemon.communicate(timeout=30)
    assert daemon.returncode == 0
    assert "daemon.stopped" in rest.splitlines()[-1]
    assert project.table("status").startswith("The daemon runs; its last sign of life was ")


def test_it_does_not_start_on_a_config_that_does_not_check(project):
    project.write("config.yaml", "hosts: 3\n")
    result = project.ask("run")
    assert result.exit_code == 78
    assert result.stderr.startswith("config.yaml:1:8: error: ")


@pytest.mark.sqlite(reason="test_unusable_store asks both")
def test_it_does_not_start_on_a_store_that_is_none(project):
    project.write("state/runner.db", "this is no database, and it is long enough to tell" * 20)
    with restored_logging():
        result = project.ask("run")
    assert result.exit_code == 78
    (line,) = result.stderr.splitlines()
    assert "daemon.refused" in line
    assert str(project.folder / "state/runner.db") in line
