"""The token of the HTTP API: who may read it, and how it changes."""

from __future__ import annotations

import re
import stat

import pytest

from runner.adapters.api_token import TokenFile
from runner.errors import TokenUnusable


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state/api.token"


def test_a_token_of_256_bits_is_made_that_only_its_owner_can_read(path):
    token = TokenFile(path).current()
    assert re.fullmatch(rb"[A-Za-z0-9_-]{43}", token)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_restart_keeps_the_token(path):
    assert TokenFile(path).current() == TokenFile(path).current()


def test_a_deleted_file_makes_another_token_at_once(path):
    file = TokenFile(path)
    before = file.current()
    path.unlink()
    assert not file.is_token(before)
    assert file.is_token(path.read_bytes().strip())


def test_a_token_of_a_person_is_taken_over_at_once(path):
    file = TokenFile(path)
    before = file.current()
    path.write_text("x" * 43)
    assert file.is_token(b"x" * 43)
    assert not file.is_token(before)


@pytest.mark.parametrize("offered", [b"", b"x", b"x" * 43, b"\xff" * 43, b"x" * 10_000])
def test_nothing_else_is_the_token(path, offered):
    assert not TokenFile(path).is_token(offered)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_may_read_or_write_is_not_used(path, mode):
    file = TokenFile(path)
    token = file.current()
    path.chmod(mode)
    with pytest.raises(TokenUnusable, match="delete it, and a new token is made"):
        file.is_token(token)


@pytest.mark.parametrize("text", ["", "short", "x" * 42, "ä" * 43, "x y" * 20, "x" * 129])
def test_a_file_without_a_token_of_enough_bits_is_not_used(path, text):
    TokenFile(path).current()
    path.write_text(text)
    with pytest.raises(TokenUnusable, match="holds no token"):
        TokenFile(path).current()


def test_a_link_is_not_followed(path, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("x" * 43)
    elsewhere.chmod(0o600)
    path.parent.mkdir()
    path.symlink_to(elsewhere)
    with pytest.raises(TokenUnusable):
        TokenFile(path).current()


def test_a_folder_that_cannot_be_made_is_told_by_its_name(tmp_path):
    (tmp_path / "state").write_text("a file")
    with pytest.raises(TokenUnusable, match=r"state/api\.token"):
        TokenFile(tmp_path / "state/api.token").current()
