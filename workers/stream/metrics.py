"""What a stream worker shows to Prometheus: read from its parts when it is asked, nothing kept.

A stream's series are there while a run of it is. Two runs of a stream may be in this process for a
moment, as a successor waits for its predecessor's end: the one that is on air speaks for the
stream, else the newer.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from orchestrator.clock import Clock
from orchestrator.domain.stream import Phase
from orchestrator.settings import Settings
from orchestrator.telemetry.metrics import (
    CLIP_READS,
    NODE_BUSY,
    NODE_DRAINING,
    NODE_SLOTS,
    NODE_SLOTS_USED,
    REDIS_REACHABLE,
    REPORTS_LOST,
    REPORTS_OLDEST,
    REPORTS_SPOOL,
    REPORTS_UNCONFIRMED,
    STREAM_ACKNOWLEDGED,
    STREAM_AHEAD,
    STREAM_ALARM,
    STREAM_ANOMALIES,
    STREAM_CLIP_MISSES,
    STREAM_CONNECTS,
    STREAM_FRAMES,
    STREAM_LAST_PROGRESS,
    STREAM_OFF_AIR_SECONDS,
    STREAM_ON_AIR,
    STREAM_ON_AIR_SECONDS,
    STREAM_RECONNECTS,
    STREAM_SENT,
    STREAM_STALLS,
    STREAM_TAKES,
    STREAM_TOKEN,
    Reading,
)
from orchestrator.wire.reports import Reporter
from workers.health import WorkerHealth
from workers.stream.figures import ALL_REASONS
from workers.stream.shelf import Shelf
from workers.stream.standing import Standing
from workers.stream.telemetry import Telemetry


class Shared(Protocol):
    """The parts of a worker process that are looked at."""

    settings: Settings
    clock: Clock
    telemetry: Telemetry
    reporter: Reporter
    shelf: Shelf
    health: WorkerHealth


class StationReadings:
    """A stream worker's source."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def now(self) -> Iterable[Reading]:
        """All that is to be shown."""
        runs = [run.standing for run in self._shared.telemetry.runs]
        clock, node = self._shared.clock, self._shared.settings.node
        yield from self._of_the_node(len(runs))
        yield from self._of_reports()
        for standing in speakers(runs):
            yield from of_a_stream(standing, node, clock.monotonic())

    def _of_the_node(self, used: int) -> Iterator[Reading]:
        shared = self._shared
        node = (shared.settings.node,)
        telemetry = shared.telemetry
        yield Reading(NODE_SLOTS, float(shared.settings.slots), node)
        yield Reading(NODE_SLOTS_USED, float(used), node)
        yield Reading(NODE_DRAINING, float(shared.health.draining()), node)
        yield Reading(NODE_BUSY, telemetry.busy, node)
        yield Reading(REDIS_REACHABLE, float(telemetry.redis_answers))
        for outcome, count in dict(shared.shelf.reads).items():
            yield Reading(CLIP_READS, float(count), (*node, outcome))

    def _of_reports(self) -> Iterator[Reading]:
        node, reporter = (self._shared.settings.node,), self._shared.reporter
        waiting = reporter.waiting
        yield Reading(REPORTS_UNCONFIRMED, float(waiting.reports), node)
        yield Reading(REPORTS_OLDEST, waiting.seconds, node)
        yield Reading(REPORTS_SPOOL, float(reporter.spooled), node)
        yield Reading(REPORTS_LOST, float(reporter.lost), node)


def speakers(runs: Sequence[Standing]) -> list[Standing]:
    """The run that speaks for each stream, of those that know what they carry."""
    found: dict[str, Standing] = {}
    for run in sorted(runs, key=lambda run: (run.phase is Phase.ON_AIR, run.token)):
        if run.figures.platform:
            found[run.stream] = run
    return list(found.values())


def of_a_stream(run: Standing, node: str, now: float) -> Iterator[Reading]:
    """What is shown of one stream. `now` is monotonic."""
    figures = run.figures
    about = (str(run.stream), figures.brand, figures.platform, node)
    values = (
        (STREAM_ON_AIR, run.phase is Phase.ON_AIR),
        (STREAM_ON_AIR_SECONDS, run.on_air_seconds),
        (STREAM_OFF_AIR_SECONDS, figures.off_air.seconds(now)),
        (STREAM_ACKNOWLEDGED, figures.acknowledged),
        (STREAM_SENT, run.sent),
        (STREAM_FRAMES, run.frames),
        (STREAM_STALLS, run.stalls),
        (STREAM_CONNECTS, run.connects),
        (STREAM_CLIP_MISSES, figures.misses),
        (STREAM_ANOMALIES, figures.anomalies),
        (STREAM_TOKEN, run.token),
        (STREAM_AHEAD, run.ahead_seconds),
        (STREAM_ALARM, bool(run.alarm)),
    )
    for metric, value in values:
        yield Reading(metric, float(value), about)
    if figures.progress_at:
        yield Reading(STREAM_LAST_PROGRESS, figures.progress_at, about)
    # Those that never were, too: Prometheus takes no notice of the first of what wasn't there.
    for reason, count in {**dict.fromkeys(ALL_REASONS, 0), **figures.ends}.items():
        yield Reading(STREAM_RECONNECTS, float(count), (*about, reason))
    for kind, count in dict(figures.takes).items():
        yield Reading(STREAM_TAKES, float(count), (*about, kind))
