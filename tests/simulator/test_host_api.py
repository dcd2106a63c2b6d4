"""The ten endpoints, one documented behaviour at a time."""

from __future__ import annotations

import json

import pytest
from support.simulation import Bench

from runner.simulator.exchange import Request
from runner.simulator.options import AnswerShape, Echo, Plan, UnknownTargets

FOLLOW = {"script_name": "follow", "script_config": {"target_users": ["x", "y", "z"]}}


def sent(**fields):
    return {"serials": ["A"], "script_name": "post", "script_config": {}, **fields}


def test_a_create_makes_one_task_per_device():
    bench = Bench()
    answer = bench.payload("POST", "/task", body=sent(serials=["A", "B"]))
    assert answer == {"task_ids": [1, 2], "created_count": 2}
    assert [bench.task(task_id)["serial"] for task_id in (1, 2)] == ["A", "B"]


def test_three_targets_on_two_devices_are_six_tasks():
    bench = Bench()
    assert len(bench.create(serials=["A", "B"], **FOLLOW)) == 6


@pytest.mark.parametrize("text", ["x,y", "x\ny", " x ,\n y\n"])
@pytest.mark.parametrize(
    ("script_name", "in_list", "in_text", "more"),
    [
        ("follow", "target_users", "target_user", {}),
        ("unfollow", "target_users", "target_user", {}),
        ("comment", "target_post_urls", "target_post_url", {"comment_content": "nice"}),
    ],
)
def test_targets_in_a_text_are_split_and_a_list_wins(script_name, in_list, in_text, more, text):
    bench = Bench()
    assert len(bench.create(script_name=script_name, script_config={in_text: text, **more})) == 2
    config = {in_text: text, in_list: ["only"], **more}
    assert len(bench.create(script_name=script_name, script_config=config)) == 1


def test_multi_account_makes_a_task_per_account_that_is_logged_in():
    bench = Bench(accounts={"A": ("@one", "@two")})
    first, second = bench.create(serials=["A", "B"], enable_multi_account=True)
    names = [json.loads(bench.task(task_id)["script_args"])["username"] for task_id in (first, second)]
    assert names == ["@one", "@two"]


def test_multi_account_without_any_account_is_invalid():
    assert Bench().code("POST", "/task", body=sent(enable_multi_account=True)) == 40001


