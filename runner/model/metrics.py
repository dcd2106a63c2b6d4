"""Every metric of the daemon, by name: its kind, its labels, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias


class MetricKind(StrEnum):
    """How a metric behaves."""

    COUNTER = "counter"
    """Only grows, from 0 at the daemon's start."""
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric, as Prometheus shows it."""

    name: str
    kind: MetricKind
    about: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()
    """The upper bounds of a histogram's buckets, without the last one, which has none."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """What a histogram has seen: how often for each bucket (one more than there are bounds), and the sum."""

    counts: tuple[int, ...]
    total: float


Values: TypeAlias = dict[tuple[str, ...], float | Distribution]


@dataclass(frozen=True, slots=True)
class Family:
    """A metric with its values, by the values of its labels."""

    metric: Metric
    values: Values


PREFIX = "campaign_runner_"
_WORK = ("campaign", "host", "script_name")

BUILD = Metric("build_info", MetricKind.GAUGE, "Always 1; the label says which version runs.", ("version",))
EVENTS = Metric(
    "events_total",
    MetricKind.COUNTER,
    "Events of the log, also those that have not happened yet, by their name.",
    ("event",),
)
SUBMISSIONS = Metric(
    "submissions_total",
    MetricKind.COUNTER,
    "Outcomes of requests that create tasks, and of looking for what became of them.",
    (*_WORK, "outcome"),
)
ASSIGNMENTS = Metric(
    "assignments_total", MetricKind.COUNTER, "Assignments that have ended, by how.", (*_WORK, "state")
)
LATENESS = Metric(
    "submission_lateness_seconds",
    MetricKind.HISTOGRAM,
    "From when an assignment was due until its host had accepted it; 0 for what was handed over ahead.",
    ("host",),
    (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0),
)
DURATION = Metric(
    "assignment_duration_seconds",
    MetricKind.HISTOGRAM,
    "From submission to end of assignments that have completed or failed.",
    ("script_name",),
    (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0),
)
HOST_READY = Metric(
    "host_ready",
    MetricKind.GAUGE,
    "1 where the host answers and its licence fits, else 0.",
    ("host",),
)
HOST_STATE = Metric(
    "host_state",
    MetricKind.GAUGE,
    "1 for the state that the host is in, else 0.",
    ("host", "state"),
)
REQUESTS = Metric(
    "host_requests_total",
    MetricKind.COUNTER,
    "Requests to the host: GET asks (polling, licence, looking), POST and DELETE change something.",
    ("host", "method"),
)
DUE = Metric(
    "planned_due",
    MetricKind.GAUGE,
    "Planned assignments whose time has come.",
    ("host",),
)
UNDER_WAY = Metric(
    "assignments_under_way",
    MetricKind.GAUGE,
    "Assignments whose request is out, or that the host has accepted and not ended.",
    ("host", "state"),
)
UNKNOWN = Metric(
    "assignments_unknown",
    MetricKind.GAUGE,
    "Assignments of the last 31 days that are unknown: a person has to look on the host.",
)
PAUSES = Metric("pauses", MetricKind.GAUGE, "Pauses in force, by what they hold back.", ("scope",))
IN_FORCE = Metric("campaigns_in_force", MetricKind.GAUGE, "Campaigns that are in force.")
REJECTED = Metric("campaign_files_rejected", MetricKind.GAUGE, "Campaign files that do not check now.")
STORE_UP = Metric("store_up", MetricKind.GAUGE, "1 where the store worked when it was used last, else 0.")
STORE_WRITE = Metric(
    "store_write_seconds",
    MetricKind.HISTOGRAM,
    "From handing a batch of changes over until it was on disk.",
    (),
    (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0),
)
STORE_FAILURES = Metric("store_failures_total", MetricKind.COUNTER, "Uses of the store that failed.")
STALLS = Metric("stalls_total", MetricKind.COUNTER, "Unexpected errors of the daemon's own parts.")
HEARTBEAT = Metric(
    "heartbeat_timestamp_seconds",
    MetricKind.GAUGE,
    "When the daemon last wrote that it is alive.",
)
READY = Metric("ready", MetricKind.GAUGE, "1 where /readyz says so, else 0.")
API = Metric(
    "api_answers_total",
    MetricKind.COUNTER,
    "Answers of the HTTP API, by route (empty: none was found or nothing was read) and status.",
    ("route", "status"),
)

METRICS = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            BUILD,
            READY,
            HEARTBEAT,
            EVENTS,
            SUBMISSIONS,
            ASSIGNMENTS,
            LATENESS,
            DURATION,
            DUE,
            UNDER_WAY,
            UNKNOWN,
            PAUSES,
            HOST_READY,
            HOST_STATE,
            REQUESTS,
            IN_FORCE,
            REJECTED,
            STORE_UP,
            STORE_WRITE,
            STORE_FAILURES,
            STALLS,
            API,
        )
    }
)
"""By name without the prefix. Names and labels are stable: alarms and dashboards rely on them."""
