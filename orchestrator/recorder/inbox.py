"""The durable queue `reports`, from the reading side: take a batch, acknowledge it later.

What was taken and not acknowledged goes back to the queue when the inbox is closed. When this
process dies or the connection breaks first, whoever reads next puts it back after the reports'
visibility timeout. Acknowledging tells the senders, too, which keep each report until then; so what
is lost between Redis and here (a delivery under way when either is killed) is sent again by them.

Acknowledge after the commit, and what can't be read as well: its sender would send it for ever.
"""

from typing import Any

from orchestrator.clock import Clock, SystemClock
from orchestrator.errors import WireUnreachable
from orchestrator.wire.broker import BROKER_ERRORS, Broker, let_go, queue, reports_reader
from orchestrator.wire.queues import REPORTS
from orchestrator.wire.receipts import Receipt, Receipts, receipt_of

SWEEP_SECONDS = 5.0


class Inbox:
    """Reports that wait. Used by one thread; connects when first asked."""

    def __init__(
        self, at: Broker, receipts: Receipts | None = None, clock: Clock | None = None
    ) -> None:
        self._broker = reports_reader(at)
        self._receipts = receipts
        self._clock = clock or SystemClock()
        self._swept: float | None = None
        self._connection: Any = None
        self._channel: Any = None
        self._queue: Any = None
        self._taken: list[Any] = []
        self._awaited: list[Receipt] = []

    def take(self, limit: int) -> list[bytes]:
        """What waits now, up to a limit; held until it is acknowledged."""
        bodies: list[bytes] = []
        try:
            waiting = self._ready()
            self._sweep()
            while len(bodies) < limit:
                message = waiting.get()
                if message is None:
                    break
                self._taken.append(message)
                bodies.append(_bytes(message.body))
                receipt = receipt_of(message.headers)
                self._awaited.extend([] if receipt is None else [receipt])
        except BROKER_ERRORS as error:
            self._break_off()
            if not bodies:
                raise _unreachable(error) from error
        return bodies

    def acknowledge(self) -> None:
        """What was taken is safe; senders and queue may forget it."""
        try:
            if self._receipts is not None:
                self._receipts.leave(self._awaited)
            for message in self._taken:
                message.ack()
        except (WireUnreachable, *BROKER_ERRORS) as error:
            self._break_off()
            raise _unreachable(error) from error
        finally:
            self._awaited.clear()
        self._taken.clear()

    def close(self) -> None:
        """Let go of the broker; what wasn't acknowledged goes back."""
        self._let_go()
        self._awaited.clear()

    def _sweep(self) -> None:
        # kombu looks for what was left unacknowledged only in its event loop, which isn't used.
        now = self._clock.monotonic()
        if self._swept is None or now - self._swept >= SWEEP_SECONDS:
            self._channel.qos.restore_visible(num=None, interval=1)
            self._swept = now

    def _break_off(self) -> None:
        # kombu would try to give back over a broken connection, and dump to a file what it can't.
        if self._channel is not None:
            self._channel.do_restore = False
        self._let_go()

    def _let_go(self) -> None:
        if self._connection is not None:
            let_go(self._connection)
        self._connection = self._channel = self._queue = None
        self._taken.clear()

    def _ready(self) -> Any:
        if self._queue is None:
            self._connection = self._broker.connection()
            self._channel = self._connection.channel()
            bound = queue(REPORTS)(self._channel)
            bound.declare()
            self._queue = bound
        return self._queue


def _bytes(body: bytes | str) -> bytes:
    return body if isinstance(body, bytes) else body.encode()


def _unreachable(error: Exception) -> WireUnreachable:
    return WireUnreachable(f"No report can be read: {type(error).__name__}.")
