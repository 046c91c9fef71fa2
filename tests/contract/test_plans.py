"""Plans of the day in the store, one suite on SQLite and PostgreSQL: put in force, gone on with."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from pydantic import SecretStr

from orchestrator.domain.schedule import turn_at
from orchestrator.errors import NotLeader, WriteConflict
from orchestrator.ids import ShopId, StreamId
from orchestrator.matrixfile import Loaded
from orchestrator.matrixfile.load import checked
from orchestrator.planning.book import (
    Planned,
    add_day,
    broadcast_day,
    day_plan,
    digest_of,
    matrix_in,
    on_grid,
    plan_for,
    planned_ahead,
    put_in_force,
)
from orchestrator.planning.day import problem_of
from orchestrator.store.leadership import Leader
from orchestrator.store.plans import PlanTrouble, plan_of, stays_of
from orchestrator.store.store import Store
from tests.support.matrices import PLANNED
from tests.support.streams import a_spec

ONE, TWO = StreamId("one"), StreamId("two")
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC).timestamp()
"""In Shanghai."""
TODAY, TOMORROW = date(2026, 11, 22), date(2026, 11, 23)


def loaded(document: str = PLANNED) -> Loaded:
    return checked(document, Path(), lambda key: SecretStr(f"secret-of-{key}"))


@cache
def fresh(now: float) -> tuple[Planned, ...]:
    """What is planned where nothing was."""
    today = plan_for(loaded().matrix, TODAY, now)
    yesterday = day_plan(today, "Asia/Shanghai")
    return today, plan_for(loaded().matrix, TOMORROW, now, yesterday=yesterday)


def applied(store: Store, now: float = NOON) -> tuple[Planned, ...]:
    matrix = loaded()
    days = planned_ahead(store, matrix.matrix, now) if store.plans.latest() else fresh(now)
    put_in_force(store, matrix, days, by="lin", now=now)
    return days


def on(store: Store, stream: StreamId, at: float) -> str | None:
    """Whose turn it is there."""
    desired = {d.spec.stream: d.spec for d in store.desired()}[stream]
    assert desired.turns
    turn = turn_at(desired.turns, at)
    return None if turn is None else str(turn.persona_id)


def assert_followed(store: Store, planned: Planned) -> None:
    """Whoever the plan says is on in each slot, and nobody else."""
    for slot in planned.problem.slots:
        for stream in (ONE, TWO):
            duty = planned.solution.plan.duties.get((ShopId(stream), slot.number))
            who = on(store, stream, slot.begin.timestamp() + 60)
            assert who in ({str(duty.persona)} if duty else {None, "None"})


def test_a_planned_matrix_is_put_in_force_with_its_plans_and_its_turns(store: Store) -> None:
    today, tomorrow = applied(store)
    assert (today.day, tomorrow.day) == (TODAY, TOMORROW)
    # What is over of today is left out, and everything after is there
    assert on(store, ONE, NOON - 3600) is None
    for planned in (today, tomorrow):
        assert_followed(store, planned)
    assert on(store, ONE, NOON + 9 * 3600) == "None", "the streamer's own hours"
    assert on(store, TWO, NOON + 11 * 3600) is None, "it closes at ten"
    spec = store.desired()[0].spec
    assert {act.persona_id for act in spec.acts} == {t.persona_id for t in spec.turns} - {None}
    assert {turn.operator for turn in spec.turns} <= {"周示例", "吴样例", ""}
    # And the plans are kept as they were made
    record = store.plans.latest(TODAY)
    assert record is not None
    assert record.day.plan == today.solution.plan
    assert (record.revision, record.made_by, record.in_force) == (1, "lin", True)
    assert on_grid(record.day, today.problem) == today.solution.plan
    outlook = store.plans.outlook()
    assert outlook is not None
    assert (outlook.day, outlook.zone) == (TOMORROW, "Asia/Shanghai")
    assert outlook.ends_at == datetime(2026, 11, 23, 16, 0, tzinfo=UTC).timestamp()


def test_applying_the_same_again_changes_no_stream_and_no_plan(store: Store) -> None:
    days = applied(store)
    before = store.desired()
    again = applied(store, NOON + 1800)
    assert [p.solution.plan for p in again] == [p.solution.plan for p in days]
    assert [d.digest for d in store.desired()] == [d.digest for d in before]
    assert len(store.plans.history()) == 2


def test_a_change_at_noon_changes_nothing_that_is_over_and_no_connection(store: Store) -> None:
    days = applied(store, NOON - 3 * 3600)
    shorter = PLANNED.replace('hours: ["10:00-22:00"]', 'hours: ["10:00-18:00"]')
    matrix = loaded(shorter)
    changed = planned_ahead(store, matrix.matrix, NOON)
    done = put_in_force(store, matrix, changed, by="lin", now=NOON)
    assert TWO in done.changed
    assert done.restarting == ()
    running = next(
        s.number for s in days[0].problem.slots if s.begin.timestamp() + 60 * s.minutes > NOON
    )
    was, now = days[0].solution.plan.duties, changed[0].solution.plan.duties
    assert {c: d for c, d in was.items() if c[1] < running} == {
        c: d for c, d in now.items() if c[1] < running
    }
    assert on(store, TWO, NOON + 7 * 3600) is None
    history = store.plans.history()
    assert [(record.day.day, record.in_force) for record in history] == [
        (TOMORROW, True),
        (TODAY, True),
        (TOMORROW, False),
        (TODAY, False),
    ]


def test_a_matrix_without_a_plan_ends_the_plans_that_are_in_force(store: Store) -> None:
    applied(store)
    store.apply("no plan", (a_spec("one"),), "lin", NOON)
    assert store.plans.outlook() is None
    assert store.plans.latest() is None
    assert store.plans.acts() == {}


@cache
def next_day(document: str) -> Planned:
    """The third day, planned from what the store knows."""
    matrix = matrix_in(document)
    return plan_for(matrix, TOMORROW + timedelta(days=1), NOON)


def test_the_leader_adds_a_day_from_what_the_store_knows(store: Store, leader: Leader) -> None:
    applied(store)
    store.stop((TWO,))
    record = store.matrices.latest()
    assert record is not None
    store.plans.note_trouble(leader, PlanTrouble(TOMORROW, "not yet", NOON))
    planned = next_day(record.document)
    before = {d.spec.stream: d for d in store.desired()}
    later = NOON + 86400
    add_day(store, leader, planned, record, later)
    # Then the third day is there, the days before are as they were, and nothing else has changed
    assert_followed(store, planned)
    for moment in range(0, 86400, 900):
        spec = before[ONE].spec
        turn = turn_at(spec.turns, later + moment / 3)
        who = None if turn is None else str(turn.persona_id)
        assert on(store, ONE, later + moment / 3) == who
    after = {d.spec.stream: d for d in store.desired()}
    assert not after[TWO].wanted
    assert after[ONE].revision == before[ONE].revision
    assert after[ONE].spec.link_digest == before[ONE].spec.link_digest
    assert after[ONE].digest == after[ONE].spec.digest != before[ONE].digest
    outlook = store.plans.outlook()
    assert outlook is not None
    assert (outlook.day, outlook.trouble) == (planned.day, None)


def test_a_day_is_not_added_by_a_leader_whose_term_is_over(store: Store, leader: Leader) -> None:
    applied(store)
    store.leadership.take(store.leadership.current(), "c-2")
    before, record = store.desired(), store.matrices.latest()
    assert record is not None
    with pytest.raises(NotLeader):
        add_day(store, leader, next_day(PLANNED), record, NOON)
    with pytest.raises(NotLeader):
        store.plans.note_trouble(leader, PlanTrouble(TOMORROW, "why", NOON))
    assert store.desired() == before
    assert len(store.plans.history()) == 2


def test_a_day_is_not_added_to_what_somebody_has_changed_meanwhile(
    store: Store, leader: Leader
) -> None:
    applied(store)
    record = store.plans.latest()
    assert record is not None
    desired = store.desired()[0]
    changed = replace(desired.spec, pause_seconds=9.0)
    with pytest.raises(WriteConflict):
        store.plans.extend(leader, record.day, 1, [("an older digest", changed)], NOON)
    older = store.matrices.latest()
    assert older is not None
    applied(store, NOON + 60)
    with pytest.raises(WriteConflict, match="matrix"):
        add_day(store, leader, next_day(PLANNED), older, NOON)
    assert store.desired()[0].spec == desired.spec
    assert len(store.plans.history()) == 2


def test_trouble_is_kept_until_there_is_a_plan(store: Store, leader: Leader) -> None:
    applied(store)
    trouble = PlanTrouble(TOMORROW, "the solver broke down", NOON)
    store.plans.note_trouble(leader, trouble)
    store.plans.note_trouble(leader, replace(trouble, at=NOON + 120))
    outlook = store.plans.outlook()
    assert outlook is not None
    assert outlook.trouble == replace(trouble, at=NOON + 120)
    applied(store, NOON + 180)
    outlook = store.plans.outlook()
    assert outlook is not None
    assert outlook.trouble is None


def test_a_day_may_begin_in_the_morning() -> None:
    matrix = matrix_in(PLANNED.replace("plan: {}", 'plan: {day_begins: "06:00"}'))
    assert broadcast_day(matrix, NOON) == TODAY
    assert broadcast_day(matrix, NOON - 7 * 3600) == TODAY - timedelta(days=1)
    assert broadcast_day(matrix_in(PLANNED), NOON - 7 * 3600) == TODAY


def test_the_same_problem_has_the_same_digest_and_any_other_has_another() -> None:
    matrix = matrix_in(PLANNED)
    problem = problem_of(matrix, TODAY)
    assert digest_of(problem) == digest_of(problem_of(matrix_in(PLANNED), TODAY))
    assert digest_of(problem) != digest_of(problem_of(matrix, TOMORROW))
    fit = {(problem.personas[0].id, problem.shops[0].id): 90}
    assert digest_of(replace(problem, fit=fit)) != digest_of(problem)


def test_a_plan_is_the_same_when_the_slots_are_longer() -> None:
    planned = plan_for(matrix_in(PLANNED), TOMORROW, NOON)
    hourly = problem_of(matrix_in(PLANNED.replace("{}", "{slot_minutes: 60}", 1)), TOMORROW)
    plan = planned.solution.plan
    assert plan_of(stays_of(plan)) == plan
    longer = on_grid(day_plan(planned, "Asia/Shanghai"), hourly).duties
    assert longer == {
        (shop, slot // 2): duty for (shop, slot), duty in plan.duties.items() if slot % 2 == 0
    }
