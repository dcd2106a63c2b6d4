"""The OpenAPI document is that of the API: each route, each field, each refusal."""

from __future__ import annotations

import re

import pytest
from jsonschema import Draft202012Validator
from support.served import CANARY

from runner.web.openapi import document
from runner.web.routes import ROUTES
from runner.web.wire import PROBLEM_TYPE

DOCUMENT = document(ROUTES)
ORDERS = {
    "pause": {"campaign": "spring", "until": "2099-01-01T00:00:00+01:00", "reason": "r", "owner": "Kim"},
    "resume": {"campaign": "spring"},
    "cancel": {"host": "pc", "reason": "r"},
    "stop": {"campaign": "spring", "owner": "Kim"},
    "trigger": {"campaign": "spring", "target": "R58M12345"},
    "resolve_day": {"campaign": "spring", "act": "drop", "yes": True},
    "reload": {},
}
"""Orders that can be carried out, in their order; `date` of the last is that of what is unknown."""
QUERIES = {"why": "?subject=spring"}
"""What has to be said with a question."""


def valid(value, schema):
    whole = {**schema, "components": DOCUMENT["components"]}
    errors = [error.message for error in Draft202012Validator(whole).iter_errors(value)]
    assert errors == [], value


def operations():
    return {
        operation["operationId"]: (path, method.upper(), operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }


def schema_of(operation, status="200", kind="application/json"):
    return operation["responses"][status]["content"][kind]["schema"]


def test_every_route_is_in_the_document_and_nothing_else():
    assert {name: (path, method) for name, (path, method, _) in operations().items()} == {
        route.name: (route.path, route.method) for route in ROUTES
    }


def test_every_reference_leads_to_a_schema_and_each_schema_is_one():
    schemas = DOCUMENT["components"]["schemas"]
    assert set(re.findall(r"#/components/schemas/(\w+)", repr(DOCUMENT))) == set(schemas)
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def test_everything_but_health_needs_the_token():
    open_ones = {name for name, (_, _, operation) in operations().items() if "security" in operation}
    assert open_ones == {"healthz", "readyz"}
    assert DOCUMENT["security"] == [{"token": []}]


def test_every_refusal_is_documented_as_a_problem():
    for _, _, operation in operations().values():
        for status in set(operation["responses"]) - {"200"}:
            assert schema_of(operation, status, PROBLEM_TYPE) == {"$ref": "#/components/schemas/Problem"}


@pytest.fixture
def key(api):
    return api.ask("/api/v1/results?limit=1").json["items"][0]["key"]


@pytest.mark.parametrize(
    "name", [route.name for route in ROUTES if route.method == "GET" and route.answers[0].isupper()]
)
def test_every_question_is_answered_as_the_document_says(api, key, name):
    path, method, operation = operations()[name]
    reply = api.ask(path.replace("{key}", key) + QUERIES.get(name, ""), method=method)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    valid(reply.json, schema_of(operation))


def test_every_order_is_answered_as_the_document_says(api):
    day = api.make_unknown(api.ask("/api/v1/results?limit=1").json["items"][0]["key"])
    for name, told in ORDERS.items():
        order = told | {"date": day} if name == "resolve_day" else told
        path, method, operation = operations()[name]
        valid(order, operation["requestBody"]["content"]["application/json"]["schema"])
        reply = api.ask(path, method=method, body=order)
        assert reply.status == 200, reply.body
        valid(reply.json, schema_of(operation))


def test_the_document_that_is_published_is_this_one(api):
    assert api.ask("/openapi.json").json == DOCUMENT


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/nowhere", 404),
        ("/api/v1/assignments/zzzz", 404),
        ("/api/v1/assignments/UPPER", 404),
        ("/api/v1/plan?campaign=nowhere", 404),
        ("/api/v1/results?limit=201", 422),
        ("/api/v1/results?limit=0", 422),
        ("/api/v1/results?date=2026-13-01", 422),
        ("/api/v1/results?state=sleeping", 422),
        ("/api/v1/results?date=0", 422),
        ("/api/v1/results?date=2026-12-24T00:00:00", 422),
        ("/api/v1/plan?date=9999-12-31", 422),
        ("/api/v1/plan?date=0001-01-01", 422),
        ("/api/v1/results?after=zzzz", 404),
        ("/api/v1/results?after=z-z", 422),
        ("/api/v1/results?campaign=a&campaign=b", 400),
        ("/api/v1/results?campaign=%ff", 400),
        ("/api/v1/events?after=-1", 422),
        ("/api/v1/events?after=9223372036854775808", 422),
        ("/api/v1/plan?days=32", 422),
        ("/api/v1/plan?skip=100001", 422),
        ("/api/v1/status?x=y", 422),
        ("/healthz?x=y", 422),
    ],
)
def test_what_cannot_be_answered_is_a_problem_that_is_documented(api, path, status):
    reply = api.ask(path)
    assert (reply.status, reply.headers["content-type"]) == (status, PROBLEM_TYPE), reply.body
    valid(reply.json, {"$ref": "#/components/schemas/Problem"})


