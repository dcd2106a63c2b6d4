"""A store on a server whose connections are cut while the daemon works: nothing is lost or done twice."""

from __future__ import annotations

import pytest
from support.engine import Engine, post_to
from support.store import told
from support.truth import CAPTION, faults_found

pytestmark = pytest.mark.postgresql(reason="a file has no connections that could be cut")

START = "2026-11-23 14:29:50"
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def test_all_connections_are_cut_again_and_again_and_work_goes_on(tmp_path):
    serials = [f"S{number}" for number in range(6)]
    hosts = {"pc": {"serials": tuple(serials), "latency_seconds": (0.2, 0.8)}}
    config = {"content_type": 1, "captions": CAPTION}
    campaigns = {"c": post_to(*serials, script_config=config)}
    with Engine(tmp_path, at=START, campaigns=campaigns, hosts=hosts) as engine:
        engine.forgiven = True
        engine.start()
        for _ in range(24):
            engine.after(2.5)
            told(engine.store, CUT)
        engine.after(240)
        assert engine.states() == dict.fromkeys(serials, "completed")
        assert len(engine.created()) == len(serials)
        assert engine.log.recoveries >= 1
        assert faults_found({"pc": engine.host().history.lines()}, engine.store, settled=True) == []
