"""The body of a create: what is sent, and what of it may be shown."""

from __future__ import annotations

import json
from datetime import date

import pytest

from runner.core.body import create_and_shown_body, create_body, shown_body
from runner.errors import SecretMissing
from runner.model.campaign import AtClose, OnUnsettled, Target, TargetKind
from runner.model.plan import Assignment, Order, Run


def a_run(script_config, **order):
    usual = {"enable_multi_account": False, "min_interval": None, "max_interval": None, "expected_tasks": 1}
    stays = {"retry": None, "at_close": AtClose.LEAVE, "on_unsettled": OnUnsettled.HOLD}
    return Run(
        campaign="spring",
        script="clip",
        day=date(2026, 12, 1),
        window="09:00-11:00",
        timezone="UTC",
        opens=0,
        closes=1,
        version="v",
        order=Order("post", script_config, **{**usual, **stays, **order}),
    )


def an_assignment(kind=TargetKind.SERIAL):
    return Assignment("k", Target("pc", kind, "R58"), "studio", 4, 0)


def no_secret(name):
    raise SecretMissing(name)


def test_one_target_and_only_what_the_campaign_says_go_on_the_wire():
    body = create_body(a_run({"captions": "é"}), an_assignment(), secret=no_secret)
    assert body == '{"serials":["R58"],"script_name":"post","script_config":{"captions":"é"}}'.encode()


def test_an_account_is_named_and_options_that_are_given_are_passed_on():
    run = a_run({}, enable_multi_account=True, min_interval=1, max_interval=0)
    assert json.loads(create_body(run, an_assignment(TargetKind.USERNAME), secret=no_secret)) == {
        "usernames": ["R58"],
        "script_name": "post",
        "script_config": {},
        "enable_multi_account": True,
        "min_interval": 1,
        "max_interval": 0,
    }


def test_a_secret_is_sent_and_only_its_name_is_shown():
    run = a_run({"api_key": "${env:KEY}", "captions": "${weekday} ${group} ${index} $${x}"})
    body, shown = create_and_shown_body(run, an_assignment(), secret=lambda name: f"<{name}>")
    assert json.loads(body)["script_config"] == {"api_key": "<env:KEY>", "captions": "tuesday studio 4 ${x}"}
    assert json.loads(shown)["script_config"]["api_key"] == "${env:KEY}"
    assert shown == shown_body(run, an_assignment())


def test_what_holds_no_secret_is_shown_as_it_is_sent():
    body, shown = create_and_shown_body(a_run({"captions": "ü $${x}"}), an_assignment(), secret=no_secret)
    assert shown == body.decode() == shown_body(a_run({"captions": "ü $${x}"}), an_assignment())


def test_a_secret_that_is_missing_is_an_error():
    with pytest.raises(SecretMissing, match="file:key"):
        create_and_shown_body(a_run({"api_key": "${file:key}"}), an_assignment(), secret=no_secret)
