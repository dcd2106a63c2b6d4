"""Each mistake in a content file, or about one, is told at its line with what to write instead."""

from __future__ import annotations

import json
import time

import pytest
from support.engine import post_to

from runner.app.load import load

GOOD = "date,serial,caption\n2026-12-01,A,Hi\n2026-12-02,,Ho\n"
RANGE = {"from": "2026-12-01", "until": "2026-12-02"}


def told(tmp_path, text, *, by="date", name="clips.csv", caption="${row.caption}", content=None, **keys):
    """Return the problems of a campaign with this content file, as `file:line:column: severity: message`."""
    (tmp_path / "campaigns").mkdir(exist_ok=True)
    (tmp_path / "config.yaml").write_text('hosts: {pc: {url: "http://pc:50809/api/v1"}}')
    if text is not None:
        written = text if isinstance(text, bytes) else text.encode()
        (tmp_path / "campaigns" / name).write_bytes(written)
    content = {"content": {"file": name, "by": by}} if content is None else content
    campaign = post_to("A", script_config={"captions": caption}, **content) | RANGE | keys
    (tmp_path / "campaigns/c.yaml").write_text(json.dumps(campaign))
    return [str(problem) for problem in load(None, environ={}, working_folder=tmp_path).problems]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_good_file_has_no_problem(tmp_path, mark, end):
    assert told(tmp_path, mark + GOOD.replace("\n", end)) == []


def test_cells_may_hold_commas_quotes_and_line_ends_of_any_kind(tmp_path):
    text = 'date,caption\r\n2026-12-01,"a, ""b""\r\nc"\r\n2026-12-02,x\u2028y\x85z\r\n'
    assert told(tmp_path, text) == []
    (campaign,) = load(None, environ={}, working_folder=tmp_path).campaigns
    rows = campaign.entries[0].content.rows
    assert [(row.number, row.line, row.values["caption"]) for row in rows] == [
        (1, 2, 'a, "b"\r\nc'),
        (2, 4, "x\u2028y\x85z"),
    ]


def test_a_good_yaml_file_has_no_problem_and_may_lie_elsewhere(tmp_path):
    (tmp_path / "content").mkdir()
    (tmp_path / "content/clips.yaml").write_text(
        "- {date: 2026-12-01, caption: Hi}\n- date: 2026-12-02\n  caption: 'Ho'\n"
    )
    assert told(tmp_path, None, name="../content/clips.yaml") == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"date,caption\n2026-12-01,\xff\n", "campaigns/clips.csv:2:12: error: this is not UTF-8"),
        (b"\xff\xfed\0a\0", "campaigns/clips.csv:1:1: error: the file is UTF-16; save it as UTF-8"),
        (b"date,caption\n\0\n", "campaigns/clips.csv:2:1: error: a NUL character"),
        (b"a" * 2_000_000, "campaigns/clips.csv:1:1: error: the file has more than 1024 KiB"),
        ("", "campaigns/clips.csv:1:1: error: holds no row; write a header"),
        ("date,caption\n", "campaigns/clips.csv:1:1: error: holds no row; write a header"),
        ("date;caption\n2026-12-01;Hi\n", "campaigns/clips.csv:1:1: error: the cells are separated by semi"),
        ("date,,x\n1,2,3\n", "campaigns/clips.csv:1:1: error: column 2 has no name"),
        ("date,x,x\n1,2,3\n", "campaigns/clips.csv:1:1: error: the column `x` is there twice"),
        ("date,{x}\n1,2\n", "campaigns/clips.csv:1:1: error: the column `{x}` cannot be named"),
        (GOOD + "2026-12-03,A\n", "campaigns/clips.csv:4:1: error: 2 cells, but 3 in the header"),
        (GOOD + "2026-12-03,A,Hi, you\n", "campaigns/clips.csv:4:1: error: 4 cells, but 3 in the header"),
        (GOOD + '2026-12-03,A,"Hi\n', "campaigns/clips.csv:4:1: error: this is no CSV: unexpected end"),
        (GOOD + '2026-12-03,A,"a"b\n', "campaigns/clips.csv:4:1: error: this is no CSV:"),
        (GOOD + "3.12.2026,A,Hi\n", "campaigns/clips.csv:4:1: error: date: `3.12.2026` is not a date; write"),
        ('date,caption\n2026-12-01,"two\nlines"\nsoon,x\n', "campaigns/clips.csv:4:1: error: date: `soon`"),
        ("day,caption\n1,Hi\n", "campaigns/c.yaml:1:{by}: error: scripts[0].content.by: campaigns/clips."),
        (None, "campaigns/clips.csv:1:1: error: cannot be read: No such file or directory"),
        ("id,date\n1,2026-12-01\n1,2026-12-02\n", "campaigns/clips.csv:3:1: error: id: `1` is in line 2"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_told_at_its_line_and_rejects_the_campaign(tmp_path, text, problem):
    found = told(tmp_path, text)
    where = problem.replace("{by}", str((tmp_path / "campaigns/c.yaml").read_text().find('"date"') + 1))
    assert any(one.startswith(where) for one in found), found
    assert any(one.startswith("campaigns/c.yaml:1:") and "error: scripts[0].content" in one for one in found)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("date: x", "campaigns/clips.yaml:1:1: error: write a list of rows here"),
        ("- one\n- {date: 2026-12-01}", "campaigns/clips.yaml:1:3: error: write a row here"),
        ("- date: [2026-12-01]", "campaigns/clips.yaml:1:9: error: date: write one text here"),
        ("- {date: x, date: y}", "campaigns/clips.yaml:1:13: error: `date` is given twice"),
        ("- {", "campaigns/clips.yaml:1:4: error:"),
    ],
)
def test_what_is_wrong_in_a_yaml_file_is_told_at_its_place(tmp_path, text, problem):
    found = told(tmp_path, text, name="clips.yaml")
    assert any(one.startswith(problem) for one in found), found


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"caption": "${row.captoin}"}, "has no column `captoin`; did you mean `caption`?"),
        ({"caption": "${row}"}, "there is no `${row}`"),
        (
            {"content": {}},
            "`${row.caption}` needs a content file; add `content: {file: clips.csv, by: date}`",
        ),
        ({"by": "day"}, "scripts[0].content.by: "),
        ({"by": "dat"}, "did you mean `date`?"),
        ({"content": {"content": {"file": "clips.csv"}}}, "`by` is missing; add it"),
        ({"content": {"content": {"by": "date"}}}, "`file` is missing; add it"),
        ({"content": {"content": "clips.csv"}}, "write keys with values here"),
        ({"content": {"content": {"file": "clips.csv", "by": "date", "sheet": 1}}}, "there is no such key"),
        (
            {"name": "clip.csv", "text": None},
            "scripts[0].content.file: cannot be used: campaigns/clip.csv:1:1",
        ),
    ],
)
def test_what_is_wrong_in_the_campaign_is_told_there(tmp_path, keys, problem):
    found = told(tmp_path, **{"text": GOOD} | keys)
    assert any(one.startswith("campaigns/c.yaml:1:") and problem in one for one in found), found


