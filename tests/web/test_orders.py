"""Orders and questions of the HTTP API go through the use cases of the commands."""

from __future__ import annotations

import pytest
from support.served import wait_until

from runner.adapters.ledger import decisions


def ordered(api, name, **order):
    return api.ask(f"/api/v1/{name}", method="POST", body=order)


def state(api, key):
    return api.ask(f"/api/v1/assignments/{key}").json["state"]


def told(api, name):
    return [one.fields for one in api.log.events if one.name == name]


@pytest.fixture
def keys(api, monkeypatch):
    """Have two assignments planned, triggered just now; return their keys."""
    monkeypatch.setattr(decisions, "TWICE_US", 0)
    reply = ordered(api, "trigger", campaign="spring", owner="Kim")
    assert (reply.status, reply.json["outcome"]) == (200, "planned: 2"), reply.body
    yield reply.json["keys"]
    assert ordered(api, "cancel", campaign="spring").json["open"] == 0


def test_what_is_triggered_is_planned_and_on_record(api, keys):
    assert [state(api, key) for key in keys] == ["planned", "planned"]
    assert told(api, "campaign.triggered")[-1]["owner"] == "Kim (api)"


@pytest.mark.parametrize(("name", "depth"), [("cancel", "withdraw"), ("stop", "stop")])
def test_one_assignment_is_taken_back_by_the_beginning_of_its_key(api, keys, name, depth):
    row = ordered(api, name, key=keys[0][:10], owner="Kim", reason="wrong clip").json
    assert (row["depth"], row["scope"], row["key"], row["dropped"], row["open"]) == (
        depth,
        "assignment",
        keys[0],
        1,
        0,
    )
    assert [state(api, key) for key in keys] == ["cancelled", "planned"]
    assert api.ask(f"/api/v1/assignments/{keys[0]}").json["reason"] == "cancelled by Kim (api): wrong clip"
    wait_until(lambda: [one for one in told(api, "halt.placed") if one.get("key") == keys[0]])
    (placed,) = [one for one in told(api, "halt.placed") if one.get("key") == keys[0]]
    assert (placed["owner"], placed["depth"]) == ("Kim (api)", depth)
    again = ordered(api, name, key=keys[0])
    assert (again.status, "nothing of it is left" in again.json["detail"]) == (404, True)


@pytest.mark.parametrize("name", ["pause", "cancel", "stop"])
def test_everything_stays_paused_at_each_depth_until_it_is_resumed(api, keys, name):
    assert ordered(api, name, all=True, owner="Kim").status == 200
    (pause,) = api.ask("/api/v1/status").json["pauses"]
    assert (pause["scope"], pause["owner"]) == ("all", "Kim (api)")
    expected = "planned" if name == "pause" else "cancelled"
    assert [state(api, key) for key in keys] == [expected] * 2
    assert ordered(api, "resume", all=True).status == 200


def test_all_that_is_unknown_of_a_day_is_shown_and_then_resolved(api, keys):
    day = {api.make_unknown(key) for key in keys}.pop()
    order = {"campaign": "spring", "date": day, "act": "drop", "owner": "Kim", "reason": "restored"}
    shown = ordered(api, "resolve-day", **order).json
    assert (shown["able"], shown["left"], shown["done"]) == (2, [], None)
    assert {row["key"] for row in shown["items"]} == set(keys)
    assert [state(api, key) for key in keys] == ["unknown"] * 2
    done = ordered(api, "resolve-day", **order, yes=True).json
    assert done["done"] == [{"outcome": "dropped by Kim (api): restored", "count": 2}]
    assert [state(api, key) for key in keys] == ["cancelled"] * 2
    assert [one["owner"] for one in told(api, "decision.applied")[-2:]] == ["Kim (api)"] * 2
    assert ordered(api, "resolve-day", **order).status == 404


def test_why_accounts_for_a_campaign_and_for_a_target(api, keys):
    of_campaign = api.ask("/api/v1/why?subject=spring").json["items"]
    assert set(keys) <= {row["key"] for row in of_campaign}
    of_target = api.ask("/api/v1/why?subject=R58M12345&limit=1").json
    assert [row["serial"] for row in of_target["items"]] == ["R58M12345"]
    rest = api.ask(f"/api/v1/why?subject=R58M12345&skip={of_target['next']}").json
    whole = api.ask("/api/v1/why?subject=R58M12345").json
    assert [*of_target["items"], *rest["items"]] == whole["items"]
    missing = api.ask("/api/v1/why?subject=sprign")
    assert (missing.status, "did you mean `spring`" in missing.json["detail"]) == (404, True)


def test_doctor_examines_what_the_daemon_works_with(api):
    found = {(row["check"], row["verdict"]) for row in api.ask("/api/v1/doctor").json["items"]}
    assert ("daemon", "ok") in found
    # Nothing listens where its one host should be.
    assert ("host", "problem") in found


@pytest.mark.parametrize(
    ("name", "order", "status"),
    [
        ("cancel", {}, 422),
        ("cancel", {"campaign": "spring", "all": True}, 422),
        ("cancel", {"campaign": "sprign"}, 404),
        ("stop", {"host": "nowhere"}, 404),
        ("stop", {"key": "zzzz"}, 404),
        ("stop", {"key": "%"}, 422),
        ("trigger", {"campaign": "sprign"}, 404),
        ("trigger", {"campaign": "spring", "script": "clop"}, 404),
        ("trigger", {"campaign": "spring", "target": "R58"}, 404),
        ("trigger", {}, 422),
        ("resolve-day", {"campaign": "spring", "act": "drop"}, 422),
        ("resolve-day", {"campaign": "spring", "date": "2026-12-24", "act": "forget"}, 422),
        ("resolve-day", {"campaign": "spring", "date": "2026-12-24", "act": "drop", "yes": "yes"}, 422),
        ("resolve-day", {"campaign": "spring", "date": "1999-12-24", "act": "drop", "yes": True}, 404),
    ],
)
def test_an_order_that_makes_no_sense_does_nothing(api, name, order, status):
    assert ordered(api, name, **order, owner="Nobody").status == status
    assert api.ask("/api/v1/status").json["pauses"] == []
    # By its owner: those of the tests before are told up to seconds later.
    assert [one for one in told(api, "halt.placed") if one["owner"] == "Nobody (api)"] == []