def test_the_host_finds_the_device_of_an_account():
    bench = Bench(accounts={"B": ("@one",)})
    (task_id,) = bench.create(serials=[], usernames=["one"])
    task = bench.task(task_id)
    assert (task["serial"], json.loads(task["script_args"])["username"]) == ("B", "@one")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (sent(script_name=None), 40002),
        (sent(script_name=""), 40002),
        (sent(script_name="super_marketing"), 40003),
        (sent(script_name="profile"), 40003),
        (sent(script_config=None), 40001),
        (sent(script_config=[]), 40001),
        (sent(serials=[]), 40001),
        (sent(serials="A"), 40001),
        (sent(serials=[1]), 40001),
        (sent(script_name="follow"), 40001),
        (sent(script_name="follow", script_config={"target_users": [" "]}), 40001),
        (sent(script_name="comment", script_config={"comment_content": "x"}), 40001),
        (sent(script_name="comment", script_config={"target_post_url": "u", "comment_content": " "}), 40001),
        (sent(start_time="24:00"), 40001),
        (sent(start_time="soon"), 40001),
        (sent(start_time=900), 40001),
        (sent(serials=["nowhere"]), 40001),
        (sent(usernames=["nobody"]), 40001),
        ([], 40001),
    ],
)
def test_a_create_that_is_wrong_makes_nothing(body, code):
    bench = Bench()
    assert bench.code("POST", "/task", body=body) == code
    assert bench.payload("GET", "/task/stats")["total"] == 0


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a": NaN}', b"[" * 100_000])
def test_a_body_that_is_not_json_is_invalid(body):
    for method, path in (("POST", "/api/v1/task"), ("DELETE", "/api/v1/task/batch")):
        answer = Bench().host.handle(Request(method, path, body=body))
        assert json.loads(answer.body)["code"] == 40001


def test_a_newer_host_takes_further_scripts():
    bench = Bench(extra_scripts=frozenset({"profile"}))
    assert bench.create(script_name="profile") == [1]


@pytest.mark.parametrize(
    ("policy", "code", "made"),
    [
        (UnknownTargets.REFUSE, 40001, 0),
        (UnknownTargets.SKIP, 0, 1),
        (UnknownTargets.WAIT, 0, 2),
        (UnknownTargets.ADOPT, 0, 2),
    ],
)
def test_unknown_devices_are_treated_as_was_chosen(policy, code, made):
    bench = Bench(unknown_targets=policy)
    assert bench.code("POST", "/task", body=sent(serials=["A", "new"])) == code
    bench.at += 1
    stats = bench.payload("GET", "/task/stats")
    assert stats["total"] == made
    assert stats["pending"] == (1 if policy is UnknownTargets.WAIT else 0)


def test_an_unknown_account_can_be_adopted_once_and_for_all():
    bench = Bench(unknown_targets=UnknownTargets.ADOPT)
    for _ in range(2):
        bench.create(serials=[], usernames=["@new"])
    assert {bench.task(task_id)["serial"] for task_id in (1, 2)} == {"SIM-new"}
    assert len(bench.host.devices) == 3


def test_the_starter_plan_gets_40301_everywhere_but_at_the_licence_check():
    bench = Bench(plan=Plan(plan_name="Starter", device_limit=3))
    assert bench.payload("GET", "/license/check") == {
        "plan_name": "Starter",
        "api_enabled": False,
        "device_limit": 3,
        "message": "Upgrade to Pro, Team or Business to use the API",
    }
    assert bench.code("POST", "/task", body=sent()) == 40301
    assert bench.code("GET", "/task") == 40301
    strict = Bench(plan=Plan(plan_name="Starter"), shape=AnswerShape(licence_check_refuses=True))
    assert strict.code("GET", "/license/check") == 40301


def test_the_licence_check_of_a_paid_plan():
    answer = Bench(plan=Plan("Team", 50)).payload("GET", "/license/check")
    assert (answer["plan_name"], answer["api_enabled"], answer["device_limit"]) == ("Team", True, 50)


def test_a_list_is_paged_and_counts_all():
    bench = Bench(serials=("A",))
    bench.create(script_name="follow", script_config={"target_users": [str(n) for n in range(130)]})
    assert len(bench.payload("GET", "/task")["tasks"]) == 20
    answer = bench.payload("GET", "/task", page="2", page_size="100")
    assert (answer["total"], answer["page"], len(answer["tasks"])) == (130, 2, 30)
    assert len(bench.payload("GET", "/task", page_size="500")["tasks"]) == 100
    assert bench.payload("GET", "/task", page="99")["tasks"] == []


def test_a_list_is_filtered():
    bench = Bench()
    bench.create(serials=["A", "B"])
    bench.create(**FOLLOW)
    bench.host.person.create_task("post", serials=["B"], script_config={})
    bench.at += 1
    ids = {
        name: [task["id"] for task in bench.payload("GET", "/task", **query)["tasks"]]
        for name, query in {
            "serial": {"serial": "B"},
            "script": {"script_name": "follow"},
            "source": {"source": "ui"},
            "status": {"status": "1"},
            "both": {"status": "0", "serial": "B"},
            "nothing": {"serial": "C"},
        }.items()
    }
    assert ids == {
        "serial": [6, 2],
        "script": [5, 4, 3],
        "source": [6],
        "status": [2, 1],
        "both": [6],
        "nothing": [],
    }


@pytest.mark.parametrize(
    "query", [{"page": "0"}, {"page": "x"}, {"page_size": "-1"}, {"page": "9" * 30}, {"status": "4"}]
)
def test_a_query_that_is_wrong_is_invalid(query):
    assert Bench().code("GET", "/task", **query) == 40001


def test_a_task_that_is_not_there_is_40401():
    bench = Bench()
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/stop"), ("POST", "/retry")):
        for task_id in ("1", "x", "9" * 40):
            assert bench.code(method, f"/task/{task_id}{path}") == 40401


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nothing"), ("PUT", "/task"), ("GET", "/task/1/stop"), ("POST", "/task/1/eat"), ("HEAD", "/")],
)
def test_an_endpoint_that_is_not_there_is_40401(method, path):
    assert Bench().code(method, path) == 40401


def test_nothing_is_answered_outside_the_prefix():
    answer = Bench().host.handle(Request("GET", "/task"))
    assert json.loads(answer.body)["code"] == 40401


def test_delete_stops_a_running_task_first():
    bench = Bench()
    (task_id,) = bench.create()
    bench.at += 1
    assert bench.status(task_id) == 1
    bench.payload("DELETE", f"/task/{task_id}")
    assert bench.code("GET", f"/task/{task_id}") == 40401
    kinds = [str(happening.kind) for happening in bench.host.history if "number" in happening.details]
    assert kinds == ["started", "stopped", "deleted"]


def test_a_batch_delete_takes_what_is_there_and_starts_nothing_of_it():
    bench = Bench(serials=("A",))
    ids = bench.create(**FOLLOW)
    bench.at += 1
    body = {"task_ids": [ids[0], str(ids[1]), 77, True, ids[2], ids[2]]}
    assert bench.payload("DELETE", "/task/batch", body=body) == {"deleted_count": 3}
    assert len([h for h in bench.host.history if h.kind == "started"]) == 1
    assert bench.code("DELETE", "/task/batch", body={"task_ids": []}) == 40001


