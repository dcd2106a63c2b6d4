"""Pings tell somebody else that all goes on, and a ping that fails or hangs delays nothing."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import httpx
from support.engine import Engine, post_to

from runner.adapters.pings import Pings
from runner.app.dead_mans_switch import ping_for_ever

START = "2026-11-23 14:25:00"
HOSTS = {"pc": {"serials": ("A",)}, "bad": {"serials": ("B",), "failure_rate": 1.0}}
CAMPAIGNS = {
    "good": post_to("A", host="pc", start_time=["14:30-14:35", "14:50-14:55"]),
    "failing": post_to("B", host="bad", start_time="14:30-14:35"),
}


class Watchers(httpx.AsyncBaseTransport):
    """Services that are pinged: they keep the paths, and may answer badly or not at all."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.pinged: list[str] = []
        self.status = 200
        self.hangs = False
        engine.beside.append(lambda around: ping_for_ever(around, pings=Pings(lambda: self)))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        at = self.engine.clock.moment()
        self.pinged.append(f"{at:%H:%M} {request.url.path}")
        if self.hangs:
            await asyncio.sleep(3_600)
        return httpx.Response(self.status, request=request)

    def of(self, name: str) -> list[str]:
        return [said for said in self.pinged if said.split()[1].startswith(f"/{name}")]


def watched(folder, **options) -> tuple[Engine, Watchers]:
    environ = {"KEY": "canary4711"}
    engine = Engine(folder, at=START, campaigns=CAMPAIGNS, hosts=HOSTS, environ=environ, **options)
    file = folder / "config.yaml"
    url = "https://watch.example/{}/${{env:KEY}}"
    campaigns = {name: {"ping_url": url.format(name)} for name in CAMPAIGNS}
    notify = {"ping_url": url.format("daemon"), "ping_interval": "5m", "campaigns": campaigns}
    file.write_text(json.dumps({**json.loads(file.read_text()), "notify": notify}))
    return engine, Watchers(engine)


def test_the_daemon_pings_while_it_makes_progress_and_each_campaign_when_its_window_has_ended(tmp_path):
    engine, watchers = watched(tmp_path)
    with engine:
        engine.start().until("14:36")
        key = "canary4711"
        assert watchers.of("daemon") == [
            f"14:25 /daemon/{key}/start",
            *(f"14:{minute} /daemon/{key}" for minute in (25, 30, 35)),
        ]
        assert watchers.of("good") == [f"14:30 /good/{key}/start", f"14:35 /good/{key}"]
        assert watchers.of("failing") == [f"14:30 /failing/{key}/start", f"14:35 /failing/{key}/fail"]
        engine.until("14:53")
        engine.restart()
        engine.until("14:56")
        assert watchers.of("good")[-1] == f"14:55 /good/{key}"
        assert not engine.told("ping.failed")


def test_pings_that_fail_are_told_once_and_delay_nothing(tmp_path):
    created = []
    for name, status, hangs in (("well", 200, False), ("bad", 500, False), ("hung", 200, True)):
        (tmp_path / name).mkdir()
        engine, watchers = watched(tmp_path / name)
        with engine:
            watchers.status, watchers.hangs = status, hangs
            engine.start().until("14:36")
            created.append(sorted((at, body["serials"]) for at, body in engine.created()))
            failed = {event.fields["subject"]: event.fields["reason"] for event in engine.told("ping.failed")}
            assert len(engine.told("ping.failed")) == len(failed)
            assert "canary" not in repr(engine.log.events)
            words = {"well": None, "bad": "it answered 500", "hung": "it did not answer within 10 s"}[name]
            assert failed == ({} if words is None else dict.fromkeys(("the daemon", *CAMPAIGNS), words))
    assert created[0]
    assert created[1:] == created[:1] * 2


def test_a_daemon_that_stands_still_pings_that_it_fails(tmp_path):
    engine, watchers = watched(tmp_path)
    engine.rhythm = replace(engine.rhythm, pulse_seconds=10_000.0)
    with engine:
        engine.start().until("14:31")
        assert watchers.of("daemon")[-1] == "14:30 /daemon/canary4711/fail"
