"""Two daemons on one store would submit everything twice: the second one does not start."""

from __future__ import annotations

import pytest
from support.processes import Workplace, stopped, wait_until

pytestmark = pytest.mark.timeout(60)


def test_the_second_daemon_on_a_store_ends_with_75_and_says_why(tmp_path):
    place = Workplace(tmp_path)
    place.write_config({"pc": "http://127.0.0.1:9/api/v1"})
    with place.daemon() as first:
        wait_until(lambda: place.events_named("daemon.started"), seconds=30, else_say=place.log.read_text)
        with place.daemon() as second:
            assert second.wait(30) == 75
        (refused,) = place.events_named("daemon.refused")
        assert refused["level"] == "error"
        assert refused["reason"] == f"another daemon works on {place.store_shown}; stop it first"
        assert len(place.events_named("daemon.started")) == 1
        assert first.poll() is None
        assert stopped(first) == 0
    with place.daemon() as third:
        wait_until(
            lambda: len(place.events_named("daemon.started")) == 2, seconds=30, else_say=place.log.read_text
        )
        assert stopped(third) == 0
