"""What hangs on the board about streams, read again where it may have changed.

Only the leader writes wants, and Redis loses them only with all else. So each pass reads those that
don't say what they should, or say it of a stream that is changing; of the others it reads
some in turn, so that all are seen every few seconds. Who begins to lead, or finds Redis back after
an outage, knows nothing and reads everything.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from orchestrator.coordinator.diff import is_pinned
from orchestrator.domain.placement import DesiredStream, Placement
from orchestrator.domain.stream import Want
from orchestrator.ids import StreamId
from orchestrator.store.news import Known
from orchestrator.wire.board import Board, Pinned

IN_TURN = 250
"""Streams that nothing is wrong with, read in each pass: ten thousand within a quarter of a minute.
A smaller fleet is read whole."""


@dataclass(frozen=True)
class Subject:
    """Whose wants are read, and what is known of them otherwise."""

    known: Known
    carried: Set[StreamId]

    @property
    def names(self) -> set[StreamId]:
        """All streams that anything is known of."""
        known = self.known
        names = set(known.desired) | known.placements.keys() | known.standbys.keys()
        return names | self.carried


class Pins:
    """The coordinator's view of the board's wants. Not safe for several threads."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._seen: Pinned | None = None
        self._touched: set[StreamId] = set()
        self._turns: list[StreamId] = []

    def forget(self) -> None:
        """Everything may be different now."""
        self._seen, self._turns = None, []

    def touched(self, streams: Iterable[StreamId]) -> None:
        """Something is being said about these on the board."""
        self._touched.update(streams)

    def look(self, subject: Subject) -> Pinned:
        """What hangs there."""
        if self._seen is None:
            self._touched = set()
            self._seen = self._board.pinned(sorted(subject.names))
            return self._seen
        names = {*doubtful(subject, self._seen), *self._touched, *self._in_turn(subject)}
        asked = sorted(names)
        found = self._board.pinned(asked)
        self._touched = set()
        self._seen = Pinned(
            _renewed(self._seen.wants, found.wants, asked),
            _renewed(self._seen.nexts, found.nexts, asked),
        )
        return self._seen

    def _in_turn(self, subject: Subject) -> Sequence[StreamId]:
        if not self._turns:
            self._turns = sorted(subject.names, reverse=True)
        some, self._turns = self._turns[-IN_TURN:], self._turns[:-IN_TURN]
        return some


def doubtful(subject: Subject, seen: Pinned) -> set[StreamId]:
    """Streams of which the board doesn't say what it should, as far as was seen. Pure."""
    known = subject.known
    strays = subject.carried - known.placements.keys()
    found = strays | known.standbys.keys() | seen.nexts.keys()
    for stream, placement in known.placements.items():
        if not _settled(known.desired.get(stream), placement, seen.wants.get(stream)):
            found.add(stream)
    return found


def _settled(desired: DesiredStream | None, placement: Placement, want: Want | None) -> bool:
    if desired is None or want is None or want.token != placement.token:
        return False
    return want.wanted and desired.wanted and is_pinned(want, desired, placement)


def _renewed(
    before: dict[StreamId, Want], found: dict[StreamId, Want], asked: Sequence[StreamId]
) -> dict[StreamId, Want]:
    after = dict(before)
    for stream in asked:
        after.pop(stream, None)
    after.update(found)
    return after