def test_stop_ends_a_running_task_and_lets_the_next_one_start():
    bench = Bench(own_retries=3)
    first, second = bench.create(script_name="follow", script_config={"target_user": "x,y"})
    bench.at += 1
    assert bench.code("POST", f"/task/{second}/stop") == 40001
    bench.payload("POST", f"/task/{first}/stop")
    assert (bench.status(first), bench.status(second)) == (3, 1)
    assert bench.task(first)["remark"] == "Task stopped by user"
    bench.at += 500
    assert bench.status(first) == 3


def test_retry_puts_a_failed_task_back():
    bench = Bench(failure_rate=1.0)
    (task_id,) = bench.create()
    assert bench.code("POST", f"/task/{task_id}/retry") == 40001
    bench.at += 11
    failed = bench.task(task_id)
    assert (failed["status"], failed["end_time"]) == (3, "2026-11-23 08:00:10")
    assert failed["remark"]
    bench.payload("POST", f"/task/{task_id}/retry")
    again = bench.task(task_id)
    assert (again["status"], again["retry_count"], again["remark"], again["end_time"]) == (1, 1, None, None)


def test_retry_all_takes_every_failed_task():
    bench = Bench(failure_rate=1.0)
    bench.create(serials=["A", "B"])
    bench.host.person.create_task("post", serials=["A"], script_config={})
    bench.at += 30
    assert bench.payload("POST", "/task/retry-all") == {"retried_count": 3}
    assert bench.payload("GET", "/task/stats")["failed"] == 0


def test_stats_count_by_status():
    bench = Bench()
    bench.create(serials=["A", "B"])
    bench.create()
    bench.at += 1
    assert bench.payload("GET", "/task/stats") == {
        "total": 3,
        "pending": 1,
        "running": 2,
        "completed": 0,
        "failed": 0,
    }


def test_a_task_shows_the_fields_that_the_vendors_interface_reads():
    bench = Bench(timezone="Europe/Stockholm")
    bench.create(script_config={"captions": "hi"})
    bench.at += 20
    assert bench.task(1) == {
        "id": 1,
        "serial": "A",
        "script_name": "post",
        "script_args": '{"captions": "hi"}',
        "status": 2,
        "start_time": "2026-11-23 09:00:00",
        "end_time": "2026-11-23 09:00:10",
        "remark": None,
        "source": "api",
        "retry_count": 0,
    }


def test_the_open_shapes_can_be_chosen():
    shape = AnswerShape(
        row_key="list",
        newest_first=False,
        ids_as_text=True,
        statuses_as_text=True,
        args_as_text=False,
        http_status_follows_code=True,
        leaves_out=frozenset({"source"}),
    )
    bench = Bench(shape=shape, first_task_id=500)
    assert bench.payload("POST", "/task", body=sent(serials=["A", "B"]))["task_ids"] == ["500", "501"]
    rows = bench.payload("GET", "/task")["list"]
    assert [(row["id"], row["status"], row["script_args"]) for row in rows] == [
        ("500", "1", {}),
        ("501", "1", {}),
    ]
    assert "source" not in rows[0]
    assert bench.ask("GET", "/task/7").status == 404
    assert Bench().ask("GET", "/task/7").status == 200


@pytest.mark.parametrize(
    ("echo", "config", "shown"),
    [
        (Echo.AS_SENT, {"target_users": ["x", "y"]}, {"target_users": ["x"], "username": "@a"}),
        (Echo.AS_SENT, {"target_user": "x,y"}, {"target_user": "x", "username": "@a"}),
        (Echo.WHOLE, {"target_user": "x,y"}, {"target_user": "x,y", "username": "@a"}),
        (
            Echo.NORMALISED,
            {"target_users": ["x", "y"], "note": " n "},
            {"access_method": "direct", "note": "n", "target_user": "x", "username": "@a"},
        ),
    ],
)
def test_script_args_echo_as_much_as_was_chosen(echo, config, shown):
    bench = Bench(accounts={"A": ("@a",)}, shape=AnswerShape(echo=echo))
    bench.create(script_name="follow", usernames=["@a"], script_config=config)
    assert json.loads(bench.task(1)["script_args"]) == shown


def test_normalising_a_script_without_targets_fills_in_defaults():
    bench = Bench(shape=AnswerShape(echo=Echo.NORMALISED))
    bench.create(script_config={"captions": "c"})
    assert json.loads(bench.task(1)["script_args"])["post_way"] == "share"


def test_script_args_can_be_absent():
    bench = Bench(shape=AnswerShape(echo=Echo.ABSENT))
    bench.create()
    assert "script_args" not in bench.task(1)
