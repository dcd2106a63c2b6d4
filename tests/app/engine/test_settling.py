"""What becomes of a create whose answer is lost: its work is done once, or a person is told."""

from __future__ import annotations

import httpx
import pytest
from support.engine import Engine, post_to

from runner.simulator.faults import Fault, FaultKind, FaultPlan, Work
from runner.simulator.history import HappeningKind
from runner.simulator.options import AnswerShape, Echo

START = "2026-11-23 14:29:50"
USERS = ["@u", "@v", "@w"]
LOST = Fault(FaultKind.CLOSE, Work.DONE)
NOTHING = Fault(FaultKind.CLOSE, Work.NONE)


def host(*script: Fault | None, echo: Echo = Echo.AS_SENT, **options: object) -> dict[str, object]:
    """Return a host whose first creates meet these faults; the first one is best answered."""
    shape = AnswerShape(echo=echo, leaves_out=options.pop("leaves_out", frozenset()))
    return {"pc": {"serials": ("A", "B", "C"), "shape": shape, "faults": FaultPlan(script=script), **options}}


def two_steps(second: dict[str, object], **first: object) -> dict[str, object]:
    """Return a campaign: a post to A that is answered, and five seconds later something else to B."""
    campaign = post_to("A", start_time="14:30", name="first", **first)
    campaign["device_groups"]["others"] = {"serials": ["B"]}
    entry = {"name": "second", "device_groups": ["others"], "start_time": "14:31-14:50", "spread": "together"}
    campaign["scripts"].append({**entry, **second})
    return campaign


def follow(*users: str, **keys: object) -> dict[str, object]:
    return {"script_name": "follow", "script_config": {"target_users": list(users)}, **keys}


def commits(engine: Engine) -> list[tuple[str, str, object]]:
    """Return what the host has made for us, as often as it has: device, script, target."""
    made = []
    for happening in engine.of(HappeningKind.COMMITTED):
        if happening.details["source"] == "api":
            name = happening.details["body"]["script_name"]
            made += [(task["serial"], name, task.get("target")) for task in happening.details["tasks"]]
    return sorted(made, key=str)


def settled(engine: Engine, name: str = "second") -> list[str]:
    """Return what was told of an entry's settling, in order."""
    names = ("submission.adopted", "submission.partial", "submission.absent", "submission.given_up")
    return [told.name.removeprefix("submission.") for told in engine.told(*names, script=name)]


KINDS = [kind for kind in FaultKind if kind not in {FaultKind.REFUSE, FaultKind.REFUSAL}]
WHOLE_ANSWER = {FaultKind.SLOW, FaultKind.WRONG_TYPE}


@pytest.mark.parametrize("work", [Work.NONE, Work.DONE, Work.LATE])
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_happens_to_an_answer_the_work_is_done_once(tmp_path, kind, work):
    fault = Fault(kind, work, seconds=12, late_seconds=15, size_bytes=9 * 2**20)
    campaign = two_steps({"script_name": "post", "script_config": {"captions": "Second"}})
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, hosts=host(None, fault)) as engine:
        engine.start().until("14:36")
        assert engine.states() == {"A": "completed", "B": "completed"}
        assert commits(engine) == [("A", "post", None), ("B", "post", None)]
        engine.stop()


@pytest.mark.parametrize("made", [0, 1, 2, 3])
@pytest.mark.parametrize("echo", Echo)
def test_of_three_users_only_those_that_are_missing_are_asked_for_and_once(tmp_path, echo, made):
    fault = Fault(FaultKind.RESET, Work.PARTIAL, tasks_made=made)
    campaigns = {"c": two_steps(follow(*USERS))}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=host(None, fault, echo=echo)) as engine:
        engine.start().until("14:49")
        followed = [target for _, name, target in commits(engine) if name == "follow"]
        assert len(set(followed)) == len(followed), "nobody is followed twice"
        state = engine.states()["B"]
        if made in {0, 3} or echo in {Echo.AS_SENT, Echo.NORMALISED}:
            assert (followed, state) == (USERS, "completed")
        elif echo is Echo.WHOLE:
            # It is seen how many there are, and not whose they are.
            assert (followed, state) == (USERS[:made], "failed")
            assert f"only {made} of its 3 tasks" in engine.record("B").reason
        else:
            assert (followed, state) == (USERS[:made], "unknown")
        assert len(engine.created()) == (2 if made == 3 or len(followed) < 3 else 3)


@pytest.mark.parametrize("second", [LOST, NOTHING, Fault(FaultKind.HTML, Work.PARTIAL, tasks_made=1)])
def test_the_answer_to_the_request_for_the_rest_may_be_lost_too(tmp_path, second):
    first = Fault(FaultKind.RESET, Work.PARTIAL, tasks_made=1)
    campaigns = {"c": two_steps(follow(*USERS))}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=host(None, first, second)) as engine:
        engine.start().until("14:49")
        assert [target for _, name, target in commits(engine) if name == "follow"] == USERS
        assert engine.states()["B"] == "completed"
        assert len(engine.record("B").tasks) == 3


