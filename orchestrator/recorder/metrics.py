"""What a recorder shows to Prometheus: what it has recorded, and how far behind it is.

The delay is from what happened on a node to its record, by two clocks: the node's and this one's.
How much waits is the leader's to say (queue_messages), and each worker's (reports_unconfirmed).
"""

from collections.abc import Iterable, Sequence

from orchestrator.clock import Clock
from orchestrator.domain.evidence import Report
from orchestrator.errors import StoreUnavailable, WireUnreachable
from orchestrator.telemetry.exposition import Metrics, Observe, Tally
from orchestrator.telemetry.metrics import (
    RECORDER_DELAY,
    RECORDER_LAST_ROUND,
    RECORDER_REPORTS,
    REDIS_REACHABLE,
    STORE_REACHABLE,
    Reading,
)


class Figures:
    """How this recorder's rounds go. Its loop notes; the probes' thread reads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reports = Tally(RECORDER_REPORTS)
        self._observe: Observe | None = None
        self._well_at = 0.0
        self._redis: bool | None = None
        self._store: bool | None = None

    def shown(self, metrics: Metrics) -> None:
        """Show them there."""
        self._observe = metrics.histogram(RECORDER_DELAY)
        metrics.source(self.readings)

    def recorded(self, reports: Sequence[Report], taken: int) -> None:
        """These of so many were recorded; what couldn't be read was dropped."""
        now = self._clock.wall()
        self._reports.add("recorded", by=len(reports))
        if taken > len(reports):
            self._reports.add("dropped", by=taken - len(reports))
        for report in reports:
            if self._observe is not None:
                self._observe(max(0.0, now - report.at))

    def went_well(self) -> None:
        """Store and queue have answered."""
        self._well_at = self._clock.wall()
        self._redis = self._store = True

    def failed(self, error: Exception) -> None:
        """A round couldn't be finished."""
        if isinstance(error, WireUnreachable):
            self._redis = False
        elif isinstance(error, StoreUnavailable):
            self._store = False

    def readings(self) -> Iterable[Reading]:
        """What is shown of them."""
        yield from self._reports.readings()
        if self._well_at:
            yield Reading(RECORDER_LAST_ROUND, self._well_at)
        if self._redis is not None:
            yield Reading(REDIS_REACHABLE, float(self._redis))
        if self._store is not None:
            yield Reading(STORE_REACHABLE, float(self._store))
