"""Those that come at once leave one after another, and nobody waits for somebody else."""

import pytest

from tests.unit.stream.hands import HandClock
from workers.stream.turnstile import Turnstile, turn


def test_who_comes_alone_goes_at_once() -> None:
    assert turn(free_from=0.0, now=100.0, spacing=0.05) == (100.0, 100.05)


def test_who_comes_second_goes_a_moment_later() -> None:
    assert turn(free_from=100.05, now=100.0, spacing=0.05) == (100.05, pytest.approx(100.1))


def test_twenty_that_come_at_once_connect_within_a_second() -> None:
    turnstile = Turnstile(HandClock())
    waits = [turnstile.wait_seconds() for _ in range(20)]
    assert waits[0] == 0
    assert waits == sorted(waits)
    assert 0.9 <= waits[-1] <= 1.0


def test_turns_are_not_saved_up() -> None:
    clock = HandClock()
    turnstile = Turnstile(clock)
    turnstile.wait_seconds()
    clock.advance(60)
    assert [turnstile.wait_seconds() for _ in range(2)] == [0, pytest.approx(0.05)]
