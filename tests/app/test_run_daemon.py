"""The daemon as a process has it: real clock, scheduler, log and signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from support.engine import post_to
from support.root_logging import restored_logging
from support.store import bytes_kept, store_in

from runner.adapters.ledger import Reader
from runner.app import run_daemon as running
from runner.app.rhythm import Rhythm
from runner.app.run_daemon import run_daemon
from runner.errors import FilesRejected


@pytest.fixture(autouse=True)
def _logging_as_before():
    with restored_logging():
        yield


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "campaigns").mkdir()
    log = {"format": "json", "file": str(tmp_path / "runner.log")}
    hosts = {"pc": {"url": "http://127.0.0.1:9/api/v1"}}
    (tmp_path / "config.yaml").write_text(
        json.dumps({"hosts": hosts, "log": log, "store": store_in(tmp_path)})
    )
    (tmp_path / "state").mkdir()
    return tmp_path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(folder, number):
    log = folder / "runner.log"

    def end() -> None:
        while not log.exists() or "host.unreachable" not in log.read_text():
            time.sleep(0.01)
        os.kill(os.getpid(), number)

    ending = threading.Thread(target=end)
    ending.start()
    assert run_daemon(None, environ={}, working_folder=folder) == 0
    ending.join()
    names = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert names == ["daemon.started", "host.unreachable", "daemon.stopping", "daemon.stopped"]
    reader = Reader.open(store_in(folder))
    assert [stored.event.name for stored in reader.events()] == names
    reader.close()


def test_a_hang_up_makes_it_look_at_its_files(folder, monkeypatch):
    slow = Rhythm(heartbeat_seconds=3_600.0, look_seconds=3_600.0)
    monkeypatch.setattr(running, "Daemon", partial(running.Daemon, rhythm=slow))
    log = folder / "runner.log"

    def edit_and_ask() -> None:
        while not log.exists() or "host.unreachable" not in log.read_text():
            time.sleep(0.01)
        (folder / "campaigns/c.yaml").write_text(json.dumps(post_to("A")))
        os.kill(os.getpid(), signal.SIGHUP)
        while "campaign.planned" not in log.read_text():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    asking = threading.Thread(target=edit_and_ask)
    asking.start()
    assert run_daemon(None, environ={}, working_folder=folder) == 0
    asking.join()
    names = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert names.index("campaign.accepted") < names.index("campaign.planned") < names.index("daemon.stopped")


def test_it_looks_at_its_files_when_a_command_beside_it_asks(folder, monkeypatch):
    slow = Rhythm(heartbeat_seconds=3_600.0, look_seconds=3_600.0, pulse_seconds=0.05)
    monkeypatch.setattr(running, "Daemon", partial(running.Daemon, rhythm=slow))
    log = folder / "runner.log"
    asked = []

    def edit_and_ask() -> None:
        while not log.exists() or "host.unreachable" not in log.read_text():
            time.sleep(0.01)
        (folder / "campaigns/c.yaml").write_text(json.dumps(post_to("A")))
        (folder / "campaigns/d.yaml").write_text("scripts: [}")
        command = [sys.executable, "-m", "runner", "--config", "config.yaml", "reload", "--format", "json"]
        asked.append(subprocess.run(command, cwd=folder, capture_output=True, check=False))
        os.kill(os.getpid(), signal.SIGTERM)

    asking = threading.Thread(target=edit_and_ask)
    asking.start()
    assert run_daemon(None, environ={}, working_folder=folder) == 0
    asking.join()
    (answer,) = asked
    assert answer.returncode == 1, answer.stderr
    found = json.loads(answer.stdout)
    assert (found["accepted"], [one["file"] for one in found["rejected"]]) == (["c"], ["campaigns/d.yaml"])


def test_a_config_that_does_not_check_is_refused(folder):
    (folder / "config.yaml").write_text("hosts: {}")
    with pytest.raises(FilesRejected):
        run_daemon(None, environ={}, working_folder=folder)


class Echoing(BaseHTTPRequestHandler):
    """A host without a licence, which repeats a secret."""

    def do_GET(self) -> None:
        licence = {"api_enabled": False, "plan_name": "Starter", "message": "no plan for canary-0815"}
        body = json.dumps({"code": 0, "message": "", "data": licence}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_what_a_host_repeats_of_a_secret_gets_neither_into_the_store_nor_into_the_log(folder):
    log = folder / "runner.log"
    host = HTTPServer(("127.0.0.1", 0), Echoing)
    threading.Thread(target=host.serve_forever, daemon=True).start()
    config = json.loads((folder / "config.yaml").read_text())
    config["hosts"]["pc"]["url"] = f"http://127.0.0.1:{host.server_port}/api/v1"
    (folder / "config.yaml").write_text(json.dumps(config))
    (folder / "campaigns/c.yaml").write_text(
        json.dumps(post_to("A", script_config={"captions": "${env:WORD}"}))
    )
    # Of a file that may be in the middle of being written at the start, no secrets are known yet.
    os.utime(folder / "campaigns/c.yaml", times=(0, 0))

    def end() -> None:
        while not log.exists() or "host.unlicensed" not in log.read_text():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    ending = threading.Thread(target=end)
    ending.start()
    assert run_daemon(None, environ={"WORD": "canary-0815"}, working_folder=folder) == 0
    ending.join()
    host.shutdown()
    host.server_close()
    assert "no plan for ${env:WORD}" in log.read_text()
    assert b"canary-0815" not in log.read_bytes() + bytes_kept(folder)
