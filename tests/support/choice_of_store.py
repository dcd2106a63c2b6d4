"""The store on which tests run: `--store sqlite`, or `--store postgresql` for those that touch one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.server import Server, programs
from support.store import SERVER, drop_stores, on_server, stores_made

if TYPE_CHECKING:
    from collections.abc import Iterator

MISSING = (
    "there is no PostgreSQL here; Debian's package is `postgresql`, and the driver comes with .[postgres]"
)
TOUCH_THE_STORE = (
    "adapters/ledger/",
    "app/engine/test_alarms.py",
    "app/engine/test_decisions.py",
    "app/engine/test_halts.py",
    "app/engine/test_kill_switch.py",
    "app/engine/test_pauses.py",
    "app/engine/test_restarts.py",
    "app/engine/test_restored.py",
    "app/engine/test_store_trouble.py",
    "app/engine/test_stop_file.py",
    "app/engine/test_triggers.py",
    "cli/test_cancel.py",
    "cli/test_history.py",
    "cli/test_pause.py",
    "cli/test_resolve.py",
    "cli/test_restore_on_a_server.py",
    "cli/test_status.py",
    "end_to_end/test_two_daemons.py",
)
"""Files and folders of tests; docs/adr/0037 says what is left out, and why."""

_server = pytest.StashKey[Server]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", choices=("sqlite", "postgresql"), default="sqlite", help="on which store")
    parser.addoption("--whole", action="store_true", help="on PostgreSQL: also what the choice leaves out")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sqlite(reason): can only be so on SQLite")
    config.addinivalue_line("markers", "postgresql(reason): can only be so on PostgreSQL")
    if config.getoption("--store") == "sqlite" or hasattr(config, "workerinput"):
        return
    if programs() is None:
        pytest.exit(MISSING, returncode=4)
    server = config.stash[_server] = Server()
    os.environ[SERVER] = server.url


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(_server, None)
    if server is not None:
        os.environ.pop(SERVER, None)
        server.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    other = "sqlite" if on_server() else "postgresql"
    for item in items:
        mark = item.get_closest_marker(other)
        if mark is not None:
            item.add_marker(pytest.mark.skip(reason=f"{other} only: {mark.kwargs['reason']}"))
    if on_server() and not config.getoption("--whole"):
        chosen = [item for item in items if _touches(item)]
        config.hook.pytest_deselected(items=[item for item in items if not _touches(item)])
        items[:] = chosen


def _touches(item: pytest.Item) -> bool:
    place = item.nodeid.removeprefix("tests/")
    return place.startswith(TOUCH_THE_STORE) or item.get_closest_marker("postgresql") is not None


@pytest.fixture(autouse=True)
def _stores() -> Iterator[None]:
    before = stores_made()
    yield
    if on_server():
        drop_stores(but=before)
