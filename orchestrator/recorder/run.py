"""The recorder's process: reports from the durable queue into the store.

A batch is committed before any of it is acknowledged, to the queue and to the senders, and a report
counts once by its id, so a crash at any point loses nothing and doubles nothing. Any number of
recorders may run. While the store is away, reports stay in the queue and with their senders; while
the broker is away, with their senders. What can't be read, or by its content can't be stored, is
logged and dropped: it would come back for ever.
"""

import logging
import threading
from collections.abc import Sequence

from pydantic import ValidationError

from orchestrator.clock import Clock, SystemClock
from orchestrator.domain.evidence import Report
from orchestrator.errors import BroadcastError, ConfigurationError, ValueRefused
from orchestrator.recorder.inbox import Inbox
from orchestrator.recorder.metrics import Figures
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.telemetry.exposition import Metrics
from orchestrator.telemetry.health import Health, Tick
from orchestrator.telemetry.logs import configure
from orchestrator.telemetry.probes import open_probes
from orchestrator.telemetry.signals import ended_by_signals
from orchestrator.wire.broker import broker
from orchestrator.wire.messages import REPORT
from orchestrator.wire.receipts import Receipts
from orchestrator.wire.redis_client import connect

log = logging.getLogger(__name__)

BATCH = 200
IDLE_SECONDS = 0.2
RETRY_SECONDS = 1.0
SOCKET_SECONDS = 5.0
ROUND_SECONDS = 60.0
"""A round that takes longer hangs; store and broker together answer, or don't, in half of that."""
CONTENT_ERRORS = (ValueRefused, ValueError, OverflowError)
"""What a store, or its driver, says to a report that it can never hold."""


class Recorder:
    """Queue to store, batch by batch. Opens the store when it can."""

    def __init__(self, settings: Settings, figures: Figures | None = None) -> None:
        self._figures = figures or Figures(SystemClock())
        self._store_url = settings.store
        at = broker(settings.redis, settings.redis_prefix, socket_timeout=SOCKET_SECONDS)
        redis = connect(settings.redis, client_name="doppelcast-recorder")
        self._receipts = Receipts(redis, settings.redis_prefix)
        self._inbox = Inbox(at, self._receipts)
        self._store: Store | None = None

    def once(self) -> int:
        """Record what waits, up to a batch; says how many reports it was."""
        store = self._store = self._store or Store.open(self._store_url)
        bodies = self._inbox.take(BATCH)
        if bodies:
            self._record(store, bodies)
            self._inbox.acknowledge()
        return len(bodies)

    def give_back(self) -> None:
        """Put what was taken back into the queue."""
        self._inbox.close()

    def close(self) -> None:
        """Let go of queue and store."""
        self.give_back()
        self._receipts.close()
        if self._store is not None:
            self._store.close()

    def _record(self, store: Store, bodies: Sequence[bytes]) -> None:
        reports = [report for report in map(_decoded, bodies) if report is not None]
        if not reports:
            return
        try:
            store.reporting.record(reports)
        except CONTENT_ERRORS:
            for report in reports:
                _record_alone(store, report)
        self._figures.recorded(reports, len(bodies))


def _record_alone(store: Store, report: Report) -> None:
    """Record one report of a batch that was refused. Only what no store can hold is dropped."""
    try:
        store.reporting.record((report,))
    except CONTENT_ERRORS as error:
        facts = {"action": "record", "report": report.report, "why": type(error).__name__}
        log.exception("a report can't be stored and is dropped", extra=facts)


def main(settings: Settings) -> int:
    """Run until TERM or Ctrl-C."""
    configure(settings.log_level, as_json=settings.log_json)
    run(settings, ended_by_signals())
    return 0


def run(settings: Settings, ending: threading.Event, clock: Clock | None = None) -> None:
    """Record until the event is set."""
    clock = clock or SystemClock()
    health = Health(clock)
    rounds = _Rounds(health.loop("rounds", ROUND_SECONDS), Figures(clock))
    health.check("recorder", lambda: rounds.reason)
    metrics = Metrics("recorder", health, clock)
    rounds.figures.shown(metrics)
    probes = open_probes(settings, health, {metrics.PATH: metrics.page})
    recorder = Recorder(settings, rounds.figures)
    try:
        while not ending.is_set():
            clock.wait(rounds.one(recorder), ending)
    finally:
        recorder.close()
        if probes is not None:
            probes.close()


class _Rounds:
    """How the rounds go: told once when that changes."""

    def __init__(self, tick: Tick, figures: Figures) -> None:
        self._tick = tick
        self.figures = figures
        self._trouble = ""
        self.reason = "nothing was read yet"
        """Why the last round failed; empty if store and broker have answered."""

    def one(self, recorder: Recorder) -> float:
        """One round, whatever happens in it; says in how many seconds the next should follow."""
        wait = RETRY_SECONDS
        try:
            wait = 0.0 if recorder.once() else IDLE_SECONDS
        except ConfigurationError:
            raise
        except BroadcastError as error:
            self.figures.failed(error)
            self._failed(recorder, type(error).__name__, str(error))
        except Exception as error:  # the process's boundary: the next batch may go well
            log.exception("a batch failed", extra={"action": "record"})
            self._failed(recorder, type(error).__name__, type(error).__name__)
        else:
            self.figures.went_well()
            self._went_well()
        self._tick()
        return wait

    def _failed(self, recorder: Recorder, trouble: str, reason: str) -> None:
        if trouble != self._trouble:
            facts = {"action": "record", "error": trouble, "reason": reason}
            log.warning("reports can't be recorded now", extra=facts)
        self._trouble, self.reason = trouble, reason
        recorder.give_back()

    def _went_well(self) -> None:
        if self._trouble:
            log.info("reports are recorded again", extra={"action": "record"})
        self._trouble = self.reason = ""


def _decoded(body: bytes) -> Report | None:
    try:
        return REPORT.validate_json(body)
    except ValidationError:
        log.exception("a report can't be read and is dropped", extra={"action": "record"})
        return None
