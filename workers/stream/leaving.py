"""Leaves the fleet: the streams go on until other nodes have them, and then the process may end.

The first word (TERM, Ctrl-C) begins it; the second, or QUIT, ends everything at once. A thread of
its own looks and asks, for Celery's main thread stands in the middle of its shutdown meanwhile.
What is asked of whom is judged by `farewell`.

Celery says goodbye to the broker as well, and a broker that is frozen holds it up for a minute or
more. With no stream left there is nothing to wait for: `give_up` is called then.
"""

import logging
import threading
from collections.abc import Callable

from orchestrator.clock import Clock
from orchestrator.errors import WireUnreachable
from orchestrator.wire.board import Board
from workers.pool import ask_all
from workers.stream import farewell as judge
from workers.stream.farewell import Aboard, Leave
from workers.stream.telemetry import Telemetry, Who

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
COLD = "Cold"
"""Celery's word for a shutdown that waits for nobody."""
AT_ONCE = "the worker shuts down at once"
HELD_UP_SECONDS = 6.0
"""What Celery's own end may take once no stream is left."""


class Leaving:
    """The end of a stream worker process."""

    def __init__(
        self, who: Who, telemetry: Telemetry, board: Board, grace: float, clock: Clock
    ) -> None:
        self._who = who
        self._telemetry = telemetry
        self._board = board
        self._grace = grace
        self._clock = clock
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._words = 0
        self._hurry = threading.Event()
        self._closed = threading.Event()
        self.give_up: Callable[[], None] = lambda: None
        """Ends the process without the rest of Celery's shutdown."""

    def told(self, how: str) -> None:
        """The process was told to end, once more perhaps."""
        with self._lock:
            self._words += 1
            at_once = how == COLD or self._words > 1
        if at_once:
            self.at_once()
        else:
            self.begin()

    def begin(self) -> None:
        """Say that this node is to be left, and see that it is. Does nothing the second time."""
        with self._lock:
            if self._thread is not None:
                return
            self._thread = threading.Thread(target=self._run, name="leaving", daemon=True)
        self._telemetry.draining = True
        self._telemetry.soon()
        self._thread.start()

    def at_once(self) -> None:
        """Ask all streams to end now."""
        self._telemetry.draining = True
        self._hurry.set()
        ask_all(AT_ONCE)

    def wait(self) -> None:
        """Begin, if nobody has, and wait until nothing is carried, or all have been asked to end.

        Waits in steps: a signal's handler has to have its turn.
        """
        self.begin()
        assert self._thread is not None
        while self._thread.is_alive():
            self._thread.join(LOOK_SECONDS)

    def close(self) -> None:
        """Celery has come to its end."""
        self._closed.set()

    def _run(self) -> None:
        leave = judge.begun(self._clock.monotonic())
        streams = len(self._telemetry.runs)
        facts = {"action": "leaving", "node": self._who.node, "streams": streams}
        log.info("this node is left", extra=facts)
        while self._telemetry.runs and not self._hurry.is_set():
            leave = self._looked(leave)
            self._end_some(leave)
            self._clock.wait(LOOK_SECONDS, until=self._hurry)
        log.info("this node ends", extra={"action": "leaving", "node": self._who.node})
        threading.Thread(target=self._see_it_end, name="the end", daemon=True).start()

    def _see_it_end(self) -> None:
        if not self._clock.wait(HELD_UP_SECONDS, until=self._closed):
            log.warning("the broker holds the end up", extra={"action": "leaving"})
            self.give_up()

    def _looked(self, leave: Leave) -> Leave:
        try:
            answer = self._board.farewell(self._who.node)
        except WireUnreachable:
            return judge.unheard(leave, self._clock.monotonic())
        return judge.heard(leave, answer, self._who.boot, self._clock.monotonic())

    def _end_some(self, leave: Leave) -> None:
        runs = self._telemetry.runs
        aboard = [Aboard(run.stream, run.phase) for run in runs]
        reasons = judge.reasons(aboard, leave, self._grace, self._clock.monotonic())
        for run, reason in zip(runs, reasons, strict=True):
            if reason:
                run.end(reason)
