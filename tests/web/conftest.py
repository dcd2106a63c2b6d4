"""A daemon with its HTTP API, one for all tests of a module."""

from __future__ import annotations

import pytest
from support.served import served

from runner.web import guard


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    # How fast tests ask depends on the machine. That too many are refused has a test with the usual bound.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(guard, "BURST", 1_000_000)
        patched.setattr(guard, "REFUSED_BURST", 1_000_000)
        with served(tmp_path_factory.mktemp("served")) as running:
            yield running
