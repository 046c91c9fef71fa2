"""Which streams a worker that ends lets go, when, and why."""

from orchestrator.domain.node import Farewell
from orchestrator.domain.stream import Phase
from orchestrator.ids import NodeId, StreamId
from workers.stream.farewell import (
    HOMELESS_SECONDS,
    LEFTOVER_SECONDS,
    SILENCE_SECONDS,
    Aboard,
    Leave,
    begun,
    heard,
    reasons,
    unheard,
)

ONE, TWO = StreamId("one"), StreamId("two")
BOTH = (Aboard(ONE, Phase.ON_AIR), Aboard(TWO, Phase.ON_AIR))
GRACE = 45.0


def an_answer(left: int = 2, homeless: tuple[StreamId, ...] = (), boot: str = "b") -> Farewell:
    stuck = tuple((stream, "no other node has a free slot") for stream in homeless)
    return Farewell(NodeId("node-1"), boot, left=left, homeless=stuck)


def asked(leave: Leave, now: float, aboard: tuple[Aboard, ...] = BOTH) -> list[str]:
    return reasons(aboard, leave, GRACE, now)


def test_streams_go_on_while_the_coordinator_moves_them() -> None:
    leave = begun(100.0)
    for second in range(101, 140):
        leave = heard(leave, an_answer(), "b", float(second))
        assert asked(leave, second + 0.9) == ["", ""]


def test_without_an_answer_all_end_soon() -> None:
    assert asked(begun(100.0), 100.0 + SILENCE_SECONDS - 0.1) == ["", ""]
    why = asked(begun(100.0), 100.0 + SILENCE_SECONDS)
    assert why == ["the worker shuts down, and nobody coordinates"] * 2


def test_an_answer_to_the_process_before_this_one_is_none() -> None:
    leave = heard(begun(100.0), an_answer(boot="a"), "b", 102.0)
    assert all(asked(leave, 100.0 + SILENCE_SECONDS))


def test_a_coordinator_that_falls_silent_is_waited_for_as_long_as_a_new_one_takes() -> None:
    leave = heard(begun(100.0), an_answer(), "b", 110.0)
    leave = heard(leave, None, "b", 112.0)
    assert asked(leave, 112.9) == ["", ""]
    assert all(asked(leave, 110.0 + SILENCE_SECONDS))


def test_without_redis_what_is_on_air_stays_there_until_the_grace_is_over() -> None:
    leave = begun(100.0)
    for second in range(101, 145):
        leave = unheard(leave, float(second))
        assert asked(leave, float(second)) == ["", ""]
    assert "grace" in asked(leave, 145.0)[0]


def test_when_the_grace_is_over_all_end_whatever_is_said() -> None:
    leave = heard(begun(100.0), an_answer(), "b", 144.9)
    assert all("45 s of grace" in why for why in asked(leave, 145.0))


def test_what_can_not_move_ends_once_nothing_else_is_left() -> None:
    leave = heard(begun(100.0), an_answer(homeless=(TWO,)), "b", 101.0)
    leave = heard(leave, an_answer(homeless=(TWO,)), "b", 103.0)
    assert asked(leave, 103.0) == ["", ""], "one of them can still move"
    leave = heard(leave, an_answer(left=1, homeless=(TWO,)), "b", 103.5)
    assert asked(leave, 103.6) == ["", ""], "not at the first word"
    leave = heard(leave, an_answer(left=1, homeless=(TWO,)), "b", 103.5 + HOMELESS_SECONDS)
    why = asked(leave, 103.5 + HOMELESS_SECONDS)
    assert why == ["", "the worker shuts down, and no other node has a free slot"]


def test_room_that_appears_in_time_is_used() -> None:
    leave = heard(begun(100.0), an_answer(homeless=(ONE, TWO)), "b", 101.0)
    leave = heard(leave, an_answer(homeless=(TWO,)), "b", 101.5)
    leave = heard(leave, an_answer(homeless=(ONE, TWO)), "b", 101.9)
    assert asked(leave, 102.5) == ["", ""]


def test_what_nobody_moves_is_not_waited_for() -> None:
    leave = heard(begun(100.0), an_answer(left=0), "b", 101.0)
    leave = heard(leave, an_answer(left=0), "b", 104.0)
    assert asked(leave, 104.0) == ["", ""], "it may be closing"
    leave = heard(leave, an_answer(left=0), "b", 101.0 + LEFTOVER_SECONDS)
    assert all(asked(leave, 101.0 + LEFTOVER_SECONDS))


def test_a_stream_that_is_not_on_air_yet_ends_at_once() -> None:
    aboard = tuple(Aboard(StreamId(phase), phase) for phase in Phase)
    whys = asked(begun(1.0), 1.0, aboard)
    ended = {one.phase for one, why in zip(aboard, whys, strict=True) if why}
    assert ended == {Phase.PLANNED, Phase.PREPARING, Phase.READY}
