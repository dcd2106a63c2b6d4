"""Secrets come from the environment and from files, or are said to be missing."""

from __future__ import annotations

import pytest

from runner.adapters.secrets import MOST_BYTES, Secrets
from runner.errors import SecretMissing


@pytest.fixture
def secrets(tmp_path):
    return Secrets(environ={"KEY": "abc", "EMPTY": ""}, folder=tmp_path)


def test_a_secret_is_taken_from_the_environment(secrets):
    assert secrets.look_up("env:KEY") == "abc"


def test_a_secret_is_taken_from_a_file_without_its_line_end(secrets, tmp_path):
    (tmp_path / "key").write_bytes(b" abc \r\n")
    assert secrets.look_up("file:key") == " abc "
    assert secrets.look_up(f"file:{tmp_path}/key") == " abc "


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("env:NOPE", "the environment has no NOPE"),
        ("env:EMPTY", "the environment has no EMPTY"),
        ("file:nope", "cannot be read: No such file"),
        ("file:empty", "is empty"),
        ("file:binary", "is not UTF-8 text"),
        ("file:large", "more than 64 KiB"),
    ],
)
def test_a_secret_that_is_not_there_is_missing(secrets, tmp_path, name, words):
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff")
    (tmp_path / "large").write_bytes(b"x" * (MOST_BYTES + 1))
    with pytest.raises(SecretMissing, match=words):
        secrets.look_up(name)
