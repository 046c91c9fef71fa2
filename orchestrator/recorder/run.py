"""The recorder's process: reports from the durable queue into the store.

A batch is committed before any of it is acknowledged, and a report counts once by its id, so a
crash at any point loses nothing and doubles nothing. While the store is away, reports stay in the
queue; while the broker is away, workers spool. What can't be read at all is logged and dropped: it
would come back for ever.
"""

import logging
import threading
from collections.abc import Sequence

from pydantic import ValidationError

from orchestrator.clock import Clock, SystemClock
from orchestrator.domain.evidence import Report
from orchestrator.errors import BroadcastError, ConfigurationError
from orchestrator.recorder.inbox import Inbox
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.telemetry.logs import configure
from orchestrator.telemetry.signals import ended_by_signals
from orchestrator.wire.broker import broker
from orchestrator.wire.messages import REPORT

log = logging.getLogger(__name__)

BATCH = 200
IDLE_SECONDS = 0.2
RETRY_SECONDS = 1.0
SOCKET_SECONDS = 5.0


class Recorder:
    """Queue to store, batch by batch. Opens the store when it can."""

    def __init__(self, settings: Settings) -> None:
        self._store_url = settings.store
        at = broker(settings.redis, settings.redis_prefix, socket_timeout=SOCKET_SECONDS)
        self._inbox = Inbox(at)
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
        if self._store is not None:
            self._store.close()

    def _record(self, store: Store, bodies: Sequence[bytes]) -> None:
        reports = [report for report in map(_decoded, bodies) if report is not None]
        if reports:
            store.reporting.record(reports)


def main(settings: Settings) -> int:
    """Run until TERM or Ctrl-C."""
    configure(settings.log_level, as_json=settings.log_json)
    run(settings, ended_by_signals())
    return 0


def run(settings: Settings, ending: threading.Event, clock: Clock | None = None) -> None:
    """Record until the event is set."""
    clock = clock or SystemClock()
    recorder = Recorder(settings)
    trouble = ""
    try:
        while not ending.is_set():
            try:
                wait = 0.0 if recorder.once() else IDLE_SECONDS
            except ConfigurationError:
                raise
            except BroadcastError as error:
                trouble = _told(trouble, error)
                recorder.give_back()
                wait = RETRY_SECONDS
            except Exception:  # the process's boundary: the next batch may go well
                log.exception("a batch failed", extra={"action": "record"})
                recorder.give_back()
                wait = RETRY_SECONDS
            else:
                trouble = _mended(trouble)
            clock.wait(wait, ending)
    finally:
        recorder.close()


def _told(trouble: str, error: BroadcastError) -> str:
    """Log a trouble once, as long as it is the same."""
    name = type(error).__name__
    if name != trouble:
        facts = {"action": "record", "error": name, "reason": str(error)}
        log.warning("reports can't be recorded now", extra=facts)
    return name


def _mended(trouble: str) -> str:
    if trouble:
        log.info("reports are recorded again", extra={"action": "record"})
    return ""


def _decoded(body: bytes) -> Report | None:
    try:
        return REPORT.validate_json(body)
    except ValidationError:
        log.exception("a report can't be read and is dropped", extra={"action": "record"})
        return None
