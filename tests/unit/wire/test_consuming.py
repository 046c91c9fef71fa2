"""When a worker counts as taking tasks from its queues."""

from orchestrator.clock import SystemClock
from orchestrator.wire.consuming import SILENT_SECONDS, Consuming, Consumption, why_not

QUEUES = ("render.now", "render.ahead")
WELL = Consumption(connected=True, turned_at=100.0, looked_at=100.0, queues=QUEUES)


class HandClock(SystemClock):
    """Moved by hand."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


def test_a_consumer_that_turns_and_looks_is_well_whatever_the_order() -> None:
    assert why_not(WELL, QUEUES, 100.0 + SILENT_SECONDS) == ""
    assert why_not(WELL, tuple(reversed(QUEUES)), 100.0) == ""


def test_each_thing_that_may_be_wrong_is_told() -> None:
    late = 100.5 + SILENT_SECONDS
    assert why_not(Consumption(), QUEUES, 100.0) == "not connected"
    assert "loop" in why_not(WELL, QUEUES, late)
    turning = Consumption(connected=True, turned_at=late, looked_at=100.0, queues=QUEUES)
    assert "no answer" in why_not(turning, QUEUES, late)
    half = Consumption(connected=True, turned_at=100.0, looked_at=100.0, queues=QUEUES[:1])
    assert why_not(half, QUEUES, 100.0) == "doesn't look into render.ahead"


def test_without_room_no_look_is_due_and_with_room_again() -> None:
    clock = HandClock()
    consuming = Consuming(clock)
    consuming.connects()
    consuming.looks(QUEUES)
    for _ in range(20):
        clock.now += 1
        consuming.turns(room=False)
    assert consuming.why_not(QUEUES) == ""
    for _ in range(6):
        clock.now += 1
        consuming.turns(room=True)
    assert "no answer" in consuming.why_not(QUEUES)


def test_after_a_lost_connection_everything_has_to_be_seen_anew() -> None:
    consuming = Consuming(HandClock())
    consuming.connects()
    consuming.looks(QUEUES)
    consuming.turns(room=True)
    assert consuming.why_not(QUEUES) == ""
    consuming.loses()
    assert consuming.why_not(QUEUES) == "not connected"
    consuming.connects()
    assert "doesn't look into" in consuming.why_not(QUEUES)


def test_tries_to_connect_count_as_turns_of_the_loop() -> None:
    seen: list[str] = []
    consuming = Consuming(HandClock())
    consuming.on_turn = lambda: seen.append("turn")
    consuming.tries()
    consuming.turns(room=True)
    assert len(seen) == 2
