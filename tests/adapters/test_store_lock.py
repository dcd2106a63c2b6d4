"""A store has one daemon at a time; the lock ends with whoever held it."""

from __future__ import annotations

import pytest

from runner.adapters.store_lock import sole_user
from runner.errors import StoreInUse


def test_a_second_user_of_a_store_is_refused_while_the_first_is_there(tmp_path):
    store = f"sqlite:///{tmp_path}/deep/below/runner.db"
    with sole_user(store):
        with (
            pytest.raises(StoreInUse, match=r"another daemon works on .*runner\.db; stop it first"),
            sole_user(store),
        ):
            pass
        with sole_user(f"sqlite:///{tmp_path}/deep/below/another.db"):
            pass
    with sole_user(store):
        pass
    assert [file.name for file in sorted((tmp_path / "deep/below").iterdir())] == [
        "another.db.lock",
        "runner.db.lock",
    ]


def test_an_error_inside_ends_the_lock_as_well(tmp_path):
    store = f"sqlite:///{tmp_path}/runner.db"
    with pytest.raises(ValueError, match="inside"), sole_user(store):
        raise ValueError("inside")
    with sole_user(store):
        pass
