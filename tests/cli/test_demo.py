import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from runner.cli.main import main

ROWS = re.compile(r"The ledger knows (\d+) tasks; the hosts have (\d+)\.")


def read_all(terminal: int) -> str:
    read = b""
    while True:
        try:
            some = os.read(terminal, 65_536)
        except OSError:  # Linux's way to say that the other side has closed it
            break
        if not some:
            break
        read += some
    return read.decode()


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What a person sees who runs the demo in a terminal, and the folder that it leaves."""
    folder = tmp_path_factory.mktemp("demo")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "runner", "demo", str(folder)]
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL)
    os.close(theirs)
    text = read_all(ours)
    os.close(ours)
    assert process.wait(timeout=10) == 0, text
    return text, folder


def test_the_demo_runs_all_five_scripts_on_several_hosts_and_tells_what_failed_and_why(shown):
    text, _folder = shown
    for word in ("post", "follow", "unfollow", "comment", "account_warmup"):
        assert word in text.split("What ran where")[1]
    for host in ("studio-pc", "office-pc", "attic-pc"):
        assert host in text
    assert "failed" in text.split("What ran where")[1]
    assert text.split("What failed, and why")[1].count("SIM") >= 1


def test_the_hosts_have_exactly_the_tasks_that_the_ledger_knows(shown):
    text, _folder = shown
    ours, theirs = ROWS.search(text).groups()
    assert int(ours) > 50
    assert ours == theirs


def test_the_demo_shows_a_bar_that_grows_while_it_works(shown):
    text, _folder = shown
    live = text.split("What ran where")[0]
    positions = [int(ended) for ended in re.findall(r"\s(\d+)/52", live)]
    assert positions == sorted(positions)
    assert positions[-1] == 52
    assert len(set(positions)) > 5
    assert " running" in live


def test_the_demo_leaves_a_folder_that_the_other_commands_read(shown):
    _text, folder = shown
    asked = ["--config", str(folder / "config.yaml"), "results", "--format", "json"]
    results = json.loads(CliRunner().invoke(main, asked).output)
    assert len(results) == 52
    assert {row["state"] for row in results} <= {"completed", "failed"}
    assert (folder / "daemon.log").read_text(encoding="utf-8").count("daemon.stopped") == 1


def test_a_demo_that_takes_too_long_ends_with_a_clear_word_and_leaves_no_process(tmp_path):
    result = CliRunner().invoke(main, ["demo", str(tmp_path), "--seconds", "5"])
    assert result.exit_code == 1
    assert "takes longer than expected" in result.output
    assert "daemon.stopped" in Path(tmp_path, "daemon.log").read_text(encoding="utf-8")
