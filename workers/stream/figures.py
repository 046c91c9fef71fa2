"""What one run counts for the metrics: takes, misses, lost connections, what the endpoint took.

The run's own thread writes; the metrics page reads from another, and sees at worst a figure of a
moment ago. Counters only grow, and end with the run.
"""

from collections import Counter
from dataclasses import dataclass, field

from orchestrator.errors import (
    BroadcastError,
    EndpointBusy,
    EndpointClosed,
    EndpointDropped,
    EndpointEnded,
    EndpointRefused,
    EndpointReplaced,
    EndpointUnreachable,
    EndpointWedged,
    FFmpegFailed,
    LeaseLost,
)

OTHER = "other"
REASONS: tuple[tuple[type[BroadcastError], str], ...] = (
    (EndpointRefused, "refused"),
    (EndpointBusy, "busy"),
    (EndpointClosed, "closed"),
    (EndpointUnreachable, "unreachable"),
    (EndpointReplaced, "replaced"),
    (EndpointEnded, "ended"),
    (EndpointDropped, "dropped"),
    (EndpointWedged, "stalled"),
    (FFmpegFailed, "ffmpeg"),
    (LeaseLost, "lease"),
)
"""What a connection ended of, the narrower class before the wider one."""
ALL_REASONS = (*(word for _, word in REASONS), OTHER)


def reason_of(error: BroadcastError) -> str:
    """The word under which a connection's end is counted."""
    return next((word for kind, word in REASONS if isinstance(error, kind)), OTHER)


@dataclass
class Elapsed:
    """Time that passes while something is so."""

    _before: float = 0.0
    _since: float | None = None

    def switch(self, so: bool, now: float) -> None:
        """From now on it is so, or isn't."""
        self._before = self.seconds(now)
        self._since = now if so else None

    def seconds(self, now: float) -> float:
        """How long it was so, all times together."""
        since = self._since
        return self._before + (0.0 if since is None else now - since)


@dataclass
class Figures:
    """One run's counters."""

    brand: str = ""
    platform: str = ""
    address: str = ""
    """Where it goes, without its key."""
    takes: Counter[str] = field(default_factory=Counter)
    """Clips taken on air, by kind."""
    misses: int = 0
    """Takes in which something stood in for the program."""
    anomalies: int = 0
    """How often playout stood still for so long that real time ran away."""
    ends: Counter[str] = field(default_factory=Counter)
    """Connections that ended or failed, by reason."""
    off_air: Elapsed = field(default_factory=Elapsed)
    acknowledged: int = 0
    """Bytes; where the kernel doesn't tell, what ffmpeg has taken."""
    progress_at: float = 0.0
    """Wall-clock seconds at which the endpoint last took something; 0: it never did."""

    def took(self, kind: str, *, stands_in: bool) -> None:
        """A clip goes on air."""
        self.takes[kind] += 1
        self.misses += stands_in

    def ended(self, error: BroadcastError) -> None:
        """A connection is no more, or never was."""
        self.ends[reason_of(error)] += 1

    def progressed(self, acknowledged: int, wall: float) -> None:
        """So much has been taken by now, over all connections."""
        if acknowledged > self.acknowledged:
            self.acknowledged, self.progress_at = acknowledged, wall
