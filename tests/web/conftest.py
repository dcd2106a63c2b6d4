"""A daemon with its HTTP API, one for all tests of a module."""

from __future__ import annotations

import pytest
from support.served import served


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with served(tmp_path_factory.mktemp("served")) as running:
        yield running
