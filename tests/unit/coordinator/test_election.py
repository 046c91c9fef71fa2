"""When a standby may begin a term."""

from orchestrator.coordinator.election import PATIENCE_SECONDS, may_take, watched
from orchestrator.store.leadership import NOBODY, Leader

ROW = Leader("c-1", 4, 10)


def test_the_first_one_to_look_may_begin() -> None:
    assert may_take(watched(None, None, 0.0), 0.0)


def test_a_leader_that_resigned_is_replaced_at_once() -> None:
    assert may_take(watched(None, Leader(NOBODY, 4, 11), 0.0), 0.0)


def test_a_silent_leader_is_replaced_after_patience() -> None:
    watch = watched(None, ROW, 100.0)
    assert not may_take(watch, 100.0 + PATIENCE_SECONDS - 0.01)
    watch = watched(watch, ROW, 101.0)
    assert may_take(watch, 100.0 + PATIENCE_SECONDS)


def test_any_movement_begins_patience_anew() -> None:
    watch = watched(watched(None, ROW, 100.0), Leader("c-1", 4, 11), 101.9)
    assert not may_take(watch, 103.5)
    watch = watched(watch, Leader("c-2", 5, 11), 104.0)
    assert not may_take(watch, 105.9)
