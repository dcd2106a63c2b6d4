"""The unit is the package's own but for what an installation differs in; nothing in a command is expanded."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from runner.core.installation import Wanted, removal_steps, system_steps, user_steps
from runner.core.unit_file import command_line, rewritten
from runner.errors import NotInstallable
from runner.model.installation import MakeFolder, MakeUser, RemoveUnit, Tell, WriteUnit, is_ours

TEMPLATES = files("runner.cli") / "templates"
SYSTEM = (TEMPLATES / "campaign-runner.service").read_text()
USER = (TEMPLATES / "campaign-runner.user.service").read_text()
STATE = Path("/var/lib/campaign-runner")


def wanted(**facts):
    usual = {
        "program": ("/opt/campaign-runner/bin/campaign-runner",),
        "config": Path("/etc/campaign-runner/config.yaml"),
        "written": (STATE,),
    }
    return Wanted(**{**usual, **facts})


def steps(*, internet=False, **facts):
    return list(system_steps(SYSTEM, wanted(**facts), internet=internet))


def settings(steps):
    (unit,) = [step for step in steps if isinstance(step, WriteUnit)]
    lines = [line.partition("=") for line in unit.text.splitlines() if "=" in line and line[0] != "#"]
    return {key: value for key, _, value in lines}


def test_the_usual_places_give_the_unit_that_is_deployed():
    user, secrets, state, unit, reload = steps()
    assert user == MakeUser("campaign-runner", STATE)
    assert secrets == MakeFolder(Path("/etc/campaign-runner/credentials"), 0o700)
    assert state == MakeFolder(STATE, 0o750, "campaign-runner")
    assert unit == WriteUnit(Path("/etc/systemd/system/campaign-runner.service"), SYSTEM)
    assert reload == Tell(("systemctl", "daemon-reload"))


def test_other_folders_to_which_it_writes_are_made_and_opened_to_it():
    log, store = Path("/srv/logs"), Path("/srv/the store")
    found = steps(written=(store, log, store))
    assert [one.path for one in found if isinstance(one, MakeFolder)][2:] == [log, store]
    assert settings(found)["ReadWritePaths"] == '/srv/logs "/srv/the store"'


def test_the_internet_is_for_those_who_ask_for_it():
    assert settings(steps())["IPAddressAllow"].startswith("localhost 10.0.0.0/8 ")
    assert settings(steps(internet=True))["IPAddressAllow"] == "any"


@pytest.mark.parametrize(
    "facts", [{"program": ("/home/eva/venv/bin/campaign-runner",)}, {"config": Path("/root/config.yaml")}]
)
def test_what_is_in_a_home_folder_is_refused_for_the_machine(facts):
    with pytest.raises(NotInstallable, match="or use --user"):
        steps(**facts)


def test_a_users_unit_may_be_anywhere():
    folder = Path("/home/eva/.config/systemd/user")
    program = ("/home/eva/venv/bin/python", "-m", "runner")
    made, unit, reload = user_steps(USER, wanted(program=program), units=folder)
    assert made == MakeFolder(folder, 0o755)
    assert unit.path == folder / "campaign-runner.service"
    command = settings([unit])["ExecStart"]
    assert command == "/home/eva/venv/bin/python -m runner --config /etc/campaign-runner/config.yaml run"
    assert reload.words == ("systemctl", "--user", "daemon-reload")


@pytest.mark.parametrize("units", [None, Path("/home/eva/units")])
def test_it_is_stopped_before_its_unit_goes(units):
    stop, remove, reload = removal_steps(units=units)
    assert stop.words[-3:] == ("disable", "--now", "campaign-runner.service")
    assert remove == RemoveUnit((units or Path("/etc/systemd/system")) / "campaign-runner.service")
    assert reload.words[-1] == "daemon-reload"


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("/opt/x", "/opt/x"),
        ("/srv/a b", '"/srv/a b"'),
        ("50%", "50%%"),
        ("$HOME", "$$HOME"),
        ("${HOME}", '"$${HOME}"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("", '""'),
    ],
)
def test_systemd_expands_nothing_in_a_command(word, line):
    assert command_line([word]) == line


def test_a_setting_that_a_unit_lacks_is_a_mistake():
    with pytest.raises(KeyError, match="Nonsense"):
        rewritten(SYSTEM, {"Nonsense": "1"})


def test_ours_are_told_from_those_of_others():
    assert is_ours(SYSTEM)
    assert is_ours(USER)
    assert not is_ours("[Service]\nExecStart=/bin/echo `campaign-runner service install`\n")
