"""One connection on air: clip after clip in real time, until something ends it.

An endpoint may take seconds to answer. ffmpeg asks it once it has seen a picture and a sound, so a
little is played first, and the rest from the moment of the answer on: no viewer misses the opening.

When the shop closes, and the goodbye has been said, the run is over.

Returns when the connection has lasted as long as its times allow, and is to be renewed. Everything
else that ends it is raised: `Over`, `LeaseLost`, `StaleToken`, an `EndpointError`.
"""

import logging
from collections.abc import Callable

from orchestrator.clock import Clock
from orchestrator.domain.schedule import CLOSED
from workers.stream.gate import Gate, Over
from workers.stream.playout import LONGEST_CONNECTION_MS, Anchor, Piece, pieces
from workers.stream.program import Program, Take
from workers.stream.publisher import Publisher
from workers.stream.standing import Standing
from workers.stream.trace import Trace

log = logging.getLogger(__name__)

SEND_SECONDS = 0.3
"""How long a slice may wait for the endpoint before the next one is looked at."""
FORETASTE_MS = 640
"""What leaves before the endpoint has answered."""
ANSWER_POLL_SECONDS = 0.02
NOTHING_THERE_SECONDS = 0.1


class Airtime:
    """A connection, and what is played into it."""

    def __init__(
        self, publisher: Publisher, program: Program, gate: Gate, trace: Trace, standing: Standing
    ) -> None:
        self._answered = False
        self._publisher = publisher
        self._program = program
        self._gate = gate
        self._trace = trace
        self._standing = standing
        self._clock: Clock = standing.clock
        self._anchor = Anchor(self._clock.monotonic())

    def play(self, on_air: Callable[[], None], between: Callable[[], None]) -> None:
        """Play until the connection's times end.

        `on_air` is called when the endpoint takes the stream, `between` after each clip.
        """
        base_ms = 0
        while base_ms < LONGEST_CONNECTION_MS:
            take = self._take(base_ms)
            self._trace.taken(take, base_ms)
            self._standing.now_playing = take.cue.name
            for piece in pieces(take.clip, base_ms, take.duration_ms):
                if not self._answered and piece.starts_at >= FORETASTE_MS:
                    self._await_answer(piece)
                    on_air()
                self._send(piece)
            base_ms += take.duration_ms
            self._standing.ahead_seconds = self._program.look()
            self._trace.traffic()
            between()

    def _take(self, base_ms: int) -> Take:
        while (take := self._program.take(self._leaves_in(base_ms))) is None:
            if self._program.closed:
                raise Over(CLOSED)
            self._gate.wait(NOTHING_THERE_SECONDS)
            self._program.look()
        self._standing.bill(self._program.title, self._program.digest)
        self._standing.standing_in = self._program.standing_in
        stands_in = bool(self._standing.standing_in)
        self._standing.figures.took(str(take.cue.kind), stands_in=stands_in)
        return take

    def _leaves_in(self, ms: int) -> float:
        """Seconds until the piece at that time is sent."""
        return max(0.0, self._anchor.due(ms) - self._clock.monotonic())

    def _send(self, piece: Piece) -> None:
        self._gate.wait(self._anchor.due(piece.starts_at) - self._clock.monotonic())
        right_until = self._check()
        self._catch_up(piece)
        data = piece.data()
        self._publisher.send(data, self._clock.monotonic() + SEND_SECONDS, right_until)
        self._standing.count(piece.frames, len(data))
        self._standing.figures.progressed(self._publisher.acknowledged, self._clock.wall())

    def _await_answer(self, piece: Piece) -> None:
        while self._publisher.facts.connected_since is None:
            self._gate.wait(ANSWER_POLL_SECONDS)
            right_until = self._check()
            self._publisher.send(b"", self._clock.monotonic(), right_until)
        self._answered = True
        self._anchor = self._anchor.resumed(piece.starts_at, self._clock.monotonic())

    def _check(self) -> float:
        return self._gate.check() if self._answered else self._gate.check_before_taken()

    def _catch_up(self, piece: Piece) -> None:
        anchor = self._anchor.caught_up(piece.starts_at, self._clock.monotonic())
        if anchor is not self._anchor:
            skipped = anchor.lost - self._anchor.lost
            facts = {"action": "behind", "stream": self._standing.stream}
            self._standing.figures.anomalies += 1
            log.warning("playout stood still", extra=facts | {"seconds": round(skipped, 2)})
            self._anchor = anchor
