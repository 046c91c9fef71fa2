"""The pool of a stream worker: one thread a stream, and a way to reach each from outside.

Celery's threads pool can't end one task: Flower's Terminate, `revoke(terminate=True)` and a cold
shutdown raise `NotImplementedError` there. Here each thread has a `Stop`, made before Celery hears
that the task runs, so that no wish to stop is lost. A task finds its own by `own_stop()`, looks at
it between packets, and ends by itself; nothing is torn away from it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from celery.concurrency.base import apply_target
from celery.concurrency.thread import ApplyResult, TaskPool
from celery.worker import state


class Stop:
    """A wish that a run ends, with the first reason given."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._reason = ""

    def ask(self, reason: str) -> None:
        """Wish for the end. Only sets a flag; may be called from anywhere but a signal handler."""
        self._reason = self._reason or reason
        self._event.set()

    @property
    def asked(self) -> bool:
        return self._event.is_set()

    @property
    def reason(self) -> str:
        return self._reason

    @property
    def event(self) -> threading.Event:
        """What a wait may end by."""
        return self._event


_stops: dict[int, Stop] = {}


def own_stop() -> Stop:
    """The stop of the run in this thread; outside of the pool, one that nobody else knows."""
    return _stops.get(threading.get_ident()) or Stop()


def ask_all(reason: str) -> int:
    """Ask every run of this process to end; how many there were."""
    stops = list(_stops.values())
    for stop in stops:
        stop.ask(reason)
    return len(stops)


@contextmanager
def _stoppable() -> Iterator[Stop]:
    ident = threading.get_ident()
    _stops[ident] = Stop()
    try:
        yield _stops[ident]
    finally:
        del _stops[ident]


class StreamResult(ApplyResult):  # type: ignore[misc]  # Celery ships no types
    """What Celery keeps of a running task. Its request asks this, too, when it is cancelled."""

    def terminate(self, _signal: int | None = None) -> None:
        """Nothing: the pool has asked already."""


class StreamPool(TaskPool):  # type: ignore[misc]  # Celery ships no types
    """Threads that can be asked to stop, by the thread id that Celery knows as the process id."""

    before_stop: ClassVar[Callable[[], None]] = staticmethod(lambda: None)
    """Called in a warm shutdown before anybody is asked to end; takes the time that it needs."""

    _ending = False
    """Runs that begin from now on are asked to stop at once."""

    def on_apply(
        self,
        target: Callable[..., Any],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
        callback: Callable[..., Any] | None = None,
        accept_callback: Callable[..., Any] | None = None,
        **_: Any,
    ) -> StreamResult:
        def run() -> None:
            with _stoppable() as stop:
                if self._ending:
                    stop.ask("shutdown")
                pid = threading.get_ident()
                apply_target(target, args, kwargs, callback, accept_callback, pid=pid)

        return StreamResult(self.executor.submit(run))

    def terminate_job(self, pid: int, _signal: int | None = None) -> None:
        """End one run: Flower's Terminate, a revoke, a cold shutdown."""
        stop = _stops.get(pid)
        if stop is not None:
            stop.ask("terminated")

    def on_stop(self) -> None:
        """A shutdown: everybody is asked, and waited for.

        A warm one waits first (`before_stop`). A cold one comes here from a signal's handler,
        perhaps in the middle of a warm one.
        """
        self._ending = True
        try:
            if not state.should_terminate:
                type(self).before_stop()
        finally:
            ask_all("shutdown")
            super().on_stop()

    def on_terminate(self) -> None:
        """A cold shutdown: Celery waits for nobody, the interpreter waits for the threads."""
        self._ending = True
        ask_all("shutdown")
