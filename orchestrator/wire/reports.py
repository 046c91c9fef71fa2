"""Reports on their way from a worker to the recorder: durable, and never in the worker's way.

`report` puts a report into a bounded queue and returns. A thread of its own sends it to the
persistent queue `reports`; while the broker is away it keeps reports in a spool folder, and sends
them when the broker is back. A report may arrive twice; its id makes that harmless.

Limits: what is in the in-memory queue when a process is killed (milliseconds' worth) is lost, and
so is what finds both queue and spool full; the latter is counted and logged.
"""

import logging
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from orchestrator.clock import Clock, SystemClock
from orchestrator.domain.evidence import Report
from orchestrator.errors import WireUnreachable
from orchestrator.wire.broker import BROKER_ERRORS, Broker, broker, let_go
from orchestrator.wire.broker import queue as named_queue
from orchestrator.wire.messages import REPORT
from orchestrator.wire.queues import REPORTS
from orchestrator.wire.spool import Spool

log = logging.getLogger(__name__)

SEND_SECONDS = 2.0
RETRY_SECONDS = 2.0
IDLE_SECONDS = 0.5
BATCH = 200
QUEUE_LENGTH = 10_000


class ReportSender:
    """Puts reports into the broker's queue. Used by one thread."""

    def __init__(self, at: Broker) -> None:
        self._broker = at
        self._connection: Any = None
        self._producer: Any = None

    def send(self, body: bytes) -> None:
        """Send one report, as JSON."""
        with self._translated():
            self._ready().publish(
                body,
                exchange="",
                routing_key=REPORTS,
                content_type="application/json",
                content_encoding="utf-8",
                delivery_mode=2,
                retry=False,
            )

    def probe(self) -> None:
        """Find out whether the broker is there."""
        with self._translated():
            self._ready()

    def close(self) -> None:
        """Let go of the connection; the next report makes a new one."""
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            let_go(connection)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except BROKER_ERRORS as error:
            self.close()
            raise WireUnreachable(f"The broker takes no report: {type(error).__name__}.") from error

    def _ready(self) -> Any:
        if self._producer is None:
            self._connection = self._broker.connection()
            channel = self._connection.channel()
            named_queue(REPORTS)(channel).declare()
            self._producer = self._connection.Producer(channel)
        return self._producer


class Reporter:
    """Where a worker process leaves its reports. Any thread may; nobody waits."""

    def __init__(self, url: str, prefix: str, spool_dir: Path, clock: Clock | None = None) -> None:
        self._sender = ReportSender(broker(url, prefix, socket_timeout=SEND_SECONDS))
        self._spool = Spool(spool_dir)
        self._clock = clock or SystemClock()
        self._queue: queue.Queue[Report] = queue.Queue(QUEUE_LENGTH)
        self._ending = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._process = 0
        self._retry_at: float | None = 0.0  # a spool left by an earlier process is sent at start
        self.lost = 0

    def report(self, report: Report) -> None:
        """Leave a report. Returns at once, whatever state the broker is in."""
        self._started()
        try:
            self._queue.put_nowait(report)
        except queue.Full:
            self._lose(1)

    def close(self, seconds: float = 5.0) -> None:
        """Send or spool what is left, and end the thread."""
        self._ending.set()
        if self._thread is not None and self._process == os.getpid():
            self._thread.join(seconds)

    def _started(self) -> None:
        # Prefork copies the object without its thread, so each process starts its own.
        if self._process == os.getpid():
            return
        with self._starting:
            if self._process != os.getpid():
                self._process = os.getpid()
                self._thread = threading.Thread(target=self._run, name="reports", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not (self._ending.is_set() and self._queue.empty()):
            batch = [REPORT.dump_json(report) for report in self._batch()]
            try:
                self._drain_if_due()
                self._pass_on(batch)
            except Exception:  # the thread's boundary: no surprise may end reporting
                log.exception("reports could not be passed on", extra={"action": "report"})
                self._keep(batch)
        self._drain_if_due()
        self._sender.close()
        self._spool.close()

    def _batch(self) -> list[Report]:
        batch: list[Report] = []
        with suppress(queue.Empty):
            batch.append(self._queue.get(timeout=IDLE_SECONDS))
            while len(batch) < BATCH:
                batch.append(self._queue.get_nowait())
        return batch

    def _pass_on(self, batch: Sequence[bytes]) -> None:
        sent = 0
        if self._retry_at is None:
            try:
                for body in batch:
                    self._sender.send(body)
                    sent += 1
            except WireUnreachable:
                self._went_away()
        self._keep(batch[sent:])

    def _keep(self, batch: Sequence[bytes]) -> None:
        if batch and not self._spool.keep(batch):
            self._lose(len(batch))

    def _drain_if_due(self) -> None:
        if self._retry_at is None or self._clock.monotonic() < self._retry_at:
            return
        try:
            self._sender.probe()
            sent = self._spool.drain(self._sender.send)
        except WireUnreachable:
            self._retry_at = self._clock.monotonic() + RETRY_SECONDS
            return
        self._retry_at = None
        if sent:
            log.info("spooled reports were sent", extra={"action": "report", "reports": sent})

    def _went_away(self) -> None:
        self._retry_at = self._clock.monotonic() + RETRY_SECONDS
        log.warning("the broker is away, reports are spooled", extra={"action": "report"})

    def _lose(self, count: int) -> None:
        self.lost += count
        log.error("reports were lost, queue and spool are full", extra={"action": "report"})
