"""Secrets come from the environment and from files, or are said to be missing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_a_secret_that_was_looked_up_is_named_wherever_it_is_repeated(secrets):
    assert secrets.redact("say abcd") == "say abcd"
    known = Secrets(environ={"KEY": "abcd", "LONGER": "abcdef", "SHORT": "abc"}, folder=secrets._folder)
    assert known.redact("abcd abcdef") == "abcd abcdef"
    for name in ("env:KEY", "env:LONGER", "env:SHORT", "env:KEY"):
        known.look_up(name)
    assert known.redact("abcd, xabcdefx, abc") == "${env:KEY}, x${env:LONGER}x, abc"


def test_a_secret_that_has_changed_is_recognized_with_both_values(secrets, tmp_path):
    file = tmp_path / "key"
    for value in ("first value", "second value"):
        file.write_text(value)
        secrets.look_up("file:key")
    assert secrets.redact("first value; second value") == "${file:key}; ${file:key}"


@given(secret=st.text(st.characters(codec="utf-8"), min_size=4), before=st.text(), ascii_only=st.booleans())
def test_no_secret_is_left_in_what_was_redacted(secret, before, ascii_only):
    known = Secrets(environ={"KEY": secret}, folder=None)
    known.look_up("env:KEY")
    echoed = json.dumps({"said": secret}, ensure_ascii=ascii_only)
    assert known.redact(echoed) == '{"said": "${env:KEY}"}'
    assert known.redact(secret) == "${env:KEY}"
    # Whatever stands around it.
    assert secret not in known.redact(f"{before}{secret}").replace("${env:KEY}", "\0")
