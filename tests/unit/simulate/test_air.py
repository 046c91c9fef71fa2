"""The account of what viewers see."""

from orchestrator.ids import TargetDigest
from orchestrator.simulate.agenda import VirtualClock
from orchestrator.simulate.air import Air

ROOM = TargetDigest("room")
OTHER = TargetDigest("other")


def test_a_stream_is_off_air_from_its_publishers_end_to_the_next_ones_beginning() -> None:
    clock = VirtualClock()
    air = Air(clock)
    air.begins(ROOM, "a")
    air.expect([ROOM])
    clock.now = 10.0
    air.ends(ROOM, "a")
    clock.now = 14.0
    assert air.off == 1
    air.begins(ROOM, "b")
    clock.now = 20.0
    assert (air.off, air.off_seconds, air.longest_off) == (0, 4.0, 4.0)
    assert air.expected_seconds == 20.0


def test_two_publishers_are_an_overlap_for_as_long_as_both_are_there() -> None:
    clock = VirtualClock()
    air = Air(clock)
    air.begins(ROOM, "a")
    clock.now = 1.0
    air.begins(ROOM, "b")
    clock.now = 1.5
    air.ends(ROOM, "a")
    clock.now = 9.0
    assert air.crowded_seconds == 0.5
    assert [overlap.holders for overlap in air.overlaps] == [("a", "b")]


def test_a_shop_that_has_closed_isnt_off_air() -> None:
    clock = VirtualClock()
    air = Air(clock)
    air.expect([ROOM, OTHER])
    clock.now = 2.0
    air.expect([OTHER])
    clock.now = 5.0
    assert air.off == 1
    assert air.off_seconds == 2.0 + 5.0


def test_the_account_begins_when_it_is_said_to() -> None:
    clock = VirtualClock()
    air = Air(clock)
    air.expect([ROOM])
    clock.now = 30.0
    air.begin_account()
    clock.now = 31.0
    assert (air.off_seconds, air.expected_seconds) == (1.0, 1.0)
