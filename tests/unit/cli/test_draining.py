"""What somebody who waits for a drain is told."""

from orchestrator.cli.draining import (
    STUCK_SECONDS,
    UNANSWERED_SECONDS,
    Draining,
    Look,
    Outcome,
    named,
)
from orchestrator.domain.node import Farewell, NodeBeat, WorkerKind
from orchestrator.domain.placement import Placement
from orchestrator.domain.stream import Phase, StreamStatus
from orchestrator.ids import FencingToken, NodeId, StreamId
from tests.support.streams import a_spec

NODE, OTHER = NodeId("n1"), NodeId("n2")
EMPTY = NodeBeat(NODE, "boot", WorkerKind.STREAM, 10)
BUSY = NodeBeat(
    NODE,
    "boot",
    WorkerKind.STREAM,
    10,
    streams=(StreamStatus(StreamId("a"), FencingToken(1), Phase.ON_AIR, "", 0.0),),
)
ANSWER = Farewell(NODE, "boot", by_order=True, left=2)


def placed(stream: str, node: NodeId = NODE, *, standby: bool = False) -> Placement:
    target = a_spec(stream).endpoint.target
    token = FencingToken(1 + standby)
    return Placement(StreamId(stream), target, node, token, "", 1, 0.0, standby=standby)


def a_look(*placements: Placement, beat: NodeBeat | None = BUSY) -> Look:
    return Look(placements, beat, ANSWER)


def test_each_stream_that_has_moved_is_told_once_with_where_it_is_now() -> None:
    watched = Draining(NODE, 0.0)
    assert watched.take_in(a_look(placed("a"), placed("b")), 0.0) == []
    moving = a_look(placed("a"), placed("b", OTHER), placed("a", OTHER, standby=True))
    assert watched.take_in(moving, 1.0) == ["  b: moved to n2"]
    assert watched.take_in(moving, 2.0) == []
    assert watched.take_in(a_look(placed("b", OTHER)), 3.0) == ["  a: ended"]
    assert (watched.moved, watched.ended) == ({"b": "n2"}, ["a"])


def test_a_node_is_empty_when_it_carries_nothing_any_more() -> None:
    watched = Draining(NODE, 0.0)
    watched.take_in(a_look(placed("a", OTHER)), 0.0)
    assert watched.outcome(a_look(placed("a", OTHER)), 0.0) is Outcome.GOES_ON
    assert watched.outcome(a_look(placed("a", OTHER), beat=EMPTY), 0.0) is Outcome.EMPTY
    assert watched.outcome(a_look(placed("a", OTHER), beat=None), 0.0) is Outcome.EMPTY


def test_streams_that_cannot_leave_are_named_and_end_the_waiting_if_that_lasts() -> None:
    answer = Farewell(NODE, "boot", True, 2, ((StreamId("a"), "no room"),))
    some = Look((placed("a"), placed("b")), BUSY, answer)
    watched = Draining(NODE, 0.0)
    assert watched.take_in(some, 0.0) == ["  can't leave yet: a (no room)"]
    assert watched.take_in(some, 60.0) == []
    assert watched.outcome(some, 60.0) is Outcome.GOES_ON
    alone = Look((placed("a"), placed("b", OTHER)), BUSY, answer)
    assert watched.take_in(alone, 61.0) == ["  b: moved to n2"]
    assert watched.outcome(alone, 61.0) is Outcome.GOES_ON
    watched.take_in(alone, 61.0 + STUCK_SECONDS)
    assert watched.outcome(alone, 61.0 + STUCK_SECONDS) is Outcome.STUCK
    assert watched.why(StreamId("a")) == "no room"


def test_nobody_waits_without_knowing_that_nobody_answers() -> None:
    silent = Look((placed("a"),), BUSY, None)
    watched = Draining(NODE, 0.0)
    assert watched.take_in(silent, 1.0) == []
    (line,) = watched.take_in(silent, UNANSWERED_SECONDS)
    assert "doppelcast coordinator" in line
    away = Look((placed("a"),), None, None, broker_answers=False)
    (line,) = watched.take_in(away, 9.0)
    assert "broker" in line


def test_many_streams_are_counted() -> None:
    assert named([StreamId("a"), StreamId("b")]) == "a, b"
    assert named([StreamId(name) for name in "abcdef"]) == "a, b, c, d, e and 1 other"
