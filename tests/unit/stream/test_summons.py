"""A run hears from the board whether it carries its stream, waits for it, or isn't needed."""

from dataclasses import dataclass, field, replace

import pytest

from orchestrator.domain.duty import Duty
from orchestrator.domain.stream import StreamSpec, Want
from orchestrator.errors import WireUnreachable
from orchestrator.ids import FencingToken, NodeId, StreamId
from orchestrator.wire.board import Pinned
from tests.support.streams import a_spec
from tests.unit.stream.hands import HandClock
from workers.pool import Stop
from workers.stream.gate import Gate, Over
from workers.stream.summons import BOARD_PATIENCE_SECONDS, CALLED_OFF_SECONDS, Summons
from workers.stream.turnstile import Turnstile

SPEC = a_spec()


def a_want(token: int, node: str = "node-1", *, wanted: bool = True) -> Want:
    return Want(SPEC.stream, wanted, FencingToken(token), NodeId(node), SPEC.digest)


@dataclass
class Paper:
    """A board that is changed by hand."""

    want: Want | None = None
    successor: Want | None = None
    away: bool = False
    notes: list[str] = field(default_factory=list)

    def pinned(self, _streams: tuple[StreamId, ...]) -> Pinned:
        if self.away:
            raise WireUnreachable("away")
        wants = {SPEC.stream: self.want} if self.want else {}
        nexts = {SPEC.stream: self.successor} if self.successor else {}
        return Pinned(wants, nexts)

    def spec(self, _stream: StreamId) -> StreamSpec:
        return SPEC

    def note(self, reason: str) -> None:
        self.notes.append(reason)


class Bench:
    """A run with token 2 and what it needs to listen."""

    def __init__(self, want: Want | None = None, successor: Want | None = None) -> None:
        self.clock = HandClock()
        self.board = Paper(want, successor)
        self.stop = Stop()
        turnstile = Turnstile(self.clock)
        self.gate = Gate(self.stop, None, "holder", turnstile, self.clock)  # type: ignore[arg-type]
        token = FencingToken(2)
        self.summons = Summons(self.board, SPEC.stream, token, self.clock)  # type: ignore[arg-type]

    def hears(self) -> StreamSpec:
        return self.summons.heard(self.gate, self.board)  # type: ignore[arg-type]


def test_a_placement_that_is_wanted_carries_its_stream() -> None:
    bench = Bench(a_want(2))
    assert bench.hears() == SPEC
    assert bench.summons.given_the_air()


def test_one_that_is_next_stands_by_and_knows_for_whom() -> None:
    bench = Bench(a_want(1), a_want(2, "node-2"))
    assert bench.hears() == SPEC
    assert bench.summons.duty is Duty.STAND_BY
    assert bench.summons.predecessor == "node-1"
    assert not bench.summons.given_the_air()


def test_it_knows_which_spec_counts_while_it_stands_by_and_when_it_has_the_air() -> None:
    bench = Bench(a_want(1), a_want(2, "node-2"))
    bench.hears()
    assert bench.summons.word == bench.board.successor
    bench.board.successor = replace(a_want(2, "node-2"), spec_digest="other")
    bench.summons.given_the_air()
    assert bench.summons.word == bench.board.successor
    bench.board.want, bench.board.successor = a_want(2, "node-2"), None
    bench.summons.given_the_air()
    assert bench.summons.word == bench.board.want


@pytest.mark.parametrize("still_next", [True, False])
def test_it_takes_over_when_the_want_is_its_own(still_next: bool) -> None:
    bench = Bench(a_want(1), a_want(2, "node-2"))
    bench.hears()
    bench.board.want = a_want(2, "node-2")
    bench.board.successor = bench.board.successor if still_next else None
    assert bench.summons.given_the_air()
    assert bench.summons.predecessor == "node-1"


def test_it_is_called_off_when_nobody_is_next_any_more() -> None:
    bench = Bench(a_want(1), a_want(2, "node-2"))
    bench.hears()
    bench.board.successor = None
    assert not bench.summons.given_the_air()
    bench.clock.advance(CALLED_OFF_SECONDS)
    with pytest.raises(Over, match="called off"):
        bench.summons.given_the_air()


def test_a_board_that_is_pinned_up_again_piece_by_piece_calls_nobody_off() -> None:
    bench = Bench(a_want(1), a_want(2, "node-2"))
    bench.hears()
    bench.board.want = bench.board.successor = None
    for _ in range(10):
        bench.clock.advance(CALLED_OFF_SECONDS)
        assert not bench.summons.given_the_air()
    bench.board.want = a_want(1)
    assert not bench.summons.given_the_air()
    bench.board.successor = a_want(2, "node-2")
    bench.clock.advance(CALLED_OFF_SECONDS)
    assert not bench.summons.given_the_air()
    bench.board.successor = None
    assert not bench.summons.given_the_air()


def test_while_redis_is_away_it_stands_by() -> None:
    bench = Bench(a_want(1), a_want(2, "node-2"))
    bench.hears()
    bench.board.away = True
    for _ in range(100):
        bench.clock.advance(1)
        assert not bench.summons.given_the_air()


@pytest.mark.parametrize(
    ("want", "successor", "why"),
    [
        (a_want(3), None, "newer placement replaces"),
        (a_want(2, wanted=False), None, "no longer wanted"),
        (a_want(1), a_want(3), "newer placement is to take over"),
    ],
)
def test_what_ends_it_ends_it_at_once(want: Want, successor: Want | None, why: str) -> None:
    bench = Bench(a_want(1), a_want(2, "node-2"))
    bench.hears()
    bench.board.want, bench.board.successor = want, successor
    with pytest.raises(Over, match=why):
        bench.summons.given_the_air()


def test_a_message_that_nobody_sent_for_is_given_up() -> None:
    bench = Bench(a_want(1))
    begun = bench.clock.now
    with pytest.raises(Over, match="nothing on the board asks"):
        bench.hears()
    assert bench.clock.now - begun >= BOARD_PATIENCE_SECONDS


def test_one_that_is_told_to_end_listens_no_longer() -> None:
    bench = Bench()
    bench.stop.ask("terminated")
    with pytest.raises(Over, match="terminated"):
        bench.hears()
