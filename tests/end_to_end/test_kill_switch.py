"""The kill switch of real daemons under load: pulled by a command, over HTTP and by a file, at each depth."""

from __future__ import annotations

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime

import httpx
import pytest
from support.processes import Workplace, farm, stopped, wait_until, window
from support.served import free_port

HOSTS = 2
DEVICES = 85
UNDER_WAY = 40
"""So many more were accepted when a switch is pulled: of 170 that are due at once with each daemon."""
CHANNELS = ("command", "http", "file")
DEPTHS = {"stop": "stop", "withdraw": "cancel", "submit": "pause"}
"""Each with its command; the last leaves most that must not go after a restart."""
AS_THE_PERSON_LEFT_IT = ["pending"] * HOSTS + ["running"] * HOSTS
SLOW_CREATES = {"rules": [{"fault": {"kind": "slow", "seconds": 0.5}, "requests": "POST /task"}]}
_BECOMES = {"started": "running", "completed": "ended", "failed": "ended", "stopped": "stopped"}

pytestmark = pytest.mark.timeout(240)


class Site:
    """A daemon with devices on hosts of its own, on each of which a person is at work, too."""

    def __init__(self, folder, served, *, channel):
        folder.mkdir()
        self.place = Workplace(folder)
        self.served = served
        self.channel = channel
        self.hosts = names_of(channel)
        self.port = free_port()
        urls = {name: served.urls[name] for name in self.hosts}
        self.place.write_config(urls, web={"listen": f"127.0.0.1:{self.port}"})
        self.theirs = {name: [made(urls[name], name), made(urls[name], name)] for name in self.hosts}
        groups = {name: {"host": name, "serials": serials(name)} for name in self.hosts}
        entry = {
            "script_name": "post",
            "device_groups": self.hosts,
            "start_time": window(opens_in=-5, lasts=3600),
            "spread": "together",
            "script_config": {"captions": "on ${serial}"},
        }
        self.place.write_campaign("spring", device_groups=groups, scripts=[entry])

    def posts(self):
        """Return when each `POST /task` of ours has reached its host."""
        posted = []
        for name in self.hosts:
            of_host = [one for one in self.served.history(name) if one["kind"] == "requested"]
            creates = [
                one["at"] for one in of_host if one["path"].endswith("/task") and one["method"] == "POST"
            ]
            posted += creates[len(self.theirs[name]) :]
        return posted

    def standing(self):
        """Return how each host's tasks stand by its own history: those of ours, and those of the person."""
        ours, theirs = Counter(), []
        for name in self.hosts:
            tasks = {}
            for one in self.served.history(name):
                if one["kind"] == "committed":
                    tasks |= {task["number"]: [task["task_id"], "pending"] for task in one["tasks"]}
                elif one["kind"] in _BECOMES:
                    tasks[one["number"]][1] = _BECOMES[one["kind"]]
                elif one["kind"] == "deleted":
                    tasks[one["number"]][1] = "deleted"
            ours.update(state for task_id, state in tasks.values() if task_id not in self.theirs[name])
            theirs += [state for task_id, state in tasks.values() if task_id in self.theirs[name]]
        return ours, sorted(theirs)

    def runs_through_all_depths(self):
        """Pull the switch at each depth in the middle of the load, and go on in between."""
        created = 0
        for depth in DEPTHS:
            if created:
                self.go_on()
            wait_until(
                lambda so_far=created: self.accepted() >= so_far + UNDER_WAY,
                seconds=60,
                else_say=lambda: str(self.place.states()),
            )
            pulled_at = self.pull(depth)
            wait_until(
                lambda depth=depth, at=pulled_at: (
                    time.time() > at + 3 and has_gone(depth, self.standing()[0])
                ),
                seconds=60,
                else_say=lambda depth=depth: f"{self.channel} {depth}: {self.standing()}",
            )
            created = len(self.posts())
            assert max(self.posts()) <= pulled_at + 2, (self.channel, depth)
            assert self.standing()[1] == AS_THE_PERSON_LEFT_IT

    def accepted(self):
        return self.place.log.read_text().count("submission.accepted") if self.place.log.exists() else 0

    def go_on(self):
        """End what holds work back, and ask for all of it once more."""
        if self.channel == "file":
            (self.place.folder / "state/STOP").unlink()
        else:
            self.order("resume", all=True)
        self.order("trigger", campaign="spring")

    def order(self, name, **body):
        token = (self.place.folder / "state/api.token").read_text().strip()
        reply = httpx.post(
            f"http://127.0.0.1:{self.port}/api/v1/{name}",
            headers={"Authorization": f"Bearer {token}"},
            json=body,
            trust_env=False,
            timeout=40,
        )
        assert reply.status_code == 200, reply.text
        return reply.json()

    def pull(self, depth):
        """Pull the switch, and return when it was pulled, in seconds of the hosts' clock."""
        match self.channel:
            case "file":
                (self.place.folder / "state/STOP").write_text("" if depth == "submit" else depth)
                return time.time()
            case "http":
                told = self.order(DEPTHS[depth], all=True)
            case _:
                asked = self.place.command(DEPTHS[depth], "--all")
                said, wrong = asked.communicate(timeout=60)
                assert asked.returncode == 0, wrong
                told = json.loads(said)
        # Not when it was answered: that is after the hosts have done what it asks for.
        return datetime.fromisoformat(told.get("placed_at") or told["at"]).timestamp()


def names_of(channel):
    return [f"{channel}-{number}" for number in range(HOSTS)]


def serials(name):
    return [f"{name}-{number:02}" for number in range(DEVICES)]


def made(url, name):
    """Let somebody else's program make a task; return its id."""
    body = {"serials": [f"{name}-theirs"], "script_name": "post", "script_config": {"captions": "theirs"}}
    return httpx.post(f"{url}/task", json=body, trust_env=False).json()["data"]["task_ids"][0]


def host_of(name):
    return {
        "name": name,
        "serials": [*serials(name), f"{name}-theirs"],
        "pickup_seconds": (0.2, 1.0),
        "duration_seconds": (600, 900),
        "faults": SLOW_CREATES,
    }


def has_gone(depth, ours):
    """Is what the depth takes back gone from the hosts, and what it leaves still there?"""
    return (ours["pending"] > 0, ours["running"] > 0) == (depth == "submit", depth != "stop")


def test_nothing_leaves_two_seconds_later_and_only_ours_is_taken_back(tmp_path):
    with ExitStack() as stack:
        hosts = [host_of(name) for channel in CHANNELS for name in names_of(channel)]
        served = stack.enter_context(farm(hosts))
        sites = [Site(tmp_path / channel, served, channel=channel) for channel in CHANNELS]
        daemons = [stack.enter_context(site.place.daemon()) for site in sites]
        with ThreadPoolExecutor() as threads:
            list(threads.map(Site.runs_through_all_depths, sites))
        for daemon in daemons:
            assert stopped(daemon) == 0
        before = [(site.posts(), site.standing(), site.place.states()) for site in sites]
        again = [stack.enter_context(site.place.daemon()) for site in sites]
        for site in sites:
            wait_until(
                lambda site=site: len(site.place.events_named("host.ready")) == 2 * HOSTS,
                seconds=60,
                else_say=lambda site=site: str(site.place.events()[-3:]),
            )
        time.sleep(1)
        assert [(site.posts(), site.standing(), site.place.states()) for site in sites] == before
        for site, daemon in zip(sites, again, strict=True):
            assert site.place.states()["planned"] > UNDER_WAY
            assert not site.place.events_named("daemon.stalled")
            assert stopped(daemon) == 0
