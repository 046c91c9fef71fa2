"""Virtual time: a clock that stands still, and a list of what happens next.

Nobody waits here. Whatever takes time is put on the agenda for later; taking the next thing from it
moves the clock. What is due at the same moment happens in the order in which it was put there, so
that the same seed gives the same day.
"""

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

Do = Callable[[], None]


class VirtualClock:
    """Monotonic and wall clock of the simulated world."""

    def __init__(self, begins_at: float = 1_800_000_000.0) -> None:
        """`begins_at`: what the wall clock shows first."""
        self.now = 0.0
        self.begins_at = begins_at

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.begins_at + self.now

    def wait(self, seconds: float, until: threading.Event | None = None) -> bool:
        """Moves nothing: who waits in a simulation, waits on the agenda."""
        raise AssertionError(f"{seconds} s would be waited for, unless {until} comes")


@dataclass(order=True)
class _Entry:
    at: float
    number: int
    do: Do = field(compare=False)
    rounds: bool = field(compare=False)


class Agenda:
    """What happens next. Rounds are what goes on all the time, whether anything happens or not."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self._entries: list[_Entry] = []
        self._numbers = count()
        self._matters = 0
        self._busy_at = 0.0

    @property
    def idle_seconds(self) -> float:
        """For how long there have been only rounds."""
        return 0.0 if self._matters else self.clock.now - self._busy_at

    def after(self, seconds: float, do: Do) -> None:
        """Do that then."""
        self._put(self.clock.now + seconds, do, rounds=False)

    def round_after(self, seconds: float, do: Do) -> None:
        """Do that then, as one of many times."""
        self._put(self.clock.now + seconds, do, rounds=True)

    def next(self, until: float) -> bool:
        """Do what comes next, unless that is later; then the clock is at `until`."""
        if not self._entries or self._entries[0].at > until:
            self.clock.now = until
            return False
        entry = heapq.heappop(self._entries)
        self.clock.now = max(self.clock.now, entry.at)
        if not entry.rounds:
            self._matters -= 1
            self._busy_at = self.clock.now
        entry.do()
        return True

    def skip_rounds(self) -> None:
        """Forget the rounds; who jumps over a time begins them anew."""
        self._entries = [entry for entry in self._entries if not entry.rounds]
        heapq.heapify(self._entries)

    def _put(self, at: float, do: Do, *, rounds: bool) -> None:
        self._matters += not rounds
        heapq.heappush(self._entries, _Entry(at, next(self._numbers), do, rounds))
