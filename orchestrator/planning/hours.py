"""A day's slots and hours on the real timeline, whatever the wall's clocks do. Pure.

What is written in hours of the wall becomes instants: each edge is the first instant at which the
wall shows it; an edge that the wall skips is where the wall goes on. So edges keep their order, one
day ends where the next begins, spans that touch go on touching, an hour that the wall skips isn't
there, and one that it shows twice belongs, both times, to the span that it lies within.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from orchestrator.domain.spelling import minute_of, span_of
from orchestrator.planner.problem import Slot

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
Interval = tuple[datetime, datetime]
"""Two instants, UTC; half open."""


def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The first instant, in UTC, at which a wall shows that minute of a day or a later one."""
    wall = datetime.combine(day, time()) + minute * MINUTE
    while _read(wall, zone) != wall:
        wall += MINUTE
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _read(wall: datetime, zone: ZoneInfo) -> datetime:
    """What the wall shows at what that reading is taken for: another reading, if it has none."""
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)


@dataclass(frozen=True)
class Day:
    """A broadcast day: from one day's begin on the wall to the next one's."""

    date: date
    zone: ZoneInfo
    begins: int = 0
    """The minute of the day at which it begins."""

    @property
    def interval(self) -> Interval:
        """From when to when it is."""
        ends = instant(self.date + DAY, self.begins, self.zone)
        return instant(self.date, self.begins, self.zone), ends

    def edges(self, minutes: int) -> tuple[datetime, ...]:
        """The edges of its slots; the last slot is as long as the day lets it be."""
        first, last = self.interval
        count = -(-(last - first) // timedelta(minutes=minutes))
        return (*(first + k * minutes * MINUTE for k in range(count)), last)

    def when(self, spans: Iterable[str]) -> tuple[Interval, ...]:
        """The instants that spans of the wall cover in or around this day, joined, in order."""
        found = sorted(self._occurrences(spans))
        joined: list[Interval] = []
        for begin, end in found:
            if joined and begin <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((begin, end))
        return tuple(joined)

    def _occurrences(self, spans: Iterable[str]) -> Iterator[Interval]:
        for stretch in filter(None, map(span_of, spans)):
            for shift in (-1, 0, 1):
                begin, end = (instant(self.date + shift * DAY, m, self.zone) for m in stretch)
                if begin < end:
                    yield begin, end


@dataclass(frozen=True)
class Grid:
    """The slots of a day, and which of them hours cover."""

    day: Day
    edges: tuple[datetime, ...]

    @property
    def count(self) -> int:
        """How many slots there are."""
        return len(self.edges) - 1

    @classmethod
    def of(cls, day: date, zone: str, begins: str, minutes: int) -> "Grid":
        """The grid of a day that begins at that time of the wall."""
        found = Day(day, ZoneInfo(zone), minute_of(begins) or 0)
        return cls(found, found.edges(minutes))

    def slots(self, prime: Sequence[str]) -> tuple[Slot, ...]:
        """The slots as the planner takes them; prime where the begin is in prime time."""
        primes = self.at_begin(prime)
        return tuple(
            Slot(number, begin.astimezone(self.day.zone), (end - begin) // MINUTE, number in primes)
            for number, (begin, end) in self._numbered()
        )

    def within(self, spans: Iterable[str]) -> frozenset[int]:
        """The slots that lie in the hours from edge to edge."""
        when = self.day.when(spans)
        return frozenset(
            number
            for number, (begin, end) in self._numbered()
            if any(a <= begin and end <= b for a, b in when)
        )

    def touched(self, spans: Iterable[str]) -> frozenset[int]:
        """The slots of which any part lies in the hours."""
        when = self.day.when(spans)
        return frozenset(
            number
            for number, (begin, end) in self._numbered()
            if any(a < end and begin < b for a, b in when)
        )

    def at_begin(self, spans: Iterable[str]) -> frozenset[int]:
        """The slots that begin in the hours."""
        when = self.day.when(spans)
        return frozenset(
            number
            for number, (begin, _) in self._numbered()
            if any(a <= begin < b for a, b in when)
        )

    def until(self, wall: datetime) -> frozenset[int]:
        """The slots that end when the wall shows that, or earlier."""
        ends = instant(wall.date(), 60 * wall.hour + wall.minute, self.day.zone)
        return frozenset(number for number, (_, end) in self._numbered() if end <= ends)

    def _numbered(self) -> Iterator[tuple[int, Interval]]:
        return enumerate(zip(self.edges, self.edges[1:], strict=False))
