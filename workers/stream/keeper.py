"""Renews all leases of this process, on a thread of its own, so that no stream waits for Redis.

A stream's thread asks for its lease itself, right before it connects; from then on the lease is
renewed here, and the stream looks at its hold before every write. Once Redis can't be reached, the
round ends there: a hundred leases must not wait a second each to learn the same thing.
"""

import logging
import threading
from dataclasses import dataclass, field

from orchestrator.clock import Clock
from orchestrator.domain.lease import LeaseVerdict
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, TargetDigest
from orchestrator.wire.leases import Leases
from workers.stream import hold as judge
from workers.stream.hold import Hold

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25


@dataclass
class _Entry:
    target: TargetDigest
    holder: str
    token: FencingToken
    hold: Hold
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while asking, so that a lease isn't renewed after it was given back."""


class Keeper:
    """The leases that the streams of this process hold."""

    def __init__(self, leases: Leases, seconds: float, every: float, clock: Clock) -> None:
        self._leases = leases
        self._seconds = seconds
        self._every = every
        self._clock = clock
        self._entries: dict[str, _Entry] = {}
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._away = False

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
            self._entries[holder] = _Entry(target, holder, token, hold)
        return verdict

    def hold(self, holder: str) -> Hold | None:
        """What is known of the lease of that holder; None if there is none."""
        entry = self._entries.get(holder)
        return entry.hold if entry else None

    def forget(self, holder: str) -> None:
        """Renew this one no more."""
        entry = self._entries.pop(holder, None)
        if entry is not None:
            with entry.lock:
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

    def renew_due(self) -> None:
        """One round: renew what is due."""
        now = self._clock.monotonic()
        due = [e for e in list(self._entries.values()) if e.hold.due(now, self._every)]
        for number, entry in enumerate(due):
            if not self._renew(entry):
                for left in due[number + 1 :]:
                    left.hold = judge.unanswered(left.hold, now, self._clock.monotonic())
                return

    def _renew(self, entry: _Entry) -> bool:
        with entry.lock:
            if self._entries.get(entry.holder) is not entry:
                return True
            asked_at = self._clock.monotonic()
            try:
                verdict = self._leases.renew(entry.target, entry.holder, entry.token, self._seconds)
            except WireUnreachable:
                entry.hold = judge.unanswered(entry.hold, asked_at, self._clock.monotonic())
                self._say(away=True)
                return False
            entry.hold = judge.answered(entry.hold, verdict, asked_at)
            self._say(away=False)
            return True

    def _say(self, away: bool) -> None:
        if away and not self._away:
            log.warning(
                "Redis can't be reached; what is on air stays on air", extra={"action": "lease"}
            )
        if self._away and not away:
            log.info("Redis is back", extra={"action": "lease"})
        self._away = away