def test_missing_and_unused_rows_are_warnings_with_their_lines(tmp_path):
    text = "date,serial,caption\n2026-12-01,A,Hi\n2026-12-01,,more\n2026-12-05,,late\n2026-12-02,AA,other\n"
    first, *unused = told(tmp_path, text)
    assert "warning: scripts[0].content.file: no row for A on 2026-12-02, 14:30-14:45" in first
    assert unused == [
        "campaigns/clips.csv:3:1: warning: no assignment uses this row",
        "campaigns/clips.csv:4:1: warning: no assignment uses this row",
        (
            "campaigns/clips.csv:5:1: warning: no assignment uses this row: `AA` is no target of its entry; "
            "did you mean `A`?"
        ),
    ]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (1, "no row for A on 2026-12-02, 14:30-14:45; without one nothing is sent"),
        (2, None),
        (3, "campaigns/clips.csv:4:1: warning: no assignment uses this row"),
    ],
)
def test_rows_in_order_are_counted_where_the_campaign_has_an_end(tmp_path, rows, problem):
    text = "caption\n" + "Hi\n" * rows
    found = told(tmp_path, text, by="order")
    assert len(found) == (0 if problem is None else 1)
    assert all(problem in one for one in found)
    assert told(tmp_path, text, by="order", until="2199-12-31") == []


def test_by_target_a_target_without_rows_and_rows_without_a_target_are_told(tmp_path):
    found = told(tmp_path, "serial,caption\nB,Hi\n", by="target", until="2199-12-31")
    assert "no row for A; without one nothing is sent" in found[0]
    assert "campaigns/clips.csv:2:1: warning: no assignment uses this row: `B` is no target" in found[1]
    found = told(tmp_path, "serial,caption\n,Hi\nA,Ho\n", by="target")
    assert "campaigns/clips.csv:2:1: error: names no target; write one, or delete the row" in found


def test_many_unused_rows_are_cut_short(tmp_path):
    found = told(tmp_path, "caption\n" + "Hi\n" * 1_000, by="order")
    assert len(found) == 21
    assert found[-1] == "campaigns/clips.csv:24:1: warning: nor 978 more rows below"


def test_a_large_file_is_checked_in_a_moment(tmp_path):
    begun = time.process_time()
    told(tmp_path, "caption\n" + "0123456789\n" * 20_000, by="order")
    assert time.process_time() - begun < 2
