"""The units are what the package writes, systemd finds nothing wrong with them, and they are shut off."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from runner.app.run_daemon import EXIT_IN_USE, EXIT_UNUSABLE

DEPLOYED = Path(__file__).parents[2] / "deploy/systemd"
UNITS = ("campaign-runner.service", "campaign-runner.user.service")
MOST_EXPOSURE = 10
"""In tenths, as `--threshold` counts."""

analyzed = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze, of Debian's package systemd, is missing"
)


def text_of(unit):
    return (DEPLOYED / unit).read_text()


def analyze(*words, folder, unit):
    """Run systemd-analyze on a unit whose program is one that is there."""
    here = folder / "campaign-runner.service"
    lines = text_of(unit).splitlines()
    program = [
        f"ExecStart={shutil.which('true')} run" if one.startswith("ExecStart=") else one for one in lines
    ]
    here.write_text("\n".join(program))
    environ = {**os.environ, "XDG_RUNTIME_DIR": str(folder), "SYSTEMD_COLORS": "0"}
    return subprocess.run(
        ["/usr/bin/env", "systemd-analyze", *words, str(here)],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("unit", UNITS)
def test_what_is_deployed_is_what_the_package_writes(unit):
    assert text_of(unit) == (files("runner.cli") / "templates" / unit).read_text()


def test_no_other_unit_is_deployed():
    assert sorted(path.name for path in DEPLOYED.iterdir()) == sorted(UNITS)


@analyzed
@pytest.mark.parametrize(("unit", "words"), [(UNITS[0], []), (UNITS[1], ["--user"])])
def test_systemd_finds_nothing_wrong_with_it(tmp_path, unit, words):
    done = analyze("verify", *words, folder=tmp_path, unit=unit)
    assert (done.returncode, done.stdout) == (0, "")


@analyzed
def test_systemd_would_say_what_is_wrong(tmp_path):
    here = tmp_path / "campaign-runner.service"
    here.write_text(text_of(UNITS[0]).replace("ProtectClock=yes", "ProtectClok=yes"))
    words = ["/usr/bin/env", "systemd-analyze", "verify", str(here)]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert "ProtectClok" in done.stdout


@analyzed
def test_the_service_of_the_machine_is_exposed_by_no_more_than_1_0(tmp_path):
    words = ["security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSURE}"]
    done = analyze(*words, folder=tmp_path, unit=UNITS[0])
    assert done.returncode == 0, done.stdout
    assert "Overall exposure level for campaign-runner.service: " in done.stdout
    assert analyze(*words[:-1], "--threshold=0", folder=tmp_path, unit=UNITS[0]).returncode != 0


@pytest.mark.parametrize("unit", UNITS)
def test_no_new_start_is_tried_where_none_can_help(unit):
    (line,) = [line for line in text_of(unit).splitlines() if line.startswith("RestartPreventExitStatus=")]
    assert line.partition("=")[2].split() == ["2", str(EXIT_IN_USE), str(EXIT_UNUSABLE)]
