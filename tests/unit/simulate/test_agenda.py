"""Virtual time."""

import pytest

from orchestrator.simulate.agenda import Agenda, VirtualClock


def agenda() -> Agenda:
    return Agenda(VirtualClock(begins_at=1000.0))


def test_what_is_due_first_happens_first_and_moves_the_clock() -> None:
    plans, seen = agenda(), list[tuple[str, float]]()
    plans.after(2.0, lambda: seen.append(("second", plans.clock.now)))
    plans.after(1.0, lambda: seen.append(("first", plans.clock.now)))
    while plans.next(until=10.0):
        pass
    assert seen == [("first", 1.0), ("second", 2.0)]
    assert plans.clock.wall() == 1010.0


def test_what_is_due_at_once_happens_in_the_order_in_which_it_was_put_there() -> None:
    plans, seen = agenda(), list[int]()
    for number in range(5):
        plans.after(1.0, lambda number=number: seen.append(number))  # type: ignore[misc]
    while plans.next(until=1.0):
        pass
    assert seen == [0, 1, 2, 3, 4]


def test_it_is_idle_when_only_rounds_are_left() -> None:
    plans = agenda()
    plans.round_after(5.0, lambda: None)
    plans.after(1.0, lambda: None)
    assert plans.idle_seconds == 0.0
    plans.next(until=1.0)
    plans.next(until=4.0)
    assert plans.idle_seconds == 3.0


def test_rounds_that_are_skipped_dont_happen() -> None:
    plans, seen = agenda(), list[str]()
    plans.round_after(1.0, lambda: seen.append("round"))
    plans.after(2.0, lambda: seen.append("fault"))
    plans.skip_rounds()
    while plans.next(until=3.0):
        pass
    assert seen == ["fault"]


def test_nobody_waits_on_a_virtual_clock() -> None:
    with pytest.raises(AssertionError, match="would be waited for"):
        VirtualClock().wait(1.0)
