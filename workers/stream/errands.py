"""A few threads that go to the disk for those who must not wait for it.

A disk that hangs (a network mount whose server is gone, a drive that tries again and again) stops
the thread that asks it, for minutes. What plays a stream therefore sends somebody, waits a moment,
and goes on with what is in memory. An errand that hangs keeps its thread; each sender has at most
one errand under way, so errands never pile up.

Threads are daemons and made when first needed: one that hangs must not keep a process from ending.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from concurrent.futures import TimeoutError as Late
from queue import SimpleQueue
from typing import Any, TypeVar

from orchestrator.clock import Clock

Result = TypeVar("Result")

THREADS = 4
PATIENCE_SECONDS = 0.2
"""How long a sender waits: playout has sent 0.6 s ahead by then, and looks around every 0.32 s."""
HANGS_SECONDS = 2.0
"""An errand that is under way for that long isn't waited for at all."""


class Errands:
    """The threads, shared by all streams of a process."""

    def __init__(self, threads: int = THREADS) -> None:
        self._wanted = threads
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def send(self, call: Callable[[], Result]) -> "Future[Result]":
        """Have something done by one of the threads."""
        self._man()
        future: Future[Result] = Future()
        self._queue.put(lambda: _done(future, call))
        return future

    def _man(self) -> None:
        with self._lock:
            while len(self._threads) < self._wanted:
                name = f"disk-{len(self._threads)}"
                thread = threading.Thread(target=self._run, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()

    def _run(self) -> None:
        while True:
            self._queue.get()()


def _done(future: "Future[Any]", call: Callable[[], Any]) -> None:
    try:
        result = call()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)


class Sender:
    """One stream's errands, one after another."""

    def __init__(self, errands: Errands, clock: Clock, patience: float = PATIENCE_SECONDS) -> None:
        self._errands = errands
        self._clock = clock
        self._patience = patience
        self._under_way: Future[Any] | None = None
        self._since = 0.0

    def hangs(self) -> float:
        """For how many seconds an errand has been under way; 0 if none is."""
        if self._under_way is None or self._under_way.done():
            return 0.0
        return self._clock.monotonic() - self._since

    def soon(self, call: Callable[[], Result]) -> Result | None:
        """What the call gives, if that is soon; None if not. It may still be done later."""
        deadline = self._clock.monotonic() + self._patience
        if not self._is_free(deadline):
            return None
        future = self._errands.send(call)
        self._under_way, self._since = future, self._clock.monotonic()
        try:
            return future.result(max(0.0, deadline - self._clock.monotonic()))
        except Late:
            return None

    def _is_free(self, deadline: float) -> bool:
        if self._under_way is None or self._under_way.done():
            return True
        if self.hangs() < HANGS_SECONDS:
            wait([self._under_way], max(0.0, deadline - self._clock.monotonic()))
        return self._under_way.done()
