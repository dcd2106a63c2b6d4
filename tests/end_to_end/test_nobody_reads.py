"""A daemon whose output nobody reads, or can read any more, works on and ends as ever."""

from __future__ import annotations

import os
from contextlib import suppress

import pytest
from support.processes import Workplace, farm, stopped, wait_until, window

pytestmark = pytest.mark.timeout(60)

DEVICES = [f"device-{number}" for number in range(20)]


@pytest.mark.parametrize("gone", [True, False], ids=["the reader has gone", "the pipe is full"])
def test_work_goes_on_although_nobody_reads_the_log(tmp_path, gone):
    reading, writing = os.pipe()
    if gone:
        os.close(reading)
    else:
        os.set_blocking(writing, False)
        with suppress(BlockingIOError):
            while True:
                os.write(writing, b"x" * 4096)
        os.set_blocking(writing, True)
    host = {"name": "pc", "serials": DEVICES, "duration_seconds": (0.1, 0.2), "pickup_seconds": (0, 0)}
    with farm([host]) as served:
        place = Workplace(tmp_path)
        place.write_config(served.urls)
        script = {
            "script_name": "post",
            "device_groups": ["all"],
            "start_time": window(opens_in=0, lasts=600),
            "spread": "together",
            "script_config": {"captions": "on ${serial}"},
        }
        place.write_campaign("c", device_groups={"all": {"serials": DEVICES}}, scripts=[script])
        with place.daemon(stdout=writing, stderr=writing) as daemon:
            os.close(writing)
            wait_until(
                lambda: place.states()["completed"] == len(DEVICES),
                seconds=30,
                else_say=lambda: str(place.states()),
            )
            assert stopped(daemon) == 0
    if not gone:
        os.close(reading)
