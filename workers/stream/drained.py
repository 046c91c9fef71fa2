"""Why a worker takes no new streams: it was told to end, or is to be, or an admin has it emptied.

The last is on the board, as the coordinator's farewell, and so is the word of whoever is about to
end this process. Both are looked for by the thread that beats, now and then; while Redis is away
the last answer stands.
"""

from contextlib import suppress

from orchestrator.clock import Clock
from orchestrator.errors import WireUnreachable
from orchestrator.wire.board import Board
from workers.health import TOLD_TO_END
from workers.stream.telemetry import Telemetry, Who

LOOK_SECONDS = 3.0
BY_ORDER = "drained by order"


class Drained:
    """What is known of it."""

    def __init__(self, who: Who, telemetry: Telemetry, board: Board, clock: Clock) -> None:
        self._who = who
        self._telemetry = telemetry
        self._board = board
        self._clock = clock
        self._look_at = clock.monotonic()
        self._ordered = False

    def reason(self) -> str:
        """Why nothing new is taken; empty if it is."""
        if self._telemetry.draining:
            return TOLD_TO_END
        return BY_ORDER if self._ordered else ""

    def look(self) -> None:
        """Look at the board, if it is time to."""
        now = self._clock.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_SECONDS
        with suppress(WireUnreachable):
            if not self._telemetry.draining and self._is_to_end():
                self._telemetry.draining = True
                self._telemetry.soon()
            farewell = self._board.farewell(self._who.node)
            self._ordered = farewell is not None and farewell.by_order

    def _is_to_end(self) -> bool:
        return self._board.is_asked_to_leave(self._who.node, self._who.boot)
