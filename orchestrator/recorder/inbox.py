"""The durable queue `reports`, from the reading side: take a batch, acknowledge it later.

What was taken and not acknowledged goes back to the queue when the inbox is closed. When the
connection breaks first, the broker hands it out again after its visibility timeout; by then it has
been recorded, for what was taken before the break is returned all the same.

Limit: a report whose delivery is under way when the server freezes can be lost with the answer.
"""

from typing import Any

from orchestrator.errors import WireUnreachable
from orchestrator.wire.broker import BROKER_ERRORS, Broker, let_go, queue
from orchestrator.wire.queues import REPORTS


class Inbox:
    """Reports that wait. Used by one thread; connects when first asked."""

    def __init__(self, at: Broker) -> None:
        self._broker = at
        self._connection: Any = None
        self._channel: Any = None
        self._queue: Any = None
        self._taken: list[Any] = []

    def take(self, limit: int) -> list[bytes]:
        """What waits now, up to a limit; held until it is acknowledged."""
        bodies: list[bytes] = []
        try:
            waiting = self._ready()
            while len(bodies) < limit:
                message = waiting.get()
                if message is None:
                    break
                self._taken.append(message)
                bodies.append(_bytes(message.body))
        except BROKER_ERRORS as error:
            self._break_off()
            if not bodies:
                raise _unreachable(error) from error
        return bodies

    def acknowledge(self) -> None:
        """What was taken is safe; the queue may forget it."""
        try:
            for message in self._taken:
                message.ack()
        except BROKER_ERRORS as error:
            self._break_off()
            raise _unreachable(error) from error
        self._taken.clear()

    def close(self) -> None:
        """Let go of the broker; what wasn't acknowledged goes back."""
        if self._connection is not None:
            let_go(self._connection)
        self._forget()

    def _break_off(self) -> None:
        # kombu would try to give back over a broken connection, and dump to a file what it can't.
        if self._channel is not None:
            self._channel.do_restore = False
        self.close()

    def _forget(self) -> None:
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
