"""Signals call back in the event loop, also on systems whose loops take none, and lack some."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from runner.adapters.signals import signals_heard


@pytest.fixture(params=["a loop that takes signals", "a loop that takes none"])
def kind(request, monkeypatch):
    if request.param == "a loop that takes none":
        loop = asyncio.unix_events._UnixSelectorEventLoop
        monkeypatch.delattr(loop, "add_signal_handler")
        monkeypatch.delattr(loop, "remove_signal_handler")
    return request.param


def heard_at(number):
    """Return what is called back at a signal while nothing else happens."""

    async def scenario():
        heard = asyncio.Queue()
        with signals_heard(
            stop=lambda: heard.put_nowait("stop"), hang_up=lambda: heard.put_nowait("hang up")
        ):
            asyncio.get_running_loop().call_soon(os.kill, os.getpid(), number)
            return await asyncio.wait_for(heard.get(), 10)

    return asyncio.run(scenario())


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize(
    ("number", "call"), [(signal.SIGINT, "stop"), (signal.SIGTERM, "stop"), (signal.SIGHUP, "hang up")]
)
def test_each_signal_has_its_call(number, call):
    before = signal.getsignal(number)
    assert heard_at(number) == call
    assert signal.getsignal(number) is before


@pytest.mark.usefixtures("kind")
def test_ctrl_break_ends_where_there_is_one(monkeypatch):
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)
    assert heard_at(signal.SIGUSR1) == "stop"


@pytest.mark.usefixtures("kind")
def test_a_system_without_a_hang_up_has_the_others(monkeypatch):
    monkeypatch.delattr(signal, "SIGHUP")
    assert heard_at(signal.SIGTERM) == "stop"
