"""Reports on their way from a worker to the recorder: durable, never in the broker's hands only.

`report` writes a report into a journal on disk (orchestrator.wire.spool) and returns. A thread of
its own carries it to the queue `reports`, again if need be, until the recorder says that it is in
the store (orchestrator.wire.courier and .receipts). So each report that `report` took arrives at
least once, whatever is killed in between: this process, Redis with all it knew, the recorder. Its
id makes that once.

Limits: a machine that loses its disk loses what wasn't confirmed, and one that loses power perhaps
the last seconds. A node that never comes back keeps what Redis hadn't got. A disk that is full or
read-only leaves the memory, which goes with the process; what finds both full is counted and
logged. Upgrade the recorder before the workers: an older one confirms nothing, and what is
unconfirmed stays on disk.
"""

import logging
import os
import threading
from pathlib import Path

from orchestrator.clock import Clock, SystemClock
from orchestrator.domain.evidence import Report
from orchestrator.errors import WireUnreachable
from orchestrator.wire.broker import broker
from orchestrator.wire.courier import RESEND_SECONDS, Courier, Outstanding, ReportSender
from orchestrator.wire.messages import REPORT
from orchestrator.wire.receipts import Receipts
from orchestrator.wire.redis_client import connect
from orchestrator.wire.spool import Journal

log = logging.getLogger(__name__)

SEND_SECONDS = 2.0
RETRY_SECONDS = 1.0
IDLE_SECONDS = 0.5
CLOSING_SECONDS = 0.02
CONFIRM_SECONDS = 0.4
"""How long an ending process waits for receipts of what it has sent."""
COMPLAIN_SECONDS = 10.0


class Reporter:
    """Where a worker process leaves its reports. Any thread may; nobody waits for the broker."""

    def __init__(
        self,
        url: str,
        prefix: str,
        spool_dir: Path,
        clock: Clock | None = None,
        resend_seconds: float = RESEND_SECONDS,
    ) -> None:
        self._broker = broker(url, prefix, socket_timeout=SEND_SECONDS)
        self._url, self._prefix, self._folder = url, prefix, spool_dir
        self._clock = clock or SystemClock()
        self._resend_seconds = resend_seconds
        self._away = False
        self._complained: float | None = None
        self.lost = 0
        self._begin_anew()
        os.register_at_fork(after_in_child=self._forked)

    def start(self) -> None:
        """Begin to send what an earlier process has left. The first report does so, too."""
        self._started()

    def report(self, report: Report) -> None:
        """Leave a report. It will be delivered, whatever state broker and recorder are in."""
        journal = self._started()
        if not journal.keep(REPORT.dump_json(report)):
            self.lost += 1
        if journal.trouble:
            self._complain(journal.trouble)
        self._news.set()

    @property
    def waiting(self) -> Outstanding:
        """What the recorder hasn't confirmed yet."""
        courier = self._courier
        return Outstanding(0, 0.0) if courier is None else courier.outstanding()

    @property
    def spooled(self) -> int:
        """Bytes that wait on disk."""
        journal = self._journal
        return 0 if journal is None else journal.bytes

    def close(self, seconds: float = 5.0) -> None:
        """Send what is left, and end the thread.

        What isn't confirmed stays on disk for the next process, as do reports that come later.
        """
        self._ending.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def _begin_anew(self) -> None:
        self._journal: Journal | None = None
        self._courier: Courier | None = None
        self._news = threading.Event()
        self._ending = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def _forked(self) -> None:
        # Prefork copies the object without its thread, so each process starts its own. A lock that
        # a thread of the parent holds at that moment is never given back here: all of them are new.
        if self._journal is not None:
            self._journal.drop()
        self._begin_anew()

    def _started(self) -> Journal:
        journal = self._journal
        if journal is not None:
            return journal
        with self._starting:
            if self._journal is None:
                journal = Journal(self._folder)
                self._courier = self._new_courier(journal)
                parts = (journal, self._courier)
                thread = threading.Thread(target=self._run, args=parts, name="reports", daemon=True)
                thread.start()
                self._thread, self._journal = thread, journal
            return self._journal

    def _new_courier(self, journal: Journal) -> Courier:
        receipts = Receipts(connect(self._url, client_name="doppelcast-reports"), self._prefix)
        sender = ReportSender(self._broker)
        return Courier(journal, sender, receipts, self._clock, self._resend_seconds)

    def _run(self, journal: Journal, courier: Courier) -> None:
        while not self._ending.is_set():
            if self._round(courier):
                self._clock.wait(IDLE_SECONDS, self._news)
            else:  # reports that come meanwhile wake nobody
                self._clock.wait(RETRY_SECONDS, self._ending)
            self._news.clear()
        self._last_rounds(courier)
        courier.close()
        left = journal.close()
        if left:
            self.lost += left
            facts = {"action": "report", "reports": left, "why": journal.trouble}
            log.error("reports that the disk hadn't taken may be lost", extra=facts)

    def _round(self, courier: Courier) -> bool:
        """Carry once; say whether that went well."""
        try:
            courier.carry()
        except WireUnreachable as error:
            if not self._away:
                facts = {"action": "report", "why": str(error)}
                log.warning("the broker is away, reports wait on disk", extra=facts)
            self._away = True
            return False
        except Exception:  # the thread's boundary: no surprise may end reporting
            log.exception("reports could not be passed on", extra={"action": "report"})
            return False
        if self._away:
            log.info("reports are sent again", extra={"action": "report"})
        self._away = False
        return True

    def _last_rounds(self, courier: Courier) -> None:
        until: float | None = None
        while self._round(courier) and not courier.idle:
            now = self._clock.monotonic()
            if courier.all_sent and until is None:
                until = now + CONFIRM_SECONDS
            if until is not None and now >= until:
                return
            self._clock.wait(CLOSING_SECONDS)

    def _complain(self, why: str) -> None:
        now = self._clock.monotonic()
        if self._complained is not None and now - self._complained < COMPLAIN_SECONDS:
            return
        self._complained = now
        log.error(
            "reports can't be written to disk, they are kept in memory while there is room",
            extra={"action": "report", "why": why, "lost": self.lost, "folder": str(self._folder)},
        )
