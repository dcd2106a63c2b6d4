"""Request bodies become a campaign file that checks, and that sends what they sent."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.files import config

from runner.adapters.campaign_folder import FileText
from runner.app.import_requests import import_requests
from runner.app.load import load_texts
from runner.core.placeholders import render
from runner.core.requests import draft
from runner.errors import RunnerError

ONE = SimpleNamespace(config=config())
TWO = SimpleNamespace(
    config=config("hosts:\n  pc: {url: http://pc:50809/api/v1}\n  mac: {url: http://mac:50809/api/v1}\n")
)
POST = {
    "serials": ["A", "B"],
    "script_name": "post",
    "script_config": {"captions": "Hi"},
    "start_time": "14:30",
}


def imported(*bodies, text=None, known=ONE, start_time=None, host=None):
    written = json.dumps(list(bodies)) if text is None else text
    content = written if isinstance(written, bytes) else written.encode()
    read = FileText(Path("requests.json"), content)
    return import_requests(read, config=known, start_time=start_time, host=host)


def campaign_in(text, *, known=ONE):
    loaded = load_texts({"c.yaml": FileText(Path("c.yaml"), text.encode())}, config=known.config, secret=str)
    errors = [problem for problem in loaded.problems if problem.severity == "error"]
    assert errors == []
    (campaign,) = loaded.campaigns
    return campaign


def test_the_file_is_one_that_a_person_would_write():
    other = POST | {"script_name": "follow", "script_config": {"target_users": ["@x"]}, "start_time": "16:00"}
    accounts = {"usernames": ["@a"], "script_name": "post", "script_config": {}, "start_time": "09:00"}
    assert imported(POST, other, accounts).text.splitlines() == [
        "# Made of requests.json by `campaign-runner import`.",
        "device_groups:",
        "  devices-1:",
        '    serials: ["A", "B"]',
        "  accounts-1:",
        '    usernames: ["@a"]',
        "scripts:",
        '  - device_groups: ["devices-1"]',
        '    script_name: "post"',
        '    start_time: "14:30"',
        "    script_config:",
        '      captions: "Hi"',
        '  - device_groups: ["devices-1"]',
        '    script_name: "follow"',
        '    start_time: "16:00"',
        "    script_config:",
        '      target_users: ["@x"]',
        '  - name: "post-2"',
        '    device_groups: ["accounts-1"]',
        '    script_name: "post"',
        '    start_time: "09:00"',
        "    script_config: {}",
    ]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(POST),
        json.dumps([POST], indent=2),
        "\ufeff" + json.dumps(POST),
        json.dumps(POST) + "\r\n\n" + json.dumps(POST | {"start_time": "15:30"}) + "\n",
        json.dumps(POST | {"script_config": {"captions": "\u2028"}}, ensure_ascii=False)
        + "\n"
        + json.dumps(POST),
    ],
)
def test_one_body_a_list_and_lines_are_read(text):
    campaign = campaign_in(imported(text=text).text)
    assert [placement.target.name for placement in campaign.entries[0].placements] == ["A", "B"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this is no JSON"),
        ("{", "this is no JSON"),
        (json.dumps(POST) + "\nnope\n", "requests.json:2: this is no JSON"),
        ('{"a": NaN}', "NaN is no number"),
        (b"\xff", "this is not UTF-8, from byte 0 on"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "nothing can be carried over"),
        ("3", "the request is left out: it is no request body"),
    ],
)
def test_what_is_no_file_of_requests_is_said(text, message):
    with pytest.raises(RunnerError, match=message):
        imported(text=text)


@pytest.mark.parametrize(
    ("body", "remark"),
    [
        (POST | {"priority": 1}, "`priority` is not carried over"),
        (POST | {"usernames": ["@a"]}, "`serials` is not carried over"),
        (POST | {"serials": ["A", "A"]}, "a target that is given twice"),
        (POST | {"script_config": {"captions": None}}, "`captions` is null and is not carried over"),
        (POST | {"script_config": {"captions": 3}}, '`captions` goes as "3", not as 3'),
    ],
)
def test_what_is_not_carried_over_is_told(body, remark):
    found = imported(body)
    assert found.left_out == 0
    (told,) = found.remarks
    assert told.startswith("request 1: ")
    assert remark in told


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({**POST, "start_time": None}, "it has no `start_time`; say with --start-time"),
        ({**POST, "serials": []}, "it names no target"),
        ({**POST, "serials": [{}]}, "it names no target"),
        ({**POST, "script_name": "pots"}, "did you mean `post`?"),
        ({**POST, "start_time": "25:00"}, "start_time"),
        ({**POST, "script_config": {"post_way": "x"}}, "post_way"),
        ({**POST, "script_config": []}, "script_config"),
        ({**POST, "usernames": ["@a"], "enable_multi_account": True}, "enable_multi_account"),
        (POST, "it is the same as one before it"),
        ({**POST, "script_config": {"captions": "\ud800"}}, "half a character"),
    ],
)
def test_a_request_that_no_campaign_can_make_is_left_out_with_the_reason(body, why):
    found = imported(POST, body)
    assert (found.carried, found.left_out) == (1, 1)
    assert found.remarks[-1].startswith("request 2 is left out: ")
    assert why in found.remarks[-1]


def test_a_key_of_a_service_is_not_written_into_a_file():
    settings = {"api_key": "sk-secret", "model": "m"}
    body = POST | {"script_name": "account_warmup", "script_config": {"chatgpt_settings": settings}}
    found = imported(body)
    assert "sk-secret" not in found.text
    assert '"${env:CHATGPT_API_KEY}"' in found.text
    assert "the API key is not carried over" in found.remarks[0]


def test_work_without_a_time_gets_the_one_that_is_given():
    body = {name: value for name, value in POST.items() if name != "start_time"}
    (entry,) = campaign_in(imported(body, start_time="09:00-11:00").text).entries
    assert [window.label for window in entry.windows] == ["09:00-11:00"]


def test_with_several_hosts_one_is_named():
    with pytest.raises(RunnerError, match="say with --host which host they are for: pc, mac"):
        imported(POST, known=TWO)
    with pytest.raises(RunnerError, match="there is no host `pcc`; did you mean `pc`"):
        imported(POST, known=TWO, host="pcc")
    campaign = campaign_in(imported(POST, known=TWO, host="mac").text, known=TWO)
    assert {placement.target.host for placement in campaign.entries[0].placements} == {"mac"}


texts = st.text(max_size=8) | st.sampled_from(
    ["${serial}", "$${", "no", "10:30", "- x", "# y", "a: b", "\x85"]
)
values = st.recursive(
    texts | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(-1e6, 1e6) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
bodies = st.fixed_dictionaries(
    {
        "script_name": st.sampled_from(["post", "follow", "comment", "shop", "profile", "nope"]),
        "script_config": st.dictionaries(
            st.sampled_from(["captions", "target_user", "comment_content", "material_list", "bios"]) | texts,
            values,
            max_size=4,
        ),
    },
    optional={
        "serials": st.lists(st.sampled_from(["A", "B", "a b", "", "0x1"]), max_size=3) | values,
        "usernames": st.lists(st.sampled_from(["@a", "@b"]), max_size=2),
        "enable_multi_account": st.booleans() | values,
        "start_time": st.sampled_from(["14:30", "9:00", "24:00", "", "noon"]),
        "min_interval": st.integers(-1, 9),
        "other": values,
    },
)


@given(bodies=st.lists(bodies | values, max_size=4), start_time=st.none() | st.just("10:00-11:00"))
def test_whatever_comes_out_checks_and_sends_what_was_sent(bodies, start_time):
    with suppress(RunnerError):
        check_what_comes_out(imported(*bodies, start_time=start_time), bodies, start_time)


def check_what_comes_out(found, bodies, start_time):
    campaign = campaign_in(found.text)
    left_out = {remark.split()[1] for remark in found.remarks if "is left out" in remark}
    carried = [body for number, body in enumerate(bodies, 1) if str(number) not in left_out]
    assert len(campaign.entries) == found.carried == len(carried)
    for number, (entry, body) in enumerate(zip(campaign.entries, carried, strict=True)):
        made = draft(body, start_time=start_time)
        assert [placement.target.name for placement in entry.placements] == list(made.targets), number
        assert entry.script_name == body["script_name"]
        if any("goes as" in remark for remark in found.remarks):
            continue
        sent = render(entry.script_config, names={}, secret=str)
        assert sent == without_nulls(body["script_config"])


def without_nulls(value):
    if isinstance(value, dict):
        return {name: without_nulls(part) for name, part in value.items() if part is not None}
    return [without_nulls(part) for part in value] if isinstance(value, list) else value
