"""What stands in the fenced blocks of any page is so: YAML checks, and commands are those that there are."""

from __future__ import annotations

import re
import shlex
from itertools import groupby
from pathlib import Path

import click
import pytest
from support.pages import blocks, shown
from support.project import Project

from runner.app.load import load
from runner.cli.main import main
from runner.errors import Severity

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FOLLOWED = {"tutorial.md", "cookbook.md"}
"""On these pages lines of files are compared with the files, by tests of their own."""
LANGUAGES = {"bat", "console", "csv", "diff", "ini", "json", "powershell", "sh", "text", "yaml"}
YAML_OF_OURS = re.compile(r"^ *(scripts|hosts|device_groups|script_config):", re.MULTILINE)
SECRETS = {"CHATGPT_API_KEY": "made up"}

BLOCKS = [(path, block) for path in PAGES for block in blocks(path.read_text())]


def called(path):
    return str(path.relative_to(ROOT))


def configs_of_pages():
    """Return the config with which each page begins."""
    found = {}
    for path, block in BLOCKS:
        if block.mark == "file" and block.marked == "config.yaml":
            found.setdefault(path, block.text)
    return found


CONFIGS = configs_of_pages()
EXAMPLE = (ROOT / "config.example.yaml").read_text()


def sections_with_files():
    of_section = groupby(BLOCKS, lambda one: (one[0], one[1].section))
    sections = [(path, title, [block for _, block in some]) for (path, title), some in of_section]
    return [
        pytest.param(path, found, id=f"{called(path)}-{title}")
        for path, title, found in sections
        if any(block.file is not None for block in found)
    ]


def problems_in(folder, config="config.yaml"):
    return load(folder / config, environ=SECRETS, working_folder=folder).problems


@pytest.mark.parametrize(("path", "found"), sections_with_files())
def test_the_files_of_a_section_check(path, found, tmp_path):
    """They stand beside each other; where a section has no config, the page's first or the example serves."""
    project = Project(tmp_path)
    (tmp_path / "campaigns").mkdir()
    project.write("config.yaml", CONFIGS.get(path, EXAMPLE))
    wrong = {block.file for block in found if block.mark == "mistake"}
    for block in found:
        if block.file == "config.yaml" and not block.mark:
            # One to read: each is a config of its own.
            project.write(f"{block.line}/config.yaml", block.text)
            (tmp_path / f"{block.line}/campaigns").mkdir()
            assert problems_in(tmp_path / str(block.line)) == ()
        elif block.file is not None:
            project.write(block.file, block.text)
    configs = {"config.yaml", *(block.file for block in found if block.file and block.is_config)}
    problems = [problem for config in sorted(configs) for problem in problems_in(tmp_path, config)]
    assert [problem for problem in problems if problem.file not in wrong] == []
    assert wrong <= {problem.file for problem in problems if problem.severity is Severity.ERROR}


@pytest.mark.parametrize("path", PAGES, ids=called)
def test_no_yaml_escapes(path):
    for block in blocks(path.read_text()):
        assert block.language in LANGUAGES, f"line {block.line}: {block.language}"
        if block.language == "yaml":
            part = block.mark == "part of" and path.name in FOLLOWED
            assert part or block.file is not None, f"line {block.line}: it is not checked"
        elif block.file is None:
            assert not YAML_OF_OURS.search(block.text), f"line {block.line}: say that it is yaml"


def commands_on(path):
    for block in blocks(path.read_text()):
        if block.language == "console":
            lines = [] if block.mark == "Ctrl-C" else [one.command for one in shown(block)]
        else:
            lines = block.text.splitlines() if block.language == "sh" else []
        for line in lines:
            if line.startswith("campaign-runner "):
                yield shlex.split(line.partition(" > ")[0], comments=True)[1:]


@pytest.mark.parametrize("path", PAGES, ids=called)
def test_every_command_that_is_shown_has_the_options_that_are_shown(path):
    for words in commands_on(path):
        context = click.Context(main)
        _, rest, _ = main.make_parser(context).parse_args(list(words))
        if rest:
            command = main.get_command(context, rest[0])
            assert command is not None, words
            _, arguments, _ = command.make_parser(click.Context(command)).parse_args(rest[1:])
            while isinstance(command, click.Group) and arguments:
                command = command.commands[arguments[0]]
                _, arguments, _ = command.make_parser(click.Context(command)).parse_args(arguments[1:])
            assert all(not str(argument).startswith("-") or argument == "-" for argument in arguments), words


def test_the_commands_to_begin_with_work_in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    project = Project(tmp_path)
    text = (ROOT / "README.md").read_text()
    (install,) = [b for b in blocks(text) if b.section == "Install" and b.language == "sh"]
    pip, *commands = [shlex.split(line, comments=True) for line in install.text.splitlines()]
    assert pip[:2] == ["pip", "install"]
    assert [words[1] for words in commands] == ["init", "validate", "plan", "run"]
    # The daemon is started by the tests of the tutorial.
    for _, *words in commands[:-1]:
        result = project.ask(*words)
        assert result.exit_code == 0, result.output


def test_what_make_is_asked_for_is_there():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shells = [block.text for path, block in BLOCKS if path.name == "README.md" and block.language == "sh"]
    asked = set(re.findall(r"^make ([a-z]+)", "".join(shells), re.MULTILINE))
    assert {"demo", "test"} <= asked <= targets