def test_pages_hold_everything_once(api):
    whole = api.ask("/api/v1/results").json
    assert whole["next"] is None
    first = api.ask("/api/v1/results?limit=1").json
    second = api.ask(f"/api/v1/results?limit=200&after={first['next']}").json
    assert [*first["items"], *second["items"]] == whole["items"]
    assert second["next"] is None
    planned = api.ask("/api/v1/plan?days=2&limit=3").json
    rest = api.ask(f"/api/v1/plan?days=2&limit=3&skip={planned['next']}").json
    keys = {row["key"] for row in (*planned["items"], *rest["items"])}
    assert (len(keys), rest["next"]) == (4, None)


def test_the_log_can_be_followed(api):
    newest = api.ask("/api/v1/events?limit=1").json
    # The daemon may have told more meanwhile, of what the tests before have asked for.
    later = api.ask(f"/api/v1/events?after={newest['next']}").json["items"]
    assert [one["id"] for one in later] == [newest["next"] + 1 + number for number in range(len(later))]
    before = api.ask(f"/api/v1/events?after={newest['next'] - 1}").json["items"]
    assert before[: 1 + len(later)] == [*newest["items"], *later]


def test_orders_name_who_gave_them_and_that_they_came_this_way(api):
    api.ask("/api/v1/pause", method="POST", body={"host": "pc", "owner": "Kim"})
    (pause,) = api.ask("/api/v1/status").json["pauses"]
    assert (pause["host"], pause["owner"]) == ("pc", "Kim (api)")
    released = api.ask("/api/v1/resume", method="POST", body={"host": "pc"}).json
    assert [hold["host"] for hold in released["released"]] == ["pc"]
    assert api.ask("/api/v1/resume", method="POST", body={"host": "pc"}).status == 404


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"campaign": "nowhere"}, 404),
        ({"host": "pc", "until": "2001-01-01T00:00:00Z"}, 422),
        ({"host": "pc", "until": "18:00"}, 422),
        ({"host": "pc", "until": "9999-12-31T23:59:59Z"}, 422),
        ({"host": "pc", "until": 4_000_000_000}, 422),
        ({"host": "pc", "until": "2099-01-01T00:00:00"}, 422),
        ({"host": "pc", "campaign": "spring"}, 422),
        ({"all": False}, 422),
        ({"host": "pc", "reason": "x" * 501}, 422),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(api, order, status):
    reply = api.ask("/api/v1/pause", method="POST", body=order)
    assert reply.status == status, reply.body
    assert api.ask("/api/v1/status").json["pauses"] == []


def test_what_is_not_unknown_cannot_be_resolved(api, key):
    reply = api.ask("/api/v1/resolve", method="POST", body={"key": key, "act": "drop"})
    assert reply.status == 404
    assert "only what is unknown can be resolved" in reply.json["detail"]


def test_nothing_is_asked_or_ordered_without_the_token(api, key):
    for route in ROUTES:
        path = route.path.replace("{key}", key)
        reply = api.ask(path, method=route.method, body=ORDERS.get(route.name), token=None)
        assert reply.status == (200 if route.open else 401), route.name
    assert api.ask("/api/v1/status").json["pauses"] == []


def test_no_answer_holds_a_secret(api, key):
    for route in ROUTES:
        # Another target: nothing is triggered twice in a moment.
        order = ORDERS.get(route.name, {}) | ({"target": "16091FDD40050N"} if route.name == "trigger" else {})
        path = route.path.replace("{key}", key) + QUERIES.get(route.name, "")
        reply = api.ask(path, method=route.method, body=order if route.method == "POST" else None)
        text = reply.body.decode()
        for form in (CANARY, CANARY[:6], api.token):
            assert form not in text, route.name
