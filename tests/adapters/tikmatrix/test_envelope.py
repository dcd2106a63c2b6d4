"""What is read out of answers, and what is not."""

from __future__ import annotations

import json

import pytest

from runner.adapters.tikmatrix import envelope
from runner.errors import HostRefused, HostUnclear
from runner.model.tikmatrix import REFUSALS, Created, Licence, Stats, Task, TaskPage, TaskStatus

ASKED = "GET /task"


def read(body, *, status=200):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return envelope.read(raw, status=status, request=ASKED)


def of(data):
    return envelope.Answer(ASKED, data)


@pytest.mark.parametrize("code", [0, "0", 0.0])
@pytest.mark.parametrize("status", [200, 201, 404])
def test_a_success_is_read_whatever_the_form_of_its_code(code, status):
    assert read({"code": code, "message": "ok", "data": {"x": 1}, "new": []}, status=status).data == {"x": 1}


@pytest.mark.parametrize("status", [301, 302, 307, 500, 502, 503])
def test_a_success_under_a_redirect_or_a_server_error_is_unclear(status):
    with pytest.raises(HostUnclear, match=f"answered HTTP {status}"):
        read({"code": 0, "data": {}}, status=status)


@pytest.mark.parametrize("status", [200, 302, 400, 403, 404, 500])
@pytest.mark.parametrize("code", sorted(REFUSALS))
@pytest.mark.parametrize("form", [int, str])
def test_a_documented_code_is_a_refusal_under_any_status(code, status, form):
    with pytest.raises(HostRefused, match=rf"\(code {int(code)}\): not here") as caught:
        read({"code": form(int(code)), "message": "not\nhere"}, status=status)
    assert (caught.value.code, caught.value.request) == (code, ASKED)


