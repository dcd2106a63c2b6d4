"""Each recipe of the cookbook is laid out in an empty folder, and its commands print what the page says."""

from __future__ import annotations

import shlex
from itertools import groupby
from pathlib import Path

import click
import pytest
from support.pages import blocks, prints, shown
from support.printed import stable
from support.project import Project

from runner.app.load import load
from runner.cli.main import main

PAGE = Path(__file__).parents[2] / "docs/cookbook.md"
SECTIONS = groupby(blocks(PAGE.read_text()), key=lambda block: block.section)
INTRODUCTION, *RECIPES = [(title, list(some)) for title, some in SECTIONS]


class Cook:
    """Follows one recipe, in this process."""

    def __init__(self, folder):
        self.project = Project(folder)
        (folder / "campaigns").mkdir()

    def follow(self, block):
        if block.file is not None:
            self.project.write(block.file, block.text)
            if block.mark == "in force":
                self.put_in_force()
        elif block.mark == "part of":
            assert block.text in (self.project.folder / block.marked).read_text()
        else:
            assert (block.language, block.mark) == ("console", "")
            for one in shown(block):
                self.compare(one)

    def put_in_force(self):
        async def accept(ledger):
            for campaign in load(None, environ={}, working_folder=self.project.folder).campaigns:
                text = (self.project.folder / campaign.file).read_text()
                await ledger.accept_version(
                    campaign.name, file=campaign.file, version=campaign.version, text=text, now=0
                )

        self.project.with_ledger(accept)

    def compare(self, one):
        real = self.output(one.command)
        # A plan of a day that is named is the same for ever; what is about today is not.
        same = list if "--date 2" in one.command else stable
        if not prints(without_end(same(one.printed)), without_end(same(real))):
            assert without_end(same(real)) == without_end(same(one.printed))

    def output(self, command):
        program, *words = shlex.split(command)
        assert program == "campaign-runner"
        result = self.project.ask(*words, *as_on_a_terminal(words), LOGNAME="eva")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return [line.rstrip() for line in result.output.splitlines()]


def as_on_a_terminal(words):
    """Return the option with which a command prints what it prints on a terminal."""
    context = click.Context(main)
    name = next(word for word in words if word in main.list_commands(context))
    command = main.get_command(context, name)
    assert command is not None
    takes = {option for parameter in command.params for option in parameter.opts}
    return ["--format", "table"] if "--format" in takes - set(words) and name != "validate" else []


def without_end(lines):
    text = "\n".join(lines).rstrip()
    return text.splitlines()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe[0])
def test_a_recipe_works_as_printed(recipe, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAMPAIGN_RUNNER_CONFIG", raising=False)
    monkeypatch.delenv("CHATGPT_API_KEY", raising=False)
    _, steps = recipe
    cook = Cook(tmp_path)
    for block in INTRODUCTION[1] + steps:
        cook.follow(block)
    assert any(block.language == "console" for block in steps), "a recipe shows what comes of it"