def test_the_rest_that_finds_no_connection_is_asked_for_again(tmp_path):
    faults = (None, Fault(FaultKind.RESET, Work.PARTIAL, tasks_made=1), Fault(FaultKind.REFUSE, seconds=20))
    with Engine(
        tmp_path, at=START, campaigns={"c": two_steps(follow(*USERS))}, hosts=host(*faults)
    ) as engine:
        engine.start().until("14:49")
        assert [target for _, name, target in commits(engine) if name == "follow"] == USERS
        assert engine.states()["B"] == "completed"


def test_a_refusal_of_the_rest_leaves_what_was_made(tmp_path):
    faults = (None, Fault(FaultKind.RESET, Work.PARTIAL, tasks_made=1), Fault(FaultKind.REFUSAL, Work.NONE))
    with Engine(
        tmp_path, at=START, campaigns={"c": two_steps(follow(*USERS))}, hosts=host(*faults)
    ) as engine:
        engine.start().until("14:49")
        record = engine.record("B")
        assert (str(record.state), len(record.tasks)) == ("failed", 1)
        assert "only 1 of its 3 tasks" in record.reason
        assert record.submitted_at is not None
        assert len(engine.created()) == 3


def test_of_three_comments_those_that_are_missing_are_asked_for(tmp_path):
    urls = [f"https://example.org/{number}" for number in (1, 2, 3)]
    comment = {"script_config": {"target_post_url": "\n".join(urls), "comment_content": "Nice!\nGood!"}}
    fault = Fault(FaultKind.RESET, Work.PARTIAL, tasks_made=2)
    campaigns = {"c": two_steps({"script_name": "comment", **comment})}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=host(None, fault)) as engine:
        engine.start().until("14:49")
        assert [target for _, name, target in commits(engine) if name == "comment"] == urls
        assert engine.created()[-1][1]["script_config"]["target_post_urls"] == urls[2:]
        assert engine.states()["B"] == "completed"


@pytest.mark.parametrize("echo", Echo)
@pytest.mark.parametrize("work", [Work.DONE, Work.NONE])
def test_a_task_for_each_account_of_a_device_is_adopted_whole(tmp_path, echo, work):
    hosts = host(None, Fault(FaultKind.HTML, work), echo=echo, accounts={"B": ("@one", "@two", "@three")})
    second = {"script_name": "post", "script_config": {"captions": "S"}, "enable_multi_account": True}
    with Engine(tmp_path, at=START, campaigns={"c": two_steps(second)}, hosts=hosts) as engine:
        engine.start().until("14:49")
        assert [made for made in commits(engine) if made[0] == "B"] == [("B", "post", None)] * 3
        assert engine.states()["B"] == "completed"
        assert settled(engine) == (["adopted"] if work is Work.DONE else ["absent"])


@pytest.mark.parametrize("work", [Work.DONE, Work.NONE])
@pytest.mark.parametrize("echo", Echo)
def test_lost_answers_for_accounts_that_are_due_together_are_told_apart(tmp_path, echo, work):
    accounts = {"A": ("@a",), "B": ("@b", "@c", "@d")}
    fault = Fault(FaultKind.HTML, work)
    hosts = host(None, fault, LOST, echo=echo, accounts=accounts)
    campaign = post_to("A", name="accounts", start_time="14:30-14:50")
    campaign["device_groups"] = {"devices": {"usernames": ["@a", "@b", "@c", "@d"]}}
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, hosts=hosts) as engine:
        engine.start().until("14:49")
        tasks = [
            task["username"]
            for happening in engine.of(HappeningKind.COMMITTED)
            for task in happening.details["tasks"]
        ]
        assert len(set(tasks)) == len(tasks), "nobody's work is done twice"
        if echo is Echo.ABSENT:
            # Such a task shows no account: whose it is cannot be told.
            assert sorted(engine.states().values()) == ["completed", "completed", "unknown", "unknown"]
        else:
            assert set(engine.states().values()) == {"completed"}
            assert sorted(tasks) == ["@a", "@b", "@c", "@d"]


def test_hold_leaves_what_made_nothing_to_a_person(tmp_path):
    second = {"script_name": "post", "script_config": {"captions": "S"}, "on_unsettled": "hold"}
    with Engine(tmp_path, at=START, campaigns={"c": two_steps(second)}, hosts=host(None, NOTHING)) as engine:
        engine.start().until("14:49")
        record = engine.record("B")
        assert (str(record.state), settled(engine)) == ("unknown", ["absent"])
        assert "on_unsettled: hold" in record.reason
        assert len(engine.created()) == 2


def test_hold_adopts_what_was_made_and_asks_for_no_rest(tmp_path):
    fault = Fault(FaultKind.RESET, Work.PARTIAL, tasks_made=2)
    campaigns = {"c": two_steps(follow(*USERS, on_unsettled="hold"))}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=host(None, fault)) as engine:
        engine.start().until("14:49")
        assert engine.states()["B"] == "failed"
        assert "only 2 of its 3 tasks" in engine.record("B").reason
        assert len(engine.created()) == 2


