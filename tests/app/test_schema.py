"""The JSON Schema accepts what the checker accepts, and refuses the plainest mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from runner.adapters.yaml_documents import read_document
from runner.app.schema import json_schema
from runner.model.fields import untyped

ROOT = Path(__file__).parents[2]
CAMPAIGNS = sorted((ROOT / "campaigns").glob("*.yaml"))


def errors(kind, text):
    """As an editor sees it: plain text has the types of YAML 1.2."""
    value = untyped(read_document(text, file="x").value)
    found = Draft202012Validator(json_schema(kind)).iter_errors(value)
    return [error.json_path for error in found]


@pytest.mark.parametrize("kind", ["campaign", "config"])
def test_it_is_a_valid_schema_in_which_every_key_is_described(kind):
    schema = json_schema(kind)
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    objects = [schema, *schema["$defs"].values()]
    for described in (part for each in objects for part in each.get("properties", {}).values()):
        assert described["description"].endswith((".", "?", "h", "b", "v1"))


@pytest.mark.parametrize("path", CAMPAIGNS, ids=lambda path: path.name)
def test_it_accepts_the_examples(path):
    assert errors("campaign", path.read_text()) == []


def test_it_accepts_the_example_config():
    assert errors("config", (ROOT / "config.example.yaml").read_text()) == []


@pytest.mark.parametrize(
    ("was", "becomes", "path"),
    [
        ("script_name: post", "script_nam: post", "$.scripts[0]"),
        ('"14:30"', '"930"', "$.scripts[0].start_time"),
        ("content_type: 1 ", "content_type: two ", "$.scripts[0].script_config.content_type"),
        ("name: quickstart", "name: quick start", "$.name"),
        ("description:", "describe:", "$"),
        ("{serials:", "{serial:", "$.device_groups['two-devices']"),
    ],
)
def test_it_refuses_plain_mistakes(was, becomes, path):
    text = (ROOT / "campaigns/quickstart.yaml").read_text()
    assert was in text
    assert path in errors("campaign", text.replace(was, becomes))


def test_it_holds_only_what_its_kind_of_file_needs():
    assert "host" not in json_schema("campaign")["$defs"]
    assert "entry" not in json_schema("config")["$defs"]
    assert json_schema("config")["properties"]["poll_interval"]["default"] == "5s"
    assert "default" not in json_schema("config")["properties"]["hosts"]


@pytest.mark.parametrize(
    ("line", "accepted"),
    [
        ("except: [2026-12-24, 2026-12-24..2027-01-06, holidays:SE, holidays:DE-BY, calendar:a]", True),
        ("except: [2026-12-24 - 2027-01-06]", False),
        ("except: [holidays:sweden]", False),
        ("days: [mon, weekend, calendar:a]", True),
        ("days: calendar:a", True),
        ("days: [Tuesday]", False),
    ],
)
def test_days_by_name_are_told_from_mistyped_ones(line, accepted):
    text = (ROOT / "campaigns/quickstart.yaml").read_text()
    key = line.partition(":")[0]
    path = f"$.{key}"
    found = errors("campaign", f"{text}\n{line}\n")
    assert any(where.startswith(path) for where in found) is not accepted
