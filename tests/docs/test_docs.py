"""What the documentation says is so: keys, events, states, options, examples and links."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from runner.adapters.logs import ERROR_EVENTS, WARNING_EVENTS
from runner.app.schema import json_schema
from runner.cli.main import main
from runner.core.admit import Hindrance
from runner.core.transition import ALLOWED
from runner.model.event_names import EVENT_NAMES
from runner.model.metrics import METRICS
from runner.model.state import State
from runner.rules import Rule
from runner.simulator.controls import ACTS, Changes
from runner.simulator.faults import Fault, FaultKind, FaultPlan, FaultRule, Work
from runner.simulator.history import HappeningKind
from runner.simulator.options import AnswerShape, Echo, HostOptions, PastStart, Plan, UnknownTargets
from runner.web.routes import ROUTES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
ADRS = sorted((DOCS / "adr").glob("[0-9]*.md"))

SECTIONS = {
    ("campaign", ""): "A campaign",
    ("campaign", "entry"): "A script entry",
    ("campaign", "group"): "A device group",
    ("campaign", "content"): "`content`",
    ("campaign", "retry"): "`retry`",
    ("campaign", "limits"): "`limits`",
    ("campaign", "post_config"): "`post`",
    ("campaign", "follow_config"): "`follow` and `unfollow`",
    ("campaign", "unfollow_config"): "`follow` and `unfollow`",
    ("campaign", "comment_config"): "`comment`",
    ("campaign", "account_warmup_config"): "`account_warmup`",
    ("campaign", "chatgpt_settings"): "`chatgpt_settings`",
    ("campaign", "profile_config"): "`profile`",
    ("config", ""): "The config",
    ("config", "calendar"): "A calendar",
    ("config", "host"): "`hosts`",
    ("config", "http"): "`http`",
    ("config", "web"): "`web`",
    ("config", "notify"): "`notify`",
    ("config", "channel"): "A channel",
    ("config", "campaign_ping"): "A ping of a campaign",
    ("config", "log"): "`log`",
}
"""Where the keys of each part of the JSON Schemas are documented."""

_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#{1,6}) +(.+?)$", re.MULTILINE)


def page(name):
    return (DOCS / name).read_text()


def sections(text):
    """Return the text under each heading, up to the next heading of any level."""
    parts = _HEADING.split(_FENCE.sub("", text))
    return dict(zip(parts[2::3], parts[3::3], strict=True))


def rows(text):
    """Return the cells of each row of the tables in a text, without the rows of headings."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def codes(text):
    return {code.strip("`") for code in _CODE.findall(_FENCE.sub("", text))}


def properties(kind, part):
    schema = json_schema(kind)
    return (schema["$defs"][part] if part else schema)["properties"]


@pytest.mark.parametrize(("kind", "part"), SECTIONS, ids=lambda name: name or "root")
def test_each_section_documents_exactly_the_keys_of_its_part(kind, part):
    written = rows(sections(page("campaign-files.md"))[SECTIONS[kind, part]])
    assert [row[0].strip("`") for row in written] == list(properties(kind, part))


@pytest.mark.parametrize(("kind", "part"), SECTIONS, ids=lambda name: name or "root")
def test_the_defaults_that_are_documented_are_those_of_the_schema(kind, part):
    documented = {
        row[0].strip("`"): row[1] for row in rows(sections(page("campaign-files.md"))[SECTIONS[kind, part]])
    }
    for key, described in properties(kind, part).items():
        if described.get("default", "") != "":
            default = str(described["default"])
            assert documented[key] == f"`{default.lower() if default in {'True', 'False'} else default}`", key


@pytest.mark.parametrize("kind", ["campaign", "config"])
def test_no_part_of_a_schema_is_left_undocumented(kind):
    parts = {name for name, part in json_schema(kind)["$defs"].items() if "properties" in part}
    assert parts <= {part for _, part in SECTIONS} | {"defaults"}


def test_defaults_have_the_keys_of_an_entry_but_for_its_names():
    keys = [key for key in properties("campaign", "entry") if key not in {"name", "script_name"}]
    assert list(properties("campaign", "defaults")) == keys