def unreachable_from(engine: Engine, *, create: int) -> None:
    """Let nothing reach the host after a create, counted from 1."""

    async def stand(_host: str, asked: str) -> None:
        if len(engine.created()) >= create and asked != "POST /task":
            raise httpx.ConnectError("no route")

    engine.before_request = stand


SOON = {"script_name": "post", "script_config": {"captions": "S"}, "start_time": "14:31-14:32"}


@pytest.mark.parametrize(
    ("work", "state"), [(Work.DONE, "expired"), (Work.NONE, "missed"), (Work.LATE, "expired")]
)
def test_a_window_may_close_while_a_request_is_in_doubt(tmp_path, work, state):
    # The device is busy until long after, and the host hides its lists until the window has closed.
    fault = Fault(FaultKind.CLOSE, work, late_seconds=25)
    hosts = host(None, fault, pickup_seconds=(200, 200))
    with Engine(tmp_path, at=START, campaigns={"c": two_steps(SOON)}, hosts=hosts) as engine:
        unreachable_from(engine, create=2)
        engine.start().until("14:32:30")
        assert engine.states()["B"] == "submitting"
        engine.before_request = None
        engine.until("14:40")
        assert engine.states()["B"] == state
        assert len(engine.created()) == 2
        withdrawn = [one for one in engine.of(HappeningKind.DELETED) if one.details["serial"] == "B"]
        assert len(withdrawn) == (state == "expired")


def test_a_host_that_is_dead_until_long_after_leaves_it_unknown(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": two_steps(SOON)}, hosts=host(None, LOST)) as engine:
        unreachable_from(engine, create=2)
        engine.start().until("14:36")
        assert engine.states()["B"] == "submitting"
        engine.until("14:40")
        record = engine.record("B")
        assert str(record.state) == "unknown"
        assert "until long after the window had closed" in record.reason
        engine.before_request = None
        engine.until("14:49")
        assert len(engine.created()) == 2


@pytest.mark.parametrize("work", [Work.DONE, Work.NONE, Work.PARTIAL])
@pytest.mark.parametrize("crash", [False, True], ids=["stop", "crash"])
def test_a_restart_in_the_middle_of_settling_goes_on_with_it(tmp_path, work, crash):
    faults = (None, Fault(FaultKind.RESET, work, tasks_made=1))
    campaigns = {"c": two_steps(follow(*USERS))}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=host(*faults)) as engine:
        engine.start()
        for moment in ("14:31:00", "14:31:20", "14:31:33", "14:32:08"):
            engine.until(moment)
            engine.crash() if crash else engine.stop()
            engine.after_rest(1)
            engine.start()
        engine.until("14:49")
        assert [target for _, name, target in commits(engine) if name == "follow"] == USERS
        assert engine.states()["B"] == "completed"


def test_a_clock_that_is_set_forward_has_not_waited(tmp_path):
    late = Fault(FaultKind.CLOSE, Work.LATE, late_seconds=25)
    second = {"script_name": "post", "script_config": {"captions": "S"}, "start_time": "14:31-15:30"}
    with Engine(tmp_path, at=START, campaigns={"c": two_steps(second)}, hosts=host(None, late)) as engine:
        engine.start().until("14:31:02")
        engine.set_clock(600)
        engine.after(300)
        assert commits(engine) == [("A", "post", None), ("B", "post", None)]
        assert settled(engine) == ["adopted"]


def test_a_host_that_the_config_no_longer_has_leaves_it_unknown(tmp_path):
    hosts = {**host(None, LOST), "other": {"serials": ("X",)}}
    campaign = two_steps(SOON)
    for group in campaign["device_groups"].values():
        group["host"] = "pc"
    with Engine(tmp_path, at=START, campaigns={"c": campaign}, hosts=hosts) as engine:
        unreachable_from(engine, create=2)
        engine.start().until("14:31:10")
        engine.stop()
        config = (tmp_path / "config.yaml").read_text()
        (tmp_path / "config.yaml").write_text(config.replace('"pc":', '"renamed":'))
        engine.start().until("14:40")
        record = engine.record("B")
        assert str(record.state) == "unknown"
        assert "the config has no host pc any more" in record.reason


def test_it_is_told_once_that_a_host_cannot_be_looked_at(tmp_path):
    campaigns = {"c": two_steps({"script_name": "post", "script_config": {"captions": "S"}})}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=host(None, LOST)) as engine:
        hidden = {"code": 50001, "message": "not now", "data": None}

        def hide(method: str, path: str) -> object:
            lists = (method, path) == ("GET", "/task")
            return hidden if lists and len(engine.created()) == 2 else None

        engine.answer = hide
        engine.start().until("14:33")
        assert engine.states()["B"] == "submitting"
        (told,) = engine.told("settling.failed")
        assert "not now" in told.fields["reason"]
        engine.answer = None
        engine.until("14:36")
        assert engine.states()["B"] == "completed"
        assert settled(engine) == ["adopted"]
