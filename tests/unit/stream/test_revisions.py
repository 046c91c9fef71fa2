"""A spec that changes under its run: read once, followed where the connection can stay as it is."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from orchestrator.domain.stream import StreamSpec, Want
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, NodeId, StreamId
from tests.support.planned import CALM, SWEET, a_day
from tests.support.streams import a_spec
from workers.stream.revisions import Revisions

SPEC = a_day(a_spec(), 0.0, (SWEET, 600.0))
OTHER = a_day(a_spec(), 0.0, (CALM, 600.0))


def a_want(digest: str) -> Want:
    return Want(SPEC.stream, True, FencingToken(1), NodeId("node-1"), digest)


@dataclass
class Paper:
    """A board with one spec."""

    there: StreamSpec | None = OTHER
    away: bool = False
    reads: int = 0

    def spec(self, _stream: StreamId) -> StreamSpec | None:
        self.reads += 1
        if self.away:
            raise WireUnreachable("away")
        return self.there


@dataclass
class Player:
    """What a program is told."""

    followed: list[StreamSpec] = field(default_factory=list)

    def change(self, spec: StreamSpec) -> None:
        self.followed.append(spec)


class Bench:
    """A run's revisions; what is left to another thread is done when somebody says so."""

    def __init__(self) -> None:
        self.board, self.player = Paper(), Player()
        self.left: list[Callable[[], None]] = []
        self.room = True
        self.revisions = Revisions(self.board, SPEC.stream, self.leave)  # type: ignore[arg-type]
        self.revisions.begin(SPEC, self.player)  # type: ignore[arg-type]

    def leave(self, call: Callable[[], None]) -> bool:
        if self.room:
            self.left.append(call)
        return self.room

    def beats(self, digest: str) -> None:
        """A heartbeat brings a want, and the other thread does what is left to it."""
        self.revisions.heed(a_want(digest))
        while self.left:
            self.left.pop(0)()


def test_a_want_that_names_another_spec_is_followed_once() -> None:
    bench = Bench()
    for _ in range(3):
        bench.beats(OTHER.digest)
    assert bench.player.followed == [OTHER]
    assert bench.board.reads == 1


def test_the_spec_that_the_run_began_with_is_not_read_again() -> None:
    bench = Bench()
    bench.beats(SPEC.digest)
    bench.beats("")
    assert bench.board.reads == 0


def test_what_is_being_read_is_not_asked_for_twice() -> None:
    bench = Bench()
    for _ in range(3):
        bench.revisions.heed(a_want(OTHER.digest))
    assert len(bench.left) == 1


def test_what_the_connection_is_made_of_does_not_change_under_it() -> None:
    bench = Bench()
    bench.board.there = replace(OTHER, profile="portrait-1080")
    for _ in range(3):
        bench.beats(bench.board.there.digest)
    assert bench.player.followed == []
    assert bench.board.reads == 1


def test_a_board_that_is_away_or_empty_is_asked_again() -> None:
    bench = Bench()
    bench.board.away = True
    bench.beats(OTHER.digest)
    bench.board.away, bench.board.there = False, None
    bench.beats(OTHER.digest)
    assert bench.player.followed == []
    bench.board.there = OTHER
    bench.beats(OTHER.digest)
    assert bench.player.followed == [OTHER]


def test_where_there_is_no_room_for_it_now_it_is_left_for_the_next_heartbeat() -> None:
    bench = Bench()
    bench.room = False
    bench.beats(OTHER.digest)
    bench.room = True
    bench.beats(OTHER.digest)
    assert bench.player.followed == [OTHER]


def test_going_back_to_what_it_began_with_is_a_change_as_well() -> None:
    bench = Bench()
    bench.beats(OTHER.digest)
    bench.board.there = SPEC
    bench.beats(SPEC.digest)
    assert bench.player.followed == [OTHER, SPEC]


def test_before_the_run_has_a_program_nothing_is_read() -> None:
    board = Paper()
    revisions = Revisions(board, SPEC.stream, lambda _: True)  # type: ignore[arg-type]
    revisions.heed(a_want(OTHER.digest))
    assert board.reads == 0
