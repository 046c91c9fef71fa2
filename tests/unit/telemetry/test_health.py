"""What is judged from ticks and checks."""

from orchestrator.clock import SystemClock
from orchestrator.telemetry.health import Health, Turn, verdict


class HandClock(SystemClock):
    """Moved by hand."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


def test_a_loop_is_well_up_to_its_limit_and_hangs_beyond_it() -> None:
    ticks, limits = {"fast": 99.0, "slow": 70.0}, {"fast": 1.0, "slow": 30.0}
    assert all(turn.ok for turn in verdict(ticks, limits, 100.0).values())
    later = verdict(ticks, limits, 100.1)
    assert not later["fast"].ok
    assert later["fast"].age > later["fast"].limit


def test_a_loop_that_never_ticked_has_just_begun() -> None:
    assert verdict({}, {"a": 1.0}, 5.0) == {"a": Turn(0.0, 1.0)}


def test_without_loops_nothing_hangs() -> None:
    assert not Health(HandClock()).loops()


def test_a_tick_begins_the_limit_anew_and_a_loop_that_ended_is_not_looked_at() -> None:
    clock = HandClock()
    health = Health(clock)
    tick = health.loop("passes", 10.0)
    clock.now += 11
    assert not health.loops()["passes"].ok
    tick()
    assert health.loops()["passes"] == Turn(0.0, 10.0)
    health.release("passes")
    clock.now += 100
    assert not health.loops()


def test_every_reason_is_told_with_the_name_of_its_check() -> None:
    health = Health(HandClock())
    health.check("broker", lambda: "not connected")
    health.check("store", lambda: "")
    assert health.why_not_ready() == ["broker: not connected"]


def test_a_check_that_fails_is_a_reason_and_no_failure() -> None:
    health = Health(HandClock())
    health.check("broken", lambda: str(1 // 0))
    assert health.why_not_ready() == ["broken: can't be told, ZeroDivisionError"]
