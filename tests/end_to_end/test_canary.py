"""A secret reaches its host and nothing else: no log, no store, no answer, no error, no list of processes."""

from __future__ import annotations

import base64
import json
import subprocess
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from support.processes import Workplace, daemon_command, farm, stopped, wait_until, window
from support.served import free_port
from support.store import store_in, values_in

from runner.cli.main import main
from runner.web.routes import ROUTES

MARK = "c4n4ry"
"""Stands in every secret; no encoding of JSON, of a URL or of a shell changes it."""
SECRET = f'{MARK}-\u00e9 "0815"'
SERIALS = ("one", "two", "three", "four")
COMMANDS = (
    ("status",),
    ("runs",),
    ("results",),
    ("events",),
    ("audit", "export"),
    ("why", "spring"),
    ("plan",),
    ("validate",),
    ("doctor",),
    ("hosts",),
    ("reload",),
)

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("API_KEY", SECRET)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.txt").write_text(SECRET)
    return Workplace(tmp_path)


def campaign(*, topic="cats"):
    settings = {"api_key": "${file:secret.txt}", "prompt": "as ${env:API_KEY} says"}
    common = {"device_groups": ["all"], "start_time": window(opens_in=-5, lasts=3000), "spread": "together"}
    warmup = {"topic": topic, "generate_by_chatgpt": True, "chatgpt_settings": settings}
    post = {"captions": "Hej ${env:API_KEY}", "content_type": 0}
    return {
        "device_groups": {"all": {"serials": list(SERIALS)}},
        "scripts": [
            {**common, "script_name": "post", "script_config": post},
            {**common, "script_name": "account_warmup", "script_config": warmup},
        ],
    }


def holds_nothing(text, where):
    """Check that neither the secret stands in a text, nor what base64 makes of it."""
    data = text.encode() if isinstance(text, str) else text
    encoded = {base64.b64encode(f"{' ' * shift}{SECRET}".encode())[4:12] for shift in range(3)}
    for form in (MARK.encode(), *encoded):
        assert form not in data, where


def processes_of(pid):
    """Return what everybody may read of a process and its children: command lines, and of children more."""
    seen = b""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if int(folder.name) == pid:
                seen += (folder / "cmdline").read_bytes()
            elif parent == pid:
                seen += b"\nchild " + (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
    return seen


def answers(place, port):
    """Yield all that the API says to every question, and to orders that change nothing of value."""
    token = (place.folder / "state/api.token").read_text().strip()
    key = place.assignments()[0].assignment.key
    orders = {"trigger": {"campaign": "spring"}, "pause": {"all": True}, "resume": {"all": True}}
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=40) as client:
        for route in ROUTES:
            url = f"http://127.0.0.1:{port}{route.path.replace('{key}', key)}"
            asked = {"params": {"subject": "spring"}} if route.name == "why" else {}
            if route.method == "POST":
                asked["json"] = orders.get(route.name, {"campaign": "spring"})
            reply = client.request(route.method, url, **asked)
            assert token not in reply.text, route.name
            yield route.name, reply.text


def test_a_secret_reaches_its_host_and_nothing_else(place):
    port = free_port()
    host = {"name": "pc", "serials": SERIALS, "duration_seconds": (0.1, 0.3), "pickup_seconds": (0, 0.1)}
    with farm([{**host, "failure_rate": 0.4, "own_retries": 1}]) as served:
        place.write_config(served.urls, web={"listen": f"127.0.0.1:{port}"})
        place.write_campaign("spring", **campaign())
        with place.daemon() as daemon:
            wait_until(
                lambda: sum(place.states()[state] for state in ("completed", "failed")) >= 2 * len(SERIALS),
                seconds=60,
                else_say=lambda: str(place.states()),
            )
            place.write_text("broken", 'scripts: [{captions: "${env:API_KEY}"}')
            place.write_campaign("spring", **campaign(topic="dogs"))
            seen = b""

            def is_checked():
                nonlocal seen
                seen += processes_of(daemon.pid)
                return place.events_named("campaign.rejected") and b"child" in seen

            wait_until(is_checked, seconds=60, else_say=lambda: str(seen))
            holds_nothing(seen, "processes")
            for name, text in answers(place, port):
                holds_nothing(text, name)
            for words in COMMANDS:
                result = CliRunner().invoke(main, ["--config", str(place.config), *words])
                holds_nothing(f"{result.output}{result.stderr}{result.exception!r}", words)
            assert stopped(daemon) == 0
        sent = [json.dumps(one["body"], ensure_ascii=False) for one in served.commits("pc")]
    assert sum(MARK in body for body in sent) >= 2 * len(SERIALS)
    token = (place.folder / "state/api.token").read_bytes().strip()
    for file in [place.log, *(one for one in (place.folder / "state").iterdir() if one.name != "api.token")]:
        holds_nothing(file.read_bytes(), file)
        assert token not in file.read_bytes()
    values = [one for one in values_in(store_in(place.folder)) if isinstance(one[1], str | bytes)]
    assert {"assignments", "events", "intents"} <= {table for table, _ in values}
    for table, value in values:
        holds_nothing(value, table)


def test_the_password_of_a_store_is_in_no_error(place):
    place.write_config({"pc": "http://127.0.0.1:9/api/v1"})
    settings = json.loads(place.config.read_text())
    settings["store"] = f"postgresql://runner:{MARK}-0815@127.0.0.1:9/ledger"
    place.config.write_text(json.dumps(settings))
    place.write_campaign("spring", **campaign())
    for words in (("status",), ("doctor",), ("pause", "--all"), ("results",), ("backup", "copy.db")):
        result = CliRunner().invoke(main, ["--config", str(place.config), *words])
        assert result.exit_code != 0
        holds_nothing(f"{result.output}{result.stderr}{result.exception!r}", words)
    ran = subprocess.run(daemon_command(place.config), capture_output=True, timeout=60, check=False)
    assert ran.returncode != 0
    holds_nothing(ran.stdout + ran.stderr, "run")
