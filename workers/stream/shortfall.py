"""What stands in for a stream's program, since when, and why: as the status has it, and the log."""

import logging
from dataclasses import replace

from orchestrator.clock import Clock
from orchestrator.domain.standing_in import Rung, Shortage, in_words
from orchestrator.ids import StreamId

log = logging.getLogger(__name__)


class Shortfall:
    """How far down the ladder a stream is, and for how long."""

    def __init__(self, stream: StreamId, clock: Clock) -> None:
        self._facts = {"action": "program", "stream": str(stream)}
        self._clock = clock
        self._since = clock.monotonic()
        self._shortage = Shortage()
        self.rung = Rung.PROGRAM

    @property
    def words(self) -> str:
        """For the status; empty while the program runs."""
        return in_words(self.rung, self._clock.monotonic() - self._since, self._shortage)

    def count(self, shortage: Shortage) -> None:
        """So much is missing."""
        self._shortage = shortage

    def silent_store(self) -> None:
        """The clip store doesn't answer."""
        self._shortage = replace(self._shortage, store="the clip store doesn't answer")

    def note(self, rung: Rung, *, begun: bool) -> bool:
        """That is shown now; whether it is the program again. `begun`: there was a clip before."""
        if rung is self.rung:
            return False
        self.rung, self._since = rung, self._clock.monotonic()
        if rung is Rung.PROGRAM:
            self._shortage = Shortage()
            log.info("the program runs again", extra=self._facts)
            return True
        # Before the first clip it is no more than a stream that waits for its renders.
        level = logging.WARNING if begun else logging.INFO
        extra = self._facts | {"why": self.words}
        log.log(level, "something stands in for the program", extra=extra)
        return False
