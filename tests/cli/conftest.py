"""A project to run commands in."""

from __future__ import annotations

import pytest
from support.project import CAMPAIGN, CONFIG, Project


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAMPAIGN_RUNNER_CONFIG", raising=False)
    made = Project(tmp_path)
    made.write("config.yaml", CONFIG)
    made.write("campaigns/spring.yaml", CAMPAIGN)
    return made
