"""The JSON Schema accepts what the checker accepts, and refuses the plainest mistakes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from runner.adapters.yaml_documents import read_document
from runner.app.schema import PARTS, json_schema
from runner.model.campaign_file import CampaignFile
from runner.model.config_file import ConfigFile
from runner.model.document import Plain
from runner.model.fields import untyped
from runner.model.reader import HOST_DEFAULT
from runner.model.scripts import SCRIPTS

ROOT = Path(__file__).parents[2]
KINDS = ["campaign", "config"]
MODELS = [CampaignFile, ConfigFile, *PARTS.values(), *SCRIPTS.values()]
CAMPAIGNS = sorted((ROOT / "campaigns").glob("*.yaml"))


def errors(kind, text):
    """As an editor sees it: plain text has the types of YAML 1.2."""
    value = untyped(read_document(text, file="x").value)
    found = Draft202012Validator(json_schema(kind)).iter_errors(value)
    return [error.json_path for error in found]


def keys(schema, where="$"):
    """Yield each key that a schema describes, at every depth, with what is said of it."""
    if isinstance(schema, list):
        for number, part in enumerate(schema):
            yield from keys(part, f"{where}[{number}]")
    elif isinstance(schema, dict):
        for key, described in schema.get("properties", {}).items():
            yield f"{where}.{key}", described
            yield from keys(described, f"{where}.{key}")
        for word, part in schema.items():
            # What is under `if` decides, and describes nothing; nor do the rules between keys at the root.
            if word not in {"properties", "if"} and (where, word) != ("$", "allOf"):
                yield from keys(part, f"{where}/{word}")


def shown_example(described):
    """Return the example that is part of what editors show over a key, None where there is none."""
    block = re.search(r"```yaml\n(.*)```", described.get("markdownDescription", ""), re.DOTALL)
    return None if block is None else untyped(read_document(block[1], file="x").value)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_valid_schema_that_is_the_same_as_json(kind):
    schema = json_schema(kind)
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_at_every_depth_has_a_description(kind):
    found = dict(keys(json_schema(kind)))
    assert len(found) > 40
    assert [
        where for where, key in found.items() if not key.get("description", "").endswith((".", "?"))
    ] == []
    starts = {
        where: key["markdownDescription"].startswith(key["description"]) for where, key in found.items()
    }
    assert [where for where, as_described in starts.items() if not as_described] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_shows_what_may_be_written(kind):
    assert [
        where
        for where, key in keys(json_schema(kind))
        if not key.keys() & {"default", "examples", "enum", "const"}
        and key.get("type") != "boolean"
        and shown_example(key) is None
    ] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_default_and_every_example_is_one_that_it_accepts(kind):
    schema = json_schema(kind)
    checked = 0
    for where, key in keys(schema):
        values = [*key.get("examples", []), *(key[name] for name in ("default", HOST_DEFAULT) if name in key)]
        values += (shown_example(key) or {}).values()
        for value in values:
            wrong = list(Draft202012Validator({**key, "$defs": schema["$defs"]}).iter_errors(value))
            assert not wrong, (where, value, wrong)
            checked += 1
    assert checked > 40


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_example_is_read_without_a_complaint(model):
    for key, field in model.known_keys().items():
        for example in model.model_fields[field].examples or []:
            model.model_validate({key: as_written(example)})


def as_written(value):
    """Return a value as our reading of YAML gives it: numbers and truths are text without quotes."""
    if isinstance(value, dict):
        return {key: as_written(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_written(part) for part in value]
    return value if isinstance(value, str) else Plain(json.dumps(value))


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
