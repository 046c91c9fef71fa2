"""A process's metrics page: what its sources say at the moment of the scrape, for Prometheus.

    metrics = Metrics("recorder", health)
    metrics.source(lambda: [Reading(READY, 1.0)])
    observe = metrics.histogram(RECORDER_DELAY)
    open_probes(settings, health, {metrics.PATH: metrics.page})

Sources are asked, nothing is pushed: a series is there for as long as a source names it, so what
has ended is gone with the next scrape. A source that fails costs its own lines, not the page.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import ClassVar

from prometheus_client import (
    CollectorRegistry,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from typing_extensions import override

from orchestrator.clock import Clock, SystemClock
from orchestrator.telemetry.health import Health
from orchestrator.telemetry.metrics import (
    BUILD_INFO,
    LOOP_LAST_TURN,
    LOOP_LIMIT,
    PREFIX,
    READY,
    SOURCES_FAILED,
    Kind,
    Metric,
    Reading,
    Source,
)
from orchestrator.telemetry.probes import Answer

log = logging.getLogger(__name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
UNKNOWN_VERSION = "unknown"

Observe = Callable[..., None]
"""Adds a value: `observe(seconds, *labels)`."""


class Metrics:
    """One process's registry."""

    PATH: ClassVar[str] = "/metrics"

    def __init__(self, process: str, health: Health, clock: Clock | None = None) -> None:
        """`process`: what it is, as build_info says it."""
        self._clock = clock or SystemClock()
        without: Callable[[], None] = disable_created_metrics  # untyped there
        without()
        self._registry = CollectorRegistry()
        self._gathered = _Gathered()
        self._registry.register(self._gathered)
        ProcessCollector(namespace=PREFIX.rstrip("_"), registry=self._registry)
        about = (Reading(BUILD_INFO, 1.0, (_version(), process)),)
        self.source(lambda: about)
        self.source(lambda: self._of_health(health))

    def source(self, source: Source) -> None:
        """Show what this gives, from now on."""
        self._gathered.sources.append(source)

    def histogram(self, metric: Metric) -> Observe:
        """Show this histogram; gives what adds to it, from any thread."""
        kept = Histogram(
            f"{PREFIX}{metric.name}",
            metric.help,
            metric.labels,
            registry=self._registry,
            buckets=metric.buckets,
        )

        def observe(value: float, *labels: str) -> None:
            (kept.labels(*labels) if labels else kept).observe(value)

        return observe

    def page(self) -> Answer:
        """All of it, now."""
        return Answer(HTTPStatus.OK, CONTENT_TYPE, generate_latest(self._registry))

    def _of_health(self, health: Health) -> Iterable[Reading]:
        yield Reading(READY, float(not health.why_not_ready()))
        now = self._clock.wall()
        for loop, turn in health.loops().items():
            yield Reading(LOOP_LAST_TURN, now - turn.age, (loop,))
            yield Reading(LOOP_LIMIT, turn.limit, (loop,))


class Tally:
    """A counter by labels. From any thread."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._counts: dict[tuple[str, ...], float] = {}
        self._lock = threading.Lock()

    def add(self, *labels: str, by: float = 1.0) -> None:
        """So much more."""
        with self._lock:
            self._counts[labels] = self._counts.get(labels, 0.0) + by

    def readings(self) -> Sequence[Reading]:
        """How much it is by now."""
        with self._lock:
            return [Reading(self._metric, value, labels) for labels, value in self._counts.items()]


class _Gathered(Collector):
    """All sources as one collector."""

    def __init__(self) -> None:
        self.sources: list[Source] = []

    @override
    def collect(self) -> Iterable[Family]:
        families: dict[str, GaugeMetricFamily | CounterMetricFamily] = {}
        failed = 0
        for source in list(self.sources):
            try:
                readings = list(source())
            except Exception:  # the page's boundary: one part may fail, the others are shown
                log.exception("a part of the metrics can't be made", extra={"action": "metrics"})
                failed += 1
                continue
            for reading in readings:
                _family(families, reading.metric).add_metric(reading.labels, reading.value)
        _family(families, SOURCES_FAILED).add_metric((), failed)
        return families.values()


def _family(
    families: dict[str, GaugeMetricFamily | CounterMetricFamily], metric: Metric
) -> GaugeMetricFamily | CounterMetricFamily:
    found = families.get(metric.name)
    if found is None:
        make = _FAMILIES[metric.kind]
        found = families[metric.name] = make(
            f"{PREFIX}{metric.name}", metric.help, labels=metric.labels
        )
    return found


_FAMILIES: Mapping[Kind, type[GaugeMetricFamily] | type[CounterMetricFamily]] = {
    Kind.GAUGE: GaugeMetricFamily,
    Kind.COUNTER: CounterMetricFamily,
}


def _version() -> str:
    try:
        return version("doppelcast")
    except PackageNotFoundError:
        return UNKNOWN_VERSION
