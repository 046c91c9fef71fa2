"""Whether this process really takes tasks from its queues, as its own consumer notes it.

A worker may answer every ping and yet take nothing: after a lost connection Celery has more than
once come back without its queues. So what counts is what is done: kombu asks its order strategy for
the queues right before each blocking pop, about once a second, and it pops anew only when the last
one was answered. Three places note something:

    `NowBeforeAhead()`           a connection is tried
    `NowBeforeAhead.consume()`   these queues are looked into now
    `orchestrator.wire.pulse`    the consumer has a connection, and its loop turns; whether there is
                                 room: with all slots busy nothing is popped, and nothing is wrong

One consumer a process; its loop notes, anybody reads.
"""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from orchestrator.clock import Clock, SystemClock

SILENT_SECONDS = 5.0
"""Between two turns, or two looks into the queues; each is due once a second."""


@dataclass(frozen=True)
class Consumption:
    """What was seen of the consumer, at which monotonic seconds."""

    connected: bool = False
    turned_at: float = 0.0
    looked_at: float = 0.0
    queues: tuple[str, ...] = ()
    """What the last look was into."""


def why_not(seen: Consumption, expected: Collection[str], now: float) -> str:
    """Why tasks aren't taken from these queues now; empty if they are."""
    if not seen.connected:
        return "not connected"
    if now - seen.turned_at > SILENT_SECONDS:
        return f"its loop has been waiting for {now - seen.turned_at:.0f} s"
    missing = sorted(set(expected) - set(seen.queues))
    if missing:
        return f"doesn't look into {', '.join(missing)}"
    if now - seen.looked_at > SILENT_SECONDS:
        return f"no answer from the queues for {now - seen.looked_at:.0f} s"
    return ""


class Consuming:
    """This process's consumer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen = Consumption()
        self.on_turn: Callable[[], None] = _nothing
        """Called whenever the consumer's loop turns, or tries to connect."""

    @property
    def connected(self) -> bool:
        """Whether the consumer has a connection."""
        return self._seen.connected

    def why_not(self, expected: Collection[str]) -> str:
        """Why tasks aren't taken from these queues now; empty if they are."""
        return why_not(self._seen, expected, self._clock.monotonic())

    def tries(self) -> None:
        """A connection is tried, by the consumer or by somebody who only sends."""
        if threading.current_thread() is threading.main_thread():
            self.on_turn()

    def looks(self, queues: Sequence[str]) -> None:
        """A blocking pop begins."""
        now = self._clock.monotonic()
        self._seen = replace(self._seen, looked_at=now, queues=tuple(queues))

    def turns(self, *, room: bool) -> None:
        """The consumer's loop has turned; without room no pop is due."""
        now = self._clock.monotonic()
        looked_at = self._seen.looked_at if room else now
        self._seen = replace(self._seen, turned_at=now, looked_at=looked_at)
        self.on_turn()

    def connects(self) -> None:
        """There is a connection; the first pop follows."""
        now = self._clock.monotonic()
        self._seen = replace(self._seen, connected=True, turned_at=now)

    def loses(self) -> None:
        """The connection is lost, or given up; what was seen counts no more."""
        self._seen = Consumption()


def _nothing() -> None:
    pass


CONSUMING = Consuming(SystemClock())
"""Celery and kombu make their parts by name and hand nothing in."""
