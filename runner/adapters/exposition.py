"""The door to prometheus-client: metrics as the text that Prometheus reads."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from runner.model.metrics import PREFIX, Distribution, MetricKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.core import Metric as Collected

    from runner.model.metrics import Family

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def text_of(families: Iterable[Family]) -> bytes:
    """Return metrics with their values, and those of the process as the library names them."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(families))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Collector:
    def __init__(self, families: Iterable[Family]) -> None:
        self._families = families

    def describe(self) -> list[Collected]:
        return []

    def collect(self) -> Iterator[Collected]:
        return map(_collected, self._families)


def _collected(family: Family) -> Collected:
    metric = family.metric
    name, labels = f"{PREFIX}{metric.name}", list(metric.labels)
    collected: CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
    match metric.kind:
        case MetricKind.COUNTER:
            collected = CounterMetricFamily(name, metric.about, labels=labels)
        case MetricKind.GAUGE:
            collected = GaugeMetricFamily(name, metric.about, labels=labels)
        case MetricKind.HISTOGRAM:
            collected = HistogramMetricFamily(name, metric.about, labels=labels)
    for values, value in sorted(family.values.items()):
        if isinstance(value, Distribution) and isinstance(collected, HistogramMetricFamily):
            bounds = [*map(str, metric.bounds), "+Inf"]
            buckets = list(zip(bounds, map(float, accumulate(value.counts)), strict=True))
            collected.add_metric(list(values), buckets=buckets, sum_value=value.total)
        elif not isinstance(value, Distribution) and not isinstance(collected, HistogramMetricFamily):
            collected.add_metric(list(values), value)
    return collected
