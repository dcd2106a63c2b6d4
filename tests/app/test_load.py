"""Files are found, read and checked, each for itself."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from runner.adapters.campaign_folder import shown_path
from runner.app.load import load
from runner.errors import FilesRejected
from runner.model.campaign import AtClose, OnUnsettled, Retry, Spread, Target, TargetKind
from runner.model.settings import WebSettings
from runner.model.window import Window

ROOT = Path(__file__).parents[2]
EXAMPLES = ("account_warmup", "comment", "follow", "post", "profile", "quickstart", "unfollow", "week")

CONFIG = """\
hosts: {pc: {url: "http://localhost:50809/api/v1/"}}
device_groups: {studio: {serials: [S1]}}
"""
CAMPAIGN = """\
scripts:
  - script_name: post
    device_groups: [studio]
    start_time: "14:30"
    script_config: {}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "campaigns/one.yaml").write_text(CAMPAIGN)
    return tmp_path


def loaded(folder, **options):
    return load(None, environ={}, working_folder=folder, **options)


def test_the_examples_check_without_a_word():
    found = load(ROOT / "config.example.yaml", environ={}, working_folder=ROOT)
    assert found.problems == ()
    assert tuple(campaign.name for campaign in found.campaigns) == EXAMPLES
    assert found.complete
    assert not found.broken


def test_the_week_says_what_its_file_says():
    found = load(ROOT / "config.example.yaml", environ={}, working_folder=ROOT)
    week = found.campaigns[-1]
    assert week.file == "campaigns/week.yaml"
    assert (week.first_day, week.last_day) == (date(2026, 12, 1), date(2026, 12, 31))
    assert week.weekdays == frozenset(range(7))
    (excluded,) = week.excluded
    assert excluded.ranges == tuple((date(2026, 12, day),) * 2 for day in (24, 25))
    clips, warmup, note = week.entries
    assert clips.windows == (Window(9 * 3600, 11 * 3600), Window(59_400, 18 * 3600))
    assert [placement.group for placement in clips.placements] == ["everything"] * 4
    assert clips.placements[2].target == Target("studio-pc", TargetKind.SERIAL, "HA1TABLET1")
    assert warmup.script_config == {"task_duration": 900, "like_probable": 5}
    assert (warmup.spread, warmup.at_close) == (Spread.RANDOM, AtClose.STOP)
    assert (note.on_unsettled, note.windows[0].label) == (OnUnsettled.HOLD, "22:00-01:00")
    post = found.campaigns[3]
    assert post.entries[0].retry == Retry(2, timedelta(minutes=5))
    assert post.weekdays == frozenset(range(5))
    follow = found.campaigns[2]
    assert follow.entries[0].expected_tasks == 2


def test_the_settings_say_what_the_example_says():
    settings = load(ROOT / "config.example.yaml", environ={}, working_folder=ROOT).settings
    assert settings.timezone == "Europe/Stockholm"
    assert settings.campaigns == ROOT / "campaigns"
    assert settings.store == f"sqlite:///{ROOT}/state/runner.db"
    assert settings.hosts["studio-pc"].in_flight == 20
    assert settings.log.file is None


def test_a_short_config_has_the_documented_defaults(folder):
    settings = loaded(folder).settings
    assert settings.timezone == "UTC"
    assert (settings.poll_interval, settings.grace) == (timedelta(seconds=5), timedelta(minutes=15))
    assert (settings.timeout, settings.settle) == (timedelta(seconds=10), timedelta(seconds=30))
    assert settings.retention == timedelta(days=90)
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8642)
    assert (settings.log.level, settings.log.format) == ("info", "auto")
    assert settings.hosts["pc"].url == "http://localhost:50809/api/v1"
    assert (settings.hosts["pc"].timezone, settings.hosts["pc"].in_flight) == ("UTC", None)


@pytest.mark.parametrize(
    ("web", "expected"),
    [
        ("{}", WebSettings("127.0.0.1", 8642, token_file=Path("state/api.token"))),
        ("{listen: off}", WebSettings()),
        ("{listen: '[::1]:80'}", WebSettings("::1", 80, token_file=Path("state/api.token"))),
        (
            "{listen: unix:run/api.sock, metrics: open}",
            WebSettings(socket=Path("run/api.sock"), token_file=Path("state/api.token"), metrics_open=True),
        ),
        (
            "{listen: 'a.example:443', certfile: c, keyfile: k, names: ['B.example'], token_file: t}",
            WebSettings(
                "a.example",
                443,
                token_file=Path("t"),
                certfile=Path("c"),
                keyfile=Path("k"),
                names=("b.example",),
            ),
        ),
    ],
)
def test_where_the_api_is_served_is_what_the_config_says(folder, web, expected):
    (folder / "config.yaml").write_text(f"{CONFIG}web: {web}\n")
    paths = {
        name: folder / path
        for name in ("socket", "token_file", "certfile", "keyfile")
        if (path := getattr(expected, name)) is not None
    }
    assert loaded(folder).settings.web == replace(expected, **paths)


