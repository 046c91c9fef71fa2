"""The endpoints: who publishes to which target, and what viewers see of it.

An endpoint here takes everybody, for what it would do with a second publisher is not the point:
that there ever is one is what must not happen. It is counted from the first byte to the last, and
so is every moment in which a stream that should be on air has no publisher.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from orchestrator.ids import TargetDigest
from orchestrator.simulate.agenda import VirtualClock

MOST_NAMED = 20


@dataclass(frozen=True)
class Overlap:
    """Two at once on one target."""

    target: TargetDigest
    holders: tuple[str, ...]
    at: float
    """Seconds since the simulation began."""


class Air:
    """All endpoints, and the account of them."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._on: dict[TargetDigest, set[str]] = {}
        self._expected: set[TargetDigest] = set()
        self._off_since: dict[TargetDigest, float] = {}
        self._crowded_since: dict[TargetDigest, float] = {}
        self._expected_seconds = self._expected_since = 0.0
        self._off_seconds = self._crowded_seconds = 0.0
        self.longest_off = 0.0
        self.overlaps: list[Overlap] = []

    def expect(self, targets: Iterable[TargetDigest]) -> None:
        """From now on these should be on air, and no others."""
        now = self._clock.now
        self._expected_seconds += (now - self._expected_since) * len(self._expected)
        self._expected, self._expected_since = set(targets), now
        for target in sorted(self._off_since.keys() - self._expected):
            self._back(target, now)
        for target in sorted(self._expected - self._off_since.keys()):
            if not self._on.get(target):
                self._off_since[target] = now

    def begin_account(self) -> None:
        """What was until now doesn't count."""
        self._off_seconds = self._crowded_seconds = self.longest_off = 0.0
        self._off_since = dict.fromkeys(self._off_since, self._clock.now)
        self._expected_seconds, self._expected_since = 0.0, self._clock.now
        self.overlaps.clear()

    def begins(self, target: TargetDigest, holder: str) -> None:
        """Somebody's bytes arrive."""
        on = self._on.setdefault(target, set())
        on.add(holder)
        now = self._clock.now
        self._back(target, now)
        if len(on) > 1:
            self._crowded_since.setdefault(target, now)
            self.overlaps.append(Overlap(target, tuple(sorted(on)), now))

    def ends(self, target: TargetDigest, holder: str) -> None:
        """Somebody's bytes come no more."""
        on = self._on.get(target, set())
        if holder not in on:
            return
        on.discard(holder)
        now = self._clock.now
        if len(on) < 2 and target in self._crowded_since:
            self._crowded_seconds += now - self._crowded_since.pop(target)
        if not on and target in self._expected:
            self._off_since[target] = now

    @property
    def off(self) -> int:
        """Streams that should be on air, and aren't."""
        return len(self._off_since)

    @property
    def expected_seconds(self) -> float:
        """Stream-seconds until now in which streams should have been on air."""
        since = self._clock.now - self._expected_since
        return self._expected_seconds + since * len(self._expected)

    @property
    def off_seconds(self) -> float:
        """Stream-seconds off air until now."""
        now = self._clock.now
        return self._off_seconds + sum(now - since for since in self._off_since.values())

    @property
    def crowded_seconds(self) -> float:
        """Stream-seconds with more than one publisher until now."""
        now = self._clock.now
        return self._crowded_seconds + sum(now - at for at in self._crowded_since.values())

    def _back(self, target: TargetDigest, now: float) -> None:
        since = self._off_since.pop(target, None)
        if since is not None:
            self._off_seconds += now - since
            self.longest_off = max(self.longest_off, now - since)
