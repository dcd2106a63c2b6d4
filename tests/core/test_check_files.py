"""What checks is typed as it was written, and resolved to targets."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.adapters.campaign_folder import FileText
from runner.adapters.secrets import Secrets
from runner.adapters.yaml_documents import read_document
from runner.app.load import load_texts
from runner.core.check.config import check_config
from runner.model.campaign import TargetKind

CONFIG = """\
timezone: Europe/Stockholm
hosts: {pc: {url: "http://localhost:50809"}, mac: {url: "http://mac:50809"}}
device_groups:
  studio: {host: pc, serials: [S1, 0123, "S3"]}
  brands: {host: mac, usernames: ["@a"]}
extra_scripts: [shop, like]
"""


def entry_of(script_config, *, script="post", groups="[studio]", more="", top=""):
    text = (
        f"{top}scripts:\n  - script_name: {script}\n    device_groups: {groups}\n"
        f"    start_time: '09:00-11:00'\n    script_config: {script_config}\n{more}"
    )
    config, problems = check_config(read_document(CONFIG, file="c"), folder=Path("/srv"))
    assert not problems
    secrets = Secrets(environ={"U": "x"}, folder=Path("/srv"))
    loaded = load_texts(
        {"x.yaml": FileText(Path("x.yaml"), text.encode())}, config=config, secret=secrets.look_up
    )
    assert not loaded.broken, loaded.problems
    return loaded.campaigns[0].entries[0]


@pytest.mark.parametrize(
    ("script", "written", "typed"),
    [
        ("post", "{}", {}),
        ("post", "{content_type: 0, captions: no}", {"content_type": 0, "captions": "no"}),
        ("post", "{captions: 1.10, image_count: 3}", {"captions": "1.10", "image_count": 3}),
        ("post", "{captions: ''}", {"captions": ""}),
        ("post", "{add_sound: -1}", {"add_sound": -1}),
        ("post", "{add_sound: '0'}", {"add_sound": "0"}),
        (
            "post",
            "{add_sound: custom, custom_sound_keyword: 80}",
            {"add_sound": "custom", "custom_sound_keyword": "80"},
        ),
        ("post", "{material_list: [a.mp4, 7]}", {"material_list": ["a.mp4", "7"]}),
        (
            "post",
            "{material_source: localFolder, material_list: [a]}",
            {"material_source": "localFolder", "material_list": ["a"]},
        ),
        (
            "post",
            "{quality: [1, -2.5, 0123, 10:30, no, true, ~, '1', {a: false}, 99999999999999999999]}",
            {
                "quality": [
                    1,
                    -2.5,
                    "0123",
                    "10:30",
                    "no",
                    True,
                    None,
                    "1",
                    {"a": False},
                    "99999999999999999999",
                ]
            },
        ),
        ("shop", "{content_type: two, n: 2}", {"content_type": "two", "n": 2}),
        ("like", "{n: 2}", {"n": 2}),
        (
            "account_warmup",
            "{insert_emoji: true, chatgpt_settings: {api_key: '${env:U}', temperature: 0.7, n: 1}}",
            {
                "insert_emoji": True,
                "chatgpt_settings": {"api_key": "${env:U}", "temperature": 0.7, "n": 1},
            },
        ),
    ],
)
def test_parameters_are_typed_and_are_those_that_were_written(script, written, typed):
    found = entry_of(written, script=script).script_config
    assert found == typed
    assert list(found) == list(typed)
    assert repr(found) == repr(typed)


@pytest.mark.parametrize(
    ("script", "written", "more", "tasks"),
    [
        ("post", "{}", "", 1),
        ("post", "{}", "    enable_multi_account: true\n", None),
        ("shop", "{}", "", None),
        ("profile", "{}", "", 1),
        ("follow", "{target_users: [a, b, c], target_user: d}", "", 3),
        ("follow", '{target_user: "a, b\\nc,\\n"}', "", 3),
        ("unfollow", "{target_user: '${env:U}'}", "", None),
        ("unfollow", "{target_user: 'brand_${group}'}", "", 1),
        ("comment", "{target_post_urls: [u, v], comment_content: x}", "", 2),
    ],
)
def test_the_tasks_that_a_submission_makes_are_counted(script, written, more, tasks):
    assert entry_of(written, script=script, more=more).expected_tasks == tasks


def test_a_target_in_two_groups_is_placed_once_by_the_first():
    top = "device_groups:\n  own: {host: pc, serials: [S9, S1]}\n  all: {groups: [studio, brands, own]}\n"
    found = entry_of("{}", groups="[own, all]", top=top).placements
    assert [(p.group, p.target.host, p.target.name) for p in found] == [
        ("own", "pc", "S9"),
        ("own", "pc", "S1"),
        ("all", "pc", "0123"),
        ("all", "pc", "S3"),
        ("all", "mac", "@a"),
    ]
    assert found[-1].target.kind is TargetKind.USERNAME


def test_a_group_of_the_file_goes_before_one_of_the_config():
    found = entry_of("{}", top="device_groups: {studio: {host: mac, serials: [X]}}\n").placements
    assert [placement.target.name for placement in found] == ["X"]


def test_intervals_are_kept_where_they_are_given():
    found = entry_of("{}", more="    min_interval: 1\n    max_interval: 3\n")
    assert (found.min_interval, found.max_interval) == (1, 3)


def test_a_fingerprint_names_what_campaigns_take_from_the_config():
    first, _ = check_config(read_document(CONFIG, file="c"), folder=Path("/srv"))
    second, _ = check_config(read_document(CONFIG + "poll_interval: 9s\n", file="c"), folder=Path("/srv"))
    third, _ = check_config(read_document(CONFIG.replace("S1", "S8"), file="c"), folder=Path("/srv"))
    assert first.fingerprint() == second.fingerprint() != third.fingerprint()


def warnings_of(entry, *, top=""):
    text = f"{top}scripts:\n  - {{script_name: post, script_config: {{}}, deliver: ahead, {entry}}}\n"
    config, _ = check_config(read_document(ZONES, file="c"), folder=Path("/srv"))
    secrets = Secrets(environ={}, folder=Path("/srv"))
    loaded = load_texts(
        {"x.yaml": FileText(Path("x.yaml"), text.encode())}, config=config, secret=secrets.look_up
    )
    assert not loaded.broken, loaded.problems
    return [problem.message for problem in loaded.problems]


ZONES = """\
timezone: Europe/Stockholm
hosts:
  pc: {url: "http://localhost:50809"}
  mac: {url: "http://mac:50809", timezone: Europe/Stockholm}
device_groups:
  studio: {host: pc, serials: [S1]}
  brands: {host: mac, usernames: ["@a"]}
"""


def test_ahead_on_a_host_of_unknown_zone_is_warned_of_where_the_campaign_has_another():
    there = "start_time: '9:00-11:00', device_groups: [studio, brands]"
    assert warnings_of(there) == []
    (warning,) = warnings_of(there, top="timezone: Asia/Tokyo\n")
    assert "write its `timezone` in the config, else Europe/Stockholm is taken" in warning
    assert "`pc`" in warning


@pytest.mark.parametrize("at", ["'9:00'", "'9:00-11:00', spread: together"])
def test_ahead_where_all_is_due_at_once_is_warned_of(at):
    (warning,) = warnings_of(f"start_time: {at}, device_groups: [brands]")
    assert "due as its window opens" in warning
    assert warnings_of("start_time: ['9:00', '10:00'], spread: even, device_groups: [brands]") == []
