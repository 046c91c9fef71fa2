"""How busy the machine is, between two readings."""

import pytest

from tests.unit.stream.hands import HandClock
from workers.process.busyness import WINDOW_SECONDS, Busyness, Reading, share


def test_the_share_is_what_was_not_idle() -> None:
    assert share(Reading(0, 100, 80), Reading(3, 106, 81.5)) == pytest.approx(0.75)


def test_counters_that_stand_still_or_go_back_are_no_load() -> None:
    assert share(Reading(0, 100, 80), Reading(3, 100, 80)) == 0
    assert share(Reading(0, 100, 80), Reading(3, 101, 82)) == 0
    assert share(Reading(0, 100, 80), Reading(3, 101, 79)) == 1


def test_it_is_looked_at_now_and_then_only() -> None:
    clock = HandClock()
    busyness = Busyness(clock)
    assert busyness.look() == 0
    clock.advance(WINDOW_SECONDS)
    assert 0 <= busyness.look() <= 1
