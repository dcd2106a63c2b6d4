"""A first config and campaign are written, check, and never replace anything."""

from __future__ import annotations

import pytest


def test_what_is_written_checks_without_a_word(project):
    result = project.ask("init", "my farm")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "wrote my farm/config.yaml",
        "wrote my farm/campaigns/first.yaml",
        "wrote my farm/schemas/campaign.schema.json",
        "wrote my farm/schemas/config.schema.json",
        "",
        "Edit them, then:",
        "  campaign-runner --config 'my farm/config.yaml' validate",
        "  campaign-runner --config 'my farm/config.yaml' plan",
        "  campaign-runner --config 'my farm/config.yaml' run",
        "Without TikMatrix, `campaign-runner simulator` in another terminal stands in for it.",
    ]
    checked = project.ask("--config", "my farm/config.yaml", "validate")
    assert (checked.exit_code, checked.stdout) == (0, "")
    assert checked.stderr == "2 files, 0 errors, 0 warnings\n"
    planned = project.ask("--config", "my farm/config.yaml", "plan", "--format", "table")
    assert "first/clip" in planned.stdout


def test_in_the_working_folder_no_config_has_to_be_named(project, monkeypatch):
    (project.folder / "fresh").mkdir()
    monkeypatch.chdir(project.folder / "fresh")
    result = project.ask("init")
    assert "  campaign-runner validate\n  campaign-runner plan\n  campaign-runner run\n" in result.stdout
    assert project.ask("validate").exit_code == 0


def test_nothing_is_overwritten_and_nothing_half_written(project):
    project.write("one/campaigns/first.yaml", "mine")
    result = project.ask("init", "one")
    assert result.exit_code == 1
    assert result.stderr == "error: one/campaigns/first.yaml is there already; nothing was written\n"
    assert (project.folder / "one/campaigns/first.yaml").read_text() == "mine"
    assert not (project.folder / "one/config.yaml").exists()


def test_not_even_a_link_to_nowhere_is_written_through(project):
    (project.folder / "two").mkdir()
    (project.folder / "two/config.yaml").symlink_to(project.folder / "nowhere.yaml")
    assert project.ask("init", "two").exit_code == 1
    assert not (project.folder / "nowhere.yaml").exists()


@pytest.mark.parametrize("name", ["config.yaml", "campaigns/first.yaml"])
def test_each_file_leads_editors_to_its_schema(project, name):
    project.ask("init", "three")
    file = project.folder / "three" / name
    told = file.read_text().partition("\n")[0].removeprefix("# yaml-language-server: $schema=")
    kind = "config" if name == "config.yaml" else "campaign"
    assert (file.parent / told).read_text() == project.ask("schema", kind).stdout
