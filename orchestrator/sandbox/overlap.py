"""Who was on air when: intervals of received media, their union, their gaps, their overlap.

An interval belongs to one connection. Two connections that publish with one key at the same time
are what the fleet must never do; `overlap_seconds` says for how long they did.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

BREAK_SECONDS = 0.5
"""Silence that ends an interval. Publishers write every 0.32 s or more often."""
MAX_INTERVALS = 10_000


@dataclass(frozen=True, order=True)
class Interval:
    """One connection sent media from `start` to `end`, in monotonic seconds."""

    start: float
    end: float
    session: int = 0


@dataclass(frozen=True)
class Gap:
    """Nothing was received from `start` on, for `seconds`."""

    start: float
    seconds: float


class Intervals:
    """One endpoint's intervals, grown packet by packet. Forgets the oldest beyond 10,000."""

    def __init__(self) -> None:
        self._closed: list[Interval] = []
        self._open: dict[int, list[float]] = {}

    def seen(self, session: int, at: float) -> None:
        """A packet of that connection arrived."""
        current = self._open.get(session)
        if current is None:
            self._open[session] = [at, at]
        elif at - current[1] <= BREAK_SECONDS:
            current[1] = at
        else:
            self._keep(Interval(current[0], current[1], session))
            self._open[session] = [at, at]

    def ended(self, session: int) -> None:
        """That connection sends no more."""
        current = self._open.pop(session, None)
        if current is not None:
            self._keep(Interval(current[0], current[1], session))

    def all(self) -> list[Interval]:
        """All intervals, in order of their beginning."""
        still = [Interval(start, end, session) for session, (start, end) in self._open.items()]
        return sorted(self._closed + still)

    def _keep(self, interval: Interval) -> None:
        self._closed.append(interval)
        if len(self._closed) > MAX_INTERVALS:
            del self._closed[0]


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The times at which anybody was on air."""
    merged: list[Interval] = []
    for one in sorted(intervals):
        if merged and one.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, one.end))
        else:
            merged.append(Interval(one.start, one.end))
    return merged


def gaps(intervals: Iterable[Interval], longer_than: float) -> list[Gap]:
    """The times between the first and the last packet at which nobody was."""
    times = union(intervals)
    pairs = pairwise(times)
    found = [Gap(before.end, after.start - before.end) for before, after in pairs]
    return [gap for gap in found if gap.seconds > longer_than]


def overlap_seconds(intervals: Iterable[Interval]) -> float:
    """For how long two connections or more were on air at once."""
    edges = sorted(
        edge for one in intervals for edge in ((one.start, 1), (one.end, -1)) if one.end > one.start
    )
    total, depth, since = 0.0, 0, 0.0
    for at, change in edges:
        if depth >= 2:
            total += at - since
        depth += change
        since = at
    return total
