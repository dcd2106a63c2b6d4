"""The daemon and the commands without what Windows does not have: its signals, locks, users and poll()."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from support.processes import PROJECT, Workplace, wait_until

CUSTOMIZE = Path(__file__).parents[1] / "support/like_windows.py"
EVERY_MODULE = """
import importlib, os, pkgutil, signal, runner
assert not hasattr(os, "getuid") and not hasattr(signal, "SIGHUP")
try:
    import fcntl
except ImportError:
    for found in pkgutil.walk_packages(runner.__path__, "runner."):
        if not found.name.endswith((".env", "__main__", "check_main")):
            importlib.import_module(found.name)
    print("imported")
"""
COMMANDS = """
import sys
from runner.cli.main import main
for words in ("run", "pause --all --reason lunch", "status --format table", "doctor --format table",
              "service install --user --dry-run"):
    try:
        main(["--config", sys.argv[1], *words.split()], prog_name="campaign-runner")
    except SystemExit as ended:
        print(f"{words.split()[0]} ended with {ended.code}")
"""


@pytest.fixture
def place(tmp_path):
    made = Workplace(tmp_path)
    made.write_config({"pc": "http://127.0.0.1:9/api/v1"})
    (tmp_path / "customize").mkdir()
    shutil.copy(CUSTOMIZE, tmp_path / "customize/sitecustomize.py")
    return made


def so(place, words):
    """Return a command that runs so."""
    return ["/usr/bin/env", f"PYTHONPATH={place.folder / 'customize'}{os.pathsep}{PROJECT}", *words]


def done(place, code, *words):
    command = so(place, [sys.executable, "-c", code, *words])
    return subprocess.run(command, cwd=place.folder, capture_output=True, text=True, check=False)


def test_the_zone_database_comes_along():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert "tzdata; sys_platform == 'win32'" in project["dependencies"]


def test_every_module_can_be_imported(place):
    ended = done(place, EVERY_MODULE)
    assert ended.stdout == "imported\n", ended.stderr


def test_ctrl_break_ends_it_and_commands_work_beside_it(place):
    with place.daemon(through=lambda words: so(place, words)) as daemon:
        wait_until(lambda: place.events_named("host.unreachable"), seconds=60, else_say=place.log.read_text)
        told = done(place, COMMANDS, str(place.config))
        daemon.send_signal(signal.SIGUSR1)  # which is Ctrl-Break there
        assert daemon.wait(60) == 0
    codes = [line for line in told.stdout.splitlines() if " ended with " in line]
    assert codes == [
        "run ended with 75",
        "pause ended with 0",
        "status ended with 0",
        "doctor ended with 1",
        "service ended with 0",
    ], told.stderr
    assert "The daemon runs; " in told.stdout
    assert "Traceback" not in told.stderr
    assert [event["event"] for event in place.events()][-2:] == ["daemon.stopping", "daemon.stopped"]
    assert not place.events_named("daemon.stalled")
