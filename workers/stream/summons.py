"""Reads on the board what one placement is to do: carry its stream, or stand by to take it over.

Nobody is summoned by what can't be read: while Redis is away, a run goes on with what it knew.
"""

from orchestrator.clock import Clock
from orchestrator.domain.duty import Duty, called
from orchestrator.domain.stream import StreamSpec, Want
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, StreamId
from orchestrator.wire.board import Board
from workers.stream.course import Course
from workers.stream.gate import Gate, Over

ASK_AGAIN_SECONDS = 0.5
BOARD_PATIENCE_SECONDS = 30.0
CALLED_OFF_SECONDS = 2.0
"""A board that came back empty is pinned up again piece by piece: what is missing may follow."""


class Summons:
    """What the board says to one placement."""

    def __init__(self, board: Board, stream: StreamId, token: FencingToken, clock: Clock) -> None:
        self.duty = Duty.UNKNOWN
        self.predecessor = ""
        """The node that carries the stream before us, for people."""
        self.word: Want | None = None
        """What the board said last to this placement; it names the spec that counts."""
        self._board = board
        self._stream = stream
        self._token = token
        self._clock = clock
        self._unasked_from: float | None = None

    def heard(self, gate: Gate, course: Course) -> StreamSpec:
        """Wait until the board asks for this placement; what the stream is made of."""
        patience = self._clock.monotonic() + BOARD_PATIENCE_SECONDS
        while True:
            try:
                duty = self._read()
                spec = self._board.spec(self._stream)
            except WireUnreachable as error:
                course.note(str(error))
            else:
                if spec is not None and duty in (Duty.CARRY, Duty.STAND_BY):
                    return spec
                if self._clock.monotonic() > patience:
                    raise Over("nothing on the board asks for this placement")
            gate.wait(ASK_AGAIN_SECONDS)

    def given_the_air(self) -> bool:
        """Whether a placement that stood by is to take over now. Raises when it is called off."""
        if self.duty is Duty.CARRY:
            return True
        try:
            duty = self._read()
        except WireUnreachable:
            return False
        now = self._clock.monotonic()
        if duty is not Duty.NONE:
            self._unasked_from = None
        elif self._unasked_from is None:
            self._unasked_from = now
        elif now - self._unasked_from >= CALLED_OFF_SECONDS:
            raise Over("called off: the stream stays where it is")
        return duty is Duty.CARRY

    def _read(self) -> Duty:
        found = self._board.pinned((self._stream,))
        want = found.wants.get(self._stream)
        call = called(self._token, want, found.nexts.get(self._stream))
        if call.duty is Duty.END:
            raise Over(call.reason)
        self.duty = call.duty
        mine = (want, found.nexts.get(self._stream))
        self.word = next((w for w in mine if w is not None and w.token == self._token), self.word)
        self.predecessor = _node_before(want, self._token) or self.predecessor
        return self.duty


def _node_before(want: Want | None, token: FencingToken) -> str:
    if want is None or want.node is None or want.token >= token:
        return ""
    return str(want.node)
