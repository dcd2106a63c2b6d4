"""Nobody who reads the log, or no longer does, makes the daemon wait or stop."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress

import pytest
from support.root_logging import restored_logging

from runner.adapters import log_stream
from runner.adapters.log_stream import UnhurriedStream
from runner.adapters.logs import EventLog
from runner.model.record import Event
from runner.model.settings import LogSettings

AT = 1_700_000_000_250_000


@pytest.fixture
def piped(monkeypatch, tmp_path):
    """Return the reading end of standard error, and a log that writes to it and to a file."""
    reading, writing = os.pipe()
    file = tmp_path / "runner.log"
    with os.fdopen(writing, "w") as stream, os.fdopen(reading, "rb") as reader, restored_logging():
        os.set_blocking(reading, False)
        monkeypatch.setattr(sys, "stderr", stream)
        yield reader, EventLog(LogSettings("info", "json", file)), file


def told(log, numbers):
    for number in numbers:
        log.write(Event(AT, "host.ready", {"number": number, "detail": "x" * 900}))


def read(reader):
    return reader.read() or b""


def test_what_is_read_late_comes_whole_and_in_order(piped):
    reader, log, _ = piped
    told(log, range(500))  # far more than a pipe takes
    got = read(reader)
    assert 0 < len(got) < 100_000
    for number in range(500, 520):
        told(log, [number])
        got += read(reader)
    lines = [json.loads(line) for line in got.splitlines()]
    assert [line["number"] for line in lines] == list(range(520))


def test_what_nobody_reads_for_long_is_dropped_and_counted(piped, monkeypatch):
    monkeypatch.setattr(log_stream, "MOST_WAITING_BYTES", 10_000)
    reader, log, file = piped
    told(log, range(200))
    got = read(reader)
    told(log, [200])
    got += read(reader)
    told(log, [201])
    got += read(reader)
    lines = [json.loads(line) for line in got.splitlines()]
    numbers = [line["number"] for line in lines if line["event"] == "host.ready"]
    (dropped,) = [line["lines"] for line in lines if line["event"] == "log.dropped"]
    assert len(numbers) + dropped == 202
    assert numbers == sorted(numbers)
    assert len(file.read_text().splitlines()) == 202


def test_a_reader_that_has_gone_costs_its_lines_only(piped, capfd):
    reader, log, file = piped
    reader.close()
    told(log, range(50))
    assert len(file.read_text().splitlines()) == 50
    assert capfd.readouterr().err == ""


def test_a_pipe_that_others_have_filled_is_not_waited_for():
    reading, writing = os.pipe()
    try:
        os.set_blocking(writing, False)
        with suppress(BlockingIOError):
            while True:
                os.write(writing, b"x" * 512)
        stream = UnhurriedStream(writing, encoding="utf-8")
        stream.write("é\n")
        stream.flush()
        os.set_blocking(reading, False)
        os.read(reading, 1 << 20)
        stream.flush()
        assert os.read(reading, 10) == "é\n".encode()
    finally:
        os.close(reading)
        os.close(writing)


def test_a_stream_that_is_none_of_the_systems_is_left_as_it_is(capsys):
    assert UnhurriedStream.of(sys.stderr) is None
    sys.stderr.write("as ever")
    assert capsys.readouterr().err == "as ever"


def test_the_lines_of_one_turn_of_a_loop_go_out_together(piped):
    reader, log, _ = piped

    async def turns():
        told(log, range(3))
        before = read(reader)
        await asyncio.sleep(0)
        return before, read(reader)

    before, after = asyncio.run(turns())
    assert before == b""
    assert [json.loads(line)["number"] for line in after.splitlines()] == [0, 1, 2]


def test_what_a_loop_leaves_behind_goes_out_with_the_next_flush(piped):
    reader, log, _ = piped
    loop = asyncio.new_event_loop()
    loop.call_soon(told, log, range(2))
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    told(log, [2])
    assert [json.loads(line)["number"] for line in read(reader).splitlines()] == [0, 1, 2]
