"""The pulse of an egress connection: the kernel is asked a few times a second, and judged.

Belongs to the thread that carries the stream. Where the kernel doesn't tell, there is no pulse.
"""

from orchestrator.clock import Clock
from workers.process.kernel_acks import Acks, TcpSocket, acks_of, tcp_sockets_of
from workers.stream.egress.stall import Stall, Watch, stalled, watched

ASK_SECONDS = 0.2
DRAIN_SECONDS = 0.01
LOOKS = 5
"""So often a child's connection is looked for; a file or an SRT endpoint has none."""


class Pulse:
    """What is known of one child's connection."""

    def __init__(self, pid: int, clock: Clock) -> None:
        self._pid = pid
        self._clock = clock
        self._connection: TcpSocket | None = None
        self._looks = 0
        self._asked: float | None = None
        self._watch: Watch | None = None
        self.last: Acks | None = None
        """What the kernel said last, also of a connection that is gone since."""

    def feel(self, sent: int) -> Stall | None:
        """Ask if it is time to. `sent`: what ffmpeg has taken; the answer: who holds it up."""
        now = self._clock.monotonic()
        if self._asked is not None and now - self._asked < ASK_SECONDS:
            return None
        self._asked = now
        acks = self._ask()
        if acks is None:
            self._watch = None
            return None
        self.last = acks
        self._watch = watched(self._watch, acks, sent, now)
        return stalled(self._watch, now)

    def drained(self, until: float) -> bool:
        """Whether the endpoint acknowledges all that it was sent, by that moment.

        Looks twice, as ffmpeg may still have something at hand. Yes where the kernel doesn't tell.
        """
        clear = 0
        while clear < 2:
            self._clock.wait(DRAIN_SECONDS)
            acks = self._ask()
            if acks is None:
                return True
            self.last = acks
            clear = 0 if acks.waiting else clear + 1
            if not clear and self._clock.monotonic() >= until:
                return False
        return True

    def _ask(self) -> Acks | None:
        if self._connection is None and self._looks < LOOKS:
            self._looks += 1
            self._connection = next(iter(tcp_sockets_of(self._pid)), None)
        return acks_of(self._connection) if self._connection else None
