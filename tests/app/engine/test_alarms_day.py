"""A day with everything in it that people are told of: each told once, none lost, and nothing waits for it."""

from __future__ import annotations

import json
import sqlite3
from typing import ClassVar

import pytest
from support.engine import Engine, post_to
from support.heard import Ears

from runner.app.rhythm import Rhythm
from runner.simulator.faults import Fault, FaultKind, FaultPlan, Work

START = "2026-11-23 08:00:00"
LOST = FaultPlan(script=(Fault(FaultKind.CLOSE, Work.NONE),))
HOSTS = {
    "good": {"serials": ("A", "B", "C"), "duration_seconds": (1_200.0, 1_200.0)},
    "bad": {"serials": tuple(f"F{number}" for number in range(50)), "failure_rate": 1.0},
    "away": {"serials": ("D",)},
    "lost": {"serials": ("E",), "faults": LOST},
    "slow": {"serials": ("G", "H"), "duration_seconds": (1_800.0, 1_800.0)},
}
CAMPAIGNS = {
    "failing": post_to(*HOSTS["bad"]["serials"], host="bad", start_time="09:00-09:30"),
    "missing": post_to("D", host="away", start_time="10:05-10:20"),
    "unknown": post_to("E", host="lost", start_time="11:00-11:30", on_unsettled="hold"),
    "late": post_to("G", "H", host="slow", start_time="12:00-13:30"),
    "beside": post_to("A", host="good", start_time="16:00-17:00"),
    "tomorrow": post_to("A", host="good", start_time="07:00-07:10") | {"from": "2026-11-24"},
}
TOLD = [
    "50 failed",
    "away is down",
    "1 missed",
    "away is back",
    "1 unknown",
    "slow is behind with its work",
    "slow is not behind any more",
    "campaigns/broken.yaml does not check",
    "campaigns/broken.yaml is in order again, or gone",
    "good has no licence for the API",
    "good has its licence again",
    "the store does not work",
    "the store works again",
    "good has tasks of others",
    "the config does not check",
    "the config is in order again, or gone",
    "2026-11-23: 3 of 55 completed, 52 to look at",
]


class Slower(Engine):
    """Looks around a few times a minute: a whole day has to fit into seconds."""

    rhythm: ClassVar = Rhythm(30.0, 3_600.0, 30.0, 30.0, 2, 60.0)


def configured(engine: Engine, **notify: object) -> None:
    """Add to the config what `Engine` has no word for."""
    file = engine.folder / "config.yaml"
    config = json.loads(file.read_text())
    if "slow" in config["hosts"]:
        config["hosts"]["slow"]["in_flight"] = 1
    config["notify"] = {"daily_report": "07:30", **notify}
    file.write_text(json.dumps(config))


def channels(*names: str) -> dict[str, dict[str, str]]:
    return {name: {"url": f"heard://{name}/canary4711"} for name in names}


def lived(folder, *names: str, **notify: object) -> tuple[Slower, Ears]:
    """Live the day with some channels, and return what is left of it."""
    folder.mkdir()
    with Slower(folder, at=START, campaigns=CAMPAIGNS, hosts=HOSTS, poll_interval="10s") as engine:
        configured(engine, channels=channels(*names), **notify)
        ears = Ears(engine)
        engine.forgiven = True
        engine.start().until("10:00")
        engine.host("away").person.close_port(seconds=1_800)
        engine.until("13:00")
        engine.edit("broken", "scripts: [")
        engine.until("13:10")
        engine.remove("broken")
        engine.until("14:00")
        engine.host("good").person.change_licence("Starter")
        engine.until("14:30")
        engine.host("good").person.change_licence("Pro")
        engine.until("15:00")
        connection = sqlite3.connect(engine.folder / "state/runner.db", isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        engine.until("15:10")
        connection.execute("ROLLBACK")
        connection.close()
        engine.until("16:10")
        engine.host("good").person.create_task("post", script_config={"content_type": 1}, serials=["B", "C"])
        engine.until("18:00")
        config = (engine.folder / "config.yaml").read_text()
        (engine.folder / "config.yaml").write_text("hosts: [")
        engine.until("18:10")
        (engine.folder / "config.yaml").write_text(config)
        engine.until("2026-11-24 08:00")
        assert sorted(engine.states(day=engine.moment("2026-11-23 00:00").date()).items())
        engine.creations = engine.created()
        engine.stored = b"".join(path.read_bytes() for path in engine.folder.glob("state/*"))
        return engine, ears


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    folder = tmp_path_factory.mktemp("days")
    return lived(folder / "well", "phone"), lived(folder / "dead", "phone", "refuses", "hangs")


def test_everything_is_told_once_and_in_its_time(days):
    (_, ears), _ = days
    assert ears.titles() == TOLD


def test_a_dead_channel_and_one_that_hangs_delay_nothing(days):
    (well, heard), (dead, heard_beside_dead) = days
    assert dead.creations == well.creations
    assert len(well.creations) > 50
    assert heard_beside_dead.messages == heard.messages
    assert {"refuses", "hangs"} <= set(heard_beside_dead.tried)


def test_no_address_is_in_the_store_or_the_log(days):
    for engine, _ in days:
        assert b"canary" not in engine.stored
        assert not [event for event in engine.log.events if "canary" in repr(event)]
