"""The vendor's quick start, as a campaign: it goes out as its file says, and its result is told."""

from __future__ import annotations

from support.engine import Engine

from runner.simulator.history import HappeningKind

QUICK_START = """\
device_groups:
  two-devices: {serials: ["A", "B"]}
scripts:
  - script_name: post
    device_groups: [two-devices]
    start_time: "14:30"
    script_config: {content_type: 1, captions: "New clip"}
"""
DAY = "2026-11-23"


def test_the_quick_start_goes_out_at_half_past_two_as_written(tmp_path):
    with Engine(tmp_path, at=f"{DAY} 14:00", campaigns={"quick": QUICK_START}) as engine:
        engine.start().until("14:29:59")
        assert engine.created() == []
        engine.until("14:30")
        sent = {"script_name": "post", "script_config": {"content_type": 1, "captions": "New clip"}}
        assert sorted(engine.created(), key=str) == [
            ("14:30:00", {"serials": ["A"], **sent}),
            ("14:30:00", {"serials": ["B"], **sent}),
        ]
        engine.until("14:30:06")
        assert engine.states() == {"A": "running", "B": "running"}
        engine.until("14:31")
        assert engine.states() == {"A": "completed", "B": "completed"}
        engine.stop()
        assert len(engine.of(HappeningKind.COMMITTED)) == 2
