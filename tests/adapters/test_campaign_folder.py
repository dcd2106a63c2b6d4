"""Campaign files are found below one folder, and only there."""

from __future__ import annotations

import os
from hashlib import sha256

import pytest

from runner.adapters import campaign_folder
from runner.adapters.campaign_folder import read_file, read_folder


def names(folder):
    return [text.path.relative_to(folder).as_posix() for text in read_folder(folder, most_bytes=100)]


def test_yaml_files_are_read_in_order_and_hidden_ones_passed_over(tmp_path):
    for name in ("b.yaml", "a/c.yml", "a.yaml", ".hidden.yaml", ".git/x.yaml", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert names(tmp_path) == ["a/c.yml", "a.yaml", "b.yaml"]


def test_a_digest_is_of_the_bytes(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"a: 1\r\n")
    text = read_folder(tmp_path, most_bytes=100)[0]
    assert text.content == b"a: 1\r\n"
    assert text.digest == sha256(b"a: 1\r\n").hexdigest()


def test_links_are_followed_inside_the_folder_only(tmp_path):
    (tmp_path / "outside.yaml").write_text("x")
    folder = tmp_path / "campaigns"
    (folder / "..now").mkdir(parents=True)
    (folder / "..now/real.yaml").write_text("inside")
    (folder / "in.yaml").symlink_to(folder / "..now/real.yaml")
    (folder / "out.yaml").symlink_to(tmp_path / "outside.yaml")
    (folder / "gone.yaml").symlink_to(folder / "nothing")
    (folder / "loop.yaml").symlink_to(folder / "loop.yaml")
    read = {text.path.name: text for text in read_folder(folder, most_bytes=100)}
    assert read["in.yaml"].content == b"inside"
    assert "a link out of the folder" in read["out.yaml"].unread
    assert read["gone.yaml"].unread == "cannot be read: No such file or directory"
    assert read["loop.yaml"].unread.startswith("cannot be read")


def test_what_is_no_regular_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "not a regular file" in read_folder(tmp_path, most_bytes=100)[0].unread
    assert (
        read_file(tmp_path, most_bytes=9).unread
        == "not a regular file; put a file with the text here, or take it away"
    )


def test_a_large_file_is_not_read_to_its_end(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"x" * 5000)
    assert "more than 4 KiB" in read_folder(tmp_path, most_bytes=4096)[0].unread


def test_a_path_that_cannot_be_is_a_reason(tmp_path):
    assert "null" in read_file(tmp_path / "a\0b", most_bytes=1).unread


def test_a_folder_that_cannot_be_listed_raises(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError):
        read_folder(tmp_path / "nowhere", most_bytes=1)
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        read_folder(tmp_path / "file", most_bytes=1)
    monkeypatch.setattr(campaign_folder, "MOST_FILES", 1)
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text("")
    with pytest.raises(OSError, match="more than 1 campaign files"):
        read_folder(tmp_path, most_bytes=1)
