"""One connection after another: those that come at once leave a moment apart.

Twenty streams that lose their node, or their ingest, come at the same time. Each is told the moment
of its turn and waits by itself, so one that has trouble holds up nobody.
"""

import threading

from orchestrator.clock import Clock

SPACING_SECONDS = 0.05
"""Twenty within a second: an ffmpeg that starts costs about that much of a core, and no ingest
takes so few for an attack."""


def turn(free_from: float, now: float, spacing: float) -> tuple[float, float]:
    """When it is the next one's turn, and from when on it may be another's. Pure."""
    mine = max(free_from, now)
    return mine, mine + spacing


class Turnstile:
    """Where all connections of a process pass. Safe for several threads."""

    def __init__(self, clock: Clock, spacing: float = SPACING_SECONDS) -> None:
        self._clock = clock
        self._spacing = spacing
        self._free_from = 0.0
        self._lock = threading.Lock()

    def wait_seconds(self) -> float:
        """How long whoever asks has to wait for its turn, which is kept for it."""
        with self._lock:
            now = self._clock.monotonic()
            mine, self._free_from = turn(self._free_from, now, self._spacing)
        return mine - now
