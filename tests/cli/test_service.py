"""The service is installed as it is shown before, again without a change, and taken away without a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.project import CONFIG

from runner.adapters.installer import _RUNS

ROOT = Path(__file__).parents[2]
CAN_MOUNT = (
    os.geteuid() == 0
    and subprocess.run(["/usr/bin/env", "unshare", "--mount", "true"], check=False).returncode == 0
)

pytestmark = pytest.mark.skipif(_RUNS.is_dir(), reason="systemd runs here: its own units are left alone")


@pytest.fixture(autouse=True)
def units(tmp_path, monkeypatch):
    """Let the user's units be in the project's folder, and systemd's command be one that does nothing."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/systemctl").symlink_to("/bin/false")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "xdg/systemd/user"


def lines(project, *words):
    result = project.ask("service", *words)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_a_dry_run_shows_everything_and_does_nothing(project, units, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(sys, "executable", "/opt/x/bin/python")
    shown = "\n".join(lines(project, "install", "--dry-run"))
    assert "would make the user campaign-runner, without a shell" in shown
    assert "would make the folder /etc/campaign-runner/credentials (mode 700)" in shown
    assert f"would make the folder {project.folder}/state (mode 750, of campaign-runner)" in shown
    assert f"ReadWritePaths={project.folder}/state" in shown
    assert f"--config {project.folder}/config.yaml run" in shown
    assert "would do: systemctl daemon-reload" in shown
    assert lines(project, "install", "--user", "--dry-run")[0].startswith(f"would make the folder {units}")
    assert lines(project, "uninstall", "--dry-run")[1].startswith("would delete /etc/systemd/system/")
    assert not units.exists()
    assert not (project.folder / "state").exists()


def test_the_folder_of_the_apis_token_is_there_although_the_store_is_on_a_server(project):
    project.write("config.yaml", f"{CONFIG}store: postgresql://u@127.0.0.1:9/x\n")
    shown = "\n".join(lines(project, "install", "--dry-run"))
    assert f"would make the folder {project.folder}/state (mode 750, of campaign-runner)" in shown
    assert f"ReadWritePaths={project.folder}/state\n" in shown


def test_a_users_service_is_installed_once_and_taken_away(project, units):
    unit = units / "campaign-runner.service"
    first = lines(project, "install", "--user")
    assert first[:2] == [f"made the folder {units}", f"wrote {unit}"]
    assert "  systemctl --user enable --now campaign-runner" in first
    text = unit.read_text()
    assert f" --config {project.folder}/config.yaml run" in text
    assert lines(project, "install", "--user")[:2] == [
        f"the folder {units} is there",
        f"{unit} is as it should be",
    ]
    unit.write_text(text.replace("WatchdogSec=60", "WatchdogSec=1"))
    assert lines(project, "install", "--user")[1] == f"wrote {unit}"
    assert unit.read_text() == text
    assert lines(project, "uninstall", "--user")[1] == f"deleted {unit}"
    assert lines(project, "uninstall", "--user")[1] == f"{unit} is not there"
    assert list(units.iterdir()) == []


@pytest.mark.parametrize("word", ["install", "uninstall"])
def test_a_unit_that_somebody_else_wrote_is_left_alone(project, units, word):
    units.mkdir(parents=True)
    unit = units / "campaign-runner.service"
    unit.write_text("[Service]\nExecStart=/opt/mine\n")
    result = project.ask("service", word, "--user")
    assert result.exit_code == 1
    assert result.stderr == f"error: {unit} was not written by this program; move it away first\n"
    assert unit.read_text() == "[Service]\nExecStart=/opt/mine\n"


def test_without_rights_it_says_what_to_do(project, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(sys, "executable", "/opt/x/bin/python")
    monkeypatch.setenv("PATH", str(project.folder / "bin"))
    result = project.ask("service", "install")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: a service of the machine needs root: use sudo, or --user")


def test_without_systemd_it_says_so(project, monkeypatch):
    monkeypatch.setenv("PATH", "")
    result = project.ask("service", "install", "--user")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: this machine has no systemd; on Windows see docs/windows.md")


def test_a_config_that_does_not_check_is_not_installed(project, units):
    project.write("config.yaml", "hosts: 3\n")
    assert project.ask("service", "install", "--user").exit_code == 1
    assert not units.exists()


INSTALL = """
from importlib.resources import files
from pathlib import Path
from runner.app.install_service import done
from runner.core.installation import Wanted, system_steps
text = (files("runner.cli") / "templates/campaign-runner.service").read_text()
wanted = Wanted(("/opt/x",), Path("/etc/campaign-runner/config.yaml"), (Path("/var/lib/elsewhere"),))
for again in (False, True):
    print(*done(list(system_steps(text, wanted, internet=False))), sep="\\n")
for path in ("/etc/campaign-runner/credentials", "/var/lib/campaign-runner", "/var/lib/elsewhere"):
    print(f"{Path(path).stat().st_mode & 0o777:o}", Path(path).owner(), Path(path).group())
"""


@pytest.mark.skipif(not CAN_MOUNT, reason="only root may put other folders in the place of /etc and /var/lib")
def test_the_machines_service_has_a_user_of_its_own_and_its_folders(tmp_path):
    script = (
        f"cp -a /etc {tmp_path}/etc && mount --bind {tmp_path}/etc /etc && mount -t tmpfs tmpfs /var/lib "
        '&& exec "$0" -c "$1"'
    )
    ended = subprocess.run(
        ["/usr/bin/env", "unshare", "--mount", "sh", "-ec", script, sys.executable, INSTALL],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    told = ended.stdout.splitlines()
    assert told[:6] == [
        "made the user campaign-runner",
        "made the folder /etc/campaign-runner/credentials",
        "made the folder /var/lib/campaign-runner",
        "made the folder /var/lib/elsewhere",
        "wrote /etc/systemd/system/campaign-runner.service",
        "left out: systemctl daemon-reload (no systemd runs here)",
    ]
    assert told[6:11] == [
        "the user campaign-runner is there",
        "the folder /etc/campaign-runner/credentials is there",
        "the folder /var/lib/campaign-runner is there",
        "the folder /var/lib/elsewhere is there",
        "/etc/systemd/system/campaign-runner.service is as it should be",
    ]
    assert told[12:] == ["700 root root", *["750 campaign-runner campaign-runner"] * 2]
