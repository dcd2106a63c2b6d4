"""The daemon as a process has it: real clock, scheduler, log and signals."""

from __future__ import annotations

import json
import os
import signal
import threading
import time

import pytest
from support.root_logging import restored_logging

from runner.adapters.ledger import Reader
from runner.app.daemon import run_daemon
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
    (tmp_path / "config.yaml").write_text(json.dumps({"hosts": hosts, "log": log}))
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
    reader = Reader.open(f"sqlite:///{folder}/state/runner.db")
    assert [stored.event.name for stored in reader.events()] == names
    reader.close()


def test_a_config_that_does_not_check_is_refused(folder):
    (folder / "config.yaml").write_text("hosts: {}")
    with pytest.raises(FilesRejected):
        run_daemon(None, environ={}, working_folder=folder)
