"""The file STOP holds everything back while it is there, whatever else works."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from support.engine import Engine, post_to
from support.store import held

from runner.adapters.stop_file import read_stop_file, stop_file_path
from runner.model.halt import Depth
from runner.simulator.options import Plan

START = "2026-11-23 14:29:50"
ONE_AT_A_TIME = {
    "pc": {"serials": ("A", "B", "C"), "plan": Plan(concurrency=1), "duration_seconds": (3600.0, 3600.0)}
}


def put(engine: Engine, content: str = "") -> None:
    (engine.folder / "state").mkdir(exist_ok=True)
    (engine.folder / "state/STOP").write_text(content)


def test_a_file_that_is_there_at_the_start_counts_before_anything_is_submitted(tmp_path):
    with Engine(tmp_path, at="2026-11-23 14:30:10", campaigns={"c": post_to("A")}) as engine:
        put(engine)
        engine.start().until("14:46")
        assert engine.created() == []
        record = engine.record("A")
        assert (record.state, record.reason) == ("skipped", "paused by the file STOP")
        (told,) = engine.told("stop_file.found")
        assert told.fields["depth"] == "submit"


def test_taking_it_away_lets_what_is_in_its_window_go(tmp_path):
    with Engine(tmp_path, at=START, campaigns={"c": post_to("A")}) as engine:
        engine.start()
        put(engine, "any words")
        engine.until("14:35")
        assert engine.created() == []
        (engine.folder / "state/STOP").unlink()
        engine.until("14:37")
        assert engine.states() == {"A": "completed"}
        assert engine.told("stop_file.gone")


@pytest.mark.parametrize(
    ("word", "states"),
    [("withdraw", ["cancelled", "planned", "running"]), ("stop", ["cancelled", "cancelled", "planned"])],
)
def test_its_word_says_how_far_it_goes(tmp_path, word, states):
    campaigns = {"c": post_to("A", "B"), "d": post_to("C", start_time="14:40")}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=ONE_AT_A_TIME) as engine:
        engine.start().until("14:31")
        put(engine, f"{word}\n")
        engine.after(10)
        assert sorted(engine.states().values()) == states
        engine.restart()
        engine.until("14:41")
        assert sorted(engine.states().values()) == states
        (engine.folder / "state/STOP").unlink()
        engine.until("14:42")
        assert len(engine.created()) == 3


def test_it_works_while_the_store_does_not(tmp_path):
    serials = tuple("ABCDEFGH")
    hosts = {"pc": {"serials": (*serials, "Z"), "latency_seconds": (4.0, 4.0)}}
    campaigns = {"c": post_to(*serials, start_time="14:30-15:30")}
    # Without a task of ours on the host the first would go alone.
    campaigns["b"] = post_to("Z", start_time="14:29")
    with Engine(tmp_path, at="2026-11-23 14:28:50", campaigns=campaigns, hosts=hosts) as engine:
        engine.forgiven = True
        store = ExitStack()

        async def stop_as_the_last_of_five_leaves(_host: str, asked: str) -> None:
            if asked == "POST /task" and len(engine.created()) == 6:
                store.enter_context(held(engine.store))
                put(engine)

        engine.before_request = stop_as_the_last_of_five_leaves
        engine.start().until("14:30:40")
        assert engine.log.failures, "the store was locked"
        assert len(engine.created()) == 6
        store.close()
        engine.until("14:32")
        assert len(engine.created()) == 6
        assert engine.told("stop_file.found")


@pytest.mark.parametrize(
    ("content", "depth"),
    [
        (b"", Depth.SUBMIT),
        (b"stop\r\n", Depth.STOP),
        ("\ufeffWithdraw\r\n".encode("utf-16-le"), Depth.WITHDRAW),
        (b"stop everything", Depth.SUBMIT),
        (b"\xff" * 1_000, Depth.SUBMIT),
    ],
)
def test_what_stands_in_it(tmp_path, content, depth):
    path = tmp_path / "STOP"
    assert read_stop_file(path) is None
    path.write_bytes(content)
    assert read_stop_file(path) is depth


def test_a_folder_of_its_name_stands_for_no_new_submissions(tmp_path):
    (tmp_path / "STOP").mkdir()
    assert read_stop_file(tmp_path / "STOP") is Depth.SUBMIT
    assert read_stop_file(tmp_path / "nowhere/STOP") is None


@pytest.mark.parametrize(
    ("store", "path"),
    [
        ("sqlite:////var/lib/runner/runner.db", "/var/lib/runner/STOP"),
        ("postgresql://u@h/db", "/etc/runner/state/STOP"),
    ],
)
def test_where_it_is(store, path):
    assert stop_file_path(store, config_folder=Path("/etc/runner")) == Path(path)
