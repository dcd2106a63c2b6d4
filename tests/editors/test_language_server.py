"""The YAML language server completes, explains and marks what people write in our files."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from editors.language_server import LanguageServer
from editors.questions import CURSOR, PROGRAM, ROOT, Edited
from editors.transcript import EXAMPLES, PAGE, completed, explained, page_with_transcript
from runner.app.schema import json_schema
from runner.cli.main import main

pytestmark = pytest.mark.skipif(
    not PROGRAM.is_file(),
    reason="the YAML language server is not installed; `make editors` does that",
)


@pytest.fixture(scope="module")
def server():
    running = LanguageServer(PROGRAM, root=ROOT)
    yield running
    running.close()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_nothing_is_marked_in_an_example(server, path):
    assert server.diagnostics(path, path.read_text()) == []


def test_every_key_that_is_not_there_yet_is_offered_at_the_top(server):
    edited = Edited("campaigns/post.yaml", "days: weekdays\n", f"days: weekdays\n{CURSOR}\n")
    there = {"name", "description", "days", "scripts"}
    assert set(completed(server, edited)) == json_schema("campaign")["properties"].keys() - there


@pytest.mark.parametrize("script", ["post", "follow", "unfollow", "account_warmup", "comment", "profile"])
def test_the_parameters_of_its_own_script_are_offered_in_an_entry(server, script):
    path = ROOT / f"campaigns/{script}.yaml"
    before = path.read_text().partition("    script_config:\n")[0]
    text = f"{before}    script_config:\n      "
    server.diagnostics(path, text)
    lines = text.split("\n")
    offered = server.completions(path, line=len(lines), column=len(lines[-1]) + 1)
    assert set(offered) == json_schema("campaign")["$defs"][f"{script}_config"]["properties"].keys()


def test_no_script_is_offered_a_default_that_would_be_sent(server):
    edited = Edited("campaigns/post.yaml", "    script_config:\n", f"    {CURSOR}\n    x_config:\n")
    server.diagnostics(edited.path, edited.text)
    line, column = edited.cursor
    (inserted,) = server.inserted(edited.path, "script_config", line=line, column=column)
    assert inserted.split() == ["script_config:"]


def test_a_key_is_explained_in_the_words_of_the_schema(server):
    edited = Edited("campaigns/week.yaml", "    at_close: stop", f"    at_{CURSOR}close: stop")
    described = json_schema("campaign")["$defs"]["entry"]["properties"]["at_close"]
    assert f"{described['description']} Default: `withdraw`." in explained(server, edited)


def test_an_unknown_key_is_marked_where_it_stands(server):
    edited = Edited("campaigns/post.yaml", "    spread: even", "    spred: even")
    (mark,) = server.diagnostics(edited.path, edited.text)
    assert edited.text.split("\n")[mark.line - 1][mark.column - 1 :].startswith("spred:")


def test_a_word_that_is_none_of_those_that_may_stand_there_is_marked_with_those(server):
    edited = Edited("campaigns/week.yaml", "at_close: stop ", "at_close: stopp ")
    (mark,) = server.diagnostics(edited.path, edited.text)
    assert all(word in mark.message for word in ("withdraw", "stop", "leave"))


def test_what_init_and_import_write_is_known_and_unmarked(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bodies.json").write_text('{"serials": ["A"], "script_name": "post", "start_time": "9:00"}')
    to = ["--output", "campaigns/imported.yaml"]
    for words in (["init"], ["import", "bodies.json", *to]):
        assert CliRunner().invoke(main, words).exit_code == 0
    for name in ("config.yaml", "campaigns/first.yaml", "campaigns/imported.yaml"):
        path = tmp_path / name
        assert server.diagnostics(path, path.read_text()) == []
        assert len(server.diagnostics(path, f"{path.read_text()}nonsense: 1\n")) == 1


def test_the_transcript_on_the_page_is_what_is_answered(server):
    assert page_with_transcript(server) == PAGE.read_text(), "run `python -m editors`, with PYTHONPATH=tests"
