"""What is made of the models is current, and every example leads editors to its schema."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = [*sorted((ROOT / "campaigns").glob("*.yaml")), ROOT / "config.example.yaml"]


def test_the_schemas_and_the_references_are_current():
    command = [sys.executable, str(ROOT / "docs/generate.py"), "--check"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_leads_editors_to_its_schema(path):
    told = path.read_text().partition("\n")[0].removeprefix("# yaml-language-server: $schema=")
    kind = "config" if path.name.startswith("config") else "campaign"
    assert (path.parent / told).resolve() == ROOT / f"schemas/{kind}.schema.json"
