"""Crashes at every boundary of small lives, and pairs of them: nothing is doubled, lost or lied about."""

from __future__ import annotations

import pytest

from proof.crashes.command import table
from proof.crashes.enumeration import Findings, explore, spread_evenly
from proof.crashes.scenarios import SCENARIOS
from proof.crashes.trial import Trial, lived

SHORT = ("plain post", "lost answer: reset, work done", "start after a stop")
PAIRS = 90

pytestmark = [pytest.mark.timeout(240), pytest.mark.sqlite(reason="the checker reads the store's file")]


def quiet(_line):
    pass


@pytest.mark.parametrize("scenario", SHORT)
def test_a_crash_at_any_boundary_changes_nothing_but_lateness_and_doubt(scenario):
    found = explore([scenario], rests=(0.0,), pairs=PAIRS // len(SHORT), workers=0, tell=quiet)
    assert found.wrong == [], "\n".join(table(found))
    assert found.singles[scenario] == found.boundaries[scenario] > 50
    assert found.pairs[scenario] == PAIRS // len(SHORT)
    assert found.names.keys() >= {
        "commit:intent+assignment.submitting:before",
        "commit:intent+assignment.submitting:after",
        "send:POST /task",
        "commit:beat:after",
    }


@pytest.mark.parametrize("scenario", [scenario.name for scenario in SCENARIOS])
def test_every_scenario_ends_well_without_a_crash(scenario):
    assert lived(Trial(scenario)).wrong == ()


def boundary(scenario, name):
    """Return the number of the first boundary of that name."""
    boundaries = lived(Trial(scenario)).boundaries
    return next(
        number
        for number in range(1, boundaries + 1)
        if name in lived(Trial(scenario, (number,), (0.0,))).struck
    )


def forget_requests(engine):
    """Do what a runner does that keeps no intents: what was under way is planned again."""
    with engine.changed() as connection:
        connection.execute("DELETE FROM intents WHERE outcome = 'open'")
        connection.execute("UPDATE assignments SET state = 'planned' WHERE state = 'submitting'")


def forget_results(engine):
    """Do what a runner does that tells a result before it is on disk."""
    with engine.changed() as connection:
        connection.execute("UPDATE assignments SET state = 'missed' WHERE state = 'completed'")


def test_a_request_that_is_forgotten_is_found():
    at = boundary("plain post", "receive:POST /task")
    outcome = lived(Trial("plain post", (at,), (0.0,)), after_crash=forget_requests)
    assert any("made 2 times" in line for line in outcome.wrong)
    assert any("lost intent" in line for line in outcome.wrong)


def test_a_result_that_is_lost_after_its_commit_is_found():
    last = lived(Trial("plain post")).boundaries
    outcome = lived(Trial("plain post", (last,), (0.0,)), after_crash=forget_results)
    assert any("lost result" in line for line in outcome.wrong)


def test_pairs_are_spread_over_all_first_and_second_boundaries():
    findings = Findings()
    for first, length in ((1, 4), (2, 5), (3, 3)):
        findings.lengths[Trial("x", (first,), (0.0,))] = length
    every = [trial.crashes for trial in spread_evenly(findings, 100)]
    assert every == [(1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (2, 5)]
    assert [trial.crashes for trial in spread_evenly(findings, 3)] == [(1, 2), (1, 4), (2, 4)]
