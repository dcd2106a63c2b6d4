"""A daemon goes on while its pulse beats, its house is kept, and none of its loops has ended by itself."""

from __future__ import annotations

import pytest

from runner.core.standstill import HOUSE_SECONDS, PULSE_SECONDS, Progress, standstill

NOW = 10_000.0
LONG = HOUSE_SECONDS + 1


def found(*, pulse=0.0, began=0.0, ended=0.0, dead=(), store_trouble=False):
    """Ask of a daemon whose parts were last seen so many seconds ago."""
    progress = Progress(NOW - pulse, NOW - began, NOW - ended)
    return standstill(progress, at=NOW, dead=dead, store_trouble=store_trouble)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"pulse": PULSE_SECONDS},
        {"began": HOUSE_SECONDS, "ended": HOUSE_SECONDS},
        {"began": LONG, "ended": 1},
        {"ended": LONG * 100, "store_trouble": True},
    ],
)
def test_it_goes_on(facts):
    assert found(**facts) is None


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"dead": ["poll pc", "house"]}, "ended by themselves: poll pc, house"),
        ({"pulse": PULSE_SECONDS + 1}, "the pulse has stood still for 121 s"),
        ({"ended": LONG}, "no heartbeat for 301 s"),
        ({"began": LONG, "ended": LONG, "store_trouble": True}, "no heartbeat for 301 s"),
        ({"dead": ["house"], "store_trouble": True}, "ended by themselves: house"),
        ({"pulse": LONG, "store_trouble": True}, "the pulse has stood still for 301 s"),
    ],
)
def test_it_stands_still(facts, words):
    assert found(**facts) == words
