"""Engines that are known to be wrong: they can be planted and taken out again, and the checker sees them."""

from __future__ import annotations

import pytest

from proof.figures import lived
from proof.planted import LATER, PLANTED
from runner.adapters.ledger import Ledger, schema
from runner.adapters.ledger import halts as ledger_halts
from runner.adapters.ledger.queries import Reader
from runner.adapters.tikmatrix.client import TikMatrix
from runner.app import (
    close,
    courier,
    daemon,
    halts,
    host_lists,
    persons,
    planning,
    poll,
    reload,
    retry,
    settle,
    submit,
)
from runner.app.journal import Journal
from runner.app.restraints import Restraints
from runner.core import days, expand, observe, windows

OWNERS = (
    Ledger, schema, Restraints, Reader, TikMatrix, Journal, close, close.Closer, daemon, planning,
    planning.Planner, poll,
    reload.Campaigns, retry,
    retry.Retrier, settle, submit, host_lists, courier.Courier, submit.Submitter, days, expand, observe,
    windows, halts, ledger_halts, persons.Persons,
)  # fmt: skip
QUICK = ("grace of 1 s", "the machine's own zone")
"""Caught within the first day; the others are caught by `make prove`."""

pytestmark = pytest.mark.sqlite(reason="the checker reads the store's file")


def attributes():
    return [dict(vars(owner)) for owner in OWNERS]


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.name)
def test_a_wrong_engine_differs_and_is_taken_out_again(bug):
    before = attributes()
    with bug.plant():
        assert attributes() != before
    assert attributes() == before


@pytest.mark.parametrize("name", QUICK)
def test_a_wrong_engine_is_caught(name):
    (bug,) = [bug for bug in PLANTED if bug.name == name]
    with bug.plant():
        assert any(lived(seed, days=1.0, mix=bug.mix).violations for seed in range(3))


def test_every_wrong_engine_has_a_name_of_its_own():
    names = [*(bug.name for bug in PLANTED), *LATER]
    assert len(names) == len(set(names))
