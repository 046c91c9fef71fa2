"""A bounded queue and one thread, for what may wait or be lost: render orders, status lines.

The broker can hold a caller for half a minute when it is frozen. Streams never wait for it: they
leave what is to be sent here, and what doesn't fit is dropped.
"""

import logging
import queue
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

LENGTH = 500


class Outbox:
    """Sends one thing after another, somewhere else."""

    def __init__(self, name: str, length: int = LENGTH) -> None:
        self._name = name
        self._queue: queue.Queue[Callable[[], None] | None] = queue.Queue(length)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._failing = False
        self.dropped = 0

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def put(self, send: Callable[[], None]) -> bool:
        """Leave something to be sent; False if there is no room."""
        try:
            self._queue.put_nowait(send)
        except queue.Full:
            self.dropped += 1
            return False
        return True

    def close(self, seconds: float = 2.0) -> None:
        """Send what is left if that goes quickly; the thread dies with the process otherwise."""
        if not self._thread.is_alive():
            return
        try:
            self._queue.put_nowait(None)
        except queue.Full:
            return
        self._thread.join(seconds)

    def _run(self) -> None:
        while (send := self._queue.get()) is not None:
            try:
                send()
                self._failing = False
            except Exception as error:  # the thread's boundary: kombu raises anything
                self._report(error)

    def _report(self, error: Exception) -> None:
        if not self._failing:
            facts = {"action": "outbox", "outbox": self._name, "error": type(error).__name__}
            log.warning("the broker takes nothing now", extra=facts)
        self._failing = True