def test_the_log_page_lists_exactly_the_events_with_their_levels():
    levels = dict.fromkeys(EVENT_NAMES, "info")
    levels |= dict.fromkeys(WARNING_EVENTS, "warning") | dict.fromkeys(ERROR_EVENTS, "error")
    found = rows(sections(page("log.md"))["Events"])
    assert {row[0].strip("`"): row[1] for row in found} == levels
    assert len(found) == len(levels)


def test_the_states_page_lists_exactly_the_states_and_their_changes():
    found = rows(sections(page("states.md"))["Changes"])
    assert {row[0].strip("`"): codes(row[1]) for row in found} == {
        state.value: {next_state.value for next_state in following} for state, following in ALLOWED.items()
    }
    listed = [row[0].strip("`") for row in rows(sections(page("states.md"))["States"])]
    assert sorted(listed) == sorted(State)


def test_the_states_page_names_all_that_an_assignment_may_wait_for():
    listed = [row[0].strip("`") for row in rows(sections(page("states.md"))["What it waits for"])]
    assert sorted(listed) == sorted(Hindrance)


def test_the_checking_page_lists_exactly_the_rules_with_their_paragraphs():
    found = rows(sections(page("checking.md"))["Rules"])
    assert [(row[0].strip("`"), row[1]) for row in found] == [(rule.value, rule.paragraph) for rule in Rule]


@pytest.mark.parametrize("facts", [HostOptions, AnswerShape, Plan, Fault, FaultRule, FaultPlan])
def test_the_simulator_page_names_every_option(facts):
    assert {field.name for field in fields(facts)} <= codes(page("simulator.md"))


@pytest.mark.parametrize("words", [Echo, UnknownTargets, PastStart, FaultKind, Work, HappeningKind, ACTS])
def test_the_simulator_page_names_every_word(words):
    assert {str(word) for word in words} <= codes(page("simulator.md"))


def test_the_simulator_page_tells_which_options_may_change():
    paragraph = sections(page("simulator.md"))["Options while it runs"]
    assert set(Changes.model_fields) <= codes(paragraph)


def test_the_page_of_the_api_lists_exactly_its_routes():
    listed = [row[0].strip("`").split() for row in rows(sections(page("api.md"))["Routes"])]
    assert listed == [[route.method, route.path] for route in ROUTES]


def test_the_page_of_the_metrics_lists_exactly_those_that_there_are():
    listed = [(row[0].strip("`"), row[1], codes(row[2]), row[3]) for row in rows(page("metrics.md"))]
    assert listed == [
        (name, metric.kind.value, set(metric.labels), metric.about) for name, metric in METRICS.items()
    ]


def test_the_readme_names_every_command():
    listed = codes("".join(row[0] for row in rows((ROOT / "README.md").read_text())))
    assert set(main.list_commands(click.Context(main))) <= {code.split()[0] for code in listed}


def anchors(text):
    """Return the anchors that a page's headings have where Markdown is shown on the web."""
    names = [re.sub(r"[^\w\- ]", "", heading.lower()) for _, heading in _HEADING.findall(text)]
    return {name.replace(" ", "-") for name in names}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(path):
    for target in _LINK.findall(_CODE.sub("", _FENCE.sub("", path.read_text()))):
        if "://" in target or target.startswith("mailto:"):
            continue
        file, _, anchor = unquote(target).partition("#")
        leads_to = (path.parent / file).resolve() if file else path
        assert leads_to.exists(), target
        assert leads_to.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(leads_to.read_text()), target


def test_the_index_of_the_documentation_is_complete():
    linked = set(_LINK.findall(page("README.md")))
    assert {path.name for path in DOCS.glob("*.md")} - {"README.md"} <= linked


def test_every_decision_is_in_the_index_and_has_its_parts():
    linked = _LINK.findall(page("adr/README.md"))
    assert [path.name for path in ADRS] == linked
    for path in ADRS:
        parts = sections(path.read_text())
        assert {"Context", "Decision", "Consequences", "What would change our mind"} <= set(parts), path.name