def test_paths_of_a_config_are_relative_to_its_file(folder):
    (folder / "config.yaml").write_text(
        CONFIG + "store: sqlite:////var/lib/r.db\nlog: {file: logs/r.log}\ncampaigns: ./campaigns\n"
    )
    settings = load(folder / "config.yaml", environ={}, working_folder=Path("/")).settings
    assert settings.store == "sqlite:////var/lib/r.db"
    assert settings.log.file == folder / "logs/r.log"
    (folder / "config.yaml").write_text(CONFIG + "store: postgresql://u@h/d\n")
    assert loaded(folder).settings.store == "postgresql://u@h/d"


def test_a_broken_file_keeps_no_other_out(folder):
    (folder / "campaigns/two.yml").write_text("name: @x")
    found = loaded(folder)
    assert [campaign.name for campaign in found.campaigns] == ["one"]
    assert [str(problem) for problem in found.problems] == [
        "campaigns/two.yml:1:7: error: put quotes around text that begins with @"
    ]
    assert found.rejected == ("campaigns/two.yml",)
    assert found.broken


def test_two_files_of_one_name_are_both_refused(folder):
    (folder / "campaigns/copy.yaml").write_text("name: one\n" + CAMPAIGN)
    (folder / "campaigns/other.yaml").write_text(CAMPAIGN)
    found = loaded(folder)
    assert [campaign.name for campaign in found.campaigns] == ["other"]
    assert [str(problem) for problem in found.problems] == [
        (
            "campaigns/copy.yaml:1:7: error: name: the campaign in campaigns/one.yaml is called `one`, too; "
            "rename one"
        ),
        (
            "campaigns/one.yaml:1:1: error: name: the campaign in campaigns/copy.yaml is called `one`, too; "
            "rename one"
        ),
    ]


def test_named_files_are_loaded_instead_of_the_folder(folder):
    (folder / "draft.yaml").write_text(CAMPAIGN)
    found = loaded(folder, files=[Path("draft.yaml"), Path("nowhere.yaml")])
    assert [campaign.name for campaign in found.campaigns] == ["draft"]
    assert [str(problem) for problem in found.problems] == [
        "nowhere.yaml:1:1: error: cannot be read: No such file or directory"
    ]


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(folder):
    (folder / "config.yaml").write_text(CONFIG + "campaigns: nowhere\n")
    found = loaded(folder)
    assert not found.complete
    assert [str(problem) for problem in found.problems] == [
        "nowhere:1:1: error: the folder cannot be read: No such file or directory"
    ]


def test_a_version_changes_with_the_file_and_with_what_it_takes_from_the_config(folder):
    first = loaded(folder).campaigns[0].version
    assert first == loaded(folder).campaigns[0].version
    (folder / "config.yaml").write_text(CONFIG + "grace: 20m\n")
    second = loaded(folder).campaigns[0].version
    (folder / "campaigns/one.yaml").write_text(CAMPAIGN + "# edited\n")
    assert len({first, second, loaded(folder).campaigns[0].version}) == 3
    assert len(first) == 64


def test_the_config_is_found_in_the_documented_order(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "own.yaml").write_text(CONFIG.replace("pc:", "mac:"))
    (elsewhere / "campaigns").mkdir()
    variable = {"CAMPAIGN_RUNNER_CONFIG": str(elsewhere / "own.yaml")}
    named = load(folder / "config.yaml", environ=variable, working_folder=folder)
    by_environment = load(None, environ=variable, working_folder=folder)
    assert (list(named.settings.hosts), list(by_environment.settings.hosts)) == (["pc"], ["mac"])
    assert list(loaded(folder).settings.hosts) == ["pc"]


def test_without_a_config_the_places_that_were_looked_at_are_named(tmp_path):
    with pytest.raises(FilesRejected, match=r"no config; looked for --config, .*init` writes one"):
        load(None, environ={}, working_folder=tmp_path)


def test_a_named_config_that_is_not_there_is_not_replaced_by_another(folder):
    with pytest.raises(FilesRejected, match=r"mine.yaml:1:1: error: cannot be read: No such file"):
        load(Path("mine.yaml"), environ={}, working_folder=folder)


def test_a_config_with_errors_is_refused_with_all_of_them(folder):
    (folder / "config.yaml").write_text(CONFIG + "grace: 5\nwebb: {}\n")
    with pytest.raises(FilesRejected) as refused:
        loaded(folder)
    assert [problem.line for problem in refused.value.problems] == [3, 4]


def test_a_name_that_is_no_text_can_be_shown():
    path = Path(os.fsdecode(b"campaigns/\xff.yaml"))
    assert shown_path(path, working_folder=Path("/srv")) == "campaigns/\ufffd.yaml"
    assert shown_path(Path("/etc/x.yaml"), working_folder=Path("/srv")) == "/etc/x.yaml"


def test_loading_needs_neither_http_nor_a_database():
    code = (
        "import sys, runner.app.load, runner.app.schema;"
        "print([m for m in ('httpx','aiohttp','sqlalchemy','structlog','apscheduler') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