@pytest.mark.parametrize("code", [50001, "50001", 1, 200, 40000, 99999])
def test_an_internal_error_and_an_unknown_code_are_unclear(code):
    with pytest.raises(HostUnclear, match=f"code {code}"):
        read({"code": code, "message": None})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "an empty body"),
        (b" \r\n", "an empty body"),
        (b"<html><h1>502 Bad\nGateway</h1></html>", "not JSON: <html><h1>502 Bad Gateway</h1></html>"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"code": 0, "data": {"task_ids": [1', "broken, cut short"),
        (b'{"code": NaN}', "broken"),
        (b'{"code": 0, "data": Infinity}', "broken"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"code": 0, "data":' + b"[" * 50_000 + b"]" * 50_000 + b"}", "nested too deeply"),
        (b'{"code": ' + b"9" * 5_000 + b"}", "broken"),
        (b"[]", "no envelope"),
        (b"null", "no envelope"),
        (b'"ok"', "no envelope"),
        (b"{}", "without TikMatrix's `code`"),
        (b'{"code": null}', "without"),
        (b'{"code": true}', "without"),
        (b'{"code": false}', "without"),
        (b'{"code": -1}', "without"),
        (b'{"code": 0.5}', "without"),
        (b'{"code": 1e999}', "without"),
        (b'{"code": "zero"}', "without"),
        (b'{"code": ""}', "without"),
        ('{"code": "\N{ARABIC-INDIC DIGIT ZERO}"}'.encode(), "without"),
        (b'{"code": {}}', "without"),
    ],
)
def test_what_is_no_envelope_is_unclear(body, words):
    with pytest.raises(HostUnclear, match=words):
        read(body)


def test_a_redirect_says_that_it_was_not_followed():
    with pytest.raises(
        HostUnclear, match=r"HTTP 302 \(a redirect, which is not followed\), with an empty body"
    ):
        read(b"", status=302)


def test_messages_stay_short_and_printable_however_much_the_host_says():
    with pytest.raises(HostUnclear) as caught:
        read(b"\x1b[31m" + b"x" * 1_000_000)
    assert len(str(caught.value)) < 250
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "echo", [b'{"api_key": "s3cret"', b'["s3cret"', b'"s3cret', b'{"code": 50001, "x": "s3cret"}']
)
def test_json_that_a_host_echoes_is_not_repeated_in_messages(echo):
    with pytest.raises(HostUnclear) as caught:
        read(echo)
    assert "s3cret" not in str(caught.value)


def test_a_licence_is_read():
    data = {"plan_name": "Pro", "api_enabled": True, "device_limit": 20, "message": "ok", "seats": 3}
    assert envelope.licence(of(data)) == Licence("Pro", api_enabled=True, device_limit=20, message="ok")


@pytest.mark.parametrize(
    ("flag", "read"), [(False, False), ("true", True), ("False", False), (1, True), (0, False), ("1", True)]
)
def test_a_licence_needs_no_more_than_whether_the_api_is_enabled(flag, read):
    data = {"api_enabled": flag, "device_limit": "20"}
    assert envelope.licence(of(data)) == Licence("", api_enabled=read, device_limit=20, message="")


@pytest.mark.parametrize("data", [None, [], "Pro", {}, {"api_enabled": None}, {"api_enabled": "maybe"}])
def test_a_licence_that_does_not_say_so_is_unclear(data):
    with pytest.raises(HostUnclear):
        envelope.licence(of(data))


@pytest.mark.parametrize("listed", [[7, 8], ["7", "8"], [7.0, "8"]])
def test_created_tasks_are_named_by_numbers_or_digits(listed):
    assert envelope.created(of({"task_ids": listed, "created_count": "2"})) == Created(("7", "8"), 2)


def test_created_tasks_may_be_named_by_other_texts():
    task_id = "0d4bbd9f-3e7a-4d3e-9c0e-2f3a1b0c9d8e"
    assert envelope.created(of({"task_ids": [task_id]})) == Created((task_id,), None)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [1],
        {},
        {"task_ids": []},
        {"task_ids": None},
        {"task_ids": 5},
        {"task_ids": "5"},
        {"task_ids": {"0": 1}},
        {"task_ids": [1, None]},
        {"task_ids": [True]},
        {"task_ids": [-1]},
        {"task_ids": [1.5]},
        {"task_ids": [10**30]},
        {"task_ids": [""]},
        {"task_ids": ["1/../2"]},
        {"task_ids": [".."]},
        {"task_ids": ["5\n"]},
        {"task_ids": ["batch"]},
        {"task_ids": ["stats"]},
        {"task_ids": ["retry-all"]},
        {"task_ids": ["x" * 65]},
        {"task_ids": [[1]]},
        {"task_ids": [3, "3"]},
    ],
)
def test_a_create_without_usable_ids_is_unclear(data):
    with pytest.raises(HostUnclear, match="reports success but"):
        envelope.created(of(data))


FULL_ROW = {
    "id": 5,
    "status": "1",
    "serial": "R58M12345",
    "script_name": "post",
    "script_args": '{"captions": "x", "username": "@brand_se"}',
    "start_time": "2024-12-16 15:30:00",
    "end_time": "",
    "remark": None,
    "source": "api",
    "retry_count": "2",
    "thumbnail": "…",
}
FULL_TASK = Task(
    task_id="5",
    status=TaskStatus.RUNNING,
    serial="R58M12345",
    script_name="post",
    script_args={"captions": "x", "username": "@brand_se"},
    username="@brand_se",
    start_time="2024-12-16 15:30:00",
    source="api",
    retry_count=2,
)


@pytest.mark.parametrize("key", ["tasks", "rows", "items", "list", "data"])
def test_rows_are_found_under_any_key(key):
    data = {key: [FULL_ROW], "total": "41", "page": 1, "filters": {"status": 1}}
    assert envelope.task_page(of(data)) == TaskPage((FULL_TASK,), 41)


def test_a_list_may_stand_in_data_without_a_key():
    assert envelope.task_page(of([FULL_ROW])) == TaskPage((FULL_TASK,), None)


