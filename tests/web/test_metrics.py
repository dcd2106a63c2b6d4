"""Metrics: what they count, what they are called, and that alarms and the dashboard ask for what is there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.engine import Engine, post_to
from support.served import CANARY, served

from runner.adapters.exposition import text_of
from runner.adapters.yaml_documents import read_document
from runner.app.meter import MOST_WORK, OTHER, Meter
from runner.model.event_names import EVENT_NAMES
from runner.model.metrics import METRICS, PREFIX, MetricKind
from runner.model.record import Event

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/prometheus/rules.yml"
DASHBOARD = ROOT / "deploy/grafana/dashboard.json"
_OF_THE_PROCESS = {"process_resident_memory_bytes", "process_cpu_seconds_total"}
_WORDS = {"up"}


def samples(text: bytes) -> dict[str, float]:
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def value(text: bytes, name: str, **labels: str) -> float | None:
    return samples(text).get(f"{PREFIX}{name}{sorted(labels.items())}")


def measured(engine: Engine) -> bytes:
    return text_of(engine.journal.meter.families())


def test_a_day_is_counted_as_it_went(tmp_path):
    campaign = post_to("A", "B", start_time="14:30-14:40")
    with Engine(tmp_path, at="2026-11-23 14:29", campaigns={"c": campaign}) as engine:
        engine.start().until("14:31:30")
        text = measured(engine)
        assert set(engine.states().values()) == {"completed"}
    work = {"campaign": "c", "host": "pc", "script_name": "post"}
    assert value(text, "submissions_total", **work, outcome="accepted") == 2
    assert value(text, "assignments_total", **work, state="completed") == 2
    assert value(text, "events_total", event="assignment.completed") == 2
    assert value(text, "events_total", event="assignment.missed") == 0
    assert value(text, "submission_lateness_seconds_count", host="pc") == 2
    assert value(text, "submission_lateness_seconds_bucket", host="pc", le="0.5") == 2
    assert value(text, "assignment_duration_seconds_bucket", script_name="post", le="30.0") == 0
    assert value(text, "assignment_duration_seconds_bucket", script_name="post", le="60.0") == 2
    assert value(text, "store_write_seconds_count") > 5


def test_what_is_late_and_what_is_missed_shows(tmp_path):
    hosts = {"pc": {"serials": ("A", "B")}}
    campaign = post_to("A", start_time="14:30-14:40")
    with Engine(tmp_path, at="2026-11-23 14:29", campaigns={"c": campaign}, hosts=hosts) as engine:
        engine.answer = lambda _method, _path: {"code": 50001, "message": "down", "data": None}
        engine.start().until("14:33")
        engine.answer = None
        engine.until("14:36")
        assert engine.states() == {"A": "completed"}
        text = measured(engine)
    assert value(text, "submission_lateness_seconds_bucket", host="pc", le="60.0") == 0
    assert value(text, "submission_lateness_seconds_bucket", host="pc", le="300.0") == 1


def test_every_event_of_the_catalogue_has_a_figure_from_the_start():
    text = text_of(Meter().families())
    for name in EVENT_NAMES:
        assert value(text, "events_total", event=name) == 0


def test_figures_stay_few_however_many_campaigns_there_are():
    meter = Meter()
    for number in range(MOST_WORK + 300):
        fields = {"campaign": f"c{number}", "host": "pc", "script_name": "post", "key": "k"}
        meter.recorded([Event(0, "assignment.completed", fields)], seconds=0.0)
    text = text_of(meter.families())
    ends = [name for name in samples(text) if name.startswith(f"{PREFIX}assignments_total")]
    assert len(ends) == MOST_WORK + 1
    other = {"campaign": OTHER, "host": OTHER, "script_name": OTHER}
    assert value(text, "assignments_total", **other, state="completed") == 300


@pytest.fixture(scope="module")
def scraped(api):
    reply = api.ask("/metrics")
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    return reply.body


def test_every_metric_of_the_catalogue_is_there_and_no_other(scraped):
    found = {}
    for family in text_string_to_metric_families(scraped.decode()):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        if not name.startswith("process_"):
            found[name.removeprefix(PREFIX)] = (family.type, family.documentation)
    assert found == {name: (metric.kind.value, metric.about) for name, metric in METRICS.items()}


def test_labels_are_those_of_the_catalogue_and_none_names_a_target_or_a_key(scraped):
    for family in text_string_to_metric_families(scraped.decode()):
        for sample in family.samples:
            name = sample.name.removeprefix(PREFIX)
            base = re.sub(r"_(bucket|count|sum)$", "", name)
            metric = METRICS.get(name) or METRICS.get(base)
            if metric is not None:
                assert set(sample.labels) - {"le"} == set(metric.labels)
    text = scraped.decode()
    assert "16091FDD40050N" not in text
    assert CANARY not in text
    assert CANARY[:6] not in text


def test_names_follow_the_conventions():
    for metric in METRICS.values():
        assert re.fullmatch(r"[a-z][a-z_]*[a-z]", metric.name)
        assert metric.name.endswith("_total") == (metric.kind is MetricKind.COUNTER)
        if metric.kind is MetricKind.HISTOGRAM:
            assert metric.name.endswith("_seconds")
            assert list(metric.bounds) == sorted(set(metric.bounds))
        assert metric.about.endswith(".")


def test_metrics_need_the_token_unless_the_config_opens_them(api, tmp_path):
    assert api.ask("/metrics", token=None).status == 401
    with served(tmp_path, web={"metrics": "open"}) as opened:
        assert opened.ask("/metrics", token=None).status == 200
        assert opened.ask("/api/v1/status", token=None).status == 401
        assert opened.ask("/metrics", token=None, headers={"Host": "evil.example"}).status == 421


def queries() -> dict[str, str]:
    """Return every expression of the rules and the dashboard, by where it stands."""
    document = read_document(RULES.read_bytes(), file=str(RULES))
    found = {
        f"alert {rule['alert']}": str(rule["expr"])
        for group in document.value["groups"]
        for rule in group["rules"]
    }
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel["targets"]:
            found[f"panel {panel['title']} {target['refId']}"] = target["expr"]
    return found


@pytest.mark.parametrize("where", queries())
def test_every_query_names_metrics_that_exist_with_labels_that_they_have(where):
    query = queries()[where]
    named = set(re.findall(r"\b(campaign_runner_\w+|process_\w+|up)\b", query))
    assert named
    for name in named - _OF_THE_PROCESS - _WORDS:
        bare = name.removeprefix(PREFIX)
        metric = METRICS.get(bare) or METRICS[bare.removesuffix("_bucket")]
        assert bare == metric.name or metric.kind is MetricKind.HISTOGRAM
        for selector in re.findall(rf"{name}\{{([^}}]*)\}}", query):
            assert set(re.findall(r"(\w+)\s*=~?", selector)) <= {*metric.labels, "job"}
        for event in re.findall(r'event="([^"]*)"', query):
            assert event in EVENT_NAMES


def test_no_metric_is_left_out_by_both_rules_and_dashboard():
    asked = " ".join(queries().values())
    assert [name for name in METRICS if not re.search(rf"{PREFIX}{name}(_bucket)?\b", asked)] == []


promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian: apt-get install prometheus)"
)


@promtool
def test_promtool_accepts_the_rules():
    checked = subprocess.run(
        ["promtool", "check", "rules", str(RULES)],  # noqa: S607 - found on PATH
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@promtool
def test_the_rules_ring_when_they_should_and_only_then():
    tested = subprocess.run(
        ["promtool", "test", "rules", str(RULES.with_name("rules_test.yml"))],  # noqa: S607 - found on PATH
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr


@promtool
def test_promtool_accepts_the_metrics(scraped):
    checked = subprocess.run(
        ["promtool", "check", "metrics"],  # noqa: S607 - found on PATH
        input=scraped,
        capture_output=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
