"""A run's stream changes under it, and it goes on: another plan of the day, another script.

The want that the run has says which spec counts, by its digest. The heartbeat's thread sees it, and
leaves it to another one to read the spec and to make a day of it, which takes a moment; the run's
own thread goes over to it at its next clip (`Program.change`).

What a connection is made of can't change under it. Where that differs nothing is done here: the
coordinator replaces the run.
"""

import logging
from collections.abc import Callable

from orchestrator.domain.stream import StreamSpec, Want
from orchestrator.errors import WireUnreachable
from orchestrator.ids import StreamId
from orchestrator.wire.board import Board
from workers.stream.program import Program

log = logging.getLogger(__name__)

Elsewhere = Callable[[Callable[[], None]], bool]
"""Leaves something to another thread; False: not now."""


class Revisions:
    """The specs of one run's stream, after the one that it began with."""

    def __init__(self, board: Board, stream: StreamId, elsewhere: Elsewhere) -> None:
        self._board = board
        self._stream = stream
        self._elsewhere = elsewhere
        self._program: Program | None = None
        self._link = self._known = ""
        self._under_way = False

    def begin(self, spec: StreamSpec, program: Program) -> None:
        """This is what the run began with."""
        self._link, self._known = spec.link_digest, spec.digest
        self._program = program

    def heed(self, want: Want) -> None:
        """The want that names this run's token; from the heartbeat's thread."""
        if self._program is None or self._under_way or want.spec_digest in ("", self._known):
            return
        digest = want.spec_digest
        self._under_way = True
        if not self._elsewhere(lambda: self._follow(digest)):
            self._under_way = False

    def _follow(self, digest: str) -> None:
        try:
            spec = self._board.spec(self._stream)
            if spec is not None and self._program is not None:
                self._take(spec, self._program)
                self._known = digest
        except WireUnreachable:
            return  # the next heartbeat that gets through asks again
        finally:
            self._under_way = False

    def _take(self, spec: StreamSpec, program: Program) -> None:
        if spec.link_digest == self._link:
            program.change(spec)
            return
        facts = {"action": "revision", "stream": self._stream}
        log.info("what the connection is made of has changed: another run's part", extra=facts)
