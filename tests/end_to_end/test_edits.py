"""Campaign files that are edited while the daemon runs."""

from __future__ import annotations

import json

from support.processes import Workplace, farm, stopped, wait_until, window


def captions(served):
    return {one["body"]["script_config"]["captions"] for one in served.commits("studio")}


def script(caption, **keys):
    return {
        "script_name": "post",
        "device_groups": ["phones"],
        "start_time": window(opens_in=-20, lasts=3600),
        "spread": "together",
        "script_config": {"captions": caption},
        **keys,
    }


def test_an_edit_takes_effect_and_a_broken_one_leaves_the_last_good_version(tmp_path):
    options = {"duration_seconds": (0.1, 0.2), "pickup_seconds": (0, 0)}
    with farm([{"name": "studio", "serials": ["A", "B"], **options}]) as served:
        place = Workplace(tmp_path)
        place.write_config(served.urls)
        groups = {"phones": {"host": "studio", "serials": ["A"]}}
        later = window(opens_in=1800, lasts=600)
        keys = {"device_groups": groups, "scripts": [script("not yet", start_time=later)]}
        place.write_campaign("spring", **keys)

        with place.daemon() as daemon:
            wait_until(
                lambda: place.events_named("campaign.accepted"), seconds=60, else_say=place.log.read_text
            )
            place.write_campaign("spring", device_groups=groups, scripts=[script("now")])
            wait_until(
                lambda: place.events_named("assignment.completed"),
                seconds=60,
                else_say=lambda: str(place.events()[-5:]),
            )
            assert captions(served) == {"now"}

            broken = json.dumps({"name": "spring", "scripts": [script("never", device_groups=["phoness"])]})
            place.write_text("spring", broken)
            place.write_campaign(
                "autumn",
                device_groups={"phones": {"host": "studio", "serials": ["B"]}},
                scripts=[script("beside it")],
            )
            wait_until(
                lambda: "beside it" in captions(served) and place.events_named("campaign.rejected"),
                seconds=60,
                else_say=lambda: str(place.events()[-5:]),
            )
            assert stopped(daemon) == 0

        assert captions(served) == {"now", "beside it"}

    (rejected,) = place.events_named("campaign.rejected")
    assert rejected["kept"] == ["spring"]
    assert rejected["file"].endswith("spring.yaml")
    assert any("phoness" in problem for problem in rejected["problems"])
    # What the good version had planned for tomorrow still stands, and what the edit replaced does not.
    spring = place.assignments(campaign="spring")
    planned = [record for record in spring if record.state == "planned"]
    assert {record.run.order.script_config["captions"] for record in planned} == {"now"}
    assert {record.state.value for record in spring} == {"planned", "completed", "cancelled"}
