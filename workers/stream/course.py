"""The course of one run: every step of its phase, every alarm, goes through here and nowhere else.

A step is told to whoever watches: the log, the recorder, the next heartbeat, which comes at once.
"""

import logging
from collections.abc import Callable

from orchestrator.domain.stream import Phase
from workers.stream.standing import Standing
from workers.stream.trace import Trace

log = logging.getLogger(__name__)

_WORTH_A_WARNING = frozenset({Phase.OFF_AIR, Phase.FAILED})


class Course:
    """Where a run is, and how it came there. For the run's own thread."""

    def __init__(self, standing: Standing, trace: Trace, tell: Callable[[], None]) -> None:
        self.standing = standing
        self.trace = trace
        self._tell = tell

    def move(self, to: Phase, reason: str, permanent: bool = False) -> None:
        """Go to that phase if that is a step. `permanent`: trying again can't help."""
        if not self.standing.move(to, reason):
            return
        level = logging.WARNING if to in _WORTH_A_WARNING else logging.INFO
        facts = self._facts("phase") | {"phase": str(to), "reason": reason}
        log.log(level, "a stream moved", extra=facts)
        self.trace.phase(to, reason, permanent)
        self._tell()

    def note(self, reason: str) -> None:
        """Why it still is where it is."""
        self.standing.reason = reason

    def alarm(self, words: str) -> None:
        """What a person has to look at now; empty: nothing, or nothing any more."""
        if words == self.standing.alarm:
            return
        self.standing.alarm = words
        if words:
            log.error("a stream needs somebody", extra=self._facts("alarm") | {"alarm": words})
        else:
            log.info("a stream needs nobody any more", extra=self._facts("alarm_over"))
        self.trace.alarm(words)
        self._tell()

    def _facts(self, action: str) -> dict[str, object]:
        return {"action": action, "stream": self.standing.stream, "token": self.standing.token}
