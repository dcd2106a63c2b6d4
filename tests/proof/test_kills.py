"""Kills of the real daemon under load: no work is done twice, and none goes untold."""

from __future__ import annotations

import pytest

from proof.kills.command import table
from proof.kills.life import killed_often
from proof.kills.load import Load
from proof.kills.verdict import Kill

KILLS = 3

pytestmark = pytest.mark.sqlite(reason="the checker reads the store's file")


@pytest.mark.timeout(400)
def test_kills_at_any_moment_double_nothing_and_leave_nothing_untold(tmp_path):
    load = Load()
    report = killed_often(tmp_path, load, kills=KILLS, seed=7, tell=lambda _line: None)
    assert report.wrong == [], "\n".join(table(report))
    assert len(report.kills) == KILLS
    assert report.states.total() == load.assignments * report.campaigns
    assert report.commits > load.devices
    assert report.faulted.total() > 0


def test_a_kill_strikes_what_it_may_have_cut_off():
    kill = Kill(after=100, before=110)
    assert kill.strikes(90, 105)
    assert kill.strikes(105, 200)
    assert not kill.strikes(10, 99)
    assert not kill.strikes(111, 200)
