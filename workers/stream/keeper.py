"""Renews all leases of this process, on a thread of its own, so that no stream waits for Redis.

A stream's thread asks for its lease itself, right before it connects; from then on the lease is
renewed here, and the stream looks at its hold before every write. All that is due is renewed at one
round trip: a hundred leases must not wait a second each to learn that Redis is away.

How long that may take, with leases of 4 s renewed each second: a renewal begins at most 1.3 s after
the last (`every` and a tick), and a frozen Redis is given up after 1 s, a broken connection and its
second try after 2 s. So a hold always learns within 3.3 s that nobody could be reached, and goes
on; only a process that itself stood still loses it.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from orchestrator.clock import Clock
from orchestrator.domain import hold as judge
from orchestrator.domain.hold import Hold
from orchestrator.domain.lease import LeaseVerdict
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, TargetDigest
from orchestrator.wire.leases import Holding, Leases

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25


@dataclass
class _Entry:
    holding: Holding
    hold: Hold


class Keeper:
    """The leases that the streams of this process hold."""

    def __init__(self, leases: Leases, seconds: float, every: float, clock: Clock) -> None:
        self._leases = leases
        self._seconds = seconds
        self._every = every
        self._clock = clock
        self._entries: dict[str, _Entry] = {}
        self._asking = threading.Lock()
        """Held during a round, so that no lease is renewed after it was given back."""
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._away = False
        self.on_turn: Callable[[], None] = lambda: None
        """Called after each round, however it went: the thread lives."""

    def start(self) -> None:
        """Begin to renew."""
        self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Renew no more; leases that are still held end by themselves."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(5.0)

    def acquire(self, target: TargetDigest, holder: str, token: FencingToken) -> LeaseVerdict:
        """Ask now, and keep the lease if it is granted. `WireUnreachable` means no."""
        self.forget(holder)
        asked_at = self._clock.monotonic()
        verdict = self._leases.acquire(target, holder, token, self._seconds)
        if verdict.granted:
            hold = judge.first(verdict, asked_at, self._seconds)
            self._entries[holder] = _Entry(Holding(target, holder, token), hold)
        return verdict

    def hold(self, holder: str) -> Hold | None:
        """What is known of the lease of that holder; None if there is none."""
        entry = self._entries.get(holder)
        return entry.hold if entry else None

    def forget(self, holder: str) -> None:
        """Renew this one no more."""
        if self._entries.pop(holder, None) is not None:
            with self._asking:
                return

    def release(self, target: TargetDigest, holder: str, token: FencingToken) -> None:
        """Give a lease back; if Redis can't be reached, it ends by itself."""
        self.forget(holder)
        try:
            self._leases.release(target, holder, token)
        except WireUnreachable:
            log.info("a lease is left to run out", extra={"action": "lease", "holder": holder})

    def _run(self) -> None:
        while not self._clock.wait(TICK_SECONDS, until=self._ending):
            try:
                self.renew_due()
            except Exception:  # the thread's boundary: streams must not lose their leases over it
                log.exception("leases could not be renewed", extra={"action": "lease"})
            self.on_turn()

    def renew_due(self) -> None:
        """One round: renew what is due."""
        with self._asking:
            now = self._clock.monotonic()
            due = [e for e in list(self._entries.values()) if e.hold.due(now, self._every)]
            if due:
                self._renew(due, now)

    def _renew(self, due: Sequence[_Entry], asked_at: float) -> None:
        try:
            verdicts = self._leases.renew_many([e.holding for e in due], self._seconds)
        except WireUnreachable:
            now = self._clock.monotonic()
            for entry in due:
                entry.hold = judge.unanswered(entry.hold, asked_at, now)
            self._say(away=True)
            return
        for entry, verdict in zip(due, verdicts, strict=True):
            entry.hold = judge.answered(entry.hold, verdict, asked_at)
        self._say(away=False)

    def _say(self, away: bool) -> None:
        if away and not self._away:
            log.warning(
                "Redis can't be reached; what is on air stays on air", extra={"action": "lease"}
            )
        if self._away and not away:
            log.info("Redis is back", extra={"action": "lease"})
        self._away = away
