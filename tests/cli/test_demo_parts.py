"""What the demo does where its processes do not work as they should."""

from __future__ import annotations

import asyncio
import signal
import sys

import pytest

from runner.adapters.ledger import Ledger
from runner.cli.demo import processes
from runner.cli.demo.live import watch
from runner.cli.demo.processes import daemon, simulated_hosts
from runner.errors import RunnerError

NOT_STARTED = "print('no host')"
STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(60)
"""


async def make(store: str) -> None:
    await Ledger.open(store).close()


@pytest.fixture
def python(tmp_path_factory, monkeypatch):
    """Let another program take the place of the interpreter."""

    def put(program: str) -> None:
        file = tmp_path_factory.mktemp("bin") / "python"
        file.write_text(f"#!{sys.executable}\n{program}\n")
        file.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(file))

    return put


def test_hosts_that_do_not_start_are_told_with_their_log(tmp_path, python):
    python(NOT_STARTED)
    with pytest.raises(RunnerError, match=r"did not start; see .*simulator\.log"), simulated_hosts(tmp_path):
        pass


def test_a_daemon_that_does_not_end_is_ended(tmp_path, python, monkeypatch):
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.2)
    python(STUBBORN)
    with daemon(tmp_path) as process:
        assert process.stdout.readline() == "up\n"
    assert process.returncode == -signal.SIGKILL


def test_a_daemon_that_ends_by_itself_leaves_its_words_in_its_log(tmp_path, python):
    python("import sys; sys.exit('it does not work')")
    with daemon(tmp_path) as process:
        assert process.wait(timeout=10) == 1
    assert (tmp_path / "daemon.log").read_text() == "it does not work\n"


@pytest.mark.parametrize("with_store", [False, True])
def test_a_daemon_that_has_ended_early_ends_the_watch(tmp_path, with_store):
    store = f"sqlite:///{tmp_path}/runner.db"
    if with_store:
        asyncio.run(make(store))
    with pytest.raises(RunnerError, match="the daemon has ended"):
        watch(store, seconds=10, alive=lambda: False)


@pytest.mark.parametrize("with_store", [False, True])
def test_a_watch_ends_when_its_time_is_up(tmp_path, with_store, capsys):
    store = f"sqlite:///{tmp_path}/runner.db"
    if with_store:
        asyncio.run(make(store))
    with pytest.raises(RunnerError, match="takes longer than expected"):
        watch(store, seconds=0.3, alive=lambda: True)
    assert capsys.readouterr().out == ""
