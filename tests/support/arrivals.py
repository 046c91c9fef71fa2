"""What one endpoint received, by connection, and what follows from it: off air, twice on air. Pure.

A touch is a moment at which media arrived, and how many messages did. Moments are the machine's
monotonic clock, which all processes of a rig share. A slice of 0.32 s arrives as one touch or two,
so that a stream that is well shows silences of up to 0.4 s.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

NEVER = float("inf")


@dataclass(frozen=True)
class Connection:
    """One publisher that was let."""

    number: int
    granted_at: float
    touches: tuple[tuple[float, int], ...] = ()
    ended_at: float | None = None
    ending: str = ""

    @property
    def first(self) -> float | None:
        """When its first media arrived."""
        return self.touches[0][0] if self.touches else None

    @property
    def last(self) -> float | None:
        """When its last media arrived."""
        return self.touches[-1][0] if self.touches else None


@dataclass(frozen=True)
class Attempt:
    """Somebody asked to publish."""

    at: float
    decision: str


@dataclass(frozen=True)
class Shore:
    """All that one key has seen."""

    key: str
    connections: tuple[Connection, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    pauses: tuple[tuple[float, float], ...] = ()
    """When the one who notes all this was away; what came then is noted at its end."""

    @property
    def moments(self) -> list[float]:
        """When media arrived, over whichever connection."""
        return sorted(at for one in self.connections for at, _ in one.touches)

    def back_after(self, moment: float) -> float:
        """When media first arrived on a connection that was granted after that moment."""
        later = (one.first for one in self.connections if one.granted_at > moment)
        return min((first for first in later if first is not None), default=NEVER)

    def longest_silence(self, since: float, until: float) -> float:
        """The longest time without media that ends after `since` and begins before `until`."""
        return max((end - begin for begin, end in self.silences(since, until)), default=0.0)

    def silences(self, since: float, until: float) -> Iterator[tuple[float, float]]:
        """Times between arrivals that touch that stretch; the last may last until its end."""
        moments = [at for at in self.moments if at <= until]
        if not moments:
            yield since, until
            return
        for begin, end in pairwise([*moments, until]):
            if end >= since:
                yield begin, end

    def silence_seconds(self, begin: float, end: float) -> float:
        """How long a silence was at least: who notes arrivals may have been away for a part."""
        away = (min(end, until) - max(begin, since) for since, until in self.pauses)
        return end - begin - sum(seconds for seconds in away if seconds > 0)

    def gap_of_change(self, since: float) -> float:
        """From the last media of the old connection to the first of the one granted after."""
        back = self.back_after(since)
        before = [at for at in self.moments if at < back]
        return self.silence_seconds(before[-1], back) if before else NEVER

    def tries(self, since: float, until: float) -> int:
        """How often somebody asked to publish."""
        return sum(since <= one.at < until for one in self.attempts)

    def changes(self, since: float) -> int:
        """Connections granted after that moment."""
        return sum(one.granted_at > since for one in self.connections)

    def overlap_ms(self) -> float:
        """For how long two connections stood between their first and their last media at once.

        Strict: one packet of an old holder after its successor's first counts from that first on.
        """
        spans = [(c.first, c.last) for c in self.connections if c.touches]
        total = 0.0
        for one, other in combinations(spans, 2):
            begin = max(first for first, _ in (one, other) if first is not None)
            end = min(last for _, last in (one, other) if last is not None)
            total += max(0.0, end - begin)
        return total * 1000

    def late_messages(self) -> int:
        """Media messages of a connection that came after a later one's first."""
        late = 0
        for old, new in combinations(self.connections, 2):
            first = new.first
            if first is not None:
                late += sum(count for at, count in old.touches if at >= first)
        return late


def overlap_ms(shores: Sequence[Shore]) -> float:
    """The sum over all keys."""
    return round(sum(one.overlap_ms() for one in shores), 1)


def late_messages(shores: Sequence[Shore]) -> int:
    """The sum over all keys."""
    return sum(one.late_messages() for one in shores)


def busiest(moments: Sequence[float], window: float) -> int:
    """The most moments that lie within one window: how large a herd was."""
    times = sorted(moments)
    most, left = 0, 0
    for right, at in enumerate(times):
        while at - times[left] > window:
            left += 1
        most = max(most, right - left + 1)
    return most
