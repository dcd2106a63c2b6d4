"""A day with all in it that people are told of: each told once, none lost, and nothing waits for it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

import pytest
from support.engine import Engine, post_to
from support.heard import Ears
from support.store import bytes_kept

from runner.app.rhythm import Rhythm
from runner.errors import LedgerUnavailable
from runner.simulator.faults import Fault, FaultKind, FaultPlan, Work

if TYPE_CHECKING:
    from collections.abc import Iterator

START = "2026-11-23 08:00:00"
QUICK = {"group": "30s", "host_down_after": "2m", "late_after": "3m", "daily_report": "07:30"}
LOST = FaultPlan(script=(Fault(FaultKind.CLOSE, Work.NONE),))
HOSTS = {
    "good": {"serials": ("A", "B", "C"), "duration_seconds": (900.0, 900.0)},
    "bad": {"serials": tuple(f"F{number}" for number in range(50)), "failure_rate": 1.0},
    "away": {"serials": ("D",)},
    "lost": {"serials": ("E",), "faults": LOST},
    "slow": {"serials": ("G", "H"), "duration_seconds": (360.0, 360.0)},
}
CAMPAIGNS = {
    "failing": post_to(*HOSTS["bad"]["serials"], host="bad", start_time="08:02-08:12"),
    "missing": post_to("D", host="away", start_time="08:12-08:17"),
    "unknown": post_to("E", host="lost", start_time="08:22-08:30", on_unsettled="hold"),
    "late": post_to("G", "H", host="slow", start_time="08:22-08:45"),
    "beside": post_to("A", host="good", start_time="08:30-08:50"),
    "tomorrow": post_to("A", host="good", start_time="07:00-07:10") | {"from": "2026-11-24"},
}
TOLD = [
    "50 failed",
    "campaigns/broken.yaml does not check",
    "away is down",
    "campaigns/broken.yaml is in order again, or gone",
    "1 missed",
    "away is back",
    "1 unknown",
    "bad has no licence for the API",
    "slow is behind with its work",
    "slow is not behind any more",
    "bad has its licence again",
    "good has tasks of others",
    "the store does not work",
    "the store works again",
    "the config does not check",
    "the config is in order again, or gone",
    "1 missed",
    "2026-11-23: 3 of 55 completed, 52 to look at",
]


class Slower(Engine):
    """Looks around a few times a minute: a whole day has to fit into seconds."""

    rhythm: ClassVar = Rhythm(60.0, 3_600.0, 60.0, 60.0, 1, 60.0)


def configured(engine: Engine, **notify: object) -> None:
    """Add to the config what `Engine` has no word for."""
    file = engine.folder / "config.yaml"
    config = json.loads(file.read_text())
    if "slow" in config["hosts"]:
        config["hosts"]["slow"]["in_flight"] = 1
    config["notify"] = {**QUICK, **notify}
    file.write_text(json.dumps(config))


@contextmanager
def disk_gone(engine: Engine) -> Iterator[None]:
    """Let nothing be written, nor the store be found."""
    hand_over = engine.ledger._writer._hand_over

    def fails(_item: object) -> None:
        raise LedgerUnavailable("the disk is gone")

    engine.ledger._writer._hand_over = fails
    yield
    engine.ledger._writer._hand_over = hand_over


def channels(*names: str) -> dict[str, dict[str, str]]:
    return {name: {"url": f"heard://{name}/canary4711"} for name in names}


def lived(folder, *names: str, **notify: object) -> tuple[Slower, Ears]:
    """Live the day with some channels, and return what is left of it."""
    folder.mkdir()
    with Slower(folder, at=START, campaigns=CAMPAIGNS, hosts=HOSTS, poll_interval="20s") as engine:
        configured(engine, channels=channels(*names), **notify)
        ears = Ears(engine)
        engine.forgiven = True
        engine.start().until("08:10")
        engine.host("away").person.close_port(seconds=600)
        engine.edit("broken", "scripts: [")
        engine.until("08:14")
        engine.remove("broken")
        engine.until("08:24")
        engine.host("bad").person.change_licence("Starter")
        engine.until("08:31")
        engine.host("good").person.create_task("post", script_config={"content_type": 1}, serials=["B", "C"])
        engine.until("08:34")
        engine.host("bad").person.change_licence("Pro")
        engine.until("08:38")
        with disk_gone(engine):
            engine.until("08:41")
        config = (engine.folder / "config.yaml").read_text()
        (engine.folder / "config.yaml").write_text("hosts: [")
        engine.until("08:43")
        (engine.folder / "config.yaml").write_text(config)
        engine.until("08:46")
        engine.stop()
        engine.after_rest((engine.moment("2026-11-24 07:25") - engine.clock.moment()).total_seconds())
        engine.start().until("07:35")
        engine.creations = sorted((at, body["serials"]) for at, body in engine.created())
        engine.stored = bytes_kept(engine.folder)
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
    assert heard_beside_dead.titles() == heard.titles()
    assert {"refuses", "hangs"} <= set(heard_beside_dead.tried)


def test_no_address_is_in_the_store_or_the_log(days):
    for engine, _ in days:
        assert b"canary" not in engine.stored
        assert not [event for event in engine.log.events if "canary" in repr(event)]
