"""The garbage collector waits for work that needs none, and goes on afterwards as it was."""

from __future__ import annotations

import gc

import pytest

from runner.app.collection import without_collection


def test_the_collector_waits_for_the_work_and_then_goes_on():
    assert gc.isenabled()
    with without_collection():
        assert not gc.isenabled()
        with without_collection():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_goes_on_after_work_that_failed():
    def fail():
        raise ValueError("failed")

    with pytest.raises(ValueError, match="failed"), without_collection():
        fail()
    assert gc.isenabled()
