"""The leader plans the day after, in a process of its own, without holding up its passes."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from typing_extensions import override

from orchestrator.clock import SystemClock
from orchestrator.coordinator.situation import Situation
from orchestrator.coordinator.tomorrow import AHEAD_SECONDS, RETRY_SECONDS, Tomorrow, is_due
from orchestrator.matrixfile.load import checked
from orchestrator.planning.book import plan_for, put_in_force
from orchestrator.store.leadership import Leader
from orchestrator.store.plans import Outlook, PlanTrouble
from orchestrator.store.store import Store
from tests.support.matrices import PLANNED
from tests.support.processes import eventually
from tests.support.streams import a_spec

TODAY, NEXT = date(2026, 11, 22), date(2026, 11, 23)
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC).timestamp()
MIDNIGHT = NOON + 12 * 3600
PATIENCE = 60.0


class LateClock(SystemClock):
    """It is so late on the wall."""

    def __init__(self, wall: float) -> None:
        self.late = wall
        self.gate = threading.Event()
        self.gate.set()

    @override
    def wall(self) -> float:
        """Not told before the gate is open."""
        assert self.gate.wait(PATIENCE)
        return self.late


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    yield store
    store.close()


@pytest.fixture
def leader(store: Store) -> Leader:
    return store.leadership.take(None, "c-1")


def planned(store: Store) -> Situation:
    """Only today is."""
    matrix = checked(PLANNED, Path(), SecretStr)
    put_in_force(store, matrix, [plan_for(matrix.matrix, TODAY, NOON)], by="lin", now=NOON)
    return Situation(desired={d.spec.stream: d for d in store.desired()})


def outlook(store: Store) -> Outlook:
    found = store.plans.outlook()
    assert found is not None
    return found


def test_a_day_is_planned_two_hours_before_the_last_one_ends_and_tried_again_now_and_then() -> None:
    plain = Outlook(TODAY, "Asia/Shanghai", MIDNIGHT, 1)
    assert not is_due(None, MIDNIGHT)
    assert not is_due(plain, MIDNIGHT - AHEAD_SECONDS - 1)
    assert is_due(plain, MIDNIGHT - AHEAD_SECONDS)
    failed = Outlook(TODAY, "Asia/Shanghai", MIDNIGHT, 1, PlanTrouble(NEXT, "why", MIDNIGHT))
    assert not is_due(failed, MIDNIGHT + RETRY_SECONDS - 1)
    assert is_due(failed, MIDNIGHT + RETRY_SECONDS)


def test_the_day_goes_on(store: Store, leader: Leader) -> None:
    situation = planned(store)
    assert not any(turn.ends_at > MIDNIGHT for d in store.desired() for turn in d.spec.turns)
    clock = LateClock(MIDNIGHT - 3600)
    clock.gate.clear()
    tomorrow = Tomorrow(store, clock)
    tomorrow.see_to_it(leader, situation)
    assert outlook(store).day == TODAY, "a pass doesn't wait for a plan"
    clock.gate.set()
    assert eventually(lambda: outlook(store).day == NEXT, PATIENCE)
    tomorrow.close()
    for desired in store.desired():
        assert desired.spec.turns[-1].ends_at > MIDNIGHT + 3600
    record = store.plans.latest()
    assert record is not None
    assert (record.made_by, record.revision) == ("c-1", 1)


def test_what_keeps_a_day_from_being_planned_is_said_and_nothing_else_changes(
    store: Store, leader: Leader
) -> None:
    situation = planned(store)
    before = store.desired()
    specs = [d.spec for d in before]
    record = store.plans.latest()
    assert record is not None
    store.plans.put("no matrix at all", specs, {}, [record.day], by="lin", now=NOON)
    tomorrow = Tomorrow(store, LateClock(MIDNIGHT + 10))
    tomorrow.see_to_it(leader, situation)
    assert eventually(lambda: outlook(store).trouble is not None, PATIENCE)
    tomorrow.close()
    trouble = outlook(store).trouble
    assert trouble is not None
    assert (trouble.day, trouble.at) == (NEXT, MIDNIGHT + 10)
    assert trouble.reason
    assert [d.spec for d in store.desired()] == specs


def test_a_coordinator_that_ends_ends_its_solver(store: Store, leader: Leader) -> None:
    tomorrow = Tomorrow(store, LateClock(MIDNIGHT - 3600))
    tomorrow.see_to_it(leader, planned(store))
    tomorrow.close()
    assert outlook(store).trouble is None


def test_where_nothing_is_planned_the_store_is_not_even_asked(store: Store, leader: Leader) -> None:
    store.apply("m", [a_spec("a")], "lin", NOON)
    tomorrow = Tomorrow(store, LateClock(MIDNIGHT))
    tomorrow.see_to_it(leader, Situation(desired={d.spec.stream: d for d in store.desired()}))
    tomorrow.close()
    assert store.plans.outlook() is None
