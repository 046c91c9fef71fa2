"""Who leads: one row in the store, and patience.

The leader moves the row's beat. A standby looks at it; when the beat hasn't moved for
`PATIENCE_SECONDS` of the standby's own monotonic clock, it begins the next term by compare-and-set.
No clock is compared with another machine's, so a jump of the wall clock means nothing. Two may
believe to lead for a moment; only the newer term's writes pass the fence.

A pass may wait for Redis longer than a standby has patience, so a thread of its own beats for the
leader (`Beating`): as long as passes end, and no longer. A leader whose pass hangs for good is
replaced like one that is dead.
"""

import logging
import threading
from dataclasses import dataclass

from orchestrator.clock import Clock
from orchestrator.errors import BroadcastError, NotLeader, WriteConflict
from orchestrator.store.leadership import NOBODY, Leader, Leadership

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0
"""A standby leads within 3 s of a leader's death: it looks four times a second."""
BEAT_SECONDS = 0.5
HUNG_SECONDS = 10.0
"""A pass that takes longer doesn't end any more, as far as anybody can tell."""


@dataclass(frozen=True)
class Watch:
    """What a standby has seen, and since when it looks like that."""

    row: Leader | None
    since: float


def watched(watch: Watch | None, row: Leader | None, now: float) -> Watch:
    """The watch after a look: it begins anew whenever anything has moved."""
    if watch is None or watch.row != row:
        return Watch(row, now)
    return watch


def may_take(watch: Watch, now: float) -> bool:
    """Whether the leader is to be replaced."""
    if watch.row is None or watch.row.holder == NOBODY:
        return True
    return now - watch.since >= PATIENCE_SECONDS


class Election:
    """One coordinator's part in it."""

    def __init__(self, leadership: Leadership, name: str) -> None:
        self._leadership = leadership
        self._name = name
        self._watch: Watch | None = None
        self._leads: Leader | None = None

    def leader(self, now: float) -> Leader | None:
        """Beat, or look, or begin a term; returns the term that we lead, if we do."""
        if self._leads is not None:
            return self._beat(self._leads)
        row = self._leadership.current()
        self._watch = watched(self._watch, row, now)
        return self._take(row) if may_take(self._watch, now) else None

    @property
    def leads(self) -> bool:
        """Whether we believe to lead."""
        return self._leads is not None

    def keep(self) -> None:
        """Beat, if we lead, from any thread. What comes of it is found by the next pass."""
        mine = self._leads
        if mine is not None:
            self._leadership.beat(mine.holder, mine.term)

    def lost(self) -> None:
        """Somebody else leads; stand by."""
        self._leads, self._watch = None, None

    def resign(self) -> None:
        """Leave the chair empty, so that nobody needs patience."""
        if self._leads is not None:
            self._leadership.resign(self._leads.holder, self._leads.term)
            self.lost()

    def _beat(self, mine: Leader) -> Leader | None:
        try:
            self._leadership.beat(mine.holder, mine.term)
        except NotLeader:
            log.warning("another coordinator leads now", extra={"action": "election"})
            self.lost()
        return self._leads

    def _take(self, row: Leader | None) -> Leader | None:
        try:
            self._leads = self._leadership.take(row, self._name)
        except WriteConflict:
            self.lost()
            return None
        facts = {"action": "election", "term": self._leads.term, "leader": self._name}
        log.info("this coordinator leads", extra=facts)
        return self._leads


class Beating:
    """Beats between two passes, and while one waits."""

    def __init__(self, election: Election, clock: Clock) -> None:
        self._election = election
        self._clock = clock
        self._passed_at = clock.monotonic()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="beating", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def passed(self) -> None:
        """A pass has ended, well or not."""
        self._passed_at = self._clock.monotonic()

    def close(self) -> None:
        """Beat no more."""
        self._ending.set()
        self._thread.join(HUNG_SECONDS)

    def _run(self) -> None:
        while not self._clock.wait(BEAT_SECONDS, until=self._ending):
            if self._clock.monotonic() - self._passed_at > HUNG_SECONDS:
                continue
            try:
                self._election.keep()
            except BroadcastError:
                continue  # the pass beats, too, and says what is wrong
            except Exception:  # the thread's boundary: without beats the term is lost
                log.exception("a beat failed", extra={"action": "election"})
