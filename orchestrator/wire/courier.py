"""The courier: carries a journal's reports to the recorder, until the recorder has confirmed them.

Up to a thousand reports are on their way at once; what follows them waits on disk. So neither
Redis nor this process's memory grows while nobody records. A report is sent again when Redis has
another run id than when it was sent (it may have come back empty), or when it is unconfirmed for
long and no report waits in the queue (a recorder died with it, or it was lost in a broken
connection). While reports wait in the queue, a late confirmation means a slow or absent recorder,
and sending more would help nobody.
"""

import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from orchestrator.clock import Clock
from orchestrator.errors import WireUnreachable
from orchestrator.wire.broker import BROKER_ERRORS, Broker, let_go
from orchestrator.wire.broker import queue as named_queue
from orchestrator.wire.queues import REPORTS
from orchestrator.wire.receipts import AT_ONCE, Receipt, Receipts
from orchestrator.wire.spool import Journal, Source

log = logging.getLogger(__name__)

WINDOW = 1000
RESEND_SECONDS = 15.0
LOOK_SECONDS = 1.0
"""How often Redis is asked who it is."""
ADOPT_SECONDS = 5.0
"""How often the folder is searched for what dead processes left."""


@dataclass(frozen=True)
class Outstanding:
    """What isn't confirmed yet."""

    reports: int
    seconds: float
    """Since when the oldest of them waits."""


class ReportSender:
    """Puts reports into the broker's queue. Used by one thread."""

    def __init__(self, at: Broker) -> None:
        self._broker = at
        self._connection: Any = None
        self._producer: Any = None

    def send(self, body: bytes, receipt: Receipt | None = None) -> None:
        """Send one report, as JSON."""
        with self._translated():
            self._ready().publish(
                body,
                exchange="",
                routing_key=REPORTS,
                headers=receipt.headers() if receipt else None,
                content_type="application/json",
                content_encoding="utf-8",
                delivery_mode=2,
                retry=False,
            )

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


@dataclass
class Letter:
    """A report on its way."""

    body: bytes
    source: Source
    since: float
    sent: float | None = None
    server: str = ""
    """The Redis that it was sent to."""


class Courier:
    """Carries one journal's reports. Used by one thread."""

    def __init__(
        self,
        journal: Journal,
        sender: ReportSender,
        receipts: Receipts,
        clock: Clock,
        resend_seconds: float = RESEND_SECONDS,
    ) -> None:
        self._journal = journal
        self._sender = sender
        self._receipts = receipts
        self._clock = clock
        self._resend_seconds = resend_seconds
        self._name = uuid.uuid4().hex
        self._numbers = count(1)
        self._letters: dict[int, Letter] = {}
        self._server = ""
        self._looked: float | None = None
        self._adopted: float | None = None

    def carry(self) -> None:
        """One round: what is confirmed, is forgotten; what is new, or lost, is sent."""
        self._adopt()
        self._fill()
        if not self._letters:
            return
        self._meet_server()
        while self._forget(self._receipts.fetch(self._name)) == AT_ONCE:
            pass
        self._fill()
        for number, letter in self._due():
            self._sender.send(letter.body, Receipt(self._name, number))
            letter.sent, letter.server = self._clock.monotonic(), self._server
        self._journal.tidy()

    @property
    def idle(self) -> bool:
        """Whether nothing waits at all."""
        return not self._letters

    @property
    def all_sent(self) -> bool:
        """Whether all that waits was sent at least once."""
        return all(letter.sent is not None for letter in self._letters.values())

    def outstanding(self) -> Outstanding:
        """What isn't confirmed. May be asked by any thread."""
        oldest = next(iter(list(self._letters.values())), None)
        seconds = 0.0 if oldest is None else self._clock.monotonic() - oldest.since
        return Outstanding(self._journal.open, round(seconds, 3))

    def close(self) -> None:
        """Let go of broker and Redis."""
        self._sender.close()
        self._receipts.close()

    def _adopt(self) -> None:
        now = self._clock.monotonic()
        if self._adopted is not None and now - self._adopted < ADOPT_SECONDS:
            return
        self._adopted = now
        lines = self._journal.adopt()
        if lines:
            facts = {"action": "report", "reports": lines}
            log.info("reports of a process that has ended are sent", extra=facts)

    def _fill(self) -> None:
        now = self._clock.monotonic()
        for body, source in self._journal.read(WINDOW - len(self._letters)):
            self._letters[next(self._numbers)] = Letter(body, source, now)

    def _meet_server(self) -> None:
        now = self._clock.monotonic()
        if self._looked is not None and now - self._looked < LOOK_SECONDS:
            return
        server = self._receipts.server()
        if self._server and server != self._server:
            facts = {"action": "report", "reports": len(self._letters)}
            log.info("Redis was replaced, unconfirmed reports are sent again", extra=facts)
        self._looked, self._server = now, server

    def _forget(self, confirmed: Iterable[int]) -> int:
        numbers = list(confirmed)
        for number in numbers:
            letter = self._letters.pop(number, None)
            if letter is not None:
                letter.source.confirm()
        return len(numbers)

    def _due(self) -> list[tuple[int, Letter]]:
        before = self._clock.monotonic() - self._resend_seconds
        late = {n for n, x in self._letters.items() if x.sent is not None and x.sent <= before}
        lost = late if late and not self._receipts.queued() else set()
        return [
            (number, letter)
            for number, letter in self._letters.items()
            if letter.sent is None or letter.server != self._server or number in lost
        ]
