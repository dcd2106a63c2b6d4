"""`defaults` of a campaign file: entries take what they do not give, and a mistake in it is told once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from support.files import found_in, load_one

from runner.app.schema import json_schema
from runner.core.check.defaults import MOST_VALUES

KEYS = {
    "device_groups": [["studio"], ["brands"]],
    "start_time": ["09:00-11:00", ["10:00", "16:00"]],
    "spread": ["random", "together"],
    "retry": [{"attempts": 2}, {"attempts": 1, "delay": "1m"}],
    "at_close": ["stop"],
    "on_unsettled": ["hold"],
    "min_interval": [3],
}
CONFIGS = [{}, {"captions": "a"}, {"captions": "b", "content_type": 0}, {"upload_wait_time": 5}]

parts = st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in KEYS.items()})
configs = st.fixed_dictionaries({}, optional={"script_config": st.sampled_from(CONFIGS)})
some = st.tuples(parts, configs).map(lambda both: both[0] | both[1])
WHOLE = {"device_groups": ["studio"], "start_time": "08:00-08:30", "script_config": {}}


def entries_of(file):
    loaded = load_one(json.dumps(file))
    errors = [str(problem) for problem in loaded.problems if problem.severity == "error"]
    assert errors == []
    return [replace(entry, name="") for entry in loaded.campaigns[0].entries]


@given(some, st.lists(some, min_size=1, max_size=4))
def test_an_entry_with_defaults_is_one_that_says_it_all_itself(defaults, entries):
    named = [{"name": f"e{at}", "script_name": "post", **entry} for at, entry in enumerate(entries)]
    common = WHOLE | defaults
    written_out = [
        {**common, **entry, "script_config": common["script_config"] | entry.get("script_config", {})}
        for entry in named
    ]
    with_defaults = {"defaults": common, "scripts": named}
    assert entries_of(with_defaults) == entries_of({"scripts": written_out})
    schema = Draft202012Validator(json_schema("campaign"))
    assert [error.json_path for error in schema.iter_errors(with_defaults)] == []


DEFAULTS = [
    ("[post]", 11, "error", "defaults: write keys with values here"),
    ("{}", 1, "error", "defaults: holds no key; write one"),
    ("", 1, "error", "defaults: has no value"),
    ("{name: a}", 12, "error", "defaults.name: is an entry's own; write it into each entry"),
    ("{script_name: post}", 12, "error", "defaults.script_name: is an entry's own"),
    ("{start_tim: 9:00}", 12, "error", "there is no such key; did you mean `start_time`?"),
    ("{retry: }", 12, "error", "defaults.retry: has no value"),
    ("{spread: evn}", 20, "error", "did you mean `even`?"),
    ("{retry: {attempts: 20}}", 30, "error", "defaults.retry.attempts: 20 is out of range"),
    ("{retry: {delay: 5m}}", 12, "error", "defaults.retry: `attempts` is missing"),
    ("{enable_multi_account: yes}", 34, "error", "write true, without quotes"),
    ("{min_interval: 9, max_interval: 3}", 26, "error", "9 is more than `max_interval`, 3"),
    ("{script_config: [a]}", 27, "error", "defaults.script_config: write keys with values"),
    ("{script_config: {caption: x}}", 28, "error", "no such parameter; did you mean `captions`?"),
    ("{script_config: {content_type: two}}", 42, "error", "`two` is not a whole number"),
    ("{script_config: {captions: '${dat}'}}", 38, "error", "did you mean `date`?"),
    ("{script_config: {captions: '${username}'}}", 38, "error", "no value for a target that is a serial"),
    ("{script_config: {quality: high}}", 28, "warning", "not a documented parameter"),
    (
        "{script_config: {bios: x}}",
        28,
        "warning",
        "defaults.script_config.bios: no entry of the file takes it",
    ),
    ("{start_time: 9:00}", 12, "warning", "defaults.start_time: no entry of the file takes it; delete it"),
]

ENTRIES = """\
scripts:
  - {name: a, script_name: post, device_groups: [studio], start_time: 9:00, script_config: {}}
  - {name: b, script_name: post, device_groups: [studio], start_time: 9:00, script_config: {captions: x}}
  - {name: c, script_name: follow, device_groups: [studio], start_time: 9:00, script_config: {target_user: a}}
"""


@pytest.mark.parametrize(("text", "column", "severity", "words"), DEFAULTS, ids=[row[0] for row in DEFAULTS])
def test_a_mistake_in_defaults_is_told_once_at_its_place_there(text, column, severity, words):
    ((*place, message),) = found_in(f"defaults: {text}\n{ENTRIES}")
    assert place == [1, column, severity]
    assert words in message


BARE = "scripts:\n  - {name: a, script_name: post, script_config: {}}\n  - {name: b, script_name: follow}\n"
SHARED = [
    ("{device_groups: [studoi], start_time: 9:00}", 28, "device_groups[0]: there is no group `studoi`"),
    ("{device_groups: [], start_time: 9:00}", 12, "no device and no account is in these groups"),
    ("{device_groups: [studio], start_time: [9:00, 9:05]}", 56, "start_time[1]: 09:05-09:20 overlaps"),
    ("{device_groups: [studio], start_time: []}", 37, "start_time: holds no window"),
]


@pytest.mark.parametrize(("text", "column", "words"), SHARED, ids=[row[0] for row in SHARED])
def test_what_is_wrong_for_every_entry_that_takes_it_is_told_once(text, column, words):
    config = "script_config: {target_user: a}"
    told = found_in(f"defaults: {text[:-1]}, {config}}}\n{BARE}")
    assert [problem[:3] for problem in told] == [(1, column, "error")]
    assert words in told[0][3]


def test_a_parameter_goes_to_the_entries_whose_script_has_it():
    text = "defaults: {device_groups: [studio], start_time: 9:00, "
    text += f"script_config: {{captions: x, target_users: [a], quality: high}}}}\n{BARE}"
    post, follow = load_one(text).campaigns[0].entries
    assert post.script_config == {"captions": "x", "quality": "high"}
    assert follow.script_config == {"target_users": ["a"], "quality": "high"}


def test_what_an_entry_lacks_all_the_same_is_told_at_the_entry():
    told = found_in(f"defaults: {{device_groups: [studio], start_time: 9:00}}\n{BARE}")
    assert [problem[:3] for problem in told] == [(4, 5, "error")]
    assert told[0][3].startswith("scripts[1]: `script_config` is missing")


def test_a_mistake_of_an_entry_beside_its_defaults_is_told_in_the_entry():
    text = (
        f"defaults: {{device_groups: [studio], start_time: 9:00, script_config: {{target_user: a}}}}\n{BARE}"
    )
    told = found_in(text.replace("{name: a,", "{name: a, spread: evn,"))
    assert [problem[:3] for problem in told] == [(3, 23, "error")]


def test_defaults_that_would_be_too_many_values_for_all_entries_are_refused():
    captions = ", ".join("x" * 20_000)
    entries = "".join(f"  - {{name: e{at}, script_name: post}}\n" for at in range(MOST_VALUES // 20_000))
    told = found_in(f"defaults: {{script_config: {{material_list: [{captions}]}}}}\nscripts:\n{entries}")
    assert [problem[:3] for problem in told] == [(1, 1, "error")]
    assert "defaults: too much for 10 entries, more than 200000 values" in told[0][3]
