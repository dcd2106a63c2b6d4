"""A store on a server is copied and put back by its own tools; then it is marked."""

from __future__ import annotations

from datetime import date

import pytest
from support.store import asked

from runner.adapters.store_lock import sole_user

DAY = date(2026, 12, 1)
BEAT = 1_796_115_600_000_000


@pytest.mark.postgresql(reason="a file is copied and put back by the commands themselves")
def test_backup_and_restore_say_what_to_use_instead(project):
    project.plan(DAY)
    for words in (("backup", "copy.db"), ("restore", "copy.db")):
        refused = project.ask(*words)
        assert refused.exit_code == 1
        assert "pg_dump" in refused.stderr
        assert "restore --mark" in refused.stderr


def test_a_store_that_was_put_back_by_other_means_is_marked(project):
    project.plan(DAY)
    project.beat(BEAT)
    with sole_user(project.store):
        assert project.ask("restore", "--mark").exit_code == 75
    done = project.ask("restore", "--mark")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "restored what was known at 2026-12-01T" in done.stdout
    assert asked(project.store, "SELECT backup_at, applied_at FROM restores") == [(BEAT, None)]


def test_what_is_not_there_is_not_marked(project):
    refused = project.ask("restore", "--mark")
    assert (refused.exit_code, "no store yet" in refused.stderr) == (1, True)
    for words in ((), ("copy.db", "--mark")):
        assert project.ask("restore", *words).exit_code == 2
