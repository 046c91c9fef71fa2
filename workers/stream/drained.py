"""Why a worker takes no new streams: it was told to end, or an admin has its node emptied.

The second is on the board, as the coordinator's farewell. It is looked for by the thread that
beats, now and then; while Redis is away the last answer stands.
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
            farewell = self._board.farewell(self._who.node)
            self._ordered = farewell is not None and farewell.by_order