@pytest.mark.parametrize("data", [{"tasks": [], "total": 0}, {"tasks": None, "total": 0}, {"total": "0"}])
def test_an_empty_list_is_empty(data):
    assert envelope.task_page(of(data)) == TaskPage((), 0)


@pytest.mark.parametrize(
    "data",
    [
        None,
        "none",
        {},
        {"total": 3},
        {"tasks": None},
        {"tasks": {"5": {}}},
        {"tasks": [], "devices": []},
        {"tasks": [FULL_ROW, None]},
        {"tasks": [FULL_ROW, [5]]},
        {"tasks": [FULL_ROW, {"status": 1}]},
        {"tasks": [FULL_ROW, {"id": None}]},
        {"tasks": [{"id": {}}]},
    ],
)
def test_a_list_that_cannot_be_read_whole_is_unclear(data):
    with pytest.raises(HostUnclear, match="reports success but"):
        envelope.task_page(of(data))


@pytest.mark.parametrize(
    ("row", "task"),
    [
        ({"task_id": "9", "status": 3}, Task("9", TaskStatus.FAILED)),
        ({"id": None, "task_id": 9}, Task("9", None)),
        ({"id": 9, "status": 4}, Task("9", None)),
        ({"id": 9, "status": "running"}, Task("9", None)),
        ({"id": 9, "serial": 16091, "remark": ["?"], "source": True}, Task("9", None, serial="16091")),
        ({"id": 9, "script_args": {"a": 1}}, Task("9", None, script_args={"a": 1})),
        ({"id": 9, "script_args": "not json"}, Task("9", None)),
        ({"id": 9, "script_args": "[1]"}, Task("9", None)),
        ({"id": 9, "script_args": "[" * 50_000}, Task("9", None)),
        ({"id": 9, "script_args": '{"x": NaN}'}, Task("9", None)),
        ({"id": 9, "script_args": '{"x":' + "[" * 100 + "]" * 100 + "}"}, Task("9", None)),
        ({"id": 9, "script_args": {"x": [{"y": [1]}]}}, Task("9", None, script_args={"x": [{"y": [1]}]})),
        ({"id": 9, "username": "@a"}, Task("9", None, username="@a")),
        ({"id": 9, "username": "@a", "script_args": {}}, Task("9", None, script_args={}, username="@a")),
        ({"id": 9, "retry_count": -1, "start_time": 10**30}, Task("9", None)),
        ({"id": 9, "remark": "a\x00b\ud800"}, Task("9", None, remark="a\ufffdb\ufffd")),
        ({"id": 9, "remark": "x" * 9_000}, Task("9", None, remark="x" * 2_000)),
    ],
)
def test_a_row_is_read_as_far_as_it_can_be(row, task):
    assert envelope.task_page(of([row])).tasks == (task,)


@pytest.mark.parametrize("data", [FULL_ROW, {"task": FULL_ROW}, {"task": FULL_ROW, "queue": 3}])
def test_a_task_is_data_itself_or_the_one_object_in_it(data):
    assert envelope.task(of(data)) == FULL_TASK


@pytest.mark.parametrize("data", [None, [], {}, {"task": None}, {"a": FULL_ROW, "b": {}}, {"task": {}}])
def test_a_task_that_cannot_be_found_is_unclear(data):
    with pytest.raises(HostUnclear, match="reports success but"):
        envelope.task(of(data))


def test_stats_are_read_as_far_as_they_are_there():
    data = {"total": 9, "pending": "4", "running": 1, "failed": None}
    assert envelope.stats(of(data)) == Stats(total=9, pending=4, running=1, completed=None, failed=None)


@pytest.mark.parametrize("data", [None, [], {}, {"total": "many"}])
def test_stats_without_a_count_are_unclear(data):
    with pytest.raises(HostUnclear, match="reports success but"):
        envelope.stats(of(data))
